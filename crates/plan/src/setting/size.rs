//! Sizes of memory: a text of a number and its unit, `"512MiB"`.

use toml::de::DeValue;

use super::{Refused, Value, integer, refused, text, wrong_kind};
use crate::near::nearest;

/// The largest size: 1 EiB.
const BYTES_MAX: u128 = 1 << 60;

/// No number of a size has more digits on either side of its point.
const DIGITS_MAX: usize = 18;

/// The units, and how many bytes each is. One letter is decimal, as with its `B`.
const UNITS: [(&str, u64); 14] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("K", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("KB", 1_000),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

const EXPECTED: &str = "a size such as \"512MiB\", or \"none\"";

/// Why a text is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSize {
    /// A number without a unit.
    #[error(
        "{0} has no unit: write \"{0}MiB\" (units: B, KiB, MiB, GiB; decimal: KB, MB, GB), or \
         \"none\""
    )]
    NoUnit(String),
    /// A unit that is none.
    #[error(
        "unknown unit `{unit}`{} (units: B, KiB, MiB, GiB; decimal: KB, MB, GB)", meant(*.near)
    )]
    UnknownUnit {
        /// What stands in the unit's place.
        unit: String,
        /// The unit that may have been meant.
        near: Option<&'static str>,
    },
    /// No number where one should be.
    #[error("{0:?} is no size: write a number and its unit, as in \"512MiB\", or \"none\"")]
    NoNumber(String),
    /// Less than a byte.
    #[error("{0:?} is less than one byte; \"none\" is no bound")]
    Zero(String),
    /// Over 1 EiB.
    #[error("{0:?} is over 1048576 TiB; \"none\" is no bound")]
    TooLarge(String),
}

fn meant(near: Option<&str>) -> String {
    near.map(|unit| format!(", did you mean `{unit}`?")).unwrap_or_default()
}

/// Reads a size from the manifest in bytes; `None` is no bound at all.
pub(crate) fn read(value: &Value<'_>) -> Result<Option<u64>, Refused> {
    let parsed = match value.get_ref() {
        DeValue::String(_) => parse_bound(text(value, EXPECTED)?),
        DeValue::Integer(number) if integer(number) == Some(0) => {
            Err(InvalidSize::Zero("0".to_owned()))
        }
        DeValue::Integer(number) => Err(InvalidSize::NoUnit(number.to_string())),
        DeValue::Float(number) => Err(InvalidSize::NoUnit(number.to_string())),
        _ => return Err(wrong_kind(value, EXPECTED)),
    };
    parsed.map_err(|fault| refused(value, fault))
}

/// A size in bytes, or `none`: no bound.
pub(crate) fn parse_bound(text: &str) -> Result<Option<u64>, InvalidSize> {
    if text.trim() == "none" { Ok(None) } else { parse(text).map(Some) }
}

/// The bytes of one number with its unit; fractions of a byte are cut off.
fn parse(text: &str) -> Result<u64, InvalidSize> {
    let trimmed = text.trim();
    let end = trimmed.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty()
        || fraction.contains('.')
        || whole.len() > DIGITS_MAX
        || fraction.len() > DIGITS_MAX
    {
        return Err(InvalidSize::NoNumber(text.to_owned()));
    }
    let bytes = match unit.trim_start() {
        // Whatever its unit may be.
        "" if digits(whole) + digits(fraction) == 0 => {
            return Err(InvalidSize::Zero(text.to_owned()));
        }
        "" => return Err(InvalidSize::NoUnit(number.to_owned())),
        unit => u128::from(unit_bytes(unit)?),
    };
    let scale = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let total = digits(whole) * bytes + digits(fraction) * bytes / scale;
    match u64::try_from(total) {
        Ok(0) => Err(InvalidSize::Zero(text.to_owned())),
        Ok(size) if total <= BYTES_MAX => Ok(size),
        _ => Err(InvalidSize::TooLarge(text.to_owned())),
    }
}

fn unit_bytes(unit: &str) -> Result<u64, InvalidSize> {
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    known.map(|(_, bytes)| *bytes).ok_or_else(|| {
        let same = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
        let near = same.map(|(name, _)| *name);
        let near = near.or_else(|| nearest(unit, UNITS.iter().map(|(name, _)| *name)));
        InvalidSize::UnknownUnit { unit: unit.to_owned(), near }
    })
}

/// The number that at most [`DIGITS_MAX`] digits make; none make zero.
fn digits(text: &str) -> u128 {
    text.bytes().fold(0, |sum, digit| sum * 10 + u128::from(digit.wrapping_sub(b'0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("512MiB", Ok(Some(512 << 20))),
            (" 1.5 GiB ", Ok(Some(3 << 29))),
            ("1K", Ok(Some(1_000))),
            ("2kB", Ok(Some(2_000))),
            ("2GB", Ok(Some(2_000_000_000))),
            (".5KiB", Ok(Some(512))),
            ("1048576TiB", Ok(Some(1 << 60))),
            ("none", Ok(None)),
            ("512", Err("512 has no unit: write \"512MiB\"")),
            ("1mib", Err("unknown unit `mib`, did you mean `MiB`?")),
            ("1 MiBs", Err("unknown unit `MiBs`, did you mean `MiB`?")),
            ("3 pages", Err("unknown unit `pages` (units")),
            ("0B", Err("\"0B\" is less than one byte; \"none\" is no bound")),
            ("0", Err("\"0\" is less than one byte; \"none\" is no bound")),
            ("unlimited", Err("\"unlimited\" is no size: write a number and its unit")),
            ("0.9B", Err("\"0.9B\" is less than one byte")),
            ("1048577TiB", Err("\"1048577TiB\" is over 1048576 TiB")),
            ("-1B", Err("\"-1B\" is no size")),
            ("1.2.3B", Err("\"1.2.3B\" is no size")),
            ("MiB", Err("\"MiB\" is no size")),
            ("", Err("\"\" is no size")),
        ] {
            match (parse_bound(text), bytes) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{text:?}"),
                (Err(found), Err(expected)) => {
                    assert!(found.to_string().starts_with(expected), "{text:?}: {found}");
                }
                (found, expected) => panic!("{text:?}: {found:?}, not {expected:?}"),
            }
        }
    }

    proptest! {
        /// A whole number of a unit is that many of its bytes.
        #[test]
        fn whole_numbers(number in 1_u64..1_000_000, unit in 0..UNITS.len()) {
            let (name, bytes) = UNITS[unit];
            let expected = u128::from(number) * u128::from(bytes);
            let found = parse(&format!("{number}{name}")).ok().map(u128::from);
            prop_assert_eq!(found, (expected <= BYTES_MAX).then_some(expected));
        }

        #[test]
        fn any_text(text in any::<String>()) {
            if let Ok(size) = parse(&text) {
                prop_assert!(size >= 1 && u128::from(size) <= BYTES_MAX);
            }
        }
    }
}
