//! The documents of `--json`: one object each, with its `schema_version`, pretty-printed.

use tacho_schema::version::Version;
use tacho_schema::{Baseline, BaselinesDoc, DoctorDoc, HistoryDoc, HistoryItem, SummaryDoc};

use crate::history::HistoryEntry;
use crate::phrase;

/// `tacho show --json`: the summary as it is.
#[must_use]
pub fn summary(doc: &SummaryDoc) -> String {
    pretty(serde_json::to_string_pretty(doc))
}

/// `tacho history --json`: a [`HistoryDoc`], in the order given.
#[must_use]
pub fn history(entries: &[HistoryEntry<'_>]) -> String {
    let captures = entries.iter().map(item).collect();
    pretty(serde_json::to_string_pretty(&HistoryDoc { schema_version: Version, captures }))
}

/// `tacho baseline list --json`: a [`BaselinesDoc`], in the order given.
#[must_use]
pub fn baselines(baselines: &[Baseline]) -> String {
    let doc = BaselinesDoc { schema_version: Version, baselines: baselines.to_vec() };
    pretty(serde_json::to_string_pretty(&doc))
}

/// `tacho doctor --json`: the examination as it is.
#[must_use]
pub fn doctor(doc: &DoctorDoc) -> String {
    pretty(serde_json::to_string_pretty(doc))
}

pub(crate) fn pretty(encoded: Result<String, serde_json::Error>) -> String {
    encoded.expect("a document holds numbers, texts and maps from text, all of which JSON can say")
        + "\n"
}

fn item(entry: &HistoryEntry<'_>) -> HistoryItem {
    let (header, summary) = (entry.header, entry.summary);
    HistoryItem {
        id: header.id.clone(),
        status: summary.state,
        cut_short: summary.cut_short,
        started_unix_ms: header.started_unix_ms,
        ended_unix_ms: summary.ended_unix_ms,
        points: summary.points,
        rows: summary.rows,
        failed_rows: phrase::failed_rows(summary),
        skipped: summary.skipped.len() as u64,
        seed: header.seed,
        project: header.project.clone(),
        git_commit: header.env.git_commit.clone(),
        git_dirty: header.env.git_dirty,
        manifest: header.manifest.clone(),
        invocation: header.invocation.clone(),
        baselines: entry.baselines.to_vec(),
    }
}

#[cfg(test)]
mod tests;
