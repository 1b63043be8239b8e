//! Files and folders that runs need and that are not there: told before anything is measured.

use std::io::ErrorKind;
use std::path::Path;

use tacho_plan::{Flags, Manifest, PathKey};
use tacho_schema::{Output, PlanDoc, PlannedPoint};

use crate::failure::Failure;
use crate::project::place_of;

/// So many are told; of the others only the number.
const TOLD_MAX: usize = 20;

/// Looks for what the points read, write and run in, relative to `base`.
///
/// A point with a set-up or with a command before every run is left alone: that may make what is
/// missing.
///
/// # Errors
/// Something is missing, or is of another kind: exit 2, with every place.
pub(crate) fn check(
    plan: &PlanDoc,
    base: &Path,
    manifest: Option<&Manifest>,
    flags: &Flags,
) -> Result<(), Failure> {
    let mut told: Vec<String> = Vec::new();
    let mut more = 0_u64;
    let stands_alone = |it: &&PlannedPoint| it.setup.is_none() && it.prepare.is_none();
    for planned in plan.points.iter().filter(stands_alone) {
        for (key, fault) in faults(planned, base) {
            let text = format!("{}: {fault}", place_of(manifest, planned, key, flags));
            if told.contains(&text) {
                continue;
            }
            if told.len() < TOLD_MAX { told.push(text) } else { more += 1 }
        }
    }
    let mut lines = told.into_iter();
    let Some(first) = lines.next() else { return Ok(()) };
    let failure = lines.fold(Failure::usage(first), Failure::and);
    let failure = if more > 0 { failure.and(format!("and {more} more")) } else { failure };
    Err(failure.hint("nothing was measured; `setup` or `prepare` may make what is missing"))
}

/// What is wrong with the paths of one point.
fn faults(planned: &PlannedPoint, base: &Path) -> impl Iterator<Item = (PathKey, String)> {
    let dir = folder(base, &planned.dir).map(|fault| (PathKey::Dir, fault));
    let stdin = planned.stdin.as_deref().and_then(|path| input(base, path));
    let output = match &planned.output {
        Output::File(path) => output(base, path),
        Output::Pipe | Output::Null | Output::Inherit => None,
    };
    let stdin = stdin.map(|fault| (PathKey::Stdin, fault));
    dir.into_iter().chain(stdin).chain(output.map(|fault| (PathKey::Output, fault)))
}

fn folder(base: &Path, path: &str) -> Option<String> {
    match base.join(path).metadata() {
        Ok(found) if found.is_dir() => None,
        Ok(_) => Some(format!("`{path}` is no folder")),
        Err(fault) => Some(unreachable("folder", path, &fault)),
    }
}

fn input(base: &Path, path: &str) -> Option<String> {
    match base.join(path).metadata() {
        Ok(found) if found.is_dir() => Some(format!("`{path}` is a folder, not a file to read")),
        Ok(_) => None,
        Err(fault) => Some(unreachable("file", path, &fault)),
    }
}

fn output(base: &Path, path: &str) -> Option<String> {
    if path.ends_with('/') || base.join(path).is_dir() {
        return Some(format!("`{path}` is a folder, not a file to write"));
    }
    let around = Path::new(path).parent()?.to_str()?;
    let fault = folder(base, around)?;
    Some(format!("`{path}` cannot be written: {fault}"))
}

fn unreachable(kind: &str, path: &str, fault: &std::io::Error) -> String {
    match fault.kind() {
        ErrorKind::NotFound => format!("there is no {kind} `{path}`"),
        _ => format!("cannot look at the {kind} `{path}`: {fault}"),
    }
}
