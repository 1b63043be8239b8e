//! Reads what a harness prints when it is asked for its workloads.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tacho_schema::jsonl::{self, LineError};
use tacho_schema::{CacheMode, LadderStep, ListedLadder, ListedWorkload, Name, RowKind};
use tacho_stats::Model;

use super::{Batches, Listing, Params, Registered, Words, printable, refusal};
use crate::ladder::{Climbing, Rungs, step_of};
use crate::setting::threads::THREADS_MAX;

/// So many characters of a reason that a program gives are told.
const REASON_CHARS_MAX: usize = 500;

/// The key that every line of ours has.
const VERSION_KEY: &str = "schema_version";

/// The workloads in the order of their lines; what cannot be read is refused under its name, or
/// under the program's. Lines that are none of ours are left out.
pub(super) fn read(listing: &Listing, program: &Words) -> Vec<Registered> {
    let from = &listing.name;
    let mut all: Vec<Registered> = Vec::new();
    // Where the lines are told that have no name, and how many there are.
    let mut nameless: Option<(usize, usize)> = None;
    for (number, text) in (1..).zip(listing.text.lines()) {
        let Some(line) = line(text.trim(), number) else { continue };
        let (name, batches) = match (line.name, line.workload) {
            (Some(name), Ok(workload)) => {
                let batches = batches(workload).map(Box::new);
                let batches = batches.map_err(|why| refusal(name.as_str(), from, &why));
                (name, batches)
            }
            (Some(name), Err(why)) => {
                let refused = Err(refusal(name.as_str(), from, &why));
                (name, refused)
            }
            (None, Ok(_)) => continue,
            (None, Err(why)) => {
                let (_, times) = nameless.get_or_insert((all.len(), 0));
                *times += 1;
                if *times > 1 {
                    continue;
                }
                (printable(from), Err(format!("line {number} of `{from} _list`: {why}")))
            }
        };
        all.push(Registered { name, from: from.clone(), program: program.clone(), batches });
    }
    if let Some((place, times @ 2..)) = nameless
        && let Some(Registered { batches: Err(why), .. }) = all.get_mut(place)
    {
        why.push_str(&format!(" (and {} more lines without a name)", times - 1));
    }
    all
}

/// Whether any line of `text` is one that a harness lists a workload with.
#[must_use]
pub fn lists_workloads(text: &str) -> bool {
    (1..).zip(text.lines()).any(|(number, text)| line(text.trim(), number).is_some())
}

/// A line that is one of ours.
struct Line {
    name: Option<Name>,
    /// What it says, or why that cannot be read.
    workload: Result<ListedWorkload, String>,
}

/// `None` for what a program prints besides.
fn line(text: &str, number: u64) -> Option<Line> {
    if !text.starts_with('{') {
        return None;
    }
    let mut what = "";
    let name = match serde_json::from_str::<Map<String, Value>>(text) {
        Ok(keys) => {
            let is_ours = keys.contains_key(VERSION_KEY)
                || (keys.contains_key("name") && keys.contains_key("kind"));
            if !is_ours {
                return None;
            }
            keys.get("name").and_then(Value::as_str).and_then(|name| Name::new(name).ok())
        }
        // NaN is no JSON, and neither is a line that was cut off.
        Err(_) if text.contains(VERSION_KEY) => {
            what = "it is no JSON: ";
            name_in(text)
        }
        Err(_) => return None,
    };
    let workload = jsonl::decode(text.as_bytes(), number).map_err(|error| match error {
        LineError::Decode { column, reason, .. } => {
            let place = if column > 0 { format!(", at column {column}") } else { String::new() };
            told(&format!("{what}{reason}{place}"))
        }
        other => told(&other.to_string()),
    });
    Some(Line { name, workload })
}

/// The text behind the key `name` in a line that is no JSON.
fn name_in(text: &str) -> Option<Name> {
    let (_, behind) = text.split_once("\"name\"")?;
    let value = behind.trim_start().strip_prefix(':')?;
    let name = serde_json::Deserializer::from_str(value).into_iter::<String>().next()?;
    Name::new(&name.ok()?).ok()
}

/// A reason on one line, of a bounded length.
fn told(reason: &str) -> String {
    let words: Vec<&str> = reason.split(|c: char| c.is_control() || c == ' ').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    let line = line.trim_end_matches('.');
    match line.char_indices().nth(REASON_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// What a line asks for, or why that cannot be measured, as a fragment.
fn batches(listed: ListedWorkload) -> Result<Batches, String> {
    if let Some(error) = &listed.error {
        return Err(told(error));
    }
    for (key, nanos) in [("cap_nanos", listed.cap_nanos), ("target_nanos", listed.target_nanos)] {
        if nanos == Some(0) {
            return Err(format!("its {key} is 0, in which nothing can be measured"));
        }
    }
    Ok(Batches {
        params: params(&listed)?,
        threads: threads(&listed.threads)?,
        bench: String::from(listed.name),
        cache_mode: listed.cache_mode.filter(|mode| *mode == CacheMode::Cold),
        tags: listed.tags,
        variant_of: listed.variant_of,
        throughput: listed.throughput,
        hash: listed.expected_hash,
        hashes: listed.expected_hashes,
        cap_nanos: listed.cap_nanos,
        target_nanos: listed.target_nanos,
    })
}

fn threads(listed: &[u32]) -> Result<Vec<u32>, String> {
    let mut numbers = Vec::with_capacity(listed.len());
    for number in listed {
        if !(1..=THREADS_MAX).contains(number) {
            return Err(format!("{number} is no number of threads from 1 to {THREADS_MAX}"));
        }
        if !numbers.contains(number) {
            numbers.push(*number);
        }
    }
    Ok(numbers)
}

fn params(listed: &ListedWorkload) -> Result<Params, String> {
    let model =
        match &listed.complexity {
            Some(text) => Some(Model::parse(text).map_err(|fault| {
                told(&format!("its complexity `{text}` cannot be read: {fault}"))
            })?),
            None => None,
        };
    let is_exponential = model.as_ref().is_some_and(Model::is_exponential);
    let (step, rungs) = match (listed.kind, &listed.ladder, &listed.params) {
        (RowKind::Fixed, None, None) => return Ok(Params::Fixed),
        (RowKind::Fixed, _, _) => return Err("it is fixed, and has parameters too".to_owned()),
        (RowKind::Parametric, None, None) => {
            return Err("it is parametric, and has neither `ladder` nor `params`".to_owned());
        }
        (RowKind::Parametric, Some(_), Some(_)) => {
            return Err("it has both `ladder` and `params`".to_owned());
        }
        (RowKind::Parametric, Some(ladder), None) => rungs(ladder, is_exponential)?,
        (RowKind::Parametric, None, Some(params)) => {
            let params: BTreeSet<u64> = params.iter().copied().collect();
            if params.is_empty() {
                return Err("its list of parameters is empty".to_owned());
            }
            let params = params.into_iter().collect();
            if model.is_none() && listed.model.is_empty() {
                return Ok(Params::Plain(params));
            }
            (LadderStep::List, Rungs::List(params))
        }
    };
    let complexity = model.map(|model| model.to_string());
    Ok(Params::Ladder(Climbing { step, rungs, complexity, model: listed.model.clone() }))
}

fn rungs(ladder: &ListedLadder, is_exponential: bool) -> Result<(LadderStep, Rungs), String> {
    let ListedLadder { low, high, step } = *ladder;
    if step == Some(LadderStep::List) {
        return Err("a ladder by a list has its parameters in `params`".to_owned());
    }
    if low > high {
        return Err(format!("its ladder is empty: {low} is over {high}"));
    }
    let step = step.unwrap_or_else(|| step_of(is_exponential));
    Ok((step, Rungs::between(step, low, high)))
}

#[cfg(test)]
mod tests;
