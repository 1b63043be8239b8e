//! The words behind `_child` and `_serve`.

use std::ffi::OsString;

use lexopt::{Arg, Parser, ValueExt};

use crate::near::nearest;
use crate::{Params, Workload};

/// The most threads of a batch.
pub(crate) const THREADS_MAX: u32 = 4096;

/// The words that there are, for who mistypes one.
const WORDS: [&str; 9] = [
    "--bench",
    "--param",
    "--fixed",
    "--repeat-index",
    "--target-nanos",
    "--min-total-nanos",
    "--cache-mode",
    "--threads",
    "--env-json",
];

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// The workload's name.
    pub(crate) bench: String,
    /// The parameter of a parametric one.
    pub(crate) param: Option<u64>,
    /// Whether it is said to have none.
    pub(crate) fixed: bool,
    /// Which measurement of a fixed one this is.
    pub(crate) repeat_index: u64,
    /// How much time the calls are to take together.
    pub(crate) target_nanos: Option<u64>,
    /// Whether one call is made with empty caches.
    pub(crate) cold: Option<bool>,
    /// With how many threads.
    pub(crate) threads: Option<u32>,
}

impl Request {
    /// Reads the words behind the first.
    ///
    /// # Errors
    /// A sentence that names the word that cannot be understood, or the one that is missing.
    pub(crate) fn parse(words: &[OsString]) -> Result<Self, String> {
        let mut request = Self::default();
        let mut parser = Parser::from_args(words.iter().cloned());
        while let Some(word) = parser.next().map_err(|error| error.to_string())? {
            request.take(&word.to_owned_text(), &mut parser)?;
        }
        if request.bench.is_empty() {
            return Err("--bench NAME is missing: _list has the names".to_owned());
        }
        Ok(request)
    }

    fn take(&mut self, word: &str, parser: &mut Parser) -> Result<(), String> {
        match word {
            "--bench" => self.bench = value(word, parser, "a name", owned)?,
            "--param" => self.param = Some(number(word, parser)?),
            "--fixed" => self.fixed = true,
            "--repeat-index" => self.repeat_index = number(word, parser)?,
            "--target-nanos" | "--min-total-nanos" => {
                self.target_nanos = Some(number(word, parser)?);
            }
            "--cache-mode" => self.cold = Some(value(word, parser, "warm or cold", is_cold)?),
            "--threads" => self.threads = Some(value(word, parser, "1 to 4096", threads)?),
            // What the parent knows of the machine belongs to its capture, not to this row.
            "--env-json" => drop(value(word, parser, "a JSON object", owned)?),
            unknown => {
                let hint = nearest(unknown, WORDS).map(|near| format!(": did you mean {near}?"));
                return Err(format!("unknown word {unknown}{}", hint.unwrap_or_default()));
            }
        }
        Ok(())
    }

    /// The workload that is asked for, with its parameter (0 for a fixed one).
    ///
    /// # Errors
    /// There is none of that name, it cannot be measured, or the words do not go with its kind.
    pub(crate) fn find<'a>(
        &self,
        workloads: &'a [Workload],
    ) -> Result<(&'a Workload, u64), String> {
        let name = &self.bench;
        let names = || workloads.iter().map(|workload| workload.name.as_str());
        let Some(workload) = workloads.iter().find(|workload| workload.name == *name) else {
            let hint = nearest(name, names()).map(|near| format!(": did you mean {near}?"));
            return Err(format!("there is no workload {name}{}", hint.unwrap_or_default()));
        };
        if let Some(error) = &workload.error {
            return Err(error.clone());
        }
        match (&workload.params, self.param) {
            (Params::Fixed, Some(_)) => Err(format!("{name} is fixed: it takes no --param")),
            (Params::Fixed, None) => Ok((workload, 0)),
            (_, None) => Err(format!("{name} is parametric: --param N is missing")),
            (_, Some(_)) if self.fixed => {
                Err(format!("{name} is parametric: --fixed does not go with it"))
            }
            (_, Some(param)) => Ok((workload, param)),
        }
    }
}

/// A word as it was typed.
trait OwnedText {
    fn to_owned_text(&self) -> String;
}

impl OwnedText for Arg<'_> {
    fn to_owned_text(&self) -> String {
        match self {
            Arg::Long(name) => format!("--{name}"),
            Arg::Short(letter) => format!("-{letter}"),
            Arg::Value(value) => value.to_string_lossy().into_owned(),
        }
    }
}

fn number(word: &str, parser: &mut Parser) -> Result<u64, String> {
    value(word, parser, "a whole number from 0 on", |text| text.parse().ok())
}

/// The value behind a word.
fn value<T>(
    word: &str,
    parser: &mut Parser,
    wanted: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, String> {
    let missing = || format!("{word} has no value: it takes {wanted}");
    let text = parser.value().map_err(|_| missing())?;
    let text = text.string().map_err(|_| format!("the value of {word} is not UTF-8"))?;
    read(&text).ok_or_else(|| format!("{word} {text}: it takes {wanted}"))
}

fn owned(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn is_cold(text: &str) -> Option<bool> {
    match text {
        "cold" => Some(true),
        "warm" => Some(false),
        _ => None,
    }
}

fn threads(text: &str) -> Option<u32> {
    text.parse().ok().filter(|threads| (1..=THREADS_MAX).contains(threads))
}

#[cfg(test)]
mod tests;
