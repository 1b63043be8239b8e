//! The command line: the clap tree and nothing else; what a flag means is decided in `command`.

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::failure::Failure;

mod number;
pub(crate) mod verbs;

use verbs::{CompletionsArgs, ExportArgs, InitArgs, ManArgs, StreamArgs};

const AFTER_HELP: &str = "\
Exit codes: 0 fine · 2 used wrongly, nothing was measured · 3 no usable rows: the time was up \
before the first run had ended · 4 a measured program failed or does not exist · 5 the \
environment (disk, store, machine) · 130, 143 after Ctrl-C or TERM, once what was measured has \
been kept.";

const RUN_HELP: &str = "\
With a manifest (tacho.toml here or in a folder above, up to the repository's root) the arguments \
are filters: a part of a point's name, or a glob if one of *?[ is in it. Without one, or with -x, \
each is a command.

Examples:
  tacho run                                    everything in tacho.toml
  tacho run gzip 'sort/*'                      only these points
  tacho run -x 'gzip -1 <x' 'gzip -9 <x'       two commands through sh
  tacho run -x -N -w 3 -r 50 'rg foo'          50 runs after 3 warm-ups, no shell
  tacho run -x -P level 1 9 'gzip -{level} -c x'
  tacho run -x -- python3 -c 'print(1)'        one command by its words
  tacho run --save-baseline main && tacho run --baseline main";

/// Tells whether software became slower or hungrier, or only the machine.
///
/// Measures real programs in supervised processes, keeps every run in a local history, and shows
/// medians with intervals that can be believed.
#[derive(Parser, Debug)]
#[command(name = "tacho", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Tacho {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Measure, and keep the result as a capture
    #[command(after_help = RUN_HELP)]
    Run(Box<RunArgs>),
    /// List the captures, newest first
    History(HistoryArgs),
    /// Show one capture: its table, its warnings
    Show(ShowArgs),
    /// Name captures, to compare later ones with
    Baseline(BaselineArgs),
    /// Commit what a killed tacho left in its journal
    Recover(RecoverArgs),
    /// Write a first manifest that fits this folder
    #[command(after_help = verbs::INIT_HELP)]
    Init(InitArgs),
    /// Write the rows of a capture, for other programs
    #[command(after_help = verbs::EXPORT_HELP)]
    Export(ExportArgs),
    /// Print a shell's completions
    #[command(after_help = verbs::COMPLETIONS_HELP)]
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}

/// Where the project and its store are.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct PlaceArgs {
    /// The manifest [default: tacho.toml here or in a folder above, up to the repository's root]
    #[arg(long, value_name = "FILE", conflicts_with = "no_manifest", help_heading = "Place")]
    pub manifest: Option<PathBuf>,
    /// Use no manifest; captures go to the user's own store
    #[arg(short = 'x', long, help_heading = "Place")]
    pub no_manifest: bool,
    /// Where captures are kept: a path, sqlite:PATH, or memory: to keep nothing
    /// [default: .tacho/history.db beside the manifest, else $XDG_STATE_HOME/tacho/history.db]
    #[arg(long, value_name = "STORE", help_heading = "Place")]
    pub store: Option<String>,
}

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
    pub result: ResultArgs,
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
    /// At least so many [default: 10]
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
    /// At least so much measured time for each point [default: 3s]
    #[arg(long, value_name = "DURATION")]
    pub min_time: Option<String>,
    /// At most so much time for each point [default: 10s]
    #[arg(long, value_name = "DURATION")]
    pub max_time: Option<String>,
    /// At most so many seconds for all of it; what was skipped is said
    #[arg(long, value_name = "SECONDS")]
    pub total_seconds: Option<String>,
    /// A run that takes longer is ended [default: 60s]
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
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
    /// Before every run
    #[arg(short, long, value_name = "CMD")]
    pub prepare: Vec<String>,
    /// After every run
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
    /// Run commands without a shell, split into words
    #[arg(short = 'N')]
    pub no_shell: bool,
    /// The shell for commands given as text, or `none` [default: /bin/sh]
    #[arg(short = 'S', long, value_name = "SHELL")]
    pub shell: Option<String>,
    /// Words in front of every command, as 'taskset -c 1'
    #[arg(long, value_name = "WORDS")]
    pub launcher: Option<String>,
    /// A variable for the programs (may be repeated)
    #[arg(long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// A file given as standard input [default: nothing to read]
    #[arg(long, value_name = "FILE")]
    pub input: Option<String>,
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
    #[arg(short = 'L', long, value_names = ["NAME", "VALUES"], num_args = 2)]
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
    /// The step of -P
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
    /// Write the results in hyperfine's JSON format; - is standard output
    #[arg(long, value_name = "FILE")]
    pub export_json: Option<PathBuf>,
    /// Do not wait for another tacho that is measuring on this machine; the rows say so
    #[arg(long)]
    pub no_wait: bool,
    #[command(flatten)]
    pub stream: StreamArgs,
}

#[derive(Args, Debug)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// At most so many
    #[arg(short = 'n', long, value_name = "N", value_parser = number::limit)]
    #[arg(allow_negative_numbers = true)]
    pub limit: Option<u32>,
    /// As one JSON document
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// A capture (the start of its identity is enough), a baseline's name, or latest
    #[arg(value_name = "CAPTURE", default_value = "latest")]
    pub capture: String,
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Show the change against this baseline instead of the first command
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// Write the results in hyperfine's JSON format; - is standard output
    #[arg(long, value_name = "FILE")]
    pub export_json: Option<PathBuf>,
    /// As one JSON document
    #[arg(long, conflicts_with = "export_json")]
    pub json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct BaselineArgs {
    #[command(subcommand)]
    pub verb: BaselineVerb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum BaselineVerb {
    /// Give a capture a name; a name that is taken moves to it
    Save {
        /// The name: letters, digits, _ - . /
        name: String,
        /// A capture (the start of its identity is enough), a baseline's name, or latest: the
        /// newest complete one
        #[arg(default_value = "latest")]
        capture: String,
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// List the names
    List {
        #[command(flatten)]
        place: PlaceArgs,
        /// As one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Show the capture behind a name
    Show {
        /// The name
        name: String,
        #[command(flatten)]
        place: PlaceArgs,
        /// As one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Forget names; the captures stay
    Rm {
        /// The names
        #[arg(required = true)]
        names: Vec<String>,
        #[command(flatten)]
        place: PlaceArgs,
    },
}

#[derive(Args, Debug)]
pub(crate) struct RecoverArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Reads the command line. Help, version and clap's own errors (exit 2) are printed here.
pub(crate) fn parse() -> Result<(Tacho, Vec<String>), Failure> {
    let words: Vec<_> = std::env::args_os().collect();
    let told = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
    let matches = Tacho::command().term_width(width.min(100)).get_matches_from(words);
    match Tacho::from_arg_matches(&matches) {
        Ok(args) => Ok((args, told)),
        Err(error) => error.exit(),
    }
}
