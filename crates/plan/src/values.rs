//! The values of parameters, and the product that several parameters make.

use tacho_schema::ParamValue;

use crate::problem::{At, Fault};
use crate::setting::outside::{Found, FromOutside};
use crate::setting::params::{self, InvalidParam};

/// No bound of a scan has more digits behind its point.
const DECIMALS_MAX: usize = 9;

/// No bound of a scan has more digits before its point.
const WHOLE_DIGITS_MAX: usize = 15;

/// The values that one parameter takes, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// These.
    List(Vec<ParamValue>),
    /// A range, which takes no memory however long it is.
    Scan(Scan),
}

impl Values {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::List(values) => values.len() as u64,
            Self::Scan(scan) => scan.count,
        }
    }

    /// The value at `index`, from 0; `None` from [`Values::count`] on.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<ParamValue> {
        match self {
            Self::List(values) => values.get(usize::try_from(index).ok()?).cloned(),
            Self::Scan(scan) => scan.get(index),
        }
    }
}

/// Why three texts are no range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScan {
    /// One of them is no number.
    #[error("{0:?} is no number of at most 15 digits and 9 decimals")]
    NoNumber(String),
    /// It would never arrive.
    #[error("the step must be over zero")]
    NoStep,
    /// It ends before it starts.
    #[error("{low} is over {high}, so there is no value between them")]
    Empty {
        /// Where it starts.
        low: String,
        /// Where it ends.
        high: String,
    },
}

/// A range of numbers with equal steps, exact in decimals: 0, 0.1, 0.2, 0.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The first value, in units of 10^-decimals, like the step.
    first: i128,
    step: i128,
    decimals: u32,
    count: u64,
}

impl Scan {
    /// The range from `low` to `high`, both included where a step of `step` (1 without one)
    /// meets them.
    ///
    /// # Errors
    /// [`InvalidScan`] when one is no decimal number, the step is not positive, or `low` is over
    /// `high`.
    pub fn new(low: &str, high: &str, step: Option<&str>) -> Result<Self, InvalidScan> {
        let texts = [low, high, step.unwrap_or("1")];
        let mut decimals = 0;
        for text in texts {
            decimals = decimals.max(decimals_of(text));
        }
        let [first, last, by] = texts.map(|text| scaled(text, decimals));
        let (first, last, by) = (first?, last?, by?);
        if by <= 0 {
            return Err(InvalidScan::NoStep);
        }
        if first > last {
            let (low, high) = (low.to_owned(), high.to_owned());
            return Err(InvalidScan::Empty { low, high });
        }
        let count = u64::try_from((last - first) / by).unwrap_or(u64::MAX).saturating_add(1);
        let decimals = u32::try_from(decimals).unwrap_or(0);
        Ok(Self { first, step: by, decimals, count })
    }

    fn get(&self, index: u64) -> Option<ParamValue> {
        if index >= self.count {
            return None;
        }
        let scaled = self.first + self.step * i128::from(index);
        if self.decimals == 0 {
            return i64::try_from(scaled).ok().map(ParamValue::Integer);
        }
        let unit = 10_i128.pow(self.decimals);
        if scaled % unit == 0 {
            return i64::try_from(scaled / unit).ok().map(ParamValue::Integer);
        }
        // Reading the decimal rounds once, so that the number prints as that decimal again;
        // dividing two doubles would round three times.
        let sign = if scaled < 0 { "-" } else { "" };
        let (whole, fraction) = (scaled.abs() / unit, scaled.abs() % unit);
        let width = self.decimals as usize;
        format!("{sign}{whole}.{fraction:0>width$}").parse().ok().map(ParamValue::Float)
    }
}

fn decimals_of(text: &str) -> usize {
    text.trim().split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

/// `text` as a whole number of 10^-decimals.
fn scaled(text: &str, decimals: usize) -> Result<i128, InvalidScan> {
    let no_number = || InvalidScan::NoNumber(text.to_owned());
    let trimmed = text.trim();
    let (sign, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, trimmed),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty()
        || whole.len() > WHOLE_DIGITS_MAX
        || decimals > DECIMALS_MAX
        || !are_digits(whole)
        || !are_digits(fraction)
    {
        return Err(no_number());
    }
    let number = format!("{whole}{fraction:0<decimals$}");
    number.parse::<i128>().map(|number| sign * number).map_err(|_| no_number())
}

/// The values of a list with commas between them; `\,` is a comma in a value.
///
/// What prints again exactly as it was written, as `6` or `2.5`, is a number, everything else a
/// text. An empty text is one empty value, as in hyperfine.
#[must_use]
pub fn parse_list(text: &str) -> Vec<ParamValue> {
    let mut values = vec![String::new()];
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ',' => values.push(String::new()),
            '\\' if rest.peek() == Some(&',') => push_to_last(&mut values, rest.next()),
            kept => push_to_last(&mut values, Some(kept)),
        }
    }
    values.into_iter().map(typed).collect()
}

fn push_to_last(values: &mut [String], c: Option<char>) {
    if let Some(last) = values.last_mut() {
        last.extend(c);
    }
}

fn typed(text: String) -> ParamValue {
    if let Some(number) = text.parse::<i64>().ok().filter(|number| number.to_string() == text) {
        return ParamValue::Integer(number);
    }
    let float = text.parse::<f64>().ok().filter(|number| number.is_finite());
    match float.filter(|number| number.to_string() == text) {
        Some(number) => ParamValue::Float(number),
        None => ParamValue::Text(text),
    }
}

/// One parameter with its values.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) values: Values,
    pub(crate) at: At,
    /// Where the values come from, where it is not from the manifest itself.
    pub(crate) outside: Option<Outside>,
}

/// Values from outside, and what was found there once somebody has looked.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    pub(crate) from: FromOutside,
    pub(crate) found: Option<Found>,
}

impl Param {
    /// Whether nobody has looked for its values yet.
    pub(crate) fn is_open(&self) -> bool {
        self.outside.as_ref().is_some_and(|outside| outside.found.is_none())
    }
}

/// Whether a parameter that did not come from a manifest has a name and values of its own.
pub(crate) fn check(param: &Param, others: &[Param]) -> Result<(), Fault> {
    tacho_schema::name::check_identifier(&param.name)?;
    if others.iter().any(|other| other.name == param.name) {
        return Err(InvalidParam::SameName(param.name.clone()).into());
    }
    if let Values::List(values) = &param.values {
        params::check(&param.name, values)?;
    }
    Ok(())
}

/// How many points the parameters make; as many as can be counted where there are more.
pub(crate) fn product(params: &[Param]) -> u128 {
    params
        .iter()
        .fold(1, |points: u128, param| points.saturating_mul(u128::from(param.values.count())))
}

/// The values of the point at `index` of the product, from 0; the last parameter changes fastest.
pub(crate) fn choice(params: &[Param], index: u64) -> Vec<(String, ParamValue)> {
    let mut left = index;
    let mut chosen = Vec::with_capacity(params.len());
    for param in params.iter().rev() {
        let count = param.values.count().max(1);
        chosen.extend(param.values.get(left % count).map(|value| (param.name.clone(), value)));
        left /= count;
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(values: &Values) -> String {
        let shown = (0..values.count()).filter_map(|index| values.get(index));
        shown.map(|value| format!("{value:?}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lists() {
        for (text, expected) in [
            ("1,6,9", "Integer(1) Integer(6) Integer(9)"),
            ("a,2.5,,01,+1", r#"Text("a") Float(2.5) Text("") Text("01") Text("+1")"#),
            (r"a\,b,c\d", r#"Text("a,b") Text("c\\d")"#),
            ("", r#"Text("")"#),
            ("inf,NaN,1e3", r#"Text("inf") Text("NaN") Text("1e3")"#),
            ("9223372036854775808", "Text(\"9223372036854775808\")"),
        ] {
            let found = listed(&Values::List(parse_list(text)));
            assert_eq!(found.replace("Float(9.223372036854776e18)", "?"), expected, "{text:?}");
        }
    }

    #[test]
    fn scans() {
        for (low, high, step, expected) in [
            ("1", "3", None, Ok("Integer(1) Integer(2) Integer(3)")),
            ("-1", "6", Some("3"), Ok("Integer(-1) Integer(2) Integer(5)")),
            ("0.1", "0.4", Some("0.1"), Ok("Float(0.1) Float(0.2) Float(0.3) Float(0.4)")),
            ("0", "1", Some(".5"), Ok("Integer(0) Float(0.5) Integer(1)")),
            ("0.5", "2.4", None, Ok("Float(0.5) Float(1.5)")),
            ("7", "7", None, Ok("Integer(7)")),
            ("3", "1", None, Err("3 is over 1, so there is no value between them")),
            ("1", "3", Some("0"), Err("the step must be over zero")),
            ("1", "3", Some("-1"), Err("the step must be over zero")),
            ("a", "3", None, Err(r#""a" is no number of at most 15 digits and 9 decimals"#)),
            ("1", "1e3", None, Err(r#""1e3" is no number of at most 15 digits and 9 decimals"#)),
            ("", "3", None, Err(r#""" is no number of at most 15 digits and 9 decimals"#)),
        ] {
            let found = Scan::new(low, high, step).map(|scan| listed(&Values::Scan(scan)));
            let found = found.map_err(|fault| fault.to_string());
            assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{low} {high}");
        }
        let long = Scan::new("0", "999999999999999", Some("0.000000001")).map(|it| it.count);
        assert_eq!(long, Ok(u64::MAX));
    }
}
