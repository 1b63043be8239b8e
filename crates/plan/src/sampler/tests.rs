use super::*;
use tacho_schema::{PlannedPoint, Ratio};

const MILLI: u64 = 1_000_000;

/// The point of `tacho run -N true`, with other bounds.
fn point(runs: (u32, u32), time_millis: (u64, u64)) -> PlannedPoint {
    let ad_hoc = crate::AdHoc {
        commands: vec![crate::AdHocCommand::Words(vec!["true".into()])],
        ..crate::AdHoc::default()
    };
    let mut point = ad_hoc.plan(&crate::Flags::default()).unwrap().points.remove(0);
    (point.min_runs, point.max_runs) = runs;
    (point.min_time_nanos, point.max_time_nanos) = (time_millis.0 * MILLI, time_millis.1 * MILLI);
    point.precision = Ratio(0.02);
    point.max_time_runs_min = 0;
    point
}

/// Runs until it is decided; run `n` (from 0) takes `wall(n)` ms.
fn sample(point: &PlannedPoint, wall: impl Fn(u64) -> u64) -> (u64, Decision) {
    let mut sampler = Sampler::new(point);
    for n in 0..100_000 {
        if sampler.decide() != Decision::More {
            assert_eq!(sampler.runs_wanted_until_next_look(), 0);
            assert_eq!(sampler.remaining_nanos(), Some(0));
            return (n, sampler.decide());
        }
        assert!(sampler.runs_wanted_until_next_look() > 0);
        sampler.record(wall(n) * MILLI, wall(n) * MILLI + MILLI);
    }
    panic!("the sampler never decides")
}

#[test]
fn decisions() {
    use Decision::{Enough, GiveUp as Ends};
    let steady = |_| 100;
    let noisy = |n| if n % 2 == 0 { 100 } else { 200 };
    // Narrow from the sixth run on, but only seven of ten lie close by.
    let late = |n| if n < 7 { 100 + 30 * n } else { 200 };
    for (name, runs, time, wall, expected) in [
        ("steady", (10, 1000), (0, 99_000), &steady as &dyn Fn(u64) -> _, (10, Enough)),
        ("from six", (1, 1000), (0, 99_000), &steady, (6, Enough)),
        ("least time", (1, 1000), (3_000, 99_000), &steady, (30, Enough)),
        ("least time over looks", (1, 1000), (1_650, 99_000), &steady, (17, Enough)),
        ("late", (1, 1000), (0, 99_000), &late, (22, Enough)),
        ("exact", (3, 3), (3_000, 99_000), &noisy, (3, Enough)),
        ("exact beyond the time", (20, 20), (0, 500), &noisy, (20, Enough)),
        ("most runs", (10, 40), (0, 99_000), &noisy, (40, Ends(GiveUp::MaxRuns))),
        ("most runs before the least time", (1, 8), (9_000, 9_000), &steady, (8, Enough)),
        ("most time", (10, 1000), (0, 2_000), &noisy, (14, Ends(GiveUp::MaxTime))),
        (
            "most time before the least runs",
            (10, 99),
            (0, 707),
            &steady,
            (7, Ends(GiveUp::MaxTime)),
        ),
        ("zero times", (10, 20), (0, 99_000), &|_| 0, (20, Ends(GiveUp::MaxRuns))),
        ("nothing to do", (0, 0), (0, 0), &steady, (0, Enough)),
    ] {
        assert_eq!(sample(&point(runs, time), wall), expected, "{name}");
    }
}

#[test]
fn the_built_in_time_waits_for_an_interval() {
    let mut slow = point((10, 1000), (0, 707));
    slow.max_time_runs_min = 6;
    let noisy = |n| if n % 2 == 0 { 300 } else { 900 };
    assert_eq!(sample(&slow, noisy), (6, Decision::GiveUp(GiveUp::MaxTime)));
}

#[test]
fn looks_are_far_apart() {
    let mut looks = vec![FIRST_LOOK];
    while looks.len() < 7 {
        looks.extend(looks.last().map(|runs| look_after(*runs)));
    }
    assert_eq!(looks, [6, 10, 15, 22, 33, 49, 73]);
}

#[test]
fn queueing_and_time_left() {
    let mut sampler = Sampler::new(&point((10, 1_000_000), (1_000, 2_000)));
    assert_eq!((sampler.runs_wanted_until_next_look(), sampler.remaining_nanos()), (1, None));
    let mut seen = Vec::new();
    while sampler.decide() == Decision::More && seen.len() < 12 {
        let wanted = sampler.runs_wanted_until_next_look();
        for n in 0..wanted {
            sampler.record((10 + n % 2) * MILLI, (10 + n % 2) * MILLI);
        }
        seen.push((wanted, sampler.remaining_nanos().map(|nanos| nanos / MILLI)));
    }
    // Doubling up to the least time; at the look the interval (5 %) is wider than 2 %.
    let left = |(wanted, left): (u64, u64)| (wanted, Some(left));
    let doubled = [(1, 990), (1, 980), (2, 963), (4, 923), (8, 835), (16, 670), (32, 335)];
    let looked = [(32, 993), (48, 489), (46, 6), (1, 0)];
    assert_eq!(seen, doubled.into_iter().chain(looked).map(left).collect::<Vec<_>>());
    let mut exact = Sampler::new(&point((50, 50), (0, 1)));
    exact.record(10 * MILLI, 12 * MILLI);
    assert_eq!(exact.runs_wanted_until_next_look(), 49);
    assert_eq!(exact.remaining_nanos(), Some(49 * 12 * MILLI));
}

#[test]
fn what_was_decided_stays() {
    let mut sampler = Sampler::new(&point((6, 100), (0, 99_000)));
    for _ in 0..6 {
        sampler.record(100 * MILLI, 100 * MILLI);
    }
    assert_eq!(sampler.decide(), Decision::Enough);
    for n in 0..20 {
        sampler.record(n * 100 * MILLI, n * 100 * MILLI);
    }
    assert_eq!(sampler.decide(), Decision::Enough);
}
