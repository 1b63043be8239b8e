//! The parent's side: the loop that measures, with children that print what the transcripts say.

use std::collections::BTreeMap;
use std::path::Path;

use tacho_measure::commands;
use tacho_measure::pool::Pool;
use tacho_measure::program::Surroundings;
use tacho_measure::run::{Emission, Setting, run};
use tacho_measure::signals::Signals;
use tacho_plan::{AdHoc, AdHocCommand, Flags};
use tacho_schema::{CacheMode, Ladder, LadderStep, Name, PlanDoc, Row, WireBatch};

use crate::form::{Labels, at};
use crate::transcript::{Ending, Exchange};
use crate::transcripts;

/// Where a child writes what it was asked, and prints from.
const ASKED: &str = "asked";
const PRINTED: &str = "printed";

/// Has a child measured that prints what the transcript says, and compares what is asked of it and
/// what is read of it.
fn differences(pool: &mut Pool, signals: &Signals, exchange: &Exchange) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(PRINTED), lines(&exchange.printed)).unwrap();
    let mut plan = plan(&script(exchange.end));
    set(&mut plan, exchange);
    let rows = measure(&plan, folder.path(), pool, signals);
    let place = &exchange.place;
    let [row] = &rows[..] else { return vec![format!("{place}: {} rows", rows.len())] };
    let mut found = Vec::new();
    let asked = std::fs::read_to_string(folder.path().join(ASKED)).unwrap_or_default();
    let expected = asked_words(exchange);
    if asked.trim_end() != expected {
        found.push(format!("{place}: asked was\n  {asked}  expected is\n  {expected}"));
    }
    let object = serde_json::to_value(row).unwrap();
    for expected in &exchange.expected {
        let value = at(&object, &expected.key);
        if !expected.form.fits(value, &mut Labels::new()) {
            let (key, form) = (&expected.key, &expected.form);
            let why = object["error"].as_str().unwrap_or("it has no error");
            found.push(format!("{place}: {key} is {value}, expected is {form:?}: {why}"));
        }
    }
    found
}

fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// What the child is given, with the variables that the contract names.
fn asked_words(exchange: &Exchange) -> String {
    let preview = exchange.variables.iter().find(|(name, _)| name == "TACHO_PREVIEW");
    let preview = preview.map_or("", |(_, value)| value.as_str());
    format!("TACHO_PREVIEW={preview} {}", exchange.words.join(" "))
}

/// A child: a line for a shell.
fn script(end: Ending) -> String {
    let end = match end {
        Ending::Well => "exit 0".to_owned(),
        Ending::Exit(code) => format!("exit {code}"),
        Ending::Signal(signal) => format!("kill -{signal} $$"),
        Ending::Stays => "exec sleep 600".to_owned(),
        Ending::Refused | Ending::MayRefuse => panic!("a child's transcript"),
    };
    format!("echo TACHO_PREVIEW=$TACHO_PREVIEW \"$@\" > {ASKED}; cat {PRINTED}; {end}")
}

/// A plan of one run of `script`, whose words are those behind it.
fn plan(script: &str) -> PlanDoc {
    let words = ["sh", "-c", script, "sh"].map(str::to_owned).to_vec();
    let ad_hoc = AdHoc { commands: vec![AdHocCommand::Words(words)], ..AdHoc::default() };
    let flags =
        Flags { runs: Some(1), warmup: Some(0), timeout: Some("60s".into()), ..Flags::default() };
    ad_hoc.plan(&flags).unwrap()
}

/// Makes the plan's one point the one that asks as the transcript says.
fn set(plan: &mut PlanDoc, exchange: &Exchange) {
    let pairs = exchange.words.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str()));
    let asked: BTreeMap<&str, &str> = pairs.collect();
    let number = |name: &str| asked.get(name).map(|word| word.parse::<u64>().unwrap());
    let known = |name: &str| {
        let setting = exchange.settings.iter().find(|(key, _)| key == name);
        setting.map(|(_, value)| value.clone())
    };
    let planned = &mut plan.points[0];
    planned.point.function = Name::new(asked["--bench"]).unwrap();
    planned.point.param = number("--param");
    planned.point.threads = number("--threads").map(|threads| threads.try_into().unwrap());
    planned.point.cache_mode = asked.get("--cache-mode").map(|word| match *word {
        "cold" => CacheMode::Cold,
        _ => CacheMode::Warm,
    });
    planned.wire = Some(WireBatch {
        bench: asked["--bench"].to_owned(),
        launcher_words: 0,
        target_nanos: number("--target-nanos").or(number("--min-total-nanos")).unwrap(),
        expected_hash: known("expected_hash"),
        throughput: None,
        preview: exchange.variables.iter().any(|(name, _)| name == "TACHO_PREVIEW"),
    });
    let cap = known("cap_nanos").map(|nanos| nanos.parse().unwrap());
    let timeout = known("timeout_nanos").map(|nanos| nanos.parse().unwrap());
    planned.timeout_nanos = cap.or(timeout).unwrap_or(planned.timeout_nanos);
    if let Some(cap_nanos) = cap {
        planned.ladder = Some(0);
        plan.ladders = vec![Ladder {
            point: planned.point.clone(),
            step: LadderStep::Double,
            complexity: None,
            model: BTreeMap::new(),
            cap_nanos,
        }];
    }
}

/// The rows of a run.
fn measure(plan: &PlanDoc, base: &Path, pool: &mut Pool, signals: &Signals) -> Vec<Row> {
    let surroundings = Surroundings::inherited();
    let programs = commands::find(plan, base, &surroundings, pool.first()).unwrap().unwrap();
    let setting = Setting { plan, base, surroundings: &surroundings, shared_machine: false };
    let mut rows = Vec::new();
    let mut emit = |emission| {
        if let Emission::Row(_, row) = emission {
            rows.push(*row);
        }
        true
    };
    let finish = run(setting, programs, pool, signals, &mut emit, &mut |_| {});
    assert!(finish.failure.is_none(), "{finish:?}");
    rows
}

#[test]
fn children_are_asked_and_read_as_the_transcripts_say() {
    let signals = Signals::listen().unwrap();
    let (mut pool, _) = Pool::start(1, &signals).unwrap();
    let all = transcripts("parent");
    let found: Vec<String> =
        all.iter().flatten().flat_map(|each| differences(&mut pool, &signals, each)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
