//! Implementations of one thing: which points of a plan are compared with each other.

use std::collections::BTreeSet;

use tacho_schema::{PlanDoc, PlannedPoint};

use crate::ladder::prune;
use crate::select::near_names;

/// No point of the plan belongs to the group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no group `{group}` of implementations{}", told(.known, .near))]
pub struct UnknownGroup {
    /// The group, as given.
    pub group: String,
    /// The groups that there are.
    pub known: BTreeSet<String>,
    /// Those that may have been meant, the nearest first; some of those that there are where none
    /// is near.
    pub near: Vec<String>,
}

fn told(known: &BTreeSet<String>, near: &[String]) -> String {
    match (known.len(), near) {
        (0, _) => ": no workload has `variant_of`".to_owned(),
        (1, near) => format!("; there is {}", near.join(", ")),
        (_, near) if near.len() == known.len() => format!("; there are {}", near.join(", ")),
        (all, near) => format!("; there are {all}, as {}", near.join(", ")),
    }
}

/// Keeps the points that belong to `group`, and those of the workload of that name: the one that
/// the others are variants of.
///
/// # Errors
/// [`UnknownGroup`] when no point is a variant of it; the plan is then as it was.
pub fn select(plan: &mut PlanDoc, group: &str) -> Result<(), UnknownGroup> {
    let is_in = |planned: &PlannedPoint| {
        planned.variant_of.as_deref() == Some(group) || planned.point.function.as_str() == group
    };
    if plan.points.iter().any(|planned| planned.variant_of.as_deref() == Some(group)) {
        plan.points.retain(is_in);
        prune(plan);
        return Ok(());
    }
    let known: BTreeSet<String> =
        plan.points.iter().filter_map(|planned| planned.variant_of.clone()).collect();
    let near = near_names(&[group.to_owned()], known.iter().map(String::as_str));
    Err(UnknownGroup { group: group.to_owned(), known, near })
}
