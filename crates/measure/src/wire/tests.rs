use std::collections::BTreeMap;

use proptest::prelude::*;
use tacho_plan::{AdHoc, AdHocCommand, Flags};
use tacho_schema::Name;

use super::*;
use crate::child::Finished;
use crate::fake::ended;
use crate::outcome::{Place, rows};

/// A point of the harness `target/sort`, behind a launcher.
fn planned(param: Option<u64>) -> PlannedPoint {
    let words = ["/bin/nice", "target/sort"].map(str::to_owned).to_vec();
    let ad_hoc = AdHoc { commands: vec![AdHocCommand::Words(words)], ..AdHoc::default() };
    let flags = Flags { no_shell: true, ..Flags::default() };
    let mut planned = ad_hoc.plan(&flags).unwrap().points.remove(0);
    planned.point.function = Name::new("sort/std").unwrap();
    planned.point.param = param;
    planned.wire = Some(WireBatch {
        bench: "sort/std".to_owned(),
        launcher_words: 1,
        target_nanos: 1000,
        expected_hash: None,
        throughput: None,
        preview: false,
    });
    planned
}

fn row_from(planned: &PlannedPoint, end: End, printed: &str) -> Row {
    let finished = Finished { ended: ended(end, printed), forced: None };
    let place = Place {
        sequence: 0,
        process: 0,
        round: Some(0),
        repeat_index: 3,
        unix_offset_nanos: 0,
        rss_floor_kb: None,
        limiter: None,
        out_of_memory: Ok(false),
    };
    let mut rows = rows(planned, None, &finished, place);
    assert_eq!(rows.len(), 1);
    let row = rows.remove(0);
    row.check().unwrap();
    assert_eq!(row.error.is_none(), row.status == Status::Ok);
    assert_eq!(tacho_schema::Point::of(&row), planned.point, "whatever was printed");
    row
}

/// What of `printed` becomes the row of `planned`.
#[track_caller]
fn check(planned: &PlannedPoint, printed: &str, expected: Result<&str, &str>) {
    let row = row_from(planned, End::Exited(0), printed);
    let Row { total_nanos, per_call_nanos, inner_repeats, .. } = row;
    let told = match &row.error {
        None => Ok(format!("{total_nanos} ns, {inner_repeats:?} calls, {per_call_nanos:?}")),
        Some(error) => Err(format!("{}: {error}", row.status.as_str())),
    };
    assert_eq!(
        told.as_ref().map(String::as_str).map_err(String::as_str),
        expected,
        "{printed:.300}"
    );
}

/// A parametric row at 16 with `more` keys.
fn row16(more: &str) -> String {
    let comma = if more.is_empty() { "" } else { "," };
    format!(
        concat!(
            r#"{{"schema_version":1,"kind":"parametric","function":"sort/std","status":"ok","#,
            r#""total_nanos":500,"param":16,"inner_repeats":4{}{}}}"#,
        ),
        comma, more
    )
}

fn fixed(more: &str) -> String {
    format!(
        concat!(
            r#"{{"schema_version":1,"kind":"fixed","function":"sort/std","status":"ok","#,
            r#""total_nanos":500,"repeat_index":3{}}}"#
        ),
        more
    )
}

const OK: Result<&str, &str> = Ok("500 ns, Some(4) calls, None");

#[test]
fn the_row_is_found_among_other_lines() {
    let point = planned(Some(16));
    check(&point, &row16(""), OK);
    check(&point, &format!("start\n{{\"a\":1}}\n  {}\r\nend", row16("")), OK);
    check(&point, &format!("{{schema\n{}", row16("")), OK);
    check(&point, &format!("{{\"log\":{{\"schema_version\":1}}}}\n{}", row16("")), OK);
    check(&point, &row16(r#""no_key":[{}],"metrics":{"x":1.5}"#), OK);
    let told = "500 ns, Some(4) calls, Some(120.5)";
    check(&point, &row16(r#""per_call_nanos":120.5,"samples":[1,2e3]"#), Ok(told));
    // Of a function that compiles to nothing.
    let nothing = row16("").replace("500", "0");
    check(&point, &nothing, Ok("0 ns, Some(4) calls, None"));
    check(&planned(None), &fixed(""), Ok("500 ns, None calls, None"));
    check(&planned(None), &fixed(r#","inner_repeats":9"#), Ok("500 ns, Some(9) calls, None"));
}

/// As lean-bench's children print them.
#[test]
fn rows_of_lean_bench_are_read() {
    let env = concat!(
        r#""env":{"lean_version":"4.12.0","lean_toolchain":"leanprover/lean4:v4.12.0","#,
        r#""platform_target":"x86_64-unknown-linux-gnu","os":"linux","arch":"x86_64","#,
        r#""cpu_model":null,"cpu_cores":4,"hostname":"box","exe_name":"sort","#,
        r#""lean_bench_version":"0.2.0","git_commit":null,"git_dirty":true,"#,
        r#""timestamp_unix_ms":1751234567890,"timestamp_iso":"2025-06-29T22:02:47Z"}"#
    );
    let parametric = format!(
        r#""result_hash":"0xa1","error":null,{env},"alloc_bytes":null,"peak_rss_kb":9000,{}"#,
        r#""per_call_nanos":125.0,"cache_mode":"warm""#
    );
    check(&planned(Some(16)), &row16(&parametric), Ok("500 ns, Some(4) calls, Some(125.0)"));
    let more = format!(r#","inner_repeats":1,"result_hash":null,{env},"peak_rss_kb":null"#);
    check(&planned(None), &fixed(&more), Ok("500 ns, Some(1) calls, None"));
    let failed = row16(&parametric).replace(r#""status":"ok""#, r#""status":"error""#);
    let failed = failed.replace("\"error\":null", "\"error\":\"unregistered\"");
    check(&planned(Some(16)), &failed, Err("error: unregistered"));
}

#[test]
fn what_is_no_row_is_an_error_that_names_the_workload() {
    let point = planned(Some(16));
    let none = "no_output: `sort/std` printed no row: it ended with exit code 0 and printed";
    check(&point, "", Err(&format!("{none} nothing")));
    check(&point, "hello\n[1]\n", Err(&format!("{none} 10 B")));
    let two = format!("{}\n{}\n", row16(""), row16(""));
    check(&point, &two, Err("error: `sort/std` printed 2 rows, and a batch has one"));
    let wrong = |why: &str| format!("error: `sort/std` printed {why}");
    let other = row16("").replace("sort/std", "sort/heap");
    check(&point, &other, Err(&wrong("the row of another workload, `sort/heap`")));
    check(&point, &fixed(""), Err(&wrong("a fixed row, asked for was a parametric one")));
    check(&planned(None), &row16(""), Err(&wrong("a parametric row, asked for was a fixed one")));
    let other = row16("").replace("16", "17");
    check(&point, &other, Err(&wrong("a row of param 17, asked for was 16")));
    let cold = row16(r#""cache_mode":"cold""#);
    check(&point, &cold, Err(&wrong("a row with cache_mode cold, asked for was warm")));
    check(&point, &row16("").replace(":4", ":0"), Err(&wrong("a row of 0 calls")));
    let negative = row16(r#""per_call_nanos":-0.5"#);
    check(&point, &negative, Err(&wrong("a row with per_call_nanos -0.5, which is no time")));
    let sample = row16(r#""samples":[1,-2]"#);
    check(&point, &sample, Err(&wrong("a row with -2 among its samples, which is no time")));
    let long = row16(&format!(r#""samples":[{}0]"#, "0,".repeat(1 << 20)));
    let unread = "a row that cannot be read: longer than 2.00 MiB";
    check(&point, &long, Err(&wrong(unread)));
    check(
        &planned(None),
        &fixed(r#","param":1"#),
        Err(&wrong("a row of param 1, asked for was none")),
    );
}

#[test]
fn a_row_that_cannot_be_decoded_is_quoted() {
    let point = planned(Some(16));
    for (line, why) in [
        (
            row16("").replace(":1,", ":7,"),
            "column 19: unknown schema_version 7: this program reads version 1",
        ),
        (row16("").replace("500", "-5"), "column 92: invalid value: integer `-5`, expected u64"),
        (row16("").replace("500", "NaN"), "column 91: expected value"),
        (row16("").replace(r#""total_nanos":500,"#, ""), "column 105: missing field `total_nanos`"),
        (
            row16("").replace("parametric", "ladder"),
            "column 35: unknown variant `ladder`, expected `parametric` or `fixed`",
        ),
        (row16("").replace(r#""param":16,"#, ""), "column 1: kind \"parametric\" needs `param`"),
        (row16("")[..60].to_owned(), "column 60: EOF while parsing a string"),
        (row16(r#""samples":[1e999]"#), "column 139: number out of range"),
    ] {
        let start = format!("error: `sort/std` printed a row that cannot be read: line 1, {why}: ");
        check(&point, &line, Err(&format!("{start}{line}")));
    }
    let long = row16(&format!(r#""samples":[{}x]"#, "0,".repeat(500)));
    let row = row_from(&point, End::Exited(0), &long);
    assert!(row.error.unwrap().ends_with(&format!("{}…", &long[..200])));
}

/// What the process did counts; what it says of itself stands beside that.
#[test]
fn a_process_that_failed_has_no_numbers() {
    let point = planned(Some(16));
    for (end, printed, status, error) in [
        (End::Exited(101), String::new(), Status::Error, "exit code 101"),
        (End::Exited(1), row16(""), Status::Error, "exit code 1"),
        (End::Signaled(11), row16(""), Status::Crashed, "ended by SIGSEGV"),
        (
            End::Exited(2),
            row16(r#""error":"no such file""#).replace("\"ok\"", "\"error\""),
            Status::Error,
            "exit code 2: no such file",
        ),
        (
            End::Exited(0),
            row16("").replace("\"ok\"", "\"timed_out\""),
            Status::TimedOut,
            "`sort/std` says `timed_out`, and not why",
        ),
    ] {
        let row = row_from(&point, end, &printed);
        assert_eq!((row.status, row.error.as_deref()), (status, Some(error)));
        assert_eq!(row.output_tail.unwrap(), printed);
    }
}

#[test]
fn a_row_is_the_program_s_and_ours() {
    let more = concat!(
        r#""peak_rss_kb":1200,"alloc_bytes":64,"alloc_count":2,"alloc_scope":"all","#,
        r#""cache_mode":"warm","result_hash":"0x1","metrics":{"depth":3},"#,
        r#""user_nanos":1,"process":77,"started_unix_ns":1,"variant":"x","threads":9,"#,
        r#""timer":{"clock":"rdtsc","precision_nanos":0.4},"caches_dropped":["cpu"],"#,
        r#""latency_histogram":"aa","error":"none","result_preview":"[1, 2]","#,
        r#""unavailable":{"alloc_count":"why","cpu":"theirs"}"#,
    );
    let row = row_from(&planned(Some(16)), End::Exited(0), &row16(more));
    insta::assert_json_snapshot!(row);
    // The larger count of the memory is kept, and both are.
    let row = row_from(&planned(Some(16)), End::Exited(0), &row16(r#""peak_rss_kb":10"#));
    let memory = (row.peak_rss_kb, row.own_peak_rss_kb, row.wait_peak_rss_kb);
    assert_eq!(memory, (Some(1000), Some(10), Some(1000)));
    let row = row_from(&planned(Some(16)), End::Exited(0), &row16(""));
    let memory = (row.peak_rss_kb, row.own_peak_rss_kb, row.wait_peak_rss_kb);
    assert_eq!(memory, (Some(1000), None, None));
    let preview = row16(&format!(r#""result_preview":"{}""#, "ä".repeat(300)));
    let row = row_from(&planned(Some(16)), End::Exited(0), &preview);
    assert_eq!(row.result_preview.unwrap().chars().count(), 201);
}

#[test]
fn answers_are_compared_with_what_is_expected() {
    let mut point = planned(Some(16));
    point.wire.as_mut().unwrap().expected_hash = Some("0xAb".to_owned());
    check(&point, &row16(r#""result_hash":"0xaB""#), OK);
    let wrong = "wrong_answer: `sort/std`: the answer's hash is 0xac, expected was 0xAb";
    check(&point, &row16(r#""result_hash":"0xac""#), Err(wrong));
    let none = "no_output: `sort/std`: told no result_hash, expected was 0xAb";
    check(&point, &row16(""), Err(none));
}

/// The words and variables of the batch with this number.
#[track_caller]
fn asks(planned: &PlannedPoint, batch: u64, words: &str, variables: &[(&str, &str)]) {
    let layout = Layout { padding_bytes: 3, word_repeats: 2 };
    let wire = planned.wire.as_ref().unwrap();
    assert_eq!(argv(planned, wire, batch, layout).join(" "), words);
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    let told = super::variables(wire, layout);
    let told: BTreeMap<_, _> = told.iter().map(|(name, text)| (*name, text.as_str())).collect();
    assert_eq!(told, variables);
}

#[test]
fn batches_are_asked_for_in_the_contract_s_words() {
    let padding = &[(PADDING, "xxx")];
    let mut point = planned(Some(16));
    let start = "/bin/nice target/././sort _child --bench sort/std";
    let warm = format!("{start} --param 16 --target-nanos 1000 --cache-mode warm");
    asks(&point, 3, &warm, padding);
    point.point.cache_mode = Some(CacheMode::Cold);
    point.point.threads = Some(2);
    let cold = format!("{start} --param 16 --target-nanos 1000 --cache-mode cold --threads 2");
    asks(&point, 3, &cold, padding);
    point.point.param = None;
    let fixed = format!("{start} --fixed --repeat-index 3 --min-total-nanos 1000");
    asks(&point, 3, &format!("{fixed} --cache-mode cold --threads 2"), padding);
    (point.point.cache_mode, point.point.threads) = (None, None);
    point.wire.as_mut().unwrap().preview = true;
    asks(&point, 3, &fixed, &[(PADDING, "xxx"), (PREVIEW, "1")]);
    point.wire.as_mut().unwrap().launcher_words = 0;
    asks(
        &point,
        3,
        &fixed.replacen("/bin/nice target/././", "/bin/././nice target/", 1),
        &[(PADDING, "xxx"), (PREVIEW, "1")],
    );
    point.argv = vec!["sort".to_owned()];
    let end = fixed.strip_prefix("/bin/nice target/././").unwrap();
    asks(&point, 3, end, &[(PADDING, "xxx"), (PREVIEW, "1")]);
}

proptest! {
    /// Whatever a program prints becomes a row that can be kept.
    #[test]
    fn any_output_is_a_row_or_an_error(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        at in 0usize..160,
        parametric in any::<bool>(),
    ) {
        let point = planned(parametric.then_some(16));
        let whole = if parametric { row16("") } else { fixed("") };
        let spoilt = |row: &str| {
            let mut spoilt = row.as_bytes().to_vec();
            spoilt.splice(at.min(row.len()).., bytes.iter().copied());
            String::from_utf8_lossy(&spoilt).into_owned()
        };
        for text in [String::from_utf8_lossy(&bytes).into_owned(), spoilt(&whole)] {
            let row = row_from(&point, End::Exited(0), &text);
            let line = serde_json::to_string(&row).unwrap();
            prop_assert!(decode_row(line.as_bytes(), 1).is_ok());
        }
    }
}
