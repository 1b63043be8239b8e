//! What a program prints is measured: stages of probes, own counters, answers that are checked.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tacho_schema::{Row, Status};

use crate::world::World;

/// A project whose workload `p` has these keys besides its name, and two runs.
fn world(keys: &str) -> World {
    World::with(&format!("[defaults]\nruns = 2\n[[workload]]\nname = \"p\"\n{keys}\n"))
}

/// A project whose probe prints what stands in the file `lines`.
fn printing(keys: &str, lines: &str) -> World {
    let world = world(&format!("probe = [\"cat\", \"lines\"]\n{keys}"));
    world.write("lines", lines);
    world
}

/// A stage, the nanoseconds of a row of it, its counters.
type Stage<'a> = (Option<&'a str>, u64, &'a [(&'a str, f64)]);

/// Holds that each run of a probe that prints `lines` has these stages and no others.
#[track_caller]
fn check(keys: &str, lines: &str, expected: &[Stage<'_>]) {
    let world = printing(keys, lines);
    world.tacho(&["run"]).exits(0);
    let rows = world.rows();
    assert_eq!(rows.len(), 2 * expected.len(), "{lines:?}");
    for run in rows.chunks(expected.len()) {
        let found: Vec<_> = run
            .iter()
            .map(|row| (row.stage.as_deref(), row.total_nanos, row.metrics.clone()))
            .collect();
        let own = |counters: &[(&str, f64)]| -> BTreeMap<String, f64> {
            counters.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
        };
        let expected: Vec<_> =
            expected.iter().map(|(stage, nanos, metrics)| (*stage, *nanos, own(metrics))).collect();
        assert_eq!(found, expected, "{lines:?}");
        assert!(run.iter().all(|row| row.process == run[0].process), "they are one process's");
    }
}

#[test]
fn usual_lines() {
    let a = |nanos| [(Some("a"), nanos, &[][..])];
    check("", "name=a elapsed_us=12\n", &a(12_000));
    check("", "name=a elapsed_ns=12\n", &a(12));
    check("", "name=a elapsed_ms=1.5\n", &a(1_500_000));
    check("", "elapsed_s=0.25 name=a\n", &a(250_000_000));
    check("", "building\na elapsed_ns=7\ndone in 3 s\n", &a(7));
    check(
        "",
        "helper_chunked_stream rows=512 chunks=8 chunk_size=64 mode=fast elapsed_ms=12\n",
        &[(
            Some("helper_chunked_stream"),
            12_000_000,
            &[("rows", 512.0), ("chunks", 8.0), ("chunk_size", 64.0)],
        )],
    );
    check(
        "",
        "name=z elapsed_us=3 n=1\nother words\nname=a elapsed_us=1\nname=m/n elapsed_us=2\n",
        &[(Some("z"), 3000, &[("n", 1.0)]), (Some("a"), 1000, &[]), (Some("m/n"), 2000, &[])],
    );
}

#[test]
fn lines_of_a_pattern() {
    let line = "line = \"{name}: {elapsed_ms:f} ms ({rows:d} rows)\"";
    let lines = "fib 18: 1.5 ms (3 rows)\nfib 18: fast\n sort:  2 ms (-4 rows)\n";
    let expected: [Stage<'_>; 2] = [
        (Some("fib 18"), 1_500_000, &[("rows", 3.0)]),
        (Some("sort"), 2_000_000, &[("rows", -4.0)]),
    ];
    check(line, lines, &expected);
    check("line = \"took {elapsed_s}\"", "took 0.5\n", &[(None, 500_000_000, &[])]);
}

/// Times of one process are samples of one row, with their median; its last counters stand.
#[test]
fn a_stage_that_is_printed_several_times() {
    let lines = "a elapsed_ns=30 n=1\nb elapsed_ns=5\na elapsed_ns=10 n=2\na elapsed_ns=90 n=3\n";
    let world = printing("", lines);
    world.tacho(&["run"]).exits(0);
    let rows = world.rows();
    let stages: Vec<_> = rows.iter().map(|row| row.stage.as_deref().unwrap()).collect();
    assert_eq!(stages, ["a", "b", "a", "b"]);
    let (a, b) = (&rows[0], &rows[1]);
    assert_eq!(a.samples, Some(vec![30.0, 10.0, 90.0]));
    assert_eq!((a.per_call_nanos, a.inner_repeats, a.total_nanos), (Some(30.0), Some(3), 130));
    assert_eq!(a.metrics["n"], 3.0);
    assert_eq!((&b.samples, b.per_call_nanos, b.inner_repeats), (&None, None, None));
    let doc = world.tacho(&["show", "--json"]).exits(0).json();
    let wall = &doc["points"][0]["spreads"][0];
    assert_eq!((&wall["median"], &wall["samples"]), (&json!(30.0), &json!(2)), "{doc:#}");
}

#[test]
fn the_least_time_stands_where_that_is_wanted() {
    let runs = "echo >>n; echo a elapsed_us=$((10 - $(wc -l <n)))";
    let world = world(&format!("probe = \"{runs}\"\nstatistic = \"min\""));
    world.tacho(&["run", "-r", "3"]).exits(0).shows(&["7.00 µs"]);
    let doc = world.tacho(&["show", "--json"]).exits(0).json();
    assert_eq!(doc["points"][0]["statistic"], "min");
    assert_eq!(doc["points"][0]["spreads"][0]["min"], 7000.0);
}

/// Nobody knows how much of a process's own counts belongs to one of its stages.
#[test]
fn what_the_kernel_counts_is_the_processes() {
    let world = printing("", "a elapsed_us=1\nb elapsed_us=2\n");
    world.tacho(&["run"]).exits(0);
    for row in world.rows() {
        assert_eq!((row.user_nanos, row.system_nanos, row.minor_faults), (None, None, None));
        for key in ["cpu", "user", "system", "faults"] {
            assert!(row.unavailable[key].contains("not of one of its stages"), "{row:?}");
        }
        assert!(row.peak_rss_kb.is_some_and(|kib| kib > 0) && row.rss_floor_kb.is_some());
        let conditions = row.conditions.expect("those of its process");
        assert!(conditions.involuntary_switches.is_some() && conditions.window_nanos.is_some());
    }
}

/// The one row of a probe that failed in its first run.
#[track_caller]
fn failed(world: &World, told: &[&str]) -> Row {
    world.tacho(&["run"]).exits(4).shows(told);
    let mut rows = world.rows();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

#[test]
fn no_line_at_all() {
    for (keys, lines, why) in [
        ("", "", "printed no line such as `name=WORKLOAD elapsed_us=NUMBER`"),
        ("", "elapsed_us=3\n", "printed no line such as `name="),
        ("", "b elapsed_us=3\na elapsed_us=fast\n", "cannot read `a elapsed_us=fast`: its time"),
        ("line = \"{name}: {elapsed_ms}\"", "a elapsed_us=3\n", "printed no line that fits the"),
    ] {
        let row = failed(&printing(keys, lines), &["no output"]);
        assert_eq!((row.status, row.exit_code, &row.stage), (Status::NoOutput, Some(0), &None));
        assert!(row.error.as_deref().unwrap().starts_with(why), "{:?}", row.error);
        assert_eq!(row.output_tail.as_deref(), Some(lines));
        assert!(row.user_nanos.is_some() && row.total_nanos > 0, "the process was there");
    }
}

/// A line on standard error is none.
#[test]
fn standard_error_is_no_place_for_a_line() {
    let row = failed(&world("probe = \"echo a elapsed_us=3 >&2\""), &["no output"]);
    assert_eq!(row.status, Status::NoOutput);
    assert_eq!(row.output_tail.as_deref(), Some("a elapsed_us=3\n"));
}

#[test]
fn a_stage_that_is_missing_later() {
    // Runs as long as that are not queued: the third one is the last.
    let command = "sleep 0.01; echo >>n; echo a elapsed_us=1; [ $(wc -l <n) -gt 2 ] || \
                   echo b elapsed_us=2";
    let world = world(&format!("probe = \"{command}\""));
    world.tacho(&["run", "-r", "5"]).exits(4).shows(&["printed no line of `b`"]);
    let rows = world.rows();
    let found: Vec<_> =
        rows.iter().map(|row| (row.stage.as_deref().unwrap(), row.status)).collect();
    let (ok, none) = (Status::Ok, Status::NoOutput);
    assert_eq!(found, [("a", ok), ("b", ok), ("a", ok), ("b", ok), ("a", ok), ("b", none)]);
    assert_eq!(rows[5].error.as_deref(), Some("printed no line of `b`, as runs before did"));
    assert_eq!(world.lines("n").len(), 3, "a point ends with its first failure");
}

#[test]
fn a_probe_that_fails() {
    let world = world("probe = \"echo a elapsed_us=1; echo why >&2; exit 3\"");
    let row = failed(&world, &["exit 3", "why"]);
    assert_eq!((row.status, row.exit_code, &row.stage), (Status::Error, Some(3), &None));
    let tail = row.output_tail.unwrap();
    assert_eq!(tail, "[standard output]\na elapsed_us=1\n\n[standard error]\nwhy\n");
}

#[test]
fn quotients_of_a_stages_numbers() {
    let keys = "derive.rate = { value = \"rows / wall\", unit = \"rows/s\" }\n\
                derive.each = \"wall / rows\"\nderive.busy = \"cpu / wall\"";
    let world = printing(keys, "a elapsed_us=5 rows=3\nb elapsed_ms=2 rows=0\nc elapsed_ms=2\n");
    world.tacho(&["run", "-r", "1"]).exits(0);
    let rows = world.rows();
    assert_eq!((rows[0].metrics["rate"], rows[1].metrics["rate"]), (600_000.0, 0.0));
    assert!((rows[0].metrics["each"] * 3.0 - 5e-6).abs() < 1e-12, "{:?}", rows[0].metrics);
    for (row, name, why) in [
        (0, "metrics.busy", "`cpu` was not measured"),
        (1, "metrics.each", "`rows` is 0"),
        (2, "metrics.each", "`rows` was not measured"),
        (2, "metrics.rate", "`rows` was not measured"),
    ] {
        assert_eq!(rows[row].unavailable[name], why);
    }
}

/// A command with counters of every kind.
const COUNTERS: &str = r#"
command = "cat out; cat err >&2"
outcome.passed = { regex = '(\d+)/\d+ passed', direction = "higher", unit = "tests" }
outcome.warnings = { regex = 'warnings: (\d+)', direction = "lower" }
outcome.rows = { json = "/results/0/rows", direction = "exact", expect = 7 }
outcome.verdict = { json = "/verdict", expect = "fine" }
derive.ratio = { value = "passed / rows", unit = "x" }
derive.lost = "rows / warnings"
"#;

const OUT: &str = "1/4 passed\n3/4 passed\n{\"results\": [{\"rows\": 7}], \"verdict\": \"fine\"}\n";

fn counting(out: &str, err: &str) -> World {
    let world = world(COUNTERS);
    world.write("out", out);
    world.write("err", err);
    world
}

#[test]
fn counters() {
    let world = counting(OUT, "warnings: 0\n");
    world.tacho(&["run"]).exits(0).shows(&["ratio", "0.429 x", "3 tests"]);
    for row in world.rows() {
        let found: Vec<_> = row.metrics.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        let ratio = 3.0 / 7.0;
        // A verdict is no number: it is only compared.
        let expected = [("passed", 3.0), ("ratio", ratio), ("rows", 7.0), ("warnings", 0.0)];
        assert_eq!(found, expected);
        assert_eq!(row.unavailable["metrics.lost"], "`warnings` is 0");
    }
    let doc = world.tacho(&["show", "--json"]).exits(0).json();
    let def = |direction: Value, unit: Value| json!({ "direction": direction, "unit": unit });
    let expected = json!({
        "passed": def("higher".into(), "tests".into()),
        "warnings": def("lower".into(), Value::Null),
        "rows": def("exact".into(), Value::Null),
        "verdict": def(Value::Null, Value::Null),
        "ratio": def(Value::Null, "x".into()),
        "lost": def(Value::Null, Value::Null),
    });
    assert_eq!(doc["capture"]["metric_defs"], expected);
}

#[test]
fn answers_that_are_wrong_or_missing() {
    let err = "warnings: 1\n";
    for (out, err, status, why) in [
        (OUT.replace('7', "8"), err, Status::WrongAnswer, "`rows` is 8, expected was 7"),
        (OUT.replace("fine", "bad"), err, Status::WrongAnswer, "`verdict` is bad, expected was f"),
        (OUT.replace("passed", "failed"), err, Status::NoOutput, "printed no `passed`"),
        (OUT.to_owned(), "", Status::NoOutput, "printed no `warnings`"),
        (OUT.replace('}', ""), err, Status::NoOutput, "printed no `rows`"),
        (OUT.replace("rows", "cols"), err, Status::NoOutput, "printed no `rows`"),
    ] {
        let shown = if status == Status::NoOutput { "no output" } else { "wrong answer" };
        let row = failed(&counting(&out, err), &[shown]);
        assert_eq!((row.status, row.exit_code), (status, Some(0)), "{out}");
        assert!(row.error.as_deref().unwrap().starts_with(why), "{:?}", row.error);
        assert!(row.output_tail.is_some());
    }
}

/// What a failed program did not print is no news: its exit code is.
#[test]
fn a_failure_comes_before_what_is_missing() {
    let world = counting("", "");
    world.write("out", "");
    let manifest = world.read("tacho.toml").replace("cat err >&2", "exit 9");
    world.write("tacho.toml", manifest);
    let row = failed(&world, &["exit 9"]);
    assert_eq!((row.status, row.error.as_deref()), (Status::Error, Some("exit code 9")));
}
