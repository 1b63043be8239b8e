//! What keeping rows costs: a million of them through journal and commit, in flat memory, and
//! reading one capture among a thousand.
//!
//! The rows go through the product's own journal, with its thread, into its own store on the disk
//! under cargo's target folder; `examples/ingest.rs` drives both. What a user waits for (history,
//! show, version) is the real command, timed from outside, with `/bin/true` beside it: the least
//! that starting anything takes here.

use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use super::BenchError;
use super::program::{self, Programs, number};
use super::spread::{Goal, Line, Spread, table};
use crate::workspace::{WorkspaceError, output_of};

/// How much is taken in and read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Rows of the large capture.
    pub(crate) rows: u64,
    /// How often it is taken in.
    pub(crate) rounds: u32,
    /// Small captures among which one is read.
    pub(crate) captures: u64,
    /// Runs of each command that reads.
    pub(crate) runs: u32,
}

/// A figure of a round: what is shown, the names of its numbers, which are added, what a number is
/// divided by, and the goal.
type Figure = (&'static str, &'static [&'static str], f64, Option<Goal>);

const SECOND: f64 = 1e9;

const MIB: f64 = 1024.0 * 1024.0;

/// The goal for memory: more rows take no more of it.
const FLAT: Option<Goal> = Some(Goal::AtMost(1.05));

const FIGURES: [Figure; 7] = [
    ("journal and commit, s", &["journal", "commit"], SECOND, Some(Goal::AtMost(5.0))),
    ("  journal, synced, s", &["journal"], SECOND, None),
    ("  commit into SQLite, s", &["commit"], SECOND, None),
    ("rows that waited for the journal", &["waits"], 1.0, None),
    ("journal's size, MiB", &["bytes"], MIB, None),
    ("peak memory of the journal, MiB", &["journal_peak_whole"], 1024.0, None),
    ("peak memory of the commit, MiB", &["commit_peak_whole"], 1024.0, None),
];

/// A ratio of two peaks of memory: what is shown, the later one, the earlier one, the goal.
type Growth = (&'static str, &'static str, &'static str, Option<Goal>);

/// Peaks of memory beside earlier ones. The database's page cache is full only after some hundred
/// thousand rows: until then a commit grows towards that bound, and behind it no more.
const GROWTHS: [Growth; 4] = [
    ("journal: half / tenth of the rows", "journal_peak_half", "journal_peak_tenth", FLAT),
    ("journal: all / tenth of the rows", "journal_peak_whole", "journal_peak_tenth", FLAT),
    ("commit: half / tenth of the rows", "commit_peak_half", "commit_peak_tenth", None),
    ("commit: all / half of the rows", "commit_peak_whole", "commit_peak_half", FLAT),
];

/// What is read, with its goal in milliseconds; `MIDDLE` stands for a capture's identity.
const READS: [(&str, &[&str], Option<Goal>); 6] = [
    ("/bin/true", &[], None),
    ("tacho --version", &["--version"], Some(Goal::AtMost(5.0))),
    ("tacho history", &["history", "--store", "history.db"], Some(Goal::AtMost(50.0))),
    ("tacho history --json", &["history", "--store", "history.db", "--json"], None),
    ("tacho show ID", &["show", "--store", "history.db", MIDDLE], Some(Goal::AtMost(50.0))),
    ("tacho show latest", &["show", "--store", "history.db"], Some(Goal::AtMost(50.0))),
];

const MIDDLE: &str = "MIDDLE";

/// Takes rows in, reads captures, and prints figures and goals.
///
/// # Errors
/// [`BenchError`]: a program that failed, with what it said.
pub(crate) fn run(sizes: &Sizes, out: &mut dyn Write) -> Result<ExitCode, BenchError> {
    let programs = program::build()?;
    let Sizes { rows, rounds, captures, runs } = *sizes;
    writeln!(out, "{rows} rows, {rounds} rounds; median (min–max)\n")?;
    let printed: Result<Vec<String>, _> = (0..rounds).map(|_| take_in(&programs, rows)).collect();
    write!(out, "{}", table(&intake(&printed?, &programs.driver("ingest"))?))?;
    writeln!(out, "\n{captures} captures of 100 rows, {runs} runs of each command\n")?;
    write!(out, "{}", table(&reads(&programs, captures, runs)?))?;
    write!(out, "\n{}", table(&[heading("the program"), size(&programs.tacho)?]))?;
    Ok(ExitCode::SUCCESS)
}

fn heading(what: &str) -> Line {
    [what, "measured", "goal", "of the goal"].map(str::to_owned).to_vec()
}

/// One round in an empty folder; gives what the driver printed.
fn take_in(programs: &Programs, rows: u64) -> Result<String, BenchError> {
    let folder = programs.empty_folder("ingest")?;
    let mut driver = Command::new(programs.driver("ingest"));
    let printed = output_of(driver.args(["rows", &rows.to_string()]).arg(&folder))?;
    programs.empty_folder("ingest")?;
    Ok(String::from_utf8_lossy(&printed).into_owned())
}

fn intake(printed: &[String], driver: &Path) -> Result<Vec<Line>, BenchError> {
    let read = |text: &String, keys: &[&str]| -> Result<f64, BenchError> {
        keys.iter().map(|key| number(text, key, driver)).sum()
    };
    let spread = |figure: &dyn Fn(&String) -> Result<f64, BenchError>| {
        Ok::<_, BenchError>(Spread::new(printed.iter().map(figure).collect::<Result<Vec<_>, _>>()?))
    };
    let mut lines = vec![heading("rows in")];
    for (label, keys, unit, goal) in FIGURES {
        let spread = spread(&|text| Ok(read(text, keys)? / unit))?;
        lines.push(Goal::line(goal, label, &spread, 2));
    }
    for (label, late, early, goal) in GROWTHS {
        let spread = spread(&|text| Ok(read(text, &[late])? / read(text, &[early])?))?;
        lines.push(Goal::line(goal, &format!("peak memory, {label}"), &spread, 2));
    }
    Ok(lines)
}

/// Every command has its turn in every run.
fn reads(programs: &Programs, captures: u64, runs: u32) -> Result<Vec<Line>, BenchError> {
    let folder = programs.empty_folder("captures")?;
    let mut driver = Command::new(programs.driver("ingest"));
    let printed = output_of(driver.args(["captures", &captures.to_string()]).arg(&folder))?;
    let middle = String::from_utf8_lossy(&printed).trim().to_owned();
    let mut times = READS.map(|_| Vec::new());
    for _ in 0..runs {
        for ((label, words, _), times) in READS.iter().zip(&mut times) {
            let program = if words.is_empty() { Path::new(label) } else { &programs.tacho };
            let words = words.iter().map(|word| if *word == MIDDLE { &middle } else { *word });
            let mut command = Command::new(program);
            command.args(words).current_dir(&folder);
            times.push(time(&mut command)?);
        }
    }
    let mut lines = vec![heading("a command, ms")];
    for ((label, _, goal), times) in READS.iter().zip(times) {
        lines.push(Goal::line(*goal, label, &Spread::new(times), 1));
    }
    Ok(lines)
}

/// The milliseconds until the command has ended; what it prints goes nowhere.
fn time(command: &mut Command) -> Result<f64, BenchError> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command
        .status()
        .map_err(|source| WorkspaceError::Start { program: program.clone(), source })?;
    let millis = start.elapsed().as_secs_f64() * 1e3;
    if status.success() {
        return Ok(millis);
    }
    let message = format!("{command:?}");
    Err(WorkspaceError::Ended { program, status, message }.into())
}

/// The size of the file as users get it: the release profile strips it.
fn size(tacho: &Path) -> Result<Line, BenchError> {
    let found = std::fs::metadata(tacho).map_err(|source| BenchError::File {
        verb: "look at",
        path: tacho.to_owned(),
        source,
    })?;
    let spread = Spread::new([found.len() as f64 / MIB]);
    Ok(Goal::line(Some(Goal::AtMost(20.0)), "its file, stripped, MiB", &spread, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "journal_peak_tenth 100\njournal_peak_half 100\njournal_peak_whole 110\n\
        commit_peak_tenth 200\ncommit_peak_half 200\ncommit_peak_whole 200\n\
        journal 1500000000\ncommit 2000000000\nwaits 3\nbytes 1048576\n";

    #[test]
    fn what_the_driver_prints_becomes_figures() {
        let driver = Path::new("ingest");
        let lines = intake(&[PRINTED.to_owned()], driver).unwrap();
        let shown: Vec<String> = lines.iter().map(|line| line.join("|")).collect();
        assert_eq!(shown[1], "journal and commit, s|3.50 (3.50–3.50)|≤ 5.00: met|0.70");
        assert_eq!(shown[5], "journal's size, MiB|1.00 (1.00–1.00)");
        let grown = "peak memory, journal: all / tenth of the rows|1.10 (1.10–1.10)|≤ 1.05: MISSED";
        assert!(shown[9].starts_with(grown), "{}", shown[9]);
        for key in ["journal ", "waits", "commit_peak_whole"] {
            let without = PRINTED.replace(key, "x");
            assert!(intake(&[without], driver).is_err(), "{key}");
        }
    }
}
