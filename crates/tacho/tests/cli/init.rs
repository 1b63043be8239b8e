//! `tacho init`: a first manifest.

use std::os::unix::fs::PermissionsExt;

use crate::world::{Output, World};

/// A folder with something of every kind, on a machine that has no cargo.
fn world() -> World {
    let world = World::new();
    world.write("Cargo.toml", "[package]\nname = \"app\"\n[[bench]]\nname = \"sort\"\n");
    world.write("src/main.rs", "");
    world.write("Makefile", ".PHONY: bench\nbench:\n\tsleep 0\n");
    world.write("package.json", r#"{"scripts": {"test": "true", "start": "serve"}}"#);
    world.write("pytest.ini", "[pytest]\n");
    for tool in ["make", "npm", "python3"] {
        world.write(&format!("bin/{tool}"), "#!/bin/sh\n");
        let path = world.path(&format!("bin/{tool}"));
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
            .expect("the file is ours");
    }
    world
}

fn init(world: &World, words: &[&str]) -> Output {
    let mut command = world.command(&[&["init"], words].concat());
    command.env("PATH", world.path("bin"));
    world.launch(command).end()
}

#[test]
fn it_fits_the_folder() {
    let world = world();
    let output = init(&world, &[]).exits(0);
    insta::assert_snapshot!("init_told", format!("{}--\n{}", output.stdout, output.stderr));
    insta::assert_snapshot!("init_manifest", world.read("tacho.toml"));
    // The manifest is one that `run` takes: it is told of a filter that selects nothing.
    world.tacho(&["run", "nonsense"]).exits(2).says(&["nonsense", "make/bench"]);
}

#[test]
fn what_is_there_stays() {
    let world = world();
    world.write("tacho.toml", "mine");
    init(&world, &[]).exits(2).says(&["there is a tacho.toml here already", "--force", "--stdout"]);
    let shown = init(&world, &["--stdout"]).exits(0).shows(&["[[workload]]"]);
    assert_eq!(world.read("tacho.toml"), "mine");
    init(&world, &["--force"]).exits(0);
    assert_eq!(world.read("tacho.toml"), shown.stdout);
    // A link that leads nowhere is there too, and a folder is nothing to replace.
    std::fs::remove_file(world.path("tacho.toml")).unwrap();
    std::os::unix::fs::symlink("elsewhere", world.path("tacho.toml")).unwrap();
    init(&world, &[]).exits(2);
    std::fs::remove_file(world.path("tacho.toml")).unwrap();
    std::fs::create_dir(world.path("tacho.toml")).unwrap();
    init(&world, &["--force"]).exits(5).says(&["cannot write tacho.toml"]);
}

#[test]
fn the_example_runs() {
    let world = World::new();
    world.tacho(&["init"]).exits(0).in_silence().shows(&["an example that works"]);
    world.tacho(&["run", "-r", "1"]).exits(0);
    assert_eq!(world.rows().len(), 4);
    assert_eq!(world.names("."), [".tacho", "tacho.toml"], "what it made is gone");
}
