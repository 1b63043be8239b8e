//! The parameters of a workload, and how a ladder climbs where nothing is said of it.

use crate::{Complexity, Params, Step, Workload};

/// The most numbers of a linear ladder: one with more cannot be measured, and says so.
pub(crate) const LINEAR_RUNGS_MAX: u64 = 4096;

/// Whether a model grows exponentially is seen between these two parameters …
const PROBED: (u64, u64) = (64, 128);

/// … by a growth that no polynomial up to the eighth power has.
const POLYNOMIAL_MAX: f64 = 256.0;

impl Workload {
    /// Its parameters in ascending order; empty where it has none.
    ///
    /// A bracket's are those of its doubling part: what lies between follows from the times.
    #[must_use]
    pub fn rungs(&self) -> Vec<u64> {
        match &self.params {
            Params::Fixed => Vec::new(),
            Params::List(list) => {
                let mut list = list.clone();
                list.sort_unstable();
                list.dedup();
                list
            }
            Params::Ladder { low, high, .. } => match self.step() {
                Step::Double | Step::Bracket => doubling(*low, *high),
                Step::Linear => (*low..=*high).take(LINEAR_RUNGS_MAX as usize).collect(),
            },
        }
    }

    /// How its ladder climbs: as it was said, else by the model.
    ///
    /// An exponential model has few rungs within any time, so a ladder for it has a fine end.
    #[must_use]
    pub fn step(&self) -> Step {
        if let Params::Ladder { step: Some(step), .. } = self.params {
            return step;
        }
        let exponential = match self.complexity {
            Some(Complexity::Expression(text)) => is_exponential(text),
            Some(Complexity::Function(model)) => {
                let (low, high) = (value(model, PROBED.0), value(model, PROBED.1));
                // What is finite only at the first has grown beyond all numbers between.
                low.is_some_and(|low| high.is_none_or(|high| high / low > POLYNOMIAL_MAX))
            }
            None => false,
        };
        if exponential { Step::Bracket } else { Step::Double }
    }
}

/// The model's value, where it has one that is finite; a model may be any code, and panic.
pub(crate) fn value(model: fn(u64) -> f64, param: u64) -> Option<f64> {
    std::panic::catch_unwind(|| model(param)).ok().filter(|value| value.is_finite())
}

/// Low, 2·low, 4·low … (after 0 comes 1), and high.
fn doubling(low: u64, high: u64) -> Vec<u64> {
    let next = |n: &u64| if *n == 0 { Some(1) } else { n.checked_mul(2) };
    let mut rungs: Vec<u64> =
        std::iter::successors(Some(low), next).take_while(|n| *n < high).collect();
    if low <= high {
        rungs.push(high);
    }
    rungs
}

/// Whether an expression has `n` in an exponent, or a factorial.
fn is_exponential(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let exponent_has_n = |sign: &str| {
        text.match_indices(sign).any(|(at, _)| {
            let behind = text[at + sign.len()..].trim_start_matches(['(', '-', '+']);
            let first: String = behind
                .trim_start_matches(|c: char| c.is_ascii_digit() || "*.".contains(c))
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            first == "n"
        })
    };
    ["factorial", "exp(", "n!"].iter().any(|word| text.contains(word))
        || exponent_has_n("^")
        || exponent_has_n("**")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_seen() {
        for text in ["2^n", "1.6 ^ n", "2 ** n", "n * 2^(n)", "factorial(n)", "exp(n)", "2^(2*n)"] {
            assert!(is_exponential(text), "{text}");
        }
        for text in ["n", "n^2", "n * log2(n)", "n^(3/2)", "2*n", "n ** 1.5", "1", "sqrt(n)"] {
            assert!(!is_exponential(text), "{text}");
        }
    }

    #[test]
    fn a_ladder_has_its_ends() {
        let check = |low, high, rungs: &[u64]| assert_eq!(doubling(low, high), rungs);
        check(1, 1, &[1]);
        check(1, 10, &[1, 2, 4, 8, 10]);
        check(0, 3, &[0, 1, 2, 3]);
        check(3, 24, &[3, 6, 12, 24]);
        check(5, 4, &[]);
        check(u64::MAX - 1, u64::MAX, &[u64::MAX - 1, u64::MAX]);
        assert_eq!(doubling(1, u64::MAX).len(), 65);
    }

    #[test]
    fn a_function_tells_the_step() {
        let step = |model: fn(u64) -> f64| {
            let params = Params::Ladder { low: 1, high: 1024, step: None };
            let mut workload = Workload::parametric("g/w", params, |_, _| {});
            workload.complexity = Some(Complexity::Function(model));
            workload.step()
        };
        assert_eq!(step(|n| n as f64 * (n as f64).log2()), Step::Double);
        assert_eq!(step(|n| (n as f64).powi(3)), Step::Double);
        assert_eq!(step(|n| 1.6_f64.powi(n as i32)), Step::Bracket);
        assert_eq!(step(|n| (n as f64).exp().exp()), Step::Double);
        assert_eq!(step(|n| (n as f64 * 6.0).exp2()), Step::Bracket);
        assert_eq!(step(|_| 0.0), Step::Double);
    }
}
