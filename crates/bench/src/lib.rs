//! A harness for micro-benchmarks: what Rust users link, and nothing more than they need.
//!
//! It speaks the wire contract of Tachograph (`wire/WIRE.md`): every batch runs in a process of
//! its own, which times itself and prints one row.
//!
//! ```no_run
//! // benches/sort.rs, with `harness = false` in Cargo.toml
//! use tacho_bench::{Bencher, bench};
//!
//! fn numbers(n: usize) -> Vec<u64> {
//!     (0..n as u64).rev().collect()
//! }
//!
//! /// Set-up for each call, a ladder of parameters, and what it is expected to cost.
//! #[bench(ladder = 1..=1 << 20, setup = numbers, complexity = "n * log2(n)")]
//! fn quick(input: &mut [u64]) {
//!     input.sort_unstable();
//! }
//!
//! /// Everything else is in the hands of a `Bencher`. What is returned is the answer.
//! #[bench]
//! fn sum(bencher: &mut Bencher) -> u64 {
//!     let input = numbers(1000);
//!     bencher.iter(|| input.iter().sum::<u64>());
//!     input.iter().sum()
//! }
//!
//! tacho_bench::main!();
//! ```
//!
//! # Forms
//!
//! | function | is called |
//! |---|---|
//! | `fn f() -> T` | as it is |
//! | `fn f(n: u64) -> T`, any unsigned integer | with each parameter of `args` or `ladder` |
//! | `fn f(value: V)`, `fn f(value: &V)` | with each value of `args`; each is its own workload |
//! | `fn f(input: &S)` and `setup` | with what the set-up made once a batch |
//! | `fn f(input: S)`, `fn f(input: &mut S)` and `setup` | with an input made for each call |
//! | `async fn f(…)` and `executor` | within the executor, which is entered outside the time |
//! | `fn f(b: &mut Bencher)`, with a parameter or a value too | once a batch: see [`Bencher`] |
//!
//! Outputs are dropped outside the time, and so are inputs that are lent. The output of the first
//! call is hashed, so that a wrong answer is seen, and two implementations can be compared.
//!
//! # Keys
//!
//! | key | meaning |
//! |---|---|
//! | `name = "…"`, `group = "…"` | the workload is `group/name`; else by module and function |
//! | `args = [1, 10]` | parameters, or values; anything that can be iterated over |
//! | `ladder = 1..=1 << 20` | parameters from here to there; or a list |
//! | `step = double` | `double`, `linear`, or `bracket`, for models that are exponential |
//! | `complexity = "n^2"` | how the time grows with `n`; or a function `fn(u64) -> f64` |
//! | `setup = make` | makes the input, of the parameter where there is one |
//! | `executor = block_on` | awaits what an `async fn` gives |
//! | `variant_of = "…"` | the group of implementations of one thing |
//! | `tags = ["…"]` | words to select by |
//! | `cold` | one call a process, with empty caches |
//! | `threads = [1, 2, 4]` | so many threads make the same calls at once |
//! | `throughput = bytes(n * 8)` | what a call works through, or `elements(…)`; or a function |
//! | `expected_hash = 0x…` | the answer's hash; by parameter: `[(1, 0x…), (2, 0x…)]` |
//! | `no_hash` | the answer is not looked at |
//! | `cap = "1s"` | the longest that a batch of the ladder may take |
//! | `batch_time = "20ms"` | how much measured time a batch has |
//!
//! With `threads` the function runs in each of them, with a set-up and a state of its own; all
//! start each slice together, and the time is that of the slowest.
//!
//! # What is measured
//!
//! A batch is some tens of milliseconds of slices between 100 and 200 µs, shorter than what a
//! scheduler gives at once; a call that takes longer is a slice of its own. The time of a call is
//! the median of the slices. What it costs to read the clock, and a turn of the loop about nothing,
//! are measured in the same process, subtracted, and told in the row.

mod answer;
mod args;
mod autotune;
mod batch;
mod bencher;
mod cache;
mod climb;
mod clock;
#[doc(hidden)]
pub mod expansion;
mod harness;
mod hash;
mod interrupt;
mod ladder;
mod memory;
mod model;
mod near;
mod options;
mod parent;
mod progress;
mod registry;
mod reply;
mod routine;
mod style;
mod suite;
mod summary;
mod table;
mod team;
mod trial;
mod wire;
mod workload;

pub use bencher::{Bencher, WithInput, WithState};
pub use harness::{run, run_with};
pub use registry::workloads;
pub use routine::{Done, Task};
pub use std::hint::black_box;
pub use tacho_bench_macros::bench;
pub use workload::{Call, Complexity, Expected, Params, Place, Step, Throughput, Workload};
