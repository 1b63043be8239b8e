//! The programs that the bench is made with: small ones in C, and release builds of ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::BenchError;
use crate::workspace::{self, output_of};

/// A program's name, its source and the compiler's flags for it.
type Recipe = (&'static str, &'static str, &'static [&'static str]);

/// The programs in C, each with how it is built.
const RECIPES: [Recipe; 7] = [
    ("account", include_str!("account.c"), &[]),
    ("floor", include_str!("floor.c"), &[]),
    ("nothing", include_str!("nothing.c"), &["-static"]),
    ("bare", include_str!("bare.c"), &["-static", "-nostdlib"]),
    ("memory", include_str!("memory.c"), &[]),
    ("nuisance", include_str!("nuisance.c"), &[]),
    ("stamp", include_str!("stamp.c"), &[]),
];

/// The folder with the bench's programs, and the `tacho` that is measured.
#[derive(Debug)]
pub(super) struct Programs {
    /// Under cargo's target folder; holds what the recipes made, and scratch files.
    pub(super) folder: PathBuf,
    /// The release build.
    pub(super) tacho: PathBuf,
    /// Cargo's target folder.
    pub(super) target: PathBuf,
}

impl Programs {
    /// The path of a program in C.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The path of a program that drives a part of `tacho`: one of this package's examples.
    pub(super) fn driver(&self, name: &str) -> PathBuf {
        self.target.join("release/examples").join(name)
    }

    /// An empty folder of that name below the bench's own; what was in it is gone.
    ///
    /// # Errors
    /// [`BenchError::File`]: it cannot be emptied or made.
    pub(super) fn empty_folder(&self, name: &str) -> Result<PathBuf, BenchError> {
        let path = self.path(name);
        let removed = match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            other => other,
        };
        removed
            .and_then(|()| std::fs::create_dir_all(&path))
            .map_err(|source| BenchError::File { verb: "make", path: path.clone(), source })?;
        Ok(path)
    }
}

/// Builds `tacho`, what drives parts of it, and the programs in C.
///
/// # Errors
/// Those of cargo and gcc, with what they said.
pub(super) fn build() -> Result<Programs, BenchError> {
    let root = workspace::root();
    let target = workspace::metadata(&root)?.target;
    let parts: [&[&str]; 2] = [&["--package", "tacho"], &["--package", "xtask", "--examples"]];
    for part in parts {
        let mut build = workspace::cargo();
        output_of(build.args(["build", "--quiet", "--release"]).args(part).current_dir(&root))?;
    }
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder).map_err(|source| BenchError::File {
        verb: "make",
        path: folder.clone(),
        source,
    })?;
    for recipe in RECIPES {
        compile(&folder, recipe)?;
    }
    Ok(Programs { folder, tacho: target.join("release/tacho"), target })
}

/// Compiles a program in C.
///
/// # Errors
/// Those of gcc, with what it said.
pub(super) fn compile(folder: &Path, (name, source, flags): Recipe) -> Result<(), BenchError> {
    let file = folder.join(format!("{name}.c"));
    std::fs::write(&file, source).map_err(|source| BenchError::File {
        verb: "write",
        path: file.clone(),
        source,
    })?;
    let built = folder.join(name);
    output_of(
        Command::new("gcc").args(["-O2", "-Wall"]).args(flags).arg(&file).arg("-o").arg(built),
    )?;
    Ok(())
}

/// What a command cost, everything that it started included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Account {
    /// From its start to its end, nanoseconds.
    pub(super) wall_nanos: f64,
    /// User and system time of it and all its descendants, nanoseconds.
    pub(super) cpu_nanos: f64,
}

/// Runs a command under `account`, in the bench's folder; gives what it cost and printed.
///
/// # Errors
/// The command's failure with what it said, and an unreadable account.
pub(super) fn account(
    programs: &Programs,
    command: &[&str],
) -> Result<(Account, Vec<u8>), BenchError> {
    let file = programs.path("account.txt");
    let mut accounted = Command::new(programs.path("account"));
    accounted.arg(&file).args(command).current_dir(&programs.folder);
    let printed = output_of(accounted.stdin(std::process::Stdio::null()))?;
    let text = std::fs::read_to_string(&file).map_err(|source| BenchError::File {
        verb: "read",
        path: file.clone(),
        source,
    })?;
    let named = |key| number(&text, key, &file);
    Ok((Account { wall_nanos: named("wall")?, cpu_nanos: named("cpu")? }, printed))
}

/// The number behind `key` in lines of a name and a number; `path` is where they come from.
///
/// # Errors
/// [`BenchError::Format`] where there is none.
pub(super) fn number(text: &str, key: &str, path: &Path) -> Result<f64, BenchError> {
    text.lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
        .ok_or_else(|| BenchError::Format { key: key.to_owned(), path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_behind_their_names() {
        let path = Path::new("floor");
        let text = "median 12\nown 7\nruns 0\n";
        assert_eq!(number(text, "own", path).unwrap(), 7.0);
        for key in ["ow", "walls", "7"] {
            let error = number(text, key, path).unwrap_err().to_string();
            assert_eq!(error, format!("cannot read {key:?} in floor"));
        }
    }
}
