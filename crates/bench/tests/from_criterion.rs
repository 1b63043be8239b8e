//! The page for those who come from Criterion shows code that is compiled.

use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).expect("the repository has this file")
}

/// Without what only says where it stands: indentation and empty lines.
fn bare(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn our_code_on_the_page_is_compiled() {
    let page = read("docs/FROM-CRITERION.md");
    let compiled = bare(&read("crates/bench/examples/from-criterion.rs"));
    let mut blocks = page.split("\n```rust\n").skip(1).peekable();
    assert!(blocks.peek().is_some(), "{page}");
    for block in blocks {
        let code = bare(block.split("\n```").next().unwrap());
        assert!(compiled.contains(&code), "not in the example:\n{code}");
    }
}

#[test]
fn every_flag_on_the_page_is_known_or_said_to_be_ignored() {
    let page = read("docs/FROM-CRITERION.md");
    let options = read("crates/bench/src/options.rs");
    let table = page.split("## The command line").nth(1).unwrap().split("### ").next().unwrap();
    let words = table.split(|c: char| !(c.is_alphanumeric() || c == '-'));
    let flags: Vec<&str> = words
        .filter_map(|word| word.strip_prefix("--"))
        .filter(|word| word.starts_with(char::is_alphabetic))
        .collect();
    assert!(flags.len() > 20, "{flags:?}");
    for flag in flags.into_iter().filter(|flag| *flag != "benches") {
        assert!(options.contains(&format!("\"{flag}\"")), "--{flag}");
    }
}
