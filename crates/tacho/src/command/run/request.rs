//! What `tacho run` is asked for: the command line and the manifest to a plan, and what to say of
//! it before it is carried out.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use tacho_plan::{
    AdHoc, Flags, MANIFEST_BYTES_MAX, NothingSelected, UnusedParam, Values, parse, parse_list,
    select,
};
use tacho_report::phrase;
use tacho_schema::PlanDoc;

use super::hyperfine;
use crate::args::RunArgs;
use crate::failure::Failure;
use crate::project::Project;
use crate::scratch::random;

/// So many notes of one kind are told.
const NOTES_MAX: usize = 5;

/// What will run.
pub(super) struct Request {
    pub(super) plan: PlanDoc,
    /// The manifest's `[project] name`.
    pub(super) project_name: Option<String>,
    /// What is no fault, but perhaps not what was meant.
    pub(super) notes: Vec<String>,
}

/// Reads what is asked for; nothing is measured, and nothing written.
///
/// # Errors
/// Everything that is wrong with the flags, the manifest or the selection: exit 2.
pub(super) fn read(args: &RunArgs, project: &Project) -> Result<Request, Failure> {
    hyperfine::refuse(args)?;
    let flags = flags(args, project.manifest.is_some())?;
    match &project.manifest {
        None => of_commands(args, &flags),
        Some(path) => of_manifest(args, &flags, project, path),
    }
}

fn of_commands(args: &RunArgs, flags: &Flags) -> Result<Request, Failure> {
    if args.positionals.is_empty() && args.words.is_empty() {
        let failure = Failure::usage("nothing to measure: no manifest and no command");
        let failure = match &args.program.shell {
            Some(shell) => failure.hint(format!("`{shell}` after -S was taken for a shell")),
            None => failure,
        };
        return Err(failure
            .hint("`tacho run 'COMMAND'` measures a command")
            .hint("a manifest is a file tacho.toml; `tacho run --help` shows more"));
    }
    if !args.sampling.tag.is_empty() {
        return Err(Failure::usage("--tag selects from a manifest, and there is none"));
    }
    let ad_hoc = ad_hoc(args)?;
    let plan = ad_hoc.plan(flags).map_err(|found| problems(&found))?;
    let notes = notes(&plan, &[], &ad_hoc.unused_params(flags));
    Ok(Request { plan, project_name: None, notes })
}

fn of_manifest(
    args: &RunArgs,
    flags: &Flags,
    project: &Project,
    path: &Path,
) -> Result<Request, Failure> {
    if let Some(flag) = ad_hoc_flag(args) {
        return Err(Failure::usage(format!("{flag} is for commands, and there is a manifest"))
            .hint("-x measures the arguments as commands; filters select from the manifest"));
    }
    let bytes = read_manifest(path)
        .map_err(|error| Failure::cannot(&format!("read {}", path.display()), &error))?;
    let name = project.manifest_name().unwrap_or_default();
    let manifest =
        parse(&name, &bytes, &project.base_in_project).map_err(|found| problems(&found))?;
    let mut plan = manifest.plan(flags).map_err(|found| problems(&found))?;
    let unmatched = select(&mut plan, &args.positionals, &args.sampling.tag)
        .map_err(|error| nothing_selected(args, &name, &error))?;
    project.check_folders(&plan, &manifest, flags.stdin.is_some())?;
    let notes = notes(&plan, &unmatched, &manifest.unused_params(flags));
    Ok(Request { project_name: manifest.project().map(str::to_owned), plan, notes })
}

fn nothing_selected(args: &RunArgs, manifest: &str, error: &NothingSelected) -> Failure {
    let failure = Failure::usage(error.to_string());
    if args.positionals.iter().any(|text| text.contains(' ')) {
        failure.hint(format!("with {manifest} the arguments are filters; -x makes them commands"))
    } else {
        failure
    }
}

/// What a user may not have meant.
fn notes(plan: &PlanDoc, unmatched: &[NothingSelected], unused: &[UnusedParam]) -> Vec<String> {
    let unmatched = unmatched.iter().take(NOTES_MAX).map(ToString::to_string);
    let unused = unused.iter().take(NOTES_MAX).map(ToString::to_string);
    unmatched.chain(unused).chain(apart(plan)).collect()
}

/// That points are measured one after another, where one may believe that they share their time.
fn apart(plan: &PlanDoc) -> Option<String> {
    let legs: BTreeSet<u32> = plan.points.iter().map(|planned| planned.leg).collect();
    let points = phrase::counted(plan.points.len() as u64, "point");
    (legs.len() > 1).then(|| {
        format!(
            "not interleaved: the {points} are measured in {} groups one after another, because \
             their set-ups or clean-ups differ",
            legs.len(),
        )
    })
}

/// The manifest's bytes, and one more than it may have where it is too long.
fn read_manifest(path: &Path) -> Result<Vec<u8>, std::io::Error> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(MANIFEST_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn problems(problems: &tacho_plan::Problems) -> Failure {
    let text = problems.to_string();
    let mut lines = text.lines();
    let first = Failure::usage(lines.next().unwrap_or_default());
    lines.fold(first, Failure::and)
}

/// A flag that has no meaning beside a manifest.
fn ad_hoc_flag(args: &RunArgs) -> Option<&'static str> {
    let program = &args.program;
    [
        (!program.parameter_list.is_empty(), "-L"),
        (!program.parameter_scan.is_empty(), "-P"),
        (!program.command_name.is_empty(), "-n"),
        (program.reference.is_some(), "--reference"),
    ]
    .into_iter()
    .find_map(|(given, flag)| given.then_some(flag))
}

fn ad_hoc(args: &RunArgs) -> Result<AdHoc, Failure> {
    let mut params = hyperfine::scans(args)?;
    for list in args.program.parameter_list.chunks_exact(2) {
        params.push((list[0].clone(), Values::List(parse_list(&list[1]))));
    }
    Ok(AdHoc { commands: hyperfine::commands(args), names: hyperfine::names(args)?, params })
}

fn flags(args: &RunArgs, is_manifest: bool) -> Result<Flags, Failure> {
    hyperfine::output(args)?;
    let (sampling, around, program) = (&args.sampling, &args.around, &args.program);
    Ok(Flags {
        warmup: sampling.warmup,
        runs: sampling.runs,
        min_runs: sampling.min_runs,
        max_runs: sampling.max_runs,
        ignore_failure: program.ignore_failure.clone(),
        shell: hyperfine::shell(args)?,
        no_shell: program.no_shell,
        setup: around.setup.clone(),
        prepare: around.prepare.clone(),
        conclude: around.conclude.clone(),
        cleanup: around.cleanup.clone(),
        precision: sampling.precision.clone(),
        min_time: hyperfine::min_time(args),
        max_time: sampling.max_time.clone(),
        timeout: sampling.timeout.clone(),
        total_seconds: sampling.total_seconds.clone(),
        launcher: program.launcher.clone(),
        env: hyperfine::env(args, is_manifest)?,
        stdin: hyperfine::input(args).map(absolute).transpose()?,
        max_points: sampling.max_points,
        seed: sampling.seed,
        // Short enough to be typed again.
        fresh_seed: random() & 0xffff_ffff,
    })
}

/// A path of the command line, which is relative to the current folder, wherever the manifest is.
fn absolute(path: &str) -> Result<String, Failure> {
    std::path::absolute(path)
        .map(|path| path.to_string_lossy().into_owned())
        .map_err(|error| Failure::cannot(&format!("find {path}"), &error))
}
