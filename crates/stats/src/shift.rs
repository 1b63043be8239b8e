//! Two independent sets of samples: by how much, or by which ratio, the second is larger.
//!
//! The estimate is Hodges and Lehmann's, the median of all pairwise differences; its interval
//! goes from the k-th smallest to the k-th largest of them, k from the null distribution of the
//! Mann–Whitney statistic. Neither minds outliers, nor assumes more than that both sides have the
//! same shape. Source: Hollander & Wolfe, Nonparametric Statistical Methods, sections 4.2–4.3.
//!
//! It is for two samples taken apart; measured pair by pair, a method for pairs sees more.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::quantile::sorted;
use crate::refusal::{Refusal, check_level, check_samples};

/// The fewest samples a side that an interval is given for.
const SIDE_MIN: usize = 4;

/// The most pairs for which the null distribution is counted out: at most 10,000 numbers, each
/// passed over once for every sample of the smaller side.
const EXACT_PAIRS_MAX: usize = 10_000;

/// Where an interval's rank comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RankMethod {
    /// The null distribution, counted out in whole numbers.
    Exact,
    /// Its normal approximation with continuity correction.
    Normal,
}

/// An interval of a shift (in the samples' unit) or of a ratio (1 means equal).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShiftInterval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The coverage, 0 to 1: what the exact method guarantees (never under the level asked
    /// for), or the level asked for where the rank is approximated.
    pub level: f64,
    /// How the rank was found.
    pub method: RankMethod,
}

/// The Hodges–Lehmann estimate of how much larger `newer` is than `reference`, in their unit.
///
/// # Errors
/// [`Refusal::Empty`] when a side is, [`Refusal::NotFinite`] also when a difference overflows.
pub fn shift_estimate(reference: &[f64], newer: &[f64]) -> Result<f64, Refusal> {
    Ok(Pairs::new(reference, newer)?.median())
}

/// The interval of [`shift_estimate`] whose coverage is at least `level`.
///
/// Up to 10,000 pairs, as long as the number of arrangements stays below 2^128 (65 samples a
/// side), the null distribution is exact; beyond, it is approximated by the normal. Ties make
/// the interval wider than it must be. Takes `(m + n) * 64` steps and no memory for the pairs.
///
/// # Errors
/// Those of [`shift_estimate`]; [`Refusal::OutOfRange`] for a level outside (0, 1), and
/// [`Refusal::TooFew`] under four samples a side or what `level` needs.
pub fn shift_interval(
    reference: &[f64],
    newer: &[f64],
    level: f64,
) -> Result<ShiftInterval, Refusal> {
    let pairs = Pairs::new(reference, newer)?;
    check_level(level)?;
    let (m, n) = pairs.sides();
    let have = m.min(n);
    let too_few = |need| Refusal::TooFew { have, need };
    if have < SIDE_MIN {
        return Err(too_few(SIDE_MIN));
    }
    let (rank, level, method) =
        critical_rank(m, n, level).ok_or_else(|| too_few(side_needed(have, level)))?;
    Ok(ShiftInterval {
        low: pairs.kth_smallest(rank),
        high: pairs.kth_smallest(m as u128 * n as u128 + 1 - rank),
        level,
        method,
    })
}

/// The Hodges–Lehmann estimate of the ratio of `newer` to `reference`: above 1 means more.
///
/// [`shift_estimate`] on logarithms, and back.
///
/// # Errors
/// Those of [`shift_estimate`], and [`Refusal::NotPositive`].
pub fn ratio_estimate(reference: &[f64], newer: &[f64]) -> Result<f64, Refusal> {
    shift_estimate(&logarithms(reference)?, &logarithms(newer)?).map(f64::exp)
}

/// The interval of [`ratio_estimate`] whose coverage is at least `level`.
///
/// # Errors
/// Those of [`shift_interval`], and [`Refusal::NotPositive`].
pub fn ratio_interval(
    reference: &[f64],
    newer: &[f64],
    level: f64,
) -> Result<ShiftInterval, Refusal> {
    let shift = shift_interval(&logarithms(reference)?, &logarithms(newer)?, level)?;
    Ok(ShiftInterval { low: shift.low.exp(), high: shift.high.exp(), ..shift })
}

fn logarithms(samples: &[f64]) -> Result<Vec<f64>, Refusal> {
    check_samples(samples)?;
    if samples.iter().any(|value| *value <= 0.0) {
        return Err(Refusal::NotPositive);
    }
    Ok(samples.iter().map(|value| value.ln()).collect())
}

/// Both sides in ascending order; stands for all their differences without holding them.
struct Pairs {
    reference: Vec<f64>,
    newer: Vec<f64>,
}

impl Pairs {
    fn new(reference: &[f64], newer: &[f64]) -> Result<Self, Refusal> {
        check_samples(reference)?;
        check_samples(newer)?;
        let pairs = Self { reference: sorted(reference), newer: sorted(newer) };
        let (smallest, largest) = pairs.extremes();
        if smallest.is_finite() && largest.is_finite() {
            Ok(pairs)
        } else {
            Err(Refusal::NotFinite)
        }
    }

    fn sides(&self) -> (usize, usize) {
        (self.reference.len(), self.newer.len())
    }

    fn extremes(&self) -> (f64, f64) {
        let (a, b) = (&self.reference, &self.newer);
        (b[0] - a[a.len() - 1], b[b.len() - 1] - a[0])
    }

    fn median(&self) -> f64 {
        let (m, n) = self.sides();
        let count = m as u128 * n as u128;
        let upper = self.kth_smallest(count / 2 + 1);
        if count.is_multiple_of(2) { self.kth_smallest(count / 2).midpoint(upper) } else { upper }
    }

    /// The k-th smallest difference, k from 1 to the number of pairs.
    ///
    /// Bisects over the floats between the extremes, which are whole numbers once their bits are
    /// put in order: at most 64 steps, and exact, since the rounding of a difference never
    /// reverses two of them.
    fn kth_smallest(&self, k: u128) -> f64 {
        let (smallest, largest) = self.extremes();
        let (mut low, mut high) = (order_of(smallest), order_of(largest));
        while low < high {
            let middle = low.midpoint(high);
            if self.count_up_to(float_of(middle)) >= k {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        // Adding zero turns -0, which stands before 0 in that order, into 0.
        float_of(low) + 0.0
    }

    /// How many differences are at most `bound`.
    fn count_up_to(&self, bound: f64) -> u128 {
        let mut count = 0;
        let mut within = 0;
        for a in &self.reference {
            while within < self.newer.len() && self.newer[within] - a <= bound {
                within += 1;
            }
            count += within as u128;
        }
        count
    }
}

/// The place of a float among all floats, ascending.
fn order_of(value: f64) -> u64 {
    let bits = value.to_bits();
    if value.is_sign_negative() { !bits } else { bits | (1 << 63) }
}

/// The float at a place: the inverse of [`order_of`].
fn float_of(order: u64) -> f64 {
    f64::from_bits(if order >> 63 == 1 { order & !(1 << 63) } else { !order })
}

/// The largest k for which the k-th smallest and k-th largest of the m * n differences cover the
/// shift at `level`, the coverage, and how it was found; `None` when not even the extremes do.
fn critical_rank(m: usize, n: usize, level: f64) -> Option<(u128, f64, RankMethod)> {
    let tail_max = (1.0 - level) / 2.0;
    let Some(frequencies) = null_frequencies(m, n) else {
        return normal_rank(m, n, tail_max).map(|rank| (rank, level, RankMethod::Normal));
    };
    let arrangements = arrangements(m, n)?;
    let mut below = 0;
    let mut best = None;
    for (rank, frequency) in (1..).zip(frequencies) {
        below += frequency;
        let tail = below as f64 / arrangements as f64;
        if tail > tail_max {
            break;
        }
        best = Some((rank, (1.0 - 2.0 * tail).max(level), RankMethod::Exact));
    }
    best
}

/// The rank by the normal approximation of the statistic, with continuity correction.
///
/// The statistic's tails are lighter than the normal's, so the rank errs outwards: at most 0.2 %
/// of it where the approximation takes over (`tests/reference/normal_rank.csv`).
fn normal_rank(m: usize, n: usize, tail_max: f64) -> Option<u128> {
    let (m, n) = (m as f64, n as f64);
    let deviation = (m * n * (m + n + 1.0) / 12.0).sqrt();
    let quantile = Normal::standard().inverse_cdf(tail_max);
    let rank = (m * n / 2.0 + 0.5 + quantile * deviation).floor();
    (rank >= 1.0).then_some(rank as u128)
}

/// How many of the arrangements of both sides give the statistic the values 0, 1, 2, … up to
/// half of its range; `None` beyond what is counted out.
///
/// The coefficients of the Gaussian binomial, the product over i of (1 − q^(n+i)) / (1 − q^i).
/// Each factor is one pass over whole numbers. Intermediate ones may leave 128 bits; the results
/// do not, and wrapping arithmetic is exact in what it keeps.
fn null_frequencies(m: usize, n: usize) -> Option<Vec<u128>> {
    let pairs = m.checked_mul(n).filter(|pairs| *pairs <= EXACT_PAIRS_MAX)?;
    arrangements(m, n)?;
    let (fewer, more) = (m.min(n), m.max(n));
    let mut counts = vec![0_u128; pairs / 2 + 1];
    counts[0] = 1;
    for i in 1..=fewer {
        for value in (more + i..counts.len()).rev() {
            counts[value] = counts[value].wrapping_sub(counts[value - more - i]);
        }
        for value in i..counts.len() {
            counts[value] = counts[value].wrapping_add(counts[value - i]);
        }
    }
    Some(counts)
}

/// In how many ways m + n samples can be parted into both sides, where that is under 2^128.
fn arrangements(m: usize, n: usize) -> Option<u128> {
    let (fewer, more) = (m.min(n), m.max(n));
    let mut count: u128 = 1;
    for i in 1..=fewer as u128 {
        // count * factor / i without the large product; it is a binomial coefficient, so the
        // remainder's share is whole too.
        let factor = more as u128 + i;
        count = (count / i).checked_mul(factor)?.checked_add(count % i * factor / i)?;
    }
    Some(count)
}

/// The fewest samples on each side, more than `have`, whose extremes cover the shift at `level`.
fn side_needed(have: usize, level: f64) -> usize {
    // A level below 1 leaves at least 2^-54 on each side, and 30 a side have 2^56 arrangements.
    (have + 1..).find(|side| critical_rank(*side, *side, level).is_some()).unwrap_or(usize::MAX)
}
