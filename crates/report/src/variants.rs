//! What `tacho compare-variants` prints: first whether the answers agree, then the ratios.

use tacho_schema::{Agreement, Interval, Statistic, VariantNumber, VariantsDoc, VariantsPoint};

use crate::grid::{Align, Cell, Column, Grid};
use crate::json::pretty;
use crate::layout::Fit;
use crate::notes::bullet_into;
use crate::phrase;
use crate::points::change_cells;
use crate::style::{Ink, Style};
use crate::text::{clean, wrap_into};

/// The agreement, where it ends, and a line for each implementation at each parameter.
#[must_use]
pub fn comparison(doc: &VariantsDoc, style: &Style) -> String {
    let mut out = String::new();
    let mut heading = String::new();
    wrap_into(&mut heading, 0, &phrase::variants::heading(doc), style.width);
    out.push_str(&style.paint(Ink::Strong, heading.trim_end()));
    out.push('\n');
    wrap_into(&mut out, 0, &style.spell(phrase::variants::agreement(doc)), style.width);
    let diverged = doc.divergence.and_then(|place| doc.points.get(usize::try_from(place).ok()?));
    if let Some(point) = diverged {
        wrap_into(&mut out, 0, &phrase::variants::divergence(point), style.width);
        for variant in &point.variants {
            bullet_into(&mut out, Ink::Failure, &phrase::variants::answered(variant), style);
        }
    }
    if !doc.points.is_empty() {
        out.push('\n');
        grid(doc, style).render_into(&mut out, style);
    }
    out
}

/// `tacho compare-variants --json`: the document as it is.
#[must_use]
pub fn json(doc: &VariantsDoc) -> String {
    pretty(serde_json::to_string_pretty(doc))
}

fn grid(doc: &VariantsDoc, style: &Style) -> Grid {
    use Align::{Left, Right};
    let is_plain = |point: &VariantsPoint| {
        point.param.is_some_and(|param| point.at == format!("{{param={param}}}"))
    };
    let is_plain = doc.points.iter().all(is_plain);
    let has_place = doc.points.iter().any(|point| !point.at.is_empty());
    let mut columns = Vec::new();
    if has_place {
        let align = if is_plain { Right } else { Left };
        columns.push(Column::new(if is_plain { "n" } else { "at" }, align, Fit::Stays));
    }
    columns.extend([
        Column::new("implementation", Left, Fit::LosesMiddle),
        Column::new("per call", Right, Fit::Stays),
        Column::new("change", Right, Fit::Stays),
        Column::new("95 % interval", Right, Fit::Folds(1)),
        Column::new("answer", Left, Fit::Folds(0)),
    ]);
    let mut grid = Grid::new(columns);
    for point in &doc.points {
        for variant in &point.variants {
            let place = match point.param {
                Some(param) if is_plain => param.to_string(),
                _ => clean(&point.at).into_owned(),
            };
            let mut cells = if has_place { vec![Cell::plain(place)] } else { Vec::new() };
            cells.extend(self::cells(doc, point, variant, style));
            grid.push(cells);
        }
    }
    grid
}

fn cells(
    doc: &VariantsDoc,
    point: &VariantsPoint,
    variant: &VariantNumber,
    style: &Style,
) -> Vec<Cell> {
    let half = variant.interval.as_ref().map(Interval::half_width);
    let time = match (variant.per_call_nanos, variant.failed) {
        (Some(nanos), _) => Cell::new(Ink::Strong, style.spell(style.time(nanos, half))),
        (None, Some(status)) => Cell::new(Ink::Failure, phrase::outcome(status, None, None)),
        (None, None) => Cell::none(),
    };
    let change = match &variant.change {
        _ if variant.workload == doc.reference => {
            vec![Cell::new(Ink::Faint, "reference".to_owned()), Cell::none()]
        }
        Some(change) => change_cells(change, Statistic::Median, style),
        None => vec![Cell::none(), Cell::none()],
    };
    let mut cells = vec![Cell::plain(clean(&variant.workload)), time];
    cells.extend(change);
    cells.push(answer(doc, point, variant));
    cells
}

/// Whether the answer is the reference's; of the reference's own, its hash.
fn answer(doc: &VariantsDoc, point: &VariantsPoint, variant: &VariantNumber) -> Cell {
    let Some(own) = &variant.answer else {
        return Cell::new(Ink::Caution, "unchecked".to_owned());
    };
    if own.other_hash.is_some() {
        return Cell::new(Ink::Failure, "varies".to_owned());
    }
    let reference = point.variants.iter().find(|variant| variant.workload == doc.reference);
    match reference.and_then(|reference| reference.answer.as_ref()) {
        _ if variant.workload == doc.reference => Cell::plain(clean(&own.result_hash)),
        Some(theirs) if theirs.result_hash == own.result_hash => Cell::plain("same"),
        Some(_) => Cell::new(Ink::Failure, "differs".to_owned()),
        None if point.agreement == Agreement::Differ => {
            Cell::new(Ink::Failure, clean(&own.result_hash).into_owned())
        }
        None => Cell::new(Ink::Caution, "unchecked".to_owned()),
    }
}

#[cfg(test)]
mod tests;
