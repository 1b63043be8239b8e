//! Which points of a manifest are measured.

use crate::world::World;

const MANIFEST: &str = r#"
[project]
name = "filters"
[defaults]
runs = 1
[[workload]]
name = "gzip/level"
command = ["echo", "{level}"]
params.level = [1, 6]
tags = ["fast"]
[[workload]]
name = "sort/words"
command = "echo sort"
tags = ["fast", "text"]
[[workload]]
name = "sort/lines"
command = "echo lines"
"#;

/// Runs with `args` and holds which points were measured, in the order of the table.
fn selects(args: &[&str], expected: &[&str]) {
    let world = World::with(MANIFEST);
    world.tacho(&[&["run"], args].concat()).exits(0).in_silence();
    let doc = world.tacho(&["show", "--json"]).exits(0).json();
    let points = doc["points"].as_array().unwrap();
    let found: Vec<&str> = points.iter().map(|point| point["point"].as_str().unwrap()).collect();
    assert_eq!(found, expected, "{args:?}");
    assert_eq!(world.rows().len(), expected.len(), "{args:?}");
}

#[test]
fn selections() {
    let (one, six) = ("gzip/level{level=1}", "gzip/level{level=6}");
    selects(&[], &[one, six, "sort/words", "sort/lines"]);
    selects(&["sort"], &["sort/words", "sort/lines"]);
    selects(&["level=6"], &[six]);
    selects(&["sort/*s"], &["sort/words", "sort/lines"]);
    selects(&["gzip/level{level=?}"], &[one, six]);
    selects(&["*/[wx]*"], &["sort/words"]);
    selects(&["lines", "level=1"], &[one, "sort/lines"]);
    selects(&["--tag", "fast"], &[one, six, "sort/words"]);
    selects(&["--tag", "fast", "sort"], &["sort/words"]);
    selects(&["--tag", "text", "--tag", "fast", "level=6", "sort"], &[six, "sort/words"]);
}

/// What matches nothing beside what matches is told: it may be a slip.
#[test]
fn some_of_it_selects_nothing() {
    for (args, told) in [
        (&["sort", "gzpi/level"][..], "note: no point is selected by `gzpi/level`; there is gzip"),
        (&["--tag", "fast", "--tag", "txet"], "note: no point is selected by the tag `txet`"),
    ] {
        let world = World::with(MANIFEST);
        world.tacho(&[&["run"], args].concat()).exits(0).says(&[told]);
    }
}

#[test]
fn nothing_selected() {
    for (args, told) in [
        (&["gzip/levle"][..], "no point is selected by `gzip/levle`; there is gzip/level"),
        (&["sort/line*x"], "no point is selected by `sort/line*x`; there is sort/lines"),
        (&["nothing", "never"], "`nothing` or `never`"),
        (&["--tag", "fsat"], "no point is selected by the tag `fsat`; there is fast"),
        (&["lines", "--tag", "fast"], "no point is selected by `lines` with the tag `fast`"),
        (&["echo hello"], "the arguments are filters; -x makes them commands"),
    ] {
        let world = World::with(MANIFEST);
        world.tacho(&[&["run"], args].concat()).exits(2).says(&[told]);
        assert_eq!(world.names("."), ["tacho.toml"], "{args:?}");
    }
}

/// The manifest is that of the folder or of one above, up to the repository's root.
#[test]
fn manifests_are_found_above() {
    let world = World::with(MANIFEST);
    world.write(".git/HEAD", "ref: refs/heads/main\n");
    world.write("deep/er/here", "");
    world.tacho_in("deep/er", &["run", "sort"]).exits(0).in_silence();
    assert_eq!(world.names(".tacho"), [".gitignore", "history.db", "journal"]);
    assert_eq!(world.newest().summary.rows, 2);
    world.write("other/.git/HEAD", "ref: refs/heads/main\n");
    world.tacho_in("other", &["run", "sort/words"]).exits(4).says(&["`sort/words` does not exist"]);
    world.tacho_in("other", &["run"]).exits(2).says(&["nothing to measure"]);
}

#[test]
fn a_manifest_by_its_name() {
    let world = World::with(MANIFEST);
    world.write("sub/bench.toml", MANIFEST.replace("runs = 1", "runs = 2"));
    world.tacho(&["run", "--manifest", "sub/bench.toml", "lines"]).exits(0).in_silence();
    assert_eq!(world.names("sub/.tacho"), [".gitignore", "history.db", "journal"]);
    let shown = world.tacho(&["history", "--json", "--manifest", "sub/bench.toml"]).exits(0).json();
    assert_eq!(shown["captures"][0]["rows"], 2);
    let words = ["run", "--manifest", "sub/bench.toml", "--", "true"];
    world.tacho(&words).exits(2).says(&["--manifest and a command after -- exclude each other"]);
}

/// A command by its words is measured as one, also where there is a manifest.
#[test]
fn words_beside_a_manifest() {
    let world = World::with(MANIFEST);
    let note = "note: kept in your own store: `tacho show -x` shows it again\n";
    for words in [&["--", "echo", "sort"][..], &["-x", "echo sort"]] {
        let output = world.tacho(&[&["run", "-r", "2"], words].concat()).exits(0);
        assert_eq!(output.shows(&["echo sort"]).stderr, note);
    }
    assert_eq!(world.names("."), ["tacho.toml"], "it went to the user's own store");
    world.tacho(&["show", "-x"]).exits(0).shows(&["echo sort"]);
    let doc = world.tacho(&["history", "-x", "--json"]).exits(0).json();
    assert_eq!(doc["captures"][0]["rows"], 2);
}
