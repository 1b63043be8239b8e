//! Settings of machines that there are: laptops, servers, guests, containers.

use tacho_schema::InfluenceState::{self, Disturbs, Quiet, Unknown};

use super::*;

/// `said` stands in the value, the reason, the advice or the command.
#[track_caller]
fn check(found: &Influence, state: InfluenceState, said: &str) {
    assert_eq!(found.state, state, "{found:?}");
    let parts = [&found.value, &found.reason, &found.advice, &found.command];
    let all: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    let all = all.join(" | ");
    assert!(all.contains(said), "no {said:?} in {all}");
    assert_eq!(found.advice.is_some(), state == Disturbs, "{found:?}");
    assert!(found.command.is_none() || state == Disturbs, "{found:?}");
}

#[test]
fn frequencies() {
    let names = |names: &[&str]| -> Vec<String> { names.iter().map(|&it| it.into()).collect() };
    for (governors, state, said) in [
        (&[][..], Unknown, "no cpufreq"),
        (&["performance"; 8], Quiet, "performance on 8"),
        (&["userspace"], Quiet, "userspace on 1"),
        (&["powersave"; 4], Disturbs, "powersave on 4"),
        (
            &["performance", "schedutil", "performance"],
            Disturbs,
            "performance on 2, schedutil on 1",
        ),
        (&["ondemand"], Disturbs, "tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"),
    ] {
        check(&governor(&names(governors)), state, said);
    }
    for (no_turbo, boost, state, said) in [
        (Some("0\n"), None, Disturbs, "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate"),
        (Some("1\n"), None, Quiet, "off"),
        (Some("1"), Some("1"), Quiet, "off"),
        (None, Some("1\n"), Disturbs, "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost"),
        (None, Some("0\n"), Quiet, "off"),
        (None, None, Unknown, "the firmware or a host"),
        (Some("what"), None, Unknown, "the firmware or a host"),
    ] {
        check(&turbo(no_turbo, boost), state, said);
    }
}

#[test]
fn memory_and_threads() {
    for (active, is_virtual, state, said) in [
        (Some("1\n"), false, Disturbs, "echo off | sudo tee"),
        (Some("0\n"), false, Quiet, "off"),
        (Some("0\n"), true, Quiet, "as far as a virtual machine is told"),
        (None, false, Unknown, "does not say"),
        (Some("?"), true, Unknown, "does not say"),
    ] {
        check(&smt(active, is_virtual), state, said);
    }
    for (enabled, state, said) in [
        (Some("[always] madvise never\n"), Disturbs, "echo madvise | sudo tee"),
        (Some("always [madvise] never\n"), Quiet, "madvise"),
        (Some("always madvise [never]\n"), Quiet, "never"),
        (None, Quiet, "none that shows"),
        (Some("always madvise never"), Unknown, "does not say"),
    ] {
        check(&thp(enabled), state, said);
    }
    for (randomize, can_switch, state, said) in [
        (Some("2\n"), true, Disturbs, "`aslr = false`"),
        (Some("2\n"), false, Disturbs, "take many runs"),
        (Some("1\n"), true, Disturbs, "without the heap"),
        (Some("0\n"), true, Quiet, "off"),
        (None, true, Unknown, "does not say"),
    ] {
        check(&aslr(randomize, can_switch), state, said);
    }
}

#[test]
fn clocks() {
    for (current, available, cost, state, said) in [
        (Some("tsc\n"), Some("tsc kvm-clock"), 27.4, Quiet, "tsc, 27 ns a reading"),
        (Some("kvm-clock"), Some("kvm-clock tsc acpi_pm"), 40.0, Quiet, "kvm-clock"),
        (Some("hpet"), Some("hpet acpi_pm tsc"), 900.0, Disturbs, "echo tsc | sudo tee"),
        // The kernel has found the counter to be unstable and does not offer it.
        (Some("hpet"), Some("hpet acpi_pm"), 900.0, Disturbs, "has ruled it out"),
        (Some("tsc"), Some("tsc hpet"), 400.0, Disturbs, "has ruled it out"),
        (None, None, 27.0, Unknown, "does not say"),
        (Some("\n"), None, 27.0, Unknown, "does not say"),
    ] {
        check(&clocksource(current, available, cost), state, said);
    }
}

#[test]
fn where_we_run() {
    let bare = "processor\t: 0\nflags\t\t: fpu vme de hypervisors\n";
    let guest = "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu vme hypervisor lahf_lm\n";
    let arm = "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd\n";
    let signs = |cpuinfo, vendor, product| Signs { cpuinfo, vendor, product, ..Signs::default() };
    for (signs, state, said) in [
        (signs(bare, Some("LENOVO"), Some("20XW")), Quiet, "none that shows"),
        (signs("", None, None), Quiet, "none that shows"),
        (signs(guest, None, None), Disturbs, "virtual machine"),
        (signs(arm, Some("QEMU"), Some("KVM Virtual Machine")), Disturbs, "(QEMU, KVM Virtual"),
        (signs(bare, Some("Amazon EC2"), Some("m5.metal")), Quiet, "none"),
        (Signs { container: Some("/.dockerenv"), ..signs(bare, None, None) }, Quiet, "container"),
        (
            Signs { container: Some("/.dockerenv"), ..signs(guest, None, None) },
            Disturbs,
            "virtual machine, container (/.dockerenv)",
        ),
        (Signs { hypervisor: Some("xen"), ..signs(arm, None, None) }, Disturbs, "(xen)"),
    ] {
        check(&virtualisation(&signs), state, said);
    }
}

#[test]
fn what_we_may_use() {
    for (online, allowed, state, said) in [
        (Some("0-7\n"), Some(8), Quiet, "8 of 8"),
        (Some("0-7\n"), Some(2), Quiet, "2 of 8"),
        (Some("0-7\n"), Some(1), Disturbs, "1 of 8"),
        (Some("0"), Some(1), Disturbs, "share the one"),
        (None, Some(1), Unknown, "cannot be counted"),
        (Some("0-7"), None, Unknown, "cannot be counted"),
    ] {
        check(&processors(online, allowed), state, said);
    }
    check(&quota(Some(1.5)), Disturbs, "1.50 processors");
    check(&quota(Some(f64::INFINITY)), Quiet, "none");
    check(&quota(None), Quiet, "none that shows");
    let supply = |kind: &str, online: Option<&str>, status: Option<&str>| Supply {
        kind: kind.into(),
        online: online.map(Into::into),
        status: status.map(Into::into),
    };
    let battery = |status| supply("Battery", None, Some(status));
    for (supplies, state, said) in [
        (vec![], Quiet, "no battery"),
        (vec![supply("Mains", Some("1"), None)], Quiet, "no battery"),
        (vec![supply("Mains", Some("1"), None), battery("Charging")], Quiet, "from the mains"),
        // Of two batteries, one may run down beside the other.
        (vec![supply("Mains", Some("1"), None), battery("Discharging")], Quiet, "from the mains"),
        (vec![supply("Mains", Some("0"), None), battery("Discharging")], Disturbs, "plug it in"),
        (vec![battery("Full")], Quiet, "from the mains"),
        (vec![battery("Discharging")], Disturbs, "battery"),
    ] {
        check(&power(&supplies), state, said);
    }
}
