//! The machine's settings as they are now, read for `assess`.

use std::path::Path;

use tacho_schema::Influence;

use super::assess::{self, Signs, Supply};
use super::finding::{read, trimmed};
use crate::kernel_text::{Hierarchy, own_group, quota_one, quota_two};

/// Where the kernel shows its processors.
const CPU: &str = "/sys/devices/system/cpu";

/// Processors and power supplies that are looked at.
const ENTRIES_MAX: usize = 4096;

/// Control groups around our own that are asked for a quota.
const GROUPS_MAX: usize = 64;

/// Every setting of the machine; `can_fix_addresses`: whether ASLR can be switched off for a
/// program, `clock_cost_nanos`: what a reading of the clock costs.
pub(super) fn influences(
    allowed: Option<u64>,
    can_fix_addresses: bool,
    clock_cost_nanos: f64,
) -> Vec<Influence> {
    let cpu = |path: &str| trimmed(format!("{CPU}/{path}"));
    let dmi = |name: &str| trimmed(format!("/sys/class/dmi/id/{name}"));
    let cpuinfo = read("/proc/cpuinfo").unwrap_or_default();
    let (product, vendor) = (dmi("product_name"), dmi("sys_vendor"));
    let (hypervisor, container) = (trimmed("/sys/hypervisor/type"), container());
    let signs = Signs {
        cpuinfo: &cpuinfo,
        product: product.as_deref(),
        vendor: vendor.as_deref(),
        hypervisor: hypervisor.as_deref(),
        container: container.as_deref(),
    };
    let clock = |file: &str| {
        trimmed(format!("/sys/devices/system/clocksource/clocksource0/{file}_clocksource"))
    };
    vec![
        assess::virtualisation(&signs),
        assess::governor(&governors()),
        assess::turbo(cpu("intel_pstate/no_turbo").as_deref(), cpu("cpufreq/boost").as_deref()),
        assess::smt(cpu("smt/active").as_deref(), signs.is_virtual()),
        assess::thp(trimmed("/sys/kernel/mm/transparent_hugepage/enabled").as_deref()),
        assess::aslr(trimmed("/proc/sys/kernel/randomize_va_space").as_deref(), can_fix_addresses),
        assess::clocksource(
            clock("current").as_deref(),
            clock("available").as_deref(),
            clock_cost_nanos,
        ),
        assess::processors(cpu("online").as_deref(), allowed),
        assess::quota(quota()),
        assess::power(&supplies(Path::new("/sys/class/power_supply"))),
    ]
}

fn governors() -> Vec<String> {
    let is_processor =
        |name: &str| name.strip_prefix("cpu").is_some_and(|rest| rest.parse::<u32>().is_ok());
    names(Path::new(CPU))
        .filter(|name| is_processor(name))
        .filter_map(|name| trimmed(format!("{CPU}/{name}/cpufreq/scaling_governor")))
        .collect()
}

/// The names in a folder; none where there is no such folder.
fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().take(ENTRIES_MAX);
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok())
}

/// What shows that this is a container.
fn container() -> Option<String> {
    for sign in ["/.dockerenv", "/run/.containerenv"] {
        if Path::new(sign).exists() {
            return Some(sign.to_owned());
        }
    }
    let groups = read("/proc/1/cgroup").ok()?;
    let known = ["docker", "kubepods", "containerd", "libpod", "lxc"];
    known.into_iter().find(|name| groups.contains(name)).map(|name| format!("{name} in its groups"))
}

/// The least quota from our own group up to where its hierarchy is mounted; `None` where no group
/// says.
fn quota() -> Option<f64> {
    let (cgroup, mounts) = (read("/proc/self/cgroup").ok()?, read("/proc/self/mountinfo").ok()?);
    let one = own_group(&cgroup, &mounts, Hierarchy::One("cpu"));
    let two = own_group(&cgroup, &mounts, Hierarchy::Two);
    let one = one.and_then(|(own, mount)| {
        least(&own, &mount, |group| {
            let file = |name: &str| trimmed(group.join(name));
            quota_one(&file("cpu.cfs_quota_us")?, &file("cpu.cfs_period_us")?)
        })
    });
    let two = two.and_then(|(own, mount)| {
        least(&own, &mount, |group| quota_two(&trimmed(group.join("cpu.max"))?))
    });
    [one, two].into_iter().flatten().reduce(f64::min)
}

fn least(own: &Path, mount: &Path, quota: impl Fn(&Path) -> Option<f64>) -> Option<f64> {
    let groups = own.ancestors().take(GROUPS_MAX).take_while(|group| group.starts_with(mount));
    groups.filter_map(quota).reduce(f64::min)
}

fn supplies(folder: &Path) -> Vec<Supply> {
    names(folder)
        .map(|name| {
            let file = |file: &str| trimmed(folder.join(&name).join(file));
            let kind = file("type").unwrap_or_default();
            Supply { kind, online: file("online"), status: file("status") }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_quota_of_all_groups_around_us() {
        let root = tempfile::tempdir().unwrap();
        let own = root.path().join("a/b");
        std::fs::create_dir_all(&own).unwrap();
        let read = |group: &Path| quota_two(&trimmed(group.join("cpu.max"))?);
        assert_eq!(least(&own, root.path(), read), None);
        std::fs::write(own.join("cpu.max"), "max 100000\n").unwrap();
        assert_eq!(least(&own, root.path(), read), Some(f64::INFINITY));
        std::fs::write(root.path().join("a/cpu.max"), "50000 100000\n").unwrap();
        assert_eq!(least(&own, root.path(), read), Some(0.5));
    }

    #[test]
    fn power_supplies_of_a_laptop() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("AC/type", "Mains\n"),
            ("AC/online", "0\n"),
            ("BAT0/type", "Battery\n"),
            ("BAT0/status", "Discharging\n"),
        ] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut found = supplies(root.path());
        found.sort_by(|one, other| one.kind.cmp(&other.kind));
        let supply = |kind: &str, online: Option<&str>, status: Option<&str>| Supply {
            kind: kind.into(),
            online: online.map(str::to_owned),
            status: status.map(str::to_owned),
        };
        let battery = supply("Battery", None, Some("Discharging"));
        assert_eq!(found, [battery, supply("Mains", Some("0"), None)]);
        assert!(supplies(&root.path().join("none")).is_empty());
    }
}
