//! What a capture's rows say about each point: centres, intervals, and what to beware of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::capture::{CaptureHeader, CaptureSummary};
use crate::ladder::LadderSummary;
use crate::metric::{Metric, MetricName};
use crate::plan::Statistic;
use crate::row::Status;
use crate::version::Version;

/// An interval in the metric's base unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The coverage that its method guarantees, 0 to 1; at least the 0.95 asked for.
    pub level: f64,
    /// How it was computed.
    pub method: String,
}

impl Interval {
    /// Half its width.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// The samples of one metric of one point, in the metric's base unit; an own counter's in its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// Which number.
    pub metric: MetricName,
    /// How many samples.
    pub samples: u64,
    /// Their median.
    pub median: f64,
    /// 95 % interval of the median; null under six samples.
    pub interval: Option<Interval>,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation, null under two samples.
    pub stddev: Option<f64>,
    /// Median absolute deviation from the median, unscaled.
    pub mad: f64,
}

/// One point against the same metric of a reference; the ratio is this point over it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What it is compared with: a point's label, or a baseline's name.
    pub against: String,
    /// Hodges–Lehmann estimate of the ratio, or that of the minima where the minimum stands for the
    /// point; above 1 means more.
    pub ratio: f64,
    /// 95 % interval of the ratio, null with too few samples on a side, and of minima.
    pub interval: Option<Interval>,
}

/// Something a reader should know before believing a number; never an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// Wall times beyond Tukey's fences; kept in every number.
    Outliers {
        /// More than 1.5 quartile distances away, at most 3.
        mild: u64,
        /// More than 3.
        severe: u64,
        /// Of so many.
        samples: u64,
        /// The program times itself.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        times_itself: bool,
    },
    /// The median is under ten times the time of starting a program that does nothing.
    NearSpawnFloor {
        /// The median.
        median_nanos: f64,
        /// The floor.
        floor_nanos: f64,
    },
    /// The first run took clearly longer than the others: a cold cache.
    FirstRunSlower {
        /// The first.
        first_nanos: f64,
        /// Median of the others.
        others_nanos: f64,
    },
    /// Runs that did not end well.
    Failed {
        /// How they ended.
        status: Status,
        /// How many.
        rows: u64,
        /// The first one's exit code.
        exit_code: Option<i32>,
        /// The first one's signal.
        signal: Option<i32>,
        /// What went wrong with the first one, as its row says.
        error: Option<String>,
        /// What the first one printed last.
        output_tail: Option<String>,
        /// The program times itself.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        times_itself: bool,
    },
    /// Runs ended with another code than 0, which was allowed.
    IgnoredFailure {
        /// How many.
        rows: u64,
        /// The first one's exit code.
        exit_code: i32,
    },
    /// Descendants outlived their runs and were killed.
    Leaked {
        /// How many.
        processes: u64,
    },
    /// Too few samples for an interval.
    NoInterval {
        /// How many there are; six are needed.
        samples: u64,
    },
    /// The wanted precision was not reached.
    Imprecise {
        /// Half the interval over the median.
        reached: f64,
        /// The setting.
        wanted: f64,
        /// The program times itself.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        times_itself: bool,
    },
    /// The machine disturbed rows, by the thresholds of a contended row: their times may be too
    /// long. They stay in every number.
    Contended {
        /// How many.
        rows: u64,
        /// Of so many that ended well.
        samples: u64,
        /// What disturbed how many of them.
        by: BTreeMap<Disturbance, u64>,
    },
    /// A derived counter could not be computed in runs that ended well.
    Uncounted {
        /// The counter's name.
        name: String,
        /// Why not, as the earliest row of them says.
        reason: String,
        /// In how many.
        rows: u64,
    },
    /// Other points would be compared with this one, and no run of it ended well.
    NoReference {
        /// How many have numbers that were not compared.
        points: u64,
    },
    /// Each process made one call, with these caches emptied before it.
    Cold {
        /// `cpu` (the processor's) and `page` (the system's of files), as far as it was done.
        dropped: Vec<String>,
        /// Those that were not, and why.
        kept: BTreeMap<String, String>,
    },
    /// The peak memory is the starter's own: the program needed no more.
    AtMemoryFloor {
        /// The floor in bytes.
        floor_bytes: f64,
    },
}

/// What makes a row a contended one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Disturbance {
    /// It waited for a processor while others ran.
    RunDelay,
    /// The hypervisor gave the processor to others.
    Steal,
    /// The processor was taken away from it often.
    Preemption,
    /// It was stopped by a signal.
    Stopped,
}

/// All that a table says about one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PointSummary {
    /// The point's identity.
    pub point: String,
    /// How a table names it.
    pub label: String,
    /// The command, with parameters filled in; null when it is not known.
    pub command: Option<String>,
    /// Rows of the point, failed ones included.
    pub rows: u64,
    /// Rows that ended well while something disturbed them.
    #[serde(default)]
    pub contended: u64,
    /// The number that stands for it.
    #[serde(default)]
    pub statistic: Statistic,
    /// One for each metric with samples among the rows that ended well.
    pub spreads: Vec<Spread>,
    /// The place among the document's ladders of the one that it is a rung of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<u32>,
    /// Wall time against the reference, null for the reference itself and without one.
    pub change: Option<Change>,
    /// What to beware of.
    pub notices: Vec<Notice>,
}

impl PointSummary {
    /// The samples of `metric`, where there are any.
    #[must_use]
    pub fn spread(&self, metric: Metric) -> Option<&Spread> {
        self.spreads.iter().find(|spread| spread.metric == MetricName::Row(metric))
    }
}

/// A capture and what its rows say: the document of `show --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SummaryDoc {
    /// Always 1.
    pub schema_version: Version<1>,
    /// What was known before the first row.
    pub capture: CaptureHeader,
    /// How it ended.
    pub summary: CaptureSummary,
    /// The points, in the plan's order.
    pub points: Vec<PointSummary>,
    /// The ladders that some of them are rungs of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ladders: Vec<LadderSummary>,
    /// How much the machine's speed wandered meanwhile, by the points that time themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
}

/// How much the machine's speed wandered while a capture was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// Standard deviation of the slow part of the times, as a share of them. It is in the intervals
    /// of points that time themselves.
    pub share: f64,
    /// Batches that it was estimated from.
    pub batches: u64,
}
