//! Values that a manifest wants from outside of it: a file's lines, a command's lines.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use tacho_plan::{Manifest, OutsideSource};

use super::request::problems;
use crate::failure::Failure;
use crate::project::Project;

/// So many bytes of values are read.
const BYTES_MAX: u64 = 4 << 20;

/// A command has so long to print them.
const TIME_MAX: Duration = Duration::from_secs(60);

/// How often it is looked whether a command that prints no more has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// So many characters of what a failed command said are told.
const TOLD_CHARS_MAX: usize = 300;

/// Looks for the values that `manifest` wants, and gives them to it.
///
/// # Errors
/// Exit 2 with a line for each parameter whose values cannot be had.
pub(super) fn supply(manifest: &mut Manifest, project: &Project) -> Result<(), Failure> {
    let wanted = manifest.outside().map_err(|found| problems(&found))?;
    let (mut texts, mut faults) = (Vec::with_capacity(wanted.len()), Vec::new());
    for outside in wanted {
        let text = match &outside.source {
            OutsideSource::Lines(path) => of_file(project, path),
            OutsideSource::Command { argv, text } => {
                of_command(argv, &project.base).map_err(|fault| format!("`{text}` {fault}"))
            }
        };
        match text {
            Ok(text) => texts.push((outside, text)),
            Err(fault) => faults.push(format!("{}: params.{}: {fault}", outside.at, outside.param)),
        }
    }
    let mut faults = faults.into_iter();
    match faults.next() {
        Some(first) => Err(faults.fold(Failure::usage(first), Failure::and)),
        None => manifest.supply(&texts).map_err(|found| problems(&found)),
    }
}

fn of_file(project: &Project, path: &str) -> Result<String, String> {
    if let Some(real) = project.leads_away(path) {
        return Err(format!("`{path}` leads out of the project, to {}", real.display()));
    }
    let full = project.base.join(path);
    if full.exists() && !full.is_file() {
        return Err(format!("cannot read `{path}`: it is no file"));
    }
    let file = std::fs::File::open(full);
    let bytes = file.and_then(bounded).map_err(|error| format!("cannot read `{path}`: {error}"))?;
    text(bytes).map_err(|fault| format!("`{path}` {fault}"))
}

/// What a source gives, and one byte more than it may.
fn bounded(source: impl Read) -> Result<Vec<u8>, std::io::Error> {
    let mut bytes = Vec::new();
    source.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() as u64 > BYTES_MAX {
        return Err(format!("gives over {} MiB of values", BYTES_MAX >> 20));
    }
    String::from_utf8(bytes).map_err(|_| "gives values that are no UTF-8 text".to_owned())
}

/// What a command prints; the fault is a fragment behind its text.
fn of_command(argv: &[String], dir: &Path) -> Result<String, String> {
    let (program, words) = argv.split_first().ok_or("is empty")?;
    let mut command = Command::new(program);
    command.args(words).current_dir(dir).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    let (out, told) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let deadline = Instant::now() + TIME_MAX;
    let late = || format!("has not ended within {} s", TIME_MAX.as_secs());
    let read = out.recv_timeout(TIME_MAX).map_err(|_| late());
    // Whoever has printed too much may print for ever.
    let read = read.and_then(|bytes| text(bytes.map_err(|error| error.to_string())?));
    let ended = if read.is_ok() { end_of(&mut child, deadline) } else { None };
    let Some(status) = ended else {
        // It may have ended by itself meanwhile.
        let _ = child.kill();
        let _ = child.wait();
        return Err(read.err().unwrap_or_else(late));
    };
    if status.success() {
        return read;
    }
    // What it started may still hold its standard error open.
    let told = told.recv_timeout(Duration::from_secs(1)).ok().and_then(Result::ok);
    Err(failed(status, &told.unwrap_or_default()))
}

/// Reads a stream in the background: both must be read, whichever fills first.
fn reader(stream: Option<impl Read + Send + 'static>) -> Receiver<Result<Vec<u8>, std::io::Error>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let bytes = stream.map_or_else(|| Ok(Vec::new()), bounded);
        // Nobody waits for it any more: then it is not wanted.
        let _ = sender.send(bytes);
    });
    receiver
}

fn end_of(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(LOOK_AGAIN),
            _ => return None,
        }
    }
}

/// How a command failed, with the end of what it said.
fn failed(status: ExitStatus, told: &[u8]) -> String {
    let how = match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => format!("was ended: {status}"),
    };
    let told = String::from_utf8_lossy(told);
    let words: Vec<&str> = told.split(|c: char| c.is_control() || c == ' ').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let told = words.join(" ");
    let start = told.chars().count().saturating_sub(TOLD_CHARS_MAX);
    let end: String = told.chars().skip(start).collect();
    match (end.is_empty(), start > 0) {
        (true, _) => how,
        (false, true) => format!("{how}: …{end}"),
        (false, false) => format!("{how}: {end}"),
    }
}
