//! Templates: texts in which `{name}` stands for a parameter's value.
//!
//! Everything else in braces is left as it is, because shells and awk use braces too; so is
//! `${name}`, which is a variable of the shell.

use std::collections::BTreeMap;
use std::ops::Range;

use tacho_schema::ParamValue;

use crate::near::distance;
use crate::problem::Fault;

/// `text` with the values of `params` in the places of their names, in one pass: a value that
/// looks like a place is not filled again.
pub(crate) fn fill(text: &str, params: &BTreeMap<String, ParamValue>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut done = 0;
    for place in places(text) {
        if let Some(value) = params.get(&text[place.clone()]) {
            filled.push_str(&text[done..place.start - 1]);
            filled.push_str(&value.to_string());
            done = place.end + 1;
        }
    }
    filled.push_str(&text[done..]);
    filled
}

/// Refuses a place that nearly names one of `params`: it would be left as it is, silently.
pub(crate) fn check(text: &str, params: &[&str]) -> Result<(), Fault> {
    for place in places(text) {
        let written = &text[place];
        if params.contains(&written) {
            continue;
        }
        let near = params.iter().filter_map(|name| Some((distance(written, name)?, *name))).min();
        if let Some((_, meant)) = near {
            let (written, meant) = (written.to_owned(), meant.to_owned());
            return Err(Fault::NearParameter { written, meant });
        }
    }
    Ok(())
}

/// Whether the value of the parameter `name` goes into `text`.
pub(crate) fn has(text: &str, name: &str) -> bool {
    places(text).any(|place| &text[place] == name)
}

/// The names in braces, as ranges of bytes without the braces.
fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('{').filter_map(|(open, _)| {
        if text[..open].ends_with('$') {
            return None;
        }
        let inside = &text[open + 1..];
        let length = inside.find(|c: char| !is_name(c))?;
        let is_place = length > 0 && inside[length..].starts_with('}');
        is_place.then_some(open + 1..open + 1 + length)
    })
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling() {
        let params = BTreeMap::from([
            ("level".to_owned(), ParamValue::Integer(6)),
            ("file".to_owned(), ParamValue::Text("{level} ü".to_owned())),
        ]);
        for (text, expected) in [
            ("gzip -{level} {file}", "gzip -6 {level} ü"),
            ("{level}{level}", "66"),
            ("{{level}}", "{6}"),
            ("${level} {levels {level", "${level} {levels {level"),
            ("awk '{print $1}' {} {a,b}", "awk '{print $1}' {} {a,b}"),
            ("", ""),
        ] {
            assert_eq!(fill(text, &params), expected, "{text:?}");
        }
    }

    #[test]
    fn near_names() {
        for (text, meant) in [
            ("-{lvel}", Some("level")),
            ("-{Level}", Some("level")),
            ("-{level} {fiel}", Some("file")),
            ("{ lvel } ${lvel} {print} {}", None),
        ] {
            let found = check(text, &["level", "file"]).err();
            let found = found.map(|fault| match fault {
                Fault::NearParameter { meant, .. } => meant,
                other => panic!("{other}"),
            });
            assert_eq!(found.as_deref(), meant, "{text:?}");
        }
    }
}
