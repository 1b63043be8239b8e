use rusqlite::Connection;

use super::*;

#[test]
fn a_store_that_stays_locked_is_an_error_after_a_while() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.db");
    let mut store = SqliteStore::open(&path, Access::Write).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.baseline_remove("main").unwrap_err();
    assert!(matches!(error.fault, Fault::Locked { waited_seconds: 1 }), "{error}");
    assert_eq!(store.baselines().unwrap(), []);
    drop(other);
    let error = store.baseline_remove("main").unwrap_err();
    assert!(matches!(error.fault, Fault::UnknownBaseline(_)), "{error}");
}
