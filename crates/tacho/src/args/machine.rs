//! Flags of the bounds within which batches run, and of the machine meanwhile.

use clap::Args;

use super::number;

/// Bounds, and what else the machine does.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Limits and machine")]
pub(crate) struct MachineArgs {
    /// So much memory for a run and its descendants, as 512MiB, or `none`
    #[arg(long, value_name = "SIZE")]
    pub memory_max: Option<String>,
    /// Only these processors, as 0-1,3, or `all`
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub cpus: Option<String>,
    /// How much is left to others, from -20 to 19
    #[arg(long, value_name = "N", value_parser = number::whole)]
    #[arg(allow_negative_numbers = true)]
    pub nice: Option<i64>,
    /// Without randomised addresses, so that runs are more alike
    #[arg(long)]
    pub no_aslr: bool,
    /// So many runs at the same time; they disturb each other [default: 1]
    #[arg(short, long, value_name = "N", value_parser = number::whole)]
    #[arg(allow_negative_numbers = true)]
    pub jobs: Option<i64>,
    /// Wait so long for a quiet machine, then measure all the same
    #[arg(long, value_name = "DURATION")]
    pub quiet_wait: Option<String>,
    /// Lay the manifest's [profile.NAME] over its settings [default: $TACHO_PROFILE]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}
