//! Waiting for a quiet machine: how much of it others use, sampled while we sleep.

use std::time::Duration;

use crate::clock::monotonic_nanos;
use crate::kernel_text::{CpuTicks, cpu_ticks};

/// Between two looks. The kernel counts in ticks of 10 ms: a look sees 2 % of a processor.
const LOOK: Duration = Duration::from_millis(500);
/// So many looks in a row must be quiet.
const QUIET_LOOKS: u32 = 2;
/// Quiet is under so many busy processors: a tenth of one shifts nothing that is measured on
/// another, and an idle desktop stays below it.
const BUSY_PROCESSORS_MAX: f64 = 0.1;
/// And under this share of a processor's time stolen, from which on a row would be a contended one.
const STEAL_SHARE_MAX: f64 = 0.01;

/// How much of the machine was in use while we slept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Busy {
    /// Processors' worth of work.
    pub processors: f64,
    /// Time that the hypervisor gave to others, all processors added up, as a share of one's time:
    /// what a row is held against.
    pub steal_share: f64,
}

impl Busy {
    /// Whether that is nothing to wait for.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.processors < BUSY_PROCESSORS_MAX && self.steal_share < STEAL_SHARE_MAX
    }
}

/// How the waiting ended.
#[derive(Clone, Copy, Debug)]
pub struct Waited {
    /// The machine became quiet; else the time was up, or there was a reason to stop.
    pub quiet: bool,
    /// How long it took.
    pub nanos: u64,
    /// The last look; `None` where `/proc/stat` cannot be read.
    pub last: Option<Busy>,
}

/// Waits until the machine is quiet, at most `nanos_max`, or until `stop` says so. Every look goes
/// to `tell`.
pub fn wait(nanos_max: u64, stop: &mut dyn FnMut() -> bool, tell: &mut dyn FnMut(Busy)) -> Waited {
    let began = monotonic_nanos();
    let (mut looks, mut last) = (0, None);
    let mut before = ticks();
    loop {
        let nanos = monotonic_nanos().saturating_sub(began);
        if looks == QUIET_LOOKS || nanos >= nanos_max || before.is_none() || stop() {
            return Waited { quiet: looks == QUIET_LOOKS, nanos, last };
        }
        std::thread::sleep(LOOK);
        let now = ticks();
        last = before.zip(now).and_then(|(before, now)| busy(&before, &now));
        before = now;
        if let Some(busy) = last {
            tell(busy);
            looks = if busy.is_quiet() { looks + 1 } else { 0 };
        }
    }
}

/// What all processors together did, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ticks {
    all: u64,
    idle: u64,
    steal: u64,
    processors: u64,
}

fn ticks() -> Option<Ticks> {
    parse(&std::fs::read_to_string("/proc/stat").ok()?)
}

fn parse(stat: &str) -> Option<Ticks> {
    let CpuTicks { all, idle, steal } = cpu_ticks(stat)?;
    let is_processor = |line: &&str| {
        line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let processors = stat.lines().skip(1).take_while(is_processor).count() as u64;
    Some(Ticks { all, idle, steal: steal.unwrap_or(0), processors: processors.max(1) })
}

fn busy(before: &Ticks, now: &Ticks) -> Option<Busy> {
    let all = now.all.checked_sub(before.all).filter(|all| *all > 0)? as f64;
    let idle = now.idle.saturating_sub(before.idle) as f64;
    let steal = now.steal.saturating_sub(before.steal) as f64;
    let used = (all - idle - steal).max(0.0);
    let processors = now.processors as f64;
    Some(Busy { processors: used / all * processors, steal_share: steal / all * processors })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "cpu  100 5 50 1000 20 1 2 3 0 0\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5\n";

    #[test]
    fn the_first_line_is_read() {
        let expected = Ticks { all: 1181, idle: 1020, steal: 3, processors: 2 };
        assert_eq!(parse(STAT), Some(expected));
        for other in ["", "cpu 1 2 3\n", "cpu  1 2 3 4 5 6 7 x\n", "intr 1\n"] {
            assert_eq!(parse(other), None, "{other:?}");
        }
    }

    #[test]
    fn what_is_quiet() {
        let before = Ticks { all: 1000, idle: 900, steal: 0, processors: 2 };
        let at = |all, idle, steal| Ticks { all, idle, steal, processors: 2 };
        for (now, processors, steal_share, quiet) in [
            (at(1100, 1000, 0), 0.0, 0.0, true),
            (at(1100, 998, 0), 0.04, 0.0, true),
            (at(1100, 990, 0), 0.2, 0.0, false),
            (at(1100, 998, 2), 0.0, 0.04, false),
            (at(1100, 900, 0), 2.0, 0.0, false),
        ] {
            let found = busy(&before, &now).unwrap();
            assert!((found.processors - processors).abs() < 1e-9, "{found:?}");
            assert!((found.steal_share - steal_share).abs() < 1e-9, "{found:?}");
            assert_eq!(found.is_quiet(), quiet, "{found:?}");
        }
        assert_eq!(busy(&before, &before), None);
    }

    #[test]
    fn there_is_an_end_to_waiting() {
        let mut looks = 0;
        let waited = wait(0, &mut || false, &mut |_| looks += 1);
        assert!(!waited.quiet && looks == 0);
        let stopped = wait(u64::MAX, &mut || true, &mut |_| {});
        assert!(!stopped.quiet);
    }
}
