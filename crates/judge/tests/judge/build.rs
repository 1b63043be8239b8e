//! Documents for the tests: a header, a plan, rows.

use std::collections::BTreeMap;

use tacho_judge::Collected;
use tacho_schema::{
    CaptureHeader, CaptureId, Environment, IgnoreFailure, Limits, Name, Output, PlanDoc,
    PlannedPoint, Point, Ratio, Reading, Row, Statistic, Status, version::Version,
};

pub(crate) fn header(manifest: bool, spawn_floor_nanos: Option<f64>) -> CaptureHeader {
    CaptureHeader {
        schema_version: Version,
        id: CaptureId::new("c1").unwrap(),
        started_unix_ms: 0,
        invocation: Vec::new(),
        manifest: manifest.then(|| "tacho.toml".to_owned()),
        seed: 0,
        env: Environment::default(),
        unavailable: BTreeMap::new(),
        metric_defs: BTreeMap::new(),
        spawn_floor_nanos,
        shell: None,
        spawner: "static".into(),
        shared_machine: false,
        project: None,
    }
}

pub(crate) fn point(name: &str) -> Point {
    Point::named(Name::new(name).unwrap())
}

pub(crate) fn planned(point: Point) -> PlannedPoint {
    PlannedPoint {
        command: format!("run {point}"),
        point,
        argv: vec!["run".into()],
        shell: None,
        env: BTreeMap::new(),
        dir: ".".into(),
        stdin: None,
        setup: None,
        prepare: None,
        conclude: None,
        cleanup: None,
        leg: 0,
        warmup: 0,
        min_runs: 6,
        max_runs: 100,
        min_time_nanos: 0,
        max_time_nanos: u64::MAX,
        max_time_runs_min: 0,
        precision: Ratio(0.5),
        timeout_nanos: u64::MAX,
        ignore_failure: IgnoreFailure::None,
        tags: Vec::new(),
        output: Output::default(),
        reading: Reading::default(),
        statistic: Statistic::default(),
        limits: Limits::default(),
        wire: None,
        ladder: None,
        variant_of: None,
        refused: None,
    }
}

pub(crate) fn plan(points: Vec<PlannedPoint>) -> PlanDoc {
    PlanDoc::new(0, points)
}

pub(crate) fn row(name: &str, sequence: u64, nanos: u64) -> Row {
    let mut row = Row::fixed(Name::new(name).unwrap(), sequence, nanos, Status::Ok);
    row.sequence = Some(sequence);
    row
}

pub(crate) fn failed(sequence: u64, status: Status) -> Row {
    Row { status, ..row("p", sequence, 5) }
}

pub(crate) fn walls(nanos: &[u64]) -> Vec<Row> {
    (0..).zip(nanos).map(|(sequence, nanos)| row("p", sequence, *nanos)).collect()
}

pub(crate) fn collect(rows: &[Row]) -> Collected {
    let mut collected = Collected::default();
    rows.iter().for_each(|row| collected.add(row));
    collected
}
