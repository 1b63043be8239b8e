//! The text of the manifest: what was found, with comments for those who read it.

use std::collections::BTreeSet;
use std::fmt::Write;

use toml::Value;

use super::found::{Found, Setup, Workload};

const HEAD: &str = "\
# What `tacho run` measures in this folder, as `tacho init` found it. Change it as you like.
#
#     tacho list          what there is to measure
#     tacho run           measure all of it
#     tacho run NAME      only what has NAME in its name

";

const DEFAULTS: &str = "
# What holds for every workload; a workload's own settings take its place.
[defaults]
# Runs before the measured ones, so that no file is read for the first time.
# warmup = 1
# A run that takes longer is ended, and its row says `timed_out`.
timeout = \"60s\"
";

/// What stands in a manifest for a folder in which nothing was found: it works as it is.
const EXAMPLE: &str = "
# An example that works anywhere; put your own commands in its place.
[[workload]]
name = \"gzip/level\"
# An array of words runs as it is, without a shell.
command = [\"gzip\", \"-c\", \"-{level}\", \"tacho-example.txt\"]
# `{level}` stands for each of these values in turn: three points are measured.
params.level = [1, 6, 9]
# Once before the first run, and once after the last.
setup = \"seq 200000 >tacho-example.txt\"
cleanup = \"rm -f tacho-example.txt\"

# A text runs through a shell, whose own start is part of what is measured.
[[workload]]
name = \"sort\"
command = \"seq 100000 | sort -r\"
";

/// The manifest of `found`. `missing` names the tools that are not there.
pub(super) fn manifest(project: &str, found: &[Found], missing: &BTreeSet<&str>) -> String {
    let mut text = HEAD.to_owned();
    if tacho_schema::Name::new(project).is_ok() {
        let _ = writeln!(text, "[project]\nname = {}", quoted(project));
    }
    text.push_str(DEFAULTS);
    let mut names = BTreeSet::new();
    for part in found.iter().filter(|part| !part.workloads.is_empty()) {
        let _ = writeln!(text, "\n# --- {} ---", part.file);
        if missing.contains(part.tool) {
            let _ = writeln!(text, "# {} is not on the PATH here: install it first.", part.tool);
        }
        for one in &part.workloads {
            let name = unused(&one.name, &mut names);
            let lines = workload(one, &name);
            let mark = if one.is_proposal { "# " } else { "" };
            text.push('\n');
            for line in lines.lines() {
                let _ = writeln!(text, "{mark}{line}");
            }
        }
    }
    if !found.iter().any(Found::is_measured) {
        text.push_str(EXAMPLE);
    }
    text
}

fn workload(one: &Workload, name: &str) -> String {
    let mut text = String::new();
    for comment in &one.comments {
        let _ = writeln!(text, "# {comment}");
    }
    text.push_str("[[workload]]\n");
    match &one.harness {
        Some(harness) => _ = writeln!(text, "harness = {}", quoted(harness)),
        None => {
            let _ = writeln!(text, "name = {}", quoted(name));
            let _ = writeln!(text, "command = {}", array(&one.command));
        }
    }
    match &one.setup {
        Some(Setup::Words(words)) => _ = writeln!(text, "setup = {}", array(words)),
        Some(Setup::Line(line)) => _ = writeln!(text, "setup = {}", quoted(line)),
        None => {}
    }
    if let Some(runs) = one.runs {
        let _ = writeln!(text, "runs = {runs}");
    }
    if let Some(timeout) = one.timeout {
        let _ = writeln!(text, "timeout = {}", quoted(timeout));
    }
    text
}

/// The name, with a number behind it where it is taken.
fn unused(name: &str, taken: &mut BTreeSet<String>) -> String {
    let name = name.trim();
    let numbered = (2_u32..).map(|number| format!("{name}-{number}"));
    let mut tried = std::iter::once(name.to_owned()).chain(numbered);
    let free = tried.find(|name| taken.insert(name.clone()));
    free.expect("there are more numbers than workloads")
}

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

fn array(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

#[cfg(test)]
mod tests;
