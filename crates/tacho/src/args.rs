//! The command line: the clap tree and nothing else; what a flag means is decided in `command`.

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::failure::Failure;

pub(crate) mod export;
mod machine;
mod number;
mod run;
pub(crate) mod verbs;

use export::{ExportFiles, TableArgs};
pub(crate) use run::RunArgs;
use verbs::{CompletionsArgs, ExportArgs, InitArgs, ManArgs, VariantsArgs};

const AFTER_HELP: &str = "\
Exit codes: 0 fine · 2 used wrongly, nothing was measured · 3 no usable rows: the time was up \
before the first run had ended · 4 a measured program failed or does not exist · 5 the \
environment (disk, store, machine) · 130, 143 after Ctrl-C or TERM, once what was measured has \
been kept.";

const AS_RUN: &str = "\
All flags are those of `tacho run`, so that `run` may be replaced in a command line. Nothing is \
measured and nothing is written, so flags about results do nothing here.";

const CONFIG_HELP: &str = "\
The arguments select workloads of the manifest by their names; without one the settings are shown \
that all workloads start from. The layers, each over the one before: built-in, the user's own file \
($XDG_CONFIG_HOME/tacho/config.toml, else ~/.config/tacho/config.toml), the manifest's [defaults], \
its [[workload]], its [profile.NAME], flags. All flags are those of `tacho run`.";

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
    #[command(after_help = run::HELP)]
    Run(Box<RunArgs>),
    /// Show what there is to measure
    #[command(after_help = AS_RUN)]
    List(Box<RunArgs>),
    /// Show what tacho run would do with the same words, and measure nothing
    #[command(after_help = AS_RUN)]
    Plan(Box<RunArgs>),
    /// Run everything once at its smallest parameters, and check the answers
    #[command(after_help = verbs::VERIFY_HELP)]
    Verify(Box<RunArgs>),
    /// Compare the implementations of one thing: first their answers, then their speed
    #[command(after_help = verbs::VARIANTS_HELP)]
    CompareVariants(Box<VariantsArgs>),
    /// Show every setting, its value, and where that comes from
    #[command(after_help = CONFIG_HELP)]
    Config(Box<RunArgs>),
    /// List the captures, newest first
    History(HistoryArgs),
    /// Show one capture: its table, its warnings
    Show(ShowArgs),
    /// Name captures, to compare later ones with
    Baseline(BaselineArgs),
    /// Commit what a killed tacho left in its journal
    Recover(RecoverArgs),
    /// Tell what this machine can measure, what disturbs it, and what to do
    Doctor(DoctorArgs),
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
    /// Rank models of growth for each ladder, and look for a knee
    #[arg(long)]
    pub auto_fit: bool,
    /// As one JSON document
    #[arg(long, conflicts_with_all = [
        "export_json", "export_json_1", "export_csv", "export_markdown", "export_asciidoc",
        "export_orgmode",
    ])]
    pub json: bool,
    #[command(flatten)]
    pub exports: ExportFiles,
    #[command(flatten)]
    pub table: TableArgs,
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

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// As one JSON document
    #[arg(long)]
    pub json: bool,
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
