//! The table of points: one row each, with numbers where runs ended well, else the outcome.

use std::collections::HashMap;

use tacho_schema::{
    Bytes, Change, Interval, Metric, Nanos, Notice, PointSummary, Ratio, Skipped, Spread,
    SummaryDoc,
};

use crate::grid::{Align, Cell, Column, Fit, Grid};
use crate::phrase;
use crate::style::{Ink, Style};
use crate::text::{clean, shorten_middle, width};

/// A row without numbers has the width of two titles, `median` and `95 % interval`, for its
/// outcome; the reasons that do not fit stand under the table.
const OUTCOME_COLUMNS_MAX: usize = 21;
/// A baseline's name in a title.
const AGAINST_COLUMNS_MAX: usize = 16;

/// The table of `doc`'s points, in their order.
pub(crate) fn grid(doc: &SummaryDoc, style: &Style) -> Grid {
    let reference = Reference::of(doc);
    let skipped: HashMap<&str, &Skipped> =
        doc.summary.skipped.iter().map(|skipped| (skipped.point.as_str(), skipped)).collect();
    let mut grid = Grid::new(columns(doc, &reference, style));
    for (index, point) in doc.points.iter().enumerate() {
        let reason = skipped.get(point.point.as_str()).map(|skipped| skipped.reason.as_str());
        let mut cells = vec![Cell::plain(clean(&point.label))];
        cells.extend(numbers(point, reason, style));
        cells.extend(reference.cells(index, point, style));
        grid.push(cells);
    }
    grid
}

fn columns(doc: &SummaryDoc, reference: &Reference<'_>, style: &Style) -> Vec<Column> {
    use Align::{Left, Right};
    let is_command = |point: &PointSummary| point.command.as_ref() == Some(&point.label);
    let label = if doc.points.iter().all(is_command) { "command" } else { "point" };
    let mut columns = vec![
        Column::new(label, Left, Fit::LosesMiddle),
        Column::new("median", Right, Fit::Stays),
        Column::new("95 % interval", Right, Fit::Stays),
        Column::new("min", Right, Fit::Goes(1)),
        Column::new("user", Right, Fit::Goes(0)),
        Column::new("system", Right, Fit::Goes(0)),
        Column::new("peak RSS", Right, Fit::Goes(3)),
        Column::new("runs", Right, Fit::Goes(2)),
    ];
    if let Some(title) = reference.title(style) {
        columns.push(Column::new(title, Right, Fit::Goes(5)));
        columns.push(Column::new("95 % interval", Right, Fit::Goes(4)));
    }
    columns
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

    fn title(&self, style: &Style) -> Option<String> {
        match self {
            Self::None => None,
            Self::Point(_) => Some("change".to_owned()),
            Self::Baseline(name) => {
                let columns = style.width.map_or(usize::MAX, |_| AGAINST_COLUMNS_MAX);
                let name = clean(name);
                Some(format!("vs {}", shorten_middle(&name, columns, style.ellipsis())))
            }
        }
    }

    /// The cells of the change and its interval, none where the table has no such columns.
    fn cells(&self, index: usize, point: &PointSummary, style: &Style) -> Vec<Cell> {
        match (self, &point.change) {
            (Self::None, _) => Vec::new(),
            (Self::Point(place), _) if *place == index => {
                vec![Cell::new(Ink::Faint, "reference".to_owned()).spilling(), Cell::none()]
            }
            (_, Some(change)) => change_cells(change, style),
            (_, None) => vec![Cell::none(), Cell::none()],
        }
    }
}

fn change_cells(change: &Change, style: &Style) -> Vec<Cell> {
    let half = change.interval.as_ref().map(Interval::half_width);
    let centre = Ratio(change.ratio);
    let text = centre.as_change(half);
    let ends = change.interval.as_ref().map(|interval| {
        ends(interval, &text, style, |value| Ratio(value).as_change_like(centre, half))
    });
    vec![Cell::new(Ink::Strong, style.spell(text)), ends.map_or_else(Cell::none, Cell::plain)]
}

/// The cells from the median to the runs.
fn numbers(point: &PointSummary, reason: Option<&str>, style: &Style) -> Vec<Cell> {
    let Some(wall) = point.spread(Metric::Wall) else { return no_numbers(point, reason, style) };
    let half = half_width(wall);
    let median = Nanos(wall.median).within(half);
    let interval = match &wall.interval {
        Some(interval) => {
            Cell::plain(ends(interval, &median, style, |value| Nanos(value).within(half)))
        }
        None if wall.samples < SAMPLES_MIN => {
            Cell::new(Ink::Caution, phrase::no_interval(wall.samples))
        }
        None => Cell::none(),
    };
    let own = |metric, text: fn(f64, Option<f64>) -> String| {
        point.spread(metric).map_or_else(Cell::none, |spread| {
            Cell::plain(style.spell(text(spread.median, half_width(spread))))
        })
    };
    let time = |value, half| Nanos(value).within(half);
    vec![
        Cell::new(Ink::Strong, style.spell(median)),
        interval,
        Cell::plain(style.spell(time(wall.min, half))),
        own(Metric::User, time),
        own(Metric::System, time),
        own(Metric::PeakRss, |value, half| Bytes(value).within(half)),
        runs(point, wall.samples),
    ]
}

/// The 95 % interval of a median exists from so many samples.
const SAMPLES_MIN: u64 = 6;

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

fn half_width(spread: &Spread) -> Option<f64> {
    spread.interval.as_ref().map(Interval::half_width)
}

/// Both ends of `interval`, without the unit where it is that of `centre`, which stands beside.
fn ends(interval: &Interval, centre: &str, style: &Style, text: impl Fn(f64) -> String) -> String {
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
