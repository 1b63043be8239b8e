//! Programs that misbehave: each has its status, and none outlives the run.
//!
//! That none does is held by the world's own end.

use tacho_schema::{Row, Status};

use crate::world::{World, await_that};

/// The one row of a point of which the first run fails.
fn failed_row(world: &World, words: &[&str], shown: &[&str]) -> Row {
    world.tacho(&[&["run", "-r", "3"], words].concat()).exits(4).in_silence().shows(shown);
    let mut rows = world.rows();
    assert_eq!(rows.len(), 1, "a point ends with its first failure");
    rows.remove(0)
}

#[test]
fn exits_with_1() {
    let world = World::new();
    let row = failed_row(&world, &["echo out; echo why >&2; exit 1"], &["exit 1", "why"]);
    assert_eq!((row.status, row.exit_code, row.signal), (Status::Error, Some(1), None));
    assert_eq!(row.error.as_deref(), Some("exit code 1"));
    let tail = row.output_tail.unwrap();
    assert_eq!(tail, "[standard output]\nout\n\n[standard error]\nwhy\n");
}

#[test]
fn crashes() {
    let world = World::new();
    world.compile("crash", "int main(void) { *(volatile int *)0 = 1; return 0; }");
    let row = failed_row(&world, &["-N", "./crash"], &["crashed: SIGSEGV"]);
    assert_eq!((row.status, row.exit_code, row.signal), (Status::Crashed, None, Some(11)));
}

#[test]
fn hangs() {
    let world = World::new();
    let words = ["--timeout", "300ms", "echo so far; exec sleep 600"];
    let row = failed_row(&world, &words, &["timed out", "so far"]);
    assert_eq!((row.status, row.signal), (Status::TimedOut, Some(15)));
    assert_eq!(row.output_tail.as_deref(), Some("so far\n"));
    assert!(row.total_nanos >= 300_000_000, "{}", row.total_nanos);
    let error = row.error.unwrap();
    assert!(error.starts_with("timed out after 300 ms, printed 7 B"), "{error}");
}

#[test]
fn hangs_without_a_word() {
    let world = World::new();
    let row = failed_row(&world, &["--timeout", "200ms", "exec sleep 600"], &["timed out"]);
    assert_eq!(row.error.as_deref(), Some("timed out after 200 ms, no output"));
}

/// Ends itself in order when it is told to: its code is kept, and it timed out all the same.
#[test]
fn ends_in_order_after_its_timeout() {
    let world = World::new();
    let command = "trap 'echo term >>log; exit 9' TERM; while :; do sleep 0.02; done";
    let row = failed_row(&world, &["--timeout", "200ms", command], &["timed out"]);
    assert_eq!((row.status, row.exit_code), (Status::TimedOut, Some(9)));
    assert_eq!(world.lines("log"), ["term"]);
}

#[test]
fn ignores_term() {
    let world = World::new();
    let command = "trap '' TERM; while :; do sleep 0.02; done";
    let row = failed_row(&world, &["--timeout", "200ms", command], &["timed out"]);
    assert_eq!((row.status, row.signal), (Status::TimedOut, Some(9)));
}

/// What is sent to its group does not reach it.
#[test]
fn leaves_its_group() {
    let world = World::new();
    let program = "#include <unistd.h>\n\
                   int main(void) { setpgid(0, getpgid(getppid())); for (;;) pause(); }";
    world.compile("leave", program);
    let row = failed_row(&world, &["--timeout", "200ms", "-N", "./leave"], &["timed out"]);
    assert_eq!((row.status, row.signal), (Status::TimedOut, Some(15)));
}

/// In a session of its own, with a parent that is gone.
const DAEMON: &str = r#"
#include <fcntl.h>
#include <unistd.h>
int main(void) {
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            close(0); close(1); close(2);
            sleep(600);
        }
        _exit(0);
    }
    usleep(20000);
    return 0;
}
"#;

#[test]
fn leaves_a_daemon() {
    let world = World::new();
    world.compile("daemon", DAEMON);
    world.tacho(&["run", "-r", "3", "-N", "./daemon"]).exits(0).shows(&["3 processes outlived"]);
    let rows = world.rows();
    let leaked: Vec<_> = rows.iter().map(|row| (row.status, row.leaked)).collect();
    assert_eq!(leaked, [(Status::Ok, Some(1)); 3]);
    assert_eq!(world.newest().summary.leaked, 3);
    assert_eq!(world.alive(), [""; 0]);
}

/// Holds the pipes of its standard streams open in the background.
#[test]
fn leaves_a_writer() {
    let world = World::new();
    world.tacho(&["run", "-r", "2", "sleep 600 & sleep 600 & echo done"]).exits(0);
    let leaked: Vec<_> = world.rows().iter().map(|row| row.leaked).collect();
    assert_eq!(leaked, [Some(2), Some(2)]);
}

/// Four chains, each process of which makes the next one, in a session of its own, and ends: who
/// looks for them finds ever new ones. They end by themselves after a minute.
const COMETS: &str = r#"
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
int main(void) {
    time_t end = time(0) + 60;
    signal(SIGTERM, SIG_IGN);
    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            while (time(0) < end) {
                if (fork() > 0) _exit(0);
                setsid();
            }
            _exit(0);
        }
    }
    for (;;) pause();
}
"#;

#[test]
fn forks_while_being_killed() {
    let world = World::new();
    world.compile("comets", COMETS);
    let row = failed_row(&world, &["--timeout", "200ms", "-N", "./comets"], &["timed out"]);
    assert_eq!((row.status, row.signal), (Status::TimedOut, Some(9)));
    assert!(row.leaked.unwrap() >= 1, "{row:?}");
    assert_eq!(world.alive(), [""; 0]);
}

fn memory_peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn prints_a_gibibyte() {
    let world = World::new();
    let command = "echo first; head -c 1G /dev/zero | tr '\\0' x; echo; echo last; \
                   echo printed >>log; while ! [ -e go ]; do sleep 0.02; done; exit 1";
    let tacho = world.start(&["run", "-r", "1", command]);
    world.await_line("log", "printed");
    let peak = memory_peak_kib(tacho.pid());
    world.write("go", "");
    tacho.end().exits(4).shows(&["It last printed: last"]);
    assert!(peak < 64 * 1024, "tacho itself took {peak} KiB");
    let tail = world.rows().remove(0).output_tail.unwrap();
    assert_eq!(tail.len(), 64 * 1024);
    assert!(tail.ends_with("xx\nlast\n") && !tail.contains("first"), "the end is kept");
}

#[test]
fn the_end_of_each_stream_is_kept() {
    let world = World::new();
    let many = "head -c 100000 /dev/zero | tr '\\0'";
    let row = failed_row(&world, &[&format!("{many} o; {many} e >&2; exit 2")], &["exit 2"]);
    let tail = row.output_tail.unwrap();
    let count = |letter| tail.chars().filter(|c| *c == letter).count();
    // The headings of the streams have letters too.
    assert!((65536..65560).contains(&count('o')) && (65536..65560).contains(&count('e')));
}

#[test]
fn missing_programs_are_named_at_once_and_nothing_is_begun() {
    let world = World::with(
        r#"
        [[workload]]
        name = "there"
        command = ["true"]
        setup = "echo setup >>log"
        [[workload]]
        name = "missing/one"
        command = ["./nothing-here", "x"]
        [[workload]]
        name = "missing/two"
        command = "no-such-command x | cat"
        [[workload]]
        name = "not executable"
        command = ["./tacho.toml"]
        "#,
    );
    world.tacho(&["run"]).exits(4).says(&[
        "`./nothing-here` does not exist",
        "missing/one",
        "`no-such-command` does not exist",
        "missing/two",
        "`./tacho.toml` is not executable",
        "nothing was measured",
    ]);
    assert_eq!(world.names("."), ["tacho.toml"], "no set-up ran, no store was made");
}

#[test]
fn missing_shells_launchers_and_commands() {
    for (words, told) in [
        (&["./nothing x"][..], "`./nothing` does not exist"),
        (&["nothing-here", "also-nothing"], "also-nothing"),
        (&["-N", "nothing-here x"], "`nothing-here` does not exist"),
        (&["--launcher", "no-launcher -x", "true"], "`no-launcher` does not exist"),
        (&["-S", "no-shell", "true"], "`no-shell` does not exist"),
        (&["--", "nothing-here"], "`nothing-here` does not exist"),
    ] {
        let world = World::new();
        world.tacho(&[&["run"], words].concat()).exits(4).says(&[told, "nothing was measured"]);
        assert!(!world.user_state().exists(), "{words:?}");
    }
}

/// A command before every run could have made it, so it is missed only then.
#[test]
fn an_input_that_is_not_there_is_named() {
    let world = World::new();
    let words = ["run", "-r", "1", "--prepare", "true", "--input", "no-input", "cat"];
    let output = world.tacho(&words).exits(4);
    let said = output.stdout + &output.stderr;
    assert!(said.contains("No such file or directory"), "{said}");
    assert!(said.contains("input"), "{said}");
}

/// The starter process itself can be killed from outside: that is an error of ours, and what was
/// measured before is kept.
#[test]
fn the_spawner_is_killed() {
    let world = World::new();
    let command = "echo ran >>log; [ \"$(wc -l <log)\" -lt 3 ] || exec sleep 600";
    let tacho = world.start(&["run", "-r", "3", command]);
    world.await_line("log", "ran");
    await_that("a third run", || world.lines("log").len() == 3);
    let spawner = tacho.children().remove(0).parse().ok();
    let spawner = spawner.and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(spawner, rustix::process::Signal::KILL).unwrap();
    tacho.end().exits(5).says(&["spawner process was ended from outside"]);
    assert_eq!(world.rows().len(), 2);
}

/// What was paused goes on all the same, from a new starter.
#[test]
fn the_spawner_is_killed_while_others_are_paused() {
    let world = World::with(
        r#"
        [quiesce]
        before = "echo before >>log"
        after = "echo after >>log"

        [[workload]]
        name = "killer"
        command = "kill -KILL $PPID; sleep 600"
        "#,
    );
    world.tacho(&["run"]).exits(5).says(&["spawner process was ended from outside"]);
    assert_eq!(world.lines("log"), ["before", "after"]);
}

/// Each of the runs side by side has the whole of it.
#[test]
fn memory_is_bound_for_each_run_and_not_for_all_together() {
    let world = World::with(
        r#"
        [[workload]]
        name = "filled"
        command = ["./fill"]
        memory_max = "64MiB"
        runs = 8
        "#,
    );
    let fill = "#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n\
                int main(void) {\n\
                    char *bytes = malloc(40 << 20);\n\
                    memset(bytes, 1, 40 << 20);\n\
                    usleep(200000);\n\
                    return bytes[12345] - 1;\n\
                }";
    world.compile("fill", fill);
    world.tacho(&["run", "--jobs", "4"]).exits(0);
    assert!(world.rows().iter().all(|row| row.status == Status::Ok));
}

/// What limits its memory stays until the last of its runs has ended.
#[test]
fn a_failure_takes_no_limit_from_the_runs_beside_it() {
    let world = World::with(
        r#"
        [[workload]]
        name = "flaky"
        command = "echo ran >>log; [ \"$(wc -l <log)\" -lt 5 ]"
        memory_max = "64MiB"
        runs = 24
        "#,
    );
    for jobs in ["1", "4"] {
        world.write("log", "");
        world.tacho(&["run", "--jobs", jobs]).exits(4);
        let rows = world.rows();
        let failed: Vec<_> = rows.iter().filter(|row| row.status != Status::Ok).collect();
        assert!(failed.iter().all(|row| row.exit_code == Some(1)), "{failed:?}");
        assert!(rows.iter().all(|row| row.memory_limiter == rows[0].memory_limiter));
    }
}
