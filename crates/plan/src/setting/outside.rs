//! Values of a parameter that come from outside the manifest: a file's lines, or a command's.

use tacho_schema::ParamValue;
use toml::de::{DeTable, DeValue};

use super::command::{self, Command};
use super::words::{self, InvalidWords};
use super::{Refused, Value, count, refused, text};

const KEYS: &str = "lines, command, limit";

/// Why no values can be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOutside {
    /// Neither or both places to take them from.
    #[error("it needs either lines (a file) or command: where the values come from")]
    Source,
    /// A key that nobody knows here.
    #[error("unknown key `{0}`; known are {KEYS}")]
    UnknownKey(String),
    /// A command with nothing to run.
    #[error("the command is empty")]
    EmptyCommand,
    /// Nothing to measure.
    #[error("`{0}` gives no values: every line is empty, or starts with #")]
    NoValues(String),
    /// A value that could not be told from another.
    #[error("`{from}` gives the value `{value}` twice")]
    Twice {
        /// The file or the command.
        from: String,
        /// The value.
        value: String,
    },
    /// A value that no program can be given.
    #[error(transparent)]
    Words(#[from] InvalidWords),
}

/// Where the values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file, as it is written.
    Lines(String),
    /// What a command prints.
    Command(Command),
}

/// What a manifest says of values from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FromOutside {
    pub(crate) source: Source,
    /// Only so many of them.
    pub(crate) limit: Option<u64>,
}

impl FromOutside {
    /// The file or the command as it stands in the manifest.
    pub(crate) fn text(&self) -> String {
        match &self.source {
            Source::Lines(path) => path.clone(),
            Source::Command(Command::Line(line)) => line.clone(),
            Source::Command(Command::Words(words)) => words::join(words),
        }
    }
}

/// Values that were found outside.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// How many of them are used.
    pub(crate) used: u64,
    /// How many there were.
    pub(crate) found: u64,
    /// What stands for the used ones.
    pub(crate) hash: String,
}

/// Reads from the manifest where the values come from.
pub(crate) fn read(value: &Value<'_>, table: &DeTable<'_>) -> Result<FromOutside, Refused> {
    let (mut lines, mut program, mut limit) = (None, None, None);
    for (key, value) in table.iter() {
        match key.get_ref().as_ref() {
            "lines" => {
                let path = text(value, "a file such as \"modules.txt\"")?;
                lines = Some(Source::Lines(path.to_owned()));
            }
            "command" => {
                let command = command::read(value)?;
                if command.is_empty() {
                    return Err(refused(value, InvalidOutside::EmptyCommand));
                }
                program = Some(Source::Command(command));
            }
            "limit" => limit = Some(count::read_points(value)?),
            other => {
                let fault = InvalidOutside::UnknownKey(other.to_owned()).into();
                return Err(Refused { span: key.span(), fault });
            }
        }
    }
    match (lines, program) {
        (Some(source), None) | (None, Some(source)) => Ok(FromOutside { source, limit }),
        _ => Err(refused(value, InvalidOutside::Source)),
    }
}

/// Whether `value` says that its values come from outside.
pub(crate) fn table<'v, 'i>(value: &'v Value<'i>) -> Option<&'v DeTable<'i>> {
    match value.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// The values in a text, a line each; empty lines and those that start with `#` are skipped.
/// They are numbers where all of them are whole numbers.
pub(crate) fn values(
    from: &FromOutside,
    text: &str,
) -> Result<(Vec<ParamValue>, Found), InvalidOutside> {
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let all: Vec<&str> = lines.collect();
    let limit = from.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let used = &all[..all.len().min(limit)];
    if used.is_empty() {
        return Err(InvalidOutside::NoValues(from.text()));
    }
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = used.iter().find(|value| !seen.insert(**value)) {
        return Err(InvalidOutside::Twice { from: from.text(), value: (*twice).to_owned() });
    }
    used.iter().try_for_each(|value| words::check(value))?;
    let integer = |text: &&str| text.parse::<i64>().ok().filter(|it| it.to_string() == **text);
    let are_numbers = all.iter().all(|value| integer(value).is_some());
    let typed = |text: &&str| match integer(text).filter(|_| are_numbers) {
        Some(number) => ParamValue::Integer(number),
        None => ParamValue::Text((*text).to_owned()),
    };
    let found = Found { used: used.len() as u64, found: all.len() as u64, hash: hash(used) };
    Ok((used.iter().map(typed).collect(), found))
}

/// FNV-1a of the values, each followed by a line feed
/// (Fowler, Noll and Vo: <http://www.isthe.com/chongo/tech/comp/fnv/>).
fn hash(values: &[&str]) -> String {
    let bytes = values.iter().flat_map(|value| value.bytes().chain([b'\n']));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("0x{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, limit: Option<u64>) -> String {
        let from = FromOutside { source: Source::Lines("f".to_owned()), limit };
        match values(&from, text) {
            Ok((values, found)) => format!("{values:?} of {}", found.found),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn values_of_a_text() {
        for (text, limit, expected) in [
            ("a\n\n # no\n b c \n", None, r#"[Text("a"), Text("b c")] of 2"#),
            ("1\n-2\r\n30", None, "[Integer(1), Integer(-2), Integer(30)] of 3"),
            ("1\n02\n", None, r#"[Text("1"), Text("02")] of 2"#),
            ("1\n2\nx", Some(2), r#"[Text("1"), Text("2")] of 3"#),
            ("1\n2\n1", Some(2), "[Integer(1), Integer(2)] of 3"),
            ("1\n2\n1", None, "`f` gives the value `1` twice"),
            ("# a\n\n", None, "`f` gives no values: every line is empty, or starts with #"),
            ("a\0", None, "a command, variable or path cannot hold a NUL character"),
        ] {
            assert_eq!(check(text, limit), expected, "{text:?} {limit:?}");
        }
    }

    /// The published test values of the method, for texts that end with a line feed.
    #[test]
    fn hashes() {
        assert_eq!(hash(&[]), "0xcbf29ce484222325");
        assert_eq!(
            hash(&["foobar"]),
            format!("0x{:016x}", {
                (0x8594_4171_f739_67e8_u64 ^ 0x0a).wrapping_mul(0x0000_0100_0000_01b3)
            })
        );
    }
}
