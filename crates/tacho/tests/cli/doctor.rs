//! `tacho doctor`: says what it found whatever the machine is, and leaves nothing behind.

use std::fs;

use serde_json::Value;

use crate::schema;
use crate::world::World;

/// The names in a list of the document.
fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect()
}

#[test]
fn as_one_document() {
    let world = World::new();
    let document = world.tacho(&["doctor", "--json"]).exits(0).in_silence().json();
    schema::check("doctor", &document);
    assert_eq!(document["machine"]["tacho_version"], env!("CARGO_PKG_VERSION"));
    let capabilities = names(&document["capabilities"]);
    for name in ["wall", "cpu", "peak_rss", "instructions", "conditions.run_delay_nanos", "cpus"] {
        assert!(capabilities.contains(&name), "no {name} in {capabilities:?}");
    }
    let disturbances = names(&document["disturbances"]);
    for name in ["governor", "turbo", "smt", "thp", "aslr", "load", "steal", "virtualisation"] {
        assert!(disturbances.contains(&name), "no {name} in {disturbances:?}");
    }
    assert!(document["hungriest"].as_array().unwrap().len() <= 3);
    let window = document["ruler"]["window_nanos"].as_u64().unwrap();
    assert!(window >= 500_000_000, "{window}");
    // Nothing is kept, and no manifest is asked for.
    assert!(world.captures().is_empty() && !world.user_state().exists());
}

#[test]
fn as_text() {
    let world = World::with("nonsense");
    let text = world.tacho(&["doctor"]).exits(0).in_silence().stdout;
    for title in ["can be measured", "disturbs, and what to do", "the ruler"] {
        assert!(text.lines().any(|line| line == title), "no {title:?} in {text}");
    }
    let last = text.lines().last().unwrap();
    assert!(last.contains("disturb"), "{last}");
}

#[test]
fn a_poor_machine_is_no_failure() {
    let world = World::new();
    let mut command = world.command(&["doctor", "--json"]);
    command.env("PATH", "/nonexistent");
    let document = world.launch(command).end().exits(0).in_silence().json();
    for name in ["callgrind", "perf", "heaptrack"] {
        let all = document["capabilities"].as_array().unwrap();
        let found = all.iter().find(|it| it["name"] == name).unwrap();
        assert_eq!(found["available"], false, "{found}");
        assert!(found["reason"].as_str().unwrap().contains("does not exist"), "{found}");
    }
}

#[test]
fn a_tool_that_does_not_work_says_what_it_said() {
    let world = World::new();
    let tool = world.path("perf");
    world.write("perf", "#!/bin/sh\necho 'no perf for this kernel' >&2; exit 2\n");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(tool, executable).unwrap();
    let mut command = world.command(&["doctor"]);
    command.env("PATH", world.project());
    let output = world.launch(command).end().exits(0).in_silence();
    output.shows(&["it ended with exit 2: no perf for this kernel"]);
}

#[test]
fn what_it_does_not_take() {
    let world = World::new();
    world.tacho(&["doctor", "now"]).exits(2).says(&["unexpected argument 'now'"]);
    world.tacho(&["doctor", "--store", "x"]).exits(2).says(&["unexpected argument '--store'"]);
}
