//! What is looked up of a child besides its usage: its wait for a processor, its stops.

use crate::Child;
use crate::frame::UNKNOWN;
use crate::system::*;

/// Takes note of the child having been stopped by a signal; one that went on before we looked is
/// known by that.
pub(crate) fn count_stops(child: &mut Child) {
    loop {
        // `siginfo_t`: the code stands at byte 8, the process id at byte 16.
        let mut info = [0u32; 32];
        let options = WSTOPPED | WCONTINUED | WNOHANG;
        let result = sys!(WAITID, P_PID, child.pid, info.as_mut_ptr(), options, 0usize);
        if result < 0 || info[4] == 0 {
            return;
        }
        let is_new = match info[2] {
            CLD_STOPPED => !core::mem::replace(&mut child.stopped, true),
            CLD_CONTINUED => !core::mem::replace(&mut child.stopped, false),
            _ => false,
        };
        child.stops += u64::from(is_new);
    }
}

/// The second number of `/proc/PID/schedstat`: how long the process's first thread was ready and
/// had no processor. Of a zombie it can still be read.
pub(crate) fn run_delay(pid: usize) -> u64 {
    // "/proc/", at most ten digits, "/schedstat", NUL.
    let mut path = [0u8; 32];
    let mut end = put(&mut path, 0, b"/proc/");
    let mut digits = [0u8; 10];
    let (mut rest, mut count) = (pid, 0);
    while rest > 0 && count < digits.len() {
        digits[count] = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
    }
    while count > 0 {
        count -= 1;
        path[end] = digits[count];
        end += 1;
    }
    put(&mut path, end, b"/schedstat");
    let file = sys!(OPENAT, AT_FDCWD, path.as_ptr(), O_RDONLY | O_CLOEXEC, 0usize);
    if file < 0 {
        return UNKNOWN;
    }
    let mut text = [0u8; 64];
    let got = sys!(READ, file, text.as_mut_ptr(), text.len());
    sys!(CLOSE, file);
    second_number(&text, got)
}

fn second_number(text: &[u8; 64], got: isize) -> u64 {
    let (mut value, mut spaces, mut index) = (0u64, 0, 0);
    while index < text.len() && (index as isize) < got {
        let byte = text[index];
        if byte == b' ' {
            spaces += 1;
        } else if spaces == 1 {
            value = value.wrapping_mul(10).wrapping_add(u64::from(byte.wrapping_sub(b'0')));
        }
        index += 1;
    }
    if spaces == 2 { value } else { UNKNOWN }
}

fn put(path: &mut [u8; 32], start: usize, text: &[u8]) -> usize {
    let mut index = 0;
    while index < text.len() {
        path[start + index] = text[index];
        index += 1;
    }
    start + index
}
