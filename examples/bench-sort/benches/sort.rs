//! Three ways to sort, and a checksum: `cargo bench -p bench-sort`.
//!
//! `insertion/claimed` says that its time grows with n · log n. It does not: its C climbs from rung
//! to rung, and `tacho run` calls the ladder inconsistent.

use std::sync::atomic::{AtomicU64, Ordering};

use bench_sort::{adler32, by_heap, by_insertion, by_merging, shuffled};
use tacho_bench::bench;

/// Made for every call, outside its time; every process begins with the same.
///
/// They are others each time: a processor learns the branches of few numbers by heart.
fn numbers(n: u64) -> Vec<u64> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    shuffled(n as usize, CALLS.fetch_add(1, Ordering::Relaxed))
}

// Three implementations of one thing: each is shown with its ratio to the first, and all must give
// the same answer. What a benchmark returns is its answer.

#[bench(group = "sort", variant_of = "sort", args = [100, 10_000], setup = numbers)]
fn merging(mut numbers: Vec<u64>) -> Vec<u64> {
    by_merging(&mut numbers);
    numbers
}

#[bench(group = "sort", variant_of = "sort", args = [100, 10_000], setup = numbers)]
fn heap(mut numbers: Vec<u64>) -> Vec<u64> {
    by_heap(&mut numbers);
    numbers
}

#[bench(group = "sort", variant_of = "sort", args = [100, 10_000], setup = numbers)]
fn std(mut numbers: Vec<u64>) -> Vec<u64> {
    numbers.sort_unstable();
    numbers
}

// Ladders: the same at growing parameters, held against a declared complexity.

#[bench(group = "merging", ladder = 16..=65_536, complexity = "n * log2(n)", setup = numbers)]
fn climbing(mut numbers: Vec<u64>) -> Vec<u64> {
    by_merging(&mut numbers);
    numbers
}

#[bench(group = "insertion", ladder = 16..=4096, complexity = "n * log2(n)", setup = numbers)]
fn claimed(mut numbers: Vec<u64>) -> Vec<u64> {
    by_insertion(&mut numbers);
    numbers
}

/// Without a parameter, and with the hash that its answer must have.
#[bench(group = "numbers", expected_hash = 0x3502_c84c_fa78_2310)]
fn shuffled_1000() -> Vec<u64> {
    shuffled(1000, 0)
}

fn bytes(n: u64) -> Vec<u8> {
    (0..n).map(|index| index as u8).collect()
}

/// Borrowed: its set-up is made once for many calls.
#[bench(group = "checksum", args = [1024, 65_536], setup = bytes, throughput = bytes(n))]
fn adler(bytes: &[u8]) -> u32 {
    adler32(bytes)
}

tacho_bench::main!();
