//! The one generator of random numbers: its values are the same on every machine and for good.

use std::num::NonZeroU64;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};

/// A seeded generator whose values never change from version to version.
///
/// Seeds are recorded in captures, so an order that was drawn once must be drawn again by every
/// later version. ChaCha with 8 rounds is fully specified; the key is the seed and the stream in
/// little-endian bytes, not a seeding function of a library, which may change. It is not for
/// secrets.
#[derive(Clone, Debug)]
pub struct Rng(ChaCha8Rng);

impl Rng {
    /// A generator of stream 0 of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::stream(seed, 0)
    }

    /// One of 2^64 independent generators of the same seed, as one for each round of a plan.
    #[must_use]
    pub fn stream(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&stream.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A whole number from 0 to `bound` − 1, each equally likely.
    ///
    /// Source: Lemire, Fast Random Integer Generation in an Interval, ACM TOMACS 29 (2019).
    pub fn below(&mut self, bound: NonZeroU64) -> u64 {
        let bound = bound.get();
        // 2^64 mod bound of the products would make the small numbers likelier: draw those again.
        // Fewer than half of all draws are such, so the loop ends with certainty one draw in two.
        let excess = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(bound);
            if product as u64 >= excess {
                return (product >> 64) as u64;
            }
        }
    }

    /// Puts `items` into an order of which each is equally likely.
    ///
    /// Source: Fisher & Yates, in Durstenfeld's form, Communications of the ACM 7 (1964).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let bound = NonZeroU64::MIN.saturating_add(last as u64);
            items.swap(last, self.below(bound) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded seeds stand for these orders: a change here breaks every stored plan. The values
    /// were computed by a second implementation, written from the cipher's specification.
    #[test]
    fn values_are_pinned() {
        for (seed, stream, draws, order) in [
            (0, 0, [836_919, 631_424, 232_415, 117_591], [3, 2, 7, 5, 0, 1, 4, 6]),
            (42, 0, [348_254, 285_698, 493_472, 367_892], [4, 5, 0, 3, 6, 7, 1, 2]),
            (42, 1, [524_356, 151_160, 498_851, 845_260], [6, 0, 5, 3, 7, 2, 1, 4]),
            (u64::MAX, 7, [736_723, 276_087, 209_850, 423_950], [4, 0, 3, 7, 2, 6, 1, 5]),
        ] {
            let mut rng = Rng::stream(seed, stream);
            let bound = NonZeroU64::new(1_000_000).unwrap();
            assert_eq!([0; 4].map(|_: u64| rng.below(bound)), draws, "{seed} {stream}");
            let mut items = [0, 1, 2, 3, 4, 5, 6, 7];
            Rng::stream(seed, stream).shuffle(&mut items);
            assert_eq!(items, order, "{seed} {stream}");
        }
    }
}
