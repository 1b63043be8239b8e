//! Every form that a benchmark may have: what the tests of the wire are made with.

use std::fmt;
use std::future::Future;
use std::io::Write;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tacho_bench::{Bencher, Params, Workload, bench, black_box, run_with};

/// Fixed, without anything said.
#[bench]
fn plain() -> u64 {
    (0..black_box(100_u64)).sum()
}

/// Compiles to nothing.
#[bench(name = "nothing", no_hash)]
fn compiles_to_nothing() -> u64 {
    1
}

/// A parameter with a ladder and a model.
#[bench(ladder = 1..=1 << 10, complexity = "n", throughput = elements(n), variant_of = "sums")]
fn sum(n: u64) -> u64 {
    (0..n).map(black_box).sum()
}

/// A model as a function: what it is cannot be seen from its text.
#[bench(ladder = 1..12, complexity = |n| 1.6_f64.powi(n as i32), cap = "50ms", tags = ["slow"])]
fn fibonacci(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

/// A list of numbers, with hashes.
#[bench(args = [4, 2], expected_hash = [(2, 0x1), (4, 0x2)], batch_time = "2ms")]
fn square(n: usize) -> f64 {
    (n * n) as f64
}

/// Strings are workloads of their own.
#[bench(args = ["one", "two words"])]
fn length(text: &str) -> usize {
    text.len()
}

/// How a value without a text for people is named.
#[derive(Clone, Copy, Debug)]
enum Level {
    Low,
    High,
}

#[bench(args = [Level::Low, Level::High], group = "levels")]
fn level(bencher: &mut Bencher, level: Level) -> u32 {
    let turns = match level {
        Level::Low => 10,
        Level::High => 100,
    };
    bencher.iter(|| (0..black_box(turns)).sum::<u32>());
    (0..turns).sum()
}

/// A value whose clone must be dropped.
#[bench(args = [String::from("abc")])]
fn owned(text: String) -> String {
    text + "d"
}

/// Signed numbers are no parameters of the wire.
#[bench(args = [-1, 2])]
fn signed(number: i32) -> i32 {
    number.pow(2)
}

fn numbers(n: usize) -> Vec<u64> {
    (0..n as u64).rev().collect()
}

#[bench(ladder = [4, 64], setup = numbers, throughput = bytes(n * 8))]
fn sort(input: &mut [u64]) {
    input.sort();
}

#[bench(ladder = [4, 64], setup = numbers)]
fn largest(input: &[u64]) -> Option<u64> {
    input.iter().copied().max()
}

#[bench(args = [4, 64], setup = numbers)]
fn sorted(input: Vec<u64>) -> Vec<u64> {
    let mut input = input;
    input.sort();
    input
}

#[bench(setup = || vec![1_u64; 8])]
fn without_parameter(input: &[u64]) -> u64 {
    input.iter().sum()
}

/// A result that has no hash.
struct Opaque;

#[bench]
fn opaque() -> Opaque {
    black_box(Opaque)
}

/// The smallest executor: what it is given is ready at once.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

#[bench(executor = block_on)]
async fn awaited() -> u64 {
    std::future::ready(black_box(7)).await
}

#[bench(executor = block_on, setup = numbers, args = [8])]
async fn awaited_sum(input: &[u64]) -> u64 {
    input.iter().sum()
}

#[bench(executor = self::block_on, args = [8_u16])]
async fn awaited_number(n: u16) -> String {
    n.to_string()
}

/// Hashed as a program in another language can hash it.
#[bench(hash_text)]
fn portable() -> u64 {
    black_box(2_147_382_253_932)
}

/// What is printed before the row does not spoil it.
#[bench]
fn leaves_its_line_open(bencher: &mut Bencher) {
    let _ = std::io::stdout().write_all(b"half a line");
    bencher.iter(|| black_box(1));
}

macro_rules! made {
    ($($name:ident)*) => { $(#[bench(group = "made")] fn $name() -> u64 { black_box(1) })* };
}

// All on one line: they are listed by name.
made!(zeta alpha mid);

#[bench]
fn with_async(bencher: &mut Bencher) {
    let base = 3_u64;
    bencher.iter_async(block_on, || async { black_box(base) + 1 });
    bencher.answer(&4_u64);
}

#[bench]
fn custom(bencher: &mut Bencher) {
    bencher.iter_custom(|repeats| {
        let start = Instant::now();
        for _ in 0..repeats {
            black_box(repeats);
        }
        start.elapsed().max(Duration::from_nanos(repeats))
    });
}

#[bench(args = [1_u8, 4])]
fn with_input(bencher: &mut Bencher, n: u8) -> String {
    bencher.with_input(|| "a".repeat(usize::from(n))).iter(|text| text + "b");
    "ab".to_owned()
}

#[bench]
fn with_input_mut(bencher: &mut Bencher) {
    bencher.with_input(|| vec![3, 1, 2]).iter_mut(|numbers| numbers.sort_unstable());
}

#[bench]
fn with_state(bencher: &mut Bencher) {
    bencher.with_state(|| 0_u64).iter(|count| *count += 1);
}

#[bench(threads = [1, 2])]
fn threaded() -> u64 {
    (0..black_box(100_u64)).sum()
}

#[bench(cold)]
fn cold() -> u64 {
    (0..black_box(10_000_u64)).sum()
}

mod misused {
    use super::{Bencher, bench, black_box};

    #[bench]
    fn never_measures(_: &mut Bencher) {}

    #[bench]
    fn never_ends() {
        std::thread::sleep(std::time::Duration::from_secs(40));
    }

    #[bench]
    fn measures_twice(bencher: &mut Bencher) {
        bencher.iter(|| black_box(1));
        bencher.iter(|| black_box(2));
    }

    #[bench(args = [3])]
    fn small(n: u8) -> u8 {
        n
    }

    #[bench]
    fn panics() -> u64 {
        panic!("there is no answer")
    }

    #[bench(threads = [2])]
    fn panics_in_threads() -> u64 {
        panic!("there is no answer")
    }

    #[bench(name = "twice")]
    fn first() {}

    #[bench(name = "twice")]
    fn second() {}

    #[bench(ladder = 5..=4)]
    fn empty_ladder(n: u64) -> u64 {
        n
    }

    #[bench(ladder = 3..3)]
    fn half_open_and_empty(n: u64) -> u64 {
        n
    }

    #[bench(args = <[u64; 0]>::default())]
    fn no_numbers(n: u64) -> u64 {
        n
    }

    #[bench(args = Vec::<String>::new())]
    fn no_values(text: &str) -> usize {
        text.len()
    }

    #[bench(args = ["line\nbreak", " "])]
    fn unnameable(text: &str) -> usize {
        text.len()
    }

    #[bench(ladder = 1..=8, complexity = |_| f64::NAN)]
    fn no_model(n: u64) -> u64 {
        n
    }

    #[bench(threads = [0])]
    fn no_threads() {}

    #[bench(threads = [1, 5000])]
    fn many_threads() {}

    #[bench(ladder = 1..=1 << 20, step = linear)]
    fn endless(n: u64) -> u64 {
        n
    }

    #[bench(args = ["same", "same"])]
    fn alike(text: &str) -> usize {
        text.len()
    }

    /// The compiler's own check of names: this one is not a path of the function.
    #[bench(name = "kept")]
    pub(super) fn r#loop() {}
}

impl fmt::Display for Opaque {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("opaque")
    }
}

fn main() -> std::process::ExitCode {
    misused::r#loop();
    let by_hand = Workload::parametric("by/hand", Params::List(vec![3, 1]), |bencher, n| {
        bencher.iter(|| black_box(n) + 1);
        bencher.answer(&(n + 1));
    });
    let nameless = Workload::fixed("", |bencher| bencher.iter(|| black_box(1)));
    run_with(vec![by_hand, nameless])
}
