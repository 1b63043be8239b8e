//! What the file may be, and what becomes of it.

use std::path::Path;

use rusqlite::Connection;
use tacho_schema::{Conditions, MemoryLimiter, OutputKind, Row};
use tacho_store::{Access, Query, SqliteStore, Store};

use crate::sample::{append, header, id, ids, rows, stored};

fn refusal(path: &Path, access: Access) -> String {
    let error = SqliteStore::open(path, access).unwrap_err();
    assert_eq!(error.store, path.display().to_string());
    assert!(error.hint().is_some(), "{error}");
    error.fault.to_string()
}

/// A store in `path` with the capture `c` of 300 rows.
fn filled(path: &Path) {
    let mut store = SqliteStore::open(path, Access::Write).unwrap();
    append(&mut store, &header("c", 1), rows(300), 300).unwrap();
}

/// Changes the file behind the store's back.
fn tamper(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn reading_never_makes_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let check = |path: &str| {
        let path = folder.path().join(path);
        let before = std::fs::read(&path).ok();
        assert_eq!(refusal(&path, Access::Read), "there is no store yet");
        assert_eq!(std::fs::read(&path).ok(), before);
    };
    check("absent.db");
    check("absent/too.db");
    std::fs::write(folder.path().join("empty.db"), "").unwrap();
    check("empty.db");
    // Stopped after the file was made and before its tables were.
    tamper(&folder.path().join("begun.db"), "PRAGMA journal_mode = wal");
    check("begun.db");
    filled(&folder.path().join("begun.db"));
    filled(&folder.path().join("empty.db"));
}

#[test]
fn other_files_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let check = |path: &Path, expected: &str| {
        let before = std::fs::read(path).ok();
        for access in [Access::Read, Access::Write] {
            assert_eq!(refusal(path, access), expected, "{}", path.display());
        }
        assert_eq!(std::fs::read(path).ok(), before, "{}", path.display());
    };
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    check(&file("short.db", b"hello"), "this is not a database");
    check(&file("long.db", &b"all work and no play ".repeat(999)), "this is not a database");
    check(folder.path(), "this is not a database");
    check(Path::new("/dev/null"), "this is not a database");
    let foreign = folder.path().join("foreign.db");
    tamper(&foreign, "CREATE TABLE notes (text)");
    check(&foreign, "this is the database of another application");
    let marked = folder.path().join("marked.db");
    tamper(&marked, "PRAGMA application_id = 77");
    check(&marked, "this is the database of another application");
    let newer = folder.path().join("newer.db");
    filled(&newer);
    tamper(&newer, "PRAGMA user_version = 9");
    check(&newer, "this store has version 9, and this tacho reads versions up to 2");
}

#[test]
fn damage_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.db");
    let check = |sql: &str, expected: &str| {
        for end in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(folder.path().join(format!("h.db{end}"))));
        }
        filled(&path);
        tamper(&path, sql);
        let store = SqliteStore::open(&path, Access::Read).unwrap();
        let found = store.rows(&id("c"), &mut |_| ()).unwrap_err().fault.to_string();
        assert_eq!(found, format!("it is corrupt: {expected}"), "{sql}");
    };
    check("DELETE FROM capture_row WHERE id = 7", "capture c has 299 of its 300 rows");
    check("UPDATE capture_row SET status = 8 WHERE id = 7", "a row has the status 8");
    check("UPDATE capture_row SET kind = 2 WHERE id = 7", "a row has the kind 2");
    check("UPDATE capture_row SET side = -1 WHERE id = 7", "a row has the side -1");
    check("UPDATE capture_row SET output = 4 WHERE id = 7", "a row has the output 4");
    check(
        "UPDATE capture_row SET memory_limiter = 2 WHERE id = 7",
        "a row has the memory limiter 2",
    );
    check("UPDATE capture_row SET point = 99 WHERE id = 7", "a row refers to point 99");
    check(
        "UPDATE capture_row SET signal = 1 << 40 WHERE id = 7",
        "out of range integral type conversion attempted",
    );
    check(
        "UPDATE capture_row SET extra = '[' WHERE id = 7",
        "EOF while parsing a list at line 1 column 1",
    );
    check("DROP TABLE capture_point", "no such table: capture_point");
}

#[test]
fn a_file_cut_in_two_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.db");
    filled(&path);
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let found = SqliteStore::open(&path, Access::Read)
        .and_then(|store| store.rows(&id("c"), &mut |_| ()))
        .unwrap_err();
    assert!(matches!(found.fault, tacho_store::Fault::Corrupt { .. }), "{found}");
}

#[test]
fn odd_paths_are_files() {
    let folder = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:x?mode=memory", "a b%20#?&.db", "ünï.db"] {
        let path = folder.path().join(name);
        filled(&path);
        assert!(path.is_file(), "{name}");
        let store = SqliteStore::open(&path, Access::Read).unwrap();
        assert_eq!(ids(&store, &Query::default()), ["c"], "{name}");
    }
}

#[test]
fn a_store_opened_for_reading_refuses_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.db");
    filled(&path);
    let mut store = SqliteStore::open(&path, Access::Read).unwrap();
    let error = append(&mut store, &header("d", 1), rows(1), 1).unwrap_err();
    assert!(matches!(error.fault, tacho_store::Fault::ReadOnly), "{error}");
    assert_eq!(stored(&store, "c"), rows(300));
}

/// The rows of `data/version-1.sql`, which the program that wrote version 1 made.
fn rows_of_version_1() -> Vec<Row> {
    let mut rows = rows(4);
    rows[1].conditions = Some(Conditions {
        run_delay_nanos: Some(7),
        load1: Some(0.25),
        stops: Some(0),
        ..Conditions::default()
    });
    rows[1].output = Some(OutputKind::Null);
    rows[2].memory_limiter = Some(MemoryLimiter::RlimitAs);
    rows[2].user_nanos = Some(u64::MAX);
    rows
}

#[test]
fn version_1_is_read_as_it_is_and_written_as_version_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.db");
    tamper(&path, include_str!("../data/version-1.sql"));
    let version = || -> i64 {
        let connection = Connection::open(&path).unwrap();
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    let reader = SqliteStore::open(&path, Access::Read).unwrap();
    assert_eq!(stored(&reader, "old"), rows_of_version_1());
    assert_eq!(version(), 1);
    let mut writer = SqliteStore::open(&path, Access::Write).unwrap();
    assert_eq!(version(), 2);
    append(&mut writer, &header("new", 2), rows_of_version_1(), 4).unwrap();
    // The one that was open all the while, too.
    for store in [&reader, &writer] {
        assert_eq!(stored(store, "old"), rows_of_version_1());
        assert_eq!(stored(store, "new"), rows_of_version_1());
        assert_eq!(store.baselines().unwrap()[0].capture, id("old"));
    }
}

#[test]
fn an_ordinary_row_needs_no_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.db");
    let mut store = SqliteStore::open(&path, Access::Write).unwrap();
    let conditions = serde_json::json!({
        "run_delay_nanos": 1, "steal_nanos": 2, "psi_cpu_us": 3, "psi_io_us": 4,
        "psi_memory_us": 5, "involuntary_switches": 6, "load1": 0.5, "mem_available_kb": 8,
        "swap_used_kb": 9, "window_nanos": 10, "stops": 0,
    });
    let mut row = rows(2).remove(1);
    row.conditions = serde_json::from_value(conditions).unwrap();
    row.involuntary_switches = Some(7);
    (row.output, row.memory_limiter) = (Some(OutputKind::Pipe), Some(MemoryLimiter::Cgroup));
    append(&mut store, &header("c", 1), [row.clone()], 1).unwrap();
    assert_eq!(stored(&store, "c"), [row]);
    let connection = Connection::open(&path).unwrap();
    let found = connection.query_row(
        "SELECT extra, involuntary_switches, condition_involuntary_switches FROM capture_row",
        (),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    );
    assert_eq!(found.unwrap(), (None::<String>, 7, 6));
}
