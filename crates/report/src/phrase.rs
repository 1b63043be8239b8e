//! The sentences: the only place where something is said about results.
//!
//! Each names the thing, the cause and what to do about it, in this order and briefly. Outcomes
//! and reasons are fragments that fit behind a colon or into a table's cell. Texts are in UTF-8;
//! a terminal that cannot show it gets them transcribed by `terminal`.

use std::collections::BTreeMap;

use tacho_schema::{
    Bytes, CaptureHeader, CaptureId, CaptureSummary, CutShort, Disturbance, Drift, Nanos, Notice,
    ShellStartup, Status,
};

use crate::text::{clean, shorten_end};

pub mod doctor;
pub mod ladder;
pub mod variants;
pub mod verify;

/// A machine that wanders by less is as steady as machines are.
const DRIFT_TOLD_MIN: f64 = 0.001;

/// The longest piece of a failed run's output that is quoted, in columns.
const QUOTE_COLUMNS_MAX: usize = 120;

/// What `history` says when nothing was measured yet.
pub const NO_CAPTURES: &str = "no captures yet: `tacho run` measures and keeps one";

/// What `baseline list` says when nothing was named yet.
pub const NO_BASELINES: &str = "no baselines yet: `tacho baseline save NAME` names a capture";

/// `1 run`, `2 runs`: a number with the noun that it counts.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// What to do about outliers, said once for all points that have some.
pub const OUTLIERS_ADVICE: &str = "outliers: something else may have used the machine meanwhile; \
                                   a quieter moment helps, or `--warmup` where caches fill";

/// The same where all of them are of programs that time, and warm up, themselves.
pub const OUTLYING_PROCESSES_ADVICE: &str = "outliers: something else may have used the machine \
                                             meanwhile; a quieter moment helps, or more \
                                             processes (`--max-time`)";

/// What to do about runs that others disturbed, said once for all points that have some.
pub const CONTENDED_ADVICE: &str = "contended: others used the machine meanwhile, so these times \
                                    may be too long; `tacho doctor` names the programs that use \
                                    it most, `--quiet-wait 60s` waits until it is quiet";

/// What to do about runs that a signal held, said once for all points that have some.
pub const STOPPED_ADVICE: &str = "stopped: a signal held these runs (Ctrl-Z, a debugger, \
                                  `kill -STOP`), so their wall time is not their own; measure \
                                  again without it";

/// How a run ended, in the words of a table's cell: `exit 1`, `crashed: SIGSEGV`, `timed out`.
///
/// `exit_code` and `signal` are used where the status has them and may be unknown.
#[must_use]
pub fn outcome(status: Status, exit_code: Option<i32>, signal: Option<i32>) -> String {
    match (status, exit_code, signal) {
        (Status::Ok, ..) => "ok".to_owned(),
        // A harness that ended well, and what it printed is no measurement.
        (Status::Error, Some(0), _) => "no usable row".to_owned(),
        (Status::Error, Some(code), _) => format!("exit {code}"),
        // No code was left behind: it was not started, or a command around it failed.
        (Status::Error, None, _) => "could not run".to_owned(),
        (Status::Crashed, _, Some(signal)) => format!("crashed: {}", signal_name(signal)),
        (Status::Crashed, _, None) => "crashed".to_owned(),
        (Status::OutOfMemory, ..) => "out of memory".to_owned(),
        (Status::TimedOut, ..) => "timed out".to_owned(),
        (Status::KilledAtCap, ..) => "killed at cap".to_owned(),
        (Status::NoOutput, ..) => "no output".to_owned(),
        (Status::WrongAnswer, ..) => "wrong answer".to_owned(),
    }
}

/// What stands in the place of numbers of a point that has no row at all.
#[must_use]
pub fn not_measured(reason: Option<&str>) -> String {
    reason.map_or_else(
        || "not measured".to_owned(),
        |reason| format!("not measured: {}", clean(reason)),
    )
}

/// What stands in the place of an interval that too few samples cannot give.
#[must_use]
pub fn no_interval(samples: u64) -> String {
    format!("n={samples}: none")
}

/// A notice as a sentence without its point.
#[must_use]
pub fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Outliers { mild, severe, samples, .. } => outliers(*mild, *severe, *samples),
        Notice::NearSpawnFloor { median_nanos, floor_nanos } => format!(
            "the median of {} is under 10 × the {} that starting any program takes here: let one \
             run do more work",
            Nanos(*median_nanos),
            Nanos(*floor_nanos),
        ),
        Notice::FirstRunSlower { first_nanos, others_nanos } => format!(
            "the first run took {}, the others {}: it probably filled a cache. `--warmup` \
             leaves such a run out, `--prepare` can make every run a cold one",
            Nanos(*first_nanos),
            Nanos(*others_nanos),
        ),
        Notice::Failed { status, rows, exit_code, signal, error, output_tail, times_itself } => {
            let what = match error {
                // It never ran: what stood in its way says more than how it ended.
                Some(error) if *status == Status::Error && exit_code.is_none() => {
                    format!("{} failed: {}", counted(*rows, "run"), clean(error))
                }
                _ if *status == Status::Error && exit_code.is_some_and(|code| code != 0) => {
                    failed_by(exit_code.unwrap_or_default(), *rows, *times_itself)
                }
                _ => failed(*status, *rows, *exit_code, *signal, error.as_deref()),
            };
            match output_tail.as_deref().and_then(last_line) {
                Some(line) => format!("{what}. It last printed: {line}"),
                None => what,
            }
        }
        Notice::IgnoredFailure { rows, exit_code } => {
            format!("{} ended with exit {exit_code}, which `-i` allows", counted(*rows, "run"))
        }
        Notice::Leaked { processes } => format!(
            "{} outlived the run and had to be killed: the command leaves something behind in \
             the background, so its times may be too short",
            processes_counted(*processes),
        ),
        Notice::NoInterval { .. } => {
            "a 95 % interval takes six runs or more (`--runs 6`)".to_owned()
        }
        Notice::Imprecise { reached, wanted, times_itself } => {
            imprecise(*reached, *wanted, *times_itself)
        }
        Notice::Contended { rows, samples, by } => contended(*rows, *samples, by),
        Notice::Uncounted { name, reason, rows } => {
            let (name, runs) = (clean(name), counted(*rows, "run"));
            format!("`{name}` could not be computed in {runs}: {}", clean(reason))
        }
        Notice::Cold { dropped, kept } => cold(dropped, kept),
        Notice::NoReference { points } => format!(
            "no run ended well, so there is nothing to compare {} with",
            counted(*points, "other point"),
        ),
        Notice::AtMemoryFloor { floor_bytes } => format!(
            "peak RSS is the starter's own {}: the program needs no more than that",
            Bytes(*floor_bytes),
        ),
    }
}

/// Whether a notice is about runs that went wrong, not about numbers to be careful with.
#[must_use]
pub fn is_failure(notice: &Notice) -> bool {
    match notice {
        Notice::Failed { status, .. } => *status != Status::KilledAtCap,
        Notice::Outliers { .. }
        | Notice::NearSpawnFloor { .. }
        | Notice::FirstRunSlower { .. }
        | Notice::IgnoredFailure { .. }
        | Notice::Leaked { .. }
        | Notice::NoInterval { .. }
        | Notice::Imprecise { .. }
        | Notice::Contended { .. }
        | Notice::Uncounted { .. }
        | Notice::Cold { .. }
        | Notice::NoReference { .. }
        | Notice::AtMemoryFloor { .. } => false,
    }
}

fn outliers(mild: u64, severe: u64, samples: u64) -> String {
    let all = mild.saturating_add(severe);
    let kind = match (mild, severe) {
        (_, 0) => "mild".to_owned(),
        (0, _) => "severe".to_owned(),
        (_, severe) => format!("{severe} severe"),
    };
    let (verb, noun) = if all == 1 { ("is", "an outlier") } else { ("are", "outliers") };
    format!("{all} of {} {verb} {noun} ({kind}); none was left out", counted(samples, "run"))
}

fn contended(rows: u64, samples: u64, by: &BTreeMap<Disturbance, u64>) -> String {
    let (was, it) = if rows == 1 { ("was", "it") } else { ("were", "they") };
    let causes = match by.iter().collect::<Vec<_>>()[..] {
        [(cause, number)] if *number == rows => format!("{it} {}", disturbance(*cause)),
        _ => {
            let causes =
                by.iter().map(|(cause, number)| format!("{number} {}", disturbance(*cause)));
            causes.collect::<Vec<_>>().join(", ")
        }
    };
    format!("{rows} of {} {was} contended: {causes}", counted(samples, "run"))
}

/// What a disturbance did to runs, in words that fit behind `it`, `they` and a number.
fn disturbance(cause: Disturbance) -> &'static str {
    match cause {
        Disturbance::RunDelay => "waited for a processor",
        Disturbance::Steal => "lost time to other guests of the hypervisor",
        Disturbance::Preemption => "had the processor taken away often",
        Disturbance::Stopped => "stood still because of a signal",
    }
}

/// Counters that the list below the table has no room for, and where they are.
#[must_use]
pub fn more_counters(hidden: u64, id: &CaptureId) -> String {
    format!("and {}: `tacho show {id} --json` has them all", counted(hidden, "more counter"))
}

fn failed(
    status: Status,
    rows: u64,
    exit_code: Option<i32>,
    signal: Option<i32>,
    error: Option<&str>,
) -> String {
    let runs = counted(rows, "run");
    // What exactly was missing, wrong or too much.
    let found = error.map(|error| {
        let text = clean(error);
        format!(" ({})", shorten_end(&text, QUOTE_COLUMNS_MAX, "…"))
    });
    let found = found.as_deref();
    match status {
        Status::Ok => format!("{runs} ended well"),
        Status::Error => match exit_code {
            Some(0) => format!("{runs} gave no usable row{}", found.unwrap_or_default()),
            Some(code) => failed_by(code, rows, false),
            None => format!("{runs} failed without an exit code: run the command alone to see why"),
        },
        Status::Crashed => {
            let by = signal.map(|number| format!(" with {}", signal_name(number)));
            let by = by.unwrap_or_default();
            format!("{runs} crashed{by}: run the command alone to see why")
        }
        Status::OutOfMemory => format!(
            "lack of memory ended {runs}{}: give the command more, or less to do",
            found.unwrap_or(" (by the kernel)")
        ),
        Status::TimedOut => {
            format!("{runs} timed out and had to be ended: raise `timeout`, or see where it hangs")
        }
        Status::KilledAtCap => format!("{runs} ended at the wall cap, where the ladder stops"),
        Status::NoOutput => match found {
            Some(found) => format!(
                "{runs} did not print what is measured{found}: run the command alone to see what \
                 it prints, or change what is looked for"
            ),
            None => format!("{runs} printed no line to measure: check the pattern"),
        },
        Status::WrongAnswer => format!(
            "{runs} gave a wrong answer{}: its speed means nothing until that is right",
            found.unwrap_or_default()
        ),
    }
}

/// An exit code that is a failure: of a program that times itself there is no number then.
fn failed_by(code: i32, rows: u64, times_itself: bool) -> String {
    let runs = counted(rows, "run");
    let advice = match times_itself {
        true => "run its `_child` alone to see why",
        false => "make the command succeed, or allow it with `-i`",
    };
    format!("{runs} ended with exit {code}: {advice}")
}

/// The last line that says something, cleaned and bounded.
fn last_line(output: &str) -> Option<String> {
    let line = output.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    // Cleaning can lengthen a text tenfold: bound what goes in, too.
    let bounded: String = line.chars().take(QUOTE_COLUMNS_MAX).collect();
    Some(shorten_end(&clean(&bounded), QUOTE_COLUMNS_MAX, "…").into_owned())
}

fn processes_counted(number: u64) -> String {
    if number == 1 { "1 process".to_owned() } else { format!("{number} processes") }
}

fn imprecise(reached: f64, wanted: f64, times_itself: bool) -> String {
    let (reached, wanted) = if reached > SHARE_MAX {
        (format!("over {}", share(SHARE_MAX, 0)), share(wanted, 1))
    } else {
        // One digit says most; where it hides the difference there are more.
        let pair = |decimals| (share(reached, decimals), share(wanted, decimals));
        let apart = (1..SHARE_DECIMALS_MAX).map(pair).find(|(reached, wanted)| reached != wanted);
        apart.unwrap_or_else(|| pair(SHARE_DECIMALS_MAX))
    };
    let advice = match times_itself {
        true => "allow more time for more processes, or longer ones (`--max-time`, `--batch-time`)",
        false => "allow more time or runs",
    };
    format!("half the interval is {reached} of the median, wanted was {wanted}: {advice}")
}

/// A share beyond which its size no longer matters.
const SHARE_MAX: f64 = 1.5;
/// Decimals of percents beyond which two shares are as good as equal.
const SHARE_DECIMALS_MAX: usize = 6;

/// A share of a number as `2.0 %`.
fn share(value: f64, decimals: usize) -> String {
    format!("{:.decimals$} %", value * 100.0)
}

/// Why a capture was cut short, as a fragment.
#[must_use]
pub fn cut_short(reason: CutShort) -> &'static str {
    match reason {
        CutShort::Interrupted => "Ctrl-C",
        CutShort::Terminated => "TERM signal",
        CutShort::Budget => "total time used up",
        CutShort::Recovered => "killed, then recovered",
        CutShort::Failed => "tacho failed",
    }
}

/// How a capture ended: `complete`, or `cut short` with the reason where it is known.
#[must_use]
pub fn state(summary: &CaptureSummary) -> String {
    use tacho_schema::CaptureState::{Complete, CutShort};
    match (summary.state, summary.cut_short) {
        (Complete, _) => "complete".to_owned(),
        (CutShort, Some(reason)) => format!("cut short ({})", cut_short(reason)),
        (CutShort, None) => "cut short".to_owned(),
    }
}

/// The rows of a capture with those that failed by their outcome: `34 rows, 4 of them failed
/// (3 with an error, 1 crashed)`.
#[must_use]
pub fn rows(summary: &CaptureSummary) -> String {
    let all = counted(summary.rows, "row");
    let bad: Vec<(Status, u64)> = summary
        .by_status
        .iter()
        .filter(|(status, number)| **status != Status::Ok && **number > 0)
        .map(|(status, number)| (*status, *number))
        .collect();
    if bad.is_empty() {
        return all;
    }
    let named: Vec<String> = bad
        .iter()
        .map(|(status, number)| match status {
            Status::Error => format!("{number} with an error"),
            _ => format!("{number} {}", outcome(*status, None, None)),
        })
        .collect();
    let named = named.join(", ");
    match failed_rows(summary) {
        // A ladder's end is no failure.
        0 => format!("{all}, {named}"),
        failed => format!("{all}, {failed} of them failed ({named})"),
    }
}

/// What a cold call found empty, and what not.
fn cold(dropped: &[String], kept: &BTreeMap<String, String>) -> String {
    let name = |cache: &str| match cache {
        "cpu" => "the processor's caches".to_owned(),
        "page" => "the system's cache of files".to_owned(),
        other => clean(other).into_owned(),
    };
    let emptied: Vec<String> = dropped.iter().map(|cache| name(cache)).collect();
    let emptied = match emptied.as_slice() {
        [] => "nothing emptied before it".to_owned(),
        emptied => format!("{} emptied before it", emptied.join(" and ")),
    };
    let kept: Vec<String> = kept
        .iter()
        .map(|(cache, reason)| format!("; {} could not be: {}", name(cache), clean(reason)))
        .collect();
    format!("each process made one call, with {emptied}{}", kept.concat())
}

/// How much the machine's speed wandered; nothing where that is next to nothing.
#[must_use]
pub fn drift(drift: &Drift) -> Option<String> {
    (drift.share >= DRIFT_TOLD_MIN).then(|| {
        format!(
            "drift: the machine's speed wandered by {:.1} % (standard deviation) meanwhile; the \
             intervals of points that time themselves have it added",
            drift.share * 100.0
        )
    })
}

/// Rows of a capture that did not end well.
#[must_use]
pub fn failed_rows(summary: &CaptureSummary) -> u64 {
    // The cap is the designed end of a ladder.
    let is_fine = |status: &Status| matches!(status, Status::Ok | Status::KilledAtCap);
    let failed = summary.by_status.iter().filter(|(status, _)| !is_fine(status));
    failed.fold(0, |sum, (_, number)| sum.saturating_add(*number))
}

/// When and where a capture was taken, of which commit, and the words it was taken with.
#[must_use]
pub fn headline(
    started: &str,
    host: Option<&str>,
    commit: Option<&str>,
    invocation: &str,
) -> String {
    let host = host.map_or_else(String::new, |host| format!(" on {}", clean(host)));
    let commit = commit.map_or_else(String::new, |commit| format!(", commit {commit}"));
    format!("{}{host}{commit}: {invocation}", clean(started))
}

/// The capture's own line: identity, how it ended, its rows with how many of them were contended,
/// and the seed of its order.
#[must_use]
pub fn capture(header: &CaptureHeader, summary: &CaptureSummary, contended: u64) -> String {
    let rows = match contended {
        0 => rows(summary),
        _ => format!("{}, {contended} of them contended", rows(summary)),
    };
    format!("capture {}: {}, {rows}, seed {}", header.id, state(summary), header.seed)
}

/// How many points were not fully measured, before the list of reasons.
#[must_use]
pub fn skipped(points: u64) -> String {
    format!("not fully measured: {}", counted(points, "point"))
}

/// One reason for skipping with the labels of its first points and how many more it has.
#[must_use]
pub fn skipped_for(reason: &str, labels: &[String], more: u64) -> String {
    format!("{}: {}", clean(reason), listed(labels, more))
}

/// A point in a list of skipped ones: its label, and its rows where it got some.
#[must_use]
pub fn skipped_point(label: &str, rows: u64) -> String {
    if rows == 0 { label.to_owned() } else { format!("{label} (after {})", counted(rows, "run")) }
}

/// Points that were skipped for reasons beyond those that are listed.
#[must_use]
pub fn skipped_otherwise(points: u64) -> String {
    format!("other reasons: {}", counted(points, "point"))
}

/// The heading of a note about several points: their labels, or that it is about all.
#[must_use]
pub fn several_points(labels: &[String], points: u64, all: bool) -> String {
    if all {
        return format!("all {}", counted(points, "point"));
    }
    let more = points.saturating_sub(labels.len() as u64);
    format!("{}: {}", counted(points, "point"), listed(labels, more))
}

/// That there are more notes than the terminal shows, and where they are.
#[must_use]
pub fn more_notes(hidden: u64, id: &CaptureId) -> String {
    format!("and {}: `tacho show {id} --json` has them all", counted(hidden, "more note"))
}

fn listed(labels: &[String], more: u64) -> String {
    let named = labels.join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}

/// What the shell in front of commands costs, and that it is in the times.
#[must_use]
pub fn shell_startup(shell: &ShellStartup) -> String {
    let words = shell.shell.join(" ");
    format!(
        "shell: `{}` takes {} by itself (median of {}), and is part of the time of every command \
         that runs in it; `-N` runs commands without one",
        clean(&words),
        Nanos(shell.median_nanos),
        counted(shell.runs, "run"),
    )
}

/// That another `tacho` measured at the same time.
#[must_use]
pub fn shared_machine() -> &'static str {
    "shared machine: another tacho may have measured meanwhile, so these times may be too long; \
     without `--no-wait` a run waits for its turn"
}

/// What a crash left, and how to keep it; `journals` is at least 1.
#[must_use]
pub fn recover_hint(journals: u64) -> String {
    let (runs, them) = if journals == 1 { ("run", "its") } else { ("runs", "their") };
    format!(
        "{journals} earlier {runs} ended without saying so: `tacho recover` keeps {them} finished \
         rows"
    )
}

/// The name of a signal by its number on Linux, or `signal 40`.
#[must_use]
pub fn signal_name(number: i32) -> String {
    const NAMES: [&str; 31] = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
        "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
        "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let name = index.and_then(|index| NAMES.get(index));
    name.map_or_else(|| format!("signal {number}"), |name| format!("SIG{name}"))
}

#[cfg(test)]
mod tests;
