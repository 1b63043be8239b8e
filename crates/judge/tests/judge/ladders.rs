//! What is said of a ladder, from its rows.

use std::collections::BTreeMap;

use tacho_schema::{
    CacheMode, Ladder, LadderGround, LadderStep, LadderSummary, LadderVerdict, Notice, PlanDoc,
    PlannedPoint, Point, Row, RowKind, RungMark, Status, WireBatch,
};

use crate::build::{collect, header, plan, planned, point, row};

/// What a program that does nothing takes.
const FLOOR: f64 = 1e6;
/// Twenty of these.
const BATCH: u64 = 20_000_000;

/// A ladder to be made up.
struct Case {
    complexity: Option<&'static str>,
    params: Vec<u64>,
    processes: u64,
    cache_mode: Option<CacheMode>,
    /// Nanoseconds a call.
    truth: fn(f64) -> f64,
}

impl Case {
    /// Parameters from 1 to 2^19, five processes each.
    fn new(complexity: &'static str, truth: fn(f64) -> f64) -> Self {
        let params = (0..20).map(|step| 1 << step).collect();
        Self { complexity: Some(complexity), params, processes: 5, cache_mode: None, truth }
    }

    fn at(self, params: impl IntoIterator<Item = u64>) -> Self {
        Self { params: params.into_iter().collect(), ..self }
    }

    fn of(self, processes: u64) -> Self {
        Self { processes, ..self }
    }

    fn ladder(&self) -> Ladder {
        Ladder {
            point: Point { cache_mode: self.cache_mode, ..point("sort") },
            step: LadderStep::List,
            complexity: self.complexity.map(str::to_owned),
            model: BTreeMap::new(),
            cap_nanos: u64::MAX,
        }
    }

    fn plan(&self, ladder: Ladder) -> PlanDoc {
        let rung = |param: &u64| PlannedPoint {
            ladder: Some(0),
            wire: Some(wire()),
            ..planned(Point { param: Some(*param), ..ladder.point.clone() })
        };
        let points = self.params.iter().map(rung).collect();
        PlanDoc { ladders: vec![ladder], ..plan(points) }
    }

    fn rows(&self) -> Vec<Row> {
        let all = self
            .params
            .iter()
            .flat_map(|param| (0..self.processes).map(move |process| (*param, process)));
        all.map(|(param, process)| self.batch(param, process)).collect()
    }

    /// The batch of one process, which is up to 2 % off.
    fn batch(&self, param: u64, process: u64) -> Row {
        let off =
            1.0 + 0.005 * ((process * process + u64::from(param.max(1).ilog2()) * 3) % 5) as f64;
        let nanos = (self.truth)(param as f64) * off;
        let repeats = (BATCH as f64 / nanos).clamp(1.0, 1e9) as u64;
        Row {
            kind: RowKind::Parametric,
            param: Some(param),
            inner_repeats: Some(repeats),
            per_call_nanos: Some(nanos),
            cache_mode: self.cache_mode,
            repeat_index: None,
            ..row("sort", process * 1000 + param.min(999), BATCH)
        }
    }

    fn summary(&self, ladder: Ladder, rows: &[Row], auto_fit: bool) -> LadderSummary {
        let (plan, header) = (self.plan(ladder), header(true, Some(FLOOR)));
        let one = collect(rows).ladders(&plan, &header, auto_fit);
        let backwards: Vec<Row> = rows.iter().rev().cloned().collect();
        assert_eq!(one, collect(&backwards).ladders(&plan, &header, auto_fit), "order mattered");
        assert_eq!(one.len(), 1);
        one.into_iter().next().unwrap()
    }
}

fn wire() -> WireBatch {
    WireBatch {
        launcher_words: 0,
        bench: "sort".into(),
        target_nanos: BATCH,
        expected_hash: None,
        throughput: None,
        preview: false,
    }
}

/// The only door of verdicts: this ladder is judged so, on this ground.
#[track_caller]
fn check(case: &Case, verdict: LadderVerdict, ground: &str) -> LadderSummary {
    let found = case.summary(case.ladder(), &case.rows(), false);
    let name = format!("{:?}", found.ground);
    let name = name.split([' ', '{']).next().unwrap();
    assert_eq!((found.verdict, name), (verdict, ground), "{:?}: {found:?}", case.complexity);
    found
}

#[test]
fn verdicts() {
    use LadderVerdict::{Consistent, Inconclusive, Inconsistent};
    let linear: fn(f64) -> f64 = |n| 3.0 * n;
    let bumpy: fn(f64) -> f64 = |n| if n == 16.0 { 30.0 * n } else { 3.0 * n };
    let scattered: fn(f64) -> f64 = |n| n * if n % 3.0 == 0.0 { 8.0 } else { 4.0 };
    for (case, verdict, ground) in [
        (Case::new("n", linear), Consistent, "Slope"),
        (Case::new("n * log2(n)", |n| 5.0 * n * (n + 1.0).log2()), Consistent, "Slope"),
        (Case::new("n", |n| 0.5 * n * n), Inconsistent, "Slope"),
        (Case::new("n^2", linear), Inconsistent, "Slope"),
        (Case::new("1", |n| 40.0 + n / 1e9), Consistent, "Slope"),
        (Case::new("1", linear), Inconsistent, "Slope"),
        // On the edge of what is tolerated.
        (Case::new("n", |n| 3.0 * n.powf(1.15)).of(3), Inconclusive, "Slope"),
        // One process, or two, give no interval.
        (Case::new("n", linear).of(1), Consistent, "Range"),
        (Case::new("n", |n| n * n).of(2), Inconsistent, "Range"),
        (Case::new("n", bumpy).of(1).at((4..12).map(|it| 1 << it)), Consistent, "Range"),
        (Case::new("n", bumpy).at((2..7).map(|it| 1 << it)), Inconsistent, "Range"),
        (Case::new("n", bumpy).of(1).at((2..7).map(|it| 1 << it)), Inconclusive, "Range"),
        // A narrow span.
        (Case::new("n", linear).at([100, 200, 400]), Consistent, "Range"),
        (Case::new("n", |n| n * n).at([100, 200, 400]), Inconsistent, "Range"),
        (Case::new("2^n", |n| 9.0 * 2_f64.powf(n)).at(20..32), Consistent, "Range"),
        (Case::new("2^n", |n| 9.0 * 1.618_f64.powf(n)).at(20..32), Inconsistent, "Range"),
        (Case::new("2^n", |n| 9.0 * 2_f64.powf(n)).at(1..25), Consistent, "Range"),
        (Case::new("2^n", |n| 9.0 * 1.618_f64.powf(n)).at(1..25), Inconsistent, "Range"),
        (Case::new("2^n", |n| 9.0 * n.sqrt() * 2_f64.powf(n)).at(8..30), Inconsistent, "Range"),
        (
            Case::new("2^n", |n| 9.0 * 2_f64.powf(n)).at((1..8).map(|it| 1 << it)),
            Consistent,
            "Slope",
        ),
        // Too much scatter on a narrow span, and no trend.
        (Case::new("n", scattered).at(10..30), Inconclusive, "Range"),
        (Case::new("n", linear).at(100..110), Inconclusive, "TooNarrow"),
        (Case::new("n", linear).at([1, 1000]), Inconclusive, "TooFewRungs"),
        (Case::new("n", linear).at([0, 1, 1000]), Inconclusive, "TooFewRungs"),
        (Case::new("n", linear).at([]), Inconclusive, "TooFewRungs"),
        (Case { complexity: None, ..Case::new("", linear) }, Inconclusive, "NoModel"),
        (Case::new("n log n", linear), Inconclusive, "BadModel"),
        (Case::new("0 * n", linear), Inconclusive, "BadModel"),
        (Case::new("-n", linear), Inconclusive, "BadModel"),
        (Case::new("n / 0", linear), Inconclusive, "BadModel"),
        (Case::new("0 / 0", linear), Inconclusive, "BadModel"),
    ] {
        check(&case, verdict, ground);
    }
}

#[test]
fn numbers() {
    let found = check(&Case::new("n", |n| 3.0 * n), LadderVerdict::Consistent, "Slope");
    let slope = found.slope.unwrap();
    let interval = slope.interval.unwrap();
    assert!(slope.estimate.abs() < 0.002 && interval.low <= slope.estimate, "{interval:?}");
    assert!(interval.high - interval.low < 0.01 && interval.level == 0.95, "{interval:?}");
    let (low, high) = (found.c_min.unwrap(), found.c_max.unwrap());
    assert!(low >= 3.0 && high <= 3.06 && low < high, "{low} {high}");
    let rung = &found.rungs[5];
    assert_eq!((rung.param, rung.processes, rung.model), (32, 5, Some(32.0)));
    assert_eq!(
        (rung.per_call_nanos, rung.c),
        (Some(32.0 * 3.0 * 1.005), Some(32.0 * 3.0 * 1.005 / 32.0))
    );
    assert_eq!(rung.repeats, Some((BATCH as f64 / 96.48) as u64));
    assert!(rung.interval.is_none(), "five processes give none");
    // What grows by one power more shows as one more.
    let square = check(&Case::new("n", |n| n * n), LadderVerdict::Inconsistent, "Slope");
    assert!((square.slope.unwrap().estimate - 1.0).abs() < 0.002);
    // Without a model the slope is that of the times.
    let case = Case { complexity: None, ..Case::new("", |n| n * n) };
    let plain = check(&case, LadderVerdict::Inconclusive, "NoModel");
    assert!((plain.slope.unwrap().estimate - 2.0).abs() < 0.002);
    assert_eq!((plain.c_min, plain.rungs[5].model), (None, None));
}

#[test]
fn marks() {
    use RungMark::{BelowFloor, Cap, Failed, Leading, NoModel};
    let case = Case::new("log2(n)", |n| 50.0 * (n + 1.0).log2()).at((0..13).map(|it| 1 << it));
    let mut rows = case.rows();
    rows.retain(|row| row.param != Some(2048));
    for row in &mut rows {
        match row.param {
            Some(2) => row.total_nanos = 9_000_000,
            Some(4) => row.per_call_nanos = Some(0.0),
            Some(1024) => {
                row.status = Status::Crashed;
                row.per_call_nanos = None;
            }
            Some(4096) if row.sequence == Some(999) => row.status = Status::KilledAtCap,
            _ => {}
        }
    }
    let found = case.summary(case.ladder(), &rows, false);
    let marks: Vec<(u64, Option<RungMark>)> =
        found.rungs.iter().map(|rung| (rung.param, rung.mark)).collect();
    // A point without a row is no rung; a fifth of the seven that are left is one.
    assert_eq!(
        marks,
        [
            (1, Some(NoModel)),
            (2, Some(BelowFloor)),
            (4, Some(BelowFloor)),
            (8, Some(Leading)),
            (16, None),
            (32, None),
            (64, None),
            (128, None),
            (256, None),
            (512, None),
            (1024, Some(Failed)),
            (4096, Some(Cap)),
        ]
    );
    let failed = &found.rungs[10];
    assert_eq!(
        (failed.failed, failed.per_call_nanos, failed.c),
        (Some(Status::Crashed), None, None)
    );
    assert_eq!((found.rungs[11].failed, found.rungs[11].processes), (Some(Status::KilledAtCap), 4));
    let c: Vec<f64> =
        found.rungs.iter().filter(|it| it.mark.is_none()).filter_map(|it| it.c).collect();
    assert_eq!(found.c_min, c.iter().copied().reduce(f64::min));
}

#[test]
fn never_too_few_are_left() {
    for (rungs, leading) in [(3, 0), (4, 0), (5, 1), (9, 1), (10, 2), (25, 5)] {
        let case = Case::new("n", |n| n).at((0..rungs).map(|it| 1 << it));
        let found = case.summary(case.ladder(), &case.rows(), false);
        let marked: Vec<bool> =
            found.rungs.iter().map(|rung| rung.mark == Some(RungMark::Leading)).collect();
        assert_eq!(marked.iter().filter(|it| **it).count(), leading, "{rungs}");
        assert!(marked[..leading].iter().all(|it| *it), "{rungs}");
    }
}

/// One call of a process is all that a cold batch is.
#[test]
fn cold_batches_may_be_short() {
    let mut case = Case::new("n", |n| 3.0 * n);
    let mut rows = case.rows();
    rows.iter_mut().for_each(|row| row.total_nanos = 1000);
    let warm = case.summary(case.ladder(), &rows, false);
    assert!(warm.rungs.iter().all(|rung| rung.mark == Some(RungMark::BelowFloor)));
    assert_eq!(warm.verdict, LadderVerdict::Inconclusive);
    case.cache_mode = Some(CacheMode::Cold);
    rows.iter_mut().for_each(|row| row.cache_mode = Some(CacheMode::Cold));
    let cold = case.summary(case.ladder(), &rows, false);
    assert_eq!(
        (cold.ladder.as_str(), cold.verdict),
        ("sort{cache=cold}", LadderVerdict::Consistent)
    );
}

#[test]
fn models_by_values() {
    let case = Case::new("", |n| n * n * n).at([10, 20, 40, 80, 160]);
    let ladder = |values: &[(u64, f64)]| Ladder {
        complexity: None,
        model: values.iter().copied().collect(),
        ..case.ladder()
    };
    let cubes = [(10, 1e3), (20, 8e3), (40, 64e3), (80, 512e3), (160, f64::INFINITY)];
    let found = case.summary(ladder(&cubes), &case.rows(), false);
    assert_eq!(found.verdict, LadderVerdict::Consistent);
    assert_eq!(found.rungs[4].mark, Some(RungMark::NoModel));
    let elsewhere = case.summary(ladder(&[(7, 1.0)]), &case.rows(), false);
    let reason = "it has a value at none of these parameters".to_owned();
    assert_eq!(elsewhere.ground, LadderGround::BadModel { reason });
}

#[test]
fn auto_fit() {
    let case = Case::new("n", |n| 4.0 * n * (n + 0.5).log2());
    let plain = case.summary(case.ladder(), &case.rows(), false);
    assert!(plain.fits.is_empty() && plain.knee.is_none());
    let found = case.summary(case.ladder(), &case.rows(), true);
    assert_eq!((found.fits[0].model.as_str(), found.knee), ("n * log(n)", None));
    assert_eq!(found.slope, plain.slope);
    let bent = Case::new("n", |n| if n > 4096.0 { n * n / 4096.0 } else { n });
    let knee = bent.summary(bent.ladder(), &bent.rows(), true).knee.unwrap();
    // At 4096 both models have the same value.
    assert!([2048, 4096].contains(&knee.param) && knee.share > 0.75, "{knee:?}");
    assert_eq!((knee.before.as_str(), knee.after.as_str()), ("n", "n^2"));
    // One process a rung: models are ranked, a knee is not looked for.
    let alone = Case { processes: 1, ..bent };
    let found = alone.summary(alone.ladder(), &alone.rows(), true);
    assert!(!found.fits.is_empty() && found.knee.is_none());
}

/// What is said of ordinary points is not said of rungs.
#[test]
fn rungs_have_few_notices() {
    let case = Case::new("n", |n| n / 1e3).at([1, 2, 4]).of(2);
    let (plan, header) = (case.plan(case.ladder()), header(true, Some(FLOOR)));
    let mut rows = case.rows();
    rows[1] = Row { status: Status::Crashed, ..rows[1].clone() };
    for summary in collect(&rows).summaries(Some(&plan), &header) {
        let failed = |notice: &Notice| matches!(notice, Notice::Failed { .. });
        assert!(summary.notices.iter().all(failed), "{:?}", summary.notices);
        assert_eq!(summary.notices.len(), usize::from(summary.point == "sort{param=1}"));
    }
}
