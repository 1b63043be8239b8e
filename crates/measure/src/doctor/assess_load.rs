//! What of the moment disturbs: who else uses the machine now.

use tacho_schema::{HungryProcess, Influence};

use super::finding::{disturbs, quiet, unknown};
use super::window::Window;
use crate::kernel_text::{load1, number_after};

/// A load that no machine is disturbed by: the average has a memory of minutes.
const LOAD_MIN: f64 = 0.5;
/// The part of the processors that may be busy.
const LOAD_SHARE: f64 = 0.1;
/// Steal above this share makes a row a contended one.
const STEAL_SHARE: f64 = 0.01;
/// A process that uses more of one processor is a neighbour to be named.
const NEIGHBOUR_SHARE: f64 = 0.1;
/// Less available memory than this share of all lets the kernel begin to reclaim.
const MEMORY_SHARE: f64 = 0.1;

/// What waits for a quiet moment.
const WAIT: &str = "stop them, or let `--quiet-wait 60s` wait for a quiet moment";

/// `/proc/loadavg`, against the processors that we may use.
pub(super) fn load(loadavg: Option<&str>, processors: Option<u64>) -> Influence {
    let (Some(load), Some(processors)) = (loadavg.and_then(load1), processors) else {
        return unknown("load", "/proc/loadavg does not say");
    };
    let value = format!("{load} in the last minute, processors: {processors}");
    if load <= LOAD_MIN.max(LOAD_SHARE * processors as f64) {
        return quiet("load", value);
    }
    let reason = "programs used the processors or waited for them; the average falls slowly";
    disturbs("load", value, reason, "let `--quiet-wait 60s` wait until it has fallen")
}

/// The hungriest processes of the window.
pub(super) fn neighbours(window: &Window) -> Influence {
    let named: Vec<String> = window.hungriest.iter().map(named).collect();
    let seconds = window.nanos as f64 / 1e9;
    let value = format!("within {seconds:.1} s {} of one processor", named.join(", "));
    match window.hungriest.first() {
        Some(first) if first.cpu_share >= NEIGHBOUR_SHARE => {
            let reason = "they take processors, caches and memory from what is measured";
            disturbs("neighbours", value, reason, WAIT)
        }
        _ if !window.sees_others => {
            unknown("neighbours", "/proc shows no processes of others, as with hidepid")
        }
        Some(_) => quiet("neighbours", value),
        None => quiet("neighbours", format!("within {seconds:.1} s none used a tick")),
    }
}

fn named(process: &HungryProcess) -> String {
    format!("{} ({}) {}", process.name, process.pid, percent(process.cpu_share))
}

/// Whole percents from ten on, else one decimal.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 10.0 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

/// What the hypervisor gave to others, in the window and since boot.
pub(super) fn steal(window: &Window) -> Influence {
    let (Some(now), Some(ever)) = (window.steal_share, window.steal_share_since_boot) else {
        return unknown("steal", "/proc/stat does not say");
    };
    let value = format!("{} now, {} since boot", percent(now), percent(ever));
    if now <= STEAL_SHARE && ever <= STEAL_SHARE {
        return quiet("steal", value);
    }
    disturbs(
        "steal",
        value,
        "the host gives our processors to other guests",
        "prefer cpu to wall, take more runs, or a machine with processors of its own",
    )
}

/// `/proc/meminfo`.
pub(super) fn memory(meminfo: Option<&str>) -> Influence {
    let number = |key| meminfo.and_then(|text| number_after(text, key));
    let (Some(available), Some(total)) = (number("MemAvailable"), number("MemTotal")) else {
        return unknown("memory", "/proc/meminfo has no MemAvailable");
    };
    let share = available as f64 / total.max(1) as f64;
    let value = format!("{} available", percent(share));
    if share >= MEMORY_SHARE {
        return quiet("memory", value);
    }
    let reason = "the kernel takes back memory while programs run: files must be read again";
    disturbs("memory", value, reason, "stop what holds most of it (`ps aux --sort=-rss | head`)")
}

/// Swap in use alone is an old story: what moves now disturbs.
pub(super) fn swap(meminfo: Option<&str>, window: &Window) -> Influence {
    let number = |key| meminfo.and_then(|text| number_after(text, key));
    let (Some(total), Some(free)) = (number("SwapTotal"), number("SwapFree")) else {
        return unknown("swap", "/proc/meminfo has no SwapTotal");
    };
    let used = total.saturating_sub(free);
    match (total, used, window.swapped_pages) {
        (0, ..) => quiet("swap", "there is none"),
        (_, _, Some(pages @ 1..)) => disturbs(
            "swap",
            format!("{used} KiB in use, {pages} pages moved meanwhile"),
            "memory goes to the disk and comes back while programs run",
            "stop what holds most of it (`ps aux --sort=-rss | head`), or give the machine more",
        ),
        (_, 0, _) => quiet("swap", "none in use"),
        (_, used, Some(0)) => quiet("swap", format!("{used} KiB in use, none moved meanwhile")),
        (_, used, None) => quiet("swap", format!("{used} KiB in use")),
    }
}

/// Whether the machine's lock was free; inside, why it cannot be asked.
pub(super) fn other_tacho(free: Result<bool, String>) -> Influence {
    match free {
        Ok(true) => quiet("other_tacho", "none measures now"),
        Ok(false) => disturbs(
            "other_tacho",
            "another tacho measures now",
            "both would measure each other, and what is said here of load and time is of its run",
            "wait: `tacho run` does so by itself, unless `--no-wait` is given",
        ),
        Err(reason) => unknown("other_tacho", reason),
    }
}

#[cfg(test)]
mod tests {
    use tacho_schema::InfluenceState::{self, Disturbs, Quiet, Unknown};

    use super::*;

    fn window(steal: Option<(f64, f64)>, pages: Option<u64>, others: bool, used: &[f64]) -> Window {
        let hungry = |(place, share): (usize, &f64)| HungryProcess {
            pid: place as u32 + 7,
            name: "cc".into(),
            cpu_share: *share,
        };
        Window {
            nanos: 500_000_000,
            steal_share: steal.map(|(now, _)| now),
            steal_share_since_boot: steal.map(|(_, ever)| ever),
            swapped_pages: pages,
            sees_others: others,
            hungriest: used.iter().enumerate().map(hungry).collect(),
        }
    }

    #[track_caller]
    fn check(found: &Influence, state: InfluenceState, said: &str) {
        let all = format!("{:?} {:?}", found.value, found.reason);
        assert_eq!(found.state, state, "{found:?}");
        assert!(all.contains(said), "no {said:?} in {all}");
        assert_eq!(found.advice.is_some(), state == Disturbs, "{found:?}");
    }

    #[test]
    fn the_moment() {
        for (loadavg, processors, state, said) in [
            (Some("0.50 0.1 0.1 1/9 7\n"), Some(2), Quiet, "0.5 in"),
            (Some("0.51 0.1 0.1 1/9 7\n"), Some(2), Disturbs, "0.51 in"),
            (Some("6.00 0.1 0.1 1/9 7\n"), Some(64), Quiet, "processors: 64"),
            (Some("6.50 0.1 0.1 1/9 7\n"), Some(64), Disturbs, "processors: 64"),
            (Some("nan"), Some(2), Unknown, "/proc/loadavg"),
            (None, Some(2), Unknown, "/proc/loadavg"),
        ] {
            check(&load(loadavg, processors), state, said);
        }
        for (steal_now, state, said) in [
            (Some((0.0, 0.0)), Quiet, "0.0 % now, 0.0 % since boot"),
            (Some((0.01, 0.01)), Quiet, "1.0 % now"),
            (Some((0.25, 0.001)), Disturbs, "25 % now, 0.1 % since"),
            (Some((0.0, 0.02)), Disturbs, "2.0 % since boot"),
            (None, Unknown, "/proc/stat does not say"),
        ] {
            check(&steal(&window(steal_now, None, true, &[])), state, said);
        }
        for (used, others, state, said) in [
            (&[][..], true, Quiet, "within 0.5 s none used a tick"),
            (&[], false, Unknown, "hidepid"),
            (&[0.04], true, Quiet, "within 0.5 s cc (7) 4.0 % of one"),
            (&[0.04], false, Unknown, "hidepid"),
            (
                &[1.98, 0.3, 0.04],
                false,
                Disturbs,
                "cc (7) 198 %, cc (8) 30 %, cc (9) 4.0 % of one processor",
            ),
        ] {
            check(&neighbours(&window(None, None, others, used)), state, said);
        }
        check(&other_tacho(Ok(true)), Quiet, "");
        check(&other_tacho(Ok(false)), Disturbs, "another");
        check(&other_tacho(Err("no /tmp".into())), Unknown, "no /tmp");
    }

    #[test]
    fn memory_and_what_stands_in_for_it() {
        for (text, state, said) in [
            (Some("MemTotal: 1000 kB\nMemAvailable:  100 kB\n"), Quiet, "10 % available"),
            (Some("MemTotal: 1000 kB\nMemAvailable:   99 kB\n"), Disturbs, "9.9 % available"),
            (Some("MemTotal: 1000 kB\nMemFree: 99 kB\n"), Unknown, "no MemAvailable"),
            (None, Unknown, "no MemAvailable"),
        ] {
            check(&memory(text), state, said);
        }
        let half = Some("SwapTotal: 2048 kB\nSwapFree: 1024 kB\n");
        for (text, pages, state, said) in [
            (Some("SwapTotal: 0 kB\nSwapFree: 0 kB\n"), Some(0), Quiet, "there is none"),
            (Some("SwapTotal: 8 kB\nSwapFree: 8 kB\n"), Some(0), Quiet, "none in use"),
            (half, Some(0), Quiet, "1024 KiB in use, none moved"),
            (half, Some(3), Disturbs, "3 pages moved"),
            (half, None, Quiet, "1024 KiB in use"),
            (Some("SwapTotal: 8 kB\n"), Some(0), Unknown, "no SwapTotal"),
        ] {
            check(&swap(text, &window(None, pages, true, &[])), state, said);
        }
    }
}
