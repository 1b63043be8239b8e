use tacho_schema::Skipped;
use tacho_schema::version::Version;

use super::*;

const AT_80: Style = Style { width: Some(80), color: false, unicode: true, time_unit: None };

fn item(point: &str, status: Status, hashes: (Option<&str>, Option<&str>)) -> VerifyItem {
    VerifyItem {
        point: point.into(),
        workload: point.split('{').next().unwrap().into(),
        status,
        error: None,
        reference: None,
        last_printed: None,
        result_hash: hashes.0.map(str::to_owned),
        expected_hash: hashes.1.map(str::to_owned),
    }
}

fn verified(items: Vec<VerifyItem>, skipped: &[&str]) -> VerifyDoc {
    let skip = |point: &&str| Skipped {
        point: (*point).into(),
        rows: 0,
        reason: "the time budget of 10 s is used up".into(),
    };
    VerifyDoc {
        schema_version: Version,
        items,
        skipped: skipped.iter().map(skip).collect(),
        elapsed_nanos: 1_312_000_000,
    }
}

fn mixed() -> VerifyDoc {
    let right = (Some("0x5bd1"), Some("0x5bd1"));
    let wrong = (Some("0x5bd2"), Some("0x5bd1"));
    let mut broken = item("parse/json", Status::Error, (None, None));
    broken.error = Some("its ladder is empty: `ladder` ends before it begins".into());
    verified(
        vec![
            item("sort/std{param=1}", Status::Ok, right),
            item("sort/std{param=2}", Status::Ok, right),
            item("sort/bubble{param=1}", Status::Ok, right),
            item("sort/bubble{param=2}", Status::WrongAnswer, wrong),
            item("sort/merge{param=1}", Status::WrongAnswer, wrong),
            item("sort/merge{param=2}", Status::WrongAnswer, wrong),
            broken,
            item("parse/xml", Status::TimedOut, (None, None)),
            item("hash/small", Status::Ok, (Some("0x1"), None)),
            item("hash/large", Status::Ok, (None, None)),
        ],
        &["scan/a", "scan/b"],
    )
}

#[test]
fn what_went_wrong_is_said_with_its_evidence() {
    let mut differs = item("sort/merge{param=2}", Status::WrongAnswer, (Some("0xc"), Some("0xb")));
    differs.reference = Some("sort/quick".into());
    let mut failed = item("parse", Status::Error, (None, None));
    failed.error = Some("exit code 101".into());
    failed.last_printed = Some("thread panicked at 7".into());
    let text = verification(&verified(vec![differs, failed.clone()], &[]), &Style::PIPE);
    for expected in [
        "sort/merge{param=2}: its answer is 0xc, and that of sort/quick is 0xb",
        "parse: exit code 101; it last printed: thread panicked at 7",
    ] {
        assert!(text.contains(expected), "no {expected:?} in\n{text}");
    }
    // What stands in the error is not said twice.
    failed.error = Some("it said: thread panicked at 7".into());
    let text = verification(&verified(vec![failed], &[]), &Style::PIPE);
    assert_eq!(text.matches("thread panicked at 7").count(), 1, "{text}");
}

#[test]
fn outcomes() {
    let right = item("sort/std{param=1}", Status::Ok, (Some("0x5bd1"), Some("0x5bd1")));
    for (name, doc, style) in [
        ("mixed_80", mixed(), AT_80),
        ("mixed_pipe", mixed(), Style::PIPE),
        ("mixed_color", mixed(), Style { color: true, ..AT_80 }),
        ("right_80", verified(vec![right], &[]), AT_80),
        ("nothing_80", verified(Vec::new(), &[]), AT_80),
        ("only_skipped_80", verified(Vec::new(), &["scan/a"]), AT_80),
    ] {
        let text = verification(&doc, &style);
        assert!(text.lines().all(|line| line.trim_end() == line), "blanks at an end: {text:?}");
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn the_document_is_as_it_is() {
    let back: VerifyDoc = serde_json::from_str(&json(&mixed())).unwrap();
    assert_eq!(back, mixed());
}
