//! The verbs around a measurement: a first manifest, rows for other programs, help for shells.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clap_complete::Shell;

use super::{PlaceArgs, RunArgs};

pub(crate) const INIT_HELP: &str = "\
Looked at are Cargo.toml, a Makefile, package.json, CMakeLists.txt, meson.build, go.mod and \
pytest's settings, in this folder; nothing is started. Where nothing is found the manifest holds \
an example that works.";

pub(crate) const VERIFY_HELP: &str = "\
Every point runs once; of a ladder, or a harness's parameters, the two smallest. Checked are exit \
codes, expected answers, and that implementations of one thing agree; exit 4 where something is \
wrong. Flags are those of `tacho run`, but for those about its result; nothing is kept. Within 60 \
seconds, unless --total-seconds says otherwise; what was skipped is said, and fails nothing.";

pub(crate) const VARIANTS_HELP: &str = "\
GROUP is what the workloads have as variant_of; the reference is the workload of that very name, \
else the first of the group. Measured and kept as by `tacho run`, whose flags these are, but for \
those about its result; the arguments behind GROUP are filters. Where answers differ nothing is \
said about speed, and the exit code is 4.";

pub(crate) const EXPORT_HELP: &str = "\
jsonl is one row a line, as schemas/row.json describes it, each with the capture's environment \
and reasons. csv is one row a line too: every key with one value in the schema's order, then \
conditions.KEY, param.NAME and metrics.NAME. What was not measured is null or an empty field, \
never zero.

Examples:
  tacho export >rows.jsonl                     the newest capture
  tacho export main --format csv -o main.csv   the capture behind the baseline `main`";

pub(crate) const COMPLETIONS_HELP: &str = "\
Examples:
  tacho completions bash >~/.local/share/bash-completion/completions/tacho
  tacho completions zsh >~/.zfunc/_tacho
  tacho completions fish >~/.config/fish/completions/tacho.fish";

#[derive(Args, Debug)]
pub(crate) struct VariantsArgs {
    /// The group: what its workloads have as variant_of
    pub group: String,
    #[command(flatten)]
    pub run: RunArgs,
}

#[derive(Args, Debug)]
pub(crate) struct InitArgs {
    /// Print the manifest, and write nothing
    #[arg(long, conflicts_with = "force")]
    pub stdout: bool,
    /// Replace the manifest that is there
    #[arg(long)]
    pub force: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// A capture (the start of its identity is enough), a baseline's name, or latest
    #[arg(value_name = "CAPTURE", default_value = "latest")]
    pub capture: String,
    /// The form of a row: JSON lines, or comma-separated values
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = RowFormat::Jsonl)]
    pub format: RowFormat,
    /// The file, which is there whole or not at all; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// How rows are written. The variants have no texts: one text more, and clap sets the whole help
/// in its longer form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    Jsonl,
    Csv,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// Write a page for each verb into this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// What standard output is, for programs that read it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Result")]
pub(crate) struct StreamArgs {
    /// Print the result as one JSON document
    #[arg(long, conflicts_with = "message_format")]
    pub json: bool,
    /// What is printed: a table at the end, or events while it works, a JSON object a line
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = MessageFormat::Human)]
    pub message_format: MessageFormat,
}

/// Whom the messages on standard output are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    Human,
    Json,
}
