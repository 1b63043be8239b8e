//! `tacho run`: from the command line to a plan, through `flow::record` to a table.

use std::hash::{BuildHasher, Hasher};
use std::io::Read;

use tacho_plan::{
    AdHoc, AdHocCommand, Flags, MANIFEST_BYTES_MAX, Scan, Values, parse, parse_list, select,
};
use tacho_schema::{Baseline, CaptureState, PlanDoc};
use tacho_store::Store;

use crate::args::RunArgs;
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::record::{Order, Recorded, record};
use crate::flow::summary::{baseline_rows, document, no_baseline};
use crate::project::{Project, store_failure};
use crate::terminal;

/// Measures, keeps, shows.
pub(crate) fn run(args: &RunArgs, invocation: Vec<String>) -> Result<Exit, Failure> {
    let mut project = Project::find(&args.place)?;
    if !args.words.is_empty() {
        project = project.without_manifest(&args.place)?;
    }
    if let Some(name) = &args.result.save_baseline {
        check_baseline_name(name)?;
        if project.forgets() {
            return Err(Failure::usage("--save-baseline with --store memory: keeps nothing"));
        }
    }
    let (plan, project_name) = plan(args, &project)?;
    let reference = match &args.result.baseline {
        Some(name) => Some((name.clone(), reference(&project, name)?)),
        None => None,
    };
    super::recover::remind(&project);
    let order = Order {
        project: &project,
        plan: &plan,
        invocation,
        project_name,
        no_wait: args.result.no_wait,
        export: args.result.export_json.is_some(),
    };
    let recorded = record(&order)?;
    let Recorded { capture, rows, export, exit } = recorded;
    let Some((header, summary)) = capture else {
        return Err(Failure::stopped(exit));
    };
    let doc = document(header, summary, &plan, &rows, reference.as_ref());
    let to_stdout = args.result.export_json.as_deref() == Some("-".as_ref());
    if !to_stdout {
        print(&tacho_report::terminal::summary(&doc, &terminal::style()))?;
    }
    if let Some(path) = &args.result.export_json {
        export.write(path, &plan, &doc.points)?;
    }
    if let Some(name) = &args.result.save_baseline {
        save_baseline(&project, name, &doc)?;
    }
    Ok(exit)
}

/// What will run, and the project's name.
fn plan(args: &RunArgs, project: &Project) -> Result<(PlanDoc, Option<String>), Failure> {
    let flags = flags(args)?;
    let Some(path) = &project.manifest else {
        if args.positionals.is_empty() && args.words.is_empty() {
            return Err(Failure::usage("nothing to measure: no manifest and no command")
                .hint("`tacho run 'COMMAND'` measures a command")
                .hint("a manifest is a file tacho.toml; `tacho run --help` shows more"));
        }
        if !args.sampling.tag.is_empty() {
            return Err(Failure::usage("--tag selects from a manifest, and there is none"));
        }
        let plan = ad_hoc(args)?.plan(&flags).map_err(|found| problems(&found))?;
        return Ok((plan, None));
    };
    if let Some(flag) = ad_hoc_flag(args) {
        return Err(Failure::usage(format!("{flag} is for commands, and there is a manifest"))
            .hint("-x measures the arguments as commands; filters select from the manifest"));
    }
    let bytes = read_manifest(path)
        .map_err(|error| Failure::cannot(&format!("read {}", path.display()), &error))?;
    let name = project.manifest_name().unwrap_or_default();
    let manifest =
        parse(&name, &bytes, &project.base_in_project).map_err(|found| problems(&found))?;
    let mut plan = manifest.plan(&flags).map_err(|found| problems(&found))?;
    if !(args.positionals.is_empty() && args.sampling.tag.is_empty()) {
        select(&mut plan, &args.positionals, &args.sampling.tag).map_err(|error| {
            let failure = Failure::usage(error.to_string());
            if args.positionals.iter().any(|text| text.contains(' ')) {
                failure
                    .hint(format!("with {name} the arguments are filters; -x makes them commands"))
            } else {
                failure
            }
        })?;
    }
    project.check_folders(&plan)?;
    Ok((plan, manifest.project().map(str::to_owned)))
}

/// The manifest's bytes, and one more than it may have where it is too long.
fn read_manifest(path: &std::path::Path) -> Result<Vec<u8>, std::io::Error> {
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
    ]
    .into_iter()
    .find_map(|(given, flag)| given.then_some(flag))
}

fn ad_hoc(args: &RunArgs) -> Result<AdHoc, Failure> {
    let mut commands: Vec<AdHocCommand> =
        args.positionals.iter().cloned().map(AdHocCommand::Line).collect();
    if !args.words.is_empty() {
        commands.push(AdHocCommand::Words(args.words.clone()));
    }
    let mut params = Vec::new();
    for scan in args.program.parameter_scan.chunks_exact(3) {
        let step = args.program.parameter_step_size.first().map(String::as_str);
        let values = Scan::new(&scan[1], &scan[2], step)
            .map_err(|error| Failure::usage(format!("-P {}: {error}", scan.join(" "))))?;
        params.push((scan[0].clone(), Values::Scan(values)));
    }
    for list in args.program.parameter_list.chunks_exact(2) {
        params.push((list[0].clone(), Values::List(parse_list(&list[1]))));
    }
    Ok(AdHoc { commands, names: args.program.command_name.clone(), params })
}

fn flags(args: &RunArgs) -> Result<Flags, Failure> {
    let (sampling, around, program) = (&args.sampling, &args.around, &args.program);
    Ok(Flags {
        warmup: sampling.warmup,
        runs: sampling.runs,
        min_runs: sampling.min_runs,
        max_runs: sampling.max_runs,
        ignore_failure: program.ignore_failure.clone(),
        shell: program.shell.clone(),
        no_shell: program.no_shell,
        setup: around.setup.clone(),
        prepare: around.prepare.clone(),
        conclude: around.conclude.clone(),
        cleanup: around.cleanup.clone(),
        precision: sampling.precision.clone(),
        min_time: sampling.min_time.clone(),
        max_time: sampling.max_time.clone(),
        timeout: sampling.timeout.clone(),
        total_seconds: sampling.total_seconds.clone(),
        launcher: program.launcher.clone(),
        env: program.env.clone(),
        stdin: program.input.as_deref().map(absolute).transpose()?,
        max_points: sampling.max_points,
        seed: sampling.seed,
        fresh_seed: fresh_seed(),
    })
}

/// A path of the command line, which is relative to the current folder, wherever the manifest is.
fn absolute(path: &str) -> Result<String, Failure> {
    std::path::absolute(path)
        .map(|path| path.to_string_lossy().into_owned())
        .map_err(|error| Failure::cannot(&format!("find {path}"), &error))
}

/// A seed that nobody chose; short enough to be typed again.
fn fresh_seed() -> u64 {
    // std seeds its hashers from the system's randomness.
    std::collections::hash_map::RandomState::new().build_hasher().finish() & 0xffff_ffff
}

fn reference(project: &Project, name: &str) -> Result<tacho_judge::Collected, Failure> {
    match project.open_to_read()? {
        Some(store) => baseline_rows(store.as_ref(), name),
        None => Err(no_baseline(name, &[])),
    }
}

/// # Errors
/// The name has a character that no name may have.
pub(crate) fn check_baseline_name(name: &str) -> Result<(), Failure> {
    tacho_schema::name::check_identifier(name)
        .map_err(|error| Failure::usage(format!("baseline `{name}`: {error}")))?;
    if name == "latest" {
        return Err(Failure::usage("`latest` always is the newest capture; choose another name"));
    }
    Ok(())
}

fn save_baseline(
    project: &Project,
    name: &str,
    doc: &tacho_schema::SummaryDoc,
) -> Result<(), Failure> {
    let id = &doc.capture.id;
    if doc.summary.state != CaptureState::Complete {
        terminal::note(&format!("cut short, so it is not made the baseline `{name}`"));
        terminal::hint(&format!("`tacho baseline save {name} {id}` does it all the same"));
        return Ok(());
    }
    let mut store = project.open_to_write()?;
    set_baseline(store.as_mut(), name, id.clone())
}

/// Gives the capture its name and says so.
pub(crate) fn set_baseline(
    store: &mut dyn Store,
    name: &str,
    capture: tacho_schema::CaptureId,
) -> Result<(), Failure> {
    let saved_unix_ms = tacho_measure::clock::unix_nanos() / 1_000_000;
    let baseline = Baseline { name: name.to_owned(), capture, saved_unix_ms };
    store.baseline_set(&baseline).map_err(|error| store_failure("save the baseline", &error))?;
    terminal::note(&format!("baseline `{name}` is now capture {}", baseline.capture));
    Ok(())
}
