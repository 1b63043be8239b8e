//! Why a command could not do its work: a kind, a chain of causes, and what to do about it.

use std::error::Error;

use crate::exit::Exit;

/// A failure on its way to the user.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    lines: Vec<String>,
    hints: Vec<String>,
}

impl Failure {
    /// Used wrongly: exit 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, lines: vec![message.into()], hints: Vec::new() }
    }

    /// There is nothing usable to say anything from: exit 3.
    pub(crate) fn cannot_judge(message: impl Into<String>) -> Self {
        Self { exit: Exit::CannotJudge, ..Self::usage(message) }
    }

    /// A measured program is at fault: exit 4.
    pub(crate) fn program(message: impl Into<String>) -> Self {
        Self { exit: Exit::Program, ..Self::usage(message) }
    }

    /// The environment, or we ourselves: exit 5.
    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self { exit: Exit::Environment, ..Self::usage(message) }
    }

    /// `what` cannot be done because of `cause`: exit 5. Causes below it are added.
    pub(crate) fn cannot(what: &str, cause: &dyn Error) -> Self {
        let mut text = format!("cannot {what}: {cause}");
        let mut below = cause.source();
        while let Some(cause) = below {
            let more = cause.to_string();
            // Many errors already end with the text of their cause.
            if !text.ends_with(&more) {
                text.push_str(": ");
                text.push_str(&more);
            }
            below = cause.source();
        }
        Self::environment(text)
    }

    /// Another line of the message: one more thing that is wrong.
    pub(crate) fn and(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// What to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Ended by the user before there was anything to keep.
    pub(crate) fn stopped(exit: Exit) -> Self {
        Self { exit, lines: vec!["stopped; nothing was measured".to_owned()], hints: Vec::new() }
    }

    /// Prints itself on standard error and says how to exit.
    pub(crate) fn report(self) -> Exit {
        for line in &self.lines {
            crate::terminal::error(line);
        }
        for hint in &self.hints {
            crate::terminal::hint(hint);
        }
        self.exit
    }
}
