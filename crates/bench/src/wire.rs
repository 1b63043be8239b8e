//! The words of the wire contract: what a parent asks of a harness binary, and how it answers.

mod child;
mod list;
mod request;
mod row;
pub(crate) mod serve;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use crate::Workload;
use request::Request;
pub(crate) use request::THREADS_MAX;

/// A request that cannot be understood or answered.
const REFUSED: u8 = 2;

/// Answers a request of the wire (`_list`, `_child …`, `_serve …`); none: it is no such request.
///
/// What it was asked stands in `words`, without the program's own name.
pub(crate) fn answer(words: &[OsString], workloads: &[Workload]) -> Option<ExitCode> {
    let (word, rest) = words.split_first()?;
    let answered = match word.to_str()? {
        "_list" => list::run(rest, workloads),
        "_child" => Request::parse(rest).and_then(|request| child::run(&request, workloads)),
        "_serve" => Request::parse(rest).and_then(|request| serve::run(&request, workloads)),
        _ => return None,
    };
    Some(answered.map_or_else(|refusal| refuse(&refusal), |()| ExitCode::SUCCESS))
}

/// Says on standard error why there is no answer.
fn refuse(refusal: &str) -> ExitCode {
    // Who does not read it has closed it.
    let _ = writeln!(std::io::stderr(), "error: {refusal}");
    ExitCode::from(REFUSED)
}

/// Writes whole lines to standard output.
fn say(lines: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(lines.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| format!("cannot write to standard output: {error}"))
}
