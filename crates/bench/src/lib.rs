//! A harness for micro-benchmarks: what Rust users link, and nothing more than they need.
//!
//! It speaks the wire contract of Tachograph (`wire/WIRE.md`): every batch runs in a process of
//! its own, which times itself and prints one row.

mod bencher;
mod climb;
mod harness;
mod ladder;
mod model;
mod options;
mod parent;
mod progress;
mod registry;
mod reply;
mod style;
mod suite;
mod summary;
mod table;
mod trial;
mod wire;
mod workload;

pub use bencher::Bencher;
pub use harness::{run, run_with};
pub use registry::{Registration, workloads};
pub use std::hint::black_box;
pub use workload::{Call, Complexity, Expected, Params, Place, Step, Throughput, Workload};
