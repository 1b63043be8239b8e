//! The two workloads of `wire/transcripts` in the Rust harness: its part in the conformance tests.

use std::process::ExitCode;

use tacho_bench::{Bencher, Complexity, Params, Workload, black_box, run_with};

/// The input of both.
fn numbers(n: u64) -> Vec<u32> {
    (0..n).map(|index| (index as u32).wrapping_mul(2_654_435_761)).collect()
}

fn sum(bencher: &mut Bencher, n: u64) {
    let values = numbers(n);
    let add = || black_box(&values).iter().copied().map(u64::from).sum::<u64>();
    bencher.iter(add);
    bencher.answer(&add());
}

fn sort(bencher: &mut Bencher) {
    let values = numbers(1000);
    let middle = || {
        let mut sorted = values.clone();
        sorted.sort_unstable();
        sorted[500]
    };
    bencher.iter(middle);
    bencher.answer(&middle());
}

fn main() -> ExitCode {
    let ladder = Params::Ladder { low: 1, high: 65536, step: None };
    let mut growing = Workload::parametric("demo/sum", ladder, sum);
    growing.complexity = Some(Complexity::Expression("n"));
    run_with(vec![growing, Workload::fixed("demo/sort", sort)])
}
