//! Ctrl-C, TERM and HUP: the first ends a run in order, the second ends us at once.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// The signals that end a run.
const ENDING: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

/// Listens from its making on, for the rest of the process.
///
/// A hang-up that was ignored before us (`nohup`) stays ignored.
#[derive(Debug)]
pub struct Signals {
    last: Arc<AtomicUsize>,
    wake: UnixStream,
}

impl Signals {
    /// Starts listening. A second signal ends the process at once with 128 + its number; what it
    /// measured is killed by the starter, which sees its socket close.
    ///
    /// # Errors
    /// The system's answer when a handler cannot be set.
    pub fn listen() -> Result<Self, std::io::Error> {
        let (wake, theirs) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let last = Arc::new(AtomicUsize::new(0));
        let armed = Arc::new(AtomicBool::new(false));
        for signal in ENDING {
            if signal == SIGHUP && hang_up_is_ignored() {
                continue;
            }
            signal_hook::flag::register_conditional_shutdown(
                signal,
                128 + signal,
                Arc::clone(&armed),
            )?;
            signal_hook::flag::register(signal, Arc::clone(&armed))?;
            signal_hook::flag::register_usize(signal, Arc::clone(&last), signal as usize)?;
            signal_hook::low_level::pipe::register(signal, theirs.try_clone()?)?;
        }
        Ok(Self { last, wake })
    }

    /// A descriptor that becomes readable at a signal.
    ///
    /// # Errors
    /// The system's answer when descriptors are used up.
    pub fn wake(&self) -> Result<OwnedFd, std::io::Error> {
        Ok(self.wake.try_clone()?.into())
    }

    /// The number of Ctrl-C.
    #[must_use]
    pub fn interrupt(&self) -> i32 {
        SIGINT
    }

    /// The signal that came last, if one came; quiets the descriptor.
    #[must_use]
    pub fn take(&self) -> Option<i32> {
        let mut bytes = [0u8; 64];
        while matches!(rustix::io::read(&self.wake, &mut bytes), Ok(count) if count > 0) {}
        let signal = self.last.load(Ordering::SeqCst);
        i32::try_from(signal).ok().filter(|signal| *signal != 0)
    }
}

/// Whether we were started with HUP ignored, as `/proc` shows it.
fn hang_up_is_ignored() -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (SIGHUP - 1) & 1 == 1)
}
