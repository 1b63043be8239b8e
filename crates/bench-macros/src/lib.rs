//! The attribute `#[tacho_bench::bench]` makes a registered workload of a function.

mod duration;
mod expand;
mod keys;
mod signature;

use proc_macro::TokenStream;

/// The function stays as it is, and can be called; beside it stands what registers it.
#[proc_macro_attribute]
pub fn bench(keys: TokenStream, function: TokenStream) -> TokenStream {
    expand::bench(keys.into(), &function.into()).into()
}
