//! The shell that lines run through, or none.

use toml::de::DeValue;

use super::words::{self, InvalidWords};
use super::{Refused, Value, refused, text, wrong_kind};

/// The shell's words, or `None` where lines are split and run without one.
pub(crate) type Shell = Option<Vec<String>>;

/// Reads the shell from the manifest: its words as one text, or false.
pub(crate) fn read(value: &Value<'_>) -> Result<Shell, Refused> {
    const EXPECTED: &str = "a shell such as \"/bin/bash\", or false";
    match value.get_ref() {
        DeValue::Boolean(false) => Ok(None),
        DeValue::String(_) => parse(text(value, EXPECTED)?).map_err(|fault| refused(value, fault)),
        _ => Err(wrong_kind(value, EXPECTED)),
    }
}

/// The shell's words; `-c` is added where it is not the last one. `none` means no shell; an empty
/// text, which may be a variable that was not set, is none of both.
pub(crate) fn parse(line: &str) -> Result<Shell, InvalidWords> {
    let mut words = words::split(line)?;
    if words == ["none"] {
        return Ok(None);
    }
    if words.iter().all(String::is_empty) {
        return Err(InvalidWords::NoShell);
    }
    if words.len() == 1 || words.last().is_some_and(|last| last != "-c") {
        words.push("-c".to_owned());
    }
    Ok(Some(words))
}
