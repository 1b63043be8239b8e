//! `cargo bench` as its users meet it: a harness binary, its words, and what it prints.
//!
//! Times are masked: nothing here depends on how fast the machine is.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The example that has every form of benchmark, good and bad; cargo builds it beside the tests.
fn program() -> PathBuf {
    let own = std::env::current_exe().expect("a test knows its own path");
    let program = own.parent().and_then(|folder| folder.parent()).expect("it lies in deps");
    let program =
        program.join("examples/every-form").with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "cargo build --example every-form makes {}", program.display());
    program
}

fn command(line: &str) -> Command {
    let mut command = Command::new(program());
    command.args(line.split_whitespace());
    for name in ["LC_ALL", "LC_CTYPE", "NO_COLOR", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command.env("LANG", "C.UTF-8").stdin(Stdio::null());
    command
}

/// Exit code, standard output and standard error.
fn run(line: &str) -> (i32, String, String) {
    let output = command(line).output().expect("the example can be run");
    let text = |bytes| String::from_utf8(bytes).expect("it prints text");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// Holds everything that a run printed against a snapshot, with its times masked.
#[track_caller]
fn check(name: &str, line: &str) {
    let (code, out, err) = run(line);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"in [\d.]+ m?s", "in some time");
    settings.add_filter(r"\d[\d.]{4} (ns|µs|ms)", "  a time");
    settings.add_filter(r"\.rs:\d+(:\d+)?", ".rs:LINE");
    settings.add_filter(r"0x[0-9a-f]{15,16}", "0xHASH");
    settings.bind(|| insta::assert_snapshot!(name, format!("{out}{err}exit code {code}")));
}

#[test]
fn names_are_listed_for_nextest() {
    let (code, out, err) = run("--list --format terse");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.lines().all(|line| line.ends_with(": benchmark")), "{out}");
    assert!(out.starts_with("every_form/plain: benchmark\n"), "{out}");
    assert_eq!(out.lines().filter(|line| line.starts_with("misused/twice:")).count(), 1, "{out}");
    let nothing = (0, String::new(), String::new());
    assert_eq!(run("--list --format terse --ignored"), nothing);
    assert_eq!(run("--list --format terse nobody"), nothing);
    let one = "every_form/with_input: benchmark\n\n0 tests, 1 benchmark\n".to_owned();
    assert_eq!(run("--list every_form/with_input --exact"), (0, one, String::new()));
}

#[test]
fn every_listed_name_can_be_run_alone() {
    let (_, names, _) = run("--list --format terse --skip misused --skip ? --skip square");
    for line in names.lines() {
        let name = line.strip_suffix(": benchmark").unwrap();
        let output = command("--exact --nocapture").arg(name).output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && out.contains("1 passed; 0 failed"), "{name}: {out}");
    }
}

#[test]
fn a_good_tree() {
    check("tree", "--bench --quick every_form/plain sorted length");
}

#[test]
fn failures_are_named_and_the_others_go_on() {
    check("failures", "--bench --quick square misused/panics twice never_measures kept");
}

#[test]
fn without_a_unicode_locale_it_is_ascii() {
    let output = command("--bench --quick sorted").env("LC_ALL", "C").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.is_ascii() && text.contains("|- 4 "), "{text}");
}

#[test]
fn colours_are_for_terminals_or_on_demand() {
    let (_, plain, _) = run("--bench --quick plain");
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    let (_, coloured, _) = run("--bench --quick --color always plain");
    assert!(coloured.contains("\u{1b}[1m"), "{coloured:?}");
}

#[test]
fn cargo_test_calls_each_once() {
    check("once", "every_form/plain every_form/sum misused/panics misused/empty_ladder");
}

#[test]
fn nothing_selected_is_no_failure() {
    check("measures_nothing", "--bench nobody");
    check("calls_nothing", "nobody");
}

#[test]
fn flags_without_effect_are_told() {
    let (code, out, err) = run("--bench --quick plain --save-baseline main --frobnicate -q");
    let notes = "every-form: --save-baseline has no effect here: `tacho run --save-baseline NAME` \
                 keeps what it measures under a name\n\
                 every-form: --frobnicate is not known here and was ignored\n";
    assert_eq!((code, err.as_str()), (0, notes), "{out}");
    assert_eq!(out.lines().count(), 3, "{out}");
}

#[test]
fn a_value_that_cannot_be_read_is_misuse() {
    let (code, out, err) = run("--bench --sample-size many");
    let wanted = "every-form: --sample-size takes a number from 1 to 10000, not \"many\"\n";
    assert_eq!((code, out.as_str(), err.as_str()), (2, "", wanted));
}

#[test]
fn whoever_stops_reading_has_seen_enough() {
    let mut child = command("--bench --quick").stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("every-form "), "{line}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_benchmarks_print_is_shown_without_the_harness_in_it() {
    let (code, out, _) = run("--bench --sample-size 2 --quick --nocapture leaves_its_line_open");
    assert_eq!(code, 0, "{out}");
    let printed: Vec<&str> = out.lines().take(4).collect();
    assert_eq!(printed[2..], ["half a line", "half a line"], "{out}");
}

/// The processes that `parent` started and that are still there.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<String> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let all = std::fs::read_to_string(path).unwrap_or_default();
    all.split_whitespace().map(str::to_owned).collect()
}

/// A terminal sends its signal to all of a run's processes.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_run_leaves_no_child() {
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    let mut command = command("--bench never_ends");
    let mut parent = command.process_group(0).stdout(Stdio::null()).spawn().unwrap();
    let started = std::time::Instant::now();
    let wait = || std::thread::sleep(std::time::Duration::from_millis(2));
    let looks = std::iter::from_fn(|| {
        wait();
        (started.elapsed().as_secs() < 20).then(|| children(parent.id()))
    });
    let found = looks.flatten().next();
    let group = format!("-{}", parent.id());
    Command::new("kill").args(["-INT", "--", &group]).status().unwrap();
    assert_eq!(parent.wait().unwrap().signal(), Some(2));
    let child = found.expect("the benchmark's process is there as long as it sleeps");
    while std::path::Path::new("/proc").join(&child).exists() {
        assert!(started.elapsed().as_secs() < 30, "nobody waits for the benchmark's own end");
        wait();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command("--bench --quick plain").stdout(full).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.starts_with("every-form: cannot go on: No space left"), "{err}");
    assert_eq!(output.status.code(), Some(101));
}
