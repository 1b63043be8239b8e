//! The machine's own wandering while a capture was taken, and what it adds to intervals.

use std::collections::HashSet;

use tacho_schema::{CacheMode, Drift, Interval, PlanDoc, Row};
use tacho_stats::{drift_variance, median, student_quantile};

use crate::collect::{Collected, PointRows};
use crate::policy::{DRIFT_BATCHES_PER_FREEDOM, DRIFT_ROWS_MIN, LEVEL};

/// How a widened interval is named.
const METHOD: &str = "order statistics and drift";

/// When the batches of a point that times itself began, and how long a call took.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<(u64, f64)>);

impl Times {
    /// Takes a row that ended well into account. Cold calls vary by more than the machine's speed.
    pub(crate) fn add(&mut self, row: &Row, nanos: f64) {
        let is_timed_inside = row.inner_repeats.is_some() && row.stage.is_none();
        let is_warm = row.cache_mode != Some(CacheMode::Cold);
        if let Some(started) = row.started_unix_ns.filter(|_| is_timed_inside && is_warm)
            && nanos > 0.0
        {
            self.0.push((started, nanos.ln()));
        }
    }

    /// The logarithms without their median, and when each began, in that order.
    fn deviations(&self) -> Option<Vec<(u64, f64)>> {
        let logs: Vec<f64> = self.0.iter().map(|(_, log)| *log).collect();
        let centre = median(&logs).ok().filter(|_| logs.len() >= DRIFT_ROWS_MIN)?;
        let mut found: Vec<(u64, f64)> =
            self.0.iter().map(|(started, log)| (*started, log - centre)).collect();
        found.sort_unstable_by_key(|(started, _)| *started);
        Some(found)
    }
}

/// How much the machine's speed wandered: the slow part of what all points that time themselves
/// did, one behind the other in time.
///
/// Half of them are asked, those whose neighbouring batches differ least: a wandering machine moves
/// all points alike, and shows best where little else moves. `None` under twelve batches.
pub(crate) fn drift<'a>(points: impl Iterator<Item = &'a PointRows>) -> Option<Drift> {
    let mut series: Vec<(f64, Vec<(u64, f64)>)> = points
        .filter_map(|rows| rows.times.deviations())
        .map(|deviations| (unrest(&deviations), deviations))
        .collect();
    series.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    series.truncate(series.len().div_ceil(2));
    let mut all: Vec<(u64, f64)> = series.into_iter().flat_map(|(_, series)| series).collect();
    all.sort_unstable_by_key(|(started, _)| *started);
    let logs: Vec<f64> = all.iter().map(|(_, log)| *log).collect();
    let variance = drift_variance(&logs).ok()?;
    Some(Drift { share: variance.sqrt(), batches: logs.len() as u64 })
}

/// The median difference of neighbours.
fn unrest(deviations: &[(u64, f64)]) -> f64 {
    let steps: Vec<f64> = deviations.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).collect();
    median(&steps).unwrap_or(f64::INFINITY)
}

/// How many standard deviations of a wandering that so many batches tell of an interval holds.
fn deviations(batches: u64) -> f64 {
    let freedom = (batches as f64 / DRIFT_BATCHES_PER_FREEDOM).max(2.0);
    let found = student_quantile(freedom, f64::midpoint(1.0, LEVEL));
    found.expect("the degrees of freedom are two or more, and the level is under 1")
}

/// What the machine's wandering adds to the intervals of points that time themselves: their batches
/// take a second together, and the next capture is taken in another one.
pub(crate) struct Widening {
    points: HashSet<String>,
    part: f64,
}

impl Widening {
    /// For the points of `plan`; `None` where too little tells how the machine wandered.
    pub(crate) fn of(rows: &Collected, plan: &PlanDoc) -> Option<Self> {
        let drift = rows.drift(plan)?;
        let own = plan.points.iter().filter(|planned| planned.wire.is_some());
        let points = own.map(|planned| planned.point.to_string()).collect();
        Some(Self { points, part: deviations(drift.batches) * drift.share })
    }

    /// Widens the interval of a median at `centre`, if the point of that identity times itself.
    /// Both parts are independent, so their half widths add as squares do, on each side by itself.
    pub(crate) fn apply(&self, point: &str, centre: f64, interval: &mut Interval) {
        if !self.points.contains(point) {
            return;
        }
        let part = self.part * centre;
        *interval = Interval {
            low: (centre - (centre - interval.low).hypot(part)).max(0.0),
            high: centre + (interval.high - centre).hypot(part),
            level: LEVEL,
            method: METHOD.to_owned(),
        };
    }
}
