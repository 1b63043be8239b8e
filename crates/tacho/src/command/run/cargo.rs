//! The bench targets of a Cargo project: built by `cargo`, and found in what it says it built.

use std::fs::File;
use std::io::{Error, IsTerminal, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::failure::Failure;

/// So much of what cargo tells of its build is read: a line for each crate.
const BYTES_MAX: u64 = 64 << 20;
/// So many lines of a failed build's messages are told.
const TOLD_LINES_MAX: usize = 20;

/// One bench target that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BenchTarget {
    /// Its name in Cargo.toml.
    pub(super) name: String,
    /// The program.
    pub(super) executable: PathBuf,
    /// The folder of its package: where cargo would start it.
    pub(super) package: PathBuf,
}

/// Whether cargo would find a package from `here`.
pub(super) fn is_project(here: &Path) -> bool {
    here.ancestors().any(|folder| folder.join("Cargo.toml").is_file())
}

/// Builds the bench targets of the Cargo project around `base`, all of them or the one of that
/// name, as `cargo bench` does, and says where they are.
///
/// On a terminal cargo shows what it does; else only a failed build is told.
///
/// # Errors
/// cargo cannot be started; the build fails (exit 5); there is no such target (exit 2).
pub(super) fn build(base: &Path, name: Option<&str>) -> Result<Vec<BenchTarget>, Failure> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&program);
    command.args(["bench", "--no-run", "--bench", name.unwrap_or("*")]);
    command.args(["--message-format", "json-render-diagnostics"]);
    command.current_dir(base).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut told =
        Told::to(&mut command).map_err(|error| Failure::cannot("keep what cargo says", &error))?;
    let mut child = command.spawn().map_err(|error| {
        let program = Path::new(&program).display();
        Failure::cannot(&format!("start {program}"), &error)
            .hint("a Cargo project's benchmarks are built by cargo: https://rustup.rs has it")
    })?;
    let mut messages = Vec::new();
    let read =
        child.stdout.take().map_or(Ok(0), |out| out.take(BYTES_MAX).read_to_end(&mut messages));
    let status = read.and_then(|_| child.wait());
    let status = status.map_err(|error| Failure::cannot("read from cargo", &error))?;
    if !status.success() {
        return Err(told.failure(name));
    }
    let found = targets(&String::from_utf8_lossy(&messages));
    if found.is_empty() {
        return Err(Failure::usage("this Cargo project has no bench target")
            .hint("a [[bench]] of Cargo.toml with `harness = false`, over tacho-bench, is one"));
    }
    Ok(found)
}

/// What cargo says on standard error: shown on a terminal, else kept in a file without a name.
struct Told(Option<File>);

impl Told {
    fn to(command: &mut Command) -> Result<Self, Error> {
        if std::io::stderr().is_terminal() {
            return Ok(Self(None));
        }
        let file = tempfile::tempfile()?;
        command.stderr(file.try_clone()?);
        Ok(Self(Some(file)))
    }

    /// The failure of a build, with the end of what was said and not yet seen.
    fn failure(&mut self, name: Option<&str>) -> Failure {
        let what = name.map_or("the bench targets".to_owned(), |it| format!("bench target `{it}`"));
        let failure = Failure::environment(format!("cargo cannot build {what}"));
        let mut text = String::new();
        if let Some(file) = &mut self.0 {
            // What cannot be read again is not told.
            let _ = file.rewind().and_then(|()| file.take(BYTES_MAX).read_to_string(&mut text));
        }
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let end = lines.len().saturating_sub(TOLD_LINES_MAX);
        lines[end..].iter().fold(failure, |failure, line| failure.and(format!("cargo: {line}")))
    }
}

/// The bench targets among what cargo says it built: a JSON message a line.
fn targets(messages: &str) -> Vec<BenchTarget> {
    messages.lines().filter_map(target).collect()
}

fn target(line: &str) -> Option<BenchTarget> {
    let message: Value = serde_json::from_str(line).ok()?;
    let kinds = message.pointer("/target/kind")?.as_array()?;
    let is_bench =
        message.get("reason")? == "compiler-artifact" && kinds.iter().any(|kind| kind == "bench");
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str);
    let manifest = Path::new(text("/manifest_path")?);
    is_bench.then_some(BenchTarget {
        name: text("/target/name")?.to_owned(),
        executable: text("/executable")?.into(),
        package: manifest.parent()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cargo_says() {
        let artifact = |kind: &str, executable: Option<&str>| {
            let target = json!({ "kind": [kind], "name": "sort" });
            let path = "/p/Cargo.toml";
            json!({
                "reason": "compiler-artifact", "manifest_path": path, "target": target,
                "executable": executable,
            })
            .to_string()
        };
        let sort = BenchTarget {
            name: "sort".to_owned(),
            executable: "/t/sort-1".into(),
            package: "/p".into(),
        };
        for (line, expected) in [
            (artifact("bench", Some("/t/sort-1")), Some(sort)),
            (artifact("bench", None), None),
            (artifact("lib", Some("/t/sort-1")), None),
            (r#"{"reason":"build-finished","success":true}"#.to_owned(), None),
            ("warning: unused".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(target(&line), expected, "{line}");
        }
    }
}
