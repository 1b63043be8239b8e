use tacho_schema::{
    CaptureState, CutShort, Disturbance, MetricDef, Notice, PointSummary, Skipped, Status,
};

use super::*;
use crate::fixture::{
    MIB, MS, against, contended, counting, doc, failed, gzip, minimum, point, point_within, shell,
    unmeasured, with,
};

const AT_80: Style = Style { width: Some(80), color: false, unicode: true, time_unit: None };

#[track_caller]
fn check(name: &str, doc: &SummaryDoc, style: &Style) {
    let text = summary(doc, style);
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text:?}");
    assert!(text.lines().all(|line| line.trim_end() == line), "blanks at an end: {text:?}");
    insta::assert_snapshot!(name, text);
}

#[test]
fn widths() {
    for width in [Some(40), Some(60), Some(80), Some(100), Some(120), None] {
        let name = width.map_or("gzip_pipe".to_owned(), |width| format!("gzip_{width}"));
        check(&name, &gzip(), &Style { width, ..AT_80 });
    }
    check("gzip_color", &gzip(), &Style { color: true, ..AT_80 });
    check("gzip_ascii", &gzip(), &Style { unicode: false, ..AT_80 });
}

#[test]
fn a_pipe_has_as_many_fields_in_every_row() {
    for doc in [gzip(), failures(), few_runs(), busy(), probe(), mixed(), minima()] {
        let text = summary(&doc, &Style::PIPE);
        let fields = |line: &str| line.split("  ").filter(|field| !field.is_empty()).count();
        let expected = text.lines().next().map(fields).unwrap();
        for line in text.lines().take(doc.points.len() + 1) {
            assert_eq!(fields(line), expected, "{line}");
        }
    }
}

#[test]
fn every_number_is_on_the_screen() {
    for doc in [gzip(), failures(), few_runs()] {
        for width in 40..130 {
            let text = summary(&doc, &Style { width: Some(width), ..AT_80 });
            let tables = text.split("\n\n").filter(|part| part.starts_with("command "));
            for line in tables.flat_map(str::lines) {
                assert!(crate::text::width(line) <= width, "{width}: {line}");
            }
            for title in ["median", "min", "user", "system", "peak RSS", "runs"] {
                assert!(text.contains(title), "{width}: no {title} in {text}");
            }
        }
    }
}

fn failures() -> SummaryDoc {
    let (late, skipped) = unmeasured("sort big.txt", "budget");
    let (odd, why) = unmeasured("sort bigger.txt", "its set-up command ended with exit 2");
    let mut partly = with(
        point("grep -c x words.txt", 3.2 * MS, 12),
        vec![Notice::Failed {
            status: Status::TimedOut,
            rows: 2,
            exit_code: None,
            signal: None,
            error: None,
            output_tail: Some("reading words.txt\n\n".into()),
            times_itself: false,
        }],
    );
    partly.rows = 14;
    let missing = "cat: missing.txt: No such file or directory\n";
    let mut doc = doc(vec![
        partly,
        failed("cat missing.txt", Status::Error, Some(1), None, Some(missing)),
        failed("./segfault", Status::Crashed, None, Some(11), None),
        failed("./hang", Status::TimedOut, None, None, Some("\u{1b}[31mwaiting\u{1b}[0m")),
        failed("./eat", Status::OutOfMemory, Some(137), None, None),
        failed("./silent", Status::NoOutput, Some(0), None, None),
        failed("./liar", Status::WrongAnswer, Some(0), None, None),
        failed("./odd", Status::Crashed, None, Some(40), None),
        late,
        odd,
    ]);
    let partly = Skipped { point: "grep -c x words.txt".into(), rows: 14, reason: "budget".into() };
    doc.summary.skipped = vec![partly, skipped, why];
    doc.summary.state = CaptureState::CutShort;
    doc.summary.cut_short = Some(CutShort::Budget);
    doc.summary.by_status =
        [(Status::Ok, 12), (Status::Error, 3), (Status::TimedOut, 5), (Status::Crashed, 6)].into();
    doc
}

#[test]
fn failures_are_named() {
    check("failures_80", &failures(), &AT_80);
    check("failures_pipe", &failures(), &Style::PIPE);
    check("failures_color", &failures(), &Style { color: true, ..AT_80 });
    let only = doc(vec![failed("false", Status::Error, Some(1), None, None)]);
    check("failure_alone", &only, &AT_80);
    let mut first = failed("false", Status::Error, Some(1), None, None);
    first.notices.push(Notice::NoReference { points: 2 });
    let first = doc(vec![first, point("sleep 0.01", 11.2 * MS, 12), point("true", MS, 12)]);
    check("failure_first", &first, &AT_80);
}

fn few_runs() -> SummaryDoc {
    let few = |label, millis: f64| {
        with(point(label, millis * MS, 5), vec![Notice::NoInterval { samples: 5 }])
    };
    let mut doc = doc(vec![
        few("make", 1_234.0),
        against(few("ninja", 812.0), "make", 0.658, None),
        with(point("true", 0.5 * MS, 1), vec![Notice::NoInterval { samples: 1 }]),
    ]);
    doc.capture.shell = Some(shell());
    doc.capture.shared_machine = true;
    doc
}

#[test]
fn few_runs_have_no_interval() {
    check("few_runs", &few_runs(), &AT_80);
}

#[test]
fn scales() {
    let doc = doc(vec![
        point_within("lookup", 12.3, Some((12.1, 12.6)), 30),
        point_within("symmetric", 100.0 * MS, Some((99.0 * MS, 101.0 * MS)), 30),
        point_within("asymmetric", 100.0 * MS, Some((99.9 * MS, 187.0 * MS)), 30),
        point_within("over a unit", 1.001 * MS, Some((0.98 * MS, 1.02 * MS)), 30),
        point_within("all equal", 5.0 * MS, Some((5.0 * MS, 5.0 * MS)), 30),
        point_within("statistic min", 5.0 * MS, None, 30),
        point_within("short", 6_400.0, Some((6_300.0, 6_500.0)), 30),
        point_within("idle", 500.0, Some((499.0, 502.0)), 30),
        point_within("minutes", 754_321.0 * MS, Some((751_000.0 * MS, 757_000.0 * MS)), 6),
        point_within("no number", f64::NAN, Some((f64::NAN, f64::INFINITY)), 6),
    ]);
    check("scales", &doc, &Style { width: Some(100), ..AT_80 });
}

#[test]
fn changes_against_a_baseline() {
    let doc = doc(vec![
        against(point("parse{size=1}", 2.0 * MS, 20), "main", 1.004, Some((0.991, 1.012))),
        against(point("parse{size=2}", 3.0 * MS, 20), "main", 0.2, Some((0.19, 0.3400))),
        // Without an interval no digit is sure.
        against(point("parse{size=3}", 4.0 * MS, 3), "main", 4.237, None),
        against(point("parse{size=4}", 5.0 * MS, 3), "main", 1.004, None),
        point("new since then", 9.0 * MS, 20),
    ]);
    check("baseline", &doc, &Style { width: Some(110), ..AT_80 });
}

#[test]
fn labels() {
    let long = "python3 tools/benchmark.py --iterations 100 --input data/corpus-large.txt --level";
    let mut doc = doc(vec![
        point(&format!("{long} 1"), 5.0 * MS, 10),
        point(&format!("{long} 9"), 6.0 * MS, 10),
        point("数据库查询 速度/测试", 7.0 * MS, 10),
        point("naïve 🚀", 8.0 * MS, 10),
        point("printf 'a\nb' \u{1b}[31m", 9.0 * MS, 10),
    ]);
    doc.points[0].command = None;
    check("labels_80", &doc, &AT_80);
    let sides = ["1", "9"]
        .map(|level| point(&format!("gzip -{level} -c data/corpus-large.txt >/dev/null"), MS, 9));
    check(
        "labels_differ_inside",
        &crate::fixture::doc(sides.to_vec()),
        &Style { width: Some(60), ..AT_80 },
    );
    check("labels_pipe", &doc, &Style::PIPE);
}

#[test]
fn a_long_command_does_not_pad_a_pipe() {
    let long = |end: &str| format!("sh -c 'echo {}' {end}", "x".repeat(3000));
    let mut doc = doc(vec![
        with(point(&long("a"), MS, 5), vec![Notice::NoInterval { samples: 5 }]),
        point(&long("b"), MS, 6),
        point("true", MS, 6),
    ]);
    doc.summary.skipped = vec![Skipped { point: long("b"), rows: 6, reason: "budget".into() }];
    check("long_pipe", &doc, &Style::PIPE);
}

#[test]
fn a_shell_without_commands_is_not_mentioned() {
    let mut doc = doc(vec![failed("false", Status::Error, Some(1), None, None)]);
    doc.capture.shell = Some(shell());
    assert!(!summary(&doc, &AT_80).contains("shell"));
}

#[test]
fn headlines() {
    let mut capture = gzip().capture;
    capture.env.hostname = Some("build-7".into());
    for (width, color, expected) in [
        (
            None,
            false,
            "2026-11-21 09:45:12 on build-7, commit 01234567*: tacho run 'gzip -1 corpus.txt'",
        ),
        (Some(60), false, "2026-11-21 09:45:12 on build-7, commit 01234567*: tacho run…"),
        (Some(20), true, "\u{1b}[2m2026-11-21 09:45:12…\u{1b}[0m"),
    ] {
        let style = Style { width, color, unicode: true, time_unit: None };
        let expected = format!("{expected}\n\n");
        assert_eq!(headline(&capture, "2026-11-21 09:45:12", &style), expected);
    }
}

#[test]
fn every_notice() {
    let doc = doc(vec![
        with(
            point("sort words.txt", 12.0 * MS, 40),
            vec![
                Notice::FirstRunSlower { first_nanos: 80.1 * MS, others_nanos: 12.0 * MS },
                Notice::Outliers { mild: 3, severe: 2, samples: 40, times_itself: false },
                Notice::Imprecise { reached: 0.034, wanted: 0.02, times_itself: false },
            ],
        ),
        with(
            point("./daemon", 12.0 * MS, 40),
            vec![Notice::Leaked { processes: 1 }, Notice::IgnoredFailure { rows: 4, exit_code: 3 }],
        ),
        with(
            point("true", 0.6 * MS, 40),
            vec![
                Notice::NearSpawnFloor { median_nanos: 0.6 * MS, floor_nanos: 0.45 * MS },
                Notice::AtMemoryFloor { floor_bytes: 0.535 * MIB },
                Notice::Uncounted {
                    name: "rows_per_s".to_owned(),
                    reason: "`rws` was not measured".to_owned(),
                    rows: 40,
                },
            ],
        ),
    ]);
    check("notices_80", &doc, &AT_80);
    check("notices_ascii", &doc, &Style { unicode: false, color: true, ..AT_80 });
}

#[test]
fn many_points_are_listed_and_their_notes_counted() {
    let points = |many: u32| {
        let one = |index: u32| {
            let slower =
                Notice::FirstRunSlower { first_nanos: MS * f64::from(index + 2), others_nanos: MS };
            with(
                point(&format!("p/{index}"), MS, 5),
                vec![slower, Notice::NoInterval { samples: 5 }],
            )
        };
        let mut doc = doc((0..many).map(one).collect());
        let skip = |index: u32| Skipped {
            point: format!("p/{index}"),
            rows: 5,
            reason: format!("reason {}", index % 10),
        };
        doc.summary.skipped = (0..many).map(skip).collect();
        doc
    };
    let text = summary(&points(20_000), &AT_80);
    assert!(text.lines().count() < 20_000 + 100, "the text under the table is bounded");
    check("many_points", &points(40), &AT_80);
}

#[test]
fn no_width_is_too_narrow() {
    for width in 0..60 {
        for doc in [gzip(), failures(), few_runs(), busy(), probe(), mixed(), minima()] {
            let text = summary(&doc, &Style { width: Some(width), ..AT_80 });
            assert!(text.lines().count() > doc.points.len(), "{width}: {text}");
        }
    }
}

#[test]
fn a_capture_without_points() {
    let mut doc = doc(Vec::new());
    doc.summary.state = CaptureState::CutShort;
    doc.summary.cut_short = Some(CutShort::Interrupted);
    check("empty", &doc, &AT_80);
}

/// gzip while other programs used the machine.
fn busy() -> SummaryDoc {
    use Disturbance::{Preemption, RunDelay, Steal, Stopped};
    let mut doc = gzip();
    let points = std::mem::take(&mut doc.points).into_iter();
    let causes: [(u64, &[(Disturbance, u64)]); 3] = [
        (12, &[(RunDelay, 9), (Steal, 1), (Preemption, 4), (Stopped, 1)]),
        (0, &[]),
        (1, &[(RunDelay, 1)]),
    ];
    doc.points = points
        .zip(causes)
        .map(|(point, (rows, by))| if rows > 0 { contended(point, rows, by) } else { point })
        .collect();
    doc
}

#[test]
fn contended_runs_are_counted() {
    for width in [Some(40), Some(80), Some(120), None] {
        let name = width.map_or("busy_pipe".to_owned(), |width| format!("busy_{width}"));
        check(&name, &busy(), &Style { width, ..AT_80 });
    }
    let held = contended(point("sleep 1", 1e9, 6), 2, &[(Disturbance::Stopped, 2)]);
    let mut doc = doc(vec![held]);
    doc.summary.by_status = [(Status::Ok, 6), (Status::Error, 1)].into();
    check("stopped", &doc, &AT_80);
}

/// A probe of three stages, a failed batch, and counters that not every stage has.
fn probe() -> SummaryDoc {
    let stage = |name: &str, millis: f64| {
        let label = format!("smoke[{name}]");
        PointSummary { command: Some("python3 smoke.py".into()), ..point(&label, millis * MS, 12) }
    };
    let rows = |point| counting(point, "rows", 1_048_576.0, Some((1_048_576.0, 1_048_576.0)));
    let stream = counting(
        rows(stage("chunked_stream", 12.0)),
        "rows_per_s",
        43_210.0,
        Some((42_900.0, 43_800.0)),
    );
    let stream = counting(stream, "first chunk", 1.234, Some((1.2, 1.3)));
    let sort = counting(rows(stage("sort", 3.5)), "error", 0.000_12, None);
    let mut doc = doc(vec![
        failed("smoke", Status::NoOutput, Some(0), None, Some("Traceback\nKeyError: 'rows'\n")),
        stream,
        sort,
        stage("fib", 0.02),
    ]);
    let unit = |unit: &str| MetricDef { unit: Some(unit.into()), ..MetricDef::default() };
    let units = [("rows_per_s", "rows/s"), ("first chunk", "ms"), ("rows", "")];
    doc.capture.metric_defs =
        units.map(|(name, word)| (name.to_owned(), unit(word))).into_iter().collect();
    doc
}

#[test]
fn counters_stand_beside_the_times() {
    for width in [Some(60), Some(80), Some(160), None] {
        let name = width.map_or("probe_pipe".to_owned(), |width| format!("probe_{width}"));
        check(&name, &probe(), &Style { width, ..AT_80 });
    }
}

/// Ten points of four workloads, each of which counts other things.
fn mixed() -> SummaryDoc {
    let same = |point, name, number| counting(point, name, number, Some((number, number)));
    let helper = |mode: &str| point(&format!("helper[{mode}]"), 12.0 * MS, 12);
    let stream = counting(
        same(helper("helper_chunked_stream"), "rows", 512.0),
        "rows_per_s",
        42_700.0,
        Some((42_600.0, 42_800.0)),
    );
    let stream = same(same(stream, "parallelism", 1.0), "chunk_size", 64.0);
    let mut points = vec![
        same(stream, "chunks", 8.0),
        same(helper("cold"), "bytes", 7.0),
        failed("helper[gone]", Status::NoOutput, Some(0), None, Some("no mode `gone`\n")),
        helper("idle"),
    ];
    points.extend((1..=6).map(|size| {
        let parse = point(&format!("parse{{size={size}}}"), MS * f64::from(size), 12);
        let parse = if size < 6 { same(parse, "tokens", 1000.0 * f64::from(size)) } else { parse };
        if size > 4 { counting(parse, "depth", 3.25, None) } else { parse }
    }));
    let mut doc = doc(points);
    let unit = MetricDef { unit: Some("rows/s".into()), ..MetricDef::default() };
    doc.capture.metric_defs = [("rows_per_s".to_owned(), unit)].into();
    doc
}

#[test]
fn counters_of_few_points_are_listed() {
    for width in [Some(40), Some(80), Some(120), None] {
        let name = width.map_or("mixed_pipe".to_owned(), |width| format!("mixed_{width}"));
        check(&name, &mixed(), &Style { width, ..AT_80 });
    }
    check("mixed_color", &mixed(), &Style { color: true, ..AT_80 });
    check("mixed_ascii", &mixed(), &Style { unicode: false, ..AT_80 });
}

/// Checks which counters have a column when each point has those that its word spells; a point
/// that is `-` has no rows, one that is `!` only failed ones.
#[track_caller]
fn check_columns(points: &[&str], expected: &[&str]) {
    let one = |(index, counters): (usize, &&str)| {
        let label = format!("p/{index}");
        match *counters {
            "-" => unmeasured(&label, "budget").0,
            "!" => failed(&label, Status::Error, Some(1), None, None),
            counters => counters.chars().fold(point(&label, MS, 6), |point, name| {
                counting(point, &name.to_string(), 1.5, None)
            }),
        }
    };
    let text = summary(&doc(points.iter().enumerate().map(one).collect()), &Style::PIPE);
    let titles = text.lines().next().and_then(|line| line.split_once("runs")).unwrap().1;
    assert_eq!(titles.split_whitespace().collect::<Vec<_>>(), expected, "{text}");
    let listed = points
        .iter()
        .flat_map(|point| point.chars())
        .any(|name| name.is_alphabetic() && !expected.contains(&name.to_string().as_str()));
    assert_eq!(text.contains("\ncounters\n"), listed, "{text}");
}

#[test]
fn a_counter_that_half_of_the_points_have_is_a_column() {
    check_columns(&["", ""], &[]);
    check_columns(&["a"], &["a"]);
    check_columns(&["a", ""], &["a"]);
    check_columns(&["a", "", ""], &[]);
    check_columns(&["a", "", "-", "-"], &["a"]);
    check_columns(&["a", "", "!"], &[]);
    check_columns(&["edcba"], &["a", "b", "c"]);
    check_columns(&["abcde", "e", "d", "de"], &["d", "e"]);
    check_columns(&["abcde", "cde", "de"], &["c", "d", "e"]);
    check_columns(&["abcd", "abcd", "d"], &["a", "b", "d"]);
}

#[test]
fn counters_of_anybody_fit() {
    let names = (0..40).map(|index| format!("counter {index:02}   \u{1b}[31m {}", "x".repeat(90)));
    let many = names.fold(point("p", MS, 6), |point, name| counting(point, &name, 1e300, None));
    let mut doc = doc(vec![many, counting(point("q", MS, 6), "zebra", 7.0, Some((7.0, 7.0)))]);
    let unit = format!("a  {}", "unit".repeat(40));
    doc.capture.metric_defs =
        [("zebra".to_owned(), MetricDef { unit: Some(unit), ..MetricDef::default() })].into();
    for width in 40..130 {
        let text = summary(&doc, &Style { width: Some(width), ..AT_80 });
        // Three are columns, sixteen stand in the line of their point; so does the other's.
        assert!(text.replace('\n', " ").contains("and 21 more counters: `tacho show"), "{text}");
        assert!(text.contains("7 a unit"), "{text}");
        for line in text.lines() {
            assert!(!line.contains('\u{1b}') && crate::text::width(line) <= width, "{line}");
        }
    }
    let pipe = summary(&doc, &Style::PIPE);
    let fields = |line: &str| line.split("  ").filter(|field| !field.is_empty()).count();
    let found: Vec<usize> = pipe.lines().take(3).map(fields).collect();
    assert_eq!(found, [11; 3], "{pipe}");
    let listed: Vec<usize> = pipe.lines().skip(5).take(2).map(fields).collect();
    assert_eq!(listed, [2; 2], "a label and its counters: {pipe}");
}

#[test]
fn the_list_of_counters_is_bounded() {
    let points = |many: u32| {
        let one = |index: u32| {
            let point = point(&format!("p/{index}"), MS, 6);
            counting(point, &format!("own {index}"), f64::from(index), None)
        };
        summary(&doc((0..many).map(one).collect()), &AT_80)
    };
    assert!(!points(20).contains("more counter"), "nothing is hidden");
    assert!(points(21).contains("\nand 1 more counter: `tacho show"), "one is hidden");
    let text = points(20_000);
    assert!(text.contains("\nand 19980 more counters: `tacho show"));
    assert!(text.lines().count() < 20_000 + 50, "the text under the table is bounded");
}

/// Two of three points stand by their minimum.
fn minima() -> SummaryDoc {
    doc(vec![
        minimum(point("fib 20", 12.0 * MS, 12)),
        against(minimum(point("fib 21", 19.0 * MS, 3)), "fib 20", 1.583, None),
        point("sort", 3.0 * MS, 12),
    ])
}

#[test]
fn minima_are_marked() {
    check("minima_80", &minima(), &AT_80);
    let mut only = minima();
    only.points.truncate(2);
    check("minima_only", &only, &AT_80);
}

/// `-u`: every time of a point in one unit, with the digits that it needs there.
#[test]
fn one_unit_for_all_times() {
    use crate::export::TimeUnit;
    for (name, unit) in [("seconds", TimeUnit::Second), ("microseconds", TimeUnit::Microsecond)] {
        let style = Style { time_unit: Some(unit), ..Style::PIPE };
        check(&format!("gzip_in_{name}"), &gzip(), &style);
    }
}
