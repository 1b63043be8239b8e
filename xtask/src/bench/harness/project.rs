//! The generated packages: their files, their build, and what they were built of.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::bench::BenchError;
use crate::bench::program::Programs;
use crate::workspace::{self, output_of};

/// The newest Criterion.
const CRITERION: &str = "0.8.2";

/// The newest divan.
const DIVAN: &str = "0.1.21";

/// The files of the package with a bench target for each harness.
const FILES: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("project/Cargo.toml.txt")),
    ("src/lib.rs", include_str!("project/functions.rs.txt")),
    ("benches/tacho.rs", include_str!("project/tacho.rs.txt")),
    ("benches/criterion.rs", include_str!("project/criterion.rs.txt")),
    ("benches/divan.rs", include_str!("project/divan.rs.txt")),
    ("benches/bare.rs", include_str!("project/bare.rs.txt")),
];

/// A package that cargo has built: the same functions for every harness.
#[derive(Debug)]
pub(super) struct Project {
    folder: PathBuf,
    /// The bench target with our harness.
    pub(super) tacho: PathBuf,
    /// The one with Criterion.
    pub(super) criterion: PathBuf,
    /// The one with divan.
    pub(super) divan: PathBuf,
    /// The one with a plain loop.
    pub(super) bare: PathBuf,
}

impl Project {
    /// Writes the package and builds its bench targets, with cargo's own bench profile.
    ///
    /// # Errors
    /// [`BenchError`]: a file cannot be written, or cargo fails, with what it said.
    pub(super) fn build(programs: &Programs) -> Result<Self, BenchError> {
        let folder = programs.folder.join("harness/project");
        write(&folder, &FILES)?;
        let mut cargo = workspace::cargo();
        cargo.args(["bench", "--no-run", "--quiet", "--message-format", "json"]);
        cargo.arg("--manifest-path").arg(folder.join("Cargo.toml"));
        cargo.arg("--target-dir").arg(programs.folder.join("harness/target"));
        let printed = output_of(cargo.current_dir(&folder))?;
        let text = String::from_utf8_lossy(&printed);
        let find = |name| executable(&text, name).ok_or_else(|| missing(name, &folder));
        let (tacho, criterion) = (find("tacho")?, find("criterion")?);
        let (divan, bare) = (find("divan")?, find("bare")?);
        Ok(Self { folder, tacho, criterion, divan, bare })
    }

    /// One whose files are below `folder`.
    #[cfg(test)]
    pub(super) fn fake(folder: &str) -> Self {
        let folder = PathBuf::from(folder);
        let [tacho, criterion, divan, bare] =
            ["tacho", "criterion", "divan", "bare"].map(|name| folder.join(name));
        Self { folder, tacho, criterion, divan, bare }
    }

    /// What was compared: the harnesses and the compiler, each with its version.
    ///
    /// # Errors
    /// The lock file cannot be read, or the compiler cannot be asked.
    pub(super) fn versions(&self) -> Result<Vec<String>, BenchError> {
        let locked = locked(&self.folder)?;
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let compiler = output_of(Command::new(rustc).arg("--version"))?;
        let ours = ["tacho-bench", "criterion", "divan"];
        let mut versions: Vec<String> = locked
            .into_iter()
            .filter(|(name, _)| ours.contains(&name.as_str()))
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        versions.push(String::from_utf8_lossy(&compiler).trim().to_owned());
        Ok(versions)
    }
}

/// The line of a manifest for each harness.
pub(super) fn dependency(package: &str) -> String {
    match package {
        "criterion" => format!("criterion = \"={CRITERION}\""),
        "divan" => format!("divan = \"={DIVAN}\""),
        _ => format!("tacho-bench = {{ path = {:?} }}", workspace::root().join("crates/bench")),
    }
}

/// Writes the files of a package that are not as they should be, so that cargo builds what changed.
///
/// # Errors
/// [`BenchError::File`].
pub(super) fn write(folder: &Path, files: &[(&str, &str)]) -> Result<(), BenchError> {
    for (name, text) in files {
        let dependencies = ["criterion", "divan", "tacho-bench"].map(dependency).join("\n");
        let text = text.replace("{dependencies}", &dependencies);
        let path = folder.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|present| present == text) {
            continue;
        }
        let folder = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|source| BenchError::File { verb: "write", path: path.clone(), source })?;
    }
    Ok(())
}

/// Names and versions of all packages that the lock file holds, the package itself included.
///
/// # Errors
/// [`BenchError`]: it cannot be read, or is no lock file.
pub(super) fn locked(folder: &Path) -> Result<Vec<(String, String)>, BenchError> {
    let path = folder.join("Cargo.lock");
    let text = std::fs::read_to_string(&path).map_err(|source| BenchError::File {
        verb: "read",
        path: path.clone(),
        source,
    })?;
    parse_lock(&text).ok_or_else(|| missing("package", &path))
}

fn parse_lock(text: &str) -> Option<Vec<(String, String)>> {
    let document = DeTable::parse(text).ok()?;
    let word = |package: &Spanned<DeValue<'_>>, key| {
        Some(package.get_ref().get(key)?.get_ref().as_str()?.to_owned())
    };
    let packages = document.get_ref().get("package")?.get_ref().as_array()?.iter();
    packages.map(|package| Some((word(package, "name")?, word(package, "version")?))).collect()
}

/// What cargo says it made, one JSON object a line.
pub(super) fn artifacts(printed: &str) -> impl Iterator<Item = Value> {
    let messages = printed.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter(|message| message["reason"] == "compiler-artifact")
}

/// The bench target of that name among what cargo made.
fn executable(printed: &str, name: &str) -> Option<PathBuf> {
    let made = artifacts(printed)
        .find(|made| made["target"]["name"] == name && made["target"]["kind"][0] == "bench")?;
    Some(PathBuf::from(made["executable"].as_str()?))
}

fn missing(key: &str, path: &Path) -> BenchError {
    BenchError::Format { key: key.to_owned(), path: path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::contender::Set;
    use super::*;

    #[test]
    fn the_functions_are_those_of_the_tables() {
        let library = FILES[1].1;
        for set in Set::ALL {
            let line = format!("{}: {};", set.word(), set.functions().join(" "));
            assert!(library.contains(&line), "{line}");
            for function in set.functions() {
                assert!(library.contains(&format!("pub fn {function}() -> u64 {{")), "{function}");
            }
        }
    }

    #[test]
    fn files_are_written_where_they_differ() {
        let folder = tempfile::tempdir().unwrap();
        let files = [("a/Cargo.toml", "[dev-dependencies]\n{dependencies}\n")];
        write(folder.path(), &files).unwrap();
        let path = folder.path().join("a/Cargo.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(DeTable::parse(&text).is_ok(), "{text}");
        assert!(text.contains(&format!("\ndivan = \"={DIVAN}\"\ntacho-bench = {{ path = ")));
        let written = std::fs::metadata(&path).unwrap().modified().unwrap();
        write(folder.path(), &files).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), written);
        std::fs::write(&path, "other").unwrap();
        write(folder.path(), &files).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn locks_and_messages_are_read() {
        let lock = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.2.0\"\n\
                    [[package]]\nname = \"b\"\nversion = \"0.1.0\"\ndependencies = [\"a\"]\n";
        let named = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        assert_eq!(parse_lock(lock), Some(vec![named("a", "1.2.0"), named("b", "0.1.0")]));
        assert_eq!(parse_lock("version = 4"), None);
        let printed = "warning: not JSON\n\
            {\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"divan\",\"kind\":[\"lib\"]}}\n\
            {\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"divan\",\"kind\":[\"bench\"]},\
            \"executable\":\"/t/divan-1\"}\n{\"reason\":\"build-finished\"}\n";
        assert_eq!(artifacts(printed).count(), 2);
        assert_eq!(executable(printed, "divan"), Some(PathBuf::from("/t/divan-1")));
        assert_eq!(executable(printed, "tacho"), None);
    }
}
