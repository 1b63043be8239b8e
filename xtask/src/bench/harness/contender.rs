//! One turn of a harness: its command line, what it cost, and what it reported.

use std::io::Write;

use super::criterion;
use super::divan;
use super::estimate::{Column, Readings, read_lines, read_summary};
use super::project::Project;
use crate::bench::BenchError;
use crate::bench::program::{Account, Programs, account};

/// Functions that are measured in one process of a harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Set {
    /// Under 100 µs.
    Quick,
    /// From 100 µs on.
    Slow,
}

impl Set {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Quick, Self::Slow];

    /// The group's name in the bench targets, which is a filter that selects it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Slow => "slow",
        }
    }

    /// Its functions.
    pub(super) fn functions(self) -> &'static [&'static str] {
        match self {
            Self::Quick => &["one_ns", "ten_ns", "one_us", "compute_55us", "sorting", "allocating"],
            Self::Slow => &["hundred_us", "ten_ms", "streaming"],
        }
    }
}

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Contender {
    /// `tacho run` with our harness.
    Tacho,
    /// Our harness by itself, as `cargo bench` starts it.
    Plain,
    /// Criterion, given as much time as ours takes.
    Criterion,
    /// Criterion with its own settings.
    CriterionDefault,
    /// divan with its own settings.
    Divan,
    /// A plain loop around each function.
    Bare,
    /// The same in a process that has started a thread.
    BareThreaded,
}

impl Contender {
    /// Its name in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tacho => "tacho run",
            Self::Plain => "our harness by itself",
            Self::Criterion => "Criterion, as much time",
            Self::CriterionDefault => "Criterion, its own settings",
            Self::Divan => "divan, its own settings",
            Self::Bare => "a bare loop",
            Self::BareThreaded => "a bare loop with a thread",
        }
    }
}

/// Of Criterion's time, the part that is warm-up: three seconds of eight by default.
const WARM_UP_PART: f64 = 0.375;

/// How much of our time Criterion has for measuring at the least, whatever its analysis takes.
const MEASURING_PART_MIN: f64 = 0.5;

/// The harnesses as they are run here.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    /// The bench's programs.
    pub(super) programs: &'a Programs,
    project: &'a Project,
    /// Seconds that Criterion warms up and measures, by set.
    measuring_seconds: [f64; 2],
}

impl<'a> Bench<'a> {
    /// The harnesses of a project, Criterion with its own times until they are matched.
    pub(super) fn new(programs: &'a Programs, project: &'a Project) -> Self {
        Self { programs, project, measuring_seconds: [8.0; 2] }
    }

    /// Gives Criterion the wall time a benchmark that ours takes.
    ///
    /// Its analysis takes time, too: how much is found out by one run that measures as long as ours
    /// takes in all. At least half of our time is left to measure in.
    ///
    /// # Errors
    /// Those of a run.
    pub(super) fn match_times(&mut self, out: &mut dyn Write) -> Result<(), BenchError> {
        for set in Set::ALL {
            let benchmarks = set.functions().len() as f64;
            let ours = self.cost(Contender::Tacho, set)?.wall_nanos / 1e9 / benchmarks;
            self.measuring_seconds[set as usize] = ours;
            let first = self.cost(Contender::Criterion, set)?.wall_nanos / 1e9 / benchmarks;
            let measuring = measuring(ours, first);
            self.measuring_seconds[set as usize] = measuring;
            writeln!(
                out,
                "{}: ours takes {ours:.2} s a benchmark; Criterion warms up and measures for \
                 {measuring:.2} s, and takes {:.2} s for the rest",
                set.word(),
                (first - ours).max(0.0)
            )?;
        }
        Ok(())
    }

    /// What one turn costs.
    ///
    /// # Errors
    /// Those of [`Bench::run`].
    pub(super) fn cost(&self, contender: Contender, set: Set) -> Result<Account, BenchError> {
        Ok(self.run(contender, set, set.word())?.0)
    }

    /// Runs the functions of `set` that the filter selects; gives what it cost and what was said.
    ///
    /// # Errors
    /// Its failure with what it said, and an answer that is not as documented.
    pub(super) fn run(
        &self,
        contender: Contender,
        set: Set,
        filter: &str,
    ) -> Result<(Account, Readings), BenchError> {
        // Without what it kept of an earlier run: comparing with that takes Criterion longer.
        let home = self.programs.empty_folder("harness/criterion")?;
        let words = self.words(contender, set, filter);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (cost, printed) = account(self.programs, &words)?;
        let wrong = |key| BenchError::Format { key, path: words[0].into() };
        let readings = match contender {
            Contender::Tacho => read_summary(&printed).map_err(wrong)?,
            Contender::Plain => Readings::new(),
            Contender::Criterion | Contender::CriterionDefault => {
                criterion::read(&home, set.word())?
            }
            Contender::Divan => divan::parse(&String::from_utf8_lossy(&printed)).map_err(wrong)?,
            Contender::Bare => read_lines(&printed, Column::Bare).map_err(wrong)?,
            Contender::BareThreaded => read_lines(&printed, Column::BareThreaded).map_err(wrong)?,
        };
        Ok((cost, readings))
    }

    fn words(&self, contender: Contender, set: Set, filter: &str) -> Vec<String> {
        let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
        let ours = text(&self.project.tacho);
        let mut words = match contender {
            Contender::Tacho => {
                let tacho = text(&self.programs.tacho);
                let flags = ["--store", "memory:", "--json"].map(str::to_owned);
                [vec![tacho, "run".to_owned(), "--harness".to_owned(), ours], flags.into()].concat()
            }
            Contender::Plain => vec![ours, "--bench".to_owned()],
            Contender::Criterion | Contender::CriterionDefault => {
                let home = text(&self.programs.folder.join("harness/criterion"));
                let harness = text(&self.project.criterion);
                let home = format!("CRITERION_HOME={home}");
                let flags = ["--bench", "--noplot"].map(str::to_owned);
                [vec!["env".to_owned(), home, harness], flags.into()].concat()
            }
            Contender::Divan => vec![text(&self.project.divan), "--bench".to_owned()],
            Contender::Bare | Contender::BareThreaded => vec![text(&self.project.bare)],
        };
        if contender == Contender::Criterion {
            let all = self.measuring_seconds[set as usize];
            for (flag, part) in
                [("--warm-up-time", WARM_UP_PART), ("--measurement-time", 1.0 - WARM_UP_PART)]
            {
                words.extend([flag.to_owned(), format!("{:.4}", all * part)]);
            }
        }
        words.push(filter.to_owned());
        if contender == Contender::BareThreaded {
            words.push("thread".to_owned());
        }
        words
    }
}

/// Seconds to measure for, so that all takes `ours`: a run that measured so long took `first`.
fn measuring(ours: f64, first: f64) -> f64 {
    let rest = (first - ours).max(0.0);
    (ours - rest).max(MEASURING_PART_MIN * ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criterion_gets_what_its_analysis_leaves_and_half_at_least() {
        for (ours, first, expected) in
            [(0.5, 0.625, 0.375), (0.5, 0.5, 0.5), (0.5, 0.25, 0.5), (0.5, 2.0, 0.25)]
        {
            assert_eq!(measuring(ours, first), expected, "{ours} {first}");
        }
    }

    #[test]
    fn words_are_those_of_each_harness() {
        let programs =
            Programs { folder: "/t/bench".into(), tacho: "/t/tacho".into(), target: "/t".into() };
        let project = Project::fake("/p");
        let bench = Bench::new(&programs, &project);
        let shown = |contender| bench.words(contender, Set::Quick, "quick").join(" ");
        let home = "env CRITERION_HOME=/t/bench/harness/criterion /p/criterion --bench --noplot";
        for (contender, expected) in [
            (
                Contender::Tacho,
                "/t/tacho run --harness /p/tacho --store memory: --json quick".to_owned(),
            ),
            (Contender::Plain, "/p/tacho --bench quick".to_owned()),
            (
                Contender::Criterion,
                format!("{home} --warm-up-time 3.0000 --measurement-time 5.0000 quick"),
            ),
            (Contender::CriterionDefault, format!("{home} quick")),
            (Contender::Divan, "/p/divan --bench quick".to_owned()),
            (Contender::Bare, "/p/bare quick".to_owned()),
            (Contender::BareThreaded, "/p/bare quick thread".to_owned()),
        ] {
            assert_eq!(shown(contender), expected);
        }
    }
}
