//! The rules of the house that the compiler does not know, each a function over the whole tree.
//!
//! A rule reads values and gives findings; only [`run`] and the loading of the tree touch files,
//! so that every rule is tested with a tree in memory.

mod crates;
mod layout;
mod source;
mod text;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::workspace::{self, Package, WorkspaceError};
use source::Source;

/// The largest file that is read; a larger one is data, not source.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Why the tree could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TidyError {
    /// The list of files or packages is missing.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A file could not be read.
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: std::io::Error },
    /// The terminal is gone.
    #[error("cannot print")]
    Print(#[from] std::io::Error),
}

/// One thing that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// The file, relative to the root.
    path: String,
    /// Counted from 1.
    line: usize,
    /// What is wrong, and what the rule wants.
    message: String,
}

/// Everything that the rules look at.
#[derive(Debug)]
struct Tree {
    /// The text files, in the order of their paths.
    sources: Vec<Source>,
    /// The packages of the workspace.
    packages: Vec<Package>,
}

impl Tree {
    /// Takes the files, and finds out which are for tests alone.
    fn new(mut sources: Vec<Source>, packages: Vec<Package>) -> Self {
        let modules: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
        for source in &mut sources {
            source.declared_for_tests = modules.iter().any(|module| {
                let inside = source.path.strip_prefix(module.as_str());
                inside.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            });
        }
        Self { sources, packages }
    }

    fn find(&self, path: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.path == path)
    }
}

/// Where a rule puts what it finds.
type Findings = Vec<Finding>;

fn report(findings: &mut Findings, path: &str, line: usize, message: impl Into<String>) {
    findings.push(Finding { path: path.to_owned(), line, message: message.into() });
}

/// Every rule, in the order of the house.
const RULES: [fn(&Tree, &mut Findings); 16] = [
    crates::edges,
    crates::pure_settings,
    crates::pure_sources,
    crates::serialisable,
    layout::names,
    layout::sizes,
    layout::tests_exist,
    layout::tests_at_foot,
    layout::traits,
    layout::crate_docs,
    layout::crate_roots,
    text::widths,
    text::attributes,
    text::unsafe_code,
    text::unfinished,
    text::mentions,
];

/// Checks every rule; prints findings as `path:line: message` and exits with 1 if there is one.
///
/// # Errors
/// [`TidyError`] when the tree cannot be read.
pub(crate) fn run(root: &Path, out: &mut dyn Write) -> Result<ExitCode, TidyError> {
    Ok(tell(&load(root)?, out)?)
}

fn tell(tree: &Tree, out: &mut dyn Write) -> std::io::Result<ExitCode> {
    let found = findings(tree);
    for Finding { path, line, message } in &found {
        writeln!(out, "{path}:{line}: {message}")?;
    }
    if found.is_empty() {
        let lines: usize = tree.sources.iter().map(|source| source.lines().count()).sum();
        let edges: usize = tree.packages.iter().map(|package| package.edges.len()).sum();
        let files = tree.sources.len();
        writeln!(out, "tidy holds: {files} files, {lines} lines, {edges} edges")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "tidy: {} findings", found.len())?;
    Ok(ExitCode::FAILURE)
}

fn findings(tree: &Tree) -> Findings {
    let mut found = Vec::new();
    for rule in RULES {
        rule(tree, &mut found);
    }
    found.sort();
    found
}

fn load(root: &Path) -> Result<Tree, TidyError> {
    let mut sources = Vec::new();
    for path in workspace::files(root)? {
        if let Some(text) = read_text(&root.join(&path))? {
            sources.push(Source::new(path, text));
        }
    }
    Ok(Tree::new(sources, workspace::metadata(root)?.packages))
}

/// The text of a file; none where git lists what is gone, a link, or something that is no text.
fn read_text(path: &Path) -> Result<Option<String>, TidyError> {
    let fail = |source| TidyError::Read { path: path.to_owned(), source };
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_file() && found.len() <= FILE_BYTES_MAX => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    }
    Ok(String::from_utf8(std::fs::read(path).map_err(fail)?).ok())
}

#[cfg(test)]
mod tests;
