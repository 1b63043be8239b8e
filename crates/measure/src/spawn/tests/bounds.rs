//! What a child runs within, where it prints to, and what is looked up of it.

use std::ffi::CString;

use super::*;
use crate::program::{Bounds, Sink, cpu_mask};

/// What `line` prints under `bounds`.
#[track_caller]
fn check(bounds: &Bounds, line: &str, expected: &str) {
    each(|spawner| {
        let ended = run(spawner, 1, &sh(line).within(bounds.clone()));
        let said = (ended.end, ended.stdout.text(), ended.stderr.text());
        assert_eq!(ended.end, End::Exited(0), "{}: {said:?}", spawner.name());
        assert_eq!(said.1.trim(), expected, "{}: {line}", spawner.name());
    });
}

#[test]
fn a_child_runs_within_its_bounds_and_so_does_what_it_starts() {
    let none = Bounds::default();
    check(&Bounds { nice: Some(7), ..none.clone() }, "nice", "7");
    check(&Bounds { nice: Some(0), ..none.clone() }, "nice", "0");
    let first = Bounds { cpus: Some(cpu_mask(&[0])), ..none.clone() };
    check(&first, "sed -n 's/Cpus_allowed_list:[^0-9]*//p' /proc/self/status", "0");
    check(&first, "nproc", "1");
    let fixed = Bounds { keeps_addresses: true, ..none.clone() };
    check(&fixed, "cat /proc/self/personality", "00040000");
    check(&fixed, "test \"$(tail -1 /proc/self/maps)\" = \"$(tail -1 /proc/self/maps)\"", "");
    let small = Bounds { address_space_bytes_max: Some(64 << 20), ..none.clone() };
    check(&small, "ulimit -v", "65536");
    check(&none, "nice; cat /proc/self/personality; ulimit -v", "0\n00000000\nunlimited");
}

#[test]
fn a_mask_has_a_bit_for_each_processor() {
    for (cpus, expected) in [
        (&[][..], vec![0u8; 8]),
        (&[0], vec![1, 0, 0, 0, 0, 0, 0, 0]),
        (&[1, 3, 9], vec![0b1010, 0b10, 0, 0, 0, 0, 0, 0]),
        (&[63], vec![0, 0, 0, 0, 0, 0, 0, 128]),
        (&[64], vec![0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        assert_eq!(cpu_mask(cpus), expected, "{cpus:?}");
    }
}

#[test]
fn bounds_that_cannot_be_had_are_told() {
    let nowhere = Bounds { cpus: Some(cpu_mask(&[4095])), ..Bounds::default() };
    let no_group = CString::new("/nonexistent/cgroup.procs").unwrap();
    let grouped = Bounds { cgroup_procs: Some(no_group), ..Bounds::default() };
    each(|spawner| {
        for (bounds, expected) in [(&nowhere, libc::EINVAL), (&grouped, libc::ENOENT)] {
            let ended = run(spawner, 1, &sh("true").within(bounds.clone()));
            let End::NotStarted { errno, .. } = ended.end else {
                panic!("{}: {:?}", spawner.name(), ended.end)
            };
            assert_eq!(errno, expected, "{}", spawner.name());
        }
    });
}

#[test]
fn output_goes_where_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let path = |path: &Path| Sink::File(CString::new(path.to_str().unwrap()).unwrap());
    each(|spawner| {
        let name = spawner.name();
        let where_to = "to=$(readlink /proc/$$/fd/1); echo $to >&2; printf hello";
        let ended = run(spawner, 1, &sh(where_to).printing_to(Sink::Null));
        assert_eq!((ended.stdout.total_bytes(), ended.stderr.text()), (0, "/dev/null\n".into()));
        let ended = run(spawner, 2, &sh("printf 'first and longer'").printing_to(path(&file)));
        assert_eq!((ended.end, ended.stdout.total_bytes()), (End::Exited(0), 0), "{name}");
        let ended = run(spawner, 3, &sh(where_to).printing_to(path(&file)));
        assert_eq!(ended.stderr.text().trim(), file.canonicalize().unwrap().to_str().unwrap());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "hello", "{name}");
        let ended = run(spawner, 4, &sh("printf x"));
        assert_eq!(ended.stdout.text(), "x", "{name}");
        let nowhere = folder.path().join("no/such/folder");
        let ended = run(spawner, 5, &sh("printf x").printing_to(path(&nowhere)));
        assert!(matches!(ended.end, End::NotStarted { errno: libc::ENOENT, .. }), "{name}");
    });
}

#[test]
fn output_that_is_read_is_kept_whole() {
    let line = "head -c 1000000 /dev/zero | tr '\\0' x";
    each(|spawner| {
        spawner.submit(1, &sh(line).read_whole(), quiet()).unwrap();
        spawner.submit(2, &sh(line), quiet()).unwrap();
        let (whole, tail) = (next_end(spawner), next_end(spawner));
        assert_eq!(whole.stdout.kept().len(), 1_000_000, "{}", spawner.name());
        assert_eq!((tail.stdout.kept().len(), tail.stdout.is_cut()), (65_536, true));
    });
}

#[test]
fn a_wait_for_the_processor_is_known() {
    let known = Path::new("/proc/self/schedstat").exists();
    each(|spawner| {
        for line in ["true", "sleep 0.02", "exit 3"] {
            let ended = run(spawner, 1, &sh(line));
            assert_eq!(ended.run_delay_nanos.is_some(), known, "{}: {line}", spawner.name());
        }
    });
}

#[test]
fn stops_are_counted_where_they_can_be_seen() {
    let stop = "(sleep 0.1; kill -CONT $$) & kill -STOP $$; wait;";
    each(|spawner| {
        for (line, stops) in [("exit 0", 0), (stop, 1), (&format!("{stop} {stop}"), 2)] {
            let ended = run(spawner, 1, &sh(line));
            let expected = (spawner.name() == "static").then_some(stops);
            assert_eq!(ended.stops, expected, "{}: {line}", spawner.name());
        }
    });
}
