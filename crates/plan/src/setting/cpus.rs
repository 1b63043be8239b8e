//! The processors that a batch may use: a text of numbers and ranges, `"0-1,3"`, or an array.

use std::collections::BTreeSet;

use toml::de::DeValue;

use super::{Refused, Value, integer, refused, text, wrong_kind};

/// The largest number of a processor: what a system call's mask has room for.
const CPU_MAX: u32 = 1023;

const EXPECTED: &str = "processors such as \"0-1,3\" or [0, 1], or \"all\"";

/// Why a text names no processors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCpus {
    /// No number where one should be.
    #[error("{0:?} is no processor: write numbers and ranges, as in \"0-1,3\"")]
    NoNumber(String),
    /// Nothing where a number should be.
    #[error("{0:?} lacks a number: write numbers and ranges, as in \"0-1,3\"")]
    Gap(String),
    /// A number beyond the mask.
    #[error("processor {0} is beyond 1023")]
    TooLarge(String),
    /// A range that ends before it starts.
    #[error("the range {first}-{last} ends before it starts")]
    Reversed {
        /// Where it starts.
        first: u32,
        /// Where it ends.
        last: u32,
    },
    /// None at all.
    #[error("there is no processor in it: \"all\" is every one")]
    None,
}

/// The processors in rising order; `None` is every one.
pub(crate) type Cpus = Option<Vec<u32>>;

/// Reads processors from the manifest.
pub(crate) fn read(value: &Value<'_>) -> Result<Cpus, Refused> {
    match value.get_ref() {
        DeValue::String(_) => parse(text(value, EXPECTED)?).map_err(|fault| refused(value, fault)),
        DeValue::Array(numbers) if numbers.is_empty() => Err(refused(value, InvalidCpus::None)),
        DeValue::Array(numbers) => {
            let cpus: BTreeSet<u32> = numbers.iter().map(one).collect::<Result<_, _>>()?;
            Ok(Some(cpus.into_iter().collect()))
        }
        _ => Err(wrong_kind(value, EXPECTED)),
    }
}

fn one(value: &Value<'_>) -> Result<u32, Refused> {
    let DeValue::Integer(number) = value.get_ref() else {
        return Err(wrong_kind(value, "a processor's number such as 0"));
    };
    let found = integer(number).map_or_else(|| number.to_string(), |number| number.to_string());
    parse_one(&found).map_err(|fault| refused(value, fault))
}

/// The processors of a text with commas between numbers and ranges; `all` is every one.
pub(crate) fn parse(text: &str) -> Result<Cpus, InvalidCpus> {
    match text.trim() {
        "" => return Err(InvalidCpus::None),
        "all" => return Ok(None),
        _ => {}
    }
    if text.split([',', '-']).any(|number| number.trim().is_empty()) {
        return Err(InvalidCpus::Gap(text.to_owned()));
    }
    let mut cpus = BTreeSet::new();
    for part in text.split(',') {
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (parse_one(first)?, parse_one(last)?),
            None => (parse_one(part)?, parse_one(part)?),
        };
        if first > last {
            return Err(InvalidCpus::Reversed { first, last });
        }
        cpus.extend(first..=last);
    }
    Ok(Some(cpus.into_iter().collect()))
}

fn parse_one(text: &str) -> Result<u32, InvalidCpus> {
    let digits = text.trim();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidCpus::NoNumber(digits.to_owned()));
    }
    let number = digits.parse().ok().filter(|number| *number <= CPU_MAX);
    number.ok_or_else(|| InvalidCpus::TooLarge(digits.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn processors() {
        for (text, expected) in [
            ("0-1,3", Ok(Some(vec![0, 1, 3]))),
            (" 3 , 0 - 1 ,1", Ok(Some(vec![0, 1, 3]))),
            ("1023", Ok(Some(vec![1023]))),
            ("all", Ok(None)),
            ("", Err("there is no processor in it: \"all\" is every one")),
            ("0,", Err("\"0,\" lacks a number: write numbers and ranges, as in \"0-1,3\"")),
            ("-1", Err("\"-1\" lacks a number: write numbers and ranges, as in \"0-1,3\"")),
            ("0-", Err("\"0-\" lacks a number: write numbers and ranges, as in \"0-1,3\"")),
            ("0-1-2", Err("\"1-2\" is no processor: write numbers and ranges, as in \"0-1,3\"")),
            ("+1", Err("\"+1\" is no processor: write numbers and ranges, as in \"0-1,3\"")),
            ("1024", Err("processor 1024 is beyond 1023")),
            ("0-99999999999", Err("processor 99999999999 is beyond 1023")),
            ("3-1", Err("the range 3-1 ends before it starts")),
        ] {
            let found = parse(text).map_err(|fault| fault.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{text:?}");
        }
    }

    proptest! {
        /// What is read is what was written, sorted, each once.
        #[test]
        fn ranges(parts in proptest::collection::vec((0..=CPU_MAX, 0_u32..5), 1..10)) {
            let last = |first: u32, more: u32| (first + more).min(CPU_MAX);
            let texts = parts.iter().map(|(first, more)| match more {
                0 => first.to_string(),
                more => format!("{first}-{}", last(*first, *more)),
            });
            let text = texts.collect::<Vec<_>>().join(",");
            let all: BTreeSet<u32> =
                parts.iter().flat_map(|(first, more)| *first..=last(*first, *more)).collect();
            prop_assert_eq!(parse(&text), Ok(Some(all.into_iter().collect())));
        }

        #[test]
        fn any_text(text in any::<String>()) {
            if let Ok(Some(cpus)) = parse(&text) {
                prop_assert!(!cpus.is_empty() && cpus.is_sorted());
            }
        }
    }
}
