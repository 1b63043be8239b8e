//! Captures made up for the tests: typical ones, and the corners of what a summary may say.

use std::collections::BTreeMap;

use tacho_schema::version::Version;
use tacho_schema::{
    CaptureHeader, CaptureId, CaptureState, CaptureSummary, Change, Disturbance, Environment,
    Interval, Metric, MetricName, Notice, PointSummary, ShellStartup, Skipped, Spread, Statistic,
    Status, SummaryDoc,
};

pub(crate) const MS: f64 = 1e6;
pub(crate) const MIB: f64 = 1_048_576.0;

pub(crate) fn header() -> CaptureHeader {
    CaptureHeader {
        schema_version: Version,
        id: CaptureId::new("20261121-094512-3fa9").unwrap(),
        started_unix_ms: 1_795_254_312_000,
        invocation: ["/usr/bin/tacho", "run", "gzip -1 corpus.txt"].map(str::to_owned).to_vec(),
        manifest: None,
        seed: 42,
        env: Environment {
            git_commit: Some("0123456789abcdef0123456789abcdef01234567".into()),
            git_dirty: Some(true),
            ..Environment::default()
        },
        unavailable: BTreeMap::new(),
        metric_defs: BTreeMap::new(),
        spawn_floor_nanos: Some(0.45 * MS),
        shell: None,
        spawner: "static".into(),
        shared_machine: false,
        project: None,
    }
}

pub(crate) fn ended(by_status: &[(Status, u64)]) -> CaptureSummary {
    CaptureSummary {
        state: CaptureState::Complete,
        cut_short: None,
        ended_unix_ms: 1_795_254_330_500,
        rows: by_status.iter().map(|(_, rows)| rows).sum(),
        by_status: by_status.iter().copied().collect(),
        points: 3,
        skipped: Vec::new(),
        leaked: 0,
        backpressure_waits: 0,
    }
}

pub(crate) fn doc(points: Vec<PointSummary>) -> SummaryDoc {
    let rows = points.iter().map(|point| point.rows).sum();
    let mut summary = ended(&[(Status::Ok, rows)]);
    summary.points = points.len() as u64;
    let ladders = Vec::new();
    SummaryDoc { schema_version: Version, capture: header(), summary, points, ladders, drift: None }
}

pub(crate) fn shell() -> ShellStartup {
    ShellStartup { shell: vec!["/bin/sh".into(), "-c".into()], median_nanos: 0.853 * MS, runs: 20 }
}

pub(crate) fn interval(low: f64, high: f64) -> Interval {
    Interval { low, high, level: 0.957, method: "order statistics".into() }
}

pub(crate) fn spread(
    metric: impl Into<MetricName>,
    median: f64,
    ends: Option<(f64, f64)>,
    n: u64,
) -> Spread {
    Spread {
        metric: metric.into(),
        samples: n,
        median,
        interval: ends.map(|(low, high)| interval(low, high)),
        min: median * 0.97,
        max: median * 1.2,
        mean: median * 1.01,
        stddev: Some(median * 0.02),
        mad: median * 0.01,
    }
}

/// A point of `runs` good runs, the interval ±2 % of the median where it exists.
pub(crate) fn point(label: &str, median_nanos: f64, runs: u64) -> PointSummary {
    let around = |median: f64| (runs >= 6).then_some((median * 0.98, median * 1.02));
    point_within(label, median_nanos, around(median_nanos), runs)
}

pub(crate) fn point_within(
    label: &str,
    median_nanos: f64,
    ends: Option<(f64, f64)>,
    runs: u64,
) -> PointSummary {
    let of = |metric, median: f64| {
        let ends = (runs >= 6).then_some((median * 0.99, median * 1.01));
        spread(metric, median, ends, runs)
    };
    PointSummary {
        point: label.into(),
        label: label.into(),
        command: Some(label.into()),
        rows: runs,
        contended: 0,
        statistic: Statistic::Median,
        spreads: vec![
            spread(Metric::Wall, median_nanos, ends, runs),
            of(Metric::User, median_nanos * 0.8),
            of(Metric::System, median_nanos * 0.1),
            of(Metric::PeakRss, 1.95 * MIB),
        ],
        ladder: None,
        change: None,
        notices: Vec::new(),
    }
}

pub(crate) fn with(mut point: PointSummary, notices: Vec<Notice>) -> PointSummary {
    point.notices = notices;
    point
}

/// The point with so many contended rows, by these causes.
pub(crate) fn contended(
    mut point: PointSummary,
    rows: u64,
    by: &[(Disturbance, u64)],
) -> PointSummary {
    point.contended = rows;
    let (samples, by) = (point.rows, by.iter().copied().collect());
    point.notices.push(Notice::Contended { rows, samples, by });
    point
}

/// The point with a counter; `ends` are those of its interval, equal for one that never varied.
pub(crate) fn counting(
    mut point: PointSummary,
    name: &str,
    median: f64,
    ends: Option<(f64, f64)>,
) -> PointSummary {
    let mut own = spread(MetricName::Own(name.into()), median, ends, point.rows);
    if ends.is_some_and(|(low, high)| low.to_bits() == high.to_bits()) {
        (own.min, own.max) = (median, median);
    }
    point.spreads.push(own);
    point
}

/// The point as one for which its minimum stands.
pub(crate) fn minimum(point: PointSummary) -> PointSummary {
    PointSummary { statistic: Statistic::Min, ..point }
}

pub(crate) fn against(
    mut point: PointSummary,
    other: &str,
    ratio: f64,
    ends: Option<(f64, f64)>,
) -> PointSummary {
    let interval = ends.map(|(low, high)| interval(low, high));
    point.change = Some(Change { against: other.into(), ratio, interval });
    point
}

/// A point of which every run failed.
pub(crate) fn failed(
    label: &str,
    status: Status,
    exit_code: Option<i32>,
    signal: Option<i32>,
    output_tail: Option<&str>,
) -> PointSummary {
    let output_tail = output_tail.map(str::to_owned);
    let notice = Notice::Failed {
        status,
        rows: 3,
        exit_code,
        signal,
        error: None,
        output_tail,
        times_itself: false,
    };
    PointSummary { rows: 3, spreads: Vec::new(), ..with(point(label, MS, 3), vec![notice]) }
}

/// A point without a row, and why it has none.
pub(crate) fn unmeasured(label: &str, reason: &str) -> (PointSummary, Skipped) {
    let point = PointSummary { rows: 0, spreads: Vec::new(), ..point(label, MS, 0) };
    let skipped = Skipped { point: label.into(), rows: 0, reason: reason.into() };
    (point, skipped)
}

/// gzip at three levels against the first one.
pub(crate) fn gzip() -> SummaryDoc {
    let fast = "gzip -1 corpus.txt";
    doc(vec![
        point_within(fast, 12.345 * MS, Some((12.05 * MS, 12.71 * MS)), 40),
        against(
            point_within("gzip -6 corpus.txt", 25.1 * MS, Some((24.9 * MS, 25.31 * MS)), 22),
            fast,
            2.033,
            Some((2.008, 2.051)),
        ),
        against(
            point_within("gzip -9 corpus.txt", 52.2 * MS, Some((51.6 * MS, 53.9 * MS)), 15),
            fast,
            4.228,
            Some((4.1, 4.31)),
        ),
    ])
}
