//! The trait of every store: what can be asked of remembered rows.

use tacho_schema::{Baseline, CaptureHeader, CaptureId, CaptureSummary, PlanDoc, Row};

use crate::error::StoreError;

/// Why the source of rows could not give the next one; whatever the caller's source fails with.
pub type RowSourceError = Box<dyn std::error::Error + Send + Sync>;

/// Which captures are asked for; the default asks for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// At most so many, the newest ones.
    pub limit: Option<u32>,
    /// Only those whose identity starts with this text.
    pub id_prefix: Option<String>,
}

/// A committed capture as a list shows it: without its plan and rows.
#[derive(Clone, Debug, PartialEq)]
pub struct CaptureEntry {
    /// What was known before the first row.
    pub header: CaptureHeader,
    /// How it ended.
    pub summary: CaptureSummary,
}

/// A committed capture without its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredCapture {
    /// What was known before the first row.
    pub header: CaptureHeader,
    /// What was to be measured.
    pub plan: PlanDoc,
    /// How it ended.
    pub summary: CaptureSummary,
}

/// Committed captures with their rows, and names for some of them.
///
/// Synchronous. A capture is there whole or not at all, and never changes; only the names, the
/// baselines, do. Every method fails with a [`StoreError`] that names the store; the faults that
/// any of them may have (I/O, corrupt, locked) are not repeated below.
pub trait Store: Send {
    /// Commits a capture in one transaction; memory stays flat however many `rows` there are.
    ///
    /// # Errors
    /// Nothing is kept of a capture that fails. [`Fault::AlreadyCommitted`] when its identity is
    /// known, [`Fault::RowCount`] when there are more or fewer `rows` than `summary.rows`,
    /// [`Fault::RowSource`] when `rows` itself fails, [`Fault::NotFinite`] for a number that JSON
    /// cannot carry, [`Fault::ReadOnly`], [`Fault::Locked`], [`Fault::DiskFull`].
    ///
    /// [`Fault::AlreadyCommitted`]: crate::Fault::AlreadyCommitted
    /// [`Fault::RowCount`]: crate::Fault::RowCount
    /// [`Fault::RowSource`]: crate::Fault::RowSource
    /// [`Fault::NotFinite`]: crate::Fault::NotFinite
    /// [`Fault::ReadOnly`]: crate::Fault::ReadOnly
    /// [`Fault::Locked`]: crate::Fault::Locked
    /// [`Fault::DiskFull`]: crate::Fault::DiskFull
    fn append(
        &mut self,
        header: &CaptureHeader,
        plan: &PlanDoc,
        rows: &mut dyn Iterator<Item = Result<Row, RowSourceError>>,
        summary: &CaptureSummary,
    ) -> Result<(), StoreError>;

    /// The captures that `query` asks for, newest start first, equal starts by identity from the
    /// last; empty when there are none.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn captures(&self, query: &Query) -> Result<Vec<CaptureEntry>, StoreError>;

    /// One capture with its plan.
    ///
    /// # Errors
    /// [`Fault::UnknownCapture`](crate::Fault::UnknownCapture) when it is not in the store.
    fn capture(&self, id: &CaptureId) -> Result<StoredCapture, StoreError>;

    /// Gives the rows of a capture to `visit` one by one, in the order of capture.
    ///
    /// A row comes back equal to the one that was appended. On an error `visit` may already have
    /// seen some of the rows.
    ///
    /// # Errors
    /// [`Fault::UnknownCapture`](crate::Fault::UnknownCapture) when it is not in the store.
    fn rows(&self, id: &CaptureId, visit: &mut dyn FnMut(Row)) -> Result<(), StoreError>;

    /// Gives a committed capture a name; a name that is taken moves to it.
    ///
    /// # Errors
    /// [`Fault::UnknownCapture`](crate::Fault::UnknownCapture) when it is not in the store.
    fn baseline_set(&mut self, baseline: &Baseline) -> Result<(), StoreError>;

    /// Every baseline, by name; empty when there are none.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn baselines(&self) -> Result<Vec<Baseline>, StoreError>;

    /// Forgets a name; the capture stays.
    ///
    /// # Errors
    /// [`Fault::UnknownBaseline`](crate::Fault::UnknownBaseline) when there is no such name.
    fn baseline_remove(&mut self, name: &str) -> Result<(), StoreError>;
}
