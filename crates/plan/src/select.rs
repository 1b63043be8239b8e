//! Filters and tags: which points of a plan are measured.

mod glob;

use std::collections::BTreeSet;

use tacho_schema::{PlanDoc, PlannedPoint};

use crate::ladder::prune;
use crate::near::distance;

/// So many names are looked at for near ones, and so many are told.
const NAMES_COMPARED_MAX: usize = 10_000;
const NAMES_TOLD_MAX: usize = 3;

/// No point of the plan is selected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no point is selected by {}{}", asked(.filters, .tags), told(.near, .tags))]
pub struct NothingSelected {
    /// The filters, as given.
    pub filters: Vec<String>,
    /// The tags, as given.
    pub tags: Vec<String>,
    /// Names of workloads, or tags, that may have been meant, the nearest first; some of those
    /// that there are where none is near.
    pub near: Vec<String>,
}

fn asked(filters: &[String], tags: &[String]) -> String {
    let quoted = |words: &[String]| {
        words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ")
    };
    match (filters, tags) {
        ([], tags) => format!("the tag {}", quoted(tags)),
        (filters, []) => quoted(filters),
        (filters, tags) => format!("{} with the tag {}", quoted(filters), quoted(tags)),
    }
}

fn told(near: &[String], tags: &[String]) -> String {
    match near {
        [] if tags.is_empty() => String::new(),
        [] => "; no workload has `tags`".to_owned(),
        [only] => format!("; there is {only}"),
        several => format!("; there are {}", several.join(", ")),
    }
}

/// Keeps the points that match any of `filters` and have any of `tags`; an empty slice asks for
/// nothing. Returns one [`NothingSelected`] for each filter and each tag that no point of the plan
/// matches, which may be a slip although others matched.
///
/// A filter is a part of the point's identity, or, where it has `*`, `?` or `[`, a glob of the
/// whole identity or of the workload's whole name. The order stays as it is.
///
/// # Errors
/// [`NothingSelected`] when no point is left; the plan is then as it was.
pub fn select(
    plan: &mut PlanDoc,
    filters: &[String],
    tags: &[String],
) -> Result<Vec<NothingSelected>, NothingSelected> {
    let is_selected = |point: &PlannedPoint| {
        (filters.is_empty() || filters.iter().any(|filter| matches(filter, point)))
            && (tags.is_empty() || tags.iter().any(|tag| point.tags.contains(tag)))
    };
    if plan.points.iter().any(is_selected) {
        let unmatched = unmatched(plan, filters, tags);
        plan.points.retain(is_selected);
        prune(plan);
        return Ok(unmatched);
    }
    let is_filtered = |filter: &String| plan.points.iter().any(|point| matches(filter, point));
    let near = if filters.is_empty() || filters.iter().any(is_filtered) {
        near_tags(plan, tags)
    } else {
        near_workloads(plan, filters)
    };
    Err(NothingSelected { filters: filters.to_vec(), tags: tags.to_vec(), near })
}

/// The filters and tags that no point has, each by itself.
fn unmatched(plan: &PlanDoc, filters: &[String], tags: &[String]) -> Vec<NothingSelected> {
    let is_lost =
        |filter: &&String| !plan.points.iter().any(|point| matches(filter.as_str(), point));
    let filters = filters.iter().filter(is_lost).map(|filter| {
        let filters = vec![filter.clone()];
        let near = near_workloads(plan, &filters);
        NothingSelected { filters, tags: Vec::new(), near }
    });
    let is_nowhere = |tag: &&String| !plan.points.iter().any(|point| point.tags.contains(*tag));
    let tags = tags.iter().filter(is_nowhere).map(|tag| {
        let tags = vec![tag.clone()];
        let near = near_tags(plan, &tags);
        NothingSelected { filters: Vec::new(), tags, near }
    });
    filters.chain(tags).collect()
}

fn near_workloads(plan: &PlanDoc, filters: &[String]) -> Vec<String> {
    near_names(filters, plan.points.iter().map(|point| point.point.function.as_str()))
}

fn near_tags(plan: &PlanDoc, tags: &[String]) -> Vec<String> {
    near_names(tags, plan.points.iter().flat_map(|point| point.tags.iter().map(String::as_str)))
}

fn matches(filter: &str, point: &PlannedPoint) -> bool {
    let identity = point.point.to_string();
    // An identity may itself have brackets, so a copied one is looked for by its letters first.
    identity.contains(filter)
        || (filter.contains(['*', '?', '['])
            && (glob::matches(filter, &identity)
                || glob::matches(filter, point.point.function.as_str())))
}

/// Whether a filter selects a workload by its name alone.
pub(crate) fn matches_name(filter: &str, name: &str) -> bool {
    name.contains(filter) || (filter.contains(['*', '?', '[']) && glob::matches(filter, name))
}

/// The names nearest to any of `wanted`, or the first ones where none is near; three at most.
#[must_use]
pub fn near_names<'n>(wanted: &[String], names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let names: BTreeSet<&str> = names.take(NAMES_COMPARED_MAX).collect();
    let nearest = |name: &&str| {
        let parts = name.split('/').chain([*name]);
        let near = parts.flat_map(|part| wanted.iter().filter_map(|word| distance(word, part)));
        near.min()
    };
    let mut near: Vec<(usize, &str)> =
        names.iter().filter_map(|name| Some((nearest(name)?, *name))).collect();
    near.sort_unstable();
    let near = near.into_iter().map(|(_, name)| name);
    let mut told: Vec<String> = near.take(NAMES_TOLD_MAX).map(str::to_owned).collect();
    if told.is_empty() {
        told.extend(names.iter().take(NAMES_TOLD_MAX).map(|name| (*name).to_owned()));
    }
    told
}

#[cfg(test)]
mod tests;
