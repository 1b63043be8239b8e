//! What there is to measure: the document of `list --json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::point::ParamValue;
use crate::version::Version;

/// One point of [`ListDoc`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListItem {
    /// Its identity, which filters and globs match.
    pub point: String,
    /// The workload's name.
    pub workload: String,
    /// What the user wrote as the command, with parameters filled in.
    pub command: String,
    /// The workload's tags.
    pub tags: Vec<String>,
    /// The parameters, by name.
    pub params: BTreeMap<String, ParamValue>,
    /// Threads given to the program, where they are a dimension of the workload.
    pub threads: Option<u32>,
    /// The parameter of a parametric workload: the rung of a ladder, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub param: Option<u64>,
    /// The group of implementations of one thing that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_of: Option<String>,
}

/// The points of a manifest, in its order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListDoc {
    /// Always 1.
    pub schema_version: Version<1>,
    /// The points.
    pub points: Vec<ListItem>,
}
