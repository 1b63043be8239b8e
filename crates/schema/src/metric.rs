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

/// The name of any metric: one that every row may have, or an own counter, `metrics.NAME`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum MetricName {
    /// One that every row may have.
    Row(Metric),
    /// An own counter, by its name.
    Own(String),
}

/// A text that names no metric.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no metric: wall, cpu, user, system, peak_rss, faults or metrics.NAME")]
pub struct UnknownMetric(String);

impl std::str::FromStr for MetricName {
    type Err = UnknownMetric;

    fn from_str(text: &str) -> Result<Self, UnknownMetric> {
        match text.strip_prefix("metrics.") {
            Some(name) if !name.is_empty() => Ok(Self::Own(name.to_owned())),
            _ => Metric::ALL
                .into_iter()
                .find(|metric| metric.as_str() == text)
                .map(Self::Row)
                .ok_or_else(|| UnknownMetric(text.to_owned())),
        }
    }
}

impl TryFrom<String> for MetricName {
    type Error = UnknownMetric;

    fn try_from(text: String) -> Result<Self, UnknownMetric> {
        text.parse()
    }
}

impl From<MetricName> for String {
    fn from(name: MetricName) -> Self {
        name.to_string()
    }
}

impl From<Metric> for MetricName {
    fn from(metric: Metric) -> Self {
        Self::Row(metric)
    }
}

impl std::fmt::Display for MetricName {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Row(metric) => out.pad(metric.as_str()),
            Self::Own(name) => write!(out, "metrics.{name}"),
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
