//! The pattern of a probe's lines: text with places, `"{name}: {elapsed_ms:f} ms"`.

use std::fmt::Write as _;

use tacho_schema::Metric;

use super::{Refused, Value, refused, text};

/// The places that are a time.
const TIMES: [&str; 4] = ["elapsed_ns", "elapsed_us", "elapsed_ms", "elapsed_s"];

/// The place that is the stage.
const NAME: &str = "name";

/// The longest pattern in bytes.
const BYTES_MAX: usize = 4096;

const FRACTION: &str = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?";

/// Why a text is no pattern of a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLine {
    /// Something in braces, or a single brace, that is no place.
    #[error(
        "`{0}` is no place: write {{name}}, {{elapsed_ms}} or {{counter}}, with :f (decimal) or \
         :d (whole) behind a number's name, and {{{{ or }}}} for a brace"
    )]
    Place(String),
    /// A time in a unit that there is not.
    #[error("`{0}` is no time: there are elapsed_ns, elapsed_us, elapsed_ms and elapsed_s")]
    Time(String),
    /// The stage's name with a kind of number.
    #[error("`{{name}}` is a text, so nothing may stand behind it in the braces")]
    NameWithKind,
    /// No time.
    #[error(
        "there is no time in it: one of {{elapsed_ns}}, {{elapsed_us}}, {{elapsed_ms}} and \
         {{elapsed_s}} must be"
    )]
    NoTime,
    /// More than one time.
    #[error("both {{{first}}} and {{{second}}} are times, and there can only be one")]
    TwoTimes {
        /// The one that stands first.
        first: String,
        /// The other.
        second: String,
    },
    /// The same place twice.
    #[error("`{{{0}}}` is there twice")]
    Twice(String),
    /// A counter with the name of what every row has already.
    #[error("`{0}` is a metric of every row: give the counter another name")]
    Metric(String),
    /// Two places with nothing between them that says where the first one ends.
    #[error("nothing stands between {{{first}}} and {{{second}}}, so their ends cannot be told")]
    Adjacent {
        /// The one that stands first.
        first: String,
        /// The other.
        second: String,
    },
    /// A line's end, and lines are read one by one.
    #[error("it goes over two lines, and each line is read by itself")]
    TwoLines,
    /// Longer than anybody can mean.
    #[error("it is longer than 4096 bytes")]
    TooLong,
}

/// Reads a pattern from the manifest as a regular expression with named groups.
pub(crate) fn read(value: &Value<'_>) -> Result<String, Refused> {
    let pattern = text(value, "a line such as \"{name}: {elapsed_ms:f} ms\"")?;
    compile(pattern).map_err(|fault| refused(value, fault))
}

/// The regular expression that a pattern is: it matches a whole line, with blanks at both ends.
pub(crate) fn compile(pattern: &str) -> Result<String, InvalidLine> {
    if pattern.len() > BYTES_MAX {
        return Err(InvalidLine::TooLong);
    }
    let mut rest = pattern.trim();
    if rest.contains(['\n', '\r']) {
        return Err(InvalidLine::TwoLines);
    }
    let text = r"^[ \t]*".to_owned();
    let mut expression = Expression { text, places: Vec::new(), ends_in_place: false };
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '{' | '}' if after.starts_with(c) => {
                expression.literal(c);
                &after[1..]
            }
            '{' => {
                let end = after.find(['{', '}']).filter(|end| after[*end..].starts_with('}'));
                let end = end.ok_or_else(|| InvalidLine::Place(rest.to_owned()))?;
                expression.place(&after[..end])?;
                &after[end + 1..]
            }
            '}' => return Err(InvalidLine::Place("}".to_owned())),
            c if c.is_whitespace() => {
                expression.literal_text(r"\s+");
                after.trim_start()
            }
            c => {
                expression.literal(c);
                after
            }
        };
    }
    expression.end()
}

struct Expression {
    text: String,
    places: Vec<String>,
    /// Whether the last thing in it is a place.
    ends_in_place: bool,
}

impl Expression {
    fn literal(&mut self, c: char) {
        self.literal_text(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    /// Adds an expression that is no place.
    fn literal_text(&mut self, expression: &str) {
        self.text.push_str(expression);
        self.ends_in_place = false;
    }

    /// Adds what stands in braces.
    fn place(&mut self, inside: &str) -> Result<(), InvalidLine> {
        let (name, kind) = match inside.split_once(':') {
            Some((name, kind)) => (name, Some(kind)),
            None => (inside, None),
        };
        let is_time = TIMES.contains(&name);
        if !is_group_name(name) || !matches!(kind, None | Some("f" | "d")) {
            return Err(InvalidLine::Place(format!("{{{inside}}}")));
        }
        if !is_time && (name == "elapsed" || name.starts_with("elapsed_")) {
            return Err(InvalidLine::Time(name.to_owned()));
        }
        if self.places.iter().any(|place| place == name) {
            return Err(InvalidLine::Twice(name.to_owned()));
        }
        if let Some(first) = self.places.last().filter(|_| self.ends_in_place) {
            let (first, second) = (first.clone(), name.to_owned());
            return Err(InvalidLine::Adjacent { first, second });
        }
        if Metric::ALL.iter().any(|metric| metric.as_str() == name) {
            return Err(InvalidLine::Metric(name.to_owned()));
        }
        let expression = match (name, kind) {
            (NAME, Some(_)) => return Err(InvalidLine::NameWithKind),
            (NAME, None) => r"\S(?:.*?\S)?",
            (_, Some("d")) => "[0-9]+",
            _ => FRACTION,
        };
        // A time is never negative; a counter may be.
        let sign = if is_time || name == NAME { "" } else { "[+-]?" };
        self.places.push(name.to_owned());
        self.ends_in_place = true;
        write!(self.text, "(?P<{name}>{sign}{expression})").expect("a text can always grow");
        Ok(())
    }

    fn end(mut self) -> Result<String, InvalidLine> {
        let mut times = self.places.iter().filter(|place| TIMES.contains(&place.as_str()));
        match (times.next(), times.next()) {
            (None, _) => Err(InvalidLine::NoTime),
            (Some(first), Some(second)) => {
                Err(InvalidLine::TwoTimes { first: first.clone(), second: second.clone() })
            }
            (Some(_), None) => {
                self.text.push_str(r"\s*$");
                Ok(self.text)
            }
        }
    }
}

fn is_group_name(name: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_start) && name.chars().all(|c| is_start(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    /// The groups of a line with their texts, or that it does not match, or the message.
    fn check(pattern: &str, line: &str) -> String {
        let expression = match compile(pattern) {
            Ok(expression) => Regex::new(&expression).unwrap(),
            Err(fault) => return fault.to_string(),
        };
        let Some(found) = expression.captures(line) else { return "no match".to_owned() };
        let groups = expression.capture_names().flatten();
        groups.map(|name| format!("{name}={} ", &found[name])).collect::<String>().trim().to_owned()
    }

    #[test]
    fn lines() {
        let usual = "{name}: {elapsed_ms:f} ms";
        for (pattern, line, expected) in [
            (usual, "fib 18: 12.5 ms", "name=fib 18 elapsed_ms=12.5"),
            (usual, "\tfib:   .5  ms \r", "name=fib elapsed_ms=.5"),
            (usual, "fib: 1e-3 ms", "name=fib elapsed_ms=1e-3"),
            (usual, "fib: -1 ms", "no match"),
            (usual, "fib: 1 ms or so", "no match"),
            (usual, ": 1 ms", "no match"),
            ("{name} {elapsed_us:d}", "a 1.5", "no match"),
            ("{name} {elapsed_us:d}", "a b 15", "name=a b elapsed_us=15"),
            ("{elapsed_s}", "0.25", "elapsed_s=0.25"),
            (
                "({elapsed_ns:d}) [{rows}] {{x}} {d:d}",
                "(7) [-2.5] {x} +3",
                "elapsed_ns=7 rows=-2.5 d=+3",
            ),
            ("ü.* {elapsed_s}", "ü.* 1", "elapsed_s=1"),
            ("ü.* {elapsed_s}", "üxx 1", "no match"),
        ] {
            assert_eq!(check(pattern, line), expected, "{pattern:?} {line:?}");
        }
    }

    #[test]
    fn messages() {
        for (pattern, expected) in [
            ("{name}: 1 ms", "there is no time in it"),
            ("", "there is no time in it"),
            ("{elapsed_ms} {elapsed_us}", "both {elapsed_ms} and {elapsed_us} are times"),
            ("{elapsed_ms} {elapsed_ms}", "`{elapsed_ms}` is there twice"),
            ("{elapsed_min}", "`elapsed_min` is no time: there are elapsed_ns"),
            ("{elapsed}", "`elapsed` is no time"),
            ("{elapsed_ms:x}", "`{elapsed_ms:x}` is no place"),
            ("{elapsed_ms", "`{elapsed_ms` is no place"),
            ("{elapsed_ms}}", "`}` is no place"),
            ("{elapsed_ms} {a b}", "`{a b}` is no place"),
            ("{elapsed_ms} {}", "`{}` is no place"),
            ("{elapsed_ms} {1}", "`{1}` is no place"),
            ("{name:d} {elapsed_ms}", "`{name}` is a text"),
            ("{rows}{elapsed_ms}", "nothing stands between {rows} and {elapsed_ms}"),
            ("{name}\n{elapsed_ms}", "it goes over two lines"),
            ("{wall} {elapsed_ms}", "`wall` is a metric of every row"),
        ] {
            let found = check(pattern, "");
            assert!(found.starts_with(expected), "{pattern:?}: {found}");
        }
    }

    proptest! {
        /// Whatever is accepted is a regular expression.
        #[test]
        fn any_text(pattern in "([{}a-z_:\\[(*+?.^$ü \t]|\\{elapsed_ms\\}|\\{name\\}){0,40}") {
            if let Ok(expression) = compile(&pattern) {
                prop_assert!(Regex::new(&expression).is_ok(), "{}", expression);
            }
        }

        /// A line that is written as its pattern says is read back.
        #[test]
        fn round_trip(
            name in "[a-z]([a-z ]{0,8}[a-z])?",
            number in 0_u32..1_000_000,
            count in any::<i32>(),
            literal in "[(*+?.^$|\\[\\]#-]{1,6}",
        ) {
            let pattern = format!("{literal}{{name}}{literal} {{elapsed_us:d}} {{count:d}}");
            let line = format!("{literal}{name}{literal}  {number}\t{count}");
            let expected = format!("name={name} elapsed_us={number} count={count}");
            prop_assert_eq!(check(&pattern, &line), expected);
        }
    }
}
