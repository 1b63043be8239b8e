//! Rules about crates: who may use whom, who is pure, and who may promise a format.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::source::{Source, has_word};
use super::{Findings, Tree, report};

/// Which packages of the workspace each package may depend on; tests' own dependencies are free.
///
/// Nouns and numbers (schema, stats) stand on nothing of ours, the pure crates on those alone, and
/// nothing flows back from an edge crate.
const EDGES: [(&str, &[&str]); 12] = [
    ("bench-sort", &[]),
    ("tacho-bench", &["tacho-bench-macros"]),
    ("tacho-bench-macros", &[]),
    ("tacho-schema", &[]),
    ("tacho-stats", &[]),
    ("tacho-plan", &["tacho-schema", "tacho-stats"]),
    ("tacho-judge", &["tacho-schema", "tacho-stats"]),
    ("tacho-report", &["tacho-schema"]),
    ("tacho-store", &["tacho-schema"]),
    ("tacho-measure", &["tacho-schema", "tacho-plan"]),
    (
        "tacho",
        &[
            "tacho-schema",
            "tacho-stats",
            "tacho-plan",
            "tacho-judge",
            "tacho-report",
            "tacho-store",
            "tacho-measure",
        ],
    ),
    ("xtask", &["tacho-schema"]),
];

/// The crates that take values and give values, and touch nothing outside.
const PURE: [&str; 5] = ["schema", "stats", "plan", "judge", "report"];

/// What clippy forbids in a pure crate.
const DISALLOWED: [&str; 17] = [
    "std::env::var",
    "std::env::var_os",
    "std::env::vars",
    "std::fs::File::create",
    "std::fs::File::open",
    "std::fs::canonicalize",
    "std::fs::create_dir_all",
    "std::fs::metadata",
    "std::fs::read",
    "std::fs::read_dir",
    "std::fs::read_to_string",
    "std::fs::remove_file",
    "std::fs::write",
    "std::process::Command::new",
    "std::thread::spawn",
    "std::time::Instant::now",
    "std::time::SystemTime::now",
];

/// Modules that a pure crate has no use for; clippy's list names functions one by one.
const IMPURE: [&str; 5] = ["std::fs", "std::net", "std::os", "std::process", "std::thread"];

/// Starts of paths where `Serialize` and `Deserialize` may be derived or implemented.
const SERIALISABLE: [&str; 1] = ["crates/schema/"];

/// A crate depends on what the table lets it, and the table names every crate.
pub(super) fn edges(tree: &Tree, findings: &mut Findings) {
    let table: BTreeMap<&str, &[&str]> = EDGES.into_iter().collect();
    for package in &tree.packages {
        let manifest = format!("{}/Cargo.toml", package.folder);
        let Some(allowed) = table.get(package.name.as_str()) else {
            let message = format!("{} is not in the table of edges", package.name);
            report(findings, &manifest, 1, message);
            continue;
        };
        for edge in package.edges.iter().filter(|edge| !allowed.contains(&edge.as_str())) {
            let line = tree.find(&manifest).and_then(|source| line_of(source, edge)).unwrap_or(1);
            let message = format!("{} may not depend on {edge}", package.name);
            report(findings, &manifest, line, message);
        }
    }
    let present = |name: &str| tree.packages.iter().any(|package| package.name == name);
    for name in table.into_keys().filter(|name| !present(name)) {
        let message = format!("{name} is in the table of edges and not in the workspace");
        report(findings, "Cargo.toml", 1, message);
    }
}

/// The first line that starts with `start`.
fn line_of(source: &Source, start: &str) -> Option<usize> {
    source.lines().find(|(_, line)| line.starts_with(start)).map(|(number, _)| number)
}

/// A pure crate has clippy settings of its own that repeat the root's and forbid the outside.
pub(super) fn pure_settings(tree: &Tree, findings: &mut Findings) {
    let root = tree.find("clippy.toml").map(|source| source.text.as_str()).unwrap_or_default();
    let wanted = match settings(root) {
        Ok(settings) => settings,
        Err(message) => return report(findings, "clippy.toml", 1, message),
    };
    for name in PURE {
        let path = format!("crates/{name}/clippy.toml");
        let Some(source) = tree.find(&path) else {
            report(findings, &path, 1, "a pure crate has its own clippy.toml");
            continue;
        };
        match settings(&source.text) {
            Ok(found) => compare_settings(&path, &wanted, &found, findings),
            Err(message) => report(findings, &path, 1, message),
        }
    }
}

fn compare_settings(path: &str, wanted: &Settings, found: &Settings, findings: &mut Findings) {
    for (key, value) in &wanted.plain {
        if found.plain.get(key) != Some(value) {
            let message = format!("does not repeat the root's {key} = {value}");
            report(findings, path, 1, message);
        }
    }
    for method in DISALLOWED {
        match found.disallowed.get(method).map(String::as_str) {
            None => report(findings, path, 1, format!("does not disallow {method}")),
            Some("") => report(findings, path, 1, format!("gives no reason against {method}")),
            Some(_) => {}
        }
    }
}

/// What a `clippy.toml` says.
struct Settings {
    /// Keys with one value, as text.
    plain: BTreeMap<String, String>,
    /// Disallowed methods and the reason of each, empty where none is given.
    disallowed: BTreeMap<String, String>,
}

fn settings(text: &str) -> Result<Settings, String> {
    let table = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
    let mut settings = Settings { plain: BTreeMap::new(), disallowed: BTreeMap::new() };
    for (key, value) in table.get_ref() {
        match value.get_ref() {
            DeValue::Array(entries) if key.get_ref() == "disallowed-methods" => {
                let methods = entries.iter().filter_map(|entry| method(entry.get_ref()));
                settings.disallowed.extend(methods);
            }
            plain => {
                settings.plain.insert(key.get_ref().to_string(), plain_text(plain));
            }
        }
    }
    Ok(settings)
}

/// Path and reason of a disallowed method; a bare path has no reason.
fn method(entry: &DeValue<'_>) -> Option<(String, String)> {
    if let Some(path) = entry.as_str() {
        return Some((path.to_owned(), String::new()));
    }
    let text = |key: &str| entry.get(key).and_then(|value| value.get_ref().as_str());
    Some((text("path")?.to_owned(), text("reason").unwrap_or_default().to_owned()))
}

fn plain_text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        other => other.as_str().map_or_else(|| format!("{other:?}"), str::to_owned),
    }
}

/// The product code of a pure crate names no module of the outside.
pub(super) fn pure_sources(tree: &Tree, findings: &mut Findings) {
    let pure = |source: &&Source| {
        PURE.iter().any(|name| source.path.starts_with(&format!("crates/{name}/src/")))
    };
    for source in tree.sources.iter().filter(pure) {
        for (number, line) in source.product_lines() {
            for module in IMPURE.into_iter().filter(|module| has_word(line, module)) {
                report(findings, &source.path, number, format!("a pure crate without {module}"));
            }
        }
    }
}

/// Being serialisable is a promise that only the documents of `schema` make.
pub(super) fn serialisable(tree: &Tree, findings: &mut Findings) {
    for source in &tree.sources {
        if SERIALISABLE.iter().any(|start| source.path.starts_with(start)) {
            continue;
        }
        let mut deriving = false;
        for (number, line) in source.product_lines() {
            deriving |= line.contains("derive(");
            let derived = ["Serialize", "Deserialize"]
                .into_iter()
                .find(|name| deriving && has_word(line, name));
            if let Some(name) = derived.or_else(|| implemented(line)) {
                let message = format!("{name} outside schema: documents live there");
                report(findings, &source.path, number, message);
            }
            deriving &= !line.contains(']');
        }
    }
}

/// Which of the two a line implements by hand; a bound on something else is none.
fn implemented(line: &str) -> Option<&'static str> {
    let named = line.trim_start().strip_prefix("impl")?.split(" for ").next()?;
    let named = named.trim_end_matches("<'de>");
    ["Deserialize", "Serialize"]
        .into_iter()
        .find(|name| named.strip_suffix(name).is_some_and(|before| before.ends_with([' ', ':'])))
}
