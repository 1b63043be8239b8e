use tacho_schema::{MetricDef, Name, Outcome};

use super::*;

fn tail(text: &str) -> Tail {
    let mut tail = Tail::keeping(1 << 20);
    tail.push(text.as_bytes());
    tail
}

fn regex(name: &str, pattern: &str, expect: Option<ParamValue>) -> Outcome {
    let source = OutcomeSource::Regex(pattern.to_owned());
    Outcome { name: name.to_owned(), source, def: MetricDef::default(), expect }
}

fn json(name: &str, pointer: &str, expect: Option<ParamValue>) -> Outcome {
    let source = OutcomeSource::Json(pointer.to_owned());
    Outcome { name: name.to_owned(), source, def: MetricDef::default(), expect }
}

/// The counters that `outcomes` find, and what is wrong.
#[track_caller]
fn check(outcomes: Vec<Outcome>, out: &str, err: &str, expected: (&[(&str, f64)], Option<&str>)) {
    let wanted = Reading { outcomes, ..Reading::default() };
    let reader = OutputReader::new(&wanted).unwrap().unwrap();
    let (counters, fault) = reader.counters(&tail(out), &tail(err));
    let shown: Vec<_> = counters.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let fault = fault.map(|(status, why)| format!("{}: {why}", status.as_str()));
    assert_eq!((shown.as_slice(), fault.as_deref()), expected, "{out:?}");
}

#[test]
fn counters_are_found() {
    let passed = || regex("passed", r"(\d+)/\d+ passed", None);
    check(vec![passed()], "17/20 passed\n", "", (&[("passed", 17.0)], None));
    check(vec![passed()], "1/2 passed\n3/4 passed\n", "", (&[("passed", 3.0)], None));
    check(vec![passed()], "", "5/6 passed", (&[("passed", 5.0)], None));
    check(vec![passed()], "nothing", "", (&[], Some("no_output: printed no `passed`")));
    check(vec![regex("n", r"\d+", None)], "a 12 b 34", "", (&[("n", 34.0)], None));
    check(
        vec![regex("n", r"n=(\w+)", None)],
        "n=x",
        "",
        (&[], Some("no_output: `n` is no number: x")),
    );
    check(vec![json("a", "/a/0", None)], r#"{"a":[4]}"#, "", (&[("a", 4.0)], None));
    check(vec![json("a", "/a", None)], "log\n{\"a\":2.5}\n\n", "", (&[("a", 2.5)], None));
    check(vec![json("a", "/b", None)], r#"{"a":1}"#, "", (&[], Some("no_output: printed no `a`")));
    check(vec![json("a", "/a", None)], r#"{"a":{}}"#, "", (&[], Some("no_output: printed no `a`")));
    check(vec![json("a", "/a", None)], "no json", "", (&[], Some("no_output: printed no `a`")));
}

#[test]
fn answers_are_checked() {
    let number = |value| Some(ParamValue::Integer(value));
    let text = |value: &str| Some(ParamValue::Text(value.to_owned()));
    check(vec![regex("n", r"\d+", number(7))], "007", "", (&[("n", 7.0)], None));
    let wrong = Some("wrong_answer: `n` is 8, expected was 7");
    check(vec![regex("n", r"\d+", number(7))], "8", "", (&[("n", 8.0)], wrong));
    check(vec![regex("s", r"is (\w+)", text("ok"))], "all is ok", "", (&[], None));
    let wrong = Some("wrong_answer: `s` is bad, expected was ok");
    check(vec![regex("s", r"is (\w+)", text("ok"))], "all is bad", "", (&[], wrong));
    check(vec![json("b", "/b", text("true"))], r#"{"b":true}"#, "", (&[], None));
    check(
        vec![json("f", "/f", Some(ParamValue::Float(0.5)))],
        r#"{"f":0.5}"#,
        "",
        (&[("f", 0.5)], None),
    );
}

/// A row is one line of a journal, so what a program prints bounds none of its texts.
#[test]
fn rows_stay_short() {
    let long = "x".repeat(1 << 19);
    let quoted = format!("no_output: `n` is no number: {}…", "x".repeat(QUOTE_CHARS_MAX));
    check(vec![regex("n", ".+", None)], &long, "", (&[], Some(&quoted)));
    let wrong = format!("wrong_answer: `n` is {}…, expected was 7", "x".repeat(QUOTE_CHARS_MAX));
    let seven = Some(ParamValue::Integer(7));
    check(vec![regex("n", ".+", seven)], &long, "", (&[], Some(&wrong)));

    let counters = " a=1".repeat(1 << 16);
    let name = "n".repeat(NAME_BYTES_MAX);
    let out = format!(
        "{long} elapsed_us=1\n{name}n elapsed_us=2\n{name} elapsed_us=3\ns{counters} elapsed_us=4\n"
    );
    let wanted = Reading { probe: Some(ProbeLine::Pairs), ..Reading::default() };
    let reader = OutputReader::new(&wanted).unwrap().unwrap();
    let stages = reader.stages(&tail(&out)).unwrap();
    let times: Vec<f64> = stages.iter().map(|stage| stage.elapsed_nanos).collect();
    assert_eq!(times, [3000.0]);
}

#[test]
fn stages_of_a_pattern() {
    let pattern = r"^\s*(?<name>.+?):\s+(?<elapsed_ms>[0-9.]+)\s+ms(?:\s+(?<rows>\d+))?\s*$";
    let wanted =
        Reading { probe: Some(ProbeLine::Pattern(pattern.to_owned())), ..Reading::default() };
    let reader = OutputReader::new(&wanted).unwrap().unwrap();
    assert!(reader.is_probe());
    let found = reader.stages(&tail("start\nfib 18: 12.5 ms\nmap: 3 ms 500\ndone\n")).unwrap();
    let shown: Vec<_> =
        found.iter().map(|it| (it.name.as_deref(), it.elapsed_nanos, it.counters.len())).collect();
    assert_eq!(shown, [(Some("fib 18"), 12_500_000.0, 0), (Some("map"), 3_000_000.0, 1)]);
    let (status, why) = reader.stages(&tail("start\ndone\n")).unwrap_err();
    assert_eq!((status, why.as_str()), (Status::NoOutput, "printed no line that fits the pattern"));
}

#[test]
fn a_long_answer_is_quoted_in_part() {
    let wanted = Reading { outcomes: vec![regex("s", ".+", None)], ..Reading::default() };
    let reader = OutputReader::new(&wanted).unwrap().unwrap();
    let (_, fault) = reader.counters(&tail(&"ä".repeat(100_000)), &tail(""));
    let (_, why) = fault.unwrap();
    assert_eq!(why, format!("`s` is no number: {}…", "ä".repeat(QUOTE_CHARS_MAX)));
}

#[test]
fn stages_without_end_are_refused() {
    let wanted = Reading { probe: Some(ProbeLine::Pairs), ..Reading::default() };
    let reader = OutputReader::new(&wanted).unwrap().unwrap();
    let printed = |count: usize| -> String {
        (0..count).map(|number| format!("x{number} elapsed_us=1\nx0 elapsed_us=1\n")).collect()
    };
    assert_eq!(reader.stages(&tail(&printed(STAGES_MAX))).unwrap().len(), 2 * STAGES_MAX);
    let (status, why) = reader.stages(&tail(&printed(STAGES_MAX + 1))).unwrap_err();
    let start = format!("printed {} different stages, more than {STAGES_MAX}", STAGES_MAX + 1);
    assert_eq!((status, &why[..start.len()]), (Status::NoOutput, start.as_str()));
}

#[test]
fn a_cut_output_is_told() {
    let wanted = Reading { probe: Some(ProbeLine::Pairs), ..Reading::default() };
    let reader = OutputReader::new(&wanted).unwrap().unwrap();
    let mut long = Tail::keeping(1024);
    long.push(b"name=x elapsed_us=1\n");
    long.push(&[b'\n'; 4000]);
    let (_, why) = reader.stages(&long).unwrap_err();
    let expected = "printed no line such as `name=WORKLOAD elapsed_us=NUMBER` in the last 1.00 KiB \
                    of its output";
    assert_eq!(why, expected);
}

#[test]
fn quotients() {
    let mut row = Row::fixed(Name::new("f").unwrap(), 0, 2_000_000_000, Status::Ok);
    row.metrics.insert("rows".to_owned(), 500.0);
    row.metrics.insert("zero".to_owned(), 0.0);
    row.peak_rss_kb = Some(1);
    for (numerator, denominator, expected) in [
        ("rows", "wall", Ok(250.0)),
        ("metrics.rows", "2", Ok(250.0)),
        ("peak_rss", "rows", Ok(2.048)),
        ("rows", "zero", Err("`zero` is 0")),
        ("rows", "cpu", Err("`cpu` was not measured")),
        ("cols", "wall", Err("`cols` was not measured")),
    ] {
        let derived = Derived {
            name: "q".to_owned(),
            numerator: numerator.to_owned(),
            denominator: denominator.to_owned(),
            def: MetricDef::default(),
        };
        let wanted = Reading { derived: vec![derived], ..Reading::default() };
        let mut row = row.clone();
        OutputReader::new(&wanted).unwrap().unwrap().derive(&mut row);
        let found = row.metrics.get("q").copied().ok_or(row.unavailable.get("metrics.q"));
        let expected = expected.map_err(str::to_owned);
        assert_eq!(
            found.map_err(|why| why.unwrap().clone()),
            expected,
            "{numerator} / {denominator}"
        );
    }
}

#[test]
fn a_foreign_pattern_may_be_none() {
    let wanted = Reading { outcomes: vec![regex("x", "(", None)], ..Reading::default() };
    assert!(OutputReader::new(&wanted).is_err());
    assert!(OutputReader::new(&Reading::default()).unwrap().is_none());
}
