//! The spawner: starts children from almost no memory, stamps their time, reaps what they leave.
//!
//! A child's peak memory, as `wait4` reports it, is never below its starter's own. So the starter
//! is these few files: no `std`, no libc, raw system calls, static, a few pages. `build.rs` makes
//! them, `spawn_embedded.rs` runs them from a memory file and talks in the frames of `frame.rs`:
//!
//! - descriptor 0: requests in, answers out; 1: control frames in; 2: the user's standard error;
//! - words: `tacho-spawner OUT_READ OUT_WRITE ERR_READ ERR_WRITE` (descriptors of the two pipes
//!   that children print into), or `tacho-noop`: end at once (the cheapest program there is).
//!
//! It decides nothing. Deadlines and which signal to send are its parent's business; it alone sends
//! them, because only the parent of a child knows that the child's id is still the child's.

#![no_std]
#![no_main]

mod child;
mod frame;
mod line;
mod sweep;
mod system;

use core::arch::global_asm;
use core::mem::size_of;
use core::ptr::addr_of_mut;

use child::{Job, Pipes, vfork_into};
use frame::*;
use line::{Line, NO_ANSWER, answer, flush, hold, next_request, read_control};
use sweep::sweep;
use system::*;

/// The answer of a longer run is sent at once, so that it is on the disk when the next one ends;
/// those of shorter runs wait for company.
const SHORT_NANOS: u64 = 1_000_000;

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

fn run(line: &mut Line, request: *mut Request) {
    // SAFETY: the frame is whole; the inbox is not touched until the run has ended.
    let (mut job, token, announce_after) =
        unsafe { (job_of(request, line.pipes), (*request).token, (*request).announce_after_nanos) };
    let mut pidfd = -1i32;
    let start = now();
    // SAFETY: job and pidfd outlive the child's use of them, which ends before this returns.
    let pid = unsafe { vfork_into(&mut job, &mut pidfd) };
    if pid < 0 {
        let (errno, step) = (-pid as i32, STEP_CLONE);
        answer(
            line,
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
        hold(line);
        return;
    }
    let announced = watch(line, pid as usize, pidfd, token, start, announce_after);
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
    let held = printed(&line.pipes) || announced || abnormal;
    answer(
        line,
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
        hold(line);
    } else if end_nanos - start > SHORT_NANOS {
        flush(line);
    }
}

/// Waits for the child's end; announces it when it lives long or prints; passes signals on. Returns
/// whether it was announced.
fn watch(
    line: &mut Line,
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
        PollFd { fd: line.pipes.out_read, events: POLLIN, revents: 0 },
        PollFd { fd: line.pipes.err_read, events: POLLIN, revents: 0 },
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
                line,
                Answer {
                    kind: ANSWER_STARTED,
                    pid: pid as i32,
                    token,
                    start_nanos: start,
                    ..NO_ANSWER
                },
            );
            flush(line);
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
    let mut line = Line::new(Pipes {
        out_read: number(1),
        out_write: number(2),
        err_read: number(3),
        err_write: number(4),
        null: null as i32,
    });
    loop {
        let request = next_request(&mut line);
        // SAFETY: the frame is whole.
        let (kind, token) = unsafe { ((*request).kind, (*request).token) };
        if kind == REQUEST_RUN && token > line.discard_through {
            run(&mut line, request);
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
