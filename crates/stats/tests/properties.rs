//! What must hold for any samples.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;
use tacho_stats::{
    Fences, Refusal, Rng, mad, max, mean, median, median_interval, min, quantile, ratio_interval,
    shift_estimate, shift_interval, stddev,
};

/// Times as they occur, in quarter units, so that ties occur and sums are exact.
fn times(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    vec((1_u32..4_000).prop_map(|quarters| f64::from(quarters) / 4.0), count)
}

/// Any bits at all: NaN, infinities, subnormals, the largest numbers.
fn anything(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    vec(any::<u64>().prop_map(f64::from_bits), count)
}

/// Statistics that shift with their samples, and scale with them.
fn located(samples: &[f64]) -> Vec<f64> {
    let interval = median_interval(samples, 0.95).unwrap();
    let fences = Fences::of(samples).unwrap();
    vec![
        median(samples).unwrap(),
        min(samples).unwrap(),
        max(samples).unwrap(),
        quantile(samples, 0.25).unwrap(),
        interval.low,
        interval.high,
        fences.severe_high,
        fences.mild_low,
    ]
}

/// The k-th smallest of all differences, by writing them out.
fn differences(reference: &[f64], newer: &[f64]) -> Vec<f64> {
    let mut all: Vec<f64> =
        newer.iter().flat_map(|b| reference.iter().map(move |a| b - a)).collect();
    all.sort_by(f64::total_cmp);
    all
}

proptest! {
    #[test]
    fn order_does_not_matter(samples in times(6..40), seed in any::<u64>()) {
        let mut shuffled = samples.clone();
        Rng::new(seed).shuffle(&mut shuffled);
        prop_assert_eq!(located(&samples), located(&shuffled));
        prop_assert_eq!(mad(&samples), mad(&shuffled));
        let (one, other) = (mean(&samples).unwrap(), mean(&shuffled).unwrap());
        prop_assert!((one - other).abs() <= 1e-12 * one);
        let other = &samples[..samples.len() - 1];
        prop_assert_eq!(
            shift_interval(&samples, other, 0.95),
            shift_interval(&shuffled, other, 0.95)
        );
    }

    #[test]
    fn moves_and_scales_with_the_samples(
        samples in times(6..40), by in -8_i32..64, power in -3..4,
    ) {
        let (offset, factor) = (f64::from(by), 2.0_f64.powi(power));
        let moved: Vec<f64> = samples.iter().map(|value| value * factor + offset).collect();
        let expected: Vec<f64> =
            located(&samples).into_iter().map(|value| value * factor + offset).collect();
        prop_assert_eq!(located(&moved), expected);
        prop_assert_eq!(mad(&moved).unwrap(), mad(&samples).unwrap() * factor);
        let (was, is) = (stddev(&samples).unwrap() * factor, stddev(&moved).unwrap());
        prop_assert!((is - was).abs() <= 1e-9 * was.max(1.0));
        let shift = shift_estimate(&samples, &moved).unwrap();
        let further: Vec<f64> = moved.iter().map(|value| value + 16.0).collect();
        prop_assert_eq!(shift_estimate(&samples, &further).unwrap(), shift + 16.0);
    }

    #[test]
    fn the_interval_holds_the_median(samples in times(1..300), level in 0.01_f64..0.9999) {
        let middle = median(&samples).unwrap();
        match median_interval(&samples, level) {
            Ok(it) => {
                prop_assert!(it.low <= middle && middle <= it.high);
                prop_assert!(it.level >= level && it.level < 1.0);
            }
            Err(Refusal::TooFew { have, need }) => prop_assert!(have < need),
            Err(refusal) => prop_assert!(false, "{}", refusal),
        }
    }

    #[test]
    fn the_shift_is_a_median_of_differences(
        reference in times(4..20), newer in times(4..20), level in 0.1_f64..0.97,
    ) {
        let all = differences(&reference, &newer);
        prop_assert_eq!(shift_estimate(&reference, &newer), median(&all));
        let found = shift_interval(&reference, &newer, level).unwrap();
        let rank = all.iter().position(|value| *value == found.low).unwrap();
        let last = all.iter().rposition(|value| *value == found.low).unwrap();
        // The interval's ends are the same number of places from the ends of the differences.
        prop_assert!((rank..=last).any(|place| all[all.len() - 1 - place] == found.high));
        prop_assert!(found.level >= level);
        let back = shift_interval(&newer, &reference, level).unwrap();
        prop_assert_eq!((back.low, back.high), (0.0 - found.high, 0.0 - found.low));
    }

    #[test]
    fn nothing_panics(one in anything(0..12), other in anything(0..12), level in any::<f64>()) {
        let finite = one.iter().all(|value| value.is_finite()) && !one.is_empty();
        prop_assert_eq!(median(&one).is_ok(), finite);
        prop_assert_eq!(Fences::of(&one).is_ok(), finite);
        for answer in [mean(&one), stddev(&one), mad(&one), quantile(&one, level)] {
            prop_assert!(answer.map_or(true, |value| finite && value.is_finite()));
        }
        let interval = median_interval(&one, level).map(|it| it.level);
        for answer in [interval, ratio_interval(&one, &other, level).map(|it| it.level)] {
            prop_assert!(answer.is_err() || level < 1.0);
        }
    }
}

/// The coverage that the interval states is what it has, on samples of a known median.
#[test]
fn stated_coverage_holds() {
    let bound = std::num::NonZeroU64::new(1 << 40).unwrap();
    let trials = 4_000;
    for (seed, n) in [(1, 6), (2, 10), (3, 25)] {
        let mut rng = Rng::new(seed);
        let mut draw = |_| rng.below(bound) as f64;
        let mut covered = 0;
        let mut level = 0.0;
        for _ in 0..trials {
            let samples: Vec<f64> = (0..n).map(&mut draw).collect();
            let it = median_interval(&samples, 0.95).unwrap();
            level = it.level;
            covered += i32::from((it.low..=it.high).contains(&(bound.get() as f64 / 2.0)));
        }
        let share = f64::from(covered) / f64::from(trials);
        let deviation = (level * (1.0 - level) / f64::from(trials)).sqrt();
        assert!((share - level).abs() < 4.0 * deviation, "n {n}: {share} is not {level}");
    }
}
