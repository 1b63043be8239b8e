//! Which settings are in force and who says so: the document of `config --json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::version::Version;

/// The layer that a setting's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfigLayer {
    /// The program's own defaults.
    BuiltIn,
    /// The user's own file.
    User,
    /// The manifest's `[defaults]`, or its other tables for the whole run.
    Manifest,
    /// The manifest's `[[workload]]`.
    Workload,
    /// The manifest's `[profile.NAME]` that was chosen.
    Profile,
    /// A flag.
    Flag,
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigSource {
    /// The layer.
    pub layer: ConfigLayer,
    /// Where in it: `PATH:LINE:COLUMN`, or a flag with its dashes; null for built-in values.
    pub place: Option<String>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigSetting {
    /// Its key, as it is written in a manifest.
    pub key: String,
    /// Its value as it was written; null where nobody gives it one.
    pub value: Option<String>,
    /// Where the value comes from; null with it.
    pub source: Option<ConfigSource>,
}

/// The settings of one workload, or those that workloads start from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigSection {
    /// The workload's name as it stands in the manifest; null for what holds for all of them.
    pub workload: Option<String>,
    /// Every setting, in the order of the manual.
    pub settings: Vec<ConfigSetting>,
}

/// The settings in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigDoc {
    /// Always 1.
    pub schema_version: Version<1>,
    /// The manifest's path, null without one.
    pub manifest: Option<String>,
    /// The path of the user's own file, null without one.
    pub user: Option<String>,
    /// The profile that was chosen.
    pub profile: Option<String>,
    /// The profiles that there are.
    pub profiles: Vec<String>,
    /// One for all workloads, or one for each that was asked for.
    pub sections: Vec<ConfigSection>,
}
