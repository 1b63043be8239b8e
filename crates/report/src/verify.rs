//! What `tacho verify` prints: how each point answered, and a line that sums it up.

use std::collections::HashMap;

use tacho_schema::{Status, VerifyDoc, VerifyItem};

use crate::grid::{Align, Cell, Column, Grid};
use crate::json::pretty;
use crate::layout::Fit;
use crate::notes::bullet_into;
use crate::phrase;
use crate::style::{Ink, Style};
use crate::terminal::NAMED_MAX;
use crate::text::{clean, wrap_into};

/// A line for each point, what went wrong in full, what was skipped, and the summary.
#[must_use]
pub fn verification(doc: &VerifyDoc, style: &Style) -> String {
    let mut out = String::new();
    if !doc.items.is_empty() {
        grid(doc).render_into(&mut out, style);
        out.push('\n');
    }
    for item in doc.items.iter().filter(|item| item.status != Status::Ok) {
        if let Some(detail) = phrase::verify::item_detail(item) {
            let text = format!("{}: {detail}", clean(&item.point));
            bullet_into(&mut out, Ink::Failure, &text, style);
        }
    }
    for (reason, points) in skipped(doc) {
        let named: Vec<String> =
            points.iter().take(NAMED_MAX).map(|point| clean(point).into_owned()).collect();
        let more = points.len().saturating_sub(named.len()) as u64;
        let text = format!("skipped: {}", phrase::skipped_for(reason, &named, more));
        bullet_into(&mut out, Ink::Caution, &text, style);
    }
    wrap_into(&mut out, 0, &style.spell(phrase::verify::verified(doc)), style.width);
    out
}

/// `tacho verify --json`: the document as it is.
#[must_use]
pub fn json(doc: &VerifyDoc) -> String {
    pretty(serde_json::to_string_pretty(doc))
}

/// The points that were skipped, by the reason, in the order in which the reasons appear.
fn skipped(doc: &VerifyDoc) -> Vec<(&str, Vec<&str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for skipped in &doc.skipped {
        let place = *places.entry(&skipped.reason).or_insert_with(|| {
            reasons.push((&skipped.reason, Vec::new()));
            reasons.len() - 1
        });
        reasons[place].1.push(&skipped.point);
    }
    reasons
}

fn grid(doc: &VerifyDoc) -> Grid {
    let mut grid = Grid::new(vec![
        Column::new("point", Align::Left, Fit::LosesMiddle),
        Column::new("outcome", Align::Left, Fit::Stays),
        Column::new("answer", Align::Left, Fit::Goes(0)),
    ]);
    for item in &doc.items {
        grid.push(vec![
            Cell::plain(clean(&item.point)),
            Cell::new(ink(item), phrase::verify::item_outcome(item)),
            Cell::plain(clean(item.result_hash.as_deref().unwrap_or_default())),
        ]);
    }
    grid
}

fn ink(item: &VerifyItem) -> Ink {
    match item.status {
        Status::Ok => Ink::Plain,
        Status::KilledAtCap => Ink::Caution,
        _ => Ink::Failure,
    }
}

#[cfg(test)]
mod tests;
