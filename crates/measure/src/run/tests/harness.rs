//! Programs that time themselves: asked anew for every batch, and their answers compared.

use std::collections::BTreeSet;
use std::ffi::CString;

use tacho_plan::layout;
use tacho_schema::{Name, WireBatch};

use super::*;

/// A plan of `words` at these parameters; a point without one is fixed.
fn harness_plan(words: &[&str], params: &[Option<u64>], flags: &Flags) -> PlanDoc {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let ad_hoc = AdHoc { commands: vec![AdHocCommand::Words(words)], ..AdHoc::default() };
    let mut plan = ad_hoc.plan(flags).unwrap();
    let first = plan.points.remove(0);
    plan.points = params
        .iter()
        .map(|param| {
            let mut planned = first.clone();
            planned.point.function = Name::new("sort/std").unwrap();
            planned.point.param = *param;
            planned.wire = Some(WireBatch {
                bench: "sort/std".to_owned(),
                launcher_words: 0,
                target_nanos: 1000,
                expected_hash: None,
                throughput: None,
                preview: false,
            });
            planned
        })
        .collect();
    plan
}

/// What was asked for behind `key`.
fn asked<'a>(words: &'a [String], key: &str) -> Option<&'a str> {
    let place = words.iter().position(|word| word == key)?;
    words.get(place + 1).map(String::as_str)
}

/// A good harness: a call takes as many nanoseconds as its parameter says.
fn good(words: &[String]) -> Option<String> {
    let own = match asked(words, "--param") {
        Some(param) => format!(
            r#""kind":"parametric","param":{param},"inner_repeats":10,"total_nanos":{param}0"#
        ),
        None => {
            let index = asked(words, "--repeat-index")?;
            let hash = if index == "3" { "0xB" } else { "0xa" };
            let fixed = r#""kind":"fixed","total_nanos":5"#;
            format!(r#"{fixed},"repeat_index":{index},"result_hash":"{hash}""#)
        }
    };
    Some(format!(r#"{{"schema_version":1,"function":"sort/std","status":"ok",{own}}}"#))
}

fn texts(words: &[CString]) -> Vec<String> {
    words.iter().map(|word| word.to_str().unwrap().to_owned()).collect()
}

#[test]
fn rows_are_the_programs_own() {
    let plan = harness_plan(&["/bin/echo"], &[Some(8), Some(16)], &runs(3));
    for scripts in [&[&[][..]][..], &[&[], &[]]] {
        let outcome = play_with(&plan, scripts, Some(good), |_| true);
        assert_eq!(outcome.finish.by_status, BTreeMap::from([(Status::Ok, 6)]));
        for row in outcome.all {
            assert_eq!(row.metric(tacho_schema::Metric::Wall), row.param.map(|it| it as f64));
        }
    }
}

#[test]
fn answers_that_disagree_are_wrong() {
    let plan = harness_plan(&["/bin/echo"], &[None], &runs(6));
    let outcome = play_with(&plan, &[&[]], Some(good), |_| true);
    let statuses: Vec<_> = outcome.all.iter().map(|row| row.status).collect();
    assert_eq!(statuses, [Status::Ok, Status::Ok, Status::Ok, Status::WrongAnswer]);
    let wrong = outcome.all.last().unwrap();
    let told = "`sort/std`: the answer's hash is 0xB, and was 0xa in a process before";
    assert_eq!(wrong.error.as_deref(), Some(told));
    assert!(wrong.output_tail.as_ref().unwrap().contains("schema_version"));
}

/// The bytes of the padding and the first word of every batch.
fn layouts(plan: &PlanDoc, lanes: &[&[Act]]) -> Vec<(usize, String)> {
    let outcome = play_with(plan, lanes, Some(good), |_| true);
    let of = |program: &Program| {
        assert_eq!(program.path.to_str(), Ok("/bin/echo"), "the file is the same");
        let env = texts(&program.env);
        let padding: Vec<_> =
            env.iter().filter_map(|entry| entry.strip_prefix("TACHO_PADDING=")).collect();
        assert_eq!(padding.len(), 1);
        (padding[0].len(), texts(&program.argv).remove(0))
    };
    outcome.asked.iter().map(of).collect()
}

#[test]
fn the_layout_of_batches_follows_from_the_seed() {
    let mut plan = harness_plan(&["/bin/echo"], &[Some(1)], &runs(20));
    plan.points[0].env.insert("TACHO_PADDING".to_owned(), "theirs".to_owned());
    let found = layouts(&plan, &[&[]]);
    let expected = (0..20).map(|batch| layout(plan.seed, 0, batch));
    let expected: Vec<_> = expected
        .map(|it| (it.padding_bytes, format!("/bin/{}echo", "./".repeat(it.word_repeats))))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(
        layouts(&plan, &[&[], &[]]).into_iter().collect::<BTreeSet<_>>(),
        expected.iter().cloned().collect()
    );
    plan.seed += 1;
    assert_ne!(layouts(&plan, &[&[]]), expected);
}

#[test]
fn a_word_that_no_program_can_be_given_is_an_error_row() {
    let mut plan = harness_plan(&["/bin/echo"], &[Some(1)], &runs(3));
    plan.points[0].wire.as_mut().unwrap().bench = "a\0b".to_owned();
    let outcome = play_with(&plan, &[&[]], Some(good), |_| true);
    assert_eq!(outcome.rows, ["sort/std{param=1}:error"]);
    assert_eq!(outcome.all[0].error.as_deref(), Some("`a\\0b` holds a NUL byte"));
}
