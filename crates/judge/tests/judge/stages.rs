//! Probes: stages that are known only when they run, their counters, and minima.

use tacho_judge::against_first;
use tacho_schema::{MetricName, Notice, PlannedPoint, ProbeLine, Reading, Row, Statistic, Status};

use crate::build::{collect, failed, header, plan, planned, point, row, walls};

fn stage(name: &str, stage: &str, sequence: u64, nanos: u64) -> Row {
    Row { stage: Some(stage.into()), ..row(name, sequence, nanos) }
}

fn shown(rows: &[Row], planned: Vec<PlannedPoint>) -> Vec<(String, String, Option<String>, u64)> {
    let plan = plan(planned);
    let found = collect(rows).summaries(Some(&plan), &header(true, None));
    found.into_iter().map(|it| (it.label, it.point, it.command, it.rows)).collect()
}

#[test]
fn stages_follow_the_point_that_printed_them() {
    let rows = [
        row("z", 0, 1),
        stage("smoke", "sort", 1, 5),
        stage("smoke", "fib", 1, 5),
        stage("gone", "left", 2, 5),
        stage("smoke", "sort", 3, 5),
        stage("partly", "one", 4, 5),
        Row { status: Status::NoOutput, ..row("partly", 5, 5) },
    ];
    let planned = ["smoke", "never", "partly", "z"].map(|name| planned(point(name)));
    let expected = [
        ("smoke[sort]", Some("run smoke"), 2),
        ("smoke[fib]", Some("run smoke"), 1),
        ("never", Some("run never"), 0),
        ("partly", Some("run partly"), 1),
        ("partly[one]", Some("run partly"), 1),
        ("z", Some("run z"), 1),
        ("gone[left]", None, 1),
    ];
    let expected = expected.map(|(label, command, rows)| {
        (label.to_owned(), label.to_owned(), command.map(str::to_owned), rows)
    });
    assert_eq!(shown(&rows, planned.to_vec()), expected);
}

#[test]
fn a_stage_is_compared_with_itself() {
    let at = |value: i64, row: Row| Row {
        params: [("n".to_owned(), tacho_schema::ParamValue::Integer(value))].into(),
        ..row
    };
    let run = |value, nanos| {
        [("fib", nanos), ("sort", 1000 * nanos)]
            .map(|(name, nanos)| vec![at(value, stage("smoke", name, 0, nanos)); 4])
            .concat()
    };
    let collected = collect(&[run(1, 10), run(2, 30)].concat());
    for manifest in [true, false] {
        let header = header(manifest, None);
        let mut found = collected.summaries(None, &header);
        against_first(&mut found, &collected, None, &header);
        let changes = found.iter().filter_map(|it| Some((&*it.point, it.change.as_ref()?)));
        let changes: Vec<_> = changes.map(|(it, change)| (it, &*change.against)).collect();
        let expected =
            [("smoke{n=2}[fib]", "smoke{n=1}[fib]"), ("smoke{n=2}[sort]", "smoke{n=1}[sort]")];
        assert_eq!(changes, expected, "manifest {manifest}");
        let ratios = found.iter().filter_map(|it| it.change.as_ref()).map(|change| change.ratio);
        assert!(ratios.into_iter().all(|ratio| (ratio - 3.0).abs() < 1e-9), "{found:?}");
    }
}

/// What a process times itself has no spawner in it.
#[test]
fn a_stage_has_no_spawn_floor() {
    let near = |row: Row, planned: PlannedPoint| {
        let found =
            collect(&vec![row; 6]).summaries(Some(&plan(vec![planned])), &header(true, Some(50.0)));
        found[0].notices.iter().any(|notice| matches!(notice, Notice::NearSpawnFloor { .. }))
    };
    let mut probe = planned(point("p"));
    probe.reading = Reading { probe: Some(ProbeLine::Pairs), ..Reading::default() };
    assert!(near(row("p", 0, 100), planned(point("p"))));
    assert!(!near(stage("p", "fib", 0, 100), planned(point("p"))));
    assert!(!near(row("p", 0, 100), probe));
}

/// A stage that one process printed several times is one row with the median of them.
#[test]
fn a_stage_printed_often_is_its_median() {
    let row = Row {
        per_call_nanos: Some(7.0),
        samples: Some(vec![6.0, 7.0, 9.0]),
        ..stage("p", "fib", 0, 22)
    };
    let found = collect(&vec![row; 6]).summaries(None, &header(true, None));
    let wall = found[0].spread(tacho_schema::Metric::Wall).unwrap();
    assert_eq!((wall.samples, wall.median, wall.max), (6, 7.0, 7.0));
}

#[test]
fn counters_have_spreads() {
    let mut rows = walls(&[10; 7]);
    for (row, value) in rows.iter_mut().zip([60.0, 10.0, 40.0, 20.0, 50.0, 30.0, f64::NAN]) {
        row.metrics = [("rows_per_s".to_owned(), value), ("chunks".to_owned(), 8.0)].into();
    }
    rows[3].metrics.remove("chunks");
    let mut bad = failed(9, Status::WrongAnswer);
    bad.metrics = [("rows_per_s".to_owned(), 1e9), ("errors".to_owned(), 1.0)].into();
    rows.push(bad);
    let found = collect(&rows).summaries(None, &header(true, None));
    let own: Vec<_> = found[0]
        .spreads
        .iter()
        .filter(|it| matches!(it.metric, MetricName::Own(_)))
        .map(|it| {
            let ends = it.interval.as_ref().map(|interval| (interval.low, interval.high));
            (it.metric.to_string(), it.samples, it.median, ends)
        })
        .collect();
    let expected = [
        ("metrics.chunks".to_owned(), 6, 8.0, Some((8.0, 8.0))),
        ("metrics.rows_per_s".to_owned(), 6, 35.0, Some((10.0, 60.0))),
    ];
    assert_eq!(own, expected);
}

#[test]
fn minima_have_no_interval_and_no_precision() {
    let minimum = |name: &str| PlannedPoint {
        statistic: Statistic::Min,
        precision: tacho_schema::Ratio(0.001),
        ..planned(point(name))
    };
    let named = |name: &str, nanos: &[u64]| -> Vec<Row> {
        let function = point(name).function;
        walls(nanos).into_iter().map(|row| Row { function: function.clone(), ..row }).collect()
    };
    for (nanos, expected) in
        [(&[30, 40, 50, 60, 70, 80][..], Some(2.0)), (&[30], Some(2.0)), (&[0, 30], None)]
    {
        let rows = [named("a", &[15, 20, 25, 21, 22, 23]), named("b", nanos)].concat();
        let collected = collect(&rows);
        let plan = plan(vec![minimum("a"), minimum("b")]);
        let header = header(false, None);
        let mut found = collected.summaries(Some(&plan), &header);
        against_first(&mut found, &collected, Some(&plan), &header);
        assert!(found.iter().all(|it| it.statistic == Statistic::Min));
        let of_precision = |notice: &Notice| {
            matches!(notice, Notice::NoInterval { .. } | Notice::Imprecise { .. })
        };
        assert!(found.iter().all(|it| !it.notices.iter().any(of_precision)), "{found:?}");
        let change = found[1].change.as_ref().map(|change| (change.ratio, &change.interval));
        assert_eq!(change, expected.map(|ratio| (ratio, &None)), "{nanos:?}");
    }
}
