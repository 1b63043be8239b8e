//! The plan: every point that will be measured, with its program and its bounds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ladder::Ladder;
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
    /// So many batches may run at the same time; measuring in parallel disturbs.
    #[serde(default = "one")]
    pub jobs: u32,
    /// What pauses the rest of the machine while it is measured.
    #[serde(default)]
    pub quiesce: Option<Quiesce>,
    /// Wait so long for a quiet machine before measuring.
    #[serde(default)]
    pub quiet_wait_nanos: Option<u64>,
    /// Parameters whose values came from outside the manifest.
    #[serde(default)]
    pub param_sources: Vec<ParamSource>,
    /// The ladders that points are rungs of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ladders: Vec<Ladder>,
}

fn one() -> u32 {
    1
}

impl PlanDoc {
    /// A plan of these points, measured one batch after another.
    #[must_use]
    pub fn new(seed: u64, points: Vec<PlannedPoint>) -> Self {
        Self {
            schema_version: Version,
            seed,
            total_nanos_max: None,
            points,
            jobs: 1,
            quiesce: None,
            quiet_wait_nanos: None,
            param_sources: Vec::new(),
            ladders: Vec::new(),
        }
    }
}

/// Commands around the whole run, which pause and resume what else runs on the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quiesce {
    /// Before the first batch; when it fails, nothing is measured.
    pub before: Option<Hook>,
    /// After the last one, also after Ctrl-C.
    pub after: Option<Hook>,
}

/// Where the values of a parameter came from, and which they were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ParamSource {
    /// The workload's name, as it stands in the manifest.
    pub workload: String,
    /// The parameter.
    pub param: String,
    /// The file or the command, as it stands in the manifest.
    pub source: String,
    /// Values that were used.
    pub values: u64,
    /// Values that there were; the others are beyond the limit.
    pub found: u64,
    /// FNV-1a of the used values, each followed by a line feed: `0x…`.
    pub hash: String,
}

/// What a batch's standard output is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OutputKind {
    /// A pipe that is read to the end: as in a shell's `|`.
    #[default]
    Pipe,
    /// `/dev/null`.
    Null,
    /// Whatever our own is; standard error too.
    Inherit,
    /// A file, emptied before every run.
    File,
}

/// Where a batch's standard output goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// To a pipe that is read to the end.
    #[default]
    Pipe,
    /// To `/dev/null`.
    Null,
    /// To where our own goes; standard error too.
    Inherit,
    /// To this file, relative to the manifest's folder.
    File(String),
}

impl Output {
    /// What the program sees.
    #[must_use]
    pub fn kind(&self) -> OutputKind {
        match self {
            Self::Pipe => OutputKind::Pipe,
            Self::Null => OutputKind::Null,
            Self::Inherit => OutputKind::Inherit,
            Self::File(_) => OutputKind::File,
        }
    }
}

/// The bounds within which a batch runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// It may use so much memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_max_bytes: Option<u64>,
    /// It runs on these processors only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<Vec<u32>>,
    /// Its niceness, −20 to 19.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nice: Option<i32>,
    /// `false`: without randomised addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aslr: Option<bool>,
}

/// What is read from what a batch prints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// It prints its own times, a line a stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<ProbeLine>,
    /// Own counters, and answers that are checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Outcome>,
    /// Counters that are the quotient of two others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<Derived>,
}

/// The lines in which a probe prints its times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProbeLine {
    /// `name=<stage> elapsed_us=<number>`, or `elapsed_ms`, `elapsed_ns`; a leading word may stand
    /// for `name=`; every other `key=number` is a counter.
    Pairs,
    /// Lines that this regular expression matches from end to end. Its group `name` is the stage,
    /// one of `elapsed_ns`, `elapsed_us`, `elapsed_ms`, `elapsed_s` the time; other groups are
    /// counters.
    Pattern(String),
}

/// One number or text that a batch prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// Its name: the row's `metrics.NAME`.
    pub name: String,
    /// Where it stands.
    pub source: OutcomeSource,
    /// Unit and direction, where it is a number that is kept.
    pub def: crate::capture::MetricDef,
    /// What it must be; another value is a wrong answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<crate::point::ParamValue>,
}

/// Where an outcome stands in what a batch prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeSource {
    /// The first group of this regular expression's last match in standard output, else in standard
    /// error; the whole match where it has no group.
    Regex(String),
    /// The value at this JSON pointer (RFC 6901) of standard output, which is one JSON document, or
    /// whose last line is one.
    Json(String),
}

/// A counter that is the quotient of two numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Derived {
    /// Its name: the row's `metrics.NAME`.
    pub name: String,
    /// What is divided: an own counter's name, a metric (times in seconds, memory in bytes), or a
    /// number.
    pub numerator: String,
    /// By what.
    pub denominator: String,
    /// Unit and direction.
    pub def: crate::capture::MetricDef,
}

/// Which number stands for a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The median, with its interval.
    #[default]
    Median,
    /// The smallest, which has no interval.
    Min,
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
    /// Where its standard output goes.
    #[serde(default)]
    pub output: Output,
    /// What is read from it.
    #[serde(default)]
    pub reading: Reading,
    /// The number that stands for it.
    #[serde(default)]
    pub statistic: Statistic,
    /// The bounds within which it runs.
    #[serde(default)]
    pub limits: Limits,
    /// The program times itself, by the wire contract: `argv` is what stands before `_child`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<WireBatch>,
    /// It is a rung of the ladder in this place of the plan's; its parameter is the point's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<u32>,
    /// The group of implementations of one thing that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_of: Option<String>,
    /// Why it cannot be measured, as a sentence: nothing is started, and its row is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// How a batch of a program that times itself is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WireBatch {
    /// The workload's name, as the program knows it.
    pub bench: String,
    /// So many words of `argv` stand before the program's own: a launcher's.
    #[serde(default)]
    pub launcher_words: usize,
    /// How much measured time a batch is to have.
    pub target_nanos: u64,
    /// The `result_hash` that every row must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_hash: Option<String>,
    /// The unit of the rows' `metrics.throughput`, where they have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<String>,
    /// Rows are to hold the beginning of their result as text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preview: bool,
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
