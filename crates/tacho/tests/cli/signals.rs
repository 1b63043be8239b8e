//! Ctrl-C and TERM: the first keeps what was measured, the second ends at once; `kill -9` loses
//! nothing that was done.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use rustix::process::Signal;
use tacho_schema::{CaptureState, CutShort};

use crate::world::{Running, World, await_end_of, await_that};

/// Ends well twice, then hangs; logs that TERM came, and heeds it or not.
fn manifest(on_term: &str) -> String {
    format!(
        r#"
        [defaults]
        runs = 9
        cleanup = "echo cleaned >>log"
        [[workload]]
        name = "hangs"
        command = '''
        echo run >>log
        if [ "$(grep -c run log)" -ge 3 ]; then
            trap 'echo term >>log{on_term}' TERM
            echo hanging >>log
            while :; do sleep 0.02; done
        fi
        '''
        "#
    )
}

fn hanging(on_term: &str) -> (World, Running) {
    let world = World::with(&manifest(on_term));
    let tacho = world.start(&["run"]);
    world.await_line("log", "hanging");
    (world, tacho)
}

#[test]
fn the_first_signal_commits_what_was_measured() {
    for (signal, code, why, said) in [
        (Signal::INT, 130, CutShort::Interrupted, "Ctrl-C"),
        (Signal::TERM, 143, CutShort::Terminated, "TERM signal"),
    ] {
        let (world, tacho) = hanging("; exit");
        tacho.signal(signal);
        tacho.end().exits(code).shows(&["hangs (after 2 runs)", said]);
        let summary = world.newest().summary;
        assert_eq!((summary.state, summary.cut_short), (CaptureState::CutShort, Some(why)));
        assert_eq!((summary.rows, world.rows().len()), (2, 2), "the run that was ended is no row");
        assert_eq!(world.lines("log"), ["run", "run", "run", "hanging", "term", "cleaned"]);
        assert_eq!(world.names(".tacho/journal"), [""; 0]);
        world.tacho(&["history"]).exits(0).shows(&["cut short"]);
        world.tacho(&["baseline", "save", "main"]).exits(2).says(&["no complete captures"]);
    }
}

#[test]
fn the_second_signal_ends_at_once() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let (world, tacho) = hanging("");
        tacho.signal(signal);
        world.await_line("log", "term");
        let spawners = tacho.children();
        assert_eq!(spawners.len(), 1);
        tacho.signal(signal);
        tacho.end().exits(code);
        await_end_of(&spawners);
        assert_eq!(world.captures().len(), 0);
        assert!(!world.lines("log").contains(&"cleaned".to_owned()));
        world.tacho(&["recover"]).exits(0).shows(&["recovered 2 rows, cut short"]);
        assert_eq!(world.rows().len(), 2);
    }
}

#[test]
fn stopped_before_the_first_row_keeps_nothing() {
    let world = World::new();
    let tacho = world.start(&["run", "-c", "echo cleaned >>log", "echo begun >>log; sleep 600"]);
    world.await_line("log", "begun");
    tacho.signal(Signal::INT);
    tacho.end().exits(130).says(&["stopped; nothing was measured"]);
    assert_eq!(world.lines("log"), ["begun", "cleaned"]);
    world.tacho(&["history"]).exits(0).shows(&["no captures yet"]).in_silence();
}

#[test]
fn stopped_in_its_set_up() {
    let world = World::new();
    let set_up = "echo begun >>log; sleep 600";
    let tacho = world.start(&["run", "-s", set_up, "-c", "echo cleaned >>log", "echo ran >>log"]);
    world.await_line("log", "begun");
    tacho.signal(Signal::INT);
    tacho.end().exits(130);
    assert_eq!(world.lines("log"), ["begun", "cleaned"]);
}

#[test]
fn a_cut_short_capture_is_no_baseline_unless_it_is_named() {
    let (world, _) = {
        let world = World::with(&manifest("; exit"));
        let tacho = world.start(&["run", "--save-baseline", "main"]);
        world.await_line("log", "hanging");
        tacho.signal(Signal::INT);
        let output = tacho.end().exits(130).says(&["cut short, so it is not made the baseline"]);
        (world, output)
    };
    let id = world.newest().header.id.to_string();
    world.tacho(&["baseline", "save", "main", &id]).exits(0).says(&["baseline `main` is now"]);
}

#[test]
fn killed_leaves_no_child_and_is_recovered() {
    let (world, tacho) = hanging("");
    tacho.kill();
    await_that("an end of every child", || world.alive().is_empty());
    let output = world.tacho(&["history"]).exits(0).shows(&["no captures yet"]);
    output
        .says(&["1 earlier run ended without saying so: `tacho recover` keeps its finished rows"]);
    world.tacho(&["recover"]).exits(0).shows(&["recovered 2 rows, cut short"]).in_silence();
    world.tacho(&["recover"]).exits(0).shows(&["nothing to recover"]);
    assert_eq!(world.newest().summary.cut_short, Some(CutShort::Recovered));
    world.tacho(&["show"]).exits(0).shows(&["killed, then recovered"]);
}

/// Ctrl-C while the environment is looked up: here while `git` is asked for the commit.
#[test]
fn stopped_before_anything_was_started() {
    let world = World::new();
    let git = "#!/bin/sh\ntrap '' INT\necho asked >>log\nuntil [ -e go ]; do sleep 0.02; done\n";
    world.write("bin/git", git);
    let script = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(world.path("bin/git"), script).unwrap();
    let mut command = world.command(&["run", "-s", "echo setup >>log", "echo ran >>log"]);
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", world.path("bin").display()));
    let tacho = world.launch(command);
    world.await_line("log", "asked");
    tacho.signal(Signal::INT);
    world.write("go", "");
    tacho.end().exits(130).says(&["stopped; nothing was measured"]);
    assert_eq!(world.lines("log"), ["asked"]);
}

/// Whether the process has a handler for Ctrl-C.
fn listens(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or("0");
    u64::from_str_radix(caught.trim(), 16).unwrap_or(0) & 0b10 != 0
}

/// From when it listens on, Ctrl-C at any moment ends in order: 130, or what the run ends with.
#[test]
fn interrupted_at_many_moments() {
    let world = World::with(
        "[defaults]\nruns = 5\nsetup = \"echo setup >>log\"\ncleanup = \"echo cleanup >>log\"\n\
         [[workload]]\nname = \"a\"\ncommand = [\"sleep\", \"0.005\"]\n\
         [[workload]]\nname = \"b\"\ncommand = \"true\"\n",
    );
    let mut codes = std::collections::BTreeMap::new();
    for moment in 0..24 {
        let tacho = world.start(&["run"]);
        await_that("a handler", || listens(tacho.pid()));
        std::thread::sleep(Duration::from_micros(moment * moment * 150));
        tacho.signal(Signal::INT);
        let code = tacho.end().code();
        assert!([0, 130].contains(&code), "{code} at {moment}");
        *codes.entry(code).or_insert(0) += 1;
        assert_eq!(world.names(".tacho/journal"), [""; 0]);
        let count = |text: &str| world.lines("log").iter().filter(|line| *line == text).count();
        assert_eq!(count("setup"), count("cleanup"), "at {moment}");
    }
    assert!(codes.contains_key(&130), "{codes:?}");
    for entry in world.captures() {
        assert_eq!(world.rows_of(&entry.header.id).len() as u64, entry.summary.rows);
    }
}

/// `nohup tacho run &` goes on when the terminal is closed.
#[test]
fn a_hang_up_that_was_told_to_be_ignored() {
    let world = World::new();
    let waits = "echo ran >>log; while ! [ -e go ]; do sleep 0.02; done";
    let tacho = world.launch(world.command_under(&["nohup"], &["run", "-r", "2", waits]));
    world.await_line("log", "ran");
    tacho.signal(Signal::HUP);
    world.write("go", "");
    tacho.end().exits(0);
    assert_eq!(world.rows().len(), 2);
}
