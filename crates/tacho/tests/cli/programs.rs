//! How programs are started: words, shells, launchers, variables, folders, input, parameters.

use std::os::unix::fs::PermissionsExt;

use tacho_schema::Status;

use crate::world::World;

/// A world with a program that logs its words, a line for each run.
fn world(manifest: Option<&str>) -> World {
    let world = manifest.map_or_else(World::new, World::with);
    world.write("say", "#!/bin/sh\nprintf '<%s>' \"$@\" >>\"$LOG\"; echo >>\"$LOG\"\n");
    let runnable = PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(world.path("say"), runnable).unwrap();
    world
}

/// Runs once with `args`; what the programs logged, and the labels of the table.
fn check(args: &[&str], logged: &[&str], labels: &[&str]) {
    let world = world(None);
    let log = format!("LOG={}", world.path("log").display());
    let words = [&["run", "-r", "1", "--seed", "1", "--env", &log], args].concat();
    world.tacho(&words).exits(0).in_silence();
    let mut lines = world.lines("log");
    lines.sort();
    assert_eq!(lines, logged, "{args:?}");
    let doc = world.tacho(&["show", "--json"]).exits(0).json();
    let points = doc["points"].as_array().unwrap();
    let found: Vec<&str> = points.iter().map(|point| point["label"].as_str().unwrap()).collect();
    assert_eq!(found, labels, "{args:?}");
}

#[test]
fn words_of_commands() {
    check(&["./say 'a b' $((1+1))"], &["<a b><2>"], &["./say 'a b' $((1+1))"]);
    check(&["-N", "./say 'a b' $((1+1))"], &["<a b><$((1+1))>"], &["./say 'a b' $((1+1))"]);
    check(&["-S", "none", "./say a  b"], &["<a><b>"], &["./say a  b"]);
    check(&["--", "./say", "a b", "-r", "$X"], &["<a b><-r><$X>"], &["./say 'a b' -r '$X'"]);
    check(
        &["-S", "bash", "./say ${BASH_VERSION:+bash}"],
        &["<bash>"],
        &["./say ${BASH_VERSION:+bash}"],
    );
    check(&["-S", "sh -e -c", "false || true; ./say $-"], &["<e>"], &["false || true; ./say $-"]);
    check(&["-x", "./say a", "./say b"], &["<a>", "<b>"], &["./say a", "./say b"]);
    check(&["-N", "-n", "first", "./say a", "./say b"], &["<a>", "<b>"], &["first", "./say b"]);
    check(&["--launcher", "env X='1 2'", "./say \"$X\""], &["<1 2>"], &["./say \"$X\""]);
}

#[test]
fn parameters_of_commands() {
    let list = &["-L", "n", "1,two,3", "./say {n} '{other}'"];
    check(
        list,
        &["<1><{other}>", "<3><{other}>", "<two><{other}>"],
        &["./say 1 '{other}'", "./say two '{other}'", "./say 3 '{other}'"],
    );
    check(
        &["-P", "n", "1", "3", "./say {n}"],
        &["<1>", "<2>", "<3>"],
        &["./say 1", "./say 2", "./say 3"],
    );
    check(
        &["-P", "n", "-2", "2", "-D", "2", "./say {n}"],
        &["<-2>", "<0>", "<2>"],
        &["./say -2", "./say 0", "./say 2"],
    );
    check(
        &["-P", "n", "0.1", "0.3", "-D", "0.1", "./say {n}"],
        &["<0.1>", "<0.2>", "<0.3>"],
        &["./say 0.1", "./say 0.2", "./say 0.3"],
    );
    check(
        &["-L", "a", "x,y", "-L", "b", "1,2", "./say {a}{b}"],
        &["<x1>", "<x2>", "<y1>", "<y2>"],
        &["./say x1", "./say x2", "./say y1", "./say y2"],
    );
    check(
        &["-L", "n", "1,2", "-n", "case {n}", "./say {n}"],
        &["<1>", "<2>"],
        &["case 1{n=1}", "case 2{n=2}"],
    );
}

const MANIFEST: &str = r#"
[defaults]
runs = 1
env = { LOG = "log", BOTH = "defaults" }
[[workload]]
name = "product"
command = ["./say", "{n}-{word}"]
params.n = [1, 2]
params.word = ["a", "b"]
[[workload]]
name = "env"
command = './say "$BOTH" "$OWN" "$INHERITED"'
env = { OWN = "own", BOTH = "workload" }
[[workload]]
name = "dir"
command = ["../say", "{where}"]
dir = "{where}"
params.where = ["sub"]
env = { LOG = "../log" }
[[workload]]
name = "stdin"
command = './say "$(cat)"'
stdin = "input.txt"
[[workload]]
name = "no-stdin"
command = './say "$(wc -c)"'
[[workload]]
name = "launched"
command = ["./say", "launched"]
launcher = ["env", "LOG=launched.log"]
[[workload]]
name = "array/is/no/shell"
command = ["./say", "$HOME"]
[[workload]]
name = "no shell"
shell = false
command = "./say 'no shell' $HOME"
"#;

#[test]
fn what_a_manifest_says_of_programs() {
    let world = world(Some(MANIFEST));
    world.write("sub/here", "");
    world.write("input.txt", "from a file");
    let mut command = world.command(&["run"]);
    command.env("INHERITED", "inherited");
    world.launch(command).end().exits(0).in_silence();
    let mut lines = world.lines("log");
    lines.sort();
    assert_eq!(
        lines,
        [
            "<$HOME>",
            "<0>",
            "<1-a>",
            "<1-b>",
            "<2-a>",
            "<2-b>",
            "<from a file>",
            "<no shell><$HOME>",
            "<sub>",
            "<workload><own><inherited>",
        ]
    );
    assert_eq!(world.lines("launched.log"), ["<launched>"]);
    let mut points: Vec<String> =
        world.rows().iter().map(|row| tacho_schema::Point::of(row).to_string()).collect();
    points.sort();
    assert_eq!(
        points,
        [
            "array/is/no/shell",
            "dir{where=sub}",
            "env",
            "launched",
            "no shell",
            "no-stdin",
            "product{n=1,word=a}",
            "product{n=1,word=b}",
            "product{n=2,word=a}",
            "product{n=2,word=b}",
            "stdin",
        ]
    );
}

#[test]
fn input_and_variables_by_flags() {
    let world = world(None);
    world.write("input.txt", "two\nlines\n");
    let log = format!("LOG={}", world.path("log").display());
    let flags = ["--env", &log, "--env", "A=x=y", "--input", "input.txt", "-w", "1"];
    let words = [&["run", "-r", "1"], &flags[..], &["./say \"$A\" $(wc -l)"]].concat();
    world.tacho(&words).exits(0).in_silence();
    assert_eq!(world.lines("log"), ["<x=y><2>", "<x=y><2>"], "each run reads from the start");
}

#[test]
fn exit_codes_that_are_allowed() {
    for (flags, status, code) in [
        (&[][..], Status::Error, 4),
        (&["-i"], Status::Ok, 0),
        (&["--ignore-failure"], Status::Ok, 0),
        (&["-i=all-non-zero"], Status::Ok, 0),
        (&["-i=1,7"], Status::Ok, 0),
        (&["-i=1"], Status::Error, 4),
    ] {
        let world = World::new();
        world.tacho(&[&["run", "-r", "2"], flags, &["exit 7"]].concat()).exits(code);
        let rows = world.rows();
        assert!(
            rows.iter().all(|row| row.status == status && row.exit_code == Some(7)),
            "{flags:?}"
        );
        assert_eq!(rows.len(), if code == 0 { 2 } else { 1 }, "{flags:?}");
    }
}

/// A signal is never an exit code that is allowed.
#[test]
fn a_crash_is_not_ignored() {
    let world = World::new();
    world.tacho(&["run", "-r", "2", "-i", "kill -SEGV $$"]).exits(4).shows(&["crashed: SIGSEGV"]);
}
