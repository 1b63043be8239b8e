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
        // Each stop is told once, unless the child went on before it was.
        let was_told = child.stopped;
        child.stopped = info[2] == CLD_STOPPED;
        child.stops += u64::from(child.stopped || !was_told);
    }
}

/// The first two numbers of `/proc/PID/schedstat`, of the process's first thread.
pub(crate) struct Waited {
    /// How long it had a processor.
    pub(crate) run_nanos: u64,
    /// How long it was ready and had none; [`UNKNOWN`] where the kernel does not say.
    pub(crate) delay_nanos: u64,
}

const NOT_KNOWN: Waited = Waited { run_nanos: 0, delay_nanos: UNKNOWN };

impl Default for Waited {
    fn default() -> Self {
        NOT_KNOWN
    }
}

/// Reads them; of a zombie that can still be done.
pub(crate) fn waited(pid: usize) -> Waited {
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
        return NOT_KNOWN;
    }
    let mut text = [0u8; 64];
    let got = sys!(READ, file, text.as_mut_ptr(), text.len());
    sys!(CLOSE, file);
    numbers(&text, got)
}

fn numbers(text: &[u8; 64], got: isize) -> Waited {
    let (mut values, mut spaces, mut index) = ([0u64; 2], 0usize, 0);
    while index < text.len() && (index as isize) < got {
        let byte = text[index];
        if byte == b' ' {
            spaces += 1;
        } else if spaces < 2 {
            let digit = u64::from(byte.wrapping_sub(b'0'));
            values[spaces] = values[spaces].wrapping_mul(10).wrapping_add(digit);
        }
        index += 1;
    }
    let [run_nanos, delay_nanos] = values;
    if spaces == 2 { Waited { run_nanos, delay_nanos } } else { NOT_KNOWN }
}

fn put(path: &mut [u8; 32], start: usize, text: &[u8]) -> usize {
    let mut index = 0;
    while index < text.len() {
        path[start + index] = text[index];
        index += 1;
    }
    start + index
}
