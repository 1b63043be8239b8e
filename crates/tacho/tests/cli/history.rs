//! `tacho history`.

use crate::schema;
use crate::text::listing;
use crate::world::World;

#[test]
fn captures_newest_first() {
    let world = World::with("[[workload]]\nname = \"a\"\ncommand = [\"true\"]\nruns = 2\n");
    world.tacho(&["run", "--save-baseline", "main"]).exits(0);
    world.tacho(&["run", "-r", "3", "a"]).exits(0);
    world.tacho(&["run", "--launcher", "false"]).exits(4);
    insta::assert_snapshot!("listed", listing(&world.tacho(&["history"]).exits(0).stdout));
    insta::assert_snapshot!("limited", listing(&world.tacho(&["history", "-n", "1"]).stdout));

    let doc = world.tacho(&["history", "--json"]).exits(0).in_silence().json();
    let captures = doc["captures"].as_array().unwrap();
    let rows: Vec<_> = captures.iter().map(|capture| capture["rows"].as_u64().unwrap()).collect();
    assert_eq!(rows, [1, 3, 2]);
    let ids: Vec<_> = captures.iter().map(|capture| capture["id"].as_str().unwrap()).collect();
    let stored: Vec<String> =
        world.captures().iter().map(|entry| entry.header.id.to_string()).collect();
    assert_eq!(ids, stored);
    assert_eq!(captures[2]["baselines"], serde_json::json!(["main"]));
    assert_eq!(captures[0]["failed_rows"], 1);
    let words = captures[1]["invocation"].as_array().unwrap();
    assert_eq!(words[1..], ["run", "-r", "3", "a"]);
    schema::check("history", &doc);
}

#[test]
fn nothing_yet() {
    let world = World::new();
    world.tacho(&["history"]).exits(0).shows(&["no captures yet"]).in_silence();
    let doc = world.tacho(&["history", "--json"]).exits(0).in_silence().json();
    assert_eq!(doc, serde_json::json!({ "schema_version": 1, "captures": [] }));
    assert!(!world.user_state().exists(), "looking makes nothing");
}

/// A reader that went away is no error, a disk that is full is.
#[test]
fn standard_output_that_is_closed_or_full() {
    let world = World::new();
    world.tacho(&["run", "-r", "1", "true"]).exits(0);
    for words in [&["show"][..], &["show", "--json"], &["history"], &["baseline", "list"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = world.command(words).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = world.command(words).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("error: cannot write to standard output"), "{words:?}: {said}");
        assert_eq!(output.status.code(), Some(5), "{words:?}");
    }
}

/// A run whose output nobody reads is kept all the same.
#[test]
fn a_run_that_nobody_reads() {
    let world = World::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = world.command(&["run", "-r", "2", "true"]).stdout(writer).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(world.rows().len(), 2);
}
