//! The `tacho` command: measures programs, keeps what it measured, and shows it.

mod args;
mod command;
mod exit;
mod failure;
mod flow;
mod project;
mod scratch;
mod terminal;

fn main() -> std::process::ExitCode {
    let outcome = std::panic::catch_unwind(|| match args::parse() {
        Ok(args) => command::dispatch(args),
        Err(error) => Err(error),
    });
    match outcome {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(failure)) => failure.report().into(),
        // The hook has printed what happened and where.
        Err(_) => exit::Exit::Environment.into(),
    }
}
