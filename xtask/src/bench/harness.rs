//! Our harness beside Criterion and divan: the same functions, in the same minutes.
//!
//! The three measure one small library that is compiled once, each from a bench target of the same
//! generated package: same profile, same machine code. In every round each has its turn with each
//! set of functions, in shuffled order, one process at a time; ratios are taken within a round.
//! Criterion is given the time that ours takes, its analysis included where that leaves at least
//! half for measuring; divan runs as it does by itself.
//!
//! Where they disagree, a bare loop shows why. Criterion subtracts nothing for its loop, and starts
//! threads when it has analysed its first function: from then on an allocator has to lock. divan
//! makes 100 calls of what takes some microseconds, too few for caches and branch predictors.

mod compile;
mod contender;
mod criterion;
mod divan;
mod estimate;
mod neighbour;
mod project;
mod rounds;
mod share;
mod tables;

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use self::contender::{Bench, Contender, Set};
use self::project::Project;
use self::rounds::Rounds;
use super::BenchError;
use super::program;

/// Which figures are taken, and how often.
#[derive(Args)]
pub(crate) struct Options {
    /// How often every harness has its turn
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=1000))]
    rounds: u32,
    /// The seed of the order of turns
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ratios of what they report [the first four are the default]
    #[arg(long)]
    agreement: bool,
    /// How much each reports another number from round to round
    #[arg(long)]
    variation: bool,
    /// How often an interval holds the median of all rounds
    #[arg(long)]
    coverage: bool,
    /// Time a benchmark
    #[arg(long)]
    cost: bool,
    /// Run Criterion once with its own settings, too
    #[arg(long)]
    full: bool,
    /// What they report beside a busy neighbour
    #[arg(long)]
    neighbour: bool,
    /// What building a crate with one function costs
    #[arg(long)]
    compile: bool,
    /// How often each is built
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    builds: u32,
}

impl Options {
    /// Whether the figures were asked for, or nothing was.
    fn wants(&self, asked: bool) -> bool {
        let any = [self.agreement, self.variation, self.coverage, self.cost];
        asked || !(any.contains(&true) || self.neighbour || self.compile)
    }

    fn wants_rounds(&self) -> bool {
        [self.agreement, self.variation, self.coverage, self.cost]
            .into_iter()
            .any(|asked| self.wants(asked))
    }
}

/// Builds what is measured, has the rounds, and prints the tables that were asked for.
///
/// # Errors
/// [`BenchError`]: something cannot be built, or the terminal is gone. A harness that fails in a
/// round is named, and the round goes on without it.
pub(crate) fn run(options: &Options, out: &mut dyn Write) -> Result<ExitCode, BenchError> {
    let programs = program::build()?;
    let mut order = ChaCha8Rng::seed_from_u64(options.seed);
    if options.wants_rounds() || options.neighbour {
        let project = Project::build(&programs)?;
        writeln!(out, "{}", project.versions()?.join(" · "))?;
        let mut bench = Bench::new(&programs, &project);
        bench.match_times(out)?;
        if options.wants_rounds() {
            series(options, &bench, &mut order, out)?;
        }
        if options.neighbour {
            neighbour::run(&bench, options.rounds, &mut order, out)?;
        }
    }
    if options.compile {
        compile::run(&programs, options.builds, &mut order, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What makes a table of rounds.
type Table = fn(&Rounds) -> String;

/// The rounds, and the tables that are made of them.
fn series(
    options: &Options,
    bench: &Bench<'_>,
    order: &mut ChaCha8Rng,
    out: &mut dyn Write,
) -> Result<(), BenchError> {
    let rounds = Rounds::measure(bench, options.rounds, order, out)?;
    writeln!(out, "\n{} rounds; median (min–max) of rounds", options.rounds)?;
    let parts: [(bool, Table); 3] = [
        (options.agreement, tables::agreement),
        (options.variation, tables::variation),
        (options.coverage, tables::coverage),
    ];
    for (asked, table) in parts {
        if options.wants(asked) {
            write!(out, "\n{}", table(&rounds))?;
        }
    }
    if options.wants(options.cost) {
        let full = options.full.then(|| bench.cost(Contender::CriterionDefault, Set::Quick));
        write!(out, "\n{}", tables::cost(&rounds, full.transpose()?))?;
    }
    Ok(())
}
