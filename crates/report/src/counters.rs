//! Own counters: columns of the table of points where most points have them, else lines under it.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use tacho_schema::{Interval, MetricName, PointSummary, Quantity, Spread, SummaryDoc};

use crate::grid::{Align, Cell, Column};
use crate::layout::{Fit, GAP};
use crate::phrase;
use crate::points;
use crate::style::{Ink, Style};
use crate::text::{clean, common_ending, shorten_apart, shorten_middle, width, wrap_into};

/// Counters that have a column.
const COLUMNS_MAX: usize = 3;
/// Points whose other counters are listed; those of further points are counted.
const LINES_MAX: usize = 20;
/// Counters of one point that are listed; the others are counted.
const LINE_COUNTERS_MAX: usize = 16;
/// A counter's name, and the unit behind its number, on a terminal.
const WORD_COLUMNS_MAX: usize = 24;
/// The same in a pipe.
const WORD_PIPE_COLUMNS_MAX: usize = 80;
/// Blanks before a label of the list, and once more before what stands under it.
const INDENT: usize = 2;
/// With less room beside the labels, the numbers stand under them.
const BESIDE_COLUMNS_MIN: usize = 32;

/// The counters of a table.
///
/// One that at least half of the points with rows have is a column; where there are more than
/// [`COLUMNS_MAX`] such, those that most points have. Every other number stands in the list under
/// the table, so that points that count different things do not fill the table with `-`.
pub(crate) struct Counters<'a> {
    doc: &'a SummaryDoc,
    /// The names of those that have a column, sorted.
    columns: Vec<&'a str>,
}

impl<'a> Counters<'a> {
    /// Those of `doc`.
    pub(crate) fn of(doc: &'a SummaryDoc) -> Self {
        let mut points: BTreeMap<&str, u64> = BTreeMap::new();
        for (name, _) in doc.points.iter().flat_map(own) {
            *points.entry(name).or_default() += 1;
        }
        let with_rows = doc.points.iter().filter(|point| point.rows > 0).count() as u64;
        let mut names: Vec<(&str, u64)> = points.into_iter().collect();
        names.retain(|(_, points)| points.saturating_mul(2) >= with_rows);
        // Stable: equals stay in the order of their names.
        names.sort_by_key(|(_, points)| Reverse(*points));
        names.truncate(COLUMNS_MAX);
        let mut columns: Vec<&str> = names.into_iter().map(|(name, _)| name).collect();
        columns.sort_unstable();
        Self { doc, columns }
    }

    /// The columns.
    pub(crate) fn columns(&self, style: &Style) -> impl Iterator<Item = Column> {
        let column = |name: &&str| Column::new(word(name, style), Align::Right, Fit::Folds(3));
        self.columns.iter().map(column)
    }

    /// The cells of one point, in the order of the columns.
    pub(crate) fn cells(&self, point: &PointSummary, style: &Style) -> impl Iterator<Item = Cell> {
        self.columns.iter().map(move |column| {
            let found = own(point).find(|(name, _)| name == column);
            let cell = |(name, spread)| Cell::plain(self.number(name, spread, style));
            found.map_or_else(Cell::none, cell)
        })
    }

    /// Appends the counters that have no column, a line a point; false when there are none.
    pub(crate) fn render_into(&self, out: &mut String, style: &Style) -> bool {
        let labels = points::labels(self.doc, style);
        let ending = common_ending(labels.iter().map(AsRef::as_ref));
        let (lines, hidden) = self.lines(&labels, style);
        if lines.is_empty() {
            return false;
        }
        out.push_str(&style.paint(Ink::Strong, "counters"));
        out.push('\n');
        let places = Places::of(&lines, style);
        for line in &lines {
            places.line_into(out, line, ending, style);
        }
        if hidden > 0 {
            let more = phrase::more_counters(hidden, &self.doc.capture.id);
            wrap_into(out, 0, &more, style.width);
        }
        true
    }

    /// The lines of the list, and how many numbers it has no room for.
    fn lines<'b>(&self, labels: &'b [Cow<'_, str>], style: &Style) -> (Vec<Line<'b>>, u64) {
        let (mut lines, mut hidden) = (Vec::new(), 0_u64);
        for (point, label) in self.doc.points.iter().zip(labels) {
            let mut rest: Vec<(&str, &Spread)> =
                own(point).filter(|(name, _)| !self.columns.contains(name)).collect();
            rest.sort_by_key(|(name, _)| *name);
            let room = if lines.len() < LINES_MAX { LINE_COUNTERS_MAX } else { 0 };
            hidden = hidden.saturating_add(rest.len().saturating_sub(room) as u64);
            rest.truncate(room);
            if !rest.is_empty() {
                let entry = |(name, spread)| Entry {
                    name: word(name, style),
                    number: self.number(name, spread, style),
                };
                lines.push(Line { label, entries: rest.into_iter().map(entry).collect() });
            }
        }
        (lines, hidden)
    }

    /// The median with the digits that its interval supports; a number that was the same several
    /// times, in full.
    fn number(&self, name: &str, spread: &Spread, style: &Style) -> String {
        let unit = self.doc.capture.metric_defs.get(name).and_then(|def| def.unit.as_deref());
        let unit = unit.map(|unit| word(unit, style));
        let median = Quantity { number: spread.median, unit: unit.as_deref() };
        let is_same = spread.samples > 1 && spread.min.to_bits() == spread.max.to_bits();
        style.spell(if is_same {
            median.exactly()
        } else {
            median.within(spread.interval.as_ref().map(Interval::half_width))
        })
    }
}

/// Name and number of one counter, as they are printed.
struct Entry {
    name: String,
    number: String,
}

/// The listed counters of one point, never none.
struct Line<'a> {
    label: &'a str,
    entries: Vec<Entry>,
}

/// Where the parts of the list stand, the same in every line.
struct Places {
    /// How wide the labels may be, and are where the numbers stand beside them.
    label: usize,
    /// Where the numbers start, also those of a line that continues.
    indent: usize,
    is_beside: bool,
    limit: usize,
}

impl Places {
    fn of(lines: &[Line<'_>], style: &Style) -> Self {
        let widest = lines.iter().map(|line| width(line.label)).max().unwrap_or(0);
        let limit = style.width.unwrap_or(usize::MAX);
        let label =
            widest.min(limit.saturating_sub(INDENT + GAP + BESIDE_COLUMNS_MIN).min(limit / 2));
        // As in the table: less than a third of the line would no longer say what it names.
        if label >= widest.min(limit / 3) {
            return Self { label, indent: INDENT + label + GAP, is_beside: true, limit };
        }
        let label = limit.saturating_sub(INDENT);
        Self { label, indent: INDENT + INDENT, is_beside: false, limit }
    }

    fn line_into(&self, out: &mut String, line: &Line<'_>, ending: &str, style: &Style) {
        let label = shorten_apart(line.label, ending, self.label, style.ellipsis());
        blanks_into(out, INDENT);
        out.push_str(&label);
        if self.is_beside {
            blanks_into(out, self.label.saturating_sub(width(&label)) + GAP);
        } else {
            out.push('\n');
            blanks_into(out, self.indent);
        }
        self.entries_into(out, &line.entries, style);
        out.push('\n');
    }

    /// Breaks between two counters, and inside one only where a line has no room for it.
    fn entries_into(&self, out: &mut String, entries: &[Entry], style: &Style) {
        let separator = if style.unicode { " · " } else { ", " };
        let mut used = self.indent;
        for Entry { name, number } in entries {
            let whole = width(name) + 1 + width(number);
            if used > self.indent && used + width(separator) + whole > self.limit {
                self.break_into(out);
                used = self.indent;
            } else if used > self.indent {
                out.push_str(&style.paint(Ink::Faint, separator));
                used += width(separator);
            }
            out.push_str(&style.paint(Ink::Faint, name));
            if used + whole > self.limit {
                self.break_into(out);
                used = self.indent + width(number);
            } else {
                out.push(' ');
                used += whole;
            }
            out.push_str(number);
        }
    }

    fn break_into(&self, out: &mut String) {
        out.push('\n');
        blanks_into(out, self.indent);
    }
}

fn blanks_into(out: &mut String, blanks: usize) {
    out.extend(std::iter::repeat_n(' ', blanks));
}

/// The own counters of `point`, by name.
fn own(point: &PointSummary) -> impl Iterator<Item = (&str, &Spread)> {
    point.spreads.iter().filter_map(|spread| match &spread.metric {
        MetricName::Own(name) => Some((name.as_str(), spread)),
        MetricName::Row(_) => None,
    })
}

/// A name or unit of somebody else's as one field: no two blanks in a row, and bounded.
fn word(text: &str, style: &Style) -> String {
    let columns = style.width.map_or(WORD_PIPE_COLUMNS_MAX, |_| WORD_COLUMNS_MAX);
    let words: Vec<&str> = text.split_whitespace().collect();
    shorten_middle(&clean(&words.join(" ")), columns, style.ellipsis()).into_owned()
}
