//! A row as comma-separated values (RFC 4180): one line a row, the columns fixed by the capture.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Error;

use serde_json::Value;
use tacho_schema::Row;
use tacho_schema::row::CONDITION_KEYS;

/// The keys of a row that hold one value each, in the order of the schema.
const KEYS: [&str; 45] = [
    "schema_version",
    "kind",
    "function",
    "total_nanos",
    "status",
    "alloc_bytes",
    "peak_rss_kb",
    "param",
    "inner_repeats",
    "repeat_index",
    "per_call_nanos",
    "cache_mode",
    "result_hash",
    "error",
    "alloc_count",
    "alloc_scope",
    "rss_floor_kb",
    "parent_rss_kb",
    "user_nanos",
    "system_nanos",
    "instructions",
    "major_faults",
    "minor_faults",
    "voluntary_switches",
    "involuntary_switches",
    "stage",
    "variant",
    "threads",
    "exit_code",
    "signal",
    "sequence",
    "round",
    "block",
    "side",
    "process",
    "started_unix_ns",
    "leaked",
    "output_tail",
    "latency_histogram",
    "shared_machine",
    "output",
    "memory_limiter",
    "own_peak_rss_kb",
    "wait_peak_rss_kb",
    "result_preview",
];

/// The columns of a capture.
#[derive(Debug, Default)]
pub(super) struct Columns {
    params: BTreeSet<String>,
    metrics: BTreeSet<String>,
}

impl Columns {
    /// Makes room for a row's parameters and counters.
    pub(super) fn add(&mut self, row: &Row) {
        learn(&mut self.params, row.params.keys());
        learn(&mut self.metrics, row.metrics.keys());
    }

    /// The first line.
    pub(super) fn head(&self) -> String {
        let mut line = String::new();
        let conditions = CONDITION_KEYS.iter().map(|key| format!("conditions.{key}"));
        let params = self.params.iter().map(|name| format!("param.{name}"));
        let metrics = self.metrics.iter().map(|name| format!("metrics.{name}"));
        let keys = KEYS.iter().map(|&key| key.to_owned());
        for name in keys.chain(conditions).chain(params).chain(metrics) {
            field(&mut line, &name);
        }
        end(line)
    }

    /// A row's line.
    ///
    /// # Errors
    /// A number that JSON cannot say.
    pub(super) fn line(&self, row: &Row) -> Result<String, Error> {
        let row = serde_json::to_value(row)?;
        let mut line = String::new();
        for key in KEYS {
            value(&mut line, &row[key]);
        }
        for key in CONDITION_KEYS {
            value(&mut line, &row["conditions"][key]);
        }
        for (object, names) in [("params", &self.params), ("metrics", &self.metrics)] {
            for name in names {
                value(&mut line, &row[object][name]);
            }
        }
        Ok(end(line))
    }
}

/// Adds the names that are new: of a million rows hardly any has one.
fn learn<'r>(known: &mut BTreeSet<String>, names: impl Iterator<Item = &'r String>) {
    for name in names {
        if !known.contains(name) {
            known.insert(name.clone());
        }
    }
}

/// Adds a field with its comma. What was not measured is empty.
fn value(line: &mut String, value: &Value) {
    match value {
        Value::Null => line.push(','),
        Value::String(text) => field(line, text),
        number => _ = write!(line, "{number},"),
    }
}

/// Adds a text with its comma, in quotes where it needs them. The empty text has quotes too, by
/// which it is told from what was not measured.
fn field(line: &mut String, text: &str) {
    let is_plain = !text.is_empty() && !text.contains([',', '"', '\n', '\r']);
    match is_plain && text.trim() == text {
        true => line.push_str(text),
        false => _ = write!(line, "\"{}\"", text.replace('"', "\"\"")),
    }
    line.push(',');
}

/// Ends the line in place of the last comma.
fn end(mut line: String) -> String {
    line.pop();
    line.push_str("\r\n");
    line
}
