//! A harness for micro-benchmarks: what Rust users link, and nothing more than they need.
//!
//! It speaks the wire contract of Tachograph (`wire/WIRE.md`): every batch runs in a process of
//! its own, which times itself and prints one row. `cargo bench` shows a tree of times; `tacho run`
//! measures the same benchmarks with supervision, intervals and history.
//!
//! # First steps
//!
//! ```toml
//! # Cargo.toml
//! [dev-dependencies]
//! tacho-bench = { git = "https://github.com/tachograph/tachograph" }
//!
//! [[bench]]
//! name = "sort"        # benches/sort.rs
//! harness = false
//!
//! [lib]
//! bench = false        # `cargo bench -- FLAGS` gives its flags to every target
//! ```
//!
//! ```no_run
//! // benches/sort.rs
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
//! Then `cargo bench`; `cargo bench -- --help` tells its flags. Workloads whose names are known
//! only when the program runs are made by hand: [`Workload`] and [`run_with`].
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
//! The keys of the attribute, each with an example, are described at [`macro@bench`].
//!
//! # What is measured
//!
//! A batch is some tens of milliseconds of slices between 100 and 200 µs, shorter than what a
//! scheduler gives at once; a call that takes longer is a slice of its own. The time of a call is
//! the median of the slices. What it costs to read the clock, and a turn of the loop about nothing,
//! are measured in the same process, subtracted, and told in the row. So a call that the compiler
//! has nothing left of takes 0 ns, not a turn of the loop: then see whether its input goes through
//! [`black_box`].

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
/// Registers a function as a workload of its harness binary.
///
/// [What forms a function may have](crate#forms) stands at the crate. The keys:
///
/// | key | meaning |
/// |---|---|
/// | [`name`, `group`](#names) | the workload is `group/name` |
/// | [`args`](#parameters) | parameters, or values; anything that can be iterated over |
/// | [`ladder`, `step`, `cap`](#ladders) | parameters from here to there, climbed |
/// | [`complexity`](#ladders) | how the time grows with `n` |
/// | [`setup`](#set-up) | makes the input, of the parameter where there is one |
/// | [`executor`](#async) | awaits what an `async fn` gives |
/// | [`variant_of`, `tags`](#variants-and-tags) | variants of one thing; words to select by |
/// | [`cold`, `threads`, `batch_time`](#how-it-is-called) | how it is called |
/// | [`throughput`](#throughput) | what a call works through |
/// | [`expected_hash`, `hash_text`, `no_hash`](#answers) | what the answer must be |
///
/// # Names
///
/// ```
/// # use tacho_bench::bench;
/// // Listed as `parse/empty line`; without keys it were `module/empty`.
/// #[bench(group = "parse", name = "empty line")]
/// fn empty() -> usize {
///     "".lines().count()
/// }
/// ```
///
/// # Parameters
///
/// Whole numbers without a sign are parameters of one workload. Other values make a workload each,
/// called by their `Display`, else by their `Debug`.
///
/// ```
/// # use tacho_bench::bench;
/// #[bench(args = [10, 1000])]
/// fn sum(n: u64) -> u64 {
///     (0..n).map(tacho_bench::black_box).sum()
/// }
///
/// #[bench(args = ["short", "somewhat longer"])]
/// fn upper(text: &str) -> String {
///     text.to_uppercase()
/// }
/// ```
///
/// # Ladders
///
/// A ladder is climbed until a batch takes longer than `cap` (a second where nothing is said), with
/// all that belongs to its process. `step` is `double`; `linear`, every number, at most 4096 of
/// them; or `bracket`, which doubles and then looks closer at the numbers before the cap. Where
/// nothing is said it is `bracket` for exponential models and else `double`. A list is climbed as
/// it is.
///
/// `complexity` is an expression in `n` with `+ - * / ^`, `log`, `log2`, `log10`, `sqrt`, `cbrt`,
/// `factorial`, `min` and `max`, or a function. Each rung is shown with its C, the time over the
/// model: where it stays the same, the time grows as was said.
///
/// ```
/// # use tacho_bench::bench;
/// #[bench(ladder = 1..=1 << 16, complexity = "n")]
/// fn sum(n: u64) -> u64 {
///     (0..n).map(tacho_bench::black_box).sum()
/// }
///
/// fn golden(n: u64) -> f64 {
///     1.618_f64.powi(n as i32)
/// }
///
/// #[bench(ladder = 1..=40, step = bracket, cap = "100ms", complexity = golden)]
/// fn fibonacci(n: u32) -> u64 {
///     if n < 2 { u64::from(n) } else { fibonacci(n - 1) + fibonacci(n - 2) }
/// }
///
/// #[bench(ladder = [1, 10, 100], complexity = "n^2")]
/// fn pairs(n: u64) -> u64 {
///     (0..n).map(|i| (0..n).map(|j| tacho_bench::black_box(i ^ j)).sum::<u64>()).sum()
/// }
/// ```
///
/// # Set-up
///
/// What the function takes by reference is made once a batch; what it takes by value or `&mut` is
/// made for each call. Neither is in the time.
///
/// ```
/// # use tacho_bench::bench;
/// #[bench(args = [64, 4096], setup = |n: usize| vec![1_u8; n])]
/// fn count(bytes: &[u8]) -> usize {
///     bytes.iter().filter(|byte| **byte == 1).count()
/// }
///
/// #[bench(setup = || vec![3, 1, 2])]
/// fn sort(numbers: &mut [u32]) {
///     numbers.sort();
/// }
/// ```
///
/// # Async
///
/// ```
/// # use tacho_bench::bench;
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #     let mut future = std::pin::pin!(future);
/// #     loop {
/// #         if let std::task::Poll::Ready(it) = future.as_mut().poll(&mut context) { return it; }
/// #     }
/// # }
/// // As pollster::block_on, or `|task| RUNTIME.block_on(task)`.
/// #[bench(executor = block_on)]
/// async fn ready() -> u64 {
///     std::future::ready(tacho_bench::black_box(7)).await
/// }
/// ```
///
/// # Variants and tags
///
/// Variants are shown with their ratio to the first of the group, and must give its answer.
///
/// ```
/// # use tacho_bench::bench;
/// #[bench(variant_of = "triangle", args = [1000], tags = ["quick", "math"])]
/// fn by_loop(n: u64) -> u64 {
///     (1..=n).map(tacho_bench::black_box).sum()
/// }
///
/// #[bench(variant_of = "triangle", args = [1000])]
/// fn by_formula(n: u64) -> u64 {
///     n * (n + 1) / 2
/// }
/// ```
///
/// # How it is called
///
/// `cold` is one call a process, with empty caches as far as the system permits it. With `threads`
/// so many threads make the same calls at once, each with a set-up and a state of its own; all
/// start each slice together, and the time is that of the slowest. `batch_time` is how much
/// measured time a batch has.
///
/// ```
/// # use tacho_bench::bench;
/// # fn open() -> usize { 1 }
/// # fn work() -> usize { 1 }
/// #[bench(cold)]
/// fn start() -> usize {
///     open()
/// }
///
/// #[bench(threads = [1, 2, 4], batch_time = "50ms")]
/// fn shared() -> usize {
///     work()
/// }
/// ```
///
/// # Throughput
///
/// `bytes(…)` is shown in powers of 1024, `elements(…)` in powers of 1000. Between the parentheses
/// stands a number, an expression in the parameter `n`, or a function.
///
/// ```
/// # use tacho_bench::bench;
/// #[bench(args = [64, 4096], setup = |n: usize| vec![1_u64; n], throughput = bytes(n * 8))]
/// fn sum(numbers: &[u64]) -> u64 {
///     numbers.iter().sum()
/// }
///
/// #[bench(throughput = elements(1000))]
/// fn count() -> u64 {
///     (0..1000).map(tacho_bench::black_box).sum()
/// }
/// ```
///
/// # Answers
///
/// What a function returns is hashed where its type is `Hash` or holds floats. All processes must
/// give the same, and that which was expected: a failure tells the hash that was found.
/// `hash_text` takes the text of `Display`, which a program in another language can hash alike.
/// `no_hash` is for answers that differ from run to run.
///
/// ```
/// # use tacho_bench::bench;
/// #[bench(hash_text, expected_hash = 0x07ee_7e07_b4b1_9223)]
/// fn answer() -> u64 {
///     tacho_bench::black_box(42)
/// }
///
/// #[bench(
///     args = [1, 2],
///     expected_hash = [(1, 0x89cd_3129_1d2a_efa4), (2, 0xe6bd_8644_3df8_ce07)],
/// )]
/// fn same(n: u64) -> u64 {
///     n
/// }
///
/// #[bench(no_hash)]
/// fn now() -> std::time::SystemTime {
///     std::time::SystemTime::now()
/// }
/// ```
pub use tacho_bench_macros::bench;
pub use workload::{Call, Complexity, Expected, Params, Place, Step, Throughput, Workload};
