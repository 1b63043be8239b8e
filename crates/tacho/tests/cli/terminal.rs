//! On a terminal: a progress line that leaves nothing behind, tables that fit, and Ctrl-C by key.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::world::{World, await_that};

/// A terminal with a `tacho` on it.
struct Terminal {
    keys: File,
    child: Child,
    seen: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    fn start(world: &World, columns: u16, args: &[&str]) -> Self {
        let main: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&main).unwrap();
        unlockpt(&main).unwrap();
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&main, size).unwrap();
        let name = ptsname(&main, Vec::new()).unwrap().into_string().unwrap();
        let terminal = File::options().read(true).write(true).open(name).unwrap();
        // `setsid` makes it the controlling terminal, so that keys become signals.
        let child = world
            .command_under(&["setsid", "--ctty", "--wait"], args)
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR")
            .stdin(terminal.try_clone().unwrap())
            .stdout(terminal.try_clone().unwrap())
            .stderr(terminal)
            .spawn()
            .expect("setsid is installed");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (mut screen, sink) = (File::from(main.try_clone().unwrap()), Arc::clone(&seen));
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // The kernel answers with an error when nobody has the other side open any more.
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                sink.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self { keys: File::from(main), child, seen, reader }
    }

    /// All that was printed until now.
    fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
    }

    fn press(&mut self, key: u8) {
        self.keys.write_all(&[key]).unwrap();
    }

    /// Its exit code and all that it printed.
    fn end(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        self.reader.join().unwrap();
        let seen = String::from_utf8(self.seen.lock().unwrap().clone()).unwrap();
        assert!(!seen.contains("panicked"), "{seen}");
        (code, seen)
    }
}

/// What a reader still sees at the end: escape codes done away with, lines that were begun anew
/// replaced by what came last.
fn left(seen: &str) -> Vec<String> {
    let mut text = String::new();
    let mut rest = seen;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        text.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
        if after[end..].starts_with('K') {
            text.push('\r');
        }
        rest = &after[(end + 1).min(after.len())..];
    }
    text.push_str(rest);
    let text = text.replace("\r\n", "\n");
    text.lines().map(|line| line.rsplit('\r').next().unwrap_or_default().to_owned()).collect()
}

/// Runs once well, and then waits for `go`.
const WAITS: &str =
    "echo ran >>log; [ \"$(wc -l <log)\" -lt 3 ] || while ! [ -e go ]; do sleep 0.02; done";

#[test]
fn progress_with_the_time_left() {
    let world = World::new();
    let terminal = Terminal::start(&world, 80, &["run", "-r", "4", "-n", "waits", WAITS]);
    await_that("a progress line", || {
        let seen = terminal.seen();
        seen.contains("] about ") && seen.contains(" left, 0 of 1 points done, waits (2 runs)")
    });
    world.write("go", "");
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(0), "{seen}");
    let left = left(&seen);
    assert!(!left.iter().any(|line| line.contains("about ")), "{left:#?}");
    assert!(left.iter().any(|line| line.starts_with("waits ")), "{left:#?}");
    let widest = left.iter().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?} columns: {left:#?}");
    assert!(seen.contains("\u{1b}["), "on a terminal there is colour");
}

/// What a program prints itself stands on lines of its own.
#[test]
fn no_progress_between_a_programs_lines() {
    let world = World::new();
    let words = ["run", "-r", "2", "--show-output", "sleep 0.3; echo printed"];
    let (code, seen) = Terminal::start(&world, 80, &words).end();
    assert_eq!((code, seen.contains(" points done")), (Some(0), false), "{seen}");
    let printed = seen.lines().filter(|line| line.trim_end() == "printed").count();
    assert_eq!(printed, 2, "{seen}");
}

#[test]
fn tables_fit_narrow_terminals() {
    let world = World::new();
    let long =
        "true; : a long command, longer than any terminal is wide, with ünïcödé in it, and 日本";
    world.tacho(&["run", "-r", "6", long, "true"]).exits(0);
    for columns in (44..=110).step_by(6) {
        for words in [&["show"][..], &["history"]] {
            let (code, seen) = Terminal::start(&world, columns, words).end();
            assert_eq!(code, Some(0), "{seen}");
            // Characters, of which those of two columns are half as many.
            let widest = left(&seen).iter().map(|line| line.chars().count()).max();
            assert!(widest <= Some(usize::from(columns)), "{words:?} at {columns}:\n{seen}");
        }
    }
}

#[test]
fn control_c_by_key() {
    let world = World::new();
    let mut terminal = Terminal::start(&world, 80, &["run", "-r", "4", "-n", "waits", WAITS]);
    await_that("a third run", || world.lines("log").len() == 3);
    terminal.press(3);
    let (code, seen) = terminal.end();
    assert_eq!(code, Some(130), "{seen}");
    assert_eq!(world.rows().len(), 2, "{seen}");
    assert!(seen.contains("Ctrl-C"), "{seen}");
}

/// What each `--style` leaves of colours and of the progress line.
#[test]
fn styles() {
    for (style, colors, progress) in [
        ("auto", true, true),
        ("full", true, true),
        ("nocolor", false, true),
        ("color", true, false),
        ("basic", false, false),
    ] {
        let world = World::new();
        let words = ["run", "-r", "4", "--style", style, "-n", "waits", WAITS];
        let terminal = Terminal::start(&world, 80, &words);
        await_that("a third run", || world.lines("log").len() == 3);
        if progress {
            await_that("a progress line", || terminal.seen().contains("points done"));
        }
        world.write("go", "");
        let (code, seen) = terminal.end();
        assert_eq!(code, Some(0), "{seen}");
        assert_eq!(seen.contains("points done"), progress, "{style}: {seen}");
        // A progress line moves the cursor; only colours end in `m`.
        assert_eq!(seen.contains("\u{1b}[0m"), colors, "{style}: {seen:?}");
        assert!(left(&seen).iter().any(|line| line.starts_with("waits ")), "{style}: {seen}");
    }
}

/// Where there is no terminal, colours come only when they are asked for, against `NO_COLOR` too.
#[test]
fn styles_without_a_terminal() {
    let world = World::new();
    for (style, colors) in [("auto", false), ("basic", false), ("full", true), ("color", true)] {
        let words = ["run", "-r", "1", "--style", style, "true"];
        let output = world.command(&words).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(output.stdout.contains(&0x1b), colors, "{style}");
    }
    let output = world.tacho(&["run", "-r", "1", "--style", "none", "true"]).exits(0).in_silence();
    assert_eq!(output.stdout, "");
    assert_eq!(world.captures().len(), 5, "all are kept");
    assert_eq!(world.tacho(&["show", "--style", "none"]).exits(0).in_silence().stdout, "");
}
