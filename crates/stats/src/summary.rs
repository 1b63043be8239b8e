//! Centre and spread of one set of samples.

use crate::refusal::{Refusal, check_samples, finite};

/// Arithmetic mean, in the samples' unit.
///
/// # Errors
/// [`Refusal::Empty`] or [`Refusal::NotFinite`].
pub fn mean(samples: &[f64]) -> Result<f64, Refusal> {
    check_samples(samples)?;
    finite(moments(samples).0)
}

/// Sample standard deviation (divided by n − 1), in the samples' unit.
///
/// Computed by Welford's recurrence, so that large times with a small spread keep their digits.
/// Source: Welford, Technometrics 4 (1962).
///
/// # Errors
/// [`Refusal::Empty`], [`Refusal::NotFinite`], or [`Refusal::TooFew`] under two samples.
pub fn stddev(samples: &[f64]) -> Result<f64, Refusal> {
    check_samples(samples)?;
    if samples.len() < 2 {
        return Err(Refusal::TooFew { have: samples.len(), need: 2 });
    }
    finite((moments(samples).1 / (samples.len() - 1) as f64).sqrt())
}

/// The median, in the samples' unit: the middle one, or the mean of the two middle ones.
///
/// # Errors
/// [`Refusal::Empty`] or [`Refusal::NotFinite`].
pub fn median(samples: &[f64]) -> Result<f64, Refusal> {
    check_samples(samples)?;
    Ok(middle(&mut samples.to_vec()))
}

/// The median absolute deviation from the median, in the samples' unit, unscaled.
///
/// Multiply by 1.4826 for an estimate of a normal distribution's standard deviation. Zero when
/// more than half of the samples are equal.
///
/// # Errors
/// [`Refusal::Empty`] or [`Refusal::NotFinite`].
pub fn mad(samples: &[f64]) -> Result<f64, Refusal> {
    let centre = median(samples)?;
    let mut deviations: Vec<f64> = samples.iter().map(|value| (value - centre).abs()).collect();
    finite(middle(&mut deviations))
}

/// The smallest sample.
///
/// # Errors
/// [`Refusal::Empty`] or [`Refusal::NotFinite`].
pub fn min(samples: &[f64]) -> Result<f64, Refusal> {
    check_samples(samples)?;
    Ok(samples.iter().copied().fold(f64::INFINITY, f64::min))
}

/// The largest sample.
///
/// # Errors
/// [`Refusal::Empty`] or [`Refusal::NotFinite`].
pub fn max(samples: &[f64]) -> Result<f64, Refusal> {
    check_samples(samples)?;
    Ok(samples.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// Mean and sum of squared deviations from it.
fn moments(samples: &[f64]) -> (f64, f64) {
    let mut mean = 0.0;
    let mut squares = 0.0;
    for (index, value) in samples.iter().enumerate() {
        let step = value - mean;
        mean += step / (index + 1) as f64;
        squares += step * (value - mean);
    }
    (mean, squares)
}

/// The median of a non-empty slice, which is reordered.
fn middle(values: &mut [f64]) -> f64 {
    let half = values.len() / 2;
    let is_even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    let upper = *upper;
    if !is_even {
        return upper;
    }
    below.iter().copied().fold(f64::NEG_INFINITY, f64::max).midpoint(upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Statistic = fn(&[f64]) -> Result<f64, Refusal>;

    #[test]
    fn answers_and_refusals() {
        const ALL: [Statistic; 6] = [mean, stddev, median, mad, min, max];
        for (samples, expected) in [
            (
                &[4.0][..],
                [
                    Ok(4.0),
                    Err(Refusal::TooFew { have: 1, need: 2 }),
                    Ok(4.0),
                    Ok(0.0),
                    Ok(4.0),
                    Ok(4.0),
                ],
            ),
            (&[3.0, 1.0], [Ok(2.0), Ok(2.0_f64.sqrt()), Ok(2.0), Ok(1.0), Ok(1.0), Ok(3.0)]),
            (
                &[9.0, 1.0, 2.0, 2.0],
                [Ok(3.5), Ok((41.0_f64 / 3.0).sqrt()), Ok(2.0), Ok(0.5), Ok(1.0), Ok(9.0)],
            ),
            (
                &[1e15, 1e15 + 2.0],
                [
                    Ok(1e15 + 1.0),
                    Ok(2.0_f64.sqrt()),
                    Ok(1e15 + 1.0),
                    Ok(1.0),
                    Ok(1e15),
                    Ok(1e15 + 2.0),
                ],
            ),
            (&[], [Err(Refusal::Empty); 6]),
            (&[1.0, f64::NAN], [Err(Refusal::NotFinite); 6]),
            (&[f64::NEG_INFINITY], [Err(Refusal::NotFinite); 6]),
        ] {
            let found = ALL.map(|statistic| statistic(samples));
            assert_eq!(found, expected, "{samples:?}");
        }
    }
}
