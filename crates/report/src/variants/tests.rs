use tacho_schema::version::Version;
use tacho_schema::{Answer, Change, Status};

use super::*;
use crate::fixture::{header, interval};

const AT_80: Style = Style { width: Some(80), color: false, unicode: true, time_unit: None };

#[track_caller]
fn check(name: &str, doc: &VariantsDoc, style: &Style) {
    let text = comparison(doc, style);
    assert!(text.lines().all(|line| line.trim_end() == line), "blanks at an end: {text:?}");
    insta::assert_snapshot!(name, text);
}

/// What an implementation took and answered.
fn number(workload: &str, nanos: f64, hash: Option<&str>, ratio: Option<f64>) -> VariantNumber {
    VariantNumber {
        workload: workload.into(),
        processes: 8,
        per_call_nanos: Some(nanos),
        interval: Some(interval(nanos * 0.99, nanos * 1.01)),
        failed: None,
        answer: hash.map(|hash| Answer {
            result_hash: hash.into(),
            result_preview: Some(format!("[{hash}, 2, 3]")),
            other_hash: None,
        }),
        change: ratio.map(|ratio| Change {
            against: "sort/std".into(),
            ratio,
            interval: Some(interval(ratio * 0.98, ratio * 1.02)),
        }),
    }
}

fn at(param: u64, agreement: Agreement, variants: Vec<VariantNumber>) -> VariantsPoint {
    VariantsPoint { at: format!("{{param={param}}}"), param: Some(param), agreement, variants }
}

fn document(agreement: Agreement, points: Vec<VariantsPoint>) -> VariantsDoc {
    let is_different = |point: &VariantsPoint| point.agreement == Agreement::Differ;
    VariantsDoc {
        schema_version: Version,
        capture: header().id,
        group: "sort".into(),
        reference: "sort/std".into(),
        variants: ["sort/std", "sort/merge", "sort/bubble"].map(str::to_owned).to_vec(),
        agreement,
        divergence: points.iter().position(is_different).map(|place| place as u64),
        points,
    }
}

fn same(param: u64, hash: Option<&str>) -> VariantsPoint {
    let n = param as f64;
    let agreement = if hash.is_some() { Agreement::Agree } else { Agreement::Unchecked };
    at(
        param,
        agreement,
        vec![
            number("sort/std", 10.0 * n, hash, None),
            number("sort/merge", 10.3 * n, hash, Some(1.03)),
            number("sort/bubble", 2.0 * n * n, hash, Some(0.2 * n)),
        ],
    )
}

#[test]
fn agreements() {
    let agree =
        document(Agreement::Agree, vec![same(16, Some("0x5bd1")), same(64, Some("0x77aa"))]);
    check("agree_80", &agree, &AT_80);
    check("agree_pipe", &agree, &Style::PIPE);
    check("unchecked_80", &document(Agreement::Unchecked, vec![same(16, None)]), &AT_80);
    let mut partly = same(64, Some("0x77aa"));
    partly.agreement = Agreement::Partly;
    partly.variants[2].answer = None;
    let partly = document(Agreement::Partly, vec![same(16, Some("0x5bd1")), partly]);
    check("partly_80", &partly, &AT_80);
    let mut wrong = same(64, Some("0x77aa"));
    wrong.agreement = Agreement::Differ;
    wrong.variants[1] = number("sort/merge", 700.0, Some("0x77ab"), None);
    wrong.variants[2].answer.as_mut().unwrap().other_hash = Some("0x1".into());
    wrong.variants[2].change = None;
    let differ = document(Agreement::Differ, vec![same(16, Some("0x5bd1")), wrong]);
    check("differ_80", &differ, &AT_80);
    check("differ_pipe", &differ, &Style::PIPE);
    check("differ_color", &differ, &Style { color: true, ..AT_80 });
}

#[test]
fn corners() {
    let mut failed = same(16, Some("0x5bd1"));
    failed.variants[2] = VariantNumber {
        per_call_nanos: None,
        interval: None,
        failed: Some(Status::TimedOut),
        answer: None,
        processes: 0,
        change: None,
        ..failed.variants[2].clone()
    };
    failed.agreement = Agreement::Partly;
    check("failed_80", &document(Agreement::Partly, vec![failed]), &AT_80);
    let mut fixed = same(16, Some("0x5bd1"));
    (fixed.at, fixed.param) = (String::new(), None);
    check("fixed_80", &document(Agreement::Agree, vec![fixed.clone()]), &AT_80);
    fixed.at = "{threads=2}".into();
    check("threads_80", &document(Agreement::Agree, vec![fixed]), &AT_80);
    let mut alone = same(16, Some("0x5bd1"));
    alone.variants.truncate(1);
    check("alone_80", &document(Agreement::Unchecked, vec![alone]), &AT_80);
    check("none_80", &document(Agreement::Unchecked, Vec::new()), &AT_80);
}

#[test]
fn the_document_is_as_it_is() {
    let doc = document(Agreement::Agree, vec![same(16, Some("0x5bd1"))]);
    let back: VariantsDoc = serde_json::from_str(&json(&doc)).unwrap();
    assert_eq!(back, doc);
}
