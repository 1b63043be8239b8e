//! Programs that are started to see what comes of it, under the supervision that a run has.

use std::collections::BTreeMap;
use std::path::Path;

use tacho_schema::{Area, Capability, Unit};

use super::finding::{Had, Trial, capability, read, why};
use crate::child::{Finished, Supervisor};
use crate::kernel_text::number_after;
use crate::program::{Program, Surroundings};
use crate::spawn::{End, Ended, SpawnError};

/// No trial takes longer, however busy the machine is: nobody waits for a doctor.
const TIMEOUT_NANOS: u64 = 2_000_000_000;

/// What is started for its numbers: enough work that none of them should be zero.
pub(super) const WORK: [&str; 3] =
    ["/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"];

/// What the figures of [`WORK`] are of.
const WORK_IS: &str = "of a short loop in sh";

/// A place to try programs in.
pub(super) struct Trials {
    /// What starts them.
    pub supervisor: Supervisor,
    surroundings: Surroundings,
}

impl Trials {
    /// Trials under `supervisor`.
    pub(super) fn new(supervisor: Supervisor) -> Self {
        Self { supervisor, surroundings: Surroundings::inherited() }
    }

    /// Runs `words` to their end; inside, why they did not end well.
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    pub(super) fn run(&mut self, words: &[&str]) -> Result<Result<Ended, String>, SpawnError> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let none = BTreeMap::new();
        let found = Program::find(&words, &self.surroundings, &none, Path::new("/"), None);
        let program = match found {
            Ok(program) => program.announced_within(TIMEOUT_NANOS),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let finished = self.supervisor.run_alone(&program, TIMEOUT_NANOS)?;
        Ok(finished.map_or_else(|| Err("it was not started".to_owned()), |it| judge(*it)))
    }

    /// The numbers that every row has, each from one run of [`WORK`].
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    pub(super) fn metrics(&mut self) -> Result<Vec<Capability>, SpawnError> {
        let ran = self.run(&WORK)?;
        let floor_kb = self.supervisor.spawner().floor_kb();
        let had = |name, trial: fn(&Ended) -> Trial| {
            capability(Area::Metric, name, ran.as_ref().map_err(Clone::clone).and_then(trial))
        };
        let mut found = vec![
            had("wall", |ended| nanos(ended.span()).map(|had| had.of(WORK_IS))),
            had("cpu", |ended| {
                let nanos = nanos(ended.user_nanos.saturating_add(ended.system_nanos));
                nanos.map(|had| had.of("user and system together"))
            }),
            had("user", |ended| {
                Ok(Had::figure(ended.user_nanos as f64, Unit::Nanoseconds).of("in user mode"))
            }),
            had("system", |ended| {
                Ok(Had::figure(ended.system_nanos as f64, Unit::Nanoseconds).of("in the kernel"))
            }),
        ];
        let peak = ran.clone().and_then(|ended| peak_rss(&ended, floor_kb));
        found.push(capability(Area::Metric, "peak_rss", peak));
        found.push(had("faults", faults));
        found.push(capability(Area::Metric, "switches", ran.and_then(|ended| switches(&ended))));
        Ok(found)
    }
}

/// An end that is none of a program that did what it should becomes a reason.
fn judge(finished: Finished) -> Result<Ended, String> {
    let ended = finished.ended;
    if finished.forced.is_some() {
        return Err(format!("it took longer than {} s", TIMEOUT_NANOS / 1_000_000_000));
    }
    match ended.end {
        End::Exited(0) => Ok(ended),
        End::Exited(code) => Err(match last_line(&ended) {
            Some(line) => format!("it ended with exit {code}: {line}"),
            None => format!("it ended with exit {code}"),
        }),
        End::Signaled(signal) => Err(format!("it was ended by signal {signal}")),
        End::NotStarted { step, errno } => {
            Err(format!("cannot {step}: {}", why(&std::io::Error::from_raw_os_error(errno))))
        }
    }
}

/// The last line that was printed, on standard error if there is one.
fn last_line(ended: &Ended) -> Option<String> {
    [&ended.stderr, &ended.stdout].into_iter().find_map(|tail| {
        let text = tail.text();
        text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
    })
}

fn nanos(nanos: u64) -> Trial {
    match nanos {
        0 => Err("the kernel counted no time for a program that computes".to_owned()),
        nanos => Ok(Had::figure(nanos as f64, Unit::Nanoseconds)),
    }
}

fn peak_rss(ended: &Ended, floor_kb: Option<u64>) -> Trial {
    if ended.peak_rss_kb == 0 {
        return Err("the kernel counted no memory for a program that has some".to_owned());
    }
    let had = Had::figure(ended.peak_rss_kb as f64 * 1024.0, Unit::Bytes);
    Ok(match floor_kb {
        Some(floor) => had.of(format!("up to {floor} KiB may be the starter's own")),
        None => had,
    })
}

fn faults(ended: &Ended) -> Trial {
    match ended.minor_faults.saturating_add(ended.major_faults) {
        0 => Err("the kernel counted no page faults for a program that was loaded".to_owned()),
        faults => Ok(Had::figure(faults as f64, Unit::Count).of(format!(
            "{} of them from the disk",
            if ended.major_faults == 0 {
                "none".to_owned()
            } else {
                ended.major_faults.to_string()
            },
        ))),
    }
}

/// A program may end without a switch; that they are counted is seen on ourselves, who slept.
fn switches(ended: &Ended) -> Trial {
    let own = read("/proc/self/status")?;
    if number_after(&own, "voluntary_ctxt_switches").unwrap_or(0) == 0 {
        return Err("the kernel counts no context switches".to_owned());
    }
    let all = ended.voluntary_switches.saturating_add(ended.involuntary_switches);
    let detail = format!("{} of them involuntary", ended.involuntary_switches);
    Ok(Had::figure(all as f64, Unit::Count).of(detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spawn::Tail;

    fn ended(end: End, stderr: &str, stdout: &str) -> Ended {
        let tail = |text: &str| {
            let mut tail = Tail::default();
            tail.push(text.as_bytes());
            tail
        };
        Ended {
            token: 1,
            pid: 2,
            start_nanos: 10,
            end_nanos: 30,
            end,
            user_nanos: 0,
            system_nanos: 0,
            peak_rss_kb: 0,
            minor_faults: 0,
            major_faults: 0,
            voluntary_switches: 0,
            involuntary_switches: 0,
            run_delay_nanos: None,
            run_nanos: 0,
            stops: None,
            leaked: 0,
            survivors: 0,
            stdout: tail(stdout),
            stderr: tail(stderr),
            held: false,
        }
    }

    #[test]
    fn a_trial_that_went_wrong_says_how() {
        let missing = End::NotStarted { step: "start it", errno: 2 };
        for (end, stderr, stdout, expected) in [
            (End::Exited(0), "", "", None),
            (End::Exited(2), "", "", Some("it ended with exit 2")),
            (End::Exited(2), "a\n  b \n\n", "c", Some("it ended with exit 2: b")),
            (End::Exited(2), " \n", "c", Some("it ended with exit 2: c")),
            (End::Signaled(9), "x", "", Some("it was ended by signal 9")),
            (missing, "", "", Some("cannot start it: No such file or directory")),
        ] {
            let finished = Finished { ended: ended(end, stderr, stdout), forced: None };
            assert_eq!(judge(finished).err().as_deref(), expected, "{end:?}");
        }
    }

    #[test]
    fn what_reads_zero_is_not_counted() {
        let mut ended = ended(End::Exited(0), "", "");
        assert!(nanos(0).is_err() && faults(&ended).is_err() && peak_rss(&ended, None).is_err());
        (ended.minor_faults, ended.major_faults, ended.peak_rss_kb) = (7, 2, 4);
        assert_eq!(faults(&ended), Ok(Had::figure(9.0, Unit::Count).of("2 of them from the disk")));
        assert_eq!(peak_rss(&ended, None), Ok(Had::figure(4096.0, Unit::Bytes)));
    }
}
