//! The line to `tacho`: requests and control frames in, answers out.

use core::mem::size_of;
use core::ptr::{addr_of, addr_of_mut};

use crate::child::Pipes;
use crate::frame::*;
use crate::sweep::sweep_and_exit;
use crate::system::*;

/// Requests are read into it; a longer request gets a mapping of its own.
const INBOX_BYTES: usize = 64 * 1024;
/// Answers of short runs are sent together: one wake-up of the parent for many runs.
/// Half of what may be queued: we go on with the other half while the parent takes these.
const OUTBOX_ANSWERS: usize = 8;

#[repr(C, align(16))]
struct Inbox([u8; INBOX_BYTES]);

static mut INBOX: Inbox = Inbox([0; INBOX_BYTES]);
static mut OUTBOX: [Answer; OUTBOX_ANSWERS] = [NO_ANSWER; OUTBOX_ANSWERS];

pub(crate) const NO_ANSWER: Answer = Answer {
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
    run_delay_nanos: UNKNOWN,
    run_nanos: 0,
    stops: 0,
    leaked: 0,
    survivors: 0,
    status: 0,
    errno: 0,
    step: 0,
    held: 0,
};

pub(crate) struct Line {
    pub(crate) pipes: Pipes,
    pub(crate) inbox: *mut u8,
    pub(crate) capacity: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) answers: usize,
    pub(crate) discard_through: u64,
    pub(crate) signal_mask: u64,
    /// Readable when a child has ended.
    pub(crate) child_signals: i32,
    /// Our process id.
    pub(crate) pid: isize,
}

impl Line {
    /// Before the first frame.
    pub(crate) fn new(pipes: Pipes, signal_mask: u64, child_signals: i32) -> Self {
        Self {
            pipes,
            inbox: addr_of_mut!(INBOX).cast::<u8>(),
            capacity: INBOX_BYTES,
            start: 0,
            end: 0,
            answers: 0,
            discard_through: 0,
            signal_mask,
            child_signals,
            pid: sys!(GETPID),
        }
    }
}

/// Sends the answers that wait.
pub(crate) fn flush(line: &mut Line) {
    let bytes = line.answers * size_of::<Answer>();
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
    line.answers = 0;
}

pub(crate) fn answer(line: &mut Line, answer: Answer) {
    // SAFETY: `answers < OUTBOX_ANSWERS`, because a full outbox is flushed below.
    unsafe { addr_of_mut!(OUTBOX).cast::<Answer>().add(line.answers).write(answer) };
    line.answers += 1;
    if line.answers == OUTBOX_ANSWERS {
        flush(line);
    }
}

/// Length of the first frame in the inbox, or 0 while its head is not there.
pub(crate) fn frame_length(line: &Line) -> usize {
    if line.end - line.start < size_of::<Request>() {
        return 0;
    }
    // SAFETY: the head is there, and frames start at multiples of 8.
    unsafe { (*line.inbox.add(line.start).cast::<Request>()).length as usize }
}

/// Makes room for the rest of the first frame: moves it down, or into a larger mapping.
pub(crate) fn make_room(line: &mut Line) {
    let filled = line.end - line.start;
    let wanted = frame_length(line).max(INBOX_BYTES);
    if wanted > line.capacity {
        // PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS.
        let fresh = sys!(MMAP, 0usize, wanted, 3usize, 0x22usize, usize::MAX, 0usize);
        if fresh < 0 {
            sweep_and_exit();
        }
        // SAFETY: both regions hold `filled` bytes and are distinct.
        unsafe { copy(fresh as *mut u8, line.inbox.add(line.start), filled) };
        if line.capacity > INBOX_BYTES {
            sys!(MUNMAP, line.inbox, line.capacity);
        }
        line.inbox = fresh as *mut u8;
        line.capacity = wanted;
    } else if line.start > 0 {
        // SAFETY: moves down within the inbox; `copy` goes upwards.
        unsafe { copy(line.inbox, line.inbox.add(line.start), filled) };
    }
    (line.start, line.end) = (0, filled);
}

/// The next whole request, waiting for it. Answers are sent before we wait.
pub(crate) fn next_request(line: &mut Line) -> *mut Request {
    loop {
        let length = frame_length(line);
        if length > 0 && line.end - line.start >= length {
            // SAFETY: the whole frame is there.
            let request = unsafe { line.inbox.add(line.start).cast::<Request>() };
            line.start += length;
            return request;
        }
        if line.start == line.end {
            (line.start, line.end) = (0, 0);
        }
        if line.start > 0 || length > line.capacity {
            make_room(line);
        }
        // SAFETY: `end <= capacity`.
        let into = unsafe { line.inbox.add(line.end) };
        let room = line.capacity - line.end;
        let mut got = sys!(RECVFROM, 0usize, into, room, MSG_DONTWAIT, 0usize, 0usize);
        if got == EAGAIN {
            flush(line);
            got = sys!(RECVFROM, 0usize, into, room, 0usize, 0usize, 0usize);
        }
        if got == EINTR {
            continue;
        }
        if got <= 0 {
            flush(line);
            sweep_and_exit();
        }
        line.end += got as usize;
    }
}

/// Reads one control frame, waiting for it; the end of the socket ends everything.
pub(crate) fn read_control() -> Control {
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
pub(crate) fn hold(line: &mut Line) {
    flush(line);
    loop {
        let control = read_control();
        match control.kind {
            CONTROL_RESUME => return,
            CONTROL_DISCARD => {
                line.discard_through = control.token;
                return;
            }
            // A signal that crossed the child's end on its way.
            _ => {}
        }
    }
}
