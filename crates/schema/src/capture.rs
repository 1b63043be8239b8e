//! A capture: the rows of one run, the environment they were taken in, and how the run ended.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::metric::Direction;
use crate::name::{InvalidName, check_identifier};
use crate::plan::PlanDoc;
use crate::row::{Conditions, Status};
use crate::version::Version;

/// The identity of a capture: unique on its machine, in the order of time when sorted as text.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct CaptureId(String);

impl CaptureId {
    /// Validates an identity's text; it is also a file's name.
    ///
    /// # Errors
    /// [`InvalidName`] when it has another character than `[A-Za-z0-9_.-]`.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        check_identifier(text)?;
        if text.contains('/') {
            return Err(InvalidName::Character('/'));
        }
        Ok(Self(text.to_owned()))
    }

    /// The identity's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CaptureId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.pad(&self.0)
    }
}

impl TryFrom<String> for CaptureId {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        Self::new(&text)
    }
}

impl From<CaptureId> for String {
    fn from(id: CaptureId) -> Self {
        id.0
    }
}

/// Unit and direction of an own counter, once a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MetricDef {
    /// Which way is better; null: it is shown and never judged.
    #[serde(default)]
    pub direction: Option<Direction>,
    /// The unit of its numbers: `ns`, `us`, `ms`, `s`, `B`, `KiB`, `MiB`, `GiB` are scaled for
    /// display, any other word is printed behind the number.
    #[serde(default)]
    pub unit: Option<String>,
}

/// How long the shell in front of string commands takes to start and end by itself.
///
/// Reported beside the times of such commands, never subtracted from them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShellStartup {
    /// The shell's words, as `["/bin/sh", "-c"]`.
    pub shell: Vec<String>,
    /// Median wall time of running an empty line in it.
    pub median_nanos: f64,
    /// How many runs that is the median of.
    pub runs: u64,
}

/// What is known of a capture before its first row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaptureHeader {
    /// Always 1.
    pub schema_version: Version<1>,
    /// The capture's identity.
    pub id: CaptureId,
    /// Start, milliseconds since 1970.
    pub started_unix_ms: u64,
    /// The words that `tacho` was called with.
    pub invocation: Vec<String>,
    /// The manifest's path as given or found, null without one.
    pub manifest: Option<String>,
    /// The project's name, where the manifest gives one.
    #[serde(default)]
    pub project: Option<String>,
    /// The seed of the plan's shuffles.
    pub seed: u64,
    /// Where it was taken.
    pub env: Environment,
    /// Key of a row → why no row of this capture has it.
    #[serde(default)]
    pub unavailable: BTreeMap<String, String>,
    /// Units and directions of own counters.
    #[serde(default)]
    pub metric_defs: BTreeMap<String, MetricDef>,
    /// Shortest wall time of starting and ending a program that does nothing, where measured.
    #[serde(default)]
    pub spawn_floor_nanos: Option<f64>,
    /// The shell's own time, where a shell stands in front of a command.
    #[serde(default)]
    pub shell: Option<ShellStartup>,
    /// Which starter ran the children: `static` (the embedded spawner) or `std`.
    pub spawner: String,
    /// True when another `tacho` was measuring on this machine at the same time.
    #[serde(default)]
    pub shared_machine: bool,
}

/// Whether a committed capture did all that was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaptureState {
    /// The plan was done.
    Complete,
    /// It ended before; [`CaptureSummary::cut_short`] says why.
    CutShort,
}

impl CaptureState {
    /// The word in files and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::CutShort => "cut_short",
        }
    }
}

/// Why a capture ended before its plan was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutShort {
    /// Ctrl-C.
    Interrupted,
    /// A TERM signal.
    Terminated,
    /// `--total-seconds` was used up.
    Budget,
    /// It was killed, and `tacho recover` committed its journal.
    Recovered,
    /// Tachograph itself or its environment failed in the middle.
    Failed,
}

/// A point that was planned and not, or not fully, measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// The point's identity.
    pub point: String,
    /// Rows it got before.
    pub rows: u64,
    /// Why it got no more, as a fragment.
    pub reason: String,
}

/// The terminal summary: written and synced before a capture is committed; alone makes it one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaptureSummary {
    /// Complete or cut short.
    pub state: CaptureState,
    /// Why it was cut short.
    #[serde(default)]
    pub cut_short: Option<CutShort>,
    /// End, milliseconds since 1970.
    pub ended_unix_ms: u64,
    /// Rows of the capture; a commit with another number of rows is refused.
    pub rows: u64,
    /// The rows by how they ended.
    pub by_status: BTreeMap<Status, u64>,
    /// Points with a row.
    pub points: u64,
    /// Points that were planned and not fully measured.
    #[serde(default)]
    pub skipped: Vec<Skipped>,
    /// Descendants that outlived their batch and were killed.
    pub leaked: u64,
    /// How often a row had to wait for the journal.
    pub backpressure_waits: u64,
}

/// The first line of a journal: all that is known before the first row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JournalHead {
    /// Always 1.
    pub journal_version: Version<1>,
    /// The capture's header.
    pub header: CaptureHeader,
    /// What was going to run.
    pub plan: PlanDoc,
}

/// A line of a journal behind rows of a short program: what the machine did while they were
/// measured. It is known only after they stand there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JournalWindow {
    /// The rows since the last such line, in order.
    pub window: Vec<WindowShare>,
}

/// Rows that share their machine-wide conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WindowShare {
    /// So many rows.
    pub rows: u32,
    /// What they share.
    pub conditions: Conditions,
}

/// The last line of a journal; without it the capture is tentative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JournalEnd {
    /// The terminal summary.
    pub summary: CaptureSummary,
}

/// One capture of [`HistoryDoc`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryItem {
    /// The capture's identity.
    pub id: CaptureId,
    /// Complete or cut short.
    pub status: CaptureState,
    /// Why it was cut short.
    pub cut_short: Option<CutShort>,
    /// Start, milliseconds since 1970.
    pub started_unix_ms: u64,
    /// End, milliseconds since 1970.
    pub ended_unix_ms: u64,
    /// Points with a row.
    pub points: u64,
    /// Rows, failed ones included.
    pub rows: u64,
    /// Rows that did not end well.
    pub failed_rows: u64,
    /// Points that were planned and not fully measured.
    pub skipped: u64,
    /// The seed of the plan's shuffles.
    pub seed: u64,
    /// Commit of the work tree.
    pub git_commit: Option<String>,
    /// Whether tracked files differed from it.
    pub git_dirty: Option<bool>,
    /// The project's name, where the manifest gives one.
    pub project: Option<String>,
    /// The manifest's path, null without one.
    pub manifest: Option<String>,
    /// The words that `tacho` was called with.
    pub invocation: Vec<String>,
    /// Baselines that stand for it.
    pub baselines: Vec<String>,
}

/// The captures of a store: the document of `history --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryDoc {
    /// Always 1.
    pub schema_version: Version<1>,
    /// Newest first.
    pub captures: Vec<HistoryItem>,
}

/// The baselines of a store: the document of `baseline list --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaselinesDoc {
    /// Always 1.
    pub schema_version: Version<1>,
    /// In the order of their names.
    pub baselines: Vec<Baseline>,
}

/// A name for a committed capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// The name.
    pub name: String,
    /// The capture it stands for.
    pub capture: CaptureId,
    /// When it was given that meaning, milliseconds since 1970.
    pub saved_unix_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_identity_is_a_file_name() {
        assert!(CaptureId::new("20261121-094512-3fa9").is_ok());
        for bad in ["", "..", "../x", "a/b", "a b", "a\nb"] {
            assert!(CaptureId::new(bad).is_err(), "{bad:?}");
        }
    }
}
