//! What a batch prints, read: the stages of a probe, own counters, answers that are checked.
//!
//! Values in, values out: nothing here starts or times anything.

mod pairs;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use regex::{Captures, Regex};
use tacho_schema::name::NAME_BYTES_MAX;
use tacho_schema::{
    Derived, Metric, MetricName, OutcomeSource, ParamValue, ProbeLine, Reading, Row, Status,
};

use crate::tail::Tail;

/// Time units of a probe's line, with their nanoseconds.
const ELAPSED: [(&str, f64); 4] =
    [("elapsed_ns", 1.0), ("elapsed_us", 1e3), ("elapsed_ms", 1e6), ("elapsed_s", 1e9)];

/// A longer line is no stage's: its name and counters stand in every row.
const STAGE_BYTES_MAX: usize = 64 * 1024;
/// A time that no process has run: 292 years. A larger number is none, and no document holds it.
const ELAPSED_NANOS_MAX: f64 = i64::MAX as f64;
/// Different stages that one batch may print: each has rows and an estimate of its own.
const STAGES_MAX: usize = 10_000;

/// What is quoted of an answer; it may be the whole output.
const QUOTE_CHARS_MAX: usize = 200;

/// One time that a probe printed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StageLine {
    /// The stage; `None` where the pattern has no name.
    pub(crate) name: Option<String>,
    /// Nanoseconds, not rounded.
    pub(crate) elapsed_nanos: f64,
    /// The other numbers of the line.
    pub(crate) counters: BTreeMap<String, f64>,
}

impl StageLine {
    fn is_short(&self) -> bool {
        self.name.as_ref().is_none_or(|name| name.len() <= NAME_BYTES_MAX)
    }
}

/// What a line of a probe's output is.
#[derive(Debug, PartialEq)]
enum Line {
    /// A stage with its time.
    Stage(StageLine),
    /// Anything else.
    Other,
    /// A stage's, but for what is wrong with it.
    Broken(&'static str),
}

/// What is wrong with a stage's time.
const NO_TIME: &str = "its time is no number from 0 to 292 years";

/// What is wrong with an output: the status of its row, and why.
pub(crate) type Fault = (Status, String);

/// Reads the outputs of one point's batches.
#[derive(Debug)]
pub(crate) struct OutputReader<'a> {
    wanted: &'a Reading,
    pattern: Option<Regex>,
    /// The pattern of each outcome that has one.
    outcomes: Vec<Option<Regex>>,
}

impl<'a> OutputReader<'a> {
    /// Prepares for `wanted`; `None` when nothing is read.
    ///
    /// # Errors
    /// A pattern that is no regular expression, in words: a plan from elsewhere may hold one.
    pub(crate) fn new(wanted: &'a Reading) -> Result<Option<Self>, String> {
        if *wanted == Reading::default() {
            return Ok(None);
        }
        let compile = |pattern: &str| Regex::new(pattern).map_err(|error| error.to_string());
        let pattern = match &wanted.probe {
            Some(ProbeLine::Pattern(pattern)) => Some(compile(pattern)?),
            Some(ProbeLine::Pairs) | None => None,
        };
        let of_outcome = |source: &OutcomeSource| match source {
            OutcomeSource::Regex(pattern) => compile(pattern).map(Some),
            OutcomeSource::Json(_) => Ok(None),
        };
        let outcomes: Result<_, String> =
            wanted.outcomes.iter().map(|outcome| of_outcome(&outcome.source)).collect();
        Ok(Some(Self { wanted, pattern, outcomes: outcomes? }))
    }

    /// Whether the batch prints its own times.
    pub(crate) fn is_probe(&self) -> bool {
        self.wanted.probe.is_some()
    }

    /// The times in the output, in its order.
    ///
    /// # Errors
    /// There is none: with what was looked for. Or one that cannot be read, or stages beyond
    /// counting.
    pub(crate) fn stages(&self, stdout: &Tail) -> Result<Vec<StageLine>, Fault> {
        let text = stdout.kept();
        let mut found = Vec::new();
        for line in text.lines().filter(|line| line.len() <= STAGE_BYTES_MAX) {
            let read = match &self.pattern {
                Some(pattern) => of_pattern(pattern, line),
                None => pairs::read(line),
            };
            match read {
                Line::Stage(stage) if stage.is_short() => found.push(stage),
                Line::Stage(_) | Line::Other => {}
                Line::Broken(why) => {
                    let line = quoted(line.trim());
                    return Err((Status::NoOutput, format!("cannot read `{line}`: {why}")));
                }
            }
        }
        if found.is_empty() {
            let line = match &self.wanted.probe {
                Some(ProbeLine::Pattern(_)) => "that fits the pattern",
                _ => "such as `name=WORKLOAD elapsed_us=NUMBER`",
            };
            return Err((Status::NoOutput, format!("printed no line {line}{}", cut_note(stdout))));
        }
        let names: BTreeSet<_> = found.iter().map(|stage| &stage.name).collect();
        if names.len() > STAGES_MAX {
            let text = format!(
                "printed {} different stages, more than {STAGES_MAX}: a name must not hold a \
                 number that changes, print it as `key=number`",
                names.len()
            );
            return Err((Status::NoOutput, text));
        }
        Ok(found)
    }

    /// The counters that the output has, and the first thing that is wrong with one of them.
    pub(crate) fn counters(
        &self,
        stdout: &Tail,
        stderr: &Tail,
    ) -> (BTreeMap<String, f64>, Option<Fault>) {
        let mut counters = BTreeMap::new();
        let mut fault = None;
        if self.wanted.outcomes.is_empty() {
            return (counters, fault);
        }
        let (out, err) = (stdout.kept(), stderr.kept());
        let json = std::cell::OnceCell::new();
        for (outcome, pattern) in self.wanted.outcomes.iter().zip(&self.outcomes) {
            let found = match (&outcome.source, pattern) {
                (OutcomeSource::Json(pointer), _) => {
                    at_pointer(json.get_or_init(|| document(&out)).as_ref(), pointer)
                }
                (OutcomeSource::Regex(_), Some(pattern)) => {
                    last_match(pattern, &out).or_else(|| last_match(pattern, &err))
                }
                (OutcomeSource::Regex(_), None) => None,
            };
            let name = &outcome.name;
            let Some(text) = found else {
                let text = format!("printed no `{name}`{}", cut_note(stdout));
                fault.get_or_insert((Status::NoOutput, text));
                continue;
            };
            let number = text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
            counters.extend(number.map(|number| (name.clone(), number)));
            match &outcome.expect {
                Some(expected) if !agrees(expected, &text, number) => {
                    let text = format!("`{name}` is {}, expected was {expected}", quoted(&text));
                    fault.get_or_insert((Status::WrongAnswer, text));
                }
                None if number.is_none() => {
                    let text = format!("`{name}` is no number: {}", quoted(&text));
                    fault.get_or_insert((Status::NoOutput, text));
                }
                _ => {}
            }
        }
        (counters, fault)
    }

    /// Adds the quotients to a row's counters; one that cannot be formed is told in `unavailable`.
    pub(crate) fn derive(&self, row: &mut Row) {
        for derived in &self.wanted.derived {
            match quotient(derived, row) {
                Ok(value) => _ = row.metrics.insert(derived.name.clone(), value),
                Err(reason) => {
                    row.unavailable.insert(format!("metrics.{}", derived.name), reason);
                }
            }
        }
    }
}

/// The beginning of a text that may be long.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(QUOTE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// That what was looked for may have stood in what was dropped.
pub(crate) fn cut_note(stdout: &Tail) -> Cow<'static, str> {
    if stdout.is_cut() {
        format!(
            " in the last {} of its output",
            tacho_schema::Bytes(stdout.kept_bytes_max() as f64)
        )
        .into()
    } else {
        "".into()
    }
}

/// A line that the pattern fits, as a stage.
fn of_pattern(pattern: &Regex, line: &str) -> Line {
    let Some(found) = pattern.captures(line) else { return Line::Other };
    let number =
        |name: &str| found.name(name)?.as_str().parse::<f64>().ok().filter(|it| it.is_finite());
    let elapsed = ELAPSED.iter().find_map(|(name, unit)| nanos(number(name)?, *unit));
    let Some(elapsed_nanos) = elapsed else { return Line::Broken(NO_TIME) };
    let is_counter = |name: &&str| *name != "name" && ELAPSED.iter().all(|(time, _)| time != name);
    let names = pattern.capture_names().flatten().filter(is_counter);
    let counters = names.filter_map(|name| Some((name.to_owned(), number(name)?))).collect();
    let name = found.name("name").map(|name| name.as_str().trim().to_owned());
    let name = name.filter(|name| !name.is_empty());
    Line::Stage(StageLine { name, elapsed_nanos, counters })
}

/// A printed time in nanoseconds; `None` where no process can have run so long.
fn nanos(time: f64, unit: f64) -> Option<f64> {
    Some(time * unit).filter(|nanos| (0.0..ELAPSED_NANOS_MAX).contains(nanos))
}

fn last_match(pattern: &Regex, text: &str) -> Option<String> {
    let captures: Captures<'_> = pattern.captures_iter(text).last()?;
    let found = captures.get(1).or_else(|| captures.get(0))?;
    Some(found.as_str().to_owned())
}

/// The output as a JSON document, or its last line as one.
fn document(text: &str) -> Option<serde_json::Value> {
    let whole = serde_json::from_str(text).ok();
    whole.or_else(|| {
        let last = text.lines().rev().find(|line| !line.trim().is_empty())?;
        serde_json::from_str(last).ok()
    })
}

/// The scalar at a pointer, as it is written.
fn at_pointer(document: Option<&serde_json::Value>, pointer: &str) -> Option<String> {
    match document?.pointer(pointer)? {
        serde_json::Value::String(text) => Some(text.clone()),
        value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => {
            Some(value.to_string())
        }
        _ => None,
    }
}

fn agrees(expected: &ParamValue, text: &str, number: Option<f64>) -> bool {
    match expected {
        ParamValue::Text(expected) => expected == text,
        ParamValue::Integer(expected) => number == Some(*expected as f64),
        ParamValue::Float(expected) => number == Some(*expected),
    }
}

fn quotient(derived: &Derived, row: &Row) -> Result<f64, String> {
    let known = |operand: &str| {
        operand_of(operand, row).ok_or_else(|| format!("`{operand}` was not measured"))
    };
    let (above, below) = (known(&derived.numerator)?, known(&derived.denominator)?);
    let value = above / below;
    if value.is_finite() { Ok(value) } else { Err(format!("`{}` is {below}", derived.denominator)) }
}

/// An operand's number: times in seconds, memory in bytes.
fn operand_of(operand: &str, row: &Row) -> Option<f64> {
    if let Ok(number) = operand.parse::<f64>() {
        return Some(number);
    }
    let own = operand.strip_prefix("metrics.").unwrap_or(operand);
    if let Some(value) = row.metrics.get(own) {
        return Some(*value);
    }
    let MetricName::Row(metric) = operand.parse().ok()? else { return None };
    let value = row.metric(metric)?;
    Some(match metric {
        Metric::Wall | Metric::Cpu | Metric::User | Metric::System => value / 1e9,
        Metric::PeakRss | Metric::Faults => value,
    })
}

#[cfg(test)]
mod tests;
