//! Whether a row says what happened to it: three disturbances, planted in the middle of runs.
//!
//! A busy neighbour on every processor, a child that is stopped for a while, and a process that
//! reads more than its memory holds. Each is planted while `tacho` measures the same small program;
//! the rows that it met must show it, by the readings that are meant for it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::BenchError;
use super::program::{self, Programs};
use super::rate::Rate;
use super::spread::{Line, table};
use crate::workspace::output_of;

/// Runs of the measured program in one go.
const RUNS: &str = "20";
/// Millions of steps of the measured program: some 30 ms.
const WORK: &str = "20";
/// Before something is planted.
const LEAD: Duration = Duration::from_millis(250);
/// How long it lasts.
const PLANTED: Duration = Duration::from_millis(200);
/// How long a child is stopped.
const STOPPED: Duration = Duration::from_millis(40);
/// The memory of the process that is short of it, and the file that it reads.
const GROUP_BYTES: u64 = 16 << 20;
const FILE_BYTES: u64 = 64 << 20;
/// A row shows a neighbour when it waited for more than this share of its time, which is where a
/// contended row begins.
const DELAY_SHARE_MIN: f64 = 0.02;

/// What is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disturbance {
    Neighbour,
    Stop,
    Squeeze,
}

impl Disturbance {
    const ALL: [Self; 3] = [Self::Neighbour, Self::Stop, Self::Squeeze];

    fn name(self) -> &'static str {
        match self {
            Self::Neighbour => "a busy neighbour",
            Self::Stop => "a stopped child",
            Self::Squeeze => "memory pressure",
        }
    }

    /// Whether this row shows it.
    fn is_seen_in(self, row: &Value) -> bool {
        let conditions = &row["conditions"];
        let number = |value: &Value| value.as_f64().unwrap_or(0.0);
        match self {
            Self::Neighbour => {
                let delay = number(&conditions["run_delay_nanos"]);
                delay > DELAY_SHARE_MIN * number(&row["total_nanos"])
            }
            Self::Stop => number(&conditions["stops"]) > 0.0,
            Self::Squeeze => number(&conditions["psi_memory_us"]) > 0.0,
        }
    }
}

/// What is counted of one disturbance.
#[derive(Debug, Default)]
struct Tally {
    /// Runs without a row that met it and shows it.
    missed: Rate,
    /// Runs that the summary does not mark as contended.
    unmarked: Rate,
    /// Rows from before it was planted that look the same.
    before: Rate,
}

/// Plants each disturbance so often, and prints how often the rows showed it.
///
/// Fails when one was not shown.
///
/// # Errors
/// [`BenchError`]: a program cannot be built or run, or `tacho` prints what cannot be read.
pub(crate) fn run(rounds: u32, out: &mut dyn Write) -> Result<ExitCode, BenchError> {
    let programs = program::build()?;
    let scene = Scene::new(&programs)?;
    let mut tallies: [Tally; 3] = Default::default();
    for _ in 0..rounds {
        for (disturbance, tally) in Disturbance::ALL.into_iter().zip(&mut tallies) {
            scene.round(disturbance, tally)?;
        }
    }
    let mut lines: Vec<Line> = vec![
        ["", "missed in the rows", "not marked in the table", "rows before it that look so"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for (disturbance, tally) in Disturbance::ALL.into_iter().zip(&tallies) {
        let rates = [tally.missed, tally.unmarked, tally.before].map(Rate::show);
        lines.push([vec![disturbance.name().to_owned()], rates.to_vec()].concat());
    }
    write!(out, "{}", table(&lines))?;
    let all = tallies.iter().all(|tally| tally.missed.events == 0);
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where it happens.
struct Scene<'a> {
    programs: &'a Programs,
    store: String,
    file: PathBuf,
    group: PathBuf,
}

impl<'a> Scene<'a> {
    fn new(programs: &'a Programs) -> Result<Self, BenchError> {
        let folder = programs.empty_folder("disturb")?;
        let file = folder.join("large");
        let made = std::fs::File::create(&file).and_then(|made| {
            let block = vec![7; 1 << 20];
            (0..FILE_BYTES >> 20).try_for_each(|_| (&made).write_all(&block))
        });
        made.map_err(|source| BenchError::File { verb: "write", path: file.clone(), source })?;
        let store = format!("sqlite:{}", folder.join("history.db").display());
        Ok(Self { programs, store, file, group: make_group()? })
    }

    /// Measures once with the disturbance in the middle, and looks at the rows.
    fn round(&self, disturbance: Disturbance, tally: &mut Tally) -> Result<(), BenchError> {
        let measured = self.programs.path("nuisance");
        let mut tacho = Command::new(&self.programs.tacho);
        tacho.args(["run", "-x", "--store", &self.store, "--runs", RUNS]);
        tacho.args(["--message-format", "json", "--"]).arg(&measured).args(["work", WORK]);
        let mut tacho = start(tacho.stdout(Stdio::piped()))?;
        // It may wait for another one that measures: the first event is that it begins.
        let mut events = BufReader::new(tacho.stdout.take().ok_or_else(no_events)?).lines();
        events.next().transpose()?.ok_or_else(no_events)?;
        std::thread::sleep(LEAD);
        let from = unix_nanos();
        self.plant(disturbance)?;
        let until = unix_nanos();
        events.try_for_each(|event| event.map(drop))?;
        tacho.wait()?;
        let mut seen = false;
        for row in self.rows()? {
            let start = row["started_unix_ns"].as_f64().unwrap_or(0.0);
            let end = start + row["total_nanos"].as_f64().unwrap_or(0.0);
            if end < from {
                tally.before.count(disturbance.is_seen_in(&row));
            } else if start < until {
                seen |= disturbance.is_seen_in(&row);
            }
        }
        tally.missed.count(!seen);
        tally.unmarked.count(self.contended()? == 0);
        Ok(())
    }

    fn plant(&self, disturbance: Disturbance) -> Result<(), BenchError> {
        let millis = PLANTED.as_millis().to_string();
        let nuisance = self.programs.path("nuisance");
        let mut children = Vec::new();
        match disturbance {
            Disturbance::Neighbour => {
                let processors = std::thread::available_parallelism()?.get();
                for _ in 0..2 * processors {
                    children.push(start(Command::new(&nuisance).args(["spin", &millis]))?);
                }
            }
            Disturbance::Stop => stop_one()?,
            Disturbance::Squeeze => {
                let procs = self.group.join("cgroup.procs");
                let mut squeeze = Command::new(&nuisance);
                squeeze.args(["squeeze", &millis]).arg(&procs).arg(&self.file);
                children.push(start(&mut squeeze)?);
            }
        }
        for mut child in children {
            child.wait()?;
        }
        Ok(())
    }

    /// The rows of the newest capture.
    fn rows(&self) -> Result<Vec<Value>, BenchError> {
        let printed = self.tacho(&["export", "latest", "--format", "jsonl"])?;
        printed.lines().map(|line| self.decode(line)).collect()
    }

    /// How many rows of the newest capture its summary calls contended.
    fn contended(&self) -> Result<u64, BenchError> {
        let shown = self.decode(&self.tacho(&["show", "latest", "--json"])?)?;
        Ok(shown["points"][0]["contended"].as_u64().unwrap_or(0))
    }

    fn tacho(&self, words: &[&str]) -> Result<String, BenchError> {
        let mut tacho = Command::new(&self.programs.tacho);
        let printed = output_of(tacho.args(words).args(["-x", "--store", &self.store]))?;
        Ok(String::from_utf8_lossy(&printed).into_owned())
    }

    fn decode(&self, text: &str) -> Result<Value, BenchError> {
        serde_json::from_str(text).map_err(|error| BenchError::Format {
            key: format!("{text:.60}: {error}"),
            path: self.programs.tacho.clone(),
        })
    }
}

impl Drop for Scene<'_> {
    fn drop(&mut self) {
        // It is empty by now; one that stays does no harm.
        let _ = std::fs::remove_dir(&self.group);
    }
}

fn start(command: &mut Command) -> Result<Child, BenchError> {
    Ok(command.stdin(Stdio::null()).spawn()?)
}

fn no_events() -> BenchError {
    BenchError::Scene("tacho ended before it measured".to_owned())
}

fn unix_nanos() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as f64
}

/// Stops a run of the measured program for a while.
fn stop_one() -> Result<(), BenchError> {
    let pid = loop {
        let mut find = Command::new("pgrep");
        let found = find.args(["-f", "nuisance work [0-9]+$", "--newest"]).output()?;
        let pid = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        // The newest may be tacho itself, between two runs: its words end in the same way.
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        if name.trim() == "nuisance" {
            break pid;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let signal = |name: &str| Command::new("kill").args([name, &pid]).status();
    signal("-STOP")?;
    std::thread::sleep(STOPPED);
    signal("-CONT")?;
    Ok(())
}

/// A memory control group below the root of the first hierarchy that lets us make one.
fn make_group() -> Result<PathBuf, BenchError> {
    let name = format!("tacho-bench-{}", std::process::id());
    let roots =
        [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
    for (root, limit) in roots {
        let group = Path::new(root).join(&name);
        if std::fs::create_dir(&group).is_err() {
            continue;
        }
        if std::fs::write(group.join(limit), GROUP_BYTES.to_string()).is_ok() {
            return Ok(group);
        }
        let _ = std::fs::remove_dir(&group);
    }
    Err(BenchError::Scene("no memory control group can be made here: root may".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_row_shows() {
        let row = |delay: u64, stops: u64, memory: u64| {
            json!({
                "total_nanos": 1_000_000,
                "conditions": {
                    "run_delay_nanos": delay, "stops": stops, "psi_memory_us": memory,
                },
            })
        };
        for (row, expected) in [
            (row(0, 0, 0), [false, false, false]),
            (row(20_000, 0, 0), [false, false, false]),
            (row(20_001, 0, 0), [true, false, false]),
            (row(0, 1, 0), [false, true, false]),
            (row(0, 0, 5), [false, false, true]),
            (json!({ "total_nanos": 5 }), [false, false, false]),
        ] {
            assert_eq!(Disturbance::ALL.map(|it| it.is_seen_in(&row)), expected, "{row}");
        }
    }
}
