//! What manifests, commands and flags are planned as: through one door each.

use std::fmt::Write as _;

use camino::Utf8Path;
use tacho_plan::{
    AdHoc, AdHocCommand, Flags, Problems, Scan, Values, parse, parse_list, round_order,
};
use tacho_schema::{Hook, IgnoreFailure, PlanDoc, PlannedPoint};

/// A line for each point: its leg, its identity, its words, and what differs from the defaults.
fn shown(planned: Result<PlanDoc, Problems>) -> String {
    let plan = match planned {
        Ok(plan) => plan,
        Err(problems) => return problems.to_string(),
    };
    let mut out = String::new();
    for point in &plan.points {
        let _ = writeln!(out, "{} {} {:?}{}", point.leg, point.point, point.argv, details(point));
    }
    if let Some(nanos) = plan.total_nanos_max {
        let _ = writeln!(out, "total {nanos}");
    }
    out
}

fn details(point: &PlannedPoint) -> String {
    let mut out = String::new();
    for (name, hook) in [
        ("setup", &point.setup),
        ("prepare", &point.prepare),
        ("conclude", &point.conclude),
        ("cleanup", &point.cleanup),
    ] {
        if let Some(Hook { argv, text }) = hook {
            let _ = write!(out, " {name}={text:?}/{}", argv.len());
        }
    }
    let given = [
        (!point.env.is_empty()).then(|| format!("env={:?}", point.env)),
        (point.dir != ".").then(|| format!("dir={}", point.dir)),
        point.stdin.as_ref().map(|stdin| format!("stdin={stdin}")),
        (!point.tags.is_empty()).then(|| format!("tags={:?}", point.tags)),
        (point.warmup != 0).then(|| format!("warmup={}", point.warmup)),
        (point.ignore_failure != IgnoreFailure::None)
            .then(|| format!("ignore={:?}", point.ignore_failure)),
    ];
    let runs = (point.min_runs, point.max_runs);
    let times = (point.min_time_nanos, point.max_time_nanos, point.timeout_nanos);
    let seconds = |nanos: u64| nanos as f64 / 1e9;
    let bounds = [
        (runs != (10, 1_000_000)).then(|| format!("runs={runs:?}")),
        (times != (3_000_000_000, 10_000_000_000, 60_000_000_000)).then(|| {
            format!("times={}/{}/{}", seconds(times.0), seconds(times.1), seconds(times.2))
        }),
        (point.precision.0 != 0.02).then(|| format!("precision={}", point.precision.0)),
    ];
    given.into_iter().chain(bounds).flatten().fold(out, |out, detail| format!("{out} {detail}"))
}

fn manifest(text: &str, flags: &Flags) -> String {
    let read = parse("tacho.toml", text.as_bytes(), Utf8Path::new("sub"));
    shown(read.and_then(|manifest| manifest.plan(flags)))
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn ad_hoc(commands: &[&str], params: &[(&str, Values)], flags: &Flags) -> String {
    named_ad_hoc(commands, &[], params, flags)
}

fn named_ad_hoc(
    commands: &[&str],
    names: &[&str],
    params: &[(&str, Values)],
    flags: &Flags,
) -> String {
    let ad_hoc = AdHoc {
        commands: commands.iter().map(|it| AdHocCommand::Line((*it).to_owned())).collect(),
        names: texts(names),
        params: params.iter().map(|(name, values)| ((*name).to_owned(), values.clone())).collect(),
    };
    shown(ad_hoc.plan(flags))
}

fn list(text: &str) -> Values {
    Values::List(parse_list(text))
}

#[test]
fn a_manifest() {
    insta::assert_snapshot!(manifest(
        r#"
        [project]
        name = "sx"
        [defaults]
        env = { LC_ALL = "C" }
        tags = ["all"]
        prepare = "sync"
        max_time = "1.5min"
        total_seconds = 2.5
        [[workload]]
        name = "gzip/{level}"
        command = ["gzip", "-{level}", "a b", "{file}"]
        params.level = [6, 1]
        params.file = ["x", "y z"]
        env.LEVEL = "{level}"
        env.LC_ALL = "C.UTF-8"
        dir = "../data/{level}"
        launcher = ["taskset", "-c", "{level}"]
        tags = ["slow", "all"]
        [[workload]]
        name = "line"
        command = "sort <{x} | awk '{print $1}'"
        prepare = ""
        conclude = ["rm", "-f", "out"]
        stdin = "./in.txt"
        runs = 5
        warmup = 2
        ignore_failure = [1, 2]
        precision = "0.5%"
        timeout = "250ms"
        [[workload]]
        name = "split"
        command = "printf '%s\n' a\\ b"
        shell = false
        ignore_failure = true
        "#,
        &Flags::default()
    ));
}

#[test]
fn legs() {
    insta::assert_snapshot!(manifest(
        r#"
        [[workload]]
        name = "alone"
        command = "x"
        setup = "make"
        [[workload]]
        name = "apart"
        command = "x {a} {b}"
        params.a = [1, 2]
        params.b = [1, 2]
        setup = "make {a}"
        [[workload]]
        name = "variables"
        command = "x"
        env.A = "{a}"
        params.a = [1, 2]
        cleanup = "make clean"
        [[workload]]
        name = "folders"
        command = "x"
        dir = "{a}"
        params.a = [1, 2]
        setup = "make"
        "#,
        &Flags::default()
    ));
    let flags = Flags { setup: texts(&["git checkout a", "git checkout b"]), ..Flags::default() };
    insta::assert_snapshot!(ad_hoc(&["x", "y"], &[], &flags));
}

#[test]
fn the_nearest_layer_wins() {
    let layers = |defaults: &str, workload: &str, flags: &Flags| {
        let text = format!(
            "[defaults]\n{defaults}\n[[workload]]\nname = \"a\"\ncommand = [\"x\"]\n{workload}"
        );
        manifest(&text, flags).trim_start_matches("0 a [\"x\"]").trim().to_owned()
    };
    let none = Flags::default();
    let most_3 = Flags { max_runs: Some(3), ..Flags::default() };
    let exact_4 = Flags { runs: Some(4), ..Flags::default() };
    for (defaults, workload, flags, expected) in [
        ("", "", &none, ""),
        ("runs = 7", "", &none, "runs=(7, 7)"),
        ("runs = 7", "runs = 8", &none, "runs=(8, 8)"),
        ("runs = 7", "max_runs = 8", &none, "runs=(8, 8)"),
        ("runs = 7", "max_runs = 20", &none, "runs=(10, 20)"),
        ("min_runs = 20", "max_runs = 8", &none, "runs=(8, 8)"),
        ("max_runs = 20", "min_runs = 30", &none, "runs=(30, 30)"),
        ("max_runs = 20", "runs = 30", &none, "runs=(30, 30)"),
        ("", "min_runs = 20", &most_3, "runs=(3, 3)"),
        ("", "runs = 20", &most_3, "runs=(3, 3)"),
        ("min_runs = 5", "max_runs = 20", &exact_4, "runs=(4, 4)"),
        ("", "max_time = \"1s\"", &none, "times=1/1/60"),
        ("min_time = \"20s\"", "", &none, "times=20/20/60"),
        ("setup = \"a\"", "setup = \"b\"", &none, "setup=\"b\"/3"),
        ("setup = \"a\"", "setup = \"\"", &none, ""),
        ("shell = \"bash -e\"\nsetup = \"a b\"", "", &none, "setup=\"a b\"/4"),
        ("shell = \"bash -e -c\"\nsetup = \"a b\"", "", &none, "setup=\"a b\"/4"),
        ("shell = \"none\"\nsetup = \"a b\"", "", &none, "setup=\"a b\"/2"),
    ] {
        assert_eq!(layers(defaults, workload, flags), expected, "{defaults} / {workload}");
    }
}

#[test]
fn all_flags() {
    let text = |text: &str| Some(text.to_owned());
    let flags = Flags {
        warmup: Some(1),
        min_runs: Some(5),
        max_runs: Some(50),
        ignore_failure: text("1,3"),
        shell: text("bash"),
        setup: texts(&["s"]),
        prepare: texts(&["p"]),
        conclude: texts(&["o"]),
        cleanup: texts(&["c"]),
        precision: text("1%"),
        min_time: text("1s"),
        max_time: text("1min"),
        timeout: text("2min"),
        total_seconds: text("0.5"),
        launcher: text("nice -n '5'"),
        env: texts(&["A=B=C", "LC_ALL="]),
        stdin: text("/etc/passwd"),
        max_points: Some(1),
        seed: Some(7),
        ..Flags::default()
    };
    let workload = "[[workload]]\nname = \"a\"\ncommand = \"x\"\nruns = 4\nenv.A = \"1\"";
    insta::assert_snapshot!(manifest(workload, &flags));
}

#[test]
fn seeds() {
    for (defaults, seed, expected) in
        [("", None, 9), ("seed = 5", None, 5), ("seed = 5", Some(6), 6)]
    {
        let text = format!("[defaults]\n{defaults}\n[[workload]]\nname = \"a\"\ncommand = \"x\"");
        let read = parse("tacho.toml", text.as_bytes(), Utf8Path::new("")).unwrap();
        let plan = read.plan(&Flags { seed, fresh_seed: 9, ..Flags::default() }).unwrap();
        assert_eq!(plan.seed, expected, "{defaults} {seed:?}");
    }
}

#[test]
fn commands() {
    let none = Flags::default();
    let split = Flags { no_shell: true, ..Flags::default() };
    insta::assert_snapshot!(ad_hoc(
        &["sleep {t}\necho", "true"],
        &[("t", list("1,x\\,y")), ("u", list("0.5"))],
        &none
    ));
    insta::assert_snapshot!(ad_hoc(&["gzip {args}"], &[("args", list("-1 -k,-9"))], &split));
    insta::assert_snapshot!(named_ad_hoc(
        &["x {n}", "y"],
        &["it {n}"],
        &[("n", Values::Scan(Scan::new("1", "2", Some("0.5")).unwrap()))],
        &none
    ));
    let words = AdHoc {
        commands: vec![AdHocCommand::Words(texts(&["grep", "a b", "{f}"]))],
        params: vec![("f".to_owned(), list("x y"))],
        ..AdHoc::default()
    };
    insta::assert_snapshot!(shown(words.plan(&none)));
    let each =
        Flags { prepare: texts(&["a", "b"]), conclude: texts(&["c {n}"]), ..Flags::default() };
    insta::assert_snapshot!(ad_hoc(&["x", "y"], &[("n", list("1"))], &each));
}

#[test]
fn wrong_command_lines() {
    let text = |text: &str| Some(text.to_owned());
    let none = Flags::default();
    let split = Flags { no_shell: true, ..Flags::default() };
    let scan = Values::Scan(Scan::new("1", "100001", None).unwrap());
    let wide = Values::Scan(Scan::new("0", "999999999999999", Some("0.000000001")).unwrap());
    let wrong = Flags {
        warmup: Some(2_000_000),
        runs: Some(0),
        max_runs: Some(4),
        ignore_failure: text("1,x"),
        shell: text("'"),
        setup: texts(&["a", "b"]),
        precision: text("2"),
        min_time: text("1"),
        max_time: text("0s"),
        timeout: text("1 week"),
        total_seconds: text("soon"),
        launcher: text("\\"),
        env: texts(&["A", "=B"]),
        stdin: text("\0"),
        max_points: Some(0),
        ..Flags::default()
    };
    let mut out = String::new();
    for (commands, names, params, flags) in [
        (&[][..], &[][..], &[][..], &none),
        (&["  ", "true", "echo \0"], &[], &[], &none),
        (&["true", "true"], &[], &[], &none),
        (&["echo 'x"], &[], &[], &split),
        (&["true"], &["a", "b"], &[], &none),
        (&["true"], &["\t"], &[], &none),
        (&["echo {n}"], &[], &[("n", list("1,2,1"))], &none),
        (&["echo {n}"], &[], &[("n", list("1")), ("n", list("2"))], &none),
        (&["echo {n}"], &[], &[("n", Values::List(Vec::new()))], &none),
        (&["echo {n}"], &[], &[("a b", list("1"))], &none),
        (&["echo {nmae}"], &["{nam}"], &[("name", list("1"))], &none),
        (&["echo {n}"], &[], &[("n", scan.clone())], &none),
        (&["a", "b"], &[], &[("n", wide.clone()), ("m", wide.clone()), ("o", wide)], &none),
        (&["true", "false", "x"], &[], &[], &wrong),
    ] {
        let _ = writeln!(out, "{commands:?}\n{}", named_ad_hoc(commands, names, params, flags));
    }
    insta::assert_snapshot!(out);
    let more = Flags { max_points: Some(100_001), ..Flags::default() };
    assert_eq!(ad_hoc(&["echo {n}"], &[("n", scan)], &more).lines().count(), 100_001);
    let workload = "[[workload]]\nname = \"a\"\ncommand = \"x\"";
    insta::assert_snapshot!(manifest(workload, &wrong));
}

#[test]
fn rounds() {
    let indices: Vec<usize> = (10..18).collect();
    for (seed, leg, round, expected) in [
        (1, 0, 0, [16, 11, 10, 17, 15, 14, 12, 13]),
        (1, 0, 1, [14, 16, 10, 13, 17, 12, 15, 11]),
        (1, 1, 0, [16, 11, 10, 12, 17, 14, 13, 15]),
        (2, 0, 0, [11, 15, 16, 13, 14, 12, 10, 17]),
    ] {
        assert_eq!(round_order(seed, leg, round, &indices), expected, "{seed} {leg} {round}");
    }
    assert!(round_order(1, 0, 0, &[]).is_empty());
}
