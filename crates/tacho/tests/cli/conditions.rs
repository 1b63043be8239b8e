//! What the machine did while a row was measured: in every row, or a reason why it is in none.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use tacho_schema::{Conditions, Row, row::CONDITION_KEYS};

use crate::world::{World, await_that};

/// A window that is shared lasts at least so long.
const WINDOW_NANOS: u64 = 10_000_000;

fn conditions(row: &Row) -> &Conditions {
    row.conditions.as_ref().unwrap_or_else(|| panic!("none in {row:?}"))
}

fn window_nanos(row: &Row) -> u64 {
    conditions(row).window_nanos.expect("there is a clock")
}

/// Holds that each row has every key of the conditions for which the capture has no reason, and
/// none of the others.
#[track_caller]
fn every_key_or_a_reason(world: &World) {
    let unavailable = world.newest().header.unavailable;
    for row in world.rows() {
        let found = serde_json::to_value(conditions(&row)).unwrap();
        for key in CONDITION_KEYS {
            let name = format!("conditions.{key}");
            let reason = unavailable.get(&name).or(row.unavailable.get(&name));
            let is_there = found.get(key).is_some_and(Value::is_number);
            assert_eq!(is_there, reason.is_none(), "{key}: {reason:?} {found}");
        }
    }
    for (key, reason) in unavailable.iter().filter(|(key, _)| key.starts_with("conditions.")) {
        let key = key.trim_start_matches("conditions.");
        eprintln!("THIS MACHINE DOES NOT SAY {key}: {reason}");
        assert!(CONDITION_KEYS.contains(&key) && !reason.is_empty(), "{key}");
    }
}

#[test]
fn every_row_has_them() {
    let world = World::new();
    world.tacho(&["run", "-r", "20", "-N", "true"]).exits(0);
    every_key_or_a_reason(&world);
    world.tacho(&["run", "-r", "2", "sleep 0.02"]).exits(0);
    every_key_or_a_reason(&world);
    world.tacho(&["run", "-r", "2", "exit 3"]).exits(4);
    every_key_or_a_reason(&world);
    world.tacho(&["run", "-j", "2", "-r", "2", "sleep 0.02", "sleep 0.03"]).exits(0);
    every_key_or_a_reason(&world);
}

/// Exports say in each row what the capture says of all.
#[test]
fn what_cannot_be_had_stands_in_the_rows_of_exports() {
    let world = World::new();
    world.tacho(&["run", "-r", "2", "true"]).exits(0);
    let header = world.newest().header;
    let output = world.tacho(&["export", "--format", "jsonl"]).exits(0);
    assert_eq!(output.stdout.lines().count(), 2);
    for line in output.stdout.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        for key in CONDITION_KEYS {
            let reason = row["unavailable"].get(format!("conditions.{key}"));
            assert_ne!(row["conditions"].get(key).is_some(), reason.is_some(), "{key} in {row:#}");
        }
        assert_eq!(row["unavailable"], json!(header.unavailable));
    }
}

/// Where a shell only started it, what is known of the shell is not said of it.
#[test]
fn work_that_another_process_did() {
    let world = World::new();
    let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
    world.tacho(&["run", "-r", "2", "-N", &format!("sh -c '{work}'")]).exits(0);
    let known = |row: &Row| row.conditions.as_ref().and_then(|it| it.run_delay_nanos).is_some();
    let reason = "conditions.run_delay_nanos";
    let machine_says = !world.newest().header.unavailable.contains_key(reason);
    assert!(world.rows().iter().all(|row| known(row) == machine_says));
    world.tacho(&["run", "-r", "2", "-N", &format!("sh -c 'sh -c \"{work}\"; exit 0'")]).exits(0);
    for row in world.rows() {
        assert!(!known(&row));
        assert_eq!(row.unavailable.contains_key(reason), machine_says, "{row:?}");
    }
}

/// One that is not started has none of its own.
#[test]
fn a_program_that_is_not_started() {
    let world = World::new();
    world.write("broken", "#!/nonexistent/interpreter\n");
    let runnable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(world.path("broken"), runnable).unwrap();
    world.tacho(&["run", "-N", "-r", "2", "./broken"]).exits(4);
    let row = world.rows().remove(0);
    let own = row.conditions.map(|found| (found.run_delay_nanos, found.stops));
    assert!([None, Some((None, None))].contains(&own), "{own:?}");
}

/// The readings are the machine's: windows follow each other, and the rows of one share all of it.
#[test]
fn short_programs_share_windows() {
    let world = World::new();
    let runs = 300;
    world.tacho(&["run", "-r", "300", "-N", "true"]).exits(0);
    let rows = world.rows();
    assert_eq!(rows.len(), runs);
    let of_machine = |row: &Row| {
        let own = Conditions {
            run_delay_nanos: None,
            involuntary_switches: None,
            stops: None,
            ..conditions(row).clone()
        };
        serde_json::to_string(&own).unwrap()
    };
    let mut windows: Vec<Vec<&Row>> = Vec::new();
    for row in &rows {
        match windows.last_mut() {
            Some(window) if of_machine(window[0]) == of_machine(row) => window.push(row),
            _ => windows.push(vec![row]),
        }
    }
    let is_long = |window: &&Vec<&Row>| window_nanos(window[0]) >= WINDOW_NANOS;
    let in_long: usize = windows.iter().filter(is_long).map(Vec::len).sum();
    // The end of a run closes its last window early.
    assert!(windows.iter().filter(|window| !is_long(window)).count() <= 1, "{windows:?}");
    assert!(in_long * 2 >= runs, "only {in_long} of {runs} rows are in whole windows");
    let distinct: BTreeSet<u64> = windows.iter().map(|window| window_nanos(window[0])).collect();
    assert!(distinct.len() > 1, "300 runs take longer than one window: {distinct:?}");
    for window in &windows {
        let (first, last) = (window[0], window[window.len() - 1]);
        let started = |row: &Row| row.started_unix_ns.unwrap();
        let took = started(last) + last.total_nanos - started(first);
        assert!(window_nanos(first) >= took, "{took} ns in {}", window_nanos(first));
    }
}

/// Its window begins before it does, and ends after it, whatever ran before.
#[test]
fn a_long_program_has_a_window_that_covers_it() {
    let world = World::new();
    world.tacho(&["run", "-r", "3", "-N", "sleep 0.3", "true"]).exits(0);
    let rows = world.rows();
    assert_eq!(rows.len(), 6);
    for row in rows {
        assert!(window_nanos(&row) >= row.total_nanos, "{row:?}");
    }
}

#[test]
fn stages_have_those_of_their_process() {
    let probe = "probe = \"sleep 0.05; echo a elapsed_us=1; echo b elapsed_us=2\"";
    let world = World::with(&format!("[[workload]]\nname = 'p'\nruns = 2\n{probe}\n"));
    world.tacho(&["run"]).exits(0);
    every_key_or_a_reason(&world);
    // Also the first one's window ends before the second process.
    for stages in world.rows().chunks(2) {
        assert_eq!(stages[0].conditions, stages[1].conditions);
        assert!(window_nanos(&stages[0]) >= 50_000_000, "the process took that long");
    }
}

/// Stops itself; somebody else lets it go on after 100 ms.
const STOPS: &str = "(sleep 0.1; kill -CONT $$) & kill -STOP $$; wait";

#[test]
fn a_stopped_child_is_seen() {
    let world = World::new();
    let output = world.tacho(&["run", "-r", "2", STOPS]).exits(0);
    if let Some(why) = world.newest().header.unavailable.get("conditions.stops") {
        crate::world::skipped("a_stopped_child_is_seen", why);
        return;
    }
    for row in world.rows() {
        assert_eq!(conditions(&row).stops, Some(1));
        assert!(row.total_nanos >= 100_000_000, "{}", row.total_nanos);
    }
    output.shows(&["contended", "2 of 2 runs were contended", "stood still because of a signal"]);
    let doc = world.tacho(&["show", "--json"]).exits(0).json();
    assert_eq!(doc["points"][0]["contended"], 2);
    let notices = doc["points"][0]["notices"].as_array().unwrap();
    let notice = notices.iter().find(|notice| notice["notice"] == "contended").unwrap();
    assert_eq!(notice["by"]["stopped"], 2, "{notice}");
}

/// Of a run that was killed, `tacho recover` keeps what was known by then.
#[test]
fn recovered_rows_have_them() {
    let world = World::new();
    let hangs = "echo ran >>log; [ $(wc -l <log) -lt 5 ] || exec sleep 600; sleep 0.02";
    let tacho = world.start(&["run", "-r", "9", hangs]);
    await_that("a fifth run", || world.lines("log").len() == 5);
    // The window of the rows before is closed while the fifth one goes on.
    let journal = || {
        let folder = world.user_state().join("journal");
        let entry = std::fs::read_dir(folder).ok()?.next()?.ok()?;
        std::fs::read_to_string(entry.path()).ok()
    };
    let shares = |text: &str| -> u64 {
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let windows = lines.filter_map(|line| line.get("window").cloned());
        let of = |window: Value| {
            window.as_array().unwrap().iter().map(|it| it["rows"].as_u64().unwrap()).sum::<u64>()
        };
        windows.map(of).sum()
    };
    await_that("windows of four rows", || journal().is_some_and(|text| shares(&text) == 4));
    tacho.kill();
    await_that("an end of every child", || world.alive().is_empty());
    world.tacho(&["recover"]).exits(0).shows(&["recovered 4 rows"]);
    every_key_or_a_reason(&world);
    for row in world.rows() {
        assert!(window_nanos(&row) >= row.total_nanos, "{row:?}");
    }
}
