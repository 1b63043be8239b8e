//! `tacho doctor`: what this machine can measure, what disturbs it, and what to do about that.

use crate::args::DoctorArgs;
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

/// Examines the machine. That little can be had, or much disturbs, is an answer and no failure.
pub(crate) fn doctor(args: &DoctorArgs) -> Result<Exit, Failure> {
    let doc = tacho_measure::doctor::examine(env!("CARGO_PKG_VERSION"))
        .map_err(|error| Failure::cannot("start any program", &error))?;
    print(&match args.json {
        true => tacho_report::json::doctor(&doc),
        false => tacho_report::doctor::doctor(&doc, &terminal::style()),
    })?;
    Ok(Exit::Fine)
}
