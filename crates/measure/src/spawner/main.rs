//! The spawner: starts children from almost no memory, stamps their time, reaps all that they leave.
//!
//! A child's peak memory, as `wait4` reports it, is never below its starter's own. So the starter is
//! this file: no `std`, no libc, raw system calls, static, a few pages. `build.rs` compiles it,
//! `spawn.rs` runs it from a memory file and talks to it in the frames of `frame.rs`:
//!
//! - descriptor 0: requests in, answers out; 1: control frames in; 2: the user's standard error;
//! - words: `tacho-spawner OUT_READ OUT_WRITE ERR_READ ERR_WRITE` (descriptors of the two pipes that
//!   children print into), or `tacho-noop`: end at once (the cheapest program there is).
//!
//! It decides nothing. Deadlines and which signal to send are its parent's business; it alone sends
//! them, because only the parent of a child knows that the child's id is still the child's.

#![no_std]
#![no_main]

#[path = "frame.rs"]
mod frame;

use core::arch::{asm, global_asm};
use core::mem::size_of;
use core::ptr::{addr_of, addr_of_mut};

use frame::*;

#[cfg(target_arch = "x86_64")]
mod nr {
    pub const WRITE: usize = 1;
    pub const CLOSE: usize = 3;
    pub const READ: usize = 0;
    pub const MMAP: usize = 9;
    pub const MUNMAP: usize = 11;
    pub const IOCTL: usize = 16;
    pub const NANOSLEEP: usize = 35;
    pub const GETPID: usize = 39;
    pub const SENDTO: usize = 44;
    pub const RECVFROM: usize = 45;
    pub const CLONE: usize = 56;
    pub const EXECVE: usize = 59;
    pub const EXIT_GROUP: usize = 231;
    pub const WAIT4: usize = 61;
    pub const KILL: usize = 62;
    pub const FCNTL: usize = 72;
    pub const CHDIR: usize = 80;
    pub const SETPGID: usize = 109;
    pub const PRCTL: usize = 157;
    pub const CLOCK_GETTIME: usize = 228;
    pub const OPENAT: usize = 257;
    pub const PPOLL: usize = 271;
    pub const DUP3: usize = 292;
    pub const CLOSE_RANGE: usize = 436;
}

#[cfg(target_arch = "aarch64")]
mod nr {
    pub const WRITE: usize = 64;
    pub const CLOSE: usize = 57;
    pub const READ: usize = 63;
    pub const MMAP: usize = 222;
    pub const MUNMAP: usize = 215;
    pub const IOCTL: usize = 29;
    pub const NANOSLEEP: usize = 101;
    pub const GETPID: usize = 172;
    pub const SENDTO: usize = 206;
    pub const RECVFROM: usize = 207;
    pub const CLONE: usize = 220;
    pub const EXECVE: usize = 221;
    pub const EXIT_GROUP: usize = 94;
    pub const WAIT4: usize = 260;
    pub const KILL: usize = 129;
    pub const FCNTL: usize = 25;
    pub const CHDIR: usize = 49;
    pub const SETPGID: usize = 154;
    pub const PRCTL: usize = 167;
    pub const CLOCK_GETTIME: usize = 113;
    pub const OPENAT: usize = 56;
    pub const PPOLL: usize = 73;
    pub const DUP3: usize = 24;
    pub const CLOSE_RANGE: usize = 436;
}

const EINTR: isize = -4;
const EAGAIN: isize = -11;
const ECHILD: isize = -10;
const SIGKILL: usize = 9;
const MSG_NOSIGNAL: usize = 0x4000;
const MSG_DONTWAIT: usize = 0x40;
const WNOHANG: usize = 1;
const FIONREAD: usize = 0x541b;
const F_SETFL: usize = 4;
const O_RDONLY: usize = 0;
const O_WRONLY: usize = 1;
const O_CLOEXEC: usize = 0o2000000;
const AT_FDCWD: usize = -100isize as usize;
const CLONE_VM: usize = 0x100;
const CLONE_PIDFD: usize = 0x1000;
const CLONE_VFORK: usize = 0x4000;
const SIGCHLD: usize = 17;
const PR_SET_PDEATHSIG: usize = 1;
const PR_SET_NAME: usize = 15;
const PR_SET_CHILD_SUBREAPER: usize = 36;
const CLOSE_RANGE_CLOEXEC: usize = 4;
const POLLIN: i16 = 1;

/// Requests are read into it; a longer request gets a mapping of its own.
const INBOX_BYTES: usize = 64 * 1024;
/// Answers of short runs are sent together: one wake-up of the parent for many runs.
const OUTBOX_ANSWERS: usize = 32;
const CHILD_STACK_BYTES: usize = 8 * 1024;
/// How long leaked descendants are killed before the survivors are left alone.
const SWEEP_NANOS_MAX: u64 = 10_000_000_000;

#[repr(C, align(16))]
struct Inbox([u8; INBOX_BYTES]);
#[repr(C, align(16))]
struct ChildStack([u8; CHILD_STACK_BYTES]);

static mut INBOX: Inbox = Inbox([0; INBOX_BYTES]);
static mut CHILD_STACK: ChildStack = ChildStack([0; CHILD_STACK_BYTES]);
static mut OUTBOX: [Answer; OUTBOX_ANSWERS] = [NO_ANSWER; OUTBOX_ANSWERS];

const NO_ANSWER: Answer = Answer {
    kind: 0,
    pid: 0,
    token: 0,
    start_nanos: 0,
    end_nanos: 0,
    user_micros: 0,
    system_micros: 0,
    peak_rss_kb: 0,
    minor_faults: 0,
    major_faults: 0,
    voluntary_switches: 0,
    involuntary_switches: 0,
    leaked: 0,
    status: 0,
    errno: 0,
    step: 0,
    held: 0,
};

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanos: i64,
}

#[repr(C)]
struct PollFd {
    fd: i32,
    events: i16,
    revents: i16,
}

/// The kernel's `struct rusage` of 64-bit targets.
#[repr(C)]
#[derive(Default)]
struct Rusage {
    user: [i64; 2],
    system: [i64; 2],
    maxrss: i64,
    unused_sizes: [i64; 3],
    minflt: i64,
    majflt: i64,
    unused_swaps_blocks_messages_signals: [i64; 6],
    nvcsw: i64,
    nivcsw: i64,
}

/// The two pipes, by the numbers of their descriptors.
#[derive(Clone, Copy)]
struct Pipes {
    out_read: i32,
    out_write: i32,
    err_read: i32,
    err_write: i32,
    null: i32,
}

/// What the child needs between `clone` and `execve`; it shares this memory with us.
struct Job {
    program: *const u8,
    argv: *const *const u8,
    envp: *const *const u8,
    dir: *const u8,
    stdin: *const u8,
    pipes: Pipes,
    errno: i32,
    step: u32,
}

struct State {
    pipes: Pipes,
    inbox: *mut u8,
    capacity: usize,
    start: usize,
    end: usize,
    answers: usize,
    discard_through: u64,
}

// ---------------------------------------------------------------- system calls

#[cfg(target_arch = "x86_64")]
unsafe fn syscall(number: usize, args: [usize; 6]) -> isize {
    let result;
    // SAFETY: each caller passes what the numbered call asks for.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") args[0], in("rsi") args[1], in("rdx") args[2],
            in("r10") args[3], in("r8") args[4], in("r9") args[5],
            lateout("rcx") _, lateout("r11") _, options(nostack)
        );
    }
    result
}

#[cfg(target_arch = "aarch64")]
unsafe fn syscall(number: usize, args: [usize; 6]) -> isize {
    let result;
    // SAFETY: each caller passes what the numbered call asks for.
    unsafe {
        asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") args[0] as isize => result,
            in("x1") args[1], in("x2") args[2], in("x3") args[3],
            in("x4") args[4], in("x5") args[5], options(nostack)
        );
    }
    result
}

macro_rules! sys {
    ($number:ident $(, $arg:expr)*) => {{
        let given = [$($arg as usize),*];
        let mut args = [0usize; 6];
        let mut index = 0;
        while index < given.len() {
            args[index] = given[index];
            index += 1;
        }
        // SAFETY: pointers among the arguments come from live statics, locals, or the inbox.
        unsafe { syscall(nr::$number, args) }
    }};
}

/// Makes the child on a stack of its own: it shares our memory and we stand still until it has
/// become the program or ended. Returns the child's id, or a negative errno.
#[cfg(target_arch = "x86_64")]
unsafe fn vfork_into(job: *mut Job, pidfd: *mut i32) -> isize {
    let result;
    // SAFETY: the child runs `child` on CHILD_STACK and never returns from it.
    unsafe {
        let top = addr_of_mut!(CHILD_STACK).cast::<u8>().add(CHILD_STACK_BYTES);
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r12",
            "call {child}",
            "ud2",
            "2:",
            child = sym child,
            inlateout("rax") nr::CLONE as isize => result,
            in("rdi") CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
            in("rsi") top, in("rdx") pidfd, in("r10") 0, in("r8") 0,
            in("r12") job,
            lateout("rcx") _, lateout("r11") _
        );
    }
    result
}

/// See the other architecture's.
#[cfg(target_arch = "aarch64")]
unsafe fn vfork_into(job: *mut Job, pidfd: *mut i32) -> isize {
    let result;
    // SAFETY: the child runs `child` on CHILD_STACK and never returns from it.
    unsafe {
        let top = addr_of_mut!(CHILD_STACK).cast::<u8>().add(CHILD_STACK_BYTES);
        asm!(
            "svc 0",
            "cbnz x0, 2f",
            "mov x29, xzr",
            "mov x0, x20",
            "bl {child}",
            "brk 1",
            "2:",
            child = sym child,
            in("x8") nr::CLONE,
            inlateout("x0") (CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD) as isize => result,
            in("x1") top, in("x2") pidfd, in("x3") 0, in("x4") 0,
            in("x20") job, lateout("x30") _
        );
    }
    result
}

fn exit(code: usize) -> ! {
    loop {
        sys!(EXIT_GROUP, code);
    }
}

fn now() -> u64 {
    let mut time = Timespec { seconds: 0, nanos: 0 };
    sys!(CLOCK_GETTIME, 1usize, addr_of_mut!(time));
    time.seconds as u64 * 1_000_000_000 + time.nanos as u64
}

// ---------------------------------------------------------------- the child

/// Runs in the child: arranges descriptors and folder, becomes the program. Never returns.
extern "C" fn child(job: *mut Job) -> ! {
    // SAFETY: the parent stands still and keeps the job alive until we have become the program.
    let job = unsafe { &mut *job };
    sys!(SETPGID, 0usize, 0usize);
    sys!(PRCTL, PR_SET_PDEATHSIG, SIGKILL);
    job.step = STEP_DIR;
    check(job, sys!(CHDIR, job.dir));
    job.step = STEP_STDIN;
    let mut stdin = job.pipes.null as isize;
    if !job.stdin.is_null() {
        stdin = sys!(OPENAT, AT_FDCWD, job.stdin, O_RDONLY | O_CLOEXEC, 0usize);
        check(job, stdin);
    }
    check(job, sys!(DUP3, stdin, 0usize, 0usize));
    check(job, sys!(DUP3, job.pipes.out_write, 1usize, 0usize));
    check(job, sys!(DUP3, job.pipes.err_write, 2usize, 0usize));
    job.step = STEP_EXEC;
    check(job, sys!(EXECVE, job.program, job.argv, job.envp));
    exit(127);
}

fn check(job: &mut Job, result: isize) {
    if result < 0 {
        job.errno = -result as i32;
        exit(127);
    }
}

// ---------------------------------------------------------------- answers and requests

fn flush(state: &mut State) {
    let bytes = state.answers * size_of::<Answer>();
    let mut sent = 0;
    while sent < bytes {
        // SAFETY: `sent < bytes`, inside the outbox.
        let from = unsafe { addr_of!(OUTBOX).cast::<u8>().add(sent) };
        let result = sys!(SENDTO, 0usize, from, bytes - sent, MSG_NOSIGNAL, 0usize, 0usize);
        if result == EINTR {
            continue;
        }
        if result <= 0 {
            sweep_and_exit();
        }
        sent += result as usize;
    }
    state.answers = 0;
}

fn answer(state: &mut State, answer: Answer) {
    // SAFETY: `answers < OUTBOX_ANSWERS`, because a full outbox is flushed below.
    unsafe { addr_of_mut!(OUTBOX).cast::<Answer>().add(state.answers).write(answer) };
    state.answers += 1;
    if state.answers == OUTBOX_ANSWERS {
        flush(state);
    }
}

/// Length of the first frame in the inbox, or 0 while its head is not there.
fn frame_length(state: &State) -> usize {
    if state.end - state.start < size_of::<Request>() {
        return 0;
    }
    // SAFETY: the head is there, and frames start at multiples of 8.
    unsafe { (*state.inbox.add(state.start).cast::<Request>()).length as usize }
}

/// Makes room for the rest of the first frame: moves it down, or into a larger mapping.
fn make_room(state: &mut State) {
    let filled = state.end - state.start;
    let wanted = frame_length(state).max(INBOX_BYTES);
    if wanted > state.capacity {
        // PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS.
        let fresh = sys!(MMAP, 0usize, wanted, 3usize, 0x22usize, usize::MAX, 0usize);
        if fresh < 0 {
            sweep_and_exit();
        }
        // SAFETY: both regions hold `filled` bytes and are distinct.
        unsafe { copy(fresh as *mut u8, state.inbox.add(state.start), filled) };
        if state.capacity > INBOX_BYTES {
            sys!(MUNMAP, state.inbox, state.capacity);
        }
        state.inbox = fresh as *mut u8;
        state.capacity = wanted;
    } else if state.start > 0 {
        // SAFETY: moves down within the inbox; `copy` goes upwards.
        unsafe { copy(state.inbox, state.inbox.add(state.start), filled) };
    }
    (state.start, state.end) = (0, filled);
}

/// The next whole request, waiting for it. Answers are sent before we wait.
fn next_request(state: &mut State) -> *mut Request {
    loop {
        let length = frame_length(state);
        if length > 0 && state.end - state.start >= length {
            // SAFETY: the whole frame is there.
            let request = unsafe { state.inbox.add(state.start).cast::<Request>() };
            state.start += length;
            return request;
        }
        if state.start == state.end {
            (state.start, state.end) = (0, 0);
        }
        if state.start > 0 || length > state.capacity {
            make_room(state);
        }
        // SAFETY: `end <= capacity`.
        let into = unsafe { state.inbox.add(state.end) };
        let room = state.capacity - state.end;
        let mut got = sys!(RECVFROM, 0usize, into, room, MSG_DONTWAIT, 0usize, 0usize);
        if got == EAGAIN {
            flush(state);
            got = sys!(RECVFROM, 0usize, into, room, 0usize, 0usize, 0usize);
        }
        if got == EINTR {
            continue;
        }
        if got <= 0 {
            flush(state);
            sweep_and_exit();
        }
        state.end += got as usize;
    }
}

/// Reads one control frame, waiting for it; the end of the socket ends everything.
fn read_control() -> Control {
    let mut control = Control { kind: 0, signal: 0, token: 0 };
    let mut have = 0;
    while have < size_of::<Control>() {
        // SAFETY: `have` is inside the frame.
        let into = unsafe { addr_of_mut!(control).cast::<u8>().add(have) };
        let got = sys!(READ, 1usize, into, size_of::<Control>() - have);
        if got == EINTR {
            continue;
        }
        if got <= 0 {
            sweep_and_exit();
        }
        have += got as usize;
    }
    control
}

/// After a held answer: nothing is started before the parent says so.
fn hold(state: &mut State) {
    flush(state);
    loop {
        let control = read_control();
        match control.kind {
            CONTROL_RESUME => return,
            CONTROL_DISCARD => {
                state.discard_through = control.token;
                return;
            }
            // A signal that crossed the child's end on its way.
            _ => {}
        }
    }
}

// ---------------------------------------------------------------- one run

/// Turns the frame's offsets into addresses, in place.
unsafe fn job_of(request: *mut Request, pipes: Pipes) -> Job {
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
        Job {
            program: text(head.program),
            argv: table.cast::<*const u8>().cast_const(),
            envp: table.add(head.argc as usize + 1).cast::<*const u8>().cast_const(),
            dir: text(head.dir),
            stdin: if head.stdin == 0 { core::ptr::null() } else { text(head.stdin) },
            pipes,
            errno: 0,
            step: STEP_CLONE,
        }
    }
}

fn run(state: &mut State, request: *mut Request) {
    // SAFETY: the frame is whole; the inbox is not touched until the run has ended.
    let (mut job, token, announce_after) = unsafe {
        (job_of(request, state.pipes), (*request).token, (*request).announce_after_nanos)
    };
    let mut pidfd = -1i32;
    let start = now();
    // SAFETY: job and pidfd outlive the child's use of them, which ends before this returns.
    let pid = unsafe { vfork_into(&mut job, &mut pidfd) };
    if pid < 0 {
        let (errno, step) = (-pid as i32, STEP_CLONE);
        answer(
            state,
            Answer {
                kind: ANSWER_ENDED,
                token,
                start_nanos: start,
                end_nanos: now(),
                errno,
                step,
                held: 1,
                ..NO_ANSWER
            },
        );
        hold(state);
        return;
    }
    let announced = watch(state, pid as usize, pidfd, token, start, announce_after);
    let end_nanos = now();
    // The leader is not reaped yet, so its group's id is still its own.
    sys!(KILL, 0usize.wrapping_sub(pid as usize), SIGKILL);
    let mut status = 0i32;
    let mut usage = Rusage::default();
    while sys!(WAIT4, pid, addr_of_mut!(status), 0usize, addr_of_mut!(usage)) == EINTR {}
    sys!(CLOSE, pidfd);
    let leaked = sweep();
    if job.errno == 0 {
        job.step = 0;
    }
    // Of an announced child the parent reads what is printed as it comes: the next one must not
    // print before the parent knows that this one has ended.
    let abnormal = status != 0 || leaked != 0 || job.errno != 0;
    let held = printed(&state.pipes) || announced || abnormal;
    answer(
        state,
        Answer {
            kind: ANSWER_ENDED,
            pid: pid as i32,
            token,
            start_nanos: start,
            end_nanos,
            user_micros: (usage.user[0] * 1_000_000 + usage.user[1]) as u64,
            system_micros: (usage.system[0] * 1_000_000 + usage.system[1]) as u64,
            peak_rss_kb: usage.maxrss as u64,
            minor_faults: usage.minflt as u64,
            major_faults: usage.majflt as u64,
            voluntary_switches: usage.nvcsw as u64,
            involuntary_switches: usage.nivcsw as u64,
            leaked,
            status,
            errno: job.errno,
            step: job.step,
            held: u32::from(held),
        },
    );
    if held {
        hold(state);
    }
}

/// Waits for the child's end; announces it when it lives long or prints; passes signals on. Returns
/// whether it was announced.
fn watch(
    state: &mut State,
    pid: usize,
    pidfd: i32,
    token: u64,
    start: u64,
    announce_after: u64,
) -> bool {
    let mut announced = false;
    let mut watched = [
        PollFd { fd: pidfd, events: POLLIN, revents: 0 },
        PollFd { fd: 1, events: POLLIN, revents: 0 },
        PollFd { fd: state.pipes.out_read, events: POLLIN, revents: 0 },
        PollFd { fd: state.pipes.err_read, events: POLLIN, revents: 0 },
    ];
    let mut wait = Timespec {
        seconds: (announce_after / 1_000_000_000) as i64,
        nanos: (announce_after % 1_000_000_000) as i64,
    };
    loop {
        let (count, timeout) =
            if announced { (2usize, core::ptr::null_mut()) } else { (4usize, addr_of_mut!(wait)) };
        let ready = sys!(PPOLL, addr_of_mut!(watched), count, timeout, 0usize, 8usize);
        if watched[0].revents != 0 && ready > 0 {
            return announced;
        }
        if watched[1].revents != 0 && ready > 0 {
            let control = read_control();
            if control.kind == CONTROL_SIGNAL && token <= control.token {
                sys!(KILL, 0usize.wrapping_sub(pid), control.signal);
            }
            watched[1].revents = 0;
        } else if !announced && ready != EINTR {
            announced = true;
            answer(
                state,
                Answer {
                    kind: ANSWER_STARTED,
                    pid: pid as i32,
                    token,
                    start_nanos: start,
                    ..NO_ANSWER
                },
            );
            flush(state);
        }
    }
}

/// Whether something that was printed has not been read yet. Also puts the pipes back into
/// blocking mode, which they share with every child: some programs change it.
fn printed(pipes: &Pipes) -> bool {
    sys!(FCNTL, pipes.out_write, F_SETFL, O_WRONLY);
    sys!(FCNTL, pipes.err_write, F_SETFL, O_WRONLY);
    let mut waiting = [0i32; 2];
    sys!(IOCTL, pipes.out_read, FIONREAD, addr_of_mut!(waiting[0]));
    sys!(IOCTL, pipes.err_read, FIONREAD, addr_of_mut!(waiting[1]));
    waiting[0] != 0 || waiting[1] != 0
}

// ---------------------------------------------------------------- what children leave behind

/// Kills and reaps every descendant; returns how many had to be killed.
///
/// They arrive here because we are their subreaper. One that is killed may have forked just before,
/// so the list is read again until nothing is left, or the time is up.
fn sweep() -> u64 {
    let mut killed = 0;
    let mut since = 0;
    loop {
        let mut status = 0i32;
        let result = sys!(WAIT4, usize::MAX, addr_of_mut!(status), WNOHANG, 0usize);
        if result == ECHILD {
            return killed;
        }
        if result > 0 {
            killed += u64::from(status & 0x7f == SIGKILL as i32);
            continue;
        }
        let time = now();
        if since == 0 {
            since = time;
        } else if time - since > SWEEP_NANOS_MAX {
            return killed;
        }
        if !kill_children() {
            let pause = Timespec { seconds: 0, nanos: 50_000 };
            sys!(NANOSLEEP, addr_of!(pause), 0usize);
        }
    }
}

/// Kills the children we have now; false when there was none to kill.
fn kill_children() -> bool {
    let mut path = *b"/proc/self/task/0000000000/children\0";
    let mut pid = sys!(GETPID) as usize;
    let mut digit = 25;
    while digit >= 16 {
        path[digit] = b'0' + (pid % 10) as u8;
        pid /= 10;
        digit -= 1;
    }
    // The folder's name has no leading zeros: the path starts that much later, and "self/task/"
    // is written again in front of it.
    let zeros = path[16..26].iter().take_while(|byte| **byte == b'0').count();
    let mut index = 16;
    while index > 0 {
        index -= 1;
        path[index + zeros] = path[index];
    }
    // SAFETY: `zeros` is at most 9.
    let named = unsafe { path.as_ptr().add(zeros) };
    let list = sys!(OPENAT, AT_FDCWD, named, O_RDONLY | O_CLOEXEC, 0usize);
    if list < 0 {
        return false;
    }
    let mut any = false;
    let mut number = 0usize;
    let mut text = [0u8; 512];
    loop {
        let got = sys!(READ, list, text.as_mut_ptr(), text.len());
        if got <= 0 {
            break;
        }
        for byte in &text[..got as usize] {
            if byte.is_ascii_digit() {
                number = number * 10 + (byte - b'0') as usize;
            } else if number > 0 {
                sys!(KILL, number, SIGKILL);
                any = true;
                number = 0;
            }
        }
    }
    sys!(CLOSE, list);
    any
}

/// The parent is gone or unreachable: nothing of ours may live on.
fn sweep_and_exit() -> ! {
    sweep();
    exit(0)
}

// ---------------------------------------------------------------- start

/// # Safety
/// `words` points at the kernel's argument block.
#[unsafe(no_mangle)]
unsafe extern "C" fn spawner_main(words: *const usize) -> ! {
    // SAFETY: the kernel lays out argc, argv…; five words are only read when there are five.
    let (count, argv) = unsafe { (*words, words.add(1).cast::<*const u8>()) };
    if count != 5 {
        exit(0);
    }
    let number = |index: usize| -> i32 {
        // SAFETY: index is 1 to 4 of five NUL-terminated words.
        unsafe { parse(*argv.add(index)) }
    };
    sys!(PRCTL, PR_SET_NAME, c"tacho-spawner".as_ptr());
    sys!(PRCTL, PR_SET_CHILD_SUBREAPER, 1usize);
    sys!(SETPGID, 0usize, 0usize);
    sys!(CLOSE_RANGE, 3usize, u32::MAX, CLOSE_RANGE_CLOEXEC);
    let null = sys!(OPENAT, AT_FDCWD, c"/dev/null".as_ptr(), O_RDONLY | O_CLOEXEC, 0usize);
    if null < 0 {
        let text = b"tacho-spawner: cannot open /dev/null\n";
        sys!(WRITE, 2usize, text.as_ptr(), text.len());
        exit(71);
    }
    let mut state = State {
        pipes: Pipes {
            out_read: number(1),
            out_write: number(2),
            err_read: number(3),
            err_write: number(4),
            null: null as i32,
        },
        inbox: addr_of_mut!(INBOX).cast::<u8>(),
        capacity: INBOX_BYTES,
        start: 0,
        end: 0,
        answers: 0,
        discard_through: 0,
    };
    loop {
        let request = next_request(&mut state);
        // SAFETY: the frame is whole.
        let (kind, token) = unsafe { ((*request).kind, (*request).token) };
        if kind != REQUEST_RUN || token <= state.discard_through {
            answer(&mut state, Answer { kind: ANSWER_DISCARDED, token, ..NO_ANSWER });
        } else {
            run(&mut state, request);
        }
    }
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

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    exit(70)
}

/// `core` was compiled to unwind and names it; with `panic=abort` nobody calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// Copies upwards, a byte at a time; the compiler must not turn it into a call of `memcpy`.
unsafe fn copy(to: *mut u8, from: *const u8, bytes: usize) {
    let mut index = 0;
    while index < bytes {
        // SAFETY: the caller owns `bytes` bytes at both.
        unsafe { to.add(index).write_volatile(from.add(index).read_volatile()) };
        index += 1;
    }
}

/// What the compiler may call for moving larger values.
///
/// # Safety
/// As in C.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, bytes: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { copy(to, from, bytes) };
    to
}

/// See `memcpy`.
///
/// # Safety
/// As in C.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, value: i32, bytes: usize) -> *mut u8 {
    let mut index = 0;
    while index < bytes {
        // SAFETY: the caller's promise.
        unsafe { to.add(index).write_volatile(value as u8) };
        index += 1;
    }
    to
}
