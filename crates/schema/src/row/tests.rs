use super::*;

#[track_caller]
fn check(json: &str, expected: Result<(), &str>) {
    let decoded = serde_json::from_str::<Row>(json)
        .map_err(|error| error.to_string())
        .and_then(|row| row.check().map_err(|error| error.to_string()));
    match (decoded, expected) {
        (Ok(()), Ok(())) => {}
        (Err(error), Err(part)) => assert!(error.contains(part), "{error} lacks {part}"),
        (got, _) => panic!("{json}: {got:?}, expected {expected:?}"),
    }
}

#[test]
fn readers_are_strict_about_version_and_kind_and_lenient_about_the_rest() {
    let fixed = r#""kind":"fixed","function":"f","total_nanos":1,"status":"ok","repeat_index":0"#;
    check(&format!(r#"{{"schema_version":1,{fixed}}}"#), Ok(()));
    check(&format!(r#"{{"schema_version":1,{fixed},"new_key":[1]}}"#), Ok(()));
    check(&format!(r#"{{"schema_version":1,{fixed},"peak_rss_kb":null}}"#), Ok(()));
    check(&format!(r#"{{"schema_version":2,{fixed}}}"#), Err("unknown schema_version 2"));
    check(&format!("{{{fixed}}}"), Err("schema_version"));
    check(
        r#"{"schema_version":1,"kind":"ladder","function":"f","total_nanos":1,"status":"ok"}"#,
        Err("ladder"),
    );
    check(
        r#"{"schema_version":1,"kind":"fixed","function":"f","total_nanos":1,"status":"ok"}"#,
        Err("repeat_index"),
    );
    check(
        r#"{"schema_version":1,"kind":"parametric","function":"f","total_nanos":1,"status":"ok"}"#,
        Err("param"),
    );
    let parametric = r#""kind":"parametric","function":"f","total_nanos":1,"status":"ok""#;
    check(&format!(r#"{{"schema_version":1,{parametric},"param":4}}"#), Err("inner_repeats"));
    check(
        r#"{"schema_version":1,"kind":"fixed","function":"f","total_nanos":-1,"status":"ok"}"#,
        Err("-1"),
    );
}

#[test]
fn writers_always_write_memory_and_nothing_else_that_is_null() {
    let row = Row::fixed(Name::new("f").unwrap(), 0, 5, Status::Ok);
    assert_eq!(
        serde_json::to_string(&row).unwrap(),
        concat!(
            r#"{"schema_version":1,"kind":"fixed","function":"f","total_nanos":5,"status":"ok","#,
            r#""alloc_bytes":null,"peak_rss_kb":null,"repeat_index":0}"#
        )
    );
}

#[test]
fn metrics_are_in_base_units_or_absent() {
    let mut row = Row::fixed(Name::new("f").unwrap(), 0, 900, Status::Ok);
    assert_eq!(row.metric(Metric::Wall), Some(900.0));
    row.inner_repeats = Some(3);
    assert_eq!(row.metric(Metric::Wall), Some(300.0));
    assert_eq!(row.metric(Metric::Cpu), None);
    (row.user_nanos, row.system_nanos, row.peak_rss_kb) = (Some(4), Some(5), Some(2));
    assert_eq!(row.metric(Metric::Cpu), Some(9.0));
    assert_eq!(row.metric(Metric::PeakRss), Some(2048.0));
    assert_eq!(row.metric(Metric::Faults), None);
}
