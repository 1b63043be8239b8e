//! Ladders: one workload at growing parameters, and what its times say about its complexity.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::point::Point;
use crate::row::Status;
use crate::summary::Interval;

/// How a ladder climbs from its smallest parameter to its largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LadderStep {
    /// Doubling: low, 2·low, 4·low …, and high.
    Double,
    /// Doubling until the cap is reached; then every number (at most 16, evenly spread) between the
    /// last parameter within the cap and the first beyond: for exponential models.
    Bracket,
    /// Every number.
    Linear,
    /// The parameters that are listed.
    List,
}

/// A ladder of the plan. Its rungs are points, with their place in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ladder {
    /// Its identity: that of its points without the parameter.
    pub point: Point,
    /// How it climbs: rungs beyond the first that reaches the cap are not measured.
    pub step: LadderStep,
    /// The expected growth: an expression in `n`; null: unknown.
    #[serde(default)]
    pub complexity: Option<String>,
    /// The same as values by parameter, where it is no expression.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub model: BTreeMap<u64, f64>,
    /// A batch that takes longer is killed, and ends the ladder.
    pub cap_nanos: u64,
}

/// A ladder and what it says: part of a capture's summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LadderSummary {
    /// Its identity: that of its points without the parameter.
    pub ladder: String,
    /// The expected growth, null where nothing was declared.
    pub complexity: Option<String>,
    /// Its rungs with a row, by their parameters, ascending.
    pub rungs: Vec<RungSummary>,
    /// Smallest C among the rungs that count, null without two of them.
    pub c_min: Option<f64>,
    /// Largest C among them.
    pub c_max: Option<f64>,
    /// The exponent by which the times grow faster than the model: slope of log C over log n; of
    /// the log of time where no model can be used.
    pub slope: Option<Slope>,
    /// Whether the times grow as was declared.
    pub verdict: LadderVerdict,
    /// What the verdict rests on, or why there is none.
    pub ground: LadderGround,
    /// Models by how well they fit, the best first; empty unless it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fits: Vec<ModelFit>,
    /// Where one model gives way to another; null unless it was asked for and found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knee: Option<Knee>,
}

/// One parameter of a ladder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RungSummary {
    /// The point's identity.
    pub point: String,
    /// The parameter.
    pub param: u64,
    /// Processes that ended well.
    pub processes: u64,
    /// Time of one call: the median over processes of each one's own; null where none ended well.
    pub per_call_nanos: Option<f64>,
    /// 95 % interval of that median; null under six processes.
    pub interval: Option<Interval>,
    /// Calls of a process, the median.
    pub repeats: Option<u64>,
    /// The model's value there; null where it has none that can be divided by.
    pub model: Option<f64>,
    /// `per_call_nanos` over the model.
    pub c: Option<f64>,
    /// Why it does not count; null where it does.
    pub mark: Option<RungMark>,
    /// How its first failed row ended, where one failed.
    pub failed: Option<Status>,
}

/// Why a rung has no part in the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RungMark {
    /// One of the first: small inputs show constant costs. The parameter 0 is always one.
    Leading,
    /// A warm batch is shorter than ten times a program that does nothing, or a call than what the
    /// clock can tell.
    BelowFloor,
    /// The model is zero, negative or no number there.
    NoModel,
    /// A process of it reached the cap: the ladder's end. The others were the faster ones.
    Cap,
    /// No process ended well.
    Failed,
}

/// A slope with its interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Slope {
    /// The estimate: 0 where the times grow as the model does.
    pub estimate: f64,
    /// Its 95 % interval; null where a rung has fewer than three processes.
    pub interval: Option<Interval>,
}

/// Whether times grow as was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LadderVerdict {
    /// They do.
    Consistent,
    /// They do not.
    Inconsistent,
    /// It cannot be told.
    Inconclusive,
}

/// What a ladder's verdict rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "ground", rename_all = "snake_case")]
pub enum LadderGround {
    /// The slope's interval against the tolerance.
    Slope {
        /// Slopes from minus to plus this are as declared.
        tolerance: f64,
    },
    /// On a narrow span, or where the slope has no interval: the largest C over the smallest,
    /// against the most that is allowed.
    Range {
        /// The quotient.
        ratio: f64,
        /// The most that is consistent.
        ratio_max: f64,
    },
    /// Nothing was declared.
    NoModel,
    /// The declared model cannot be used.
    BadModel {
        /// Why, as a fragment.
        reason: String,
    },
    /// Neither the parameter nor the model grows enough from the first rung to the last for
    /// another growth to show.
    TooNarrow {
        /// By what factor the one that grows more does.
        factor: f64,
        /// By what factor it must.
        factor_min: f64,
    },
    /// Too few rungs count.
    TooFewRungs {
        /// So many do.
        have: u64,
        /// So many must.
        need: u64,
    },
}

/// How well one model fits a ladder's times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelFit {
    /// The model, as `n * log(n)`.
    pub model: String,
    /// Nanoseconds for each unit of the model.
    pub coefficient: f64,
    /// Root of the mean squared residual of log time.
    pub residual: f64,
    /// The share of resamples in which it is the best.
    pub share: f64,
}

/// A parameter at which the growth changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Knee {
    /// The last parameter of the first part.
    pub param: u64,
    /// The model up to it.
    pub before: String,
    /// The model beyond.
    pub after: String,
    /// The share of resamples in which there is a knee within a rung of it.
    pub share: f64,
}
