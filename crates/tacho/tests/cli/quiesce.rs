//! What else runs on the machine: paused before the first run, resumed after the last; waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::Signal;
use tacho_schema::{CaptureState, CutShort};

use crate::world::{World, await_that};

/// A project that logs when something is paused and resumed.
fn world(rest: &str) -> World {
    with("echo before >>log", "echo after >>log", rest)
}

fn with(before: &str, after: &str, rest: &str) -> World {
    let quiesce = format!("[quiesce]\nbefore = '{before}'\nafter = '{after}'\n");
    World::with(&format!("{quiesce}{rest}"))
}

const ONE: &str = "[[workload]]\nname = \"one\"\nruns = 2\ncommand = \"echo run >>log\"\n";

#[test]
fn once_around_everything() {
    let world = world(
        r#"
        [defaults]
        runs = 2
        warmup = 1
        cleanup = "echo cleanup >>log"
        [[workload]]
        name = "one"
        setup = "echo setup >>log"
        command = "echo run >>log"
        [[workload]]
        name = "two"
        setup = "echo other >>log"
        command = "echo run >>log"
        "#,
    );
    world.tacho(&["run"]).exits(0);
    let log = world.lines("log");
    assert_eq!((log[0].as_str(), log[log.len() - 1].as_str()), ("before", "after"), "{log:?}");
    let count = |text: &str| log.iter().filter(|line| *line == text).count();
    let counts = ["before", "after", "setup", "other", "run", "cleanup"].map(count);
    assert_eq!(counts, [1, 1, 1, 1, 6, 1], "{log:?}");
    assert_eq!(world.rows().len(), 4, "neither is a row");
    for words in [&["plan"][..], &["list"], &["show"]] {
        world.tacho(words).exits(0);
    }
    assert_eq!(world.lines("log").len(), log.len(), "only a run does it");
}

/// One of the two may be missing, or be words without a shell.
#[test]
fn one_of_both() {
    for (keys, expected) in [
        ("before = [\"sh\", \"-c\", \"echo before >>log\"]", &["before", "run", "run"][..]),
        ("after = 'echo after >>log'", &["run", "run", "after"]),
    ] {
        let world = World::with(&format!("[quiesce]\n{keys}\n{ONE}"));
        world.tacho(&["run"]).exits(0);
        assert_eq!(world.lines("log"), expected);
    }
}

#[test]
fn what_was_paused_goes_on_after_failures() {
    for (keys, expected) in [
        ("command = 'echo run >>log; exit 3'", &["before", "run", "after"][..]),
        ("command = 'true'\nsetup = 'exit 3'", &["before", "after"]),
        ("command = ['./none']\nsetup = 'echo set >>log'", &["before", "set", "after"]),
        ("command = 'exec sleep 600'\ntimeout = '100ms'", &["before", "after"]),
    ] {
        let world = world(&format!("[[workload]]\nname = 'one'\n{keys}\n"));
        world.tacho(&["run"]).exits(4);
        assert_eq!(world.lines("log"), expected, "{keys}");
    }
}

/// What is known to be missing is said before anything is paused.
#[test]
fn nothing_is_paused_for_nothing() {
    let workload = world("[[workload]]\nname = 'one'\ncommand = ['./none']\n");
    workload.tacho(&["run"]).exits(4).says(&["`./none` does not exist", "nothing was measured"]);
    assert_eq!(workload.lines("log"), [""; 0]);
    for (before, after, told) in [
        ("['./none', '--stop']", "'echo after >>log'", "before `./none --stop`: `./none` does not"),
        ("'echo before >>log'", "['./none', '--start']", "after `./none --start`: `./none` does"),
        ("['nonexist']", "''", "before `nonexist`: `nonexist` does not exist"),
    ] {
        let quiesce = format!("[quiesce]\nbefore = {before}\nafter = {after}\n");
        let world = World::with(&format!("{quiesce}{ONE}"));
        let output = world.tacho(&["run"]).exits(5);
        output.says(&[
            "error: cannot run [quiesce] ",
            told,
            "give its path",
            "nothing was measured",
        ]);
        assert_eq!(world.lines("log"), [""; 0], "{before} {after}");
    }
}

#[test]
fn when_pausing_fails_nothing_is_measured() {
    for (end, told) in [
        ("echo >&2; echo why >&2; exit 3", "exit 3` failed with exit code 3: why"),
        ("kill -9 $$", "kill -9 $$` was ended by SIGKILL"),
    ] {
        let world = with(&format!("echo before >>log; {end}"), "echo after >>log", ONE);
        let output = world.tacho(&["run"]).exits(5);
        output.says(&["error: [quiesce] before `echo before", told, "nothing was measured"]);
        // It may have done a part before.
        assert_eq!(world.lines("log"), ["before", "after"]);
        assert_eq!(world.captures().len(), 0);
        assert_eq!(world.names(".tacho/journal"), [""; 0]);
    }
}

#[test]
fn when_resuming_fails_what_was_measured_is_kept() {
    let world = with("echo before >>log", "echo after >>log; echo why >&2; exit 3", ONE);
    let output = world.tacho(&["run"]).exits(5);
    output.says(&[
        "error: [quiesce] after `echo after",
        "exit 3` failed with exit code 3: why",
        "what was paused may still be: run it by hand",
    ]);
    assert_eq!(world.lines("log"), ["before", "run", "run", "after"]);
    assert_eq!((world.newest().summary.state, world.rows().len()), (CaptureState::Complete, 2));
}

#[test]
fn what_was_paused_goes_on_after_a_signal() {
    let hangs = "[[workload]]\nname = 'one'\nruns = 3\n\
                 command = '''echo run >>log; [ $(grep -c run log) -lt 2 ] || exec sleep 600'''\n";
    for (signal, code, why) in
        [(Signal::INT, 130, CutShort::Interrupted), (Signal::TERM, 143, CutShort::Terminated)]
    {
        let world = world(hangs);
        let tacho = world.start(&["run"]);
        await_that("a second run", || world.lines("log").len() == 3);
        tacho.signal(signal);
        tacho.end().exits(code);
        assert_eq!(world.lines("log"), ["before", "run", "run", "after"]);
        let summary = world.newest().summary;
        assert_eq!((summary.cut_short, summary.rows), (Some(why), 1));
    }
}

#[test]
fn a_signal_while_it_is_paused() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let world = with("echo before >>log; exec sleep 600", "echo after >>log", ONE);
        let tacho = world.start(&["run"]);
        world.await_line("log", "before");
        tacho.signal(signal);
        let output = tacho.end().exits(code).says(&["stopped; nothing was measured"]);
        assert_eq!(output.stderr.matches("nothing was measured").count(), 1, "{}", output.stderr);
        assert_eq!(world.lines("log"), ["before", "after"]);
        assert_eq!(world.captures().len(), 0);
    }
}

/// Somebody who works until it is dropped: the machine is not quiet.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn start() -> Self {
        let ends = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&ends);
        std::thread::spawn(move || while !seen.load(Ordering::Relaxed) {});
        Self(ends)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_quiet_machine_is_waited_for_and_no_longer() {
    let world = world(ONE);
    let _busy = Busy::start();
    let output = world.tacho(&["run", "--quiet-wait", "1s"]).exits(0).says(&[
        "note: waiting at most 1.00 s for a quiet machine: ",
        "note: the machine did not become quiet in ",
        "; measuring all the same",
    ]);
    assert!(output.stderr.contains(" processors busy"), "{}", output.stderr);
    assert_eq!(world.lines("log"), ["before", "run", "run", "after"]);
    assert_eq!(world.rows().len(), 2);
}

#[test]
fn waiting_for_a_quiet_machine_can_be_stopped() {
    let world = world(ONE);
    let _busy = Busy::start();
    let tacho = world.start(&["run", "--quiet-wait", "10min"]);
    await_that("a note that it waits", || tacho.stderr_so_far().contains("waiting at most"));
    assert_eq!(world.lines("log"), ["before"], "what is paused is not waited for");
    tacho.signal(Signal::INT);
    tacho.end().exits(130).says(&["stopped; nothing was measured"]);
    assert_eq!(world.lines("log"), ["before", "after"]);
    assert_eq!(world.captures().len(), 0);
}
