use std::collections::BTreeMap;

use tacho_schema::{
    Derived, Hook, IgnoreFailure, Ladder, LadderStep, MetricDef, Name, ParamSource, ParamValue,
    Point, Quiesce, Reading, WireBatch,
};

use super::*;

fn point(name: &str, level: Option<i64>) -> PlannedPoint {
    let mut point = Point::named(Name::new(name).unwrap());
    point.params.extend(level.map(|it| ("level".to_owned(), ParamValue::Integer(it))));
    PlannedPoint {
        point,
        command: "true".into(),
        argv: vec!["true".into()],
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
        min_runs: 10,
        max_runs: 1_000_000,
        min_time_nanos: 3_000_000_000,
        max_time_nanos: 10_000_000_000,
        max_time_runs_min: 6,
        precision: Ratio(0.02),
        timeout_nanos: 60_000_000_000,
        ignore_failure: IgnoreFailure::None,
        tags: Vec::new(),
        output: Output::Pipe,
        reading: Reading::default(),
        statistic: Statistic::Median,
        limits: Limits::default(),
        wire: None,
        ladder: None,
        variant_of: None,
        refused: None,
    }
}

fn hook(text: &str) -> Option<Hook> {
    Some(Hook { argv: vec!["sh".into(), "-c".into(), text.into()], text: text.into() })
}

fn everything() -> PlanDoc {
    let (one, six) = (point("gzip/level", Some(1)), point("gzip/level", Some(6)));
    let exact = PlannedPoint {
        warmup: 3,
        min_runs: 20,
        max_runs: 20,
        leg: 1,
        setup: hook("make corpus.txt"),
        output: Output::File("out.txt".into()),
        limits: Limits {
            memory_max_bytes: Some(512 << 20),
            cpus: Some(vec![0, 1]),
            nice: Some(5),
            aslr: Some(false),
        },
        ..point("sort", None)
    };
    let derived = Derived {
        name: "rate".into(),
        numerator: "rows".into(),
        denominator: "wall".into(),
        def: MetricDef::default(),
    };
    let reading =
        Reading { probe: Some(ProbeLine::Pairs), derived: vec![derived], ..Reading::default() };
    let probe = PlannedPoint {
        max_runs: 50,
        statistic: Statistic::Min,
        reading,
        prepare: hook("sync"),
        ..point("smoke", None)
    };
    let six = PlannedPoint { prepare: hook("sync"), ..six };
    PlanDoc {
        jobs: 2,
        total_nanos_max: Some(300_000_000_000),
        quiet_wait_nanos: Some(60_000_000_000),
        quiesce: Some(Quiesce { before: hook("stop indexer"), after: hook("start indexer") }),
        param_sources: vec![ParamSource {
            workload: "gzip/level".into(),
            param: "level".into(),
            source: "levels.txt".into(),
            values: 2,
            found: 9,
            hash: "0x0123456789abcdef".into(),
        }],
        ..PlanDoc::new(7, vec![one, six, exact, probe])
    }
}

#[test]
fn texts() {
    let facts = PlanFacts {
        is_seed_drawn: true,
        is_ad_hoc: false,
        first_rounds: vec![vec![3, 0, 1], vec![2]],
        bounded_nanos_max: 30_000_000_000,
    };
    for (name, width) in [("plan_60", Some(60)), ("plan_100", Some(100)), ("plan_pipe", None)] {
        let style = Style { width, unicode: width.is_none_or(|width| width > 60), ..Style::PIPE };
        insta::assert_snapshot!(name, text(&everything(), &facts, &style));
    }
}

/// A long plan is told in short: the first points, and how many more.
#[test]
fn many_points() {
    let points: Vec<PlannedPoint> = (0..30).map(|it| point("p", Some(it))).collect();
    let facts = PlanFacts {
        is_seed_drawn: false,
        is_ad_hoc: false,
        first_rounds: vec![(0..30).collect()],
        bounded_nanos_max: 300_000_000_000,
    };
    let told = text(&PlanDoc::new(7, points), &facts, &Style::PIPE);
    let below = told.split_once("\n\n").unwrap().1;
    assert_eq!(
        below,
        "order       seed 7\n\
         first round p{level=0}, p{level=1}, p{level=2}, p{level=3}, p{level=4}, p{level=5}, \
         p{level=6}, p{level=7}, and 22 more\n\
         longest     about 5 min 0 s for 30 points; warm-up, set-up and clean-up not counted\n"
    );
}

/// Ladders have one line each, and what is refused has its reason.
#[test]
fn harnesses() {
    let ladder = |name: &str, step: LadderStep, complexity: Option<&str>| Ladder {
        point: Point::named(Name::new(name).unwrap()),
        step,
        complexity: complexity.map(str::to_owned),
        model: BTreeMap::new(),
        cap_nanos: 500_000_000,
    };
    let wire = |name: &str, ladder: Option<u32>, param: Option<u64>| {
        let planned = point(name, None);
        let asked = param.map_or("--fixed".to_owned(), |param| format!("--param {param}"));
        PlannedPoint {
            point: Point { param, ..planned.point.clone() },
            command: format!("./bench _child --bench {name} {asked}"),
            wire: Some(WireBatch {
                launcher_words: 0,
                bench: name.to_owned(),
                target_nanos: 1,
                expected_hash: None,
                throughput: None,
                preview: false,
            }),
            ladder,
            setup: hook("make"),
            ..planned
        }
    };
    let quick = [1, 2, 4, 8].map(|param| wire("quick", Some(0), Some(param)));
    let fib = (1..=64).map(|param| wire("fib", Some(1), Some(param)));
    let others = [
        wire("two", Some(2), Some(1)),
        wire("two", Some(2), Some(9)),
        wire("one", Some(3), Some(64)),
        PlannedPoint { setup: None, ..wire("plain", None, Some(7)) },
        PlannedPoint {
            refused: Some("`twin`, as `./bench _list` lists it, cannot be measured".to_owned()),
            ..wire("twin", None, None)
        },
    ];
    let points: Vec<PlannedPoint> = quick.into_iter().chain(fib).chain(others).collect();
    let facts = PlanFacts {
        is_seed_drawn: false,
        is_ad_hoc: false,
        first_rounds: vec![(0..points.len()).rev().collect()],
        bounded_nanos_max: 30_000_000_000,
    };
    let mut plan = PlanDoc::new(7, points);
    plan.ladders = vec![
        ladder("quick", LadderStep::Double, Some("n * log2(n)")),
        ladder("fib", LadderStep::Bracket, Some("2^n")),
        ladder("two", LadderStep::List, None),
        Ladder { model: [(1, 2.0)].into(), ..ladder("one", LadderStep::Linear, None) },
    ];
    for (name, width) in [("harness_80", Some(80)), ("harness_pipe", None)] {
        let style = Style { width, ..Style::PIPE };
        insta::assert_snapshot!(name, text(&plan, &facts, &style));
    }
    plan.points.drain(..plan.points.len() - 1);
    let facts = PlanFacts { first_rounds: vec![vec![0]], ..facts };
    assert!(text(&plan, &facts, &Style::PIPE).contains("longest     nothing is measured\n"));
}
