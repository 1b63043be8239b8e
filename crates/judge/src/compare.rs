//! Wall time against a reference: the ratio and its interval, no verdict.

use std::collections::{HashMap, HashSet};

use tacho_schema::{
    CaptureHeader, Change, Interval, Notice, PlanDoc, Point, PointSummary, Statistic,
};
use tacho_stats::{RankMethod, min, ratio_estimate, ratio_interval};

use crate::collect::Collected;
use crate::policy::LEVEL;

/// Gives every point its change against the first one it is comparable with.
///
/// Of commands typed on the command line that is the first command. With a manifest, and of a
/// harness's workloads, it is the first point of the same workload: different workloads do
/// different things. A stage has the same
/// stage to be compared with. The first point itself gets no change; nor does any where it, or the
/// first, has no wall time of a run that ended well; where that is the first, a notice of it says
/// so. A point whose statistic is the minimum is
/// compared by minima, without an interval. Points with a ladder's parameter are compared with
/// nothing here: how they differ from each other is what their ladder says.
pub fn against_first(
    summaries: &mut [PointSummary],
    collected: &Collected,
    plan: Option<&PlanDoc>,
    header: &CaptureHeader,
) {
    let walls = collected.walls();
    let groups = groups(collected, plan, header.manifest.is_none());
    let mut firsts: HashMap<Group<'_>, First<'_>> = HashMap::new();
    for (place, summary) in summaries.iter_mut().enumerate() {
        let own = walls.get(&summary.point).copied().unwrap_or(&[]);
        let Some(group) = groups.get(&summary.point).copied() else { continue };
        match firsts.get_mut(&group) {
            Some(first) => {
                summary.change = change(&first.label, first.walls, own, summary.statistic);
                first.alone += u64::from(first.walls.is_empty() && !own.is_empty());
            }
            None => {
                let label = summary.label.clone();
                firsts.insert(group, First { place, label, walls: own, alone: 0 });
            }
        }
    }
    for First { place, alone: points, .. } in firsts.into_values().filter(|it| it.alone > 0) {
        summaries[place].notices.push(Notice::NoReference { points });
    }
}

/// The point that the others of its group are compared with.
struct First<'a> {
    /// Its place among the summaries.
    place: usize,
    label: String,
    walls: &'a [f64],
    /// How many have numbers where this one has none.
    alone: u64,
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

/// A workload, unless the point is a command typed to be compared, and one of its stages: points of
/// one group do the same thing.
type Group<'a> = (Option<&'a str>, Option<&'a str>);

/// The group of every point without a ladder's parameter, by identity.
fn groups<'a>(
    collected: &'a Collected,
    plan: Option<&'a PlanDoc>,
    ad_hoc: bool,
) -> HashMap<String, Group<'a>> {
    let planned = plan.map_or(&[][..], |plan| &plan.points).iter();
    let of_harness: HashSet<&str> = planned
        .clone()
        .filter(|planned| planned.wire.is_some() || planned.refused.is_some())
        .map(|planned| planned.point.function.as_str())
        .collect();
    let planned = planned.map(|planned| &planned.point);
    let group = |point: &'a Point| {
        let function = point.function.as_str();
        let is_alone = !ad_hoc || of_harness.contains(function);
        (point.to_string(), (is_alone.then_some(function), point.stage.as_deref()))
    };
    let points = collected.points().iter().map(|rows| &rows.point).chain(planned);
    points.filter(|point| point.param.is_none()).map(group).collect()
}

/// The change from `reference` to `own`, where both have samples above zero.
pub(crate) fn change(
    against: &str,
    reference: &[f64],
    own: &[f64],
    statistic: Statistic,
) -> Option<Change> {
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
