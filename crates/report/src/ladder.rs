//! A ladder's table: a line for each parameter, then its verdict, and which models fit.

use std::collections::HashMap;

use tacho_schema::{Change, Interval, LadderSummary, Nanos, RungMark, RungSummary, Statistic};

use crate::grid::{Align, Cell, Column, Grid};
use crate::layout::Fit;
use crate::phrase;
use crate::points::{LABEL_PIPE_COLUMNS_MAX, against, change_cells, ends};
use crate::style::{Ink, Style};
use crate::text::{clean, shorten_middle, wrap_into};

/// Blanks before the sentences under the table.
const INDENT: usize = 2;

/// The units of C, which may be far under a nanosecond: `n^3` at 1000 is a thousand million.
const SCALES: [(f64, &str); 6] =
    [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"), (1e-3, "ps"), (1e-6, "fs")];

/// The changes of rungs against a baseline, by the points' identities.
pub(crate) type Changes<'a> = HashMap<&'a str, &'a Change>;

/// Appends the heading, the table and what they say.
pub(crate) fn render_into(
    out: &mut String,
    ladder: &LadderSummary,
    changes: &Changes<'_>,
    style: &Style,
) {
    let columns = style.width.unwrap_or(LABEL_PIPE_COLUMNS_MAX);
    let name = clean(&ladder.ladder);
    let name = shorten_middle(&name, columns, style.ellipsis());
    let mut heading = String::new();
    wrap_into(&mut heading, 0, &phrase::ladder::heading(&name, ladder), style.width);
    out.push_str(&style.paint(Ink::Strong, heading.trim_end()));
    out.push('\n');
    if !ladder.rungs.is_empty() {
        grid(ladder, changes, style).render_into(out, style);
    }
    sentence_into(out, phrase::ladder::verdict(ladder), style);
    if let Some(fits) = phrase::ladder::fits(&ladder.fits) {
        sentence_into(out, fits, style);
    }
    if let Some(knee) = &ladder.knee {
        sentence_into(out, phrase::ladder::knee(knee), style);
    }
}

fn sentence_into(out: &mut String, text: String, style: &Style) {
    out.extend(std::iter::repeat_n(' ', INDENT));
    wrap_into(out, INDENT, &style.spell(text), style.width);
}

fn grid(ladder: &LadderSummary, changes: &Changes<'_>, style: &Style) -> Grid {
    use Align::{Left, Right};
    let change = |rung: &RungSummary| changes.get(rung.point.as_str()).copied();
    let reference = ladder.rungs.iter().find_map(change).map(|change| change.against.as_str());
    let mut columns = vec![
        // What a further block repeats.
        Column::new("n", Right, Fit::LosesMiddle),
        Column::new("per call", Right, Fit::Stays),
        Column::new("95 % interval", Right, Fit::Stays),
        Column::new("C", Right, Fit::Stays),
        Column::new("repeats", Right, Fit::Stays),
        Column::new("mark", Left, Fit::Stays),
    ];
    let has_model = ladder.rungs.iter().any(|rung| rung.c.is_some());
    let has_mark = ladder.rungs.iter().any(|rung| rung.mark.is_some());
    if !has_mark {
        columns.truncate(5);
    }
    if !has_model {
        drop(columns.remove(3));
    }
    if let Some(name) = reference {
        let titles = [against(name, style), "95 % interval".to_owned()];
        columns.extend(titles.map(|title| Column::new(title, Right, Fit::Folds(0))));
    }
    let unit = Unit::of(ladder);
    let mut grid = Grid::new(columns);
    for rung in &ladder.rungs {
        let mut cells = cells(rung, &unit, style);
        if !has_mark {
            cells.truncate(5);
        }
        if !has_model {
            drop(cells.remove(3));
        }
        match (reference, change(rung)) {
            (None, _) => {}
            (Some(_), None) => cells.extend([Cell::none(), Cell::none()]),
            (Some(_), Some(change)) => {
                cells.extend(change_cells(change, Statistic::Median, style));
            }
        }
        grid.push(cells);
    }
    grid
}

fn cells(rung: &RungSummary, unit: &Unit, style: &Style) -> Vec<Cell> {
    // What does not count is not what the reader came for.
    let ink = |ink| if rung.mark.is_some() { Ink::Faint } else { ink };
    let half = rung.interval.as_ref().map(Interval::half_width);
    let time = rung.per_call_nanos.map(|nanos| style.time(nanos, half));
    let interval = match (&rung.interval, &time) {
        (Some(interval), Some(time)) => {
            let text = ends(interval, time, style, |value| style.time(value, half));
            Cell::new(ink(Ink::Plain), text)
        }
        (None, Some(_)) => Cell::new(ink(Ink::Caution), phrase::no_interval(rung.processes)),
        (_, None) => Cell::none(),
    };
    let c = rung.c.map(|c| unit.text(c, half.zip(rung.model).map(|(half, model)| half / model)));
    let spelled = |text: Option<String>| style.spell(text.unwrap_or_default());
    let repeats = rung.repeats.map(phrase::ladder::repeats);
    vec![
        Cell::new(ink(Ink::Plain), rung.param.to_string()),
        Cell::new(ink(Ink::Plain), spelled(time)),
        interval,
        Cell::new(ink(Ink::Strong), spelled(c)),
        Cell::new(ink(Ink::Plain), spelled(repeats)),
        mark(rung),
    ]
}

fn mark(rung: &RungSummary) -> Cell {
    let Some(mark) = rung.mark else { return Cell::none() };
    let ink = if mark == RungMark::Failed { Ink::Failure } else { Ink::Caution };
    Cell::new(ink, phrase::ladder::mark(mark).to_owned())
}

/// How C is written: in one unit, so that its rows compare at a glance, unless they lie far apart.
struct Unit(Option<(f64, &'static str)>);

impl Unit {
    /// In a common unit rows that are further apart have too many digits, or too few.
    const APART_MAX: f64 = 100.0;

    fn of(ladder: &LadderSummary) -> Self {
        let all = ladder.rungs.iter().filter_map(|rung| rung.c);
        let (low, high) =
            all.fold((f64::INFINITY, 0.0_f64), |(low, high), c| (low.min(c), high.max(c)));
        Self((low.is_finite() && high / low <= Self::APART_MAX).then(|| Self::scale(low)))
    }

    /// The largest unit that makes `c` at least 1, or the smallest there is.
    fn scale(c: f64) -> (f64, &'static str) {
        let found = SCALES.into_iter().find(|(unit, _)| c >= unit * 0.9995);
        found.unwrap_or(SCALES[SCALES.len() - 1])
    }

    fn text(&self, c: f64, half_width: Option<f64>) -> String {
        let (unit, symbol) = self.0.unwrap_or_else(|| Self::scale(c));
        if c < unit / 1e3 {
            return format!("{c:.2e} ns");
        }
        Nanos(c).within_unit(half_width, unit, symbol)
    }
}

#[cfg(test)]
mod tests;
