//! A child's end made into rows: which status they have, and what they carry.

use std::collections::BTreeMap;

use tacho_schema::{Conditions, MemoryLimiter, Output, PlannedPoint, Point, Row, RowKind, Status};

use crate::child::{Finished, Forced};
use crate::commands;
use crate::reading::{OutputReader, StageLine};
use crate::spawn::{ENTER_FOLDER, End, Ended, OPEN_INPUT, OPEN_OUTPUT, Tail};
use crate::wire;

/// Where a batch stands in the plan, and what is known around it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Which row of the capture its first one is.
    pub(crate) sequence: u64,
    /// Which measured batch of the capture it is.
    pub(crate) process: u64,
    /// Which round; `None` for a warm-up that failed.
    pub(crate) round: Option<u64>,
    /// Which measurement of its point.
    pub(crate) repeat_index: u64,
    /// Added to CLOCK_MONOTONIC it gives nanoseconds since 1970.
    pub(crate) unix_offset_nanos: i128,
    /// The starter's own memory.
    pub(crate) rss_floor_kb: Option<u64>,
    /// What limits its memory.
    pub(crate) limiter: Option<MemoryLimiter>,
    /// Whether lack of memory ended it, or why nobody knows.
    pub(crate) out_of_memory: Result<bool, String>,
}

/// The rows of a batch of `planned` that ended as `finished`: one, or one for each stage that it
/// printed.
pub(crate) fn rows(
    planned: &PlannedPoint,
    reader: Option<&OutputReader<'_>>,
    finished: &Finished,
    place: Place,
) -> Vec<Row> {
    let ended = &finished.ended;
    let (mut status, mut error) = status(planned, finished, &place);
    let mut counters = BTreeMap::new();
    let mut stages = Vec::new();
    if let Some(reader) = reader {
        let fault;
        (counters, fault) = reader.counters(&ended.stdout, &ended.stderr);
        let found = if reader.is_probe() { reader.stages(&ended.stdout) } else { Ok(Vec::new()) };
        let fault = found.map(|found| stages = found).err().or(fault);
        // What a failed program did not print is no news.
        if let Some((worse, why)) = fault.filter(|_| status == Status::Ok) {
            (status, error) = (worse, Some(why));
        }
    }
    let mut row = row_of(&planned.point, place.repeat_index, ended.span(), status);
    row.error = error;
    row.output = Some(commands::output(planned).kind());
    row.metrics = counters;
    match ended.end {
        End::Exited(code) => row.exit_code = Some(code),
        End::Signaled(signal) => row.signal = Some(signal),
        End::NotStarted { .. } => {}
    }
    row.sequence = Some(place.sequence);
    row.round = place.round;
    row.process = Some(place.process);
    let started = i128::from(ended.start_nanos) + place.unix_offset_nanos;
    row.started_unix_ns = u64::try_from(started).ok();
    row.leaked = Some(ended.leaked);
    usage(&mut row, ended, place);
    if let Some(wire) = &planned.wire {
        wire::complete(&mut row, planned, wire, ended);
    }
    if row.status != Status::Ok {
        row.output_tail = Some(output_tail(&ended.stdout, &ended.stderr));
    }
    let mut rows = if row.status == Status::Ok && !stages.is_empty() {
        of_stages(&row, &stages)
    } else {
        vec![row]
    };
    if let Some(reader) = reader {
        rows.iter_mut().for_each(|row| reader.derive(row));
    }
    rows
}

/// A row of `point`, with what every row of it has: a rung's is parametric.
pub(crate) fn row_of(point: &Point, repeat_index: u64, total_nanos: u64, status: Status) -> Row {
    let mut row = Row::fixed(point.function.clone(), repeat_index, total_nanos, status);
    if point.param.is_some() {
        row.kind = RowKind::Parametric;
        row.repeat_index = None;
        row.param = point.param;
        row.inner_repeats = Some(1);
    }
    row.params.clone_from(&point.params);
    row.variant.clone_from(&point.variant);
    row.threads = point.threads;
    row.cache_mode = point.cache_mode;
    row
}

/// What the kernel counted of the batch, where there was a program.
fn usage(row: &mut Row, ended: &Ended, place: Place) {
    if matches!(ended.end, End::NotStarted { .. }) {
        return;
    }
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
    row.memory_limiter = place.limiter;
    if let Err(reason) = place.out_of_memory {
        row.unavailable.insert("out_of_memory".to_owned(), reason);
    }
    let run_delay_nanos = ended.run_delay_nanos.filter(|_| speaks_for_all(ended));
    if run_delay_nanos.is_none() && ended.run_delay_nanos.is_some() {
        row.unavailable.insert("conditions.run_delay_nanos".to_owned(), OTHERS_RAN.to_owned());
    }
    row.conditions = Some(Conditions {
        run_delay_nanos,
        involuntary_switches: Some(ended.involuntary_switches),
        stops: ended.stops,
        ..Conditions::default()
    });
}

/// Why a batch has no run delay though its first thread has one.
const OTHERS_RAN: &str = "known of the first thread only, and others did most of the work: a shell \
                          that started them, or threads";
/// The first thread's wait speaks for a batch when it had at least this share of its processor
/// time, …
const OWN_SHARE_MIN: f64 = 0.8;
/// … or all but so much of it: clocks that count in different steps differ by so much.
const SLACK_NANOS: u64 = 100_000;

/// Whether the first thread did most of what the batch did.
fn speaks_for_all(ended: &Ended) -> bool {
    let all = ended.user_nanos + ended.system_nanos;
    ended.run_nanos + SLACK_NANOS >= all || ended.run_nanos as f64 >= OWN_SHARE_MIN * all as f64
}

/// Takes back what the kernel counted of the whole process; `reason` says why that is nobody's
/// number.
pub(crate) fn forget_usage(row: &mut Row, reason: &str) {
    row.user_nanos = None;
    row.system_nanos = None;
    row.minor_faults = None;
    row.major_faults = None;
    row.voluntary_switches = None;
    row.involuntary_switches = None;
    for key in ["cpu", "user", "system", "faults"] {
        row.unavailable.insert(key.to_owned(), reason.to_owned());
    }
}

/// A row for each stage that a process printed. What the kernel counted of the process is nobody's
/// in particular, but for its peak memory, which is an upper bound of each.
fn of_stages(process: &Row, stages: &[StageLine]) -> Vec<Row> {
    let mut process = process.clone();
    forget_usage(&mut process, "known of the whole process, not of one of its stages");
    let leaked = process.leaked.replace(0);
    let mut order: Vec<&Option<String>> = Vec::new();
    let mut times: BTreeMap<&Option<String>, Vec<&StageLine>> = BTreeMap::new();
    for stage in stages {
        let lines = times.entry(&stage.name).or_default();
        if lines.is_empty() {
            order.push(&stage.name);
        }
        lines.push(stage);
    }
    let mut rows: Vec<Row> =
        order.into_iter().map(|name| stage_row(&process, name, &times[name])).collect();
    if let Some(first) = rows.first_mut() {
        // Counted once.
        first.leaked = leaked;
    }
    rows
}

/// The row of one stage. One that was printed several times has all of its times as samples, and
/// their median as its time: they are one process's, and count once.
fn stage_row(process: &Row, name: &Option<String>, lines: &[&StageLine]) -> Row {
    let mut row = process.clone();
    row.stage.clone_from(name);
    let times: Vec<f64> = lines.iter().map(|line| line.elapsed_nanos).collect();
    row.total_nanos = times.iter().sum::<f64>().round() as u64;
    if times.len() > 1 {
        row.inner_repeats = Some(times.len() as u64);
        row.per_call_nanos = Some(median(&times));
        row.samples = Some(times);
    }
    if let Some(last) = lines.last() {
        row.metrics.extend(last.counters.clone());
    }
    row
}

/// The middle of a few times, the mean of the two middle ones where their number is even.
fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

fn status(planned: &PlannedPoint, finished: &Finished, place: &Place) -> (Status, Option<String>) {
    if finished.forced == Some(Forced::TimedOut) {
        let printed = finished.ended.stdout.total_bytes() + finished.ended.stderr.total_bytes();
        let said = if printed == 0 {
            "no output".to_owned()
        } else {
            format!("printed {}", tacho_schema::Bytes(printed as f64))
        };
        let limit = tacho_schema::Nanos(planned.timeout_nanos as f64);
        return match planned.ladder {
            Some(_) => {
                let text = format!("reached the cap of its ladder, {limit}, {said}");
                (Status::KilledAtCap, Some(text))
            }
            None => (Status::TimedOut, Some(format!("timed out after {limit}, {said}"))),
        };
    }
    if place.out_of_memory == Ok(true) {
        let what =
            if place.limiter.is_some() { "its `memory_max`" } else { "the machine's memory" };
        return (Status::OutOfMemory, Some(format!("{what} was used up")));
    }
    match finished.ended.end {
        End::Exited(code) if planned.ignore_failure.allows(code) => (Status::Ok, None),
        End::Exited(code) => (Status::Error, Some(format!("exit code {code}"))),
        End::Signaled(signal) => (Status::Crashed, Some(format!("ended by {}", name(signal)))),
        End::NotStarted { step, errno } => {
            if errno == libc::ENOMEM && place.limiter.is_some() {
                let text = format!("cannot {step}: its `memory_max` is too small for that");
                return (Status::Error, Some(text));
            }
            let cause = std::io::Error::from_raw_os_error(errno);
            let path = match step {
                ENTER_FOLDER => format!(" `{}`", planned.dir),
                OPEN_INPUT => format!(" `{}`", planned.stdin.as_deref().unwrap_or_default()),
                OPEN_OUTPUT => match &planned.output {
                    Output::File(path) => format!(" `{path}`"),
                    Output::Pipe | Output::Null | Output::Inherit => String::new(),
                },
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
