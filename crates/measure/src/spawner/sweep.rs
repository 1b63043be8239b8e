//! What children leave behind: every descendant is killed and reaped.

use core::ptr::{addr_of, addr_of_mut};

use crate::system::*;

/// How long leaked descendants are killed before the survivors are left alone.
const SWEEP_NANOS_MAX: u64 = 10_000_000_000;
const PAUSE_NANOS: i64 = 50_000;
/// Survivors that are remembered, and not waited for again.
const SURVIVORS_MAX: usize = 64;

/// Descendants that cannot be killed: another user's, or stuck in the kernel.
static mut SURVIVORS: [usize; SURVIVORS_MAX] = [0; SURVIVORS_MAX];

/// What a sweep came to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Swept {
    /// Descendants that were alive and had to be killed.
    pub(crate) killed: u64,
    /// Descendants that could not be killed.
    pub(crate) survivors: u64,
}

/// Kills and reaps every descendant that the reaped leader of `group` left behind (all there are,
/// for group 0).
///
/// They arrive here because we are their subreaper. One that is killed may have forked just before,
/// so the list is read again until nothing is left, or the time is up.
pub(crate) fn sweep(group: usize) -> Swept {
    let mut swept = Swept::default();
    let mut since = 0;
    loop {
        let mut status = 0i32;
        let result = sys!(WAIT4, usize::MAX, addr_of_mut!(status), WNOHANG, 0usize);
        if result == ECHILD {
            return swept;
        }
        if result > 0 {
            // What had ended before we began was not killed by us.
            swept.killed += u64::from(since != 0 && status & 0x7f == SIGKILL as i32);
            continue;
        }
        let time = now();
        if since == 0 {
            since = time;
            // At once for all that stayed in the group: none of them forks past it. Its id is its
            // own as long as a member lives, and ids come round again only after thousands.
            if group != 0 {
                sys!(KILL, 0usize.wrapping_sub(group), SIGKILL);
            }
        }
        let given_up = time - since > SWEEP_NANOS_MAX;
        if !kill_children(given_up, &mut swept) || given_up {
            return swept;
        }
        let pause = Timespec { seconds: 0, nanos: PAUSE_NANOS };
        sys!(NANOSLEEP, addr_of!(pause), 0usize);
    }
}

/// Kills the children we have now, but for known survivors; `given_up` makes survivors of all.
/// False when nothing is left to be waited for.
fn kill_children(given_up: bool, swept: &mut Swept) -> bool {
    let path = c"/proc/thread-self/children".as_ptr();
    let list = sys!(OPENAT, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0usize);
    if list < 0 {
        // The next look may find the list; the time bounds it.
        return true;
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
                any |= kill_child(number, given_up, swept);
                number = 0;
            }
        }
    }
    sys!(CLOSE, list);
    any
}

/// False when the child is, or now becomes, a survivor.
fn kill_child(pid: usize, given_up: bool, swept: &mut Swept) -> bool {
    // SAFETY: we are the only thread.
    let survivors = unsafe { &mut *addr_of_mut!(SURVIVORS) };
    if survivors.contains(&pid) {
        return false;
    }
    if sys!(KILL, pid, SIGKILL) != EPERM && !given_up {
        return true;
    }
    swept.survivors += 1;
    if let Some(free) = survivors.iter_mut().find(|known| **known == 0) {
        *free = pid;
    }
    false
}

/// The parent is gone or unreachable: nothing of ours may live on.
pub(crate) fn sweep_and_exit() -> ! {
    sweep(0);
    exit(0)
}
