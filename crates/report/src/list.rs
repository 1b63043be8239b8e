//! The table of `tacho list`, and its document.

use tacho_schema::{ListDoc, ListItem};

use crate::grid::{Align, Cell, Column, Grid};
use crate::json::pretty;
use crate::layout::Fit;
use crate::style::{Ink, Style};
use crate::text::{clean, shorten_end};

/// From so many parameters on, one line stands for all points that differ in nothing else.
const RUNGS_FOLDED_MIN: usize = 4;

/// The points, one line each, in the order given; one line for a long ladder.
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
    for (item, point) in lines(&doc.points) {
        let params = item.params.len()
            + usize::from(item.threads.is_some())
            + usize::from(item.param.is_some());
        let params = if params == 0 { Cell::none() } else { Cell::plain(params.to_string()) };
        grid.push(vec![
            Cell::new(Ink::Strong, clean(&point).into_owned()),
            params,
            Cell::plain(clean(&item.tags.join(","))),
            Cell::plain(shorten_end(&clean(&command(item, &point)), half, style.ellipsis())),
        ]);
    }
    let mut out = String::new();
    grid.render_into(&mut out, style);
    out
}

/// How it is asked; where one line stands for a ladder its parameter is left open.
fn command(item: &ListItem, named: &str) -> String {
    match item.param.filter(|_| named != item.point) {
        Some(param) => item.command.replacen(&format!("--param {param}"), "--param N", 1),
        None => item.command.clone(),
    }
}

/// What has a line, and how it is called: a point, or the first one of a ladder with the range of
/// its parameters.
fn lines(points: &[ListItem]) -> Vec<(&ListItem, String)> {
    let same = |a: &ListItem, b: &ListItem| {
        a.param.is_some() && b.param.is_some() && without_param(a) == without_param(b)
    };
    let mut lines = Vec::new();
    for chunk in points.chunk_by(same) {
        match (chunk.first(), chunk.last().and_then(|last| last.param)) {
            (Some(first), Some(high)) if chunk.len() >= RUNGS_FOLDED_MIN => {
                lines.push((first, named(first, &format!("..={high}"))));
            }
            _ => lines.extend(chunk.iter().map(|item| (item, item.point.clone()))),
        }
    }
    lines
}

/// The identity of a point without its parameter's value, if it has one.
fn without_param(item: &ListItem) -> Option<(&str, &str)> {
    let written = format!("param={}", item.param?);
    let place = item.point.rfind(&written)?;
    Some((&item.point[..place], &item.point[place + written.len()..]))
}

/// The identity of a point with `more` behind its parameter's value.
fn named(item: &ListItem, more: &str) -> String {
    match (without_param(item), item.param) {
        (Some((before, behind)), Some(param)) => format!("{before}param={param}{more}{behind}"),
        _ => item.point.clone(),
    }
}

/// `tacho list --json`.
#[must_use]
pub fn json(doc: &ListDoc) -> String {
    pretty(serde_json::to_string_pretty(doc))
}

#[cfg(test)]
mod tests;
