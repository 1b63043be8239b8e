//! Validated identifiers: what a workload, a parameter, a tag or a baseline may be called.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest name in bytes; command lines used as names are the long ones.
pub const NAME_BYTES_MAX: usize = 4096;

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// There is nothing but white space in it.
    #[error("a name must not be empty")]
    Empty,
    /// It has a control character, which would spoil a table or a terminal.
    #[error("a name must not hold control characters")]
    Control,
    /// It is longer than [`NAME_BYTES_MAX`].
    #[error("a name must not be longer than 4096 bytes")]
    TooLong,
    /// An identifier (parameter, tag, baseline) has a character outside its alphabet.
    #[error(
        "{0:?} is not allowed here: use letters, digits, `_`, `-`, `.` and `/`, \
         and start with a letter or digit"
    )]
    Character(char),
}

/// The name of a workload: `group/name`, or a command line as it was typed.
///
/// Any printable text of 1 to [`NAME_BYTES_MAX`] bytes; white space at both ends is removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[derive(JsonSchema)]
#[schemars(with = "String")]
pub struct Name(String);

impl Name {
    /// Validates `text`.
    ///
    /// # Errors
    /// [`InvalidName`] when it is empty, too long, or holds a control character.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        if text.len() > NAME_BYTES_MAX {
            return Err(InvalidName::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidName::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.pad(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

/// Checks an identifier: a parameter, a tag, or a baseline.
///
/// # Errors
/// [`InvalidName`] when it is empty, too long, or has a character outside `[A-Za-z0-9_./-]`, or
/// starts with one of the punctuation marks.
pub fn check_identifier(text: &str) -> Result<(), InvalidName> {
    let Some(first) = text.chars().next() else { return Err(InvalidName::Empty) };
    if text.len() > NAME_BYTES_MAX {
        return Err(InvalidName::TooLong);
    }
    if !(first.is_alphanumeric() || first == '_') {
        return Err(InvalidName::Character(first));
    }
    match text.chars().find(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))) {
        Some(bad) => Err(InvalidName::Character(bad)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (text, expected) in [
            ("gzip/level", Ok(())),
            ("  grep -c the words.txt ", Ok(())),
            ("", Err(InvalidName::Empty)),
            (" \t", Err(InvalidName::Empty)),
            ("a\nb", Err(InvalidName::Control)),
            ("\u{1b}[31mred", Err(InvalidName::Control)),
        ] {
            assert_eq!(Name::new(text).map(|_| ()), expected, "{text:?}");
        }
        assert_eq!(Name::new(&"x".repeat(5000)), Err(InvalidName::TooLong));
    }

    #[test]
    fn identifiers() {
        for (text, expected) in [
            ("main", Ok(())),
            ("release/1.2-rc_1", Ok(())),
            ("", Err(InvalidName::Empty)),
            ("-x", Err(InvalidName::Character('-'))),
            ("a b", Err(InvalidName::Character(' '))),
            ("{level}", Err(InvalidName::Character('{'))),
        ] {
            assert_eq!(check_identifier(text), expected, "{text:?}");
        }
    }
}
