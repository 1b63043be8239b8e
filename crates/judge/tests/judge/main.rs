//! Judging through the public API: rows in, summaries and changes out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod build;
mod changes;
mod contention;
#[cfg(test)]
mod drift;
mod ladders;
mod stages;
mod summaries;
mod variants;
