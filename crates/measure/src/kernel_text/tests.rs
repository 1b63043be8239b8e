//! Texts of several kernels and machines, and texts that no kernel writes.

use proptest::prelude::*;

use super::*;

const STAT_6_18: &str = "cpu  25401 0 8993 177901 689 0 73 29 0 0\n\
                         cpu0 12375 0 4167 89757 214 0 8 12 0 0\nintr 1\n";
/// Without steal, as before Linux 2.6.11.
const STAT_2_6: &str = "cpu  10 20 30 40 50 60 70\ncpu0 10 20 30 40 50 60 70\n";

#[test]
fn times_of_all_processors() {
    let ticks = |all, idle, steal| Some(CpuTicks { all, idle, steal });
    for (text, expected) in [
        (STAT_6_18, ticks(213_086, 178_590, Some(29))),
        (STAT_2_6, ticks(280, 90, None)),
        // What a guest used stands in its user time already.
        ("cpu  1 1 1 1 1 1 1 1 500 500\n", ticks(8, 2, Some(1))),
        ("cpu0 1 2 3 4\n", None),
        ("cpu  1 2 3\n", None),
        ("cpu  1 2 x 4 5 6 7 8\n", None),
        ("cpu  18446744073709551615 1 1 1\n", ticks(u64::MAX, 1, None)),
        ("", None),
    ] {
        assert_eq!(cpu_ticks(text), expected, "{text:?}");
    }
}

#[test]
fn times_of_a_process() {
    let tail = "S 1 5 5 0 -1 4194560 9 8 7 6 21 4 3 2 20 0 1 0 777 1000 10";
    for (name, expected) in
        [("bash", "bash"), ("tmux: server", "tmux: server"), ("a) R 1 (b", "a) R 1 (b")]
    {
        let found = process_ticks(&format!("4711 ({name}) {tail} 184467440737095\n")).unwrap();
        assert_eq!((found.name.as_str(), found.parent), (expected, 1));
        assert_eq!((found.ticks, found.started), (25, 777));
    }
    for bad in ["", "4711 bash S 1", "4711 (bash) S 1 5 5 0 -1 4194560 9 8 7 6 21", "1 (x) S -1"] {
        assert_eq!(process_ticks(bad), None, "{bad:?}");
    }
}

#[test]
fn numbers_behind_a_key() {
    let meminfo = "MemTotal:       24684092 kB\nMemAvailable:   24115560 kB\nSwapTotal: 0 kB\n";
    let vmstat = "pswpin 3\npswpout 40\npswpout_x 7\n";
    let status = "Seccomp_filters:\t9\nSeccomp:\t2\nvoluntary_ctxt_switches:\t12\n";
    for (text, key, expected) in [
        (meminfo, "MemAvailable", Some(24_115_560)),
        (meminfo, "SwapTotal", Some(0)),
        (meminfo, "Mem", None),
        (vmstat, "pswpout", Some(40)),
        (status, "Seccomp", Some(2)),
        (status, "voluntary_ctxt_switches", Some(12)),
        ("MemTotal: lots kB\n", "MemTotal", None),
        ("MemTotal:\n", "MemTotal", None),
    ] {
        assert_eq!(number_after(text, key), expected, "{key}");
    }
}

#[test]
fn load_pressure_and_queues() {
    assert_eq!(load1("1.71 0.69 0.33 3/111 14834\n"), Some(1.71));
    for bad in ["", "inf 1 1", "-1.0 1 1", "much"] {
        assert_eq!(load1(bad), None, "{bad:?}");
    }
    let text = "some avg10=4.12 avg60=10.10 avg300=5.45 total=40871478\n\
                full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
    assert_eq!(pressure(text), Some(Pressure { avg10_percent: 4.12, total_us: 40_871_478 }));
    for bad in ["", "full avg10=0.00 total=0\n", "some avg10=0.00\n", "some avg10=x total=1\n"] {
        assert_eq!(pressure(bad), None, "{bad:?}");
    }
    let stat = SchedStat { run_nanos: 57_877_757, delay_nanos: 27_409_117, slices: 957 };
    assert_eq!(sched_stat("57877757 27409117 957\n"), Some(stat));
    for bad in ["", "1 2", "1 -2 3", "a b c"] {
        assert_eq!(sched_stat(bad), None, "{bad:?}");
    }
}

#[test]
fn lists_and_choices() {
    for (list, expected) in [
        ("0-1\n", Some(2)),
        ("0", Some(1)),
        ("0-3,8,10-11", Some(7)),
        ("", None),
        ("3-1", None),
        ("0,", None),
        ("0-x", None),
        ("0-18446744073709551615", None),
    ] {
        assert_eq!(cpu_count(list), expected, "{list:?}");
    }
    for (text, expected) in [
        ("always [madvise] never\n", Some("madvise")),
        ("[always] madvise never", Some("always")),
        ("always madvise never", None),
        ("[] never", None),
        ("always [madvise", None),
    ] {
        assert_eq!(selected(text), expected, "{text:?}");
    }
}

const V1: &str = "9:name=systemd:/\n7:blkio:/\n4:memory:/process_api/2ec6\n2:cpu,cpuacct:/\n0::/\n";
const V1_MOUNTS: &str = "\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
39 31 0:36 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
45 31 0:40 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
";
const V2: &str = "0::/user.slice/user-1000.slice/session-3.scope\n";
const V2_MOUNTS: &str =
    "29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
/// A container of docker without a namespace of groups: its root is a group of the host.
const DOCKER: &str = "4:memory:/docker/abc/inner\n";
const DOCKER_MOUNTS: &str =
    "901 890 0:30 /docker/abc /sys/fs/cgroup/memory ro master:14 - cgroup cgroup rw,memory\n";

#[test]
fn where_our_group_is() {
    let blanks = V2_MOUNTS.replace("/sys/fs/cgroup", "/sys/my\\040groups");
    for (cgroup, mounts, hierarchy, expected) in [
        (V1, V1_MOUNTS, Hierarchy::One("memory"), Some("/sys/fs/cgroup/memory/process_api/2ec6")),
        (V1, V1_MOUNTS, Hierarchy::One("cpu"), Some("/sys/fs/cgroup/cpu,cpuacct")),
        (V1, V1_MOUNTS, Hierarchy::One("cpuset"), None),
        (V1, V1_MOUNTS, Hierarchy::Two, Some("/sys/fs/cgroup/unified")),
        (V2, V2_MOUNTS, Hierarchy::One("memory"), None),
        (
            V2,
            V2_MOUNTS,
            Hierarchy::Two,
            Some("/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope"),
        ),
        (DOCKER, DOCKER_MOUNTS, Hierarchy::One("memory"), Some("/sys/fs/cgroup/memory/inner")),
        ("4:memory:/other\n", DOCKER_MOUNTS, Hierarchy::One("memory"), None),
        ("0::/\n", &blanks, Hierarchy::Two, Some("/sys/my groups")),
        // Outside of what our namespace shows.
        ("0::/../../x\n", V2_MOUNTS, Hierarchy::Two, None),
        ("0::/\n", "29 23 0:26 / /sys/fs/cgroup rw - cgroup2\n", Hierarchy::Two, None),
        ("", "", Hierarchy::Two, None),
    ] {
        let found = own_group(cgroup, mounts, hierarchy).map(|(own, _)| own);
        assert_eq!(found.as_deref(), expected.map(Path::new), "{cgroup:?} {hierarchy:?}");
    }
    let (own, mount) = own_group(V1, V1_MOUNTS, Hierarchy::One("memory")).unwrap();
    assert!(own.starts_with(&mount) && mount.ends_with("memory"));
}

#[test]
fn quotas() {
    for (text, expected) in [
        ("max 100000\n", Some(f64::INFINITY)),
        ("50000 100000\n", Some(0.5)),
        ("400000 100000", Some(4.0)),
        ("50000", None),
        ("50000 0", None),
        ("-1 100000", None),
    ] {
        assert_eq!(quota_two(text), expected, "{text:?}");
    }
    assert_eq!(quota_one("-1\n", "100000\n"), Some(f64::INFINITY));
    assert_eq!(quota_one("150000\n", "100000\n"), Some(1.5));
    assert_eq!(quota_one("x", "100000"), None);
}

proptest! {
    #[test]
    fn nothing_that_is_read_makes_us_fall(text in "[ -~\\n]{0,200}", more in "\\PC{0,80}") {
        for text in [&text, &more] {
            cpu_ticks(text);
            process_ticks(text);
            number_after(text, "cpu");
            load1(text);
            pressure(text);
            sched_stat(text);
            cpu_count(text);
            selected(text);
            quota_two(text);
            own_group(text, text, Hierarchy::Two);
        }
    }

    #[test]
    fn a_list_counts_what_it_names(
        parts in proptest::collection::vec((0_u64..512, 0_u64..64), 1..8),
    ) {
        let text = |(first, more): &(u64, u64)| match more {
            0 => first.to_string(),
            more => format!("{first}-{}", first + more),
        };
        let list: Vec<String> = parts.iter().map(text).collect();
        let count = parts.iter().map(|(_, more)| more + 1).sum();
        prop_assert_eq!(cpu_count(&list.join(",")), Some(count));
    }
}
