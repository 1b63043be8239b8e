//! SQLite's answers as faults.

use rusqlite::ErrorCode;

use crate::error::Fault;
use crate::sqlite::connect::PATIENCE;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let Some(code) = error.sqlite_error().copied() else {
            // A value of another type than the one we wrote.
            return Self::corrupt(error);
        };
        match code.code {
            ErrorCode::NotADatabase => Self::NotADatabase,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                Self::Locked { waited_seconds: PATIENCE.as_secs() }
            }
            ErrorCode::ReadOnly => Self::ReadOnly,
            ErrorCode::DiskFull => Self::DiskFull,
            // Without room the log's index cannot grow; SQLite calls that an I/O error.
            ErrorCode::SystemIoFailure
                if code.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE =>
            {
                Self::DiskFull
            }
            ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::OutOfMemory => {
                Self::Io { source: error.into() }
            }
            // Our statements and values are fixed: a table or constraint that refuses is damage.
            _ => Self::corrupt(error),
        }
    }
}

/// Whether SQLite failed because a file beside the store could not be made or grown.
pub(super) fn is_about_writing(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        matches!(error.code, ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::DiskFull)
            || error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE
    })
}
