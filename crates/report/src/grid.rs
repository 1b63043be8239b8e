//! A table of cells laid out for a terminal or a pipe: aligned, without borders.
//!
//! Written by hand because it must continue below, or leave out, the less important columns of a
//! narrow terminal, shorten one column in the middle, let an outcome run over two columns, and
//! colour single cells after they were measured. `layout` decides what stands where.

use crate::layout::{Extent, Fit, GAP, Shown, blocks};
use crate::style::{Ink, Style};
use crate::text::{common_ending, shorten_apart, shorten_end, width};

/// Where a cell's text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
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
}

/// One cell: text without control characters, and what it is.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    ink: Ink,
    is_empty: bool,
    spills: bool,
}

impl Cell {
    /// An empty `text` becomes `-`: an empty cell would join two gaps into one.
    pub(crate) fn new(ink: Ink, text: String) -> Self {
        let is_empty = text.is_empty();
        let text = if is_empty { "-".to_owned() } else { text };
        Self { text, ink, is_empty, spills: false }
    }

    /// A number, name or word without a colour of its own.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::new(Ink::Plain, text.into())
    }

    /// The mark of a number that there is not.
    pub(crate) fn none() -> Self {
        Self::new(Ink::Faint, String::new())
    }

    /// On a terminal, runs over the cell to its right, whose own text is then not shown; both
    /// columns stay beside each other at any width.
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

/// What is the same for every line of a block.
struct Block<'a> {
    shown: Vec<Shown>,
    /// The end that all cells of the column that loses its middle have in common.
    ending: &'a str,
}

impl Grid {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row; the cells stand in the order of the columns.
    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len(), "a row has a cell for every column");
        self.rows.push(row);
    }

    /// Appends titles and rows to `out`, a line each; blocks stand apart by an empty line.
    ///
    /// A further block leaves out the rows of which it has nothing to say, and a block that has
    /// no row left is left out itself.
    pub(crate) fn render_into(&self, out: &mut String, style: &Style) {
        let ending = self.common_ending();
        for (place, shown) in blocks(&self.extents(style), style.width).into_iter().enumerate() {
            let has_say = |row: &&Vec<Cell>| place == 0 || self.has_say(row, &shown);
            let rows: Vec<&Vec<Cell>> = self.rows.iter().filter(has_say).collect();
            if place > 0 && rows.is_empty() {
                continue;
            }
            if place > 0 {
                out.push('\n');
            }
            let block = Block { shown, ending };
            self.line_into(out, &self.titles(style), &block, style);
            for row in rows {
                self.line_into(out, row, &block, style);
            }
        }
    }

    fn titles(&self, style: &Style) -> Vec<Cell> {
        let title = |column: &Column| Cell::new(Ink::Strong, style.spell(column.title.clone()));
        self.columns.iter().map(title).collect()
    }

    /// Whether one of the columns that a further block does not repeat has something for `row`.
    fn has_say(&self, row: &[Cell], shown: &[Shown]) -> bool {
        let mut own = shown.iter().filter(|(index, _)| !self.columns[*index].fit.is_flexible());
        own.any(|(index, _)| !row[*index].is_empty)
    }

    fn common_ending(&self) -> &str {
        let flexible = self.columns.iter().position(|column| column.fit == Fit::LosesMiddle);
        let cells = flexible.map(|index| self.rows.iter().map(move |row| row[index].text.as_str()));
        cells.map_or("", common_ending)
    }

    /// The columns as they would be laid out with room for everything.
    fn extents(&self, style: &Style) -> Vec<Extent> {
        let extent = |column: &Column| Extent {
            fit: column.fit,
            width: width(&column.title),
            is_empty: true,
        };
        let mut extents: Vec<Extent> = self.columns.iter().map(extent).collect();
        for row in &self.rows {
            for (extent, cell) in extents.iter_mut().zip(row) {
                extent.is_empty &= cell.is_empty;
                if !spills(cell, style) {
                    extent.width = width(&cell.text).max(extent.width);
                }
            }
        }
        extents
    }

    fn line_into(&self, out: &mut String, row: &[Cell], block: &Block<'_>, style: &Style) {
        let mut owed = 0;
        let mut place = 0;
        while let Some(&(index, own)) = block.shown.get(place) {
            let (column, cell) = (&self.columns[index], &row[index]);
            let next = block.shown.get(place + 1).filter(|_| spills(cell, style));
            let room = own + next.map_or(0, |(_, width)| GAP + width);
            let text = match column.fit {
                Fit::LosesMiddle => shorten_apart(&cell.text, block.ending, room, style.ellipsis()),
                Fit::LosesEnd => shorten_end(&cell.text, room, style.ellipsis()),
                _ if next.is_some() => shorten_end(&cell.text, room, style.ellipsis()),
                Fit::Stays | Fit::Goes(_) | Fit::Folds(_) => cell.text.as_str().into(),
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
