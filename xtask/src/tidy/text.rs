//! Rules about the text of files: widths, attributes, `unsafe`, unfinished work, mentions.

use std::collections::BTreeSet;

use super::source::{Source, has_word};
use super::{Findings, Tree, report};

/// Characters of a line of source.
const COLUMNS_MAX: usize = 100;

/// Ends of names whose lines have a bound; prose and data have none.
const SOURCE_ENDS: [&str; 8] = [".rs", ".c", ".h", ".py", ".sh", ".js", ".mjs", ".go"];

/// The files that may open `unsafe_code`, each for a call that has no safe face; a folder
/// ends with a slash and stands for all in it.
const UNSAFE_FILES: [&str; 3] =
    ["crates/bench/src/clock.rs", "crates/measure/src/spawner/", "crates/measure/src/spawn.rs"];

/// Text that points outside the repository, written in two halves so that it does not itself.
const OUTSIDE: [&str; 2] = [concat!("/wo", "rk/"), concat!("../", "shared")];

/// Lines of source are at most [`COLUMNS_MAX`] characters.
pub(super) fn widths(tree: &Tree, findings: &mut Findings) {
    let bound = |source: &&Source| SOURCE_ENDS.iter().any(|end| source.path.ends_with(end));
    for source in tree.sources.iter().filter(bound) {
        for (number, line) in source.lines() {
            let columns = line.chars().count();
            if columns > COLUMNS_MAX {
                let message = format!("the line has {columns} columns, {COLUMNS_MAX} at most");
                report(findings, &source.path, number, message);
            }
        }
    }
}

/// A lint is opened by `#[expect(…, reason)]`, which fails when it is no longer needed.
pub(super) fn attributes(tree: &Tree, findings: &mut Findings) {
    for source in &tree.sources {
        for (number, line) in source.code_lines() {
            let attribute = line.contains("#[") || line.contains("#![");
            if attribute && has_word(line, "allow") && line.contains("allow(") {
                report(findings, &source.path, number, "use #[expect(…, reason)], not #[allow]");
            }
        }
    }
}

/// `unsafe` stands in the listed files alone.
pub(super) fn unsafe_code(tree: &Tree, findings: &mut Findings) {
    for source in &tree.sources {
        let path = source.path.as_str();
        let is = |listed: &str| path == listed || listed.ends_with('/') && path.starts_with(listed);
        if UNSAFE_FILES.into_iter().any(is) {
            continue;
        }
        for (number, line) in source.code_lines() {
            if has_word(line, "unsafe") {
                report(findings, &source.path, number, "unsafe outside the files that may");
            }
        }
    }
}

/// Nothing is left for later, and only tests may unwrap.
pub(super) fn unfinished(tree: &Tree, findings: &mut Findings) {
    for source in &tree.sources {
        for (number, line) in source.code_lines() {
            for word in ["todo", "unimplemented"] {
                if has_word(line, word) && line.contains(&format!("{word}!")) {
                    report(findings, &source.path, number, format!("{word}! is unfinished work"));
                }
            }
        }
        for (number, line) in source.product_lines() {
            if line.contains(".unwrap()") {
                let message = "unwrap outside tests: expect carries the invariant";
                report(findings, &source.path, number, message);
            }
        }
    }
}

/// A file speaks only of what its reader can open: no paths of one machine, no absent pages.
pub(super) fn mentions(tree: &Tree, findings: &mut Findings) {
    let present: BTreeSet<&str> = tree.sources.iter().map(Source::name).collect();
    for source in &tree.sources {
        for (number, line) in source.lines() {
            for outside in OUTSIDE.into_iter().filter(|path| points_at(line, path)) {
                let message = format!("{outside} is outside the repository");
                report(findings, &source.path, number, message);
            }
            for page in pages(line).filter(|page| !present.contains(page)) {
                let message = format!("{page} is no file of the repository");
                report(findings, &source.path, number, message);
            }
        }
    }
}

/// Whether a path in `line` starts with `start`.
fn points_at(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-}/".contains(c))
    })
}

/// Names like `README.md` in a line: three capitals or more, and the end of a page's name.
fn pages(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices(".md").filter_map(|(end, ending)| {
        let stem = line[..end].trim_end_matches(|c: char| c.is_ascii_uppercase() || c == '_');
        let name = &line[stem.len()..end + ending.len()];
        let behind = line[end + ending.len()..].chars().next();
        let whole = !stem.ends_with(|c: char| c.is_alphanumeric() || "_-./".contains(c))
            && !behind.is_some_and(char::is_alphanumeric);
        (whole && name.len() >= 6).then_some(name)
    })
}
