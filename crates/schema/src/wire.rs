//! The wire to a measured program: what it says of itself when it is asked with `_list`.
//!
//! What it answers to `_child` is a [`Row`](crate::row::Row).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ladder::LadderStep;
use crate::name::Name;
use crate::row::{CacheMode, RowKind};
use crate::version::Version;

/// One workload of a program that speaks the wire contract: a line of its `_list`.
///
/// Null and absent alike mean that nothing is said. Unknown keys are tolerated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedWorkload {
    /// Always 1.
    pub schema_version: Version<1>,
    /// Its name, `group/name`: what `--bench` is given.
    pub name: Name,
    /// Parametric: measured with `--param`; fixed: with `--fixed`.
    pub kind: RowKind,
    /// Parametric: the parameters to try, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<ListedLadder>,
    /// … or exactly these, in ascending order. One of both must be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Vec<u64>>,
    /// How its time is expected to grow: an expression in `n`, as `n * log2(n)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complexity: Option<String>,
    /// The same as values by parameter, where it is no expression.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub model: BTreeMap<u64, f64>,
    /// Words by which workloads are selected together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The group of implementations of one thing that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_of: Option<String>,
    /// Warm (said by nothing else): many calls in a process; cold: one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_mode: Option<CacheMode>,
    /// A point for each of these numbers, given with `--threads`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threads: Vec<u32>,
    /// The unit of the rows' `metrics.throughput`, as `B/s`; more is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<String>,
    /// The `result_hash` that every row must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_hash: Option<String>,
    /// The same by parameter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expected_hashes: BTreeMap<u64, String>,
    /// The longest that a batch of its ladder may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_nanos: Option<u64>,
    /// How much measured time a batch is to have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_nanos: Option<u64>,
    /// Why it cannot be measured, as a sentence: it was registered twice, its ladder is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The parameters of a ladder as a program lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListedLadder {
    /// The smallest.
    pub low: u64,
    /// The largest.
    pub high: u64,
    /// How it climbs; null: as the declared complexity makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<LadderStep>,
}
