//! Units of time by the names that hyperfine takes, and what a number in one looks like.

use std::str::FromStr;

/// A unit that all times of a table are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// A thousandth of a microsecond.
    Nanosecond,
    /// A thousandth of a millisecond.
    Microsecond,
    /// A thousandth of a second.
    Millisecond,
    /// The base unit of every other file.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
}

/// A text that names no unit of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTimeUnit;

impl std::fmt::Display for UnknownTimeUnit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a unit is ns, us, ms, s, min or h, or its full name such as millisecond")
    }
}

impl std::error::Error for UnknownTimeUnit {}

impl FromStr for TimeUnit {
    type Err = UnknownTimeUnit;

    fn from_str(text: &str) -> Result<Self, UnknownTimeUnit> {
        Ok(match text {
            "nanosecond" | "nanoseconds" | "ns" => Self::Nanosecond,
            "microsecond" | "microseconds" | "us" | "µs" | "μs" => Self::Microsecond,
            "millisecond" | "milliseconds" | "ms" => Self::Millisecond,
            "second" | "seconds" | "s" | "sec" => Self::Second,
            "minute" | "minutes" | "min" | "m" => Self::Minute,
            "hour" | "hours" | "h" => Self::Hour,
            _ => return Err(UnknownTimeUnit),
        })
    }
}

impl TimeUnit {
    /// The largest unit up to the second of which `nanos` is at least one.
    pub(super) fn fitting(nanos: f64) -> Self {
        match nanos {
            1e9.. => Self::Second,
            1e6.. => Self::Millisecond,
            1e3.. => Self::Microsecond,
            _ => Self::Nanosecond,
        }
    }

    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Nanosecond => "ns",
            Self::Microsecond => "µs",
            Self::Millisecond => "ms",
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }

    /// How many of it `nanos` are.
    pub(super) fn of(self, nanos: f64) -> f64 {
        nanos / self.nanos()
    }

    /// How many nanoseconds it is.
    pub(crate) fn nanos(self) -> f64 {
        match self {
            Self::Nanosecond => 1.0,
            Self::Microsecond => 1e3,
            Self::Millisecond => 1e6,
            Self::Second => 1e9,
            Self::Minute => 60e9,
            Self::Hour => 3600e9,
        }
    }

    /// The decimals that hyperfine gives every number in this unit.
    pub(super) fn decimals(self) -> usize {
        match self {
            Self::Nanosecond | Self::Microsecond | Self::Millisecond => 1,
            Self::Second | Self::Minute | Self::Hour => 3,
        }
    }
}
