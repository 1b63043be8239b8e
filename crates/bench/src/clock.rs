//! The clock of a batch: which one, its precision, its cost, and its rate.

use std::time::{Duration, Instant};

/// Intervals of nothing that are timed to know a clock.
const EMPTY_INTERVALS: usize = 2048;

/// Tries to read two clocks at the same moment.
const PAIR_TRIES: usize = 16;

/// The rate is known over at least this long: 50 ns of doubt in 2 ms are 1 in 40 000.
const RATE_WINDOW: Duration = Duration::from_millis(2);

/// What ticks: the processor's own counter where it counts at one rate, else the system's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// The time-stamp counter of an x86-64 processor that says it is invariant.
    #[cfg(target_arch = "x86_64")]
    Tsc,
    /// Nanoseconds of the system's monotonic clock since this moment.
    Monotonic(Instant),
}

impl Clock {
    /// The finest clock of this processor.
    pub(crate) fn finest() -> Self {
        #[cfg(target_arch = "x86_64")]
        if tsc::is_invariant() {
            return Self::Tsc;
        }
        Self::system()
    }

    /// The clock that ticks in nanoseconds.
    pub(crate) fn system() -> Self {
        Self::Monotonic(Instant::now())
    }

    /// Its name in rows.
    pub(crate) fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Tsc => "rdtsc",
            Self::Monotonic(_) if cfg!(unix) => "clock_monotonic",
            Self::Monotonic(_) => "instant",
        }
    }

    /// Ticks now; nothing that stands before or behind it in the program is moved across.
    #[inline(always)]
    pub(crate) fn now(self) -> u64 {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Tsc => tsc::read(),
            Self::Monotonic(start) => nanos(start.elapsed()),
        }
    }
}

/// A duration in whole nanoseconds; 584 years are the most.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A clock with what is known of it.
///
/// Its rate is taken from the system's clock between its making and the moment it is asked, so it
/// is the rate of the batch that it timed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ruler {
    /// What ticks.
    pub(crate) clock: Clock,
    /// Its ticks and the system's clock at one moment.
    start: (u64, Instant),
    /// The smallest step between two readings that differ, in ticks.
    precision_ticks: f64,
    /// What an interval between two readings takes with nothing in it, in ticks.
    cost_ticks: f64,
}

impl Ruler {
    /// Gets to know a clock, in some tenths of a millisecond.
    pub(crate) fn of(clock: Clock) -> Self {
        let start = pair(clock);
        let mut empty: Vec<u64> = (0..EMPTY_INTERVALS).map(|_| interval(clock)).collect();
        empty.sort_unstable();
        // The middle half: interruptions stand at the end, and a coarse clock's zeros count.
        let middle = &empty[EMPTY_INTERVALS / 4..EMPTY_INTERVALS * 3 / 4];
        let cost_ticks = middle.iter().sum::<u64>() as f64 / middle.len() as f64;
        let precision = empty.iter().copied().find(|ticks| *ticks > 0);
        Self { clock, start, precision_ticks: precision.unwrap_or(1) as f64, cost_ticks }
    }

    /// Nanoseconds of a tick; waits until the window it is known from is long enough.
    pub(crate) fn settled_nanos_per_tick(&self) -> f64 {
        let exact = matches!(self.clock, Clock::Monotonic(_));
        while !exact && self.start.1.elapsed() < RATE_WINDOW {
            std::hint::spin_loop();
        }
        self.nanos_per_tick()
    }

    /// Nanoseconds of a tick, as far as it is known now.
    pub(crate) fn nanos_per_tick(&self) -> f64 {
        if matches!(self.clock, Clock::Monotonic(_)) {
            return 1.0;
        }
        let (ticks, system) = pair(self.clock);
        let nanos = system.duration_since(self.start.1).as_nanos() as f64;
        let ticks = ticks.saturating_sub(self.start.0);
        if ticks == 0 { 1.0 } else { nanos / ticks as f64 }
    }

    /// The smallest step between two readings that differ, in ticks.
    pub(crate) fn precision_ticks(&self) -> f64 {
        self.precision_ticks
    }

    /// What an interval between two readings takes with nothing in it, in ticks.
    pub(crate) fn cost_ticks(&self) -> f64 {
        self.cost_ticks
    }
}

/// Ticks of an interval with nothing in it.
fn interval(clock: Clock) -> u64 {
    let start = clock.now();
    clock.now().saturating_sub(start)
}

/// Both clocks at one moment: of several tries the one with the shortest time between.
fn pair(clock: Clock) -> (u64, Instant) {
    let attempt = || {
        let before = clock.now();
        let system = Instant::now();
        let after = clock.now();
        let between = after.saturating_sub(before);
        (between, before + between / 2, system)
    };
    let mut best = attempt();
    for _ in 1..PAIR_TRIES {
        let next = attempt();
        if next.0 < best.0 {
            best = next;
        }
    }
    (best.1, best.2)
}

/// The time-stamp counter: AMD64 Architecture Programmer's Manual volume 3, Intel SDM 18.17.
#[cfg(target_arch = "x86_64")]
mod tsc {
    use std::arch::x86_64::{__cpuid, _mm_lfence, _rdtsc};

    /// Leaf that tells which extended leaves there are.
    const EXTENDED: u32 = 0x8000_0000;

    /// Leaf with the invariant counter's bit.
    const POWER: u32 = 0x8000_0007;

    /// The bit in its EDX: one rate in every state of the processor.
    const INVARIANT: u32 = 1 << 8;

    /// Whether the counter is a clock.
    pub(super) fn is_invariant() -> bool {
        __cpuid(EXTENDED).eax >= POWER && __cpuid(POWER).edx & INVARIANT != 0
    }

    /// The counter. The fences keep what is before it before, and what is behind it behind.
    #[inline(always)]
    #[expect(unsafe_code, reason = "the instructions have no safe face; every x86-64 has them")]
    pub(super) fn read() -> u64 {
        // SAFETY: both need SSE2 and a counter that user mode may read, which x86-64 systems give.
        unsafe {
            _mm_lfence();
            let ticks = _rdtsc();
            _mm_lfence();
            ticks
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clock_tells_the_time() {
        for clock in [Clock::finest(), Clock::system()] {
            let ruler = Ruler::of(clock);
            let (start, system) = (clock.now(), Instant::now());
            while system.elapsed() < Duration::from_millis(5) {}
            let ticks = clock.now() - start;
            let own = ticks as f64 * ruler.settled_nanos_per_tick();
            // Both readings stand outside the system's: the clock cannot have seen less.
            assert!(own > 4.9e6, "{clock:?} saw {own} ns in 5 ms");
            assert!(ruler.precision_ticks() > 0.0 && ruler.cost_ticks() >= 0.0);
            assert!(!clock.name().is_empty());
        }
    }

    #[test]
    fn a_long_duration_is_bounded() {
        assert_eq!(nanos(Duration::from_micros(3)), 3000);
        assert_eq!(nanos(Duration::MAX), u64::MAX);
    }
}
