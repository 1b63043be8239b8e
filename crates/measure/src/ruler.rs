//! The ruler itself: what it costs to start a program that does nothing, and an empty shell.

use std::collections::BTreeMap;
use std::path::Path;

use tacho_schema::ShellStartup;

use crate::child::Supervisor;
use crate::program::{Program, Surroundings};
use crate::spawn::{End, SpawnError};

/// Runs of the cheapest program. The shortest counts: a floor that load has lifted is none.
const FLOOR_RUNS: usize = 10;
/// Runs of an empty line in the shell.
const SHELL_RUNS: usize = 12;
const TIMEOUT_NANOS: u64 = 10_000_000_000;

/// The shortest wall time of starting and ending a program that does nothing; `None` where the
/// starter has no such program.
///
/// # Errors
/// [`SpawnError`] when the starter is gone.
pub fn spawn_floor_nanos(supervisor: &mut Supervisor) -> Result<Option<f64>, SpawnError> {
    match supervisor.spawner().nothing() {
        Some(nothing) => {
            let nanos = sorted_nanos(supervisor, &nothing, FLOOR_RUNS)?;
            Ok(nanos.and_then(|nanos| nanos.first().map(|nanos| *nanos as f64)))
        }
        None => Ok(None),
    }
}

/// What `shell` (its words, as `["/bin/sh", "-c"]`) takes for an empty line, in `dir`.
///
/// # Errors
/// [`SpawnError`] when the starter is gone. A shell that cannot be started is `None`: the commands
/// in it will say so themselves.
pub fn shell_startup(
    supervisor: &mut Supervisor,
    shell: &[String],
    surroundings: &Surroundings,
    dir: &Path,
) -> Result<Option<ShellStartup>, SpawnError> {
    let mut argv = shell.to_vec();
    argv.push(String::new());
    let Ok(program) = Program::find(&argv, surroundings, &BTreeMap::new(), dir, None) else {
        return Ok(None);
    };
    let nanos = sorted_nanos(supervisor, &program, SHELL_RUNS)?;
    Ok(nanos.map(|nanos| ShellStartup {
        shell: shell.to_vec(),
        median_nanos: (nanos[SHELL_RUNS / 2 - 1] + nanos[SHELL_RUNS / 2]) as f64 / 2.0,
        runs: SHELL_RUNS as u64,
    }))
}

/// The wall times of `runs` runs, shortest first; `None` when one did not end well.
fn sorted_nanos(
    supervisor: &mut Supervisor,
    program: &Program,
    runs: usize,
) -> Result<Option<Vec<u64>>, SpawnError> {
    let mut nanos = Vec::with_capacity(runs);
    for _ in 0..runs {
        match supervisor.run_alone(program, TIMEOUT_NANOS)? {
            Some(finished) if finished.forced.is_none() && finished.ended.end == End::Exited(0) => {
                nanos.push(finished.ended.end_nanos - finished.ended.start_nanos);
            }
            _ => return Ok(None),
        }
    }
    nanos.sort_unstable();
    Ok(Some(nanos))
}
