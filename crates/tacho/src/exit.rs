//! Exit codes: what a build script learns without reading a word.
//!
//! 0 fine, 2 used wrongly, 3 nothing can be said because there are no usable rows, 4 a measured
//! program failed or does not exist, 5 the environment or we ourselves, 130 and 143 after Ctrl-C
//! or TERM. Of several things that went wrong the worst counts: 5, then 130 and 143, 4, 2, 3.
//! Code 1 (a regression) is kept for verdicts.

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All was done.
    Fine,
    /// Flags, a manifest, or a selection that selects nothing; nothing was measured.
    Usage,
    /// No usable rows: the time was up before the first run had ended.
    CannotJudge,
    /// A measured program failed, or does not exist.
    Program,
    /// The disk, the store, the machine, or a fault of ours.
    Environment,
    /// Ctrl-C.
    Interrupted,
    /// A TERM signal.
    Terminated,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Usage => 2,
            Self::CannotJudge => 3,
            Self::Program => 4,
            Self::Environment => 5,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The worse of two ends; of two that are equally bad, the first.
    pub(crate) fn or_worse(self, other: Self) -> Self {
        if other.badness() > self.badness() { other } else { self }
    }

    fn badness(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::CannotJudge => 1,
            Self::Usage => 2,
            Self::Program => 3,
            Self::Interrupted | Self::Terminated => 4,
            Self::Environment => 5,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_counts() {
        for (first, second, expected) in [
            (Exit::Fine, Exit::Fine, 0),
            (Exit::Fine, Exit::CannotJudge, 3),
            (Exit::Program, Exit::CannotJudge, 4),
            (Exit::Program, Exit::Environment, 5),
            (Exit::Interrupted, Exit::Environment, 5),
            (Exit::Terminated, Exit::Program, 143),
        ] {
            assert_eq!(first.or_worse(second).code(), expected, "{first:?} {second:?}");
            assert_eq!(second.or_worse(first).code(), expected, "{second:?} {first:?}");
        }
    }
}
