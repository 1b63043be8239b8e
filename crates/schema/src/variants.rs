//! Implementations of one thing beside each other: whether they agree, then how fast they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::capture::CaptureId;
use crate::row::Status;
use crate::summary::{Change, Interval};
use crate::version::Version;

/// The implementations of one group: the document of `compare-variants --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantsDoc {
    /// Always 1.
    pub schema_version: Version<1>,
    /// The capture that the numbers are of.
    pub capture: CaptureId,
    /// The group's name.
    pub group: String,
    /// The workload that the others are held against.
    pub reference: String,
    /// Every implementation's workload, the reference first.
    pub variants: Vec<String>,
    /// Whether they agree wherever two of them were measured.
    pub agreement: Agreement,
    /// The first of `points` at which they do not.
    pub divergence: Option<u64>,
    /// What they were measured at, by ascending parameter.
    pub points: Vec<VariantsPoint>,
}

/// Whether answers are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// All of them.
    Agree,
    /// Two differ, or one implementation answers differently from process to process.
    Differ,
    /// Those that are known are the same, and some are not known.
    Partly,
    /// Fewer than two are known.
    Unchecked,
}

/// All implementations at one parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantsPoint {
    /// What the points have in common behind the workload's name, as `{param=16}`; empty for fixed
    /// ones.
    pub at: String,
    /// The parameter of a parametric one.
    pub param: Option<u64>,
    /// Whether their answers are the same.
    pub agreement: Agreement,
    /// One entry for each implementation that was measured here, in the order of the document.
    pub variants: Vec<VariantNumber>,
}

/// One implementation at one parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantNumber {
    /// Its workload.
    pub workload: String,
    /// Processes that ended well.
    pub processes: u64,
    /// Time of one call: the median over processes; null where none ended well.
    pub per_call_nanos: Option<f64>,
    /// 95 % interval of that median; null under six processes.
    pub interval: Option<Interval>,
    /// How its first failed process ended, where one failed.
    pub failed: Option<Status>,
    /// What it answered; null where it tells no hash.
    pub answer: Option<Answer>,
    /// Its time over the reference's; null for the reference, where either has no time, and where
    /// their answers differ.
    pub change: Option<Change>,
}

/// What an implementation answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// The hash of its result.
    pub result_hash: String,
    /// The beginning of its result, where that was asked for.
    pub result_preview: Option<String>,
    /// Another hash that one of its processes had.
    pub other_hash: Option<String>,
}
