//! What a benchmark is given to say what is measured.

/// Measures one batch of a workload.
pub struct Bencher {}
