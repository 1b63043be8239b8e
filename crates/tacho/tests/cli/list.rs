//! `tacho list`: what there is to measure.

use crate::schema;
use crate::world::World;

const MANIFEST: &str = r#"
[[workload]]
name = "gzip/level"
command = ["gzip", "-{level}", "x"]
params.level = [1, 6]
tags = ["fast"]
[[workload]]
name = "sort"
command = "sort <x | uniq"
[[workload]]
name = "parse"
command = "parse -j {threads}"
threads = [1, 2]
"#;

#[test]
fn points() {
    let world = World::with(MANIFEST);
    insta::assert_snapshot!(world.tacho(&["list"]).exits(0).in_silence().stdout);
    let output = world.tacho(&["list", "--json", "level=6", "parse"]).exits(0).in_silence();
    let doc = output.json();
    schema::check("list", &doc);
    insta::assert_json_snapshot!(doc);
    assert_eq!(world.names("."), ["tacho.toml"], "nothing was written");
}

/// Filters, tags and flags are those of run.
#[test]
fn selections() {
    let world = World::with(MANIFEST);
    let tagged = world.tacho(&["list", "--tag", "fast", "sort", "level=1"]).exits(0);
    let first = |line: &str| line.split(' ').next().map(str::to_owned);
    let listed: Vec<String> = tagged.stdout.lines().skip(1).filter_map(first).collect();
    assert_eq!(listed, ["gzip/level{level=1}"]);
    world.tacho(&["list", "srt"]).exits(2).says(&["no point is selected by `srt`; there is sort"]);
    world.tacho(&["list", "sort", "nothing"]).exits(0).says(&["note: no point is selected by"]);
    world.tacho(&["list", "-x"]).exits(2).says(&["no manifest and no command"]);
    world.tacho(&["list", "-x", "true {n}", "-L", "n", "1,2"]).exits(0).shows(&["true 2"]);
}
