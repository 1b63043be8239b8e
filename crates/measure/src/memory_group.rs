//! A memory control group for one point: its limit, and the kernel's count of kills in it.
//!
//! It is made below our own group, because that is where we may; of version 1 in the memory
//! controller's tree, of version 2 where that controller was handed down to us. Where neither can
//! be had the caller falls back on RLIMIT_AS. Also the machine's own count of kills.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::monotonic_nanos;
use crate::kernel_text::{Hierarchy, number_after, own_group};
use crate::program::c_string;

/// The beginning of our groups' names; our process id and a number follow.
const PREFIX: &str = "tacho-";
/// Tries to remove a group whose last process has only just ended.
const REMOVALS_MAX: usize = 50;
const REMOVAL_PAUSE: std::time::Duration = std::time::Duration::from_millis(2);

/// The machine's count is looked up again after so long.
const REFRESH_NANOS: u64 = 100_000_000;

/// Which kind of hierarchy has the memory controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl Version {
    /// The files of the limit and, where the kernel has it, of memory and swap together.
    fn limits(self) -> (&'static str, &'static str) {
        match self {
            Self::One => ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
            Self::Two => ("memory.max", "memory.swap.max"),
        }
    }

    fn events(self) -> &'static str {
        match self {
            Self::One => "memory.oom_control",
            Self::Two => "memory.events",
        }
    }
}

/// A group that limits memory; removed when it is dropped.
#[derive(Debug)]
pub(crate) struct MemoryGroup {
    folder: PathBuf,
    version: Version,
    kills: u64,
}

impl MemoryGroup {
    /// Makes a group whose processes may use `bytes_max` together, swap included.
    ///
    /// # Errors
    /// Why there can be none, as a sentence's end.
    pub(crate) fn create(bytes_max: u64) -> Result<Self, String> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let (version, parent) = parent()?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("{PREFIX}{}-{number}", std::process::id()));
        let told = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::create_dir(&folder).map_err(|error| told(&folder, error))?;
        let mut group = Self { folder, version, kills: 0 };
        let (limit, swap) = version.limits();
        let write = |name: &str, text: String| {
            let path = group.folder.join(name);
            std::fs::write(&path, text).map_err(|error| told(&path, error))
        };
        write(limit, bytes_max.to_string())?;
        // Kernels that do not count swap have no such file: then there is nothing to limit.
        if group.folder.join(swap).exists() {
            let with_swap = if version == Version::One { bytes_max } else { 0 };
            write(swap, with_swap.to_string())?;
        }
        group.kills = group.count().ok_or("the kernel does not count its kills in a group")?;
        Ok(group)
    }

    /// The file that a process writes itself to.
    pub(crate) fn procs(&self) -> Option<CString> {
        c_string(self.folder.join("cgroup.procs").as_os_str().as_bytes()).ok()
    }

    /// Whether the kernel has killed for lack of memory in it since the last time it was asked.
    pub(crate) fn killed(&mut self) -> bool {
        let before = self.kills;
        self.kills = self.count().unwrap_or(before);
        self.kills > before
    }

    /// The same, to be asked again.
    pub(crate) fn has_killed(&self) -> bool {
        self.count().is_some_and(|now| now > self.kills)
    }

    fn count(&self) -> Option<u64> {
        let text = std::fs::read_to_string(self.folder.join(self.version.events())).ok()?;
        number_after(&text, "oom_kill")
    }
}

impl Drop for MemoryGroup {
    fn drop(&mut self) {
        for _ in 0..REMOVALS_MAX {
            if std::fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            std::thread::sleep(REMOVAL_PAUSE);
        }
    }
}

/// Below what our groups are made.
fn parent() -> Result<(Version, PathBuf), String> {
    let read = |path: &str| std::fs::read_to_string(path).map_err(|it| format!("{path}: {it}"));
    let folder = own_folder(&read("/proc/self/cgroup")?, &read("/proc/self/mountinfo")?);
    folder.ok_or_else(|| "no memory control group is mounted here".to_owned())
}

/// Removes the empty groups that killed `tacho`s left; one that is in use stays.
pub(crate) fn clear_left() {
    let Ok((_, parent)) = parent() else { return };
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            // Whoever else removes it saves us the trouble.
            let _ = std::fs::remove_dir(entry.path());
        }
    }
}

/// The folder of our own group in the hierarchy that has the memory controller.
fn own_folder(groups: &str, mounts: &str) -> Option<(Version, PathBuf)> {
    let kinds = [(Version::One, Hierarchy::One("memory")), (Version::Two, Hierarchy::Two)];
    kinds.into_iter().find_map(|(version, hierarchy)| {
        let (folder, _) = own_group(groups, mounts, hierarchy)?;
        Some((version, folder))
    })
}

/// The machine's count of processes that were killed for lack of memory.
#[derive(Debug)]
pub(crate) struct MachineKills {
    count: Option<u64>,
    at_nanos: u64,
}

impl MachineKills {
    /// Counts from now on.
    pub(crate) fn watch() -> Self {
        Self { count: Self::count(), at_nanos: monotonic_nanos() }
    }

    /// Counts from now on, where the count is not of a moment ago: it takes some 20 µs. To be
    /// called while nothing runs.
    pub(crate) fn refresh(&mut self) {
        if monotonic_nanos().saturating_sub(self.at_nanos) > REFRESH_NANOS {
            *self = Self::watch();
        }
    }

    /// Whether one was killed since then; counts from now on.
    pub(crate) fn rose(&mut self) -> bool {
        let before = std::mem::replace(self, Self::watch());
        self.count.zip(before.count).is_some_and(|(now, before)| now > before)
    }

    fn count() -> Option<u64> {
        number_after(&std::fs::read_to_string("/proc/vmstat").ok()?, "oom_kill")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &str = "31 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
        37 31 0:30 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory\n\
        38 31 0:31 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n\
        39 31 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
    const PURE: &str = "30 24 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
    const CONTAINER: &str = "30 24 0:26 /docker/4f /sys/fs/cgroup/memory ro - cgroup x rw,memory\n";

    #[test]
    fn where_our_group_lies() {
        let mixed = "5:devices:/\n4:memory:/a/b\n2:cpu,cpuacct:/\n0::/c\n";
        for (groups, mounts, expected) in [
            (mixed, MIXED, Some((Version::One, "/sys/fs/cgroup/memory/a/b"))),
            (
                "0::/user.slice/x.scope\n",
                PURE,
                Some((Version::Two, "/sys/fs/cgroup/user.slice/x.scope")),
            ),
            ("4:memory:/docker/4f\n", CONTAINER, Some((Version::One, "/sys/fs/cgroup/memory/"))),
            // Our group is outside of what is mounted.
            ("4:memory:/other\n", CONTAINER, None),
            (mixed, PURE, Some((Version::Two, "/sys/fs/cgroup/c"))),
            ("", MIXED, None),
            ("garbage\n1:2\n", "garbage - x\n", None),
        ] {
            let expected = expected.map(|(version, path)| (version, PathBuf::from(path)));
            assert_eq!(own_folder(groups, mounts), expected, "{groups:?}");
        }
    }

    #[test]
    fn kills_are_counted() {
        for (text, expected) in [
            ("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", Some(3)),
            ("low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n", Some(1)),
            ("oom_kill_disable 0\n", None),
            ("", None),
        ] {
            assert_eq!(number_after(text, "oom_kill"), expected, "{text:?}");
        }
    }
}
