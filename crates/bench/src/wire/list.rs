//! `_list`: what there is, one JSON object a line.

use std::ffi::OsString;

use serde_json::{Map, Value, json};

use super::row::{SCHEMA_VERSION, hash_text};
use super::say;
use crate::ladder::value;
use crate::{Complexity, Expected, Params, Step, Throughput, Workload};

/// Values of a model that are told one by one.
const MODEL_VALUES_MAX: usize = 4096;

/// Prints a line for each workload.
pub(super) fn run(rest: &[OsString], workloads: &[Workload]) -> Result<(), String> {
    if let Some(word) = rest.first() {
        return Err(format!("_list takes no words, {} is one", word.to_string_lossy()));
    }
    let lines: String = workloads.iter().map(|workload| format!("{}\n", line(workload))).collect();
    say(&lines)
}

/// A workload as the wire lists it.
pub(crate) fn line(workload: &Workload) -> Value {
    let mut line = Map::new();
    let mut set = |key: &str, value: Value| drop(line.insert(key.to_owned(), value));
    set("schema_version", SCHEMA_VERSION.into());
    set("name", workload.name.as_str().into());
    match &workload.params {
        Params::Fixed => set("kind", "fixed".into()),
        Params::List(_) => {
            set("kind", "parametric".into());
            set("params", workload.rungs().into());
        }
        Params::Ladder { low, high, step } => {
            set("kind", "parametric".into());
            set("ladder", ladder(workload, *low, *high, *step));
        }
    }
    match workload.complexity {
        Some(Complexity::Expression(text)) => set("complexity", text.into()),
        Some(Complexity::Function(model)) => set("model", values(workload, model)),
        None => {}
    }
    set_choices(workload, &mut set);
    if let Some(error) = &workload.error {
        set("error", error.as_str().into());
    }
    Value::Object(line)
}

/// What is not said is left out: the reader has its own defaults.
fn set_choices(workload: &Workload, set: &mut impl FnMut(&str, Value)) {
    if !workload.tags.is_empty() {
        set("tags", json!(workload.tags));
    }
    if let Some(group) = &workload.variant_of {
        set("variant_of", group.as_str().into());
    }
    if workload.cold {
        set("cache_mode", "cold".into());
    }
    if !workload.threads.is_empty() {
        set("threads", json!(workload.threads));
    }
    match workload.throughput {
        Some(Throughput::Bytes(_)) => set("throughput", "B/s".into()),
        Some(Throughput::Elements(_)) => set("throughput", "elements/s".into()),
        None => {}
    }
    match &workload.expected {
        Expected::Nothing => {}
        Expected::Always(hash) => set("expected_hash", hash_text(*hash).into()),
        Expected::At(hashes) => {
            let by_param =
                hashes.iter().map(|(param, hash)| (param.to_string(), hash_text(*hash).into()));
            set("expected_hashes", Value::Object(by_param.collect()));
        }
    }
    if let Some(cap) = workload.cap_nanos {
        set("cap_nanos", cap.into());
    }
    if let Some(target) = workload.target_nanos {
        set("target_nanos", target.into());
    }
}

fn ladder(workload: &Workload, low: u64, high: u64, said: Option<Step>) -> Value {
    let step = match workload.complexity {
        // Who reads the values of a function cannot see from them what it is.
        Some(Complexity::Function(_)) => Some(workload.step()),
        Some(Complexity::Expression(_)) | None => said,
    };
    let mut ladder = json!({ "low": low, "high": high });
    let word = step.map(|step| match step {
        Step::Double => "double",
        Step::Bracket => "bracket",
        Step::Linear => "linear",
    });
    if let (Some(word), Some(object)) = (word, ladder.as_object_mut()) {
        object.insert("step".to_owned(), word.into());
    }
    ladder
}

/// The model's finite values at every parameter that may be measured.
fn values(workload: &Workload, model: fn(u64) -> f64) -> Value {
    let params = match workload.params {
        // Between the rungs of a bracket any number may come, and its models end early.
        Params::Ladder { low, high, .. } if workload.step() == Step::Bracket => {
            let mut all: Vec<u64> = (low..=high).take(MODEL_VALUES_MAX).collect();
            all.extend(workload.rungs());
            all
        }
        Params::Fixed | Params::List(_) | Params::Ladder { .. } => workload.rungs(),
    };
    let values = params.into_iter().filter_map(|n| Some((n.to_string(), value(model, n)?.into())));
    Value::Object(values.collect())
}
