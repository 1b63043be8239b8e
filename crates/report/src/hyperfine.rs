//! hyperfine's `--export-json`: what scripts around hyperfine read, byte for byte in its layout.

use serde_json::{Value, json};
use tacho_schema::Spread;

/// One command's runs, with the numbers that were computed from them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HyperfineRuns<'a> {
    /// The command as the user wrote it, parameters filled in.
    pub command: &'a str,
    /// Wall time in nanoseconds; `None` when no run ended well.
    pub wall: Option<&'a Spread>,
    /// CPU time in user mode in nanoseconds; its mean is written, null for `None`.
    pub user: Option<&'a Spread>,
    /// CPU time in the kernel, likewise.
    pub system: Option<&'a Spread>,
    /// Wall time of each run in nanoseconds, in the order of the runs.
    pub times_nanos: &'a [u64],
    /// Peak memory of each run in bytes, in the same order; left out when empty.
    pub memory_bytes: &'a [u64],
    /// Exit code of each run, in the same order; null for a run that a signal ended.
    pub exit_codes: &'a [Option<i32>],
    /// Name and value of each parameter; left out when empty.
    pub parameters: &'a [(String, String)],
}

/// The document: `{"results": […]}` with an entry for each of `runs`, all times in seconds.
///
/// A command of which no run ended well is left out: hyperfine writes no result without numbers,
/// and what reads its files formats `mean` without asking whether it is null.
///
/// Keys, their order, the indentation and the line feed at the end are hyperfine's.
#[must_use]
pub fn export(runs: &[HyperfineRuns<'_>]) -> String {
    let results: Vec<String> =
        runs.iter().filter_map(|runs| Some(result(runs, runs.wall?))).collect();
    if results.is_empty() {
        return "{\n  \"results\": []\n}\n".to_owned();
    }
    format!("{{\n  \"results\": [\n{}\n  ]\n}}\n", results.join(",\n"))
}

fn result(runs: &HyperfineRuns<'_>, wall: &Spread) -> String {
    let fields: Vec<String> = fields(runs, wall)
        .into_iter()
        // A text in JSON has no line feed of its own: each one is of the layout.
        .map(|(key, value)| {
            format!("      \"{key}\": {}", format!("{value:#}").replace('\n', "\n      "))
        })
        .collect();
    format!("    {{\n{}\n    }}", fields.join(",\n"))
}

fn fields(runs: &HyperfineRuns<'_>, wall: &Spread) -> Vec<(&'static str, Value)> {
    let mean = |spread: Option<&Spread>| spread.map(|spread| seconds(spread.mean));
    let times: Vec<f64> = runs.times_nanos.iter().map(|nanos| seconds(*nanos as f64)).collect();
    let mut fields = vec![
        ("command", json!(runs.command)),
        ("mean", json!(seconds(wall.mean))),
        ("stddev", json!(wall.stddev.map(seconds))),
        ("median", json!(seconds(wall.median))),
        ("user", json!(mean(runs.user))),
        ("system", json!(mean(runs.system))),
        ("min", json!(seconds(wall.min))),
        ("max", json!(seconds(wall.max))),
        ("times", json!(times)),
    ];
    if !runs.memory_bytes.is_empty() {
        fields.push(("memory_usage_byte", json!(runs.memory_bytes)));
    }
    fields.push(("exit_codes", json!(runs.exit_codes)));
    if !runs.parameters.is_empty() {
        let named = runs.parameters.iter().map(|(name, value)| (name.clone(), json!(value)));
        fields.push(("parameters", Value::Object(named.collect())));
    }
    fields
}

fn seconds(nanos: f64) -> f64 {
    nanos / 1e9
}

#[cfg(test)]
mod tests;
