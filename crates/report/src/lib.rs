//! Summaries to bytes: the tables, sentences and documents that people and programs read.
//!
//! Every function takes values and returns a text; nothing here reads a clock, a file or the
//! environment, so the caller says how wide the terminal is and whether it shows colours
//! ([`Style`]). No statistic is computed here: what is printed was in the summary. One file an
//! audience ([`terminal`], [`history`], [`json`], [`export`]); sentences about results are
//! composed in [`phrase`] alone.

pub mod config;
mod counters;
pub mod doctor;
pub mod export;
#[cfg(test)]
mod fixture;
mod grid;
pub mod history;
mod hyperfine;
pub mod json;
mod ladder;
mod layout;
pub mod list;
mod notes;
mod origin;
pub mod phrase;
pub mod plan;
mod points;
mod style;
pub mod terminal;
mod text;
pub mod variants;
pub mod verify;

pub use history::{BaselineEntry, HistoryEntry};
pub use style::Style;
