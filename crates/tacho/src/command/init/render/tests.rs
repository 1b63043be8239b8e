use proptest::prelude::*;
use tacho_plan::{Defaults, Flags};
use tacho_schema::PlanDoc;

use super::*;

fn check(project: &str, found: &[Found]) -> PlanDoc {
    let text = manifest(project, found, &BTreeSet::from(["make"]));
    let manifest =
        tacho_plan::parse("tacho.toml", text.as_bytes(), "".into(), &Defaults::default())
            .unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    manifest.plan(&Flags::default()).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

fn found(texts: &[(String, String)], is_proposal: bool) -> Found {
    let mut found = Found { file: "Makefile".to_owned(), tool: "make", ..Found::default() };
    for (name, word) in texts {
        found.add(Workload {
            name: name.clone(),
            comments: vec!["A comment."],
            command: vec![word.clone(), name.clone()],
            setup: Some(Setup::Words(vec![word.clone()])),
            runs: Some(5),
            timeout: Some("10m"),
            is_proposal,
            ..Workload::default()
        });
    }
    found
}

#[test]
fn nothing_found_is_an_example() {
    let names = |plan: &PlanDoc| -> Vec<String> {
        plan.points.iter().map(|planned| planned.point.to_string()).collect()
    };
    let example = ["gzip/level{level=1}", "gzip/level{level=6}", "gzip/level{level=9}", "sort"];
    assert_eq!(names(&check("x", &[])), example);
    let only_a_proposal = found(&[("start".to_owned(), "x".to_owned())], true);
    assert_eq!(names(&check("x", &[only_a_proposal])), example);
}

#[test]
fn equal_names_are_numbered() {
    let twice =
        || found(&[("a".to_owned(), "x".to_owned()), ("a-2".to_owned(), "y".to_owned())], false);
    let plan = check("x", &[twice(), twice()]);
    let names: Vec<String> = plan.points.iter().map(|planned| planned.point.to_string()).collect();
    assert_eq!(names, ["a", "a-2", "a-3", "a-2-2"]);
}

/// Texts as file names and targets may be, and worse.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[-a-z{}\"'\\\\$# \\n\\t\\[\\]=.]{0,12}",
        "(\"\"\"|'''|\\\\u0041|\\{level\\}|\u{7f}|\u{0}|é| ){0,6}",
    ]
}

proptest! {
    #[test]
    fn any_name_gives_a_manifest_that_plans(
        project in text(),
        texts in proptest::collection::vec((text(), text()), 0..6),
        is_proposal: bool,
    ) {
        let found = found(&texts, is_proposal);
        let expected: Vec<Workload> = found.workloads.clone();
        let plan = check(&project, &[found]);
        if !is_proposal && !expected.is_empty() {
            prop_assert_eq!(plan.points.len(), expected.len());
            for planned in &plan.points {
                let command = &planned.argv;
                prop_assert!(expected.iter().any(|one| one.command == *command), "{:?}", command);
            }
        }
    }
}
