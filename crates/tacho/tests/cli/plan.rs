//! `tacho plan`: what would run.

use crate::schema;
use crate::world::World;

const MANIFEST: &str = r#"
[defaults]
seed = 3
[quiesce]
before = "touch quiesced"
[[workload]]
name = "gzip/level"
command = ["gzip", "-{level}", "x"]
params.level = [1, 6]
setup = "touch set-up"
memory_max = "1GiB"
[[workload]]
name = "smoke"
probe = ["./smoke"]
runs = 6
statistic = "min"
output = "pipe"
"#;

#[test]
fn nothing_is_run() {
    let world = World::with(MANIFEST);
    insta::assert_snapshot!(world.tacho(&["plan"]).exits(0).in_silence().stdout);
    assert_eq!(world.names("."), ["tacho.toml"], "nothing ran and nothing was written");
    let doc = world.tacho(&["plan", "--json", "-r", "7", "smoke"]).exits(0).in_silence().json();
    schema::check("plan", &doc);
    assert_eq!(doc["points"][0]["max_runs"], 7);
    assert_eq!(doc["seed"], 3);
    assert_eq!(world.names("."), ["tacho.toml"]);
}

/// The plan that is shown is the one that `run` carries out, flags about results included.
#[test]
fn it_is_the_plan_of_run() {
    let world = World::new();
    let words = ["-x", "-N", "-r", "3", "--seed", "9", "true", "echo a", "--export-json", "x.json"];
    let plan = world.tacho(&[&["plan", "--json"], &words[..]].concat()).exits(0).json();
    world.tacho(&[&["run"], &words[..]].concat()).exits(0);
    let order = |plan: &serde_json::Value| {
        let points = plan["points"].as_array().unwrap();
        points.iter().map(|point| point["command"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(order(&plan), ["\"true\"", "\"echo a\""]);
    let text = world.tacho(&[&["plan"], &words[..]].concat()).exits(0).stdout;
    let round = text.lines().find_map(|line| line.strip_prefix("first round ")).unwrap();
    let rows = world.rows();
    let measured: Vec<&str> = rows[..2].iter().map(|row| row.function.as_str()).collect();
    assert_eq!(round, measured.join(", "));
}

#[test]
fn a_seed_that_was_drawn_is_told() {
    let world = World::new();
    let told = world.tacho(&["plan", "-x", "true"]).exits(0).in_silence().stdout;
    assert!(told.contains("drawn anew for every run; --seed "), "{told}");
    world.tacho(&["plan"]).exits(2).says(&["nothing to measure: no manifest and no command"]);
}
