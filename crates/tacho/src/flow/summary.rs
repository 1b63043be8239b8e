//! From rows to the document that tables and `--json` show.

use tacho_judge::{Collected, against_baseline, against_first};
use tacho_schema::{
    Baseline, CaptureHeader, CaptureId, CaptureState, CaptureSummary, PlanDoc, SummaryDoc,
};
use tacho_store::{Query, Store};

use crate::failure::Failure;
use crate::project::store_failure;

/// Captures that are named where several could be meant.
const NAMED_MAX: u32 = 3;

/// The summaries of a capture, with changes against `reference` (a name and its rows), or against
/// the first command; with `auto_fit`, which models fit its ladders.
pub(crate) fn document(
    header: CaptureHeader,
    summary: CaptureSummary,
    plan: &PlanDoc,
    rows: &Collected,
    reference: Option<&(String, Collected)>,
    auto_fit: bool,
) -> SummaryDoc {
    let mut points = rows.summaries(Some(plan), &header);
    match reference {
        Some((name, old)) => against_baseline(&mut points, rows, old, name),
        None => against_first(&mut points, rows, Some(plan), &header),
    }
    let (ladders, drift) = (rows.ladders(plan, &header, auto_fit), rows.drift(plan));
    let schema_version = tacho_schema::version::Version;
    SummaryDoc { schema_version, capture: header, summary, points, ladders, drift }
}

/// The rows of the capture behind the baseline `name`.
///
/// # Errors
/// There is no such name, or the store cannot be read.
pub(crate) fn baseline_rows(store: &dyn Store, name: &str) -> Result<Collected, Failure> {
    let baseline = find_baseline(store, name)?;
    let mut rows = Collected::default();
    store
        .rows(&baseline.capture, &mut |row| rows.add(&row))
        .map_err(|error| store_failure("read the baseline", &error))?;
    Ok(rows)
}

/// The baseline `name`.
///
/// # Errors
/// There is no such name: the message has near ones.
pub(crate) fn find_baseline(store: &dyn Store, name: &str) -> Result<Baseline, Failure> {
    let all = store.baselines().map_err(|error| store_failure("read the baselines", &error))?;
    match all.iter().find(|baseline| baseline.name == name) {
        Some(baseline) => Ok(baseline.clone()),
        None => Err(no_baseline(name, &all)),
    }
}

/// What is said when a baseline does not exist.
pub(crate) fn no_baseline(name: &str, all: &[Baseline]) -> Failure {
    let near = all
        .iter()
        .map(|baseline| (strsim::damerau_levenshtein(&baseline.name, name), &baseline.name))
        .min();
    let failure = Failure::usage(format!("there is no baseline `{name}`"));
    match near {
        None => failure.hint(format!("`tacho run --save-baseline {name}` makes one")),
        Some((distance, near)) if distance <= 2.max(name.len() / 3) => {
            failure.hint(format!("did you mean `{near}`?"))
        }
        Some(_) => failure.hint("`tacho baseline list` shows what there is"),
    }
}

/// The capture that `text` means: `latest`, a baseline's name, or the start of an identity.
///
/// # Errors
/// Nothing is meant, or several are.
pub(crate) fn find_capture(
    store: &dyn Store,
    text: &str,
    complete_only: bool,
) -> Result<CaptureId, Failure> {
    if text.is_empty() {
        return Err(Failure::usage("the name of the capture is empty")
            .hint("`latest` is the newest, `tacho history` lists them all"));
    }
    if text == "latest" {
        return latest(store, complete_only);
    }
    let all = store.baselines().map_err(|error| store_failure("read the baselines", &error))?;
    if let Some(baseline) = all.iter().find(|baseline| baseline.name == text) {
        return Ok(baseline.capture.clone());
    }
    let query = Query { limit: Some(NAMED_MAX + 1), id_prefix: Some(text.to_owned()) };
    let found =
        store.captures(&query).map_err(|error| store_failure("list the captures", &error))?;
    match found.as_slice() {
        [only] => Ok(only.header.id.clone()),
        [] => Err(Failure::usage(format!("there is no capture or baseline `{text}`"))
            .hint("`tacho history` lists the captures, `tacho baseline list` the baselines")),
        several => {
            if let Some(exact) = several.iter().find(|entry| entry.header.id.as_str() == text) {
                return Ok(exact.header.id.clone());
            }
            let named = several.iter().take(NAMED_MAX as usize);
            let mut names: Vec<_> = named.map(|entry| entry.header.id.to_string()).collect();
            if several.len() > names.len() {
                names.push("more".to_owned());
            }
            Err(Failure::usage(format!("`{text}` could be {}", names.join(" or ")))
                .hint("give more of its identity"))
        }
    }
}

fn latest(store: &dyn Store, complete_only: bool) -> Result<CaptureId, Failure> {
    let limit = if complete_only { None } else { Some(1) };
    let query = Query { limit, id_prefix: None };
    let all = store.captures(&query).map_err(|error| store_failure("list the captures", &error))?;
    let newest = all
        .into_iter()
        .find(|entry| !complete_only || entry.summary.state == CaptureState::Complete);
    newest.map(|entry| entry.header.id).ok_or_else(|| no_captures(complete_only))
}

/// What is said when there is nothing to show.
pub(crate) fn no_captures(complete_only: bool) -> Failure {
    let kind = if complete_only { "complete captures" } else { "captures" };
    Failure::usage(format!("there are no {kind} yet")).hint("`tacho run` measures and keeps one")
}
