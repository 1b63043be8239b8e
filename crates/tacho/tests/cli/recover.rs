//! `kill -9` at many moments, and what `tacho recover` brings back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::schema;
use crate::world::{World, append, await_that};

const KILLS: u32 = 40;

/// Two kinds of programs, both long enough not to be queued; the second leaves one behind. Each
/// says at its end which `tacho` it belonged to.
const MANIFEST: &str = r#"
[defaults]
runs = 12
cleanup = "true"
[[workload]]
name = "short"
command = "sleep 0.01; echo $KILL >>log"
[[workload]]
name = "forks"
command = "sleep 600 & sleep 0.005; echo $KILL >>log"
"#;

/// Moments after the start, in milliseconds: from before the first row to after the last one.
fn moments() -> impl Iterator<Item = u64> {
    (0..KILLS).map(|kill| u64::from(kill * 7919 % 701))
}

/// Every capture of the store is whole, and there are no others but those.
fn check_store(world: &World) {
    let doc = world.tacho(&["history", "--json"]).exits(0).json();
    let captures = world.captures();
    assert_eq!(doc["captures"].as_array().unwrap().len(), captures.len());
    for entry in captures {
        let rows = world.rows_of(&entry.header.id);
        assert_eq!(rows.len() as u64, entry.summary.rows, "{}", entry.header.id);
        let places: Vec<Option<u64>> = rows.iter().map(|row| row.sequence).collect();
        assert!(places.into_iter().eq((0..entry.summary.rows).map(Some)), "{}", entry.header.id);
    }
}

#[test]
fn kills_at_forty_moments() {
    let world = World::with(MANIFEST);
    let mut of_journal: BTreeMap<String, String> = BTreeMap::new();
    for (kill, moment) in moments().enumerate() {
        let kill = format!("k{kill}");
        let before = world.names(".tacho/journal");
        let mut command = world.command(&["run"]);
        command.env("KILL", &kill);
        let tacho = world.launch(command);
        std::thread::sleep(Duration::from_millis(moment));
        tacho.kill();
        await_that("an end of every child", || world.alive().is_empty());
        let new = world.names(".tacho/journal").into_iter().filter(|name| !before.contains(name));
        of_journal.extend(new.map(|name| (name, kill.clone())));
        check_store(&world);
    }
    let mut expected = ids(&world);
    world.tacho(&["recover"]).exits(0);
    check_store(&world);
    assert_eq!(world.names(".tacho/journal"), [""; 0]);
    let (log, captures) = (world.lines("log"), world.captures());
    for (journal, kill) in &of_journal {
        let done = log.iter().filter(|line| *line == kill).count();
        let id = journal.trim_end_matches(".jsonl");
        let capture = captures.iter().find(|entry| entry.header.id.as_str() == id);
        let rows = capture.map_or(0, |entry| entry.summary.rows as usize);
        assert!(rows <= done && done <= rows + 1, "{kill}: {rows} rows of {done} that ended");
        // Killed between commit and removal, it was in the store already.
        expected.extend(capture.map(|_| id.to_owned()));
    }
    assert_eq!(ids(&world), expected, "nothing else came to the store");
    assert!(of_journal.len() >= 5, "only {} kills left a journal", of_journal.len());
}

fn ids(world: &World) -> BTreeSet<String> {
    world.captures().iter().map(|entry| entry.header.id.to_string()).collect()
}

/// A journal as a kill leaves it, made from a whole one.
fn journal() -> (World, Vec<u8>) {
    let world = World::new();
    let hangs = "echo ran >>log; [ $(wc -l <log) -lt 4 ] || exec sleep 600";
    let tacho = world.start(&["run", "-r", "4", hangs]);
    await_that("a fourth run", || world.lines("log").len() == 4);
    tacho.kill();
    await_that("an end of every child", || world.alive().is_empty());
    let folder = world.user_state().join("journal");
    let entry = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
    let bytes = std::fs::read(entry.path()).unwrap();
    std::fs::remove_file(entry.path()).unwrap();
    (world, bytes)
}

#[test]
fn journals_that_end_anywhere() {
    let (world, whole) = journal();
    let path = world.user_state().join("journal/torn.jsonl");
    let ends: Vec<usize> =
        whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    assert_eq!(ends.len(), 4, "a head and three rows");
    let documents = whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    for (line, name) in documents.zip(["journal-head", "row", "row", "row"]) {
        schema::check(name, &serde_json::from_slice(line).unwrap());
    }
    for (cut, told) in [
        (0, "stopped before it began, removed"),
        (ends[0] / 2, "stopped before it began, removed"),
        (ends[0] + 1, "stopped before its first row, removed"),
        (ends[0] + 9, "stopped before its first row, removed"),
        (ends[2] + 1, "recovered 2 rows, cut short"),
    ] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        world.tacho(&["recover"]).exits(0).shows(&[told]).in_silence();
        assert!(!path.exists(), "{cut}");
    }
    assert_eq!(world.rows().len(), 2);
    // The same capture again: it is committed already, and stays what it is.
    std::fs::write(&path, &whole).unwrap();
    world.tacho(&["recover"]).exits(0);
    assert_eq!((world.captures().len(), world.rows().len()), (1, 2));
}

#[test]
fn a_damaged_journal_stays_and_hinders_no_other() {
    let (world, whole) = journal();
    let folder = world.user_state().join("journal");
    std::fs::write(folder.join("a.jsonl"), b"no journal\n").unwrap();
    std::fs::write(folder.join("b.jsonl"), &whole).unwrap();
    append(&folder.join("c.jsonl"), "{\"journal_version\":99}");
    std::fs::write(folder.join("d.txt"), b"somebody's notes").unwrap();
    world.tacho(&["recover"]).exits(5).shows(&["recovered 3 rows, cut short"]).says(&[
        "a.jsonl",
        "c.jsonl",
        "mend or remove",
    ]);
    assert_eq!(world.rows().len(), 3);
    assert!(["a.jsonl", "c.jsonl", "d.txt"].iter().all(|name| folder.join(name).exists()));
}
