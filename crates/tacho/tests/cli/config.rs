//! `tacho config`: every setting, its value and its origin.

use crate::schema;
use crate::world::World;

const MANIFEST: &str = r#"
[defaults]
warmup = 2
env.A = "1"
[profile.ci]
runs = 30
[[workload]]
name = "gzip/{level}"
command = ["gzip", "-{level}", "x"]
params.level = [1, 6]
max_time = "1s"
[[workload]]
name = "sort"
command = "sort <x"
"#;

fn world() -> World {
    let world = World::with(MANIFEST);
    world.write("../home/.config/tacho/config.toml", "[defaults]\ntimeout = \"9s\"\n");
    world
}

/// The table without the path of the scratch folder.
fn told(world: &World, args: &[&str]) -> String {
    let output = world.tacho(&[&["config"], args].concat()).exits(0).in_silence();
    let folder = world.project().parent().unwrap().join("home");
    output.stdout.replace(&folder.display().to_string(), "~")
}

#[test]
fn settings_and_origins() {
    let world = world();
    let args = ["--profile", "ci", "--min-time", "2s", "-N"];
    insta::assert_snapshot!(told(&world, &args));
    insta::assert_snapshot!(told(&world, &["gzip", "--nice", "3"]));
    let doc = world.tacho(&["config", "--json", "--profile", "ci", "sort"]).exits(0).json();
    schema::check("config", &doc);
    assert_eq!(doc["profiles"], serde_json::json!(["ci"]));
    assert_eq!(doc["sections"][0]["workload"], "sort");
    let runs = doc["sections"][0]["settings"].as_array().unwrap();
    let runs = runs.iter().find(|setting| setting["key"] == "runs").unwrap();
    let source = serde_json::json!({"layer": "profile", "place": "tacho.toml:6:8"});
    assert_eq!(*runs, serde_json::json!({"key": "runs", "value": "30", "source": source}));
}

#[test]
fn without_a_manifest() {
    let world = World::new();
    world.write("../home/.config/tacho/config.toml", "[defaults]\nprecision = \"5%\"\n");
    let told = told(&world, &[]);
    let line = told.lines().find(|line| line.starts_with("precision")).unwrap();
    assert!(line.ends_with("user ~/.config/tacho/config.toml:2:13"), "{line}");
    world.tacho(&["config", "sort"]).exits(2).says(&["there is no manifest"]);
}

#[test]
fn mistakes() {
    for (args, said) in [
        (&["srot"][..], "no workload is selected by `srot`; there is sort"),
        (&["--tag", "x"], "--tag has no meaning for `tacho config`"),
        (&["-L", "a", "1"], "-L has no meaning"),
        (&["--", "true"], "a command after -- has no meaning"),
        (&["--profile", "cii"], "--profile: there is no [profile.cii]; did you mean `ci`?"),
        (&["--nice", "x"], "not a whole number"),
        (&["-x", "--profile", "ci"], "profiles stand in a manifest, and there is none"),
    ] {
        world().tacho(&[&["config"], args].concat()).exits(2).says(&[said]);
    }
}
