//! Reading an expression, by recursive descent within a stated depth.

use super::{Binary, Part, Step, Unary, evaluate};

/// An expression may be so long, in bytes: declared ones are some ten.
const BYTES_MAX: usize = 1000;

/// Parentheses, signs and powers may be nested so deep: the reader calls itself for each.
const DEPTH_MAX: u32 = 50;

/// Why a text is no complexity, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}, at column {column}")]
pub struct InvalidModel {
    /// Where, in characters from 1.
    pub column: usize,
    /// What.
    pub problem: ModelProblem,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelProblem {
    /// It is empty, or ends too early.
    #[error("a number, `n`, a function or `(` is missing")]
    OperandMissing,
    /// Two operands stand side by side.
    #[error("multiplication is written out: put `*` before `{0}`")]
    ImplicitMultiplication(String),
    /// A word that is no function.
    #[error(
        "unknown word `{0}`: there are n, log, ln, log2, log10, sqrt, cbrt, factorial, min and max"
    )]
    UnknownWord(String),
    /// A function without its operands in parentheses.
    #[error("`{0}` needs `(` after it, as `{0}(n)`")]
    FunctionWithoutParentheses(&'static str),
    /// `min` or `max` without a second operand.
    #[error("`,` and a second value are missing")]
    CommaMissing,
    /// A parenthesis is not closed.
    #[error("`)` is missing")]
    ParenthesisMissing,
    /// `**`.
    #[error("a power is written `^`, as `n^2`")]
    DoubleStar,
    /// A superscript digit.
    #[error("a power is written `^`, as `n^2`, and not `{0}`")]
    Superscript(char),
    /// Something that has no place here.
    #[error("unexpected `{0}`")]
    Unexpected(char),
    /// Digits that are no number.
    #[error("`{0}` is no number")]
    InvalidNumber(String),
    /// It is too long.
    #[error("an expression has at most {BYTES_MAX} bytes")]
    TooLong,
    /// It is nested too deep.
    #[error("an expression is nested at most {DEPTH_MAX} deep")]
    TooDeep,
}

/// The steps of an expression, and whether it is exponential.
pub(super) fn parse(text: &str) -> Result<(Vec<Step>, bool), InvalidModel> {
    let mut reader = Reader { text, at: 0, depth: 0, steps: Vec::new(), exponential: false };
    if text.len() > BYTES_MAX {
        return Err(reader.fail(ModelProblem::TooLong));
    }
    reader.sum()?;
    match reader.peek() {
        None => Ok((reader.steps, reader.exponential)),
        Some(_) => Err(reader.unexpected()),
    }
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes that have been read.
    at: usize,
    depth: u32,
    steps: Vec<Step>,
    exponential: bool,
}

type Answer<T> = Result<T, InvalidModel>;

impl<'a> Reader<'a> {
    fn sum(&mut self) -> Answer<Part> {
        let mut left = self.product()?;
        loop {
            let binary = match self.peek() {
                Some('+') => Binary::Add,
                Some('-') => Binary::Subtract,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.product()?;
            left = self.join(binary, &left, &right);
        }
    }

    fn product(&mut self) -> Answer<Part> {
        let mut left = self.signed()?;
        loop {
            let binary = match self.peek() {
                Some('*') => Binary::Multiply,
                Some('/') => Binary::Divide,
                _ => return Ok(left),
            };
            self.at += 1;
            if binary == Binary::Multiply && self.rest().starts_with('*') {
                return Err(self.fail(ModelProblem::DoubleStar));
            }
            let right = self.signed()?;
            left = self.join(binary, &left, &right);
        }
    }

    /// A sign before a power, or none.
    fn signed(&mut self) -> Answer<Part> {
        match self.peek() {
            Some('-') => {
                self.at += 1;
                let part = self.nested(Self::signed)?;
                Ok(self.wrap(Unary::Negate, &part))
            }
            Some('+') => {
                self.at += 1;
                self.nested(Self::signed)
            }
            _ => self.power(),
        }
    }

    fn power(&mut self) -> Answer<Part> {
        let base = self.postfix()?;
        if self.peek() != Some('^') {
            return Ok(base);
        }
        self.at += 1;
        let exponent = self.nested(Self::signed)?;
        let constant = || evaluate(&self.steps[base.steps.clone()], f64::NAN);
        self.exponential |= exponent.grows && (base.varies || constant() > 1.0);
        Ok(self.join(Binary::Power, &base, &exponent))
    }

    fn postfix(&mut self) -> Answer<Part> {
        let mut part = self.operand()?;
        while self.peek() == Some('!') {
            self.at += 1;
            part = self.wrap(Unary::Factorial, &part);
        }
        Ok(part)
    }

    fn operand(&mut self) -> Answer<Part> {
        match self.peek() {
            None => Err(self.fail(ModelProblem::OperandMissing)),
            Some('(') => {
                self.at += 1;
                let part = self.nested(Self::sum)?;
                self.expect(')', ModelProblem::ParenthesisMissing)?;
                Ok(part)
            }
            Some(first) if first.is_ascii_digit() || first == '.' => self.number(),
            Some(first) if first.is_alphabetic() && !is_superscript(first) => self.word(),
            Some('+' | '-' | '*' | '/' | '^' | '!' | ')' | ',') => {
                Err(self.fail(ModelProblem::OperandMissing))
            }
            Some(_) => Err(self.unexpected()),
        }
    }

    fn number(&mut self) -> Answer<Part> {
        let text = self.rest();
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let mut length = text.bytes().take_while(|it| it.is_ascii_digit() || *it == b'.').count();
        // `1e6`; an `e` without digits is left over, as the beginning of a word.
        if let Some(exponent) = text[length..].strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['+', '-']));
            let found = digits(&exponent[sign..]);
            length += if found > 0 { 1 + sign + found } else { 0 };
        }
        let Ok(value) = text[..length].parse::<f64>() else {
            return Err(self.fail(ModelProblem::InvalidNumber(text[..length].to_owned())));
        };
        self.at += length;
        Ok(self.push(Step::Number(value), false))
    }

    fn word(&mut self) -> Answer<Part> {
        let start = self.at;
        let word = word_of(self.rest());
        self.at += word.len();
        let function = match word {
            "n" => return Ok(self.push(Step::Parameter, true)),
            "min" => return self.of_two(Binary::Min, "min"),
            "max" => return self.of_two(Binary::Max, "max"),
            "log" => (Unary::Ln, "log"),
            "ln" => (Unary::Ln, "ln"),
            "log2" => (Unary::Log2, "log2"),
            "log10" => (Unary::Log10, "log10"),
            "sqrt" => (Unary::Sqrt, "sqrt"),
            "cbrt" => (Unary::Cbrt, "cbrt"),
            "factorial" => (Unary::Factorial, "factorial"),
            _ => {
                let problem = ModelProblem::UnknownWord(word.to_owned());
                self.at = start;
                return Err(self.fail(problem));
            }
        };
        self.expect('(', ModelProblem::FunctionWithoutParentheses(function.1))?;
        let part = self.nested(Self::sum)?;
        self.expect(')', ModelProblem::ParenthesisMissing)?;
        Ok(self.wrap(function.0, &part))
    }

    fn of_two(&mut self, binary: Binary, name: &'static str) -> Answer<Part> {
        self.expect('(', ModelProblem::FunctionWithoutParentheses(name))?;
        let left = self.nested(Self::sum)?;
        self.expect(',', ModelProblem::CommaMissing)?;
        let right = self.nested(Self::sum)?;
        self.expect(')', ModelProblem::ParenthesisMissing)?;
        Ok(self.join(binary, &left, &right))
    }

    fn push(&mut self, step: Step, varies: bool) -> Part {
        let start = self.steps.len();
        self.steps.push(step);
        Part { steps: start..self.steps.len(), varies, grows: varies }
    }

    fn wrap(&mut self, unary: Unary, part: &Part) -> Part {
        self.steps.push(Step::Unary(unary));
        self.exponential |= unary == Unary::Factorial && part.grows;
        let slow = matches!(unary, Unary::Ln | Unary::Log2 | Unary::Log10);
        Part {
            steps: part.steps.start..self.steps.len(),
            varies: part.varies,
            grows: part.grows && !slow,
        }
    }

    fn join(&mut self, binary: Binary, left: &Part, right: &Part) -> Part {
        self.steps.push(Step::Binary(binary));
        Part {
            steps: left.steps.start..self.steps.len(),
            varies: left.varies || right.varies,
            grows: left.grows || right.grows,
        }
    }

    /// Reads a part one level deeper.
    fn nested(&mut self, read: fn(&mut Self) -> Answer<Part>) -> Answer<Part> {
        if self.depth == DEPTH_MAX {
            return Err(self.fail(ModelProblem::TooDeep));
        }
        self.depth += 1;
        let part = read(self);
        self.depth -= 1;
        part
    }

    fn expect(&mut self, wanted: char, problem: ModelProblem) -> Answer<()> {
        match self.peek() {
            Some(found) if found == wanted => {
                self.at += wanted.len_utf8();
                Ok(())
            }
            Some(found) if problem == ModelProblem::ParenthesisMissing && found != ',' => {
                Err(self.unexpected())
            }
            _ => Err(self.fail(problem)),
        }
    }

    /// What is left, from the next character that is no space.
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&mut self) -> Option<char> {
        self.at = self.text.len() - self.rest().trim_start().len();
        self.rest().chars().next()
    }

    /// The problem with what comes after a whole part.
    fn unexpected(&mut self) -> InvalidModel {
        let Some(first) = self.peek() else {
            return self.fail(ModelProblem::OperandMissing);
        };
        let problem = match first {
            _ if is_superscript(first) => ModelProblem::Superscript(first),
            _ if first.is_alphabetic() => {
                ModelProblem::ImplicitMultiplication(word_of(self.rest()).to_owned())
            }
            _ if first.is_ascii_digit() || first == '(' => {
                ModelProblem::ImplicitMultiplication(first.to_string())
            }
            _ => ModelProblem::Unexpected(first),
        };
        self.fail(problem)
    }

    fn fail(&self, problem: ModelProblem) -> InvalidModel {
        InvalidModel { column: self.text[..self.at].chars().count() + 1, problem }
    }
}

/// The letters and digits that a text begins with.
fn word_of(text: &str) -> &str {
    let is_part =
        |it: char| (it.is_alphabetic() && !is_superscript(it)) || it.is_ascii_digit() || it == '_';
    &text[..text.find(|it| !is_part(it)).unwrap_or(text.len())]
}

fn is_superscript(character: char) -> bool {
    matches!(character, '\u{b2}' | '\u{b3}' | '\u{b9}' | '\u{2070}'..='\u{207f}')
}
