//! What `tacho run` and `tacho show` print: the table, what to beware of, and the capture.

use std::borrow::Cow;
use std::collections::HashMap;

use tacho_schema::{CaptureHeader, Metric, PointSummary, SummaryDoc};

use crate::counters::Counters;
use crate::ladder;
use crate::notes::{self, bullet_into};
use crate::origin::{commit, invocation};
use crate::phrase;
use crate::points;
use crate::style::{Ink, Style};
use crate::text::{clean, shorten_end, shorten_middle, wrap_into};

/// Reasons for skipping that are printed; the points of the others are counted.
const REASONS_MAX: usize = 8;
/// Points named in one sentence; the others are counted.
pub(crate) const NAMED_MAX: usize = 5;
/// A label inside a sentence, on a terminal.
const LABEL_COLUMNS_MAX: usize = 40;

/// The line before the table of a capture that was not taken just now: when, where, of which
/// commit and with which words; then an empty line.
///
/// `started` is its start as the reader's clock shows it. What is not known is left out. On a
/// terminal the words lose their end where they do not fit.
#[must_use]
pub fn headline(capture: &CaptureHeader, started: &str, style: &Style) -> String {
    let text = phrase::headline(
        started,
        capture.env.hostname.as_deref(),
        commit(&capture.env).as_deref(),
        &invocation(&capture.invocation),
    );
    let columns = style.width.unwrap_or(usize::MAX);
    let line = shorten_end(&text, columns, style.ellipsis());
    format!("{}\n\n", style.paint(Ink::Faint, &line))
}

/// The table of `doc`, then the counters that have no column in it, the ladders, each with its
/// table and its verdict, and the notices by point, then what holds for the whole capture.
///
/// Every point has its row, also one that failed or was not measured; a rung has it in its
/// ladder's table, where one without a row is left out. Counters, notes and names of skipped
/// points are bounded and the rest is counted, so that the text under the table stays on a
/// screen; the time it takes is linear in the number of points. Without points only the capture's
/// own lines are printed. Ends with a line feed.
#[must_use]
pub fn summary(doc: &SummaryDoc, style: &Style) -> String {
    let mut out = String::new();
    let table = without_rungs(doc);
    if !table.points.is_empty() {
        let counters = Counters::of(&table);
        points::grid(&table, &counters, style).render_into(&mut out, style);
        out.push('\n');
        if counters.render_into(&mut out, style) {
            out.push('\n');
        }
    }
    let changes: ladder::Changes<'_> = doc
        .points
        .iter()
        .filter_map(|point| Some((point.point.as_str(), point.change.as_ref()?)))
        .collect();
    for ladder in &doc.ladders {
        ladder::render_into(&mut out, ladder, &changes, style);
        out.push('\n');
    }
    if notes::render_into(&mut out, doc, style) {
        out.push('\n');
    }
    if skipped_into(&mut out, doc, style) {
        out.push('\n');
    }
    let shared = doc.capture.shared_machine.then(|| phrase::shared_machine().to_owned());
    // Beside no time at all, the shell's own tells nothing.
    let has_times = doc.points.iter().any(|point| point.spread(Metric::Wall).is_some());
    let shell = doc.capture.shell.as_ref().filter(|_| has_times).map(phrase::shell_startup);
    let drift = doc.drift.as_ref().and_then(phrase::drift);
    let contended = doc.points.iter().fold(0_u64, |sum, point| sum.saturating_add(point.contended));
    let capture = phrase::capture(&doc.capture, &doc.summary, contended);
    for line in shared.into_iter().chain(shell).chain(drift).chain([capture]) {
        wrap_into(&mut out, 0, &style.spell(line), style.width);
    }
    out
}

/// The document without the points that stand in the table of their ladder, or would stand there.
fn without_rungs(doc: &SummaryDoc) -> Cow<'_, SummaryDoc> {
    let stands = |point: &PointSummary| {
        point.ladder.is_some_and(|place| (place as usize) < doc.ladders.len())
    };
    if !doc.points.iter().any(stands) {
        return Cow::Borrowed(doc);
    }
    let mut table = doc.clone();
    table.points.retain(|point| !stands(point));
    Cow::Owned(table)
}

/// A label inside a sentence: bounded on a terminal, as long as in its table in a pipe.
pub(crate) fn label(text: &str, style: &Style) -> String {
    let columns = style.width.map_or(points::LABEL_PIPE_COLUMNS_MAX, |_| LABEL_COLUMNS_MAX);
    shorten_middle(&clean(text), columns, style.ellipsis()).into_owned()
}

/// The points skipped for one reason.
struct Reason<'a> {
    reason: &'a str,
    /// The first few, [`NAMED_MAX`] at most.
    named: Vec<String>,
    points: u64,
}

/// Which points were not fully measured and why; false when all were.
fn skipped_into(out: &mut String, doc: &SummaryDoc, style: &Style) -> bool {
    if doc.summary.skipped.is_empty() {
        return false;
    }
    let heading = phrase::skipped(doc.summary.skipped.len() as u64);
    out.push_str(&style.paint(Ink::Strong, &heading));
    out.push('\n');
    let reasons = reasons(doc, style);
    for reason in reasons.iter().take(REASONS_MAX) {
        let more = reason.points.saturating_sub(reason.named.len() as u64);
        let text = phrase::skipped_for(reason.reason, &reason.named, more);
        bullet_into(out, Ink::Caution, &text, style);
    }
    let hidden: u64 = reasons.iter().skip(REASONS_MAX).map(|reason| reason.points).sum();
    if hidden > 0 {
        bullet_into(out, Ink::Caution, &phrase::skipped_otherwise(hidden), style);
    }
    true
}

/// The skipped points by reason, in the order in which the reasons appear.
fn reasons<'a>(doc: &'a SummaryDoc, style: &Style) -> Vec<Reason<'a>> {
    let labels: HashMap<&str, &str> =
        doc.points.iter().map(|point| (point.point.as_str(), point.label.as_str())).collect();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut reasons: Vec<Reason<'a>> = Vec::new();
    for skipped in &doc.summary.skipped {
        let place = *places.entry(&skipped.reason).or_insert_with(|| {
            reasons.push(Reason { reason: &skipped.reason, named: Vec::new(), points: 0 });
            reasons.len() - 1
        });
        let reason = &mut reasons[place];
        reason.points += 1;
        if reason.named.len() < NAMED_MAX {
            let text = labels.get(skipped.point.as_str()).copied().unwrap_or(&skipped.point);
            reason.named.push(phrase::skipped_point(&label(text, style), skipped.rows));
        }
    }
    reasons
}

#[cfg(test)]
mod tests;
