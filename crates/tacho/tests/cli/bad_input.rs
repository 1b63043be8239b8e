//! Manifests and stores that are wrong: exit 2 with a place, or 5, and nothing written.

use std::fs::create_dir;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::world::World;

/// Every verb that reads the manifest refuses this one, at this place, and writes nothing.
fn refused(manifest: impl AsRef<[u8]>, told: &[&str]) {
    let world = World::new();
    world.write("tacho.toml", manifest);
    let output = world.tacho(&["run"]).exits(2).says(told);
    assert_eq!(output.stdout, "");
    assert_eq!(world.names("."), ["tacho.toml"]);
}

#[test]
fn manifests_with_a_fault() {
    let workload = "[[workload]]\nname = \"a\"\ncommand = [\"true\"]\n";
    let with = |line: &str| format!("{workload}{line}\n");
    for (manifest, told) in [
        (with("tiemout = \"5s\""), &["tacho.toml:4:1: unknown key `tiemout`", "`timeout`?"][..]),
        (with("timeout = \"5 parsecs\""), &["tacho.toml:4:11: timeout: unknown unit `parsecs`"]),
        (with("timeout = 5"), &["tacho.toml:4:11"]),
        (with("precision = \"2\""), &["tacho.toml:4:13: precision: 2 has no unit"]),
        (with("shell = \"\""), &["tacho.toml:4:9: shell: there is no shell", "`shell = false`"]),
        (with("cpus = \"0-\""), &["tacho.toml:4:8: cpus: \"0-\" lacks a number"]),
        (with("memory_max = 0"), &["tacho.toml:4:14: memory_max: \"0\" is less", "\"none\""]),
        (with("params.n = []"), &["tacho.toml:4:12: params.n: the parameter `n` has no values"]),
        (with("params.n = 1"), &["tacho.toml:4:12: params.n: the values stand in an array"]),
        (with("params.n = [1, 1]"), &["tacho.toml:4:16", "the value `1` is there twice"]),
        (with("dir = \"..\""), &["tacho.toml:4:7: dir: `..` leaves the project"]),
        (with("dir = \"a/../../b\""), &["tacho.toml:4:7: dir: `a/../../b` leaves the project"]),
        (with("dir = \"/tmp\""), &["tacho.toml:4:7: dir: `/tmp` is absolute"]),
        (with("stdin = \"../x\""), &["tacho.toml:4:9: stdin: `../x` leaves the project"]),
        (with("dir = \"{n}\"\nparams.n = [\"..\"]"), &["tacho.toml:4:7: dir: `..` leaves"]),
        (
            with("setup = \"echo {nn}\"\nparams.n = [1]"),
            &["tacho.toml:4:9: setup: `{nn}`", "`{n}`?"],
        ),
        (with("runs = 3\nmin_runs = 4"), &["tacho.toml:4:8: runs = 3 means exactly 3"]),
        (with("min_runs = 9\nmax_runs = 4"), &["tacho.toml:4:12: min_runs (9) is over max_runs"]),
        (with("name = \"b\""), &["tacho.toml:4:1"]),
        (with(workload), &["tacho.toml:5:8: the name `a` is taken", "tacho.toml:2:8"]),
        (with("[defualts]"), &["tacho.toml:4:2: unknown key `defualts`", "`defaults`?"]),
        ("[[workload]]\nname = \"ü\ncommand = 1".to_owned(), &["tacho.toml:2:"]),
        ("[[workload]]\nname = \"a\"\n".to_owned(), &["tacho.toml:1:1: this [[workload]] has no"]),
        (String::new(), &["tacho.toml:1:1: there is no [[workload]] in it"]),
        (format!("{}x", "[".repeat(100_000)), &["tacho.toml:1:"]),
    ] {
        refused(manifest, told);
    }
}

#[test]
fn all_faults_are_told_at_once() {
    refused(
        "[defaults]\nprecison = \"2%\"\n[[workload]]\nname = \"a\"\ncomand = [\"true\"]\n",
        &["tacho.toml:2:1", "`precision`?", "tacho.toml:5:1", "`command`?"],
    );
}

/// Numbers that look random and are the same every time.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

#[test]
fn manifests_of_random_bytes() {
    for seed in 1..=8 {
        refused(noise(seed, 1 << (2 * seed)), &["error: tacho.toml:1:"]);
        // Bytes that are text.
        let text: Vec<u8> = noise(seed, 4096).iter().map(|byte| byte % 95 + 32).collect();
        refused(text, &["error: tacho.toml:1:"]);
    }
    refused(vec![b'#'; (4 << 20) + 1], &["tacho.toml:1:1", "over the 4,194,304 allowed"]);
    refused(*b"\xef\xbb\xbf\0", &["tacho.toml:1:"]);
}

#[test]
fn folders_that_leave_the_project_by_a_link() {
    for (line, place) in [
        ("dir = \"out\"", "tacho.toml:5:7: dir: `out`"),
        ("dir = \"out/bin\"", "tacho.toml:5:7: dir: `out/bin`"),
        ("stdin = \"out/bin/sh\"", "tacho.toml:5:9: stdin: `out/bin/sh`"),
        ("dir = \"in/out\"", "tacho.toml:5:7: dir: `in/out`"),
        ("dir = \"{n}\"\nparams.n = [\"in\", \"out\"]", "tacho.toml:5:7: dir: `out`"),
    ] {
        let world = World::new();
        let workload = "[[workload]]\nname = \"a\"\ncommand = [\"true\"]\nsetup = \"echo >>log\"\n";
        world.write("tacho.toml", format!("{workload}{line}\n"));
        symlink("/usr", world.path("out")).unwrap();
        symlink(".", world.path("in")).unwrap();
        world.tacho(&["run"]).exits(2).says(&[place, "leads out of the project, to /usr"]);
        assert_eq!(world.names("."), ["in", "out", "tacho.toml"]);
    }
}

/// Puts something at a path.
type Make = fn(&Path);

/// A manifest that cannot be one does not count as none, nor does one above it count in its place.
#[test]
fn manifests_that_are_no_files() {
    let kinds: [(&str, Make); 4] = [
        ("is a link to nothing", |path| symlink("gone", path).unwrap()),
        ("cannot be opened: Too many levels", |path| symlink("tacho.toml", path).unwrap()),
        ("is no regular file", |path| {
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        }),
        ("is a folder, not a file", |path| create_dir(path).unwrap()),
    ];
    for (told, make) in kinds {
        let world = World::new();
        create_dir(world.path(".git")).unwrap();
        world.write("sub/.keep", "");
        make(&world.path("tacho.toml"));
        for words in [&["run"][..], &["run", "true"], &["list"], &["history"]] {
            for folder in ["", "sub"] {
                let output = world.tacho_in(folder, words).exits(2);
                output.says(&["/tacho.toml is there, and ", told, "-x does without"]);
            }
        }
        world.tacho(&["run", "--manifest", "tacho.toml"]).exits(2).says(&["tacho.toml: it ", told]);
        for words in [&["-x", "true"][..], &["--", "true"]] {
            let beside = ["note: kept in your own store: `tacho show -x`"];
            world.tacho(&[&["run", "-r", "1"], words].concat()).exits(0).says(&beside);
        }
    }
}

/// What was typed may lie anywhere.
#[test]
fn an_input_from_elsewhere() {
    let world = World::with("[[workload]]\nname = \"a\"\ncommand = \"cat >>log\"\nruns = 1\n");
    let outside = world.temporary().join("input");
    std::fs::write(&outside, "read\n").unwrap();
    world.tacho(&["run", "--input", outside.to_str().unwrap()]).exits(0).in_silence();
    assert_eq!(world.lines("log"), ["read"]);
}

/// A link that stays inside is as good as a folder.
#[test]
fn links_that_stay_inside() {
    let world = World::with(
        "[[workload]]\nname = \"a\"\ncommand = \"pwd -P >>log\"\ndir = \"link\"\nruns = 1\n",
    );
    world.write("real/.keep", "");
    symlink("real", world.path("link")).unwrap();
    world.tacho(&["run"]).exits(0).in_silence();
    assert!(world.lines("real/log")[0].ends_with("/real"));
}

/// What will be missing is told before anything is measured, where nothing makes it before.
#[test]
fn files_and_folders_that_are_not_there() {
    let manifest = |line: &str| {
        let first = "[[workload]]\nname = \"a\"\ncommand = \"echo >>log\"\nruns = 1\n";
        format!("{first}[[workload]]\nname = \"b\"\ncommand = [\"cat\"]\n{line}\n")
    };
    for (line, told) in [
        ("dir = \"sub\"", "tacho.toml:8:7: dir: there is no folder `sub`"),
        ("dir = \"file\"", "tacho.toml:8:7: dir: `file` is no folder"),
        ("stdin = \"in\"", "tacho.toml:8:9: stdin: there is no file `in`"),
        ("stdin = \"folder\"", "tacho.toml:8:9: stdin: `folder` is a folder, not a file to read"),
        ("stdin = \"file/in\"", "tacho.toml:8:9: stdin: cannot look at the file `file/in`: Not a"),
        ("stdin = \"{n}\"\nparams.n = [\"file\", \"in\"]", "8:9: stdin: there is no file `in`"),
        (
            "output = \"sub/out\"",
            "tacho.toml:8:10: output: `sub/out` cannot be written: there is no folder `sub`",
        ),
        ("output = \"folder\"", "tacho.toml:8:10: output: `folder` is a folder, not a file"),
    ] {
        let world = World::with(&manifest(line));
        world.write("folder/.keep", "");
        world.write("file", "");
        world.tacho(&["run", "-r", "1"]).exits(2).says(&[told, "nothing was measured"]);
        world.tacho(&["list"]).exits(0).in_silence();
        assert_eq!(world.names("."), ["file", "folder", "tacho.toml"], "{line}");
    }
    for (words, told) in [
        (&["--input", "in", "cat"][..], "error: --input: there is no file `/"),
        (&["--output", "sub/out", "true"], "error: --output: `/"),
        (&["--output", "/", "true"], "error: --output: `/` is a folder"),
        (&["--output", "/tmp/new/", "true"], "error: --output: `/tmp/new/` is a folder"),
    ] {
        World::new().tacho(&[&["run", "-r", "1"], words].concat()).exits(2).says(&[told]);
    }
}

#[test]
fn files_and_folders_that_are_made() {
    for (line, words) in [
        ("setup = \"mkdir sub\"\ndir = \"sub\"", &[][..]),
        ("prepare = \"echo >in\"\nstdin = \"in\"", &[]),
        ("output = \"sub/out\"", &["--setup", "mkdir sub"]),
        ("output = \"out\"", &[]),
    ] {
        let workload = "[[workload]]\nname = \"a\"\ncommand = [\"cat\"]\nruns = 1\n";
        let world = World::with(&format!("{workload}{line}\n"));
        let output = world.tacho(&[&["run"], words].concat());
        assert_ne!(output.code(), 2, "{line}: {}", output.stderr);
    }
}

#[test]
fn too_many_points() {
    let values: Vec<String> = (0..400).map(|n| n.to_string()).collect();
    let values = values.join(",");
    let workload = "[[workload]]\nname = \"a\"\ncommand = [\"echo\", \"{a}{b}\"]\n";
    let params = |values: &str| format!("params.a = [{values}]\nparams.b = [{values}]\n");
    refused(
        format!("{workload}{}", params(&values)),
        &[
            "tacho.toml:4:",
            "160,000 points are over the 100,000 allowed",
            "--max-points 160000",
            "max_points = 160000",
        ],
    );
    let world = World::new();
    world.tacho(&["run", "-P", "n", "1", "100001", "echo {n}"]).exits(2).says(&["100,001 points"]);
    world
        .tacho(&["run", "-P", "n", "1", "999999999999", "echo {n}"])
        .exits(2)
        .says(&["points are"]);
    let scan = ["-P", "n", "1", "3", "echo {n}"];
    let refused = world.tacho(&[&["run", "--max-points", "2"], &scan[..]].concat()).exits(2);
    refused.says(&["3 points are over the 2 allowed"]);
    world.tacho(&[&["run", "--max-points", "3", "-r", "1"], &scan[..]].concat()).exits(0);
    assert_eq!(world.rows().len(), 3);
}

/// Commands that read the store and those that write to it, without a manifest.
const VERBS: [&[&str]; 6] = [
    &["history"],
    &["show"],
    &["baseline", "list"],
    &["baseline", "save", "main"],
    &["run", "-r", "1", "--baseline", "main", "true"],
    &["run", "-r", "1", "true"],
];

/// A world whose store is `bytes`, which every verb refuses with `told` and leaves as they are.
fn refuses_store(bytes: &[u8], told: &str) {
    let world = World::new();
    std::fs::create_dir_all(world.user_state()).unwrap();
    std::fs::write(world.store_path(), bytes).unwrap();
    for words in VERBS {
        let output = world.tacho(words).exits(5).says(&["error: cannot", "history.db", told]);
        assert_eq!(output.stdout, "", "{words:?}");
        assert_eq!(std::fs::read(world.store_path()).unwrap(), bytes, "{words:?}");
    }
}

/// The bytes of a store with one capture, all of them in its one file.
fn store() -> Vec<u8> {
    let world = World::new();
    world.tacho(&["run", "-r", "1", "true"]).exits(0);
    std::fs::read(world.store_path()).unwrap()
}

#[test]
fn stores_that_are_none() {
    refuses_store(b"junk, and more of it than nothing\n", "this is not a database");
    refuses_store(&noise(7, 70_000), "this is not a database");
    let mut newer = store();
    // Where SQLite keeps `user_version`, big-endian.
    newer[60..64].copy_from_slice(&77_u32.to_be_bytes());
    refuses_store(&newer, "this store has version 77");
    let mut foreign = store();
    // And `application_id`.
    foreign[68..72].copy_from_slice(b"mine");
    refuses_store(&foreign, "the database of another application");
}

#[test]
fn stores_that_are_damaged() {
    let whole = store();
    for (from, until) in [(100, 600), (4096, whole.len()), (whole.len() / 2, whole.len())] {
        let world = World::new();
        std::fs::create_dir_all(world.user_state()).unwrap();
        let mut bytes = whole.clone();
        bytes[from..until].fill(0xa5);
        std::fs::write(world.store_path(), &bytes).unwrap();
        for words in VERBS {
            let output = world.tacho(words);
            assert!([0, 2, 5].contains(&output.code()), "{words:?}: {}", output.stderr);
        }
    }
}
