//! Real programs that time themselves, and the ways in which they may be wrong.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tacho_schema::{Name, PlannedPoint, WireBatch};

use super::*;

/// Each workload but `good` does one thing wrong.
const HARNESS: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in
        --bench) bench=$2 ;;
        --param) param=$2 ;;
    esac
    shift
done
row() {
    printf '{"schema_version":%s,"kind":"%s","function":"%s","status":"ok",' "$1" "$2" "$3"
    printf '"param":%s,"inner_repeats":2,"total_nanos":%s%s}\n' "$param" "$4" "$5"
}
preview=$TACHO_PREVIEW
case $bench in
    good) echo start; row 1 parametric good 10 ",\"result_preview\":\"is $preview\"" ;;
    panics) echo 'called `unwrap` on nothing' >&2; exit 101 ;;
    aborts) kill -ABRT $$ ;;
    silent) echo hello ;;
    twice) row 1 parametric twice 10; row 1 parametric twice 10 ;;
    other) row 1 parametric good 10 ;;
    version) row 9 parametric version 10 ;;
    kind) row 1 ladder kind 10 ;;
    nan) row 1 parametric nan NaN ;;
    negative) row 1 parametric negative -10 ;;
    sample) row 1 parametric sample 10 ',"samples":[5,-5]' ;;
    param) param=5; row 1 parametric param 10 ;;
    hangs) sleep 600 ;;
    torn) printf '{"schema_version":1,"kind":"parametric","fun' ;;
esac
"#;

fn point(bench: &str) -> PlannedPoint {
    let words = AdHocCommand::Words(vec!["./harness".to_owned()]);
    let ad_hoc = AdHoc { commands: vec![words], ..AdHoc::default() };
    let mut planned = ad_hoc.plan(&runs(3)).unwrap().points.remove(0);
    planned.point.function = Name::new(bench).unwrap();
    planned.point.param = Some(4);
    // Nothing else takes any time worth mentioning; a slow machine may have a minute for that.
    planned.timeout_nanos = if bench == "hangs" { 100_000_000 } else { 60_000_000_000 };
    planned.wire = Some(WireBatch {
        bench: bench.to_owned(),
        launcher_words: 0,
        target_nanos: 1000,
        expected_hash: None,
        throughput: None,
        preview: true,
    });
    planned
}

/// The rows of all points, measured by real processes.
fn measured(plan: &PlanDoc, base: &Path) -> Vec<Row> {
    let signals = Signals::listen().unwrap();
    let (mut pool, _) = Pool::start(1, &signals).unwrap();
    let surroundings = Surroundings::inherited();
    let setting = Setting { plan, base, surroundings: &surroundings, shared_machine: false };
    let programs = commands::find(plan, base, &surroundings, pool.first()).unwrap().unwrap();
    let mut rows = Vec::new();
    let mut keep = |emission| {
        if let Emission::Row(_, row) = emission {
            rows.push(*row);
        }
        true
    };
    let finish = run(setting, programs, &mut pool, &signals, &mut keep, &mut |_| {});
    assert!(finish.failure.is_none() && finish.cut_short.is_none());
    rows
}

#[test]
fn each_bad_child_is_an_error_row_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("harness");
    std::fs::write(&path, HARNESS).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let unread = "a row that cannot be read: line 1, column ";
    let bad = [
        ("panics", Status::Error, "exit code 101"),
        ("aborts", Status::Crashed, "ended by SIGABRT"),
        ("silent", Status::NoOutput, "no row: it ended with exit code 0 and printed 6 B"),
        ("twice", Status::Error, "2 rows, and a batch has one"),
        ("other", Status::Error, "the row of another workload, `good`"),
        ("version", Status::Error, &format!("{unread}19: unknown schema_version 9: this program")),
        ("kind", Status::Error, &format!("{unread}35: unknown variant `ladder`, expected")),
        ("nan", Status::Error, &format!("{unread}114: expected value: {{\"schema_version\"")),
        ("negative", Status::Error, &format!("{unread}121: invalid value: integer `-10`")),
        ("sample", Status::Error, "a row with -5 among its samples, which is no time"),
        ("param", Status::Error, "a row of param 5, asked for was 4"),
        ("hangs", Status::TimedOut, "timed out after 100 ms, no output"),
        ("torn", Status::Error, &format!("{unread}44: EOF while parsing a string")),
    ];
    let mut points: Vec<_> = bad.iter().map(|(bench, ..)| point(bench)).collect();
    points.insert(4, point("good"));
    let rows = measured(&PlanDoc::new(9, points), folder.path());
    for (bench, status, told) in bad {
        let found: Vec<&Row> = rows.iter().filter(|row| row.function.as_str() == bench).collect();
        assert_eq!(found.len(), 1, "{bench} ends with its first failure");
        let error = found[0].error.as_deref().unwrap();
        let its_own = format!("`{bench}` printed ");
        let text = error.strip_prefix(&its_own).unwrap_or(error);
        assert_eq!(found[0].status, status, "{bench}: {error}");
        assert_eq!(&text[..told.len().min(text.len())], told, "{bench}");
    }
    let good: Vec<&Row> = rows.iter().filter(|row| row.function.as_str() == "good").collect();
    assert_eq!((good.len(), rows.len()), (3, 3 + bad.len()));
    for row in good {
        assert_eq!((row.status, row.total_nanos, row.inner_repeats), (Status::Ok, 10, Some(2)));
        assert_eq!(row.result_preview.as_deref(), Some("is 1"));
        assert!(row.peak_rss_kb.is_some() && row.own_peak_rss_kb.is_none());
    }
}

#[test]
fn a_missing_harness_is_told_like_a_missing_command() {
    let plan = PlanDoc::new(9, vec![point("good"), point("twice")]);
    let folder = tempfile::tempdir().unwrap();
    let signals = Signals::listen().unwrap();
    let (mut pool, _) = Pool::start(1, &signals).unwrap();
    let surroundings = Surroundings::inherited();
    let found = commands::find(&plan, folder.path(), &surroundings, pool.first()).unwrap();
    let missing = found.unwrap_err();
    let told: Vec<_> = missing.iter().map(|it| format!("{}: {}", it.command, it.reason)).collect();
    assert_eq!(told, ["./harness: `./harness` does not exist"]);
}
