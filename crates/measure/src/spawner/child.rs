//! The child between being made and being the program: it borrows the spawner's memory meanwhile.

use core::arch::asm;
use core::ptr::{addr_of, addr_of_mut};

use crate::frame::*;
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
    /// `/dev/null` for reading …
    pub(crate) null: i32,
    /// … and for writing.
    pub(crate) null_write: i32,
    /// The user's own standard output.
    pub(crate) user_out: i32,
}

/// What standard output becomes, and within which bounds the child runs.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// An `OUTPUT_` number.
    pub(crate) output: u32,
    pub(crate) output_path: *const u8,
    /// Null for none.
    pub(crate) cgroup: *const u8,
    /// Null for none.
    pub(crate) cpus: *const u8,
    pub(crate) cpus_bytes: u32,
    pub(crate) nice: i32,
    pub(crate) flags: u32,
    pub(crate) address_space_bytes_max: u64,
}

/// What the child needs between `clone` and `execve`; it shares this memory with us.
pub(crate) struct Job {
    pub(crate) program: *const u8,
    pub(crate) argv: *const *const u8,
    pub(crate) envp: *const *const u8,
    pub(crate) dir: *const u8,
    pub(crate) stdin: *const u8,
    pub(crate) pipes: Pipes,
    pub(crate) bounds: Bounds,
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
    enter(job, STEP_DIR);
    check(job, sys!(CHDIR, job.dir));
    enter(job, STEP_STDIN);
    let mut stdin = job.pipes.null as isize;
    if !job.stdin.is_null() {
        // Opening a FIFO that nobody writes to would hold us and the spawner up.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
        stdin = sys!(OPENAT, AT_FDCWD, job.stdin, flags, 0usize);
        check(job, stdin);
        sys!(FCNTL, stdin, F_SETFL, O_RDONLY);
    }
    check(job, sys!(DUP3, stdin, 0usize, 0usize));
    redirect(job);
    bind(job);
    enter(job, STEP_EXEC);
    check(job, sys!(EXECVE, job.program, job.argv, job.envp));
    exit(127);
}

/// Standard output and standard error. The user's standard error is our own descriptor 2.
fn redirect(job: &mut Job) {
    enter(job, STEP_OUTPUT);
    let mut out = match job.bounds.output {
        OUTPUT_PIPE | OUTPUT_FILE => job.pipes.out_write as isize,
        OUTPUT_NULL => job.pipes.null_write as isize,
        _ => job.pipes.user_out as isize,
    };
    if job.bounds.output == OUTPUT_FILE {
        // Opening a FIFO that nobody reads would hold us and the spawner up.
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK;
        out = sys!(OPENAT, AT_FDCWD, job.bounds.output_path, flags, 0o666usize);
        check(job, out);
        sys!(FCNTL, out, F_SETFL, O_WRONLY);
    }
    check(job, sys!(DUP3, out, 1usize, 0usize));
    if job.bounds.output != OUTPUT_INHERIT {
        check(job, sys!(DUP3, job.pipes.err_write, 2usize, 0usize));
    }
}

/// The bounds; that on memory last, because the other calls are made within it.
fn bind(job: &mut Job) {
    let bounds = job.bounds;
    if !bounds.cgroup.is_null() {
        enter(job, STEP_CGROUP);
        let procs = sys!(OPENAT, AT_FDCWD, bounds.cgroup, O_WRONLY | O_CLOEXEC, 0usize);
        check(job, procs);
        check(job, sys!(WRITE, procs, b"0".as_ptr(), 1usize));
    }
    if !bounds.cpus.is_null() {
        enter(job, STEP_CPUS);
        check(job, sys!(SCHED_SETAFFINITY, 0usize, bounds.cpus_bytes, bounds.cpus));
    }
    if bounds.flags & FLAG_NICE != 0 {
        enter(job, STEP_NICE);
        check(job, sys!(SETPRIORITY, 0usize, 0usize, bounds.nice));
    }
    if bounds.flags & FLAG_KEEP_ADDRESSES != 0 {
        enter(job, STEP_ADDRESSES);
        let now = sys!(PERSONALITY, PERSONALITY_ASK);
        check(job, now);
        check(job, sys!(PERSONALITY, now as usize | ADDR_NO_RANDOMIZE));
    }
    if bounds.address_space_bytes_max != 0 {
        enter(job, STEP_MEMORY);
        let limit = [bounds.address_space_bytes_max; 2];
        check(job, sys!(PRLIMIT64, 0usize, RLIMIT_AS, addr_of!(limit), 0usize));
    }
}

/// Takes note of what is tried next. The parent reads it from this memory, which the compiler
/// cannot know: without `volatile` it may leave out what nobody here reads.
fn enter(job: &mut Job, step: u32) {
    // SAFETY: the job is alive and ours.
    unsafe { addr_of_mut!(job.step).write_volatile(step) };
}

fn check(job: &mut Job, result: isize) {
    if result < 0 {
        // SAFETY: as above.
        unsafe { addr_of_mut!(job.errno).write_volatile(-result as i32) };
        exit(127);
    }
}
