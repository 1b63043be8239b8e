//! A harness: the program that lists its own workloads and times them itself.

use tacho_schema::CacheMode;
use tacho_stats::{InvalidModel, Model};
use toml::de::DeValue;

use super::words;
use super::{Refused, Value, read_flag, refused, text};
use crate::problem::{At, Fault};

/// The words for a Cargo project's bench targets.
const CARGO: &str = "cargo";

/// Why a harness cannot be asked or measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHarness {
    /// There is no program in it.
    #[error(
        "it is empty: write a program such as \"target/release/bench-sort\", or \"cargo\" for the \
         bench targets of this Cargo project"
    )]
    Empty,
    /// `cargo:` with nothing behind it.
    #[error("the name of a bench target is missing behind `cargo:`")]
    NoTarget,
    /// Something that is measured in another way stands beside it.
    #[error("this [[workload]] has a `harness` too, at {0}: one of them is measured")]
    OneProgram(At),
    /// Something that only commands have stands beside it.
    #[error("a harness (at {0}) measures itself, so this would change nothing")]
    Beside(At),
    /// Something that only harnesses have, and there is none.
    #[error("only a `harness` has this, and this [[workload]] has none")]
    NoHarness,
    /// Something that a harness lists by itself.
    #[error(
        "a harness lists this of each of its workloads; give the [[workload]] a `name` to \
         measure one of them as it is said here"
    )]
    Listed,
    /// Cargo's bench targets are not known before they were built and asked.
    #[error(
        "what a Cargo project's bench targets list has names of its own; leave `name` out, or \
         name the built program in `harness`"
    )]
    NamedCargo,
    /// Nobody has asked what there is.
    #[error("nobody has asked it for its workloads")]
    NotAsked,
    /// It does not speak the contract.
    #[error("`{0} _list` lists no workload: it does not speak the wire contract{1}")]
    ListsNothing(String, &'static str),
    /// It lists a workload of a name that the manifest has given to another.
    #[error("`{from} _list` lists `{name}`, and that name is taken: it stands at {first}")]
    OwnName {
        /// How messages call the program.
        from: String,
        /// The name.
        name: String,
        /// Where the manifest gives it.
        first: At,
    },
    /// A hash that none has.
    #[error("{0:?} is no hash: write it as the harness prints it, as \"0x00ff\"")]
    NoHash(String),
    /// A growth that is no expression.
    #[error("{0}")]
    Complexity(#[from] InvalidModel),
}

/// The program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The bench targets of the Cargo project, all or the one of this name.
    Cargo(Option<String>),
    /// Its words; the first is a path relative to the manifest's folder where it has a slash.
    Words(Vec<String>),
}

impl Source {
    /// The words of `text`, or Cargo's.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        match text.trim().strip_prefix(CARGO) {
            Some("") => return Ok(Self::Cargo(None)),
            Some(rest) => match rest.strip_prefix(':').map(str::trim) {
                Some("") => return Err(InvalidHarness::NoTarget.into()),
                Some(name) => return Ok(Self::Cargo(Some(name.to_owned()))),
                None => {}
            },
            None => {}
        }
        Self::of_words(words::parse(text)?)
    }

    fn of_words(words: Vec<String>) -> Result<Self, Fault> {
        if words.is_empty() {
            return Err(InvalidHarness::Empty.into());
        }
        Ok(Self::Words(words::startable(words)?))
    }

    /// As it is written, on one line.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Cargo(None) => CARGO.to_owned(),
            Self::Cargo(Some(name)) => format!("{CARGO}:{name}"),
            Self::Words(words) => words::join(words),
        }
    }
}

/// Reads a harness from the manifest.
pub(crate) fn read(value: &Value<'_>) -> Result<Source, Refused> {
    const EXPECTED: &str = "a program such as \"target/release/bench-sort\", or \"cargo\"";
    let source = match value.get_ref() {
        DeValue::Array(_) => Source::of_words(words::read(value)?),
        _ => Source::parse(text(value, EXPECTED)?),
    };
    source.map_err(|fault| refused(value, fault))
}

/// Reads how a time is expected to grow.
pub(crate) fn read_complexity(value: &Value<'_>) -> Result<Model, Refused> {
    let expression = text(value, "an expression in n such as \"n * log2(n)\"")?;
    Model::parse(expression).map_err(|fault| refused(value, InvalidHarness::from(fault)))
}

/// Reads whether every call has a process of its own.
pub(crate) fn read_cold(value: &Value<'_>) -> Result<Option<CacheMode>, Refused> {
    read_flag(value).map(|is_cold| is_cold.then_some(CacheMode::Cold))
}

/// Reads the hash that every answer must have.
pub(crate) fn read_hash(value: &Value<'_>) -> Result<String, Refused> {
    let hash = text(value, "a hash such as \"0x00ff\"")?;
    let is_hash = hash
        .strip_prefix("0x")
        .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit()));
    match is_hash {
        true => Ok(hash.to_owned()),
        false => Err(refused(value, InvalidHarness::NoHash(hash.to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setting::words::InvalidWords;

    #[test]
    fn sources() {
        let words = |words: &[&str]| Source::Words(words.iter().map(ToString::to_string).collect());
        for (text, expected) in [
            ("cargo", Ok(Source::Cargo(None))),
            (" cargo ", Ok(Source::Cargo(None))),
            ("cargo:sort", Ok(Source::Cargo(Some("sort".to_owned())))),
            ("cargo-sort x", Ok(words(&["cargo-sort", "x"]))),
            ("cargo bench", Ok(words(&["cargo", "bench"]))),
            ("python3 'a b.py'", Ok(words(&["python3", "a b.py"]))),
            ("cargo:", Err(InvalidHarness::NoTarget.into())),
            (" ", Err(InvalidHarness::Empty.into())),
            ("''", Err(InvalidWords::NoProgram.into())),
            ("'a", Err(InvalidWords::OpenQuote('\'').into())),
        ] {
            assert_eq!(Source::parse(text), expected, "{text:?}");
        }
        assert_eq!(words(&["a b", "c"]).text(), "'a b' c");
    }
}
