//! Niceness: how much a batch leaves to others.

use toml::de::DeValue;

use super::{Refused, Value, integer, refused, wrong_kind};

/// A number that is no niceness.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no niceness: it goes from -20 (first) to 19 (last)")]
pub struct InvalidNice(String);

/// Reads a niceness from the manifest.
pub(crate) fn read(value: &Value<'_>) -> Result<i32, Refused> {
    let DeValue::Integer(number) = value.get_ref() else {
        return Err(wrong_kind(value, "a whole number such as 5"));
    };
    let checked = integer(number).map_or_else(|| Err(InvalidNice(number.to_string())), check);
    checked.map_err(|fault| refused(value, fault))
}

/// The niceness that a number is.
pub(crate) fn check(number: i64) -> Result<i32, InvalidNice> {
    let nice = i32::try_from(number).ok().filter(|nice| (-20..=19).contains(nice));
    nice.ok_or_else(|| InvalidNice(number.to_string()))
}
