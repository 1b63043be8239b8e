//! Exit codes: what a build script learns without reading a word.
//!
//! 0 fine, 2 used wrongly, 4 a measured program failed or does not exist, 5 the environment or we
//! ourselves, 130 and 143 after Ctrl-C or TERM. The worst wins: 5, 4. Codes 1 (a regression) and 3
//! (cannot judge) are kept for verdicts.

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All was done.
    Fine,
    /// Flags, a manifest, or a selection that selects nothing; nothing was measured.
    Usage,
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
            Self::Program => 4,
            Self::Environment => 5,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
