//! `tacho init`: a first manifest that fits the folder. Looks at files; starts nothing.

mod cargo;
mod folder;
mod found;
mod go;
mod make;
mod native;
mod node;
mod python;
mod render;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use folder::{Folder, Unreadable};
use found::Found;

use crate::args::verbs::InitArgs;
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::whole_file;
use crate::project::MANIFEST;
use crate::terminal;

/// Writes `tacho.toml` into the current folder, and says what is in it.
pub(crate) fn init(args: &InitArgs) -> Result<Exit, Failure> {
    let root = std::env::current_dir()
        .map_err(|error| Failure::cannot("find the current folder", &error))?;
    let folder = Folder { root };
    let around = cargo::Surroundings {
        has_target_variable: std::env::var_os("CARGO_TARGET_DIR").is_some_and(|it| !it.is_empty()),
    };
    let (found, notes) = look(&folder, around);
    let missing: BTreeSet<&str> =
        found.iter().map(|part| part.tool).filter(|tool| !is_on_path(tool)).collect();
    let project = folder.root.file_name().unwrap_or_default().to_string_lossy();
    let text = render::manifest(&project, &found, &missing);
    if !args.stdout {
        write(&text, args.force)?;
    }
    let missing = missing.iter().map(|tool| format!("{tool} is not on the PATH here"));
    for note in notes.into_iter().chain(missing) {
        terminal::note(&note);
    }
    print(&if args.stdout { text } else { told(&found) })?;
    Ok(Exit::Fine)
}

/// Everything that there is to measure, and what is to be said of it.
fn look(folder: &Folder, around: cargo::Surroundings) -> (Vec<Found>, Vec<String>) {
    let (mut found, mut notes) = (Vec::new(), Vec::new());
    let without =
        |file: &str, why: &dyn std::fmt::Display| format!("{file}: {why}; went on without it");
    let unread = |(file, why): (String, Unreadable)| without(&file, &why);
    let (part, told) = cargo::find(folder, around);
    found.extend(part);
    notes.extend(told);
    let node = node::find(folder).map_err(|why| without(node::FILE, &why));
    let parts = native::find(folder).into_iter().map(|part| part.map(Some).map_err(unread));
    for part in parts.chain([make::find(folder).map_err(unread), node, Ok(go::find(folder))]) {
        match part {
            Ok(part) => found.extend(part),
            Err(note) => notes.push(note),
        }
    }
    let (part, told) = python::find(folder);
    found.extend(part);
    notes.extend(told);
    for part in &mut found {
        notes.append(&mut part.notes);
        if part.workloads.is_empty() {
            notes.push(format!("{}: nothing to measure was found in it", part.file));
        }
    }
    found.retain(|part| !part.workloads.is_empty());
    (found, notes)
}

/// # Errors
/// There is a manifest and it is not to be replaced (exit 2), or the folder cannot be written.
fn write(text: &str, force: bool) -> Result<(), Failure> {
    let path = Path::new(MANIFEST);
    let cannot = |error| Failure::cannot(&format!("write {MANIFEST}"), &error);
    if force {
        return whole_file::write(path, |out| out.write_all(text.as_bytes())).map_err(cannot);
    }
    let mut file = File::create_new(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::usage(format!("there is a {MANIFEST} here already"))
            .hint("--stdout prints what would be written, --force replaces it"),
        _ => cannot(error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| {
        // Half a manifest would only be in the way.
        let _ = std::fs::remove_file(path);
        cannot(error)
    })
}

/// What was written, and what to do next.
fn told(found: &[Found]) -> String {
    let mut text = format!("{MANIFEST} is written.\n");
    for part in found {
        let names = |is_proposal: bool| {
            let of_kind = part.workloads.iter().filter(|one| one.is_proposal == is_proposal);
            of_kind.map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let (measured, proposed) = (names(false), names(true));
        if !measured.is_empty() {
            text += &format!("  {}: {measured}\n", part.file);
        }
        if !proposed.is_empty() {
            text += &format!("  {}: {proposed}, as a comment\n", part.file);
        }
    }
    if !found.iter().any(Found::is_measured) {
        text += "  Nothing to measure was found here: it holds an example that works.\n";
    }
    text + "Next:\n  tacho list    what there is to measure\n  tacho run     measure it\n"
}

/// Whether there is a program of that name in a folder of the PATH.
fn is_on_path(tool: &str) -> bool {
    let is_program = |path: &Path| {
        let found = path.metadata();
        found.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| is_program(&folder.join(tool)))
}

#[cfg(test)]
mod tests;
