//! One file a verb.

mod baseline;
mod completions;
mod config;
mod doctor;
mod export;
mod history;
mod init;
mod list;
mod man;
mod plan;
mod recover;
mod run;
mod show;
mod variants;
mod verify;

use crate::args::{Tacho, Verb};
use crate::exit::Exit;
use crate::failure::Failure;

/// Does what the command line asks for. `invocation` is the command line as it was typed.
pub(crate) fn dispatch((args, invocation): (Tacho, Vec<String>)) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Run(args) => run::run(&args, invocation),
        Verb::List(args) => list::list(&args),
        Verb::Plan(args) => plan::plan(&args),
        Verb::Verify(args) => verify::verify(&args, invocation),
        Verb::CompareVariants(args) => variants::variants(&args, invocation),
        Verb::Config(args) => config::config(&args),
        Verb::History(args) => history::history(&args),
        Verb::Show(args) => show::show(&args),
        Verb::Baseline(args) => baseline::baseline(&args.verb),
        Verb::Recover(args) => recover::recover(&args),
        Verb::Doctor(args) => doctor::doctor(&args),
        Verb::Init(args) => init::init(&args),
        Verb::Export(args) => export::export(&args),
        Verb::Completions(args) => completions::completions(&args),
        Verb::Man(args) => man::man(&args),
    }
}

/// Prints a command's result.
fn print(text: &str) -> Result<(), Failure> {
    crate::terminal::print(text)
        .map_err(|error| Failure::cannot("write to standard output", &error))
}
