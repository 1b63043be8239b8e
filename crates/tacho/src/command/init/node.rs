//! package.json: its scripts that are called as benchmarks and tests are.

use serde_json::Value;

use super::folder::Folder;
use super::found::{Found, RUNS, Workload};

/// The file.
pub(super) const FILE: &str = "package.json";

/// Scripts that are looked for, in this order.
const SCRIPTS: [&str; 5] = ["bench", "benchmark", "perf", "test", "start"];

/// What `npm init` writes where there is no test yet.
const NO_TEST: &str = "no test specified";

/// Lock files, and the program that each stands for.
const LOCKS: [(&str, &str); 4] =
    [("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun"), ("bun.lockb", "bun")];

/// The scripts of package.json.
///
/// # Errors
/// What is wrong with it, as a fragment.
pub(super) fn find(folder: &Folder) -> Result<Option<Found>, String> {
    let Some(text) = folder.text(FILE).map_err(|why| why.to_string())? else { return Ok(None) };
    let package: Value = serde_json::from_str(&text).map_err(|fault| fault.to_string())?;
    let manager = manager(folder);
    let mut found = Found { file: FILE.to_owned(), tool: manager, ..Found::default() };
    for script in SCRIPTS {
        let line = package["scripts"][script].as_str();
        if line.is_some_and(|line| !line.contains(NO_TEST)) {
            found.add(workload(manager, script));
        }
    }
    let needs = |key: &str| package[key].as_object().is_some_and(|needed| !needed.is_empty());
    let is_installed = folder.root.join("node_modules").exists();
    if !is_installed
        && !found.workloads.is_empty()
        && (needs("dependencies") || needs("devDependencies"))
    {
        found.notes.push(format!("{FILE}: nothing is installed yet: `{manager} install`"));
    }
    Ok(Some(found))
}

fn manager(folder: &Folder) -> &'static str {
    let locked = LOCKS.iter().find(|(lock, _)| folder.has_file(lock));
    locked.map_or("npm", |(_, manager)| manager)
}

fn workload(manager: &str, script: &str) -> Workload {
    let is_proposal = script == "start";
    let quiet = match manager {
        "npm" => Some("-s"),
        "pnpm" => Some("--silent"),
        // Yarn 2 knows no such flag, and of bun's the meaning has changed.
        _ => None,
    };
    let words = [Some(manager), Some("run"), quiet, Some(script)];
    Workload {
        name: format!("{manager}/{script}"),
        comments: match is_proposal {
            true => vec!["Only if it ends by itself: a server would be ended by its timeout."],
            false => vec!["A script of package.json, the start of its runner included."],
        },
        command: words.into_iter().flatten().map(str::to_owned).collect(),
        runs: Some(RUNS),
        timeout: Some("10m"),
        is_proposal,
        ..Workload::default()
    }
}
