//! The newest hyperfine that can be had here: one already built, else built from the registry.

use std::path::PathBuf;

use super::BenchError;
use super::program::Programs;
use crate::workspace::{self, output_of};

/// Versions, the newest first.
const VERSIONS: [&str; 2] = ["2.0.0", "1.20.0"];

/// A hyperfine and its version.
#[derive(Debug)]
pub(super) struct Hyperfine {
    pub(super) version: &'static str,
    pub(super) path: PathBuf,
}

/// Looks for the newest version, and builds it if it is not there; the older one is second choice.
///
/// What cannot be had is said by name on `out`: the bench goes on without a peer rather than fail.
///
/// # Errors
/// Only those of printing.
pub(super) fn find(
    programs: &Programs,
    out: &mut dyn std::io::Write,
) -> Result<Option<Hyperfine>, BenchError> {
    for version in VERSIONS {
        let root = programs.target.join(format!("bench-tools/hyperfine-{version}"));
        let path = root.join("bin/hyperfine");
        if !path.exists() {
            writeln!(out, "building hyperfine {version}, once …")?;
            let mut install = workspace::cargo();
            install.args(["install", "--quiet", "--locked", "hyperfine", "--version", version]);
            if let Err(error) = output_of(install.arg("--root").arg(&root)) {
                writeln!(out, "SKIPPED: hyperfine {version} cannot be built: {error}")?;
                continue;
            }
        }
        return Ok(Some(Hyperfine { version, path }));
    }
    writeln!(out, "SKIPPED: no hyperfine to compare with; its columns are empty")?;
    Ok(None)
}
