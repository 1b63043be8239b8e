//! Results in files for others: hyperfine's documents and tables, one file a format.
//!
//! A reader of hyperfine's files finds its columns and keys, so its words stand here: *mean* where
//! our tables show the median, *relative* for the ratio to the reference. Not for our own
//! documents: those are [`crate::json`].

mod asciidoc;
mod csv;
mod markdown;
mod orgmode;
mod table;
mod time_unit;

use tacho_schema::{CaptureHeader, Metric, PointSummary};

use crate::hyperfine;
pub use time_unit::{TimeUnit, UnknownTimeUnit};

/// In which form results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// hyperfine 2's JSON with hyperfine 1's keys beside.
    Json,
    /// hyperfine 1's JSON alone.
    Json1,
    /// Comma-separated values, times in seconds.
    Csv,
    /// A table in Markdown, as GitHub reads it.
    Markdown,
    /// A table in AsciiDoc.
    Asciidoc,
    /// A table in Emacs' Org.
    Orgmode,
}

/// One point's summary with what it was computed from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exported<'a> {
    /// The summary; without a wall time the point is left out of every file.
    pub summary: &'a PointSummary,
    /// Its runs that ended well, in their order.
    pub runs: &'a [ExportedRun],
    /// Name and value of each of its parameters.
    pub parameters: &'a [(String, String)],
}

/// The numbers of one run that ended well; `None` is what was not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ExportedRun {
    /// From just before the program was started to its end; where it times itself, of a call.
    pub wall_nanos: f64,
    /// CPU time in user mode.
    pub user_nanos: Option<u64>,
    /// CPU time in the kernel.
    pub system_nanos: Option<u64>,
    /// Peak memory.
    pub memory_bytes: Option<u64>,
    /// None for a run that a signal ended.
    pub exit_code: Option<i32>,
}

/// The text of a file of `format` with one entry for each of `points` that has a wall time.
///
/// `unit` is that of the times in the three tables for documents; without one it is what fits the
/// first mean. Empty `points` give a file without entries.
#[must_use]
pub fn text(
    format: Format,
    points: &[Exported<'_>],
    unit: Option<TimeUnit>,
    header: &CaptureHeader,
) -> String {
    let has_times = |point: &&Exported<'_>| point.summary.spread(Metric::Wall).is_some();
    let points: Vec<Exported<'_>> = points.iter().filter(has_times).copied().collect();
    match format {
        Format::Json => hyperfine::document(&points, header),
        Format::Json1 => hyperfine::document_1(&points),
        Format::Csv => csv::text(&points),
        Format::Markdown => markdown::text(&table::table(&points, unit)),
        Format::Asciidoc => asciidoc::text(&table::table(&points, unit)),
        Format::Orgmode => orgmode::text(&table::table(&points, unit)),
    }
}

#[cfg(test)]
mod tests;
