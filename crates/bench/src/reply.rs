//! What a child answered: the one row among the lines that it printed, held against what it was
//! asked.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::style;

/// What a child is asked to measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Request<'a> {
    /// The workload.
    pub(crate) name: &'a str,
    /// At which parameter; none: a fixed workload.
    pub(crate) param: Option<u64>,
    /// With how many threads, where it has a say in that.
    pub(crate) threads: Option<u32>,
    /// One call, and nothing of it before.
    pub(crate) cold: bool,
    /// Which child of its point this is, from 0.
    pub(crate) index: u64,
    /// How much measured time it is to have, about.
    pub(crate) target_nanos: u64,
    /// After so long it is killed.
    pub(crate) limit: Duration,
}

/// One batch that was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Batch {
    /// The time of one call.
    pub(crate) per_call_nanos: f64,
    /// The answer's hash, where the child told one.
    pub(crate) hash: Option<String>,
    /// What was worked through in a second.
    pub(crate) throughput: Option<f64>,
    /// The child's largest resident set.
    pub(crate) peak_rss_kb: Option<u64>,
    /// Cold: which caches were emptied, and why another was not.
    pub(crate) caches: Option<String>,
}

/// Why a point has no number: each fits behind its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Failure {
    /// It was not even tried: the harness refuses the workload.
    Refused(String),
    /// The process could not be started.
    Start(String),
    /// It ended with this code, having said this.
    Exit(i32, String),
    /// It ended by this signal, having said this.
    Signal(i32, String),
    /// It was killed after so long.
    Late(Duration),
    /// It ended well and printed no row.
    NoRow(String),
    /// It printed so many rows; one is asked for.
    Rows(usize),
    /// A line has a `schema_version` and is no JSON object.
    Syntax(String),
    /// Its row is not what was asked for.
    Foreign {
        /// Which key.
        key: &'static str,
        /// What it has.
        found: String,
        /// What it must have.
        wanted: String,
    },
    /// A number that no measurement can give.
    Number {
        /// Which key.
        key: &'static str,
        /// What it has.
        found: String,
    },
    /// Its own words about what went wrong.
    Told(String),
    /// The answer's hash, and which it must be.
    Answer {
        /// The hash of this answer.
        found: String,
        /// What it must be.
        wanted: String,
        /// Whose that is.
        whose: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |said: &str| if said.is_empty() { String::new() } else { format!(": {said}") };
        match self {
            Self::Refused(why) | Self::Told(why) => out.write_str(why),
            Self::Start(why) => write!(out, "its process cannot be started: {why}"),
            // A panic's exit code says nothing that the panic does not.
            Self::Exit(_, said) if said.starts_with("panicked") => out.write_str(said),
            Self::Exit(code, said) => write!(out, "exit code {code}{}", with(said)),
            Self::Signal(signal, said) => write!(out, "ended by signal {signal}{}", with(said)),
            Self::Late(limit) => {
                let limit = style::time(limit.as_nanos() as f64);
                write!(out, "killed after {limit} without a row: `cap = \"…\"` gives it longer")
            }
            Self::NoRow(said) => write!(out, "it printed no row{}", with(said)),
            Self::Rows(count) => write!(out, "it printed {count} rows instead of one"),
            Self::Syntax(why) => write!(out, "its row is no JSON object: {why}"),
            Self::Foreign { key, found, wanted } => {
                write!(out, "its row has {key} {found}, not {wanted}")
            }
            Self::Number { key, found } => {
                write!(out, "its row has {key} {found}, which is no time or count")
            }
            Self::Answer { found, wanted, whose } => {
                write!(out, "wrong answer: hash {found}, {whose} {wanted}")
            }
        }
    }
}

/// Whether a line may be the row: an object, as far as its beginning tells, with a version.
pub(crate) fn may_be_row(line: &[u8]) -> bool {
    let key = b"\"schema_version\"";
    line.trim_ascii_start().starts_with(b"{") && line.windows(key.len()).any(|part| part == key)
}

/// Reads the row among the lines that may be one.
///
/// # Errors
/// [`Failure`] when there is not exactly one, or it is not what was asked for.
pub(crate) fn read(lines: &[Vec<u8>], request: &Request<'_>) -> Result<Batch, Failure> {
    let line = match lines {
        [] => return Err(Failure::NoRow(String::new())),
        [line] => line,
        lines => return Err(Failure::Rows(lines.len())),
    };
    let row: Value =
        serde_json::from_slice(line).map_err(|error| Failure::Syntax(error.to_string()))?;
    expect(&row, "schema_version", &Value::from(1))?;
    expect(&row, "function", &Value::from(request.name))?;
    let kind = if request.param.is_some() { "parametric" } else { "fixed" };
    expect(&row, "kind", &Value::from(kind))?;
    if let Some(param) = request.param {
        expect(&row, "param", &Value::from(param))?;
    }
    match row["status"].as_str() {
        Some("ok") => {}
        Some("error") => {
            return Err(Failure::Told(row["error"].as_str().unwrap_or("it failed").to_owned()));
        }
        _ => expect(&row, "status", &Value::from("ok"))?,
    }
    let total_nanos = count(&row, "total_nanos")?
        .ok_or_else(|| Failure::Number { key: "total_nanos", found: "null".to_owned() })?;
    let repeats = count(&row, "inner_repeats")?.unwrap_or(1).max(1);
    let per_call_nanos = number(&row["per_call_nanos"], "per_call_nanos")?;
    Ok(Batch {
        per_call_nanos: per_call_nanos.unwrap_or(total_nanos as f64 / repeats as f64),
        hash: row["result_hash"].as_str().map(str::to_lowercase),
        throughput: number(&row["metrics"]["throughput"], "metrics.throughput")?,
        peak_rss_kb: count(&row, "peak_rss_kb")?,
        caches: caches(&row),
    })
}

/// What a cold row says of its caches; of others nothing.
fn caches(row: &Value) -> Option<String> {
    let emptied: Vec<&str> =
        row["caches_dropped"].as_array()?.iter().filter_map(Value::as_str).collect();
    let said = format!("emptied caches: {}", emptied.join(" and "));
    let kept = row["unavailable"]["cache.page"].as_str();
    Some(kept.map_or_else(|| said.clone(), |why| format!("{said}; not page: {why}")))
}

/// The row's words about its failure, where a program that failed printed one.
pub(crate) fn told(lines: &[Vec<u8>]) -> Option<String> {
    let [line] = lines else { return None };
    let row: Value = serde_json::from_slice(line).ok()?;
    row["error"].as_str().map(str::to_owned)
}

fn expect(row: &Value, key: &'static str, wanted: &Value) -> Result<(), Failure> {
    if row[key] == *wanted {
        return Ok(());
    }
    Err(Failure::Foreign { key, found: row[key].to_string(), wanted: wanted.to_string() })
}

/// A whole number that is not negative; null and absent alike mean that there is none.
fn count(row: &Value, key: &'static str) -> Result<Option<u64>, Failure> {
    let found = &row[key];
    match found.as_u64() {
        None if !found.is_null() => Err(Failure::Number { key, found: found.to_string() }),
        count => Ok(count),
    }
}

fn number(found: &Value, key: &'static str) -> Result<Option<f64>, Failure> {
    match found.as_f64() {
        Some(number) if number >= 0.0 && number.is_finite() => Ok(Some(number)),
        None if found.is_null() => Ok(None),
        _ => Err(Failure::Number { key, found: found.to_string() }),
    }
}

#[cfg(test)]
mod tests;
