//! `_serve`: calls on request, so that two builds can be alternated in slices.

use std::io::{BufRead, Read};

use super::request::Request;
use super::say;
use crate::Workload;
use crate::batch::{Costs, clock_for};
use crate::bencher::{Bencher, Job};
use crate::clock::Ruler;
use crate::routine::Routine;

/// The longest line that is read.
const LINE_BYTES_MAX: u64 = 1024;

/// The most calls of a request.
const CALLS_MAX: u64 = 1 << 40;

/// Answers requests until the end of standard input.
pub(super) fn run(request: &Request, workloads: &[Workload]) -> Result<(), String> {
    let (workload, param) = request.find(workloads)?;
    if request.threads.is_some_and(|threads| threads > 1) {
        return Err("_serve measures one thread: leave out --threads".to_owned());
    }
    if request.cold.unwrap_or(workload.cold) {
        return Err(format!("{} is cold: a second call would not be", workload.name));
    }
    let mut bencher = Bencher::new(Job::Serve);
    (workload.call)(&mut bencher, param);
    bencher.into_outcome().map(drop).map_err(|error| format!("{}: {error}", workload.name))
}

/// Answers with the times of `routine`, whose set-up is done.
pub(crate) fn serve(routine: &mut dyn Routine) -> Result<(), String> {
    let ruler = Ruler::of(clock_for(routine));
    // The processor has its speed when the rate is known: the loop is looked at behind that.
    ruler.settled_nanos_per_tick();
    let costs = Costs::of(ruler, routine);
    say("ready\n")?;
    answer_lines(std::io::stdin().lock(), say, |count| {
        let span = routine.calls(ruler.clock, count, &mut || {});
        (costs.net_ticks(span, count) * ruler.nanos_per_tick()).round() as u64
    })
}

/// Answers each line of `input`; a line that is too long is several that are not understood.
fn answer_lines(
    mut input: impl BufRead,
    say: impl Fn(&str) -> Result<(), String>,
    mut time: impl FnMut(u64) -> u64,
) -> Result<(), String> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut bounded = input.by_ref().take(LINE_BYTES_MAX);
        let read = bounded.read_until(b'\n', &mut line);
        if read.map_err(|error| format!("cannot read standard input: {error}"))? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line);
        match calls_of(text.trim()) {
            Ok(count) => say(&format!("nanos {}\n", time(count)))?,
            Err(why) => say(&format!("error {why}\n"))?,
        }
    }
}

/// The number of calls that a line asks for.
fn calls_of(line: &str) -> Result<u64, String> {
    let Some(count) = line.strip_prefix("run ") else {
        return Err(format!("run ITERATIONS is understood, {line:?} is not"));
    };
    match count.trim().parse() {
        Ok(count) if (1..=CALLS_MAX).contains(&count) => Ok(count),
        _ => Err(format!("{count:?} is no number of calls from 1 to {CALLS_MAX}")),
    }
}

#[cfg(test)]
mod tests;
