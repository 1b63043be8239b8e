//! One body of tests over both starters, with real programs.

mod bounds;

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::*;
use crate::program::Surroundings;

/// Long enough for anything here on the slowest machine.
const PATIENCE_NANOS: u64 = 60_000_000_000;

type Start = fn(OwnedFd) -> Box<dyn Spawner>;

/// Each starter; one at a time, because each kills whatever is left below our process.
const STARTERS: &[Start] = &[
    |wake| Box::new(crate::spawn_std::StdSpawner::start(wake).unwrap()),
    #[cfg(embedded_spawner)]
    |wake| Box::new(crate::spawn_embedded::EmbeddedSpawner::start(wake).unwrap()),
];

thread_local! {
    static QUIET: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Whether requests say that their program is quiet: to be wrong about that costs time only.
fn quiet() -> bool {
    QUIET.get()
}

fn each(test: impl Fn(&mut dyn Spawner)) {
    for start in STARTERS {
        for quiet in [false, true] {
            QUIET.set(quiet);
            // The other end stays open, so that waiting is never woken.
            let (wake, _other_end) = UnixStream::pair().unwrap();
            test(start(wake.into()).as_mut());
        }
    }
}

fn program(words: &[&str], dir: &str, stdin: Option<&str>) -> Program {
    let argv: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let env = BTreeMap::from([("GREETING".to_owned(), "hello there".to_owned())]);
    let surroundings = Surroundings::inherited();
    Program::find(&argv, &surroundings, &env, Path::new(dir), stdin.map(Path::new)).unwrap()
}

fn sh(line: &str) -> Program {
    program(&["sh", "-c", line], "/tmp", None)
}

fn run(spawner: &mut dyn Spawner, token: u64, program: &Program) -> Ended {
    spawner.submit(token, program, quiet()).unwrap();
    next_end(spawner)
}

fn next_end(spawner: &mut dyn Spawner) -> Ended {
    loop {
        let until = crate::clock::monotonic_nanos() + PATIENCE_NANOS;
        match spawner.wait(Some(until)).unwrap() {
            Event::Ended(ended) => {
                if ended.held {
                    spawner.go_on(Next::Resume).unwrap();
                }
                return *ended;
            }
            Event::Started { .. } => {}
            other => panic!("{}: {other:?}", spawner.name()),
        }
    }
}

#[test]
fn programs_end_as_they_end() {
    each(|spawner| {
        for (line, expected) in [
            ("exit 0", End::Exited(0)),
            ("exit 3", End::Exited(3)),
            ("kill -SEGV $$", End::Signaled(libc::SIGSEGV)),
            ("kill -KILL $$", End::Signaled(libc::SIGKILL)),
        ] {
            let ended = run(spawner, 1, &sh(line));
            assert_eq!(ended.end, expected, "{line} under {}", spawner.name());
            assert!(ended.pid > 1);
            assert!(ended.end_nanos > ended.start_nanos);
            assert!(ended.peak_rss_kb >= 100, "{} KiB", ended.peak_rss_kb);
        }
    });
}

#[test]
fn words_variables_folder_and_input_arrive() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    std::fs::write(&input, "from the file").unwrap();
    let dir = folder.path().to_str().unwrap();
    each(|spawner| {
        let line = r#"printf '%s|%s|' "$1" "$GREETING"; pwd -P; cat; echo oops >&2"#;
        let words = ["sh", "-c", line, "sh", "a word with 'quotes' and ünïcode"];
        let ended = run(spawner, 1, &program(&words, dir, Some(input.to_str().unwrap())));
        let here = folder.path().canonicalize().unwrap();
        assert_eq!(
            ended.stdout.text(),
            format!(
                "a word with 'quotes' and ünïcode|hello there|{}\nfrom the file",
                here.display()
            )
        );
        assert_eq!(ended.stderr.text(), "oops\n");
    });
}

#[test]
fn an_input_that_nobody_writes_to_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(made.success());
    each(|spawner| {
        let ended = run(spawner, 1, &program(&["cat"], "/", fifo.to_str()));
        assert_eq!(ended.end, End::Exited(0), "{}", spawner.name());
    });
}

#[test]
fn nothing_to_read_and_no_descriptors_of_ours() {
    each(|spawner| {
        let ended = run(spawner, 1, &sh("cat; for fd in /proc/self/fd/*; do echo $fd; done"));
        let seen: Vec<String> = ended
            .stdout
            .text()
            .lines()
            .map(|line| line.trim_start_matches("/proc/self/fd/").to_owned())
            .filter(|fd| fd.parse::<i32>().is_ok_and(|fd| fd > 3))
            .collect();
        // 3 is the shell's own, for reading the folder.
        assert!(seen.is_empty(), "{}: inherited {seen:?}", spawner.name());
    });
}

#[test]
fn a_gigabyte_is_swallowed_and_its_end_is_kept() {
    each(|spawner| {
        let ended = run(spawner, 1, &sh("head -c 1073741824 /dev/zero; printf END; exit 1"));
        assert_eq!(ended.end, End::Exited(1), "{}", spawner.name());
        assert_eq!(ended.stdout.total_bytes(), 1_073_741_827);
        assert!(ended.stdout.text().ends_with("\0END"));
        assert_eq!(ended.stdout.text().len(), 65536);
    });
}

#[test]
fn output_belongs_to_the_run_that_printed_it() {
    each(|spawner| {
        for token in 1..=8 {
            let exit = token % 2;
            spawner.submit(token, &sh(&format!("echo run {token}; exit {exit}")), quiet()).unwrap();
        }
        for token in 1..=8 {
            let ended = next_end(spawner);
            assert_eq!(ended.token, token);
            assert_eq!(ended.stdout.text(), format!("run {token}\n"), "{}", spawner.name());
        }
    });
}

#[test]
fn a_pipe_made_non_blocking_blocks_again_for_the_next() {
    each(|spawner| {
        let line = "import os, sys; os.set_blocking(1, False)";
        assert_eq!(
            run(spawner, 1, &program(&["python3", "-c", line], "/", None)).end,
            End::Exited(0)
        );
        let ended = run(spawner, 2, &sh("head -c 5000000 /dev/zero && exit 7"));
        assert_eq!(ended.end, End::Exited(7), "{}: {:?}", spawner.name(), ended.stderr);
    });
}

#[test]
fn what_is_left_behind_is_killed_and_counted() {
    // Nobody else on this machine sleeps for exactly so long.
    let nap = format!("sleep 61.{}", std::process::id());
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid").to_str().unwrap().to_owned();
    each(|spawner| {
        for (line, least) in [
            ("sleep 61 & exit 0", 1),
            ("setsid sleep 61 & sleep 0.02; exit 0", 1),
            ("(setsid sh -c 'sleep 61 & sleep 61' &) ; sleep 0.05", 3),
            // Each forks its successor and ends, in a session of its own.
            ("setsid sh -c 'f() { (f &) ; exit; }; f' & sleep 0.05", 1),
            ("true & wait", 0),
            // Killed by somebody else, before the end: not ours to count.
            ("(sleep 61 & echo $! >PIDFILE); kill -9 $(cat PIDFILE); sleep 0.05", 0),
        ] {
            let ended =
                run(spawner, 1, &sh(&line.replace("sleep 61", &nap).replace("PIDFILE", &pid_file)));
            assert_eq!(ended.end, End::Exited(0), "{line}");
            assert!(ended.leaked >= least, "{}: {line}: {}", spawner.name(), ended.leaked);
            assert!(least > 0 || ended.leaked == 0, "{line}: {}", ended.leaked);
        }
    });
    let left = std::process::Command::new("pgrep").args(["-fx", &nap]).output().unwrap();
    assert!(left.stdout.is_empty(), "{}", String::from_utf8_lossy(&left.stdout));
}

#[test]
fn a_missing_folder_input_or_program_is_told_apart() {
    each(|spawner| {
        let gone = tempfile::tempdir().unwrap();
        let dir = gone.path().to_str().unwrap().to_owned();
        let in_dir = program(&["sh", "-c", "true"], &dir, None);
        let input = program(&["sh", "-c", "true"], "/", Some("/nonexistent/input"));
        drop(gone);
        for program in [&in_dir, &input] {
            let ended = run(spawner, 1, program);
            let End::NotStarted { errno, .. } = ended.end else {
                panic!("{}: {:?}", spawner.name(), ended.end)
            };
            assert_eq!(errno, libc::ENOENT);
        }
    });
}

#[test]
fn the_running_group_gets_the_signal() {
    each(|spawner| {
        spawner
            .submit(1, &sh("trap 'echo got it; exit 5' TERM; sleep 61.5 & wait"), false)
            .unwrap();
        let mut signalled = false;
        loop {
            let until = crate::clock::monotonic_nanos() + 200_000_000;
            match spawner.wait(Some(until)).unwrap() {
                Event::Started { token, .. } => assert_eq!(token, 1),
                // The shell has had time to set its trap.
                Event::Due => {
                    spawner.signal(1, libc::SIGTERM).unwrap();
                    signalled = true;
                }
                Event::Ended(ended) => {
                    assert!(signalled);
                    assert_eq!(ended.end, End::Exited(5));
                    assert_eq!(ended.stdout.text(), "got it\n");
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn memory_is_the_child_s_own() {
    let grow = |mebibytes: u32| {
        let line = format!("x = bytearray({mebibytes} << 20)");
        program(&["python3", "-S", "-E", "-c", &line], "/", None)
    };
    each(|spawner| {
        let large = run(spawner, 1, &grow(200));
        let small = run(spawner, 2, &grow(40));
        assert!(large.peak_rss_kb > 200 * 1024, "{}", large.peak_rss_kb);
        assert!(small.peak_rss_kb < 150 * 1024, "{}: {}", spawner.name(), small.peak_rss_kb);
        assert!(spawner.floor_kb().is_some_and(|floor| floor <= small.peak_rss_kb));
    });
}

#[test]
fn long_requests_and_many_of_them() {
    let long = "x".repeat(100_000);
    let words = ["sh", "-c", "printf %s \"$1$1\" | wc -c", "sh", &long];
    let program = program(&words, "/", None);
    each(|spawner| {
        for token in 1..=20 {
            spawner.submit(token, &program, quiet()).unwrap();
        }
        for token in 1..=20 {
            let ended = next_end(spawner);
            assert_eq!((ended.token, ended.stdout.text().trim()), (token, "200000"));
        }
    });
}

#[test]
fn a_held_end_can_drop_what_is_queued() {
    each(|spawner| {
        spawner.submit(1, &sh("exit 1"), quiet()).unwrap();
        for token in 2..=5 {
            spawner.submit(token, &sh("exit 0"), quiet()).unwrap();
        }
        loop {
            match spawner.wait(None).unwrap() {
                Event::Ended(ended) => {
                    assert!(ended.held && ended.token == 1);
                    spawner.go_on(Next::DiscardThrough(5)).unwrap();
                    break;
                }
                Event::Started { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(run(spawner, 6, &sh("exit 4")).end, End::Exited(4));
    });
}
