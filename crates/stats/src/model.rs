//! A declared complexity: an expression in `n`, parsed once and evaluated at any parameter.

mod parse;

use std::fmt;
use std::ops::Range;

use statrs::function::gamma::gamma;

pub use parse::{InvalidModel, ModelProblem};

/// How the time of a call is expected to grow, as an expression in `n`: `n * log2(n)`.
///
/// Numbers, `n`, `+ - * / ^`, parentheses, `log` and `ln` (both natural), `log2`, `log10`, `sqrt`,
/// `cbrt`, `factorial(n)` or `n!`, `min` and `max`. As in written mathematics `^` binds strongest
/// and from the right, and `-n^2` is negative. There is no implicit multiplication. Only the
/// growth counts: a constant factor changes nothing of what a ladder says.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    text: String,
    /// Postfix order: operands before what is done with them, so that evaluation is a loop.
    steps: Vec<Step>,
    exponential: bool,
}

/// One step of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Number(f64),
    Parameter,
    Unary(Unary),
    Binary(Binary),
}

/// What is done with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unary {
    Negate,
    Ln,
    Log2,
    Log10,
    Sqrt,
    Cbrt,
    Factorial,
}

/// What is done with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Min,
    Max,
}

impl Model {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`InvalidModel`] says what is wrong and at which column.
    pub fn parse(text: &str) -> Result<Self, InvalidModel> {
        let (steps, exponential) = parse::parse(text)?;
        Ok(Self { text: text.trim().to_owned(), steps, exponential })
    }

    /// Its value at the parameter `n`.
    ///
    /// May be zero, negative, infinite or not a number, as `log2(n)` is zero at 1 and `2^n`
    /// infinite from 1024 on: what cannot be divided by is for the caller to leave out.
    #[must_use]
    pub fn at(&self, n: u64) -> f64 {
        evaluate(&self.steps, n as f64)
    }

    /// Whether it grows faster than any power of `n`: `n` stands in the exponent of a base above 1
    /// (not only within a logarithm), or in a factorial. Such a ladder cannot be doubled for long.
    #[must_use]
    pub fn is_exponential(&self) -> bool {
        self.exponential
    }
}

impl fmt::Display for Model {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// The value of steps that leave one operand behind; the parser makes no others.
fn evaluate(steps: &[Step], n: f64) -> f64 {
    let mut operands: Vec<f64> = Vec::with_capacity(8);
    for step in steps {
        let value = match step {
            Step::Number(value) => *value,
            Step::Parameter => n,
            Step::Unary(unary) => unary.apply(operands.pop().unwrap_or(f64::NAN)),
            Step::Binary(binary) => {
                let right = operands.pop().unwrap_or(f64::NAN);
                binary.apply(operands.pop().unwrap_or(f64::NAN), right)
            }
        };
        operands.push(value);
    }
    operands.pop().unwrap_or(f64::NAN)
}

impl Unary {
    fn apply(self, value: f64) -> f64 {
        match self {
            Self::Negate => -value,
            Self::Ln => value.ln(),
            Self::Log2 => value.log2(),
            Self::Log10 => value.log10(),
            Self::Sqrt => value.sqrt(),
            Self::Cbrt => value.cbrt(),
            Self::Factorial => factorial(value),
        }
    }
}

impl Binary {
    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Power => left.powf(right),
            // What is no number stays none, where `f64::min` would hide it.
            Self::Min | Self::Max if left.is_nan() || right.is_nan() => f64::NAN,
            Self::Min => left.min(right),
            Self::Max => left.max(right),
        }
    }
}

/// The product of the whole numbers up to `value`; between them the gamma function. Infinite above
/// 170, not a number below 0.
fn factorial(value: f64) -> f64 {
    /// 171! is above the largest float.
    const LARGEST: f64 = 170.0;
    if value.is_nan() || value < 0.0 {
        f64::NAN
    } else if value > LARGEST {
        f64::INFINITY
    } else if value.fract() == 0.0 {
        (2..=value as u32).map(f64::from).product()
    } else {
        gamma(value + 1.0)
    }
}

/// A part of the expression while it is read: its steps, and how `n` stands in it.
#[derive(Clone, Debug)]
struct Part {
    steps: Range<usize>,
    /// `n` stands somewhere in it.
    varies: bool,
    /// `n` stands outside a logarithm.
    grows: bool,
}

#[cfg(test)]
mod tests;
