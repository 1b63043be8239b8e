//! Where standard output goes: one of three words, or a file.

use tacho_schema::Output;

use super::words::{self, InvalidWords};
use super::{Refused, Value, refused, text};
use crate::near::nearest;

const WORDS: [&str; 3] = ["pipe", "null", "inherit"];

/// Why standard output cannot go there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOutput {
    /// Nothing is named.
    #[error("it is empty: write pipe, null, inherit, or a file")]
    Empty,
    /// A word that nearly is one of ours, and would become a file.
    #[error("`{found}` would be a file; did you mean `{near}`? (`./{found}` is the file)")]
    Near {
        /// What stands there.
        found: String,
        /// The word that may have been meant.
        near: &'static str,
    },
    /// A path that no program can be given.
    #[error(transparent)]
    Words(#[from] InvalidWords),
}

/// Reads it from the manifest.
pub(crate) fn read(value: &Value<'_>) -> Result<Output, Refused> {
    const EXPECTED: &str = "\"pipe\", \"null\", \"inherit\", or a file relative to the manifest's";
    parse(text(value, EXPECTED)?).map_err(|fault| refused(value, fault))
}

/// What a text means.
///
/// # Errors
/// An empty text, one that nearly is one of the words, or one that no program can be given.
pub fn parse(text: &str) -> Result<Output, InvalidOutput> {
    words::check(text)?;
    match text.trim() {
        "" => Err(InvalidOutput::Empty),
        "pipe" => Ok(Output::Pipe),
        "null" => Ok(Output::Null),
        "inherit" => Ok(Output::Inherit),
        word => match nearest(&word.to_lowercase(), WORDS) {
            Some(near) => Err(InvalidOutput::Near { found: word.to_owned(), near }),
            None => Ok(Output::File(text.to_owned())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs() {
        for (text, expected) in [
            ("pipe", Ok(Output::Pipe)),
            ("null", Ok(Output::Null)),
            (" inherit ", Ok(Output::Inherit)),
            ("out.txt", Ok(Output::File("out.txt".to_owned()))),
            ("./nul", Ok(Output::File("./nul".to_owned()))),
            ("", Err("it is empty: write pipe, null, inherit, or a file")),
            ("nul", Err("`nul` would be a file; did you mean `null`? (`./nul` is the file)")),
            ("Pipe", Err("`Pipe` would be a file; did you mean `pipe`? (`./Pipe` is the file)")),
            ("a\0", Err("a command, variable or path cannot hold a NUL character")),
        ] {
            let found = parse(text).map_err(|fault| fault.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{text:?}");
        }
    }
}
