//! Every planned command found before anything is measured, or all the missing ones named.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::thread::CpuSet;
use tacho_schema::{Hook, Limits, Output, PlanDoc, PlannedPoint, Reading};

use crate::child::Supervisor;
use crate::program::{Bounds, Program, ProgramError, Sink, Surroundings, c_string, cpu_mask};
use crate::spawn::{End, SpawnError};

/// A command of the plan that cannot be started.
#[derive(Debug)]
pub struct Missing {
    /// The command as the user wrote it.
    pub command: String,
    /// The point, as a table names it.
    pub point: String,
    /// Why.
    pub reason: ProgramError,
}

/// A shell is asked for a word in this time.
const ASK_NANOS_MAX: u64 = 10_000_000_000;

/// The programs of the plan's points, in their order. `None` where a set-up may still make it: it
/// is looked for again after that.
pub type Found = Vec<Option<Program>>;

/// Finds the program of each point; `base` is the manifest's folder.
///
/// In a shell's line the first word is looked for too, when it is a plain word: `gzp -9 x` is
/// named here and not by 127 after the set-up.
///
/// # Errors
/// [`SpawnError`] when the starter is gone; within: all commands that are missing, each once.
pub fn find(
    plan: &PlanDoc,
    base: &Path,
    surroundings: &Surroundings,
    supervisor: &mut Supervisor,
) -> Result<Result<Found, Vec<Missing>>, SpawnError> {
    let mut found = Vec::with_capacity(plan.points.len());
    let mut missing: Vec<Missing> = Vec::new();
    let mut asked: BTreeMap<(Vec<String>, String), bool> = BTreeMap::new();
    for planned in &plan.points {
        if planned.refused.is_some() {
            // Nothing of it is started.
            found.push(None);
            continue;
        }
        let later = planned.setup.is_some() || planned.prepare.is_some();
        let mut result = point_program(planned, base, surroundings);
        if let Some(lacking) = planned.limits.cpus.as_deref().and_then(not_ours) {
            let point = planned.point.to_string();
            missing.push(Missing { command: planned.command.clone(), point, reason: lacking });
            continue;
        }
        if !later
            && let (Ok(program), Some(shell)) = (&result, &planned.shell)
            && let Some(word) = plain_first_word(&planned.command)
        {
            let key = (shell.clone(), word.to_owned());
            let known = match asked.get(&key) {
                Some(known) => *known,
                None => shell_knows(supervisor, shell, word, program, surroundings)?,
            };
            asked.insert(key, known);
            if !known {
                result = Err(ProgramError::Missing(word.to_owned()));
            }
        }
        match result {
            Ok(program) => found.push(Some(program)),
            Err(_) if later => found.push(None),
            Err(reason) => {
                if missing.iter().all(|known| known.command != planned.command) {
                    let point = planned.point.to_string();
                    missing.push(Missing { command: planned.command.clone(), point, reason });
                }
            }
        }
    }
    Ok(if missing.is_empty() { Ok(found) } else { Err(missing) })
}

/// Which of these processors are not here for us: the kernel would leave them out in silence.
fn not_ours(cpus: &[u32]) -> Option<ProgramError> {
    let here = processors()?;
    let lacking: Vec<u32> = cpus.iter().filter(|cpu| !here.contains(cpu)).copied().collect();
    (!lacking.is_empty())
        .then(|| ProgramError::NoProcessor { lacking: list(&lacking), here: list(&here) })
}

/// The processors that a child could be given: a thread of ours, which then ends, asks for all.
/// Our own affinity may be narrower.
fn processors() -> Option<Vec<u32>> {
    let ask = || {
        let mut all = CpuSet::new();
        (0..CpuSet::MAX_CPU).for_each(|cpu| all.set(cpu));
        rustix::thread::sched_setaffinity(None, &all).ok()?;
        rustix::thread::sched_getaffinity(None).ok()
    };
    let ours = std::thread::spawn(ask).join().ok()??;
    let given = (0..CpuSet::MAX_CPU).filter(|cpu| ours.is_set(*cpu));
    Some(given.filter_map(|cpu| u32::try_from(cpu).ok()).collect())
}

/// Rising numbers as `0-3,8`.
fn list(numbers: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let shown = |(first, last): &(u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    runs.iter().map(shown).collect::<Vec<_>>().join(",")
}

/// The point's command as a program.
pub(crate) fn point_program(
    planned: &PlannedPoint,
    base: &Path,
    surroundings: &Surroundings,
) -> Result<Program, ProgramError> {
    let stdin = planned.stdin.as_ref().map(|path| base.join(path));
    let dir = folder(planned, base);
    let program = Program::find(&planned.argv, surroundings, &planned.env, &dir, stdin.as_deref())?
        .announced_within(planned.timeout_nanos)
        .printing_to(sink(output(planned), base)?)
        .within(bounds(&planned.limits));
    let is_read = planned.wire.is_some() || planned.reading != Reading::default();
    Ok(if is_read { program.read_whole() } else { program })
}

/// Where its output goes: a row is always read.
pub(crate) fn output(planned: &PlannedPoint) -> &Output {
    if planned.wire.is_some() { &Output::Pipe } else { &planned.output }
}

fn sink(output: &Output, base: &Path) -> Result<Sink, ProgramError> {
    Ok(match output {
        Output::Pipe => Sink::Pipe,
        Output::Null => Sink::Null,
        Output::Inherit => Sink::Inherit,
        Output::File(path) => Sink::File(c_string(base.join(path).into_os_string().into_vec())?),
    })
}

/// The bounds that need nothing but the program; its memory's is made when it runs.
fn bounds(limits: &Limits) -> Bounds {
    Bounds {
        cgroup_procs: None,
        address_space_bytes_max: None,
        cpus: limits.cpus.as_deref().map(cpu_mask),
        nice: limits.nice,
        keeps_addresses: limits.aslr == Some(false),
    }
}

/// One of the point's hooks as a program: same environment and folder, nothing to read.
pub(crate) fn hook_program(
    hook: &Hook,
    planned: &PlannedPoint,
    base: &Path,
    surroundings: &Surroundings,
) -> Result<Program, ProgramError> {
    Program::find(&hook.argv, surroundings, &planned.env, &folder(planned, base), None)
}

fn folder(planned: &PlannedPoint, base: &Path) -> PathBuf {
    if planned.dir.is_empty() { base.to_owned() } else { base.join(&planned.dir) }
}

/// The first word of a shell's line when it surely is a command's name: nothing quoted, expanded,
/// assigned or grouped.
fn plain_first_word(line: &str) -> Option<&str> {
    let word = line.split_whitespace().next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '+' | '-');
    word.chars().all(plain).then_some(word)
}

/// Whether the shell would find `word`: a program, a builtin, a keyword.
fn shell_knows(
    supervisor: &mut Supervisor,
    shell: &[String],
    word: &str,
    program: &Program,
    surroundings: &Surroundings,
) -> Result<bool, SpawnError> {
    let posix = ["sh", "bash", "dash", "zsh", "ksh"];
    let name = shell.first().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    if !posix.contains(&name) || shell.last().is_none_or(|last| last != "-c") {
        return Ok(true);
    }
    let mut argv = shell.to_vec();
    argv.extend(["command -v -- \"$1\"", name, word].map(str::to_owned));
    let dir = PathBuf::from(program.dir.to_string_lossy().into_owned());
    let Ok(mut question) = Program::find(&argv, surroundings, &BTreeMap::new(), &dir, None) else {
        return Ok(true);
    };
    question.env.clone_from(&program.env);
    let answer = supervisor.run_alone(&question, ASK_NANOS_MAX)?;
    Ok(answer.is_none_or(|answer| !matches!(answer.ended.end, End::Exited(1 | 127))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_listed_in_runs() {
        for (numbers, expected) in [
            (&[][..], ""),
            (&[0], "0"),
            (&[0, 1], "0-1"),
            (&[0, 1, 2, 8, 10, 11], "0-2,8,10-11"),
            (&[u32::MAX], "4294967295"),
        ] {
            assert_eq!(list(numbers), expected, "{numbers:?}");
        }
    }

    #[test]
    fn only_a_plain_word_is_looked_for() {
        for (line, expected) in [
            ("gzip -1 x", Some("gzip")),
            ("  ./run.sh", Some("./run.sh")),
            ("A=1 gzip", None),
            ("$TOOL x", None),
            ("(cd x; make)", None),
            ("'my tool' x", None),
            ("a;b", None),
            ("", None),
        ] {
            assert_eq!(plain_first_word(line), expected, "{line:?}");
        }
    }
}
