//! Commands: an array of words that runs as it is, or a line for the shell.

use std::collections::BTreeMap;

use tacho_schema::ParamValue;
use toml::de::DeValue;

use super::words::{self, InvalidWords};
use super::{Refused, Value, refused, template, text, wrong_kind};

/// A command as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Words, which run without a shell.
    Words(Vec<String>),
    /// A line, which runs through the shell, or is split where there is none.
    Line(String),
}

/// A command with parameters filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    /// The words to execute.
    pub(crate) argv: Vec<String>,
    /// What a reader is shown.
    pub(crate) text: String,
    /// Whether the shell's words stand in front.
    pub(crate) through_shell: bool,
}

impl Command {
    /// The texts in which parameters may stand.
    pub(crate) fn texts(&self) -> &[String] {
        match self {
            Self::Words(words) => words,
            Self::Line(line) => std::slice::from_ref(line),
        }
    }

    /// Whether there is nothing to run.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Words(words) => words.first().is_none_or(|program| program.trim().is_empty()),
            Self::Line(line) => line.trim().is_empty(),
        }
    }

    /// The words to execute with `params` filled in: into each word, or into the line before the
    /// shell or the splitting sees it.
    pub(crate) fn fill(
        &self,
        params: &BTreeMap<String, ParamValue>,
        shell: Option<&[String]>,
    ) -> Result<Filled, InvalidWords> {
        match (self, shell) {
            (Self::Words(words), _) => {
                let fill = |word: &String| template::fill(word, params);
                let argv: Vec<String> = words.iter().map(fill).collect();
                Ok(Filled { text: words::join(&argv), argv, through_shell: false })
            }
            (Self::Line(line), Some(shell)) => {
                let text = template::fill(line, params);
                let argv = shell.iter().chain([&text]).cloned().collect();
                Ok(Filled { argv, text, through_shell: true })
            }
            (Self::Line(line), None) => {
                let text = template::fill(line, params);
                Ok(Filled { argv: words::split(&text)?, text, through_shell: false })
            }
        }
    }
}

/// Reads a command that may also be nothing: an empty text or array.
pub(crate) fn read_hook(value: &Value<'_>) -> Result<Command, Refused> {
    match read(value)? {
        Command::Words(words) if !words.is_empty() => {
            words::startable(words).map(Command::Words).map_err(|fault| refused(value, fault))
        }
        hook => Ok(hook),
    }
}

/// Reads a command from the manifest.
pub(crate) fn read(value: &Value<'_>) -> Result<Command, Refused> {
    match value.get_ref() {
        DeValue::String(_) => Ok(Command::Line(text(value, "a command")?.to_owned())),
        DeValue::Array(words) => words
            .iter()
            .map(|word| text(word, "a text for each word").map(str::to_owned))
            .collect::<Result<_, _>>()
            .map(Command::Words),
        _ => Err(wrong_kind(value, "a line for the shell, or words such as [\"sort\", \"f.txt\"]")),
    }
}
