//! Two `tacho` at once, in one store.

use crate::world::{Running, World, await_that};

/// Says in `log` that it runs, until `go` is there.
const WAITS: &str = "echo first >>log; while ! [ -e go ]; do sleep 0.02; done";

fn first(world: &World) -> Running {
    let first = world.start(&["run", "-r", "2", WAITS]);
    world.await_line("log", "first");
    first
}

#[test]
fn the_second_waits_and_says_so() {
    let world = World::new();
    let first = first(&world);
    let mut second = world.start(&["run", "-r", "3", "echo second >>log"]);
    await_that("a note that it waits", || second.stderr_so_far().contains("waiting for it"));
    assert!(!second.has_ended());
    assert_eq!(world.lines("log"), ["first"]);
    world.write("go", "");
    first.end().exits(0);
    second.end().exits(0);
    assert_eq!(world.lines("log"), ["first", "first", "second", "second", "second"]);
    let rows: Vec<usize> =
        world.captures().iter().map(|entry| world.rows_of(&entry.header.id).len()).collect();
    assert_eq!(rows, [3, 2], "newest first");
    assert!(world.captures().iter().all(|entry| !entry.header.shared_machine));
}

#[test]
fn one_that_does_not_wait_flags_its_rows() {
    let world = World::new();
    let first = first(&world);
    world
        .tacho(&["run", "--no-wait", "-r", "3", "echo second >>log"])
        .exits(0)
        .says(&["another tacho is measuring on this machine; rows are flagged"])
        .shows(&["shared machine"]);
    world.write("go", "");
    first.end().exits(0);
    for entry in world.captures() {
        let is_second = entry.summary.rows == 3;
        assert_eq!(entry.header.shared_machine, is_second);
        let rows = world.rows_of(&entry.header.id);
        assert_eq!(rows.len() as u64, entry.summary.rows);
        let flag = is_second.then_some(true);
        assert!(rows.iter().all(|row| row.shared_machine == flag));
    }
    assert_eq!(world.captures().len(), 2);
}

#[test]
fn one_that_waits_can_be_stopped() {
    let world = World::new();
    let first = first(&world);
    let second = world.start(&["run", "echo second >>log"]);
    await_that("a note that it waits", || second.stderr_so_far().contains("waiting for it"));
    second.signal(rustix::process::Signal::INT);
    second.end().exits(130).says(&["nothing was measured"]);
    world.write("go", "");
    first.end().exits(0);
    assert_eq!(world.captures().len(), 1);
}

/// What one is writing is not another's to recover.
#[test]
fn recover_leaves_a_running_one_alone() {
    let world = World::new();
    let first = first(&world);
    world
        .tacho(&["recover"])
        .exits(0)
        .shows(&["nothing to recover"])
        .says(&["1 journal left alone: a tacho is writing there now"]);
    world.tacho(&["history"]).exits(0).in_silence();
    world.write("go", "");
    first.end().exits(0);
    assert_eq!(world.newest().summary.rows, 2);
}
