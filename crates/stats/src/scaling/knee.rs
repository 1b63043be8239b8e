//! Where one growth gives way to another.

use super::growth::{Growth, residuals, tables};
use super::{Rung, check_processes, groups};
use crate::bootstrap::DRAWS;
use crate::refusal::Refusal;
use crate::rng::Rng;

/// Each part has at least so many rungs: what grows how is not to be seen from fewer.
const PART_MIN: usize = 4;

/// Ladders of more rungs are not searched: two jumps are looked for at every pair of places.
const RUNGS_MAX: usize = 64;

/// A knee must be better by so much on the scale of the Bayesian information criterion.
pub const KNEE_GAIN_MIN: f64 = 10.0;

/// And the description without one must be off by more than this, root of the mean square of the
/// logarithm: what fits to 2 % needs no knee.
pub const KNEE_RESIDUAL_MIN: f64 = 0.02;

/// And so many draws must show it within a rung.
pub const KNEE_SHARE_MIN: f64 = 0.75;

/// Residuals below it count as it: nothing is measured to better than half a per cent.
const ERROR_FLOOR: f64 = 0.005;

/// A parameter at which the growth changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrowthKnee {
    /// The last rung of the first part.
    pub last: usize,
    /// The model up to it.
    pub before: Growth,
    /// The model beyond.
    pub after: Growth,
    /// By how much it is better than the best description without a knee, as a difference of the
    /// Bayesian information criterion.
    pub gain: f64,
    /// The share of draws with a knee within a rung of it, 0 to 1.
    pub share: f64,
}

/// The knee, where describing the rungs by two different models clearly pays.
///
/// Five descriptions without a knee compete with the best split into two models: one model; one
/// power of n with a free exponent; a sum of two models, as a constant cost beside one that grows;
/// one model with one jump, or with two, as where caches end. They are compared by the Bayesian
/// information criterion, k ln(mean squared residual) + p ln k, where p counts coefficients, models
/// and places: 2, 2, 4, 4, 6, and 5 for the knee (Schwarz, Annals of Statistics 6, 1978; a
/// difference of 10 is "very strong": Kass & Raftery, JASA 90, 1995). A knee that most draws do not
/// show is none. Rungs come in ascending order; fewer than eight, or more than 64, have no knee.
///
/// # Errors
/// Those of [`growth_fits`](super::growth_fits), and [`Refusal::TooFew`] where a rung has fewer
/// than three processes.
pub fn growth_knee(rungs: &[Rung<'_>], rng: &mut Rng) -> Result<Option<GrowthKnee>, Refusal> {
    let groups = groups(rungs)?;
    check_processes(&groups)?;
    if rungs.len() > RUNGS_MAX {
        return Ok(None);
    }
    let logs: Vec<f64> = rungs.iter().map(|rung| rung.n.ln()).collect();
    let found = Split::find(&residuals(rungs)?, &logs);
    let Some(split) = found.filter(Split::pays) else { return Ok(None) };
    let mut near = 0_u64;
    let (mut ranks, mut centres) = (Vec::new(), Vec::with_capacity(rungs.len()));
    for _ in 0..DRAWS {
        centres.clear();
        centres.extend(groups.iter().map(|group| group.draw(rng, &mut ranks).ln()));
        let drawn = Split::find(&tables(rungs, &centres), &logs).filter(Split::pays);
        near += u64::from(drawn.is_some_and(|drawn| drawn.last.abs_diff(split.last) <= 1));
    }
    let Split { last, before, after, gain, .. } = split;
    let share = near as f64 / DRAWS as f64;
    let is_steady = share >= KNEE_SHARE_MIN;
    Ok(is_steady.then_some(GrowthKnee { last, before, after, gain, share }))
}

/// The best split into two models, against what does without one.
#[derive(Clone, Copy, Debug)]
struct Split {
    last: usize,
    before: Growth,
    after: Growth,
    gain: f64,
    /// Of the best description without a knee.
    residual: f64,
}

impl Split {
    fn pays(&self) -> bool {
        self.gain >= KNEE_GAIN_MIN && self.residual > KNEE_RESIDUAL_MIN
    }

    fn find(tables: &[(Growth, Vec<f64>)], logs: &[f64]) -> Option<Self> {
        let sums: Vec<(Growth, Sums)> =
            tables.iter().map(|(growth, table)| (*growth, Sums::new(table))).collect();
        let count = logs.len();
        let (error, cut, before, after) = best_split(&sums, count)?;
        let score = |(error, parameters): (f64, f64)| {
            let mean = (error / count as f64).max(ERROR_FLOOR.powi(2));
            count as f64 * mean.ln() + parameters * (count as f64).ln()
        };
        let least = |error: fn(&Sums) -> f64| {
            sums.iter().map(|(_, sums)| error(sums)).fold(f64::INFINITY, f64::min)
        };
        let rivals = [
            (least(Sums::whole), 2.0),
            (power_error(&tables.first()?.1, logs), 2.0),
            (sum_error(tables), 4.0),
            (least(Sums::one_jump), 4.0),
            (least(Sums::two_jumps), 6.0),
        ];
        let rival = rivals.into_iter().min_by(|a, b| score(*a).total_cmp(&score(*b)))?;
        let residual = (rival.0 / count as f64).sqrt();
        let gain = score(rival) - score((error, 5.0));
        Some(Self { last: cut - 1, before, after, gain, residual })
    }
}

/// The least squared error of two different models, each on a part; where the second begins, and
/// which they are.
fn best_split(sums: &[(Growth, Sums)], count: usize) -> Option<(f64, usize, Growth, Growth)> {
    let mut best: Option<(f64, usize, Growth, Growth)> = None;
    for cut in PART_MIN..=count.saturating_sub(PART_MIN) {
        for (after, right) in sums {
            let error = right.error(cut, count);
            for (before, left) in sums.iter().filter(|(before, _)| before != after) {
                let both = left.error(0, cut) + error;
                if best.is_none_or(|(least, ..)| both < least) {
                    best = Some((both, cut, *before, *after));
                }
            }
        }
    }
    best
}

/// The squared residuals of the best sum of two models, both coefficients positive: a constant cost
/// beside one that grows. Fitted by relative least squares, which is nearly the logarithmic one.
fn sum_error(tables: &[(Growth, Vec<f64>)]) -> f64 {
    // Model over centre at every rung: 1 is what their sum should be.
    let shares: Vec<Vec<f64>> = tables
        .iter()
        .map(|(_, table)| table.iter().map(|value| (-value).exp()).collect())
        .collect();
    let mut least = f64::INFINITY;
    for (place, one) in shares.iter().enumerate() {
        for other in &shares[place + 1..] {
            let pairs = || one.iter().zip(other);
            let (mut aa, mut ab, mut bb, mut a, mut b) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for (x, y) in pairs() {
                (aa, ab, bb, a, b) = (aa + x * x, ab + x * y, bb + y * y, a + x, b + y);
            }
            let determinant = aa * bb - ab * ab;
            let (x, y) = ((a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant);
            if x > 0.0 && y > 0.0 && x.is_finite() && y.is_finite() {
                let error = pairs().map(|(one, other)| (x * one + y * other).ln().powi(2)).sum();
                least = least.min(error);
            }
        }
    }
    least
}

/// The squared residuals of a line through values over `logs`.
fn power_error(values: &[f64], logs: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = |all: &[f64]| all.iter().sum::<f64>() / count;
    let (x, y) = (mean(logs), mean(values));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (log, value) in logs.iter().zip(values) {
        xx += (log - x).powi(2);
        xy += (log - x) * (value - y);
        yy += (value - y).powi(2);
    }
    (yy - xy * xy / xx).max(0.0)
}

/// Sums up to each rung, so that the error of any part is a subtraction.
struct Sums {
    values: Vec<f64>,
    squares: Vec<f64>,
}

impl Sums {
    fn new(table: &[f64]) -> Self {
        // Around the mean, so that the subtraction of squares loses no digits.
        let mean = table.iter().sum::<f64>() / table.len().max(1) as f64;
        let up_to = |of: fn(f64) -> f64| {
            let mut sum = 0.0;
            let add = |value: &f64| {
                sum += of(value - mean);
                sum
            };
            std::iter::once(0.0).chain(table.iter().map(add)).collect()
        };
        Self { values: up_to(|value| value), squares: up_to(|value| value * value) }
    }

    fn count(&self) -> usize {
        self.values.len() - 1
    }

    /// The error of one model.
    fn whole(&self) -> f64 {
        self.error(0, self.count())
    }

    /// The error of one model with another coefficient from some rung on.
    fn one_jump(&self) -> f64 {
        let count = self.count();
        let cuts = PART_MIN..=count.saturating_sub(PART_MIN);
        let error = |cut| self.error(0, cut) + self.error(cut, count);
        cuts.map(error).fold(f64::INFINITY, f64::min)
    }

    /// The error of one model with two such jumps, which may be close, as on a ramp.
    fn two_jumps(&self) -> f64 {
        let count = self.count();
        let mut least = f64::INFINITY;
        for first in 1..count {
            for second in first + 1..count {
                let middle = self.error(0, first) + self.error(first, second);
                least = least.min(middle + self.error(second, count));
            }
        }
        least
    }

    /// The squared deviations from their own mean of the values from `start` to before `end`.
    fn error(&self, start: usize, end: usize) -> f64 {
        let sum = self.values[end] - self.values[start];
        let squares = self.squares[end] - self.squares[start];
        (squares - sum * sum / (end - start) as f64).max(0.0)
    }
}
