//! The document of `tacho doctor`: what a machine can measure, what disturbs it, how fine it sees.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::metric::Unit;
use crate::version::Version;

/// What was found out about a machine by trying: the document of `doctor --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DoctorDoc {
    /// Always 1.
    pub schema_version: Version<1>,
    /// The machine; nothing of the source in the folder where it was asked.
    pub machine: Environment,
    /// What can be measured and limited, each tried.
    pub capabilities: Vec<Capability>,
    /// What can disturb a measurement, whether it does so now or not.
    pub disturbances: Vec<Influence>,
    /// The ruler itself.
    pub ruler: Ruler,
    /// The processes that used most processor time while we looked, most first; not our own.
    pub hungriest: Vec<HungryProcess>,
}

/// What a capability is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// How programs are started and kept in hand.
    Supervision,
    /// A number of every row.
    Metric,
    /// What the machine did meanwhile.
    Condition,
    /// Another way of looking, which perturbs or needs a program of its own.
    Instrument,
    /// What a program can be given or denied.
    Limit,
}

/// One thing that can be had here, or not and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capability {
    /// Its name: of the metric or condition (`peak_rss`, `conditions.load1`), limit or program.
    pub name: String,
    /// What it is for.
    pub area: Area,
    /// Whether it was had when it was tried.
    pub available: bool,
    /// The figure that the trial gave, in `unit`; null where there is none.
    pub value: Option<f64>,
    /// The unit of `value`.
    pub unit: Option<Unit>,
    /// What the figure is of, or which version was found.
    pub detail: Option<String>,
    /// Why it is not available; null where it is.
    pub reason: Option<String>,
}

/// Whether something disturbs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum InfluenceState {
    /// It does now, or will.
    Disturbs,
    /// It cannot be found out here.
    Unknown,
    /// It does not.
    Quiet,
}

impl InfluenceState {
    /// The word in files and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disturbs => "disturbs",
            Self::Unknown => "unknown",
            Self::Quiet => "quiet",
        }
    }
}

/// One thing that can disturb a measurement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Influence {
    /// Its name, as `governor`.
    pub name: String,
    /// Whether it disturbs.
    pub state: InfluenceState,
    /// What was found, as `powersave on 8 processors`.
    pub value: Option<String>,
    /// How it disturbs, or why nobody can say.
    pub reason: Option<String>,
    /// What to do about it.
    pub advice: Option<String>,
    /// The same as a line for a shell, where there is one.
    pub command: Option<String>,
}

/// How finely and at what cost this machine measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ruler {
    /// The smallest difference between two readings of the monotonic clock that is not zero.
    pub timer_precision_nanos: Option<u64>,
    /// What one reading of the clock costs: the median of many.
    pub timer_cost_nanos: f64,
    /// Where the kernel's clock comes from, as `tsc`.
    pub clocksource: Option<String>,
    /// The starter that this machine gets: `static` or `std`.
    pub spawner: String,
    /// What starting and ending a program that does nothing takes; null where the starter has none.
    pub spawn_floor_nanos: Option<f64>,
    /// For how long the other processes were watched.
    pub window_nanos: u64,
}

/// A process that used the processor while we looked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HungryProcess {
    /// Its id.
    pub pid: u32,
    /// Its name, as the kernel keeps it: 15 bytes at most.
    pub name: String,
    /// Processor time for each second, so that 1 is one whole processor.
    pub cpu_share: f64,
}
