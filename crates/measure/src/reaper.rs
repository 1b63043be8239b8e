//! What is left below us when a starter is gone or was our own: found, killed, reaped.

use std::path::Path;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

/// How long descendants are killed before the survivors are left alone.
const SWEEP_NANOS_MAX: u64 = 10_000_000_000;

/// Makes orphaned descendants ours, so that none escapes by forking twice.
pub(crate) fn become_subreaper() {
    // Without it (not Linux) orphans are init's; there is nothing else to be done.
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Kills and reaps every descendant; returns how many had to be killed.
///
/// Not for a process that has children of its own that it wants to keep.
pub(crate) fn kill_descendants() -> u64 {
    let deadline = crate::clock::monotonic_nanos() + SWEEP_NANOS_MAX;
    let mut killed = 0;
    let mut begun = false;
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((_, status))) => {
                let by_kill = status.terminating_signal() == Some(Signal::KILL.as_raw());
                killed += u64::from(begun && by_kill);
            }
            Ok(None) => {
                if crate::clock::monotonic_nanos() > deadline {
                    return killed;
                }
                begun = true;
                let killable = children()
                    .into_iter()
                    .filter(|pid| kill_process(*pid, Signal::KILL) != Err(rustix::io::Errno::PERM))
                    .count();
                if killable == 0 {
                    return killed;
                }
                std::thread::sleep(std::time::Duration::from_micros(50));
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return killed,
        }
    }
}

/// The children of every thread of ours.
fn children() -> Vec<Pid> {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    tasks
        .filter_map(Result::ok)
        .filter_map(|task| std::fs::read_to_string(Path::new(&task.path()).join("children")).ok())
        .flat_map(|list| {
            list.split_ascii_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .filter_map(Pid::from_raw)
                .collect::<Vec<_>>()
        })
        .collect()
}
