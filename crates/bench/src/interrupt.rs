//! Signals that end a run: its child ends first, and the line on the terminal goes.
//!
//! Whoever was started with one of them ignored goes on ignoring it, as `nohup` and `&` ask.

#[cfg(unix)]
use std::sync::Arc;
#[cfg(unix)]
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Where Linux tells a process which signals it ignores.
#[cfg(unix)]
const STATUS: &str = "/proc/self/status";

/// The signal that came, once one did.
#[cfg(unix)]
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    caught: Arc<AtomicUsize>,
}

#[cfg(unix)]
impl Interrupt {
    /// Listens from now on. A signal that cannot be listened to ends the process as it always did.
    pub(crate) fn listen() -> Self {
        let interrupt = Self::default();
        let status = std::fs::read_to_string(STATUS).unwrap_or_default();
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            if !is_ignored(&status, signal) {
                let caught = Arc::clone(&interrupt.caught);
                let _ = signal_hook::flag::register_usize(signal, caught, signal as usize);
            }
        }
        interrupt
    }

    /// Whether one came.
    pub(crate) fn came(&self) -> bool {
        self.caught.load(Ordering::Relaxed) != 0
    }

    /// Ends this process by the signal that came, as if nobody had listened; returns where none
    /// came.
    pub(crate) fn obey(&self) {
        if self.came() {
            let signal = self.caught.load(Ordering::Relaxed) as i32;
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    }
}

/// Whether the mask behind `SigIgn:` has the signal.
#[cfg(unix)]
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Elsewhere nothing is listened to: the system ends the process, and its children with it.
#[cfg(not(unix))]
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt;

#[cfg(not(unix))]
impl Interrupt {
    pub(crate) fn listen() -> Self {
        Self
    }

    pub(crate) fn came(&self) -> bool {
        false
    }

    pub(crate) fn obey(&self) {}
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_read() {
        let check = |status, signal, wanted| {
            assert_eq!(is_ignored(status, signal), wanted, "{status:?} {signal}");
        };
        check("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000001\n", SIGHUP, true);
        check("SigIgn:\t0000000000000001\n", SIGINT, false);
        check("SigIgn:\t0000000000004002\n", SIGTERM, true);
        check("SigIgn:\tmany\n", SIGINT, false);
        check("", SIGINT, false);
    }
}
