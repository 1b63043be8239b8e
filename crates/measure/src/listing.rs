//! What short programs say before anything is measured: a harness its workloads, a command values.
//!
//! They are started without the spawner, because nobody measures them, in a process group of their
//! own, which is killed when they take too long. Not for anything that is measured.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::program::{ProgramError, Surroundings, locate};
use crate::tail::Tail;

/// So much of a listing is read.
pub const LIST_BYTES_MAX: u64 = 16 << 20;

/// A harness has so long to print it.
pub const LIST_TIME_MAX: Duration = Duration::from_secs(10);

/// So much is told of the end of what a program says on standard error.
const SAID_CHARS_MAX: usize = 300;

/// How often it is looked whether a program has printed all and ended.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// What is left on standard error by a program that has ended comes within this time.
const SAID_WAIT: Duration = Duration::from_secs(1);

/// Why there is no answer, as a fragment behind the program's words.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It is missing, or cannot be executed.
    #[error("cannot be started: {0}")]
    Missing(#[from] ProgramError),
    /// The system cannot start it.
    #[error("cannot be started: {0}")]
    NotStarted(std::io::Error),
    /// It ended badly; the text says how, and the end of what it said.
    #[error("{how}")]
    Failed {
        /// Its exit code, where it had one.
        code: Option<i32>,
        /// How it ended and what it said.
        how: String,
    },
    /// It was killed.
    #[error("has not ended within {} s", .0.as_secs_f64())]
    TooLong(Duration),
    /// What it prints is more than is read.
    #[error("printed over {} MiB", .0 >> 20)]
    TooMuch(u64),
    /// What it prints is no text.
    #[error("printed what is no UTF-8 text")]
    NoText,
    /// What it prints cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// The caller wanted no answer any more.
    #[error("was stopped")]
    Stopped,
}

/// A program with its words, and the bounds of its answer.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The words.
    pub argv: &'a [String],
    /// Where it runs.
    pub dir: &'a Path,
    /// The variables it gets.
    pub surroundings: &'a Surroundings,
    /// It may print so much.
    pub bytes_max: u64,
    /// It may take so long.
    pub time_max: Duration,
}

/// What the harness `argv` lists: what it prints when it is asked with `_list`.
///
/// # Errors
/// [`ListError`].
pub fn list(
    argv: &[String],
    dir: &Path,
    surroundings: &Surroundings,
    timeout: Duration,
) -> Result<String, ListError> {
    if argv.is_empty() {
        return Err(ProgramError::Empty.into());
    }
    let mut argv = argv.to_vec();
    argv.push("_list".to_owned());
    let (bytes_max, time_max) = (LIST_BYTES_MAX, timeout);
    ask(&Question { argv: &argv, dir, surroundings, bytes_max, time_max }, &mut || false)
}

/// What a program prints until it ends well; `is_stopped` is asked meanwhile, every few ms.
///
/// # Errors
/// [`ListError`].
pub fn ask(
    question: &Question<'_>,
    is_stopped: &mut dyn FnMut() -> bool,
) -> Result<String, ListError> {
    let Question { argv, dir, surroundings, bytes_max, time_max } = *question;
    let path = locate(argv, surroundings.vars(), dir)?;
    let (program, words) = argv.split_first().ok_or(ProgramError::Empty)?;
    let mut command = Command::new(std::path::absolute(&path).unwrap_or(path));
    command.arg0(program).args(words).current_dir(dir).process_group(0);
    command.env_clear().envs(surroundings.vars());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(ListError::NotStarted)?;
    let printed = in_background(child.stdout.take(), move |stream| beginning(stream, bytes_max));
    let said = in_background(child.stderr.take(), |stream| Ok(end(stream)));
    let mut watch = Watch { is_stopped, deadline: Instant::now() + time_max, time_max };
    let read = watch.until(|| printed.try_recv().ok()).and_then(|bytes| text(bytes, bytes_max));
    let ended = read.and_then(|text| {
        let status = watch.until(|| child.try_wait().ok().flatten())?;
        Ok((text, status))
    });
    match ended {
        Ok((text, status)) if status.success() => Ok(text),
        // What it started may still hold its standard error open.
        Ok((_, status)) => {
            let said = said.recv_timeout(SAID_WAIT).ok().and_then(Result::ok);
            let how = how_it_failed(status, &said.unwrap_or_default().text());
            Err(ListError::Failed { code: status.code(), how })
        }
        Err(error) => {
            // It may have ended by itself meanwhile; nobody has waited for it yet.
            let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
            let _ = child.wait();
            Err(error)
        }
    }
}

fn text(bytes: std::io::Result<Vec<u8>>, bytes_max: u64) -> Result<String, ListError> {
    let bytes = bytes.map_err(ListError::Unreadable)?;
    if bytes.len() as u64 > bytes_max {
        return Err(ListError::TooMuch(bytes_max));
    }
    String::from_utf8(bytes).map_err(|_| ListError::NoText)
}

/// Waits for a program, but not for ever.
struct Watch<'a> {
    is_stopped: &'a mut dyn FnMut() -> bool,
    deadline: Instant,
    time_max: Duration,
}

impl Watch<'_> {
    fn until<T>(&mut self, mut comes: impl FnMut() -> Option<T>) -> Result<T, ListError> {
        loop {
            if let Some(value) = comes() {
                return Ok(value);
            }
            if (self.is_stopped)() {
                return Err(ListError::Stopped);
            }
            if Instant::now() >= self.deadline {
                return Err(ListError::TooLong(self.time_max));
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}

/// Reads a stream in the background: both must be read, whichever fills first.
fn in_background<S: Read + Send + 'static, T: Default + Send + 'static>(
    stream: Option<S>,
    read: impl FnOnce(S) -> std::io::Result<T> + Send + 'static,
) -> Receiver<std::io::Result<T>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let read = stream.map_or_else(|| Ok(T::default()), read);
        // Nobody waits for it any more: then it is not wanted.
        let _ = sender.send(read);
    });
    receiver
}

/// What a stream gives, and one byte more than it may.
fn beginning(stream: impl Read, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(bytes_max + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The end of what a stream gives; the rest is read and dropped, so that nobody waits to write it.
fn end(mut stream: impl Read) -> Tail {
    let mut tail = Tail::default();
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        tail.push(&buffer[..count]);
    }
    tail
}

/// How a program failed, with the end of what it said on one line.
fn how_it_failed(status: ExitStatus, said: &str) -> String {
    let how = match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => format!("was ended: {status}"),
    };
    let words: Vec<&str> = said.split(|c: char| c.is_control() || c == ' ').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let said = words.join(" ");
    let start = said.chars().count().saturating_sub(SAID_CHARS_MAX);
    let end: String = said.chars().skip(start).collect();
    match (end.is_empty(), start > 0) {
        (true, _) => how,
        (false, true) => format!("{how}: …{end}"),
        (false, false) => format!("{how}: {end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, millis: u64, expected: Result<&str, &str>) {
        let folder = tempfile::tempdir().unwrap();
        let argv = ["sh", "-c", line, "harness"].map(str::to_owned);
        let surroundings = Surroundings::inherited();
        let listed = list(&argv, folder.path(), &surroundings, Duration::from_millis(millis));
        let listed = listed.map_err(|error| error.to_string());
        assert_eq!(listed, expected.map(str::to_owned).map_err(str::to_owned), "{line}");
    }

    #[test]
    fn a_listing_is_read_or_there_is_a_reason() {
        check("echo \"$1 for $0\"", 60_000, Ok("_list for harness\n"));
        check("true", 60_000, Ok(""));
        check("exit 3", 60_000, Err("ended with exit code 3"));
        let said = "ended with exit code 1: no such suite";
        check("echo no such; echo no such >&2; echo suite >&2; exit 1", 60_000, Err(said));
        let said = "was ended: signal: 9 (SIGKILL): last words";
        check("echo last words >&2; kill -9 $$", 60_000, Err(said));
        check("printf '\\377'", 60_000, Err("printed what is no UTF-8 text"));
        check("yes", 60_000, Err("printed over 16 MiB"));
        let much = "for i in 1 2 3 4 5 6 7 8; do head -c 999999 /dev/zero >&2; done; echo x";
        check(much, 60_000, Ok("x\n"));
    }

    #[test]
    fn all_of_a_harness_that_takes_too_long_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let argv = ["sh", "-c", "sleep 300 & echo $! >pid; sleep 300"].map(str::to_owned);
        let surroundings = Surroundings::inherited();
        let timeout = Duration::from_millis(300);
        let error = list(&argv, folder.path(), &surroundings, timeout).unwrap_err();
        assert_eq!(error.to_string(), "has not ended within 0.3 s");
        let Ok(pid) = std::fs::read_to_string(folder.path().join("pid")) else { return };
        let proc = format!("/proc/{}/stat", pid.trim());
        let lives = || std::fs::read_to_string(&proc).is_ok_and(|stat| !stat.contains(") Z "));
        for _ in 0..6000 {
            if !lives() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{proc} is still there");
    }

    #[test]
    fn a_missing_harness_is_told_as_such() {
        for (word, expected) in [
            ("/no/such", "cannot be started: `/no/such` does not exist"),
            ("no-such-harness", "cannot be started: `no-such-harness` does not exist"),
            ("/etc/passwd", "cannot be started: `/etc/passwd` is not executable"),
        ] {
            let argv = [word.to_owned()];
            let surroundings = Surroundings::inherited();
            let listed = list(&argv, Path::new("/"), &surroundings, LIST_TIME_MAX);
            let error = listed.unwrap_err();
            assert!(matches!(error, ListError::Missing(_)));
            assert_eq!(error.to_string(), expected);
        }
        let nothing = list(&[], Path::new("/"), &Surroundings::inherited(), LIST_TIME_MAX);
        assert!(nothing.is_err());
    }

    #[test]
    fn whoever_asks_can_stop() {
        let argv = ["sleep", "300"].map(str::to_owned);
        let surroundings = Surroundings::inherited();
        let question = Question {
            argv: &argv,
            dir: Path::new("/"),
            surroundings: &surroundings,
            bytes_max: 1,
            time_max: LIST_TIME_MAX,
        };
        assert!(matches!(ask(&question, &mut || true), Err(ListError::Stopped)));
    }
}
