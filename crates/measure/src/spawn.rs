//! Starting children: the trait that every starter has, and which one this machine gets.

use std::os::fd::{BorrowedFd, OwnedFd};

pub use crate::tail::Tail;

use crate::program::{Bounds, Program};

/// Why children cannot be started at all.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// A system call that the starter needs was refused.
    #[error("{what}: {source}")]
    System {
        /// What was tried, as a fragment.
        what: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The spawner process has ended under us; its children were killed.
    #[error("the spawner process was ended from outside ({0})")]
    Gone(String),
    /// A child did not end although it was killed.
    #[error("process {pid} cannot be killed: it is stuck in the kernel, or not ours to kill")]
    Unkillable {
        /// Its id.
        pid: i32,
    },
}

impl SpawnError {
    pub(crate) fn system(what: &'static str) -> impl FnOnce(rustix::io::Errno) -> Self {
        move |errno| Self::System { what, source: errno.into() }
    }
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With an exit code.
    Exited(i32),
    /// By a signal.
    Signaled(i32),
    /// It never became the program.
    NotStarted {
        /// What was being done, as a fragment: `enter its folder`.
        step: &'static str,
        /// The system's answer.
        errno: i32,
    },
}

/// The step of [`End::NotStarted`] at which there is no process yet.
pub(crate) const MAKE_PROCESS: &str = "make a process";

/// The steps whose failure is told with the path that was meant.
pub(crate) const ENTER_FOLDER: &str = "enter its folder";
pub(crate) const OPEN_INPUT: &str = "open its standard input";
pub(crate) const OPEN_OUTPUT: &str = "open the file for its output";

/// What is known of a child that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which request.
    pub token: u64,
    /// Its process id.
    pub pid: i32,
    /// CLOCK_MONOTONIC just before it was made.
    pub start_nanos: u64,
    /// CLOCK_MONOTONIC just after it was seen to have ended.
    pub end_nanos: u64,
    /// How it ended.
    pub end: End,
    /// CPU time in user mode, of it and its waited-for descendants.
    pub user_nanos: u64,
    /// CPU time in the kernel, of the same.
    pub system_nanos: u64,
    /// Largest resident set, not below the starter's own.
    pub peak_rss_kb: u64,
    /// Page faults without the disk.
    pub minor_faults: u64,
    /// Page faults with it.
    pub major_faults: u64,
    /// Times it waited.
    pub voluntary_switches: u64,
    /// Times the processor was taken away.
    pub involuntary_switches: u64,
    /// How long its first thread was ready and had no processor, where the kernel says so.
    pub run_delay_nanos: Option<u64>,
    /// How long that thread had one; 0 where the kernel does not say.
    pub run_nanos: u64,
    /// How often it was seen to be stopped by a signal, where the starter can see that.
    pub stops: Option<u64>,
    /// Descendants that outlived it and were killed.
    pub leaked: u64,
    /// Descendants that outlived it and could not be killed.
    pub survivors: u64,
    /// The end of its standard output.
    pub stdout: Tail,
    /// The end of its standard error.
    pub stderr: Tail,
    /// The starter waits for [`Spawner::go_on`] before it starts what is queued.
    pub held: bool,
}

impl Ended {
    /// From just before it was made to just after its end was seen, in nanoseconds.
    #[must_use]
    pub fn span(&self) -> u64 {
        self.end_nanos.saturating_sub(self.start_nanos)
    }
}

/// What a starter reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A child lives longer than its announcement time, or prints.
    Started {
        /// Which request.
        token: u64,
        /// Its process id.
        pid: i32,
        /// CLOCK_MONOTONIC just before it was made.
        start_nanos: u64,
    },
    /// A child has ended.
    Ended(Box<Ended>),
    /// The wake descriptor can be read.
    Woken,
    /// The time that was waited for has come.
    Due,
}

/// What a starter does after an answer that it held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Start what is queued.
    Resume,
    /// Drop what is queued up to and including this token, without a word.
    DiscardThrough(u64),
}

/// Something that starts children one after another and tells how they ended.
///
/// Requests may be queued. It decides nothing: deadlines are the caller's.
pub trait Spawner {
    /// Queues a run of `program`; `token`s rise from 1. `quiet`: it was short and printed nothing
    /// until now, which a starter may use to wait for it more cheaply.
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    fn submit(&mut self, token: u64, program: &Program, quiet: bool) -> Result<(), SpawnError>;

    /// Whether [`Spawner::wait`] would return an event at once.
    fn has_event(&self) -> bool;

    /// Waits for the next event, at most until `until_nanos` (CLOCK_MONOTONIC).
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    fn wait(&mut self, until_nanos: Option<u64>) -> Result<Event, SpawnError>;

    /// Sends `signal` to the process group of the running child, if its token is at most `token`.
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    fn signal(&mut self, token: u64, signal: i32) -> Result<(), SpawnError>;

    /// Answers a held event; to be called exactly once for each.
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    fn go_on(&mut self, next: Next) -> Result<(), SpawnError>;

    /// The smallest peak memory that can be read of a child: the starter's own, in KiB.
    fn floor_kb(&self) -> Option<u64>;

    /// The starter's name in a capture: `static` or `std`.
    fn name(&self) -> &'static str;

    /// A program that does nothing at the least cost, where the starter has one.
    fn nothing(&self) -> Option<Program>;

    /// Whether others may start children from our process at the same time. A starter that kills
    /// whatever is left below us after every child may not.
    fn shares_machine(&self) -> bool;

    /// Sends what is to be sent, and returns the descriptors of which one can be read when
    /// [`Spawner::wait`] would do something: for whoever waits for several starters.
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    fn watched(&mut self) -> Result<Vec<BorrowedFd<'_>>, SpawnError>;
}

/// Starts the best starter that this machine allows: the embedded spawner, else the one on `std`.
///
/// `wake`: a descriptor that becomes readable when waiting must stop, for signals.
///
/// # Errors
/// [`SpawnError`] when not even pipes or sockets can be made.
pub fn start(wake: OwnedFd) -> Result<Box<dyn Spawner>, SpawnError> {
    #[cfg(embedded_spawner)]
    {
        let second = wake
            .try_clone()
            .map_err(|source| SpawnError::System { what: "duplicate a descriptor", source })?;
        // A kernel may forbid executable memory files, or lack pidfds: then the slower one runs.
        if let Ok(spawner) = crate::spawn_embedded::EmbeddedSpawner::start(second) {
            return Ok(Box::new(spawner));
        }
    }
    Ok(Box::new(crate::spawn_std::StdSpawner::start(wake)?))
}

/// Reaps the child `pid` and returns its wait status and its own resource usage.
///
/// # Errors
/// [`SpawnError::System`] when there is no such child.
#[expect(unsafe_code, reason = "wait4 has no safe wrapper that returns the usage")]
pub(crate) fn wait4(pid: rustix::process::Pid) -> Result<(i32, libc::rusage), SpawnError> {
    let mut status = 0;
    // SAFETY: all-zero is a valid rusage, and wait4 fills both places.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        loop {
            let pid = pid.as_raw_nonzero().get();
            if libc::wait4(pid, &raw mut status, 0, &raw mut usage) >= 0 {
                return Ok((status, usage));
            }
            let source = std::io::Error::last_os_error();
            if source.kind() != std::io::ErrorKind::Interrupted {
                return Err(SpawnError::System { what: "reap a process", source });
            }
        }
    }
}

/// Has the kernel kill the command's process when our thread ends, and close what it must not
/// inherit.
#[expect(unsafe_code, reason = "code between fork and exec is the only place for it")]
pub(crate) fn die_with_parent(command: &mut std::process::Command) {
    use std::os::unix::process::CommandExt;
    // SAFETY: the closure makes system calls only, and allocates nothing.
    unsafe {
        command.pre_exec(|| {
            rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
            // An old kernel lacks it; then only what we opened ourselves is closed.
            libc::syscall(libc::SYS_close_range, 3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
            Ok(())
        });
    }
}

/// Has the command's process take `bounds` before it becomes the program.
#[expect(unsafe_code, reason = "code between fork and exec is the only place for it")]
pub(crate) fn bind(command: &mut std::process::Command, bounds: &Bounds) {
    use std::os::unix::process::CommandExt;
    if *bounds == Bounds::default() {
        return;
    }
    let bounds = bounds.clone();
    let checked = |result: libc::c_long| match result {
        -1 => Err(std::io::Error::last_os_error()),
        value => Ok(value),
    };
    // SAFETY: the closure makes system calls only, and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            if let Some(path) = &bounds.cgroup_procs {
                let flags = rustix::fs::OFlags::WRONLY | rustix::fs::OFlags::CLOEXEC;
                let procs = rustix::fs::open(path, flags, rustix::fs::Mode::empty())?;
                rustix::io::write(&procs, b"0")?;
            }
            if let Some(mask) = &bounds.cpus {
                checked(libc::syscall(libc::SYS_sched_setaffinity, 0, mask.len(), mask.as_ptr()))?;
            }
            if let Some(nice) = bounds.nice {
                checked(libc::syscall(libc::SYS_setpriority, 0, 0, nice))?;
            }
            if bounds.keeps_addresses {
                let now = checked(libc::syscall(libc::SYS_personality, 0xffff_ffff_u64))?;
                checked(libc::syscall(
                    libc::SYS_personality,
                    now | libc::c_long::from(libc::ADDR_NO_RANDOMIZE),
                ))?;
            }
            if let Some(max) = bounds.address_space_bytes_max {
                let limit = libc::rlimit { rlim_cur: max, rlim_max: max };
                checked(libc::c_long::from(libc::setrlimit(libc::RLIMIT_AS, &raw const limit)))?;
            }
            Ok(())
        });
    }
}

#[cfg(test)]
mod tests;
