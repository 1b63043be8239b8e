//! Several at once, and one that is killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tacho_schema::CaptureId;
use tacho_store::{Access, Query, SqliteStore, Store};

use crate::sample::{append, header, ids, rows, stored};

/// Names the store that a process started by this test commits to until it is killed.
const VICTIM: &str = "TACHO_STORE_TEST_VICTIM";

/// Large enough that its pages reach the log before the commit.
const ROWS: u64 = 2_000;

/// A bound for a victim whose killer died.
const COMMITS_MAX: usize = 500;

fn commit_until_killed(path: &Path) {
    let mut store = SqliteStore::open(path, Access::Write).unwrap();
    let first = ids(&store, &Query::default()).len();
    for number in first..first + COMMITS_MAX {
        append(&mut store, &header(&format!("k{number}"), number as u64), rows(ROWS), ROWS)
            .unwrap();
        println!("\ncommitted {number}");
    }
}

#[test]
fn a_killed_commit_leaves_whole_captures_only() {
    if let Some(path) = std::env::var_os(VICTIM) {
        return commit_until_killed(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.db");
    for round in 0..16_u64 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "processes::a_killed_commit_leaves_whole_captures_only"])
            .arg("--nocapture")
            .env(VICTIM, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(victim.stdout.take().unwrap()).lines();
        let reported = said.map_while(Result::ok).find(|line| line.starts_with("committed"));
        // Anywhere in the commits that follow; where exactly depends on the machine.
        std::thread::sleep(Duration::from_micros(round * 2_311 % 17_000));
        victim.kill().unwrap();
        victim.wait().unwrap();

        let committed: usize = reported.unwrap()["committed ".len()..].parse().unwrap();
        let store = SqliteStore::open(&path, Access::Read).unwrap();
        let found = ids(&store, &Query::default());
        assert!(found.len() > committed, "round {round}: {committed} in {found:?}");
        for capture in found {
            let id = CaptureId::new(&capture).unwrap();
            assert_eq!(store.capture(&id).unwrap().summary.rows, ROWS);
            let mut seen = 0;
            store.rows(&id, &mut |_| seen += 1).unwrap();
            assert_eq!(seen, ROWS, "{capture}");
        }
    }
}

#[test]
fn two_at_once_make_one_store_and_keep_their_captures_apart() {
    const CAPTURES: u64 = 5;
    let folder = tempfile::tempdir().unwrap();
    let path = &folder.path().join("h.db");
    let start = &std::sync::Barrier::new(4);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            scope.spawn(move || {
                start.wait();
                let mut store = SqliteStore::open(path, Access::Write).unwrap();
                for number in 0..CAPTURES {
                    let count = 10 * writer + number;
                    let header = header(&format!("w{writer}-{number}"), number);
                    append(&mut store, &header, rows(count), count).unwrap();
                }
            });
        }
    });
    let store = SqliteStore::open(path, Access::Read).unwrap();
    assert_eq!(ids(&store, &Query::default()).len(), 20);
    for writer in 0..4 {
        for number in 0..CAPTURES {
            let count = 10 * writer + number;
            assert_eq!(stored(&store, &format!("w{writer}-{number}")), rows(count));
        }
    }
}

#[test]
fn a_reader_sees_nothing_of_an_unfinished_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.db");
    let mut store = SqliteStore::open(&path, Access::Write).unwrap();
    append(&mut store, &header("before", 1), rows(3), 3).unwrap();
    let looking = rows(50_000).into_iter().enumerate().map(|(index, row)| {
        if index % 10_000 == 9_999 {
            let reader = SqliteStore::open(&path, Access::Read).unwrap();
            assert_eq!(ids(&reader, &Query::default()), ["before"]);
            assert_eq!(stored(&reader, "before"), rows(3));
        }
        row
    });
    append(&mut store, &header("after", 2), looking, 50_000).unwrap();
    let reader = SqliteStore::open(&path, Access::Read).unwrap();
    assert_eq!(ids(&reader, &Query::default()), ["after", "before"]);
}
