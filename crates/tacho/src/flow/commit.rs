//! From journal to store: one capture, one transaction, then the journal is gone.

use std::path::Path;

use tacho_measure::journal::{Held, JournalError, Reader};
use tacho_schema::{CaptureSummary, Row};
use tacho_store::{Fault, RowSourceError, Store};

use crate::failure::Failure;
use crate::project::store_failure;

/// Commits the journal with `summary`, which counts its rows, and removes it.
///
/// `kept`: all of its rows, where they are still at hand: reading them again costs as much as
/// storing them.
///
/// A capture that is in the store already (a kill between commit and removal) is left as it is.
///
/// # Errors
/// The journal cannot be read, or the store cannot be written; the journal then stays.
pub(crate) fn commit(
    store: &mut dyn Store,
    journal: Held,
    summary: &CaptureSummary,
    kept: Option<Vec<Row>>,
) -> Result<(), Failure> {
    let reader = open(journal.path())?;
    let head = reader.head().clone();
    let told = |row: Result<Row, JournalError>| row.map_err(|it| Box::new(it) as RowSourceError);
    let mut rows: Box<dyn Iterator<Item = _>> = match kept {
        Some(kept) if kept.len() as u64 == summary.rows => Box::new(kept.into_iter().map(Ok)),
        _ => Box::new(reader.rows_ahead().map(told)),
    };
    match store.append(&head.header, &head.plan, &mut *rows, summary) {
        Ok(()) => {}
        Err(error) if matches!(error.fault, Fault::AlreadyCommitted(_)) => {}
        Err(error) => {
            return Err(store_failure("commit the capture", &error)
                .hint(format!("its rows are safe in {}", journal.path().display()))
                .hint("`tacho recover` commits them once there is room"));
        }
    }
    journal.remove().map_err(|error| Failure::cannot("remove the journal", &error))
}

/// Opens a journal that must have a head.
///
/// # Errors
/// It cannot be read, or has none.
pub(crate) fn open(path: &Path) -> Result<Reader, Failure> {
    match Reader::open(path) {
        Ok(Some(reader)) => Ok(reader),
        Ok(None) => Err(Failure::environment(format!("{} has no first line", path.display()))),
        Err(error) => Err(journal_failure("read the journal", &error)),
    }
}

/// A journal's error as a failure, with its remedy.
pub(crate) fn journal_failure(what: &str, error: &JournalError) -> Failure {
    let failure = Failure::cannot(what, error);
    if error.is_disk_full() {
        return failure
            .hint("free some space; committed captures are untouched")
            .hint("`tacho recover` brings back what was measured before");
    }
    failure
}
