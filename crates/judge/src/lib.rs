//! Rows to what they mean: each point's centres, intervals, changes, and what to beware of.
//!
//! [`Collected`] takes rows one at a time and keeps per point only what a summary needs;
//! [`Collected::summaries`] makes the summaries, and [`against_first`] or [`against_baseline`]
//! add the change against a reference. Every threshold stands in [`policy`] with its reason.
//! Nothing here formats text, reads a clock or touches a file.

mod collect;
mod compare;
mod contention;
mod identity;
mod notices;
pub mod policy;
mod summarize;

pub use collect::Collected;
pub use compare::{against_baseline, against_first};
