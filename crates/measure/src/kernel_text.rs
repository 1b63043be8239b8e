//! Texts of `/proc` and `/sys` to numbers: pure, and `None` for whatever is not as the kernel says.

use std::path::{Component, Path, PathBuf};

/// Times of all processors together, in ticks since boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CpuTicks {
    /// Every kind of time, idle too.
    pub(crate) all: u64,
    /// Idle time, waits for the disk included.
    pub(crate) idle: u64,
    /// What the hypervisor gave to others; `None` on kernels that do not count it.
    pub(crate) steal: Option<u64>,
}

/// The first line of `/proc/stat`. Guests' time is part of the user's, so eight numbers are all.
pub(crate) fn cpu_ticks(stat: &str) -> Option<CpuTicks> {
    let words = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<u64> = words
        .split_ascii_whitespace()
        .take(8)
        .map(|word| word.parse().ok())
        .collect::<Option<_>>()?;
    (ticks.len() >= 4).then(|| CpuTicks {
        all: ticks.iter().fold(0, |all: u64, one| all.saturating_add(*one)),
        idle: ticks[3].saturating_add(ticks.get(4).copied().unwrap_or(0)),
        steal: ticks.get(7).copied(),
    })
}

/// One process at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProcessTicks {
    /// Its name, which may hold blanks and brackets.
    pub(crate) name: String,
    /// Its parent.
    pub(crate) parent: u32,
    /// User and system time, in ticks.
    pub(crate) ticks: u64,
    /// When it started, in ticks since boot: tells it from a later one of the same id.
    pub(crate) started: u64,
}

/// `/proc/PID/stat`.
pub(crate) fn process_ticks(stat: &str) -> Option<ProcessTicks> {
    let (before, after) = stat.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    let words: Vec<&str> = after.split_ascii_whitespace().take(20).collect();
    let number = |place: usize| words.get(place)?.parse::<u64>().ok();
    Some(ProcessTicks {
        name: name.to_owned(),
        parent: u32::try_from(number(1)?).ok()?,
        ticks: number(11)?.saturating_add(number(12)?),
        started: number(19)?,
    })
}

/// The number behind `key` at the start of a line: `/proc/meminfo`, `/proc/vmstat`, `…/status`.
pub(crate) fn number_after(text: &str, key: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| {
        let rest = line.strip_prefix(key)?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        rest.starts_with([' ', '\t']).then_some(rest)
    })?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}

/// The load of the last minute, from `/proc/loadavg`.
pub(crate) fn load1(text: &str) -> Option<f64> {
    let load: f64 = text.split_ascii_whitespace().next()?.parse().ok()?;
    (load.is_finite() && load >= 0.0).then_some(load)
}

/// One file of `/proc/pressure`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pressure {
    /// Share of the last ten seconds in which something waited, in percent.
    pub(crate) avg10_percent: f64,
    /// All such time since boot.
    pub(crate) total_us: u64,
}

/// The line `some` of a pressure file.
pub(crate) fn pressure(text: &str) -> Option<Pressure> {
    let line = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let value = |key: &str| line.split_ascii_whitespace().find_map(|word| word.strip_prefix(key));
    Some(Pressure {
        avg10_percent: value("avg10=")?.parse().ok()?,
        total_us: value("total=")?.parse().ok()?,
    })
}

/// `/proc/PID/schedstat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SchedStat {
    /// Time on a processor.
    pub(crate) run_nanos: u64,
    /// Time ready to run, waiting for one.
    pub(crate) delay_nanos: u64,
    /// How often it was given one.
    pub(crate) slices: u64,
}

/// The three numbers of a schedstat file.
pub(crate) fn sched_stat(text: &str) -> Option<SchedStat> {
    let mut words = text.split_ascii_whitespace().map(str::parse);
    let mut next = || words.next()?.ok();
    Some(SchedStat { run_nanos: next()?, delay_nanos: next()?, slices: next()? })
}

/// How many processors a list as `0-3,8` names.
pub(crate) fn cpu_count(list: &str) -> Option<u64> {
    let list = list.trim();
    if list.is_empty() {
        return None;
    }
    list.split(',').try_fold(0_u64, |count, part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        count.checked_add(last.checked_sub(first)?.checked_add(1)?)
    })
}

/// The chosen word of `always [madvise] never`.
pub(crate) fn selected(text: &str) -> Option<&str> {
    let (word, _) = text.split_once('[')?.1.split_once(']')?;
    (!word.is_empty()).then_some(word)
}

/// Which hierarchy of control groups is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hierarchy<'a> {
    /// Version 1: a hierarchy for each controller.
    One(&'a str),
    /// Version 2: one for all.
    Two,
}

impl Hierarchy<'_> {
    fn is_line(self, id: &str, controllers: &str) -> bool {
        match self {
            Self::One(wanted) => controllers.split(',').any(|name| name == wanted),
            Self::Two => id == "0" && controllers.is_empty(),
        }
    }

    fn is_mount(self, kind: &str, options: &str) -> bool {
        match self {
            Self::One(wanted) => kind == "cgroup" && options.split(',').any(|it| it == wanted),
            Self::Two => kind == "cgroup2",
        }
    }
}

/// The folder of our own control group, and the one where its hierarchy is mounted: from
/// `/proc/self/cgroup` and `/proc/self/mountinfo`. `None` where it is not mounted here, or our
/// group lies outside what is.
pub(crate) fn own_group(
    cgroup: &str,
    mountinfo: &str,
    hierarchy: Hierarchy<'_>,
) -> Option<(PathBuf, PathBuf)> {
    let path = cgroup.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (id, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        hierarchy.is_line(id, controllers).then_some(path)
    })?;
    let (root, mount) = mountinfo.lines().find_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        let mut after = after.split(' ');
        let (kind, options) = (after.next()?, after.nth(1)?);
        let mut before = before.split(' ').skip(3);
        let places = (unescape(before.next()?), unescape(before.next()?));
        hierarchy.is_mount(kind, options).then_some(places)
    })?;
    let below = Path::new(path).strip_prefix(&root).ok()?;
    let is_plain = below.components().all(|part| matches!(part, Component::Normal(_)));
    is_plain.then(|| (Path::new(&mount).join(below), PathBuf::from(&mount)))
}

/// `mountinfo` writes blanks as `\040`, and backslashes likewise.
fn unescape(text: &str) -> String {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    escapes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// `cpu.max` of version 2, in processors: `50000 100000` is half a one; infinite for `max`.
pub(crate) fn quota_two(cpu_max: &str) -> Option<f64> {
    let mut words = cpu_max.split_ascii_whitespace();
    let (quota, period) = (words.next()?, words.next()?);
    if quota == "max" { Some(f64::INFINITY) } else { processors(quota, period) }
}

/// `cpu.cfs_quota_us` and `cpu.cfs_period_us` of version 1, in processors; infinite for -1.
pub(crate) fn quota_one(quota: &str, period: &str) -> Option<f64> {
    if quota.trim() == "-1" { Some(f64::INFINITY) } else { processors(quota, period) }
}

fn processors(quota: &str, period: &str) -> Option<f64> {
    let (quota, period): (u64, u64) = (quota.trim().parse().ok()?, period.trim().parse().ok()?);
    (period > 0).then(|| quota as f64 / period as f64)
}

#[cfg(test)]
mod tests;
