//! Dependence: how much a series wanders, besides what differs from one sample to the next.

use crate::quantile::{quantile_sorted, sorted};
use crate::refusal::{Refusal, check_samples, finite};

/// Differences beyond so many standard deviations of neighbours count as that many: one outlier
/// stands in the differences of every lag.
const CLIP_DEVIATIONS: f64 = 6.0;

/// The fewest samples from which a slow part can be told from a fast one.
const SAMPLES_MIN: usize = 12;

/// The standard deviation of a normal distribution over its median absolute deviation.
const NORMAL_SCALE: f64 = 1.4826;

/// The variance of the slow part of a series, in its unit squared; 0 where there is none.
///
/// Half of the mean squared difference of samples `h` apart is the variance of what varies within
/// `h` steps (a variogram). That of neighbours is what is new in each sample; what comes on top of
/// it at an eighth, a quarter, a third and half of the series, the largest of them, is a level that
/// wanders. Differences are clipped, as a jump or a spike is no wandering. What is slower than the
/// series is long is not seen: the estimate is a lower bound then. For samples in the order in
/// which they were taken. Not for a test of whether there is dependence at all.
///
/// Source: Cressie, Statistics for Spatial Data (1993), section 2.4.
///
/// # Errors
/// [`Refusal::Empty`], [`Refusal::NotFinite`], or [`Refusal::TooFew`] under twelve samples.
pub fn drift_variance(series: &[f64]) -> Result<f64, Refusal> {
    check_samples(series)?;
    let have = series.len();
    if have < SAMPLES_MIN {
        return Err(Refusal::TooFew { have, need: SAMPLES_MIN });
    }
    let clip = CLIP_DEVIATIONS * step(series);
    let near = variogram(series, 1, clip);
    let lags = [have / 8, have / 4, have / 3, have / 2].into_iter().filter(|lag| *lag > 1);
    let far = lags.map(|lag| variogram(series, lag, clip)).fold(near, f64::max);
    finite(far - near)
}

/// The typical difference of neighbours: what a normal distribution's standard deviation of
/// differences is by their median.
fn step(series: &[f64]) -> f64 {
    let steps: Vec<f64> = series.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    NORMAL_SCALE * quantile_sorted(&sorted(&steps), 0.5) / std::f64::consts::SQRT_2
}

/// Half of the mean squared difference at `lag`, each at most `clip`.
fn variogram(series: &[f64], lag: usize, clip: f64) -> f64 {
    let pairs = series.iter().zip(&series[lag..]);
    let squares: f64 = pairs.map(|(a, b)| (b - a).abs().min(clip).powi(2)).sum();
    squares / (2 * (series.len() - lag)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;
    use std::num::NonZeroU64;

    /// About a standard normal number: twelve uniform ones.
    fn normal(rng: &mut Rng) -> f64 {
        let bound = NonZeroU64::new(1 << 32).unwrap();
        (0..12).map(|_| rng.below(bound) as f64 / (1_u64 << 32) as f64).sum::<f64>() - 6.0
    }

    /// White noise of variance 1 over a first-order autoregression of variance `slow`, which keeps
    /// `memory` of itself from sample to sample.
    fn series(seed: u64, slow: f64, memory: f64) -> Vec<f64> {
        let mut rng = Rng::new(seed);
        let mut level = normal(&mut rng) * slow.sqrt();
        let step = (slow * (1.0 - memory * memory)).sqrt();
        let mut next = || {
            level = memory * level + step * normal(&mut rng);
            level + normal(&mut rng)
        };
        (0..96).map(|_| next()).collect()
    }

    #[test]
    fn the_slow_part_is_found_and_noise_has_next_to_none() {
        for (slow, memory, low, high) in
            [(0.0, 0.0, 0.0, 0.25), (1.0, 0.95, 0.4, 1.1), (4.0, 0.9, 1.8, 4.2)]
        {
            let found: Vec<f64> =
                (0..200).map(|seed| drift_variance(&series(seed, slow, memory)).unwrap()).collect();
            let middle = crate::median(&found).unwrap();
            assert!((low..=high).contains(&middle), "{slow} {memory}: {middle}");
        }
    }

    #[test]
    fn spikes_are_no_drift_and_short_series_are_refused() {
        let mut spiked: Vec<f64> = (0..48).map(|n| f64::from(n % 3)).collect();
        let plain = drift_variance(&spiked).unwrap();
        spiked[20] = 1e9;
        assert!(drift_variance(&spiked).unwrap() < plain + 10.0);
        assert_eq!(drift_variance(&[5.0; 40]), Ok(0.0));
        assert_eq!(drift_variance(&[1.0; 11]), Err(Refusal::TooFew { have: 11, need: 12 }));
        assert_eq!(drift_variance(&[f64::NAN; 20]), Err(Refusal::NotFinite));
        assert_eq!(drift_variance(&[]), Err(Refusal::Empty));
    }
}
