//! The attribute `#[tacho_bench::bench]`: a function to a registered workload.
