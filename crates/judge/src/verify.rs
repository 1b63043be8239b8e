//! Whether every workload still works: how each point ended, and whether its answer is right.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tacho_schema::{CaptureHeader, PlanDoc, PlannedPoint, Status, VariantsDoc, VerifyItem};

use crate::collect::{Collected, PointRows};
use crate::variants::variants;

/// One item for each point of `plan` with a row, and for each stage that it printed, in the plan's
/// order.
///
/// An answer is wrong where the row says so, and where another implementation of the same thing
/// answers otherwise: which of both is wrong nobody knows, so the one that is not the reference
/// gets the word.
#[must_use]
pub fn verified(rows: &Collected, plan: &PlanDoc, header: &CaptureHeader) -> Vec<VerifyItem> {
    let planned: HashMap<String, &PlannedPoint> =
        plan.points.iter().map(|planned| (planned.point.to_string(), planned)).collect();
    let known: HashMap<String, &PointRows> =
        rows.points().iter().map(|rows| (rows.point.to_string(), rows)).collect();
    let groups: BTreeSet<&String> =
        plan.points.iter().filter_map(|planned| planned.variant_of.as_ref()).collect();
    let differing: BTreeMap<String, String> = groups
        .into_iter()
        .flat_map(|group| differing(&variants(rows, plan, header, group)))
        .collect();
    let order = rows.summaries(Some(plan), header);
    let items = order.iter().filter_map(|summary| {
        let rows = known.get(&summary.point)?;
        let expected = planned.get(&summary.point).and_then(|planned| planned.wire.as_ref());
        let expected = expected.and_then(|wire| wire.expected_hash.clone());
        Some(item(rows, expected, differing.get(&summary.point)))
    });
    items.collect()
}

fn item(rows: &PointRows, expected_hash: Option<String>, differs: Option<&String>) -> VerifyItem {
    let failed = rows.first_failure();
    let error = failed.and_then(|status| rows.failures.get(&status)?.error.clone());
    let answer = rows.answers.found();
    VerifyItem {
        point: rows.point.to_string(),
        workload: rows.point.function.to_string(),
        status: failed.unwrap_or(if differs.is_some() { Status::WrongAnswer } else { Status::Ok }),
        error: error.or_else(|| differs.cloned()),
        result_hash: answer.map(|answer| answer.result_hash),
        expected_hash,
    }
}

/// The points whose answer is not the reference's, with a sentence about it.
fn differing(doc: &VariantsDoc) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for point in &doc.points {
        let answer = |place: usize| point.variants.get(place)?.answer.as_ref();
        let Some(reference) = answer(0) else { continue };
        for (place, variant) in point.variants.iter().enumerate().skip(1) {
            let Some(own) = answer(place).filter(|it| it.result_hash != reference.result_hash)
            else {
                continue;
            };
            let held = &point.variants[0].workload;
            found.push((
                format!("{}{}", variant.workload, point.at),
                format!(
                    "its answer is {}, and that of {held} is {}",
                    own.result_hash, reference.result_hash
                ),
            ));
        }
    }
    found
}
