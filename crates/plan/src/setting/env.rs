//! Variables that are added to the environment, or replaced in it.

use super::{Refused, Value, refused, text};
use crate::setting::words;

/// Why a variable cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVariable {
    /// No name that the system takes.
    #[error("{0:?} is no variable's name: one is not empty and has no `=`")]
    Name(String),
    /// A flag's text without a name and a value.
    #[error("{0:?} sets no variable: write NAME=VALUE")]
    NoValue(String),
}

/// Reads one variable's value from the manifest.
pub(crate) fn read(name: &str, value: &Value<'_>) -> Result<String, Refused> {
    check_name(name).map_err(|fault| refused(value, fault))?;
    text(value, "a text such as \"1\"").map(str::to_owned)
}

/// Name and value of a flag's text, `NAME=VALUE`; the value may be empty.
pub(crate) fn parse(text: &str) -> Result<(String, String), InvalidVariable> {
    let no_value = || InvalidVariable::NoValue(text.to_owned());
    let (name, value) = text.split_once('=').ok_or_else(no_value)?;
    check_name(name)?;
    words::check(value).map_err(|_| no_value())?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) fn check_name(name: &str) -> Result<(), InvalidVariable> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(InvalidVariable::Name(name.to_owned()));
    }
    Ok(())
}
