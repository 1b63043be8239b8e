//! Values that a manifest wants from outside of it: a file's lines, a command's lines.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use tacho_measure::listing::{ListError, Question, ask};
use tacho_measure::program::Surroundings;
use tacho_measure::signals::Signals;
use tacho_plan::{At, HarnessSource, Manifest, Outside, OutsideSource, Supplied};

use super::harness::Asking;
use super::request::problems;
use crate::failure::Failure;
use crate::flow::record::go_on;
use crate::project::Project;

/// So many bytes of values are read.
const BYTES_MAX: u64 = 4 << 20;

/// What is wrong with more, and with other bytes than text.
const TOO_MUCH: &str = "gives over 4 MiB of values";
const NO_TEXT: &str = "gives values that are no UTF-8 text";

/// What to do about a program that has no `_list`.
const NO_LIST: &str = "a program that lists nothing is measured by a [[workload]] with `harness` \
                       and `bench`: the workload's name";

/// A command has so long to print them.
const TIME_MAX: Duration = Duration::from_secs(60);

/// Why there is nothing.
pub(super) enum Trouble {
    /// What is wrong, as a fragment.
    Fault(String),
    /// It is a failure of its own: a signal that ends us, a build that fails.
    Failure(Failure),
}

/// Looks for what `manifest` wants from outside, and gives it to it; says what was there and is
/// not ours.
///
/// # Errors
/// Exit 2 with a line for each parameter whose values cannot be had and for each harness that
/// lists nothing; a build that fails; a signal that ends us.
pub(super) fn supply(manifest: &mut Manifest, project: &Project) -> Result<Vec<String>, Failure> {
    let wanted = manifest.outside().map_err(|found| problems(&found))?;
    let (mut found, mut faults) = (Vec::with_capacity(wanted.len()), Vec::new());
    let (mut signals, mut notes, mut is_silent) = (None, Vec::new(), false);
    for outside in wanted {
        if let (OutsideSource::Command { .. } | OutsideSource::Harness(_), None) =
            (&outside.source, &signals)
        {
            signals = Some(listen()?);
        }
        match look(&outside, project, signals.as_ref(), &mut notes) {
            Ok(supplied) => found.push((outside, supplied)),
            Err(Trouble::Failure(failure)) => return Err(failure),
            Err(Trouble::Fault(fault)) => {
                is_silent |=
                    matches!(outside.source, OutsideSource::Harness(HarnessSource::Program { .. }));
                faults.push(match &outside.at {
                    // The place is the setting, or says it.
                    At::Flag(_) | At::CargoProject => format!("{}: {fault}", outside.at),
                    at => format!("{at}: {}: {fault}", outside.setting),
                });
            }
        }
    }
    let mut faults = faults.into_iter();
    match faults.next() {
        Some(first) => {
            let failure = faults.fold(Failure::usage(first), Failure::and);
            Err(if is_silent { failure.hint(NO_LIST) } else { failure })
        }
        None => manifest.supply(&found).map(|()| notes).map_err(|found| problems(&found)),
    }
}

fn look(
    outside: &Outside,
    project: &Project,
    signals: Option<&Signals>,
    notes: &mut Vec<String>,
) -> Result<Supplied, Trouble> {
    let in_quotes = |text: &str, trouble| match trouble {
        Trouble::Fault(fault) => Trouble::Fault(format!("`{text}` {fault}")),
        failure @ Trouble::Failure(_) => failure,
    };
    match &outside.source {
        OutsideSource::Lines(path) => {
            of_file(project, path).map(Supplied::Text).map_err(Trouble::Fault)
        }
        OutsideSource::Command { argv, text } => {
            let printed = of_command(argv, &project.base, signals);
            printed.map(Supplied::Text).map_err(|trouble| in_quotes(text, trouble))
        }
        OutsideSource::Harness(source) => {
            let surroundings = Surroundings::inherited().and(&outside.env);
            let ask = Asking { base: &project.base, surroundings: &surroundings, signals };
            ask.listings(source, notes).map(Supplied::Listings)
        }
    }
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
fn of_command(argv: &[String], dir: &Path, signals: Option<&Signals>) -> Result<String, Trouble> {
    let surroundings = Surroundings::inherited();
    let (bytes_max, time_max) = (BYTES_MAX, TIME_MAX);
    let question = Question { argv, dir, surroundings: &surroundings, bytes_max, time_max };
    answer(&question, signals)?.map_err(|error| {
        Trouble::Fault(match error {
            ListError::TooMuch(_) => TOO_MUCH.to_owned(),
            ListError::NoText => NO_TEXT.to_owned(),
            error => error.to_string(),
        })
    })
}

/// What a program prints.
///
/// # Errors
/// A signal that ends us.
pub(super) fn answer(
    question: &Question<'_>,
    signals: Option<&Signals>,
) -> Result<Result<String, ListError>, Trouble> {
    let mut stopped = None;
    let answer = ask(question, &mut || {
        stopped = signals.and_then(|signals| go_on(signals).err());
        stopped.is_some()
    });
    stopped.map_or(Ok(answer), |failure| Err(Trouble::Failure(failure)))
}
