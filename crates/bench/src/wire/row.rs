//! The row that a child prints.

use serde_json::{Map, Value, json};

use super::request::Request;
use crate::batch::Batch;
use crate::memory;
use crate::{Params, Throughput, Workload};

/// The version of lines and rows.
pub(super) const SCHEMA_VERSION: u64 = 1;

/// The most sub-samples that a row has.
const SAMPLES_MAX: usize = 128;

/// Sub-samples are told to this part of a nanosecond.
const SAMPLE_STEPS: f64 = 1e5;

/// Nanoseconds of a second.
const SECOND_NANOS: f64 = 1e9;

/// A hash as rows and lists have it.
pub(super) fn hash_text(hash: u64) -> String {
    format!("{hash:#018x}")
}

/// The row of a batch that was measured.
pub(super) fn measured(workload: &Workload, request: &Request, batch: &Batch) -> Value {
    let mut row = head(workload, request, "ok");
    let mut unavailable = Map::new();
    let per_call_nanos = batch.per_call_nanos();
    set(&mut row, "total_nanos", (batch.total_nanos().round() as u64).into());
    set(&mut row, "inner_repeats", batch.calls().into());
    set(&mut row, "per_call_nanos", per_call_nanos.into());
    set(&mut row, "samples", samples(batch));
    set_memory(&mut row, &mut unavailable, batch);
    match &batch.answer.hash {
        Ok(hash) => set(&mut row, "result_hash", hash_text(*hash).into()),
        Err(reason) => set(&mut unavailable, "result_hash", reason.as_str().into()),
    }
    if let Some(preview) = &batch.answer.preview {
        set(&mut row, "result_preview", preview.as_str().into());
    }
    if let Some(timer) = &batch.timer {
        let timer = json!({
            "clock": timer.clock,
            "precision_nanos": timer.precision_nanos,
            "cost_nanos": timer.cost_nanos,
            "loop_nanos": timer.loop_nanos,
        });
        set(&mut row, "timer", timer);
    }
    set_throughput(&mut row, &mut unavailable, workload, request, per_call_nanos);
    if !unavailable.is_empty() {
        set(&mut row, "unavailable", Value::Object(unavailable));
    }
    Value::Object(row)
}

/// The row of a batch that could not be measured.
pub(super) fn failed(workload: &Workload, request: &Request, error: &str) -> Value {
    let mut row = head(workload, request, "error");
    set(&mut row, "error", format!("{}: {error}", workload.name).into());
    set(&mut row, "total_nanos", 0.into());
    set(&mut row, "inner_repeats", 0.into());
    set(&mut row, "peak_rss_kb", memory::peak_rss_kb().ok().into());
    Value::Object(row)
}

fn set(object: &mut Map<String, Value>, key: &str, value: Value) {
    object.insert(key.to_owned(), value);
}

/// What stands in every row, whatever came of it.
fn head(workload: &Workload, request: &Request, status: &str) -> Map<String, Value> {
    let mut row = Map::new();
    set(&mut row, "schema_version", SCHEMA_VERSION.into());
    set(&mut row, "function", workload.name.as_str().into());
    set(&mut row, "status", status.into());
    if workload.params == Params::Fixed {
        set(&mut row, "kind", "fixed".into());
        set(&mut row, "repeat_index", request.repeat_index.into());
    } else {
        set(&mut row, "kind", "parametric".into());
        set(&mut row, "param", request.param.into());
    }
    let cold = request.cold.unwrap_or(workload.cold);
    set(&mut row, "cache_mode", if cold { "cold" } else { "warm" }.into());
    if let Some(threads) = request.threads {
        set(&mut row, "threads", threads.into());
    }
    set(&mut row, "alloc_bytes", Value::Null);
    row
}

fn samples(batch: &Batch) -> Value {
    let round = |nanos: f64| (nanos * SAMPLE_STEPS).round() / SAMPLE_STEPS;
    batch.samples(SAMPLES_MAX).into_iter().map(round).collect()
}

/// The peak memory, and of a cold batch what was emptied.
fn set_memory(row: &mut Map<String, Value>, unavailable: &mut Map<String, Value>, batch: &Batch) {
    let mut peak = memory::peak_rss_kb();
    if let Some(dropped) = &batch.dropped {
        set(row, "caches_dropped", json!(dropped.caches));
        for (what, reason) in &dropped.unavailable {
            set(unavailable, what, reason.as_str().into());
            if *what == "peak_rss" {
                peak = Err(reason.clone());
            }
        }
        peak = peak.map(|peak| peak.max(dropped.peak_rss_kb_before.unwrap_or(0)));
    }
    match peak {
        Ok(peak) => set(row, "peak_rss_kb", peak.into()),
        Err(reason) => {
            set(row, "peak_rss_kb", Value::Null);
            set(unavailable, "peak_rss", reason.into());
        }
    }
}

/// What a call works through, over its time.
fn set_throughput(
    row: &mut Map<String, Value>,
    unavailable: &mut Map<String, Value>,
    workload: &Workload,
    request: &Request,
    per_call_nanos: f64,
) {
    let Some(Throughput::Bytes(amount) | Throughput::Elements(amount)) = workload.throughput else {
        return;
    };
    if per_call_nanos > 0.0 {
        let amount = amount(request.param.unwrap_or(0)) as f64;
        set(row, "metrics", json!({ "throughput": amount / per_call_nanos * SECOND_NANOS }));
    } else {
        let reason = "a call takes no time that can be measured";
        set(unavailable, "metrics.throughput", reason.into());
    }
}
