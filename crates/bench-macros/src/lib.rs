//! The attribute `#[tacho_bench::bench]` makes a registered workload of a function.

mod duration;
mod expand;
mod keys;
mod signature;

use proc_macro::TokenStream;

/// Registers a function as a workload of its harness binary.
///
/// The documentation of `tacho_bench` has the keys and the forms that a function may have.
#[proc_macro_attribute]
pub fn bench(keys: TokenStream, function: TokenStream) -> TokenStream {
    expand::bench(keys.into(), &function.into()).into()
}
