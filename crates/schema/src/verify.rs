//! Every workload run once, and whether its answer is right.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::capture::Skipped;
use crate::row::Status;
use crate::version::Version;

/// How workloads answered: the document of `verify --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerifyDoc {
    /// Always 1.
    pub schema_version: Version<1>,
    /// One entry for each point that was run, in the plan's order.
    pub items: Vec<VerifyItem>,
    /// What was not run, and why.
    pub skipped: Vec<Skipped>,
    /// How long all of it took.
    pub elapsed_nanos: u64,
}

/// One point that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerifyItem {
    /// Its identity.
    pub point: String,
    /// The workload that it is a point of.
    pub workload: String,
    /// How it ended.
    pub status: Status,
    /// What went wrong.
    #[serde(default)]
    pub error: Option<String>,
    /// The hash of its result; null where it told none, and its answer is unchecked.
    #[serde(default)]
    pub result_hash: Option<String>,
    /// The hash that it must have: the one that was declared, else the answer of its group's
    /// reference; null where neither is known.
    #[serde(default)]
    pub expected_hash: Option<String>,
    /// The workload whose answer `expected_hash` is, where it is not the declared one.
    #[serde(default)]
    pub reference: Option<String>,
    /// The last line that it printed, where it failed.
    #[serde(default)]
    pub last_printed: Option<String>,
}
