//! The documents of `--json`: one object each, with its `schema_version`, pretty-printed.

use serde_json::{Value, json};
use tacho_schema::{Baseline, SummaryDoc};

use crate::history::HistoryEntry;
use crate::phrase;

/// `tacho show --json`: the summary as it is.
#[must_use]
pub fn summary(doc: &SummaryDoc) -> String {
    let text = serde_json::to_string_pretty(doc);
    text.expect("a summary holds numbers, texts and maps from text, all of which JSON can say")
        + "\n"
}

/// `tacho history --json`: `{"schema_version":1,"captures":[…]}`, in the order given.
///
/// Each capture has `id`; `status` (`complete` or `cut_short`); `cut_short` (why, or null);
/// `started_unix_ms` and `ended_unix_ms`; `points`, `rows`, `failed_rows` (those whose status is
/// not `ok`) and `skipped` (points that were not fully measured) as numbers; `seed`;
/// `git_commit`, `git_dirty` and `manifest` (null where unknown); `invocation` (the words);
/// `baselines` (the names that stand for it).
#[must_use]
pub fn history(entries: &[HistoryEntry<'_>]) -> String {
    let captures: Vec<Value> = entries.iter().map(capture).collect();
    format!("{:#}\n", json!({ "schema_version": 1, "captures": captures }))
}

/// `tacho baseline list --json`: `{"schema_version":1,"baselines":[…]}`, in the order given.
///
/// Each baseline has `name`, `capture` (an identity) and `saved_unix_ms`.
#[must_use]
pub fn baselines(baselines: &[Baseline]) -> String {
    format!("{:#}\n", json!({ "schema_version": 1, "baselines": baselines }))
}

fn capture(entry: &HistoryEntry<'_>) -> Value {
    let (header, summary) = (entry.header, entry.summary);
    json!({
        "id": header.id,
        "status": summary.state,
        "cut_short": summary.cut_short,
        "started_unix_ms": header.started_unix_ms,
        "ended_unix_ms": summary.ended_unix_ms,
        "points": summary.points,
        "rows": summary.rows,
        "failed_rows": phrase::failed_rows(summary),
        "skipped": summary.skipped.len(),
        "seed": header.seed,
        "git_commit": header.env.git_commit,
        "git_dirty": header.env.git_dirty,
        "manifest": header.manifest,
        "invocation": header.invocation,
        "baselines": entry.baselines,
    })
}

#[cfg(test)]
mod tests;
