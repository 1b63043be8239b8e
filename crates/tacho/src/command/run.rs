//! `tacho run`: from the command line to a plan, through `flow::record` to a table.

mod request;

use tacho_schema::{Baseline, CaptureState, PlanDoc, SummaryDoc};
use tacho_store::Store;

use crate::args::verbs::MessageFormat;
use crate::args::{ResultArgs, RunArgs};
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::events::Events;
use crate::flow::export::{self, Export};
use crate::flow::record::{Order, record};
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
    let request = request::read(args, &project)?;
    let reference = match &args.result.baseline {
        Some(name) => Some((name.clone(), reference(&project, name)?)),
        None => None,
    };
    if let Some(path) = &args.result.export_json {
        export::check_target(path)?;
    }
    let events = events(&args.result)?;
    super::recover::remind(&project);
    for note in &request.notes {
        terminal::note(note);
        events.iter().for_each(|events| events.note(note));
    }
    let order = Order {
        project: &project,
        plan: &request.plan,
        invocation,
        project_name: request.project_name,
        no_wait: args.result.no_wait,
        export: args.result.export_json.is_some(),
        events: events.as_ref(),
    };
    let recorded = record(&order)?;
    let (header, summary) = recorded.capture;
    let doc = document(header, summary, &request.plan, &recorded.rows, reference.as_ref());
    let shown = show(&args.result, &doc, events.as_ref());
    let exit = publish(&args.result, &project, &request.plan, &doc, &recorded.export);
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
    result: &ResultArgs,
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
    if let Some(path) = &result.export_json {
        let (id, again) = (&doc.capture.id, project.again());
        attempt(export.write(path, plan, &doc.points).map_err(|failure| match project.forgets() {
            true => failure,
            false => failure.hint(format!("`tacho show{again} {id} --export-json FILE` does it")),
        }));
    }
    if let Some(name) = &result.save_baseline {
        attempt(save_baseline(project, name, doc));
    }
    exit
}

/// The stream of events, where it is wanted.
///
/// # Errors
/// Standard output is wanted for something else too.
fn events(result: &ResultArgs) -> Result<Option<Events>, Failure> {
    let stream = &result.stream;
    let is_stream = stream.message_format == MessageFormat::Json;
    let is_taken = result.export_json.as_deref() == Some("-".as_ref());
    match (is_taken, stream.json, is_stream) {
        (true, true, _) => Err(Failure::usage("--json and --export-json - exclude each other")
            .hint("give --export-json a file")),
        (true, _, true) => {
            let both = "--message-format json and --export-json - exclude each other";
            Err(Failure::usage(both).hint("give --export-json a file"))
        }
        _ => Ok(is_stream.then(Events::new)),
    }
}

/// Puts the result on standard output, in the form that is wanted.
fn show(result: &ResultArgs, doc: &SummaryDoc, events: Option<&Events>) -> Result<(), Failure> {
    if let Some(events) = events {
        events.result(doc);
        return events.failure();
    }
    if result.stream.json {
        return print(&tacho_report::json::summary(doc));
    }
    if result.export_json.as_deref() == Some("-".as_ref()) {
        return Ok(());
    }
    print(&tacho_report::terminal::summary(doc, &terminal::style()))
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
