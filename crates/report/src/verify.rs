//! What `tacho verify` prints: how each point answered, and a line that sums it up.

use tacho_schema::{Status, VerifyDoc, VerifyItem};

use crate::grid::{Align, Cell, Column, Grid};
use crate::json::pretty;
use crate::layout::Fit;
use crate::notes::bullet_into;
use crate::phrase;
use crate::style::{Ink, Style};
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
    for skipped in &doc.skipped {
        let text = format!("{}: skipped: {}", clean(&skipped.point), clean(&skipped.reason));
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
