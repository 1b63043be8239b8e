//! System calls without a libc: numbers, constants, and what the compiler itself may call.

use core::arch::asm;
use core::ptr::addr_of_mut;

#[cfg(target_arch = "x86_64")]
pub(crate) mod nr {
    pub(crate) const WRITE: usize = 1;
    pub(crate) const CLOSE: usize = 3;
    pub(crate) const READ: usize = 0;
    pub(crate) const MMAP: usize = 9;
    pub(crate) const MUNMAP: usize = 11;
    pub(crate) const GETPPID: usize = 110;
    pub(crate) const WAITID: usize = 247;
    pub(crate) const SIGNALFD4: usize = 289;
    pub(crate) const GETPID: usize = 39;
    pub(crate) const RT_SIGACTION: usize = 13;
    pub(crate) const RT_SIGPROCMASK: usize = 14;
    pub(crate) const IOCTL: usize = 16;
    pub(crate) const NANOSLEEP: usize = 35;
    pub(crate) const SENDTO: usize = 44;
    pub(crate) const RECVFROM: usize = 45;
    pub(crate) const CLONE: usize = 56;
    pub(crate) const EXECVE: usize = 59;
    pub(crate) const EXIT_GROUP: usize = 231;
    pub(crate) const WAIT4: usize = 61;
    pub(crate) const KILL: usize = 62;
    pub(crate) const FCNTL: usize = 72;
    pub(crate) const CHDIR: usize = 80;
    pub(crate) const SETPGID: usize = 109;
    pub(crate) const GETPGID: usize = 121;
    pub(crate) const PRCTL: usize = 157;
    pub(crate) const RT_SIGTIMEDWAIT: usize = 128;
    pub(crate) const CLOCK_GETTIME: usize = 228;
    pub(crate) const OPENAT: usize = 257;
    pub(crate) const PPOLL: usize = 271;
    pub(crate) const DUP3: usize = 292;
    pub(crate) const PIDFD_OPEN: usize = 434;
    pub(crate) const CLOSE_RANGE: usize = 436;
    pub(crate) const PERSONALITY: usize = 135;
    pub(crate) const SETPRIORITY: usize = 141;
    pub(crate) const SCHED_SETAFFINITY: usize = 203;
    pub(crate) const PRLIMIT64: usize = 302;
}

#[cfg(target_arch = "aarch64")]
pub(crate) mod nr {
    pub(crate) const WRITE: usize = 64;
    pub(crate) const CLOSE: usize = 57;
    pub(crate) const READ: usize = 63;
    pub(crate) const MMAP: usize = 222;
    pub(crate) const MUNMAP: usize = 215;
    pub(crate) const GETPPID: usize = 173;
    pub(crate) const WAITID: usize = 95;
    pub(crate) const SIGNALFD4: usize = 74;
    pub(crate) const GETPID: usize = 172;
    pub(crate) const RT_SIGACTION: usize = 134;
    pub(crate) const RT_SIGPROCMASK: usize = 135;
    pub(crate) const RT_SIGTIMEDWAIT: usize = 137;
    pub(crate) const IOCTL: usize = 29;
    pub(crate) const NANOSLEEP: usize = 101;
    pub(crate) const SENDTO: usize = 206;
    pub(crate) const RECVFROM: usize = 207;
    pub(crate) const CLONE: usize = 220;
    pub(crate) const EXECVE: usize = 221;
    pub(crate) const EXIT_GROUP: usize = 94;
    pub(crate) const WAIT4: usize = 260;
    pub(crate) const KILL: usize = 129;
    pub(crate) const FCNTL: usize = 25;
    pub(crate) const CHDIR: usize = 49;
    pub(crate) const SETPGID: usize = 154;
    pub(crate) const GETPGID: usize = 155;
    pub(crate) const PRCTL: usize = 167;
    pub(crate) const CLOCK_GETTIME: usize = 113;
    pub(crate) const OPENAT: usize = 56;
    pub(crate) const PPOLL: usize = 73;
    pub(crate) const DUP3: usize = 24;
    pub(crate) const PIDFD_OPEN: usize = 434;
    pub(crate) const CLOSE_RANGE: usize = 436;
    pub(crate) const PERSONALITY: usize = 92;
    pub(crate) const SETPRIORITY: usize = 140;
    pub(crate) const SCHED_SETAFFINITY: usize = 122;
    pub(crate) const PRLIMIT64: usize = 261;
}

pub(crate) const EINTR: isize = -4;
pub(crate) const EAGAIN: isize = -11;
pub(crate) const ECHILD: isize = -10;
pub(crate) const EPERM: isize = -1;
pub(crate) const SIGKILL: usize = 9;
pub(crate) const MSG_NOSIGNAL: usize = 0x4000;
pub(crate) const MSG_DONTWAIT: usize = 0x40;
pub(crate) const WNOHANG: usize = 1;
pub(crate) const WEXITED: usize = 4;
pub(crate) const P_PID: usize = 1;
pub(crate) const WSTOPPED: usize = 2;
pub(crate) const WCONTINUED: usize = 8;
pub(crate) const CLD_STOPPED: u32 = 5;
pub(crate) const WNOWAIT: usize = 0x0100_0000;
pub(crate) const FIONREAD: usize = 0x541b;
pub(crate) const F_SETFL: usize = 4;
pub(crate) const O_RDONLY: usize = 0;
pub(crate) const O_WRONLY: usize = 1;
pub(crate) const O_CREAT: usize = 0o100;
pub(crate) const O_TRUNC: usize = 0o1000;
pub(crate) const ADDR_NO_RANDOMIZE: usize = 0x0004_0000;
/// Asks for the personality instead of setting it.
pub(crate) const PERSONALITY_ASK: usize = 0xffff_ffff;
pub(crate) const RLIMIT_AS: usize = 9;
pub(crate) const O_CLOEXEC: usize = 0o2000000;
pub(crate) const O_NONBLOCK: usize = 0o4000;
pub(crate) const AT_FDCWD: usize = -100isize as usize;
pub(crate) const CLONE_VM: usize = 0x100;
pub(crate) const CLONE_PIDFD: usize = 0x1000;
pub(crate) const CLONE_VFORK: usize = 0x4000;
pub(crate) const SIGCHLD: usize = 17;
/// A signal set of the kernel's: bit n is signal n + 1.
pub(crate) const SIGCHLD_SET: u64 = 1 << 16;
pub(crate) const SIGSET_BYTES: usize = 8;
pub(crate) const SIG_BLOCK: usize = 0;
pub(crate) const SIG_SETMASK: usize = 2;
pub(crate) const PR_SET_PDEATHSIG: usize = 1;
pub(crate) const PR_SET_NAME: usize = 15;
pub(crate) const PR_SET_CHILD_SUBREAPER: usize = 36;
pub(crate) const CLOSE_RANGE_CLOEXEC: usize = 4;
pub(crate) const POLLIN: i16 = 1;

#[repr(C)]
pub(crate) struct Timespec {
    pub(crate) seconds: i64,
    pub(crate) nanos: i64,
}

#[repr(C)]
pub(crate) struct PollFd {
    pub(crate) fd: i32,
    pub(crate) events: i16,
    pub(crate) revents: i16,
}

/// The kernel's `struct rusage` of 64-bit targets.
#[repr(C)]
#[derive(Default)]
pub(crate) struct Rusage {
    pub(crate) user: [i64; 2],
    pub(crate) system: [i64; 2],
    pub(crate) maxrss: i64,
    pub(crate) unused_sizes: [i64; 3],
    pub(crate) minflt: i64,
    pub(crate) majflt: i64,
    pub(crate) unused_swaps_blocks_messages_signals: [i64; 6],
    pub(crate) nvcsw: i64,
    pub(crate) nivcsw: i64,
}

#[cfg(target_arch = "x86_64")]
pub(crate) unsafe fn syscall(number: usize, args: [usize; 6]) -> isize {
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
pub(crate) unsafe fn syscall(number: usize, args: [usize; 6]) -> isize {
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

pub(crate) use sys;

pub(crate) fn exit(code: usize) -> ! {
    loop {
        sys!(EXIT_GROUP, code);
    }
}

pub(crate) fn now() -> u64 {
    let mut time = Timespec { seconds: 0, nanos: 0 };
    sys!(CLOCK_GETTIME, 1usize, addr_of_mut!(time));
    time.seconds as u64 * 1_000_000_000 + time.nanos as u64
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    exit(70)
}

/// `core` was compiled to unwind and names it; with `panic=abort` nobody calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// Copies upwards, a byte at a time; the compiler must not turn it into a call of `memcpy`.
pub(crate) unsafe fn copy(to: *mut u8, from: *const u8, bytes: usize) {
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
