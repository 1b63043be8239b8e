use tacho_schema::{
    Disturbance, Knee, LadderGround, LadderVerdict, ModelFit, Notice, PointSummary, Slope, Status,
    SummaryDoc,
};

use super::*;
use crate::fixture::{doc, interval, point};
use crate::terminal::summary;

const AT_80: Style = Style { width: Some(80), color: false, unicode: true, time_unit: None };

#[track_caller]
fn check(name: &str, ladder: &LadderSummary, style: &Style) {
    let mut text = String::new();
    render_into(&mut text, ladder, &Changes::new(), style);
    let is_wide = |line: &str| {
        style.width.is_some_and(|width| !style.color && crate::text::width(line) > width)
    };
    assert!(!text.lines().any(is_wide), "{text}");
    assert!(text.lines().all(|line| line.trim_end() == line), "blanks at an end: {text:?}");
    insta::assert_snapshot!(name, text);
}

fn rung(step: u32, mark: Option<RungMark>) -> RungSummary {
    let param = 1_u64 << step;
    let model = param as f64 * f64::from(step);
    let nanos = 3.21 * model * (1.0 + 0.004 * f64::from(step % 3)) + 12.0;
    RungSummary {
        point: format!("sort/merge{{param={param}}}"),
        param,
        processes: 8,
        per_call_nanos: Some(nanos),
        interval: Some(interval(nanos * 0.985, nanos * 1.021)),
        repeats: Some(1 << (22 - step)),
        model: Some(model),
        c: Some(nanos / model),
        mark,
        failed: None,
    }
}

fn merge() -> LadderSummary {
    let mut rungs: Vec<RungSummary> =
        (4..18).map(|step| rung(step, (step < 6).then_some(RungMark::Leading))).collect();
    rungs[0].mark = Some(RungMark::BelowFloor);
    rungs[7] =
        RungSummary { processes: 5, interval: None, repeats: Some(1000), ..rungs[7].clone() };
    LadderSummary {
        ladder: "sort/merge".into(),
        complexity: Some("n * log2(n)".into()),
        rungs,
        c_min: Some(3.21),
        c_max: Some(3.3),
        slope: Some(slope(-0.0021, Some((-0.0043, 0.0012)))),
        verdict: LadderVerdict::Consistent,
        ground: LadderGround::Slope { tolerance: 0.15 },
        fits: Vec::new(),
        knee: None,
    }
}

fn slope(estimate: f64, ends: Option<(f64, f64)>) -> Slope {
    Slope { estimate, interval: ends.map(|(low, high)| interval(low, high)) }
}

fn nothing(param: u64, mark: RungMark, failed: Status) -> RungSummary {
    RungSummary {
        point: format!("sort/merge{{param={param}}}"),
        param,
        processes: 0,
        per_call_nanos: None,
        interval: None,
        repeats: None,
        model: Some(param as f64),
        c: None,
        mark: Some(mark),
        failed: Some(failed),
    }
}

#[test]
fn tables() {
    let ladder = merge();
    check("consistent_80", &ladder, &AT_80);
    check("consistent_pipe", &ladder, &Style::PIPE);
    check("consistent_color", &ladder, &Style { color: true, ..AT_80 });
    check("consistent_ascii", &ladder, &Style { unicode: false, ..AT_80 });
    let mut ended = merge();
    ended.rungs.truncate(6);
    ended.rungs.push(nothing(1024, RungMark::Failed, Status::Crashed));
    let no_model = RungSummary { model: None, c: None, ..rung(11, Some(RungMark::NoModel)) };
    ended.rungs.push(no_model);
    ended.rungs.push(nothing(4096, RungMark::Cap, Status::KilledAtCap));
    check("marks_80", &ended, &AT_80);
    check("marks_pipe", &ended, &Style::PIPE);
}

#[test]
fn c_has_a_unit_that_shows_its_digits() {
    for (name, model) in [("c_small", 1e9), ("c_large", 1e-7), ("c_tiny", 1e18), ("c_apart", 0.0)] {
        let mut ladder = merge();
        ladder.rungs.drain(..10);
        for rung in &mut ladder.rungs {
            let model = if model > 0.0 { model } else { (rung.param as f64).powi(4) };
            rung.model = Some(model);
            rung.c = rung.per_call_nanos.map(|nanos| nanos / model);
        }
        check(name, &ladder, &AT_80);
    }
}

#[test]
fn a_pipe_has_as_many_fields_in_every_row() {
    let mut ladder = merge();
    ladder.rungs.push(nothing(4096, RungMark::Cap, Status::KilledAtCap));
    let mut text = String::new();
    render_into(&mut text, &ladder, &Changes::new(), &Style::PIPE);
    let fields = |line: &str| line.split("  ").filter(|field| !field.is_empty()).count();
    let table: Vec<&str> = text.lines().skip(1).take(ladder.rungs.len() + 1).collect();
    assert!(table.iter().all(|line| fields(line) == 6), "{text}");
}

/// Every verdict on every ground, as a reader meets it.
#[test]
fn verdicts() {
    use LadderVerdict::{Consistent, Inconclusive, Inconsistent};
    let by_slope = LadderGround::Slope { tolerance: 0.15 };
    let range = |ratio, ratio_max| LadderGround::Range { ratio, ratio_max };
    let bad = LadderGround::BadModel { reason: "it is 0 at every parameter".into() };
    let narrow = LadderGround::TooNarrow { factor: 1.08, factor_min: 1.5 };
    let few = LadderGround::TooFewRungs { have: 1, need: 3 };
    let mut text = String::new();
    for (verdict, ground, slope) in [
        (Consistent, by_slope.clone(), Some(slope(0.012, Some((-0.004, 0.028))))),
        (Inconsistent, by_slope.clone(), Some(slope(0.93, Some((0.90, 0.955))))),
        (Inconsistent, by_slope.clone(), Some(slope(0.17, Some((0.152, 0.18))))),
        (Inconsistent, by_slope.clone(), Some(slope(-0.93, Some((-0.955, -0.9))))),
        (Inconclusive, by_slope, Some(slope(0.12, Some((0.05, 0.19))))),
        (Consistent, range(1.214, 1.5), Some(slope(0.01, None))),
        (Inconsistent, range(4.1, 1.5), Some(slope(1.02, Some((0.99, 1.05))))),
        (Inconclusive, range(2.4, 1.9), Some(slope(0.2, None))),
        (Inconclusive, narrow, Some(slope(0.2, Some((-3.1, 3.5))))),
        (Inconclusive, few, None),
        (Inconclusive, bad, Some(slope(1.0, None))),
        (Inconclusive, LadderGround::NoModel, Some(slope(1.02, Some((1.0, 1.04))))),
        (Inconclusive, LadderGround::NoModel, None),
    ] {
        let ladder = LadderSummary { verdict, ground, slope, ..merge() };
        text += &format!("{verdict:?}: {}\n", phrase::ladder::verdict(&ladder));
    }
    insta::assert_snapshot!("verdicts", text);
}

fn quick() -> LadderSummary {
    let fit = |model: &str, share, residual| ModelFit {
        model: model.into(),
        coefficient: 1.0,
        residual,
        share,
    };
    let mut ladder = merge();
    ladder.ladder = "sort/quick{threads=2}".into();
    ladder.complexity = None;
    ladder.ground = LadderGround::NoModel;
    ladder.verdict = LadderVerdict::Inconclusive;
    ladder.slope = Some(slope(1.07, Some((1.05, 1.09))));
    ladder.rungs.drain(..8);
    for rung in &mut ladder.rungs {
        (rung.mark, rung.model, rung.c) = (None, None, None);
    }
    ladder.fits = vec![
        fit("n * log(n)", 0.981, 0.013),
        fit("n", 0.019, 0.31),
        fit("n^2", 0.0, 2.6),
        fit("1", 0.0, 9.0),
    ];
    let (before, after) = ("n".into(), "n * log(n)".into());
    ladder.knee = Some(Knee { param: 4096, before, after, share: 0.987 });
    ladder
}

#[test]
fn models_that_fit() {
    check("auto_fit_80", &quick(), &AT_80);
}

/// A baseline's rungs are beside those of now; where they have no room they follow.
#[test]
fn against_a_baseline() {
    let change =
        Change { against: "main".into(), ratio: 1.25, interval: Some(interval(1.2, 1.31)) };
    let rung = |param: u64, change: Option<Change>| {
        let label = format!("sort/merge{{param={param}}}");
        PointSummary { ladder: Some(0), change, ..point(&label, 217.0, 8) }
    };
    let mut all = SummaryDoc {
        ladders: vec![merge()],
        ..doc(vec![rung(16, None), rung(32, Some(change.clone())), rung(64, Some(change))])
    };
    all.ladders[0].rungs.truncate(4);
    for width in [60, 100] {
        let style = Style { width: Some(width), ..AT_80 };
        insta::assert_snapshot!(format!("against_{width}"), summary(&all, &style));
    }
}

/// What disturbed the rungs of a ladder is told once, of the ladder.
#[test]
fn disturbed_rungs_are_one_note() {
    let rung = |param: u64, rows: u64| {
        let by = [(Disturbance::RunDelay, rows), (Disturbance::Steal, 1)].into();
        let notice = Notice::Contended { rows, samples: 8, by };
        let label = format!("sort/merge{{param={param}}}");
        PointSummary { ladder: Some(0), notices: vec![notice], ..point(&label, 217.0, 8) }
    };
    let quiet = PointSummary { notices: Vec::new(), ..rung(4, 0) };
    let all = SummaryDoc { ladders: vec![merge()], ..doc(vec![rung(1, 2), rung(2, 3), quiet]) };
    let text = summary(&all, &AT_80);
    let (_, notes) = text.split_once("consistent with").unwrap();
    assert!(!notes.contains("param="), "{notes}");
    let sum = "sort/merge\n  - 5 of 24 runs were contended: 5 waited for a processor, 2 lost";
    assert!(notes.contains(sum), "{notes}");
}

/// Rungs stand in the table of their ladder and nowhere else.
#[test]
fn in_a_summary() {
    let harness = |label: &str, nanos: f64, ladder: Option<u32>| {
        let mut point: PointSummary = PointSummary { ladder, ..point(label, nanos, 8) };
        point.command = Some("bench-sort".into());
        // Wall time and peak memory: nobody knows the processor time of the calls alone.
        drop(point.spreads.drain(1..3));
        point
    };
    let mut all = SummaryDoc {
        ladders: vec![merge()],
        ..doc(vec![
            harness("sort/merge{param=16}", 217.0, Some(0)),
            harness("hash/small", 23.45, None),
            harness("sort/merge{param=65536}", 3.4e6, Some(0)),
            harness("hash/large", 81_230.0, None),
        ])
    };
    all.ladders[0].rungs.truncate(6);
    for (name, style) in [("summary_80", AT_80), ("summary_pipe", Style::PIPE)] {
        insta::assert_snapshot!(name, summary(&all, &style));
    }
    all.points.retain(|point| point.ladder.is_some());
    insta::assert_snapshot!("summary_of_ladders_80", summary(&all, &AT_80));
}
