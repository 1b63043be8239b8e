//! Ladders: the parameters that a workload is tried at, from small to large.

use std::collections::BTreeSet;

use tacho_schema::LadderStep;
use toml::de::{DeTable, DeValue};

use super::{Refused, Value, integer, refused, text, word, wrong_kind};

/// The name that stands for a rung's parameter in texts.
pub(crate) const NAME: &str = "n";

const EXPECTED: &str = "a ladder such as \"1..=1<<20\", [1, 10, 100] or { low = 1, high = 1024 }";
const EXPECTED_NUMBER: &str = "a whole number such as 1024 or \"1<<10\"";

/// Why a ladder cannot be climbed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLadder {
    /// Neither a range nor a number.
    #[error(
        "{0:?} is no ladder: write its smallest and its largest parameter, as in \"1..=1<<20\""
    )]
    NoRange(String),
    /// A range without its end.
    #[error("both ends are rungs of a ladder: write `..=` in place of `..`")]
    HalfOpen,
    /// A parameter that is none.
    #[error("`{0}` is no parameter: write a whole number from 0 on, as 1024, 1_024, 1<<10 or 2^10")]
    NoNumber(String),
    /// A parameter that no `u64` holds.
    #[error("`{0}` is over 18446744073709551615, the largest parameter")]
    TooLarge(String),
    /// It ends before it starts.
    #[error("{low} is over {high}, so there is no rung between them")]
    Backwards {
        /// Where it starts.
        low: u64,
        /// Where it ends.
        high: u64,
    },
    /// No rung at all.
    #[error("there is no rung in it")]
    Empty,
    /// The same rung twice.
    #[error("the rung {0} is there twice")]
    Twice(u64),
    /// A key that nobody knows here.
    #[error("unknown key `{0}`; known are low, high, step")]
    UnknownKey(String),
    /// One of its ends is not there.
    #[error("it has no `{0}`")]
    Missing(&'static str),
    /// Nothing is done with the parameter.
    #[error("the rungs go nowhere: write `{{n}}` where their parameter belongs")]
    Unused,
    /// All rungs of a ladder have one name.
    #[error("`{{n}}` cannot stand in the name: a rung is told by its parameter behind it")]
    InName,
    /// A growth, and nothing that grows.
    #[error("nothing grows without a `ladder`")]
    NoLadder,
}

/// The parameters as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// Exactly these, ascending.
    List(Vec<u64>),
    /// From the first to the second, which is not below it.
    Range(u64, u64, Option<LadderStep>),
}

/// Reads a ladder from the manifest.
pub(crate) fn read(value: &Value<'_>) -> Result<Span, Refused> {
    match value.get_ref() {
        DeValue::String(_) => {
            let range = text(value, EXPECTED)?;
            let (low, high) = parse_range(range).map_err(|fault| refused(value, fault))?;
            span(value, low, high, None)
        }
        DeValue::Array(values) => read_list(value, values),
        DeValue::Table(table) => read_table(value, table),
        _ => Err(wrong_kind(value, EXPECTED)),
    }
}

fn span(value: &Value<'_>, low: u64, high: u64, step: Option<LadderStep>) -> Result<Span, Refused> {
    if low > high {
        return Err(refused(value, InvalidLadder::Backwards { low, high }));
    }
    Ok(Span::Range(low, high, step))
}

fn read_list(value: &Value<'_>, values: &[Value<'_>]) -> Result<Span, Refused> {
    let mut rungs = BTreeSet::new();
    for value in values {
        let rung = read_number(value)?;
        if !rungs.insert(rung) {
            return Err(refused(value, InvalidLadder::Twice(rung)));
        }
    }
    match rungs.is_empty() {
        true => Err(refused(value, InvalidLadder::Empty)),
        false => Ok(Span::List(rungs.into_iter().collect())),
    }
}

fn read_table(value: &Value<'_>, table: &DeTable<'_>) -> Result<Span, Refused> {
    let (mut low, mut high, mut step) = (None, None, None);
    for (key, value) in table.iter() {
        match key.get_ref().as_ref() {
            "low" => low = Some(read_number(value)?),
            "high" => high = Some(read_number(value)?),
            "step" => step = Some(word::read_step(value)?),
            other => {
                let fault = InvalidLadder::UnknownKey(other.to_owned()).into();
                return Err(Refused { span: key.span(), fault });
            }
        }
    }
    let low = low.ok_or_else(|| refused(value, InvalidLadder::Missing("low")))?;
    let high = high.ok_or_else(|| refused(value, InvalidLadder::Missing("high")))?;
    span(value, low, high, step)
}

fn read_number(value: &Value<'_>) -> Result<u64, Refused> {
    let no_number = |written: &str| refused(value, InvalidLadder::NoNumber(written.to_owned()));
    match value.get_ref() {
        DeValue::String(_) => {
            parse_number(text(value, EXPECTED_NUMBER)?).map_err(|fault| refused(value, fault))
        }
        DeValue::Integer(number) => integer(number)
            .and_then(|number| u64::try_from(number).ok())
            .ok_or_else(|| no_number(number.as_str())),
        _ => Err(wrong_kind(value, EXPECTED_NUMBER)),
    }
}

/// The ends of a range, as `1..=1<<20`.
pub(crate) fn parse_range(text: &str) -> Result<(u64, u64), InvalidLadder> {
    match text.split_once("..=") {
        Some((low, high)) => Ok((parse_number(low)?, parse_number(high)?)),
        None if text.contains("..") => Err(InvalidLadder::HalfOpen),
        None => Err(InvalidLadder::NoRange(text.to_owned())),
    }
}

/// A whole number, or two with `<<` or `^` between them.
fn parse_number(text: &str) -> Result<u64, InvalidLadder> {
    let too_large = || InvalidLadder::TooLarge(text.trim().to_owned());
    let number = |part: &str| match digits(part) {
        Some(digits) => digits.parse::<u64>().map_err(|_| too_large()),
        None => Err(InvalidLadder::NoNumber(text.trim().to_owned())),
    };
    let power = |exponent: u64| u32::try_from(exponent).map_err(|_| too_large());
    let value = if let Some((factor, bits)) = text.split_once("<<") {
        let (factor, bits) = (number(factor)?, power(number(bits)?)?);
        2_u128.checked_pow(bits).and_then(|scale| scale.checked_mul(u128::from(factor)))
    } else if let Some((base, exponent)) = text.split_once('^') {
        let (base, exponent) = (number(base)?, power(number(exponent)?)?);
        u128::from(base).checked_pow(exponent)
    } else {
        Some(u128::from(number(text)?))
    };
    value.and_then(|value| u64::try_from(value).ok()).ok_or_else(too_large)
}

/// The digits of a number, which may have `_` between them.
fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    let are_digits = text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '_');
    are_digits.then(|| text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges() {
        for (text, expected) in [
            ("1..=1<<20", Ok((1, 1 << 20))),
            (" 0 ..= 2 ^ 24 ", Ok((0, 1 << 24))),
            ("1_000..=10^6", Ok((1_000, 1_000_000))),
            ("7..=3<<2", Ok((7, 12))),
            ("1..=2^63", Ok((1, 1 << 63))),
            ("0^0..=18446744073709551615", Ok((1, u64::MAX))),
            ("1..100", Err(InvalidLadder::HalfOpen)),
            ("100", Err(InvalidLadder::NoRange("100".into()))),
            ("", Err(InvalidLadder::NoRange(String::new()))),
            ("1..=", Err(InvalidLadder::NoNumber(String::new()))),
            ("-1..=3", Err(InvalidLadder::NoNumber("-1".into()))),
            ("_1..=3", Err(InvalidLadder::NoNumber("_1".into()))),
            ("1..=1e6", Err(InvalidLadder::NoNumber("1e6".into()))),
            ("1..=1<<2<<3", Err(InvalidLadder::NoNumber("1<<2<<3".into()))),
            ("1..=2^64", Err(InvalidLadder::TooLarge("2^64".into()))),
            ("1..=1<<99999999999", Err(InvalidLadder::TooLarge("1<<99999999999".into()))),
            ("1..=9^9999999", Err(InvalidLadder::TooLarge("9^9999999".into()))),
            (
                "1..=2_0000000000_0000000000",
                Err(InvalidLadder::TooLarge("2_0000000000_0000000000".into())),
            ),
        ] {
            assert_eq!(parse_range(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text(text in "[0-9_<^.=x ]{0,20}") {
            if let Err(fault) = parse_range(&text) {
                prop_assert!(!fault.to_string().is_empty());
            }
        }
    }
}
