//! Settings that are one of a few words: the statistic, a direction, a ladder's step.

use tacho_schema::{Direction, LadderStep, Statistic};

use super::{Refused, Value, refused, text};
use crate::near::nearest;

/// A word that is none of those that a setting takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is none of {}{}", known.join(", "), meant(*.near))]
pub struct InvalidWord {
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub known: Vec<&'static str>,
    /// The word that may have been meant.
    pub near: Option<&'static str>,
}

fn meant(near: Option<&str>) -> String {
    near.map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}

/// Reads the number that stands for a point.
pub(crate) fn read_statistic(value: &Value<'_>) -> Result<Statistic, Refused> {
    let words = [("median", Statistic::Median), ("min", Statistic::Min)];
    read(value, "a text: \"median\" or \"min\"", &words)
}

/// Reads which way is better.
pub(crate) fn read_direction(value: &Value<'_>) -> Result<Direction, Refused> {
    let words =
        [("lower", Direction::Lower), ("higher", Direction::Higher), ("exact", Direction::Exact)];
    read(value, "a text: \"lower\", \"higher\" or \"exact\"", &words)
}

/// Reads how a ladder climbs.
pub(crate) fn read_step(value: &Value<'_>) -> Result<LadderStep, Refused> {
    let words = [
        ("double", LadderStep::Double),
        ("linear", LadderStep::Linear),
        ("bracket", LadderStep::Bracket),
    ];
    read(value, "a text: \"double\", \"linear\" or \"bracket\"", &words)
}

fn read<T: Copy>(
    value: &Value<'_>,
    expected: &'static str,
    words: &[(&'static str, T)],
) -> Result<T, Refused> {
    let found = text(value, expected)?;
    let known = words.iter().find(|(word, _)| *word == found);
    known.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let known: Vec<&'static str> = words.iter().map(|(word, _)| *word).collect();
        let near = nearest(found, known.iter().copied());
        refused(value, InvalidWord { found: found.to_owned(), known, near })
    })
}
