//! What the machine did meanwhile: its counters, read through descriptors that stay open.
//!
//! A reading takes some 20 µs, so it is taken at most every 10 ms. Each batch lies between two
//! readings: the last one before it began and the first one after it ended; what moved between
//! them is its window, which the batches of a short program share. What is the batch's own (its
//! run delay, its switches, its stops) comes from the starter.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;

use tacho_schema::Conditions;

use crate::child::Supervisor;
use crate::clock::monotonic_nanos;
use crate::kernel_text::{cpu_ticks, load1, number_after, pressure};
use crate::spawn::SpawnError;

/// Between two readings, at least.
const WINDOW_NANOS: u64 = 10_000_000;
/// A window lasts at least so many times what a reading takes: on a machine of very many
/// processors that is long.
const READINGS_PER_WINDOW: u64 = 200;
/// A run of nothing for [`unavailable`] takes no longer.
const TRIAL_NANOS_MAX: u64 = 10_000_000_000;
/// The kernel counts steal in these, whatever its tick is (USER_HZ).
const NANOS_PER_TICK: u64 = 10_000_000;
/// What is read of a file; the numbers stand in its first lines.
const TEXT_BYTES: usize = 2048;

/// The machine-wide counters at one moment; `None` where the kernel does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    pub(crate) at_nanos: u64,
    steal_nanos: Option<u64>,
    psi_cpu_us: Option<u64>,
    psi_io_us: Option<u64>,
    psi_memory_us: Option<u64>,
    load1: Option<f64>,
    mem_available_kb: Option<u64>,
    swap_used_kb: Option<u64>,
}

impl Reading {
    /// What happened from `self` to `later`. Levels (load, memory) are the later ones.
    pub(crate) fn until(&self, later: &Self) -> Conditions {
        let moved = |from: Option<u64>, to: Option<u64>| Some(to?.saturating_sub(from?));
        Conditions {
            steal_nanos: moved(self.steal_nanos, later.steal_nanos),
            psi_cpu_us: moved(self.psi_cpu_us, later.psi_cpu_us),
            psi_io_us: moved(self.psi_io_us, later.psi_io_us),
            psi_memory_us: moved(self.psi_memory_us, later.psi_memory_us),
            load1: later.load1,
            mem_available_kb: later.mem_available_kb,
            swap_used_kb: later.swap_used_kb,
            window_nanos: Some(later.at_nanos.saturating_sub(self.at_nanos)),
            ..Conditions::default()
        }
    }
}

/// The files that a reading is taken from.
const PATHS: [&str; 6] = [
    "/proc/stat",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/pressure/cpu",
    "/proc/pressure/io",
    "/proc/pressure/memory",
];

/// Which file each machine-wide key of the conditions is read from.
const SOURCES: [(&str, usize); 7] = [
    ("steal_nanos", 0),
    ("load1", 1),
    ("mem_available_kb", 2),
    ("swap_used_kb", 2),
    ("psi_cpu_us", 3),
    ("psi_io_us", 4),
    ("psi_memory_us", 5),
];

/// Takes readings.
#[derive(Debug)]
pub(crate) struct Watch {
    files: [Result<File, std::io::ErrorKind>; PATHS.len()],
    last: Reading,
    window_nanos: u64,
}

impl Watch {
    /// Opens what there is, and takes the first reading.
    pub(crate) fn open() -> Self {
        let files = PATHS.map(|path| File::open(path).map_err(|error| error.kind()));
        let mut watch = Self { files, last: Reading::default(), window_nanos: WINDOW_NANOS };
        watch.read();
        let began = watch.last.at_nanos;
        watch.read();
        let cost_nanos = watch.last.at_nanos.saturating_sub(began);
        watch.window_nanos = WINDOW_NANOS.max(cost_nanos.saturating_mul(READINGS_PER_WINDOW));
        watch
    }

    /// The last reading.
    pub(crate) fn last(&self) -> Reading {
        self.last
    }

    /// When the next reading may be taken.
    pub(crate) fn due_nanos(&self) -> u64 {
        self.last.at_nanos + self.window_nanos
    }

    /// Takes a reading, and returns it.
    pub(crate) fn read(&mut self) -> Reading {
        let mut text = [0u8; TEXT_BYTES];
        let mut reading = Reading { at_nanos: monotonic_nanos(), ..Reading::default() };
        for (index, file) in self.files.iter().enumerate() {
            let Ok(Ok(length)) = file.as_ref().map(|file| file.read_at(&mut text, 0)) else {
                continue;
            };
            take(&mut reading, index, &text[..length]);
        }
        self.last = reading;
        reading
    }

    /// Why a key of the conditions cannot be had here.
    fn unavailable(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        let last = &self.last;
        SOURCES.into_iter().filter_map(move |(key, source)| {
            let known = match key {
                "steal_nanos" => last.steal_nanos.is_some(),
                "load1" => last.load1.is_some(),
                "mem_available_kb" => last.mem_available_kb.is_some(),
                "swap_used_kb" => last.swap_used_kb.is_some(),
                "psi_cpu_us" => last.psi_cpu_us.is_some(),
                "psi_io_us" => last.psi_io_us.is_some(),
                _ => last.psi_memory_us.is_some(),
            };
            let reason = match &self.files[source] {
                Ok(_) => format!("{} does not say", PATHS[source]),
                Err(kind) => format!("{}: {kind}", PATHS[source]),
            };
            (!known).then_some((key, reason))
        })
    }
}

/// Takes over what the text of file `source` says.
fn take(reading: &mut Reading, source: usize, text: &[u8]) {
    // What is cut off in the middle of a character stands behind what is read.
    let Ok(text) = std::str::from_utf8(text) else { return };
    let pressure_us = || pressure(text).map(|found| found.total_us);
    match source {
        0 => {
            let steal = cpu_ticks(text).and_then(|ticks| ticks.steal);
            reading.steal_nanos = steal.and_then(|ticks| ticks.checked_mul(NANOS_PER_TICK));
        }
        1 => reading.load1 = load1(text),
        2 => {
            let swap = number_after(text, "SwapTotal").zip(number_after(text, "SwapFree"));
            reading.mem_available_kb = number_after(text, "MemAvailable");
            reading.swap_used_kb = swap.map(|(total, free)| total.saturating_sub(free));
        }
        3 => reading.psi_cpu_us = pressure_us(),
        4 => reading.psi_io_us = pressure_us(),
        _ => reading.psi_memory_us = pressure_us(),
    }
}

/// Which keys of the conditions no row can have here, each with the reason met when it was tried:
/// every file is read, and a program that does nothing is run.
///
/// # Errors
/// [`SpawnError`] when the starter is gone.
pub fn unavailable(
    supervisor: &mut Supervisor,
) -> Result<BTreeMap<&'static str, String>, SpawnError> {
    let mut all: BTreeMap<&'static str, String> = Watch::open().unavailable().collect();
    let Some(nothing) = supervisor.spawner().nothing() else {
        all.insert("stops", "the starter on std does not see them".to_owned());
        return Ok(all);
    };
    if let Some(finished) = supervisor.run_alone(&nothing, TRIAL_NANOS_MAX)?
        && finished.ended.run_delay_nanos.is_none()
    {
        let reason = "/proc/PID/schedstat cannot be read: the kernel was built without it";
        all.insert("run_delay_nanos", reason.to_owned());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "cpu  8157 3 2949 79521 178 0 16 15 7 0\ncpu0 4000 0 1 2 3 4 5 6 0 0\n";
    const OLD_STAT: &str = "cpu  8157 3 2949 79521\n";
    const MEMINFO: &str = "MemTotal:       24000000 kB\nMemFree:  1 kB\n\
                           MemAvailable:   23000000 kB\nSwapTotal:  2097148 kB\n\
                           SwapFree: 97148 kB\n";
    const PSI: &str = "some avg10=0.00 avg60=0.12 avg300=0.00 total=1426669\n\
                       full avg10=0.00 avg60=0.00 avg300=0.08 total=1243366\n";

    #[track_caller]
    fn check(source: usize, text: &str, expected: Reading) {
        let mut reading = Reading::default();
        take(&mut reading, source, text.as_bytes());
        assert_eq!(reading, expected, "{text:?}");
    }

    #[test]
    fn what_the_files_say() {
        let none = Reading::default();
        check(0, STAT, Reading { steal_nanos: Some(150_000_000), ..none });
        check(1, "0.33 0.19 0.10 5/87 7308\n", Reading { load1: Some(0.33), ..none });
        let memory =
            Reading { mem_available_kb: Some(23_000_000), swap_used_kb: Some(2_000_000), ..none };
        check(2, MEMINFO, memory);
        check(3, PSI, Reading { psi_cpu_us: Some(1_426_669), ..none });
        check(4, PSI, Reading { psi_io_us: Some(1_426_669), ..none });
        check(5, PSI, Reading { psi_memory_us: Some(1_426_669), ..none });
    }

    #[test]
    fn what_they_do_not_say_is_unknown() {
        for (source, text) in [
            (0, ""),
            (0, OLD_STAT),
            (0, "intr 1 2 3\n"),
            (0, "cpu  1 2 3 4 5 6 7 x 9\n"),
            (0, "cpu  1 2 3 4 5 6 7 99999999999999999999 9\n"),
            (1, ""),
            (1, "inf 0 0"),
            (2, "MemTotal: 5 kB\n"),
            (2, "MemAvailable: - kB\nSwapTotal: 7 kB\n"),
            (3, "full avg10=0.00 total=5\n"),
            (3, "some avg10=0.00\n"),
            (5, "some avg10=0.00 total=-1\n"),
        ] {
            check(source, text, Reading::default());
        }
    }

    #[test]
    fn a_window_is_what_moved() {
        let from = Reading {
            at_nanos: 5,
            steal_nanos: Some(10),
            psi_cpu_us: Some(100),
            psi_io_us: None,
            psi_memory_us: Some(9),
            load1: Some(0.5),
            mem_available_kb: Some(1),
            swap_used_kb: Some(2),
        };
        let to = Reading {
            at_nanos: 25,
            steal_nanos: Some(30),
            psi_io_us: Some(7),
            // A counter that went back has not moved.
            psi_memory_us: Some(3),
            load1: Some(0.75),
            ..from
        };
        let expected = Conditions {
            steal_nanos: Some(20),
            psi_cpu_us: Some(0),
            psi_io_us: None,
            psi_memory_us: Some(0),
            load1: Some(0.75),
            mem_available_kb: Some(1),
            swap_used_kb: Some(2),
            window_nanos: Some(20),
            ..Conditions::default()
        };
        assert_eq!(from.until(&to), expected);
    }

    #[test]
    fn readings_are_taken_here() {
        let mut watch = Watch::open();
        let first = watch.last();
        let second = watch.read();
        assert_eq!(watch.last(), second);
        assert!(second.at_nanos >= first.at_nanos && second.mem_available_kb.is_some());
        assert!(watch.due_nanos() >= second.at_nanos + WINDOW_NANOS);
    }
}
