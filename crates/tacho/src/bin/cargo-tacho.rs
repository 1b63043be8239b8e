//! `cargo tacho …`: hands over to the `tacho` beside it, else to the one on the PATH.
//!
//! Uses the standard library alone: the program itself is linked once.

use std::env;
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The exit code for what the environment does not have, as `tacho` itself uses it.
const ENVIRONMENT: u8 = 5;

fn main() -> ExitCode {
    let program = beside().unwrap_or_else(|| PathBuf::from("tacho"));
    // It replaces this process: signals, streams and the exit code are its own.
    let error = Command::new(&program).arg0("tacho").args(words(env::args_os())).exec();
    let mut out = std::io::stderr();
    // Standard error may be closed: there is nobody left to tell.
    let _ = writeln!(out, "error: cannot run {}: {error}", program.display());
    let _ = writeln!(
        out,
        "hint: `cargo tacho` needs the program `tacho`, beside cargo-tacho or on the PATH: \
         `cargo install --path crates/tacho` in Tachograph's repository installs both"
    );
    ExitCode::from(ENVIRONMENT)
}

/// The words behind the program's own name, and behind the `tacho` that cargo puts in front.
fn words(all: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = all.skip(1).collect();
    if words.first().is_some_and(|word| word == "tacho") {
        words.remove(0);
    }
    words
}

/// The `tacho` in the folder of this program, a link to it resolved if need be.
fn beside() -> Option<PathBuf> {
    let own = env::current_exe().ok()?;
    let real = own.canonicalize().ok();
    let candidates = [Some(own), real].into_iter().flatten();
    candidates.map(|path| path.with_file_name("tacho")).find(|path| Path::is_file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_cargo_is_dropped_once() {
        for (all, expected) in [
            (&["cargo-tacho", "tacho", "run", "tacho"][..], &["run", "tacho"][..]),
            (&["cargo-tacho", "tacho", "tacho"], &["tacho"]),
            (&["cargo-tacho", "--version"], &["--version"]),
            (&["cargo-tacho"], &[]),
            (&[], &[]),
        ] {
            let found = words(all.iter().map(OsString::from));
            assert_eq!(found, expected, "{all:?}");
        }
    }
}
