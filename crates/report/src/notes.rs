//! The notices under a table: by point, those that many points share said once, all bounded.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use tacho_schema::{Disturbance, Metric, Notice, PointSummary, SummaryDoc};

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
    let points = doc.points.len() as u64;
    let doc = &*with_ladders_as_points(doc);
    let notes = collect(doc);
    let (single, shared): (Vec<&Note<'_>>, Vec<&Note<'_>>) =
        notes.iter().partition(|note| note.points == 1);
    let mut last = String::new();
    for note in single.iter().take(SINGLE_MAX).chain(shared.iter().take(SHARED_MAX)) {
        let heading = heading(note, points, style);
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

/// The document where a ladder's rungs say together what disturbed them: each has its own number
/// of disturbed runs, and a line for each would fill a screen with what is one piece of news.
fn with_ladders_as_points(doc: &SummaryDoc) -> Cow<'_, SummaryDoc> {
    let is_contended = |notice: &Notice| matches!(notice, Notice::Contended { .. });
    let of_rung =
        |point: &PointSummary| point.ladder.filter(|place| (*place as usize) < doc.ladders.len());
    let mut sums: BTreeMap<u32, Sum> = BTreeMap::new();
    for point in &doc.points {
        let Some(ladder) = of_rung(point) else { continue };
        let samples = point.spread(Metric::Wall).map_or(0, |wall| wall.samples);
        sums.entry(ladder).or_default().add(samples, &point.notices);
    }
    sums.retain(|_, sum| sum.rungs > 1);
    if sums.is_empty() {
        return Cow::Borrowed(doc);
    }
    let mut told = doc.clone();
    for point in &mut told.points {
        if of_rung(point).is_some_and(|ladder| sums.contains_key(&ladder)) {
            point.notices.retain(|notice| !is_contended(notice));
        }
    }
    for (ladder, sum) in sums {
        let name = &doc.ladders[ladder as usize].ladder;
        let place = told.points.iter().position(|point| point.ladder == Some(ladder));
        let Some(place) = place else { continue };
        let ladder = PointSummary {
            label: name.clone(),
            notices: vec![sum.notice()],
            ladder: None,
            ..told.points[place].clone()
        };
        told.points.insert(place, ladder);
    }
    Cow::Owned(told)
}

/// What disturbed the rungs of a ladder.
#[derive(Default)]
struct Sum {
    /// Rungs with a disturbed run.
    rungs: u64,
    rows: u64,
    samples: u64,
    by: BTreeMap<Disturbance, u64>,
}

impl Sum {
    /// A rung with so many runs that ended well.
    fn add(&mut self, samples: u64, notices: &[Notice]) {
        self.samples = self.samples.saturating_add(samples);
        for notice in notices {
            let Notice::Contended { rows, by, .. } = notice else { continue };
            self.rungs += 1;
            self.rows = self.rows.saturating_add(*rows);
            for (cause, number) in by {
                let sum = self.by.entry(*cause).or_default();
                *sum = sum.saturating_add(*number);
            }
        }
    }

    fn notice(self) -> Notice {
        Notice::Contended { rows: self.rows, samples: self.samples, by: self.by }
    }
}

/// What to do about notes that many points have.
fn advice(doc: &SummaryDoc) -> impl Iterator<Item = &'static str> {
    let (mut outliers, mut processes, mut contended, mut stopped) = (false, false, false, false);
    for notice in doc.points.iter().flat_map(|point| &point.notices) {
        match notice {
            Notice::Outliers { times_itself: true, .. } => processes = true,
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
        (processes && !outliers, phrase::OUTLYING_PROCESSES_ADVICE),
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
fn heading(note: &Note<'_>, points: u64, style: &Style) -> String {
    if let [only] = note.named.as_slice() {
        let columns = style.width.unwrap_or(LABEL_PIPE_COLUMNS_MAX);
        return shorten_middle(&clean(&only.label), columns, style.ellipsis()).into_owned();
    }
    let labels: Vec<String> = note.named.iter().map(|point| label(&point.label, style)).collect();
    phrase::several_points(&labels, note.points, note.points == points)
}
