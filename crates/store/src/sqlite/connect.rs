//! Opening the file: whose it is, which version it has, and what its folder allows.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::error::Fault;
use crate::sqlite::fault::is_about_writing;

/// How long a process waits for another one that commits: a million rows take a few seconds.
pub(super) const PATIENCE: Duration =
    if cfg!(test) { Duration::from_secs(1) } else { Duration::from_secs(30) };

/// Between two tries of what SQLite does not wait for.
const RETRY: Duration = Duration::from_millis(5);

/// `tach`: what the file's header says about whose it is.
const APPLICATION_ID: i64 = 0x7461_6368;

/// The n-th one leads from version n to version n + 1.
const MIGRATIONS: [&str; 2] = [
    include_str!("../../migrations/0001_captures.sql"),
    include_str!("../../migrations/0002_conditions.sql"),
];

/// The version that this program writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Opens for committing; makes the file, its folder and its tables where they are missing.
///
/// # Errors
/// Those of [`SqliteStore::open`](super::SqliteStore::open).
pub(super) fn writing(path: &Path) -> Result<Connection, Fault> {
    if let Kind::Absent = kind(path)? {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.map_or(Ok(()), fs::create_dir_all)?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let prepared = connect(path, flags).and_then(|mut connection| {
        prepare(&mut connection)?;
        Ok(connection)
    });
    prepared.map_err(|trouble| match trouble {
        Trouble::Fault(fault) => fault,
        Trouble::Sqlite(error) if is_about_writing(&error) => refusal_of_folder(path, error),
        Trouble::Sqlite(error) => error.into(),
    })
}

/// Opens for reading: changes nothing, and works where nothing can be changed.
///
/// # Errors
/// Those of [`SqliteStore::open`](super::SqliteStore::open).
pub(super) fn reading(path: &Path) -> Result<(Connection, Option<Frozen>), Fault> {
    if let Kind::Absent = kind(path)? {
        return Err(Fault::Missing);
    }
    match connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(existing) {
        Ok(connection) => Ok((connection, None)),
        Err(Trouble::Sqlite(error)) if is_about_writing(&error) => {
            // Where even the file cannot be read, the system says why and SQLite does not. Closing
            // it drops this process's locks on it, which nobody needs where nobody can write.
            fs::File::open(path)?;
            frozen(path)
        }
        Err(trouble) => Err(trouble.into()),
    }
}

/// Moves what is committed from the log into the file, and gives the log's room back.
///
/// After a commit, so that the file alone holds it; after a failure, so that the disk is not kept
/// full by what was rolled back. A commit is safe in the log too: where a reader still needs it,
/// or the file cannot grow, it stays there until the next time.
pub(super) fn empty_log(connection: &Connection) {
    let busy = connection.busy_timeout(Duration::ZERO);
    let emptied = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
    let patient = connection.busy_timeout(PATIENCE);
    drop((busy, emptied, patient));
}

/// A file that is read without locks because no log can be kept beside it.
#[derive(Debug)]
pub(super) struct Frozen {
    path: PathBuf,
    stamp: Stamp,
}

type Stamp = (u64, SystemTime);

impl Frozen {
    /// Makes sure that the file still is what it was when it was opened.
    ///
    /// # Errors
    /// [`Fault::ChangedWhileRead`] when it is not.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if stamp(&self.path)? == self.stamp && !has_log(&self.path)? {
            Ok(())
        } else {
            Err(Fault::ChangedWhileRead)
        }
    }
}

/// Opens a file whose folder cannot be written, or has no room, for the log and its index.
///
/// Safe only while no log with commits stands beside it, and as long as it does not change.
fn frozen(path: &Path) -> Result<(Connection, Option<Frozen>), Fault> {
    let path = fs::canonicalize(path)?;
    let frozen = Frozen { stamp: stamp(&path)?, path };
    if has_log(&frozen.path)? {
        return Err(Fault::Unrecovered);
    }
    let uri = PathBuf::from(immutable_uri(&frozen.path));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = connect(&uri, flags).and_then(existing)?;
    Ok((connection, Some(frozen)))
}

/// Why a connection could not be made: SQLite's answer is kept as it is, it may be looked into.
enum Trouble {
    Sqlite(rusqlite::Error),
    Fault(Fault),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Sqlite(error) => error.into(),
            Trouble::Fault(fault) => fault,
        }
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Trouble> {
    // An absolute path is never one of SQLite's own names, as `:memory:`.
    let path = if flags.contains(OpenFlags::SQLITE_OPEN_URI) {
        path.to_owned()
    } else {
        std::path::absolute(path).map_err(Fault::from)?
    };
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Lets through a connection to a store that has its tables.
fn existing(connection: Connection) -> Result<Connection, Trouble> {
    match version(&connection)? {
        // Someone is just making it, or was stopped before the first commit.
        0 => Err(Fault::Missing.into()),
        _ => Ok(connection),
    }
}

/// Looks whose file it is before anything in it is changed, then brings it to our version.
fn prepare(connection: &mut Connection) -> Result<(), Trouble> {
    let found = version(connection)?;
    if connection.is_readonly("main")? {
        return Err(Fault::ReadOnly.into());
    }
    keep_log(connection)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // KiB when negative; the bound on what a capture of any size takes.
    connection.pragma_update(None, "cache_size", -8 * 1024)?;
    connection.pragma_update_and_check(None, "journal_size_limit", 16 << 20, |_| Ok(()))?;
    if found < VERSION { migrate(connection) } else { Ok(()) }
}

/// Turns the write-ahead log on. Where another process is just doing the same, SQLite gives up at
/// once: it does not wait for a lock while it holds one.
fn keep_log(connection: &Connection) -> Result<(), Trouble> {
    let patient_until = Instant::now() + PATIENCE;
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < patient_until =>
            {
                std::thread::sleep(RETRY);
            }
            done => return Ok(done?),
        }
    }
}

fn migrate(connection: &mut Connection) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it while we waited for the lock.
    let done = usize::try_from(version(&transaction)?).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

/// The store's version; 0 for a file without tables, which is to become one.
fn version(connection: &Connection) -> Result<i64, Trouble> {
    let snapshot = snapshot(connection)?;
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = number("application_id")?;
    let version = number("user_version")?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    drop(snapshot);
    match (application, version) {
        (0, 0) if tables == 0 => Ok(0),
        (APPLICATION_ID, found @ 1..=VERSION) => Ok(found),
        (APPLICATION_ID, found) if found > VERSION => {
            Err(Fault::NewerVersion { found, known: VERSION }.into())
        }
        (APPLICATION_ID, found) => {
            Err(Fault::corrupt(format!("a store of version {found}")).into())
        }
        _ => Err(Fault::ForeignApplication.into()),
    }
}

/// The version of a store that was opened, in the snapshot of a read: another process may have
/// brought it to a newer one meanwhile.
///
/// # Errors
/// [`Fault::NewerVersion`], and what any read may fail with.
pub(super) fn version_of(connection: &Connection) -> Result<i64, Fault> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION { Err(Fault::NewerVersion { found, known: VERSION }) } else { Ok(found) }
}

/// Lets the reads that follow see one state; within a transaction they already do.
pub(super) fn snapshot(connection: &Connection) -> rusqlite::Result<Option<Transaction<'_>>> {
    connection.is_autocommit().then(|| connection.unchecked_transaction()).transpose()
}

enum Kind {
    Absent,
    File,
}

fn kind(path: &Path) -> Result<Kind, Fault> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(Kind::File),
        Ok(_) => Err(Fault::NotADatabase),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Kind::Absent),
        Err(error) => Err(error.into()),
    }
}

/// Asks the system why a file cannot be made beside `path`.
///
/// Not by opening the store itself: closing it again would drop the locks that another
/// connection of this process may hold on it.
fn refusal_of_folder(path: &Path, error: rusqlite::Error) -> Fault {
    let mut probe = path.as_os_str().to_owned();
    probe.push(format!("-probe-{}", std::process::id()));
    match fs::File::create_new(&probe) {
        Err(refusal) => refusal.into(),
        // The probe is empty and ours; one that stays behind harms nobody.
        Ok(_) => match fs::remove_file(&probe) {
            Err(refusal) => refusal.into(),
            Ok(()) => error.into(),
        },
    }
}

/// Whether a write-ahead log with something in it stands beside the file.
fn has_log(path: &Path) -> Result<bool, Fault> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    match fs::metadata(log) {
        Ok(found) => Ok(found.len() > 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn stamp(path: &Path) -> Result<Stamp, Fault> {
    let found = fs::metadata(path)?;
    Ok((found.len(), found.modified()?))
}

/// A file name as SQLite's URI, every byte that means something in one escaped.
fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?immutable=1"
}
