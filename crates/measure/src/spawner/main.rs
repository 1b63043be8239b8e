//! The spawner: starts children from almost no memory, stamps their time, reaps what they leave.
//!
//! A child's peak memory, as `wait4` reports it, is never below its starter's own. So the starter
//! is these few files: no `std`, no libc, raw system calls, static, a few pages. `build.rs` makes
//! them, `spawn_embedded.rs` runs them from a memory file and talks in the frames of `frame.rs`:
//!
//! - descriptor 0: requests in, answers out; 1: control frames in; 2: the user's standard error;
//! - words: `tacho-spawner OUT_READ OUT_WRITE ERR_READ ERR_WRITE USER_OUT` (descriptors of the two
//!   pipes that children print into, and of the user's standard output), or `tacho-noop`: end at
//!   once (the cheapest program there is).
//!
//! It decides nothing. Deadlines and which signal to send are its parent's business; it alone sends
//! them, because only the parent of a child knows that the child's id is still the child's.

#![no_std]
#![no_main]

mod child;
mod frame;
mod line;
mod observe;
mod sweep;
mod system;

use core::arch::global_asm;
use core::mem::size_of;
use core::ptr::{addr_of, addr_of_mut, null_mut};

use child::{Bounds, Job, Pipes, vfork_into};
use frame::*;
use line::{Line, NO_ANSWER, answer, flush, hold, next_request, read_control};
use observe::{Waited, count_stops, waited};
use sweep::{Swept, sweep};
use system::*;

/// The answer of a longer run is sent at once, so that it is on the disk when the next one ends;
/// those of shorter runs wait for company.
const SHORT_NANOS: u64 = 1_000_000;

/// Turns the frame's offsets into addresses, in place.
unsafe fn job_of(request: *mut Request, line: &Line) -> Job {
    // SAFETY: the frame is whole, and our parent wrote it.
    unsafe {
        let base = request.cast::<u8>();
        let head = &*request;
        let table = base.add(size_of::<Request>()).cast::<usize>();
        let slots = head.argc as usize + head.envc as usize + 2;
        let mut slot = 0;
        while slot < slots {
            let entry = table.add(slot);
            if *entry != 0 {
                *entry += base as usize;
            }
            slot += 1;
        }
        let text = |offset: u32| base.add(offset as usize).cast_const();
        let optional = |offset: u32| if offset == 0 { core::ptr::null() } else { text(offset) };
        Job {
            program: text(head.program),
            argv: table.cast::<*const u8>().cast_const(),
            envp: table.add(head.argc as usize + 1).cast::<*const u8>().cast_const(),
            dir: text(head.dir),
            stdin: optional(head.stdin),
            pipes: line.pipes,
            bounds: Bounds {
                output: head.output,
                output_path: text(head.output_path),
                cgroup: optional(head.cgroup),
                cpus: optional(head.cpus),
                cpus_bytes: head.cpus_bytes,
                nice: head.nice,
                flags: head.flags,
                address_space_bytes_max: head.address_space_bytes_max,
            },
            spawner: line.pid,
            signal_mask: line.signal_mask,
            errno: 0,
            step: STEP_CLONE,
        }
    }
}

fn run(line: &mut Line, request: *mut Request) {
    // SAFETY: the frame is whole; the inbox is not touched until the run has ended.
    let (mut job, head) = unsafe { (job_of(request, line), *request) };
    let mut child = Child { token: head.token, ..NO_CHILD };
    let quiet = head.quiet != 0;
    make_blocking(&line.pipes);
    let pidfd = if quiet { null_mut() } else { addr_of_mut!(child.pidfd) };
    child.start_nanos = now();
    // SAFETY: job and pidfd outlive the child's use of them, which ends before this returns.
    let pid = unsafe { vfork_into(&mut job, pidfd) };
    if pid < 0 {
        not_made(line, &child, -pid as i32);
        return;
    }
    child.pid = pid as usize;
    let mut end = End::default();
    let mut announced = false;
    if !quiet || !wait_quietly(&child, head.announce_after_nanos, &mut end) {
        // A quiet child that lives on is announced at once.
        let announce_after = if quiet { 0 } else { head.announce_after_nanos };
        announced = watch(line, &mut child, announce_after);
        end.nanos = now();
        end.waited = waited(child.pid);
        while end.reap(child.pid, 0) == EINTR {}
        sys!(CLOSE, child.pidfd);
    }
    let swept = sweep(child.pid);
    if job.errno == 0 {
        job.step = 0;
    }
    finish(line, &child, &end, &job, swept, announced);
}

/// A child on its way.
pub(crate) struct Child {
    pub(crate) pid: usize,
    pidfd: i32,
    token: u64,
    start_nanos: u64,
    /// How often it was seen to be stopped, and whether it was when last looked at.
    pub(crate) stops: u64,
    pub(crate) stopped: bool,
}

const NO_CHILD: Child =
    Child { pid: 0, pidfd: -1, token: 0, start_nanos: 0, stops: 0, stopped: false };

/// How and when it ended.
#[derive(Default)]
struct End {
    nanos: u64,
    waited: Waited,
    status: i32,
    usage: Rusage,
}

impl End {
    fn reap(&mut self, pid: usize, options: usize) -> isize {
        sys!(WAIT4, pid, addr_of_mut!(self.status), options, addr_of_mut!(self.usage))
    }
}

fn not_made(line: &mut Line, child: &Child, errno: i32) {
    let (token, start_nanos) = (child.token, child.start_nanos);
    let held = Answer { kind: ANSWER_ENDED, held: 1, ..NO_ANSWER };
    let step = STEP_CLONE;
    answer(line, Answer { token, start_nanos, end_nanos: now(), errno, step, ..held });
    hold(line);
}

/// Waits for the end of a child that is expected to be short and silent, and reaps it; false when
/// it still lives at the time to announce it.
///
/// SIGCHLD is blocked and taken from the queue: one call, where a descriptor to poll costs three.
/// One that an earlier child left makes us look once too often.
fn wait_quietly(child: &Child, announce_after: u64, end: &mut End) -> bool {
    let set = SIGCHLD_SET;
    loop {
        let left = (child.start_nanos + announce_after).saturating_sub(now());
        let wait = timespec(left);
        sys!(RT_SIGTIMEDWAIT, addr_of!(set), 0usize, addr_of!(wait), SIGSET_BYTES);
        end.nanos = now();
        // The kernel forgets it with the zombie. One that still lives is asked again.
        end.waited = waited(child.pid);
        if end.reap(child.pid, WNOHANG) == child.pid as isize {
            return true;
        }
        if left == 0 {
            return false;
        }
    }
}

fn finish(line: &mut Line, child: &Child, end: &End, job: &Job, swept: Swept, announced: bool) {
    // Of an announced child the parent reads what is printed as it comes: the next one must not
    // print before the parent knows that this one has ended.
    let abnormal = end.status != 0 || swept.killed + swept.survivors != 0 || job.errno != 0;
    let held = printed(&line.pipes) || announced || abnormal;
    let usage = &end.usage;
    answer(
        line,
        Answer {
            kind: ANSWER_ENDED,
            pid: child.pid as i32,
            token: child.token,
            start_nanos: child.start_nanos,
            end_nanos: end.nanos,
            user_micros: (usage.user[0] * 1_000_000 + usage.user[1]) as u64,
            system_micros: (usage.system[0] * 1_000_000 + usage.system[1]) as u64,
            peak_rss_kb: usage.maxrss as u64,
            minor_faults: usage.minflt as u64,
            major_faults: usage.majflt as u64,
            voluntary_switches: usage.nvcsw as u64,
            involuntary_switches: usage.nivcsw as u64,
            run_delay_nanos: end.waited.delay_nanos,
            run_nanos: end.waited.run_nanos,
            stops: child.stops,
            leaked: swept.killed,
            survivors: swept.survivors,
            status: end.status,
            errno: job.errno,
            step: job.step,
            held: u32::from(held),
        },
    );
    if held {
        hold(line);
    } else if end.nanos - child.start_nanos > SHORT_NANOS {
        flush(line);
    }
}

/// Waits for the child's end; announces it when it lives long or prints; passes signals on, and
/// reaps orphans that end meanwhile. Returns whether it was announced.
fn watch(line: &mut Line, child: &mut Child, announce_after: u64) -> bool {
    if child.pidfd < 0 {
        child.pidfd = sys!(PIDFD_OPEN, child.pid, 0usize) as i32;
        if child.pidfd < 0 {
            // No descriptor left in the system: wait for it without a word.
            return false;
        }
    }
    let mut announced = false;
    let mut watched = [
        PollFd { fd: child.pidfd, events: POLLIN, revents: 0 },
        PollFd { fd: 1, events: POLLIN, revents: 0 },
        PollFd { fd: line.pipes.out_read, events: POLLIN, revents: 0 },
        PollFd { fd: line.pipes.err_read, events: POLLIN, revents: 0 },
    ];
    let mut wait = timespec(announce_after);
    loop {
        let (count, timeout) =
            if announced { (3usize, null_mut()) } else { (4usize, addr_of_mut!(wait)) };
        let ready = sys!(PPOLL, addr_of_mut!(watched), count, timeout, 0usize, 8usize);
        if watched[0].revents != 0 && ready > 0 {
            return announced;
        }
        if announced && watched[2].revents != 0 && ready > 0 {
            reap_orphans(line.child_signals, child.pid);
            count_stops(child);
            watched[2].revents = 0;
        } else if watched[1].revents != 0 && ready > 0 {
            let control = read_control();
            if control.kind == CONTROL_SIGNAL && child.token <= control.token {
                signal_child(child.pid, control.signal);
            }
            watched[1].revents = 0;
        } else if !announced && ready != EINTR {
            announced = true;
            // The signal that told of a stop may have been taken while it was waited for quietly.
            count_stops(child);
            watched[2].fd = line.child_signals;
            watched[2].revents = 0;
            let (pid, token, start_nanos) = (child.pid as i32, child.token, child.start_nanos);
            let started = Answer { kind: ANSWER_STARTED, pid, token, start_nanos, ..NO_ANSWER };
            answer(line, started);
            flush(line);
        }
    }
}

/// To the child's group, and to the child itself where it has left that for another one.
fn signal_child(pid: usize, signal: i32) {
    sys!(KILL, 0usize.wrapping_sub(pid), signal);
    if sys!(GETPGID, pid) != pid as isize {
        sys!(KILL, pid, signal);
    }
}

/// Reaps every child that has ended but the leader, whose end its descriptor tells.
fn reap_orphans(child_signals: i32, leader: usize) {
    let mut told = [0u8; 128];
    sys!(READ, child_signals, told.as_mut_ptr(), told.len());
    loop {
        // `siginfo_t`: the process id stands at byte 16.
        let mut info = [0u32; 32];
        let options = WEXITED | WNOHANG | WNOWAIT;
        let result = sys!(WAITID, 0usize, 0usize, info.as_mut_ptr(), options, 0usize);
        let pid = info[4] as usize;
        if result < 0 || pid == 0 || pid == leader {
            return;
        }
        sys!(WAIT4, pid, 0usize, WNOHANG, 0usize);
    }
}

fn timespec(nanos: u64) -> Timespec {
    Timespec { seconds: (nanos / 1_000_000_000) as i64, nanos: (nanos % 1_000_000_000) as i64 }
}

/// Whether something that was printed has not been read yet.
fn printed(pipes: &Pipes) -> bool {
    let mut waiting = [0i32; 2];
    sys!(IOCTL, pipes.out_read, FIONREAD, addr_of_mut!(waiting[0]));
    sys!(IOCTL, pipes.err_read, FIONREAD, addr_of_mut!(waiting[1]));
    waiting[0] != 0 || waiting[1] != 0
}

/// Puts the pipes back into blocking mode, which all children share: some programs change it.
fn make_blocking(pipes: &Pipes) {
    sys!(FCNTL, pipes.out_write, F_SETFL, O_WRONLY);
    sys!(FCNTL, pipes.err_write, F_SETFL, O_WRONLY);
}

/// # Safety
/// `words` points at the kernel's argument block.
#[unsafe(no_mangle)]
unsafe extern "C" fn spawner_main(words: *const usize) -> ! {
    // SAFETY: the kernel lays out argc, argv…; six words are only read when there are six.
    let (count, argv) = unsafe { (*words, words.add(1).cast::<*const u8>()) };
    if count != 6 {
        exit(0);
    }
    let number = |index: usize| -> i32 {
        // SAFETY: index is 1 to 5 of six NUL-terminated words.
        unsafe { parse(*argv.add(index)) }
    };
    sys!(PRCTL, PR_SET_NAME, c"measure-spawner".as_ptr());
    sys!(PRCTL, PR_SET_CHILD_SUBREAPER, 1usize);
    let signal_mask = expect_children();
    sys!(CLOSE_RANGE, 3usize, u32::MAX, CLOSE_RANGE_CLOEXEC);
    let null = sys!(OPENAT, AT_FDCWD, c"/dev/null".as_ptr(), O_RDONLY | O_CLOEXEC, 0usize);
    let null_write = sys!(OPENAT, AT_FDCWD, c"/dev/null".as_ptr(), O_WRONLY | O_CLOEXEC, 0usize);
    if null < 0 || null_write < 0 {
        let text = b"tacho-spawner: cannot open /dev/null\n";
        sys!(WRITE, 2usize, text.as_ptr(), text.len());
        exit(71);
    }
    let pipes = Pipes {
        out_read: number(1),
        out_write: number(2),
        err_read: number(3),
        err_write: number(4),
        null: null as i32,
        null_write: null_write as i32,
        user_out: number(5),
    };
    let set = SIGCHLD_SET;
    let child_signals =
        sys!(SIGNALFD4, usize::MAX, addr_of!(set), SIGSET_BYTES, O_CLOEXEC | O_NONBLOCK);
    let mut line = Line::new(pipes, signal_mask, child_signals as i32);
    loop {
        let request = next_request(&mut line);
        // SAFETY: the frame is whole.
        let (kind, token) = unsafe { ((*request).kind, (*request).token) };
        if kind == REQUEST_RUN && token > line.discard_through {
            run(&mut line, request);
        }
    }
}

/// Blocks SIGCHLD, which is then waited for; returns the mask before. Whoever started us may have
/// set it to be ignored: children would then vanish unreaped.
fn expect_children() -> u64 {
    let default = [0u64; 4];
    sys!(RT_SIGACTION, SIGCHLD, addr_of!(default), 0usize, SIGSET_BYTES);
    let (set, mut before) = (SIGCHLD_SET, 0u64);
    let old = addr_of_mut!(before);
    sys!(RT_SIGPROCMASK, SIG_BLOCK, addr_of!(set), old, SIGSET_BYTES);
    before
}

unsafe fn parse(mut text: *const u8) -> i32 {
    let mut value = 0i32;
    // SAFETY: the caller's text ends with NUL.
    unsafe {
        while *text >= b'0' && *text <= b'9' {
            value = value.wrapping_mul(10).wrapping_add((*text - b'0') as i32);
            text = text.add(1);
        }
    }
    value
}

#[cfg(target_arch = "x86_64")]
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call spawner_main",
    "ud2"
);

#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "mov x29, xzr", "mov x0, sp", "bl spawner_main", "brk 1");
