//! Which exit codes besides 0 count as success.

use tacho_schema::IgnoreFailure;
use toml::de::DeValue;

use super::{Refused, Value, integer, refused, wrong_kind};

/// Why a value says nothing about exit codes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidExitCodes {
    /// No exit code.
    #[error("{0} is no exit code: they go from 0 to 255")]
    NoCode(String),
}

/// Reads the allowed exit codes from the manifest: true, false, a code, or an array of codes.
pub(crate) fn read(value: &Value<'_>) -> Result<IgnoreFailure, Refused> {
    match value.get_ref() {
        DeValue::Boolean(true) => Ok(IgnoreFailure::All),
        DeValue::Boolean(false) => Ok(IgnoreFailure::None),
        DeValue::Integer(_) => Ok(IgnoreFailure::Codes(vec![code(value)?])),
        DeValue::Array(codes) => {
            codes.iter().map(code).collect::<Result<_, _>>().map(IgnoreFailure::Codes)
        }
        _ => Err(wrong_kind(value, "true, false, an exit code, or several such as [1, 2]")),
    }
}

/// The allowed exit codes of a flag's text: `all-non-zero`, or codes with commas between them.
pub(crate) fn parse(text: &str) -> Result<IgnoreFailure, InvalidExitCodes> {
    if matches!(text.trim(), "" | "all" | "all-non-zero") {
        return Ok(IgnoreFailure::All);
    }
    text.split(',').map(parse_code).collect::<Result<_, _>>().map(IgnoreFailure::Codes)
}

fn parse_code(text: &str) -> Result<i32, InvalidExitCodes> {
    let code = text.trim().parse::<u8>();
    code.map(i32::from).map_err(|_| InvalidExitCodes::NoCode(format!("`{}`", text.trim())))
}

fn code(value: &Value<'_>) -> Result<i32, Refused> {
    let DeValue::Integer(number) = value.get_ref() else {
        return Err(wrong_kind(value, "an exit code such as 1"));
    };
    integer(number)
        .and_then(|number| u8::try_from(number).ok())
        .map(i32::from)
        .ok_or_else(|| refused(value, InvalidExitCodes::NoCode(number.to_string())))
}
