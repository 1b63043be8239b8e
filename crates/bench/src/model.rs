//! A declared complexity as numbers: what a time is divided by to give C.

use crate::Complexity;

/// How deep parentheses and signs may be nested; a deeper expression is refused.
const DEPTH_MAX: u32 = 64;

/// From here on `n!` is infinite in any case: 171! is beyond the largest number.
const FACTORIAL_MAX: f64 = 171.0;

/// Its value at the parameter `n`; none where it cannot be divided by.
pub(crate) fn divisor(complexity: &Complexity, n: u64) -> Option<f64> {
    value(complexity, n).ok().filter(|value| value.is_finite() && *value > 0.0)
}

/// How it is written behind a stroke: in parentheses where that is needed.
pub(crate) fn divisor_text(complexity: &Complexity) -> String {
    match complexity {
        Complexity::Function(_) => "model(n)".to_owned(),
        Complexity::Expression(text) if text.trim().contains(['+', '-', '*', '/', ' ']) => {
            format!("({})", text.trim())
        }
        Complexity::Expression(text) => text.trim().to_owned(),
    }
}

/// Why it is no expression.
pub(crate) fn problem(complexity: &Complexity) -> Option<String> {
    let Complexity::Expression(text) = complexity else { return None };
    evaluate(text, 2).err().map(|problem| format!("in {text:?} {problem}"))
}

fn value(complexity: &Complexity, n: u64) -> Result<f64, String> {
    match complexity {
        Complexity::Expression(text) => evaluate(text, n),
        Complexity::Function(function) => Ok(function(n)),
    }
}

/// The value of an expression in `n`.
///
/// Numbers, `n`, `+ - * / ^`, parentheses, `log` and `ln` (both natural), `log2`, `log10`, `sqrt`,
/// `cbrt`, `factorial(n)` or `n!`, `min(a, b)` and `max(a, b)`. `^` binds strongest and from the
/// right.
///
/// # Errors
/// What was met that does not belong there, as a fragment.
pub(crate) fn evaluate(text: &str, n: u64) -> Result<f64, String> {
    let mut reader = Reader { rest: text.trim_start(), n: n as f64, depth: 0 };
    let value = reader.sum()?;
    if reader.rest.is_empty() { Ok(value) } else { Err(reader.unexpected()) }
}

/// What is left of an expression.
struct Reader<'a> {
    rest: &'a str,
    n: f64,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn sum(&mut self) -> Result<f64, String> {
        let mut value = self.product()?;
        loop {
            if self.take('+') {
                value += self.product()?;
            } else if self.take('-') {
                value -= self.product()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut value = self.signed()?;
        loop {
            if self.take('*') {
                value *= self.signed()?;
            } else if self.take('/') {
                value /= self.signed()?;
            } else {
                return Ok(value);
            }
        }
    }

    /// Every nesting passes here, so this is where it is bounded.
    fn signed(&mut self) -> Result<f64, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("it is nested too deep".to_owned());
        }
        let value = if self.take('-') { -self.signed()? } else { self.power()? };
        self.depth -= 1;
        Ok(value)
    }

    fn power(&mut self) -> Result<f64, String> {
        let mut base = self.operand()?;
        while self.take('!') {
            base = factorial(base);
        }
        if self.take('^') { Ok(base.powf(self.signed()?)) } else { Ok(base) }
    }

    fn operand(&mut self) -> Result<f64, String> {
        if self.take('(') {
            return self.closed();
        }
        let number = self.word(|c| c.is_ascii_digit() || c == '.');
        if !number.is_empty() {
            return number.parse().map_err(|_| format!("{number:?} is no number"));
        }
        let rest = self.rest;
        match self.word(|c| c.is_ascii_alphanumeric()) {
            "n" => Ok(self.n),
            name if self.take('(') => self.call(name),
            _ => {
                self.rest = rest;
                Err(self.unexpected())
            }
        }
    }

    /// What stands in parentheses, behind the first of them.
    fn closed(&mut self) -> Result<f64, String> {
        let value = self.sum()?;
        if self.take(')') { Ok(value) } else { Err(self.unexpected()) }
    }

    fn call(&mut self, name: &str) -> Result<f64, String> {
        let function = match name {
            "log" | "ln" => f64::ln,
            "log2" => f64::log2,
            "log10" => f64::log10,
            "sqrt" => f64::sqrt,
            "cbrt" => f64::cbrt,
            "factorial" => factorial,
            "min" | "max" => {
                let first = self.sum()?;
                if !self.take(',') {
                    return Err(self.unexpected());
                }
                let second = self.closed()?;
                return Ok(if name == "min" { first.min(second) } else { first.max(second) });
            }
            _ => return Err(format!("there is no function {name:?}")),
        };
        self.closed().map(function)
    }

    fn take(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.map_or(self.rest, str::trim_start);
        rest.is_some()
    }

    fn word(&mut self, belongs: fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        word
    }

    fn unexpected(&self) -> String {
        match self.rest.chars().next() {
            Some(c) => format!("{c:?} does not belong there"),
            None => "something is missing at its end".to_owned(),
        }
    }
}

/// The factorial of the whole part: enough for a parameter, which is a whole number.
fn factorial(value: f64) -> f64 {
    if value >= FACTORIAL_MAX {
        return f64::INFINITY;
    }
    (1..=value.max(0.0) as u64).map(|factor| factor as f64).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_as_written_mathematics() {
        let cases: [(&str, u64, f64); 16] = [
            ("1", 7, 1.0),
            ("n", 7, 7.0),
            (" n * log2( n ) ", 8, 24.0),
            ("n^2", 5, 25.0),
            ("-n^2", 5, -25.0),
            ("2^n^2", 2, 16.0),
            ("2 ^ -1", 2, 0.5),
            ("n!", 5, 120.0),
            ("factorial(n)", 0, 1.0),
            ("n! ", 171, f64::INFINITY),
            ("min(n, 100) + max(1, 2)", 7, 9.0),
            ("(n - 1) * (n + 1) / 2", 5, 12.0),
            ("sqrt(n) + cbrt(27)", 16, 7.0),
            ("log(n) / ln(n)", 16, 1.0),
            ("log10(n)", 1000, 3.0),
            ("n - 1 - 1", 5, 3.0),
        ];
        for (text, n, wanted) in cases {
            let found = evaluate(text, n).unwrap();
            let is_near = found == wanted || (found - wanted).abs() < 1e-9;
            assert!(is_near, "{text} at {n}: {found}, not {wanted}");
        }
    }

    #[test]
    fn what_is_no_expression_says_why() {
        let deep = "(".repeat(10_000);
        let cases = [
            ("", "something is missing at its end"),
            ("n *", "something is missing at its end"),
            ("n n", "'n' does not belong there"),
            ("(n", "something is missing at its end"),
            ("m", "'m' does not belong there"),
            ("lg(n)", "there is no function \"lg\""),
            ("1.2.3", "\"1.2.3\" is no number"),
            ("min(n)", "')' does not belong there"),
            (deep.as_str(), "it is nested too deep"),
        ];
        for (text, wanted) in cases {
            assert_eq!(evaluate(text, 2), Err(wanted.to_owned()), "{text:.20}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd(text in "[n0-9.+*/^!(), a-z-]{0,40}", n: u64) {
            // A number or a reason, and never a panic or a turn without an end.
            if let Err(problem) = evaluate(&text, n) {
                proptest::prop_assert!(!problem.is_empty());
            }
        }
    }
}
