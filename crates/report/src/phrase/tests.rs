use tacho_schema::CaptureState;

use super::*;
use crate::fixture::{ended, shell};

#[track_caller]
fn check(found: &str, expected: &str) {
    assert_eq!(found, expected);
}

#[test]
fn outcomes_have_names() {
    for (status, exit_code, signal, expected) in [
        (Status::Ok, Some(0), None, "ok"),
        (Status::Error, Some(127), None, "exit 127"),
        (Status::Error, None, None, "could not run"),
        (Status::Crashed, None, Some(6), "crashed: SIGABRT"),
        (Status::Crashed, None, Some(31), "crashed: SIGSYS"),
        (Status::Crashed, None, Some(34), "crashed: signal 34"),
        (Status::Crashed, None, Some(0), "crashed: signal 0"),
        (Status::Crashed, None, Some(i32::MIN), "crashed: signal -2147483648"),
        (Status::Crashed, None, None, "crashed"),
        (Status::OutOfMemory, Some(137), None, "out of memory"),
        (Status::TimedOut, None, Some(15), "timed out"),
        (Status::KilledAtCap, None, None, "killed at cap"),
        (Status::NoOutput, Some(0), None, "no output"),
        (Status::WrongAnswer, Some(0), None, "wrong answer"),
    ] {
        check(&outcome(status, exit_code, signal), expected);
    }
}

#[test]
fn captures_say_how_they_ended() {
    for (reason, expected) in [
        (None, "cut short"),
        (Some(CutShort::Interrupted), "cut short (Ctrl-C)"),
        (Some(CutShort::Terminated), "cut short (TERM signal)"),
        (Some(CutShort::Budget), "cut short (total time used up)"),
        (Some(CutShort::Recovered), "cut short (killed, then recovered)"),
        (Some(CutShort::Failed), "cut short (tacho failed)"),
    ] {
        let mut summary = ended(&[]);
        check(&state(&summary), "complete");
        summary.state = CaptureState::CutShort;
        summary.cut_short = reason;
        check(&state(&summary), expected);
    }
}

#[test]
fn rows_are_counted_by_outcome() {
    for (by_status, expected) in [
        (&[][..], "0 rows"),
        (&[(Status::Ok, 1)], "1 row"),
        (&[(Status::Ok, 5), (Status::Crashed, 0)], "5 rows"),
        (
            &[(Status::Ok, 5), (Status::Error, 2), (Status::TimedOut, 1)],
            "8 rows, 3 of them failed (2 with an error, 1 timed out)",
        ),
    ] {
        check(&rows(&ended(by_status)), expected);
    }
}

#[test]
fn outliers_agree_with_their_number() {
    for (mild, severe, expected) in [
        (1, 0, "1 of 40 runs is an outlier (mild); none was left out"),
        (0, 1, "1 of 40 runs is an outlier (severe); none was left out"),
        (3, 0, "3 of 40 runs are outliers (mild); none was left out"),
        (3, 2, "5 of 40 runs are outliers (2 severe); none was left out"),
    ] {
        let text = notice(&Notice::Outliers { mild, severe, samples: 40, times_itself: false });
        check(&text, expected);
    }
}

fn timed_out(printed: Option<&str>) -> String {
    notice(&Notice::Failed {
        status: Status::TimedOut,
        rows: 1,
        exit_code: None,
        signal: None,
        error: None,
        output_tail: printed.map(str::to_owned),
        times_itself: false,
    })
}

#[test]
fn failures_say_what_to_do() {
    for (status, exit_code, signal, expected) in [
        (Status::Error, Some(3), None, "2 runs ended with exit 3: make the"),
        (Status::Error, None, None, "2 runs failed without an exit code: run"),
        (Status::Crashed, None, Some(11), "2 runs crashed with SIGSEGV: run"),
        (Status::Crashed, None, None, "2 runs crashed: run"),
        (Status::OutOfMemory, Some(137), None, "lack of memory ended 2 runs (by the kernel): give"),
        (Status::TimedOut, None, Some(9), "2 runs timed out and had to be ended: raise"),
        (Status::KilledAtCap, None, None, "2 runs ended at the wall cap"),
        (Status::NoOutput, None, None, "2 runs printed no line to measure: check"),
        (Status::WrongAnswer, None, None, "2 runs gave a wrong answer: its"),
        (Status::Ok, None, None, "2 runs ended well"),
    ] {
        let text = failed(status, 2, exit_code, signal, None);
        assert!(text.starts_with(expected), "{text}");
    }
}

#[test]
fn programs_that_time_themselves_get_advice_of_their_own() {
    for times_itself in [false, true] {
        let failed = notice(&Notice::Failed {
            status: Status::Error,
            rows: 1,
            exit_code: Some(101),
            signal: None,
            error: None,
            output_tail: None,
            times_itself,
        });
        let imprecise = notice(&Notice::Imprecise { reached: 0.05, wanted: 0.02, times_itself });
        assert_eq!(failed.contains("`-i`"), !times_itself, "{failed}");
        assert_eq!(failed.contains("_child"), times_itself, "{failed}");
        assert_eq!(imprecise.contains("`--batch-time`"), times_itself, "{imprecise}");
    }
}

#[test]
fn failures_say_what_was_found() {
    for (status, error, expected) in [
        (Status::WrongAnswer, "`passed` is 3, not 4", "a wrong answer (`passed` is 3, not 4): its"),
        (Status::NoOutput, "no\u{1b} time", "what is measured (no\\u{1b} time): run"),
        (Status::OutOfMemory, "over 64 MiB", "ended 1 run (over 64 MiB): give"),
    ] {
        let text = failed(status, 1, Some(0), None, Some(error));
        assert!(text.contains(expected), "{text}");
    }
    let text = failed(Status::WrongAnswer, 1, Some(0), None, Some(&"x".repeat(1 << 20)));
    assert!(text.len() < 300, "{text}");
}

#[test]
fn contended_runs_have_their_causes() {
    use Disturbance::{Preemption, RunDelay, Steal, Stopped};
    for (rows, by, expected) in [
        (1, &[(Stopped, 1)][..], "1 of 9 runs was contended: it stood still because of a signal"),
        (3, &[(RunDelay, 3)], "3 of 9 runs were contended: they waited for a processor"),
        (
            3,
            &[(RunDelay, 2), (Steal, 3)],
            "3 of 9 runs were contended: 2 waited for a processor, 3 lost time to other guests of \
             the hypervisor",
        ),
        (
            2,
            &[(Preemption, 1), (Stopped, 1)],
            "2 of 9 runs were contended: 1 had the processor \
             taken away often, 1 stood still because of a signal",
        ),
    ] {
        let by = by.iter().copied().collect();
        check(&notice(&Notice::Contended { rows, samples: 9, by }), expected);
    }
}

#[test]
fn what_a_failed_run_printed_is_bounded() {
    for (printed, expected) in [
        (None, None),
        (Some(""), None),
        (Some(" \n\n"), None),
        (Some("one\ntwo  \n \n"), Some("two")),
        (Some("\u{7}ding"), Some("\\u{7}ding")),
    ] {
        let text = timed_out(printed);
        assert_eq!(text.split_once(" It last printed: ").map(|(_, line)| line), expected);
    }
    let text = timed_out(Some(&"\u{1}".repeat(64 * 1024)));
    assert!(text.ends_with('…') && text.chars().count() < 300, "{text}");
}

#[test]
fn sentences_about_the_capture() {
    check(
        &shell_startup(&shell()),
        "shell: `/bin/sh -c` takes 853 µs by itself (median of 20 runs), and is part of \
         the time of every command that runs in it; `-N` runs commands without one",
    );
    check(
        &recover_hint(1),
        "1 earlier run ended without saying so: `tacho recover` keeps its finished rows",
    );
    check(
        &recover_hint(3),
        "3 earlier runs ended without saying so: `tacho recover` keeps their finished rows",
    );
}

#[test]
fn precisions_that_differ_look_different() {
    for (reached, wanted, expected) in [
        (0.034, 0.02, "is 3.4 % of the median, wanted was 2.0 %:"),
        (0.0203, 0.02, "is 2.03 % of the median, wanted was 2.00 %:"),
        (0.020_004, 0.02, "is 2.0004 % of the median, wanted was 2.0000 %:"),
        (0.020_000_000_1, 0.02, "is 2.000000 % of the median, wanted was 2.000000 %:"),
        (1.5, 0.02, "is 150.0 % of the median, wanted was 2.0 %:"),
        (40.0, 0.02, "is over 150 % of the median, wanted was 2.0 %:"),
    ] {
        let text = notice(&Notice::Imprecise { reached, wanted, times_itself: false });
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn headlines_leave_out_what_is_not_known() {
    for (host, commit, expected) in [
        (Some("ci-7"), Some("01234567*"), "at noon on ci-7, commit 01234567*: tacho run true"),
        (None, Some("01234567"), "at noon, commit 01234567: tacho run true"),
        (Some("a\nb"), None, "at noon on a\\nb: tacho run true"),
    ] {
        check(&headline("at noon", host, commit, "tacho run true"), expected);
    }
}
