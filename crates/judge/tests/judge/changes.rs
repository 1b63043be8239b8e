//! Points against a reference.

use tacho_judge::{against_baseline, against_first};
use tacho_schema::{
    Change, Notice, ParamValue, PlannedPoint, Point, PointSummary, Row, Status, WireBatch,
};

use crate::build::{collect, header, plan, planned, point, row};

/// Rows of `function` at `level`, with these wall times; 0 stands for a run that failed.
fn runs(function: &str, level: i64, nanos: &[u64]) -> Vec<Row> {
    let row = |nanos: &u64| Row {
        params: [("level".to_owned(), ParamValue::Integer(level))].into(),
        status: if *nanos == 0 { Status::Error } else { Status::Ok },
        ..row(function, 0, *nanos)
    };
    nanos.iter().map(row).collect()
}

fn levels(function: &str, levels: &[i64]) -> Vec<PlannedPoint> {
    let at = |level: &i64| {
        let mut point = point(function);
        point.params.insert("level".into(), ParamValue::Integer(*level));
        planned(point)
    };
    levels.iter().map(at).collect()
}

/// A harness that is named on the command line lists workloads that have nothing to do with each
/// other; those of one workload are compared.
#[test]
fn a_harness_s_workloads_are_compared_with_themselves() {
    let at = |name: &str, threads| Point { threads, ..point(name) };
    let points = [at("sort", None), at("hash", Some(1)), at("hash", Some(2)), at("parse", None)];
    let plan = plan(points.iter().map(|point| of_harness(point.clone())).collect());
    let row = |point: &Point| Row { threads: point.threads, ..row(point.function.as_str(), 0, 9) };
    let rows: Vec<Row> = points.iter().map(row).collect();
    let (header, collected) = (header(false, None), collect(&rows));
    let mut summaries = collected.summaries(Some(&plan), &header);
    against_first(&mut summaries, &collected, Some(&plan), &header);
    let against: Vec<Option<&str>> =
        summaries.iter().map(|it| it.change.as_ref().map(|it| it.against.as_str())).collect();
    assert_eq!(against, [None, None, Some("hash{threads=1}"), None]);
}

fn of_harness(point: Point) -> PlannedPoint {
    let wire = WireBatch {
        bench: point.function.to_string(),
        launcher_words: 0,
        target_nanos: 1,
        expected_hash: None,
        throughput: None,
        preview: false,
    };
    PlannedPoint { wire: Some(wire), ..planned(point) }
}

/// Whom a point is compared with, the ratio in thousandths, and whether it has an interval.
fn shown(summary: &PointSummary) -> Option<(&str, f64, bool)> {
    summary.change.as_ref().map(|change| {
        let Change { against, ratio, interval } = change;
        if let Some(interval) = interval {
            assert!(interval.low <= *ratio && *ratio <= interval.high, "{change:?}");
            assert!(interval.level >= 0.95, "{change:?}");
        }
        (against.as_str(), (ratio * 1000.0).round(), interval.is_some())
    })
}

#[test]
fn against_the_first() {
    let rows = [
        runs("gzip", 1, &[100, 100, 100, 100]),
        runs("gzip", 6, &[200, 200, 200, 200]),
        runs("gzip", 9, &[300, 300, 300]),
        runs("sort", 1, &[0, 0]),
        runs("sort", 2, &[50, 50, 50, 50]),
        runs("grep", 1, &[10, 10, 10, 10]),
        runs("grep", 2, &[0, 0]),
        runs("grep", 3, &[5, 0, 5, 5, 5]),
    ]
    .concat();
    let planned = [
        levels("gzip", &[1, 6, 9]),
        levels("sort", &[1, 2]),
        levels("never", &[1, 2]),
        levels("grep", &[1, 2, 3]),
    ]
    .concat();
    let plan = plan(planned);
    let collected = collect(&rows);
    for (manifest, expected) in [
        (
            true,
            vec![
                None,
                Some(("gzip{level=1}", 2000.0, true)),
                // Three runs are too few for an interval.
                Some(("gzip{level=1}", 3000.0, false)),
                // The first of them failed: its successor is not put in its place.
                None,
                None,
                None,
                None,
                None,
                None,
                Some(("grep{level=1}", 500.0, true)),
            ],
        ),
        (
            false,
            vec![
                None,
                Some(("gzip{level=1}", 2000.0, true)),
                Some(("gzip{level=1}", 3000.0, false)),
                None,
                Some(("gzip{level=1}", 500.0, true)),
                None,
                None,
                Some(("gzip{level=1}", 100.0, true)),
                None,
                Some(("gzip{level=1}", 50.0, true)),
            ],
        ),
    ] {
        let header = header(manifest, None);
        let mut summaries = collected.summaries(Some(&plan), &header);
        against_first(&mut summaries, &collected, Some(&plan), &header);
        assert_eq!(summaries.iter().map(shown).collect::<Vec<_>>(), expected, "{manifest}");
    }
}

/// The points, by their place, to which the others of their group cannot be compared, and how many
/// others there are.
#[test]
fn a_first_without_numbers() {
    let rows = |sort: &[u64]| {
        let others = [runs("gzip", 1, &[9]), runs("gzip", 6, &[9]), runs("sort", 3, &[9])];
        [vec![runs("sort", 1, sort), runs("sort", 2, &[9, 9])], others.to_vec()].concat().concat()
    };
    for (what, manifest, sort, expected) in [
        ("it ended well", true, &[0, 9][..], vec![]),
        ("it failed", true, &[0, 0], vec![(0, 2)]),
        ("it has no row", true, &[], vec![(0, 2)]),
        ("commands are of one group", false, &[0], vec![(0, 4)]),
    ] {
        let plan = plan([levels("sort", &[1, 2, 3]), levels("gzip", &[1, 6])].concat());
        let (collected, header) = (collect(&rows(sort)), header(manifest, None));
        let mut summaries = collected.summaries(Some(&plan), &header);
        against_first(&mut summaries, &collected, Some(&plan), &header);
        let alone = summaries.iter().enumerate().flat_map(|(place, summary)| {
            summary.notices.iter().filter_map(move |notice| match notice {
                Notice::NoReference { points } => Some((place, *points)),
                _ => None,
            })
        });
        assert_eq!(alone.collect::<Vec<_>>(), expected, "{what}");
    }
}

#[test]
fn stages_are_not_compared_with_each_other() {
    let stage = |stage: &str, level, nanos: &[u64]| -> Vec<Row> {
        let at = |row| Row { stage: Some(stage.to_owned()), ..row };
        runs("smoke", level, nanos).into_iter().map(at).collect()
    };
    let rows = [stage("parse", 1, &[10]), stage("run", 1, &[90]), stage("run", 2, &[45])].concat();
    let collected = collect(&rows);
    let header = header(true, None);
    let mut summaries = collected.summaries(None, &header);
    against_first(&mut summaries, &collected, None, &header);
    let expected = [None, None, Some(("smoke{level=1}[run]", 500.0, false))];
    assert_eq!(summaries.iter().map(shown).collect::<Vec<_>>(), expected);
}

#[test]
fn against_a_baseline() {
    let old = [
        runs("gzip", 1, &[100, 101, 102, 103]),
        runs("gzip", 6, &[0]),
        runs("gone", 1, &[1, 1, 1, 1]),
    ]
    .concat();
    let new = [
        runs("gzip", 6, &[100, 100, 100, 100]),
        runs("gzip", 1, &[110, 111, 112, 113]),
        runs("new", 1, &[1, 1, 1, 1]),
    ]
    .concat();
    let (old, new) = (collect(&old), collect(&new));
    let mut summaries = new.summaries(None, &header(true, None));
    // A change that was there before does not survive.
    summaries[2].change = Some(Change { against: "x".into(), ratio: 1.0, interval: None });
    against_baseline(&mut summaries, &new, &old, "main");
    let expected = [None, Some(("main", 1099.0, true)), None];
    assert_eq!(summaries.iter().map(shown).collect::<Vec<_>>(), expected);
}

/// A capture of very many runs: the interval is approximated, narrow, and where it must be.
#[test]
fn many_samples() {
    let spread =
        |from: u64| -> Vec<u64> { (0..20_000).map(|run| from + (run * 7919) % 20_011).collect() };
    let old = collect(&runs("p", 1, &spread(1_000_000)));
    let new = collect(&runs("p", 1, &spread(1_020_000)));
    let mut summaries = new.summaries(None, &header(true, None));
    against_baseline(&mut summaries, &new, &old, "main");
    let change = summaries[0].change.clone().unwrap();
    let interval = change.interval.unwrap();
    assert!((change.ratio - 1.0198).abs() < 1e-4, "{}", change.ratio);
    assert!(interval.low < change.ratio && change.ratio < interval.high);
    assert!(interval.half_width() < 2e-4, "{interval:?}");
    assert_eq!(interval.method, "Hodges-Lehmann, normal approximation");
}

/// Larger parameters of a ladder are no slower version of the smallest.
#[test]
fn rungs_are_compared_with_nothing() {
    let at = |param: u64| tacho_schema::Point { param: Some(param), ..point("sort") };
    let rung = |param, nanos| Row { param: Some(param), ..row("sort", 0, nanos) };
    let rows = [rung(1, 10), rung(2, 20), row("hash", 0, 30)];
    let plan = plan(vec![planned(at(1)), planned(at(2)), planned(point("hash"))]);
    let (collected, header) = (collect(&rows), header(false, None));
    let mut found = collected.summaries(Some(&plan), &header);
    against_first(&mut found, &collected, Some(&plan), &header);
    assert!(found.iter().all(|summary| summary.change.is_none()), "{found:?}");
}
