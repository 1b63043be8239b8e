//! Implementations of one thing: which answers are compared, and which times.

use tacho_judge::{variants, verified};
use tacho_schema::{
    Agreement, Name, PlanDoc, PlannedPoint, Point, Row, RowKind, Status, VariantsDoc,
};

use crate::build::{collect, header, plan, planned, point, row};

/// One implementation: its workload, its parameters, and the hash and time of its calls there.
type One = (&'static str, &'static [(u64, &'static str, f64)]);

fn planned_all(all: &[One]) -> PlanDoc {
    let points = all.iter().flat_map(|(name, params)| {
        params.iter().map(|(param, ..)| PlannedPoint {
            variant_of: Some("sort".to_owned()),
            ..planned(Point { param: Some(*param), ..point(name) })
        })
    });
    plan(points.collect())
}

/// Five rows at each parameter; a hash of `-` is none.
fn rows(all: &[One]) -> Vec<Row> {
    let mut found = Vec::new();
    for (name, params) in all {
        for (param, hash, nanos) in *params {
            for process in 0..5 {
                found.push(Row {
                    kind: RowKind::Parametric,
                    param: Some(*param),
                    inner_repeats: Some(1),
                    per_call_nanos: Some(nanos * (1.0 + 0.01 * process as f64)),
                    result_hash: (*hash != "-").then(|| (*hash).to_owned()),
                    result_preview: (*hash != "-").then(|| format!("answer {hash}")),
                    ..row(name, found.len() as u64, 1000)
                });
            }
        }
    }
    found
}

fn compared(all: &[One]) -> VariantsDoc {
    variants(&collect(&rows(all)), &planned_all(all), &header(true, None), "sort")
}

/// The only door: how the implementations agree, at which parameters, and which ratios there are.
#[track_caller]
fn check(all: &[One], overall: Agreement, points: &[(u64, Agreement, &[Option<f64>])]) {
    let doc = compared(all);
    let ratio = |ratio: f64| (ratio * 100.0).round() / 100.0;
    let found: Vec<(u64, Agreement, Vec<Option<f64>>)> = doc
        .points
        .iter()
        .map(|point| {
            let changes = point.variants.iter().map(|it| it.change.as_ref());
            let ratios = changes.map(|it| it.map(|it| ratio(it.ratio))).collect();
            (point.param.unwrap(), point.agreement, ratios)
        })
        .collect();
    let expected: Vec<_> = points.iter().map(|(n, how, all)| (*n, *how, all.to_vec())).collect();
    assert_eq!(found, expected);
    assert_eq!(doc.agreement, overall);
    let first = points.iter().position(|(_, how, _)| *how == Agreement::Differ);
    assert_eq!(doc.divergence, first.map(|place| place as u64));
}

#[test]
fn agreement_comes_first() {
    use Agreement::{Agree, Differ, Partly, Unchecked};
    // The order of parameters is theirs, not the plan's.
    check(
        &[("a", &[(8, "0x8", 8.0), (4, "0x4", 4.0)]), ("b", &[(4, "0x4", 2.0), (8, "0x8", 16.0)])],
        Agree,
        &[(4, Agree, &[None, Some(0.5)]), (8, Agree, &[None, Some(2.0)])],
    );
    // A wrong one has no ratio, and the others have.
    check(
        &[
            ("a", &[(4, "0x4", 4.0), (8, "0x8", 8.0), (16, "0x16", 16.0)]),
            ("b", &[(4, "0x4", 4.0), (8, "0x9", 4.0), (16, "0x16", 8.0)]),
            ("c", &[(4, "0x4", 4.0), (8, "0x8", 24.0), (16, "0x16", 16.0)]),
        ],
        Differ,
        &[
            (4, Agree, &[None, Some(1.0), Some(1.0)]),
            (8, Differ, &[None, None, Some(3.0)]),
            (16, Agree, &[None, Some(0.5), Some(1.0)]),
        ],
    );
    // Who tells no hash is unchecked, and compared.
    check(
        &[("a", &[(4, "-", 4.0)]), ("b", &[(4, "0x4", 8.0)])],
        Unchecked,
        &[(4, Unchecked, &[None, Some(2.0)])],
    );
    check(
        &[("a", &[(4, "0x4", 4.0)]), ("b", &[(4, "0x4", 8.0)]), ("c", &[(4, "-", 2.0)])],
        Partly,
        &[(4, Partly, &[None, Some(2.0), Some(0.5)])],
    );
    // Alone there is nothing to compare with; where the reference lacks, there are no ratios.
    check(
        &[("a", &[(4, "0x4", 4.0)]), ("b", &[(8, "0x8", 8.0)]), ("c", &[(8, "0x8", 8.0)])],
        Agree,
        &[(4, Unchecked, &[None]), (8, Agree, &[None, None])],
    );
    check(&[("a", &[(4, "0x4", 4.0)])], Unchecked, &[(4, Unchecked, &[None])]);
    check(&[], Unchecked, &[]);
}

#[test]
fn an_answer_that_changes_differs() {
    let all: [One; 2] = [("a", &[(4, "0x4", 4.0)]), ("b", &[(4, "0x4", 4.0)])];
    let mut rows = rows(&all);
    rows[7].result_hash = Some("0x5".to_owned());
    rows[7].status = Status::WrongAnswer;
    let doc = variants(&collect(&rows), &planned_all(&all), &header(true, None), "sort");
    assert_eq!((doc.agreement, doc.divergence), (Agreement::Differ, Some(0)));
    let answer = doc.points[0].variants[1].answer.as_ref().unwrap();
    assert_eq!((answer.result_hash.as_str(), answer.other_hash.as_deref()), ("0x4", Some("0x5")));
    assert_eq!(answer.result_preview.as_deref(), Some("answer 0x4"));
    assert_eq!(doc.points[0].variants[1].failed, Some(Status::WrongAnswer));
    assert_eq!(doc.points[0].variants[1].change, None);
}

#[test]
fn the_reference_has_the_name_of_the_group() {
    let mut plan =
        planned_all(&[("a", &[(4, "", 0.0)]), ("sort", &[(4, "", 0.0)]), ("b", &[(4, "", 0.0)])]);
    // It need not say that it belongs to itself, and others do not belong.
    plan.points[1].variant_of = None;
    plan.points[2].variant_of = Some("search".to_owned());
    let doc = variants(&collect(&[]), &plan, &header(true, None), "sort");
    assert_eq!((doc.reference.as_str(), doc.variants), ("sort", vec!["sort".into(), "a".into()]));
    assert!(doc.points.is_empty());
}

#[test]
fn changes_have_their_interval() {
    let all: [One; 2] = [("a", &[(4, "0x4", 4.0)]), ("b", &[(4, "0x4", 8.0)])];
    let change = compared(&all).points[0].variants[1].change.clone().unwrap();
    let interval = change.interval.unwrap();
    assert!(interval.low < 2.0 && interval.high > 2.0 && change.against == "a", "{interval:?}");
    assert!(Name::new(&change.against).is_ok());
}

/// How each point of these is verified: its status, and the hash that it was held against.
#[test]
fn the_reference_s_answer_is_expected_of_the_others() {
    let all: &[One] = &[
        ("quick", &[(1, "0xa", 5.0), (2, "0xb", 5.0)]),
        ("merge", &[(1, "0xa", 5.0), (2, "0xc", 5.0), (3, "0xd", 5.0)]),
        ("heap", &[(1, "-", 5.0)]),
    ];
    let (rows, plan) = (collect(&rows(all)), planned_all(all));
    let items = verified(&rows, &plan, &header(true, None));
    let found: Vec<(&str, Status, Option<&str>)> = items
        .iter()
        .map(|item| (item.point.as_str(), item.status, item.expected_hash.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("quick{param=1}", Status::Ok, None),
            ("quick{param=2}", Status::Ok, None),
            ("merge{param=1}", Status::Ok, Some("0xa")),
            ("merge{param=2}", Status::WrongAnswer, Some("0xb")),
            // Here there is no answer of the reference, or none of its own.
            ("merge{param=3}", Status::Ok, None),
            ("heap{param=1}", Status::Ok, Some("0xa")),
        ]
    );
    let wrong = &items[3];
    assert_eq!(wrong.result_hash.as_deref(), Some("0xc"));
    assert_eq!((wrong.reference.as_deref(), &wrong.error), (Some("quick"), &None));
}

#[test]
fn a_failure_is_told_with_what_was_printed_last() {
    let failed = Row {
        status: Status::Error,
        error: Some("exit code 101".to_owned()),
        output_tail: Some("note: run\nthread panicked at 7\n\n".to_owned()),
        ..row("quick", 0, 1)
    };
    let plan = plan(vec![planned(point("quick"))]);
    let items = verified(&collect(&[failed]), &plan, &header(true, None));
    assert_eq!(items[0].error.as_deref(), Some("exit code 101"));
    assert_eq!(items[0].last_printed.as_deref(), Some("thread panicked at 7"));
}
