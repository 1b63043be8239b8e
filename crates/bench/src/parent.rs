//! The parent: starts this program again for each batch, waits for its row, and ends it when it is
//! late.
//!
//! It looks at one child at a time and knows nothing of what that child may start in turn: that,
//! and limits of memory, is the supervision that `tacho run` has.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::reply::{self, Batch, Failure, Request};

/// A longer line is no row, and is not kept.
const LINE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// So many lines that may be rows are kept: two are one too many.
const ROWS_MAX: usize = 2;

/// So much of the end of standard error is looked at for the reason of a failure.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// So much of what a program said is repeated.
const SAID_CHARS_MAX: usize = 400;

/// After its end a child's output is waited for so long: something it left behind may hold it.
const OUTPUT_WAIT: Duration = Duration::from_millis(500);

/// Bounds of how long the parent sleeps between two looks at a child that lives on.
const LOOK_MIN: Duration = Duration::from_micros(100);
const LOOK_MAX: Duration = Duration::from_millis(50);

/// Lengths of the environment vary by less than so many bytes: a page, as the stack is aligned.
const PADDING_BYTES: u64 = 4096;

/// The first word is longer by less than so many `./`.
const DOTS: u64 = 32;

/// Starts children of one program.
#[derive(Debug)]
pub(crate) struct Parent {
    program: PathBuf,
    /// Words before the child's own: none but in tests, where the program is an interpreter.
    before: Vec<OsString>,
    capture: bool,
    random: u64,
}

impl Parent {
    /// Of `program`; what they print is shown unless it is captured.
    pub(crate) fn new(program: PathBuf, capture: bool, seed: u64) -> Self {
        Self { program, before: Vec::new(), capture, random: seed }
    }

    /// Has one batch measured.
    ///
    /// # Errors
    /// [`Failure`] says why there is no number.
    pub(crate) fn measure(&mut self, request: &Request<'_>) -> Result<Batch, Failure> {
        let mut command = self.command(request);
        let started = Instant::now();
        let child = command.spawn().map_err(|error| Failure::Start(error.to_string()))?;
        let ended = Running::new(child, !self.capture).end(started, request.limit);
        let Some(status) = ended.status else { return Err(Failure::Late(request.limit)) };
        let said = said(&ended.output.errors);
        if !status.success() {
            return Err(match reply::told(&ended.output.rows) {
                Some(told) => Failure::Told(told),
                None => failure_of(status, said),
            });
        }
        reply::read(&ended.output.rows, request).map_err(|failure| match failure {
            Failure::NoRow(_) => Failure::NoRow(said),
            other => other,
        })
    }

    fn command(&mut self, request: &Request<'_>) -> Command {
        let padding = self.below(PADDING_BYTES);
        let dots = self.below(DOTS);
        let mut command = Command::new(&self.program);
        set_first_word(&mut command, &self.program, dots);
        command
            .args(&self.before)
            .args(words(request))
            .env("TACHO_PADDING", "x".repeat(padding as usize))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(if self.capture { Stdio::piped() } else { Stdio::inherit() });
        command
    }

    /// The next of a row of numbers that follows from the seed: SplitMix64 (Steele, Lea and Flood,
    /// 2014), below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// The words of one batch, as the wire contract has them.
fn words(request: &Request<'_>) -> Vec<String> {
    let mut words = vec!["_child".to_owned(), "--bench".to_owned(), request.name.to_owned()];
    let mut pair = |key: &str, value: String| words.extend([key.to_owned(), value]);
    let mode = if request.cold { "cold" } else { "warm" };
    if let Some(param) = request.param {
        pair("--param", param.to_string());
        pair("--target-nanos", request.target_nanos.to_string());
        pair("--cache-mode", mode.to_owned());
    } else {
        pair("--repeat-index", request.index.to_string());
        pair("--min-total-nanos", request.target_nanos.to_string());
        if request.cold {
            pair("--cache-mode", mode.to_owned());
        }
    }
    if let Some(threads) = request.threads {
        pair("--threads", threads.to_string());
    }
    if request.param.is_none() {
        words.insert(3, "--fixed".to_owned());
    }
    words
}

#[cfg(unix)]
fn set_first_word(command: &mut Command, program: &Path, dots: u64) {
    use std::os::unix::process::CommandExt;
    let name = program.file_name().unwrap_or(program.as_os_str());
    let mut word = OsString::from("./".repeat(dots as usize));
    word.push(name);
    command.arg0(word);
}

/// Elsewhere the first word is the program's path, and only the environment varies.
#[cfg(not(unix))]
fn set_first_word(_: &mut Command, _: &Path, _: u64) {}

/// What is kept of a child's output.
#[derive(Debug, Default)]
struct Output {
    /// Lines of standard output that may be rows.
    rows: Vec<Vec<u8>>,
    /// The end of standard error.
    errors: Vec<u8>,
}

/// What the reading threads tell.
enum Told {
    Row(Vec<u8>),
    Errors(Vec<u8>),
    /// One of the streams is at its end.
    End,
}

/// A child that was started.
struct Running {
    child: Child,
    told: Receiver<Told>,
    /// Streams whose end was not seen yet.
    open: u32,
    output: Output,
}

/// A child that ended, by itself or, without a status, by us.
struct Ended {
    status: Option<ExitStatus>,
    output: Output,
}

impl Running {
    fn new(mut child: Child, forward: bool) -> Self {
        let (sender, told) = channel();
        let mut open = 0;
        if let Some(stdout) = child.stdout.take() {
            open += 1;
            let sender = sender.clone();
            thread::spawn(move || read_rows(stdout, forward, &sender));
        }
        if let Some(stderr) = child.stderr.take() {
            open += 1;
            thread::spawn(move || read_errors(stderr, &sender));
        }
        Self { child, told, open, output: Output::default() }
    }

    /// Waits until it has ended, at most until `limit` after `started`; then kills it.
    fn end(mut self, started: Instant, limit: Duration) -> Ended {
        let mut look = LOOK_MIN;
        let status = loop {
            let left = limit.saturating_sub(started.elapsed());
            if left.is_zero() {
                // It may be gone already, and is waited for in any case.
                let _ = self.child.kill();
                let _ = self.child.wait();
                break None;
            }
            let open = self.open;
            self.listen(look.min(left));
            match self.child.try_wait() {
                // The ends of the streams come right before its own.
                Ok(None) if self.open < open => look = LOOK_MIN,
                Ok(None) => look = (look * 2).min(LOOK_MAX),
                Ok(status) => break status,
                Err(_) => break self.child.wait().ok(),
            }
        };
        let ended = Instant::now();
        while self.open > 0 && ended.elapsed() < OUTPUT_WAIT {
            self.listen(OUTPUT_WAIT.saturating_sub(ended.elapsed()));
        }
        Ended { status, output: self.output }
    }

    /// Takes what the threads tell, or lets `most` pass.
    fn listen(&mut self, most: Duration) {
        if self.open == 0 {
            return thread::sleep(most);
        }
        match self.told.recv_timeout(most) {
            Ok(Told::Row(line)) if self.output.rows.len() < ROWS_MAX => self.output.rows.push(line),
            Ok(Told::Row(_)) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Told::Errors(text)) => {
                let errors = &mut self.output.errors;
                errors.extend_from_slice(&text);
                errors.drain(..errors.len().saturating_sub(ERROR_BYTES_MAX));
            }
            Ok(Told::End) => self.open -= 1,
            Err(RecvTimeoutError::Disconnected) => self.open = 0,
        }
    }
}

fn read_rows(stdout: impl Read, forward: bool, told: &Sender<Told>) {
    let mut reader = BufReader::new(stdout);
    let mut rows = 0;
    let mut empty = false;
    // Ends with the child: its output is a pipe.
    while let Ok(Some(line)) = next_line(&mut reader) {
        if reply::may_be_row(&line) {
            rows += 1;
            // An empty line before it is the harness's, which ends what was left open.
            empty = false;
            if rows <= ROWS_MAX && told.send(Told::Row(line)).is_err() {
                return;
            }
        } else if forward {
            let before: &[u8] = if std::mem::take(&mut empty) { b"\n" } else { b"" };
            empty = line == b"\n";
            let shown = if empty { Vec::new() } else { line };
            // Whoever no longer reads our output is told nothing.
            let _ = io::stdout().write_all(&[before, &shown].concat());
        }
    }
    // Nobody listens any more when the child was waited for too long.
    let _ = told.send(Told::End);
}

/// The next line with its end, without what is beyond [`LINE_BYTES_MAX`]; none at the end.
fn next_line(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    loop {
        let part = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            part => part?,
        };
        if part.is_empty() {
            return Ok((!line.is_empty()).then_some(line));
        }
        let end = part.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let taken = end.unwrap_or(part.len());
        let room = LINE_BYTES_MAX.saturating_sub(line.len());
        line.extend_from_slice(&part[..taken.min(room)]);
        reader.consume(taken);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}

fn read_errors(mut stderr: impl Read, told: &Sender<Told>) {
    let mut buffer = vec![0; 8 * 1024];
    // Ends with the child: its output is a pipe.
    loop {
        match stderr.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => break,
            Ok(count) if told.send(Told::Errors(buffer[..count].to_vec())).is_err() => return,
            Ok(_) => {}
        }
    }
    // Nobody listens any more when the child was waited for too long.
    let _ = told.send(Told::End);
}

fn failure_of(status: ExitStatus, said: String) -> Failure {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Failure::Signal(signal, said);
    }
    Failure::Exit(status.code().unwrap_or(-1), said)
}

/// What a program said when it failed: its first panic with the place, else its last line.
fn said(errors: &[u8]) -> String {
    let text = String::from_utf8_lossy(errors);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let panic = lines.iter().position(|line| line.contains("panicked at "));
    let said = match panic {
        Some(at) => {
            let place = lines[at].split("panicked at ").nth(1).unwrap_or_default();
            format!("panicked at {place} {}", lines.get(at + 1).unwrap_or(&""))
        }
        None => (*lines.last().unwrap_or(&"")).to_owned(),
    };
    said.trim().chars().take(SAID_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests;
