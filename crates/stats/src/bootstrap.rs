//! The bootstrap for what has no interval of its own: groups of processes, drawn again and again.
//!
//! What is drawn are processes, never the sub-samples within one: a process's centre varies by the
//! process *and* by its sub-samples, so the centres already hold both. Drawing the sub-samples as
//! well would count their part twice (Davison & Hinkley, Bootstrap Methods and their Application,
//! 1997, section 3.8).

use std::num::NonZeroU64;

use crate::quantile::{quantile_sorted, sorted};
use crate::rng::Rng;

/// How often everything is drawn: the ends of a 95 % interval rest on 50 draws each.
pub(crate) const DRAWS: usize = 2000;

/// The centres of the processes of one group, in ascending order.
///
/// An order makes drawing cheap: the median of drawn processes is that of drawn ranks.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    ordered: Vec<f64>,
}

impl Group {
    /// A group; the centres must be finite, and there must be one.
    pub(crate) fn new(centres: &[f64]) -> Self {
        Self { ordered: sorted(centres) }
    }

    pub(crate) fn processes(&self) -> usize {
        self.ordered.len()
    }

    /// The median of its processes.
    pub(crate) fn centre(&self) -> f64 {
        quantile_sorted(&self.ordered, 0.5)
    }

    /// The median of processes drawn with replacement: as many as there are, or one fewer where
    /// that makes their number even.
    ///
    /// Of three processes as many drawn ones would vary a third too little (Rao & Wu, JASA 83,
    /// 1988); of five and more the median of an odd number, which is a single process, varies too
    /// much. An even number comes out right for both.
    pub(crate) fn draw(&self, rng: &mut Rng, ranks: &mut Vec<usize>) -> f64 {
        let drawn = (self.ordered.len() & !1).max(1);
        let bound = NonZeroU64::new(self.ordered.len() as u64).unwrap_or(NonZeroU64::MIN);
        ranks.clear();
        ranks.extend((0..drawn).map(|_| rng.below(bound) as usize));
        ranks.sort_unstable();
        let (low, high) = (ranks[(drawn - 1) / 2], ranks[drawn / 2]);
        self.ordered[low].midpoint(self.ordered[high])
    }
}

/// The percentile interval of `draws` at `level`, its half widths stretched by `stretch` around
/// `estimate`.
pub(crate) fn percentiles(
    draws: &mut [f64],
    estimate: f64,
    level: f64,
    stretch: f64,
) -> (f64, f64) {
    draws.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - level) / 2.0;
    let end = |fraction| estimate + stretch * (quantile_sorted(draws, fraction) - estimate);
    (end(tail), end(1.0 - tail))
}
