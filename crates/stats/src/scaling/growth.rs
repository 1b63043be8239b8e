//! Which model fits best: each with one coefficient, on logarithms.

use std::num::NonZeroU64;

use super::{Rung, SLOPE_RUNGS_MIN, distinct, groups};
use crate::bootstrap::DRAWS;
use crate::refusal::Refusal;
use crate::rng::Rng;

/// A way to grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// `1`
    Constant,
    /// `log(n)`
    Logarithm,
    /// `n`
    Linear,
    /// `n * log(n)`
    LinearLogarithm,
    /// `n^2`
    Square,
    /// `n^3`
    Cube,
    /// `2^n`
    Exponential,
}

impl Growth {
    /// All of them, the slowest first.
    pub const ALL: [Self; 7] = [
        Self::Constant,
        Self::Logarithm,
        Self::Linear,
        Self::LinearLogarithm,
        Self::Square,
        Self::Cube,
        Self::Exponential,
    ];

    /// As an expression that [`Model`](crate::Model) reads.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Constant => "1",
            Self::Logarithm => "log(n)",
            Self::Linear => "n",
            Self::LinearLogarithm => "n * log(n)",
            Self::Square => "n^2",
            Self::Cube => "n^3",
            Self::Exponential => "2^n",
        }
    }

    /// The logarithm of its value; `None` where that is no positive float.
    pub(super) fn ln_at(self, n: f64) -> Option<f64> {
        let logarithm = n.ln();
        let value = match self {
            Self::Constant => 0.0,
            Self::Logarithm => logarithm.ln(),
            Self::Linear => logarithm,
            Self::LinearLogarithm => logarithm + logarithm.ln(),
            Self::Square => 2.0 * logarithm,
            Self::Cube => 3.0 * logarithm,
            Self::Exponential => n * std::f64::consts::LN_2,
        };
        let is_float = value.is_finite() && value < f64::MAX.ln();
        is_float.then_some(value)
    }
}

/// How well a model fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrowthFit {
    /// The model.
    pub growth: Growth,
    /// The value for each unit of the model.
    pub coefficient: f64,
    /// Root of the mean squared residual of the logarithm: 0.1 is off by some 10 %.
    pub residual: f64,
    /// The share of draws in which it fits best, 0 to 1.
    pub share: f64,
}

/// The models by how well they fit, the best first.
///
/// The coefficient is the mean of the log residuals: the centres are medians, so a stray process
/// is already out, and the mean is what makes the squared residuals, which rank, the smallest. A
/// model that is no positive float at one of the parameters is left out, as `log(n)` at 1.
///
/// The shares are of 2000 draws of rungs with replacement: which model fits hangs less on the noise
/// of a rung than on which rungs there are, because caches and constant costs bend every ladder.
/// Draws with fewer than three different rungs, which each model fits about as well, are repeated.
///
/// # Errors
/// [`Refusal::TooFew`] under three different parameters, [`Refusal::NotPositive`] where a parameter
/// or a centre is zero or less, and those of any samples.
pub fn growth_fits(rungs: &[Rung<'_>], rng: &mut Rng) -> Result<Vec<GrowthFit>, Refusal> {
    let tables = residuals(rungs)?;
    let bound = NonZeroU64::new(rungs.len() as u64).unwrap_or(NonZeroU64::MIN);
    let mut wins = vec![0_u32; tables.len()];
    let mut times = vec![0_u32; rungs.len()];
    for _ in 0..DRAWS {
        draw(&mut times, bound, rng);
        let errors = tables.iter().map(|(_, table)| weighted_error(table, &times));
        if let Some((best, _)) = errors.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)) {
            wins[best] += 1;
        }
    }
    let all = vec![1; rungs.len()];
    let fit = |((growth, table), wins): (&(Growth, Vec<f64>), &u32)| GrowthFit {
        growth: *growth,
        coefficient: (table.iter().sum::<f64>() / table.len() as f64).exp(),
        residual: (weighted_error(table, &all) / table.len() as f64).sqrt(),
        share: f64::from(*wins) / DRAWS as f64,
    };
    let mut fits: Vec<GrowthFit> = tables.iter().zip(&wins).map(fit).collect();
    fits.sort_by(|a, b| a.residual.total_cmp(&b.residual));
    Ok(fits)
}

/// How often a draw is repeated before it is taken as it is.
const REPEATED_MAX: usize = 100;

/// Draws as many rungs as there are; `times` says how often each.
fn draw(times: &mut [u32], bound: NonZeroU64, rng: &mut Rng) {
    for _ in 0..REPEATED_MAX {
        times.fill(0);
        for _ in 0..times.len() {
            times[rng.below(bound) as usize] += 1;
        }
        if times.iter().filter(|times| **times > 0).count() >= SLOPE_RUNGS_MIN {
            break;
        }
    }
}

/// The models that have a value at every rung, with the logarithm of centre over model at each.
pub(super) fn residuals(rungs: &[Rung<'_>]) -> Result<Vec<(Growth, Vec<f64>)>, Refusal> {
    let groups = groups(rungs)?;
    let have = distinct(rungs);
    if have < SLOPE_RUNGS_MIN {
        return Err(Refusal::TooFew { have, need: SLOPE_RUNGS_MIN });
    }
    let centres: Vec<f64> = groups.iter().map(|group| group.centre().ln()).collect();
    Ok(tables(rungs, &centres))
}

/// [`residuals`] of logarithms of centres that were drawn.
pub(super) fn tables(rungs: &[Rung<'_>], centres: &[f64]) -> Vec<(Growth, Vec<f64>)> {
    let table = |growth: Growth| {
        let of = |(rung, centre): (&Rung<'_>, &f64)| Some(centre - growth.ln_at(rung.n)?);
        Some((growth, rungs.iter().zip(centres).map(of).collect::<Option<Vec<f64>>>()?))
    };
    Growth::ALL.into_iter().filter_map(table).collect()
}

/// The sum of squared deviations from the mean, where each value counts so many times.
fn weighted_error(table: &[f64], times: &[u32]) -> f64 {
    let weighted = || table.iter().zip(times.iter().map(|times| f64::from(*times)));
    let count: f64 = times.iter().map(|times| f64::from(*times)).sum();
    let mean = weighted().map(|(value, times)| value * times).sum::<f64>() / count;
    weighted().map(|(value, times)| (value - mean).powi(2) * times).sum()
}
