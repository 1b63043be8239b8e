//! `tacho completions`: what a shell needs to complete our words.

use clap::CommandFactory;

use crate::args::Tacho;
use crate::args::verbs::CompletionsArgs;
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;

/// Prints the script for a shell.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Tacho::command(), "tacho", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Fine)
}
