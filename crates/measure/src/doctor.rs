//! What this machine can measure, what disturbs it, and how fine its ruler is: found by trying.
//!
//! Nothing is concluded from a version or a flag where the thing itself can be done once: a
//! program is run for its numbers, a counter is opened, a control group is made and removed. What
//! comes out is a value: a machine that can do little is no error. `assess` and `assess_load` say
//! of a setting whether it disturbs; they and `parse` take texts and touch nothing.

mod assess;
mod assess_load;
mod conditions;
mod finding;
mod instruments;
mod limits;
mod settings;
mod timer;
mod trial;
mod window;

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use tacho_schema::version::Version;
use tacho_schema::{DoctorDoc, Influence, Ruler};

use crate::child::Supervisor;
use crate::spawn::SpawnError;
use finding::{read, trimmed, why};
use trial::Trials;
use window::{Look, Window};

/// For how long the other processes are watched: fifty ticks of the kernel's usual clock.
const WINDOW: Duration = Duration::from_millis(500);

/// Examines the machine, in about a second.
///
/// # Errors
/// [`SpawnError`] when no program can be started at all.
pub fn examine(tacho_version: &str) -> Result<DoctorDoc, SpawnError> {
    // The root belongs to no project: of a source nothing is asked.
    let machine = crate::machine::environment(Path::new("/"), false, tacho_version);
    let other_tacho = is_machine_free();
    // Before any program of ours runs: the window is of the others.
    let ticks_per_second = rustix::param::clock_ticks_per_second();
    let first = Look::now();
    std::thread::sleep(WINDOW);
    let window = first.until(&Look::now(), std::process::id(), ticks_per_second);
    let allowed = rustix::thread::sched_getaffinity(None).ok().map(|set| u64::from(set.count()));
    let momentary = momentary(&window, allowed, other_tacho);

    // Nobody wakes us: a signal ends this process, and with it the starter.
    let (wake, _never) = UnixStream::pair()
        .map_err(|source| SpawnError::System { what: "make a socket", source })?;
    let mut trials = Trials::new(Supervisor::new(crate::spawn::start(wake.into())?));
    let spawner = trials.supervisor.spawner().name();
    let spawn_floor_nanos = crate::ruler::spawn_floor_nanos(&mut trials.supervisor)?;
    let clock_cost = timer::cost_nanos();

    let mut capabilities = limits::supervision(spawner);
    capabilities.extend(trials.metrics()?);
    capabilities.extend(conditions::conditions(ticks_per_second));
    capabilities.extend(instruments::instruments(&mut trials)?);
    capabilities.extend(limits::limits(&mut trials)?);
    let can_fix_addresses = capabilities.iter().any(|it| it.name == "aslr" && it.available);
    let mut disturbances = settings::influences(allowed, can_fix_addresses, clock_cost);
    disturbances.extend(momentary);
    Ok(DoctorDoc {
        schema_version: Version,
        machine,
        capabilities,
        disturbances,
        ruler: Ruler {
            timer_precision_nanos: timer::precision_nanos(),
            timer_cost_nanos: clock_cost,
            clocksource: trimmed(
                "/sys/devices/system/clocksource/clocksource0/current_clocksource",
            ),
            spawner: spawner.to_owned(),
            spawn_floor_nanos,
            window_nanos: window.nanos,
        },
        hungriest: window.hungriest,
    })
}

/// What can change from one minute to the next.
fn momentary(
    window: &Window,
    allowed: Option<u64>,
    other_tacho: Result<bool, String>,
) -> Vec<Influence> {
    let loadavg = read("/proc/loadavg").ok();
    let meminfo = read("/proc/meminfo").ok();
    vec![
        assess_load::load(loadavg.as_deref(), allowed),
        assess_load::neighbours(window),
        assess_load::steal(window),
        assess_load::memory(meminfo.as_deref()),
        assess_load::swap(meminfo.as_deref(), window),
        assess_load::other_tacho(other_tacho),
    ]
}

/// Takes the machine's lock and gives it back at once.
fn is_machine_free() -> Result<bool, String> {
    crate::machine_lock::try_lock()
        .map(|lock| lock.is_some())
        .map_err(|error| format!("the lock of the machine: {}", why(&error)))
}

#[cfg(test)]
mod tests {
    use tacho_schema::InfluenceState;

    use super::*;

    #[test]
    fn every_entry_is_whole_on_any_machine() {
        let doc = examine("1.2.3").unwrap();
        assert_eq!(doc.machine.tacho_version.as_deref(), Some("1.2.3"));
        assert_eq!(doc.machine.git_commit, None);
        for it in &doc.capabilities {
            assert_eq!(it.available, it.reason.is_none(), "{it:?}");
            assert!(it.available || it.value.is_none() && it.detail.is_none(), "{it:?}");
            assert_eq!(it.value.is_some(), it.unit.is_some(), "{it:?}");
            assert!(it.value.is_none_or(|value| value.is_finite() && value >= 0.0), "{it:?}");
        }
        for it in &doc.disturbances {
            assert_eq!(it.value.is_none(), it.state == InfluenceState::Unknown, "{it:?}");
            assert_eq!(it.reason.is_none(), it.state == InfluenceState::Quiet, "{it:?}");
            assert_eq!(it.advice.is_some(), it.state == InfluenceState::Disturbs, "{it:?}");
        }
        let mut names: Vec<&str> = doc.capabilities.iter().map(|it| it.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), doc.capabilities.len(), "a name stands twice");
        for name in ["wall", "cpu", "peak_rss", "faults", "instructions", "aslr", "cpus"] {
            assert!(names.contains(&name), "no {name} in {names:?}");
        }
        let conditions = names.iter().filter_map(|name| name.strip_prefix("conditions."));
        for key in conditions {
            assert!(tacho_schema::row::CONDITION_KEYS.contains(&key), "{key} is no key of a row");
        }
        assert!(doc.hungriest.iter().all(|it| it.pid != std::process::id()));
    }
}
