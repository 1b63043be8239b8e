//! The table of `tacho list`, and its document.

use tacho_schema::ListDoc;

use crate::grid::{Align, Cell, Column, Grid};
use crate::json::pretty;
use crate::layout::Fit;
use crate::style::{Ink, Style};
use crate::text::{clean, shorten_end};

/// The points, one line each, in the order given.
#[must_use]
pub fn points(doc: &ListDoc, style: &Style) -> String {
    let mut grid = Grid::new(vec![
        Column::new("point", Align::Left, Fit::LosesMiddle),
        Column::new("parameters", Align::Right, Fit::Goes(0)),
        Column::new("tags", Align::Left, Fit::Goes(1)),
        Column::new("command", Align::Left, Fit::Goes(2)),
    ]);
    // Only one column of a table gives way to the others: the point's.
    let half = style.width.map_or(usize::MAX, |width| width / 2);
    for item in &doc.points {
        let params = item.params.len() + usize::from(item.threads.is_some());
        let params = if params == 0 { Cell::none() } else { Cell::plain(params.to_string()) };
        grid.push(vec![
            Cell::new(Ink::Strong, clean(&item.point).into_owned()),
            params,
            Cell::plain(clean(&item.tags.join(","))),
            Cell::plain(shorten_end(&clean(&item.command), half, style.ellipsis())),
        ]);
    }
    let mut out = String::new();
    grid.render_into(&mut out, style);
    out
}

/// `tacho list --json`.
#[must_use]
pub fn json(doc: &ListDoc) -> String {
    pretty(serde_json::to_string_pretty(doc))
}

#[cfg(test)]
mod tests;
