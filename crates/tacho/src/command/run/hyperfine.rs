//! What hyperfine's flags mean where that takes more than handing them on, and what is said of
//! those that have no meaning here.

use tacho_plan::{AdHocCommand, Fault, Scan, Values, split_words};

use crate::args::RunArgs;
use crate::failure::Failure;

/// The shell of `--shell default`.
const SHELL: &str = "/bin/sh";
/// Nothing to read, said by `--input null`.
const NOTHING: &str = "/dev/null";

/// Answers the flags that cannot be honoured.
///
/// # Errors
/// One of them is given: exit 2.
pub(super) fn refuse(args: &RunArgs) -> Result<(), Failure> {
    if args.foreign.metrics.is_some() {
        return Err(Failure::usage(
            "--metrics: there is nothing to choose, because every run's time, processor time and \
             memory are recorded and shown; the processor's own counters are not",
        )
        .hint("--export-json has all of them by hyperfine's names; -u sets the unit of a table"));
    }
    if args.foreign.debug_mode {
        return Err(Failure::usage(
            "--debug-mode makes times up in hyperfine; tacho shows only what was measured",
        )
        .hint("--store memory: measures and keeps nothing"));
    }
    Ok(())
}

/// That a command asks for what only hyperfine sets.
pub(super) fn note(args: &RunArgs) -> Option<String> {
    const VARIABLE: &str = "HYPERFINE_ITERATION";
    let around = &args.around;
    let hooks = [&around.setup, &around.prepare, &around.conclude, &around.cleanup];
    let mut texts = args.positionals.iter().chain(&args.words).chain(hooks.into_iter().flatten());
    texts.any(|text| text.contains(VARIABLE)).then(|| {
        format!("{VARIABLE} is not set: tacho starts every run of a command in the same way")
    })
}

/// The shell's words, as the plan takes them.
///
/// # Errors
/// The text is a command: hyperfine 2's -S has no value, and what follows it is measured. Or -N
/// says that there is no shell.
pub(super) fn shell(args: &RunArgs) -> Result<Option<String>, Failure> {
    match args.program.shell.as_deref() {
        Some("default") if !args.program.no_shell => Ok(Some(SHELL.to_owned())),
        Some(text) if is_command(text) => Err(Failure::usage(format!(
            "-S takes a shell, and `{text}` is a command: in hyperfine 2 nothing follows -S",
        ))
        .hint(format!("leave -S out: commands run through {SHELL} unless -N is given"))),
        Some(text) if args.program.no_shell && text != "none" => Err(Failure::usage(format!(
            "-N runs commands without a shell, and -S {text} through one",
        ))
        .hint("give one of them")),
        given => Ok(given.map(str::to_owned)),
    }
}

/// Whether a text that should be a shell is a command of several words. A shell's words are itself
/// and flags, perhaps behind a program that starts it.
fn is_command(text: &str) -> bool {
    let Ok(words) = split_words(text) else { return false };
    let names_shell = |word: &String| {
        let name = word.rsplit('/').next().unwrap_or_default();
        name.ends_with("sh") || matches!(name, "nu" | "elvish" | "python" | "python3" | "perl")
    };
    let last = words.iter().rposition(|word| !word.starts_with('-'));
    words.len() > 1 && last.is_some_and(|last| last > 0 && !names_shell(&words[last]))
}

/// The variables of `--env`, one `NAME=VALUE` each: a text is split into words as in a shell.
///
/// # Errors
/// A quote is open. Or there are several flags beside several commands: in hyperfine each command
/// has its own then.
pub(super) fn env(args: &RunArgs, is_manifest: bool) -> Result<Vec<String>, Failure> {
    let (given, commands) = (&args.program.env, commands(args).len());
    if given.len() > 1 && commands > 1 && !is_manifest {
        return Err(Failure::usage(format!(
            "--env is given {} times, and there are {commands} commands: one flag holds for all of \
             them",
            given.len(),
        ))
        .hint("--env 'A=1 B=2' sets two variables for all commands")
        .hint("`env A=1 COMMAND` sets one for a command"));
    }
    let split = given.iter().map(|text| {
        split_words(text).map_err(|error| Failure::usage(format!("--env {text}: {error}")))
    });
    Ok(split.collect::<Result<Vec<_>, _>>()?.concat())
}

/// The file of `--input`.
///
/// # Errors
/// It has no name.
pub(super) fn input(args: &RunArgs) -> Result<Option<&str>, Failure> {
    match args.program.input.as_deref() {
        Some("") => Err(Failure::usage("--input: the name of the file is empty")
            .hint("--input null gives the commands nothing to read")),
        Some("null") => Ok(Some(NOTHING)),
        given => Ok(given),
    }
}

/// Where standard output goes, by `--output` or `--show-output`.
///
/// # Errors
/// It is given for each command: exit 2.
pub(super) fn output(args: &RunArgs) -> Result<Option<String>, Failure> {
    match args.program.output.as_slice() {
        [] => Ok(args.program.show_output.then(|| "inherit".to_owned())),
        [only] => Ok(Some(only.clone())),
        several => Err(Failure::usage(format!(
            "--output is given {} times, and one holds for all commands",
            several.len(),
        ))
        .hint("`COMMAND >FILE` sends one command's output elsewhere")),
    }
}

/// The least time for each point, by `--min-time` or its name in hyperfine.
pub(super) fn min_time(args: &RunArgs) -> Option<String> {
    let seconds = args.sampling.min_benchmarking_time.map(|seconds| format!("{seconds}s"));
    args.sampling.min_time.clone().or(seconds)
}

/// The commands, the one of `--reference` first.
pub(super) fn commands(args: &RunArgs) -> Vec<AdHocCommand> {
    let lines = args.program.reference.iter().chain(&args.positionals);
    let mut commands: Vec<AdHocCommand> = lines.cloned().map(AdHocCommand::Line).collect();
    if !args.words.is_empty() {
        commands.push(AdHocCommand::Words(args.words.clone()));
    }
    commands
}

/// The names of the commands, in their order.
///
/// # Errors
/// `--reference` stands beside parameters, which would be its own too, or there are more names
/// than other commands.
pub(super) fn names(args: &RunArgs) -> Result<Vec<String>, Failure> {
    let program = &args.program;
    let Some(reference) = &program.reference else { return Ok(program.command_name.clone()) };
    if !program.parameter_list.is_empty() || !program.parameter_scan.is_empty() {
        return Err(Failure::usage(
            "--reference is one command, and with -L or -P it would be measured at each value",
        )
        .hint("without it the others are compared with the first command at the first value")
        .hint("--save-baseline NAME, then --baseline NAME, compares with another capture"));
    }
    if program.reference_name.is_none() && program.command_name.is_empty() {
        return Ok(Vec::new());
    }
    let (names, others) = (program.command_name.len(), commands(args).len() - 1);
    if names > others {
        let fault = Fault::TooManyNames { names, commands: others };
        return Err(Failure::usage(format!("--command-name: {fault}"))
            .hint("the one of --reference is not counted: --reference-name names it"));
    }
    let own = || reference.split(char::is_control).collect::<Vec<_>>().join(" ");
    let first = program.reference_name.clone().unwrap_or_else(own);
    Ok([vec![first], program.command_name.clone()].concat())
}

/// That a range has one value only because its step is larger than it is, as 0.1 to 0.5 by 1.
pub(super) fn note_steps(args: &RunArgs) -> Result<Vec<String>, Failure> {
    let steps = &args.program.parameter_step_size;
    let typed = args.program.parameter_scan.chunks_exact(3).enumerate();
    let notes = typed.zip(scans(args)?).filter_map(|((index, scan), (_, values))| {
        let [name, low, high] = scan else { return None };
        let is_point = low.parse::<f64>().ok() == high.parse::<f64>().ok();
        let step = steps.get(index).or(steps.first()).map_or("1", String::as_str);
        (values.count() == 1 && !is_point).then(|| {
            format!(
                "-P {name}: a step of {step} is larger than the range {low} to {high}: one value \
                 (-D sets the step)"
            )
        })
    });
    Ok(notes.collect())
}

/// The ranges of `-P`, each with its step: that of its own `-D`, or the only one.
///
/// # Errors
/// A range is none, or there are neither one step nor as many as ranges.
pub(super) fn scans(args: &RunArgs) -> Result<Vec<(String, Values)>, Failure> {
    let scans = args.program.parameter_scan.chunks_exact(3);
    let steps: Vec<&str> = args.program.parameter_step_size.iter().map(String::as_str).collect();
    if steps.len() > 1 && steps.len() != scans.len() {
        let (steps, scans) = (steps.len(), scans.len());
        return Err(Failure::usage(format!(
            "-D is given {steps} times and -P {scans} times: give it once, or once for each -P",
        )));
    }
    let read = |(index, scan): (usize, &[String])| {
        let step = steps.get(index).or(steps.first()).copied();
        let values = Scan::new(&scan[1], &scan[2], step).map_err(|error| {
            let step = step.map_or(String::new(), |step| format!(" -D {step}"));
            Failure::usage(format!("-P {}{step}: {error}", scan.join(" ")))
        })?;
        Ok((scan[0].clone(), Values::Scan(values)))
    };
    scans.enumerate().map(read).collect()
}
