//! The main function of a harness binary: the words of the wire, or those of `cargo bench`.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::{Workload, registry, wire};

/// Does what the command line says with everything that is registered: the whole main function.
#[must_use]
pub fn run() -> ExitCode {
    run_with(Vec::new())
}

/// The same with more workloads, made by hand.
#[must_use]
pub fn run_with(by_hand: Vec<Workload>) -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let workloads = registry::with(by_hand);
    if let Some(code) = wire::answer(&words, &workloads) {
        return code;
    }
    ExitCode::from(2)
}

/// Expands to the main function of a harness binary.
#[macro_export]
macro_rules! main {
    () => {
        fn main() -> ::std::process::ExitCode {
            $crate::run()
        }
    };
}
