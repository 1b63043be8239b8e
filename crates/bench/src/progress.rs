//! The line on a terminal that says what is being measured, and makes room for what is printed.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};

use crate::reply::Request;
use crate::style::{Style, Tint};

/// A longer line would run over the terminal's, and could not be cleared.
const CHARS_MAX: usize = 78;

/// One line on standard error; nothing at all where that is no terminal.
pub(crate) struct Progress {
    style: Option<Style>,
    shown: Cell<bool>,
}

impl Progress {
    /// In this style, if it is wanted and standard error is a terminal.
    pub(crate) fn new(style: Style, wanted: bool) -> Self {
        let wanted = wanted && io::stderr().is_terminal();
        Self { style: wanted.then_some(style), shown: Cell::new(false) }
    }

    /// Says which batch is being measured.
    pub(crate) fn show(&self, request: &Request<'_>) {
        let Some(style) = self.style else { return };
        let at = request.param.map(|param| format!(" at {param}")).unwrap_or_default();
        let line = format!("{}{at}, process {}", request.name, request.index + 1);
        let line: String = line.chars().take(CHARS_MAX).collect();
        // A terminal that is gone needs no progress.
        let _ = write!(io::stderr(), "\r\u{1b}[2K{}", style.tinted(&line, Tint::Faint));
        self.shown.set(true);
    }

    /// Removes the line.
    pub(crate) fn clear(&self) {
        if self.shown.replace(false) {
            // A terminal that is gone needs no progress.
            let _ = write!(io::stderr(), "\r\u{1b}[2K");
        }
    }
}

/// Standard output, which the line makes room for.
pub(crate) struct Beside<'p>(pub(crate) &'p Progress);

impl Write for Beside<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.clear();
        io::stdout().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}
