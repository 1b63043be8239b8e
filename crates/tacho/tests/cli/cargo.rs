//! `tacho run` in a Cargo project: what cargo built is found, asked, and measured.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::world::{Output, World, skipped};

/// A cargo in sh: it tells what stands in `messages`, or fails with what stands in `broken`.
const CARGO: &str = r#"#!/bin/sh
echo "$@" >>"$ROOT/asked"
if [ "$1" = metadata ]; then cat "$ROOT/metadata"; exit; fi
if [ -e "$ROOT/broken" ]; then cat "$ROOT/broken" >&2; exit 101; fi
cat "$ROOT/messages"
"#;

/// A bench target that speaks the wire contract: one workload of its own name.
const SPEAKS: &str = r#"#!/bin/sh
name=${0##*/}
if [ "$1" = _list ]; then
  echo "{\"schema_version\":1,\"name\":\"$name/a\",\"kind\":\"fixed\"}"
  exit
fi
while [ $# -gt 0 ]; do
  if [ "$1" = --repeat-index ]; then index=$2; fi
  shift
done
echo "{\"schema_version\":1,\"kind\":\"fixed\",\"function\":\"$name/a\",\"repeat_index\":$index,\
\"total_nanos\":1000,\"inner_repeats\":1,\"status\":\"ok\"}"
pwd >>"$ROOT/started"
"#;

/// A Cargo project whose cargo builds these targets: a name, and what stands in the program.
struct Project {
    world: World,
}

impl Project {
    fn new(targets: &[(&str, &str)]) -> Self {
        let world = World::new();
        world.write("Cargo.toml", "[package]\nname = \"p\"\n");
        world.write("sub/inner/file", "");
        program(&world, "fake-cargo", CARGO);
        let mut messages = "a line that is no message\n".to_owned();
        for (name, text) in targets {
            program(&world, &format!("target/{name}"), text);
            let message = json!({
                "reason": "compiler-artifact",
                "manifest_path": world.path("Cargo.toml"),
                "target": { "kind": ["bench"], "name": name },
                "executable": world.path(&format!("target/{name}")),
            });
            messages += &format!("{message}\n");
        }
        world.write("messages", messages);
        let names: Vec<&str> = targets.iter().map(|(name, _)| *name).collect();
        let project = Self { world };
        project.declares(&names);
        project
    }

    /// What cargo says that there is.
    fn declares(&self, names: &[&str]) {
        let target = |name: &&str| json!({ "kind": ["bench"], "name": name });
        let targets: Vec<Value> = names.iter().map(target).collect();
        let root = self.world.project().canonicalize().unwrap();
        let manifest = root.join("Cargo.toml");
        let metadata = json!({
            "packages": [{ "id": "p", "manifest_path": manifest, "targets": targets }],
            "workspace_root": root,
            "workspace_default_members": ["p"],
        });
        self.world.write("metadata", metadata.to_string());
    }

    fn tacho_in(&self, folder: &str, args: &[&str]) -> Output {
        let mut command = self.world.command(args);
        command.env("CARGO", self.world.path("fake-cargo")).env("ROOT", self.world.project());
        command.current_dir(self.world.path(folder));
        self.world.launch(command).end()
    }

    fn tacho(&self, args: &[&str]) -> Output {
        self.tacho_in(".", args)
    }
}

fn program(world: &World, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    world.write(name, text);
    std::fs::set_permissions(world.path(name), PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn bench_targets_are_built_asked_and_measured() {
    let project = Project::new(&[("one", SPEAKS), ("two", SPEAKS), ("other", "#!/bin/sh\n")]);
    for folder in [".", "sub/inner"] {
        let said = project.tacho_in(folder, &["run", "-r", "2"]).exits(0);
        said.shows(&["one/a", "two/a", "1.00 µs"]).says(&["bench target other is not measured"]);
        let rows = project.world.rows();
        assert_eq!(rows.len(), 4, "{folder}");
    }
    let asked = project.world.lines("asked");
    assert!(asked[0].starts_with("bench --no-run --bench * --message-format json"), "{asked:?}");
    // As cargo starts them: in the folder of their package.
    let root = project.world.project().canonicalize().unwrap();
    let started = project.world.lines("started");
    assert!(started.iter().all(|folder| *folder == root.display().to_string()), "{started:?}");
    let said = project.tacho(&["run", "-r", "2", "--harness", "cargo", "two"]).exits(0);
    said.shows(&["two/a"]);
    assert_eq!(project.world.rows().len(), 2, "filtered");
    project.tacho(&["list"]).exits(0).shows(&["one/a", "two/a"]);
    project.tacho(&["verify"]).exits(0).shows(&["2 workloads verified"]);
    project.tacho(&["run", "-x"]).exits(2).says(&["nothing to measure"]);
}

#[test]
fn a_manifest_names_bench_targets() {
    let project = Project::new(&[("one", SPEAKS)]);
    project.world.write("tacho.toml", "[[workload]]\nharness = \"cargo:one\"\nruns = 2\n");
    project.tacho(&["run"]).exits(0).shows(&["one/a"]);
    let asked = project.world.lines("asked");
    assert!(asked[0].starts_with("bench --no-run --bench one "), "{asked:?}");
}

/// What is wrong, and how it is told: with what cargo said where it cannot build, in words of ours
/// where there is nothing to build.
#[test]
fn what_cannot_be_built_or_asked() {
    let project = Project::new(&[("criterion", "#!/bin/sh\necho Gnuplot not found\n")]);
    project.tacho(&["run"]).exits(2).says(&["bench target criterion", "tacho-bench"]);
    let said = project.tacho(&["run", "--harness", "cargo:criterion"]).exits(2);
    said.says(&["this Cargo project: bench target criterion"]);
    program(&project.world, "target/criterion", "#!/bin/sh\nexit 3\n");
    project.tacho(&["run"]).exits(2).says(&["criterion", "`_list` ended with exit code 3"]);

    project.world.write("broken", "error[E0308]: mismatched types\n");
    let said = project.tacho(&["run"]).exits(5);
    said.says(&["cannot build the bench targets", "cargo: error[E0308]: mismatched types"]);
    let said = project.tacho(&["run", "--harness", "cargo:nope"]).exits(2);
    said.says(&["no bench target `nope`; there is criterion"]);
    project.declares(&[]);
    project.tacho(&["run"]).exits(2).says(&["no bench target", "[[bench]]"]);
    project.world.write("metadata", "not JSON");
    project.tacho(&["list"]).exits(5).says(&["E0308"]);
    assert!(project.world.captures().is_empty());
}

#[test]
fn without_cargo_or_a_project() {
    let project = Project::new(&[]);
    let mut command = project.world.command(&["run"]);
    command.env("CARGO", "/nowhere/cargo");
    let said = project.world.launch(command).end().exits(5);
    said.says(&["cannot start /nowhere/cargo", "https://rustup.rs"]);
    let world = World::new();
    world.tacho(&["run", "--harness", "cargo"]).exits(2).says(&["no Cargo.toml"]);
}

/// A build may take minutes: what ends us ends it too, and is no failed build.
#[test]
fn a_signal_ends_a_build() {
    let project = Project::new(&[]);
    program(
        &project.world,
        "fake-cargo",
        "#!/bin/sh\necho begun >>\"$ROOT/asked\"\nexec sleep 300\n",
    );
    let mut command = project.world.command(&["run"]);
    command.env("CARGO", project.world.path("fake-cargo")).env("ROOT", project.world.project());
    let running = project.world.launch(command);
    project.world.await_line("asked", "begun");
    running.signal(Signal::TERM);
    running.end().exits(143).says(&["stopped; nothing was measured"]);
}

#[test]
fn words_in_a_cargo_project_are_commands() {
    let project = Project::new(&[("one", SPEAKS)]);
    project.tacho(&["run", "./one"]).exits(4).says(&["--harness cargo FILTER"]);
}

/// The example of the book, built by the real cargo: skipped where there is none, or where it
/// cannot build without the network.
#[test]
fn the_real_cargo_builds_the_example() {
    let name = "the_real_cargo_builds_the_example";
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/bench-sort");
    let world = World::new();
    let mut command = world.command(&["verify", "--store", "memory:"]);
    command.current_dir(example).env("CARGO_NET_OFFLINE", "true");
    for key in
        ["HOME", "CARGO", "CARGO_HOME", "CARGO_TARGET_DIR", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"]
    {
        command.envs(std::env::var_os(key).map(|value| (key, value)));
    }
    // The build that the tests are of has most of what the example needs, but for the profile.
    command.env("CARGO_PROFILE_BENCH_OPT_LEVEL", "1");
    let output = world.launch(command).end();
    if output.code() == 5 {
        skipped(name, &output.stderr);
        return;
    }
    output.exits(0).shows(&["sort/heap{param=100}", "workloads verified in"]);
}
