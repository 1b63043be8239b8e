//! The plan: every point that will be measured, with its program and its bounds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::point::Point;
use crate::unit::Ratio;
use crate::version::Version;

/// What will run, in full: nothing is measured that does not stand here.
///
/// The order of batches follows from `seed`: in every round each point that still needs samples
/// runs once, in an order shuffled by the seed and the round's number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanDoc {
    /// Always 1.
    pub schema_version: Version<1>,
    /// The seed of every shuffle.
    pub seed: u64,
    /// The bound on the whole run, set-up included.
    #[serde(default)]
    pub total_nanos_max: Option<u64>,
    /// The points, in the order of the manifest or the command line.
    pub points: Vec<PlannedPoint>,
}

/// A command that runs around measurements and is not measured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Hook {
    /// Its words, a shell's included.
    pub argv: Vec<String>,
    /// What the user wrote, with parameters filled in.
    pub text: String,
}

/// Which exit codes besides 0 count as success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IgnoreFailure {
    /// None.
    #[default]
    None,
    /// Every exit code; a signal is still a crash.
    All,
    /// These.
    Codes(Vec<i32>),
}

impl IgnoreFailure {
    /// Whether a program may end with `code`.
    #[must_use]
    pub fn allows(&self, code: i32) -> bool {
        match self {
            Self::None => code == 0,
            Self::All => true,
            Self::Codes(codes) => code == 0 || codes.contains(&code),
        }
    }
}

/// One point with everything that is needed to measure it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedPoint {
    /// Its identity.
    pub point: Point,
    /// What the user wrote as the command, with parameters filled in.
    pub command: String,
    /// The words to execute: launcher, then shell if any, then the command.
    pub argv: Vec<String>,
    /// The shell's words when one stands in front of the command.
    #[serde(default)]
    pub shell: Option<Vec<String>>,
    /// Variables added to the environment, or replaced in it.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Working folder, relative to the manifest's.
    pub dir: String,
    /// File given as standard input, relative to the manifest's folder; null: nothing to read.
    #[serde(default)]
    pub stdin: Option<String>,
    /// Once before the first run of the points that share it.
    #[serde(default)]
    pub setup: Option<Hook>,
    /// Before every run.
    #[serde(default)]
    pub prepare: Option<Hook>,
    /// After every run.
    #[serde(default)]
    pub conclude: Option<Hook>,
    /// Once after the last run of the points that share it.
    #[serde(default)]
    pub cleanup: Option<Hook>,
    /// Points of one leg are interleaved; legs run one after another, in order. Points whose
    /// set-ups would overwrite each other's work stand in different legs.
    pub leg: u32,
    /// Runs before the measured ones, not recorded unless they fail.
    pub warmup: u32,
    /// At least so many measured runs, unless `max_time_nanos` ends the point before.
    pub min_runs: u32,
    /// At most so many.
    pub max_runs: u32,
    /// At least so much measured time, unless `max_runs` comes first.
    pub min_time_nanos: u64,
    /// No further run once so much time went into the point.
    pub max_time_nanos: u64,
    /// … and it has so many runs: six, from which a median has an interval, where the time is
    /// the built-in one; none where somebody set it.
    #[serde(default)]
    pub max_time_runs_min: u32,
    /// Enough when half the interval of the median is under this share of it.
    pub precision: Ratio,
    /// A run that takes longer is ended.
    pub timeout_nanos: u64,
    /// Which exit codes count as success.
    #[serde(default)]
    pub ignore_failure: IgnoreFailure,
    /// The workload's tags.
    #[serde(default)]
    pub tags: Vec<String>,
}

impl PlannedPoint {
    /// How a table names it: the command itself where it was typed on the command line and its
    /// text is the workload's name, else the identity.
    #[must_use]
    pub fn label(&self, ad_hoc: bool) -> String {
        let filled = |text: &str| {
            self.point.params.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), &value.to_string())
            })
        };
        if ad_hoc && filled(self.point.function.as_str()) == self.command {
            self.command.clone()
        } else {
            self.point.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_codes_are_success() {
        for (allowed, code, expected) in [
            (IgnoreFailure::None, 0, true),
            (IgnoreFailure::None, 1, false),
            (IgnoreFailure::All, 139, true),
            (IgnoreFailure::Codes(vec![1, 2]), 0, true),
            (IgnoreFailure::Codes(vec![1, 2]), 2, true),
            (IgnoreFailure::Codes(vec![1, 2]), 3, false),
        ] {
            assert_eq!(allowed.allows(code), expected, "{allowed:?} {code}");
        }
    }
}
