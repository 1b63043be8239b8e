//! The environment: on what machine, of what source, with what tools a capture was taken.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a capture was taken; every key is written, null where it could not be found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Environment {
    /// Operating system, as `linux`.
    pub os: Option<String>,
    /// Processor architecture, as `x86_64`.
    pub arch: Option<String>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// Processor model, as the kernel names it.
    pub cpu_model: Option<String>,
    /// Processors that the process may use.
    pub cpu_cores: Option<u32>,
    /// Frequency governor of the first processor.
    pub cpu_governor: Option<String>,
    /// Host name.
    pub hostname: Option<String>,
    /// A hash over what makes two machines comparable: architecture, processor model, cores,
    /// memory size and virtualisation. Equal for two machines of one class.
    pub machine_id: Option<String>,
    /// The compiler's version line, where there is a manifest in a project that has one.
    pub toolchain: Option<String>,
    /// Commit of the work tree, in full.
    pub git_commit: Option<String>,
    /// Whether tracked files differ from that commit.
    pub git_dirty: Option<bool>,
    /// Version of Tachograph.
    pub tacho_version: Option<String>,
    /// Milliseconds since 1970, UTC.
    pub timestamp_unix_ms: Option<u64>,
    /// The same as RFC 3339.
    pub timestamp_iso: Option<String>,
}
