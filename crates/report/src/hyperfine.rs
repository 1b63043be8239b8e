//! hyperfine's `--export-json`: what its plotting scripts and other programs read.
//!
//! Its version 2 gave every key another place. A reader of either finds what it looks for in
//! [`document`], but for two keys that both have and mean differently; whoever needs those as
//! version 1 had them reads [`document_1`].

use serde_json::{Map, Value, json};
use tacho_schema::{CaptureHeader, Metric, Spread};

use crate::export::{Exported, ExportedRun};

/// The metrics of hyperfine 2 that a row has, by their names there.
const METRICS: [(Metric, &str, &str); 5] = [
    (Metric::Wall, "time_wall_clock", "second"),
    (Metric::Cpu, "time_cpu", "second"),
    (Metric::User, "time_user", "second"),
    (Metric::System, "time_system", "second"),
    (Metric::PeakRss, "memory_peak_resident", "byte"),
];

/// hyperfine 2's document (its schema version 2), with the keys of version 1 beside: all times in
/// seconds, memory in bytes.
///
/// As in version 2, `command` is the command even where it has a name, which is `name`, and each
/// of the `parameters` is an object with a `value`. The `metadata` names us, not hyperfine. What
/// was not measured in a run is left out of its entry.
#[must_use]
pub(crate) fn document(points: &[Exported<'_>], header: &CaptureHeader) -> String {
    let metadata = json!({
        "tacho_version": header.env.tacho_version,
        "start_time": header.env.timestamp_iso,
        "platform": { "os": header.env.os, "architecture": header.env.arch },
    });
    let results = points.iter().filter_map(|point| {
        let wall = point.summary.spread(Metric::Wall)?;
        Some(entry(&[names(point), fields(point, wall), fields_2(point)].concat()))
    });
    format!(
        "{{\n  \"schema_version\": 2,\n  \"metadata\": {metadata},\n  \"primary_metric\": \
         \"time_wall_clock\",\n{}",
        list(&results.collect::<Vec<_>>()),
    )
}

/// hyperfine 1's document: `{"results": […]}` with an entry for each point, all times in seconds.
///
/// Keys, their order, the indentation and the line feed at the end are hyperfine 1's: `command` is
/// the name where there is one, parameters are texts.
#[must_use]
pub(crate) fn document_1(points: &[Exported<'_>]) -> String {
    let results = points.iter().filter_map(|point| {
        let wall = point.summary.spread(Metric::Wall)?;
        let mut fields = fields(point, wall);
        fields.insert(0, Field::new("command", &json!(point.summary.label)));
        if !point.parameters.is_empty() {
            fields.push(Field::new("parameters", &parameters(point, |value| json!(value))));
        }
        Some(entry(&fields))
    });
    format!("{{\n{}", list(&results.collect::<Vec<_>>()))
}

/// One key of a result and its text, which may have several lines.
#[derive(Clone)]
struct Field {
    key: &'static str,
    text: String,
}

impl Field {
    fn new(key: &'static str, value: &Value) -> Self {
        Self { key, text: format!("{value:#}") }
    }
}

/// `results` and the end of the document.
fn list(results: &[String]) -> String {
    if results.is_empty() {
        return "  \"results\": []\n}\n".to_owned();
    }
    format!("  \"results\": [\n{}\n  ]\n}}\n", results.join(",\n"))
}

fn entry(fields: &[Field]) -> String {
    // A text in JSON has no line feed of its own: each one is of the layout.
    let line = |it: &Field| format!("      \"{}\": {}", it.key, it.text.replace('\n', "\n      "));
    let lines: Vec<String> = fields.iter().map(line).collect();
    format!("    {{\n{}\n    }}", lines.join(",\n"))
}

/// What both versions have, or version 1 alone.
fn fields(point: &Exported<'_>, wall: &Spread) -> Vec<Field> {
    let mean = |metric| point.summary.spread(metric).map(|spread| seconds(spread.mean));
    let times: Vec<f64> = point.runs.iter().map(|run| seconds(run.wall_nanos)).collect();
    let memory: Vec<u64> = point.runs.iter().filter_map(|run| run.memory_bytes).collect();
    let codes: Vec<Option<i32>> = point.runs.iter().map(|run| run.exit_code).collect();
    let mut fields = vec![
        Field::new("mean", &json!(seconds(wall.mean))),
        Field::new("stddev", &json!(wall.stddev.map(seconds))),
        Field::new("median", &json!(seconds(wall.median))),
        Field::new("user", &json!(mean(Metric::User))),
        Field::new("system", &json!(mean(Metric::System))),
        Field::new("min", &json!(seconds(wall.min))),
        Field::new("max", &json!(seconds(wall.max))),
        Field::new("times", &json!(times)),
    ];
    if !memory.is_empty() {
        fields.push(Field::new("memory_usage_byte", &json!(memory)));
    }
    fields.push(Field::new("exit_codes", &json!(codes)));
    fields
}

/// What version 2 calls a result.
fn names(point: &Exported<'_>) -> Vec<Field> {
    let (label, command) = (&point.summary.label, &point.summary.command);
    let mut fields = vec![Field::new("command", &json!(command.as_ref().unwrap_or(label)))];
    if command.as_ref().is_some_and(|command| command != label) {
        fields.push(Field::new("name", &json!(label)));
    }
    fields
}

/// What version 2 alone has, or has differently.
fn fields_2(point: &Exported<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    if !point.parameters.is_empty() {
        fields.push(Field::new("parameters", &parameters(point, |it| json!({ "value": it }))));
    }
    // One line a run: as many as hyperfine's would be no easier to read.
    let runs: Vec<String> =
        point.runs.iter().map(|run| format!("  {}", measurement(run))).collect();
    fields.push(Field { key: "measurements", text: format!("[\n{}\n]", runs.join(",\n")) });
    let summaries = METRICS.iter().filter_map(|(metric, name, unit)| {
        Some(((*name).to_owned(), summary(point.summary.spread(*metric)?, unit)))
    });
    fields.push(Field::new("summary", &Value::Object(summaries.collect())));
    fields
}

fn measurement(run: &ExportedRun) -> Value {
    let exact = |nanos: f64| json!({ "value": seconds(nanos), "unit": "second" });
    let time = |nanos: u64| exact(nanos as f64);
    let cpu_nanos = run.user_nanos.zip(run.system_nanos);
    let numbers = [
        ("time_wall_clock", Some(exact(run.wall_nanos))),
        ("time_cpu", cpu_nanos.map(|(user, system)| time(user.saturating_add(system)))),
        ("time_user", run.user_nanos.map(time)),
        ("time_system", run.system_nanos.map(time)),
        (
            "memory_peak_resident",
            run.memory_bytes.map(|bytes| json!({ "value": bytes as f64, "unit": "byte" })),
        ),
        ("exit_code", Some(json!(run.exit_code))),
    ];
    let known = numbers.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(known.collect())
}

fn summary(spread: &Spread, unit: &str) -> Value {
    let base = |number: f64| if unit == "second" { seconds(number) } else { number };
    json!({
        "unit": unit,
        "count": spread.samples,
        "mean": base(spread.mean),
        "stddev": spread.stddev.map(base),
        "median": base(spread.median),
        "min": base(spread.min),
        "max": base(spread.max),
    })
}

fn parameters(point: &Exported<'_>, value: impl Fn(&str) -> Value) -> Value {
    let named = point.parameters.iter().map(|(name, it)| (name.clone(), value(it)));
    Value::Object(named.collect::<Map<String, Value>>())
}

fn seconds(nanos: f64) -> f64 {
    nanos / 1e9
}

#[cfg(test)]
mod tests;
