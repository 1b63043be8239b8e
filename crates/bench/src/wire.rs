//! The words of the wire contract: what a parent asks of a harness binary, and how it answers.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::Workload;

/// Answers a request of the wire (`_list`, `_child …`, `_serve …`); none: it is no such request.
///
/// What it was asked stands in `words`, without the program's own name.
pub(crate) fn answer(words: &[OsString], workloads: &[Workload]) -> Option<ExitCode> {
    let _ = workloads;
    match words.first()?.to_str()? {
        "_list" | "_child" | "_serve" => Some(ExitCode::from(2)),
        _ => None,
    }
}
