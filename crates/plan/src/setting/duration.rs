//! Durations: a text of numbers with their units, `"10s"`, `"1.5min"`, `"1h30m"`.

use toml::de::DeValue;

use super::{Refused, Value, refused, wrong_kind};
use crate::near::nearest;

/// The longest duration: a year.
const NANOS_MAX: u128 = 365 * 24 * 3600 * 1_000_000_000;

/// No number of a duration has more digits on either side of its point.
const DIGITS_MAX: usize = 18;

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Other words for the units, which are answered with the right one.
const LONG_UNITS: [(&str, &str); 11] = [
    ("nanosecond", "ns"),
    ("microsecond", "us"),
    ("millisecond", "ms"),
    ("second", "s"),
    ("sec", "s"),
    ("minute", "min"),
    ("hour", "h"),
    ("hr", "h"),
    ("msec", "ms"),
    ("usec", "us"),
    ("nsec", "ns"),
];

/// Why a value is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDuration {
    /// A number without a unit.
    #[error("{0} has no unit: write \"{0}s\" for seconds (units: ns, us, ms, s, min, h)")]
    NoUnit(String),
    /// A unit that is none.
    #[error("unknown unit `{unit}`{} (units: ns, us, ms, s, min, h)", meant(*.near))]
    UnknownUnit {
        /// What stands in the unit's place.
        unit: String,
        /// The unit that may have been meant.
        near: Option<&'static str>,
    },
    /// No number where one should be.
    #[error("{0:?} is no duration: write a number and its unit, as in \"10s\" or \"1h30m\"")]
    NoNumber(String),
    /// Not a positive number where the setting's name gives the unit.
    #[error("{0:?} is no positive number of seconds")]
    NoSeconds(String),
    /// Zero where only a positive duration makes sense.
    #[error("it must be longer than zero")]
    Zero,
    /// Over a year.
    #[error("{0:?} is over a year")]
    TooLong(String),
}

fn meant(near: Option<&str>) -> String {
    near.map(|unit| format!(", did you mean `{unit}`?")).unwrap_or_default()
}

/// Reads a duration from the manifest, in nanoseconds.
pub(crate) fn read(value: &Value<'_>) -> Result<u64, Refused> {
    let parsed = match value.get_ref() {
        DeValue::String(text) => parse(text),
        DeValue::Integer(number) => Err(InvalidDuration::NoUnit(number.to_string())),
        DeValue::Float(number) => Err(InvalidDuration::NoUnit(number.to_string())),
        _ => return Err(wrong_kind(value, "a duration such as \"10s\"")),
    };
    parsed.map_err(|fault| refused(value, fault))
}

/// Reads a duration that may not be zero from the manifest, in nanoseconds.
pub(crate) fn read_positive(value: &Value<'_>) -> Result<u64, Refused> {
    positive(read(value)?).map_err(|fault| refused(value, fault))
}

/// Reads a positive number of seconds (the setting's name says the unit), in nanoseconds.
pub(crate) fn read_seconds(value: &Value<'_>) -> Result<u64, Refused> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        _ => return Err(wrong_kind(value, "a number of seconds such as 300")),
    };
    parse_seconds(number).map_err(|fault| refused(value, fault))
}

/// The nanoseconds of a positive number of seconds without a unit.
pub(crate) fn parse_seconds(number: &str) -> Result<u64, InvalidDuration> {
    let is_digit = |c: char| c.is_ascii_digit() || c == '.';
    let no_seconds = || InvalidDuration::NoSeconds(number.to_owned());
    if !number.chars().all(is_digit) {
        return Err(no_seconds());
    }
    parse(&format!("{number}s")).and_then(positive).map_err(|_| no_seconds())
}

/// A duration's nanoseconds, unless it is zero.
pub(crate) fn positive(nanos: u64) -> Result<u64, InvalidDuration> {
    if nanos == 0 { Err(InvalidDuration::Zero) } else { Ok(nanos) }
}

/// The nanoseconds of one or more numbers, each followed by its unit; fractions of a nanosecond
/// are cut off.
pub(crate) fn parse(text: &str) -> Result<u64, InvalidDuration> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(InvalidDuration::NoNumber(text.to_owned()));
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let (number, after) = cut(rest, |c| c.is_ascii_digit() || c == '.');
        let (unit, after) =
            cut(after.trim_start(), |c| !(c.is_ascii_digit() || c == '.' || c == ' '));
        if number.is_empty() {
            return Err(InvalidDuration::NoNumber(text.to_owned()));
        }
        total = total.saturating_add(part(text, number, unit)?);
        rest = after.trim_start();
    }
    if total > NANOS_MAX {
        return Err(InvalidDuration::TooLong(text.to_owned()));
    }
    u64::try_from(total).map_err(|_| InvalidDuration::TooLong(text.to_owned()))
}

/// The nanoseconds of one number with its unit.
fn part(text: &str, number: &str, unit: &str) -> Result<u128, InvalidDuration> {
    if unit.is_empty() {
        return Err(InvalidDuration::NoUnit(number.to_owned()));
    }
    let Some((_, nanos)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(InvalidDuration::UnknownUnit { unit: unit.to_owned(), near: near_unit(unit) });
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    if !has_digits
        || fraction.contains('.')
        || whole.len() > DIGITS_MAX
        || fraction.len() > DIGITS_MAX
    {
        return Err(InvalidDuration::NoNumber(text.to_owned()));
    }
    let nanos = u128::from(*nanos);
    let scale = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    Ok(digits(whole) * nanos + digits(fraction) * nanos / scale)
}

/// The number that at most [`DIGITS_MAX`] digits make; none make zero.
fn digits(text: &str) -> u128 {
    text.bytes().fold(0, |sum, digit| sum * 10 + u128::from(digit.wrapping_sub(b'0')))
}

fn near_unit(unit: &str) -> Option<&'static str> {
    let lower = unit.to_lowercase();
    if let Some((name, _)) = UNITS.iter().find(|(name, _)| *name == lower) {
        return Some(name);
    }
    let long = nearest(lower.trim_end_matches('s'), LONG_UNITS.iter().map(|(long, _)| *long))?;
    LONG_UNITS.iter().find(|(name, _)| *name == long).map(|(_, unit)| *unit)
}

/// Cuts `text` behind the first characters that `takes`.
fn cut(text: &str, takes: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !takes(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, nanos) in [
            ("10s", 10_000_000_000),
            ("250ms", 250_000_000),
            ("1.5min", 90_000_000_000),
            ("1h30m", 5_400_000_000_000),
            (" 1 h 30 min ", 5_400_000_000_000),
            ("7us", 7_000),
            ("7µs", 7_000),
            (".5s", 500_000_000),
            ("0s", 0),
            ("1.9999999999s", 1_999_999_999),
            ("8760h", 31_536_000_000_000_000),
        ] {
            assert_eq!(parse(text), Ok(nanos), "{text:?}");
        }
    }

    #[test]
    fn messages() {
        for (text, message) in [
            ("10", r#"10 has no unit: write "10s" for seconds (units: ns, us, ms, s, min, h)"#),
            ("1h30", r#"30 has no unit: write "30s" for seconds (units: ns, us, ms, s, min, h)"#),
            ("10sec", "unknown unit `sec`, did you mean `s`? (units: ns, us, ms, s, min, h)"),
            (
                "2 Minutes",
                "unknown unit `Minutes`, did you mean `min`? (units: ns, us, ms, s, min, h)",
            ),
            ("3 parsecs!", "unknown unit `parsecs!` (units: ns, us, ms, s, min, h)"),
            ("-1s", r#""-1s" is no duration: write a number and its unit, as in "10s" or "1h30m""#),
            ("", r#""" is no duration: write a number and its unit, as in "10s" or "1h30m""#),
            (".s", r#"".s" is no duration: write a number and its unit, as in "10s" or "1h30m""#),
            (
                "1.2.3s",
                r#""1.2.3s" is no duration: write a number and its unit, as in "10s" or "1h30m""#,
            ),
            ("8761h", r#""8761h" is over a year"#),
            ("999999999999999999h", r#""999999999999999999h" is over a year"#),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message, "{text:?}");
        }
    }
}
