//! What `tacho run` is asked for: the command line and the manifest to a plan, and what to say of
//! it before it is carried out.

use std::collections::BTreeSet;
use std::path::Path;

use tacho_plan::{
    AdHoc, Defaults, Flags, Manifest, NothingSelected, UnusedParam, Values, parse, parse_list,
    parse_output, select,
};
use tacho_report::phrase;
use tacho_schema::{Output, PlanDoc};

use super::{cargo, hyperfine, missing, outside};
use crate::args::RunArgs;
use crate::args::verbs::MessageFormat;
use crate::failure::Failure;
use crate::flow::export;
use crate::flow::record::Order;
use crate::project::{Project, read_settings};
use crate::scratch::random;
use crate::terminal;

/// So many notes of one kind are told.
const NOTES_MAX: usize = 5;

/// What will run.
pub(crate) struct Request {
    pub(crate) plan: PlanDoc,
    /// The manifest's `[project] name`.
    pub(crate) project_name: Option<String>,
    /// What is no fault, but perhaps not what was meant.
    pub(crate) notes: Vec<String>,
    /// Nobody said which seed, so that the next run has another.
    pub(crate) is_seed_drawn: bool,
    /// That files or folders are not there, which only matters once something is measured.
    pub(crate) missing: Result<(), Failure>,
}

impl Request {
    /// What is to be recorded: rows, with a progress line on a terminal, and nothing else.
    pub(crate) fn order<'a>(
        &'a self,
        args: &RunArgs,
        project: &'a Project,
        invocation: Vec<String>,
    ) -> Order<'a> {
        Order {
            project,
            plan: &self.plan,
            invocation,
            project_name: self.project_name.clone(),
            no_wait: args.result.no_wait,
            export: false,
            progress: terminal::shows_progress(args.table.style),
            events: None,
        }
    }
}

/// The project that a command line is about: one command by its words needs no manifest.
///
/// # Errors
/// As [`Project::find`].
pub(crate) fn project(args: &RunArgs) -> Result<Project, Failure> {
    if args.program.harness.is_some() {
        return Project::of_harness(&args.place);
    }
    if args.words.is_empty() { Project::find(&args.place) } else { Project::of_words(&args.place) }
}

/// Reads what is asked for; nothing is measured, and nothing written.
///
/// # Errors
/// Everything that is wrong with the flags, the manifest or the selection: exit 2.
pub(crate) fn read(args: &RunArgs, project: &Project) -> Result<Request, Failure> {
    hyperfine::refuse(args)?;
    let flags = flags(args, project.manifest.is_some())?;
    match (&args.program.harness, &project.manifest) {
        (Some(harness), _) => of_harness(args, &flags, project, harness),
        (None, Some(path)) => {
            let manifest = manifest(project, path)?;
            of_manifest(args, &flags, project, manifest)
        }
        (None, None) if is_cargo(args, project) => of_harness(args, &flags, project, CARGO),
        (None, None) => of_commands(args, &flags, project),
    }
}

/// # Errors
/// A flag about the result of `tacho run`, which `verb` does not give.
pub(crate) fn refuse_results(args: &RunArgs, verb: &str) -> Result<(), Failure> {
    let (result, exports) = (&args.result, &args.exports);
    let is_stream = result.stream.message_format == MessageFormat::Json;
    let given = [
        (result.baseline.is_some(), "--baseline"),
        (result.save_baseline.is_some(), "--save-baseline"),
        (result.auto_fit, "--auto-fit"),
        (is_stream, "--message-format json"),
    ];
    let export = export::targets(exports, args.table.sort)?.first().map(|target| target.flag);
    let flag = given.into_iter().find_map(|(is_given, flag)| is_given.then_some(flag)).or(export);
    let Some(flag) = flag else { return Ok(()) };
    Err(Failure::usage(format!("{flag} is for `tacho run`; `tacho {verb}` has no such result"))
        .hint("--json prints its own as a document"))
}

/// The harness that means the bench targets of this Cargo project.
const CARGO: &str = "cargo";

/// Whether nothing is said of what is to be measured, in a Cargo project.
fn is_cargo(args: &RunArgs, project: &Project) -> bool {
    let says_nothing = args.positionals.is_empty() && args.words.is_empty();
    says_nothing && !args.place.no_manifest && cargo::is_project(&project.base)
}

/// A harness is a manifest of one workload.
fn of_harness(
    args: &RunArgs,
    flags: &Flags,
    project: &Project,
    harness: &str,
) -> Result<Request, Failure> {
    if !args.words.is_empty() {
        return Err(Failure::usage("--harness and a command after -- exclude each other"));
    }
    let manifest =
        Manifest::of_harness(harness, &user_defaults()?).map_err(|found| problems(&found))?;
    of_manifest(args, flags, project, manifest)
}

fn of_commands(args: &RunArgs, flags: &Flags, project: &Project) -> Result<Request, Failure> {
    if args.positionals.is_empty() && args.words.is_empty() {
        let failure = Failure::usage("nothing to measure: no manifest and no command");
        let failure = match &args.program.shell {
            Some(shell) => failure.hint(format!("`{shell}` after -S was taken for a shell")),
            None => failure,
        };
        return Err(failure
            .hint("`tacho run 'COMMAND'` measures a command")
            .hint("`tacho init` writes a manifest; `tacho run --help` shows more"));
    }
    if !args.sampling.tag.is_empty() {
        return Err(Failure::usage("--tag selects from a manifest, and there is none"));
    }
    let ad_hoc = ad_hoc(args, user_defaults()?)?;
    let plan = ad_hoc.plan(flags).map_err(|found| problems(&found))?;
    let mut notes = notes(&plan, &[], &ad_hoc.unused_params(flags));
    notes.extend(hyperfine::note(args));
    notes.extend(hyperfine::note_steps(args)?.into_iter().take(NOTES_MAX));
    let is_seed_drawn = plan.seed == flags.fresh_seed;
    let missing = missing::check(&plan, &project.base, None, flags);
    Ok(Request { plan, project_name: None, notes, is_seed_drawn, missing })
}

fn of_manifest(
    args: &RunArgs,
    flags: &Flags,
    project: &Project,
    mut manifest: Manifest,
) -> Result<Request, Failure> {
    refuse_ad_hoc(args)?;
    let unheard = outside::supply(&mut manifest, project)?;
    let mut plan = manifest.plan(flags).map_err(|found| problems(&found))?;
    let name = project.manifest_name().unwrap_or_else(|| "this harness".to_owned());
    let unmatched = select(&mut plan, &args.positionals, &args.sampling.tag)
        .map_err(|error| nothing_selected(args, &name, &error))?;
    manifest.narrow(&mut plan, flags).map_err(|found| problems(&found))?;
    project.check_folders(&plan, &manifest, flags)?;
    let mut notes = notes(&plan, &unmatched, &manifest.unused_params(flags));
    notes.extend(unheard.into_iter().take(NOTES_MAX));
    let is_seed_drawn = plan.seed == flags.fresh_seed;
    let project_name = manifest.project().map(str::to_owned);
    let missing = missing::check(&plan, &project.base, Some(&manifest), flags);
    Ok(Request { plan, project_name, notes, is_seed_drawn, missing })
}

/// Reads the manifest at `path` over the user's own settings.
///
/// # Errors
/// Everything that is wrong with either.
pub(crate) fn manifest(project: &Project, path: &Path) -> Result<Manifest, Failure> {
    let defaults = user_defaults()?;
    let bytes = read_settings(path)
        .map_err(|error| Failure::cannot(&format!("read {}", path.display()), &error))?;
    let name = project.manifest_name().unwrap_or_default();
    parse(&name, &bytes, &project.base_in_project, &defaults).map_err(|found| problems(&found))
}

/// The built-in settings with the user's own over them, where there are some.
///
/// # Errors
/// The user's file cannot be read, or something is wrong with it.
pub(crate) fn user_defaults() -> Result<Defaults, Failure> {
    let Some(path) = crate::project::user_settings() else { return Ok(Defaults::default()) };
    let bytes = read_settings(&path)
        .map_err(|error| Failure::cannot(&format!("read {}", path.display()), &error))?;
    Defaults::of_user(&path.display().to_string(), &bytes).map_err(|found| problems(&found))
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
    unmatched.chain(unused).chain(cut_off(plan)).chain(apart(plan)).collect()
}

/// That a limit left out values from outside.
fn cut_off(plan: &PlanDoc) -> impl Iterator<Item = String> {
    let cut = plan.param_sources.iter().filter(|source| source.values < source.found);
    cut.take(NOTES_MAX).map(|source| {
        format!(
            "{}: params.{}: the first {} of {} from `{}`, by its limit",
            source.workload,
            source.param,
            phrase::counted(source.values, "value"),
            source.found,
            source.source,
        )
    })
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

/// All problems as one failure, a line each.
pub(crate) fn problems(problems: &tacho_plan::Problems) -> Failure {
    let text = problems.to_string();
    let mut lines = text.lines();
    let first = Failure::usage(lines.next().unwrap_or_default());
    lines.fold(first, Failure::and)
}

/// # Errors
/// A flag that is for commands stands beside a manifest.
fn refuse_ad_hoc(args: &RunArgs) -> Result<(), Failure> {
    let Some(flag) = ad_hoc_flag(args) else { return Ok(()) };
    Err(Failure::usage(format!("{flag} is for commands, and there is a manifest"))
        .hint("-x measures the arguments as commands; filters select from the manifest"))
}

/// A flag that has no meaning beside a manifest.
pub(crate) fn ad_hoc_flag(args: &RunArgs) -> Option<&'static str> {
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

fn ad_hoc(args: &RunArgs, defaults: Defaults) -> Result<AdHoc, Failure> {
    let mut params = hyperfine::scans(args)?;
    for list in args.program.parameter_list.chunks_exact(2) {
        params.push((list[0].clone(), Values::List(parse_list(&list[1]))));
    }
    let (commands, names) = (hyperfine::commands(args), hyperfine::names(args)?);
    Ok(AdHoc { defaults, commands, names, params })
}

/// What the flags say, as the plan takes it.
///
/// # Errors
/// A flag of hyperfine's that cannot be honoured as it stands.
pub(crate) fn flags(args: &RunArgs, is_manifest: bool) -> Result<Flags, Failure> {
    let (sampling, around, program) = (&args.sampling, &args.around, &args.program);
    let machine = &args.machine;
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
        batch_time: sampling.batch_time.clone(),
        cap: sampling.cap.clone(),
        total_seconds: sampling.total_seconds.clone(),
        launcher: program.launcher.clone(),
        env: hyperfine::env(args, is_manifest)?,
        stdin: hyperfine::input(args)?.map(absolute).transpose()?,
        output: hyperfine::output(args)?.map(output).transpose()?,
        memory_max: machine.memory_max.clone(),
        cpus: machine.cpus.clone(),
        nice: machine.nice,
        no_aslr: machine.no_aslr,
        jobs: machine.jobs,
        quiet_wait: machine.quiet_wait.clone(),
        profile: machine.profile.clone(),
        profile_variable: std::env::var("TACHO_PROFILE").ok().filter(|name| !name.is_empty()),
        processors: processors(),
        max_points: sampling.max_points,
        seed: sampling.seed,
        // Short enough to be typed again.
        fresh_seed: random() & 0xffff_ffff,
    })
}

/// How many processors this process may use: what `max` threads are.
fn processors() -> u32 {
    let number = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Where the output goes; what is no file, or wrong, is the plan's to say.
fn output(text: String) -> Result<String, Failure> {
    match parse_output(&text) {
        Ok(Output::File(path)) => absolute(&path),
        _ => Ok(text),
    }
}

/// A path of the command line, which is relative to the current folder, wherever the manifest is.
fn absolute(path: &str) -> Result<String, Failure> {
    std::path::absolute(path)
        .map(|path| path.to_string_lossy().into_owned())
        .map_err(|error| Failure::cannot(&format!("find {path}"), &error))
}
