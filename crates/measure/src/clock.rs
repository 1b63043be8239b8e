//! The clock: monotonic nanoseconds for spans, nanoseconds since 1970 for dates.

use rustix::time::{ClockId, clock_gettime};

fn read(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// CLOCK_MONOTONIC in nanoseconds: the clock that the spawner stamps with.
#[must_use]
pub fn monotonic_nanos() -> u64 {
    read(ClockId::Monotonic)
}

/// Nanoseconds since 1970, UTC.
#[must_use]
pub fn unix_nanos() -> u64 {
    read(ClockId::Realtime)
}
