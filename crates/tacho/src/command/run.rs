//! `tacho run`: from the command line to a plan, through `flow::record` to a table.

mod cargo;
mod harness;
mod hyperfine;
mod missing;
mod outside;
pub(super) mod request;

use std::sync::Arc;

use tacho_report::{Style, phrase};
use tacho_schema::{Baseline, CaptureState, Output, PlanDoc, PlannedPoint, SummaryDoc};
use tacho_store::Store;

use crate::args::RunArgs;
use crate::args::export::Look;
use crate::args::verbs::{MessageFormat, StreamArgs};
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::events::Events;
use crate::flow::export::{self, Export, Target};
use crate::flow::record::{Order, record};
use crate::flow::summary::{baseline_rows, document, no_baseline};
use crate::project::{Project, store_failure};
use crate::terminal;

/// Measures, keeps, shows.
pub(crate) fn run(args: &RunArgs, invocation: Vec<String>) -> Result<Exit, Failure> {
    let targets = export::targets(&args.exports, args.table.sort)?;
    terminal::set_style(args.table.style);
    let project = request::project(args)?;
    if let Some(name) = &args.result.save_baseline {
        check_baseline_name(name)?;
        if project.forgets() {
            return Err(Failure::usage("--save-baseline with --store memory: keeps nothing"));
        }
    }
    let mut request = request::read(args, &project)?;
    let reference = match &args.result.baseline {
        Some(name) => Some((name.clone(), reference(&project, name)?)),
        None => None,
    };
    for target in &targets {
        export::check_target(target)?;
    }
    let events = events(&args.result.stream, &targets)?;
    check_alone(&args.result.stream, &targets, &request.plan)?;
    std::mem::replace(&mut request.missing, Ok(()))?;
    super::recover::remind(&project);
    for note in &request.notes {
        terminal::note(note);
        events.iter().for_each(|events| events.note(note));
    }
    let order = request.order(args, &project, invocation);
    let order = Order {
        export: !targets.is_empty(),
        // What a program prints itself would land in the middle of the line.
        progress: order.progress && loud(&request.plan).is_none(),
        events: events.clone(),
        ..order
    };
    let recorded = record(&order)?;
    let (header, summary) = recorded.capture;
    let (rows, auto_fit) = (&recorded.rows, args.result.auto_fit);
    let doc = document(header, summary, &request.plan, rows, reference.as_ref(), auto_fit);
    let shown = show(args, &targets, &project, &doc, events.as_deref());
    let exit = publish(args, &targets, &project, &request.plan, &doc, &recorded.export);
    let exit = exit.or_worse(shown.map_or_else(Failure::report, |()| Exit::Fine));
    if project.is_beside_a_manifest() {
        let again = project.again();
        terminal::note(&format!("kept in your own store: `tacho show{again}` shows it again"));
    }
    Ok(recorded.exit.or_worse(exit))
}

/// Exports and names what is in the store by now. What fails hinders nothing else: it is
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
    if !targets.is_empty() {
        export::note_missing(&doc.points);
    }
    for target in targets {
        let (id, again, flag) = (&doc.capture.id, project.again(), target.flag);
        let written = export.write(target, plan, doc);
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

/// Says, where no table does, that not all went well.
fn note_failures(project: &Project, doc: &SummaryDoc) {
    let failed = phrase::failed_rows(&doc.summary);
    let skipped = doc.summary.skipped.len() as u64;
    let counted = [
        (failed, format!("{} failed", phrase::counted(failed, "run"))),
        (skipped, format!("{} not measured in full", phrase::counted(skipped, "point"))),
    ];
    let told: Vec<String> =
        counted.into_iter().filter_map(|(number, text)| (number > 0).then_some(text)).collect();
    if told.is_empty() {
        return;
    }
    terminal::note(&told.join(", "));
    if !project.forgets() {
        terminal::hint(&format!("`tacho show{} {}` says why", project.again(), doc.capture.id));
    }
}

/// The stream of events, where it is wanted.
///
/// # Errors
/// Standard output is wanted for something else too.
fn events(stream: &StreamArgs, targets: &[Target<'_>]) -> Result<Option<Arc<Events>>, Failure> {
    let is_stream = stream.message_format == MessageFormat::Json;
    let taken = targets.iter().find(|target| target.is_stdout()).map(|target| target.flag);
    if let Some(flag) = taken.filter(|_| stream.json || is_stream) {
        let other = if stream.json { "--json" } else { "--message-format json" };
        return Err(Failure::usage(format!("{other} and {flag} - exclude each other"))
            .hint(format!("give {flag} a file")));
    }
    Ok(is_stream.then(|| Arc::new(Events::new())))
}

/// # Errors
/// Standard output holds a document, and a program would write into it.
fn check_alone(stream: &StreamArgs, targets: &[Target<'_>], plan: &PlanDoc) -> Result<(), Failure> {
    let export = targets.iter().find(|target| target.is_stdout());
    let document = match export {
        Some(target) => format!("{} -", target.flag),
        None if stream.json => "--json".to_owned(),
        None if stream.message_format == MessageFormat::Json => "--message-format json".to_owned(),
        None => return Ok(()),
    };
    let Some(PlannedPoint { point, .. }) = loud(plan) else { return Ok(()) };
    Err(Failure::usage(format!("{document} and the output of `{point}` would be mixed"))
        .hint("--output null, pipe or a FILE keeps them apart"))
}

/// A point whose program writes where we do.
fn loud(plan: &PlanDoc) -> Option<&PlannedPoint> {
    plan.points.iter().find(|point| point.output == Output::Inherit)
}

/// Puts the result on standard output, in the form that is wanted.
fn show(
    args: &RunArgs,
    targets: &[Target<'_>],
    project: &Project,
    doc: &SummaryDoc,
    events: Option<&Events>,
) -> Result<(), Failure> {
    if let Some(events) = events {
        events.result(doc);
        return events.failure();
    }
    if args.result.stream.json {
        return print(&tacho_report::json::summary(doc));
    }
    if args.table.style == Some(Look::None) || targets.iter().any(Target::is_stdout) {
        note_failures(project, doc);
        return Ok(());
    }
    let sorted = export::sorted(doc, args.table.sort);
    let style = Style { time_unit: args.exports.time_unit, ..terminal::style() };
    print(&tacho_report::terminal::summary(&sorted, &style))
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
