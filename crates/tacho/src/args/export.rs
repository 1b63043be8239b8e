//! Flags of what is done with results: the files they are written to, and how a table looks.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tacho_report::export::TimeUnit;

/// Files in hyperfine's formats.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Exports, as hyperfine's; - for FILE is standard output")]
pub(crate) struct ExportFiles {
    /// Every run and what was computed, in seconds and bytes: hyperfine 2's JSON, with 1's keys too
    #[arg(long, value_name = "FILE")]
    pub export_json: Option<PathBuf>,
    /// The same as hyperfine 1 has it: parameters are texts, a command's name is its command
    #[arg(long = "export-json-1", value_name = "FILE")]
    pub export_json_1: Option<PathBuf>,
    /// A line for each command, in seconds: command,mean,stddev,median,user,system,min,max, then
    /// parameter_NAME for each parameter
    #[arg(long, value_name = "FILE")]
    pub export_csv: Option<PathBuf>,
    /// A table in Markdown: mean ± standard deviation, min, max, and relative: the ratio to the
    /// reference ± half its 95 % interval
    #[arg(long, value_name = "FILE")]
    pub export_markdown: Option<PathBuf>,
    /// The same table in AsciiDoc
    #[arg(long, value_name = "FILE")]
    pub export_asciidoc: Option<PathBuf>,
    /// The same table in Emacs' Org
    #[arg(long, value_name = "FILE")]
    pub export_orgmode: Option<PathBuf>,
    /// The unit of all times in the table and in these three: ns, us, ms, s, min, h or a full name
    /// such as millisecond; JSON and CSV are in seconds [default: what fits]
    #[arg(short = 'u', long, value_name = "UNIT")]
    pub time_unit: Option<TimeUnit>,
}

/// How the table looks.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Table")]
pub(crate) struct TableArgs {
    /// The order of the commands, also in exported tables: auto and command: as they were given;
    /// mean-time: the fastest first, by the median, which tacho shows in place of the mean
    #[arg(long, value_name = "ORDER", hide_possible_values = true)]
    pub sort: Option<Sort>,
    /// auto; basic: no colours, no progress line; nocolor: no colours; color: colours, no progress
    /// line; full: colours even in a pipe; none: no table at all
    #[arg(long, value_name = "STYLE", hide_possible_values = true)]
    pub style: Option<Look>,
}

/// The order of the points in a table.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Auto,
    Command,
    #[value(alias = "median")]
    MeanTime,
}

/// What of colours, progress and table is shown.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Look {
    #[default]
    Auto,
    Basic,
    Full,
    #[value(name = "nocolor")]
    NoColor,
    Color,
    None,
}
