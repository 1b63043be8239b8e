//! Three ways to sort and a checksum: an example of what is measured with `tacho-bench`.

mod checksum;
mod sorting;

pub use checksum::adler32;
pub use sorting::{by_heap, by_insertion, by_merging, shuffled};
