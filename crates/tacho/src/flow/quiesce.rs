//! What else runs on the machine, paused before the first batch and resumed after the last.

use std::path::Path;

use tacho_measure::child::{Finished, Forced, NO_TIMEOUT_NANOS};
use tacho_measure::pool::Pool;
use tacho_measure::program::{Program, Surroundings};
use tacho_measure::signals::Signals;
use tacho_measure::spawn::{End, SpawnError, Tail};
use tacho_schema::{Hook, PlanDoc};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::record::go_on;

/// What is quoted of a failed command's last words.
const QUOTE_CHARS_MAX: usize = 200;

/// The command that is still owed.
pub(crate) struct Quiesced {
    after: Option<(Program, String)>,
}

impl Quiesced {
    /// Runs the plan's `before`. When it fails `after` runs at once: it may have done a part.
    ///
    /// # Errors
    /// One of the commands cannot be run, or `before` fails: nothing is measured then.
    pub(crate) fn begin(
        plan: &PlanDoc,
        base: &Path,
        surroundings: &Surroundings,
        pool: &mut Pool,
        signals: &Signals,
    ) -> Result<Self, Failure> {
        let Some(quiesce) = &plan.quiesce else { return Ok(Self { after: None }) };
        let find = |hook: &Option<Hook>, which| {
            hook.as_ref().map(|hook| program(hook, which, base, surroundings)).transpose()
        };
        // Looked for before anything is paused.
        let (before, after) = (find(&quiesce.before, "before")?, find(&quiesce.after, "after")?);
        let mut quiesced = Self { after };
        if let Some((program, text)) = before {
            let finished = pool.first().run_alone(&program, NO_TIMEOUT_NANOS);
            // Ended by a signal that is for us: which one decides how we exit.
            let told = told(finished, "before", &text)
                .map_err(|failure| failure.hint("nothing was measured"));
            if let Err(failure) = go_on(signals).and(told) {
                if let Err(also) = quiesced.end(pool, signals) {
                    also.report();
                }
                return Err(failure);
            }
        }
        Ok(quiesced)
    }

    /// Runs the plan's `after`, once; where the starter is gone, from a new one.
    ///
    /// # Errors
    /// It fails: what was paused may still be.
    pub(crate) fn end(&mut self, pool: &mut Pool, signals: &Signals) -> Result<(), Failure> {
        let Some((program, text)) = self.after.take() else { return Ok(()) };
        let mut finished = pool.first().run_to_its_end(&program);
        if finished.is_err() {
            finished = Pool::start(1, signals)
                .and_then(|(mut fresh, _)| fresh.first().run_to_its_end(&program));
        }
        told(finished, "after", &text)
            .map_err(|failure| failure.hint("what was paused may still be: run it by hand"))
    }
}

fn program(
    hook: &Hook,
    which: &str,
    base: &Path,
    surroundings: &Surroundings,
) -> Result<(Program, String), Failure> {
    Program::find(&hook.argv, surroundings, &Default::default(), base, None)
        .map(|program| (program, hook.text.clone()))
        .map_err(|error| {
            let what = format!("cannot run [quiesce] {which} `{}`: {error}", hook.text);
            Failure::environment(what)
                .hint(format!("install it, give its path, or leave `{which}` out"))
                .hint("nothing was measured")
        })
}

/// What came of one of the two commands.
fn told(
    finished: Result<Option<Box<Finished>>, SpawnError>,
    which: &str,
    text: &str,
) -> Result<(), Failure> {
    let finished = finished.map_err(|error| Failure::cannot("start programs", &error))?;
    let what = format!("[quiesce] {which} `{text}`");
    if finished.as_ref().is_some_and(|finished| finished.forced == Some(Forced::Cancelled)) {
        return Err(Failure::stopped(Exit::Interrupted));
    }
    match finished.map(|finished| finished.ended) {
        None => Err(Failure::stopped(Exit::Interrupted)),
        Some(ended) => match ended.end {
            End::Exited(0) => Ok(()),
            End::Exited(code) => {
                let said = last_words(&ended.stderr);
                Err(Failure::environment(format!("{what} failed with exit code {code}{said}")))
            }
            End::Signaled(signal) => {
                let name = tacho_measure::outcome::name(signal);
                Err(Failure::environment(format!("{what} was ended by {name}")))
            }
            End::NotStarted { step, errno } => {
                let cause = std::io::Error::from_raw_os_error(errno);
                Err(Failure::environment(format!("{what} cannot {step}: {cause}")))
            }
        },
    }
}

fn last_words(stderr: &Tail) -> String {
    let text = stderr.text();
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
    line.map_or_else(String::new, |line| {
        format!(": {}", line.chars().take(QUOTE_CHARS_MAX).collect::<String>())
    })
}
