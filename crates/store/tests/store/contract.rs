//! What every store does alike: one body of tests over each of them.

use tacho_schema::{Baseline, Conditions, OutputKind, ParamValue, Row};
use tacho_store::{Access, Fault, Location, Query, RowSourceError, Store, StoredCapture, open};

use crate::sample::{self, append, header, id, ids, plan, rows, stored, summary};

/// Runs `body` over a fresh store of each kind.
fn each(body: impl Fn(&str, &mut dyn Store)) {
    let folder = tempfile::tempdir().unwrap();
    for location in [Location::Memory, Location::Sqlite(folder.path().join("deep/history.db"))] {
        let mut store = open(&location, Access::Write).unwrap();
        body(&location.to_string(), store.as_mut());
    }
}

#[test]
fn what_is_appended_comes_back() {
    each(|name, store| {
        for (capture, count) in [("c1", 10), ("empty", 0), ("c2", 501)] {
            let rows = rows(count);
            append(store, &header(capture, count), rows.clone(), count).unwrap();
            assert_eq!(stored(store, capture), rows, "{name}");
            let header = header(capture, count);
            let expected = StoredCapture { header, plan: plan(), summary: summary(count) };
            assert_eq!(store.capture(&id(capture)).unwrap(), expected, "{name}");
        }
        assert_eq!(stored(store, "c1"), rows(10), "{name}");
    });
}

#[test]
fn conditions_and_stages_come_back() {
    let quiet = Conditions { steal_nanos: Some(0), ..Conditions::default() };
    let load1 = Some(7.5);
    let busy = Conditions { load1, run_delay_nanos: Some(u64::MAX), ..Conditions::default() };
    let mut found: Vec<Row> = Vec::new();
    for conditions in [None, Some(Conditions::default()), Some(quiet), Some(busy)] {
        found.extend(rows(2).into_iter().map(|row| Row { conditions: conditions.clone(), ..row }));
    }
    for (row, stage) in found.iter_mut().zip([Some("fib"), None, Some("sort"), Some("fib")]) {
        row.stage = stage.map(str::to_owned);
        row.metrics = [("rows".into(), 512.0), ("share".into(), 0.1 + 0.2)].into();
        row.samples = Some(vec![1.5, 2.5]);
        row.output = Some(OutputKind::File);
    }
    each(|name, store| {
        append(store, &header("c", 1), found.clone(), 8).unwrap();
        assert_eq!(stored(store, "c"), found, "{name}");
    });
}

#[test]
fn rows_may_be_read_while_others_are() {
    each(|name, store| {
        append(store, &header("c", 1), rows(3), 3).unwrap();
        let mut within = Vec::new();
        store.rows(&id("c"), &mut |_| within.push(stored(store, "c"))).unwrap();
        assert_eq!(within, [rows(3), rows(3), rows(3)], "{name}");
    });
}

#[test]
fn captures_are_listed_from_the_newest() {
    each(|name, store| {
        assert_eq!(ids(store, &Query::default()), Vec::<String>::new(), "{name}");
        for (capture, started) in [("b_2", 20), ("a_9", 30), ("b_1", 20), ("bx1", 10)] {
            append(store, &header(capture, started), rows(1), 1).unwrap();
        }
        let query =
            |limit, prefix: Option<&str>| Query { limit, id_prefix: prefix.map(Into::into) };
        for (query, expected) in [
            (query(None, None), &["a_9", "b_2", "b_1", "bx1"][..]),
            (query(Some(2), None), &["a_9", "b_2"]),
            (query(Some(0), None), &[]),
            (query(None, Some("b_")), &["b_2", "b_1"]),
            (query(Some(1), Some("b")), &["b_2"]),
            (query(None, Some("%")), &[]),
        ] {
            assert_eq!(ids(store, &query), expected, "{name} {query:?}");
        }
        let newest = store.captures(&query(Some(1), None)).unwrap();
        assert_eq!(newest[0].header, header("a_9", 30), "{name}");
        assert_eq!(newest[0].summary, summary(1), "{name}");
    });
}

#[test]
fn a_capture_that_is_refused_leaves_nothing() {
    let bad_row = |change: fn(&mut Row)| {
        let mut rows = rows(3);
        change(&mut rows[2]);
        rows
    };
    each(|name, store| {
        append(store, &header("kept", 1), rows(4), 4).unwrap();
        let mut check = |rows: Vec<Result<_, RowSourceError>>, header: &_, expected: &str| {
            let mut rows = rows.into_iter();
            let error = store.append(header, &plan(), &mut rows, &summary(3)).unwrap_err();
            assert_eq!(error.fault.to_string(), expected, "{name}");
            assert_eq!(error.store, name);
            assert_eq!(ids(store, &Query::default()), ["kept"], "{name}");
            assert_eq!(stored(store, "kept"), sample::rows(4), "{name}");
        };
        let ok = |rows: Vec<Row>| rows.into_iter().map(Ok).collect::<Vec<_>>();
        let new = header("new", 2);
        check(ok(rows(2)), &new, "its summary counts 3 rows, and there are 2");
        check(ok(rows(3)), &header("kept", 2), "capture kept is already committed");
        let mut torn = ok(rows(2));
        torn.push(Err("line 3 is torn".into()));
        check(torn, &new, "its rows cannot be read: line 3 is torn");
        for (key, change) in [
            ("per_call_nanos", (|row| row.per_call_nanos = Some(f64::NAN)) as fn(&mut Row)),
            ("samples", |row| row.samples = Some(vec![1.0, f64::INFINITY])),
            ("load1", |row| {
                let load1 = Some(f64::NAN);
                row.conditions = Some(Conditions { load1, ..Conditions::default() });
            }),
            ("hits", |row| row.metrics = [("hits".into(), f64::NEG_INFINITY)].into()),
            ("level", |row| row.params = [("level".into(), ParamValue::Float(f64::NAN))].into()),
        ] {
            let expected = format!("`{key}` of row 2 is not a finite number");
            check(ok(bad_row(change)), &new, &expected);
        }
        let mut infinite = header("new", 2);
        infinite.spawn_floor_nanos = Some(f64::INFINITY);
        let expected = "`spawn_floor_nanos` of the capture's header is not a finite number";
        check(ok(rows(3)), &infinite, expected);
        // What was refused may come again, rightly.
        append(store, &new, rows(3), 3).unwrap();
        assert_eq!(ids(store, &Query::default()), ["new", "kept"], "{name}");
    });
}

#[test]
fn a_row_too_many_is_counted() {
    each(|name, store| {
        let error = append(store, &header("c", 1), rows(5), 3).unwrap_err();
        assert!(
            matches!(error.fault, Fault::RowCount { expected: 3, found: 5 }),
            "{name}: {error}"
        );
    });
}

#[test]
fn baselines_name_captures() {
    each(|name, store| {
        for capture in ["c1", "c2"] {
            append(store, &header(capture, 1), rows(1), 1).unwrap();
        }
        let baseline = |name: &str, capture, saved_unix_ms| Baseline {
            name: name.into(),
            capture: id(capture),
            saved_unix_ms,
        };
        assert_eq!(store.baselines().unwrap(), [], "{name}");
        let (main, dev) = (baseline("main", "c1", 5), baseline("dev", "c1", u64::MAX));
        store.baseline_set(&main).unwrap();
        store.baseline_set(&dev).unwrap();
        assert_eq!(store.baselines().unwrap(), [dev.clone(), main], "{name}");
        let moved = baseline("main", "c2", 6);
        store.baseline_set(&moved).unwrap();
        assert_eq!(store.baselines().unwrap(), [dev, moved.clone()], "{name}");
        store.baseline_remove("dev").unwrap();
        let error = store.baseline_remove("dev").unwrap_err();
        assert_eq!(error.to_string(), format!("{name}: there is no baseline \"dev\""));
        let error = store.baseline_set(&baseline("x", "c3", 7)).unwrap_err();
        assert_eq!(error.to_string(), format!("{name}: there is no capture c3"));
        assert_eq!(store.baselines().unwrap(), [moved], "{name}");
    });
}

#[test]
fn unknown_captures_are_named() {
    each(|name, store| {
        let expected = format!("{name}: there is no capture nope");
        let error = store.capture(&id("nope")).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.hint().is_some_and(|hint| hint.contains("tacho history")));
        let error = store.rows(&id("nope"), &mut |_| ()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    });
}
