//! What `cargo` and `git` know of the workspace: its root, files, packages and target folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Why the workspace could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkspaceError {
    /// A program could not be started.
    #[error("cannot start {program}")]
    Start { program: String, source: std::io::Error },
    /// A program ended badly.
    #[error("{program} ended with {status}: {message}")]
    Ended { program: String, status: std::process::ExitStatus, message: String },
    /// What `cargo metadata` printed is not what it documents.
    #[error("cannot read what cargo metadata printed: {0}")]
    Metadata(String),
}

/// A package of the workspace and the packages of the workspace that it is built with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name in Cargo.toml.
    pub(crate) name: String,
    /// Its folder, relative to the root.
    pub(crate) folder: String,
    /// Names of the workspace's packages that it depends on, also for its build script; those of
    /// its tests alone are left out.
    pub(crate) edges: Vec<String>,
}

/// The packages of the workspace, and where it builds.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// The packages, in the order of their names.
    pub(crate) packages: Vec<Package>,
    /// The folder that cargo builds in.
    pub(crate) target: PathBuf,
}

/// The workspace's root: the folder above this package.
pub(crate) fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().map_or_else(|| own.clone(), Path::to_path_buf)
}

/// Runs `command` to its end and gives what it printed.
///
/// # Errors
/// [`WorkspaceError::Start`] and [`WorkspaceError::Ended`], with what it said on standard error.
pub(crate) fn output_of(command: &mut Command) -> Result<Vec<u8>, WorkspaceError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|source| WorkspaceError::Start { program: program.clone(), source })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(WorkspaceError::Ended { program, status: output.status, message })
}

/// The `cargo` that runs us.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Paths of the repository's files relative to `root`: tracked ones, and new ones not ignored.
///
/// # Errors
/// Those of `git ls-files`.
pub(crate) fn files(root: &Path) -> Result<Vec<String>, WorkspaceError> {
    let listed = output_of(
        Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root),
    )?;
    let mut paths: Vec<String> = String::from_utf8_lossy(&listed)
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// Asks `cargo metadata`, without resolving anything outside the workspace.
///
/// # Errors
/// Those of running cargo, and [`WorkspaceError::Metadata`].
pub(crate) fn metadata(root: &Path) -> Result<Metadata, WorkspaceError> {
    let printed = output_of(
        cargo().args(["metadata", "--format-version", "1", "--no-deps"]).current_dir(root),
    )?;
    read_metadata(&printed)
}

fn read_metadata(printed: &[u8]) -> Result<Metadata, WorkspaceError> {
    let document: Value = serde_json::from_slice(printed)
        .map_err(|error| WorkspaceError::Metadata(error.to_string()))?;
    let root = Path::new(text(&document, "workspace_root")?);
    let described = array(&document, "packages")?;
    let names: Vec<&str> =
        described.iter().map(|package| text(package, "name")).collect::<Result<_, _>>()?;
    let mut packages = described
        .iter()
        .map(|package| read_package(package, root, &names))
        .collect::<Result<Vec<_>, _>>()?;
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Metadata { packages, target: PathBuf::from(text(&document, "target_directory")?) })
}

fn read_package(package: &Value, root: &Path, ours: &[&str]) -> Result<Package, WorkspaceError> {
    let manifest = Path::new(text(package, "manifest_path")?);
    let folder = manifest.parent().and_then(|folder| folder.strip_prefix(root).ok());
    let mut edges = Vec::new();
    for dependency in array(package, "dependencies")? {
        let name = text(dependency, "name")?;
        if dependency["kind"] != "dev" && ours.contains(&name) {
            edges.push(name.to_owned());
        }
    }
    edges.sort();
    edges.dedup();
    Ok(Package {
        name: text(package, "name")?.to_owned(),
        folder: folder.unwrap_or(manifest).to_string_lossy().into_owned(),
        edges,
    })
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, WorkspaceError> {
    value[key].as_str().ok_or_else(|| WorkspaceError::Metadata(format!("no text {key:?}")))
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>, WorkspaceError> {
    value[key].as_array().ok_or_else(|| WorkspaceError::Metadata(format!("no list {key:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"{"workspace_root":"/w","target_directory":"/w/target","packages":[
        {"name":"tacho-b","manifest_path":"/w/crates/b/Cargo.toml","dependencies":[
            {"name":"serde","kind":null},{"name":"tacho-a","kind":null},
            {"name":"tacho-c","kind":"dev"},{"name":"tacho-c","kind":"build"}]},
        {"name":"tacho-a","manifest_path":"/w/crates/a/Cargo.toml","dependencies":[
            {"name":"tacho-b","kind":"dev"}]},
        {"name":"tacho-c","manifest_path":"/w/crates/c/Cargo.toml","dependencies":[]}]}"#;

    #[test]
    fn edges_are_ours_and_not_of_tests_alone() {
        let read = read_metadata(PRINTED.as_bytes()).unwrap();
        let shown: Vec<String> = read
            .packages
            .iter()
            .map(|p| format!("{} {} {}", p.name, p.folder, p.edges.join(",")))
            .collect();
        assert_eq!(
            shown,
            ["tacho-a crates/a ", "tacho-b crates/b tacho-a,tacho-c", "tacho-c crates/c "]
        );
        assert_eq!(read.target, Path::new("/w/target"));
    }

    #[test]
    fn other_documents_are_refused() {
        for printed in ["", "[]", "{}", &PRINTED.replace("packages", "pakages")] {
            let error = read_metadata(printed.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("cannot read what cargo metadata printed"), "{error}");
        }
    }
}
