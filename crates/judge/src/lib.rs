//! Rows to what they mean: each point's centres, intervals, changes, and what to beware of.
//!
//! [`Collected`] takes rows one at a time and keeps per point only what a summary needs;
//! [`Collected::summaries`] makes the summaries, and [`against_first`] or [`against_baseline`]
//! add the change against a reference; [`Collected::ladders`] says how times grow with a
//! parameter, [`variants()`] whether implementations agree. Every threshold stands in [`policy`]
//! with its reason. Nothing here formats text, reads a clock or touches a file.

mod answer;
mod collect;
mod compare;
mod contention;
mod drift;
mod identity;
mod ladder;
mod notices;
pub mod policy;
mod summarize;
mod variants;
mod verify;

pub use collect::Collected;
pub use compare::{against_baseline, against_first};
pub use variants::variants;
pub use verify::verified;
