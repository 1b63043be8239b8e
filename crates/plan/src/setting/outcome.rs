//! Own counters: where one stands in what a batch prints, its unit, its direction, its answer.

use regex::Regex;
use tacho_schema::{MetricDef, Outcome, OutcomeSource, ParamValue};
use toml::de::DeValue;

use super::{Refused, Value, integer, refused, text, word, wrong_kind};

/// The longest unit in characters: it stands in a table.
const UNIT_CHARS_MAX: usize = 16;

const KEYS: [&str; 5] = ["regex", "json", "direction", "unit", "expect"];
const EXPECTED: &str = "a table such as { regex = '(\\d+) passed' } or { json = \"/passed\" }";

/// Why an own counter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOutcome {
    /// A regular expression that is none.
    #[error("{0:?} is no regular expression: {1}")]
    Regex(String, String),
    /// More groups than there are numbers.
    #[error("it has {0} groups, and one can be the number: write (?:…) for the others")]
    Groups(usize),
    /// A JSON pointer that is none.
    #[error("{0:?} is no JSON pointer: write one as in \"/results/0/passed\" (~1 for /, ~0 for ~)")]
    Pointer(String),
    /// Neither or both ways to find it.
    #[error("it needs either regex or json: where the number stands")]
    Source,
    /// A key that nobody knows here.
    #[error("unknown key `{found}`; known are {}", known.join(", "))]
    UnknownKey {
        /// The key.
        found: String,
        /// The keys that there are.
        known: Vec<&'static str>,
    },
    /// A unit that would spoil a table.
    #[error("{0:?} is no unit: write a word of at most 16 characters, as in \"ms\" or \"rows\"")]
    Unit(String),
    /// What is expected is no number that can be told from others.
    #[error("{0} cannot be expected: no number is equal to it")]
    NotFinite(String),
}

/// Reads the counter `name` from the manifest.
pub(crate) fn read(name: &str, value: &Value<'_>) -> Result<Outcome, Refused> {
    super::counter_name(name).map_err(|fault| refused(value, fault))?;
    let DeValue::Table(table) = value.get_ref() else { return Err(wrong_kind(value, EXPECTED)) };
    let (mut regex, mut json, mut expect) = (None, None, None);
    let mut def = MetricDef::default();
    for (key, value) in table.iter() {
        match key.get_ref().as_ref() {
            "regex" => regex = Some(read_regex(value)?),
            "json" => json = Some(read_pointer(value)?),
            "direction" => def.direction = Some(word::read_direction(value)?),
            "unit" => def.unit = Some(read_unit(value)?),
            "expect" => expect = Some(read_expect(value)?),
            found => return Err(unknown_key(key.span(), found, &KEYS)),
        }
    }
    let source = match (regex, json) {
        (Some(regex), None) => OutcomeSource::Regex(regex),
        (None, Some(json)) => OutcomeSource::Json(json),
        _ => return Err(refused(value, InvalidOutcome::Source)),
    };
    Ok(Outcome { name: name.to_owned(), source, def, expect })
}

/// Refuses a key of a counter's table.
pub(crate) fn unknown_key(
    span: std::ops::Range<usize>,
    found: &str,
    known: &[&'static str],
) -> Refused {
    let (found, known) = (found.to_owned(), known.to_vec());
    Refused { span, fault: InvalidOutcome::UnknownKey { found, known }.into() }
}

fn read_regex(value: &Value<'_>) -> Result<String, Refused> {
    let pattern = text(value, "a regular expression such as '(\\d+) passed'")?;
    check_regex(pattern).map_err(|fault| refused(value, fault))?;
    Ok(pattern.to_owned())
}

fn check_regex(pattern: &str) -> Result<(), InvalidOutcome> {
    let regex = Regex::new(pattern).map_err(|fault| {
        // The message draws the pattern over several lines; its last one says what is wrong.
        let told = fault.to_string();
        let last = told.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
        InvalidOutcome::Regex(pattern.to_owned(), last.to_owned())
    })?;
    match regex.captures_len() - 1 {
        0 | 1 => Ok(()),
        groups => Err(InvalidOutcome::Groups(groups)),
    }
}

fn read_pointer(value: &Value<'_>) -> Result<String, Refused> {
    let pointer = text(value, "a JSON pointer such as \"/passed\"")?;
    if is_pointer(pointer) {
        return Ok(pointer.to_owned());
    }
    Err(refused(value, InvalidOutcome::Pointer(pointer.to_owned())))
}

/// Whether `text` is a JSON pointer (RFC 6901): the empty one is the whole document.
fn is_pointer(text: &str) -> bool {
    let is_escape = |rest: &str| rest.starts_with(['0', '1']);
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(is_escape)
}

/// Reads the unit of an own counter.
pub(crate) fn read_unit(value: &Value<'_>) -> Result<String, Refused> {
    let unit = text(value, "a unit such as \"ms\"")?;
    let is_word = !unit.is_empty()
        && unit.chars().count() <= UNIT_CHARS_MAX
        && !unit.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_word {
        return Ok(unit.to_owned());
    }
    Err(refused(value, InvalidOutcome::Unit(unit.to_owned())))
}

fn read_expect(value: &Value<'_>) -> Result<ParamValue, Refused> {
    let not_finite = |text: &str| refused(value, InvalidOutcome::NotFinite(text.to_owned()));
    match value.get_ref() {
        DeValue::String(_) => Ok(ParamValue::Text(text(value, "a text")?.to_owned())),
        DeValue::Integer(number) => {
            integer(number).map(ParamValue::Integer).ok_or_else(|| not_finite(number.as_str()))
        }
        DeValue::Float(number) => {
            let parsed = number.as_str().parse().ok().filter(|value: &f64| value.is_finite());
            parsed.map(ParamValue::Float).ok_or_else(|| not_finite(number.as_str()))
        }
        _ => Err(wrong_kind(value, "a text or a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions() {
        for (pattern, expected) in [
            (r"(\d+)/\d+ passed", None),
            ("ok", None),
            ("(?:a|b)=(?P<n>[0-9]+)", None),
            (
                "(a)(b)",
                Some("it has 2 groups, and one can be the number: write (?:…) for the others"),
            ),
            ("(", Some(r#""(" is no regular expression: unclosed group"#)),
            ("a{9999999}{9999}", Some("is no regular expression")),
        ] {
            match (check_regex(pattern), expected) {
                (Ok(()), None) => {}
                (Err(fault), Some(told)) if fault.to_string().contains(told) => {}
                (found, _) => panic!("{pattern:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn pointers() {
        for (text, expected) in [
            ("", true),
            ("/", true),
            ("/a/0/b~1c~0", true),
            ("a", false),
            ("/a~", false),
            ("/a~2", false),
        ] {
            assert_eq!(is_pointer(text), expected, "{text:?}");
        }
    }
}
