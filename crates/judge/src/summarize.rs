//! Collected rows to one summary a point.

use std::collections::{HashMap, HashSet};

use tacho_schema::{
    CaptureHeader, Interval, Metric, PlanDoc, PlannedPoint, Point, PointSummary, Spread,
};
use tacho_stats::{Refusal, mad, max, mean, median, median_interval, min, stddev};

use crate::collect::{Collected, PointRows};
use crate::notices::notices;
use crate::policy::LEVEL;

/// How the interval of a median is named.
const MEDIAN_METHOD: &str = "order statistics";

impl Collected {
    /// One summary a point: those of the plan in its order, then those it does not know, in the
    /// order of their first row.
    ///
    /// A planned point without a row has a summary that says so (no rows, no spreads). Without a
    /// plan labels are identities and commands are unknown; with one, points of one label are told
    /// apart by their identities instead. No change is filled in.
    #[must_use]
    pub fn summaries(&self, plan: Option<&PlanDoc>, header: &CaptureHeader) -> Vec<PointSummary> {
        let planned = plan.map_or(&[][..], |plan| &plan.points);
        let mut known = HashSet::new();
        let mut summaries = Vec::with_capacity(planned.len().max(self.points().len()));
        for planned in planned {
            let place = self.find(&planned.point);
            known.extend(place);
            let rows = place.map(|place| &self.points()[place]);
            summaries.push(summary(&planned.point, rows, Some(planned), header));
        }
        for (place, rows) in self.points().iter().enumerate() {
            if !known.contains(&place) {
                summaries.push(summary(&rows.point, Some(rows), None, header));
            }
        }
        tell_apart(&mut summaries);
        summaries
    }
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

fn summary(
    point: &Point,
    rows: Option<&PointRows>,
    planned: Option<&PlannedPoint>,
    header: &CaptureHeader,
) -> PointSummary {
    let identity = point.to_string();
    let ad_hoc = header.manifest.is_none();
    let mut found = PointSummary {
        label: planned.map_or_else(|| identity.clone(), |planned| planned.label(ad_hoc)),
        point: identity,
        command: planned.map(|planned| planned.command.clone()),
        rows: 0,
        contended: 0,
        statistic: planned.map(|planned| planned.statistic).unwrap_or_default(),
        spreads: Vec::new(),
        change: None,
        notices: Vec::new(),
    };
    if let Some(rows) = rows {
        found.rows = rows.rows;
        found.spreads = Metric::ALL
            .into_iter()
            .filter_map(|metric| spread(metric, &ascending(rows.samples(metric))).ok())
            .collect();
        let walls = ascending(rows.samples(Metric::Wall));
        let wall = found.spread(Metric::Wall);
        found.notices = notices(rows, &walls, wall, planned, header.spawn_floor_nanos);
    }
    found
}

/// What the samples of one metric say; they are in ascending order, which every statistic of
/// them needs.
fn spread(metric: Metric, samples: &[f64]) -> Result<Spread, Refusal> {
    Ok(Spread {
        metric: metric.into(),
        samples: samples.len() as u64,
        median: median(samples)?,
        interval: median_interval(samples, LEVEL).ok().map(|found| Interval {
            low: found.low,
            high: found.high,
            level: found.level,
            method: MEDIAN_METHOD.to_owned(),
        }),
        min: min(samples)?,
        max: max(samples)?,
        mean: mean(samples)?,
        stddev: stddev(samples).ok(),
        mad: mad(samples)?,
    })
}

fn ascending(samples: &[f64]) -> Vec<f64> {
    let mut ordered = samples.to_vec();
    ordered.sort_unstable_by(f64::total_cmp);
    ordered
}
