//! Other ways of looking: the processor's own counters, and the programs that count or trace.

use tacho_schema::{Area, Capability, Unit};

use super::finding::{Had, Trial, capability, read, why};
use super::trial::Trials;
use crate::spawn::SpawnError;

/// Where the kernel says who may count.
const PARANOID: &str = "/proc/sys/kernel/perf_event_paranoid";

/// The kernel's list of the processor's counters on x86-64; on arm64 the name has a suffix.
const COUNTERS: &str = "/sys/bus/event_source/devices";

/// Additions that are counted for the trial.
const ADDITIONS: u64 = 10_000;

/// Every instrument, each tried.
///
/// # Errors
/// [`SpawnError`] when the starter is gone.
pub(super) fn instruments(trials: &mut Trials) -> Result<Vec<Capability>, SpawnError> {
    let all = [
        ("instructions", instructions()),
        ("callgrind", callgrind(trials)?),
        ("perf", version(trials, "perf")?),
        ("heaptrack", version(trials, "heaptrack")?),
    ];
    Ok(all.into_iter().map(|(name, trial)| capability(Area::Instrument, name, trial)).collect())
}

/// Opens a counter of instructions in user mode and lets it count.
fn instructions() -> Trial {
    let fail = |error: std::io::Error| {
        let listed = std::fs::read_dir(COUNTERS).is_ok_and(|entries| {
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            names.into_iter().any(|name| is_of_processor(&name))
        });
        let paranoid = read(PARANOID).ok().and_then(|text| text.trim().parse().ok());
        refusal(&error, paranoid, listed)
    };
    let mut counter = perf_event::Builder::new().build().map_err(fail)?;
    counter.enable().map_err(fail)?;
    let sum = (0..ADDITIONS).fold(0_u64, |sum, next| sum.wrapping_add(std::hint::black_box(next)));
    counter.disable().map_err(fail)?;
    std::hint::black_box(sum);
    match counter.read().map_err(fail)? {
        0 => Err("a hardware counter opens, and counts nothing".to_owned()),
        count => Ok(Had::figure(count as f64, Unit::Count)
            .of(format!("of {ADDITIONS} additions, counted by the processor"))),
    }
}

/// `cpu`, the `cpu_core` of a processor with two kinds of cores, `armv8_cortex_a72`.
fn is_of_processor(device: &str) -> bool {
    device == "cpu" || device.starts_with("cpu_") || device.starts_with("armv")
}

/// Why no counter of instructions is had.
fn refusal(error: &std::io::Error, paranoid: Option<i32>, listed: bool) -> String {
    let said = why(error);
    let denied = error.kind() == std::io::ErrorKind::PermissionDenied;
    let because = match (denied, paranoid, listed) {
        (true, Some(level @ 3..), _) => format!(
            "kernel.perf_event_paranoid is {level}: `sudo sysctl kernel.perf_event_paranoid=2` \
             lets users count their own programs",
        ),
        (true, ..) => "probably a filter of system calls, as containers have one".to_owned(),
        (false, _, false) => "the kernel sees no counters of the processor, as in a virtual \
                              machine that is given none"
            .to_owned(),
        (false, _, true) => "the processor's counters are listed, this one is not had".to_owned(),
    };
    format!("no hardware counter ({said}): {because}")
}

/// Runs an empty shell under callgrind: that valgrind is there does not mean that it works here.
fn callgrind(trials: &mut Trials) -> Result<Trial, SpawnError> {
    let options = ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--vgdb=no"];
    let words = [&["valgrind"][..], &options, &["/bin/sh", "-c", ":"]].concat();
    Ok(trials.run(&words)?.and_then(|ended| callgrind_of(&ended.stderr.text())))
}

fn callgrind_of(said: &str) -> Trial {
    let after = |key: &str| said.lines().find_map(|line| line.split_once(key)).map(|it| it.1);
    let count = after("Collected :").and_then(|text| text.trim().parse::<u64>().ok());
    let count = count.ok_or("it ran, and did not say how many instructions it collected")?;
    let version = after("Using Valgrind-").and_then(|text| text.split([' ', ';']).next());
    let version = version.map_or("valgrind".to_owned(), |text| format!("valgrind {text}"));
    Ok(Had::figure(count as f64, Unit::Count).of(format!("of `sh -c :`, by {version}")))
}

fn version(trials: &mut Trials, program: &str) -> Result<Trial, SpawnError> {
    let ended = trials.run(&[program, "--version"])?;
    Ok(ended.and_then(|ended| {
        let text = ended.stdout.text();
        let line = text.lines().map(str::trim).find(|line| !line.is_empty());
        line.map(Had::words).ok_or_else(|| format!("`{program} --version` says nothing"))
    }))
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use super::*;

    #[test]
    fn a_refused_counter_says_what_would_help() {
        let (absent, denied) = (Error::from_raw_os_error(2), Error::from_raw_os_error(13));
        for (error, paranoid, listed, expected) in [
            (&absent, Some(2), false, "virtual machine that is given none"),
            (&absent, None, true, "this one is not had"),
            (&denied, Some(4), true, "perf_event_paranoid is 4: `sudo sysctl"),
            (&denied, Some(2), false, "a filter of system calls"),
            (&denied, None, false, "a filter of system calls"),
        ] {
            let said = refusal(error, paranoid, listed);
            assert!(said.contains(expected) && !said.contains("os error"), "{said}");
        }
        for (device, expected) in
            [("cpu", true), ("cpu_atom", true), ("armv8_pmuv3", true), ("software", false)]
        {
            assert_eq!(is_of_processor(device), expected, "{device}");
        }
    }

    #[test]
    fn what_callgrind_says() {
        let said = "==1== Callgrind, a call-graph generating cache profiler\n\
                    ==1== Using Valgrind-3.19.0 and LibVEX; rerun with -h for copyright info\n\
                    ==1== Events    : Ir\n==1== Collected : 128717\n==1== \n";
        let had = Had::figure(128_717.0, Unit::Count);
        assert_eq!(callgrind_of(said), Ok(had.of("of `sh -c :`, by valgrind 3.19.0")));
        assert!(callgrind_of("").is_err() && callgrind_of("Collected : many\n").is_err());
    }
}
