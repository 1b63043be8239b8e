//! What starting a program costs: the bare loop, `tacho` and hyperfine, side by side.
//!
//! The accounting. The CPU time of a starter and everything it starts is taken from outside, by a
//! small program (`account.c`) that is the subreaper of all of them and waits for every one; a
//! spawner process that outlives its `tacho` is counted too. From that total the CPU time of the
//! measured runs is subtracted, as the starter itself reports it (user + system of each run); the
//! rest is the starter's *own*. All starters are read in this one way, the bare loop as well,
//! although it could read its own time: that it agrees with its own reading is the check of the
//! method, printed below the table.
//!
//! What could be hidden, and is not. A starter that over-reports its runs would look cheap: the
//! reported CPU time of a run stands in the table, and should be the same for all. Work between
//! fork and exec (redirections, process groups) is charged by the kernel to the measured run: the
//! CPU time of the whole tree stands in the table too, and nothing hides in that. What a starter
//! does once (reading its configuration, opening its history, calibrating) is in the line "start-up
//! included"; the line of a *further* run is the slope between a quarter of the runs and all.
//!
//! What the kernel counts. Where it accounts by ticks, the *split* of user and system time is a
//! sample, but their *sum* is the scheduler's precise run time; the check line compares both for
//! the same children. Each of the two is cut to a microsecond in `wait4`: own time reads up to that
//! much too high, for every starter alike.

use std::io::Write;
use std::process::ExitCode;

use super::BenchError;
use super::program::{self, Programs, number};
use super::spread::{Goal, Spread, table};
use super::starter::{NOTHING, Reading, Starter, Tool};
use super::{hyperfine, rss};
use crate::workspace::output_of;

/// Of all runs, the part that the shorter go has.
const SHORT_PART: u32 = 4;

/// Runs that compare the kernel's two counts.
const CHECK_RUNS: u32 = 400;

/// Runs of each program whose peak memory is read.
const PEAK_RUNS: u32 = 20;

/// What `tacho` holds in the last comparison.
const BALLAST_MIB: u32 = 1024;

/// A starter's readings in one round: a shorter go, and all runs.
#[derive(Clone, Copy, Debug)]
struct Round {
    fewer: Reading,
    all: Reading,
}

/// A number of a round.
type Figure = fn(&Round) -> f64;

fn own_further(round: &Round) -> f64 {
    round.all.further(&round.fewer, Reading::own_nanos)
}

fn own_whole(round: &Round) -> f64 {
    round.all.own_nanos() / round.all.runs
}

fn tree_further(round: &Round) -> f64 {
    round.all.further(&round.fewer, |reading| reading.account.cpu_nanos)
}

fn of_run(round: &Round) -> f64 {
    round.all.runs_cpu_nanos / round.all.runs
}

fn median(round: &Round) -> f64 {
    round.all.median_nanos
}

fn per_second(round: &Round) -> f64 {
    1e9 * round.all.runs / round.all.account.wall_nanos
}

/// The starter's own reading, where it has one.
fn own_itself(round: &Round) -> f64 {
    round.all.self_cpu_nanos.map_or(f64::NAN, |nanos| nanos / round.all.runs)
}

/// The lines of the table, each with what a number is divided by to be shown.
const FIGURES: [(&str, Figure, f64); 6] = [
    ("own CPU of a further run, µs", own_further, 1e3),
    ("own CPU of a run, start-up included, µs", own_whole, 1e3),
    ("CPU of the whole tree, a further run, µs", tree_further, 1e3),
    ("CPU of the measured run as reported, µs", of_run, 1e3),
    ("median as reported, µs", median, 1e3),
    ("runs per second, start-up included", per_second, 1.0),
];

/// The starters, and what each read in every round.
struct Readings {
    starters: Vec<Starter>,
    /// By starter, then by round.
    rounds: Vec<Vec<Round>>,
}

impl Readings {
    fn spread(&self, starter: usize, figure: Figure, unit: f64) -> Spread {
        Spread::new(self.rounds[starter].iter().map(|round| figure(round) / unit))
    }

    /// The ratio of two starters within each round; without figures where one is missing.
    fn ratio(&self, one: usize, other: usize, figure: Figure) -> Spread {
        let (Some(ones), Some(others)) = (self.rounds.get(one), self.rounds.get(other)) else {
            return Spread::default();
        };
        Spread::new(ones.iter().zip(others).map(|(a, b)| figure(a) / figure(b)))
    }
}

/// Runs every starter in every round and prints figures, ratios and goals.
///
/// # Errors
/// [`BenchError`]: a starter that failed, with what it said.
pub(crate) fn run(runs: u32, rounds: u32, out: &mut dyn Write) -> Result<ExitCode, BenchError> {
    let programs = program::build()?;
    let peer = hyperfine::find(&programs, out)?.map(Tool::hyperfine);
    let mut starters = vec![Starter::Floor, Starter::Tool(Tool::tacho(&programs))];
    starters.extend(peer.clone().map(Starter::Tool));
    writeln!(out, "{rounds} rounds of {runs} runs and of a quarter; median (min–max) of rounds")?;
    let readings = interleave(&programs, starters, runs, rounds)?;
    write!(out, "\n{}", figures(&readings))?;
    write!(out, "\n{}", goals(&readings))?;
    write!(out, "\n{}", checks(&programs, &readings)?)?;
    let sizes = vec![Starter::Ballast(0), Starter::Ballast(BALLAST_MIB)];
    write!(out, "\n{}", ballast(&interleave(&programs, sizes, runs, rounds)?))?;
    writeln!(out)?;
    rss::compare(&programs, peer.as_ref(), PEAK_RUNS, out)?;
    Ok(ExitCode::SUCCESS)
}

/// Every starter has its turn in every round, another one first each time.
fn interleave(
    programs: &Programs,
    starters: Vec<Starter>,
    runs: u32,
    rounds: u32,
) -> Result<Readings, BenchError> {
    let mut read: Vec<Vec<Round>> = starters.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds as usize {
        for turn in 0..starters.len() {
            let at = (round + turn) % starters.len();
            let fewer = starters[at].read(programs, runs / SHORT_PART)?;
            let all = starters[at].read(programs, runs)?;
            read[at].push(Round { fewer, all });
        }
    }
    Ok(Readings { starters, rounds: read })
}

fn figures(readings: &Readings) -> String {
    let mut lines = vec![vec!["of a static program that does nothing".to_owned()]];
    lines[0].extend(readings.starters.iter().map(Starter::name));
    for (label, figure, unit) in FIGURES {
        let mut line = vec![label.to_owned()];
        let shown = |at| readings.spread(at, figure, unit).show(1);
        line.extend((0..readings.starters.len()).map(shown));
        lines.push(line);
    }
    table(&lines)
}

/// Places of the starters in [`Readings`].
const FLOOR: usize = 0;
const TACHO: usize = 1;
const PEER: usize = 2;

fn goals(readings: &Readings) -> String {
    // With the conditions of every run, which neither of the others records.
    let own = Some(Goal::AtMost(1.4));
    let lines: [(&str, usize, usize, Figure, Option<Goal>); 8] = [
        ("own CPU of a further run: tacho / bare loop", TACHO, FLOOR, own_further, own),
        ("own CPU of a further run: peer / bare loop", PEER, FLOOR, own_further, None),
        ("own CPU, start-up included: tacho / bare loop", TACHO, FLOOR, own_whole, own),
        ("own CPU, start-up included: peer / bare loop", PEER, FLOOR, own_whole, None),
        ("whole tree: tacho / bare loop", TACHO, FLOOR, tree_further, None),
        ("median: tacho / bare loop", TACHO, FLOOR, median, Some(Goal::AtMost(1.05))),
        ("median: peer / bare loop", PEER, FLOOR, median, None),
        ("runs per second: tacho / peer", TACHO, PEER, per_second, Some(Goal::AtLeast(1.05))),
    ];
    let mut shown = vec![["ratio within a round", "", "goal"].map(str::to_owned).to_vec()];
    for (label, one, other, figure, goal) in lines {
        let ratio = readings.ratio(one, other, figure);
        let judged = goal.map_or_else(String::new, |goal| goal.judge(&ratio, 2));
        shown.push(vec![label.to_owned(), ratio.show(3), judged]);
    }
    table(&shown)
}

/// Whether the accounting holds on this machine.
fn checks(programs: &Programs, readings: &Readings) -> Result<String, BenchError> {
    let agree = readings.rounds[FLOOR].iter().map(|round| own_whole(round) / own_itself(round));
    let file = programs.path("floor");
    let runs = CHECK_RUNS.to_string();
    let mut check = std::process::Command::new(&file);
    let printed = output_of(check.args([NOTHING, &runs, "check"]).current_dir(&programs.folder))?;
    let text = String::from_utf8_lossy(&printed);
    let ratio = number(&text, "accounted", &file)? / number(&text, "scheduled", &file)?;
    let line = |label: &str, spread: Spread| vec![label.to_owned(), spread.show(3)];
    Ok(table(&[
        line("check: bare loop's own CPU, by subtraction / read by itself", Spread::new(agree)),
        line("check: CPU of its runs, by wait4 / by the scheduler", Spread::new([ratio])),
    ]))
}

/// Starting children from a small process and from a large one, each by its own reading.
fn ballast(readings: &Readings) -> String {
    let figures: [(&str, Figure); 2] =
        [("own CPU of a run, µs", own_itself), ("median, µs", median)];
    let mut lines = vec![vec!["the spawner, driven by a process".to_owned()]];
    lines[0].extend(readings.starters.iter().map(Starter::name));
    lines[0].extend(["ratio", "goal"].map(str::to_owned));
    for (label, figure) in figures {
        let ratio = readings.ratio(1, 0, figure);
        let shown = |at| readings.spread(at, figure, 1e3).show(1);
        let mut line = vec![label.to_owned()];
        line.extend((0..readings.starters.len()).map(shown));
        line.extend([ratio.show(3), Goal::AtMost(1.05).judge(&ratio, 2)]);
        lines.push(line);
    }
    table(&lines)
}
