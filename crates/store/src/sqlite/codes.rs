//! Words of a row as small numbers; the migrations' own comments list them, and none ever changes.

use tacho_schema::{MemoryLimiter, OutputKind, RowKind, Side, Status};

use crate::error::Fault;

/// A word that is stored as its place among all of its kind.
pub(super) trait Coded: Copy + PartialEq + 'static {
    /// What the column is called in a message.
    const WHAT: &'static str;
    /// Every word, in the order of the codes.
    const ALL: &'static [Self];
    /// Its place in [`Coded::ALL`]; a `match`, so that a new word must be given one.
    fn code(self) -> i64;

    /// The word with that code.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] for a code that we cannot have written.
    fn of(code: i64) -> Result<Self, Fault> {
        let place = usize::try_from(code).ok();
        place
            .and_then(|place| Self::ALL.get(place).copied())
            .ok_or_else(|| Fault::corrupt(format!("a row has the {} {code}", Self::WHAT)))
    }
}

impl Coded for Status {
    const WHAT: &'static str = "status";
    const ALL: &'static [Self] = &[
        Self::Ok,
        Self::Error,
        Self::Crashed,
        Self::OutOfMemory,
        Self::TimedOut,
        Self::KilledAtCap,
        Self::NoOutput,
        Self::WrongAnswer,
    ];

    fn code(self) -> i64 {
        match self {
            Self::Ok => 0,
            Self::Error => 1,
            Self::Crashed => 2,
            Self::OutOfMemory => 3,
            Self::TimedOut => 4,
            Self::KilledAtCap => 5,
            Self::NoOutput => 6,
            Self::WrongAnswer => 7,
        }
    }
}

impl Coded for RowKind {
    const WHAT: &'static str = "kind";
    const ALL: &'static [Self] = &[Self::Fixed, Self::Parametric];

    fn code(self) -> i64 {
        match self {
            Self::Fixed => 0,
            Self::Parametric => 1,
        }
    }
}

impl Coded for Side {
    const WHAT: &'static str = "side";
    const ALL: &'static [Self] = &[Self::A, Self::B];

    fn code(self) -> i64 {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }
}

impl Coded for OutputKind {
    const WHAT: &'static str = "output";
    const ALL: &'static [Self] = &[Self::Pipe, Self::Null, Self::Inherit, Self::File];

    fn code(self) -> i64 {
        match self {
            Self::Pipe => 0,
            Self::Null => 1,
            Self::Inherit => 2,
            Self::File => 3,
        }
    }
}

impl Coded for MemoryLimiter {
    const WHAT: &'static str = "memory limiter";
    const ALL: &'static [Self] = &[Self::Cgroup, Self::RlimitAs];

    fn code(self) -> i64 {
        match self {
            Self::Cgroup => 0,
            Self::RlimitAs => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_place() {
        fn check<T: Coded + std::fmt::Debug>() {
            for (place, word) in T::ALL.iter().enumerate() {
                assert_eq!(word.code(), i64::try_from(place).unwrap(), "{word:?}");
                assert_eq!(T::of(word.code()).ok(), Some(*word));
            }
            assert!(T::of(i64::try_from(T::ALL.len()).unwrap()).is_err());
            assert!(T::of(-1).is_err());
        }
        check::<Status>();
        check::<RowKind>();
        check::<Side>();
        check::<OutputKind>();
        check::<MemoryLimiter>();
    }
}
