use super::*;

const ASKED: Request<'_> = Request {
    name: "g/w",
    param: None,
    threads: None,
    cold: false,
    index: 0,
    target_nanos: 1,
    limit: Duration::from_secs(1),
};

/// What the reader says to these lines of a fixed workload's child.
fn said(lines: &[&str]) -> String {
    said_at(None, lines)
}

fn said_at(param: Option<u64>, lines: &[&str]) -> String {
    let rows: Vec<Vec<u8>> =
        lines.iter().map(|line| line.as_bytes().to_vec()).filter(|line| may_be_row(line)).collect();
    match read(&rows, &Request { param, ..ASKED }) {
        Ok(batch) => format!("{} ns", batch.per_call_nanos),
        Err(failure) => failure.to_string(),
    }
}

/// A good row with other keys in the place of some.
fn row(keys: &str) -> String {
    let head = r#""schema_version":1,"kind":"fixed","function":"g/w""#;
    format!(r#"{{{head},"status":"ok","repeat_index":0,"total_nanos":900{keys}}}"#)
}

#[test]
fn the_row_is_found_among_other_lines() {
    let noise = ["", "hello", "{}", r#"{"a":1}"#, "[1]", "{ not json", "\u{0}"];
    let mut lines = noise.to_vec();
    let good = row("");
    lines.push(&good);
    assert_eq!(said(&lines), "900 ns");
    assert_eq!(said(&noise), "it printed no row");
    assert_eq!(said(&[&good, "x", &good]), "it printed 2 rows instead of one");
    assert_eq!(said(&[&format!("  {good}\r\n")]), "900 ns");
}

#[test]
fn a_time_is_taken_from_what_is_there() {
    let cases = [
        (r#","inner_repeats":3"#, "300 ns"),
        (r#","inner_repeats":3,"per_call_nanos":12.5"#, "12.5 ns"),
        (r#","inner_repeats":null,"per_call_nanos":null"#, "900 ns"),
        (r#","inner_repeats":0"#, "900 ns"),
        (r#","unknown":{"deep":[1]}"#, "900 ns"),
        (r#","per_call_nanos":-1.5"#, "its row has per_call_nanos -1.5, which is no time or count"),
        (r#","total_nanos":-1"#, "its row has total_nanos -1, which is no time or count"),
        (r#","total_nanos":1.5"#, "its row has total_nanos 1.5, which is no time or count"),
        (r#","total_nanos":"9""#, "its row has total_nanos \"9\", which is no time or count"),
        (r#","total_nanos":null"#, "its row has total_nanos null, which is no time or count"),
        (r#","inner_repeats":-2"#, "its row has inner_repeats -2, which is no time or count"),
        (
            r#","metrics":{"throughput":-1}"#,
            "its row has metrics.throughput -1, which is no time or count",
        ),
    ];
    for (keys, wanted) in cases {
        assert_eq!(said(&[&row(keys)]), wanted, "{keys}");
    }
    let nan = row(r#","per_call_nanos":NaN"#);
    assert!(said(&[&nan]).starts_with("its row is no JSON object: "), "{}", said(&[&nan]));
    let huge = row(r#","per_call_nanos":1e999"#);
    assert!(said(&[&huge]).contains("out of range"), "{}", said(&[&huge]));
}

#[test]
fn a_row_of_something_else_is_refused() {
    let cases = [
        (r#","function":"g/other""#, r#"its row has function "g/other", not "g/w""#),
        (r#","schema_version":2"#, "its row has schema_version 2, not 1"),
        (r#","kind":"parametric""#, r#"its row has kind "parametric", not "fixed""#),
        (r#","status":"timed_out""#, r#"its row has status "timed_out", not "ok""#),
        (r#","status":null"#, r#"its row has status null, not "ok""#),
        (r#","status":"error","error":"no such file""#, "no such file"),
        (r#","status":"error""#, "it failed"),
    ];
    for (keys, wanted) in cases {
        assert_eq!(said(&[&row(keys)]), wanted, "{keys}");
    }
    assert_eq!(said(&[r#"{"schema_version":1}"#]), r#"its row has function null, not "g/w""#);
    let parametric = row(r#","kind":"parametric","param":8"#);
    assert_eq!(said_at(Some(8), &[&parametric]), "900 ns");
    assert_eq!(said_at(Some(9), &[&parametric]), "its row has param 8, not 9");
}

#[test]
fn what_else_a_row_has_is_kept() {
    let keys = [
        r#","result_hash":"0xAB","alloc_bytes":64,"alloc_count":2"#,
        r#","peak_rss_kb":900,"metrics":{"throughput":5}"#,
    ];
    let batch = read(&[row(&keys.concat()).into_bytes()], &ASKED).unwrap();
    let wanted = Batch {
        per_call_nanos: 900.0,
        hash: Some("0xab".to_owned()),
        throughput: Some(5.0),
        peak_rss_kb: Some(900),
        caches: None,
    };
    assert_eq!(batch, wanted);
    let caches = |keys| read(&[row(keys).into_bytes()], &ASKED).unwrap().caches;
    let both = caches(r#","caches_dropped":["page","cpu"]"#);
    assert_eq!(both.as_deref(), Some("emptied caches: page and cpu"));
    let one = caches(r#","caches_dropped":["cpu"],"unavailable":{"cache.page":"no right"}"#);
    assert_eq!(one.as_deref(), Some("emptied caches: cpu; not page: no right"));
}

#[test]
fn failures_fit_behind_a_name() {
    let boom = || "boom".to_owned();
    let cases = [
        (Failure::Refused(boom()), "boom"),
        (Failure::Start(boom()), "its process cannot be started: boom"),
        (Failure::Exit(3, boom()), "exit code 3: boom"),
        (Failure::Exit(3, String::new()), "exit code 3"),
        (Failure::Signal(11, String::new()), "ended by signal 11"),
        (
            Failure::Late(Duration::from_secs(60)),
            "killed after 60.00 s without a row: `cap = \"…\"` gives it longer",
        ),
        (Failure::NoRow(boom()), "it printed no row: boom"),
    ];
    for (failure, wanted) in cases {
        assert_eq!(failure.to_string(), wanted);
    }
}

proptest::proptest! {
    #[test]
    fn no_line_is_too_odd(start in "\\PC{0,8}", value in "\\PC{0,24}") {
        let line = format!(r#"{{"schema_version":{value},"function":"{start}"}}"#);
        proptest::prop_assert!(read(&[line.clone().into_bytes()], &ASKED).is_err(), "{line}");
    }
}
