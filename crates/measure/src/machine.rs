//! The machine and the source: what a capture's environment says, read from `/proc`, `/sys`, `git`.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec};
use tacho_schema::Environment;

use crate::kernel_text::number_after;

/// The environment of a capture taken now, in the project at `dir`.
///
/// What cannot be found out is `None`. The toolchain is asked for where there is a manifest: the
/// compiler of the folder in which a command happens to be typed says nothing of it, and asking
/// takes longer than many a measurement. `timestamp_iso` is left to the caller, who has a calendar.
#[must_use]
pub fn environment(dir: &Path, has_manifest: bool, tacho_version: &str) -> Environment {
    let name = rustix::system::uname();
    let text = |value: &std::ffi::CStr| Some(value.to_string_lossy().into_owned());
    let cpu_model = cpu_model();
    let cpu_cores = std::thread::available_parallelism().ok().map(|n| n.get() as u32);
    let source = git_state(dir);
    Environment {
        os: Some(std::env::consts::OS.to_owned()),
        arch: Some(std::env::consts::ARCH.to_owned()),
        kernel: text(name.release()),
        machine_id: Some(machine_id(cpu_model.as_deref(), cpu_cores)),
        cpu_model,
        cpu_cores,
        cpu_governor: trimmed("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        hostname: text(name.nodename()),
        toolchain: if has_manifest { toolchain(dir) } else { None },
        git_dirty: source.as_ref().map(|(_, dirty)| *dirty),
        git_commit: source.map(|(commit, _)| commit),
        tacho_version: Some(tacho_version.to_owned()),
        timestamp_unix_ms: Some(crate::clock::unix_nanos() / 1_000_000),
        timestamp_iso: None,
    }
}

/// VmHWM of process `pid`, in KiB; `None` where `/proc` does not say.
#[must_use]
pub fn peak_rss_kb(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    number_after(&status, "VmHWM")
}

fn trimmed(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn cpu_model() -> Option<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    ["model name", "Model", "cpu model", "uarch", "CPU part"].into_iter().find_map(|key| {
        let line = info.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    })
}

/// A hash over what makes two machines comparable. Memory counts in steps of a sixteenth: what
/// firmware and kernel keep for themselves differs a little between machines of one class.
fn machine_id(cpu_model: Option<&str>, cpu_cores: Option<u32>) -> String {
    let memory = std::fs::read_to_string("/proc/meminfo").ok();
    let memory_kb = memory.and_then(|text| number_after(&text, "MemTotal:")).unwrap_or(0);
    let steps = (memory_kb as f64).max(1.0).log2() * 16.0;
    let vendor = trimmed("/sys/class/dmi/id/sys_vendor");
    let product = trimmed("/sys/class/dmi/id/product_name");
    let class = format!(
        "{} {cpu_model:?} {cpu_cores:?} {} {vendor:?} {product:?}",
        std::env::consts::ARCH,
        steps.round()
    );
    format!("{:016x}", fnv1a(class.as_bytes()))
}

/// FNV-1a of 64 bits: the same on every machine and in every version, which std's hasher is not.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The compiler's version line, where the project is a Rust project.
fn toolchain(dir: &Path) -> Option<String> {
    let rust = ["Cargo.toml", "rust-toolchain.toml", "rust-toolchain"];
    dir.ancestors()
        .take(4)
        .any(|folder| rust.iter().any(|name| folder.join(name).is_file()))
        .then(|| output(Command::new("rustc").arg("--version").current_dir(dir)))?
        .map(|line| line.trim().to_owned())
}

/// The commit of the work tree, and whether tracked files differ from it; `None` outside one, and
/// before its first commit.
fn git_state(dir: &Path) -> Option<(String, bool)> {
    let words = ["status", "--porcelain=v2", "--branch", "--untracked-files=no"];
    let mut git = Command::new("git");
    git.arg("-C").arg(dir).args(words).env("GIT_OPTIONAL_LOCKS", "0");
    let text = output(&mut git)?;
    let commit = text.lines().find_map(|line| line.strip_prefix("# branch.oid "))?;
    let dirty = text.lines().any(|line| !line.starts_with('#'));
    (commit != "(initial)").then(|| (commit.to_owned(), dirty))
}

/// What `command` prints; `None` when it fails, or takes longer than [`ASK_NANOS_MAX`].
fn output(command: &mut Command) -> Option<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.env("RUSTUP_AUTO_INSTALL", "0").spawn().ok()?;
    let text = child.stdout.take().and_then(|out| read_in_time(&out.into()));
    if text.is_none() {
        // Ended already, or hanging: nothing else can be done about it.
        let _ = child.kill();
    }
    child.wait().ok()?.success().then_some(text?)
}

/// A question about the environment is worth no longer wait.
const ASK_NANOS_MAX: u64 = 10_000_000_000;

fn read_in_time(out: &OwnedFd) -> Option<String> {
    let deadline = crate::clock::monotonic_nanos() + ASK_NANOS_MAX;
    let (mut text, mut buffer) = (Vec::new(), [0u8; 16 * 1024]);
    loop {
        let left = deadline.checked_sub(crate::clock::monotonic_nanos())?;
        let (seconds, nanos) = (left / 1_000_000_000, left % 1_000_000_000);
        let timeout = Timespec { tv_sec: seconds as i64, tv_nsec: nanos as i64 };
        let mut watched = [PollFd::new(out, PollFlags::IN)];
        match rustix::event::poll(&mut watched, Some(&timeout)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => match rustix::io::read(out, &mut buffer).ok()? {
                0 => return Some(String::from_utf8_lossy(&text).into_owned()),
                count => text.extend_from_slice(&buffer[..count]),
            },
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_peak_is_read() {
        let peak = peak_rss_kb(std::process::id()).expect("/proc is mounted where tests run");
        assert!(peak > 100, "{peak} KiB");
        assert_eq!(peak_rss_kb(u32::MAX), None);
    }

    #[test]
    fn the_machine_is_the_same_twice() {
        let dir = std::env::temp_dir();
        let (first, second) = (environment(&dir, false, "1"), environment(&dir, false, "1"));
        assert_eq!(first.machine_id, second.machine_id);
        assert_eq!(first.os.as_deref(), Some(std::env::consts::OS));
        assert!(first.kernel.is_some() && first.hostname.is_some());
    }
}
