//! Metrics: the numbers of a row, each with its unit and direction.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A number that every row may carry, under the only name it has in flags and tables.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Elapsed time of one call.
    Wall,
    /// User and system time together.
    Cpu,
    /// CPU time in user mode.
    User,
    /// CPU time in the kernel.
    System,
    /// Largest resident set.
    PeakRss,
    /// Page faults, major and minor.
    Faults,
}

impl Metric {
    /// Every metric, in the order of tables.
    pub const ALL: [Self; 6] =
        [Self::Wall, Self::Cpu, Self::User, Self::System, Self::PeakRss, Self::Faults];

    /// The name in files, flags and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Cpu => "cpu",
            Self::User => "user",
            Self::System => "system",
            Self::PeakRss => "peak_rss",
            Self::Faults => "faults",
        }
    }

    /// The unit of its base number.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Wall | Self::Cpu | Self::User | Self::System => Unit::Nanoseconds,
            Self::PeakRss => Unit::Bytes,
            Self::Faults => Unit::Count,
        }
    }
}

/// The unit of a metric's base number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Time.
    Nanoseconds,
    /// Memory or payload.
    Bytes,
    /// A number of things.
    Count,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// Any difference is a fault.
    Exact,
}
