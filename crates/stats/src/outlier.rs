//! Tukey's fences: labels for samples far from the others. Nothing is ever deleted.

use crate::quantile::{quantile_sorted, sorted};
use crate::refusal::{Refusal, check_samples};

/// Where a sample lies between the fences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlier {
    /// Within 1.5 quartile distances of the quartiles.
    No,
    /// Beyond 1.5, within 3.
    Mild,
    /// Beyond 3.
    Severe,
}

/// How many samples are outliers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutlierCounts {
    /// Beyond 1.5 quartile distances, within 3.
    pub mild: usize,
    /// Beyond 3.
    pub severe: usize,
}

/// Tukey's four fences around a set of samples, in their unit.
///
/// A sample on a fence is inside. When a quarter to three quarters of the samples are equal the
/// fences fall together, and every other value is beyond them: the fences say "unlike the rest",
/// not "far enough to matter". Under four samples nothing can be outside.
/// Source: Tukey, Exploratory Data Analysis (1977), chapter 2, with Hyndman–Fan 7 quartiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fences {
    /// Samples below are severe.
    pub severe_low: f64,
    /// Samples below are mild at least.
    pub mild_low: f64,
    /// Samples above are mild at least.
    pub mild_high: f64,
    /// Samples above are severe.
    pub severe_high: f64,
}

impl Fences {
    /// The fences of `samples`.
    ///
    /// # Errors
    /// [`Refusal::Empty`] or [`Refusal::NotFinite`].
    pub fn of(samples: &[f64]) -> Result<Self, Refusal> {
        check_samples(samples)?;
        let ordered = sorted(samples);
        let lower = quantile_sorted(&ordered, 0.25);
        let upper = quantile_sorted(&ordered, 0.75);
        let distance = upper - lower;
        Ok(Self {
            severe_low: lower - 3.0 * distance,
            mild_low: lower - 1.5 * distance,
            mild_high: upper + 1.5 * distance,
            severe_high: upper + 3.0 * distance,
        })
    }

    /// The label of one value, which need not be among the samples.
    #[must_use]
    pub fn label(&self, value: f64) -> Outlier {
        if value < self.severe_low || value > self.severe_high {
            Outlier::Severe
        } else if value < self.mild_low || value > self.mild_high {
            Outlier::Mild
        } else {
            Outlier::No
        }
    }

    /// How many of `samples` have which label.
    #[must_use]
    pub fn count(&self, samples: &[f64]) -> OutlierCounts {
        samples.iter().fold(OutlierCounts::default(), |mut counts, value| {
            match self.label(*value) {
                Outlier::No => {}
                Outlier::Mild => counts.mild += 1,
                Outlier::Severe => counts.severe += 1,
            }
            counts
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for (samples, mild, severe) in [
            (&[5.0][..], 0, 0),
            (&[0.0, 0.0, 1e9], 0, 0),
            (&[0.0, 0.0, 0.0, 1.0], 1, 0),
            (&[1.0, 2.0, 3.0, 4.0, 7.0], 0, 0),
            (&[1.0, 2.0, 3.0, 4.0, 7.1], 1, 0),
            (&[-7.0, 1.0, 2.0, 3.0, 4.0, 5.0, 10.5, 100.0], 1, 1),
        ] {
            let counts = Fences::of(samples).unwrap().count(samples);
            assert_eq!(counts, OutlierCounts { mild, severe }, "{samples:?}");
        }
        assert_eq!(Fences::of(&[]), Err(Refusal::Empty));
        assert_eq!(Fences::of(&[0.0, f64::NAN]), Err(Refusal::NotFinite));
    }
}
