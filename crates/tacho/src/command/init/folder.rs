//! A folder that is looked at: its files as texts, its folders as names, both with bounds.

use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;

/// The largest file that is read, in bytes.
pub(super) const FILE_BYTES_MAX: u64 = 4 << 20;

/// So many entries of a folder are looked at.
pub(super) const ENTRIES_MAX: usize = 200;

/// The folder of a project.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) root: PathBuf,
}

/// Why a file that is there cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// The system's answer.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It has more than [`FILE_BYTES_MAX`].
    #[error("it is larger than 4 MiB")]
    TooLarge,
    /// It is no UTF-8.
    #[error("it is no text")]
    NotText,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) is_folder: bool,
}

impl Folder {
    /// The text of the file `name`; `None` where there is no file of that name.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Unreadable> {
        let path = self.root.join(name);
        // Opening a pipe would wait for its writer.
        if !self.has_file(name) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(Unreadable::TooLarge);
        }
        String::from_utf8(bytes).map(Some).map_err(|_| Unreadable::NotText)
    }

    /// Whether there is a file `name`.
    pub(super) fn has_file(&self, name: &str) -> bool {
        self.root.join(name).is_file()
    }

    /// What is in the folder `name`, sorted, at most [`ENTRIES_MAX`] of it; nothing where there is
    /// no such folder. Names that are no text are left out.
    pub(super) fn entries(&self, name: &str) -> Vec<Entry> {
        let Ok(entries) = fs::read_dir(self.root.join(name)) else { return Vec::new() };
        let entry = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            Some(Entry { name, is_folder: entry.path().is_dir() })
        };
        let looked_at = entries.take(ENTRIES_MAX).filter_map(Result::ok);
        let mut found: Vec<Entry> = looked_at.filter_map(entry).collect();
        found.sort();
        found
    }

    /// The names of the Rust targets in the folder `name`: `X.rs`, and `X/main.rs`.
    pub(super) fn rust_targets(&self, name: &str) -> Vec<String> {
        let entries = self.entries(name).into_iter();
        let target = |entry: Entry| match entry.is_folder {
            false => entry.name.strip_suffix(".rs").map(str::to_owned),
            true => {
                let main = format!("{name}/{}/main.rs", entry.name);
                self.has_file(&main).then_some(entry.name)
            }
        };
        entries.filter_map(target).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_bounded() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = Folder { root: scratch.path().to_owned() };
        let path = |name: &str| scratch.path().join(name);
        File::create(path("large")).unwrap().set_len(FILE_BYTES_MAX + 1).unwrap();
        fs::write(path("binary"), b"\xff\xfe").unwrap();
        fs::write(path("text"), "x").unwrap();
        fs::create_dir(path("many")).unwrap();
        for index in 0..=ENTRIES_MAX {
            fs::write(path(&format!("many/{index}.rs")), "").unwrap();
        }
        assert!(matches!(folder.text("large"), Err(Unreadable::TooLarge)));
        assert!(matches!(folder.text("binary"), Err(Unreadable::NotText)));
        assert_eq!(folder.text("text").unwrap().as_deref(), Some("x"));
        for none in ["nothing", "many"] {
            assert_eq!(folder.text(none).unwrap(), None, "{none}");
        }
        assert_eq!(folder.rust_targets("many").len(), ENTRIES_MAX);
        assert_eq!(folder.entries("text"), []);
    }
}
