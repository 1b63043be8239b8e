//! Turns `tacho.toml`, or a command line, into the exact list of what will run.
//!
//! Text and flags in, a [`tacho_schema::PlanDoc`] or [`Problems`] with their places out. Nothing
//! is started, read or timed here: the caller reads the manifest and hands over its bytes, and
//! the [`Sampler`] only decides from what it is told. The built-in value of every setting, and
//! what it means, is in `defaults.toml`.

mod adhoc;
mod climb;
mod config;
mod expand;
mod flags;
mod harness;
mod ladder;
mod layer;
mod near;
mod problem;
mod sampler;
mod schedule;
mod select;
mod setting;
mod unused;
mod values;
mod variants;
mod verify;
mod whole;

pub use adhoc::{AdHoc, AdHocCommand};
pub use climb::{Climb, Reached};
pub use config::{Defaults, MANIFEST_BYTES_MAX, Manifest, Outside, OutsideSource, PathKey, parse};
pub use flags::Flags;
pub use harness::{HarnessSource, Listing, Supplied, lists_workloads};
pub use problem::{At, Fault, Hint, Place, Problem, Problems};
pub use sampler::{Decision, GiveUp, Sampler};
pub use schedule::{Layout, bounded_nanos, layout, round_order};
pub use select::{NothingSelected, near_names, select};
pub use setting::InvalidCounter;
pub use setting::count::InvalidCount;
pub use setting::cpus::InvalidCpus;
pub use setting::derive::InvalidDerive;
pub use setting::dir::InvalidPath;
pub use setting::duration::InvalidDuration;
pub use setting::env::InvalidVariable;
pub use setting::exit_codes::InvalidExitCodes;
pub use setting::harness::InvalidHarness;
pub use setting::ladder::InvalidLadder;
pub use setting::line::InvalidLine;
pub use setting::nice::InvalidNice;
pub use setting::outcome::InvalidOutcome;
pub use setting::output::{InvalidOutput, parse as parse_output};
pub use setting::outside::InvalidOutside;
pub use setting::params::InvalidParam;
pub use setting::percent::InvalidPercent;
pub use setting::size::InvalidSize;
pub use setting::threads::InvalidThreads;
pub use setting::word::InvalidWord;
pub use setting::words::{InvalidWords, split as split_words};
pub use unused::UnusedParam;
pub use values::{InvalidScan, Scan, Values, parse_list};
pub use variants::{UnknownGroup, select as select_variants};
pub use verify::smallest;
