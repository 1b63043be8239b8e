//! Percentages: a text with its sign, `"2%"`.

use tacho_schema::Ratio;
use toml::de::DeValue;

use super::{Refused, Value, refused, wrong_kind};

/// Why a value is no percentage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPercent {
    /// A number without the sign.
    #[error("{0} has no unit: write \"{0}%\"")]
    NoUnit(String),
    /// Another unit.
    #[error("unknown unit `{0}`; the unit is %")]
    UnknownUnit(String),
    /// No number.
    #[error("{0:?} is no percentage: write a number and its sign, as in \"2%\"")]
    NoNumber(String),
    /// Zero, or over 100 %.
    #[error("{0:?} is not over 0% and up to 100%")]
    OutOfRange(String),
}

/// Reads a percentage over 0 and up to 100 from the manifest, as a share of 1.
pub(crate) fn read(value: &Value<'_>) -> Result<Ratio, Refused> {
    let parsed = match value.get_ref() {
        DeValue::String(text) => parse(text),
        DeValue::Integer(number) => Err(InvalidPercent::NoUnit(number.to_string())),
        DeValue::Float(number) => Err(InvalidPercent::NoUnit(number.to_string())),
        _ => return Err(wrong_kind(value, "a percentage such as \"2%\"")),
    };
    parsed.map_err(|fault| refused(value, fault))
}

/// The share of 1 that a percentage over 0 and up to 100 is.
pub(crate) fn parse(text: &str) -> Result<Ratio, InvalidPercent> {
    let trimmed = text.trim();
    let end = trimmed.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(end);
    let Ok(percent) = number.parse::<f64>() else {
        return Err(InvalidPercent::NoNumber(text.to_owned()));
    };
    match unit.trim() {
        "%" if percent > 0.0 && percent <= 100.0 => Ok(Ratio(percent / 100.0)),
        "%" => Err(InvalidPercent::OutOfRange(text.to_owned())),
        "" => Err(InvalidPercent::NoUnit(number.to_owned())),
        other => Err(InvalidPercent::UnknownUnit(other.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages() {
        for (text, expected) in [
            ("2%", Ok(0.02)),
            (" 0.5 % ", Ok(0.005)),
            ("100%", Ok(1.0)),
            ("2", Err(r#"2 has no unit: write "2%""#)),
            ("2pct", Err("unknown unit `pct`; the unit is %")),
            ("0%", Err(r#""0%" is not over 0% and up to 100%"#)),
            ("101%", Err(r#""101%" is not over 0% and up to 100%"#)),
            ("two%", Err(r#""two%" is no percentage: write a number and its sign, as in "2%""#)),
            ("-1%", Err(r#""-1%" is no percentage: write a number and its sign, as in "2%""#)),
            ("", Err(r#""" is no percentage: write a number and its sign, as in "2%""#)),
        ] {
            let found = parse(text).map(|share| share.0).map_err(|fault| fault.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{text:?}");
        }
    }
}
