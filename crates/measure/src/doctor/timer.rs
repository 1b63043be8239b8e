//! The clock's own precision and cost.

use crate::clock::monotonic_nanos;

/// Readings that look for the smallest step; a clock of 4 ms has then moved, too.
const STEP_READINGS_MAX: usize = 1_000_000;
/// Steps that are enough to have seen the smallest.
const STEPS_WANTED: usize = 20_000;
/// Readings of one batch, of which the cost is the mean.
const BATCH_READINGS: u32 = 100;
/// Batches, of which the median counts: one that was interrupted is no cost of the clock.
const BATCHES: usize = 201;

/// The smallest difference between two readings that is not zero; `None` if none was seen.
pub(super) fn precision_nanos() -> Option<u64> {
    smallest_step(std::iter::repeat_with(monotonic_nanos).take(STEP_READINGS_MAX))
}

fn smallest_step(readings: impl Iterator<Item = u64>) -> Option<u64> {
    let mut last = None;
    let steps = readings.filter_map(|now| {
        let step = last.map_or(0, |before: u64| now.saturating_sub(before));
        last = Some(now);
        (step > 0).then_some(step)
    });
    steps.take(STEPS_WANTED).min()
}

/// What one reading costs, in nanoseconds.
pub(super) fn cost_nanos() -> f64 {
    let mut batches = [0_u64; BATCHES];
    for nanos in &mut batches {
        let start = monotonic_nanos();
        for _ in 0..BATCH_READINGS {
            std::hint::black_box(monotonic_nanos());
        }
        *nanos = monotonic_nanos().saturating_sub(start);
    }
    batches.sort_unstable();
    // The two readings around a batch cost one together, half of each being outside.
    batches[BATCHES / 2] as f64 / f64::from(BATCH_READINGS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_step_that_is_one() {
        for (readings, expected) in [
            (&[][..], None),
            (&[5], None),
            (&[5, 5, 5], None),
            (&[10, 40, 40, 67, 100], Some(27)),
            // A clock that goes back has not stepped.
            (&[10, 40, 30, 80], Some(30)),
        ] {
            assert_eq!(smallest_step(readings.iter().copied()), expected, "{readings:?}");
        }
    }

    #[test]
    fn our_own_clock_moves() {
        assert!(precision_nanos().is_some());
        assert!(cost_nanos() > 0.0);
    }
}
