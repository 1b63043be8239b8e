//! What runs around the measured runs: when, how often, and what its failure means.

use crate::world::World;

#[test]
fn order_and_counts() {
    let world = World::new();
    world
        .tacho(&[
            "run",
            "-w",
            "1",
            "-r",
            "2",
            "-s",
            "echo setup >>log",
            "-p",
            "echo prepare >>log",
            "-C",
            "echo conclude >>log",
            "-c",
            "echo cleanup >>log",
            "echo run >>log",
        ])
        .exits(0)
        .in_silence();
    let each = ["prepare", "run", "conclude"];
    let expected = [&["setup"], &each[..], &each, &each, &["cleanup"]].concat();
    assert_eq!(world.lines("log"), expected);
    assert_eq!(world.rows().len(), 2);
}

/// Points that share the same set-up share its run; others are measured one after another.
#[test]
fn set_ups_that_are_shared() {
    let world = World::with(
        r#"
        [defaults]
        runs = 2
        setup = "echo setup >>log"
        cleanup = "echo cleanup >>log"
        [[workload]]
        name = "plain"
        command = "echo run >>log"
        params.n = [1, 2]
        [[workload]]
        name = "own"
        command = "echo own >>log"
        setup = "echo setup {n} >>log"
        cleanup = "echo cleanup {n} >>log"
        params.n = [1, 2]
        [[workload]]
        name = "none"
        command = "echo none >>log"
        setup = ""
        cleanup = ""
        "#,
    );
    let output = world.tacho(&["run"]).exits(0).says(&[
        "note: tacho.toml:9:20: the parameter `n` is used nowhere",
        "note: not interleaved: the 5 points are measured in 3 groups one after another",
    ]);
    assert_eq!(output.stderr.lines().count(), 2, "{}", output.stderr);
    let log = world.lines("log");
    let count = |text: &str| log.iter().filter(|line| *line == text).count();
    for (text, expected) in [
        ("setup", 1),
        ("cleanup", 1),
        ("run", 4),
        ("own", 4),
        ("none", 2),
        ("setup 1", 1),
        ("cleanup 1", 1),
        ("setup 2", 1),
        ("cleanup 2", 1),
    ] {
        assert_eq!(count(text), expected, "{text} in {log:?}");
    }
    let place = |text: &str| log.iter().position(|line| line == text).unwrap();
    let legs = [("setup 1", "cleanup 1"), ("setup 2", "cleanup 2")].map(|(first, last)| {
        assert_eq!(log[place(first) + 1..place(last)], ["own", "own"], "{log:?}");
        place(first)
    });
    assert!(legs[0] < legs[1], "{log:?}");
}

#[test]
fn one_for_all_commands_or_one_for_each() {
    let world = World::new();
    let flags = ["-s", "echo one >x", "-s", "echo two >x"];
    let commands = ["cat x >>log", "cat x >>log; true"];
    world.tacho(&[&["run", "-r", "2"], &flags[..], &commands].concat()).exits(0);
    assert_eq!(world.lines("log"), ["one", "one", "two", "two"]);
    world
        .tacho(&[&["run", "-r", "2", "-s", "true"], &flags[..], &commands].concat())
        .exits(2)
        .says(&["--setup: given 3 times beside 2 commands"]);
}

/// What a set-up makes may be the program that is measured, its folder, or its input.
#[test]
fn a_set_up_makes_what_is_measured() {
    let world = World::with(
        r#"
        [[workload]]
        name = "made"
        command = ["./program"]
        dir = "made"
        stdin = "made/input"
        setup = '''
        mkdir -p ../made; cd ../made
        printf '#!/bin/sh\ncat >>../log\n' >program; chmod +x program; echo input >input
        '''
        runs = 2
        [[workload]]
        name = "not made"
        command = ["./nothing"]
        setup = "true"
        "#,
    );
    // Set-ups run in the point's folder, so it has to be there.
    world.write("made/.keep", "");
    world.tacho(&["run"]).exits(4).shows(&["`./nothing` does not exist, also after its set-up"]);
    assert_eq!(world.lines("log"), ["input", "input"]);
}

/// A hook that fails: the exit code, whether the command ran, and what the table says of it.
fn fails(flags: &[&str], code: i32, runs: usize, told: &str) {
    let world = World::new();
    let words = [&["run", "-r", "2"], flags, &["echo run >>log"]].concat();
    let output = world.tacho(&words).exits(code);
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(said.contains(told), "{flags:?}: no {told:?} in {said}");
    assert_eq!(world.lines("log").len(), runs, "{flags:?}");
}

#[test]
fn failures() {
    fails(
        &["-s", "echo why >&2; exit 3"],
        4,
        0,
        "set-up `echo why >&2; exit 3` failed with exit code 3",
    );
    fails(&["-s", "echo why >&2; exit 3"], 4, 0, "why");
    fails(&["-p", "exit 3"], 4, 0, "prepare `exit 3` failed with exit code 3");
    fails(&["-C", "kill $$"], 4, 1, "conclude `kill $$` was ended by SIGTERM");
    fails(&["-N", "-s", "./nothing"], 4, 0, "`./nothing` does not exist");
    fails(&["-c", "exit 3"], 0, 2, "clean-up `exit 3` failed with exit code 3");
    fails(&["-s", "exit 3", "-c", "echo cleaned >>log"], 4, 1, "set-up `exit 3` failed");
}

/// What a hook leaves in the background is ended with it; that is said, because whoever starts a
/// server that way wonders.
#[test]
fn a_set_up_that_leaves_something_behind() {
    let world = World::new();
    let set_up = "sleep 600 & echo $! >pid";
    let output = world.tacho(&["run", "-r", "1", "-s", set_up, "kill -0 $(cat pid)"]).exits(4);
    let said = output.stdout + &output.stderr;
    assert!(said.contains("outlived"), "{said}");
}

/// What was measured is shown and exported, though the machine is not as it was before.
#[test]
fn resuming_that_fails_hides_no_result() {
    let world = World::with(
        "[quiesce]\nafter = 'exit 3'\n[[workload]]\nname = 'one'\ncommand = 'true'\nruns = 2\n",
    );
    let words = ["run", "--export-json", "out.json", "--save-baseline", "base"];
    let output = world.tacho(&words).exits(5).shows(&["one", "complete, 2 rows"]);
    output.says(&["error: [quiesce] after `exit 3` failed", "run it by hand"]);
    assert!(!world.lines("out.json").is_empty());
    world.tacho(&["baseline", "show", "base"]).exits(0);
    let events = world.tacho(&["run", "--message-format", "json"]).exits(5);
    events.shows(&["\"exit\":5", "\"event\":\"result\""]);
}
