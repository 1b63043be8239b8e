//! Why a number cannot be computed: the one error of this crate.

/// Why a statistic of these samples does not exist.
///
/// A refusal is an answer, not a fault: the caller prints "none" or asks for more samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There are no samples.
    #[error("there are no samples")]
    Empty,
    /// A sample is infinite or not a number, or the result would be.
    #[error("a number is not finite")]
    NotFinite,
    /// A ratio was asked for, and a sample is zero or negative.
    #[error("a ratio needs positive samples")]
    NotPositive,
    /// The statistic exists only from more samples on.
    #[error("{have} samples are too few: {need} are needed")]
    TooFew {
        /// How many there are (of two sides: on the smaller one).
        have: usize,
        /// How many there must be (of two sides: on each).
        need: usize,
    },
    /// A level or a fraction is outside the range that its function names.
    #[error("a level or fraction is out of its range")]
    OutOfRange,
}

/// Checks that there is a sample and that all of them are finite.
pub(crate) fn check_samples(samples: &[f64]) -> Result<(), Refusal> {
    if samples.is_empty() {
        return Err(Refusal::Empty);
    }
    if samples.iter().all(|value| value.is_finite()) { Ok(()) } else { Err(Refusal::NotFinite) }
}

/// Checks that a level of confidence lies strictly between 0 and 1.
pub(crate) fn check_level(level: f64) -> Result<(), Refusal> {
    if level > 0.0 && level < 1.0 { Ok(()) } else { Err(Refusal::OutOfRange) }
}

/// Refuses a result that left the range of floats, as sums over the largest numbers do.
pub(crate) fn finite(result: f64) -> Result<f64, Refusal> {
    if result.is_finite() { Ok(result) } else { Err(Refusal::NotFinite) }
}
