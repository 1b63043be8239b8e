//! Rows through the journal and into a store, as `tacho` takes them, and timed on the way.
//!
//! `ingest rows COUNT FOLDER` pushes so many typical rows through a journal in the folder, then
//! commits them to a store there. It prints lines of a name and a number: nanoseconds of both
//! halves, and the peak memory in KiB when a tenth, a half and all of the rows had passed.
//! `ingest captures COUNT FOLDER` makes a store of so many captures, each of five points with
//! twenty rows, and prints the identity of the one in the middle.
//!
//! The measuring loop is left out: a million programs would take minutes, and what is asked is what
//! keeping their rows costs. `cargo xtask bench ingest` builds and runs it.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde_json::json;
use tacho_measure::journal::{Journal, Reader};
use tacho_schema::{CaptureHeader, CaptureSummary, Name, ParamValue, PlanDoc, Row, Status};
use tacho_store::{Access, Location, RowSourceError, Store};

/// Points of every capture.
const POINTS: u64 = 5;
/// Rows of each point of a small capture.
const ROWS: u64 = 20;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [what, count, folder] = &words[..] else { return Err("WHAT COUNT FOLDER".into()) };
    let (count, folder) = (count.parse()?, Path::new(folder));
    let mut out = std::io::stdout().lock();
    match what.as_str() {
        "rows" => stream(count, folder, &mut out),
        "captures" => Ok(writeln!(out, "{}", fill(count, folder)?)?),
        other => Err(format!("neither rows nor captures: {other}").into()),
    }
}

/// Takes `count` rows all the way, and prints what each half of it cost.
fn stream(count: u64, folder: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let (header, plan, summary) = documents(0, count)?;
    let mut store = open(folder)?;
    let mut peaks = Peaks::start(count)?;
    let start = Instant::now();
    let mut journal = Journal::create(folder, &header, &plan, Box::new(|_| {}))?;
    for index in 0..count {
        if !journal.push(Box::new(row(index)?)) {
            break;
        }
        peaks.passed(index + 1)?;
    }
    let waits = journal.waits();
    let journal = journal.finish(Some(&summary))?;
    let written = start.elapsed();
    let bytes = std::fs::metadata(journal.path())?.len();
    peaks.print("journal", out)?;
    let mut peaks = Peaks::start(count)?;
    let start = Instant::now();
    let reader = Reader::open(journal.path())?.ok_or("the journal has no head")?;
    let mut passed = 0;
    let mut rows = reader.rows_ahead().map(|row| -> Result<Row, RowSourceError> {
        passed += 1;
        peaks.passed(passed).map_err(|error| RowSourceError::from(error.to_string()))?;
        Ok(row?)
    });
    store.append(&header, &plan, &mut rows, &summary)?;
    drop(rows);
    journal.remove()?;
    let committed = start.elapsed();
    peaks.print("commit", out)?;
    writeln!(out, "journal {}\ncommit {}", written.as_nanos(), committed.as_nanos())?;
    writeln!(out, "waits {waits}\nbytes {bytes}")?;
    Ok(())
}

/// Makes the small captures; gives the identity of the middle one.
fn fill(count: u64, folder: &Path) -> Result<String, Failure> {
    let mut store = open(folder)?;
    let mut middle = String::new();
    for capture in 0..count {
        let (header, plan, summary) = documents(capture, POINTS * ROWS)?;
        let rows: Vec<Row> = (0..POINTS * ROWS).map(row).collect::<Result<_, _>>()?;
        store.append(&header, &plan, &mut rows.into_iter().map(Ok), &summary)?;
        if capture == count / 2 {
            middle = header.id.to_string();
        }
    }
    Ok(middle)
}

fn open(folder: &Path) -> Result<Box<dyn Store>, Failure> {
    std::fs::create_dir_all(folder)?;
    Ok(tacho_store::open(&Location::Sqlite(folder.join("history.db")), Access::Write)?)
}

/// What stands around the rows of a capture.
///
/// From JSON, so that a key which is added to a document with a default needs nothing here.
fn documents(capture: u64, rows: u64) -> Result<(CaptureHeader, PlanDoc, CaptureSummary), Failure> {
    let started = 1_700_000_000_000 + capture * 60_000;
    let header = json!({
        "schema_version": 1, "id": format!("20231114-{capture:06}-abcdef"),
        "started_unix_ms": started, "invocation": ["tacho", "run"], "manifest": "tacho.toml",
        "seed": capture, "spawner": "static", "spawn_floor_nanos": 412_345.6,
        "unavailable": {"instructions": "this version does not record it"},
        "env": {"os": "linux", "arch": "x86_64", "cpu_model": "a processor", "cpu_cores": 2,
            "git_commit": format!("{capture:040x}"), "timestamp_unix_ms": started},
    });
    let points: Vec<_> = (0..POINTS)
        .map(|level| {
            json!({
                "point": {"function": "gzip/level", "params": {"level": level}},
                "command": format!("gzip -c -{level} corpus.txt"),
                "argv": ["gzip", "-c", format!("-{level}"), "corpus.txt"], "dir": ".", "leg": 0,
                "warmup": 0, "min_runs": ROWS, "max_runs": rows, "min_time_nanos": 0,
                "max_time_nanos": 10_000_000_000_u64, "precision": 0.02,
                "timeout_nanos": 60_000_000_000_u64,
            })
        })
        .collect();
    let plan = json!({"schema_version": 1, "seed": capture, "points": points});
    let summary = json!({
        "state": "complete", "ended_unix_ms": started + 30_000, "rows": rows,
        "by_status": {"ok": rows}, "points": POINTS, "leaked": 0, "backpressure_waits": 0,
    });
    let (header, plan) = (serde_json::from_value(header)?, serde_json::from_value(plan)?);
    Ok((header, plan, serde_json::from_value(summary)?))
}

/// The row of a command that ended well, with numbers of a usual width.
fn row(index: u64) -> Result<Row, Failure> {
    let wall = 5_000_000 + index.wrapping_mul(0x9e37_79b9) % 1_000_000;
    let mut row = Row::fixed(Name::new("gzip/level")?, index / POINTS, wall, Status::Ok);
    let level = i64::try_from(index % POINTS)?;
    row.params.insert("level".to_owned(), ParamValue::Integer(level));
    row.exit_code = Some(0);
    (row.sequence, row.process) = (Some(index), Some(index));
    row.round = Some(index / POINTS);
    row.started_unix_ns = Some(1_700_000_000_000_000_000 + index * 6_000_000);
    row.leaked = Some(0);
    (row.user_nanos, row.system_nanos) = (Some(wall / 2 / 1000 * 1000), Some(wall / 5000 * 1000));
    (row.peak_rss_kb, row.rss_floor_kb) = (Some(1900 + index % 64), Some(548));
    (row.minor_faults, row.major_faults) = (Some(180 + index % 16), Some(0));
    (row.voluntary_switches, row.involuntary_switches) = (Some(1), Some(index % 3));
    Ok(row)
}

/// The largest memory so far, when a tenth, a half and all of the rows have passed.
struct Peaks {
    at: [u64; 3],
    kib: [u64; 3],
}

impl Peaks {
    /// Forgets what was needed before.
    fn start(rows: u64) -> Result<Self, Failure> {
        // "Reset the peak resident set size": proc(5) on clear_refs.
        std::fs::write("/proc/self/clear_refs", "5")?;
        Ok(Self { at: [rows.div_ceil(10), rows.div_ceil(2), rows], kib: [0; 3] })
    }

    fn passed(&mut self, rows: u64) -> Result<(), Failure> {
        for (at, kib) in self.at.iter().zip(&mut self.kib) {
            if *at == rows {
                let status = std::fs::read_to_string("/proc/self/status")?;
                let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
                let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
                *kib = number.ok_or("no VmHWM in /proc/self/status")?.parse()?;
            }
        }
        Ok(())
    }

    fn print(&self, half: &str, out: &mut dyn Write) -> Result<(), Failure> {
        for (part, kib) in ["tenth", "half", "whole"].iter().zip(self.kib) {
            writeln!(out, "{half}_peak_{part} {kib}")?;
        }
        Ok(())
    }
}
