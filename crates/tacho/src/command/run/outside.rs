//! Values that a manifest wants from outside of it: a file's lines, a command's lines.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tacho_measure::signals::Signals;
use tacho_plan::{HarnessSource, Listing, Manifest, OutsideSource, Supplied};

use super::request::problems;
use crate::failure::Failure;
use crate::flow::record::go_on;
use crate::project::Project;

/// So many bytes of values are read.
const BYTES_MAX: u64 = 4 << 20;

/// A command has so long to print them.
const TIME_MAX: Duration = Duration::from_secs(60);

/// How often it is looked whether a command has printed all and ended.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// So many characters of what a failed command said are told.
const TOLD_CHARS_MAX: usize = 300;

/// Why there are no values.
enum Trouble {
    /// What is wrong, as a fragment.
    Fault(String),
    /// A signal came that ends us.
    Stopped(Failure),
}

/// Looks for the values that `manifest` wants, and gives them to it.
///
/// # Errors
/// Exit 2 with a line for each parameter whose values cannot be had; a signal that ends us.
pub(super) fn supply(manifest: &mut Manifest, project: &Project) -> Result<(), Failure> {
    let wanted = manifest.outside().map_err(|found| problems(&found))?;
    let (mut found, mut faults) = (Vec::with_capacity(wanted.len()), Vec::new());
    let mut signals = None;
    for outside in wanted {
        let mut ask = |argv: &[String], dir: &Path, text: &str| {
            let signals = match &signals {
                Some(signals) => signals,
                None => signals.insert(listen()?),
            };
            match of_command(argv, dir, &outside.env, signals) {
                Err(Trouble::Stopped(failure)) => Err(failure),
                Err(Trouble::Fault(fault)) => Ok(Err(format!("`{text}` {fault}"))),
                Ok(values) => Ok(Ok(values)),
            }
        };
        let supplied = match &outside.source {
            OutsideSource::Lines(path) => of_file(project, path).map(Supplied::Text),
            OutsideSource::Command { argv, text } => {
                ask(argv, &project.base, text)?.map(Supplied::Text)
            }
            OutsideSource::Harness(HarnessSource::Program { argv, text, dir }) => {
                let words = [argv.as_slice(), &["_list".to_owned()]].concat();
                let listed = ask(&words, &project.base.join(dir), &format!("{text} _list"))?;
                listed.map(|listed| Supplied::Listings(vec![listing(argv, text, dir, listed)]))
            }
            OutsideSource::Harness(HarnessSource::Cargo(_)) => {
                Err("name the built program, as in \"target/release/deps/…\"".to_owned())
            }
        };
        match supplied {
            Ok(supplied) => found.push((outside, supplied)),
            Err(fault) => faults.push(format!("{}: {}: {fault}", outside.at, outside.setting)),
        }
    }
    let mut faults = faults.into_iter();
    match faults.next() {
        Some(first) => Err(faults.fold(Failure::usage(first), Failure::and)),
        None => manifest.supply(&found).map_err(|found| problems(&found)),
    }
}

fn listing(argv: &[String], name: &str, dir: &str, text: String) -> Listing {
    Listing { argv: argv.to_vec(), dir: dir.to_owned(), name: name.to_owned(), text }
}

/// From now on a signal ends what was started first: it is in a group of its own.
fn listen() -> Result<Signals, Failure> {
    Signals::listen().map_err(|error| Failure::cannot("listen for signals", &error))
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

/// What a command prints; a fault is a fragment behind its text.
fn of_command(
    argv: &[String],
    dir: &Path,
    env: &BTreeMap<String, String>,
    signals: &Signals,
) -> Result<String, Trouble> {
    let (program, words) =
        argv.split_first().ok_or_else(|| Trouble::Fault("is empty".to_owned()))?;
    let mut command = Command::new(program);
    command.args(words).envs(env).current_dir(dir).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child =
        command.spawn().map_err(|error| Trouble::Fault(format!("cannot be started: {error}")))?;
    let (out, told) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let watch = Watch { signals, deadline: Instant::now() + TIME_MAX };
    let printed = watch.until(|| out.try_recv().ok());
    let read = printed.and_then(|bytes| {
        let bytes = bytes.map_err(|error| Trouble::Fault(format!("cannot be read: {error}")))?;
        text(bytes).map_err(Trouble::Fault)
    });
    let ended = read.and_then(|text| {
        let status = watch.until(|| child.try_wait().ok().flatten())?;
        Ok((text, status))
    });
    match ended {
        Ok((text, status)) if status.success() => Ok(text),
        // What it started may still hold its standard error open.
        Ok((_, status)) => {
            let told = told.recv_timeout(Duration::from_secs(1)).ok().and_then(Result::ok);
            Err(Trouble::Fault(failed(status, &told.unwrap_or_default())))
        }
        Err(trouble) => {
            // It may have ended by itself meanwhile; nobody has waited for it yet.
            let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
            let _ = child.wait();
            Err(trouble)
        }
    }
}

/// Waits for a command, but not for ever.
struct Watch<'s> {
    signals: &'s Signals,
    deadline: Instant,
}

impl Watch<'_> {
    fn until<T>(&self, mut comes: impl FnMut() -> Option<T>) -> Result<T, Trouble> {
        loop {
            if let Some(value) = comes() {
                return Ok(value);
            }
            go_on(self.signals).map_err(Trouble::Stopped)?;
            if Instant::now() >= self.deadline {
                let seconds = TIME_MAX.as_secs();
                return Err(Trouble::Fault(format!("has not ended within {seconds} s")));
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
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
