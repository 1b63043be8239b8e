//! Quantiles (Hyndman–Fan 7) and the exact order-statistic interval of the median.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::refusal::{Refusal, check_level, check_samples, finite};

/// An interval of the median, with its ends among the samples, in their unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MedianInterval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The coverage it guarantees, 0 to 1: never under the level asked for.
    pub level: f64,
}

/// The quantile at `fraction` (0 to 1) by Hyndman & Fan's definition 7, in the samples' unit.
///
/// Linear between the order statistics at `(n - 1) * fraction`: what NumPy, R and spreadsheets
/// compute unless told otherwise. It does not extrapolate: 0 is the minimum, 1 the maximum.
/// Source: Hyndman & Fan, The American Statistician 50 (1996).
///
/// # Errors
/// [`Refusal::Empty`], [`Refusal::NotFinite`], or [`Refusal::OutOfRange`] for a fraction outside
/// 0 to 1.
pub fn quantile(samples: &[f64], fraction: f64) -> Result<f64, Refusal> {
    check_samples(samples)?;
    if !(0.0..=1.0).contains(&fraction) {
        return Err(Refusal::OutOfRange);
    }
    finite(quantile_sorted(&sorted(samples), fraction))
}

/// The exact distribution-free interval of the median whose coverage is at least `level`.
///
/// The k-th smallest and the k-th largest sample, k as large as the binomial with p = 1/2
/// permits. It holds for every continuous distribution, is conservative under ties, and exists
/// from 6 samples at 95 %. It is for independent samples: the sub-samples of one process are one
/// cluster and count once. Source: David & Nagaraja, Order Statistics, section 7.1.
///
/// # Errors
/// [`Refusal::Empty`], [`Refusal::NotFinite`], [`Refusal::OutOfRange`] for a level outside
/// (0, 1), and [`Refusal::TooFew`] with the number that `level` needs.
pub fn median_interval(samples: &[f64], level: f64) -> Result<MedianInterval, Refusal> {
    check_samples(samples)?;
    check_level(level)?;
    let have = samples.len();
    let need = samples_needed(level);
    if have < need {
        return Err(Refusal::TooFew { have, need });
    }
    let (skipped, tail) = outer_ranks(have, (1.0 - level) / 2.0);
    let ordered = sorted(samples);
    Ok(MedianInterval {
        low: ordered[skipped],
        high: ordered[have - 1 - skipped],
        level: (1.0 - 2.0 * tail).max(level),
    })
}

/// The quantile at `fraction` of Student's t distribution with `freedom` degrees of freedom.
///
/// # Errors
/// [`Refusal::OutOfRange`] for a fraction outside (0, 1), or degrees of freedom that are not
/// positive.
pub fn student_quantile(freedom: f64, fraction: f64) -> Result<f64, Refusal> {
    check_level(fraction)?;
    let student = StudentsT::new(0.0, 1.0, freedom).map_err(|_| Refusal::OutOfRange)?;
    finite(student.inverse_cdf(fraction))
}

/// The samples in ascending order; they must be finite.
pub(crate) fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut ordered = samples.to_vec();
    ordered.sort_unstable_by(f64::total_cmp);
    ordered
}

/// [`quantile`] of samples in ascending order; there must be one, and `fraction` be in range.
pub(crate) fn quantile_sorted(ordered: &[f64], fraction: f64) -> f64 {
    let last = ordered.len() - 1;
    let place = last as f64 * fraction;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let share = place - below as f64;
    ordered[below] + (ordered[above] - ordered[below]) * share
}

/// The fewest samples whose extremes cover the median at `level`.
fn samples_needed(level: f64) -> usize {
    let mut need = 1;
    let mut tail = 0.5;
    // A level below 1 differs from it by at least 2^-53: at most 54 steps.
    while tail > (1.0 - level) / 2.0 {
        need += 1;
        tail /= 2.0;
    }
    need
}

/// How many samples may be cut off at each end so that a binomial (n, 1/2) is at or under that
/// number with probability `tail_max` at most; and that probability.
///
/// The extremes themselves must satisfy `tail_max`. Weights are built from the centre outwards by
/// `w(k-1) = w(k) * k / (n-k+1)` and normalised by their own sum, so nothing underflows and no
/// logarithm of a factorial loses digits; the relative error stays near 1e-13 at a million
/// samples, and about 14 * sqrt(n) terms are enough.
fn outer_ranks(n: usize, tail_max: f64) -> (usize, f64) {
    const NEGLIGIBLE: f64 = 1e-40;
    let centre = n / 2;
    let mut weights = vec![1.0];
    let mut weight = 1.0;
    for k in (1..=centre).rev() {
        weight *= k as f64 / (n - k + 1) as f64;
        if weight < NEGLIGIBLE {
            break;
        }
        weights.push(weight);
    }
    let half: f64 = weights.iter().rev().sum();
    let total = if n.is_multiple_of(2) { 2.0 * half - 1.0 } else { 2.0 * half };
    let outermost = centre + 1 - weights.len();
    let mut best = (0, 0.5_f64.powi(i32::try_from(n).unwrap_or(i32::MAX)));
    let mut below = 0.0;
    for (offset, weight) in weights.iter().rev().enumerate() {
        below += weight;
        if below / total > tail_max {
            break;
        }
        best = (outermost + offset, below / total);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_one_to_n() {
        for (n, level, expected) in [
            (1, 0.95, Err(Refusal::TooFew { have: 1, need: 6 })),
            (5, 0.95, Err(Refusal::TooFew { have: 5, need: 6 })),
            (5, 0.9375, Ok((1.0, 5.0, 0.9375))),
            (6, 0.95, Ok((1.0, 6.0, 0.96875))),
            (9, 0.95, Ok((2.0, 8.0, 0.9609375))),
            (10, 0.95, Ok((2.0, 9.0, 0.978515625))),
            (7, 0.99, Err(Refusal::TooFew { have: 7, need: 8 })),
            (8, 0.99, Ok((1.0, 8.0, 0.9921875))),
            (10, 0.5, Ok((4.0, 7.0, 0.65625))),
            (10, 1.0, Err(Refusal::OutOfRange)),
            (10, 0.0, Err(Refusal::OutOfRange)),
            (10, f64::NAN, Err(Refusal::OutOfRange)),
            (0, 0.95, Err(Refusal::Empty)),
        ] {
            let samples: Vec<f64> = (1..=n).rev().map(f64::from).collect();
            let found = median_interval(&samples, level).map(|it| (it.low, it.high, it.level));
            match (found, expected) {
                (Ok(found), Ok(expected)) => {
                    assert_eq!((found.0, found.1), (expected.0, expected.1), "{n} {level}");
                    assert!((found.2 - expected.2).abs() < 1e-14, "{n} {level}: {}", found.2);
                }
                (found, expected) => assert_eq!(found, expected, "{n} {level}"),
            }
        }
    }

    /// Published tables of Student's t.
    #[test]
    fn quantiles_of_student() {
        for (freedom, fraction, expected) in
            [(2.0, 0.975, 4.303), (5.0, 0.975, 2.571), (10.0, 0.95, 1.812), (3.0, 0.5, 0.0)]
        {
            let found = student_quantile(freedom, fraction).unwrap();
            assert!((found - expected).abs() < 5e-4, "{freedom} {fraction}: {found}");
        }
        assert_eq!(student_quantile(0.0, 0.9), Err(Refusal::OutOfRange));
        assert_eq!(student_quantile(5.0, 1.0), Err(Refusal::OutOfRange));
    }

    #[test]
    fn refusals_of_quantiles() {
        for (samples, fraction, expected) in [
            (&[][..], 0.5, Err(Refusal::Empty)),
            (&[1.0, f64::NAN], 0.5, Err(Refusal::NotFinite)),
            (&[1.0, f64::INFINITY], 0.5, Err(Refusal::NotFinite)),
            (&[1.0], -0.1, Err(Refusal::OutOfRange)),
            (&[1.0], f64::NAN, Err(Refusal::OutOfRange)),
            (&[7.0], 0.9, Ok(7.0)),
            (&[3.0, 1.0, 2.0], 0.25, Ok(1.5)),
        ] {
            assert_eq!(quantile(samples, fraction), expected, "{samples:?} {fraction}");
        }
    }
}
