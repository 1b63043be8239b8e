//! Two looks at the machine with a while between them: who used it meanwhile.

use std::collections::BTreeMap;

use tacho_schema::HungryProcess;

use super::finding::read;
use crate::clock::monotonic_nanos;
use crate::kernel_text::{CpuTicks, ProcessTicks, cpu_ticks, number_after, process_ticks};

/// Processes that are looked at; a machine with more is not one to measure on.
const PROCESSES_MAX: usize = 65_536;

/// Processes that are named.
const NAMED_MAX: usize = 3;

/// The machine at one moment.
#[derive(Clone, Debug)]
pub(super) struct Look {
    at_nanos: u64,
    cpu: Option<CpuTicks>,
    swapped_pages: Option<u64>,
    processes: BTreeMap<u32, ProcessTicks>,
}

/// What happened between two looks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Window {
    /// How long it was.
    pub nanos: u64,
    /// Time that the hypervisor took, as a share of all processors' time.
    pub steal_share: Option<f64>,
    /// The same since boot.
    pub steal_share_since_boot: Option<f64>,
    /// Pages that went to swap or came from it.
    pub swapped_pages: Option<u64>,
    /// Whether the processes of others can be seen at all.
    pub sees_others: bool,
    /// Those that used most, most first, [`NAMED_MAX`] at most.
    pub hungriest: Vec<HungryProcess>,
}

impl Look {
    /// The machine now.
    pub(super) fn now() -> Self {
        Self {
            at_nanos: monotonic_nanos(),
            cpu: read("/proc/stat").ok().and_then(|text| cpu_ticks(&text)),
            swapped_pages: read("/proc/vmstat").ok().and_then(|text| swapped_pages(&text)),
            processes: processes(),
        }
    }

    /// What happened from this look to the `later` one, without the process `own` and its children.
    pub(super) fn until(&self, later: &Self, own: u32, ticks_per_second: u64) -> Window {
        let nanos = later.at_nanos.saturating_sub(self.at_nanos);
        let zero = CpuTicks { all: 0, idle: 0, steal: Some(0) };
        let both = self.cpu.zip(later.cpu);
        let pages = self.swapped_pages.zip(later.swapped_pages);
        Window {
            nanos,
            steal_share: both.and_then(|(first, last)| steal_share(first, last)),
            steal_share_since_boot: later.cpu.and_then(|last| steal_share(zero, last)),
            swapped_pages: pages.map(|(first, last)| last.saturating_sub(first)),
            sees_others: later.processes.contains_key(&1),
            hungriest: self.hungriest(later, own, nanos, ticks_per_second),
        }
    }

    /// A process that came meanwhile used all of its time meanwhile; one that went is not seen.
    fn hungriest(&self, later: &Self, own: u32, nanos: u64, per_second: u64) -> Vec<HungryProcess> {
        let others = later.processes.iter();
        let others = others.filter(|(pid, process)| **pid != own && process.parent != own);
        let mut used: Vec<(u64, u32, &str)> = others
            .map(|(pid, process)| {
                let before = self.processes.get(pid).filter(|it| it.started == process.started);
                let before = before.map_or(0, |before| before.ticks);
                (process.ticks.saturating_sub(before), *pid, process.name.as_str())
            })
            .filter(|(ticks, ..)| *ticks > 0)
            .collect();
        used.sort_unstable_by_key(|(ticks, pid, _)| (std::cmp::Reverse(*ticks), *pid));
        let seconds = nanos as f64 / 1e9;
        let all = per_second as f64 * seconds;
        let named = used.into_iter().take(if all > 0.0 { NAMED_MAX } else { 0 });
        named
            .map(|(ticks, pid, name)| HungryProcess {
                pid,
                name: name.to_owned(),
                cpu_share: ticks as f64 / all,
            })
            .collect()
    }
}

fn steal_share(first: CpuTicks, last: CpuTicks) -> Option<f64> {
    let steal = last.steal?.saturating_sub(first.steal?);
    let all = last.all.saturating_sub(first.all);
    (all > 0).then(|| steal as f64 / all as f64)
}

fn swapped_pages(vmstat: &str) -> Option<u64> {
    Some(number_after(vmstat, "pswpin")?.saturating_add(number_after(vmstat, "pswpout")?))
}

fn processes() -> BTreeMap<u32, ProcessTicks> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return BTreeMap::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    // One that ended while we looked has no text any more.
    pids.take(PROCESSES_MAX)
        .filter_map(|pid| Some((pid, process_ticks(&read(format!("/proc/{pid}/stat")).ok()?)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(at_nanos: u64, all: u64, steal: u64, processes: &[(u32, &str, u32, u64)]) -> Look {
        let ticks = |(pid, name, parent, ticks): &(u32, &str, u32, u64)| {
            let started = u64::from(*pid) * 7;
            let name = (*name).to_owned();
            (*pid, ProcessTicks { name, parent: *parent, ticks: *ticks, started })
        };
        Look {
            at_nanos,
            cpu: Some(CpuTicks { all, idle: 0, steal: Some(steal) }),
            swapped_pages: Some(all / 10),
            processes: processes.iter().map(ticks).collect(),
        }
    }

    #[test]
    fn who_used_the_machine() {
        let first = look(0, 1000, 10, &[(1, "init", 0, 50), (7, "cc", 1, 30), (9, "tacho", 1, 5)]);
        let mut last = look(
            500_000_000,
            1100,
            13,
            &[
                (1, "init", 0, 50),
                (7, "cc", 1, 80),
                (8, "ld", 7, 10),
                (9, "tacho", 1, 50),
                (10, "tacho-spawner", 9, 40),
                (11, "sh", 7, 1),
                (12, "a", 7, 2),
            ],
        );
        let window = first.until(&last, 9, 100);
        assert_eq!(window.nanos, 500_000_000);
        assert_eq!(window.steal_share, Some(0.03));
        assert_eq!(window.steal_share_since_boot, Some(13.0 / 1100.0));
        assert_eq!(window.swapped_pages, Some(10));
        assert!(window.sees_others);
        let named = |window: &Window| -> Vec<(u32, String, f64)> {
            let named = window.hungriest.iter();
            named.map(|it| (it.pid, it.name.clone(), it.cpu_share)).collect()
        };
        let expected = [(7, "cc".into(), 1.0), (8, "ld".into(), 0.2), (12, "a".into(), 0.04)];
        assert_eq!(named(&window), expected);

        // Another process that got the same id has used all of its time since.
        last.processes.get_mut(&7).unwrap().started += 1;
        assert_eq!(named(&first.until(&last, 9, 100))[0], (7, "cc".into(), 1.6));
        // Nothing at all can be said of no time.
        let none = first.until(&first, 9, 100);
        assert_eq!((none.steal_share, none.hungriest.len()), (None, 0));
    }

    #[test]
    fn we_see_ourselves() {
        let look = Look::now();
        assert!(look.processes.contains_key(&std::process::id()));
    }
}
