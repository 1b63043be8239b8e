//! What is said of a verification.

use tacho_schema::{Nanos, Status, VerifyDoc, VerifyItem};

use crate::phrase::{counted, outcome};
use crate::text::clean;

/// The word beside a point's answer.
#[must_use]
pub fn item_outcome(item: &VerifyItem) -> String {
    match item.status {
        // Nothing tells whether the answer is right.
        Status::Ok if item.result_hash.is_none() || item.expected_hash.is_none() => {
            "ran".to_owned()
        }
        // It ran, and says itself that something went wrong.
        Status::Error => "error".to_owned(),
        status => outcome(status, None, None),
    }
}

/// What exactly went wrong, where it did.
#[must_use]
pub fn item_detail(item: &VerifyItem) -> Option<String> {
    let Some(error) = &item.error else { return wrong_answer(item) };
    let error = clean(error);
    let printed = item.last_printed.as_deref().map(clean);
    Some(match printed.filter(|line| !error.contains(line.as_ref())) {
        Some(line) => format!("{error}; it last printed: {line}"),
        None => error.into_owned(),
    })
}

/// That it answered otherwise than it must, or than another implementation does.
fn wrong_answer(item: &VerifyItem) -> Option<String> {
    let (found, wanted) = item.result_hash.as_ref().zip(item.expected_hash.as_ref())?;
    let (found, wanted) = (clean(found), clean(wanted));
    (item.status == Status::WrongAnswer).then(|| match &item.reference {
        Some(held) => format!("its answer is {found}, and that of {} is {wanted}", clean(held)),
        None => format!("answered {found}, expected {wanted}"),
    })
}

/// The summary: how many workloads, in what time, and what was wrong.
#[must_use]
pub fn verified(doc: &VerifyDoc) -> String {
    let mut worst: Vec<(&str, Status, bool)> = Vec::new();
    // Behind a rung that is right the cap is a ladder's designed end.
    let is_end = |status| status == Status::KilledAtCap;
    for item in &doc.items {
        let is_checked = item.result_hash.is_some() && item.expected_hash.is_some();
        match worst.iter_mut().find(|(workload, ..)| *workload == item.workload) {
            Some((_, status, checked)) => {
                *checked &= is_checked || is_end(item.status);
                if *status == Status::Ok && !is_end(item.status) {
                    *status = item.status;
                }
            }
            None => worst.push((&item.workload, item.status, is_checked)),
        }
    }
    let elapsed = Nanos(doc.elapsed_nanos as f64);
    let workloads = counted(worst.len() as u64, "workload");
    let mut text = format!("{workloads} verified in {elapsed}");
    let of =
        |wanted: Status| worst.iter().filter(|(_, status, _)| *status == wanted).count() as u64;
    let wrong = of(Status::WrongAnswer);
    if wrong > 0 {
        text += &format!(", {}", counted(wrong, "wrong answer"));
    }
    let bad = worst.len() as u64 - wrong - of(Status::Ok);
    if bad > 0 {
        text += &format!(", {bad} failed");
    }
    if !doc.skipped.is_empty() {
        text += &format!(", {} skipped", counted(doc.skipped.len() as u64, "point"));
    }
    let open =
        worst.iter().filter(|(_, status, checked)| *status == Status::Ok && !checked).count();
    if open > 0 {
        text += &format!("; {open} only ran, without an answer to check");
    }
    text
}
