//! A harness for micro-benchmarks: what Rust users link, and nothing more than they need.
//!
//! It speaks the wire contract of Tachograph (`wire/WIRE.md`): every batch runs in a process of
//! its own, which times itself and prints one row.

mod answer;
mod args;
mod autotune;
mod batch;
mod bencher;
mod cache;
mod clock;
#[doc(hidden)]
pub mod expansion;
mod harness;
mod hash;
mod ladder;
mod memory;
mod near;
mod registry;
mod routine;
mod team;
mod wire;
mod workload;

pub use bencher::{Bencher, WithInput, WithState};
pub use harness::{run, run_with};
pub use registry::workloads;
pub use routine::{Done, Task};
pub use std::hint::black_box;
pub use tacho_bench_macros::bench;
pub use workload::{Call, Complexity, Expected, Params, Place, Step, Throughput, Workload};
