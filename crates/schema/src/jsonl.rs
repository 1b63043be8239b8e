//! JSON lines: one document a line; errors carry the line's number.

use std::io::{BufRead, Read};

use serde::{Serialize, de::DeserializeOwned};

use crate::row::{InvalidRow, Row};

/// The longest line that is read: two 64 KiB tails, escaped at worst six-fold, and room to spare.
pub const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Why a line could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The file could not be read.
    #[error("line {line}: {source}")]
    Read {
        /// Counted from 1.
        line: u64,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The line is longer than [`LINE_BYTES_MAX`].
    #[error("line {line} is longer than 16 MiB")]
    TooLong {
        /// Counted from 1.
        line: u64,
    },
    /// The line does not end: the writer was stopped in the middle of it.
    #[error("line {line} is torn: it does not end with a line feed")]
    Torn {
        /// Counted from 1.
        line: u64,
    },
    /// The line is no document of the expected type.
    #[error("line {line}, column {column}: {reason}")]
    Decode {
        /// Counted from 1.
        line: u64,
        /// Counted from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
}

/// Appends `document` and a line feed to `out`.
///
/// # Errors
/// Those of the encoder: a map whose keys are no texts, or `out` failing.
pub fn write_line<T: Serialize>(
    out: &mut impl std::io::Write,
    document: &T,
) -> Result<(), std::io::Error> {
    serde_json::to_writer(&mut *out, document)?;
    out.write_all(b"\n")
}

/// Decodes one line's bytes; `line` is its number for messages.
///
/// # Errors
/// [`LineError::Decode`] says where and why.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], line: u64) -> Result<T, LineError> {
    serde_json::from_slice(bytes).map_err(|error| LineError::Decode {
        line,
        column: error.column(),
        reason: strip_place(&error.to_string()),
    })
}

/// Decodes one row and checks it.
///
/// # Errors
/// [`LineError::Decode`] for broken JSON, an unknown version or kind, or a missing key.
pub fn decode_row(bytes: &[u8], line: u64) -> Result<Row, LineError> {
    let row: Row = decode(bytes, line)?;
    row.check().map_err(|error: InvalidRow| LineError::Decode {
        line,
        column: 1,
        reason: error.to_string(),
    })?;
    Ok(row)
}

/// Reads lines one by one into a buffer that is kept: memory stays flat however long the file.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    line: u64,
}

impl<R: BufRead> Lines<R> {
    /// Starts before line 1 of `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), line: 0 }
    }

    /// The next line without its line feed and its number, or `None` at the end.
    ///
    /// # Errors
    /// [`LineError`]: a line that is too long, torn, or unreadable.
    pub fn next_line(&mut self) -> Result<Option<(&[u8], u64)>, LineError> {
        self.buffer.clear();
        self.line += 1;
        let line = self.line;
        let read = (&mut self.reader)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut self.buffer)
            .map_err(|source| LineError::Read { line, source })?;
        if read == 0 {
            return Ok(None);
        }
        if self.buffer.last() != Some(&b'\n') {
            return Err(if read as u64 == LINE_BYTES_MAX {
                LineError::TooLong { line }
            } else {
                LineError::Torn { line }
            });
        }
        self.buffer.pop();
        Ok(Some((&self.buffer, line)))
    }
}

/// serde_json ends its messages with " at line 1 column 7"; the place is a field here.
fn strip_place(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(reason, _)| reason).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_or_are_torn() {
        let mut lines = Lines::new(&b"{\"a\":1}\n\n{\"a\""[..]);
        assert_eq!(lines.next_line().unwrap(), Some((&b"{\"a\":1}"[..], 1)));
        assert_eq!(lines.next_line().unwrap(), Some((&b""[..], 2)));
        assert!(matches!(lines.next_line(), Err(LineError::Torn { line: 3 })));
        assert!(matches!(Lines::new(&b""[..]).next_line(), Ok(None)));
    }

    #[test]
    fn errors_name_the_line() {
        let error = decode_row(br#"{"schema_version":7}"#, 12).unwrap_err().to_string();
        assert!(error.starts_with("line 12, column 20: unknown schema_version 7"), "{error}");
        let error = decode_row(b"\xff\xfe", 3).unwrap_err().to_string();
        assert!(error.starts_with("line 3, column"), "{error}");
    }
}
