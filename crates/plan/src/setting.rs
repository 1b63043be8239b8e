//! The settings: one file for each kind of value, with its own reader and its own messages.

pub(crate) mod command;
pub(crate) mod count;
pub(crate) mod cpus;
pub(crate) mod derive;
pub(crate) mod dir;
pub(crate) mod duration;
pub(crate) mod env;
pub(crate) mod exit_codes;
pub(crate) mod harness;
pub(crate) mod ladder;
pub(crate) mod line;
pub(crate) mod nice;
pub(crate) mod outcome;
pub(crate) mod output;
pub(crate) mod outside;
pub(crate) mod params;
pub(crate) mod percent;
pub(crate) mod shell;
pub(crate) mod size;
pub(crate) mod tags;
pub(crate) mod template;
pub(crate) mod threads;
pub(crate) mod word;
pub(crate) mod words;

use std::ops::Range;

use tacho_schema::Metric;
use toml::Spanned;
use toml::de::{DeInteger, DeValue};

use crate::problem::Fault;

/// A value of the manifest with the bytes it stands in.
pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// What is wrong with a value, and which bytes of the manifest say so.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) span: Range<usize>,
    pub(crate) fault: Fault,
}

/// Refuses `value` for `fault`.
pub(crate) fn refused(value: &Value<'_>, fault: impl Into<Fault>) -> Refused {
    Refused { span: value.span(), fault: fault.into() }
}

/// Refuses `value` because it is not what `expected` (with an example) says.
pub(crate) fn wrong_kind(value: &Value<'_>, expected: &'static str) -> Refused {
    refused(value, Fault::WrongKind { expected, found: kind(value.get_ref()) })
}

/// The text of `value`, which may not hold a NUL: no program can be given one.
pub(crate) fn text<'v>(value: &'v Value<'_>, expected: &'static str) -> Result<&'v str, Refused> {
    let text = value.get_ref().as_str().ok_or_else(|| wrong_kind(value, expected))?;
    words::check(text).map_err(|fault| refused(value, fault))?;
    Ok(text)
}

/// Why an own counter cannot have a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCounter {
    /// A character outside of its alphabet.
    #[error("{0:?} is no counter's name: use letters, digits, `_`, `-` and `.`, a letter first")]
    Name(String),
    /// What every row has already.
    #[error("`{0}` is a metric of every row: give the counter another name")]
    Metric(String),
}

/// Checks the name of an own counter.
pub(crate) fn counter_name(name: &str) -> Result<(), InvalidCounter> {
    if !is_counter_name(name) {
        return Err(InvalidCounter::Name(name.to_owned()));
    }
    match Metric::ALL.iter().any(|metric| metric.as_str() == name) {
        true => Err(InvalidCounter::Metric(name.to_owned())),
        false => Ok(()),
    }
}

/// Whether `name` may be an own counter's or a metric's.
pub(crate) fn is_counter_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// True or false, as the manifest says.
pub(crate) fn read_flag(value: &Value<'_>) -> Result<bool, Refused> {
    match value.get_ref() {
        DeValue::Boolean(flag) => Ok(*flag),
        _ => Err(wrong_kind(value, "true or false")),
    }
}

/// The whole number as it was meant, or `None` beyond 64 bits.
fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
