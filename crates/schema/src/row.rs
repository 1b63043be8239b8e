//! The row: the outcome of one batch, or of one stage of it, also of one that failed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::metric::Metric;
use crate::name::Name;
use crate::plan::OutputKind;
use crate::point::ParamValue;
use crate::version::Version;

/// How a batch ended.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Ended with 0 (or a code that is allowed), with the right answer.
    Ok,
    /// Ended with another code; `exit_code` has it.
    Error,
    /// Ended by a signal that was not ours; `signal` has it.
    Crashed,
    /// Ended by a signal or 137 while the kernel counted an out-of-memory kill.
    OutOfMemory,
    /// Outlived its `timeout` and was ended by us.
    TimedOut,
    /// Reached a ladder's wall cap: a ladder's designed end.
    KilledAtCap,
    /// Ended well without the line or row that was expected of it.
    NoOutput,
    /// Its `result_hash`, or an outcome's `expect`, differs.
    WrongAnswer,
}

impl Status {
    /// The word in files, tables and flags.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Crashed => "crashed",
            Self::OutOfMemory => "out_of_memory",
            Self::TimedOut => "timed_out",
            Self::KilledAtCap => "killed_at_cap",
            Self::NoOutput => "no_output",
            Self::WrongAnswer => "wrong_answer",
        }
    }
}

/// Whether a workload has a ladder's parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// Measured at `param`, `inner_repeats` times.
    Parametric,
    /// The `repeat_index`-th measurement of something without a parameter.
    Fixed,
}

/// Whether the repeats of a batch share a process.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CacheMode {
    /// Repeats in one process.
    Warm,
    /// One call a process.
    Cold,
}

impl CacheMode {
    /// The word in files and identities.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warm => "warm",
            Self::Cold => "cold",
        }
    }
}

/// Which of two compared builds or commands a row belongs to; B is the newer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The reference.
    A,
    /// What is compared with it.
    B,
}

/// What the machine did while a row was measured; every key null where it was not recorded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each key is named as the kernel's own reading, with its unit")]
pub struct Conditions {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_delay_nanos: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steal_nanos: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psi_cpu_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psi_io_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psi_memory_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub involuntary_switches: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load1: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mem_available_kb: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap_used_kb: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_nanos: Option<u64>,
    /// How often the process was seen to be stopped by a signal from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stops: Option<u64>,
}

impl Conditions {
    /// Takes over from `shared` what is not known here: the machine-wide readings of a window.
    pub fn fill(&mut self, shared: &Self) {
        self.run_delay_nanos = self.run_delay_nanos.or(shared.run_delay_nanos);
        self.steal_nanos = self.steal_nanos.or(shared.steal_nanos);
        self.psi_cpu_us = self.psi_cpu_us.or(shared.psi_cpu_us);
        self.psi_io_us = self.psi_io_us.or(shared.psi_io_us);
        self.psi_memory_us = self.psi_memory_us.or(shared.psi_memory_us);
        self.involuntary_switches = self.involuntary_switches.or(shared.involuntary_switches);
        self.load1 = self.load1.or(shared.load1);
        self.mem_available_kb = self.mem_available_kb.or(shared.mem_available_kb);
        self.swap_used_kb = self.swap_used_kb.or(shared.swap_used_kb);
        self.window_nanos = self.window_nanos.or(shared.window_nanos);
        self.stops = self.stops.or(shared.stops);
    }
}

/// What limits the memory of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoryLimiter {
    /// A memory cgroup of its own: all its processes together, and the kernel counts its kills.
    Cgroup,
    /// RLIMIT_AS: the addresses of each of its processes, which are more than its memory.
    RlimitAs,
}

/// The keys of [`Conditions`], in the order of the schema.
pub const CONDITION_KEYS: [&str; 11] = [
    "run_delay_nanos",
    "steal_nanos",
    "psi_cpu_us",
    "psi_io_us",
    "psi_memory_us",
    "involuntary_switches",
    "load1",
    "mem_available_kb",
    "swap_used_kb",
    "window_nanos",
    "stops",
];

/// The outcome of one batch: schema version 1, a superset of lean-bench's row.
///
/// Null and absent alike mean *not measured*, never zero. `alloc_bytes` and `peak_rss_kb` are
/// always written. Unknown keys are tolerated, an unknown version or kind is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Always 1.
    pub schema_version: Version<1>,
    /// Parametric or fixed.
    pub kind: RowKind,
    /// The workload's name.
    pub function: Name,
    /// Time of the whole batch: of a command, from just before it was started to its end.
    pub total_nanos: u64,
    /// How it ended.
    pub status: Status,
    /// Bytes allocated, null where nobody can know.
    #[serde(default)]
    pub alloc_bytes: Option<u64>,
    /// Largest resident set of the child in KiB, as the kernel counts it.
    #[serde(default)]
    pub peak_rss_kb: Option<u64>,
    /// Parametric: the parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub param: Option<u64>,
    /// How often the measured code ran in the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inner_repeats: Option<u64>,
    /// Fixed: which measurement of its point this is, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_index: Option<u64>,
    /// Time of one call, where the child computed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_call_nanos: Option<f64>,
    /// Warm or cold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_mode: Option<CacheMode>,
    /// Hash of the answer, `"0x…"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_hash: Option<String>,
    /// What went wrong, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The environment; stored once a capture, repeated by exports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<Box<Environment>>,
    /// Number of allocations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alloc_count: Option<u64>,
    /// What the allocation counts cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alloc_scope: Option<String>,
    /// The smallest peak that could have been read: the starter's own memory, in KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_floor_kb: Option<u64>,
    /// Resident set of a measuring parent, in KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_rss_kb: Option<u64>,
    /// CPU time in user mode, of the child and its waited-for descendants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_nanos: Option<u64>,
    /// CPU time in the kernel, of the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_nanos: Option<u64>,
    /// Instructions retired or counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<u64>,
    /// Page faults that needed the disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub major_faults: Option<u64>,
    /// Page faults that did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minor_faults: Option<u64>,
    /// Times the program waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voluntary_switches: Option<u64>,
    /// Times the scheduler took the processor away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub involuntary_switches: Option<u64>,
    /// The manifest's parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, ParamValue>,
    /// One of several measurements that a process prints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Which implementation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Threads given to the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// The exit code, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Place in the plan, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// The interleaved round, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<u64>,
    /// The block of a paired design.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// Which side of a comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// Index of the child process: the cluster that its numbers share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<u64>,
    /// When it started, nanoseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_unix_ns: Option<u64>,
    /// Descendants that outlived it and were killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaked: Option<u64>,
    /// The end of what a failed batch printed, each stream at most 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tail: Option<String>,
    /// Nanoseconds a call of each sub-sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<Vec<f64>>,
    /// HDR histogram, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_histogram: Option<String>,
    /// Own counters; unit and direction stand in the capture's `metric_defs`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f64>,
    /// What the machine did meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
    /// Metric → why this row has no number for it. What holds for every row of a capture stands
    /// in the capture's own `unavailable`, and is repeated here by exports.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unavailable: BTreeMap<String, String>,
    /// True when another `tacho` was measuring on this machine at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_machine: Option<bool>,
    /// What standard output was: programs may behave differently on a pipe and on `/dev/null`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputKind>,
    /// What limited its memory, where `memory_max` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limiter: Option<MemoryLimiter>,
    /// The peak memory that the child read of itself, in KiB; `peak_rss_kb` is the larger count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_peak_rss_kb: Option<u64>,
    /// The peak memory that the kernel told its starter, in KiB, where the child told one too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_peak_rss_kb: Option<u64>,
    /// The clock that the child timed itself with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<Timer>,
    /// Cold: what was emptied before the call: `cpu`, `page`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caches_dropped: Vec<String>,
    /// The beginning of the result as text, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_preview: Option<String>,
}

/// The clock of a child that times itself, and what was subtracted from what it read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timer {
    /// Its name, as `rdtsc` or `clock_monotonic`.
    pub clock: String,
    /// The smallest step between two of its readings that differ, in nanoseconds.
    #[serde(default)]
    pub precision_nanos: Option<f64>,
    /// What a reading costs, subtracted once a sub-sample, in nanoseconds.
    #[serde(default)]
    pub cost_nanos: Option<f64>,
    /// What a turn of the empty loop costs, subtracted once a call, in nanoseconds.
    #[serde(default)]
    pub loop_nanos: Option<f64>,
}

/// Why a decoded row is no row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRow {
    /// A parametric row lacks its parameter or repeats.
    #[error("kind \"parametric\" needs `{0}`")]
    ParametricLacks(&'static str),
    /// A fixed row lacks its index.
    #[error("kind \"fixed\" needs `repeat_index`")]
    FixedLacksIndex,
}

impl Row {
    /// A fixed row with what every row must have; the rest is filled in by the measurer.
    #[must_use]
    pub fn fixed(function: Name, repeat_index: u64, total_nanos: u64, status: Status) -> Self {
        Self {
            schema_version: Version,
            kind: RowKind::Fixed,
            function,
            total_nanos,
            status,
            alloc_bytes: None,
            peak_rss_kb: None,
            param: None,
            inner_repeats: None,
            repeat_index: Some(repeat_index),
            per_call_nanos: None,
            cache_mode: None,
            result_hash: None,
            error: None,
            env: None,
            alloc_count: None,
            alloc_scope: None,
            rss_floor_kb: None,
            parent_rss_kb: None,
            user_nanos: None,
            system_nanos: None,
            instructions: None,
            major_faults: None,
            minor_faults: None,
            voluntary_switches: None,
            involuntary_switches: None,
            params: BTreeMap::new(),
            stage: None,
            variant: None,
            threads: None,
            exit_code: None,
            signal: None,
            sequence: None,
            round: None,
            block: None,
            side: None,
            process: None,
            started_unix_ns: None,
            leaked: None,
            output_tail: None,
            samples: None,
            latency_histogram: None,
            metrics: BTreeMap::new(),
            conditions: None,
            unavailable: BTreeMap::new(),
            shared_machine: None,
            output: None,
            memory_limiter: None,
            own_peak_rss_kb: None,
            wait_peak_rss_kb: None,
            timer: None,
            caches_dropped: Vec::new(),
            result_preview: None,
        }
    }

    /// Checks what the types cannot: that the kind's own keys are there.
    ///
    /// # Errors
    /// [`InvalidRow`] names the missing key.
    pub fn check(&self) -> Result<(), InvalidRow> {
        match self.kind {
            RowKind::Parametric if self.param.is_none() => {
                Err(InvalidRow::ParametricLacks("param"))
            }
            RowKind::Parametric if self.inner_repeats.is_none() => {
                Err(InvalidRow::ParametricLacks("inner_repeats"))
            }
            RowKind::Fixed if self.repeat_index.is_none() => Err(InvalidRow::FixedLacksIndex),
            RowKind::Parametric | RowKind::Fixed => Ok(()),
        }
    }

    /// The row's number for `metric` in the metric's base unit (nanoseconds, bytes, counts), or
    /// `None` where it was not measured.
    #[must_use]
    pub fn metric(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Wall => self.per_call_nanos.or_else(|| {
                Some(self.total_nanos as f64 / self.inner_repeats.unwrap_or(1).max(1) as f64)
            }),
            Metric::Cpu => Some(self.user_nanos? as f64 + self.system_nanos? as f64),
            Metric::User => self.user_nanos.map(|value| value as f64),
            Metric::System => self.system_nanos.map(|value| value as f64),
            Metric::PeakRss => self.peak_rss_kb.map(|value| value as f64 * 1024.0),
            Metric::Faults => Some(self.major_faults? as f64 + self.minor_faults? as f64),
        }
    }
}

#[cfg(test)]
mod tests;
