//! What a `tacho` that is killed leaves behind: at seeded moments, over short programs and ones
//! that fork sleepers into the background.
//!
//! Every program appends its name to a log just before it ends (`stamp.c`), so what was completed
//! is known without asking `tacho`. One store takes all of it, so that what an earlier kill did to
//! it is met by every later run. What is in it is counted by a reader of its own
//! (`examples/audit.rs`), which takes no summary's word.
//!
//! Half of the moments are spread evenly over a whole run, from its start to its end; the others
//! are counted from the end of the last program, where the summary is written, synced and
//! committed: that is a small part of a run, and the one where most can go wrong.

mod audit;
mod scene;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};

use super::BenchError;
use super::program;
use super::rate::Rate;
use super::spread::{Line, table};
use scene::{Left, RUNS, Scene};

/// When `tacho` is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// So long after its start.
    SinceStart(Duration),
    /// So long after the last program of its plan wrote to the log.
    SinceLastProgram(Duration),
}

/// The moment of each of so many kills: half over the whole run, half over its last part.
fn moments(seed: u64, times: u32, whole: Duration, last_part: Duration) -> Vec<Moment> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut within = |span: Duration| {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX).max(1);
        Duration::from_nanos(generator.next_u64() % nanos)
    };
    (0..times)
        .map(|index| match index % 2 {
            0 => Moment::SinceStart(within(whole)),
            _ => Moment::SinceLastProgram(within(last_part)),
        })
        .collect()
}

/// Everything that was counted.
#[derive(Debug, Default)]
struct Tally {
    /// Kills that came after `tacho` had ended by itself.
    too_late: u64,
    committed_by_run: u64,
    committed_by_recover: u64,
    nothing_kept: u64,
    rows: u64,
    completed: u64,
    in_flight: u64,
    unopened: Rate,
    lacking: Rate,
    changed: Rate,
    children: Rate,
    lost: Rate,
    invented: Rate,
}

impl Tally {
    fn add(&mut self, left: &Left) {
        self.too_late += u64::from(!left.was_running);
        self.committed_by_run += left.committed_by_run;
        self.committed_by_recover += left.committed_by_recover;
        self.nothing_kept += u64::from(left.committed_by_run + left.committed_by_recover == 0);
        self.rows += left.rows;
        self.completed += left.completed;
        // The run in flight is the one whose row `kill -9` may lose.
        let in_flight = left.without_row.min(1);
        self.in_flight += in_flight;
        self.unopened.count(!left.opened);
        self.lacking.count(left.lacking > 0);
        self.changed.count(left.changed > 0);
        self.children.count(left.children > 0);
        self.lost.events += left.without_row - in_flight;
        self.lost.trials += left.completed - in_flight;
        self.invented.events += left.without_program;
        self.invented.trials += left.rows;
    }

    /// What must never happen.
    fn promises(&self) -> [(&'static str, Rate); 6] {
        [
            ("moments after which the store did not open", self.unopened),
            ("… a committed capture lacked a row that it counts", self.lacking),
            ("… an earlier capture had changed, or was there twice", self.changed),
            ("… a child or the spawner was left", self.children),
            ("completed runs lost, but the one in flight", self.lost),
            ("rows of programs that had not completed", self.invented),
        ]
    }

    fn kept(&self) -> bool {
        self.promises().iter().all(|(_, rate)| rate.events == 0)
    }

    fn show(&self) -> String {
        let counts = [
            ("kills that came after the end", self.too_late),
            ("captures committed by the run itself", self.committed_by_run),
            ("captures committed by tacho recover", self.committed_by_recover),
            ("moments with nothing to keep", self.nothing_kept),
            ("programs that completed", self.completed),
            ("… of them in flight, without a row", self.in_flight),
            ("rows in the store", self.rows),
        ];
        let mut lines: Vec<Line> = counts
            .iter()
            .map(|(label, count)| vec![(*label).to_owned(), count.to_string()])
            .collect();
        for (label, rate) in self.promises() {
            let judged = if rate.events == 0 { "none: met" } else { "none: MISSED" };
            lines.push(vec![label.to_owned(), rate.show(), judged.to_owned()]);
        }
        table(&lines)
    }
}

/// Kills a measuring `tacho` so often, looks at what it left, and prints the counts.
///
/// Fails when something was lost, left or damaged.
///
/// # Errors
/// [`BenchError`]: a program that cannot be built, or an undisturbed run that is not as it should
/// be: then nothing could be told from the disturbed ones.
pub(crate) fn run(
    times: u32,
    seed: u64,
    millis: u32,
    out: &mut dyn Write,
) -> Result<ExitCode, BenchError> {
    let programs = program::build()?;
    let mut scene = Scene::new(&programs, millis)?;
    let (whole, last_part) = scene.undisturbed()?;
    writeln!(
        out,
        "kill -9 at {times} moments, seed {seed}; 3 programs of {millis} ms, {RUNS} runs each; \
         a whole run takes {:.0} ms, {:.0} ms of it after the last program\n",
        whole.as_secs_f64() * 1e3,
        last_part.as_secs_f64() * 1e3,
    )?;
    let mut tally = Tally::default();
    for moment in moments(seed, times, whole, last_part) {
        let left = scene.kill(moment)?;
        if left.is_broken() {
            writeln!(out, "{moment:?} left {left:?}")?;
        }
        tally.add(&left);
    }
    write!(out, "{}", tally.show())?;
    Ok(if tally.kept() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_their_seed() {
        let span = Duration::from_millis;
        let draw = |seed| moments(seed, 100, span(400), span(20));
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let within = draw(1).into_iter().enumerate().all(|(index, moment)| match moment {
            Moment::SinceStart(since) => index % 2 == 0 && since < span(400),
            Moment::SinceLastProgram(since) => index % 2 == 1 && since < span(20),
        });
        assert!(within);
        assert_eq!(moments(1, 1, Duration::ZERO, span(1)), [Moment::SinceStart(Duration::ZERO)]);
    }

    #[test]
    fn only_the_run_in_flight_may_lack_its_row() {
        let clean = Left { was_running: true, opened: true, ..Left::default() };
        let some = Left { completed: 9, rows: 8, without_row: 1, committed_by_recover: 1, ..clean };
        for (left, kept) in [
            (clean, true),
            (some, true),
            (Left { without_row: 2, ..some }, false),
            (Left { without_program: 1, ..some }, false),
            (Left { opened: false, ..some }, false),
            (Left { lacking: 1, ..some }, false),
            (Left { changed: 1, ..some }, false),
            (Left { children: 1, ..some }, false),
        ] {
            let mut tally = Tally::default();
            tally.add(&left);
            assert_eq!((tally.kept(), left.is_broken()), (kept, !kept), "{left:?}");
            assert_eq!(tally.show().contains("MISSED"), !kept, "{left:?}");
        }
    }
}
