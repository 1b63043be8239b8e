//! Cargo.toml: the programs and benchmarks of a package, or of a workspace's members.

use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

use super::folder::{ENTRIES_MAX, Folder};
use super::found::{Found, RUNS, Setup, Workload, words};

/// The file.
pub(super) const FILE: &str = "Cargo.toml";

/// So many folders above are asked whether they are the workspace.
const LEVELS_MAX: usize = 8;

/// What is around a package, and decides where its programs are built.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Surroundings {
    /// A variable says that targets are built elsewhere.
    pub(super) has_target_variable: bool,
}

/// A package's name, and what can be measured of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Package {
    name: String,
    programs: BTreeSet<String>,
    benchmarks: BTreeSet<String>,
    /// It uses the harness that times itself.
    has_harness: bool,
}

/// The package of that harness.
const HARNESS: &str = "tacho-bench";

/// The programs and benchmarks; what is wrong with a manifest becomes a note.
pub(super) fn find(folder: &Folder, around: Surroundings) -> (Option<Found>, Vec<String>) {
    let mut notes = Vec::new();
    let Some(root) = document(folder, FILE, &mut notes) else { return (None, notes) };
    let mut packages: Vec<Package> = package(folder, "", &root).into_iter().collect();
    let workspace = root.get("workspace").and_then(Value::as_table);
    for member in workspace.map_or(Vec::new(), |table| members(folder, table)) {
        let file = format!("{member}/{FILE}");
        if let Some(document) = document(folder, &file, &mut notes) {
            packages.extend(package(folder, &format!("{member}/"), &document));
        }
    }
    let mut found = Found { file: FILE.to_owned(), tool: "cargo", ..Found::default() };
    let above = if workspace.is_some() { String::new() } else { way_to_workspace(folder) };
    let has_others = packages.len() > 1;
    let target = format!("{above}target");
    let mut build = words(&["cargo", "build", "--release"]);
    if has_others {
        build.push("--workspace".to_owned());
    }
    if around.has_target_variable {
        build.extend(["--target-dir".to_owned(), target.clone()]);
    }
    for name in packages.iter().flat_map(|package| &package.programs) {
        found.add(program(name, &target, &build, around));
    }
    for package in &packages {
        match package.has_harness {
            true => harnesses(package, &mut found),
            false => benchmarks(package, has_others, &mut found),
        }
    }
    (Some(found.bounded()), notes)
}

fn program(name: &str, target: &str, build: &[String], around: Surroundings) -> Workload {
    let mut comments =
        vec!["The release build. --help only starts and ends it: give it real work."];
    if around.has_target_variable {
        comments.push("CARGO_TARGET_DIR is set: hence --target-dir.");
    }
    Workload {
        name: format!("cargo/{name}"),
        comments,
        command: vec![format!("{target}/release/{name}"), "--help".to_owned()],
        setup: Some(Setup::Words(build.to_vec())),
        ..Workload::default()
    }
}

/// Bench targets that name what they measure, each time they are asked.
fn harnesses(package: &Package, found: &mut Found) {
    for name in &package.benchmarks {
        found.add(Workload {
            name: format!("cargo-bench/{name}"),
            comments: vec!["Everything that this bench target has, built first by cargo."],
            harness: Some(format!("cargo:{name}")),
            ..Workload::default()
        });
    }
}

fn benchmarks(package: &Package, has_others: bool, found: &mut Found) {
    let mut setup = words(&["cargo", "bench", "--no-run"]);
    if has_others {
        setup.push("--workspace".to_owned());
    }
    for name in &package.benchmarks {
        let mut command = words(&["cargo", "bench", "--bench", name]);
        if has_others {
            command.extend(["--package".to_owned(), package.name.clone()]);
        }
        found.add(Workload {
            name: format!("cargo-bench/{name}"),
            comments: vec!["The whole benchmark as one program, cargo's own start included."],
            command,
            setup: Some(Setup::Words(setup.clone())),
            runs: Some(RUNS),
            timeout: Some("10m"),
            ..Workload::default()
        });
    }
}

/// The file as TOML; `None` where there is none, or where a note says why it cannot be read.
fn document(folder: &Folder, file: &str, notes: &mut Vec<String>) -> Option<Table> {
    let text = match folder.text(file) {
        Ok(text) => text?,
        Err(why) => {
            notes.push(format!("{file}: {why}; went on without it"));
            return None;
        }
    };
    let parsed = text.parse::<Table>();
    parsed
        .map_err(|fault| {
            let (line, column) = place(&text, fault.span().map_or(0, |span| span.start));
            let message = fault.message().replace('\n', ", ");
            notes.push(format!("{file}:{line}:{column}: {message}; went on without it"));
        })
        .ok()
}

/// Line and column of a byte, both from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[start..].chars().count() + 1)
}

/// The package that the manifest in `at` (empty, or with a slash at its end) describes; `None`
/// where it only gathers others.
fn package(folder: &Folder, at: &str, document: &Table) -> Option<Package> {
    let package = document.get("package")?.as_table()?;
    let name = package.get("name")?.as_str()?.to_owned();
    let is_on = |key: &str| package.get(key).and_then(Value::as_bool).unwrap_or(true);
    let mut programs = named(document, "bin");
    if is_on("autobins") {
        if folder.has_file(&format!("{at}src/main.rs")) && !has_main(document) {
            programs.insert(name.clone());
        }
        programs.extend(folder.rust_targets(&format!("{at}src/bin")));
    }
    let mut benchmarks = named(document, "bench");
    if is_on("autobenches") {
        benchmarks.extend(folder.rust_targets(&format!("{at}benches")));
    }
    let has_harness = ["dependencies", "dev-dependencies"].into_iter().any(|key| {
        let table = document.get(key).and_then(Value::as_table);
        table.is_some_and(|table| table.contains_key(HARNESS))
    });
    Some(Package { name, programs, benchmarks, has_harness })
}

/// The names of the targets `[[key]]`.
fn named(document: &Table, key: &str) -> BTreeSet<String> {
    let targets = targets(document, key);
    targets.filter_map(|target| target.get("name")?.as_str().map(str::to_owned)).collect()
}

/// Whether a `[[bin]]` gives src/main.rs a name of its own.
fn has_main(document: &Table) -> bool {
    targets(document, "bin")
        .any(|target| target.get("path").and_then(Value::as_str) == Some("src/main.rs"))
}

fn targets<'t>(document: &'t Table, key: &str) -> impl Iterator<Item = &'t Table> {
    let listed = document.get(key).and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_table)
}

/// The folders of a workspace's members; of patterns only those that end in `/*` are followed.
fn members(folder: &Folder, workspace: &Table) -> Vec<String> {
    let texts = |key: &str| {
        let listed = workspace.get(key).and_then(Value::as_array).into_iter().flatten();
        listed.filter_map(Value::as_str)
    };
    let excluded: BTreeSet<&str> = texts("exclude").collect();
    let mut found = BTreeSet::new();
    for member in texts("members") {
        match member.strip_suffix("/*") {
            Some(parent) => {
                let inner = folder.entries(parent).into_iter().filter(|entry| entry.is_folder);
                found.extend(inner.map(|entry| format!("{parent}/{}", entry.name)));
            }
            None => _ = found.insert(member.trim_end_matches('/').to_owned()),
        }
    }
    found.retain(|member| !excluded.contains(member.as_str()) && member != ".");
    found.into_iter().take(ENTRIES_MAX).collect()
}

/// The way up to the workspace that the package is a member of, with a slash at its end; empty
/// where there is none.
fn way_to_workspace(folder: &Folder) -> String {
    let is_workspace = |path: &Path| {
        let above = Folder { root: path.to_owned() };
        let document = document(&above, FILE, &mut Vec::new());
        document.is_some_and(|table| table.contains_key("workspace"))
    };
    let above = folder.root.ancestors().skip(1).take(LEVELS_MAX);
    let levels = above.into_iter().position(is_workspace).map_or(0, |index| index + 1);
    "../".repeat(levels)
}
