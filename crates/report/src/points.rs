//! The table of points: one row each, with numbers where runs ended well, else the outcome.

use std::borrow::Cow;
use std::collections::HashMap;

use tacho_schema::{
    Bytes, Change, Interval, Metric, Nanos, Notice, PointSummary, Ratio, Skipped, Spread,
    Statistic, SummaryDoc,
};

use crate::counters::Counters;
use crate::grid::{Align, Cell, Column, Grid};
use crate::layout::Fit;
use crate::phrase;
use crate::style::{Ink, Style};
use crate::text::{clean, common_ending, shorten_apart, shorten_middle, width};

/// A row without numbers has the width of two titles, `median` and `95 % interval`, for its
/// outcome; the reasons that do not fit stand under the table.
const OUTCOME_COLUMNS_MAX: usize = 21;
/// A label in a pipe, in the table and in the sentences under it.
pub(crate) const LABEL_PIPE_COLUMNS_MAX: usize = 120;
/// A baseline's name in a title.
const AGAINST_COLUMNS_MAX: usize = 16;
/// How uncertain a change is taken to be, as a share, that too few runs give no interval: its
/// percents have no decimals then, its factors two digits.
const CHANGE_HALF_WIDTH_UNKNOWN: f64 = 10.0;
/// The kernel's resolution of user and system time.
const CPU_TIME_STEP_NANOS: f64 = 1e3;

/// The table of `doc`'s points, in their order, with the columns of its `counters`.
pub(crate) fn grid(doc: &SummaryDoc, counters: &Counters<'_>, style: &Style) -> Grid {
    let reference = Reference::of(doc);
    let contends = contends(doc);
    let skipped: HashMap<&str, &Skipped> =
        doc.summary.skipped.iter().map(|skipped| (skipped.point.as_str(), skipped)).collect();
    let mut columns = columns(doc);
    let measured = Measured::of(doc);
    measured.keep(&mut columns);
    columns.extend(contends.then(|| Column::new("contended", Align::Right, Fit::Folds(1))));
    columns.extend(reference.columns(style));
    columns.extend(counters.columns(style));
    let mut grid = Grid::new(columns);
    for (index, (point, label)) in doc.points.iter().zip(labels(doc, style)).enumerate() {
        let reason = skipped.get(point.point.as_str()).map(|skipped| skipped.reason.as_str());
        let mut cells = vec![Cell::plain(label)];
        cells.extend(numbers(point, reason, style));
        measured.keep(&mut cells);
        cells.extend(contends.then(|| contended(point)));
        cells.extend(reference.cells(index, point, style));
        cells.extend(counters.cells(point, style));
        grid.push(cells);
    }
    grid
}

/// The first cell of every row, and of the lines of counters: bounded in a pipe, so that one long
/// command does not pad all rows to its length. A terminal bounds them further.
pub(crate) fn labels<'a>(doc: &'a SummaryDoc, style: &Style) -> Vec<Cow<'a, str>> {
    let labels: Vec<Cow<'a, str>> = doc.points.iter().map(|point| clean(&point.label)).collect();
    if style.width.is_some() {
        return labels;
    }
    let ending = common_ending(labels.iter().map(AsRef::as_ref));
    let shorten = |label| shorten_apart(label, ending, LABEL_PIPE_COLUMNS_MAX, style.ellipsis());
    labels.iter().map(|label| shorten(label).into_owned().into()).collect()
}

/// The columns from the label to the runs.
fn columns(doc: &SummaryDoc) -> Vec<Column> {
    use Align::{Left, Right};
    let is_command = |point: &PointSummary| point.command.as_ref() == Some(&point.label);
    let label = if doc.points.iter().all(is_command) { "command" } else { "point" };
    let is_minimum = |point: &PointSummary| point.statistic == Statistic::Min;
    let centre = if doc.points.iter().all(is_minimum) { "minimum" } else { "median" };
    vec![
        Column::new(label, Left, Fit::LosesMiddle),
        Column::new(centre, Right, Fit::Stays),
        Column::new("95 % interval", Right, Fit::Stays),
        Column::new("min", Right, Fit::Folds(2)),
        Column::new("user", Right, Fit::Folds(2)),
        Column::new("system", Right, Fit::Folds(2)),
        Column::new("peak RSS", Right, Fit::Folds(2)),
        Column::new("runs", Right, Fit::Folds(1)),
    ]
}

/// The metrics that have a column wherever a point was measured with them. A program that times
/// itself has no processor time of its calls; a table of such has no column for it.
const LEFT_OUT: [(usize, Metric); 3] =
    [(4, Metric::User), (5, Metric::System), (6, Metric::PeakRss)];

/// Which of these columns a table has.
struct Measured([bool; LEFT_OUT.len()]);

impl Measured {
    fn of(doc: &SummaryDoc) -> Self {
        let has = |metric| doc.points.iter().any(|point| point.spread(metric).is_some());
        // Where nothing was measured at all, the table looks as it always does.
        let nothing = !has(Metric::Wall);
        Self(LEFT_OUT.map(|(_, metric)| nothing || has(metric)))
    }

    /// Takes out of a row, from the label to the runs, what the table has no column for.
    fn keep<T>(&self, row: &mut Vec<T>) {
        for ((place, _), kept) in LEFT_OUT.iter().zip(self.0).rev() {
            if !kept {
                drop(row.remove(*place));
            }
        }
    }
}

/// What the changes of a table are against.
enum Reference<'a> {
    /// No point has a change.
    None,
    /// The point in this place.
    Point(usize),
    /// A baseline of this name.
    Baseline(&'a str),
}

impl<'a> Reference<'a> {
    fn of(doc: &'a SummaryDoc) -> Self {
        let Some(change) = doc.points.iter().find_map(|point| point.change.as_ref()) else {
            return Self::None;
        };
        let is_it = |point: &PointSummary| point.change.is_none() && point.label == change.against;
        let place = doc.points.iter().position(is_it);
        place.map_or(Self::Baseline(&change.against), Self::Point)
    }

    fn columns(&self, style: &Style) -> Vec<Column> {
        let Some(title) = self.title(style) else { return Vec::new() };
        [title, "95 % interval".to_owned()]
            .map(|title| Column::new(title, Align::Right, Fit::Folds(0)))
            .into()
    }

    fn title(&self, style: &Style) -> Option<String> {
        match self {
            Self::None => None,
            Self::Point(_) => Some("change".to_owned()),
            Self::Baseline(name) => Some(against(name, style)),
        }
    }

    /// The cells of the change and its interval, none where the table has no such columns.
    fn cells(&self, index: usize, point: &PointSummary, style: &Style) -> Vec<Cell> {
        match (self, &point.change) {
            (Self::None, _) => Vec::new(),
            (Self::Point(place), _) if *place == index => {
                vec![Cell::new(Ink::Faint, "reference".to_owned()), Cell::none()]
            }
            (_, Some(change)) => change_cells(change, point.statistic, style),
            (_, None) => vec![Cell::none(), Cell::none()],
        }
    }
}

/// The title of the changes against `name`.
pub(crate) fn against(name: &str, style: &Style) -> String {
    let columns = style.width.map_or(usize::MAX, |_| AGAINST_COLUMNS_MAX);
    let name = clean(name);
    format!("vs {}", shorten_middle(&name, columns, style.ellipsis()))
}

/// The cells of a change and its interval.
pub(crate) fn change_cells(change: &Change, statistic: Statistic, style: &Style) -> Vec<Cell> {
    let centre = Ratio(change.ratio);
    let Some(interval) = &change.interval else {
        let text = format!("~{}", centre.as_change(Some(CHANGE_HALF_WIDTH_UNKNOWN)));
        let interval = if statistic == Statistic::Min { minimum() } else { Cell::none() };
        return vec![Cell::plain(style.spell(text)), interval];
    };
    let half = Some(interval.half_width());
    let text = centre.as_change(half);
    let ends = ends(interval, &text, style, |value| Ratio(value).as_change_like(centre, half));
    vec![Cell::new(Ink::Strong, style.spell(text)), Cell::plain(ends)]
}

/// The cells from the centre to the runs.
fn numbers(point: &PointSummary, reason: Option<&str>, style: &Style) -> Vec<Cell> {
    let Some(wall) = point.spread(Metric::Wall) else { return no_numbers(point, reason, style) };
    let (half, centre) = match point.statistic {
        Statistic::Median => (half_width(wall), wall.median),
        Statistic::Min => (None, wall.min),
    };
    let centre = style.time(centre, half);
    let interval = match &wall.interval {
        _ if point.statistic == Statistic::Min => minimum(),
        Some(interval) => {
            Cell::plain(ends(interval, &centre, style, |value| style.time(value, half)))
        }
        None => lacking_interval(point),
    };
    let own = |metric, text: &dyn Fn(f64, Option<f64>) -> String| {
        point.spread(metric).map_or_else(Cell::none, |spread| {
            Cell::plain(style.spell(text(spread.median, half_width(spread))))
        })
    };
    vec![
        Cell::new(Ink::Strong, style.spell(centre)),
        interval,
        Cell::plain(style.spell(style.time(wall.min, half))),
        own(Metric::User, &|value, half| cpu_time(value, half, style)),
        own(Metric::System, &|value, half| cpu_time(value, half, style)),
        own(Metric::PeakRss, &|value, half| Bytes(value).within(half)),
        runs(point, wall.samples),
    ]
}

/// What stands in the place of an interval beside a minimum, which has none.
fn minimum() -> Cell {
    Cell::new(Ink::Faint, "min".to_owned())
}

/// What stands in the place of an interval: why there is none, where that was noticed.
fn lacking_interval(point: &PointSummary) -> Cell {
    let samples = point.notices.iter().find_map(|notice| match notice {
        Notice::NoInterval { samples } => Some(*samples),
        _ => None,
    });
    samples.map_or_else(Cell::none, |samples| Cell::new(Ink::Caution, phrase::no_interval(samples)))
}

/// User or system time, whose last digit is never under the kernel's resolution.
fn cpu_time(nanos: f64, half: Option<f64>, style: &Style) -> String {
    let whole = (nanos / CPU_TIME_STEP_NANOS).round() * CPU_TIME_STEP_NANOS;
    if style.time_unit.is_some() {
        return style.time(whole, half);
    }
    let text = Nanos(whole).within(half);
    match split_unit(&text) {
        // Zero has no unit of its own; nanoseconds would claim a finer clock.
        ("0", _) => "0 µs".to_owned(),
        // Only zeros are cut off: the number is a whole one.
        (number, "µs") => {
            format!("{} µs", number.split_once('.').map_or(number, |(whole, _)| whole))
        }
        _ => text,
    }
}

/// The cells of a point of which no run ended well.
fn no_numbers(point: &PointSummary, reason: Option<&str>, style: &Style) -> Vec<Cell> {
    let failure = point.notices.iter().find_map(|notice| match notice {
        Notice::Failed { status, exit_code, signal, .. } => {
            let ink = if phrase::is_failure(notice) { Ink::Failure } else { Ink::Plain };
            Some((ink, phrase::outcome(*status, *exit_code, *signal)))
        }
        _ => None,
    });
    let (ink, outcome) = failure.unwrap_or_else(|| {
        let full = phrase::not_measured(reason);
        let fits = width(&full) <= OUTCOME_COLUMNS_MAX;
        (Ink::Caution, if fits { full } else { phrase::not_measured(None) })
    });
    let mut cells = vec![Cell::new(ink, style.spell(outcome)).spilling()];
    cells.extend(std::iter::repeat_n(Cell::none(), 5));
    cells.push(runs(point, 0));
    cells
}

/// How many runs the numbers are of, and of how many in all where some failed.
fn runs(point: &PointSummary, samples: u64) -> Cell {
    if point.rows > samples {
        return Cell::new(Ink::Caution, format!("{samples}/{}", point.rows));
    }
    Cell::plain(samples.to_string())
}

/// Whether a point has contended rows: only then the table has a column for them.
fn contends(doc: &SummaryDoc) -> bool {
    doc.points.iter().any(|point| point.contended > 0)
}

/// How many of the runs something disturbed.
fn contended(point: &PointSummary) -> Cell {
    match point.contended {
        0 => Cell::none(),
        rows => Cell::new(Ink::Caution, rows.to_string()),
    }
}

fn half_width(spread: &Spread) -> Option<f64> {
    spread.interval.as_ref().map(Interval::half_width)
}

/// Both ends of `interval`, without the unit where it is that of `centre`, which stands beside.
pub(crate) fn ends(
    interval: &Interval,
    centre: &str,
    style: &Style,
    text: impl Fn(f64) -> String,
) -> String {
    let (low, high) = (text(interval.low), text(interval.high));
    let (low_number, low_unit) = split_unit(&low);
    let (high_number, high_unit) = split_unit(&high);
    let between = style.ellipsis();
    if low_unit != high_unit {
        return style.spell(format!("{low} {between} {high}"));
    }
    if high_unit == split_unit(centre).1 {
        return style.spell(format!("{low_number} {between} {high_number}"));
    }
    style.spell(format!("{low_number} {between} {high}"))
}

/// The number and the unit of a text as the schema's units print it.
fn split_unit(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}
