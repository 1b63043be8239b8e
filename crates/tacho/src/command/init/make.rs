//! A Makefile: its targets that are called as benchmarks and tests are.

use std::collections::BTreeSet;

use super::folder::{Folder, Unreadable};
use super::found::{Found, RUNS, Workload, words};

/// In the order in which GNU make looks.
pub(super) const FILES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];

/// Names of targets that measure or test something, besides those that start as the first ones.
const STARTS: [&str; 2] = ["bench", "perf"];
const NAMES: [&str; 2] = ["test", "check"];

/// The targets of the first Makefile that there is.
///
/// # Errors
/// It cannot be read.
pub(super) fn find(folder: &Folder) -> Result<Option<Found>, (String, Unreadable)> {
    for file in FILES {
        let text = folder.text(file).map_err(|why| (file.to_owned(), why))?;
        let Some(text) = text else { continue };
        let mut found = Found { file: file.to_owned(), tool: "make", ..Found::default() };
        for target in targets(&text) {
            found.add(workload(&target));
        }
        return Ok(Some(found.bounded()));
    }
    Ok(None)
}

fn workload(target: &str) -> Workload {
    Workload {
        name: format!("make/{target}"),
        comments: vec!["A target of the Makefile, make's own work included."],
        command: words(&["make", "-s", target]),
        runs: Some(RUNS),
        timeout: Some("10m"),
        ..Workload::default()
    }
}

/// The targets that are wanted, those that are called as benchmarks first, sorted.
fn targets(text: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    for line in text.replace("\\\n", " ").lines() {
        // A line with a tab in front belongs to a recipe.
        let Some((left, right)) = line.split_once(':').filter(|_| !line.starts_with('\t')) else {
            continue;
        };
        let is_variable = right.starts_with('=') || right.starts_with(":=") || left.contains('=');
        let is_comment = left.trim_start().starts_with('#');
        if is_variable || is_comment {
            continue;
        }
        // Those declared here may have their rule in a file that is included.
        let names = if left.trim() == ".PHONY" { right } else { left };
        found.extend(names.split_whitespace().filter(|name| is_wanted(name)).map(str::to_owned));
    }
    let (first, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(|name| is_start(name));
    first.into_iter().chain(rest).collect()
}

fn is_wanted(name: &str) -> bool {
    let is_literal = !name.contains(['$', '%', '#', '(', ')', '.', '/', '\\']);
    is_literal && (is_start(name) || NAMES.contains(&name))
}

fn is_start(name: &str) -> bool {
    STARTS.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_told_from_the_rest() {
        for (text, expected) in [
            ("", &[][..]),
            ("bench:\n\t./run\ntest: all\n", &["bench", "test"]),
            ("test check:\nperf bench-all : x\n", &["bench-all", "perf", "check", "test"]),
            ("bench = x:y\nbench := 3\nbench ::= 3\nbench:=3\n", &[]),
            (".PHONY: all \\\n  benchmark clean\n", &["benchmark"]),
            ("bench::\n\techo perf: x\n", &["bench"]),
            ("# bench: no\nbench-%: x\nbench$(X): y\nbench.o: bench.c\nbench/x: z\n", &[]),
            ("all: bench\ntested:\nattest:\n", &[]),
            ("bench: OPTIONS = -O2\r\n", &["bench"]),
        ] {
            assert_eq!(targets(text), expected, "{text:?}");
        }
    }
}
