//! The store in a SQLite file: the default, and the history that a project keeps.

mod codes;
mod columns;
mod conditions;
mod connect;
mod fault;
mod points;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use tacho_schema::{Baseline, CaptureHeader, CaptureId, CaptureSummary, PlanDoc, Point, Row};

use crate::error::{Fault, StoreError};
use crate::intake::Intake;
use crate::location::Access;
use crate::store::{CaptureEntry, Query, RowSourceError, Store, StoredCapture};
use columns::{RowReader, RowWriter};
use connect::Frozen;

/// A store in one SQLite file, its write-ahead log beside it while it is open.
///
/// Any number of processes read while one commits; a second one that commits waits, bounded. A
/// commit is on the disk when [`Store::append`] returns.
#[derive(Debug)]
pub struct SqliteStore {
    name: String,
    connection: Connection,
    frozen: Option<Frozen>,
}

impl SqliteStore {
    /// Opens the store in the file at `path`.
    ///
    /// On media that cannot be written, reading needs no write-ahead log: the file is then taken
    /// as unchanging, only when no log with commits stands beside it, and each read checks
    /// afterwards that it did not change.
    ///
    /// # Errors
    /// [`Fault::Missing`] for reading, [`Fault::ReadOnly`] for writing, [`Fault::NotADatabase`],
    /// [`Fault::ForeignApplication`], [`Fault::NewerVersion`], [`Fault::Unrecovered`],
    /// [`Fault::Locked`], [`Fault::DiskFull`], [`Fault::Corrupt`], [`Fault::Io`].
    pub fn open(path: &Path, access: Access) -> Result<Self, StoreError> {
        let name = path.display().to_string();
        let opened = match access {
            Access::Read => connect::reading(path),
            Access::Write => connect::writing(path).map(|connection| (connection, None)),
        };
        match opened {
            Ok((connection, frozen)) => Ok(Self { name, connection, frozen }),
            Err(fault) => Err(fault.of(&name)),
        }
    }

    /// Reads in one snapshot, and makes sure that a file read without locks held still.
    fn read<T>(&self, with: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, StoreError> {
        let snapshot = connect::snapshot(&self.connection).map_err(Fault::from);
        let answer = snapshot.and_then(|_snapshot| with(&self.connection));
        let held = self.frozen.as_ref().map_or(Ok(()), Frozen::check);
        // A torn read looks like anything: that the file changed explains it.
        held.and(answer).map_err(|fault| fault.of(&self.name))
    }

    /// Writes in one transaction, which is rolled back unless `with` succeeds.
    fn write<T>(
        &mut self,
        with: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let attempt = || {
            // Immediate: a transaction that starts by reading cannot wait for another writer.
            let transaction =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = with(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        };
        attempt().map_err(|fault: Fault| fault.of(&self.name))
    }
}

impl Store for SqliteStore {
    fn append(
        &mut self,
        header: &CaptureHeader,
        plan: &PlanDoc,
        rows: &mut dyn Iterator<Item = Result<Row, RowSourceError>>,
        summary: &CaptureSummary,
    ) -> Result<(), StoreError> {
        let committed = self.write(|transaction| {
            if number_of(transaction, &header.id)?.is_some() {
                return Err(Fault::AlreadyCommitted(header.id.clone()));
            }
            let mut intake = Intake::new(header, plan, rows, summary.rows)?;
            let capture = insert_capture(transaction, header, plan, summary)?;
            let mut writer = RowWriter::new(transaction, capture)?;
            while let Some(row) = intake.next_row()? {
                writer.write(row)?;
            }
            Ok(())
        });
        connect::empty_log(&self.connection);
        committed
    }

    fn captures(&self, query: &Query) -> Result<Vec<CaptureEntry>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT header, summary FROM capture WHERE substr(id, 1, length(?1)) = ?1 \
                 ORDER BY started_unix_ms DESC, id DESC LIMIT ?2",
            )?;
            let prefix = query.id_prefix.as_deref().unwrap_or("");
            // A negative limit is none.
            let limit = query.limit.map_or(-1, i64::from);
            let mut found = statement.query((prefix, limit))?;
            let mut entries = Vec::new();
            while let Some(row) = found.next()? {
                entries.push(CaptureEntry {
                    header: decode_text(row.get_ref(0)?, serde_json::from_str)?,
                    summary: decode_text(row.get_ref(1)?, serde_json::from_str)?,
                });
            }
            Ok(entries)
        })
    }

    fn capture(&self, id: &CaptureId) -> Result<StoredCapture, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT header, document, summary FROM capture \
                 JOIN capture_plan ON capture = number WHERE id = ?1",
            )?;
            let mut found = statement.query([id.as_str()])?;
            let row = found.next()?.ok_or_else(|| Fault::UnknownCapture(id.clone()))?;
            Ok(StoredCapture {
                header: decode_text(row.get_ref(0)?, serde_json::from_str)?,
                plan: decode_text(row.get_ref(1)?, serde_json::from_str)?,
                summary: decode_text(row.get_ref(2)?, serde_json::from_str)?,
            })
        })
    }

    fn rows(&self, id: &CaptureId, visit: &mut dyn FnMut(Row)) -> Result<(), StoreError> {
        self.read(|connection| {
            let (number, first, expected): (i64, i64, i64) = connection
                .prepare_cached("SELECT number, first_row, row_count FROM capture WHERE id = ?1")?
                .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?
                .ok_or_else(|| Fault::UnknownCapture(id.clone()))?;
            let points = points_of(connection, number)?;
            let mut reader = RowReader::new(connection, connect::version_of(connection)?, points)?;
            let found = reader.read(first, expected, visit)?;
            if found == expected {
                Ok(())
            } else {
                Err(Fault::corrupt(format!("capture {id} has {found} of its {expected} rows")))
            }
        })
    }

    fn baseline_set(&mut self, baseline: &Baseline) -> Result<(), StoreError> {
        self.write(|transaction| {
            let capture = number_of(transaction, &baseline.capture)?
                .ok_or_else(|| Fault::UnknownCapture(baseline.capture.clone()))?;
            transaction.execute(
                "INSERT OR REPLACE INTO baseline (name, capture, saved_unix_ms) \
                 VALUES (?1, ?2, ?3)",
                (&baseline.name, capture, baseline.saved_unix_ms.cast_signed()),
            )?;
            Ok(())
        })
    }

    fn baselines(&self) -> Result<Vec<Baseline>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT name, id, saved_unix_ms FROM baseline \
                 JOIN capture ON capture.number = baseline.capture ORDER BY name",
            )?;
            let mut found = statement.query(())?;
            let mut baselines = Vec::new();
            while let Some(row) = found.next()? {
                let id: String = row.get(1)?;
                baselines.push(Baseline {
                    name: row.get(0)?,
                    capture: CaptureId::new(&id).map_err(Fault::corrupt)?,
                    saved_unix_ms: row.get::<_, i64>(2)?.cast_unsigned(),
                });
            }
            Ok(baselines)
        })
    }

    fn baseline_remove(&mut self, name: &str) -> Result<(), StoreError> {
        self.write(|transaction| {
            match transaction.execute("DELETE FROM baseline WHERE name = ?1", [name])? {
                0 => Err(Fault::UnknownBaseline(name.to_owned())),
                _ => Ok(()),
            }
        })
    }
}

/// The store's own number of a capture, `None` when it is not there.
fn number_of(connection: &Connection, id: &CaptureId) -> Result<Option<i64>, Fault> {
    let mut statement = connection.prepare_cached("SELECT number FROM capture WHERE id = ?1")?;
    Ok(statement.query_row([id.as_str()], |row| row.get(0)).optional()?)
}

/// Writes all of a capture but its rows and points, and gives its number.
fn insert_capture(
    transaction: &Transaction<'_>,
    header: &CaptureHeader,
    plan: &PlanDoc,
    summary: &CaptureSummary,
) -> Result<i64, Fault> {
    transaction.execute(
        "INSERT INTO capture (id, started_unix_ms, first_row, row_count, header, summary) \
         SELECT ?1, ?2, coalesce(max(id), 0) + 1, ?3, ?4, ?5 FROM capture_row",
        (
            header.id.as_str(),
            header.started_unix_ms.cast_signed(),
            summary.rows.cast_signed(),
            encoded(serde_json::to_string(header))?,
            encoded(serde_json::to_string(summary))?,
        ),
    )?;
    let number = transaction.last_insert_rowid();
    transaction.execute(
        "INSERT INTO capture_plan (capture, document) VALUES (?1, ?2)",
        (number, encoded(serde_json::to_string(plan))?),
    )?;
    Ok(number)
}

/// The points of a capture, in the order of their numbers.
fn points_of(connection: &Connection, capture: i64) -> Result<Vec<Point>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT document FROM capture_point WHERE capture = ?1 ORDER BY number")?;
    let mut found = statement.query([capture])?;
    let mut points = Vec::new();
    while let Some(row) = found.next()? {
        points.push(decode_text(row.get_ref(0)?, serde_json::from_str)?);
    }
    Ok(points)
}

/// A document that cannot be encoded is the caller's, not the store's: nothing in it is damaged.
fn encoded(document: serde_json::Result<String>) -> Result<String, Fault> {
    document.map_err(|source| Fault::Io { source: source.into() })
}

/// Decodes a document that we wrote: one that does not decode is damage.
fn decode_text<'a, T>(
    value: rusqlite::types::ValueRef<'a>,
    decode: impl FnOnce(&'a str) -> serde_json::Result<T>,
) -> Result<T, Fault> {
    decode(value.as_str().map_err(Fault::corrupt)?).map_err(Fault::corrupt)
}

#[cfg(test)]
mod tests;
