//! Captures to store.

use std::collections::BTreeMap;

use tacho_schema::{
    CaptureHeader, CaptureId, CaptureState, CaptureSummary, CutShort, Environment, Name,
    ParamValue, PlanDoc, Row, ShellStartup, Skipped, Status,
};
use tacho_store::{Query, Store, StoreError};

/// A valid identity.
pub(crate) fn id(text: &str) -> CaptureId {
    CaptureId::new(text).unwrap()
}

/// A header with a value in every kind of key.
pub(crate) fn header(text: &str, started_unix_ms: u64) -> CaptureHeader {
    CaptureHeader {
        schema_version: Default::default(),
        id: id(text),
        started_unix_ms,
        invocation: vec!["tacho".into(), "run".into()],
        manifest: Some("tacho.toml".into()),
        project: Some("sx".to_owned()),
        seed: u64::MAX,
        env: Environment { os: Some("linux".into()), ..Environment::default() },
        unavailable: BTreeMap::from([("instructions".into(), "no counter".into())]),
        metric_defs: BTreeMap::new(),
        spawn_floor_nanos: Some(412_345.678_901_234_5),
        shell: Some(ShellStartup { shell: vec!["sh".into()], median_nanos: 0.1 + 0.2, runs: 7 }),
        spawner: "static".into(),
        shared_machine: true,
    }
}

/// A plan of nothing.
pub(crate) fn plan() -> PlanDoc {
    PlanDoc { total_nanos_max: Some(5), ..PlanDoc::new(7, Vec::new()) }
}

/// A summary that counts so many rows.
pub(crate) fn summary(rows: u64) -> CaptureSummary {
    CaptureSummary {
        state: CaptureState::CutShort,
        cut_short: Some(CutShort::Budget),
        ended_unix_ms: 9,
        rows,
        by_status: BTreeMap::from([(Status::Ok, rows)]),
        points: 2,
        skipped: vec![Skipped { point: "b".into(), rows: 1, reason: "no time".into() }],
        leaked: 0,
        backpressure_waits: 3,
    }
}

/// Rows of two points in turn; every third failed and has an output.
pub(crate) fn rows(count: u64) -> Vec<Row> {
    let point = |index| ["gzip/level", "sort"][usize::from(index % 2 == 0)];
    (0..count)
        .map(|index| {
            let mut row = Row::fixed(Name::new(point(index)).unwrap(), index, 5, Status::Ok);
            row.params.insert("level".into(), ParamValue::Integer(index.cast_signed() % 4));
            if index % 3 == 0 {
                row.status = Status::Error;
                row.output_tail = Some(format!("\0 ünïcode {index}\n"));
            }
            row
        })
        .collect()
}

/// Commits `rows` under `header`, with a summary that counts `expected` of them.
pub(crate) fn append(
    store: &mut dyn Store,
    header: &CaptureHeader,
    rows: impl IntoIterator<Item = Row>,
    expected: u64,
) -> Result<(), StoreError> {
    let mut rows = rows.into_iter().map(Ok);
    store.append(header, &plan(), &mut rows, &summary(expected))
}

/// The identities that a query finds, in its order.
pub(crate) fn ids(store: &dyn Store, query: &Query) -> Vec<String> {
    let found = store.captures(query).unwrap();
    found.iter().map(|entry| entry.header.id.to_string()).collect()
}

/// The rows of a capture.
pub(crate) fn stored(store: &dyn Store, capture: &str) -> Vec<Row> {
    let mut found = Vec::new();
    store.rows(&id(capture), &mut |row| found.push(row)).unwrap();
    found
}
