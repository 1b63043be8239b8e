//! The starter for machines without the embedded one: `std` processes and `wait4`.
//!
//! Slower, and the floor of every peak memory is `tacho`'s own, which the rows say. Runs where the
//! target is neither x86-64 nor aarch64 Linux, or the kernel forbids executable memory files.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal, WaitIdOptions};

use crate::clock::monotonic_nanos;
use crate::program::{Program, Sink};
use crate::spawn::{
    End, Ended, Event, MAKE_PROCESS, Next, SpawnError, Spawner, bind, die_with_parent, wait4,
};
use crate::tail::{Tail, drain};

const DRAIN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Starts children from our own process, one at a time.
pub(crate) struct StdSpawner {
    wake: OwnedFd,
    queue: VecDeque<(u64, Program)>,
    running: Option<Running>,
    held: bool,
    buffer: Vec<u8>,
}

struct Running {
    token: u64,
    pid: Pid,
    pidfd: OwnedFd,
    start_nanos: u64,
    /// `None` once the stream has ended.
    out: Option<OwnedFd>,
    err: Option<OwnedFd>,
    stdout: Tail,
    stderr: Tail,
    announced: bool,
}

impl StdSpawner {
    /// Makes us the subreaper of what children leave behind.
    ///
    /// # Errors
    /// None today; kept for starters that can fail.
    pub(crate) fn start(wake: OwnedFd) -> Result<Self, SpawnError> {
        crate::reaper::become_subreaper();
        let buffer = vec![0; 128 * 1024];
        Ok(Self { wake, queue: VecDeque::new(), running: None, held: false, buffer })
    }

    /// Starts the next queued program, or tells why it did not start.
    fn start_next(&mut self) -> Result<Option<Event>, SpawnError> {
        let Some((token, program)) = self.queue.pop_front() else { return Ok(None) };
        let start_nanos = monotonic_nanos();
        let mut child = match command(&program).and_then(|mut command| command.spawn()) {
            Ok(child) => child,
            Err(error) => {
                self.held = true;
                return Ok(Some(Event::Ended(Box::new(not_started(token, start_nanos, &error)))));
            }
        };
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| SpawnError::Gone("a child without an id".to_owned()))?;
        let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty())
            .map_err(SpawnError::system("watch a process"))?;
        let (out, err) = (
            stream(child.stdout.take().map(OwnedFd::from))?,
            stream(child.stderr.take().map(OwnedFd::from))?,
        );
        self.running = Some(Running {
            token,
            pid,
            pidfd,
            start_nanos,
            out,
            err,
            stdout: Tail::keeping(program.kept_bytes_max),
            stderr: Tail::keeping(program.kept_bytes_max),
            announced: false,
        });
        Ok(None)
    }

    /// Waits until something can be read; `None` when it was a stream, which is then read.
    fn poll(&mut self, until_nanos: Option<u64>) -> Result<Option<Event>, SpawnError> {
        let timeout = until_nanos.map(|until| {
            let left = until.saturating_sub(monotonic_nanos());
            Timespec {
                tv_sec: (left / 1_000_000_000) as i64,
                tv_nsec: (left % 1_000_000_000) as i64,
            }
        });
        let mut watched = vec![PollFd::new(&self.wake, PollFlags::IN)];
        if let Some(running) = &self.running {
            watched.push(PollFd::new(&running.pidfd, PollFlags::IN));
            for stream in [&running.out, &running.err].into_iter().flatten() {
                watched.push(PollFd::new(stream, PollFlags::IN));
            }
        }
        match rustix::event::poll(&mut watched, timeout.as_ref()) {
            Ok(0) => return Ok(Some(Event::Due)),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(SpawnError::system("wait for a process")(errno)),
        }
        let ready: Vec<bool> = watched.iter().map(|fd| !fd.revents().is_empty()).collect();
        if ready.get(1) == Some(&true) {
            return self.reap().map(Some);
        }
        if ready.iter().skip(2).any(|ready| *ready) {
            self.read_streams(DRAIN_BYTES_MAX);
            return Ok(None);
        }
        Ok(ready[0].then_some(Event::Woken))
    }

    fn read_streams(&mut self, bytes_max: usize) {
        let Some(running) = &mut self.running else { return };
        for (stream, tail) in
            [(&mut running.out, &mut running.stdout), (&mut running.err, &mut running.stderr)]
        {
            let open =
                stream.as_ref().is_some_and(|fd| drain(fd, tail, &mut self.buffer, bytes_max));
            if !open {
                *stream = None;
            }
        }
    }

    fn reap(&mut self) -> Result<Event, SpawnError> {
        let end_nanos = monotonic_nanos();
        let pid = self.running.as_ref().expect("a child is reaped while it is the running one").pid;
        // Before anything is killed: what is left must have no time to end by our signal unseen.
        let waited = waited_nanos(pid);
        // Not reaped yet: the group's id is still its own.
        let _ = rustix::process::kill_process_group(pid, Signal::KILL);
        let (status, usage) = wait4(pid)?;
        let leaked = crate::reaper::kill_descendants();
        // Only now: what was left behind prints no more.
        self.read_streams(DRAIN_BYTES_MAX);
        let running = self.running.take().expect("it was there above");
        self.held = status != 0 || leaked != 0;
        let time = |value: libc::timeval| (value.tv_sec * 1_000_000 + value.tv_usec) as u64 * 1000;
        Ok(Event::Ended(Box::new(Ended {
            token: running.token,
            pid: running.pid.as_raw_nonzero().get(),
            start_nanos: running.start_nanos,
            end_nanos,
            end: match status & 0x7f {
                0 => End::Exited((status >> 8) & 0xff),
                signal => End::Signaled(signal),
            },
            user_nanos: time(usage.ru_utime),
            system_nanos: time(usage.ru_stime),
            peak_rss_kb: usage.ru_maxrss as u64,
            minor_faults: usage.ru_minflt as u64,
            major_faults: usage.ru_majflt as u64,
            voluntary_switches: usage.ru_nvcsw as u64,
            involuntary_switches: usage.ru_nivcsw as u64,
            run_delay_nanos: waited.map(|(_, delay)| delay),
            run_nanos: waited.map_or(0, |(run, _)| run),
            stops: None,
            leaked,
            survivors: 0,
            stdout: running.stdout,
            stderr: running.stderr,
            held: self.held,
        })))
    }
}

impl Spawner for StdSpawner {
    fn submit(&mut self, token: u64, program: &Program, _: bool) -> Result<(), SpawnError> {
        self.queue.push_back((token, program.clone()));
        Ok(())
    }

    fn has_event(&self) -> bool {
        false
    }

    fn wait(&mut self, until_nanos: Option<u64>) -> Result<Event, SpawnError> {
        loop {
            if self.running.is_none()
                && !self.held
                && let Some(event) = self.start_next()?
            {
                return Ok(event);
            }
            if let Some(running) = &mut self.running
                && !running.announced
            {
                running.announced = true;
                return Ok(Event::Started {
                    token: running.token,
                    pid: running.pid.as_raw_nonzero().get(),
                    start_nanos: running.start_nanos,
                });
            }
            if let Some(event) = self.poll(until_nanos)? {
                return Ok(event);
            }
        }
    }

    fn signal(&mut self, token: u64, signal: i32) -> Result<(), SpawnError> {
        if let Some(running) = &self.running
            && running.token <= token
            && let Some(signal) = Signal::from_named_raw(signal)
        {
            // It may just have ended, unreaped: then the signal does nothing.
            let _ = rustix::process::kill_process_group(running.pid, signal);
            // It may have left its group for another one.
            if rustix::process::getpgid(Some(running.pid)) != Ok(running.pid) {
                let _ = rustix::process::kill_process(running.pid, signal);
            }
        }
        Ok(())
    }

    fn go_on(&mut self, next: Next) -> Result<(), SpawnError> {
        self.held = false;
        if let Next::DiscardThrough(token) = next {
            self.queue.retain(|(queued, _)| *queued > token);
        }
        Ok(())
    }

    fn floor_kb(&self) -> Option<u64> {
        crate::machine::peak_rss_kb(std::process::id())
    }

    fn name(&self) -> &'static str {
        "std"
    }

    fn nothing(&self) -> Option<Program> {
        None
    }

    fn shares_machine(&self) -> bool {
        false
    }

    fn watched(&mut self) -> Result<Vec<BorrowedFd<'_>>, SpawnError> {
        let mut all = vec![self.wake.as_fd()];
        if let Some(running) = &self.running {
            all.push(running.pidfd.as_fd());
            all.extend([&running.out, &running.err].into_iter().flatten().map(OwnedFd::as_fd));
        }
        Ok(all)
    }
}

impl Drop for StdSpawner {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            let _ = rustix::process::kill_process_group(running.pid, Signal::KILL);
            crate::reaper::kill_descendants();
        }
    }
}

fn command(program: &Program) -> Result<Command, std::io::Error> {
    let os = |text: &std::ffi::CString| OsStr::from_bytes(text.as_bytes()).to_owned();
    let mut command = Command::new(os(&program.path));
    let mut words = program.argv.iter().map(os);
    if let Some(name) = words.next() {
        command.arg0(name);
    }
    command.args(words).env_clear().current_dir(os(&program.dir)).process_group(0);
    for entry in &program.env {
        let bytes = entry.as_bytes();
        let equals = bytes.iter().position(|byte| *byte == b'=').unwrap_or(bytes.len());
        let value = bytes.get(equals + 1..).unwrap_or_default();
        command.env(OsStr::from_bytes(&bytes[..equals]), OsStr::from_bytes(value));
    }
    command.stdin(match &program.stdin {
        Some(path) => Stdio::from(open_input(&os(path))?),
        None => Stdio::null(),
    });
    command.stdout(match &program.output {
        Sink::Pipe => Stdio::piped(),
        Sink::Null => Stdio::null(),
        Sink::Inherit => Stdio::inherit(),
        Sink::File(path) => Stdio::from(open_output(&os(path))?),
    });
    let inherits = program.output == Sink::Inherit;
    command.stderr(if inherits { Stdio::inherit() } else { Stdio::piped() });
    die_with_parent(&mut command);
    bind(&mut command, &program.bounds);
    Ok(command)
}

/// Empties the file for a program's output; a FIFO that nobody reads does not hold us up.
fn open_output(path: &OsStr) -> Result<File, std::io::Error> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).custom_flags(libc::O_NONBLOCK);
    let file = options.open(path)?;
    rustix::fs::fcntl_setfl(&file, rustix::fs::OFlags::empty())?;
    Ok(file)
}

/// Opens a program's input; a FIFO that nobody writes to does not hold us up.
fn open_input(path: &OsStr) -> Result<File, std::io::Error> {
    let file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    rustix::fs::fcntl_setfl(&file, rustix::fs::OFlags::empty())?;
    Ok(file)
}

/// A child's stream, where it is a pipe of ours.
fn stream(pipe: Option<OwnedFd>) -> Result<Option<OwnedFd>, SpawnError> {
    if let Some(pipe) = &pipe {
        rustix::fs::fcntl_setfl(pipe, rustix::fs::OFlags::NONBLOCK)
            .map_err(SpawnError::system("set up a pipe"))?;
    }
    Ok(pipe)
}

/// How long the first thread of a child that has ended and was not reaped yet had a processor, and
/// how long it waited for one.
fn waited_nanos(pid: Pid) -> Option<(u64, u64)> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    rustix::process::waitid(rustix::process::WaitId::Pid(pid), options).ok()?;
    let path = format!("/proc/{}/schedstat", pid.as_raw_nonzero());
    let text = std::fs::read_to_string(path).ok()?;
    let mut numbers = text.split_ascii_whitespace().map(|word| word.parse().ok());
    numbers.next()?.zip(numbers.next()?)
}

/// Which step an error of `std` belongs to: it does not say, but some errors have one cause only.
fn step_of(error: &std::io::Error) -> &'static str {
    match error.raw_os_error() {
        Some(libc::EMFILE | libc::ENFILE | libc::EAGAIN | libc::ENOMEM) => MAKE_PROCESS,
        _ => "execute it",
    }
}

fn not_started(token: u64, start_nanos: u64, error: &std::io::Error) -> Ended {
    Ended {
        token,
        pid: 0,
        start_nanos,
        end_nanos: monotonic_nanos(),
        end: End::NotStarted { step: step_of(error), errno: error.raw_os_error().unwrap_or(0) },
        user_nanos: 0,
        system_nanos: 0,
        peak_rss_kb: 0,
        minor_faults: 0,
        major_faults: 0,
        voluntary_switches: 0,
        involuntary_switches: 0,
        run_delay_nanos: None,
        run_nanos: 0,
        stops: None,
        leaked: 0,
        survivors: 0,
        stdout: Tail::default(),
        stderr: Tail::default(),
        held: true,
    }
}
