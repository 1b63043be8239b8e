use std::collections::BTreeMap;

use tacho_schema::{CaptureId, CaptureState, Environment, Name, Status};

use super::*;

fn header(id: &str) -> CaptureHeader {
    CaptureHeader {
        schema_version: tacho_schema::version::Version,
        id: CaptureId::new(id).unwrap(),
        started_unix_ms: 1,
        invocation: vec!["tacho".to_owned(), "run".to_owned()],
        manifest: None,
        seed: 7,
        env: Environment::default(),
        unavailable: BTreeMap::new(),
        metric_defs: BTreeMap::new(),
        spawn_floor_nanos: None,
        shell: None,
        spawner: "static".to_owned(),
        shared_machine: false,
        project: None,
    }
}

fn plan() -> PlanDoc {
    PlanDoc::new(7, Vec::new())
}

fn ignore() -> Consumer {
    Box::new(|_| {})
}

fn row(index: u64) -> Row {
    Row::fixed(Name::new("f").unwrap(), index, index * 10, Status::Ok)
}

fn summary(rows: u64) -> CaptureSummary {
    CaptureSummary {
        state: CaptureState::Complete,
        cut_short: None,
        ended_unix_ms: 2,
        rows,
        by_status: BTreeMap::from([(Status::Ok, rows)]),
        points: 1,
        skipped: Vec::new(),
        leaked: 0,
        backpressure_waits: 0,
    }
}

fn written(folder: &Path, rows: u64, summed: bool) -> PathBuf {
    let mut journal = Journal::create(folder, &header("one"), &plan(), ignore()).unwrap();
    for index in 0..rows {
        assert!(journal.push(Box::new(row(index))));
    }
    journal.finish(summed.then(|| summary(rows)).as_ref()).unwrap().path().to_owned()
}

#[test]
fn what_was_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), 5000, true);
    let mut reader = Reader::open(&path).unwrap().unwrap();
    assert_eq!(reader.head().header, header("one"));
    for index in 0..5000 {
        assert_eq!(reader.next_row().unwrap(), Some(row(index)));
    }
    assert_eq!(reader.next_row().unwrap(), None);
    assert_eq!(reader.summary(), Some(&summary(5000)));
    let ahead = Reader::open(&path).unwrap().unwrap().rows_ahead();
    assert_eq!(
        ahead.map(Result::unwrap).collect::<Vec<_>>(),
        (0..5000).map(row).collect::<Vec<_>>()
    );
}

#[test]
fn cut_anywhere_it_gives_its_whole_rows_and_no_summary() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), 20, true);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let Some(mut reader) = Reader::open(&path).unwrap() else { continue };
        let mut count = 0;
        while let Some(read) = reader.next_row().unwrap() {
            assert_eq!(read, row(count));
            count += 1;
        }
        let lines = whole[..length].iter().filter(|byte| **byte == b'\n').count() as u64;
        assert_eq!(count, lines - 1);
        assert_eq!(reader.summary(), None);
    }
}

#[test]
fn a_broken_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), 2, false);
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str("{\"schema_version\":9}\n");
    std::fs::write(&path, text).unwrap();
    let mut reader = Reader::open(&path).unwrap().unwrap();
    assert!(reader.next_row().unwrap().is_some());
    assert!(reader.next_row().unwrap().is_some());
    let error = reader.next_row().unwrap_err().to_string();
    assert!(
        error.ends_with(
            "one.jsonl: line 4, column 20: unknown schema_version 9: this program reads version 1"
        ),
        "{error}"
    );
}

#[test]
fn live_and_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(find(&folder.path().join("none")).unwrap(), []);
    let journal = Journal::create(folder.path(), &header("one"), &plan(), ignore()).unwrap();
    let path = folder.path().join("one.jsonl");
    assert_eq!(find(folder.path()).unwrap(), [Found { path: path.clone(), live: true }]);
    let held = journal.finish(None).unwrap();
    assert!(find(folder.path()).unwrap()[0].live, "until it is committed");
    assert!(Held::take(&path).unwrap().is_none());
    drop(held);
    assert_eq!(find(folder.path()).unwrap(), [Found { path, live: false }]);
}

#[test]
fn a_second_journal_of_one_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Journal::create(folder.path(), &header("one"), &plan(), ignore()).unwrap();
    assert!(Journal::create(folder.path(), &header("one"), &plan(), ignore()).is_err());
}

#[test]
fn a_journal_without_a_head_is_not_seen_and_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let begun = folder.path().join("one.jsonl.new");
    std::fs::write(&begun, "").unwrap();
    assert_eq!(find(folder.path()).unwrap(), []);
    clear_begun(folder.path());
    assert!(!begun.exists());
}

#[test]
fn one_taker_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), 1, false);
    let first = Held::take(&path).unwrap().unwrap();
    assert!(Held::take(&path).unwrap().is_none());
    first.remove().unwrap();
    assert!(Held::take(&path).unwrap().is_none());
}

fn share(rows: u32, load1: f64) -> WindowShare {
    WindowShare { rows, conditions: Conditions { load1: Some(load1), ..Conditions::default() } }
}

/// The loads of the rows that a reader and the consumer get: `n` rows, then windows, in turn.
#[track_caller]
fn check_windows(steps: &[(u64, &[WindowShare])], expected: &[Option<f64>]) {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let into = taken.clone();
    let consumer: Consumer = Box::new(move |row| into.lock().unwrap().push(*row));
    let mut journal = Journal::create(folder.path(), &header("one"), &plan(), consumer).unwrap();
    let mut index = 0;
    for (rows, shares) in steps {
        for _ in 0..*rows {
            assert!(journal.push(Box::new(row(index))));
            index += 1;
        }
        if !shares.is_empty() {
            assert!(journal.window(shares.to_vec()));
        }
    }
    let held = journal.finish(None).unwrap();
    let load = |row: &Row| row.conditions.as_ref().and_then(|conditions| conditions.load1);
    let taken = taken.lock().unwrap();
    assert_eq!(taken.iter().map(load).collect::<Vec<_>>(), expected);
    let reader = Reader::open(held.path()).unwrap().unwrap();
    let read: Vec<Row> = reader.rows_ahead().map(Result::unwrap).collect();
    assert_eq!(read, *taken);
}

#[test]
fn rows_get_what_their_window_shares() {
    let (one, two) = (Some(1.0), Some(2.0));
    check_windows(&[(2, &[share(2, 1.0)]), (1, &[share(1, 2.0)])], &[one, one, two]);
    check_windows(&[(3, &[share(1, 1.0), share(2, 2.0)])], &[one, two, two]);
    // Rows without a window, at the end and in the middle.
    check_windows(&[(1, &[share(1, 1.0)]), (2, &[])], &[one, None, None]);
    check_windows(&[(3, &[share(1, 1.0)]), (1, &[share(1, 2.0)])], &[one, None, None, two]);
    // A window of more rows than there are, and of none.
    check_windows(&[(1, &[share(9, 1.0)]), (0, &[share(1, 2.0)])], &[one]);
    check_windows(&[(5000, &[share(5000, 1.0)])], &[vec![None; 904], vec![one; 4096]].concat());
}
