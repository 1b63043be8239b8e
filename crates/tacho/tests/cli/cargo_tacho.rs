//! `cargo tacho`: the same program, found by cargo.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::world::World;

fn folder_of(program: &str) -> PathBuf {
    Path::new(program).parent().unwrap().to_owned()
}

fn run(world: &World, program: &str, words: &[&str], path: &[PathBuf]) -> Output {
    let mut command = Command::new(program);
    let around = world.command(&[]);
    let around = around.get_envs().filter_map(|(name, value)| Some((name, value?)));
    command.env_clear().envs(around).env("PATH", std::env::join_paths(path).unwrap());
    command.args(words).current_dir(world.project()).output().unwrap()
}

#[test]
fn cargo_finds_it() {
    let world = World::new();
    let cargo = std::env::var("CARGO").expect("tests are started by cargo");
    let path = [folder_of(env!("CARGO_BIN_EXE_cargo-tacho"))];
    let version = concat!("tacho ", env!("CARGO_PKG_VERSION"), "\n");
    let output = run(&world, &cargo, &["tacho", "--version"], &path);
    assert_eq!(String::from_utf8_lossy(&output.stdout), version, "{output:?}");
    // Words and exit codes go through.
    let output = run(&world, &cargo, &["tacho", "show", "nonsense"], &path);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no captures yet"), "{output:?}");
}

#[test]
fn it_looks_beside_itself_and_on_the_path() {
    let world = World::new();
    let own = env!("CARGO_BIN_EXE_cargo-tacho");
    std::fs::create_dir(world.path("bin")).unwrap();
    let alone = world.path("bin/cargo-tacho");
    std::fs::copy(own, &alone).unwrap();
    let alone = alone.to_str().unwrap();
    let none = run(&world, alone, &["tacho", "--version"], &[world.path("bin")]);
    let told = String::from_utf8_lossy(&none.stderr).into_owned();
    assert_eq!(none.status.code(), Some(5), "{none:?}");
    assert!(told.contains("cannot run tacho: ") && told.contains("cargo install"), "{told}");

    let on_path = run(&world, alone, &["tacho", "--version"], &[folder_of(own)]);
    assert!(on_path.status.success(), "{on_path:?}");

    // A link leads to the folder that both are in.
    std::os::unix::fs::symlink(own, world.path("link")).unwrap();
    let link = world.path("link");
    let by_link = run(&world, link.to_str().unwrap(), &["tacho", "--version"], &[]);
    assert!(by_link.status.success(), "{by_link:?}");
}
