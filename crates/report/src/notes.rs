//! The notices under a table: by point, those that many points share said once, all bounded.

use std::collections::HashMap;

use tacho_schema::{Disturbance, Notice, PointSummary, SummaryDoc};

use crate::phrase;
use crate::points::LABEL_PIPE_COLUMNS_MAX;
use crate::style::{Ink, Style};
use crate::terminal::{NAMED_MAX, label};
use crate::text::{clean, shorten_middle, wrap_into};

/// Notes about one point that are printed; the others are counted.
const SINGLE_MAX: usize = 20;
/// Notes about several points that are printed; the others are counted.
const SHARED_MAX: usize = 5;
/// What stands before a note.
const BULLET: &str = "  - ";

/// One sentence and the points it is about.
struct Note<'a> {
    text: String,
    ink: Ink,
    /// The first few points, [`NAMED_MAX`] at most and never none.
    named: Vec<&'a PointSummary>,
    points: u64,
}

/// Appends the notes of `doc`; false when there are none.
pub(crate) fn render_into(out: &mut String, doc: &SummaryDoc, style: &Style) -> bool {
    let notes = collect(doc);
    let (single, shared): (Vec<&Note<'_>>, Vec<&Note<'_>>) =
        notes.iter().partition(|note| note.points == 1);
    let mut last = String::new();
    for note in single.iter().take(SINGLE_MAX).chain(shared.iter().take(SHARED_MAX)) {
        let heading = heading(note, doc, style);
        if heading != last {
            let mut lines = String::new();
            wrap_into(&mut lines, 0, &heading, style.width);
            out.push_str(&style.paint(Ink::Strong, lines.trim_end()));
            out.push('\n');
            last = heading;
        }
        bullet_into(out, note.ink, &note.text, style);
    }
    let hidden = single.len().saturating_sub(SINGLE_MAX) + shared.len().saturating_sub(SHARED_MAX);
    if hidden > 0 {
        wrap_into(out, 0, &phrase::more_notes(hidden as u64, &doc.capture.id), style.width);
    }
    for advice in advice(doc) {
        wrap_into(out, 0, &style.spell(advice.to_owned()), style.width);
    }
    !notes.is_empty()
}

/// What to do about notes that many points have.
fn advice(doc: &SummaryDoc) -> impl Iterator<Item = &'static str> {
    let (mut outliers, mut contended, mut stopped) = (false, false, false);
    for notice in doc.points.iter().flat_map(|point| &point.notices) {
        match notice {
            Notice::Outliers { .. } => outliers = true,
            Notice::Contended { by, .. } => {
                let is_stop = |cause: &Disturbance| *cause == Disturbance::Stopped;
                stopped |= by.keys().any(is_stop);
                contended |= !by.keys().all(is_stop);
            }
            _ => {}
        }
    }
    let all = [
        (contended, phrase::CONTENDED_ADVICE),
        (stopped, phrase::STOPPED_ADVICE),
        (outliers, phrase::OUTLIERS_ADVICE),
    ];
    all.into_iter().filter(|(is_due, _)| *is_due).map(|(_, advice)| advice)
}

/// Appends one sentence behind a bullet in `ink`.
pub(crate) fn bullet_into(out: &mut String, ink: Ink, text: &str, style: &Style) {
    out.push_str(&style.paint(ink, BULLET));
    wrap_into(out, BULLET.len(), &style.spell(text.to_owned()), style.width);
}

/// The notes by their sentence: those of failed points first, else in the order of the points.
fn collect(doc: &SummaryDoc) -> Vec<Note<'_>> {
    let fails = |point: &&PointSummary| point.notices.iter().any(phrase::is_failure);
    let failed = doc.points.iter().filter(fails);
    let others = doc.points.iter().filter(|point| !fails(point));
    let mut notes: Vec<Note<'_>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for point in failed.chain(others) {
        for notice in &point.notices {
            let ink = if phrase::is_failure(notice) { Ink::Failure } else { Ink::Caution };
            let place = *places.entry(phrase::notice(notice)).or_insert_with_key(|text| {
                notes.push(Note { text: text.clone(), ink, named: Vec::new(), points: 0 });
                notes.len() - 1
            });
            let note = &mut notes[place];
            note.points += 1;
            if note.named.len() < NAMED_MAX {
                note.named.push(point);
            }
        }
    }
    notes
}

/// The label of the one point that a note is about, or the first labels of several.
fn heading(note: &Note<'_>, doc: &SummaryDoc, style: &Style) -> String {
    if let [only] = note.named.as_slice() {
        let columns = style.width.unwrap_or(LABEL_PIPE_COLUMNS_MAX);
        return shorten_middle(&clean(&only.label), columns, style.ellipsis()).into_owned();
    }
    let labels: Vec<String> = note.named.iter().map(|point| label(&point.label, style)).collect();
    phrase::several_points(&labels, note.points, note.points == doc.points.len() as u64)
}
