//! go.mod: the module's benchmarks and tests.

use super::folder::Folder;
use super::found::{Found, RUNS, Setup, Workload, words};

/// The file.
pub(super) const FILE: &str = "go.mod";

/// The module's benchmarks and tests.
pub(super) fn find(folder: &Folder) -> Option<Found> {
    if !folder.has_file(FILE) {
        return None;
    }
    let mut found = Found { file: FILE.to_owned(), tool: "go", ..Found::default() };
    // Compiles the tests too, and runs none.
    let setup = Setup::Words(words(&["go", "test", "-count=1", "-run", "^$", "./..."]));
    let benchmarks = words(&["go", "test", "-run", "^$", "-bench", ".", "./..."]);
    // Without -count a second run would print what the first one did.
    let tests = words(&["go", "test", "-count=1", "./..."]);
    for (name, comment, command) in [
        ("go/bench", "All benchmarks. Go decides how often each runs.", benchmarks),
        ("go/test", "All tests, none from go's cache.", tests),
    ] {
        found.add(Workload {
            name: name.to_owned(),
            comments: vec![comment],
            command,
            setup: Some(setup.clone()),
            runs: Some(RUNS),
            timeout: Some("10m"),
            ..Workload::default()
        });
    }
    Some(found)
}
