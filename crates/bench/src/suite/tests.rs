use super::*;
use crate::style::Style;
use crate::table::Layout;
use crate::{Complexity, Expected, Params, Throughput};

const EFFORT: Effort =
    Effort { children: Some(3), measured_seconds: None, warm_up_seconds: 0.0, quick: false };

/// A batch of so many nanoseconds, with this answer.
fn batch(per_call_nanos: f64, hash: &str) -> Batch {
    let hash = (!hash.is_empty()).then(|| hash.to_owned());
    Batch { per_call_nanos, hash, ..Batch::default() }
}

/// What is printed for workloads whose batches are given as data; all that was asked for.
fn measured(
    workloads: &[Workload],
    effort: Effort,
    verbose: bool,
    mut answer: impl FnMut(&Request<'_>) -> Result<Batch, Failure>,
) -> (String, Tally, Vec<String>) {
    let all: Vec<&Workload> = workloads.iter().collect();
    let mut out = Vec::new();
    let style = Style { colors: false, unicode: true };
    let mut table = Table::new(&mut out, style, Layout::of(&all, "bench"));
    table.head("bench").unwrap();
    let mut asked = Vec::new();
    let mut measure = |request: &Request<'_>| {
        asked.push(format!("{} {:?} #{}", request.name, request.param, request.index));
        answer(request)
    };
    let tally = run(&all, effort, verbose, &mut measure, &mut table).unwrap();
    (String::from_utf8(out).unwrap(), tally, asked)
}

fn ladder(name: &str, low: u64, high: u64, step: Step, complexity: &'static str) -> Workload {
    let params = Params::Ladder { low, high, step: Some(step) };
    let mut workload = Workload::parametric(name, params, |_, _| {});
    workload.complexity = Some(Complexity::Expression(complexity));
    workload
}

fn variant(name: &str, group: &str) -> Workload {
    let mut workload = Workload::fixed(name, |_| {});
    workload.variant_of = Some(group.to_owned());
    workload
}

/// Workloads of every kind, with a share of bad ones.
fn zoo() -> Vec<Workload> {
    let mut bytes = Workload::fixed("hash/crc", |_| {});
    bytes.throughput = Some(Throughput::Bytes(|_| 4096));
    let mut threads = Workload::fixed("pool/sum", |_| {});
    threads.threads = vec![1, 4];
    let mut refused = Workload::fixed("hash/none", |_| {});
    refused.error = Some("hash/none has an empty list of parameters, at a.rs:3".to_owned());
    let mut wrong = Workload::fixed("hash/fnv", |_| {});
    wrong.expected = Expected::Always(0x11);
    vec![
        variant("sort/merge", "sort"),
        variant("sort/heap", "sort"),
        variant("sort/bogus", "sort"),
        ladder("sort/climb", 1, 8, Step::Double, "n * log2(n)"),
        bytes,
        wrong,
        refused,
        variant("hash/alone", "alone"),
        threads,
        Workload::fixed("pool/none", |_| {}),
        Workload::parametric("list", Params::List(vec![10, 3]), |_, _| {}),
        Workload::fixed("panics", |_| {}),
        Workload::fixed("flips", |_| {}),
    ]
}

fn zoo_answers(request: &Request<'_>) -> Result<Batch, Failure> {
    let wobble = [1.0, 0.98, 1.07][request.index as usize];
    let param = request.param.unwrap_or(1) as f64;
    Ok(match request.name {
        "sort/merge" => batch(41_234.0 * wobble, "0xa"),
        "sort/heap" => batch(55_100.0 * wobble, "0xa"),
        "sort/bogus" => batch(3.0, "0xb"),
        "sort/climb" => batch(30.0 * wobble * param * (param + 1.0).log2(), ""),
        "hash/crc" => Batch { throughput: Some(3.2e9 * wobble), ..batch(1200.0 * wobble, "") },
        "hash/alone" => batch(2.0, ""),
        "hash/fnv" => batch(5.0, "0x12"),
        "pool/sum" => batch(9e6 * wobble / f64::from(request.threads.unwrap()), ""),
        "list" => batch(0.4 * param, ""),
        "panics" => return Err(Failure::Exit(101, "panicked at a.rs:1:2: boom".to_owned())),
        "pool/none" => return Err(Failure::Told("pool/none: it measures nothing".to_owned())),
        "flips" => batch(1.0, ["0x1", "0x2", "0x1"][request.index as usize]),
        other => unreachable!("{other} is not measured"),
    })
}

#[test]
fn every_kind_of_benchmark_has_its_place() {
    let (text, tally, asked) = measured(&zoo(), EFFORT, false, zoo_answers);
    insta::assert_snapshot!(text);
    assert_eq!(tally.benchmarks, 13);
    let failed = ["sort/bogus", "hash/fnv", "hash/none", "pool/none", "panics", "flips"];
    assert_eq!(tally.failed, failed);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    // A point's first failure is its last batch.
    assert_eq!(asked.iter().filter(|asked| asked.starts_with("panics")).count(), 1);
}

#[test]
fn more_is_said_where_it_is_asked_for() {
    let workloads = [Workload::fixed("a", |_| {})];
    let (text, ..) = measured(&workloads, EFFORT, true, |_| {
        let caches = Some("emptied caches: cpu".to_owned());
        Ok(Batch { peak_rss_kb: Some(2048), caches, ..batch(5.0, "") })
    });
    insta::assert_snapshot!(text);
}

/// The lines of a ladder up to `high` whose batches from `cap` on are late, those at `bad` fail.
fn climbed(step: Step, cap: u64, bad: Option<u64>) -> (String, Tally) {
    let workloads = [ladder("up", 1, 16, step, "2^n")];
    let (text, tally, _) = measured(&workloads, EFFORT, false, |request| {
        let param = request.param.unwrap();
        if bad == Some(param) {
            return Err(Failure::NoRow(String::new()));
        }
        if param >= cap { Err(Failure::Late(request.limit)) } else { Ok(batch(param as f64, "")) }
    });
    (text, tally)
}

#[test]
fn a_cap_ends_a_ladder_and_fails_nothing() {
    let (text, tally) = climbed(Step::Double, 4, None);
    insta::assert_snapshot!("doubling", text);
    assert!(tally.failed.is_empty());
    let (text, tally) = climbed(Step::Bracket, 12, None);
    insta::assert_snapshot!("bracket", text);
    assert!(tally.failed.is_empty());
}

#[test]
fn a_cap_at_the_first_rung_is_a_failure() {
    let (text, tally) = climbed(Step::Double, 1, None);
    assert_eq!(tally.failed, ["up"]);
    assert!(text.contains("failed: killed after 1.000 s without a row"), "{text}");
}

#[test]
fn a_rung_without_a_row_ends_its_ladder() {
    let (text, tally) = climbed(Step::Double, 100, Some(4));
    assert_eq!(tally.failed, ["up"]);
    insta::assert_snapshot!("failed_rung", text);
}

#[test]
fn a_model_that_cannot_be_read_is_told() {
    let workloads = [ladder("up", 1, 2, Step::Double, "lg(n)")];
    let (text, tally, _) = measured(&workloads, EFFORT, false, |_| Ok(batch(1.0, "")));
    assert!(text.contains("no C: in \"lg(n)\" there is no function \"lg\""), "{text}");
    assert!(tally.failed.is_empty());
}

#[test]
fn batches_follow_from_kind_and_flags() {
    let fixed = Workload::fixed("a", |_| {});
    let mut capped = Workload::fixed("a", |_| {});
    capped.cap_nanos = Some(2_000_000_000);
    capped.target_nanos = Some(7_000_000);
    let rungs = ladder("a", 1, 8, Step::Double, "n");
    let mut short = ladder("a", 1, 8, Step::Double, "n");
    short.cap_nanos = Some(6_000_000);
    let seconds = |seconds| Effort { measured_seconds: Some(seconds), ..Effort::default() };
    let children = |count| Effort { children: Some(count), ..Effort::default() };
    let quick = Effort { quick: true, ..Effort::default() };
    let (ms, s) = (Duration::from_millis, Duration::from_secs);
    let cases: [(&Workload, Effort, (u64, u64, Duration)); 11] = [
        (&fixed, Effort::default(), (12, 20_000_000, s(60))),
        (&fixed, quick, (3, 10_000_000, s(60))),
        (&fixed, children(100), (100, 20_000_000, s(60))),
        (&fixed, seconds(1.2), (12, 100_000_000, s(60))),
        (&fixed, seconds(1200.0), (12, 100_000_000_000, s(400))),
        (&capped, Effort::default(), (12, 7_000_000, s(2))),
        (&rungs, Effort::default(), (3, 10_000_000, s(1))),
        (&rungs, quick, (3, 3_000_000, s(1))),
        (&rungs, seconds(0.12), (3, 10_000_000, s(1))),
        (&rungs, seconds(1200.0), (3, 250_000_000, s(1))),
        (&short, Effort::default(), (3, 1_500_000, ms(6))),
    ];
    for (workload, effort, (children, target_nanos, limit)) in cases {
        let param = smallest(workload);
        let point = Point { workload, param, threads: None, is_rung: param.is_some() };
        assert_eq!(batches(effort, point), Batches { children, target_nanos, limit }, "{effort:?}");
    }
}

#[test]
fn warm_up_batches_are_not_counted() {
    let workloads = [Workload::fixed("a", |_| {})];
    let effort = Effort { warm_up_seconds: 0.1, ..EFFORT };
    let mut times = [9.0, 9.0, 9.0, 9.0, 9.0, 1.0, 1.0, 1.0].into_iter();
    let (text, _, asked) =
        measured(&workloads, effort, false, |_| Ok(batch(times.next().unwrap(), "")));
    assert_eq!(asked.len(), 5 + 3);
    assert!(!text.contains("9.000"), "{text}");
}
