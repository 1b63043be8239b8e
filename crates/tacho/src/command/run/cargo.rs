//! The bench targets of a Cargo project: built by `cargo`, and found in what it says it built.

use std::fs::File;
use std::io::{Error, IsTerminal, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tacho_measure::signals::Signals;

use crate::failure::Failure;
use crate::flow::record::go_on;

/// So much of what cargo tells of its build is read: a line for each crate.
const BYTES_MAX: u64 = 64 << 20;
/// So many lines of a failed build's messages are told.
const TOLD_LINES_MAX: usize = 20;
/// So many bench targets are named where there is not the one that was asked for.
const NAMED_MAX: usize = 10;
/// How often it is looked whether a build has ended, or we are to end.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

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
    manifest(here).is_some()
}

fn manifest(here: &Path) -> Option<PathBuf> {
    here.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.is_file())
}

/// Builds the bench targets of the Cargo project around `base`, all of them or the one of that
/// name, as `cargo bench` does, and says where they are.
///
/// On a terminal cargo shows what it does; else only a failed build is told.
///
/// # Errors
/// There is no Cargo project, or no such target (exit 2); cargo cannot be started; the build fails
/// (exit 5); a signal that ends us.
pub(super) fn build(
    base: &Path,
    name: Option<&str>,
    signals: Option<&Signals>,
) -> Result<Vec<BenchTarget>, Failure> {
    let Some(manifest) = manifest(base) else {
        return Err(Failure::usage(format!(
            "there is no Cargo project: no Cargo.toml in {} or a folder above",
            base.display()
        )));
    };
    let mut command = cargo(base);
    command.args(["bench", "--no-run", "--bench", name.unwrap_or("*")]);
    command.args(["--message-format", "json-render-diagnostics"]).stdout(Stdio::piped());
    let mut told =
        Told::to(&mut command).map_err(|error| Failure::cannot("keep what cargo says", &error))?;
    let mut child = command.spawn().map_err(|error| not_started(&command, &error))?;
    let out = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut messages = Vec::new();
        out.map_or(Ok(0), |out| out.take(BYTES_MAX).read_to_end(&mut messages)).map(|_| messages)
    });
    let status = end_of(&mut child, signals)?;
    let messages = reader.join().unwrap_or_else(|_| Err(Error::other("its reader panicked")));
    let messages = messages.map_err(|error| Failure::cannot("read from cargo", &error))?;
    if !status.success() {
        let lacking = Declared::of(base, &manifest).and_then(|declared| declared.lacks(name));
        return Err(lacking.unwrap_or_else(|| told.failure(name)));
    }
    let found = targets(&String::from_utf8_lossy(&messages));
    if found.is_empty() { Err(no_target()) } else { Ok(found) }
}

/// cargo as it is to be started: the one that started us, where one did.
fn cargo(base: &Path) -> Command {
    let set = std::env::var_os("CARGO").filter(|program| !program.is_empty());
    let mut command = Command::new(set.unwrap_or_else(|| "cargo".into()));
    command.current_dir(base).stdin(Stdio::null());
    command
}

fn not_started(command: &Command, error: &Error) -> Failure {
    let program = Path::new(command.get_program()).display();
    Failure::cannot(&format!("start {program}"), error)
        .hint("a Cargo project's benchmarks are built by cargo: https://rustup.rs has it")
}

fn no_target() -> Failure {
    Failure::usage("this Cargo project has no bench target")
        .hint(
            "a [[bench]] of Cargo.toml with `harness = false`, over tacho-bench, is one; in a \
             workspace, run this in the folder of the member that has it",
        )
        .hint("`tacho run 'COMMAND'` measures a command")
}

/// Waits for a build; a signal that ends us ends it, too.
fn end_of(child: &mut Child, signals: Option<&Signals>) -> Result<ExitStatus, Failure> {
    loop {
        let ended = child.try_wait().map_err(|error| Failure::cannot("wait for cargo", &error))?;
        // Ctrl-C on a terminal ends both, and a build that was stopped has not failed.
        if let Err(stopped) = signals.map_or(Ok(()), go_on) {
            // Where it has ended already there is nothing to end.
            let _ = child.kill();
            let _ = child.wait();
            return Err(stopped);
        }
        if let Some(status) = ended {
            return Ok(status);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// The names of the bench targets that `cargo bench` would build.
struct Declared(Vec<String>);

impl Declared {
    /// What `cargo metadata` tells of the package of `manifest`, or of the workspace's default
    /// members where it is the workspace's; `None` where cargo cannot tell.
    fn of(base: &Path, manifest: &Path) -> Option<Self> {
        let mut command = cargo(base);
        command.args(["metadata", "--no-deps", "--format-version", "1"]).stderr(Stdio::null());
        let told: Value = serde_json::from_slice(&command.output().ok()?.stdout).ok()?;
        let manifest = manifest.canonicalize().ok()?;
        let is_root = Path::new(told.get("workspace_root")?.as_str()?).join("Cargo.toml");
        let is_root = is_root.canonicalize().ok()? == manifest;
        let defaults = told.get("workspace_default_members")?.as_array()?;
        let is_built = |package: &&Value| match is_root {
            true => package.get("id").is_some_and(|id| defaults.contains(id)),
            false => package["manifest_path"].as_str().map(Path::new) == Some(&manifest),
        };
        let packages = told.get("packages")?.as_array()?.iter().filter(is_built);
        let targets = packages.filter_map(|package| package.get("targets")?.as_array()).flatten();
        let benches = targets.filter(|target| is_bench(&target["kind"]));
        Some(Self(benches.filter_map(|it| it["name"].as_str().map(str::to_owned)).collect()))
    }

    /// The failure of asking for a target that is none of these.
    fn lacks(&self, name: Option<&str>) -> Option<Failure> {
        let Self(all) = self;
        if all.is_empty() {
            return Some(no_target());
        }
        let name = name.filter(|name| !all.iter().any(|known| known == name))?;
        let known: Vec<&str> = all.iter().take(NAMED_MAX).map(String::as_str).collect();
        Some(Failure::usage(format!(
            "this Cargo project has no bench target `{name}`; there is {}",
            known.join(", ")
        )))
    }
}

fn is_bench(kinds: &Value) -> bool {
    kinds.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "bench"))
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
    let is_bench = message.get("reason")? == "compiler-artifact"
        && message.pointer("/target/kind").is_some_and(is_bench);
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
