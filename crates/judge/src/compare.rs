//! Wall time against a reference: the ratio and its interval, no verdict.

use std::collections::HashMap;

use tacho_schema::{CaptureHeader, Change, Interval, PlanDoc, Point, PointSummary, Statistic};
use tacho_stats::{RankMethod, min, ratio_estimate, ratio_interval};

use crate::collect::Collected;
use crate::policy::LEVEL;

/// Gives every point its change against the first one it is comparable with.
///
/// Of commands typed on the command line that is the first command. With a manifest it is the
/// first point of the same workload: different workloads do different things. A stage has the same
/// stage to be compared with. The first point itself gets no change; nor does any where it, or the
/// first, has no wall time of a run that ended well. A point whose statistic is the minimum is
/// compared by minima, without an interval.
pub fn against_first(
    summaries: &mut [PointSummary],
    collected: &Collected,
    plan: Option<&PlanDoc>,
    header: &CaptureHeader,
) {
    let walls = collected.walls();
    let groups = groups(collected, plan, header.manifest.is_none());
    let mut firsts: HashMap<Option<Group<'_>>, (String, &[f64])> = HashMap::new();
    for summary in summaries {
        let own = walls.get(&summary.point).copied().unwrap_or(&[]);
        let group = groups.get(&summary.point).copied();
        match firsts.get(&group) {
            Some((label, first)) => summary.change = change(label, first, own, summary.statistic),
            None => {
                firsts.insert(group, (summary.label.clone(), own));
            }
        }
    }
}

/// Gives every point its change against the same point, by identity, of an older capture.
///
/// `name` is what that capture is called. A point that it lacks gets no change, nor does one
/// without a wall time of a run that ended well on both sides.
pub fn against_baseline(
    summaries: &mut [PointSummary],
    collected: &Collected,
    old: &Collected,
    name: &str,
) {
    let (walls, references) = (collected.walls(), old.walls());
    for summary in summaries {
        summary.change = match (references.get(&summary.point), walls.get(&summary.point)) {
            (Some(reference), Some(own)) => change(name, reference, own, summary.statistic),
            _ => None,
        };
    }
}

/// A workload, unless all are of one group, and one of its stages: points of one group do the same
/// thing.
type Group<'a> = (Option<&'a str>, Option<&'a str>);

/// The group of every point, by identity.
fn groups<'a>(
    collected: &'a Collected,
    plan: Option<&'a PlanDoc>,
    ad_hoc: bool,
) -> HashMap<String, Group<'a>> {
    let planned = plan.map_or(&[][..], |plan| &plan.points).iter().map(|planned| &planned.point);
    let group = |point: &'a Point| {
        let function = (!ad_hoc).then_some(point.function.as_str());
        (point.to_string(), (function, point.stage.as_deref()))
    };
    collected.points().iter().map(|rows| &rows.point).chain(planned).map(group).collect()
}

/// The change from `reference` to `own`, where both have samples above zero.
fn change(against: &str, reference: &[f64], own: &[f64], statistic: Statistic) -> Option<Change> {
    if statistic == Statistic::Min {
        let ratio = min(own).ok()? / min(reference).ok()?;
        let is_ratio = ratio.is_finite() && ratio > 0.0;
        return is_ratio.then(|| Change { against: against.to_owned(), ratio, interval: None });
    }
    let ratio = ratio_estimate(reference, own).ok()?;
    let interval = ratio_interval(reference, own, LEVEL).ok().map(|found| Interval {
        low: found.low,
        high: found.high,
        level: found.level,
        method: method(found.method).to_owned(),
    });
    Some(Change { against: against.to_owned(), ratio, interval })
}

/// How the interval of a ratio is named.
fn method(method: RankMethod) -> &'static str {
    match method {
        RankMethod::Exact => "Hodges-Lehmann, exact",
        RankMethod::Normal => "Hodges-Lehmann, normal approximation",
    }
}
