//! Rules about where things stand: names, sizes, tests, traits, and the face of a crate.

use super::source::Source;
use super::{Findings, Tree, report};
use crate::workspace::Package;

/// Starts of names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 5] = ["util", "helper", "common", "misc", "shared"];

/// Ends of names of hand-written files, whose size has a bound.
const WRITTEN_ENDS: [&str; 9] = [".rs", ".c", ".h", ".py", ".sh", ".js", ".mjs", ".go", ".css"];

/// Lines of product code in a file.
const PRODUCT_LINES_MAX: usize = 600;

/// Lines of tests at the foot of a file.
const FOOT_LINES_MAX: usize = 100;

/// Lines of a file of tests.
const TEST_LINES_MAX: usize = 700;

/// The traits that other crates may name: each has two implementations.
const TRAITS: [&str; 3] = ["HashFloats", "Spawner", "Store"];

/// Words that a sentence has at the least.
const SENTENCE_WORDS_MIN: usize = 4;

/// Items that are logic, and so stand in a module and not in `lib.rs`.
const LOGIC: [&str; 9] =
    ["fn ", "struct ", "enum ", "trait ", "impl", "const ", "static ", "type ", "macro_rules!"];

/// A file or folder is named by what is in it.
pub(super) fn names(tree: &Tree, findings: &mut Findings) {
    for source in &tree.sources {
        for part in source.path.split('/') {
            if EMPTY_NAMES.iter().any(|name| part.starts_with(name)) {
                let message = format!("the name {part} does not say what is inside");
                report(findings, &source.path, 1, message);
            }
        }
    }
}

/// A file is small enough to be read at once.
pub(super) fn sizes(tree: &Tree, findings: &mut Findings) {
    let written = |source: &&Source| WRITTEN_ENDS.iter().any(|end| source.path.ends_with(end));
    for source in tree.sources.iter().filter(written) {
        let all = source.lines().count();
        if source.is_test() {
            check_size(source, "of tests", all, TEST_LINES_MAX, findings);
            continue;
        }
        let foot = source.tests_at_foot().map_or(0, |(first, last)| last - first + 1);
        check_size(source, "of product code", all - foot, PRODUCT_LINES_MAX, findings);
        check_size(source, "of tests at its foot", foot, FOOT_LINES_MAX, findings);
    }
}

fn check_size(source: &Source, kind: &str, lines: usize, most: usize, findings: &mut Findings) {
    if lines > most {
        let message = format!("the file has {lines} lines {kind}, {most} at most");
        report(findings, &source.path, most + 1, message);
    }
}

/// Every crate has tests.
pub(super) fn tests_exist(tree: &Tree, findings: &mut Findings) {
    for package in &tree.packages {
        let tested = of_package(tree, package)
            .flat_map(Source::code_lines)
            .any(|(_, line)| line.trim_start().starts_with("#[test]"));
        if !tested {
            let manifest = format!("{}/Cargo.toml", package.folder);
            report(findings, &manifest, 1, format!("{} has no test", package.name));
        }
    }
}

/// Nothing stands behind the tests of a file.
pub(super) fn tests_at_foot(tree: &Tree, findings: &mut Findings) {
    for source in &tree.sources {
        let Some((_, last)) = source.tests_at_foot() else { continue };
        let behind =
            source.code_lines().find(|(line, text)| *line > last && !text.trim().is_empty());
        if let Some((line, _)) = behind {
            report(findings, &source.path, line, "code behind the tests: they stand at the foot");
        }
    }
}

/// A public trait is on the list.
pub(super) fn traits(tree: &Tree, findings: &mut Findings) {
    for source in &tree.sources {
        for (number, line) in source.product_lines() {
            let declared = line.trim_start().strip_prefix("pub ").and_then(|rest| {
                let rest = rest.strip_prefix("unsafe ").unwrap_or(rest);
                rest.strip_prefix("trait ")
            });
            let Some(rest) = declared else { continue };
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            if !TRAITS.contains(&name.as_str()) {
                let message = format!("the public trait {name} is not on the list");
                report(findings, &source.path, number, message);
            }
        }
    }
}

/// A crate's page opens with one sentence that says what the crate does.
pub(super) fn crate_docs(tree: &Tree, findings: &mut Findings) {
    for package in &tree.packages {
        for source in of_package(tree, package).filter(|source| is_root(source, package)) {
            let opening = opening(&source.text);
            if !is_one_sentence(&opening) {
                let message = format!("//! does not open with one sentence: {opening:?}");
                report(findings, &source.path, 1, message);
            }
        }
    }
}

/// `lib.rs` is doc, modules and re-exports; and macros' functions, which Rust wants there.
pub(super) fn crate_roots(tree: &Tree, findings: &mut Findings) {
    for source in tree.sources.iter().filter(|source| source.path.ends_with("src/lib.rs")) {
        let mut above = "";
        for (number, line) in source.product_lines() {
            let is_macro = above.starts_with("#[proc_macro");
            above = line;
            let item = line.trim_start();
            let item = item.strip_prefix("pub ").unwrap_or(item);
            if !is_macro && LOGIC.iter().any(|start| item.starts_with(start)) {
                report(findings, &source.path, number, "lib.rs holds no logic: give it a module");
            }
        }
    }
}

fn of_package<'a>(tree: &'a Tree, package: &Package) -> impl Iterator<Item = &'a Source> {
    let folder = format!("{}/", package.folder);
    tree.sources.iter().filter(move |source| source.path.starts_with(&folder))
}

fn is_root(source: &Source, package: &Package) -> bool {
    let inside = source.path.strip_prefix(&package.folder);
    matches!(inside, Some("/src/lib.rs" | "/src/main.rs"))
}

/// The first paragraph of the inner doc, on one line.
fn opening(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    lines.join(" ")
}

fn is_one_sentence(text: &str) -> bool {
    let starts = text.chars().next().is_some_and(|c| c.is_uppercase() || c == '`');
    let inside = text.trim_end_matches('.');
    let ends_inside = [". ", "? ", "! "].iter().any(|end| inside.contains(end));
    let words = text.split_whitespace().count();
    starts && text.ends_with('.') && !ends_inside && words >= SENTENCE_WORDS_MIN
}
