//! What each starter says of the peak memory of programs whose memory is known.
//!
//! The kernel's peak of a child starts at the memory of the process that started it, and the
//! kernel's peak of all children is that of the largest one: both show here. A program without a C
//! library needs less than any starter, so what is reported for it is the starter's floor; kernels
//! that count pages in batches may have counted none.

use std::io::Write;
use std::process::ExitCode;

use super::BenchError;
use super::hyperfine;
use super::program::{self, Programs};
use super::spread::{Goal, Spread, table};
use super::starter::Tool;

/// A command in the order of measuring, and the goal for `tacho` in KiB.
const COMMANDS: [(&str, &str, Option<Goal>); 4] = [
    ("./bare", "no C library: the floor, or nothing", Some(Goal::AtMost(560.0))),
    ("./nothing", "static, does nothing", Some(Goal::AtMost(0.6 * 1024.0))),
    ("./memory 200", "touches 200 MiB", None),
    ("./memory 5", "touches 5 MiB, after that one", Some(Goal::AtMost(7.0 * 1024.0))),
];

/// Builds what is needed, and compares.
///
/// # Errors
/// [`BenchError`]: a starter that failed, with what it said.
pub(crate) fn run(runs: u32, out: &mut dyn Write) -> Result<ExitCode, BenchError> {
    let programs = program::build()?;
    let peer = hyperfine::find(&programs, out)?.map(Tool::hyperfine);
    compare(&programs, peer.as_ref(), runs, out)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what both say; an empty column without a peer.
///
/// # Errors
/// [`BenchError`]: a starter that failed, with what it said.
pub(super) fn compare(
    programs: &Programs,
    peer: Option<&Tool>,
    runs: u32,
    out: &mut dyn Write,
) -> Result<(), BenchError> {
    let commands = COMMANDS.map(|(command, ..)| command);
    let ours = Tool::tacho(programs).peaks(programs, &commands, runs)?;
    let theirs = peer.map(|tool| tool.peaks(programs, &commands, runs)).transpose()?;
    let name = peer.map_or("no peer", |tool| tool.name.as_str());
    write!(out, "{}", compared(&ours, theirs.as_deref(), name))?;
    Ok(())
}

fn compared(ours: &[Spread], theirs: Option<&[Spread]>, peer: &str) -> String {
    let heading = ["peak memory as reported, KiB", "tacho", peer, "goal"];
    let mut lines = vec![heading.map(str::to_owned).to_vec()];
    for (at, (_, label, goal)) in COMMANDS.into_iter().enumerate() {
        let of = |all: Option<&[Spread]>| all.and_then(|all| all.get(at)).cloned();
        let our = of(Some(ours)).unwrap_or_default();
        let judged = goal.map_or_else(String::new, |goal| goal.judge(&our, 0));
        let their = of(theirs).unwrap_or_default();
        lines.push(vec![label.to_owned(), our.show(0), their.show(0), judged]);
    }
    table(&lines)
}
