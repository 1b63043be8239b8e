//! What is said of implementations of one thing.

use tacho_schema::{Agreement, Answer, VariantNumber, VariantsDoc, VariantsPoint};

use crate::phrase::counted;
use crate::text::{clean, shorten_end};

/// The beginning of an answer in a sentence, in columns.
const PREVIEW_COLUMNS_MAX: usize = 60;

/// The line above everything.
#[must_use]
pub fn heading(doc: &VariantsDoc) -> String {
    format!(
        "{}: {}, against {}",
        clean(&doc.group),
        counted(doc.variants.len() as u64, "implementation"),
        clean(&doc.reference)
    )
}

/// Whether the implementations agree, before anything is said of their speed.
#[must_use]
pub fn agreement(doc: &VariantsDoc) -> String {
    let common = doc.points.iter().filter(|point| point.variants.len() > 1).count() as u64;
    let places = counted(common, "common parameter");
    match doc.agreement {
        _ if common == 0 => "answers: no two implementations were measured at one parameter, so \
                             there is nothing to compare"
            .to_owned(),
        Agreement::Agree => format!("answers: the same at {places}"),
        Agreement::Partly => format!(
            "answers: the same where they are known; at {} of {places} an implementation gave no \
             `result_hash` and is unchecked",
            doc.points.iter().filter(|point| is_open(point)).count()
        ),
        Agreement::Unchecked => format!(
            "answers: unchecked at {places}: fewer than two implementations gave a `result_hash`"
        ),
        Agreement::Differ => {
            let all = doc.points.iter().filter(|point| point.agreement == Agreement::Differ);
            format!(
                "answers differ at {} of {places}: there is no ratio where one differs from the \
                 reference's",
                all.count()
            )
        }
    }
}

fn is_open(point: &VariantsPoint) -> bool {
    point.variants.len() > 1 && matches!(point.agreement, Agreement::Partly | Agreement::Unchecked)
}

/// Where answers differ first.
#[must_use]
pub fn divergence(point: &VariantsPoint) -> String {
    let place = match point.param {
        Some(param) => format!("n = {param}"),
        None if point.at.is_empty() => "the only parameter".to_owned(),
        None => clean(&point.at).into_owned(),
    };
    format!("first at {place}:")
}

/// What one implementation answered there: its hashes, and the beginning of its result.
#[must_use]
pub fn answered(variant: &VariantNumber) -> String {
    let name = clean(&variant.workload);
    let Some(Answer { result_hash, result_preview, other_hash }) = &variant.answer else {
        return format!("{name}: unknown");
    };
    let other = other_hash
        .as_ref()
        .map_or_else(String::new, |other| format!(", and in another process {}", clean(other)));
    let preview = result_preview.as_ref().map_or_else(String::new, |preview| {
        format!(": {}", shorten_end(&clean(preview), PREVIEW_COLUMNS_MAX, "…"))
    });
    format!("{name}: {}{other}{preview}", clean(result_hash))
}
