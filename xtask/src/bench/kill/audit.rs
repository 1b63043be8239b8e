//! What is in the store and in the log, counted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::BenchError;
use crate::workspace::output_of;

/// How often each name stands somewhere.
pub(super) type Counts = BTreeMap<String, u64>;

/// A committed capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Capture {
    /// `complete` or `cut_short`.
    pub(super) state: String,
    /// Rows that its summary counts.
    pub(super) counted: u64,
    /// Rows that are there.
    pub(super) stored: u64,
    /// The same by the workload's name.
    pub(super) rows: Counts,
}

/// The captures of a store, by identity.
pub(super) type Captures = BTreeMap<String, Capture>;

/// Reads the store with `reader`; `None` when that fails: the store does not open.
pub(super) fn captures(reader: &Path, store: &Path) -> Result<Option<Captures>, BenchError> {
    let Ok(printed) = output_of(Command::new(reader).arg(store)) else { return Ok(None) };
    read(&String::from_utf8_lossy(&printed), reader).map(Some)
}

fn read(text: &str, reader: &Path) -> Result<Captures, BenchError> {
    let mut captures = Captures::new();
    let mut current = None;
    for line in text.lines() {
        let odd = || BenchError::Format { key: line.to_owned(), path: PathBuf::from(reader) };
        let number = |text: &str| text.parse().map_err(|_| odd());
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["capture", id, state, counted, stored] => {
                let (counted, stored) = (number(counted)?, number(stored)?);
                let capture =
                    Capture { state: state.to_owned(), counted, stored, ..Capture::default() };
                current = Some(captures.entry(id.to_owned()).insert_entry(capture).into_mut());
            }
            ["rows", name, rows] => {
                let capture = current.as_mut().ok_or_else(odd)?;
                capture.rows.insert(name.to_owned(), number(rows)?);
            }
            _ => return Err(odd()),
        }
    }
    Ok(captures)
}

/// How often each line stands in the log; no log is an empty one.
pub(super) fn log(path: &Path) -> Counts {
    let mut counts = Counts::new();
    for line in std::fs::read_to_string(path).unwrap_or_default().lines() {
        *counts.entry(line.to_owned()).or_insert(0) += 1;
    }
    counts
}

/// By how much `one` exceeds `other`, over all names.
pub(super) fn excess(one: &Counts, other: &Counts) -> u64 {
    one.iter().map(|(name, count)| count.saturating_sub(*other.get(name).unwrap_or(&0))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> Counts {
        pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn captures_are_read_with_their_rows() {
        let text = "capture b complete 3 3\nrows x/y 2\nrows z 1\ncapture a cut_short 1 0\n";
        let found = read(text, Path::new("audit")).unwrap();
        let capture = |state: &str, counted, stored, rows| Capture {
            state: state.to_owned(),
            counted,
            stored,
            rows,
        };
        let wanted = [
            ("a", capture("cut_short", 1, 0, Counts::new())),
            ("b", capture("complete", 3, 3, counts(&[("x/y", 2), ("z", 1)]))),
        ];
        assert_eq!(found, wanted.map(|(id, capture)| (id.to_owned(), capture)).into());
        assert_eq!(read("", Path::new("audit")).unwrap(), Captures::new());
        for odd in ["rows x 1\n", "capture a b 1\n", "capture a complete x 1\n", "\n"] {
            assert!(read(odd, Path::new("audit")).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn excess_is_counted_name_by_name() {
        let (log, rows) = (counts(&[("a", 5), ("b", 2)]), counts(&[("a", 4), ("b", 3), ("c", 1)]));
        assert_eq!((excess(&log, &rows), excess(&rows, &log)), (1, 2));
        assert_eq!(excess(&log, &Counts::new()), 7);
    }
}
