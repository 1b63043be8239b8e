//! Disks that are full and folders that cannot be written: exit 5, and nothing committed is lost.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::world::{World, skipped};

/// A mount that ends with the test.
struct Mounted(PathBuf);

impl Mounted {
    fn new(words: &[&str], at: &Path) -> Option<Self> {
        mount(words, at).then(|| Self(at.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(&self.0).output());
    }
}

fn mount(words: &[&str], at: &Path) -> bool {
    let done = Command::new("mount").args(words).arg(at).output();
    done.is_ok_and(|output| output.status.success())
}

/// A run that prints much for its journal: a failed run keeps what it printed.
const MANIFEST: &str = r#"
[[workload]]
name = "loud"
command = "head -c 60000 /dev/zero | tr '\\0' x; exit {n}"
params.n = [1, 2, 3, 4]
[[workload]]
name = "quiet"
command = ["true"]
runs = 20
"#;

/// Fills the disk at `folder` but for about `free` bytes.
fn fill(folder: &Path, free: u64) {
    let path = folder.join("filler");
    let full = std::fs::write(&path, vec![1; 8 << 20]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    let held = path.metadata().unwrap().len();
    let filler = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    filler.set_len(held.saturating_sub(free)).unwrap();
}

#[test]
fn a_full_disk_loses_nothing_that_was_committed() {
    let world = World::with(MANIFEST);
    std::fs::create_dir(world.path(".tacho")).unwrap();
    let state = world.path(".tacho");
    let Some(_disk) = Mounted::new(&["-t", "tmpfs", "-o", "size=4m", "tacho-test"], &state) else {
        return skipped("full_disk", "a tmpfs cannot be mounted here");
    };
    world.tacho(&["run", "quiet"]).exits(0);
    let first = world.newest();
    let mut refused = 0;
    for free in [0, 16 << 10, 64 << 10, 128 << 10, 192 << 10, 256 << 10, 384 << 10, 512 << 10] {
        fill(&state, free);
        let before = world.captures().len();
        let output = world.tacho(&["run"]);
        match output.code() {
            // The runs that failed are what the manifest asks for.
            4 => assert_eq!(world.captures().len(), before + 1),
            5 => {
                output.says(&["error: cannot", "hint: "]);
                assert_eq!(world.captures().len(), before, "{free}");
                refused += 1;
            }
            code => panic!("exit {code} with {free} bytes free: {}", output.stderr),
        }
        // Reading needs no room.
        world.tacho(&["history"]).exits(0).shows(&[first.header.id.as_str()]);
        assert_eq!(world.rows_of(&first.header.id).len(), 20);
        std::fs::remove_file(state.join("filler")).unwrap();
        world.tacho(&["recover"]).exits(0);
        assert_eq!(world.names(".tacho/journal"), [""; 0]);
        for entry in world.captures() {
            assert_eq!(world.rows_of(&entry.header.id).len() as u64, entry.summary.rows);
        }
    }
    assert!(refused >= 2, "only {refused} runs met the end of the disk");
    assert!(world.captures().len() > 2, "what a full disk stopped is recovered");
}

/// Every verb in a world whose state cannot be written; `committed` captures are in its store.
fn check_read_only(world: &World, committed: usize) {
    let doc = world.tacho(&["history", "--json"]).exits(0).json();
    assert_eq!(doc["captures"].as_array().unwrap().len(), committed);
    for words in [&["run"][..], &["baseline", "save", "main"], &["run", "-r", "3"]] {
        let expected = if committed == 0 && words[0] == "baseline" { 2 } else { 5 };
        let output = world.tacho(words).exits(expected);
        assert!(expected == 2 || output.stderr.contains("read-only"), "{}", output.stderr);
    }
    assert_eq!(world.read("log"), "", "nothing is measured that cannot be kept");
}

#[test]
fn a_store_that_cannot_be_written() {
    let world = World::with("[[workload]]\nname = \"a\"\ncommand = \"echo ran >>log\"\nruns = 1\n");
    world.tacho(&["run"]).exits(0);
    std::fs::remove_file(world.path("log")).unwrap();
    let state = world.path(".tacho");
    let Some(_view) = Mounted::new(&["--bind", state.to_str().unwrap()], &state) else {
        return skipped("read_only_store", "nothing can be mounted here");
    };
    assert!(mount(&["-o", "remount,ro,bind"], &state));
    check_read_only(&world, 1);
    world.tacho(&["show"]).exits(0);
}

#[test]
fn a_project_that_cannot_be_written() {
    let world = World::with("[[workload]]\nname = \"a\"\ncommand = [\"true\"]\nruns = 1\n");
    let project = world.project();
    let Some(_view) = Mounted::new(&["--bind", project.to_str().unwrap()], &project) else {
        return skipped("read_only_project", "nothing can be mounted here");
    };
    assert!(mount(&["-o", "remount,ro,bind"], &project));
    check_read_only(&world, 0);
    world.tacho(&["run", "--store", "memory:"]).exits(0);
}
