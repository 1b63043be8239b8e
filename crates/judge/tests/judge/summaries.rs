//! What is said of a point, from its rows.

use tacho_judge::policy::OUTPUT_TAIL_BYTES_MAX;
use tacho_schema::{
    Metric, MetricName, Notice, ParamValue, PlannedPoint, Ratio, Row, Status, WireBatch,
};

use crate::build::{collect, failed, header, plan, planned, point, row, walls};

/// The only door of the notices: these rows of one point, in any order, say this.
fn check(what: &str, mut rows: Vec<Row>, planned: PlannedPoint, expected: &[Notice]) {
    let header = header(true, Some(50.0));
    let plan = plan(vec![planned]);
    let mut one = collect(&rows).summaries(Some(&plan), &header);
    rows.reverse();
    let other = collect(&rows).summaries(Some(&plan), &header);
    assert_eq!(one[0].notices, other[0].notices, "{what}: the order of rows mattered");
    assert_eq!(one.len(), 1, "{what}");
    assert_eq!(one.remove(0).notices, expected, "{what}");
}

#[test]
fn notices_of_times() {
    let outliers =
        |mild, severe, samples| Notice::Outliers { mild, severe, samples, times_itself: false };
    let slower = |first_nanos, others_nanos| Notice::FirstRunSlower { first_nanos, others_nanos };
    for (what, nanos, expected) in [
        ("quiet", &[1000, 1010, 1020, 1005, 1015, 1012][..], vec![]),
        ("five", &[1000, 1010, 1020, 1005, 1015], vec![Notice::NoInterval { samples: 5 }]),
        ("one", &[1000], vec![Notice::NoInterval { samples: 1 }]),
        ("mild, one of ten", &[1000, 1010, 1020, 1030, 1000, 1010, 1020, 1030, 1015, 1060], vec![]),
        (
            "mild, two of ten",
            &[1000, 1010, 1020, 1030, 1000, 1010, 1020, 1030, 1070, 1072],
            vec![outliers(2, 0, 10)],
        ),
        (
            "severe",
            &[1000, 1010, 1020, 1030, 1000, 1010, 1020, 1030, 1015, 9000],
            vec![outliers(0, 1, 10)],
        ),
        ("cold first run", &[1500, 1010, 1020, 1030, 1000, 1010], vec![slower(1500.0, 1010.0)]),
        (
            "cold first run and another outlier",
            &[1500, 1010, 1020, 1030, 1000, 1010, 1005, 1016, 9000],
            vec![outliers(0, 2, 9), slower(1500.0, 1013.0)],
        ),
        ("first too little slower", &[1100, 1000, 1001, 1002, 1000, 1001], vec![outliers(0, 1, 6)]),
        (
            "too few others to tell the first apart",
            &[1500, 1010, 1020, 1030, 1000],
            vec![Notice::NoInterval { samples: 5 }, outliers(0, 1, 5)],
        ),
        (
            "near the floor of 50",
            &[499, 498, 499, 500, 497, 499],
            vec![Notice::NearSpawnFloor { median_nanos: 499.0, floor_nanos: 50.0 }],
        ),
        ("ten floors", &[500, 498, 501, 500, 497, 500], vec![]),
    ] {
        check(what, walls(nanos), planned(point("p")), &expected);
    }
}

/// Slow first runs by what came before them, and by how many others were as slow.
#[test]
fn a_slow_first_run_is_special() {
    let noted = |nanos: &[u64], warmup| {
        let planned = PlannedPoint { warmup, ..planned(point("p")) };
        let found =
            collect(&walls(nanos)).summaries(Some(&plan(vec![planned])), &header(true, None));
        let is_first = |notice: &Notice| matches!(notice, Notice::FirstRunSlower { .. });
        let is_outlier = |notice: &Notice| matches!(notice, Notice::Outliers { .. });
        let notices = &found[0].notices;
        (notices.iter().any(is_first), notices.iter().any(is_outlier))
    };
    let runs = |first: u64, quiet: u64, slow: usize| {
        let mut nanos = vec![first];
        nanos.extend((0..quiet).map(|run| 1000 + run % 5));
        nanos.extend(vec![2000; slow]);
        nanos
    };
    for (what, nanos, warmup, expected) in [
        ("alone", runs(2000, 20, 0), 0, (true, false)),
        ("one as slow", runs(2000, 20, 1), 0, (true, true)),
        ("two as slow", runs(2000, 20, 2), 0, (false, true)),
        ("two less slow", runs(2001, 20, 2), 0, (true, true)),
        ("four of 404 as slow", runs(2000, 400, 4), 0, (true, true)),
        ("five of 405 as slow", runs(2000, 400, 5), 0, (false, true)),
        ("warmed up", runs(2000, 20, 0), 1, (false, true)),
    ] {
        assert_eq!(noted(&nanos, warmup), expected, "{what}");
    }
    let unknown = collect(&walls(&runs(2000, 20, 0))).summaries(None, &header(true, None));
    assert!(matches!(unknown[0].notices[..], [Notice::FirstRunSlower { .. }]), "without a plan");
}

#[test]
fn notices_of_endings() {
    let end = |status, rows, exit_code, signal, tail: Option<&str>| Notice::Failed {
        status,
        rows,
        exit_code,
        signal,
        error: None,
        output_tail: tail.map(str::to_owned),
        times_itself: false,
    };
    let long = "é".repeat(OUTPUT_TAIL_BYTES_MAX);
    let half = "é".repeat(OUTPUT_TAIL_BYTES_MAX / 2);
    let error = |sequence, exit_code, tail: &str| Row {
        exit_code: Some(exit_code),
        output_tail: Some(tail.to_owned()),
        ..failed(sequence, Status::Error)
    };
    let leaky =
        |sequence, leaked| Row { leaked: Some(leaked), ..failed(sequence, Status::TimedOut) };
    let crash = Row { signal: Some(11), ..failed(9, Status::Crashed) };
    let ignored = |sequence, code| Row { exit_code: Some(code), ..row("p", sequence, 1000) };
    let none = Notice::NoInterval { samples: 2 };
    for (what, rows, expected) in [
        (
            "the first failure is the evidence",
            vec![error(3, 1, "late"), error(1, 2, "early"), crash],
            vec![
                end(Status::Error, 2, Some(2), None, Some("early")),
                end(Status::Crashed, 1, None, Some(11), None),
            ],
        ),
        (
            "a long output keeps its end",
            vec![error(0, 1, &format!("x{long}"))],
            vec![end(Status::Error, 1, Some(1), None, Some(&half))],
        ),
        (
            "leaks are added up",
            vec![leaky(0, 2), leaky(1, 3)],
            vec![end(Status::TimedOut, 2, None, None, None), Notice::Leaked { processes: 5 }],
        ),
        (
            "allowed codes",
            vec![ignored(5, 3), ignored(4, 7)],
            vec![Notice::IgnoredFailure { rows: 2, exit_code: 7 }, none.clone()],
        ),
        ("code 0 is no failure", vec![ignored(0, 0), ignored(1, 0)], vec![none]),
    ] {
        check(what, rows, planned(point("p")), &expected);
    }
}

#[test]
fn notices_of_memory() {
    let at = |peak: Option<u64>, floor| {
        (0..6)
            .map(|sequence| Row {
                // Half of the rows need more than the others.
                peak_rss_kb: peak.map(|peak| peak + 100 * (sequence % 2)),
                rss_floor_kb: floor,
                ..row("p", sequence, 1000)
            })
            .collect()
    };
    let floor = Notice::AtMemoryFloor { floor_bytes: 548.0 * 1024.0 };
    for (what, rows, expected) in [
        ("half at the floor", at(Some(548), Some(548)), vec![floor]),
        ("above", at(Some(549), Some(548)), vec![]),
        ("floor unknown", at(Some(548), None), vec![]),
        ("peak unknown", at(None, Some(548)), vec![]),
    ] {
        check(what, rows, planned(point("p")), &expected);
    }
}

#[test]
fn notices_of_counters() {
    let lacking = |sequence, told: &[(&str, &str)]| {
        let told = told.iter().map(|(key, why)| ((*key).to_owned(), (*why).to_owned()));
        Row { unavailable: told.collect(), ..row("p", sequence, 1000) }
    };
    let notice = |name: &str, reason: &str, rows| Notice::Uncounted {
        name: name.to_owned(),
        reason: reason.to_owned(),
        rows,
    };
    let crash =
        |sequence| Row { status: Status::Crashed, ..lacking(sequence, &[("metrics.q", "x")]) };
    for (what, told, expected) in [
        ("none", vec![], vec![]),
        ("of the row itself", vec![lacking(0, &[("peak_rss", "no file")])], vec![]),
        (
            "the earliest row's reason",
            vec![lacking(1, &[("metrics.q", "`b` is 0")]), lacking(0, &[("metrics.q", "no `b`")])],
            vec![notice("q", "no `b`", 2)],
        ),
        (
            "two, by their names",
            vec![lacking(0, &[("metrics.r", "no `c`"), ("metrics.q", "no `b`")])],
            vec![notice("q", "no `b`", 1), notice("r", "no `c`", 1)],
        ),
        ("failures have their own notice", vec![crash(0)], vec![]),
    ] {
        let good = (told.len() as u64..6).map(|sequence| row("p", sequence, 1000));
        let rows: Vec<Row> = told.into_iter().chain(good).collect();
        let found =
            collect(&rows).summaries(Some(&plan(vec![planned(point("p"))])), &header(true, None));
        let is_it = |notice: &&Notice| matches!(notice, Notice::Uncounted { .. });
        let kept: Vec<Notice> = found[0].notices.iter().filter(is_it).cloned().collect();
        assert_eq!(kept, expected, "{what}");
    }
}

#[test]
fn notices_of_precision() {
    let imprecise = |wanted| Notice::Imprecise { reached: 0.05, wanted, times_itself: false };
    let nanos = [950, 1000, 1050, 1000, 1000, 1000];
    for (precision, min_runs, max_runs, count, expected) in [
        (0.02, 6, 100, 6, vec![imprecise(0.02)]),
        (0.05, 6, 100, 6, vec![]),
        // The number of runs was fixed: nobody asked for a precision.
        (0.02, 6, 6, 6, vec![]),
        // The time was used up before the fewest runs were done.
        (0.02, 7, 100, 6, vec![imprecise(0.02)]),
        (0.02, 6, 100, 5, vec![Notice::NoInterval { samples: 5 }]),
    ] {
        let planned =
            PlannedPoint { precision: Ratio(precision), min_runs, max_runs, ..planned(point("p")) };
        let rows = walls(&nanos[..count]);
        let what = format!("{precision} {min_runs} {max_runs} {count}");
        check_precision(&what, &rows, planned, &expected);
    }
}

/// Only what concerns precision: so few samples are bound to have outliers as well.
fn check_precision(what: &str, rows: &[Row], planned: PlannedPoint, expected: &[Notice]) {
    let found = collect(rows).summaries(Some(&plan(vec![planned])), &header(true, None));
    let concerns =
        |notice: &&Notice| matches!(notice, Notice::Imprecise { .. } | Notice::NoInterval { .. });
    let kept: Vec<Notice> = found[0].notices.iter().filter(concerns).cloned().collect();
    assert_eq!(kept, expected, "{what}");
}

#[test]
fn order_labels_and_commands() {
    let rows = [row("z", 0, 1), row("extra", 1, 1), row("a", 2, 1), row("z", 3, 1)];
    let collected = collect(&rows);
    let plan = plan(vec![planned(point("a")), planned(point("never")), planned(point("z"))]);
    for (manifest, plan, expected) in [
        (
            true,
            Some(&plan),
            vec![
                ("a", "a", Some("run a"), 1),
                ("never", "never", Some("run never"), 0),
                ("z", "z", Some("run z"), 2),
                ("extra", "extra", None, 1),
            ],
        ),
        (
            false,
            Some(&plan),
            vec![
                ("a", "a", Some("run a"), 1),
                ("never", "never", Some("run never"), 0),
                ("z", "z", Some("run z"), 2),
                ("extra", "extra", None, 1),
            ],
        ),
        (false, None, vec![("z", "z", None, 2), ("extra", "extra", None, 1), ("a", "a", None, 1)]),
    ] {
        let found = collected.summaries(plan, &header(manifest, None));
        let shown: Vec<_> = found
            .iter()
            .map(|it| (it.point.as_str(), it.label.as_str(), it.command.as_deref(), it.rows))
            .collect();
        assert_eq!(shown, expected, "manifest {manifest}");
    }
}

/// `-L a b,c 'true {x}'`: the command does not use its parameter.
#[test]
fn labels_that_collide_become_identities() {
    let at = |value: &str| {
        let mut point = point("true {x}");
        point.params.insert("a".into(), ParamValue::Text(value.into()));
        PlannedPoint { command: "true {x}".into(), ..planned(point) }
    };
    let other = PlannedPoint { command: "sleep 1".into(), ..planned(point("sleep 1")) };
    let plan = plan(vec![at("b"), other, at("c")]);
    let found = collect(&[]).summaries(Some(&plan), &header(false, None));
    let labels: Vec<&str> = found.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels, ["true {x}{a=b}", "sleep 1", "true {x}{a=c}"]);
}

#[test]
fn every_choice_makes_a_point_of_its_own() {
    let base = row("p", 0, 1);
    let with = |value| Row { params: [("n".to_owned(), value)].into(), ..base.clone() };
    let rows = [
        base.clone(),
        with(ParamValue::Integer(1)),
        with(ParamValue::Float(1.5)),
        with(ParamValue::Float(-1.5)),
        with(ParamValue::Text("one".into())),
        Row { param: Some(1), ..base.clone() },
        Row { variant: Some("v".into()), ..base.clone() },
        Row { threads: Some(1), ..base.clone() },
        Row { cache_mode: Some(tacho_schema::CacheMode::Warm), ..base.clone() },
        Row { stage: Some("v".into()), ..base.clone() },
    ];
    let collected = collect(&[rows.clone(), rows].concat());
    let found = collected.summaries(None, &header(true, None));
    let identities: Vec<&str> = found.iter().map(|it| it.point.as_str()).collect();
    let expected = [
        "p",
        "p{n=1}",
        "p{n=1.5}",
        "p{n=-1.5}",
        "p{n=one}",
        "p{param=1}",
        "p{variant=v}",
        "p{threads=1}",
        "p{cache=warm}",
        "p[v]",
    ];
    assert_eq!(identities, expected);
    assert!(found.iter().all(|it| it.rows == 2));
}

#[test]
fn spreads_of_what_was_measured() {
    let mut rows = walls(&[60, 10, 40, 20, 50, 30]);
    for row in &mut rows {
        row.user_nanos = Some(7);
        row.peak_rss_kb = Some(2);
    }
    rows[0].system_nanos = Some(3);
    rows.push(failed(6, Status::Error));
    rows.push(Row { per_call_nanos: Some(f64::NAN), ..row("p", 7, 1) });
    let found = collect(&rows).summaries(None, &header(true, None));
    let shown: Vec<_> = found[0]
        .spreads
        .iter()
        .map(|it| (it.metric.clone(), it.samples, it.median, it.min, it.max, it.mean, it.mad))
        .collect();
    let expected = [
        (Metric::Wall, 6, 35.0, 10.0, 60.0, 35.0, 15.0),
        (Metric::Cpu, 1, 10.0, 10.0, 10.0, 10.0, 0.0),
        (Metric::User, 6, 7.0, 7.0, 7.0, 7.0, 0.0),
        (Metric::System, 1, 3.0, 3.0, 3.0, 3.0, 0.0),
        (Metric::PeakRss, 6, 2048.0, 2048.0, 2048.0, 2048.0, 0.0),
    ];
    let named = |(metric, n, median, min, max, mean, mad): (Metric, _, _, _, _, _, _)| {
        (MetricName::Row(metric), n, median, min, max, mean, mad)
    };
    assert_eq!(shown, expected.map(named));
    assert_eq!(found[0].rows, 8);
    let wall = found[0].spread(Metric::Wall).unwrap();
    let interval = wall.interval.as_ref().unwrap();
    assert_eq!((interval.low, interval.high, interval.level), (10.0, 60.0, 0.96875));
    assert_eq!(wall.stddev, Some(350.0_f64.sqrt()));
    let system = found[0].spread(Metric::System).unwrap();
    assert_eq!((&system.interval, system.stddev), (&None, None));
}

/// A call of nanoseconds is not near the time of starting a program, and the first process of a
/// harness filled no cache for the next one.
#[test]
fn what_times_itself_is_no_command() {
    let nanos = [150, 101, 102, 103, 104, 100, 101, 102];
    let spoken = |wire: bool| {
        let wire = wire.then(|| WireBatch {
            launcher_words: 0,
            bench: "p".into(),
            target_nanos: 1,
            expected_hash: None,
            throughput: None,
            preview: false,
        });
        let planned = PlannedPoint { wire, ..planned(point("p")) };
        let header = header(true, Some(50.0));
        collect(&walls(&nanos)).summaries(Some(&plan(vec![planned])), &header).remove(0).notices
    };
    let is_it = |notice: &Notice| {
        matches!(notice, Notice::NearSpawnFloor { .. } | Notice::FirstRunSlower { .. })
    };
    assert_eq!(spoken(false).iter().filter(|notice| is_it(notice)).count(), 2);
    assert_eq!(spoken(true).iter().filter(|notice| is_it(notice)).count(), 0);
}
