//! How often a batch makes its call: a state machine that is told times and runs nothing.
//!
//! One call first; then a jump to the power of two that fills a slice, confirmed by a probe of
//! that length; probes go on until the code is warm; then the number of slices is doubled as long
//! as the batch has room for it.

use std::f64::consts::SQRT_2;

/// A slice is shorter than the scheduler's, and long beside a reading of the clock.
pub(crate) const SLICE_NANOS_MIN: f64 = 100_000.0;

/// The double of that: there is a power of two between, whatever a call takes.
pub(crate) const SLICE_NANOS_MAX: f64 = 2.0 * SLICE_NANOS_MIN;

/// Probes go on for this long: caches, branch predictors and the processor's speed settle.
const WARM_NANOS: f64 = 2_000_000.0;

/// … but not for more than this part of the batch.
const WARM_SHARE: f64 = 0.25;

/// The most by which one probe is longer than the one before: the first is not exact.
const JUMP_MAX: u64 = 1 << 10;

/// The most calls of a slice, for code that takes no time at all.
const REPEATS_MAX: u64 = 1 << 40;

/// Probes of a batch.
const PROBES_MAX: u32 = 64;

/// Times that the search may turn back, where times vary about a border, before it stays.
const TURNS_MAX: u32 = 3;

/// The most slices of a batch, for a target of minutes.
const SLICES_MAX: u64 = 1 << 20;

/// Set-up and clean-up of the calls may make a batch so many times longer than its target.
const WALL_FACTOR: f64 = 8.0;

/// A batch that has taken so many times its target is ended, …
const OVERRUN: f64 = 2.0;

/// … but not before it has taken this much more: one interruption does not cut a short one.
const OVERRUN_NANOS_MIN: f64 = 20_000_000.0;

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Make this many calls, a power of two, and tell how long they took.
    Probe {
        /// Calls.
        repeats: u64,
    },
    /// The same, and keep their time: it is a slice.
    Slice {
        /// Calls.
        repeats: u64,
    },
    /// The first so many slices are the batch, a power of two; none: the first probe is.
    Done {
        /// Slices.
        slices: u64,
    },
}

/// How long calls took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Took {
    /// The calls.
    pub(crate) nanos: f64,
    /// The calls with everything about them that is not measured.
    pub(crate) wall_nanos: f64,
}

/// Finds the repeats of a batch, and its slices.
#[derive(Clone, Debug)]
pub(crate) struct Tuner {
    target_nanos: f64,
    next: Next,
    probes: u32,
    turns: u32,
    was_too_long: bool,
    warmed_nanos: f64,
    slices: u64,
    measured: Took,
}

impl Tuner {
    /// For a batch whose calls are to take `target_nanos` together.
    pub(crate) fn new(target_nanos: u64) -> Self {
        Self {
            target_nanos: target_nanos as f64,
            next: Next::Probe { repeats: 1 },
            probes: 0,
            turns: 0,
            was_too_long: false,
            warmed_nanos: 0.0,
            slices: 0,
            measured: Took { nanos: 0.0, wall_nanos: 0.0 },
        }
    }

    /// What is to be done next.
    pub(crate) fn next(&self) -> Next {
        self.next
    }

    /// Takes in how long that took which [`Tuner::next`] asked for.
    pub(crate) fn told(&mut self, took: Took) {
        self.next = match self.next {
            Next::Probe { repeats } => self.probed(repeats, took),
            Next::Slice { repeats } => self.sliced(repeats, took),
            Next::Done { slices } => Next::Done { slices },
        };
    }

    fn probed(&mut self, repeats: u64, took: Took) -> Next {
        self.probes += 1;
        self.warmed_nanos += took.wall_nanos;
        if self.probes == 1 && took.nanos >= self.target_nanos {
            return Next::Done { slices: 0 };
        }
        let fitting = self.fitting(repeats, took);
        let warm = self.warmed_nanos >= WARM_NANOS.min(self.target_nanos * WARM_SHARE);
        if (fitting == repeats && warm) || self.probes >= PROBES_MAX {
            Next::Slice { repeats }
        } else {
            Next::Probe { repeats: fitting }
        }
    }

    fn sliced(&mut self, repeats: u64, took: Took) -> Next {
        self.slices += 1;
        self.measured.nanos += took.nanos;
        self.measured.wall_nanos += took.wall_nanos;
        let Took { nanos, wall_nanos } = self.measured;
        let most = (self.target_nanos * OVERRUN).max(self.target_nanos + OVERRUN_NANOS_MIN);
        if nanos > most {
            // The last one may be what was interrupted; it is all there is where it is the first.
            return Next::Done { slices: floor_power_of_two(self.slices - 1) };
        }
        // The total is nearest to the target where its double is beyond by more than the root.
        let full = nanos * 2.0 > self.target_nanos * SQRT_2
            || wall_nanos * 2.0 > self.target_nanos * WALL_FACTOR
            || self.slices >= SLICES_MAX;
        if self.slices.is_power_of_two() && full {
            Next::Done { slices: self.slices }
        } else {
            Next::Slice { repeats }
        }
    }

    /// The number of calls that fills a slice, by how long `repeats` took.
    fn fitting(&mut self, repeats: u64, took: Took) -> u64 {
        if took.nanos < SLICE_NANOS_MIN {
            if self.was_too_long {
                self.was_too_long = false;
                self.turns += 1;
            }
            return if self.turns > TURNS_MAX { repeats } else { self.longer(repeats, took) };
        }
        if took.nanos >= SLICE_NANOS_MAX && repeats > 1 {
            self.was_too_long = true;
            let factor = (took.nanos / SLICE_NANOS_MAX) as u64 + 1;
            return repeats / factor.next_power_of_two().min(repeats);
        }
        repeats
    }

    /// More calls, as far as a probe of them takes no longer than the batch may.
    fn longer(&self, repeats: u64, took: Took) -> u64 {
        let wanted = (SLICE_NANOS_MIN / took.nanos.max(1.0)).ceil();
        let wanted = (wanted as u64).next_power_of_two().clamp(2, JUMP_MAX);
        let wall_max = (self.target_nanos * WALL_FACTOR).max(SLICE_NANOS_MAX);
        let affordable = (wall_max / took.wall_nanos.max(1.0)) as u64;
        repeats.saturating_mul(floor_power_of_two(wanted.min(affordable))).min(REPEATS_MAX)
    }
}

/// The largest power of two that is not larger, and 1 of 0.
pub(crate) fn floor_power_of_two(number: u64) -> u64 {
    number.checked_ilog2().map_or(1, |log| 1 << log)
}

#[cfg(test)]
mod tests;
