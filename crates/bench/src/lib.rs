//! A harness for micro-benchmarks: what Rust users link, and nothing more than they need.
//!
//! It speaks the wire contract of Tachograph (`wire/WIRE.md`): every batch runs in a process of
//! its own, which times itself and prints one row.

mod workload;

pub use workload::{Call, Complexity, Expected, Params, Place, Step, Throughput, Workload};

/// Measures one batch of a workload.
pub struct Bencher {}
