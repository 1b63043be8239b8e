//! `tacho run`: from the command line to a plan, through `flow::record` to a table.

mod hyperfine;
mod outside;
pub(super) mod request;

use tacho_schema::{Baseline, CaptureState, PlanDoc, SummaryDoc};
use tacho_store::Store;

use crate::args::RunArgs;
use crate::args::export::Look;
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::export::{self, Export, Target};
use crate::flow::record::{Order, record};
use crate::flow::summary::{baseline_rows, document, no_baseline};
use crate::project::{Project, store_failure};
use crate::terminal;

/// Measures, keeps, shows.
pub(crate) fn run(args: &RunArgs, invocation: Vec<String>) -> Result<Exit, Failure> {
    let targets = export::targets(&args.exports)?;
    terminal::set_style(args.table.style);
    let project = request::project(args)?;
    if let Some(name) = &args.result.save_baseline {
        check_baseline_name(name)?;
        if project.forgets() {
            return Err(Failure::usage("--save-baseline with --store memory: keeps nothing"));
        }
    }
    let request = request::read(args, &project)?;
    let reference = match &args.result.baseline {
        Some(name) => Some((name.clone(), reference(&project, name)?)),
        None => None,
    };
    for target in &targets {
        export::check_target(target)?;
    }
    super::recover::remind(&project);
    for note in &request.notes {
        terminal::note(note);
    }
    let order = Order {
        project: &project,
        plan: &request.plan,
        invocation,
        project_name: request.project_name,
        no_wait: args.result.no_wait,
        export: !targets.is_empty(),
        progress: terminal::shows_progress(args.table.style),
    };
    let recorded = record(&order)?;
    let (header, summary) = recorded.capture;
    let doc = document(header, summary, &request.plan, &recorded.rows, reference.as_ref());
    let exit = publish(args, &targets, &project, &request.plan, &doc, &recorded.export);
    if project.is_beside_a_manifest() {
        let again = project.again();
        terminal::note(&format!("kept in your own store: `tacho show{again}` shows it again"));
    }
    Ok(recorded.exit.or_worse(exit))
}

/// Shows, exports and names what is in the store by now. What fails hinders nothing else: it is
/// reported, and the worst outcome counts.
fn publish(
    args: &RunArgs,
    targets: &[Target<'_>],
    project: &Project,
    plan: &PlanDoc,
    doc: &SummaryDoc,
    export: &Export,
) -> Exit {
    let mut exit = Exit::Fine;
    let mut attempt = |done: Result<(), Failure>| {
        if let Err(failure) = done {
            exit = exit.or_worse(failure.report());
        }
    };
    if args.table.style != Some(Look::None) && !targets.iter().any(Target::is_stdout) {
        let sorted = export::sorted(doc, args.table.sort);
        attempt(print(&tacho_report::terminal::summary(&sorted, &terminal::style())));
    }
    if !targets.is_empty() {
        export::note_missing(&doc.points);
    }
    for target in targets {
        let (id, again, flag) = (&doc.capture.id, project.again(), target.flag);
        let written = export.write(target, plan, doc, args.table.sort);
        attempt(written.map_err(|failure| match project.forgets() {
            true => failure,
            false => failure.hint(format!("`tacho show{again} {id} {flag} FILE` does it")),
        }));
    }
    if let Some(name) = &args.result.save_baseline {
        attempt(save_baseline(project, name, doc));
    }
    exit
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

fn save_baseline(project: &Project, name: &str, doc: &SummaryDoc) -> Result<(), Failure> {
    let id = &doc.capture.id;
    if doc.summary.state != CaptureState::Complete {
        terminal::note(&format!("cut short, so it is not made the baseline `{name}`"));
        let again = project.again();
        terminal::hint(&format!("`tacho baseline save{again} {name} {id}` does it all the same"));
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
