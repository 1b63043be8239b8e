//! What manifests, commands and flags are planned as: through one door each.

use std::fmt::Write as _;

use camino::Utf8Path;
use tacho_plan::{
    AdHoc, AdHocCommand, Defaults, Flags, OutsideSource, Problems, Scan, Supplied, Values, parse,
    parse_list, round_order,
};
use tacho_schema::{
    ConfigSection, Hook, IgnoreFailure, Limits, Output, ParamSource, PlanDoc, PlannedPoint,
    Statistic,
};

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
    let reading = [
        (point.output != Output::Pipe).then(|| format!("output={:?}", point.output)),
        (point.limits != Limits::default()).then(|| format!("{:?}", point.limits)),
        (point.statistic != Statistic::Median).then(|| "min".to_owned()),
        point.reading.probe.as_ref().map(|probe| format!("{probe:?}")),
    ];
    let outcomes = point.reading.outcomes.iter().map(|it| Some(format!("{it:?}")));
    let derived = point.reading.derived.iter().map(|it| Some(format!("{it:?}")));
    let counters = outcomes.chain(derived);
    given
        .into_iter()
        .chain(bounds)
        .chain(reading)
        .chain(counters)
        .flatten()
        .fold(out, |out, detail| format!("{out} {detail}"))
}

fn manifest(text: &str, flags: &Flags) -> String {
    let read = parse("tacho.toml", text.as_bytes(), Utf8Path::new("sub"), &Defaults::default());
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
        ..AdHoc::default()
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

/// What is read from a program, the bounds it runs in, and its threads.
#[test]
fn readings_and_limits() {
    let flags = Flags { processors: 4, ..Flags::default() };
    insta::assert_snapshot!(manifest(
        r#"
        [defaults]
        nice = 5
        memory_max = "512MiB"
        cpus = "0-1,3"
        aslr = false
        [[workload]]
        name = "smoke"
        probe = ["python3", "smoke.py"]
        line = "{name}: {elapsed_ms:f} ms"
        statistic = "min"
        memory_max = "none"
        cpus = "all"
        nice = 0
        aslr = true
        [[workload]]
        name = "pairs"
        probe = "./cold"
        derive.rate = "rows / wall"
        [[workload]]
        name = "suite"
        command = ["x"]
        outcome.passed = { regex = '(\d+) passed', direction = "exact", expect = 12 }
        outcome.rows = { json = "/rows", unit = "rows" }
        derive.rate = { value = "metrics.rows / wall", unit = "rows/s", direction = "higher" }
        [[workload]]
        name = "parse/{threads}"
        command = "parse -n {n} -j {threads}"
        output = "out/{threads}.txt"
        params.n = [7, 8]
        threads = { env = "RAYON_NUM_THREADS", values = [1, "max", 4] }
        "#,
        &flags
    ));
}

#[test]
fn the_whole_run() {
    let text = r#"
        [defaults]
        jobs = 2
        quiet_wait = "1min"
        shell = "bash"
        [quiesce]
        before = "stop x"
        after = ["start", "x"]
        [[workload]]
        name = "a"
        command = "x"
    "#;
    let plan = |flags: &Flags| {
        let read = parse("tacho.toml", text.as_bytes(), Utf8Path::new(""), &Defaults::default());
        let plan = read.unwrap().plan(flags).unwrap();
        let quiesce = plan.quiesce.unwrap();
        let (before, after) = (quiesce.before.unwrap(), quiesce.after.unwrap());
        (plan.jobs, plan.quiet_wait_nanos, before.argv, after.argv)
    };
    let (stop, start) = (texts(&["bash", "-c", "stop x"]), texts(&["start", "x"]));
    let minute = Some(60_000_000_000);
    assert_eq!(plan(&Flags::default()), (2, minute, stop, start.clone()));
    let none = Some("0s".to_owned());
    let flags = Flags { jobs: Some(3), quiet_wait: none, no_shell: true, ..Flags::default() };
    assert_eq!(plan(&flags), (3, None, texts(&["stop", "x"]), start));
}

#[test]
fn values_from_outside() {
    let text = "[[workload]]\nname = \"suite/{m}\"\ncommand = [\"x\", \"{m}\"]\n\
                params.m = { lines = \"../m.txt\", limit = 2 }\nparams.n = { command = \"ls a\" }";
    let mut manifest =
        parse("tacho.toml", text.as_bytes(), Utf8Path::new("sub"), &Defaults::default()).unwrap();
    let wanted = manifest.outside().unwrap();
    let sources: Vec<OutsideSource> = wanted.iter().map(|it| it.source.clone()).collect();
    let (argv, line) = (texts(&["/bin/sh", "-c", "ls a"]), "ls a".to_owned());
    let expected =
        [OutsideSource::Lines("../m.txt".to_owned()), OutsideSource::Command { argv, text: line }];
    assert_eq!(sources, expected);
    let given = ["# all\n7\nlex\n\nlast\n".to_owned(), "9\n10\n".to_owned()];
    let texts: Vec<_> = wanted.into_iter().zip(given.map(Supplied::Text)).collect();
    manifest.supply(&texts).unwrap();
    let plan = manifest.plan(&Flags::default()).unwrap();
    let points: Vec<String> = plan.points.iter().map(|it| it.point.to_string()).collect();
    assert_eq!(
        points,
        ["suite/7{m=7,n=9}", "suite/7{m=7,n=10}", "suite/lex{m=lex,n=9}", "suite/lex{m=lex,n=10}"]
    );
    let told = |it: &ParamSource| (it.source.clone(), it.values, it.found, it.hash.len());
    let sources: Vec<_> = plan.param_sources.iter().map(told).collect();
    assert_eq!(sources, [("../m.txt".to_owned(), 2, 3, 18), ("ls a".to_owned(), 2, 2, 18)]);
    let again =
        manifest.supply(&[(texts[0].0.clone(), Supplied::Text("a\na\n".to_owned()))]).unwrap_err();
    let told = "tacho.toml:4:12: params.m: `../m.txt` gives the value `a` twice";
    assert_eq!(again.to_string(), told);
}

#[test]
fn profiles_and_the_users_own() {
    let user = "[defaults]\nwarmup = 1\nmax_runs = 100\ntags = [\"mine\"]\nenv.A = \"user\"";
    let user = Defaults::of_user("config.toml", user.as_bytes()).unwrap();
    let text = "[defaults]\nwarmup = 2\nenv.B = \"M\"\n[profile.ci]\nruns = 30\nseed = 7\n\
                tags = [\"ci\"]\nenv.A = \"ci\"\n[[workload]]\nname = \"a\"\ncommand = [\"x\"]\n\
                runs = 5\n";
    let plan = |flags: &Flags| {
        let read = parse("tacho.toml", text.as_bytes(), Utf8Path::new(""), &user).unwrap();
        let seed = read.plan(flags).map(|plan| plan.seed).unwrap_or_default();
        format!("{seed} {}", shown(read.plan(flags)).trim_end())
    };
    let name = |name: &str| Some(name.to_owned());
    for (flags, expected) in [
        (
            Flags::default(),
            r#"0 0 a ["x"] env={"A": "user", "B": "M"} tags=["mine"] warmup=2 runs=(5, 5)"#,
        ),
        (
            Flags { profile: name("ci"), ..Flags::default() },
            r#"7 0 a ["x"] env={"A": "ci", "B": "M"} tags=["mine", "ci"] warmup=2 runs=(30, 30)"#,
        ),
        (
            Flags {
                profile_variable: name("ci"),
                runs: Some(3),
                seed: Some(1),
                ..Flags::default()
            },
            r#"1 0 a ["x"] env={"A": "ci", "B": "M"} tags=["mine", "ci"] warmup=2 runs=(3, 3)"#,
        ),
        (
            Flags { profile: name("cii"), ..Flags::default() },
            "0 --profile: there is no [profile.cii]; did you mean `ci`?",
        ),
        (
            Flags { profile_variable: name("nightly"), ..Flags::default() },
            "0 TACHO_PROFILE: there is no [profile.nightly]; there is ci",
        ),
    ] {
        assert_eq!(plan(&flags), expected);
    }
    let one = AdHoc {
        defaults: user.clone(),
        commands: vec![AdHocCommand::Words(texts(&["x"]))],
        ..AdHoc::default()
    };
    let expected = r#"0 x ["x"] env={"A": "user"} tags=["mine"] warmup=1 runs=(10, 100)"#;
    assert_eq!(shown(one.plan(&Flags::default())).trim_end(), expected);
    let flags = Flags { profile: name("ci"), ..Flags::default() };
    let told = "--profile: profiles stand in a manifest, and there is none";
    assert_eq!(shown(one.plan(&flags)), told);
    for (text, told) in [
        (
            "[defaults]\nwarmpu = 1",
            "config.toml:2:1: unknown key `warmpu` in [defaults]; did you mean `warmup`?",
        ),
        (
            "[[workload]]",
            "config.toml:1:3: unknown key `workload` in the user's own settings; known are",
        ),
        ("defaults = 1", "config.toml:1:12: expected a table, found a whole number"),
        ("x = ", "config.toml:1:5: "),
    ] {
        let found = Defaults::of_user("config.toml", text.as_bytes()).unwrap_err().to_string();
        assert!(found.starts_with(told), "{found}");
    }
}

/// Every setting is told with its value and its place, the nearest layer's.
#[test]
fn settings_are_told() {
    let user = Defaults::of_user("config.toml", b"[defaults]\nmin_time = \"1s\"").unwrap();
    let text = "[defaults]\nlauncher = [\n  \"nice\",\n]\ntags = [\"x\"]\n[quiesce]\n\
                after = \"y\"\n\
                [profile.ci]\nwarmup = 9\nmax_points = 5\n[[workload]]\nname = \"a\"\n\
                command = [\"x\"]\nparams.n = [1]\nmin_runs = 12\nenv.N = \"{n}\"\n\
                outcome.rows.json = \"/r\"\noutcome.rows.unit = \"rows\"\n\
                derive.rate = { value = \"rows / wall\" }\n";
    let manifest = parse("tacho.toml", text.as_bytes(), Utf8Path::new(""), &user).unwrap();
    let flags = Flags {
        profile: Some("ci".to_owned()),
        max_time: Some("1min".to_owned()),
        no_shell: true,
        jobs: Some(2),
        ..Flags::default()
    };
    let told = |sections: Vec<ConfigSection>| {
        let mut out = String::new();
        for section in sections {
            let _ = writeln!(out, "# {:?}", section.workload);
            for setting in section.settings {
                let value = setting.value.unwrap_or_default();
                let from = setting.source.map(|it| (it.layer, it.place.unwrap_or_default()));
                let _ = writeln!(out, "{} = {value} {from:?}", setting.key);
            }
        }
        out
    };
    insta::assert_snapshot!(told(manifest.shown(&flags, &[]).unwrap()));
    insta::assert_snapshot!(told(manifest.shown(&flags, &texts(&["a"])).unwrap()));
    assert_eq!(told(manifest.shown(&flags, &texts(&["b"])).unwrap()), "");
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
        output: text("/tmp/out"),
        memory_max: text("1GiB"),
        cpus: text("0-2"),
        nice: Some(-5),
        no_aslr: true,
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
        let read =
            parse("tacho.toml", text.as_bytes(), Utf8Path::new(""), &Defaults::default()).unwrap();
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
        output: text("nul"),
        memory_max: text("1"),
        cpus: text("a"),
        nice: Some(99),
        jobs: Some(0),
        quiet_wait: text("1"),
        profile: text("x"),
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
