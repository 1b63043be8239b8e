//! Counters that are the quotient of two numbers: `derive.rate = "rows / wall"`.

use tacho_schema::{Derived, Metric, MetricDef};
use toml::de::DeValue;

use super::outcome::{read_unit, unknown_key};
use super::{Refused, Value, refused, text, word, wrong_kind};
use crate::near::nearest;

const KEYS: [&str; 3] = ["value", "direction", "unit"];
const EXPECTED: &str =
    "a quotient such as \"rows / wall\", or a table such as { value = \"rows / wall\" }";

/// Why a quotient cannot be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDerive {
    /// Not two operands with one stroke between them.
    #[error("{0:?} is no quotient: write two names or numbers, as in \"rows / wall\"")]
    NoQuotient(String),
    /// An operand that is no name and no number.
    #[error("`{0}` is no counter, no metric and no number")]
    Operand(String),
    /// A name that the workload does not measure.
    #[error("`{name}` is no outcome of this workload{}", known(.near, .outcomes))]
    Unknown {
        /// The name.
        name: String,
        /// The one that may have been meant.
        near: Option<String>,
        /// Those that there are.
        outcomes: Vec<String>,
    },
    /// Divided by nothing.
    #[error("nothing can be divided by {0}")]
    ByZero(String),
    /// The table says nothing of what is divided.
    #[error("it has no `value`: what is divided by what")]
    NoValue,
}

fn known(near: &Option<String>, outcomes: &[String]) -> String {
    let metrics = Metric::ALL.map(Metric::as_str).join(", ");
    match (near, outcomes) {
        (Some(near), _) => format!("; did you mean `{near}`?"),
        (None, []) => format!("; it has none, and the metrics are {metrics}"),
        (None, outcomes) => {
            format!("; it has {}, and the metrics are {metrics}", outcomes.join(", "))
        }
    }
}

/// Reads the quotient `name` from the manifest.
pub(crate) fn read(name: &str, value: &Value<'_>) -> Result<Derived, Refused> {
    super::counter_name(name).map_err(|fault| refused(value, fault))?;
    let (mut quotient, mut def) = (None, MetricDef::default());
    match value.get_ref() {
        DeValue::String(_) => quotient = Some(read_quotient(value)?),
        DeValue::Table(table) => {
            for (key, value) in table.iter() {
                match key.get_ref().as_ref() {
                    "value" => quotient = Some(read_quotient(value)?),
                    "direction" => def.direction = Some(word::read_direction(value)?),
                    "unit" => def.unit = Some(read_unit(value)?),
                    found => return Err(unknown_key(key.span(), found, &KEYS)),
                }
            }
        }
        _ => return Err(wrong_kind(value, EXPECTED)),
    }
    let (numerator, denominator) =
        quotient.ok_or_else(|| refused(value, InvalidDerive::NoValue))?;
    Ok(Derived { name: name.to_owned(), numerator, denominator, def })
}

fn read_quotient(value: &Value<'_>) -> Result<(String, String), Refused> {
    parse(text(value, EXPECTED)?).map_err(|fault| refused(value, fault))
}

/// The two operands; names come out as `metrics.NAME` lost its prefix.
fn parse(text: &str) -> Result<(String, String), InvalidDerive> {
    let no_quotient = || InvalidDerive::NoQuotient(text.to_owned());
    let (numerator, denominator) = text.split_once('/').ok_or_else(no_quotient)?;
    let is_missing = |operand: &str| operand.trim().is_empty();
    if denominator.contains('/') || is_missing(numerator) || is_missing(denominator) {
        return Err(no_quotient());
    }
    let (numerator, denominator) = (operand(numerator)?, operand(denominator)?);
    match denominator.parse::<f64>() {
        Ok(0.0) => Err(InvalidDerive::ByZero(denominator)),
        _ => Ok((numerator, denominator)),
    }
}

fn operand(text: &str) -> Result<String, InvalidDerive> {
    let trimmed = text.trim();
    let name = trimmed.strip_prefix("metrics.").unwrap_or(trimmed);
    if is_number(trimmed) || super::is_counter_name(name) {
        return Ok(name.to_owned());
    }
    Err(InvalidDerive::Operand(trimmed.to_owned()))
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Whether both operands of `derived` are numbers, metrics, or among `outcomes`.
pub(crate) fn check(derived: &Derived, outcomes: &[String]) -> Result<(), InvalidDerive> {
    let metrics = Metric::ALL.map(Metric::as_str);
    for name in [&derived.numerator, &derived.denominator] {
        let is_known = is_number(name)
            || metrics.contains(&name.as_str())
            || outcomes.iter().any(|outcome| outcome == name);
        if !is_known {
            let candidates = outcomes.iter().map(String::as_str).chain(metrics);
            let near = nearest(name, candidates).map(str::to_owned);
            let (name, outcomes) = (name.clone(), outcomes.to_vec());
            return Err(InvalidDerive::Unknown { name, near, outcomes });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients() {
        for (text, expected) in [
            ("rows / wall", Ok(("rows", "wall"))),
            ("metrics.rows/1e6", Ok(("rows", "1e6"))),
            ("1 / peak_rss", Ok(("1", "peak_rss"))),
            ("rows", Err("\"rows\" is no quotient")),
            ("a / b / c", Err("\"a / b / c\" is no quotient")),
            ("a b / c", Err("`a b` is no counter, no metric and no number")),
            ("a / ", Err("\"a / \" is no quotient")),
            (" / a", Err("\" / a\" is no quotient")),
            ("a / 0.0", Err("nothing can be divided by 0.0")),
            ("inf / a", Ok(("inf", "a"))),
        ] {
            match (parse(text), expected) {
                (Ok(found), Ok((above, below))) => {
                    assert_eq!(found, (above.to_owned(), below.to_owned()), "{text:?}");
                }
                (Err(fault), Err(told)) if fault.to_string().starts_with(told) => {}
                (found, expected) => panic!("{text:?}: {found:?}, not {expected:?}"),
            }
        }
    }
}
