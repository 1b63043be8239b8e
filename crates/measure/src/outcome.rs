//! A child's end made into a row: which status it has, and what the row carries.

use tacho_schema::{PlannedPoint, Row, Status};

use crate::child::{Finished, Forced};
use crate::spawn::{End, Tail};

/// Where a row stands in the plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Which measured batch of the capture.
    pub(crate) sequence: u64,
    /// Which round; `None` for a warm-up that failed.
    pub(crate) round: Option<u64>,
    /// Which measurement of its point.
    pub(crate) repeat_index: u64,
    /// Added to CLOCK_MONOTONIC it gives nanoseconds since 1970.
    pub(crate) unix_offset_nanos: i128,
    /// The starter's own memory.
    pub(crate) rss_floor_kb: Option<u64>,
}

/// The row of a batch of `planned` that ended as `finished`.
pub(crate) fn row(planned: &PlannedPoint, finished: &Finished, place: Place) -> Row {
    let ended = &finished.ended;
    let total = ended.span();
    let (status, error) = status(planned, finished);
    let mut row = Row::fixed(planned.point.function.clone(), place.repeat_index, total, status);
    row.params.clone_from(&planned.point.params);
    row.variant.clone_from(&planned.point.variant);
    row.threads = planned.point.threads;
    row.error = error;
    match ended.end {
        End::Exited(code) => row.exit_code = Some(code),
        End::Signaled(signal) => row.signal = Some(signal),
        End::NotStarted { .. } => {}
    }
    row.sequence = Some(place.sequence);
    row.round = place.round;
    row.process = Some(place.sequence);
    let started = i128::from(ended.start_nanos) + place.unix_offset_nanos;
    row.started_unix_ns = u64::try_from(started).ok();
    row.leaked = Some(ended.leaked);
    if !matches!(ended.end, End::NotStarted { .. }) {
        row.user_nanos = Some(ended.user_nanos);
        row.system_nanos = Some(ended.system_nanos);
        // The kernel counts pages in batches: of a program of a few pages it may say 0.
        row.peak_rss_kb = Some(ended.peak_rss_kb).filter(|kib| *kib > 0);
        if row.peak_rss_kb.is_none() {
            let reason = "the kernel's count of its few pages is 0".to_owned();
            row.unavailable.insert("peak_rss".to_owned(), reason);
        }
        row.rss_floor_kb = place.rss_floor_kb;
        row.minor_faults = Some(ended.minor_faults);
        row.major_faults = Some(ended.major_faults);
        row.voluntary_switches = Some(ended.voluntary_switches);
        row.involuntary_switches = Some(ended.involuntary_switches);
    }
    if status != Status::Ok {
        row.output_tail = Some(output_tail(&ended.stdout, &ended.stderr));
    }
    row
}

fn status(planned: &PlannedPoint, finished: &Finished) -> (Status, Option<String>) {
    if finished.forced == Some(Forced::TimedOut) {
        let printed = finished.ended.stdout.total_bytes() + finished.ended.stderr.total_bytes();
        let said = if printed == 0 {
            "no output".to_owned()
        } else {
            format!("printed {}", tacho_schema::Bytes(printed as f64))
        };
        let limit = tacho_schema::Nanos(planned.timeout_nanos as f64);
        return (Status::TimedOut, Some(format!("timed out after {limit}, {said}")));
    }
    match finished.ended.end {
        End::Exited(code) if planned.ignore_failure.allows(code) => (Status::Ok, None),
        End::Exited(code) => (Status::Error, Some(format!("exit code {code}"))),
        End::Signaled(signal) => (Status::Crashed, Some(format!("ended by {}", name(signal)))),
        End::NotStarted { step, errno } => {
            let cause = std::io::Error::from_raw_os_error(errno);
            let path = match step {
                "enter its folder" => format!(" `{}`", planned.dir),
                "open its standard input" => {
                    format!(" `{}`", planned.stdin.as_deref().unwrap_or_default())
                }
                _ => String::new(),
            };
            (Status::Error, Some(format!("cannot {step}{path}: {cause}")))
        }
    }
}

/// The signal's name, as `SIGSEGV`, or `signal 40`.
#[must_use]
pub fn name(signal: i32) -> String {
    signal_hook::low_level::signal_name(signal)
        .map_or_else(|| format!("signal {signal}"), str::to_owned)
}

/// Both streams in one text; a heading stands before each when both have something.
pub(crate) fn output_tail(stdout: &Tail, stderr: &Tail) -> String {
    let (out, err) = (stdout.text(), stderr.text());
    match (out.is_empty(), err.is_empty()) {
        (_, true) => out,
        (true, false) => err,
        (false, false) => format!("[standard output]\n{out}\n[standard error]\n{err}"),
    }
}
