//! Where a store is: the text of `--store`, and opening what it names.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::error::StoreError;
use crate::memory::MemoryStore;
use crate::sqlite::SqliteStore;
use crate::store::Store;

/// A store that can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A SQLite database file.
    Sqlite(PathBuf),
    /// Nothing is kept after the process ends.
    Memory,
}

/// What a store is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading only: never creates or changes anything, works on read-only media.
    Read,
    /// Committing too: the file and its folder are made where they are missing.
    Write,
}

/// Why the text of `--store` names no store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// There is nothing after the scheme, or nothing at all.
    #[error("the store's path is empty")]
    Empty,
    /// A PostgreSQL server.
    #[error("this build has no PostgreSQL store; use a file, `sqlite:PATH`")]
    NoPostgres,
    /// `memory:` with something behind it.
    #[error("`memory:` keeps nothing and has no path")]
    MemoryPath,
    /// Another scheme.
    #[error(
        "unknown kind of store `{0}:`; known are `sqlite:PATH` and `memory:`, \
         and a path that holds a colon is written `./{0}:…`"
    )]
    UnknownScheme(String),
}

impl Location {
    /// Reads `PATH`, `sqlite:PATH` or `memory:`.
    ///
    /// # Errors
    /// [`LocationError`]: an empty path, PostgreSQL, which is not built in, or an unknown scheme.
    pub fn parse(text: impl AsRef<OsStr>) -> Result<Self, LocationError> {
        let text = text.as_ref();
        let (scheme, rest) = text.to_str().and_then(split_scheme).unwrap_or(("", ""));
        match scheme {
            "" if text.is_empty() => Err(LocationError::Empty),
            "" => Ok(Self::Sqlite(text.into())),
            "sqlite" => match rest.strip_prefix("//").unwrap_or(rest) {
                "" => Err(LocationError::Empty),
                path => Ok(Self::Sqlite(path.into())),
            },
            "memory" if rest.is_empty() => Ok(Self::Memory),
            "memory" => Err(LocationError::MemoryPath),
            "postgres" | "postgresql" => Err(LocationError::NoPostgres),
            other => Err(LocationError::UnknownScheme(other.to_owned())),
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(out),
            Self::Memory => out.pad("memory:"),
        }
    }
}

/// Opens the store at `location`; one in memory is always new and empty.
///
/// # Errors
/// [`StoreError`] says why it cannot be used. For [`Access::Read`],
/// [`Fault::Missing`](crate::Fault::Missing) when nothing has been committed there yet.
pub fn open(location: &Location, access: Access) -> Result<Box<dyn Store>, StoreError> {
    match location {
        Location::Sqlite(path) => Ok(Box::new(SqliteStore::open(path, access)?)),
        Location::Memory => Ok(Box::new(MemoryStore::default())),
    }
}

/// Splits at the colon of a scheme; one letter is the drive of a Windows path.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-'));
    is_scheme.then_some((scheme, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        let file = |path: &str| Ok(Location::Sqlite(path.into()));
        for (text, expected) in [
            ("history.db", file("history.db")),
            ("/a b/ü.db", file("/a b/ü.db")),
            ("./odd:name", file("./odd:name")),
            (":memory:", file(":memory:")),
            ("C:\\x.db", file("C:\\x.db")),
            ("sqlite:history.db", file("history.db")),
            ("sqlite:///var/history.db", file("/var/history.db")),
            ("sqlite://history.db", file("history.db")),
            ("memory:", Ok(Location::Memory)),
            ("", Err(LocationError::Empty)),
            ("sqlite:", Err(LocationError::Empty)),
            ("memory:x", Err(LocationError::MemoryPath)),
            ("postgres://host/db", Err(LocationError::NoPostgres)),
            ("postgresql://host/db", Err(LocationError::NoPostgres)),
            ("mysql://host", Err(LocationError::UnknownScheme("mysql".into()))),
        ] {
            assert_eq!(Location::parse(text), expected, "{text:?}");
        }
    }
}
