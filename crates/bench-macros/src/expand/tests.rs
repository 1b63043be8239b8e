//! Functions that can be measured, and what is said to the others.

use super::*;

fn expand(keys: &str, function: &str) -> String {
    bench(keys.parse().expect(keys), &function.parse().expect(function)).to_string()
}

fn taken(keys: &str, function: &str, has: &str) {
    let expanded = expand(keys, function);
    assert!(!expanded.contains("compile_error"), "{keys} {function}: {expanded}");
    let dense = |text: &str| text.replace(char::is_whitespace, "");
    assert!(dense(&expanded).contains(&dense(has)), "{keys} {function}: {expanded}");
    syn::parse_str::<syn::File>(&expanded).expect("it is Rust");
}

fn refused(keys: &str, function: &str, why: &str) {
    let expanded = expand(keys, function);
    assert!(expanded.contains("compile_error"), "{keys} {function} is taken");
    assert!(expanded.contains(why), "{keys} {function}: {expanded}");
}

#[test]
fn the_function_stays_as_it_is() {
    let expanded = expand("", "#[inline] pub fn f() -> u64 { 7 }");
    assert!(expanded.starts_with("# [inline] pub fn f () -> u64 { 7 }"), "{expanded}");
    let with_error = expand("nmae = \"a\"", "fn f() {}");
    assert!(with_error.starts_with("fn f () { }"), "other errors are not hidden: {with_error}");
}

#[test]
fn forms_are_taken() {
    taken("", "fn f() -> u64 { 7 }", "iter_described(|| f()");
    taken("", "fn f() {}", "Answer::nothing()");
    taken("", "fn f() -> () {}", "Answer::nothing()");
    taken("", "fn f(b: &mut Bencher) {}", "f(bencher);");
    taken("", "fn f(b: &mut tacho_bench::Bencher) -> u64 { 1 }", "let output = &f(bencher);");
    taken("args = [1]", "fn f(b: &mut Bencher, n: u64) {}", "f(bencher, ");
    taken("ladder = 1..=8", "fn f(n: usize) -> u64 { 1 }", "stepped::<usize>");
    taken("ladder = [1, 8]", "fn f(n: usize) -> u64 { 1 }", "Params::List");
    taken("ladder = 1..8", "fn f(n: usize) -> u64 { 1 }", "half_open(low, high)");
    taken("args = LIST", "fn f(n: Kind) {}", "Vec<Kind>");
    taken("args = LIST", "fn f(n: &str) {}", "Borrow::<str>::borrow(item)");
    taken("args = LIST", "fn f(n: &'static str) {}", "Vec<&'static str>");
    taken("setup = make", "fn f(s: &S) -> u64 { 1 }", "with_state(|| (make)())");
    taken("setup = make", "fn f(s: &mut S) {}", "iter_mut_described");
    taken("setup = make, args = [1, 2]", "fn f(s: S) {}", "stepped(said");
    taken("setup = make, args = [\"a\"]", "fn f(s: S) {}", "Values::new");
    taken("executor = run", "async fn f() {}", "iter_async_described(run");
    taken("no_hash", "fn f() -> u64 { 1 }", "Answer::no_hash()");
    taken("", "#[cfg(unix)] fn f() {}", "#[cfg(unix)] const _: () =");
    taken("", "fn r#loop() {}", "\"loop\"");
    taken("throughput = bytes(SIZE)", "fn f() {}", "(SIZE) as u64");
    taken("throughput = bytes(size)", "fn f() {}", "Bytes(size)");
    taken("throughput = elements(n)", "fn f() {}", "(n) as u64");
    taken("hash_text", "fn f() -> u64 { 1 }", "Answer::of_text(output)");
    taken("hash_text", "fn f(b: &mut Bencher) -> u64 { 1 }", "Answer::of_text(output)");
    taken("expected_hash = [(1, 2)]", "fn f() {}", "Expected::At");
}

#[test]
fn other_forms_are_refused() {
    refused("", "struct S;", "stands above a function");
    refused("", "fn f<T>() {}", "no generics");
    refused("", "fn f(&self) {}", "not a method");
    refused("", "unsafe fn f() {}", "safe to call");
    refused("", "fn f(b: Bencher) {}", "taken as `&mut Bencher`");
    refused("", "fn f(b: &tacho_bench::Bencher) {}", "taken as `&mut Bencher`");
    refused("args = [1]", "fn f(n: u64, b: &mut Bencher) {}", "at most");
    refused("", "fn f(n: u64) {}", "where does this value come from?");
    refused("", "fn f(n: &mut Vec<u8>) {}", "made anew for each call");
    refused("args = [1]", "fn f() {}", "it takes no parameter");
    refused("ladder = 1..=2", "fn f(b: &mut Bencher) {}", "it takes no parameter");
    refused("args = [1]", "fn f(b: &mut Bencher, n: u64, m: u64) {}", "at most");
    refused("args = [1]", "fn f(n: u64, m: u64) {}", "at most");
    refused("setup = make", "fn f() {}", "takes what the set-up makes");
    refused("setup = make", "fn f(b: &mut Bencher, s: &S) {}", "takes no Bencher");
    refused("", "async fn f() {}", "needs `executor = …`");
    refused("executor = run", "fn f() {}", "is for an async fn");
    refused("executor = run", "async fn f(b: &mut Bencher) {}", "takes no Bencher");
    refused("executor = run, setup = make", "async fn f(s: S) {}", "by reference");
    refused("ladder = 1..", "fn f(n: u64) {}", "a ladder has two ends");
    refused("ladder = ..=5", "fn f(n: u64) {}", "a ladder has two ends");
}
