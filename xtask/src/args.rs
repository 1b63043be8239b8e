//! The words that `cargo xtask` takes.

use clap::{Parser, Subcommand};

/// `cargo xtask …`.
#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of the repository", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) chore: Chore,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Chore {
    /// Check the rules of the house: edges between crates, pure crates, layout, text
    Tidy,
    /// Write the generated files
    Gen {
        /// Write nothing: name the files that are not as generated, and fail if there are any
        #[arg(long)]
        check: bool,
    },
    /// Measure Tachograph beside its peers
    #[command(subcommand)]
    Bench(Bench),
}

/// What to measure.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// What starting a program costs: a bare loop, tacho and hyperfine side by side
    Spawn {
        /// Runs of the measured program in one go; a quarter of them gives the fixed cost
        #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(40..))]
        runs: u32,
        /// How often every starter has its turn
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
        rounds: u32,
    },
    /// What each starter says of the peak memory of programs whose memory is known
    Rss {
        /// Runs of each program
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..))]
        runs: u32,
    },
    /// What keeping rows costs: journal, commit, memory, and reading one capture among many
    Ingest {
        /// Rows that are taken in
        #[arg(
            long,
            default_value_t = 1_000_000,
            value_parser = clap::value_parser!(u64).range(10..)
        )]
        rows: u64,
        /// How often they are
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
        rounds: u32,
        /// Captures among which one is read
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
        captures: u64,
        /// Runs of each command that reads
        #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..))]
        runs: u32,
    },
    /// Our harness beside Criterion and divan: agreement, variation, coverage, cost
    Harness(crate::bench::harness::Options),
    /// Plant disturbances while tacho measures and see whether the rows show them; fails if not
    Disturb {
        /// How often each is planted
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
        rounds: u32,
    },
    /// Kill a measuring tacho at seeded moments and look at what it leaves; fails on any loss
    Kill {
        /// How many moments
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
        times: u32,
        /// The seed of the moments
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How long each measured program takes, milliseconds
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(..=1000))]
        millis: u32,
    },
}
