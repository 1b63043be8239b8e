//! What children leave behind: every descendant is killed and reaped.

use core::ptr::{addr_of, addr_of_mut};

use crate::system::*;

/// How long leaked descendants are killed before the survivors are left alone.
const SWEEP_NANOS_MAX: u64 = 10_000_000_000;

/// Kills and reaps every descendant that the reaped leader of `group` left behind (all there are,
/// for group 0); returns how many had to be killed.
///
/// They arrive here because we are their subreaper. One that is killed may have forked just before,
/// so the list is read again until nothing is left, or the time is up.
pub(crate) fn sweep(group: usize) -> u64 {
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
            // At once for all that stayed in the group: none of them forks past it. Its id is its
            // own as long as a member lives, and ids come round again only after thousands.
            if group != 0 {
                sys!(KILL, 0usize.wrapping_sub(group), SIGKILL);
            }
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
    let path = c"/proc/thread-self/children".as_ptr();
    let list = sys!(OPENAT, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0usize);
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
pub(crate) fn sweep_and_exit() -> ! {
    sweep(0);
    exit(0)
}
