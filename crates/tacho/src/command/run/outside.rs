//! Values that a manifest wants from outside of it: a file's lines, a command's lines.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use tacho_measure::listing::{ListError, Question, ask};
use tacho_measure::program::Surroundings;
use tacho_measure::signals::Signals;
use tacho_plan::{HarnessSource, Listing, Manifest, OutsideSource, Supplied};

use super::request::problems;
use crate::failure::Failure;
use crate::flow::record::go_on;
use crate::project::Project;

/// So many bytes of values are read.
const BYTES_MAX: u64 = 4 << 20;

/// What is wrong with more, and with other bytes than text.
const TOO_MUCH: &str = "gives over 4 MiB of values";
const NO_TEXT: &str = "gives values that are no UTF-8 text";

/// A command has so long to print them.
const TIME_MAX: Duration = Duration::from_secs(60);

/// Why there are no values.
enum Trouble {
    /// What is wrong, as a fragment.
    Fault(String),
    /// A signal came that ends us.
    Stopped(Failure),
}

/// Looks for the values that `manifest` wants, and gives them to it.
///
/// # Errors
/// Exit 2 with a line for each parameter whose values cannot be had; a signal that ends us.
pub(super) fn supply(manifest: &mut Manifest, project: &Project) -> Result<(), Failure> {
    let wanted = manifest.outside().map_err(|found| problems(&found))?;
    let (mut found, mut faults) = (Vec::with_capacity(wanted.len()), Vec::new());
    let mut signals = None;
    for outside in wanted {
        let mut ask = |argv: &[String], dir: &Path, text: &str| {
            let signals = match &signals {
                Some(signals) => signals,
                None => signals.insert(listen()?),
            };
            match of_command(argv, dir, &outside.env, signals) {
                Err(Trouble::Stopped(failure)) => Err(failure),
                Err(Trouble::Fault(fault)) => Ok(Err(format!("`{text}` {fault}"))),
                Ok(values) => Ok(Ok(values)),
            }
        };
        let supplied = match &outside.source {
            OutsideSource::Lines(path) => of_file(project, path).map(Supplied::Text),
            OutsideSource::Command { argv, text } => {
                ask(argv, &project.base, text)?.map(Supplied::Text)
            }
            OutsideSource::Harness(HarnessSource::Program { argv, text, dir }) => {
                let words = [argv.as_slice(), &["_list".to_owned()]].concat();
                let listed = ask(&words, &project.base.join(dir), &format!("{text} _list"))?;
                listed.map(|listed| Supplied::Listings(vec![listing(argv, text, dir, listed)]))
            }
            OutsideSource::Harness(HarnessSource::Cargo(_)) => {
                Err("name the built program, as in \"target/release/deps/…\"".to_owned())
            }
        };
        match supplied {
            Ok(supplied) => found.push((outside, supplied)),
            Err(fault) => faults.push(format!("{}: {}: {fault}", outside.at, outside.setting)),
        }
    }
    let mut faults = faults.into_iter();
    match faults.next() {
        Some(first) => Err(faults.fold(Failure::usage(first), Failure::and)),
        None => manifest.supply(&found).map_err(|found| problems(&found)),
    }
}

fn listing(argv: &[String], name: &str, dir: &str, text: String) -> Listing {
    Listing { argv: argv.to_vec(), dir: dir.to_owned(), name: name.to_owned(), text }
}

/// From now on a signal ends what was started first: it is in a group of its own.
fn listen() -> Result<Signals, Failure> {
    Signals::listen().map_err(|error| Failure::cannot("listen for signals", &error))
}

fn of_file(project: &Project, path: &str) -> Result<String, String> {
    if let Some(real) = project.leads_away(path) {
        return Err(format!("`{path}` leads out of the project, to {}", real.display()));
    }
    let full = project.base.join(path);
    if full.exists() && !full.is_file() {
        return Err(format!("cannot read `{path}`: it is no file"));
    }
    let file = std::fs::File::open(full);
    let bytes = file.and_then(bounded).map_err(|error| format!("cannot read `{path}`: {error}"))?;
    text(bytes).map_err(|fault| format!("`{path}` {fault}"))
}

/// What a source gives, and one byte more than it may.
fn bounded(source: impl Read) -> Result<Vec<u8>, std::io::Error> {
    let mut bytes = Vec::new();
    source.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() as u64 > BYTES_MAX {
        return Err(TOO_MUCH.to_owned());
    }
    String::from_utf8(bytes).map_err(|_| NO_TEXT.to_owned())
}

/// What a command prints; a fault is a fragment behind its text.
fn of_command(
    argv: &[String],
    dir: &Path,
    env: &BTreeMap<String, String>,
    signals: &Signals,
) -> Result<String, Trouble> {
    let surroundings = Surroundings::inherited().and(env);
    let (bytes_max, time_max) = (BYTES_MAX, TIME_MAX);
    let question = Question { argv, dir, surroundings: &surroundings, bytes_max, time_max };
    let mut stopped = None;
    let answer = ask(&question, &mut || {
        stopped = go_on(signals).err();
        stopped.is_some()
    });
    match (answer, stopped) {
        (_, Some(failure)) => Err(Trouble::Stopped(failure)),
        (Ok(text), None) => Ok(text),
        (Err(error), None) => Err(Trouble::Fault(match error {
            ListError::TooMuch(_) => TOO_MUCH.to_owned(),
            ListError::NoText => NO_TEXT.to_owned(),
            error => error.to_string(),
        })),
    }
}
