//! What a measured program can be limited to, and how it is kept in hand: each is done once.

use std::path::Path;

use rustix::process::{PidfdFlags, Resource, Rlimit};
use rustix::thread::CpuSet;
use tacho_schema::{Area, Capability, Unit};

use super::finding::{Had, Trial, capability, read, trimmed, why};
use super::trial::Trials;
use crate::kernel_text::{Hierarchy, number_after, own_group};
use crate::spawn::SpawnError;

/// More addresses than any program has: a limit that limits nothing.
const ADDRESSES_BYTES: u64 = 1 << 46;

/// How programs are started and kept in hand.
pub(super) fn supervision(spawner: &str) -> Vec<Capability> {
    let all = [
        ("spawner.static", static_spawner(spawner)),
        ("pidfd", pidfd()),
        ("subreaper", subreaper()),
    ];
    all.into_iter().map(|(name, trial)| capability(Area::Supervision, name, trial)).collect()
}

/// Every limit, each tried.
///
/// # Errors
/// [`SpawnError`] when the starter is gone.
pub(super) fn limits(trials: &mut Trials) -> Result<Vec<Capability>, SpawnError> {
    let all = [
        ("memory_limiter.cgroup", memory_cgroup()),
        ("memory_limiter.rlimit_as", address_limit()),
        ("cpus", affinity()),
        ("nice", negative_nice()),
        ("aslr", aslr(trials)?),
    ];
    Ok(all.into_iter().map(|(name, trial)| capability(Area::Limit, name, trial)).collect())
}

fn static_spawner(spawner: &str) -> Trial {
    if spawner == "static" {
        return Ok(Had::words("the small starter runs"));
    }
    let noexec = trimmed("/proc/sys/vm/memfd_noexec").unwrap_or_default();
    let because = match noexec.as_str() {
        "2" => "vm.memfd_noexec is 2, which forbids programs in memory files",
        _ => "the kernel forbids programs in memory files, or it is not built for this system",
    };
    Err(format!("{because}; children are started by `{spawner}`, with a higher floor"))
}

fn pidfd() -> Trial {
    let opened = rustix::process::pidfd_open(rustix::process::getpid(), PidfdFlags::empty());
    opened
        .map(|_| Had::words("a child is waited for and signalled without mistaking another for it"))
        .map_err(|errno| why(&errno.into()))
}

/// Becomes one for a moment, unless the starter has made us one already.
fn subreaper() -> Trial {
    let fail = |errno: rustix::io::Errno| why(&errno.into());
    if rustix::process::child_subreaper().map_err(fail)?.is_none() {
        rustix::process::set_child_subreaper(Some(rustix::process::getpid())).map_err(fail)?;
        let made = rustix::process::child_subreaper().map_err(fail)?;
        rustix::process::set_child_subreaper(None).map_err(fail)?;
        made.ok_or("the kernel takes the request and does nothing")?;
    }
    Ok(Had::words("what outlives its parent is found and ended"))
}

/// Makes a group below our own in the hierarchy that limits memory, and removes it.
fn memory_cgroup() -> Trial {
    let (cgroup, mounts) = (read("/proc/self/cgroup")?, read("/proc/self/mountinfo")?);
    let own = |hierarchy| own_group(&cgroup, &mounts, hierarchy);
    if let Some((own, _)) = own(Hierarchy::One("memory")) {
        let detail = format!("version 1, below {}", own.display());
        return in_new_group(&own, "memory.limit_in_bytes").map(|()| Had::words(detail));
    }
    let Some((own, _)) = own(Hierarchy::Two) else {
        return Err("no control group of ours with memory is mounted here".to_owned());
    };
    let detail = format!("version 2, below {}", own.display());
    in_new_group(&own, "memory.max").map(|()| Had::words(detail)).map_err(|reason| {
        format!("{reason}: `systemd-run --user --scope -p Delegate=yes tacho …` may give us one")
    })
}

fn in_new_group(own: &Path, file: &str) -> Result<(), String> {
    let group = own.join(format!("tacho-doctor-{}", std::process::id()));
    std::fs::create_dir(&group).map_err(|error| {
        format!("no group can be made below {}: {}", own.display(), why(&error))
    })?;
    let has_limit = group.join(file).exists();
    std::fs::remove_dir(&group)
        .map_err(|error| format!("cannot remove {}: {}", group.display(), why(&error)))?;
    if has_limit {
        return Ok(());
    }
    Err(format!("a group below {} has no {file}: memory is not delegated to us", own.display()))
}

/// Sets our own limit to more than there is, and back.
fn address_limit() -> Trial {
    let before = rustix::process::getrlimit(Resource::As);
    let most = before.maximum.unwrap_or(ADDRESSES_BYTES).min(ADDRESSES_BYTES);
    let trial = Rlimit { current: Some(before.current.unwrap_or(most).min(most)), ..before };
    let fail = |errno: rustix::io::Errno| why(&errno.into());
    rustix::process::setrlimit(Resource::As, trial).map_err(fail)?;
    let kept = rustix::process::getrlimit(Resource::As).current == trial.current;
    rustix::process::setrlimit(Resource::As, before).map_err(fail)?;
    if !kept {
        return Err("the limit does not stay as it was set".to_owned());
    }
    Ok(Had::words("addresses of each process: used where there is no cgroup"))
}

/// Puts a thread on one processor. Only that thread is moved, and it ends at once.
fn affinity() -> Trial {
    let moved = std::thread::spawn(|| -> Result<u32, rustix::io::Errno> {
        let allowed = rustix::thread::sched_getaffinity(None)?;
        let first = (0..CpuSet::MAX_CPU).find(|cpu| allowed.is_set(*cpu)).unwrap_or(0);
        let mut one = CpuSet::new();
        one.set(first);
        rustix::thread::sched_setaffinity(None, &one)?;
        Ok(allowed.count())
    });
    let count = moved.join().map_err(|_| "the thread that tried has panicked".to_owned())?;
    let count = count.map_err(|errno| why(&errno.into()))?;
    Ok(Had::figure(f64::from(count), Unit::Count).of("processors to choose from"))
}

/// Gives a thread more than its share. On Linux this is of the thread alone, and it ends at once.
fn negative_nice() -> Trial {
    let raised = std::thread::spawn(|| -> Result<(), rustix::io::Errno> {
        let now = rustix::process::getpriority_process(None)?;
        rustix::process::setpriority_process(None, (now - 1).max(-20))
    });
    let raised = raised.join().map_err(|_| "the thread that tried has panicked".to_owned())?;
    raised.map(|()| Had::words("negative values, too")).map_err(|errno| {
        let said = why(&errno.into());
        format!("{said} for negative values: root or CAP_SYS_NICE may; positive ones are free")
    })
}

/// The kernel keeps this switch for each process, and a child inherits it.
fn aslr(trials: &mut Trials) -> Result<Trial, SpawnError> {
    let name = rustix::system::uname();
    let machine = name.machine().to_string_lossy().into_owned();
    let seen = trials.run(&["setarch", &machine, "-R", "cat", "/proc/self/personality"])?;
    let status = read("/proc/self/status").unwrap_or_default();
    let filters = number_after(&status, "Seccomp");
    Ok(switched_off(seen.map(|ended| ended.stdout.text()), filters))
}

/// The bit of a personality that says "no random addresses".
const NO_RANDOM_ADDRESSES: u64 = 0x0004_0000;

/// `seen`: the personality of a child that was started without; `filters`: the mode of seccomp.
fn switched_off(seen: Result<String, String>, filters: Option<u64>) -> Trial {
    match (seen, filters) {
        (Ok(text), _) => match u64::from_str_radix(text.trim(), 16) {
            Ok(flags) if flags & NO_RANDOM_ADDRESSES != 0 => Ok(Had::words("for one program")),
            _ => Err(format!("`setarch -R` left the personality at `{}`", text.trim())),
        },
        // Without a filter nothing forbids the call: only the program to try it with is missing.
        (Err(reason), Some(0)) => Ok(Had::words(format!("not tried ({reason})"))),
        (Err(reason), _) => Err(format!("{reason} (a filter of system calls may forbid it)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_addresses_can_be_fixed() {
        for (seen, filters, expected) in [
            (Ok("00040000\n"), Some(0), true),
            (Ok("00440000\n"), Some(2), true),
            (Ok("00000000\n"), Some(2), false),
            (Ok("what"), Some(0), false),
            (Err("`setarch` does not exist"), Some(0), true),
            (Err("it ended with exit 1: Operation not permitted"), Some(2), false),
            (Err("`setarch` does not exist"), None, false),
        ] {
            let trial = switched_off(seen.map(str::to_owned).map_err(str::to_owned), filters);
            assert_eq!(trial.is_ok(), expected, "{seen:?} {filters:?}: {trial:?}");
        }
    }

    #[test]
    fn a_trial_leaves_nothing_behind() {
        let before = rustix::process::getrlimit(Resource::As);
        let allowed = rustix::thread::sched_getaffinity(None).unwrap();
        let nice = rustix::process::getpriority_process(None).unwrap();
        let reaper = rustix::process::child_subreaper().unwrap();
        for trial in [address_limit(), affinity(), negative_nice(), subreaper()] {
            // Whether it is had depends on the machine; an empty reason would say nothing of it.
            assert_ne!(trial.err().as_deref(), Some(""));
        }
        assert_eq!(rustix::process::getrlimit(Resource::As), before);
        assert_eq!(rustix::thread::sched_getaffinity(None).unwrap(), allowed);
        assert_eq!(rustix::process::getpriority_process(None).unwrap(), nice);
        assert_eq!(rustix::process::child_subreaper().unwrap(), reaper);
    }

    #[test]
    fn a_group_without_the_limit_is_removed_again() {
        let folder = tempfile::tempdir().unwrap();
        let reason = in_new_group(folder.path(), "memory.max").unwrap_err();
        assert!(reason.contains("memory is not delegated to us"), "{reason}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let reason = in_new_group(&folder.path().join("gone"), "memory.max").unwrap_err();
        assert!(reason.contains("no group can be made below"), "{reason}");
    }
}
