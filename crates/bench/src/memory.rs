//! The process's own peak memory, as its kernel counts it.

/// Where the kernel tells it.
const STATUS: &str = "/proc/self/status";

/// Where it is told to count anew.
const CLEAR: &str = "/proc/self/clear_refs";

/// The number that makes it forget the peak: proc(5).
const FORGET_PEAK: &str = "5";

/// The largest resident set of this process in KiB, or why it cannot be known.
pub(crate) fn peak_rss_kb() -> Result<u64, String> {
    if !cfg!(target_os = "linux") {
        return Err("this system does not tell a process its peak memory".to_owned());
    }
    let status = std::fs::read_to_string(STATUS)
        .map_err(|error| format!("cannot read {STATUS}: {error}"))?;
    high_water_kb(&status).ok_or_else(|| format!("{STATUS} has no VmHWM"))
}

/// Makes the kernel count the peak anew, so that what was freed has no part in it.
pub(crate) fn forget_peak() -> Result<(), String> {
    std::fs::write(CLEAR, FORGET_PEAK).map_err(|error| format!("cannot write {CLEAR}: {error}"))
}

/// The number behind `VmHWM:`.
fn high_water_kb(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read() {
        let check = |status, kb| assert_eq!(high_water_kb(status), kb, "{status:?}");
        check("Name:\tx\nVmPeak:\t  900 kB\nVmHWM:\t     512 kB\nVmRSS:\t 1 kB\n", Some(512));
        check("Name:\tx\n", None);
        check("VmHWM:\tmany kB\n", None);
        check("VmHWM:\t512\n", None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_one() {
        assert!(peak_rss_kb().expect("Linux tells it") > 100);
    }
}
