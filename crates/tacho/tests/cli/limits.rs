//! Bounds of programs: how much memory, which processors, how nice, at fixed addresses.
//!
//! Which of the two limits of memory a machine allows is found out, and said.

use tacho_schema::{MemoryLimiter, Row, Status};

use crate::world::{Output, World, skipped};

/// Takes so many MiB as its first word says, waits so many milliseconds as its second one says.
const EAT: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **words) {
    for (int i = 0; i < atoi(words[1]); i++) {
        char *all = malloc(1 << 20);
        if (!all) { fputs("no memory\n", stderr); return 7; }
        memset(all, i + 1, 1 << 20);
        __asm__ volatile("" : : "r"(all) : "memory");
    }
    if (count > 2) usleep(atoi(words[2]) * 1000);
    return 0;
}
"#;

/// In front of a `tacho` that finds no control groups; `None` where this machine allows no mounts.
const UNMOUNT: &str = "umount -l /sys/fs/cgroup; exec \"$@\"";

fn world() -> World {
    let world = World::new();
    world.compile("eat", EAT);
    world
}

/// What this machine limits memory with.
fn limiter(world: &World) -> MemoryLimiter {
    world.tacho(&["run", "-r", "1", "-N", "--memory-max", "64MiB", "./eat 1"]).exits(0);
    let limiter = world.rows()[0].memory_limiter.expect("it is limited");
    eprintln!("THIS MACHINE LIMITS MEMORY BY {limiter:?}");
    limiter
}

/// Runs `tacho` where it finds no control group; `None`, said loudly, where that cannot be had.
fn without_groups(world: &World, name: &str, args: &[&str]) -> Option<Output> {
    let is_gone = "umount -l /sys/fs/cgroup && ! grep -q ' - cgroup' /proc/self/mountinfo";
    let launcher = [&["unshare", "-m"][..], &["unshare", "-rm"]].into_iter().find(|launcher| {
        let mut command = std::process::Command::new(launcher[0]);
        let output = command.args(&launcher[1..]).args(["sh", "-c", is_gone]).output();
        output.is_ok_and(|output| output.status.success())
    });
    let Some(launcher) = launcher else {
        skipped(name, "a mount namespace without /sys/fs/cgroup cannot be had");
        return None;
    };
    let launcher = [launcher, &["sh", "-c", UNMOUNT, "sh"]].concat();
    Some(world.launch(world.command_under(&launcher, args)).end())
}

/// Holds what the row of a program says that used up its memory.
#[track_caller]
fn lacked(row: &Row, limiter: MemoryLimiter) {
    assert_eq!(row.memory_limiter, Some(limiter));
    match limiter {
        MemoryLimiter::Cgroup => {
            assert_eq!(row.status, Status::OutOfMemory, "{row:?}");
            assert_eq!(row.error.as_deref(), Some("its `memory_max` was used up"));
            assert!(!row.unavailable.contains_key("out_of_memory"), "it is known");
        }
        MemoryLimiter::RlimitAs => {
            assert!([Status::Error, Status::Crashed].contains(&row.status), "{row:?}");
            let why = &row.unavailable["out_of_memory"];
            assert!(why.contains("RLIMIT_AS") && why.contains("control group"), "{why}");
        }
    }
}

#[test]
fn memory_that_is_used_up() {
    let world = world();
    let limiter = limiter(&world);
    let limit = ["run", "-r", "3", "--memory-max", "48MiB"];
    for (words, code) in [
        (&["-N", "./eat 256"][..], None),
        (&["./eat 256; exit $?"], Some(137)),
        // A shell that says so by a signal of its own.
        (&["./eat 256; kill -9 $$"], None),
    ] {
        let output = world.tacho(&[&limit[..], words].concat()).exits(4);
        let rows = world.rows();
        assert_eq!(rows.len(), 1, "a point ends with its first failure");
        let row = &rows[0];
        lacked(row, limiter);
        if limiter == MemoryLimiter::Cgroup {
            output.shows(&["out of memory", "lack of memory ended 1 run (its `memory_max` was"]);
            assert_eq!((row.exit_code, row.signal), (code, code.is_none().then_some(9)));
        }
    }
}

#[test]
fn memory_that_is_enough() {
    let world = world();
    let limiter = limiter(&world);
    let line = "./eat 20; cat /proc/self/cgroup >groups";
    world.tacho(&["run", "-r", "2", "--memory-max", "128MiB", line]).exits(0);
    assert!(world.rows().iter().all(|row| row.memory_limiter == Some(limiter)));
    let groups = world.read("groups");
    let own = groups.lines().filter_map(|line| line.splitn(3, ':').nth(2));
    let own: Vec<&str> = own.filter(|path| path.contains("/tacho-")).collect();
    assert_eq!(own.len(), usize::from(limiter == MemoryLimiter::Cgroup), "{groups}");
    for path in own {
        for tree in ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"] {
            assert!(!std::path::Path::new(&format!("{tree}{path}")).exists(), "{path} is left");
        }
    }
    world.tacho(&["run", "-r", "1", "-N", "./eat 20"]).exits(0);
    assert_eq!(world.rows()[0].memory_limiter, None, "nothing limits it");
}

/// Where there is no control group, and whoever dies may have died of anything.
#[test]
fn addresses_that_are_used_up() {
    let world = world();
    let name = "addresses_that_are_used_up";
    let limit = ["run", "-r", "2", "--memory-max", "48MiB"];
    let run = |words: &[&str]| without_groups(&world, name, &[&limit[..], words].concat());
    let Some(output) = run(&["ulimit -v >limit"]) else { return };
    output.exits(0);
    assert_eq!(world.lines("limit"), ["49152"]);
    for row in world.rows() {
        assert_eq!(row.memory_limiter, Some(MemoryLimiter::RlimitAs));
        assert!(!row.unavailable.contains_key("out_of_memory"), "it ended well");
    }
    for (words, status) in [
        (&["-N", "./eat 256"][..], Status::Error),
        (&["./eat 256; exit $?"], Status::Error),
        (&["exec sleep 600", "--timeout", "100ms"], Status::TimedOut),
        (&["kill -9 $$"], Status::Crashed),
        (&["./eat 256; kill -9 $$"], Status::Crashed),
    ] {
        run(words).expect("it could be had before").exits(4);
        let rows = world.rows();
        assert_eq!((rows.len(), rows[0].status), (1, status), "{words:?}");
        assert_eq!(rows[0].memory_limiter, Some(MemoryLimiter::RlimitAs));
        let why = &rows[0].unavailable["out_of_memory"];
        assert!(why.contains("no memory control group is mounted here"), "{why}");
    }
}

/// How often the kernel has killed for lack of memory on this machine.
fn machine_kills() -> u64 {
    let text = std::fs::read_to_string("/proc/vmstat").unwrap();
    let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// Only the kernel's own count makes a KILL a lack of memory.
#[test]
fn a_kill_is_no_lack_of_memory() {
    let world = world();
    let killed = |world: &World, words: &[&str]| {
        world.tacho(&[&["run", "-r", "3"], words].concat()).exits(4);
        let row = world.rows().pop().unwrap();
        assert_eq!((row.status, row.signal), (Status::Crashed, Some(9)), "{words:?}: {row:?}");
    };
    killed(&world, &["--memory-max", "64MiB", "kill -9 $$"]);
    // Without a group the machine's own count is asked, which others may raise.
    let before = machine_kills();
    world.tacho(&["run", "-r", "3", "kill -9 $$"]).exits(4);
    match machine_kills() == before {
        true => assert_eq!(world.rows()[0].status, Status::Crashed),
        false => skipped("a_kill_is_no_lack_of_memory", "something else used up its memory"),
    }
    if limiter(&world) == MemoryLimiter::RlimitAs {
        skipped("a_kill_is_no_lack_of_memory", "there is no control group: half of it was held");
        return;
    }
    // A shell outlives the real one, in the run before: the next KILL is still none.
    let outlives = "[ ! -e done ] || kill -9 $$; touch done; ./eat 256; exit 0";
    killed(&world, &["--memory-max", "48MiB", outlives]);
    assert_eq!(world.rows()[0].status, Status::Ok);
}

/// The same with two points: the machine counts what is killed in the control group of the other.
#[test]
fn a_kill_beside_a_lack_of_memory() {
    let world = world();
    if limiter(&world) == MemoryLimiter::RlimitAs {
        skipped("a_kill_beside_a_lack_of_memory", "there is no control group here");
        return;
    }
    let hungry = "[[workload]]\nname = \"hungry\"\nruns = 4\nmemory_max = \"48MiB\"\n";
    let killed = "[[workload]]\nname = \"killed\"\nruns = 9\n\
                  command = \"echo >>n; [ $(wc -l <n) -lt 3 ] || kill -9 $$\"\n";
    for (end, hungry_status) in [("; exit 0", Status::Ok), ("; exit $?", Status::OutOfMemory)] {
        let command = format!("command = './eat 256{end}'\n");
        world.write("tacho.toml", format!("{hungry}{command}{killed}"));
        world.write("n", "");
        let before = machine_kills();
        world.tacho(&["run"]).exits(4);
        let rows = world.rows();
        let hungry_rows = rows.iter().filter(|row| row.function.as_str() == "hungry").count();
        if machine_kills() != before + hungry_rows as u64 {
            skipped("a_kill_beside_a_lack_of_memory", "something else used up its memory, too");
            return;
        }
        for row in rows {
            let expected = match (row.function.as_str(), row.round) {
                ("hungry", _) => hungry_status,
                (_, Some(..2)) => Status::Ok,
                _ => Status::Crashed,
            };
            assert_eq!(row.status, expected, "{row:?}");
        }
    }
}

/// And with two lanes: the other one's shell outlives it, and goes on meanwhile.
#[test]
fn a_kill_beside_a_lack_of_memory_on_another_lane() {
    let world = world();
    if limiter(&world) == MemoryLimiter::RlimitAs {
        skipped("a_kill_beside_a_lack_of_memory_on_another_lane", "there is no control group here");
        return;
    }
    world.write(
        "tacho.toml",
        "[defaults]\njobs = 2\nruns = 1\n[[workload]]\nname = 'hungry'\nmemory_max = '48MiB'\n\
         command = './eat 256; touch ate; sleep 0.3; exit 0'\n[[workload]]\nname = 'killed'\n\
         command = 'until [ -e ate ]; do sleep 0.02; done; kill -9 $$'\n",
    );
    let before = machine_kills();
    world.tacho(&["run"]).exits(4);
    if machine_kills() != before + 1 {
        skipped("a_kill_beside_a_lack_of_memory_on_another_lane", "something else lacked memory");
        return;
    }
    for row in world.rows() {
        let is_hungry = row.function.as_str() == "hungry";
        let expected = if is_hungry { Status::Ok } else { Status::Crashed };
        assert_eq!(row.status, expected, "{row:?}");
    }
}

/// Each run may use all of its memory, also beside others.
#[test]
fn a_limit_is_each_runs_own() {
    let world = world();
    let words = ["run", "-j", "3", "-r", "4", "-N", "--memory-max", "48MiB", "./eat 30 100"];
    world.tacho(&words).exits(0);
    assert_eq!(world.rows().len(), 4);
}

/// The first processor on which this test may run.
fn first_processor() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    list.trim().split(['-', ',']).next().unwrap().to_owned()
}

#[test]
fn bounds_are_seen_from_inside() {
    let cpu = first_processor();
    let cpus = ["--cpus", &cpu];
    let allowed = "sed -n 's/Cpus_allowed_list:[^0-9]*//p' /proc/self/status >log";
    for (flags, line, expected) in [
        (&cpus[..], allowed, cpu.as_str()),
        (&["--nice", "19"], "nice >log", "19"),
        (&["--no-aslr"], "cat /proc/self/personality >log", "00040000"),
        (&[], "cat /proc/self/personality >log", "00000000"),
        (&["--no-aslr"], "tail -1 /proc/self/maps >log; tail -1 /proc/self/maps >>log", ""),
    ] {
        let world = World::new();
        world.tacho(&[&["run", "-r", "2"], flags, &[line]].concat()).exits(0).in_silence();
        let log = world.lines("log");
        match expected {
            "" => assert_eq!(log[0], log[1], "{flags:?}"),
            expected => assert_eq!(log, [expected], "{flags:?}"),
        }
    }
}

#[test]
fn a_manifests_bounds_are_a_points_own() {
    let cpu = first_processor();
    let world = World::with(&format!(
        "[defaults]\nruns = 2\n[[workload]]\nname = \"bound\"\nnice = 19\naslr = false\n\
         cpus = [{cpu}]\n\
         command = \"nice >bound; cat /proc/self/personality >>bound; nproc >>bound\"\n\
         [[workload]]\nname = \"free\"\ncommand = \"cat /proc/self/personality >free\"\n"
    ));
    world.tacho(&["run"]).exits(0).in_silence();
    assert_eq!(world.lines("bound"), ["19", "00040000", "1"]);
    assert_eq!(world.lines("free"), ["00000000"]);
}

/// Holds that a program that cannot have `setting` is not run, and that its row names it.
#[track_caller]
fn cannot_have(world: &World, setting: &str, output: Output) {
    output.exits(4).shows(&["could not run", &format!("`{setting}`")]);
    let rows = world.rows();
    assert_eq!((rows.len(), rows[0].status), (1, Status::Error));
    let error = rows[0].error.as_deref().unwrap();
    assert!(error.starts_with("cannot ") && error.contains(&format!("`{setting}`")), "{error}");
    assert_eq!((rows[0].exit_code, rows[0].user_nanos), (None, None), "nothing ran");
    assert!(!world.path("log").exists());
}

#[test]
fn processors_that_there_are_not() {
    let world = World::new();
    let output = world.tacho(&["run", "-r", "3", "--cpus", "0,1023", "echo ran >>log"]);
    output.exits(4).says(&["its `cpus` 1023 cannot be had; these can: 0", "choose among these"]);
    assert!(!world.path("log").exists());
}

#[test]
fn more_than_one_may_take() {
    let world = World::new();
    let drop = ["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"];
    let is_root = rustix::process::geteuid().is_root();
    let launcher = if is_root { &drop[..] } else { &[] };
    let mut trial = std::process::Command::new(drop[0]);
    let mut can_drop = || trial.args(&drop[1..]).arg("true").status().is_ok_and(|it| it.success());
    if is_root && !can_drop() {
        skipped("more_than_one_may_take", "setpriv cannot take the right from root");
        return;
    }
    let args = ["run", "-r", "3", "--nice=-20", "echo ran >>log"];
    let output = world.launch(world.command_under(launcher, &args)).end();
    cannot_have(&world, "nice", output);
}
