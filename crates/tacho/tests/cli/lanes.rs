//! `--jobs`: several runs side by side.
//!
//! That some run at the same time is made certain, not hoped for: they wait for each other.

use std::collections::BTreeMap;

use rustix::process::Signal;
use serde_json::Value;
use tacho_schema::{CutShort, Row, Status};

use crate::world::{World, await_that};

/// Ends when so many others of its kind were begun; says in `log` that it begins and ends.
fn meeting(others: usize) -> String {
    format!(
        "echo begin >>log; touch here.$$; until [ $(ls here.* | wc -l) -ge {others} ]; do \
         sleep 0.02; done; echo end >>log"
    )
}

/// When a row's run began and ended, in nanoseconds since 1970.
fn span(row: &Row) -> (u64, u64) {
    let began = row.started_unix_ns.unwrap();
    (began, began + row.total_nanos)
}

/// How many of the runs went on when the busiest one of them began.
fn side_by_side(rows: &[Row]) -> usize {
    let at = |moment: u64| {
        rows.iter().map(span).filter(|(began, ended)| *began <= moment && moment < *ended).count()
    };
    rows.iter().map(|row| at(span(row).0)).max().unwrap_or(0)
}

/// Runs of each workload, by its name.
fn runs(rows: &[Row]) -> BTreeMap<&str, usize> {
    rows.iter().fold(BTreeMap::new(), |mut counts, row| {
        *counts.entry(row.function.as_str()).or_insert(0) += 1;
        counts
    })
}

/// The rows are numbered through, in the order in which they were handed on.
#[track_caller]
fn numbered(rows: &[Row]) {
    let numbers = rows.iter().map(|row| (row.sequence, row.process));
    let expected = (0..rows.len() as u64).map(|number| (Some(number), Some(number)));
    assert!(numbers.eq(expected), "{rows:?}");
    let mut of_points: BTreeMap<&str, u64> = BTreeMap::new();
    for row in rows {
        let next = of_points.entry(row.function.as_str()).or_insert(0);
        assert_eq!(row.repeat_index, Some(*next), "{row:?}");
        *next += 1;
    }
}

#[test]
fn points_run_side_by_side() {
    let world = World::new();
    let meets = meeting(3);
    let names = ["-n", "a", "-n", "b", "-n", "c", "-n", "d"];
    let words = [&["run", "-j", "3", "-r", "3"], &names[..], &[meets.as_str(); 4]].concat();
    world.tacho(&words).exits(0);
    let rows = world.rows();
    assert_eq!(runs(&rows), BTreeMap::from([("a", 3), ("b", 3), ("c", 3), ("d", 3)]));
    assert_eq!(side_by_side(&rows), 3, "as many as there are lanes, and no more");
    assert!(rows.iter().all(|row| row.status == Status::Ok));
    numbered(&rows);
}

#[test]
fn runs_of_one_point_do_too() {
    let world = World::new();
    world.tacho(&["run", "-j", "3", "-r", "6", &meeting(3)]).exits(0);
    assert_eq!((world.rows().len(), side_by_side(&world.rows())), (6, 3));
    numbered(&world.rows());
}

#[test]
fn more_lanes_than_there_is_work_for() {
    let world = World::with(&format!(
        "[defaults]\njobs = 8\nruns = 1\n[[workload]]\nname = \"m{{n}}\"\nparams.n = [1, 2]\n\
         command = \"{}; : {{n}}\"\n",
        meeting(2)
    ));
    world.tacho(&["run"]).exits(0);
    assert_eq!((world.rows().len(), side_by_side(&world.rows())), (2, 2));
    world.tacho(&["run", "-j", "1"]).exits(0);
    assert_eq!(side_by_side(&world.rows()), 1, "the flag stands over it");
}

/// Without it there is one lane: nothing runs beside anything.
#[test]
fn one_after_another() {
    let world = World::new();
    let line = "echo begin >>log; sleep 0.02; echo end >>log";
    world.tacho(&["run", "-r", "3", line, &format!("{line}; true")]).exits(0);
    assert_eq!(side_by_side(&world.rows()), 1);
    let expected: Vec<&str> = ["begin", "end"].into_iter().cycle().take(12).collect();
    assert_eq!(world.lines("log"), expected);
}

#[test]
fn a_failure_is_one_points_own() {
    let world = World::with(
        r#"
        [defaults]
        jobs = 3
        runs = 5
        [[workload]]
        name = "fails"
        command = "exit 3"
        [[workload]]
        name = "crashes"
        command = "kill -SEGV $$"
        [[workload]]
        name = "hangs"
        command = "exec sleep 600"
        timeout = "200ms"
        [[workload]]
        name = "later"
        command = "echo >>n; [ $(wc -l <n) -lt 3 ] || exit 4"
        [[workload]]
        name = "well"
        command = "sleep 0.02"
        [[workload]]
        name = "short"
        command = ["true"]
        "#,
    );
    let output = world.tacho(&["run"]).exits(4);
    output.shows(&["exit 3", "crashed: SIGSEGV", "timed out", "exit 4"]);
    let rows = world.rows();
    numbered(&rows);
    let runs = runs(&rows);
    assert_eq!((runs["well"], runs["short"]), (5, 5));
    for (name, status) in [
        ("fails", Status::Error),
        ("crashes", Status::Crashed),
        ("hangs", Status::TimedOut),
        ("later", Status::Error),
    ] {
        let of_point = rows.iter().filter(|row| row.function.as_str() == name);
        let failed: Vec<Status> =
            of_point.map(|row| row.status).filter(|status| *status != Status::Ok).collect();
        // Those that ran beside the first one that failed may fail, too.
        assert!((1..=3).contains(&failed.len()), "{name}: {failed:?}");
        assert!(failed.iter().all(|found| *found == status), "{name}: {failed:?}");
    }
    assert_eq!(world.newest().summary.rows, rows.len() as u64);
}

/// A point that has something run around each of its runs has the machine for itself.
#[test]
fn what_has_something_around_it_runs_alone() {
    let prepare = "prepare = 'echo prepare >>log; sleep 0.01'\n";
    let conclude = "conclude = 'sleep 0.01; echo conclude >>log'\n";
    for (hooks, lines) in [(format!("{prepare}{conclude}"), 2), (conclude.to_owned(), 1)] {
        let world = World::with(&format!(
            "[defaults]\njobs = 3\nruns = 3\n[[workload]]\nname = 'hooked'\n{hooks}\
             command = 'sleep 0.03'\n[[workload]]\nname = 'free{{n}}'\nparams.n = [1, 2, 3]\n\
             command = 'echo begin >>log; sleep 0.03; echo end >>log; : {{n}}'\n"
        ));
        world.tacho(&["run"]).exits(0);
        let log = world.lines("log");
        assert_eq!(log.len(), 3 * lines + 9 * 2);
        let mut begun = 0;
        for line in &log {
            match line.as_str() {
                "begin" => begun += 1,
                "end" => begun -= 1,
                _ => assert_eq!(begun, 0, "{log:?}"),
            }
        }
        let (hooked, free): (Vec<Row>, Vec<Row>) =
            world.rows().into_iter().partition(|row| row.function.as_str() == "hooked");
        assert_eq!((hooked.len(), free.len()), (3, 9));
        for one in hooked.iter().map(span) {
            let beside = free.iter().map(span).filter(|it| it.0 < one.1 && one.0 < it.1);
            assert_eq!(beside.count(), 0, "{hooks}");
        }
    }
}

/// What one leaves behind is its own, and is ended; the other lanes' programs go on.
#[test]
fn what_is_left_behind_is_the_lanes_own() {
    let world = World::new();
    let line = format!("setsid sleep 600 & {}", meeting(3));
    let other = format!("{line}; true");
    world.tacho(&["run", "-j", "3", "-r", "3", &line, &other]).exits(0);
    let leaked: Vec<_> = world.rows().iter().map(|row| row.leaked).collect();
    assert_eq!(leaked, [Some(1); 6]);
    assert_eq!(world.alive(), [""; 0]);
}

/// Three lanes of which each has ended a run, and now hangs with a process in the background.
fn hanging() -> (World, crate::world::Running) {
    let world = World::with(
        r#"
        [defaults]
        jobs = 3
        runs = 3
        cleanup = "echo cleaned >>log"
        [[workload]]
        name = "w{n}"
        params.n = [1, 2, 3]
        command = '''
        mkdir was.{n} 2>>old || { setsid sleep 600 & echo hanging.{n} >>log; exec sleep 600; }
        '''
        "#,
    );
    let tacho = world.start(&["run"]);
    for n in 1..=3 {
        world.await_line("log", &format!("hanging.{n}"));
    }
    (world, tacho)
}

#[test]
fn a_signal_ends_every_lane() {
    for (signal, code, why) in
        [(Signal::INT, 130, CutShort::Interrupted), (Signal::TERM, 143, CutShort::Terminated)]
    {
        let (world, tacho) = hanging();
        tacho.signal(signal);
        tacho.end().exits(code);
        assert_eq!(world.alive(), [""; 0]);
        let summary = world.newest().summary;
        assert_eq!((summary.cut_short, summary.rows), (Some(why), 3), "those that ended");
        assert_eq!(summary.skipped.len(), 3);
        assert!(world.rows().iter().all(|row| row.status == Status::Ok));
        assert_eq!(world.lines("log").last().map(String::as_str), Some("cleaned"));
        assert_eq!(world.names(".tacho/journal"), [""; 0]);
    }
}

#[test]
fn a_kill_ends_every_lane() {
    let (world, tacho) = hanging();
    tacho.kill();
    await_that("an end of every child", || world.alive().is_empty());
    world.tacho(&["recover"]).exits(0).shows(&["recovered 3 rows"]);
    assert_eq!(world.rows().len(), 3);
}

/// How many run is told while they do.
#[test]
fn lanes_are_counted_in_the_stream() {
    let world = World::new();
    let waits = "while ! [ -e go ]; do sleep 0.02; done";
    let stream = ["run", "--message-format", "json", "-j", "3", "-r", "2", waits];
    let running = world.start(&stream);
    let progress = |text: &str| -> Vec<Value> {
        // The last line may not be whole yet.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let events = whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        events.filter(|event| event["event"] == "progress").collect()
    };
    await_that("progress with two that run", || {
        progress(&running.stdout_so_far()).iter().any(|event| event["active"] == 2)
    });
    world.write("go", "");
    let output = running.end().exits(0);
    for event in progress(&output.stdout) {
        assert!(event["active"].as_u64().unwrap() <= 2, "a point has two runs: {event}");
        assert_eq!(event["queued"], 0, "a lane has one run at a time: {event}");
    }
    assert_eq!(world.rows().len(), 2);
}
