//! Implementations of one thing: first whether their answers agree, then the ratios of their times.

use std::collections::{BTreeMap, BTreeSet};

use tacho_schema::{
    Agreement, Answer, CaptureHeader, Metric, Name, PlanDoc, Point, Statistic, VariantNumber,
    VariantsDoc, VariantsPoint, version::Version,
};
use tacho_stats::median;

use crate::collect::{Collected, PointRows};
use crate::compare::change;
use crate::drift::Widening;
use crate::summarize::interval_of_median;

/// The implementations of `group` in `plan`, held against the workload that has the group's name,
/// else against the first.
///
/// Answers are compared by their hashes at every parameter that two implementations were measured
/// at. The ratio is Hodges and Lehmann's over the processes' times with its exact interval, as
/// everywhere. Where an implementation's answer differs from the reference's it has none: how fast
/// a wrong answer comes is no comparison. Where an answer is not known the ratio is given, and the
/// document says that it is unchecked. A group that nothing belongs to has no variants.
#[must_use]
pub fn variants(
    rows: &Collected,
    plan: &PlanDoc,
    header: &CaptureHeader,
    group: &str,
) -> VariantsDoc {
    let names = workloads(plan, group);
    let mut points: Vec<VariantsPoint> = places(plan, &names)
        .into_iter()
        .map(|place| at(rows, &names, &place))
        .filter(|point| !point.variants.is_empty())
        .collect();
    if let Some(widening) = Widening::of(rows, plan) {
        points.iter_mut().for_each(|point| widen(point, &widening));
    }
    let differs = |point: &VariantsPoint| point.agreement == Agreement::Differ;
    let divergence = points.iter().position(differs).map(|place| place as u64);
    VariantsDoc {
        schema_version: Version,
        capture: header.id.clone(),
        group: group.to_owned(),
        reference: names.first().map_or_else(String::new, ToString::to_string),
        variants: names.iter().map(ToString::to_string).collect(),
        agreement: overall(&points),
        divergence,
        points,
    }
}

/// Adds the machine's wandering to the intervals of implementations that time themselves.
fn widen(point: &mut VariantsPoint, widening: &Widening) {
    for variant in &mut point.variants {
        if let (Some(interval), Some(centre)) = (&mut variant.interval, variant.per_call_nanos) {
            widening.apply(&format!("{}{}", variant.workload, point.at), centre, interval);
        }
    }
}

/// The workloads of the group, the reference first, then in the plan's order.
fn workloads<'a>(plan: &'a PlanDoc, group: &str) -> Vec<&'a Name> {
    let mut names: Vec<&Name> = Vec::new();
    let mut known = BTreeSet::new();
    for planned in &plan.points {
        let name = &planned.point.function;
        let belongs = planned.variant_of.as_deref() == Some(group) || name.as_str() == group;
        if belongs && known.insert(name.as_str()) {
            names.push(name);
        }
    }
    names.sort_by_key(|name| name.as_str() != group);
    names
}

/// What the group's points were planned at, each as a point of the reference: by parameter, then
/// by the rest of their identity.
fn places(plan: &PlanDoc, names: &[&Name]) -> Vec<Point> {
    let Some(reference) = names.first() else { return Vec::new() };
    let known: BTreeSet<&str> = names.iter().map(|name| name.as_str()).collect();
    let own = plan.points.iter().filter(|it| known.contains(it.point.function.as_str()));
    let place = |point: &Point| Point { function: (*reference).clone(), ..point.clone() };
    let places: BTreeMap<_, Point> = own
        .map(|planned| place(&planned.point))
        .map(|point| ((point.param, point.to_string()), point))
        .collect();
    places.into_values().collect()
}

fn at(rows: &Collected, names: &[&Name], place: &Point) -> VariantsPoint {
    let own = |name: &Name| {
        let point = Point { function: name.clone(), ..place.clone() };
        rows.find(&point).map(|place| &rows.points()[place])
    };
    let found: Vec<(&Name, &PointRows)> =
        names.iter().filter_map(|name| Some((*name, own(name)?))).collect();
    let reference = found.first().filter(|(name, _)| Some(name) == names.first());
    let held = reference.map(|(name, rows)| (*name, *rows, rows.answers.found()));
    let number = |(name, rows): &(&Name, &PointRows)| number(name, rows, held.as_ref());
    let variants: Vec<VariantNumber> = found.iter().map(number).collect();
    let identity = place.to_string();
    VariantsPoint {
        at: identity[place.function.as_str().len()..].to_owned(),
        param: place.param,
        agreement: agreement(&variants),
        variants,
    }
}

/// The reference of a parameter: its workload, its rows and its answer.
type Held<'a> = (&'a Name, &'a PointRows, Option<Answer>);

fn number(name: &Name, rows: &PointRows, reference: Option<&Held<'_>>) -> VariantNumber {
    let walls = rows.samples(Metric::Wall);
    let answer = rows.answers.found();
    let change = reference.filter(|(held, ..)| *held != name).and_then(|(held, base, theirs)| {
        let base = base.samples(Metric::Wall);
        let comparable = !differ([theirs.as_ref(), answer.as_ref()].into_iter().flatten());
        comparable.then(|| change(held.as_str(), base, walls, Statistic::Median)).flatten()
    });
    VariantNumber {
        workload: name.to_string(),
        processes: walls.len() as u64,
        per_call_nanos: median(walls).ok(),
        interval: interval_of_median(walls),
        failed: rows.first_failure(),
        answer,
        change,
    }
}

/// Whether two of these answers are different ones.
fn differ<'a>(answers: impl Iterator<Item = &'a Answer>) -> bool {
    let mut first = None;
    for answer in answers {
        let known = *first.get_or_insert(&answer.result_hash);
        if answer.other_hash.is_some() || *known != answer.result_hash {
            return true;
        }
    }
    false
}

fn agreement(variants: &[VariantNumber]) -> Agreement {
    let known = variants.iter().filter_map(|variant| variant.answer.as_ref());
    if differ(known.clone()) {
        return Agreement::Differ;
    }
    match known.count() {
        0 | 1 => Agreement::Unchecked,
        known if known < variants.len() => Agreement::Partly,
        _ => Agreement::Agree,
    }
}

/// The agreement over the parameters at which there are two implementations to compare.
fn overall(points: &[VariantsPoint]) -> Agreement {
    let common = || points.iter().filter(|point| point.variants.len() > 1);
    let is = |wanted| move |point: &VariantsPoint| point.agreement == wanted;
    if points.iter().any(is(Agreement::Differ)) {
        Agreement::Differ
    } else if common().all(is(Agreement::Unchecked)) {
        Agreement::Unchecked
    } else if common().all(is(Agreement::Agree)) {
        Agreement::Agree
    } else {
        Agreement::Partly
    }
}
