//! The chores of the repository: the house's rules, the generated files and the benches.
//!
//! `cargo xtask tidy` checks what the compiler cannot, `cargo xtask gen` writes what is generated,
//! `cargo xtask bench` measures Tachograph beside its peers. Nothing of the product lives here.

mod args;
mod bench;
mod generate;
mod tidy;
mod workspace;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Bench, Chore};

/// Anything that stopped a chore; each has its own enum.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    match perform(&arguments.chore, &mut out).and_then(|code| Ok(out.flush().map(|()| code)?)) {
        Ok(code) => code,
        Err(failure) => {
            let mut message = format!("error: {failure}");
            let mut cause = failure.source();
            while let Some(next) = cause {
                message.push_str(&format!(": {next}"));
                cause = next.source();
            }
            // Standard error is the last place to say anything: nothing is left to do if it fails.
            let _ = writeln!(std::io::stderr(), "{message}");
            ExitCode::FAILURE
        }
    }
}

fn perform(chore: &Chore, out: &mut dyn Write) -> Result<ExitCode, Failure> {
    Ok(match *chore {
        Chore::Tidy => tidy::run(&workspace::root(), out)?,
        Chore::Gen { check } => generate::run(&workspace::root(), check, out)?,
        Chore::Bench(Bench::Spawn { runs, rounds }) => bench::spawn::run(runs, rounds, out)?,
        Chore::Bench(Bench::Rss { runs }) => bench::rss::run(runs, out)?,
        Chore::Bench(Bench::Ingest { rows, rounds, captures, runs }) => {
            bench::ingest::run(&bench::ingest::Sizes { rows, rounds, captures, runs }, out)?
        }
        Chore::Bench(Bench::Harness(ref options)) => bench::harness::run(options, out)?,
        Chore::Bench(Bench::Disturb { rounds }) => bench::disturb::run(rounds, out)?,
        Chore::Bench(Bench::Kill { times, seed, millis }) => {
            bench::kill::run(times, seed, millis, out)?
        }
    })
}
