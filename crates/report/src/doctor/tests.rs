use tacho_schema::version::Version;
use tacho_schema::{Environment, HungryProcess};

use super::*;

const AT_80: Style = Style { width: Some(80), color: false, unicode: true, time_unit: None };

fn had(area: Area, name: &str, value: f64, unit: Unit, detail: &str) -> Capability {
    Capability {
        name: name.into(),
        area,
        available: true,
        value: Some(value),
        unit: Some(unit),
        detail: Some(detail.into()),
        reason: None,
    }
}

fn plain(area: Area, name: &str, detail: &str) -> Capability {
    Capability { value: None, unit: None, ..had(area, name, 0.0, Unit::Count, detail) }
}

fn missing(area: Area, name: &str, reason: &str) -> Capability {
    let reason = Some(reason.into());
    Capability { available: false, detail: None, reason, ..plain(area, name, "") }
}

fn influence(
    name: &str,
    state: InfluenceState,
    value: Option<&str>,
    reason: Option<&str>,
    advice: Option<&str>,
) -> Influence {
    Influence {
        name: name.into(),
        state,
        value: value.map(str::to_owned),
        reason: reason.map(str::to_owned),
        advice: advice.map(str::to_owned),
        command: None,
    }
}

fn capabilities() -> Vec<Capability> {
    use Area::{Condition, Instrument, Limit, Metric, Supervision};
    vec![
        plain(Supervision, "spawner.static", "the small starter runs"),
        had(Metric, "wall", 5.03e6, Unit::Nanoseconds, "of a short loop in sh"),
        had(Metric, "peak_rss", 1_593_835.0, Unit::Bytes, "up to 36 KiB may be the starter's own"),
        had(Metric, "faults", 67.0, Unit::Count, "none of them from the disk"),
        missing(
            Condition,
            "conditions.psi_cpu_us",
            "/proc/pressure/cpu: No such file or directory (pressure needs CONFIG_PSI and psi=1 at \
             boot)",
        ),
        had(Condition, "conditions.load1", 1.71, Unit::Count, "in the last minute"),
        missing(
            Instrument,
            "instructions",
            "no hardware counter (No such file or directory): the kernel sees no counters of the \
             processor",
        ),
        plain(Instrument, "perf", "perf version 6.1.187"),
        had(Limit, "cpus", 8.0, Unit::Count, "processors to choose from"),
    ]
}

fn doc() -> DoctorDoc {
    use InfluenceState::{Disturbs, Quiet, Unknown};
    let command =
        "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor";
    DoctorDoc {
        schema_version: Version,
        machine: Environment {
            cpu_model: Some("AMD EPYC".into()),
            kernel: Some("6.18.44".into()),
            hostname: Some("builder".into()),
            cpu_cores: Some(8),
            ..Environment::default()
        },
        capabilities: capabilities(),
        disturbances: vec![
            Influence {
                command: Some(command.into()),
                ..influence(
                    "governor",
                    Disturbs,
                    Some("powersave on 8"),
                    Some("the frequency follows the load: the same work is slower after a pause"),
                    Some("let it stay high while you measure"),
                )
            },
            influence(
                "turbo",
                Unknown,
                None,
                Some("neither intel_pstate/no_turbo nor cpufreq/boost is here"),
                None,
            ),
            influence("thp", Quiet, Some("madvise"), None, None),
            influence(
                "neighbours",
                Disturbs,
                Some("within 0.5 s cc1 (4711) 98 %, \u{1b}[2J (12) 4.0 % of one processor"),
                Some("they take processors, caches and memory from what is measured"),
                Some("stop them, or let `--quiet-wait 60s` wait for a quiet moment"),
            ),
        ],
        ruler: Ruler {
            timer_precision_nanos: Some(20),
            timer_cost_nanos: 27.4,
            clocksource: Some("tsc".into()),
            spawner: "static".into(),
            spawn_floor_nanos: Some(452_000.0),
            window_nanos: 500_000_000,
        },
        hungriest: vec![HungryProcess { pid: 4711, name: "cc1".into(), cpu_share: 0.98 }],
    }
}

/// A machine on which all is well.
fn calm() -> DoctorDoc {
    let mut doc = doc();
    doc.capabilities.retain(|it| it.available);
    doc.disturbances.retain(|it| it.state == InfluenceState::Quiet);
    doc
}

/// A machine that tells nothing of its clock, and one thing that disturbs.
fn blind() -> DoctorDoc {
    let mut doc = doc();
    doc.machine = Environment::default();
    doc.disturbances.truncate(1);
    doc.ruler = Ruler {
        timer_precision_nanos: None,
        timer_cost_nanos: 1_200.0,
        clocksource: None,
        spawn_floor_nanos: None,
        spawner: "std".into(),
        window_nanos: 0,
    };
    doc
}

#[track_caller]
fn check(name: &str, doc: &DoctorDoc, style: &Style) {
    let text = doctor(doc, style);
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text:?}");
    assert!(text.lines().all(|line| line.trim_end() == line), "blanks at an end: {text:?}");
    insta::assert_snapshot!(name, text);
}

#[test]
fn looks() {
    for width in [Some(40), Some(80), Some(120), None] {
        let name = width.map_or("pipe".to_owned(), |width| format!("at_{width}"));
        check(&name, &doc(), &Style { width, ..AT_80 });
    }
    check("color", &doc(), &Style { color: true, ..AT_80 });
    check("ascii", &doc(), &Style { unicode: false, ..AT_80 });
    check("calm", &calm(), &AT_80);
    check("blind", &blind(), &AT_80);
}

#[test]
fn nothing_is_wider_than_the_terminal_but_what_must_stay_whole() {
    for columns in 40..140 {
        let text = doctor(&doc(), &Style { width: Some(columns), ..AT_80 });
        for line in text.lines().filter(|line| width(line) > columns) {
            assert!(line.contains("sudo tee") || !line.trim().contains(' '), "{columns}: {line}");
        }
    }
}

#[test]
fn the_document_is_the_same_after_a_journey() {
    let text = crate::json::doctor(&doc());
    let back: DoctorDoc = serde_json::from_str(&text).unwrap();
    assert_eq!(back, doc());
    assert!(text.starts_with("{\n  \"schema_version\": 1,\n  \"machine\": {"), "{text}");
}
