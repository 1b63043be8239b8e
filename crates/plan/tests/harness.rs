//! What harnesses and ladders are planned as.

use std::fmt::Write as _;

use camino::Utf8Path;
use tacho_plan::{
    Defaults, Flags, HarnessSource, Listing, Manifest, OutsideSource, Problems, Supplied,
    bounded_nanos, parse, select, select_variants, smallest,
};
use tacho_schema::{Ladder, PlanDoc, PlannedPoint};

/// Two harnesses that a manifest may ask, by the words with which it names them.
fn listed(text: &str) -> Vec<Listing> {
    let listing = |argv: &str, dir: &str, name: &str, text: &str| Listing {
        argv: vec![argv.to_owned()],
        dir: dir.to_owned(),
        name: name.to_owned(),
        text: text.to_owned(),
    };
    match text {
        "cargo" => vec![
            listing("/t/release/deps/sort-1f", ".", "sort", include_str!("data/listing.jsonl")),
            listing(
                "/t/release/deps/two-2f",
                "crates/two",
                "two",
                "{\"schema_version\":1,\"name\":\"parse\",\"kind\":\"fixed\"}\n\
                 {\"schema_version\":1,\"name\":\"two\",\"kind\":\"fixed\",\"tags\":[\"all\"]}\n\
                 {\"schema_version\":7,\"name\":\"new\",\"kind\":\"fixed\"}\n",
            ),
        ],
        "mute" => vec![listing("mute", ".", "mute", "running 0 tests\n")],
        _ => vec![listing(text, ".", text, include_str!("data/listing.jsonl"))],
    }
}

/// Answers everything that a manifest wants to know.
fn supply(manifest: &mut Manifest) -> Result<(), Problems> {
    let wanted = manifest.outside()?;
    let found: Vec<_> = wanted
        .into_iter()
        .map(|it| (it.clone(), Supplied::Listings(listed(&it.workload_name))))
        .collect();
    manifest.supply(&found)
}

fn plan(text: &str, flags: &Flags) -> Result<PlanDoc, Problems> {
    let mut manifest =
        parse("tacho.toml", text.as_bytes(), Utf8Path::new("sub"), &Defaults::default())?;
    supply(&mut manifest)?;
    manifest.plan(flags)
}

/// A line for each ladder, and a block of two for each point that is no further rung.
fn shown(planned: &Result<PlanDoc, Problems>) -> String {
    let plan = match planned {
        Ok(plan) => plan,
        Err(problems) => return problems.to_string(),
    };
    let mut out = String::new();
    for Ladder { point, step, complexity, model, cap_nanos } in &plan.ladders {
        let cap = *cap_nanos as f64 / 1e9;
        let _ = writeln!(out, "ladder {point} {step:?} {complexity:?} {model:?} cap={cap}");
    }
    let mut rungs = Vec::new();
    for (place, point) in plan.points.iter().enumerate() {
        let next = plan.points.get(place + 1);
        if point.ladder.is_some() && next.is_some_and(|next| next.ladder == point.ladder) {
            rungs.extend(point.point.param);
            continue;
        }
        if !rungs.is_empty() {
            let _ = writeln!(out, "… {rungs:?}");
            rungs.clear();
        }
        let _ = writeln!(out, "{}\n   {:?} in {}", point.point, point.argv, point.dir);
        let _ = writeln!(out, "   {}\n   {}", point.command, details(point));
    }
    out
}

fn details(point: &PlannedPoint) -> String {
    let seconds = |nanos: u64| nanos as f64 / 1e9;
    let least = (point.min_runs, seconds(point.min_time_nanos));
    let most = (point.max_runs, seconds(point.max_time_nanos), point.max_time_runs_min);
    let mut out = format!("{least:?} {most:?} timeout={}", seconds(point.timeout_nanos));
    let given = [
        point.ladder.map(|ladder| format!("ladder={ladder}")),
        point.variant_of.as_ref().map(|group| format!("variant_of={group}")),
        (!point.tags.is_empty()).then(|| format!("tags={:?}", point.tags)),
        point.wire.as_ref().map(|wire| format!("{wire:?}")),
        point.refused.as_ref().map(|why| format!("\n   refused: {why}")),
    ];
    given.into_iter().flatten().for_each(|detail| out.push_str(&format!(" {detail}")));
    out
}

#[test]
fn everything_that_a_program_lists() {
    let text = r#"
        [defaults]
        tags = ["all"]
        [[workload]]
        harness = "target/release/bench -q"
        dir = "data"
        launcher = "taskset -c 1"
        tags = ["sort", "mine"]
    "#;
    let planned = plan(text, &Flags::default());
    insta::assert_snapshot!(shown(&planned));
    let hash = |point: &PlannedPoint| point.wire.as_ref().and_then(|it| it.expected_hash.clone());
    let hashes: Vec<_> = planned.unwrap().points.iter().map(hash).collect();
    let by_param = [None, None, None, Some("0x0123".to_owned()), None, None, None];
    assert_eq!(hashes[..7], by_param);
}

/// Two of them register one name, and one line cannot be read; the others go on.
#[test]
fn everything_of_a_cargo_project() {
    let text = "[[workload]]\nharness = \"cargo\"\ncap = \"4s\"";
    insta::assert_snapshot!(shown(&plan(text, &Flags::default())));
    let set = format!("{text}\ndir = \"..\"");
    let dirs = plan(&set, &Flags::default()).unwrap();
    assert!(dirs.points.iter().all(|point| point.dir == ".."));
}

/// One workload of a program that is not asked what it lists.
#[test]
fn described_by_the_manifest() {
    let text = r#"
        [defaults]
        min_runs = 5
        batch_time = "3ms"
        [[workload]]
        name = "fib"
        harness = ["python3", "bench.py"]
        bench = "Main.fib"
        ladder = { low = 1, high = 20 }
        complexity = "factorial(n)"
        variant_of = "fibs"
        timeout = "0.5s"
        [[workload]]
        name = "hash"
        harness = "./lean_bench"
        dir = "../x"
        cold = true
        expected_hash = "0x00ff"
    "#;
    insta::assert_snapshot!(shown(&plan(text, &Flags::default())));
    let flags = Flags {
        max_time: Some("5s".to_owned()),
        batch_time: Some("1h".to_owned()),
        cap: Some("30s".to_owned()),
        ..Flags::default()
    };
    insta::assert_snapshot!(shown(&plan(text, &flags)));
}

#[test]
fn ladders_of_commands() {
    let text = r#"
        [[workload]]
        name = "sort/{kind}"
        command = "seq {n} | sort -{kind}"
        params.kind = ["n", "r"]
        ladder = "1..=1<<3"
        complexity = "n * log2(n)"
        [[workload]]
        name = "list"
        command = ["x", "{n}", "{threads}"]
        ladder = [100, 1, 18446744073709551615]
        threads = [1, 2]
        env.N = "{n}"
        runs = 3
    "#;
    let planned = plan(&text.replace("18446744073709551615", "\"2^63\""), &Flags::default());
    insta::assert_snapshot!(shown(&planned));
    let words = |point: &PlannedPoint| (point.argv.join(" "), point.env.get("N").cloned());
    let last = planned.unwrap().points.pop().unwrap();
    let large = "9223372036854775808";
    assert_eq!(words(&last), (format!("x {large} 2"), Some(large.to_owned())));
}

#[test]
fn what_is_asked() {
    let text = "[defaults]\nenv.A = \"1\"\n[[workload]]\nharness = \"target/bench 'a b'\"\n\
                dir = \"data/in\"\nlauncher = \"nice\"\n[[workload]]\nharness = \"cargo:sort\"\n\
                [[workload]]\nname = \"b\"\nharness = \"bench\"";
    let manifest =
        parse("tacho.toml", text.as_bytes(), Utf8Path::new(""), &Defaults::default()).unwrap();
    let wanted = manifest.outside().unwrap();
    let sources: Vec<_> = wanted.iter().map(|it| it.source.clone()).collect();
    let program = HarnessSource::Program {
        argv: vec!["../../target/bench".to_owned(), "a b".to_owned()],
        text: "target/bench 'a b'".to_owned(),
        dir: "data/in".to_owned(),
    };
    let cargo = HarnessSource::Cargo(Some("sort".to_owned()));
    assert_eq!(sources, [program, cargo].map(OutsideSource::Harness));
    assert_eq!((wanted[0].setting.as_str(), wanted[0].env["A"].as_str()), ("harness", "1"));
    assert_eq!(wanted[1].at.to_string(), "tacho.toml:8:11");
}

/// What no point can stand for, so that nothing is measured.
#[test]
fn what_cannot_be_planned() {
    let mut out = String::new();
    for text in [
        "[[workload]]\nharness = \"mute\"",
        "[[workload]]\nname = \"parse\"\ncommand = [\"x\"]\n[[workload]]\nharness = \"./bench\"",
        "[[workload]]\nname = \"parse\"\nharness = \"a\"\n[[workload]]\nharness = \"./bench\"",
        "[defaults]\nmax_points = 9\n[[workload]]\nharness = \"./bench\"",
        "[[workload]]\nharness = \"./bench\"\nshell = false\nsetup = \"'\"",
    ] {
        let _ = writeln!(out, "{text}\n=> {}", shown(&plan(text, &Flags::default())));
    }
    insta::assert_snapshot!(out);
}

/// A harness that is there twice registers every name twice.
#[test]
fn the_same_program_twice() {
    let text = "[[workload]]\nharness = \"./bench\"\n[[workload]]\nharness = \"./bench\"";
    let told: Vec<String> = plan(text, &Flags::default())
        .unwrap()
        .points
        .into_iter()
        .map(|point| format!("{}: {}", point.point, point.refused.unwrap_or_default()))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// Without a manifest, messages name the flag or the Cargo project.
#[test]
fn without_a_manifest() {
    let told = |source: &str| {
        let found = Manifest::of_harness(source, &Defaults::default());
        let planned = found.and_then(|mut manifest| {
            supply(&mut manifest)?;
            manifest.plan(&Flags::default())
        });
        planned.map_or_else(|problems| problems.to_string(), |plan| plan.points.len().to_string())
    };
    for (source, expected) in [
        ("./bench", "19"),
        ("cargo", "20"),
        ("", "--harness: it is empty: write a program such as \"target/release/bench-sort\", or"),
        ("a 'b", "--harness: the quote ' is never closed"),
        ("cargo:", "--harness: the name of a bench target is missing behind `cargo:`"),
        ("mute", "--harness: `mute _list` lists no workload: it does not speak the wire contract"),
    ] {
        let found = told(source);
        assert!(found.starts_with(expected), "{source}: {found}");
    }
    let name = || Some("ci".to_owned());
    let variable = Flags { profile_variable: name(), ..Flags::default() };
    let flag = Flags { profile: name(), ..Flags::default() };
    let mut bench = Manifest::of_harness("./bench", &Defaults::default()).unwrap();
    supply(&mut bench).unwrap();
    assert_eq!(bench.plan(&variable).unwrap().points.len(), 19);
    let told = "--profile: profiles stand in a manifest, and there is none";
    assert_eq!(bench.plan(&flag).unwrap_err().to_string(), told);
    let mut cargo = Manifest::of_harness("cargo:x", &Defaults::default()).unwrap();
    let mute = cargo.outside().unwrap().into_iter().map(|it| (it, listed("mute")));
    let mute: Vec<_> = mute.map(|(it, found)| (it, Supplied::Listings(found))).collect();
    assert_eq!(
        cargo.supply(&mute).unwrap_err().to_string(),
        "this Cargo project: harness: `mute _list` lists no workload: it does not speak the wire \
         contract; `cargo:NAME` measures one target only"
    );
}

/// The identities of the points that are left, with their ladders.
fn left(plan: &PlanDoc) -> String {
    let told = |point: &PlannedPoint| match point.ladder {
        Some(ladder) => format!("{}@{}", point.point, plan.ladders[ladder as usize].point),
        None => point.point.to_string(),
    };
    plan.points.iter().map(told).collect::<Vec<_>>().join(" ")
}

#[test]
fn parts_of_a_plan() {
    let text = "[[workload]]\nharness = \"./bench\"\nwarmup = 3\n[[workload]]\nname = \"a\"\n\
                command = \"x {n}\"\nladder = \"4..=64\"";
    let whole = plan(text, &Flags::default()).unwrap();
    let filters = ["a{param=4}", "fib{param=[12]}", "hash"].map(str::to_owned);
    let mut selected = whole.clone();
    select(&mut selected, &filters, &[]).unwrap();
    assert_eq!(
        left(&selected),
        "fib{param=1}@fib fib{param=2}@fib hash{param=64} hash{param=1024} a{param=4}@a"
    );
    assert_eq!(selected.ladders.len(), 2);

    let mut small = whole.clone();
    smallest(&mut small, 2);
    assert_eq!(
        left(&small),
        "sort/quick{param=1}@sort/quick sort/quick{param=2}@sort/quick fib{param=1}@fib \
         fib{param=2}@fib parse{threads=1,cache=cold} parse{threads=2,cache=cold} hash{param=64} \
         hash{param=1024} a{param=4}@a a{param=8}@a"
    );
    let is_once = |it: &PlannedPoint| {
        (it.min_runs, it.max_runs, it.warmup) == (1, 1, 0)
            && it.wire.as_ref().is_none_or(|wire| wire.target_nanos == 1)
    };
    assert!(small.points.iter().all(is_once));

    let mut variants = whole;
    select_variants(&mut variants, "sort").unwrap();
    assert!(variants.points.iter().all(|it| it.point.function.as_str() == "sort/quick"));
    assert_eq!((variants.points.len(), variants.ladders.len()), (7, 1));
    for (group, told) in [
        ("srot", "there is no group `srot` of implementations; there is sort"),
        ("fib", "there is no group `fib` of implementations; there is sort"),
    ] {
        let error = select_variants(&mut variants, group).unwrap_err();
        assert_eq!(error.to_string(), told);
    }
    select(&mut selected, &["hash".to_owned()], &[]).unwrap();
    let error = select_variants(&mut selected, "sort").unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no group `sort` of implementations: no workload has `variant_of`"
    );
}

/// Of a bracket, only one gap is ever filled.
#[test]
fn the_longest_time_counts_what_can_be_climbed() {
    let of = |step: &str| {
        let text = format!(
            "[[workload]]\nname = \"a\"\ncommand = \"x {{n}}\"\nmax_time = \"1s\"\n\
             ladder = {{ low = 64, high = 1024, step = \"{step}\" }}"
        );
        let plan = plan(&text, &Flags::default()).unwrap();
        (plan.points.len(), bounded_nanos(&plan) / 1_000_000_000)
    };
    assert_eq!(of("double"), (5, 5));
    assert_eq!(of("bracket"), (5 + 4 * 16, 5 + 16));
    assert_eq!(of("linear"), (961, 961));
}
