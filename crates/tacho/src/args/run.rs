//! The flags of `tacho run`, in the groups of its help.

use clap::Args;

use super::export::{ExportFiles, TableArgs};
use super::machine::MachineArgs;
use super::verbs::StreamArgs;
use super::{PlaceArgs, number};

pub(super) const HELP: &str = "\
With a manifest (tacho.toml here or in a folder above, up to the repository's root) the arguments \
are filters: a part of a point's name, or a glob if one of *?[ is in it. Without one, or with -x, \
each is a command. In a Cargo project without a manifest, no argument at all builds its bench \
targets and measures those that are written with tacho-bench.

Examples:
  tacho run                                    everything in tacho.toml
  tacho run gzip 'sort/*'                      only these points
  tacho run -x 'gzip -1 <x' 'gzip -9 <x'       two commands through sh
  tacho run -x -N -w 3 -r 50 'rg foo'          50 runs after 3 warm-ups, no shell
  tacho run -x -P level 1 9 'gzip -{level} -c x'
  tacho run -x -- python3 -c 'print(1)'        one command by its words
  tacho run --harness cargo sort/              this Cargo project's benchmarks, filtered
  tacho run --save-baseline main && tacho run --baseline main";

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// Filters with a manifest, commands without one
    #[arg(value_name = "FILTER|COMMAND")]
    pub positionals: Vec<String>,
    /// One command by its words
    #[arg(last = true, value_name = "WORDS")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub sampling: SamplingArgs,
    #[command(flatten)]
    pub around: AroundArgs,
    #[command(flatten)]
    pub program: ProgramArgs,
    #[command(flatten)]
    pub machine: MachineArgs,
    #[command(flatten)]
    pub result: ResultArgs,
    #[command(flatten)]
    pub exports: ExportFiles,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub foreign: ForeignArgs,
}

/// How much is measured.
#[derive(Args, Debug)]
#[command(next_help_heading = "Sampling")]
pub(crate) struct SamplingArgs {
    /// Runs before the measured ones
    #[arg(short, long, value_name = "N", value_parser = number::whole)]
    #[arg(allow_negative_numbers = true)]
    pub warmup: Option<i64>,
    /// Exactly so many measured runs of each point
    #[arg(short, long, value_name = "N", value_parser = number::whole)]
    #[arg(allow_negative_numbers = true)]
    pub runs: Option<i64>,
    /// At least so many [default: 10; of a harness 15 processes, on a ladder 6]
    #[arg(short, long, value_name = "N", value_parser = number::whole)]
    #[arg(allow_negative_numbers = true)]
    pub min_runs: Option<i64>,
    /// At most so many
    #[arg(short = 'M', long, value_name = "N", value_parser = number::whole)]
    #[arg(allow_negative_numbers = true)]
    pub max_runs: Option<i64>,
    /// Enough when half the interval of the median is under this share of it [default: 2%]
    #[arg(long, value_name = "PERCENT")]
    pub precision: Option<String>,
    /// At least so much measured time for each point [default: 3s; of a harness 0s]
    #[arg(long, value_name = "DURATION")]
    pub min_time: Option<String>,
    /// hyperfine's hidden name of --min-time, in seconds
    #[arg(long, value_name = "SECONDS", hide = true, conflicts_with = "min_time")]
    #[arg(value_parser = number::seconds, allow_negative_numbers = true)]
    pub min_benchmarking_time: Option<f64>,
    /// At most so much time for each point [default: 10s; of a harness 0.5s, on a ladder 0.3s]
    #[arg(long, value_name = "DURATION")]
    pub max_time: Option<String>,
    /// At most so many seconds for all of it; what was skipped is said
    #[arg(long, value_name = "SECONDS")]
    pub total_seconds: Option<String>,
    /// A run that takes longer is ended [default: 60s]
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// So much measured time in a process of a harness [default: 20ms, on a ladder 10ms]
    #[arg(long, value_name = "DURATION")]
    pub batch_time: Option<String>,
    /// A run of a ladder that takes longer ends the ladder [default: 1s]
    #[arg(long, value_name = "DURATION")]
    pub cap: Option<String>,
    /// The seed of the order of runs [default: a new one, recorded]
    #[arg(long, value_name = "SEED", value_parser = number::natural)]
    #[arg(allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Allow more points than 100,000
    #[arg(long, value_name = "N", value_parser = number::whole)]
    #[arg(allow_negative_numbers = true)]
    pub max_points: Option<i64>,
    /// Only workloads with this tag (may be repeated: any of them)
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
}

/// What runs around the measured runs.
#[derive(Args, Debug)]
#[command(next_help_heading = "Around the runs")]
pub(crate) struct AroundArgs {
    /// Once before all runs of the commands that share it; repeated: one for each command
    #[arg(short, long, value_name = "CMD")]
    pub setup: Vec<String>,
    /// Before every run; repeated: one for each command
    #[arg(short, long, value_name = "CMD")]
    pub prepare: Vec<String>,
    /// After every run; repeated: one for each command
    #[arg(short = 'C', long, value_name = "CMD")]
    pub conclude: Vec<String>,
    /// Once after all runs of the commands that share it; repeated: one for each command
    #[arg(short, long, value_name = "CMD")]
    pub cleanup: Vec<String>,
}

/// How programs are started.
#[derive(Args, Debug)]
#[command(next_help_heading = "Programs")]
pub(crate) struct ProgramArgs {
    /// A program that speaks the wire contract, by its words, or cargo, or cargo:NAME: this Cargo
    /// project's bench targets; the arguments are filters then
    #[arg(long, value_name = "PROGRAM")]
    pub harness: Option<String>,
    /// Run commands without a shell, split into words
    #[arg(short = 'N', long)]
    pub no_shell: bool,
    /// The shell for commands given as text, `none`, or `default` [default: /bin/sh]
    #[arg(short = 'S', long, value_name = "SHELL", overrides_with = "shell")]
    pub shell: Option<String>,
    /// Words in front of every command, as 'taskset -c 1'
    #[arg(long, value_name = "WORDS")]
    pub launcher: Option<String>,
    /// Variables for the programs, split into words: --env 'LC_ALL=C MSG="two words"'
    #[arg(long, value_name = "NAME=VALUE …")]
    pub env: Vec<String>,
    /// A file given as standard input, or null: nothing to read [default: null]
    #[arg(long, value_name = "FILE")]
    pub input: Option<String>,
    /// Where standard output goes: pipe, null, inherit (standard error too), or a file [default:
    /// pipe]
    #[arg(long, value_name = "WHERE")]
    pub output: Vec<String>,
    /// The same as --output inherit
    #[arg(long, conflicts_with = "output")]
    pub show_output: bool,
    /// Count other exit codes than 0 as success: all of them, or those given after `=`
    #[arg(
        short,
        long,
        value_name = "CODES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "all-non-zero"
    )]
    pub ignore_failure: Option<String>,
    /// A parameter and its values, for {NAME} in the commands: -L level 1,6,9
    #[arg(
        short = 'L',
        long,
        value_names = ["NAME", "VALUES"],
        num_args = 2,
        allow_hyphen_values = true
    )]
    pub parameter_list: Vec<String>,
    /// A parameter and its range: -P threads 1 8
    #[arg(
        short = 'P',
        long,
        value_names = ["NAME", "MIN", "MAX"],
        num_args = 3,
        allow_negative_numbers = true
    )]
    pub parameter_scan: Vec<String>,
    /// The step of -P [default: 1]; repeated: one for each -P
    #[arg(
        short = 'D',
        long,
        value_name = "STEP",
        requires = "parameter_scan",
        allow_negative_numbers = true
    )]
    pub parameter_step_size: Vec<String>,
    /// A name for a command in place of its text (repeated: first, second …)
    #[arg(short = 'n', long, value_name = "NAME")]
    pub command_name: Vec<String>,
    /// A command in front of all others: they are compared with it
    #[arg(long, value_name = "CMD")]
    pub reference: Option<String>,
    /// A name for it
    #[arg(long, value_name = "NAME", requires = "reference")]
    pub reference_name: Option<String>,
}

/// What becomes of the result.
#[derive(Args, Debug)]
#[command(next_help_heading = "Result")]
pub(crate) struct ResultArgs {
    /// Show the change against this baseline instead of the first command
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// Make the capture a baseline
    #[arg(long, value_name = "NAME")]
    pub save_baseline: Option<String>,
    /// Rank models of growth for each ladder, and look for a knee
    #[arg(long)]
    pub auto_fit: bool,
    /// Do not wait for another tacho that is measuring on this machine; the rows say so
    #[arg(long)]
    pub no_wait: bool,
    #[command(flatten)]
    pub stream: StreamArgs,
}

/// Flags of hyperfine that are answered with a sentence.
#[derive(Args, Debug)]
pub(crate) struct ForeignArgs {
    /// hyperfine 2's choice of columns
    #[arg(long, value_name = "METRICS", hide = true)]
    pub metrics: Option<String>,
    /// hyperfine's made-up times
    #[arg(long, hide = true)]
    pub debug_mode: bool,
}
