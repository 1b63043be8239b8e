//! The code of the page for those who come from Criterion, so that it is compiled and runs.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

/// The smallest executor: asks again and again.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

mod functions {
    use super::fib;

    use tacho_bench::{bench, black_box};

    #[bench(name = "fib 20")]
    fn fib_20() -> u64 {
        fib(black_box(20))
    }

    tacho_bench::main!();
}

mod inputs {
    fn parse(text: &str) -> usize {
        text.split(' ').count()
    }

    use tacho_bench::bench;

    fn text_of(size: u64) -> String {
        "word ".repeat(size as usize / 5)
    }

    #[bench(group = "parse", args = [1024, 4096], setup = text_of, throughput = bytes(n))]
    fn words(text: &str) -> usize {
        parse(text)
    }
}

mod ladders {
    fn numbers(n: u64) -> Vec<u64> {
        (0..n).rev().collect()
    }

    use tacho_bench::bench;

    #[bench(ladder = 16..=65_536, complexity = "n * log2(n)", setup = numbers)]
    fn sorting(mut numbers: Vec<u64>) -> Vec<u64> {
        numbers.sort_unstable();
        numbers
    }
}

mod variants {
    use super::fib as slow;

    fn fast(n: u64) -> u64 {
        (0..n).fold((0, 1), |(a, b), _| (b, a + b)).0
    }

    use tacho_bench::bench;

    #[bench(group = "fib", variant_of = "fib", args = [20, 21])]
    fn recursive(n: u64) -> u64 {
        slow(n)
    }

    #[bench(group = "fib", variant_of = "fib", args = [20, 21])]
    fn iterative(n: u64) -> u64 {
        fast(n)
    }
}

mod set_up {
    fn data() -> Vec<u64> {
        vec![3, 1, 2]
    }

    fn consume(data: Vec<u64>) -> u64 {
        data.into_iter().sum()
    }

    use tacho_bench::{Bencher, bench};

    #[bench(setup = data)]
    fn by_value(data: Vec<u64>) -> u64 {
        consume(data)
    }

    #[bench(setup = data)]
    fn by_reference(data: &mut [u64]) {
        data.sort();
    }

    #[bench]
    fn built() -> Vec<u64> {
        data()
    }

    #[bench]
    fn all_at_once(bencher: &mut Bencher) {
        let data = data();
        bencher.with_input(|| data.clone()).iter_mut(|data| data.sort());
    }
}

mod own_timing {
    fn work(i: u64) -> u64 {
        i
    }

    use std::time::Instant;

    use tacho_bench::{Bencher, bench, black_box};

    #[bench]
    fn timed_by_itself(bencher: &mut Bencher) {
        bencher.iter_custom(|calls| {
            let start = Instant::now();
            for i in 0..calls {
                black_box(work(i));
            }
            start.elapsed()
        });
    }
}

mod awaited {
    use super::block_on;

    async fn fetch() -> u64 {
        1
    }

    use tacho_bench::{Bencher, bench};

    #[bench(executor = block_on)]
    async fn fetched() -> u64 {
        fetch().await
    }

    #[bench]
    fn fetched_with_set_up(bencher: &mut Bencher) {
        bencher.iter_async(block_on, || async { fetch().await });
    }
}

fn files() -> Vec<String> {
    vec!["a.txt".to_owned(), "b.txt".to_owned()]
}

fn parse(file: &str) -> usize {
    file.len()
}

use tacho_bench::Workload;

fn workloads() -> Vec<Workload> {
    let of = |file: String| {
        Workload::fixed(format!("parse/{file}"), move |bencher| bencher.iter(|| parse(&file)))
    };
    files().into_iter().map(of).collect()
}

fn main() -> std::process::ExitCode {
    tacho_bench::run_with(workloads())
}
