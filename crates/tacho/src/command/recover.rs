//! `tacho recover`: what a killed `tacho` left in its journal becomes a capture, cut short.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tacho_measure::journal::{self, Held, Reader};
use tacho_report::phrase;
use tacho_schema::{CaptureState, CaptureSummary, CutShort, Point, Status};

use crate::args::RecoverArgs;
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::commit::{commit, journal_failure};
use crate::project::Project;
use crate::terminal;

/// Commits every journal that nobody is writing; goes on after one that cannot be read.
pub(crate) fn recover(args: &RecoverArgs) -> Result<Exit, Failure> {
    let project = Project::find(&args.place)?;
    project.refuse_memory()?;
    let found = journal::find(&project.journals())
        .map_err(|error| journal_failure("look for journals", &error))?;
    journal::clear_begun(&project.journals());
    let (live, left): (Vec<_>, Vec<_>) = found.into_iter().partition(|journal| journal.live);
    if !live.is_empty() {
        let count = phrase::counted(live.len() as u64, "journal");
        terminal::note(&format!("{count} left alone: a tacho is writing there now"));
    }
    if left.is_empty() {
        print("nothing to recover\n")?;
        return Ok(Exit::Fine);
    }
    let mut exit = Exit::Fine;
    for journal in left {
        match recover_one(&project, &journal.path) {
            Ok(Some(line)) => print(&format!("{line}\n"))?,
            // Another `tacho recover` was faster.
            Ok(None) => {}
            Err(failure) => exit = failure.report(),
        }
    }
    Ok(exit)
}

/// One line that says what was brought back; `None` when somebody else is about it.
fn recover_one(project: &Project, path: &Path) -> Result<Option<String>, Failure> {
    let held = Held::take(path).map_err(|error| journal_failure("take the journal", &error))?;
    let Some(held) = held else { return Ok(None) };
    let Some(reader) = Reader::open(path).map_err(|error| damaged(path, &error))? else {
        discard(held)?;
        return Ok(Some(format!("{}: stopped before it began, removed", name(path))));
    };
    let id = reader.head().header.id.clone();
    let started = reader.head().header.started_unix_ms;
    let summary = summarize(reader, started).map_err(|error| damaged(path, &error))?;
    if summary.rows == 0 {
        discard(held)?;
        return Ok(Some(format!("{id}: stopped before its first row, removed")));
    }
    commit(project.open_to_write()?.as_mut(), held, &summary, None)?;
    let state = match summary.state {
        CaptureState::Complete => "complete",
        CaptureState::CutShort => "cut short",
    };
    let rows = phrase::counted(summary.rows, "row");
    Ok(Some(format!("{id}: recovered {rows}, {state}")))
}

/// The journal's own summary, or one that counts what is there.
fn summarize(
    mut reader: Reader,
    started_unix_ms: u64,
) -> Result<CaptureSummary, journal::JournalError> {
    let mut by_status: BTreeMap<Status, u64> = BTreeMap::new();
    let mut points: BTreeSet<Point> = BTreeSet::new();
    let (mut rows, mut leaked, mut ended_unix_ms) = (0, 0, started_unix_ms);
    while let Some(row) = reader.next_row()? {
        rows += 1;
        leaked += row.leaked.unwrap_or(0);
        *by_status.entry(row.status).or_insert(0) += 1;
        let ended = row.started_unix_ns.map(|start| start.saturating_add(row.total_nanos));
        ended_unix_ms = ended_unix_ms.max(ended.unwrap_or(0) / 1_000_000);
        points.insert(Point::of(&row));
    }
    Ok(reader.summary().cloned().unwrap_or(CaptureSummary {
        state: CaptureState::CutShort,
        cut_short: Some(CutShort::Recovered),
        ended_unix_ms,
        rows,
        by_status,
        points: points.len() as u64,
        skipped: Vec::new(),
        leaked,
        backpressure_waits: 0,
    }))
}

fn damaged(path: &Path, error: &journal::JournalError) -> Failure {
    journal_failure("recover", error)
        .hint(format!("mend or remove {}; other captures are untouched", path.display()))
}

fn discard(journal: Held) -> Result<(), Failure> {
    journal.remove().map_err(|error| Failure::cannot("remove the journal", &error))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Says that there is something to recover, if there is.
pub(crate) fn remind(project: &Project) {
    let Ok(found) = journal::find(&project.journals()) else { return };
    let left = found.iter().filter(|journal| !journal.live).count() as u64;
    if left > 0 {
        terminal::note(&phrase::recover_hint(left));
    }
}
