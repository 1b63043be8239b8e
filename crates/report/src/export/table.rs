//! The cells of hyperfine's table, which the three formats for documents only frame.

use std::borrow::Cow;
use std::collections::HashSet;

use tacho_schema::{Change, Interval, Metric, PointSummary, Spread};

use super::{Exported, TimeUnit};
use crate::text::clean;

/// The smallest mean shows so many digits, however large the unit is.
const DIGITS: i32 = 3;
/// No number has more decimals.
const DECIMALS_MAX: usize = 9;
/// A ratio has at least so many decimals, as in hyperfine's tables.
const RATIO_DECIMALS: usize = 2;
/// And at most so many, where its interval is narrow.
const RATIO_DECIMALS_MAX: usize = 4;

/// Titles and rows; only the first column is a text, which each format has to escape.
pub(super) struct Table<'a> {
    pub(super) titles: [Cow<'static, str>; 5],
    pub(super) rows: Vec<Line<'a>>,
}

/// One row.
pub(super) struct Line<'a> {
    /// On one line, with control characters shown.
    pub(super) command: Cow<'a, str>,
    /// Mean, smallest, largest, relative.
    pub(super) numbers: [String; 4],
}

/// The table of points that all have a wall time.
pub(super) fn table<'a>(points: &[Exported<'a>], unit: Option<TimeUnit>) -> Table<'a> {
    let timed: Vec<(&'a PointSummary, &'a Spread)> = points
        .iter()
        .filter_map(|point| Some((point.summary, point.summary.spread(Metric::Wall)?)))
        .collect();
    let first = timed.first().map_or(1e9, |(_, wall)| wall.mean);
    let unit = unit.unwrap_or(TimeUnit::fitting(first));
    let smallest = timed.iter().map(|(_, wall)| wall.mean).fold(f64::INFINITY, f64::min);
    let decimals = unit.decimals().max(decimals_of(unit.of(smallest)));
    let time = |nanos: f64| format!("{:.decimals$}", unit.of(nanos));
    let references = references(&timed);
    let line = |(summary, wall): &(&'a PointSummary, &'a Spread)| {
        let stddev = wall.stddev.map_or(String::new(), |stddev| format!(" ± {}", time(stddev)));
        Line {
            command: clean(&summary.label),
            numbers: [
                format!("{}{stddev}", time(wall.mean)),
                time(wall.min),
                time(wall.max),
                match &summary.change {
                    Some(change) => relative(change),
                    None if references.contains(summary.label.as_str()) => "1.00".to_owned(),
                    None => String::new(),
                },
            ],
        }
    };
    let title = |word: &str| Cow::Owned(format!("{word} [{}]", unit.symbol()));
    Table {
        titles: ["Command".into(), title("Mean"), title("Min"), title("Max"), "Relative".into()],
        rows: timed.iter().map(line).collect(),
    }
}

/// The labels of points that others are compared with, or of the only one.
fn references<'a>(timed: &[(&'a PointSummary, &Spread)]) -> HashSet<&'a str> {
    match timed {
        [(only, _)] => HashSet::from([only.label.as_str()]),
        several => {
            let changes = several.iter().filter_map(|(summary, _)| summary.change.as_ref());
            changes.map(|change| change.against.as_str()).collect()
        }
    }
}

/// The ratio to the reference, with half of its 95 % interval where there is one.
fn relative(change: &Change) -> String {
    let half = change.interval.as_ref().map(Interval::half_width);
    let needed = half.map_or(0, |half| usize::try_from(-magnitude(half)).unwrap_or(0));
    let decimals = needed.clamp(RATIO_DECIMALS, RATIO_DECIMALS_MAX);
    let around = half.map_or(String::new(), |half| format!(" ± {half:.decimals$}"));
    format!("{:.decimals$}{around}", change.ratio)
}

/// Decimals that show [`DIGITS`] digits of `value`.
fn decimals_of(value: f64) -> usize {
    usize::try_from(DIGITS - 1 - magnitude(value)).unwrap_or(0).min(DECIMALS_MAX)
}

/// The power of ten of the first digit; 0 of what has none.
fn magnitude(value: f64) -> i32 {
    if value.is_finite() && value > 0.0 { value.log10().floor() as i32 } else { 0 }
}
