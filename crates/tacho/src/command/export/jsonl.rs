//! A row as JSON, with what its capture knows of it.

use std::io::{Error, Write};

use tacho_schema::{CaptureHeader, Row};

/// The row as it stands by itself: with the environment, and every reason why a number is missing.
pub(super) fn whole(mut row: Row, header: &CaptureHeader) -> Row {
    row.env = Some(Box::new(header.env.clone()));
    for (key, reason) in &header.unavailable {
        // A row's own reason is the nearer one.
        row.unavailable.entry(key.clone()).or_insert_with(|| reason.clone());
    }
    row
}

/// Writes it as a line.
pub(super) fn write(row: &Row, mut out: &mut dyn Write) -> Result<(), Error> {
    tacho_schema::jsonl::write_line(&mut out, row)
}
