//! pytest: where its settings or its tests are.

use super::folder::Folder;
use super::found::{Found, RUNS, Workload, words};

/// Files that may hold pytest's settings, and the line that shows that they do.
const SETTINGS: [(&str, &str); 4] = [
    ("pyproject.toml", "[tool.pytest"),
    ("pytest.ini", ""),
    ("setup.cfg", "[tool:pytest]"),
    ("tox.ini", "[pytest]"),
];

const TESTS: &str = "tests";

/// The tests, and those of them that are benchmarks; what could not be read is told after it.
pub(super) fn find(folder: &Folder) -> (Option<Found>, Vec<String>) {
    let mut notes = Vec::new();
    let mut file = None;
    for (name, mark) in SETTINGS {
        match folder.text(name) {
            Ok(Some(text)) if file.is_none() && has_mark(&text, mark) => file = Some(name),
            Ok(_) => {}
            Err(why) => notes.push(format!("{name}: {why}; went on without it")),
        }
    }
    let entries = folder.entries(TESTS);
    let has_tests = entries.iter().any(|entry| is_test(&entry.name));
    let Some(file) = file.or_else(|| has_tests.then_some(TESTS)) else { return (None, notes) };
    let mut found = Found { file: file.to_owned(), tool: "python3", ..Found::default() };
    for entry in entries.iter().filter(|entry| entry.name.starts_with("bench")) {
        let stem = entry.name.strip_suffix(".py");
        if let Some(stem) = stem.or(entry.is_folder.then_some(&entry.name)) {
            let path = format!("{TESTS}/{}", entry.name);
            found.add(workload(&format!("pytest/{stem}"), Some(&path)));
        }
    }
    found.add(workload("pytest", None));
    (Some(found.bounded()), notes)
}

/// Whether a line starts with `mark`.
fn has_mark(text: &str, mark: &str) -> bool {
    mark.is_empty() || text.lines().any(|line| line.trim_start().starts_with(mark))
}

fn is_test(name: &str) -> bool {
    name == "conftest.py" || name.starts_with("test_") && name.ends_with(".py")
}

fn workload(name: &str, path: Option<&str>) -> Workload {
    let mut command = words(&["python3", "-m", "pytest", "-q"]);
    command.extend(path.map(str::to_owned));
    Workload {
        name: name.to_owned(),
        comments: match path {
            Some(_) => vec!["Benchmarks among the tests."],
            None => vec!["The whole suite; a test that fails makes it a failed run."],
        },
        command,
        runs: Some(RUNS),
        timeout: Some("10m"),
        ..Workload::default()
    }
}
