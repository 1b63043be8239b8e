//! The loop over scripted children: what runs, in which order, and what rows come of it.

mod children;
mod harness;
mod ladders;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use tacho_plan::{AdHoc, AdHocCommand, Flags};
use tacho_schema::Point;

use super::*;
use crate::child::Supervisor;
use crate::commands;
use crate::fake::{Act, FakeSpawner, Harness};
use crate::program::Program;
use crate::spawn::End;

/// What a run of a script came to.
struct Outcome {
    /// The last word of every program, hooks included, in the order in which they ran.
    ran: Vec<String>,
    /// `point:status` of every row.
    rows: Vec<String>,
    /// The rows themselves.
    all: Vec<Row>,
    /// Every program that was handed to the starter.
    asked: Vec<Program>,
    finish: Finish,
}

/// Runs `commands` (each a word for `echo`) under `flags` with `script` as the children's acts.
fn play(commands: &[&str], flags: &Flags, script: &[Act]) -> Outcome {
    let line = |word: &&str| AdHocCommand::Words(vec!["echo".to_owned(), (*word).to_owned()]);
    let ad_hoc = AdHoc { commands: commands.iter().map(line).collect(), ..AdHoc::default() };
    let plan = ad_hoc.plan(flags).unwrap();
    play_plan(&plan, script, |_| true)
}

fn play_plan(plan: &PlanDoc, script: &[Act], emit: impl Fn(usize) -> bool) -> Outcome {
    play_on(plan, &[script], emit)
}

/// The same with a lane for each script.
fn play_on(plan: &PlanDoc, scripts: &[&[Act]], emit: impl Fn(usize) -> bool) -> Outcome {
    play_with(plan, scripts, None, emit)
}

/// The same, with what programs that time themselves answer.
fn play_with(
    plan: &PlanDoc,
    scripts: &[&[Act]],
    harness: Option<Harness>,
    emit: impl Fn(usize) -> bool,
) -> Outcome {
    let ran: Rc<RefCell<Vec<String>>> = Default::default();
    let asked: Rc<RefCell<Vec<Program>>> = Default::default();
    let lane = |script: &&[Act]| {
        let mut fake = FakeSpawner::new(script);
        fake.ran = ran.clone();
        fake.asked = asked.clone();
        fake.harness = harness;
        Supervisor::new(Box::new(fake))
    };
    let mut pool = Pool::of_all(scripts.iter().map(lane).collect());
    let surroundings = Surroundings::inherited();
    let base = std::env::temp_dir();
    let setting = Setting { plan, base: &base, surroundings: &surroundings, shared_machine: false };
    let programs = commands::find(plan, &base, &surroundings, pool.first()).unwrap().unwrap();
    let signals = Signals::listen().unwrap();
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    let finish = run(
        setting,
        programs,
        &mut pool,
        &signals,
        &mut |emission| {
            let Emission::Row(_, row) = emission else { return true };
            assert_eq!(row.sequence, Some(rows.len() as u64));
            rows.push(format!("{}:{}", Point::of(&row), row.status.as_str()));
            row.check().unwrap();
            all.push(*row);
            emit(rows.len())
        },
        &mut |_| {},
    );
    assert_eq!(finish.rows, rows.len() as u64);
    assert_eq!(finish.by_status.values().sum::<u64>(), finish.rows);
    let (ran, asked) = (ran.borrow().clone(), asked.borrow().clone());
    Outcome { ran, rows, all, asked, finish }
}

fn counted(words: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word.as_str()).or_insert(0) += 1;
    }
    counts
}

const FAILS: Act = Act::Ends { end: End::Exited(3), wall_nanos: 1000 };
const ENDS: Act = Act::Ends { end: End::Exited(0), wall_nanos: 1000 };

fn runs(runs: i64) -> Flags {
    Flags { runs: Some(runs), no_shell: true, fresh_seed: 5, ..Flags::default() }
}

#[test]
fn every_point_gets_its_runs_in_interleaved_rounds() {
    let outcome = play(&["a", "b", "c"], &runs(20), &[]);
    assert_eq!(counted(&outcome.ran), BTreeMap::from([("a", 20), ("b", 20), ("c", 20)]));
    for round in outcome.ran.chunks(3) {
        assert_eq!(counted(round).len(), 3, "{round:?} is no round of three points");
    }
    let orders: std::collections::BTreeSet<_> = outcome.ran.chunks(3).collect();
    assert!(orders.len() > 1, "rounds are shuffled");
    assert_eq!(play(&["a", "b", "c"], &runs(20), &[]).ran, outcome.ran, "by the seed alone");
    assert!(outcome.finish.cut_short.is_none() && outcome.finish.skipped.is_empty());
}

#[test]
fn hooks_run_around_every_run_and_once_around_all() {
    let flags = Flags {
        setup: vec!["echo setup".to_owned()],
        prepare: vec!["echo prepare".to_owned()],
        conclude: vec!["echo conclude".to_owned()],
        cleanup: vec!["echo cleanup".to_owned()],
        warmup: Some(1),
        ..runs(2)
    };
    let outcome = play(&["a"], &flags, &[]);
    let each = ["prepare", "a", "conclude"];
    let expected = [&["setup"][..], &each, &each, &each, &["cleanup"]].concat();
    assert_eq!(outcome.ran, expected);
    assert_eq!(outcome.rows, ["echo a:ok", "echo a:ok"]);
}

#[test]
fn a_point_ends_with_its_first_failure_and_the_others_go_on() {
    let outcome = play(&["a", "b"], &runs(5), &[FAILS]);
    let failed = outcome.ran[0].clone();
    let counts = counted(&outcome.ran);
    assert_eq!(counts.values().copied().collect::<Vec<_>>().iter().sum::<usize>(), 6);
    assert_eq!(counts[failed.as_str()], 1);
    assert_eq!(outcome.rows[0], format!("echo {failed}:error"));
    assert_eq!(outcome.finish.by_status[&Status::Ok], 5);
}

#[test]
fn a_failing_hook_is_a_row_and_no_run_follows() {
    for (flags, script, ran) in [
        (Flags { setup: vec!["echo x".into()], ..runs(3) }, &[FAILS][..], &["x"][..]),
        (
            Flags { prepare: vec!["echo x".into()], ..runs(3) },
            &[ENDS, ENDS, FAILS],
            &["x", "a", "x"],
        ),
        (Flags { conclude: vec!["echo x".into()], ..runs(3) }, &[ENDS, FAILS], &["a", "x"]),
    ] {
        let outcome = play(&["a"], &flags, script);
        assert_eq!(outcome.ran, ran);
        assert_eq!(outcome.rows.last().unwrap(), "echo a:error");
    }
}

#[test]
fn a_failing_warm_up_is_recorded_and_a_failing_clean_up_is_told() {
    let outcome = play(&["a"], &Flags { warmup: Some(2), ..runs(3) }, &[ENDS, FAILS]);
    assert_eq!((outcome.ran.len(), outcome.rows), (2, vec!["echo a:error".to_owned()]));
    let flags = Flags { cleanup: vec!["echo x".into()], ..runs(1) };
    let outcome = play(&["a"], &flags, &[ENDS, FAILS]);
    assert_eq!(outcome.rows, ["echo a:ok"]);
    let trouble = outcome.finish.troubles.join("\n");
    assert!(
        trouble.starts_with("`echo a`: clean-up `echo x` failed with exit code 3"),
        "{trouble}"
    );
}

#[test]
fn the_budget_ends_the_running_batch_and_names_what_it_skipped() {
    let flags = Flags { total_seconds: Some("0.05".to_owned()), ..runs(3) };
    let outcome = play(&["a", "b"], &flags, &[ENDS, Act::Hangs { ignores_term: false }]);
    assert_eq!(outcome.finish.cut_short, Some(CutShort::Budget));
    assert_eq!(outcome.rows.len(), 1);
    let rows: u64 = outcome.finish.skipped.iter().map(|skipped| skipped.rows).sum();
    assert_eq!((outcome.finish.skipped.len(), rows), (2, 1));
}

#[test]
fn a_starter_that_dies_or_a_journal_that_fails_cuts_the_capture_short() {
    let outcome = play(&["a"], &runs(3), &[ENDS, Act::StarterDies]);
    assert_eq!((outcome.rows.len(), outcome.finish.cut_short), (1, Some(CutShort::Failed)));
    assert!(matches!(outcome.finish.failure, Some(SpawnError::Gone(_))));
    let command = AdHocCommand::Words(vec!["echo".into(), "a".into()]);
    let ad_hoc = AdHoc { commands: vec![command], ..AdHoc::default() };
    let plan = ad_hoc.plan(&runs(10)).unwrap();
    let outcome = play_plan(&plan, &[], |rows| rows < 4);
    assert_eq!((outcome.rows.len(), outcome.finish.cut_short), (4, Some(CutShort::Failed)));
}

#[test]
fn a_timeout_is_a_row_of_its_own_kind() {
    let flags = Flags { timeout: Some("20ms".to_owned()), ..runs(2) };
    let outcome = play(&["a"], &flags, &[Act::Hangs { ignores_term: false }]);
    assert_eq!(outcome.rows, ["echo a:timed_out"]);
}

#[test]
fn several_lanes_run_side_by_side_and_lose_nothing() {
    let hangs = Act::Hangs { ignores_term: true };
    let timeout = |flags: Flags| Flags { timeout: Some("20ms".to_owned()), ..flags };
    for (words, flags, scripts, rows, timed_out) in [
        (&["a", "b", "c"][..], runs(7), &[&[][..], &[], &[]][..], 21, 0),
        (&["a"], runs(9), &[&[], &[]], 9, 0),
        // A lane hangs, the others go on.
        (&["a", "b"], timeout(runs(4)), &[&[hangs], &[]], 8, 1),
        (&["a", "b"], timeout(runs(4)), &[&[hangs], &[hangs], &[]], 8, 2),
    ] {
        let line = |word: &&str| AdHocCommand::Words(vec!["echo".to_owned(), (*word).to_owned()]);
        let ad_hoc = AdHoc { commands: words.iter().map(line).collect(), ..AdHoc::default() };
        let outcome = play_on(&ad_hoc.plan(&flags).unwrap(), scripts, |_| true);
        let hung = outcome.rows.iter().filter(|row| row.ends_with(":timed_out")).count();
        assert_eq!((outcome.rows.len(), hung), (rows, timed_out), "{words:?}: {:?}", outcome.rows);
        assert!(outcome.finish.failure.is_none() && outcome.finish.cut_short.is_none());
    }
}

#[test]
fn lanes_are_cancelled_together() {
    let flags = Flags { total_seconds: Some("0.05".to_owned()), ..runs(3) };
    let line = |word: &str| AdHocCommand::Words(vec!["echo".to_owned(), word.to_owned()]);
    let ad_hoc = AdHoc { commands: vec![line("a"), line("b")], ..AdHoc::default() };
    let hangs: &[Act] = &[Act::Hangs { ignores_term: false }];
    let outcome = play_on(&ad_hoc.plan(&flags).unwrap(), &[hangs, hangs], |_| true);
    assert_eq!(outcome.finish.cut_short, Some(CutShort::Budget));
    assert_eq!((outcome.rows.len(), outcome.finish.skipped.len()), (0, 2));
}
