//! Our side of the embedded spawner: a memory file, two sockets, two pipes.

use std::collections::VecDeque;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{MemfdFlags, OFlags};
use rustix::io::FdFlags;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use rustix::pipe::PipeFlags;

use crate::codec::{ANSWER_BYTES, decode, encode, ended};
use crate::frame::{
    ANSWER_ENDED, ANSWER_STARTED, Answer, CONTROL_DISCARD, CONTROL_RESUME, CONTROL_SIGNAL, Control,
};
use crate::program::Program;
use crate::spawn::{End, Event, Next, SpawnError, Spawner};
use crate::tail::{TAIL_BYTES_MAX, Tail, drain};

/// The spawner's file, made by `build.rs`.
static IMAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/tacho-spawner"));

/// Room in each pipe: a program that prints in bursts is not slowed by our reading.
const PIPE_BYTES: usize = 1024 * 1024;
/// Answers read at once.
const ANSWERS_MAX: usize = 32;
/// What is read from a pipe before the answers are looked at again.
const DRAIN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The spawner process and what we share with it.
pub(crate) struct EmbeddedSpawner {
    process: Child,
    /// `None` once the end has been announced to the spawner.
    sockets: Option<Sockets>,
    wake: OwnedFd,
    out: OwnedFd,
    err: OwnedFd,
    inbox: Vec<u8>,
    read_buffer: Vec<u8>,
    stdout: Tail,
    stderr: Tail,
    /// The running child was announced: what is in the pipes is its own.
    announced: bool,
    /// Whether the wake descriptor is looked at; not while we try out whether anything works.
    wakes: bool,
    /// Requests that the socket has no room for yet.
    outgoing: Vec<u8>,
    /// Requests whose children print more than usual that is kept, with how much.
    kept: VecDeque<(u64, usize)>,
}

struct Sockets {
    requests: OwnedFd,
    control: OwnedFd,
}

impl EmbeddedSpawner {
    /// Starts the process.
    ///
    /// # Errors
    /// [`SpawnError`] when the kernel refuses a memory file, a socket or the process, or when the
    /// spawner cannot make a child (a kernel without pidfds).
    pub(crate) fn start(wake: OwnedFd) -> Result<Self, SpawnError> {
        // Should the spawner be killed, what it left below comes to us.
        crate::reaper::become_subreaper();
        let image = image_file()?;
        let (requests, their_requests) = socket_pair()?;
        let (control, their_control) = socket_pair()?;
        let (out, out_write) = pipe()?;
        let (err, err_write) = pipe()?;
        let user_out = standard_output()?;
        let inherited = [&out, &out_write, &err, &err_write, &user_out];
        let mut command = Command::new(format!("/proc/self/fd/{}", image.as_raw_fd()));
        command.arg0("tacho-spawner").args(inherited.map(|fd| fd.as_raw_fd().to_string()));
        // A group of its own from the first moment: a Ctrl-C is for us alone.
        command.env_clear().current_dir("/").process_group(0);
        command.stdin(Stdio::from(their_requests)).stdout(Stdio::from(their_control));
        for fd in inherited {
            set_cloexec(fd, false)?;
        }
        let process = command
            .spawn()
            .map_err(|source| SpawnError::System { what: "start the spawner", source })?;
        // It holds their ends of the sockets, whose closing tells of the spawner's end.
        drop(command);
        for fd in [&out, &err] {
            set_cloexec(fd, true)?;
            rustix::fs::fcntl_setfl(fd, OFlags::NONBLOCK)
                .map_err(SpawnError::system("set up a pipe"))?;
        }
        let mut spawner = Self {
            process,
            sockets: Some(Sockets { requests, control }),
            wake,
            out,
            err,
            inbox: Vec::with_capacity(ANSWERS_MAX * ANSWER_BYTES),
            read_buffer: vec![0; 128 * 1024],
            stdout: Tail::default(),
            stderr: Tail::default(),
            announced: false,
            wakes: false,
            outgoing: Vec::new(),
            kept: VecDeque::new(),
        };
        spawner.try_out()?;
        spawner.wakes = true;
        Ok(spawner)
    }

    /// Runs nothing once: a kernel that lacks something says so now.
    fn try_out(&mut self) -> Result<(), SpawnError> {
        let deadline = crate::clock::monotonic_nanos() + 10_000_000_000;
        self.submit(1, &Program::nothing(), false)?;
        loop {
            match self.wait(Some(deadline))? {
                Event::Ended(ended) if ended.end == End::Exited(0) => {
                    return if ended.held { self.go_on(Next::Resume) } else { Ok(()) };
                }
                Event::Started { .. } => {}
                event => return Err(SpawnError::Gone(format!("its trial run: {event:?}"))),
            }
        }
    }

    fn sockets(&self) -> Result<&Sockets, SpawnError> {
        self.sockets.as_ref().ok_or_else(|| SpawnError::Gone("already ended".to_owned()))
    }

    fn gone(&mut self) -> SpawnError {
        self.sockets = None;
        let how = self.process.wait().map_or_else(|error| error.to_string(), |it| it.to_string());
        crate::reaper::kill_descendants();
        SpawnError::Gone(how)
    }

    fn send_control(&mut self, kind: u32, signal: i32, token: u64) -> Result<(), SpawnError> {
        let control = Control { kind, signal, token };
        let mut bytes = Vec::with_capacity(size_of::<Control>());
        bytes.extend(control.kind.to_ne_bytes());
        bytes.extend(control.signal.to_ne_bytes());
        bytes.extend(control.token.to_ne_bytes());
        let sent = send_all(&self.sockets()?.control, &bytes);
        sent.map_err(|_| self.gone())
    }

    /// The first whole answer in the inbox.
    fn take_answer(&mut self) -> Option<Answer> {
        let bytes: [u8; ANSWER_BYTES] = self.inbox.get(..ANSWER_BYTES)?.try_into().ok()?;
        self.inbox.drain(..ANSWER_BYTES);
        Some(decode(&bytes))
    }

    fn event(&mut self, answer: &Answer) -> Event {
        let token = answer.token;
        match answer.kind {
            ANSWER_STARTED => {
                self.announced = true;
                self.keep_for(token);
                Event::Started { token, pid: answer.pid, start_nanos: answer.start_nanos }
            }
            kind => {
                debug_assert_eq!(kind, ANSWER_ENDED, "the spawner has two kinds of answers");
                self.keep_for(token);
                if answer.held != 0 {
                    drain(&self.out, &mut self.stdout, &mut self.read_buffer, DRAIN_BYTES_MAX);
                    drain(&self.err, &mut self.stderr, &mut self.read_buffer, DRAIN_BYTES_MAX);
                }
                self.announced = false;
                let stdout = std::mem::take(&mut self.stdout);
                let stderr = std::mem::take(&mut self.stderr);
                Event::Ended(Box::new(ended(answer, stdout, stderr)))
            }
        }
    }

    /// Keeps as much of what the child of `token` prints as was asked for.
    fn keep_for(&mut self, token: u64) {
        while self.kept.front().is_some_and(|(kept, _)| *kept < token) {
            self.kept.pop_front();
        }
        if let Some((kept, bytes_max)) = self.kept.front()
            && *kept == token
        {
            self.stdout.keep(*bytes_max);
            self.stderr.keep(*bytes_max);
        }
    }

    /// Waits until something can be read; `None` when it was a pipe, which is then read.
    fn poll(&mut self, until_nanos: Option<u64>) -> Result<Option<Event>, SpawnError> {
        self.send_outgoing()?;
        let timeout = until_nanos.map(|until| {
            let left = until.saturating_sub(crate::clock::monotonic_nanos());
            Timespec {
                tv_sec: (left / 1_000_000_000) as i64,
                tv_nsec: (left % 1_000_000_000) as i64,
            }
        });
        let requests = &self
            .sockets
            .as_ref()
            .ok_or_else(|| SpawnError::Gone("already ended".to_owned()))?
            .requests;
        let mut watched =
            [requests, &self.wake, &self.out, &self.err].map(|fd| PollFd::new(fd, PollFlags::IN));
        if !self.outgoing.is_empty() {
            watched[0] = PollFd::new(requests, PollFlags::IN | PollFlags::OUT);
        }
        if !self.wakes {
            watched[1] = PollFd::new(requests, PollFlags::IN);
        }
        let count = if self.announced { 4 } else { 2 };
        match rustix::event::poll(&mut watched[..count], timeout.as_ref()) {
            Ok(0) => return Ok(Some(Event::Due)),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(None),
            Err(errno) => return Err(SpawnError::system("wait for the spawner")(errno)),
        }
        let room = watched[0].revents().contains(PollFlags::OUT);
        let ready = watched.map(|fd| !fd.revents().difference(PollFlags::OUT).is_empty());
        if room {
            self.send_outgoing()?;
        }
        if self.announced && ready[2] {
            drain(&self.out, &mut self.stdout, &mut self.read_buffer, DRAIN_BYTES_MAX);
        }
        if self.announced && ready[3] {
            drain(&self.err, &mut self.stderr, &mut self.read_buffer, DRAIN_BYTES_MAX);
        }
        if ready[0] {
            self.receive()?;
        } else if ready[1] {
            return Ok(Some(Event::Woken));
        }
        Ok(None)
    }

    /// Sends what the socket takes without waiting: the spawner may itself be waiting for us.
    fn send_outgoing(&mut self) -> Result<(), SpawnError> {
        let requests = &self.sockets()?.requests;
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        let mut sent = 0;
        while sent < self.outgoing.len() {
            match rustix::net::send(requests, &self.outgoing[sent..], flags) {
                Ok(count) => sent += count,
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => break,
                Err(_) => return Err(self.gone()),
            }
        }
        self.outgoing.drain(..sent);
        Ok(())
    }

    fn receive(&mut self) -> Result<(), SpawnError> {
        let mut bytes = [0u8; ANSWERS_MAX * ANSWER_BYTES];
        let requests = &self.sockets()?.requests;
        match rustix::net::recv(requests, &mut bytes, RecvFlags::DONTWAIT) {
            Ok((0, _)) | Err(rustix::io::Errno::CONNRESET) => Err(self.gone()),
            Ok((count, _)) => {
                self.inbox.extend_from_slice(&bytes[..count]);
                Ok(())
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => Ok(()),
            Err(errno) => Err(SpawnError::system("read from the spawner")(errno)),
        }
    }
}

impl Spawner for EmbeddedSpawner {
    fn submit(&mut self, token: u64, program: &Program, quiet: bool) -> Result<(), SpawnError> {
        // Sent when we wait next: several requests in one message.
        encode(&mut self.outgoing, token, program, quiet);
        if program.kept_bytes_max != TAIL_BYTES_MAX {
            self.kept.push_back((token, program.kept_bytes_max));
        }
        self.sockets().map(|_| ())
    }

    fn has_event(&self) -> bool {
        self.inbox.len() >= ANSWER_BYTES
    }

    fn wait(&mut self, until_nanos: Option<u64>) -> Result<Event, SpawnError> {
        loop {
            if let Some(answer) = self.take_answer() {
                return Ok(self.event(&answer));
            }
            if let Some(event) = self.poll(until_nanos)? {
                return Ok(event);
            }
        }
    }

    fn signal(&mut self, token: u64, signal: i32) -> Result<(), SpawnError> {
        self.send_control(CONTROL_SIGNAL, signal, token)
    }

    fn go_on(&mut self, next: Next) -> Result<(), SpawnError> {
        match next {
            Next::Resume => self.send_control(CONTROL_RESUME, 0, 0),
            Next::DiscardThrough(token) => self.send_control(CONTROL_DISCARD, 0, token),
        }
    }

    fn floor_kb(&self) -> Option<u64> {
        crate::machine::peak_rss_kb(self.process.id())
    }

    fn name(&self) -> &'static str {
        "static"
    }

    fn nothing(&self) -> Option<Program> {
        Some(Program::nothing())
    }

    fn shares_machine(&self) -> bool {
        true
    }

    fn watched(&mut self) -> Result<Vec<BorrowedFd<'_>>, SpawnError> {
        self.send_outgoing()?;
        let mut all = vec![self.sockets()?.requests.as_fd(), self.wake.as_fd()];
        if self.announced {
            all.extend([self.out.as_fd(), self.err.as_fd()]);
        }
        Ok(all)
    }
}

impl Drop for EmbeddedSpawner {
    /// The end of its sockets makes the spawner kill what still runs, and end.
    fn drop(&mut self) {
        drop(self.sockets.take());
        // One that did not end well has not swept up behind it.
        if !self.process.wait().is_ok_and(|status| status.success()) {
            crate::reaper::kill_descendants();
        }
    }
}

fn image_file() -> Result<OwnedFd, SpawnError> {
    // Kernels from 6.3 want to be told that the file will be executed; older ones refuse the flag.
    let wanted = MemfdFlags::CLOEXEC | MemfdFlags::EXEC;
    let file = rustix::fs::memfd_create("tacho-spawner", wanted)
        .or_else(|_| rustix::fs::memfd_create("tacho-spawner", MemfdFlags::CLOEXEC))
        .map_err(SpawnError::system("make a memory file"))?;
    let mut rest = IMAGE;
    while !rest.is_empty() {
        let written =
            rustix::io::write(&file, rest).map_err(SpawnError::system("fill a memory file"))?;
        rest = &rest[written..];
    }
    Ok(file)
}

/// Our standard output, for children that are to have it; `/dev/null` where we have none.
fn standard_output() -> Result<OwnedFd, SpawnError> {
    let own = std::io::stdout().as_fd().try_clone_to_owned();
    own.or_else(|_| std::fs::File::options().write(true).open("/dev/null").map(OwnedFd::from))
        .map_err(|source| SpawnError::System { what: "duplicate a descriptor", source })
}

fn socket_pair() -> Result<(OwnedFd, OwnedFd), SpawnError> {
    rustix::net::socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)
        .map_err(SpawnError::system("make a socket pair"))
}

fn pipe() -> Result<(OwnedFd, OwnedFd), SpawnError> {
    let pipe =
        rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(SpawnError::system("make a pipe"))?;
    // Refused where the user's pipe budget is used up: the default size then serves.
    let _ = rustix::pipe::fcntl_setpipe_size(&pipe.0, PIPE_BYTES);
    Ok(pipe)
}

fn set_cloexec(fd: &OwnedFd, on: bool) -> Result<(), SpawnError> {
    let flags = if on { FdFlags::CLOEXEC } else { FdFlags::empty() };
    rustix::io::fcntl_setfd(fd, flags).map_err(SpawnError::system("pass on a descriptor"))
}

fn send_all(socket: &impl AsFd, mut bytes: &[u8]) -> Result<(), rustix::io::Errno> {
    while !bytes.is_empty() {
        match rustix::net::send(socket, bytes, SendFlags::NOSIGNAL) {
            Ok(sent) => bytes = &bytes[sent..],
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}
