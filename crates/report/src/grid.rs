//! A table of cells laid out for a terminal or a pipe: aligned, without borders.
//!
//! Written by hand because it must leave out the least important columns of a narrow terminal,
//! shorten one column in the middle, let an outcome run over two columns, and colour single
//! cells after they were measured.

use std::collections::BTreeSet;

use crate::style::{Ink, Style};
use crate::text::{common_ending, shorten_apart, shorten_end, width};

/// Blanks between two columns; never fewer, so that they separate fields.
const GAP: usize = 2;
/// A flexible column is not squeezed below so many columns of the terminal.
const FLEXIBLE_MIN: usize = 8;

/// Where a cell's text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// What happens to a column when the terminal is too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It stays as it is.
    Stays,
    /// It is left out; the smallest number goes first, equal ones go together.
    Goes(u8),
    /// Its cells lose their middle.
    LosesMiddle,
    /// Its cells lose their end.
    LosesEnd,
}

impl Fit {
    fn is_flexible(self) -> bool {
        matches!(self, Self::LosesMiddle | Self::LosesEnd)
    }
}

/// One column: its title and how its cells are laid out.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub title: String,
    pub align: Align,
    pub fit: Fit,
}

impl Column {
    pub(crate) fn new(title: impl Into<String>, align: Align, fit: Fit) -> Self {
        Self { title: title.into(), align, fit }
    }

    fn order(&self) -> Option<u8> {
        match self.fit {
            Fit::Goes(order) => Some(order),
            Fit::Stays | Fit::LosesMiddle | Fit::LosesEnd => None,
        }
    }
}

/// One cell: text without control characters, and what it is.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    ink: Ink,
    spills: bool,
}

impl Cell {
    /// An empty `text` becomes `-`: an empty cell would join two gaps into one.
    pub(crate) fn new(ink: Ink, text: String) -> Self {
        let text = if text.is_empty() { "-".to_owned() } else { text };
        Self { text, ink, spills: false }
    }

    /// A number, name or word without a colour of its own.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::new(Ink::Plain, text.into())
    }

    /// The mark of a number that there is not.
    pub(crate) fn none() -> Self {
        Self::new(Ink::Faint, String::new())
    }

    /// On a terminal, runs over the cell to its right, whose own text is then not shown.
    pub(crate) fn spilling(self) -> Self {
        Self { spills: true, ..self }
    }
}

/// The table: columns and rows of as many cells.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// What is the same for every line.
struct Layout<'a> {
    shown: Vec<Shown>,
    /// The end that all cells of the column that loses its middle have in common.
    ending: &'a str,
}

/// A column that is shown: its index and how wide it is.
type Shown = (usize, usize);

impl Grid {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row; the cells stand in the order of the columns.
    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len(), "a row has a cell for every column");
        self.rows.push(row);
    }

    /// Appends titles and rows to `out`, a line each.
    pub(crate) fn render_into(&self, out: &mut String, style: &Style) {
        let layout = Layout { shown: self.layout(style), ending: self.common_ending() };
        let titles: Vec<Cell> = self
            .columns
            .iter()
            .map(|column| Cell::new(Ink::Strong, style.spell(column.title.clone())))
            .collect();
        self.line_into(out, &titles, &layout, style);
        for row in &self.rows {
            self.line_into(out, row, &layout, style);
        }
    }

    /// Which columns are shown, and how wide: as many of the important ones as there is room for.
    fn layout(&self, style: &Style) -> Vec<Shown> {
        let widths = self.natural_widths(style);
        let Some(limit) = style.width else { return widths.into_iter().enumerate().collect() };
        let mut hidden: BTreeSet<u8> = self.columns.iter().filter_map(Column::order).collect();
        let fits = |hidden: &BTreeSet<u8>| {
            let shown = self.shown(&widths, hidden);
            total(&shown) - self.squeezable(&shown, self.flexible_columns(limit)) <= limit
        };
        for order in hidden.clone().into_iter().rev() {
            hidden.remove(&order);
            if !fits(&hidden) {
                hidden.insert(order);
            }
        }
        let mut shown = self.shown(&widths, &hidden);
        let over = total(&shown).saturating_sub(limit);
        let squeeze = over.min(self.squeezable(&shown, FLEXIBLE_MIN));
        for (index, width) in &mut shown {
            if self.columns[*index].fit.is_flexible() {
                *width -= squeeze;
            }
        }
        shown
    }

    /// How narrow the flexible column may become before others go.
    fn flexible_columns(&self, limit: usize) -> usize {
        // A label that is cut to less than a third of the line no longer says what it names; a
        // text that only goes on is recognised by its first words.
        let names = self.columns.iter().any(|column| column.fit == Fit::LosesMiddle);
        if names { limit / 3 } else { limit / 5 }
    }

    /// The columns that are not among the hidden orders.
    fn shown(&self, widths: &[usize], hidden: &BTreeSet<u8>) -> Vec<Shown> {
        let is_shown =
            |column: &Column| column.order().is_none_or(|order| !hidden.contains(&order));
        let all = widths.iter().copied().enumerate();
        all.filter(|(index, _)| is_shown(&self.columns[*index])).collect()
    }

    fn common_ending(&self) -> &str {
        let flexible = self.columns.iter().position(|column| column.fit == Fit::LosesMiddle);
        let cells = flexible.map(|index| self.rows.iter().map(move |row| row[index].text.as_str()));
        cells.map_or("", common_ending)
    }

    fn natural_widths(&self, style: &Style) -> Vec<usize> {
        let mut widths: Vec<usize> =
            self.columns.iter().map(|column| width(&column.title)).collect();
        for row in &self.rows {
            for (wide, cell) in widths.iter_mut().zip(row) {
                if !spills(cell, style) {
                    *wide = width(&cell.text).max(*wide);
                }
            }
        }
        widths
    }

    /// By how much the flexible column may shrink and still have `least` columns.
    fn squeezable(&self, shown: &[Shown], least: usize) -> usize {
        let flexible = shown.iter().find(|(index, _)| self.columns[*index].fit.is_flexible());
        flexible.map_or(0, |(_, width)| width.saturating_sub(least))
    }

    fn line_into(&self, out: &mut String, row: &[Cell], layout: &Layout<'_>, style: &Style) {
        let mut owed = 0;
        let mut place = 0;
        while let Some(&(index, own)) = layout.shown.get(place) {
            let (column, cell) = (&self.columns[index], &row[index]);
            let next = layout.shown.get(place + 1).filter(|_| spills(cell, style));
            let room = own + next.map_or(0, |(_, width)| GAP + width);
            let text = match column.fit {
                Fit::LosesMiddle => {
                    shorten_apart(&cell.text, layout.ending, room, style.ellipsis())
                }
                Fit::LosesEnd => shorten_end(&cell.text, room, style.ellipsis()),
                Fit::Stays | Fit::Goes(_) => cell.text.as_str().into(),
            };
            let blank = room.saturating_sub(width(&text));
            let before = if column.align == Align::Right && next.is_none() { blank } else { 0 };
            out.extend(std::iter::repeat_n(' ', owed + before));
            out.push_str(&style.paint(cell.ink, &text));
            owed = blank - before + GAP;
            place += if next.is_some() { 2 } else { 1 };
        }
        out.push('\n');
    }
}

/// A pipe has room for everything, and its rows have equally many fields.
fn spills(cell: &Cell, style: &Style) -> bool {
    cell.spills && style.width.is_some()
}

/// Columns of the terminal that a line takes.
fn total(shown: &[Shown]) -> usize {
    let gaps = GAP * shown.len().saturating_sub(1);
    shown.iter().map(|(_, width)| width).sum::<usize>() + gaps
}
