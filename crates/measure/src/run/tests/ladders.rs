//! Ladders: which rungs are tried, in which order, and what becomes of the others.

use tacho_schema::{Hook, Ladder, LadderStep, Name, PlannedPoint, WireBatch};

use super::*;

const HANGS: Act = Act::Hangs { ignores_term: false };

/// A rung of `ladder`: it echoes its parameter, and may take 20 ms.
fn rung(ladder: u32, param: u64, flags: &Flags) -> PlannedPoint {
    let word = AdHocCommand::Words(vec!["echo".to_owned(), param.to_string()]);
    let ad_hoc = AdHoc { commands: vec![word], ..AdHoc::default() };
    let mut planned = ad_hoc.plan(flags).unwrap().points.remove(0);
    planned.point.function = Name::new(&format!("l{ladder}")).unwrap();
    planned.point.param = Some(param);
    planned.ladder = Some(ladder);
    planned.timeout_nanos = 20_000_000;
    planned
}

fn ladder(step: LadderStep, rungs: &[PlannedPoint]) -> Ladder {
    Ladder {
        point: Point { param: None, ..rungs[0].point.clone() },
        step,
        complexity: None,
        model: BTreeMap::new(),
        cap_nanos: rungs[0].timeout_nanos,
    }
}

fn one_ladder(step: LadderStep, params: &[u64], flags: &Flags) -> PlanDoc {
    let rungs: Vec<PlannedPoint> = params.iter().map(|param| rung(0, *param, flags)).collect();
    let mut plan = PlanDoc::new(5, rungs);
    plan.ladders = vec![ladder(step, &plan.points)];
    plan
}

/// The parameters in the order in which they ran.
fn params(outcome: &Outcome) -> Vec<u64> {
    outcome.ran.iter().map(|word| word.parse().unwrap()).collect()
}

fn counts(outcome: &Outcome) -> Vec<(&str, u64)> {
    let by_status = &outcome.finish.by_status;
    by_status.iter().map(|(status, rows)| (status.as_str(), *rows)).collect()
}

/// What `script` makes of a climb over `of`: its first batches, and all rows by status.
#[track_caller]
fn check(step: LadderStep, of: &[u64], script: &[Act], first: &[u64], rows: &[(&str, u64)]) {
    for scripts in [&[script][..], &[script, &[], &[]]] {
        let outcome = play_on(&one_ladder(step, of, &runs(3)), scripts, |_| true);
        assert_eq!(params(&outcome)[..first.len()], *first);
        assert_eq!(counts(&outcome), rows);
        let finish = outcome.finish;
        assert!(
            finish.skipped.is_empty() && finish.cut_short.is_none() && finish.failure.is_none()
        );
        assert_eq!(
            finish.capped_without_rung,
            u64::from(!finish.by_status.contains_key(&Status::Ok))
        );
    }
}

#[test]
fn a_ladder_is_climbed_until_its_cap_and_then_measured_in_rounds() {
    use LadderStep::{Bracket, Double};
    let of = [1, 2, 4, 8, 16];
    check(Double, &of, &[], &of, &[("ok", 15)]);
    let rows = &[("ok", 9), ("killed_at_cap", 1)];
    check(Double, &of, &[ENDS, ENDS, ENDS, HANGS], &[1, 2, 4, 8], rows);
    let rows = &[("ok", 3), ("error", 1)];
    check(Double, &of, &[ENDS, FAILS], &[1, 2], rows);
    check(Double, &of, &[HANGS], &[1], &[("killed_at_cap", 1)]);
    let of: Vec<u64> = (1..=16).collect();
    let script = [ENDS, ENDS, ENDS, HANGS, ENDS, ENDS, HANGS];
    let rows = &[("ok", 15), ("killed_at_cap", 2)];
    check(Bracket, &of, &script, &[1, 2, 4, 8, 5, 6, 7], rows);
}

#[test]
fn rungs_are_parametric_rows_and_their_rounds_go_on_after_the_climb() {
    let plan = one_ladder(LadderStep::Double, &[1, 2, 4], &runs(3));
    let outcome = play_plan(&plan, &[ENDS, ENDS, HANGS], |_| true);
    let shown: Vec<_> = outcome.all.iter().map(|row| (row.param, row.round)).collect();
    assert_eq!(shown[..3], [(Some(1), Some(0)), (Some(2), Some(0)), (Some(4), Some(0))]);
    assert_eq!(shown[3..].iter().map(|it| it.1).collect::<Vec<_>>(), [1, 1, 2, 2].map(Some));
    assert_eq!(outcome.rows[2], "l0{param=4}:killed_at_cap");
    let error = outcome.all[2].error.as_deref();
    assert_eq!(error, Some("reached the cap of its ladder, 20.0 ms, no output"));
    assert_eq!(outcome.all[0].inner_repeats, Some(1));
    assert_eq!(outcome.finish.points, 3);
    assert_eq!(play_plan(&plan, &[ENDS, ENDS, HANGS], |_| true).ran, outcome.ran);
}

/// A rung that was within the cap and later is not, is over by itself.
#[test]
fn a_later_batch_may_reach_the_cap_too() {
    let plan = one_ladder(LadderStep::Double, &[1, 2], &runs(4));
    let outcome = play_plan(&plan, &[ENDS, ENDS, HANGS], |_| true);
    // Those that were queued already have run.
    assert_eq!(counts(&outcome), [("ok", 7), ("killed_at_cap", 1)]);
    assert_eq!(outcome.finish.capped_without_rung, 0);
}

#[test]
fn a_rung_is_warmed_up_when_it_is_climbed() {
    let plan = one_ladder(LadderStep::Double, &[1, 2, 4], &Flags { warmup: Some(1), ..runs(1) });
    assert_eq!(params(&play_plan(&plan, &[], |_| true)), [1, 1, 2, 2, 4, 4]);
    let outcome = play_plan(&plan, &[ENDS, ENDS, HANGS], |_| true);
    assert_eq!(params(&outcome), [1, 1, 2]);
    assert_eq!(counts(&outcome), [("ok", 1), ("killed_at_cap", 1)]);
}

#[test]
fn ladders_are_counted_each_by_itself() {
    let mut plan = one_ladder(LadderStep::Double, &[1, 2], &runs(2));
    plan.points.extend([3, 6].map(|param| rung(1, param, &runs(2))));
    plan.ladders.push(ladder(LadderStep::Double, &plan.points[2..]));
    let outcome = play_plan(&plan, &[ENDS, HANGS, HANGS], |_| true);
    assert_eq!(params(&outcome)[..3], [1, 2, 3]);
    assert_eq!(counts(&outcome), [("ok", 2), ("killed_at_cap", 2)]);
    assert_eq!(outcome.finish.capped_without_rung, 1);
    // A plan from elsewhere may name a ladder that it does not have.
    plan.ladders.clear();
    assert_eq!(counts(&play_plan(&plan, &[], |_| true)), [("ok", 8)]);
}

/// Rungs whose set-ups are in each other's way stand in legs of their own.
#[test]
fn no_set_up_is_run_for_a_rung_beyond_the_end() {
    let mut plan = one_ladder(LadderStep::Double, &[1, 2, 4], &runs(2));
    for (leg, planned) in (0..).zip(&mut plan.points) {
        planned.leg = leg;
        let text = format!("echo 10{leg}");
        let argv = ["echo".to_owned(), format!("10{leg}")].to_vec();
        planned.setup = Some(Hook { argv, text });
    }
    let outcome = play_plan(&plan, &[], |_| true);
    assert_eq!(params(&outcome), [100, 1, 1, 101, 2, 2, 102, 4, 4]);
    for end in [HANGS, FAILS] {
        let outcome = play_plan(&plan, &[ENDS, ENDS, ENDS, ENDS, end], |_| true);
        assert_eq!(params(&outcome), [100, 1, 1, 101, 2]);
        assert!(outcome.finish.skipped.is_empty());
    }
}

#[test]
fn the_budget_ends_a_climb_and_names_what_it_skipped() {
    let mut plan = one_ladder(LadderStep::Double, &[1, 2, 4, 8], &runs(2));
    plan.total_nanos_max = Some(50_000_000);
    plan.points.iter_mut().for_each(|planned| planned.timeout_nanos = u64::MAX / 4);
    let outcome = play_plan(&plan, &[ENDS, HANGS], |_| true);
    assert_eq!(outcome.finish.cut_short, Some(CutShort::Budget));
    assert_eq!((outcome.rows.len(), outcome.finish.skipped.len()), (1, 4));
}

#[test]
fn what_is_refused_is_an_error_row_and_nothing_is_started() {
    let flags = Flags { setup: vec!["echo 7".to_owned()], warmup: Some(1), ..runs(2) };
    let mut plan = one_ladder(LadderStep::Double, &[1, 2, 4], &flags);
    plan.points.push(rung(0, 5, &flags));
    let free = &mut plan.points[3];
    (free.ladder, free.point.param) = (None, None);
    free.argv = vec!["/no/such/harness".to_owned()];
    for index in [1, 3] {
        plan.points[index].refused = Some("it was registered twice".to_owned());
    }
    plan.points[3].wire = Some(WireBatch {
        bench: "l0".to_owned(),
        launcher_words: 0,
        target_nanos: 1,
        expected_hash: None,
        throughput: None,
        preview: false,
    });
    let outcome = play_plan(&plan, &[], |_| true);
    assert_eq!(params(&outcome), [7, 1, 1, 1]);
    assert_eq!(counts(&outcome), [("ok", 2), ("error", 2)]);
    let refused = outcome.all.iter().filter(|row| row.status == Status::Error);
    for row in refused {
        assert_eq!(row.error.as_deref(), Some("it was registered twice"));
    }
}
