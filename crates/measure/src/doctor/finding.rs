//! What was found, put into the document's words; how a file is read and a fault is said.

use std::path::Path;

use tacho_schema::{Area, Capability, Influence, InfluenceState, Unit};

/// What a trial gave: a figure and what it is of, or why there is none.
pub(super) type Trial = Result<Had, String>;

/// Something that can be had here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Had {
    value: Option<(f64, Unit)>,
    detail: Option<String>,
}

impl Had {
    /// A figure.
    pub(super) fn figure(value: f64, unit: Unit) -> Self {
        Self { value: Some((value, unit)), detail: None }
    }

    /// Words without a figure.
    pub(super) fn words(detail: impl Into<String>) -> Self {
        Self { value: None, detail: Some(detail.into()) }
    }

    /// What the figure is of.
    pub(super) fn of(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }
}

/// The entry of `name` after it was tried.
pub(super) fn capability(area: Area, name: &str, trial: Trial) -> Capability {
    let (had, reason) = match trial {
        Ok(had) => (Some(had), None),
        Err(reason) => (None, Some(reason)),
    };
    let available = had.is_some();
    let had = had.unwrap_or_default();
    Capability {
        name: name.to_owned(),
        area,
        available,
        value: had.value.map(|(value, _)| value),
        unit: had.value.map(|(_, unit)| unit),
        detail: had.detail,
        reason,
    }
}

/// An influence that does not disturb.
pub(super) fn quiet(name: &str, value: impl Into<String>) -> Influence {
    influence(name, InfluenceState::Quiet, Some(value.into()), None, None)
}

/// An influence that disturbs: what was found, how it disturbs, and what to do about it.
pub(super) fn disturbs(
    name: &str,
    value: impl Into<String>,
    reason: impl Into<String>,
    advice: impl Into<String>,
) -> Influence {
    let state = InfluenceState::Disturbs;
    influence(name, state, Some(value.into()), Some(reason.into()), Some(advice.into()))
}

/// An influence of which nothing can be found out here.
pub(super) fn unknown(name: &str, reason: impl Into<String>) -> Influence {
    influence(name, InfluenceState::Unknown, None, Some(reason.into()), None)
}

fn influence(
    name: &str,
    state: InfluenceState,
    value: Option<String>,
    reason: Option<String>,
    advice: Option<String>,
) -> Influence {
    Influence { name: name.to_owned(), state, value, reason, advice, command: None }
}

/// The same with the line for a shell that does what is advised.
pub(super) fn by_command(found: Influence, command: &str) -> Influence {
    Influence { command: Some(command.to_owned()), ..found }
}

/// A file's text, or its path and why it cannot be read.
pub(super) fn read(path: impl AsRef<Path>) -> Result<String, String> {
    let path = path.as_ref();
    std::fs::read_to_string(path).map_err(|error| format!("{}: {}", path.display(), why(&error)))
}

/// A file's text without blanks around it; `None` where it cannot be read or is empty.
pub(super) fn trimmed(path: impl AsRef<Path>) -> Option<String> {
    read(path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The system's answer in words alone: its number says nothing to those who read this.
pub(super) fn why(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
