//! Collected rows to one summary a point.

use std::collections::{HashMap, HashSet};

use tacho_schema::{
    CaptureHeader, Drift, Interval, Metric, MetricName, PlanDoc, PlannedPoint, Point, PointSummary,
    Spread,
};
use tacho_stats::{Refusal, mad, max, mean, median, median_interval, min, stddev};

use crate::collect::{Collected, PointRows};
use crate::drift::{Widening, drift};
use crate::notices::{Context, notices};
use crate::policy::LEVEL;

/// How the interval of a median is named.
const MEDIAN_METHOD: &str = "order statistics";

impl Collected {
    /// One summary a point: those of the plan in its order, each before the stages that its runs
    /// printed, in the order of their first row; then those that the plan does not know, in that
    /// order, too.
    ///
    /// A planned point without a row has a summary that says so (no rows, no spreads), unless its
    /// stages have rows: the numbers are theirs. Without a plan labels are identities and commands
    /// are unknown; with one, points of one label are told apart by their identities instead. No
    /// change is filled in.
    #[must_use]
    pub fn summaries(&self, plan: Option<&PlanDoc>, header: &CaptureHeader) -> Vec<PointSummary> {
        let planned = plan.map_or(&[][..], |plan| &plan.points);
        let stages = self.stages();
        let mut known = HashSet::new();
        let mut summaries = Vec::with_capacity(planned.len().max(self.points().len()));
        for planned in planned {
            let own = self.find(&planned.point);
            let stages = stages_of(&stages, &planned.point);
            if own.is_none() && stages.is_empty() {
                summaries.push(summary(&planned.point, None, Some(planned), header));
            }
            for place in own.iter().chain(stages) {
                let rows = &self.points()[*place];
                summaries.push(summary(&rows.point, Some(rows), Some(planned), header));
                known.insert(*place);
            }
        }
        for (place, rows) in self.points().iter().enumerate() {
            if !known.contains(&place) {
                summaries.push(summary(&rows.point, Some(rows), None, header));
            }
        }
        tell_apart(&mut summaries);
        if let Some(widening) = plan.and_then(|plan| Widening::of(self, plan)) {
            summaries.iter_mut().for_each(|summary| widen(summary, &widening));
        }
        summaries
    }

    /// How much the machine's speed wandered while the points of `plan` that time themselves were
    /// measured; `None` where too few batches of them tell.
    #[must_use]
    pub fn drift(&self, plan: &PlanDoc) -> Option<Drift> {
        let own = plan.points.iter().filter(|planned| planned.wire.is_some());
        drift(own.filter_map(|planned| Some(&self.points()[self.find(&planned.point)?])))
    }

    /// The places of the points with a stage by the identity of the point that printed them, in
    /// the order of their first row.
    fn stages(&self) -> Stages {
        let mut stages = Stages::new();
        for (place, rows) in self.points().iter().enumerate() {
            if rows.point.stage.is_some() {
                let process = Point { stage: None, ..rows.point.clone() };
                stages.entry(process.to_string()).or_default().push(place);
            }
        }
        for places in stages.values_mut() {
            places.sort_by_key(|place| self.points()[*place].first);
        }
        stages
    }
}

/// Adds the machine's wandering to the interval of a point that times itself.
fn widen(summary: &mut PointSummary, widening: &Widening) {
    let wall = MetricName::Row(Metric::Wall);
    let spread = summary.spreads.iter_mut().find(|spread| spread.metric == wall);
    if let Some(Spread { interval: Some(interval), median, .. }) = spread {
        widening.apply(&summary.point, *median, interval);
    }
}

/// Places of points with a stage, by the identity of the point without it.
type Stages = HashMap<String, Vec<usize>>;

/// The places of the stages of `point`; most captures have none, and write no identity for that.
fn stages_of<'a>(stages: &'a Stages, point: &Point) -> &'a [usize] {
    let found = if stages.is_empty() { None } else { stages.get(&point.to_string()) };
    found.map_or(&[], Vec::as_slice)
}

/// Labels points by their identity where their label is not theirs alone, as the same command is
/// for each value of a parameter that it does not use.
fn tell_apart(summaries: &mut [PointSummary]) {
    let mut points: HashMap<&str, u64> = HashMap::with_capacity(summaries.len());
    for summary in &*summaries {
        *points.entry(&summary.label).or_default() += 1;
    }
    let ambiguous: Vec<bool> =
        summaries.iter().map(|summary| points[summary.label.as_str()] > 1).collect();
    for (summary, _) in summaries.iter_mut().zip(ambiguous).filter(|(_, ambiguous)| *ambiguous) {
        summary.label.clone_from(&summary.point);
    }
}

/// The summary of `point`: a planned one, a stage of it, or one that is not in the plan.
fn summary(
    point: &Point,
    rows: Option<&PointRows>,
    planned: Option<&PlannedPoint>,
    header: &CaptureHeader,
) -> PointSummary {
    let identity = point.to_string();
    let ad_hoc = header.manifest.is_none();
    let itself = planned.filter(|planned| planned.point == *point);
    let context = Context { planned, spawn_floor_nanos: header.spawn_floor_nanos };
    let mut found = PointSummary {
        label: itself.map_or_else(|| identity.clone(), |planned| planned.label(ad_hoc)),
        point: identity,
        command: planned.map(|planned| planned.command.clone()),
        rows: 0,
        contended: 0,
        statistic: context.statistic(),
        spreads: Vec::new(),
        ladder: itself.and_then(|planned| planned.ladder),
        change: None,
        notices: Vec::new(),
    };
    if let Some(rows) = rows {
        let contended = rows.contention.found();
        found.rows = rows.rows;
        found.contended = contended.rows;
        found.spreads = spreads(rows);
        let walls = ascending(rows.samples(Metric::Wall));
        let wall = found.spread(Metric::Wall);
        found.notices = notices(rows, &walls, wall, contended, &context);
    }
    found
}

/// The metrics that every row may have, then own counters by their names.
fn spreads(rows: &PointRows) -> Vec<Spread> {
    let all = Metric::ALL.into_iter().map(|metric| (metric.into(), rows.samples(metric)));
    let own = rows.own().map(|(name, samples)| (MetricName::Own(name.to_owned()), samples));
    all.chain(own).filter_map(|(name, samples)| spread(name, &ascending(samples)).ok()).collect()
}

/// What the samples of one metric say; they are in ascending order, which every statistic of
/// them needs.
fn spread(metric: MetricName, samples: &[f64]) -> Result<Spread, Refusal> {
    Ok(Spread {
        metric,
        samples: samples.len() as u64,
        median: median(samples)?,
        interval: interval_of_median(samples),
        min: min(samples)?,
        max: max(samples)?,
        mean: mean(samples)?,
        stddev: stddev(samples).ok(),
        mad: mad(samples)?,
    })
}

/// The interval of the median of `samples`.
pub(crate) fn interval_of_median(samples: &[f64]) -> Option<Interval> {
    median_interval(samples, LEVEL).ok().map(|found| Interval {
        low: found.low,
        high: found.high,
        level: found.level,
        method: MEDIAN_METHOD.to_owned(),
    })
}

fn ascending(samples: &[f64]) -> Vec<f64> {
    let mut ordered = samples.to_vec();
    ordered.sort_unstable_by(f64::total_cmp);
    ordered
}
