//! What can go wrong with a store, and what to do about it.

use tacho_schema::CaptureId;

use crate::store::RowSourceError;

/// A store that could not do what was asked, and why; fits "cannot …: {}".
#[derive(Debug)]
pub struct StoreError {
    /// The store as it was named: a path, or `memory:`.
    pub store: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a store or with what it was given.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It was opened for reading, and nothing has ever been committed there.
    #[error("there is no store yet")]
    Missing,
    /// The file, or whatever stands at the path, is no database.
    #[error("this is not a database")]
    NotADatabase,
    /// A database, but not one of Tachograph's.
    #[error("this is the database of another application")]
    ForeignApplication,
    /// It was written by a newer Tachograph.
    #[error("this store has version {found}, and this tacho reads versions up to {known}")]
    NewerVersion {
        /// The store's version.
        found: i64,
        /// The newest one known here.
        known: i64,
    },
    /// The file, its folder or the file system cannot be written.
    #[error("the file or its folder is read-only")]
    ReadOnly,
    /// Its last commits are in its write-ahead log, which cannot be read without writing.
    #[error("its last commits are still in its `-wal` file, and its folder cannot be written")]
    Unrecovered,
    /// It was read without locks, from a folder that cannot be written, and someone wrote to it.
    #[error("it was changed by another process while it was read")]
    ChangedWhileRead,
    /// Another process held it for longer than we wait.
    #[error("another process kept it locked for {waited_seconds} s")]
    Locked {
        /// How long was waited.
        waited_seconds: u64,
    },
    /// No room is left for what was to be written; nothing earlier is lost.
    #[error("the disk is full")]
    DiskFull,
    /// The system failed to read or write.
    #[error("reading or writing failed: {source}")]
    Io {
        /// The system's or the database's answer.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What is in it contradicts itself.
    #[error("it is corrupt: {source}")]
    Corrupt {
        /// The contradiction.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A capture of this identity is in the store.
    #[error("capture {0} is already committed")]
    AlreadyCommitted(CaptureId),
    /// No capture of this identity is in the store.
    #[error("there is no capture {0}")]
    UnknownCapture(CaptureId),
    /// No baseline of this name is in the store.
    #[error("there is no baseline {0:?}")]
    UnknownBaseline(String),
    /// The capture has another number of rows than its summary counts.
    #[error("its summary counts {expected} rows, and there are {found}")]
    RowCount {
        /// The summary's number.
        expected: u64,
        /// How many rows came.
        found: u64,
    },
    /// The source of rows failed.
    #[error("its rows cannot be read: {source}")]
    RowSource {
        /// What the source said.
        source: RowSourceError,
    },
    /// A number is infinite or not a number: no document could bring it back.
    #[error("`{key}` of {place} is not a finite number")]
    NotFinite {
        /// The key that holds it.
        key: String,
        /// The document: the header, the plan, or a row by its place from 0.
        place: String,
    },
}

impl StoreError {
    /// What the user can do about it, as a sentence fragment; `None` where there is nothing.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match &self.fault {
            Fault::Missing => Some("measure something first with `tacho run`"),
            Fault::NotADatabase | Fault::ForeignApplication => {
                Some("name another file with `--store`; this one was left as it is")
            }
            Fault::NewerVersion { .. } => {
                Some("upgrade tacho, or name another file with `--store`")
            }
            Fault::ReadOnly => {
                Some("name a file in a folder that can be written with `--store`, or `memory:`")
            }
            Fault::Unrecovered => {
                Some("copy the store and its `-wal` file to a folder that can be written")
            }
            Fault::ChangedWhileRead => Some("run the command again"),
            Fault::Locked { .. } => Some("wait until the other tacho has ended, then run it again"),
            Fault::DiskFull => {
                Some("make room, then run `tacho recover`; what was committed before is safe")
            }
            Fault::Corrupt { .. } => {
                Some("move the file away or restore a copy of it; a new one is made by `tacho run`")
            }
            Fault::UnknownCapture(_) => Some("`tacho history` lists the captures"),
            Fault::UnknownBaseline(_) => Some("`tacho baseline list` lists the baselines"),
            Fault::RowCount { .. } => Some("`tacho recover` commits what the journal holds"),
            Fault::Io { .. }
            | Fault::AlreadyCommitted(_)
            | Fault::RowSource { .. }
            | Fault::NotFinite { .. } => None,
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.store, self.fault)
    }
}

impl std::error::Error for StoreError {
    /// The fault is part of the message; its own cause comes next in the chain.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.fault.source()
    }
}

impl Fault {
    /// The fault as an error of the store of that name.
    pub(crate) fn of(self, store: &str) -> StoreError {
        StoreError { store: store.to_owned(), fault: self }
    }

    /// A contradiction inside the store.
    pub(crate) fn corrupt(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Corrupt { source: source.into() }
    }
}

impl From<std::io::Error> for Fault {
    fn from(source: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io { source: source.into() },
        }
    }
}
