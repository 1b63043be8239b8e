//! Numbers of runs and of points, and the seed.

use toml::de::DeValue;

use super::{Refused, Value, integer, refused, wrong_kind};

/// The most runs of one point; `max_runs` is this where nobody says otherwise.
pub(crate) const RUNS_MAX: u32 = 1_000_000;

/// The most points that a plan may be allowed to have: it is held in memory.
pub(crate) const POINTS_ALLOWED_MAX: u64 = 1_000_000;

/// So many batches may run at the same time at most.
pub(crate) const JOBS_MAX: u32 = 256;

/// Why a number cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCount {
    /// Outside of what the setting takes.
    #[error("{found} is not from {least} to {}", grouped(u128::from(*.most)))]
    OutOfRange {
        /// The number as it was written.
        found: String,
        /// The least that it may be.
        least: u64,
        /// The most that it may be.
        most: u64,
    },
}

/// Reads a number of runs, from `least` to [`RUNS_MAX`].
pub(crate) fn read_runs(value: &Value<'_>, least: u32) -> Result<u32, Refused> {
    let number = read(value, u64::from(least), u64::from(RUNS_MAX))?;
    Ok(u32::try_from(number).unwrap_or(RUNS_MAX))
}

/// Reads how many points are allowed.
pub(crate) fn read_points(value: &Value<'_>) -> Result<u64, Refused> {
    read(value, 1, POINTS_ALLOWED_MAX)
}

/// Reads how many batches may run at the same time.
pub(crate) fn read_jobs(value: &Value<'_>) -> Result<u32, Refused> {
    read(value, 1, u64::from(JOBS_MAX)).map(|jobs| u32::try_from(jobs).unwrap_or(JOBS_MAX))
}

/// Reads a seed.
pub(crate) fn read_seed(value: &Value<'_>) -> Result<u64, Refused> {
    read(value, 0, i64::MAX as u64)
}

/// A number of runs, unless it is outside of `least` to [`RUNS_MAX`].
pub(crate) fn runs(number: i64, least: u32) -> Result<u32, InvalidCount> {
    u32::try_from(number)
        .ok()
        .filter(|number| (least..=RUNS_MAX).contains(number))
        .ok_or_else(|| out_of_range(number.to_string(), u64::from(least), u64::from(RUNS_MAX)))
}

/// A number of batches at the same time, unless it is outside of 1 to [`JOBS_MAX`].
pub(crate) fn jobs(number: i64) -> Result<u32, InvalidCount> {
    u32::try_from(number)
        .ok()
        .filter(|number| (1..=JOBS_MAX).contains(number))
        .ok_or_else(|| out_of_range(number.to_string(), 1, u64::from(JOBS_MAX)))
}

/// A number of allowed points, unless it is outside of 1 to [`POINTS_ALLOWED_MAX`].
pub(crate) fn points(number: i64) -> Result<u64, InvalidCount> {
    u64::try_from(number)
        .ok()
        .filter(|number| (1..=POINTS_ALLOWED_MAX).contains(number))
        .ok_or_else(|| out_of_range(number.to_string(), 1, POINTS_ALLOWED_MAX))
}

/// A number as it is read, with a comma between thousands: `100,000`.
pub(crate) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn read(value: &Value<'_>, least: u64, most: u64) -> Result<u64, Refused> {
    let DeValue::Integer(number) = value.get_ref() else {
        return Err(wrong_kind(value, "a whole number such as 10"));
    };
    integer(number)
        .and_then(|number| u64::try_from(number).ok())
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| refused(value, out_of_range(number.to_string(), least, most)))
}

fn out_of_range(found: String, least: u64, most: u64) -> InvalidCount {
    InvalidCount::OutOfRange { found, least, most }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (100_000, "100,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }
}
