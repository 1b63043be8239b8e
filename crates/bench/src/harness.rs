//! The main function of a harness binary: the words of the wire, or the command line of
//! `cargo bench`.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use crate::options::{self, Action, HELP, Options};
use crate::parent::Parent;
use crate::progress::{Beside, Progress};
use crate::reply::{Batch, Failure, Request};
use crate::style::{Looks, time};
use crate::suite::Tally;
use crate::table::{Layout, Table};
use crate::{Workload, registry, suite, trial, wire};

/// The code of a failed benchmark: libtest's and a panic's, which cargo shows without more words.
const FAILED: u8 = 101;

/// The code of a command line that cannot be read.
const MISUSED: u8 = 2;

/// The last line: what this run is not.
const LAST_LINE: &str = "Supervision, intervals and history come with `tacho run`.";

/// Does what the command line says with everything that is registered: the whole main function.
#[must_use]
pub fn run() -> ExitCode {
    run_with(Vec::new())
}

/// The same with more workloads, made by hand.
#[must_use]
pub fn run_with(by_hand: Vec<Workload>) -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let workloads = registry::with(by_hand);
    if let Some(code) = wire::answer(&words, &workloads) {
        return code;
    }
    let program = std::env::current_exe();
    let title = program.as_deref().map_or_else(|_| "benchmarks".to_owned(), title_of);
    match options::parse(words) {
        Ok(options) => ended(&title, act(&title, program, &workloads, &options)),
        Err(message) => {
            note(&title, &message);
            ExitCode::from(MISUSED)
        }
    }
}

/// Expands to the main function of a harness binary.
#[macro_export]
macro_rules! main {
    () => {
        fn main() -> ::std::process::ExitCode {
            $crate::run()
        }
    };
}

/// The exit code of what was done. Whoever stops reading our output has seen enough.
fn ended(title: &str, result: io::Result<Tally>) -> ExitCode {
    match result {
        Ok(tally) if tally.failed.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(FAILED),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            note(title, &format!("cannot go on: {error}"));
            ExitCode::from(FAILED)
        }
    }
}

fn act(
    title: &str,
    program: io::Result<PathBuf>,
    all: &[Workload],
    options: &Options,
) -> io::Result<Tally> {
    options.notes.iter().for_each(|text| note(title, text));
    let all = once_each(all);
    let chosen = |workload: &&Workload| options.selection.has(&workload.name);
    let selected: Vec<&Workload> = all.iter().copied().filter(chosen).collect();
    let mut out = io::stdout();
    match options.action {
        Action::Help => out.write_all(HELP.as_bytes())?,
        Action::Version => writeln!(out, "tacho-bench {}", env!("CARGO_PKG_VERSION"))?,
        Action::List { terse } => list(&selected, terse, &mut out)?,
        Action::Measure if selected.is_empty() => {
            writeln!(out, "{title}: none of {} benchmarks is selected", all.len())?;
        }
        Action::Measure | Action::Test => {
            return measured(title, program?, &selected, all.len(), options);
        }
    }
    out.flush()?;
    Ok(Tally::default())
}

/// The first of each name: the others have the same error, which names all of them.
fn once_each(all: &[Workload]) -> Vec<&Workload> {
    let mut names = HashSet::new();
    all.iter().filter(|workload| names.insert(&workload.name)).collect()
}

/// Names in the form that libtest prints and cargo-nextest reads.
fn list(selected: &[&Workload], terse: bool, out: &mut dyn Write) -> io::Result<()> {
    selected.iter().try_for_each(|workload| writeln!(out, "{}: benchmark", workload.name))?;
    if !terse {
        let plural = if selected.len() == 1 { "" } else { "s" };
        writeln!(out, "\n0 tests, {} benchmark{plural}", selected.len())?;
    }
    Ok(())
}

fn measured(
    title: &str,
    program: PathBuf,
    selected: &[&Workload],
    all: usize,
    options: &Options,
) -> io::Result<Tally> {
    let looks = Looks::of_environment();
    // What benchmarks print would stand in the line.
    let line = options.action == Action::Measure && options.capture && !looks.dumb;
    let on_line = looks.style(options.color, io::stderr().is_terminal());
    let progress = Progress::new(on_line, line);
    let seed = options.seed.unwrap_or_else(seed);
    let mut parent = Parent::new(program, options.capture, seed);
    let mut measure = |request: &Request<'_>| -> Result<Batch, Failure> {
        progress.show(request);
        parent.measure(request)
    };
    let mut out = Beside(&progress);
    if options.action == Action::Test {
        return trial::run(selected, all - selected.len(), &mut measure, &mut out);
    }
    let started = Instant::now();
    let style = looks.style(options.color, io::stdout().is_terminal());
    let mut table = Table::new(&mut out, style, Layout::of(selected, title));
    table.head(title)?;
    let tally = suite::run(selected, options.effort, options.verbose, &mut measure, &mut table)?;
    progress.clear();
    if !options.quiet {
        table.say("")?;
        if options.verbose {
            table.say(&format!("seed {seed}"))?;
        }
        table.say(&told(&tally, &time(started.elapsed().as_nanos() as f64)))?;
        if !tally.failed.is_empty() {
            table.say(&tally.failed.join(", "))?;
        }
        table.say(LAST_LINE)?;
    }
    Ok(tally)
}

/// How many there were, in which time, and how many of them failed.
fn told(tally: &Tally, took: &str) -> String {
    let plural = if tally.benchmarks == 1 { "" } else { "s" };
    let all = format!("{} benchmark{plural} in {took}", tally.benchmarks);
    match tally.failed.len() {
        0 => format!("{all}."),
        count => format!("{all}; {count} failed:"),
    }
}

/// The target's name: that of the file, without the hash that cargo puts behind it.
fn title_of(program: &Path) -> String {
    let stem = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match stem.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()) => {
            name.to_owned()
        }
        _ => stem,
    }
}

/// Another one for every run: from the time and the process.
fn seed() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_nanos() as u64 ^ (u64::from(std::process::id()) << 32)
}

fn note(title: &str, text: &str) {
    // There is nobody to tell where standard error is gone.
    let _ = writeln!(io::stderr(), "{title}: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_has_no_hash() {
        let cases = [
            ("/target/release/deps/sort-0123456789abcdef", "sort"),
            ("bench-sort", "bench-sort"),
            ("sort-0123456789abcdef.exe", "sort"),
            ("/", ""),
        ];
        for (path, wanted) in cases {
            assert_eq!(title_of(Path::new(path)), wanted, "{path}");
        }
    }

    #[test]
    fn benchmarks_and_failures_are_counted() {
        let tally = |benchmarks, failed: &[&str]| Tally {
            benchmarks,
            failed: failed.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(told(&tally(1, &[]), "1.0 s"), "1 benchmark in 1.0 s.");
        assert_eq!(told(&tally(3, &["a", "b"]), "2 s"), "3 benchmarks in 2 s; 2 failed:");
    }

    #[test]
    fn a_name_that_stands_twice_is_listed_once() {
        let all = [Workload::fixed("a/b", |_| {}), Workload::fixed("a/b", |_| {})];
        let listed = |terse| {
            let mut out = Vec::new();
            list(&once_each(&all), terse, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(listed(true), "a/b: benchmark\n");
        assert_eq!(listed(false), "a/b: benchmark\n\n0 tests, 1 benchmark\n");
    }
}
