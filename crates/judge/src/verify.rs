//! Whether every workload still works: how each point ended, and whether its answer is right.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tacho_schema::{CaptureHeader, PlanDoc, PlannedPoint, Status, VariantsDoc, VerifyItem};

use crate::collect::{Collected, PointRows};
use crate::variants::variants;

/// So much is told of the last line that a failed run printed.
const PRINTED_CHARACTERS_MAX: usize = 200;

/// One item for each point of `plan` with a row, and for each stage that it printed, in the plan's
/// order.
///
/// An answer is wrong where the row says so, and where another implementation of the same thing
/// answers otherwise: which of both is wrong nobody knows, so the one that is not the reference
/// gets the word. Where nothing was declared it is the reference's answer that is expected.
#[must_use]
pub fn verified(rows: &Collected, plan: &PlanDoc, header: &CaptureHeader) -> Vec<VerifyItem> {
    let planned: HashMap<String, &PlannedPoint> =
        plan.points.iter().map(|planned| (planned.point.to_string(), planned)).collect();
    let known: HashMap<String, &PointRows> =
        rows.points().iter().map(|rows| (rows.point.to_string(), rows)).collect();
    let groups: BTreeSet<&String> =
        plan.points.iter().filter_map(|planned| planned.variant_of.as_ref()).collect();
    let held: BTreeMap<String, Held> =
        groups.into_iter().flat_map(|group| held(&variants(rows, plan, header, group))).collect();
    let order = rows.summaries(Some(plan), header);
    let items = order.iter().filter_map(|summary| {
        let rows = known.get(&summary.point)?;
        let declared = planned.get(&summary.point).and_then(|planned| planned.wire.as_ref());
        let declared = declared.and_then(|wire| wire.expected_hash.clone());
        Some(item(rows, declared, held.get(&summary.point)))
    });
    items.collect()
}

/// The answer that another implementation's is held against.
struct Held {
    reference: String,
    result_hash: String,
}

fn item(rows: &PointRows, declared: Option<String>, held: Option<&Held>) -> VerifyItem {
    let failed = rows.first_failure();
    let failures = failed.and_then(|status| rows.failures.get(&status));
    let answer = rows.answers.found().map(|answer| answer.result_hash);
    let differs = held.zip(answer.as_ref()).is_some_and(|(held, own)| held.result_hash != *own);
    // What was declared counts before what another answers, unless just that is what differs.
    let held = held.filter(|_| declared.is_none() || (differs && failed.is_none()));
    let wanted = held.map(|held| held.result_hash.clone());
    VerifyItem {
        point: rows.point.to_string(),
        workload: rows.point.function.to_string(),
        status: failed.unwrap_or(if differs { Status::WrongAnswer } else { Status::Ok }),
        error: failures.and_then(|failures| failures.error.clone()),
        result_hash: answer,
        expected_hash: wanted.or(declared),
        reference: held.map(|held| held.reference.clone()),
        last_printed: failures.and_then(|failures| last_line(failures.output_tail.as_deref()?)),
    }
}

fn last_line(printed: &str) -> Option<String> {
    let line = printed.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().take(PRINTED_CHARACTERS_MAX).collect())
}

/// The points that have a reference with an answer, and that answer.
fn held(doc: &VariantsDoc) -> Vec<(String, Held)> {
    let mut found = Vec::new();
    for point in &doc.points {
        let Some((first, others)) = point.variants.split_first() else { continue };
        let Some(answer) = first.answer.as_ref().filter(|_| first.workload == doc.reference) else {
            continue;
        };
        for variant in others {
            let held =
                Held { reference: first.workload.clone(), result_hash: answer.result_hash.clone() };
            found.push((format!("{}{}", variant.workload, point.at), held));
        }
    }
    found
}
