//! The values of one parameter.

use std::collections::BTreeSet;

use tacho_schema::ParamValue;
use tacho_schema::name::check_identifier;
use toml::de::DeValue;

use super::{Refused, Value, integer, refused, text, wrong_kind};

/// Why a parameter has no usable values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidParam {
    /// None at all.
    #[error("the parameter `{0}` has no values, so there is no point to measure")]
    NoValues(String),
    /// One value is not in an array.
    #[error("the values stand in an array: write [{0}]")]
    NoArray(String),
    /// The same text twice: two points could not be told apart.
    #[error("the value {0} is there twice")]
    Twice(String),
    /// A number that is none, or beyond 64 bits.
    #[error("{0} is no number that can be told from others")]
    NotFinite(String),
    /// Two parameters of one name.
    #[error("the parameter `{0}` is given twice")]
    SameName(String),
}

/// Reads the values of the parameter `name` from the manifest: texts and numbers.
pub(crate) fn read(name: &str, value: &Value<'_>) -> Result<Vec<ParamValue>, Refused> {
    check_identifier(name).map_err(|fault| refused(value, fault))?;
    let values = match value.get_ref() {
        DeValue::Array(values) => values,
        DeValue::String(one) => {
            return Err(refused(value, InvalidParam::NoArray(format!("{one:?}"))));
        }
        DeValue::Integer(one) => {
            return Err(refused(value, InvalidParam::NoArray(one.to_string())));
        }
        DeValue::Float(one) => return Err(refused(value, InvalidParam::NoArray(one.to_string()))),
        _ => return Err(wrong_kind(value, "an array of values such as [1, 6, 9]")),
    };
    if values.is_empty() {
        return Err(refused(value, InvalidParam::NoValues(name.to_owned())));
    }
    let mut seen = BTreeSet::new();
    let mut read = Vec::with_capacity(values.len());
    for value in values {
        let one = read_one(value)?;
        if !seen.insert(one.to_string()) {
            return Err(refused(value, InvalidParam::Twice(format!("`{one}`"))));
        }
        read.push(one);
    }
    Ok(read)
}

/// The values of a parameter that did not come from a manifest, unless one is there twice.
pub(crate) fn check(name: &str, values: &[ParamValue]) -> Result<(), InvalidParam> {
    if values.is_empty() {
        return Err(InvalidParam::NoValues(name.to_owned()));
    }
    let mut seen = BTreeSet::new();
    match values.iter().find(|value| !seen.insert(value.to_string())) {
        Some(twice) => Err(InvalidParam::Twice(format!("`{twice}`"))),
        None => Ok(()),
    }
}

fn read_one(value: &Value<'_>) -> Result<ParamValue, Refused> {
    let not_finite = |text: &str| refused(value, InvalidParam::NotFinite(text.to_owned()));
    match value.get_ref() {
        DeValue::String(_) => Ok(ParamValue::Text(text(value, "a text")?.to_owned())),
        DeValue::Integer(number) => {
            integer(number).map(ParamValue::Integer).ok_or_else(|| not_finite(number.as_str()))
        }
        DeValue::Float(number) => {
            let parsed = number.as_str().parse().ok().filter(|value: &f64| value.is_finite());
            parsed.map(ParamValue::Float).ok_or_else(|| not_finite(number.as_str()))
        }
        _ => Err(wrong_kind(value, "a text or a number for each value")),
    }
}
