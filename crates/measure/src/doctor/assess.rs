//! What of the machine's settings disturbs, from their texts alone; what to do about it.

use std::collections::BTreeMap;

use tacho_schema::Influence;

use super::finding::{by_command, disturbs, quiet, unknown};
use crate::kernel_text::{cpu_count, selected};

/// From so many nanoseconds a reading, the clock is read by a system call or from slow hardware.
const SLOW_CLOCK_NANOS: f64 = 150.0;

/// The frequency governors of all processors that have one.
pub(super) fn governor(governors: &[String]) -> Influence {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for governor in governors {
        *counts.entry(governor.as_str()).or_insert(0) += 1;
    }
    if counts.is_empty() {
        let reason = "there is no cpufreq here: whoever owns the hardware sets the frequency, as \
                      the host of a virtual machine does";
        return unknown("governor", reason);
    }
    let each: Vec<String> =
        counts.iter().map(|(name, count)| format!("{name} on {count}")).collect();
    let value = each.join(", ");
    // `userspace` stays where it was put.
    if counts.keys().all(|name| matches!(*name, "performance" | "userspace")) {
        return quiet("governor", value);
    }
    let found = disturbs(
        "governor",
        value,
        "the frequency follows the load: the same work is slower after a pause",
        "let it stay high while you measure",
    );
    by_command(
        found,
        "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
    )
}

/// `intel_pstate/no_turbo` and `cpufreq/boost`.
pub(super) fn turbo(no_turbo: Option<&str>, boost: Option<&str>) -> Influence {
    let on = |command| {
        let found = disturbs(
            "turbo",
            "on",
            "how fast a processor runs depends on its heat and on what its neighbours do",
            "switch it off while you measure small differences",
        );
        by_command(found, command)
    };
    match (no_turbo.map(str::trim), boost.map(str::trim)) {
        (Some("1"), _) | (None, Some("0")) => quiet("turbo", "off"),
        (Some("0"), _) => on("echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"),
        (None, Some("1")) => on("echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost"),
        _ => unknown(
            "turbo",
            "neither intel_pstate/no_turbo nor cpufreq/boost is here: the firmware or a host \
             decides",
        ),
    }
}

/// `smt/active`; a guest is shown what its host likes.
pub(super) fn smt(active: Option<&str>, is_virtual: bool) -> Influence {
    match active.map(str::trim) {
        Some("0") if is_virtual => quiet("smt", "off, as far as a virtual machine is told"),
        Some("0") => quiet("smt", "off"),
        Some("1") => by_command(
            disturbs(
                "smt",
                "on",
                "two processors share one core: a busy neighbour takes up to half of it",
                "leave the sibling of the measured processor idle (`cpus = \"1\"` chooses one), or \
                 switch it off",
            ),
            "echo off | sudo tee /sys/devices/system/cpu/smt/control",
        ),
        _ => unknown("smt", "/sys/devices/system/cpu/smt/active does not say"),
    }
}

/// `transparent_hugepage/enabled`.
pub(super) fn thp(enabled: Option<&str>) -> Influence {
    match enabled.and_then(selected) {
        Some("always") => by_command(
            disturbs(
                "thp",
                "always",
                "memory comes in pages of 2 MiB when the kernel has them: peak RSS and time differ \
                 from run to run",
                "give them only to programs that ask",
            ),
            "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled",
        ),
        Some(word @ ("madvise" | "never")) => quiet("thp", word),
        _ if enabled.is_none() => quiet("thp", "none that shows"),
        _ => unknown("thp", "/sys/kernel/mm/transparent_hugepage/enabled does not say"),
    }
}

/// `randomize_va_space`, and whether it can be switched off for one program.
pub(super) fn aslr(randomize: Option<&str>, can_switch: bool) -> Influence {
    let found = |value| {
        let advice = if can_switch {
            "`aslr = false` in the manifest for a program whose times fall into two groups; left \
             on, many runs average over the layouts"
        } else {
            "take many runs: they average over the layouts"
        };
        let reason = "every run gets another layout of memory, and some are a little faster";
        disturbs("aslr", value, reason, advice)
    };
    match randomize.map(str::trim) {
        Some("0") => quiet("aslr", "off for all programs"),
        Some("1") => found("on, without the heap"),
        Some("2") => found("on"),
        _ => unknown("aslr", "/proc/sys/kernel/randomize_va_space does not say"),
    }
}

/// The kernel's clock: how slow it is says more than its name.
pub(super) fn clocksource(
    current: Option<&str>,
    available: Option<&str>,
    cost_nanos: f64,
) -> Influence {
    let Some(name) = current.map(str::trim).filter(|name| !name.is_empty()) else {
        return unknown("clocksource", "/sys/devices/system/clocksource does not say");
    };
    let value = format!("{name}, {cost_nanos:.0} ns a reading");
    if cost_nanos < SLOW_CLOCK_NANOS {
        return quiet("clocksource", value);
    }
    let reason = "reading the clock is slow, for us and for every program that reads it";
    let offers_tsc =
        available.is_some_and(|list| list.split_ascii_whitespace().any(|it| it == "tsc"));
    if name == "tsc" || !offers_tsc {
        let advice = "nothing faster is offered here: the kernel or the hypervisor has ruled it \
                      out (`dmesg | grep -i clocksource` says why)";
        return disturbs("clocksource", value, reason, advice);
    }
    by_command(
        disturbs("clocksource", value, reason, "take the processor's own counter"),
        "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource",
    )
}

/// Where we run, as far as it shows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Signs<'a> {
    /// `/proc/cpuinfo`.
    pub cpuinfo: &'a str,
    /// Product and vendor, as the firmware names them.
    pub product: Option<&'a str>,
    pub vendor: Option<&'a str>,
    /// `/sys/hypervisor/type`.
    pub hypervisor: Option<&'a str>,
    /// What shows a container, as `/.dockerenv`.
    pub container: Option<&'a str>,
}

/// Words in the names of products and vendors that are no hardware.
const VIRTUAL: [&str; 10] = [
    "qemu",
    "kvm",
    "vmware",
    "virtualbox",
    "virtual machine",
    "bochs",
    "xen",
    "hvm domu",
    "google compute engine",
    "openstack",
];

impl Signs<'_> {
    /// Whether this is a virtual machine, by any sign of it.
    pub(super) fn is_virtual(&self) -> bool {
        let flags = self.cpuinfo.lines().find_map(|line| line.strip_prefix("flags"));
        let flagged =
            flags.is_some_and(|it| it.split_ascii_whitespace().any(|it| it == "hypervisor"));
        let named = [self.product, self.vendor].into_iter().flatten().any(|name| {
            let name = name.to_lowercase();
            VIRTUAL.iter().any(|word| name.contains(word))
        });
        flagged || named || self.hypervisor.is_some()
    }
}

/// A virtual machine disturbs by what it cannot show; a container does not by itself.
pub(super) fn virtualisation(signs: &Signs<'_>) -> Influence {
    let container = signs.container.map(|sign| format!("container ({sign})"));
    if !signs.is_virtual() {
        return quiet("virtualisation", container.unwrap_or_else(|| "none that shows".to_owned()));
    }
    let names: Vec<&str> =
        [signs.vendor, signs.product, signs.hypervisor].into_iter().flatten().collect();
    let mut value = "virtual machine".to_owned();
    if !names.is_empty() {
        value = format!("{value} ({})", names.join(", "));
    }
    if let Some(container) = container {
        value = format!("{value}, {container}");
    }
    disturbs(
        "virtualisation",
        value,
        "other guests of the host use its caches, memory and processors, and only a part of it \
         shows as steal",
        "compare what was measured on this machine alone, in turns and close together",
    )
}

/// Processors online and those that we may use.
pub(super) fn processors(online: Option<&str>, allowed: Option<u64>) -> Influence {
    let (Some(allowed), Some(online)) = (allowed, online.and_then(cpu_count)) else {
        return unknown("cpus", "the processors cannot be counted");
    };
    let value = format!("{allowed} of {online} may be used");
    if allowed > 1 {
        return quiet("cpus", value);
    }
    disturbs(
        "cpus",
        value,
        "tacho and everything else share the one processor with the measured program",
        "measure with two or more: see `taskset -p $$`, and the container's or machine's settings",
    )
}

/// The least quota of our control group and those around it, in processors.
pub(super) fn quota(processors: Option<f64>) -> Influence {
    match processors {
        Some(share) if share.is_finite() => disturbs(
            "cpu_quota",
            format!("{share:.2} processors"),
            "a program that uses it up is stopped until the next period, often 100 ms",
            "raise or remove it for the container or service while you measure (`docker run \
             --cpuset-cpus` gives whole processors instead)",
        ),
        Some(_) => quiet("cpu_quota", "none"),
        None => quiet("cpu_quota", "none that shows"),
    }
}

/// One entry of `/sys/class/power_supply`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Supply {
    /// `Mains`, `Battery`, `USB`.
    pub kind: String,
    /// Whether it gives power, of a mains adapter.
    pub online: Option<String>,
    /// `Discharging` and others, of a battery.
    pub status: Option<String>,
}

/// On battery, firmware and governor save power as they like.
pub(super) fn power(supplies: &[Supply]) -> Influence {
    let is = |value: &Option<String>, wanted: &str| value.as_deref() == Some(wanted);
    let batteries = || supplies.iter().filter(|supply| supply.kind == "Battery");
    let mut mains = supplies.iter().filter(|supply| supply.kind == "Mains");
    if batteries().next().is_none() {
        return quiet("power", "no battery");
    }
    let plugged = mains.any(|supply| is(&supply.online, "1"));
    if plugged || !batteries().any(|supply| is(&supply.status, "Discharging")) {
        return quiet("power", "from the mains");
    }
    disturbs(
        "power",
        "from the battery",
        "the firmware saves power, and more so the emptier the battery is",
        "plug it in",
    )
}

#[cfg(test)]
mod tests;
