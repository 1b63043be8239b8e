//! Both sides of the wire contract are held to the same transcripts: `wire/transcripts`.
//!
//! A program that is measured, and the loop that measures it, each play one side of what stands
//! there; how the files are read is in `wire/transcripts/README.md`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "what is skipped is said")]

mod child;
mod form;
mod parent;
mod transcript;

use std::path::{Path, PathBuf};

use transcript::Exchange;

/// The folder `wire` of the repository.
fn wire() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wire")
}

/// The transcripts in a folder of `wire/transcripts`, each with its exchanges.
fn transcripts(folder: &str) -> Vec<Vec<Exchange>> {
    let folder = wire().join("transcripts").join(folder);
    let entries = std::fs::read_dir(&folder).expect("the folder is part of the repository");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths.iter().map(|path| transcript::read(path)).collect()
}

/// What a test says that cannot run here.
fn skipped(name: &str, why: &str) {
    eprintln!("SKIPPED {name}: {why}");
}
