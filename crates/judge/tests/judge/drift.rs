//! A machine whose speed wanders: what it adds to the intervals of points that time themselves.

use std::num::NonZeroU64;

use tacho_schema::{Metric, PlanDoc, Row, Status, WireBatch};
use tacho_stats::Rng;

use crate::build::{collect, header, plan, planned, point};

const POINTS: usize = 6;
const ROUNDS: usize = 12;
/// A call's true time, in nanoseconds.
const TRUE_NANOS: f64 = 1e6;

/// About a standard normal number: twelve uniform ones.
fn normal(rng: &mut Rng) -> f64 {
    let bound = NonZeroU64::new(1 << 32).unwrap();
    (0..12).map(|_| rng.below(bound) as f64 / (1_u64 << 32) as f64).sum::<f64>() - 6.0
}

fn names() -> impl Iterator<Item = String> {
    (0..POINTS).map(|index| format!("p{index}"))
}

/// A plan of harness points, or of commands.
fn planned_as(is_harness: bool) -> PlanDoc {
    let wire = WireBatch {
        bench: "p".into(),
        launcher_words: 0,
        target_nanos: 20_000_000,
        expected_hash: None,
        throughput: None,
        preview: false,
    };
    let points = names().map(|name| {
        let mut planned = planned(point(&name));
        planned.wire = is_harness.then(|| wire.clone());
        planned
    });
    plan(points.collect())
}

/// Rounds of batches with `noise` of their own each, on a machine whose speed wanders by `drift`
/// and keeps nine tenths of it from batch to batch of a tenth of a round.
fn rows(seed: u64, noise: f64, drift: f64) -> Vec<Row> {
    let memory: f64 = 0.98;
    let mut rng = Rng::new(seed);
    let mut level = normal(&mut rng);
    let mut rows = Vec::new();
    for round in 0..ROUNDS {
        for (index, name) in names().enumerate() {
            level = memory * level + (1.0 - memory * memory).sqrt() * normal(&mut rng);
            let log = drift * level + noise * normal(&mut rng);
            let nanos = TRUE_NANOS * log.exp();
            let mut row = Row::fixed(point(&name).function, round as u64, nanos as u64, Status::Ok);
            row.inner_repeats = Some(1);
            row.per_call_nanos = Some(nanos);
            row.started_unix_ns = Some((round * POINTS + index) as u64 * 30_000_000);
            rows.push(row);
        }
    }
    rows
}

/// How many of a hundred captures' intervals hold the true time, in per cent, and the mean half
/// width as a share.
fn coverage(noise: f64, drift: f64, is_harness: bool) -> (f64, f64) {
    let plan = planned_as(is_harness);
    let (mut held, mut all, mut width) = (0.0, 0.0, 0.0);
    for seed in 0..100 {
        for summary in
            collect(&rows(seed, noise, drift)).summaries(Some(&plan), &header(true, None))
        {
            let interval = summary.spread(Metric::Wall).unwrap().interval.clone().unwrap();
            held += f64::from(u8::from((interval.low..=interval.high).contains(&TRUE_NANOS)));
            width += interval.half_width() / TRUE_NANOS;
            all += 1.0;
        }
    }
    (100.0 * held / all, width / all)
}

#[test]
fn intervals_hold_what_they_say_where_the_machine_wanders() {
    for (noise, drift, is_harness, expected, width_max) in [
        (0.007, 0.0, true, 95.0..=100.0, 0.012),
        (0.007, 0.010, true, 90.0..=99.5, 0.035),
        (0.020, 0.010, true, 93.0..=100.0, 0.060),
        // Of commands nothing is known of how the machine wandered.
        (0.007, 0.010, false, 20.0..=80.0, 0.012),
    ] {
        let (held, width) = coverage(noise, drift, is_harness);
        assert!(expected.contains(&held), "{noise} {drift} {is_harness}: {held} %");
        assert!(width <= width_max, "{noise} {drift} {is_harness}: ± {width}");
    }
}

#[test]
fn the_share_is_told_and_few_batches_tell_none() {
    let plan = planned_as(true);
    let found = collect(&rows(7, 0.007, 0.02)).drift(&plan).unwrap();
    assert!((0.004..=0.04).contains(&found.share), "{found:?}");
    assert_eq!(found.batches, (POINTS / 2 * ROUNDS) as u64);
    assert_eq!(collect(&rows(7, 0.007, 0.02)).drift(&planned_as(false)), None);
    assert_eq!(collect(&rows(7, 0.0, 0.0)[..POINTS * 5]).drift(&plan), None);
}

/// Only what times itself is widened, however the others were measured.
#[test]
fn commands_beside_a_harness_keep_their_own_intervals() {
    let mut plan = planned_as(true);
    plan.points[0].wire = None;
    let found = collect(&rows(7, 0.007, 0.02)).summaries(Some(&plan), &header(true, None));
    let method = |place: usize| {
        let found: &tacho_schema::PointSummary = &found[place];
        found.spread(Metric::Wall).unwrap().interval.clone().unwrap().method
    };
    assert_eq!(method(0), "order statistics");
    assert_eq!(method(1), "order statistics and drift");
}
