//! How a text may look: its width, its colours, its characters.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style as Ansi};
use tacho_schema::Nanos;

use crate::export::TimeUnit;

/// What the place where a text will be read can show; decided by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal. `None` is a pipe or a file: nothing is wrapped or left out, only
    /// labels of more than 120 columns lose their middle, and columns stand at least two spaces
    /// apart with no cell empty, so that `awk -F '  +'` finds the same fields in every row.
    pub width: Option<usize>,
    /// Whether escape sequences for colours are written.
    pub color: bool,
    /// Whether our own words may use characters beyond ASCII; labels are never transcribed.
    pub unicode: bool,
    /// The unit of every time of a point; `None`: each number's own.
    pub time_unit: Option<TimeUnit>,
}

impl Style {
    /// The style of a pipe or a file: unbounded, without colours, in UTF-8.
    pub const PIPE: Self = Self { width: None, color: false, unicode: true, time_unit: None };

    /// `text` in `ink`, or as it is where colours are off.
    pub(crate) fn paint<'a>(&self, ink: Ink, text: &'a str) -> Cow<'a, str> {
        match ink.ansi() {
            Some(ansi) if self.color && !text.is_empty() => {
                format!("{}{text}{}", ansi.render(), ansi.render_reset()).into()
            }
            _ => text.into(),
        }
    }

    /// One of our own texts in the characters that may be used.
    pub(crate) fn spell(&self, text: String) -> String {
        if self.unicode || text.is_ascii() {
            return text;
        }
        let mut out = String::with_capacity(text.len() + 4);
        for c in text.chars() {
            match c {
                'µ' => out.push('u'),
                '×' => out.push('x'),
                '±' => out.push_str("+-"),
                'β' => out.push_str("beta"),
                '…' => out.push_str(ELLIPSIS_ASCII),
                other => out.push(other),
            }
        }
        out
    }

    /// A point's time in nanoseconds, with the digits that `half_width` supports.
    pub(crate) fn time(&self, nanos: f64, half_width: Option<f64>) -> String {
        match self.time_unit {
            None => Nanos(nanos).within(half_width),
            Some(unit) => Nanos(nanos).within_unit(half_width, unit.nanos(), unit.symbol()),
        }
    }

    /// What stands for a part that was left out, or between the ends of an interval.
    pub(crate) fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { ELLIPSIS_ASCII }
    }
}

const ELLIPSIS_ASCII: &str = "..";

/// What a piece of text is, from which follows its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Ordinary text.
    Plain,
    /// A table's titles, and the number that the row is about.
    Strong,
    /// Present, but not what the reader came for.
    Faint,
    /// Something to know before believing a number.
    Caution,
    /// Something that did not work.
    Failure,
}

impl Ink {
    fn ansi(self) -> Option<Ansi> {
        match self {
            Self::Plain => None,
            Self::Strong => Some(Ansi::new().bold()),
            Self::Faint => Some(Ansi::new().dimmed()),
            Self::Caution => Some(AnsiColor::Yellow.on_default()),
            Self::Failure => Some(AnsiColor::Red.on_default().bold()),
        }
    }
}
