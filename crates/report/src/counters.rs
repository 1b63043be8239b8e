//! Own counters as columns of the table of points.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tacho_schema::{Interval, MetricName, PointSummary, Quantity, Spread, SummaryDoc};

use crate::grid::{Align, Cell, Column};
use crate::layout::Fit;
use crate::style::Style;
use crate::text::{clean, shorten_middle};

/// Counters that have a column; the others are counted under the table.
const COLUMNS_MAX: usize = 8;
/// A counter's name in a title, on a terminal.
const TITLE_COLUMNS_MAX: usize = 24;
/// A counter's name in a title, in a pipe, and a unit behind a number.
const WORD_COLUMNS_MAX: usize = 80;

/// The counters of a table.
pub(crate) struct Counters<'a> {
    /// Name and unit of those that have a column, by name.
    shown: Vec<(&'a str, Option<String>)>,
    hidden: usize,
}

impl<'a> Counters<'a> {
    /// Those of `doc`: where there are too many for columns, the ones that most points have.
    pub(crate) fn of(doc: &'a SummaryDoc) -> Self {
        let mut points: BTreeMap<&str, u64> = BTreeMap::new();
        for spread in doc.points.iter().flat_map(|point| &point.spreads) {
            if let MetricName::Own(name) = &spread.metric {
                *points.entry(name).or_default() += 1;
            }
        }
        let mut names: Vec<(&str, u64)> = points.into_iter().collect();
        // Stable: equals stay in the order of their names.
        names.sort_by_key(|(_, points)| Reverse(*points));
        let hidden = names.len().saturating_sub(COLUMNS_MAX);
        names.truncate(COLUMNS_MAX);
        names.sort_unstable();
        let unit = |name: &str| doc.capture.metric_defs.get(name)?.unit.as_deref();
        let word = |unit: &str| one_word(unit, WORD_COLUMNS_MAX, "…");
        let shown = names.into_iter().map(|(name, _)| (name, unit(name).map(word))).collect();
        Self { shown, hidden }
    }

    /// How many have no column.
    pub(crate) fn hidden(&self) -> usize {
        self.hidden
    }

    /// A column each.
    pub(crate) fn columns(&self, style: &Style) -> impl Iterator<Item = Column> {
        let columns = style.width.map_or(WORD_COLUMNS_MAX, |_| TITLE_COLUMNS_MAX);
        let title = move |name: &str| one_word(name, columns, style.ellipsis());
        self.shown
            .iter()
            .map(move |(name, _)| Column::new(title(name), Align::Right, Fit::Folds(3)))
    }

    /// The cells of one point, in the order of the columns.
    pub(crate) fn cells(&self, point: &PointSummary, style: &Style) -> impl Iterator<Item = Cell> {
        self.shown.iter().map(move |(name, unit)| {
            let is_it =
                |spread: &&Spread| matches!(&spread.metric, MetricName::Own(own) if own == name);
            let found = point.spreads.iter().find(is_it);
            let text = |spread| style.spell(number(spread, unit.as_deref()));
            found.map_or_else(Cell::none, |spread| Cell::plain(text(spread)))
        })
    }
}

/// The median with the digits that its interval supports; a number that was the same several times,
/// in full.
fn number(spread: &Spread, unit: Option<&str>) -> String {
    let median = Quantity { number: spread.median, unit };
    if spread.samples > 1 && spread.min.to_bits() == spread.max.to_bits() {
        return median.exactly();
    }
    median.within(spread.interval.as_ref().map(Interval::half_width))
}

/// A text of somebody else's as one field of a table: no two blanks in a row, and bounded.
fn one_word(text: &str, columns: usize, ellipsis: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    shorten_middle(&clean(&words.join(" ")), columns, ellipsis).into_owned()
}
