//! `tacho show`: one capture's table and warnings, from the store.

use tacho_judge::Collected;
use tacho_report::Style;
use tacho_report::export::TimeUnit;
use tacho_schema::SummaryDoc;

use crate::args::export::{ExportFiles, Look, TableArgs};
use crate::args::{PlaceArgs, ShowArgs};
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::export::{self, Export};
use crate::flow::summary::{baseline_rows, document, find_capture, no_captures};
use crate::project::{Project, store_failure};
use crate::terminal;

/// Shows a capture.
pub(crate) fn show(args: &ShowArgs) -> Result<Exit, Failure> {
    let targets = export::targets(&args.exports, args.table.sort)?;
    terminal::set_style(args.table.style);
    for target in &targets {
        export::check_target(target)?;
    }
    let project = Project::find(&args.place)?;
    let store = project.open_to_read()?.ok_or_else(|| no_captures(false))?;
    let id = find_capture(store.as_ref(), &args.capture, false)?;
    let stored = store.capture(&id).map_err(|error| store_failure("read the capture", &error))?;
    let (mut rows, mut export) = (Collected::default(), Export::default());
    store
        .rows(&id, &mut |row| {
            rows.add(&row);
            if !targets.is_empty() {
                export.add(&row);
            }
        })
        .map_err(|error| store_failure("read the capture", &error))?;
    let reference = match &args.baseline {
        Some(name) => Some((name.clone(), baseline_rows(store.as_ref(), name)?)),
        None => None,
    };
    let (header, reference) = (stored.header, reference.as_ref());
    let doc = document(header, stored.summary, &stored.plan, &rows, reference, args.auto_fit);
    if args.json {
        print(&tacho_report::json::summary(&doc))?;
    } else if !targets.is_empty() {
        export::note_missing(&doc.points);
        for target in &targets {
            export.write(target, &stored.plan, &doc)?;
        }
    } else if args.table.style != Some(Look::None) {
        let sorted = export::sorted(&doc, args.table.sort);
        print(&table(&sorted, args.exports.time_unit))?;
    }
    Ok(Exit::Fine)
}

fn table(doc: &SummaryDoc, time_unit: Option<TimeUnit>) -> String {
    let style = Style { time_unit, ..terminal::style() };
    let started = terminal::local_time(doc.capture.started_unix_ms);
    let headline = tacho_report::terminal::headline(&doc.capture, &started, &style);
    headline + &tacho_report::terminal::summary(doc, &style)
}

/// Shows the capture that `text` means.
pub(crate) fn show_one(text: &str, place: &PlaceArgs, json: bool) -> Result<Exit, Failure> {
    show(&ShowArgs {
        capture: text.to_owned(),
        place: place.clone(),
        baseline: None,
        auto_fit: false,
        exports: ExportFiles::default(),
        table: TableArgs::default(),
        json,
    })
}
