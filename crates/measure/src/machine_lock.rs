//! One measurement at a time on a machine: an advisory lock that all users' `tacho` share.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, Mode};

/// Where the lock lies: a folder that every user of the machine can write to.
const LOCK_PATH: &str = "/tmp/tacho-measuring.lock";

/// The right to measure, given back when it is dropped or the process ends.
#[derive(Debug)]
pub struct MachineLock {
    _file: File,
}

/// Tries to become the one `tacho` that measures; `None` when another one is.
///
/// # Errors
/// The system's answer when the lock file can neither be opened nor made.
pub fn try_lock() -> Result<Option<MachineLock>, std::io::Error> {
    try_lock_at(Path::new(LOCK_PATH))
}

fn try_lock_at(path: &Path) -> Result<Option<MachineLock>, std::io::Error> {
    // An existing file is opened without O_CREAT: in a sticky folder the kernel refuses that flag
    // for files of other users. Reading suffices for flock.
    let file = File::open(path).or_else(|_| {
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).mode(0o666).open(path)?;
        // Whatever our umask says: the lock is everybody's.
        rustix::fs::fchmod(&file, Mode::from_raw_mode(0o666))?;
        Ok::<_, std::io::Error>(file)
    })?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(MachineLock { _file: file })),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time() {
        let path = std::env::temp_dir().join(format!("tacho-lock-test-{}", std::process::id()));
        let first = try_lock_at(&path).unwrap();
        assert!(first.is_some());
        assert!(try_lock_at(&path).unwrap().is_none());
        drop(first);
        assert!(try_lock_at(&path).unwrap().is_some());
        std::fs::remove_file(&path).unwrap();
    }
}
