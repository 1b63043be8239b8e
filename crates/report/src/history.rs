//! The tables of `tacho history` and `tacho baseline list`.

use tacho_schema::{Baseline, CaptureHeader, CaptureSummary};

use crate::grid::{Align, Cell, Column, Grid};
use crate::layout::Fit;
use crate::origin::{commit, invocation};
use crate::phrase;
use crate::style::{Ink, Style};
use crate::text::clean;

/// One committed capture with what the store knows about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistoryEntry<'a> {
    /// What was known before its first row.
    pub header: &'a CaptureHeader,
    /// How it ended.
    pub summary: &'a CaptureSummary,
    /// Its start as the reader's clock shows it, as `2026-11-21 09:45`; the table's only use.
    pub started: &'a str,
    /// Names of the baselines that stand for it.
    pub baselines: &'a [String],
}

/// A baseline with its date as text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BaselineEntry<'a> {
    /// The name and the capture.
    pub baseline: &'a Baseline,
    /// When it was saved as the reader's clock shows it; the table's only use.
    pub saved: &'a str,
}

/// The captures, one line each, in the order given (newest first, as the store lists them).
///
/// A sentence that says what to do when there are none.
#[must_use]
pub fn captures(entries: &[HistoryEntry<'_>], style: &Style) -> String {
    if entries.is_empty() {
        return format!("{}\n", phrase::NO_CAPTURES);
    }
    let mut grid = Grid::new(capture_columns());
    for entry in entries {
        grid.push(capture_cells(entry, style));
    }
    let mut out = String::new();
    grid.render_into(&mut out, style);
    out
}

/// The baselines, one line each, in the order given; a sentence when there are none.
#[must_use]
pub fn baselines(entries: &[BaselineEntry<'_>], style: &Style) -> String {
    if entries.is_empty() {
        return format!("{}\n", phrase::NO_BASELINES);
    }
    let mut grid = Grid::new(vec![
        Column::new("baseline", Align::Left, Fit::LosesMiddle),
        Column::new("capture", Align::Left, Fit::Stays),
        Column::new("saved", Align::Left, Fit::Goes(0)),
    ]);
    for entry in entries {
        grid.push(vec![
            Cell::new(Ink::Strong, clean(&entry.baseline.name).into_owned()),
            Cell::plain(entry.baseline.capture.as_str()),
            Cell::plain(clean(entry.saved)),
        ]);
    }
    let mut out = String::new();
    grid.render_into(&mut out, style);
    out
}

fn capture_columns() -> Vec<Column> {
    use Align::{Left, Right};
    vec![
        Column::new("capture", Left, Fit::Stays),
        Column::new("started", Left, Fit::Goes(5)),
        Column::new("commit", Left, Fit::Goes(2)),
        Column::new("points", Right, Fit::Goes(0)),
        Column::new("rows", Right, Fit::Goes(3)),
        Column::new("failed", Right, Fit::Goes(1)),
        Column::new("state", Left, Fit::Stays),
        Column::new("baselines", Left, Fit::Goes(4)),
        Column::new("invocation", Left, Fit::LosesEnd),
    ]
}

fn capture_cells(entry: &HistoryEntry<'_>, style: &Style) -> Vec<Cell> {
    let summary = entry.summary;
    let failed = phrase::failed_rows(summary);
    let state = match summary.state {
        tacho_schema::CaptureState::Complete => Ink::Plain,
        tacho_schema::CaptureState::CutShort => Ink::Caution,
    };
    vec![
        Cell::new(Ink::Strong, entry.header.id.as_str().to_owned()),
        Cell::plain(clean(entry.started)),
        Cell::plain(commit(&entry.header.env).unwrap_or_default()),
        Cell::plain(summary.points.to_string()),
        Cell::plain(summary.rows.to_string()),
        Cell::new(if failed > 0 { Ink::Failure } else { Ink::Plain }, failed.to_string()),
        Cell::new(state, style.spell(phrase::state(summary))),
        Cell::plain(clean(&entry.baselines.join(","))),
        Cell::plain(invocation(&entry.header.invocation)),
    ]
}

#[cfg(test)]
mod tests;
