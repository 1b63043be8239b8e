//! Which of the machine's own readings a row can have beside it.

use std::process::{Command, Stdio};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use tacho_schema::{Area, Capability, Unit};

use super::finding::{Had, Trial, capability, read, why};
use super::trial::WORK;
use crate::kernel_text::{cpu_ticks, load1, number_after, pressure, sched_stat};

/// Every condition, each read once.
pub(super) fn conditions(ticks_per_second: u64) -> Vec<Capability> {
    let all: [(&str, Trial); 9] = [
        ("conditions.run_delay_nanos", run_delay()),
        ("conditions.involuntary_switches", involuntary_switches()),
        ("conditions.steal_nanos", steal(ticks_per_second)),
        ("conditions.psi_cpu_us", read_pressure("cpu")),
        ("conditions.psi_io_us", read_pressure("io")),
        ("conditions.psi_memory_us", read_pressure("memory")),
        ("conditions.load1", load()),
        ("conditions.mem_available_kb", memory_available()),
        ("conditions.swap_used_kb", swap_used()),
    ];
    all.into_iter().map(|(name, trial)| capability(Area::Condition, name, trial)).collect()
}

/// The schedstat of a child that has ended and was not yet waited for, as a row's is read.
fn run_delay() -> Trial {
    let mut command = Command::new(WORK[0]);
    command.args(&WORK[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    crate::spawn::die_with_parent(&mut command);
    let mut child = command.spawn().map_err(|error| format!("{}: {}", WORK[0], why(&error)))?;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    let seen = waitid(WaitId::Pid(Pid::from_child(&child)), options);
    let text = read(format!("/proc/{}/schedstat", child.id()));
    let waited = child.wait();
    seen.map_err(|errno| format!("cannot wait for a child: {}", why(&errno.into())))?;
    waited.map_err(|error| format!("cannot wait for a child: {}", why(&error)))?;
    run_delay_of(&text?)
}

fn run_delay_of(schedstat: &str) -> Trial {
    let stat = sched_stat(schedstat).ok_or_else(|| malformed("/proc/PID/schedstat", schedstat))?;
    if stat.run_nanos == 0 || stat.slices == 0 {
        let seen = schedstat.trim();
        return Err(format!(
            "/proc/PID/schedstat of a child that ran says `{seen}`: the kernel was built without \
             CONFIG_SCHED_INFO, or does not keep it",
        ));
    }
    Ok(Had::figure(stat.delay_nanos as f64, Unit::Nanoseconds).of("of a short loop in sh"))
}

fn involuntary_switches() -> Trial {
    let text = read("/proc/self/status")?;
    let count = number_after(&text, "nonvoluntary_ctxt_switches")
        .ok_or("/proc/self/status has no nonvoluntary_ctxt_switches")?;
    Ok(Had::figure(count as f64, Unit::Count).of("our own until now"))
}

fn steal(ticks_per_second: u64) -> Trial {
    steal_of(&read("/proc/stat")?, ticks_per_second)
}

fn steal_of(stat: &str, ticks_per_second: u64) -> Trial {
    let ticks = cpu_ticks(stat).ok_or_else(|| malformed("/proc/stat", stat))?;
    let steal = ticks.steal.ok_or("/proc/stat of this kernel counts no steal")?;
    let nanos = steal as f64 * 1e9 / ticks_per_second.max(1) as f64;
    Ok(Had::figure(nanos, Unit::Nanoseconds).of("since boot, as far as the hypervisor tells"))
}

fn read_pressure(of: &str) -> Trial {
    let path = format!("/proc/pressure/{of}");
    let text = read(&path)
        .map_err(|reason| format!("{reason} (pressure needs CONFIG_PSI and psi=1 at boot)"))?;
    pressure_of(&path, &text)
}

fn pressure_of(path: &str, text: &str) -> Trial {
    let seen = pressure(text).ok_or_else(|| malformed(path, text))?;
    let had = Had::figure(seen.total_us as f64 * 1e3, Unit::Nanoseconds);
    Ok(had.of(format!("since boot, {} % of the last 10 s", seen.avg10_percent)))
}

fn load() -> Trial {
    let text = read("/proc/loadavg")?;
    let load = load1(&text).ok_or_else(|| malformed("/proc/loadavg", &text))?;
    Ok(Had::figure(load, Unit::Count).of("in the last minute"))
}

fn memory_available() -> Trial {
    let text = read("/proc/meminfo")?;
    let kb = number_after(&text, "MemAvailable").ok_or("/proc/meminfo has no MemAvailable")?;
    Ok(Had::figure(kb as f64 * 1024.0, Unit::Bytes).of("now"))
}

fn swap_used() -> Trial {
    swap_used_of(&read("/proc/meminfo")?)
}

fn swap_used_of(meminfo: &str) -> Trial {
    let number = |key| number_after(meminfo, key).ok_or(format!("/proc/meminfo has no {key}"));
    let (total, free) = (number("SwapTotal")?, number("SwapFree")?);
    let had = Had::figure(total.saturating_sub(free) as f64 * 1024.0, Unit::Bytes);
    Ok(had.of(if total == 0 { "there is no swap" } else { "now" }))
}

fn malformed(path: &str, text: &str) -> String {
    let line: String = text.lines().next().unwrap_or_default().chars().take(60).collect();
    format!("{path} cannot be understood: `{line}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_that_is_not_there_says_why() {
        for (trial, expected) in [
            (run_delay_of("57877757 27409117 957\n"), Ok(27_409_117.0)),
            // A child that never had to wait.
            (run_delay_of("57877757 0 3\n"), Ok(0.0)),
            (run_delay_of("0 0 0\n"), Err("says `0 0 0`: the kernel was built without")),
            (run_delay_of("nonsense"), Err("/proc/PID/schedstat cannot be understood: `nonsense`")),
            (steal_of("cpu  1 2 3 4 5 6 7 250 0 0\ncpu0 1\n", 100), Ok(2.5e9)),
            (steal_of("cpu  1 2 3 4 5 6 7\n", 100), Err("counts no steal")),
            (steal_of("", 100), Err("/proc/stat cannot be understood: ``")),
            (pressure_of("p", "some avg10=1.50 avg60=0 avg300=0 total=7\n"), Ok(7e3)),
            (pressure_of("p", "full avg10=1.50 total=7\n"), Err("p cannot be understood: `full")),
            (swap_used_of("SwapTotal: 2048 kB\nSwapFree: 1024 kB\n"), Ok(1_048_576.0)),
            (swap_used_of("SwapTotal: 0 kB\nSwapFree: 0 kB\n"), Ok(0.0)),
            (swap_used_of("SwapTotal: 2048 kB\n"), Err("has no SwapFree")),
        ] {
            let found = capability(Area::Condition, "x", trial);
            assert_eq!(found.value, expected.ok(), "{found:?}");
            let reason = found.reason.unwrap_or_default();
            assert!(reason.contains(expected.err().unwrap_or("")), "{reason}");
        }
    }
}
