//! The child between being made and being the program: it borrows the spawner's memory meanwhile.

use core::arch::asm;
use core::ptr::{addr_of, addr_of_mut};

use crate::frame::{STEP_DIR, STEP_EXEC, STEP_STDIN};
use crate::system::*;

const CHILD_STACK_BYTES: usize = 8 * 1024;

#[repr(C, align(16))]
struct ChildStack([u8; CHILD_STACK_BYTES]);

static mut CHILD_STACK: ChildStack = ChildStack([0; CHILD_STACK_BYTES]);

/// The two pipes, by the numbers of their descriptors.
#[derive(Clone, Copy)]
pub(crate) struct Pipes {
    pub(crate) out_read: i32,
    pub(crate) out_write: i32,
    pub(crate) err_read: i32,
    pub(crate) err_write: i32,
    pub(crate) null: i32,
}

/// What the child needs between `clone` and `execve`; it shares this memory with us.
pub(crate) struct Job {
    pub(crate) program: *const u8,
    pub(crate) argv: *const *const u8,
    pub(crate) envp: *const *const u8,
    pub(crate) dir: *const u8,
    pub(crate) stdin: *const u8,
    pub(crate) pipes: Pipes,
    /// The spawner's process id.
    pub(crate) spawner: isize,
    /// The signal mask that programs get: the one that we were started with.
    pub(crate) signal_mask: u64,
    pub(crate) errno: i32,
    pub(crate) step: u32,
}

/// Makes the child on a stack of its own: it shares our memory and we stand still until it has
/// become the program or ended. Returns the child's id, or a negative errno; a descriptor of the
/// child goes to `pidfd` unless that is null.
#[cfg(target_arch = "x86_64")]
pub(crate) unsafe fn vfork_into(job: *mut Job, pidfd: *mut i32) -> isize {
    let result;
    let flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
    let flags = if pidfd.is_null() { flags } else { flags | CLONE_PIDFD };
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
            in("rdi") flags,
            in("rsi") top, in("rdx") pidfd, in("r10") 0, in("r8") 0,
            in("r12") job,
            lateout("rcx") _, lateout("r11") _
        );
    }
    result
}

/// See the other architecture's.
#[cfg(target_arch = "aarch64")]
pub(crate) unsafe fn vfork_into(job: *mut Job, pidfd: *mut i32) -> isize {
    let result;
    let flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
    let flags = if pidfd.is_null() { flags } else { flags | CLONE_PIDFD };
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
            inlateout("x0") flags as isize => result,
            in("x1") top, in("x2") pidfd, in("x3") 0, in("x4") 0,
            in("x20") job, lateout("x30") _
        );
    }
    result
}

/// Runs in the child: arranges descriptors and folder, becomes the program. Never returns.
extern "C" fn child(job: *mut Job) -> ! {
    // SAFETY: the parent stands still and keeps the job alive until we have become the program.
    let job = unsafe { &mut *job };
    sys!(SETPGID, 0usize, 0usize);
    let mask = addr_of!(job.signal_mask);
    sys!(RT_SIGPROCMASK, SIG_SETMASK, mask, 0usize, SIGSET_BYTES);
    sys!(PRCTL, PR_SET_PDEATHSIG, SIGKILL);
    if sys!(GETPPID) != job.spawner {
        // It was killed before the line above.
        exit(127);
    }
    job.step = STEP_DIR;
    check(job, sys!(CHDIR, job.dir));
    job.step = STEP_STDIN;
    let mut stdin = job.pipes.null as isize;
    if !job.stdin.is_null() {
        // Opening a FIFO that nobody writes to would hold us and the spawner up.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
        stdin = sys!(OPENAT, AT_FDCWD, job.stdin, flags, 0usize);
        check(job, stdin);
        sys!(FCNTL, stdin, F_SETFL, O_RDONLY);
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
