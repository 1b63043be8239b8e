//! A plan that only shows whether every workload still works: each once, at small parameters.

use std::collections::BTreeMap;

use tacho_schema::{PlanDoc, PlannedPoint, Point};

use crate::ladder::prune;

/// Keeps of each workload's parametric points those with the `rungs` smallest parameters, and all
/// points without one; each is run once, without a warm-up, and a harness's batch is as short as it
/// can be. For answers that are checked, not for times.
pub fn smallest(plan: &mut PlanDoc, rungs: usize) {
    let mut params: BTreeMap<Point, Vec<u64>> = BTreeMap::new();
    for point in plan.points.iter().map(|planned| &planned.point) {
        if let Some(param) = point.param {
            params.entry(without_param(point)).or_default().push(param);
        }
    }
    for params in params.values_mut() {
        params.sort_unstable();
        params.truncate(rungs);
    }
    plan.points.retain(|planned| match planned.point.param {
        Some(param) => params[&without_param(&planned.point)].contains(&param),
        None => true,
    });
    plan.points.iter_mut().for_each(once);
    prune(plan);
}

fn without_param(point: &Point) -> Point {
    Point { param: None, ..point.clone() }
}

fn once(planned: &mut PlannedPoint) {
    (planned.min_runs, planned.max_runs, planned.warmup) = (1, 1, 0);
    if let Some(wire) = &mut planned.wire {
        wire.target_nanos = 1;
    }
}
