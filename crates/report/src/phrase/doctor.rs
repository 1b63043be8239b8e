//! The sentences of `tacho doctor`: what the lists above them come to.

use tacho_schema::{DoctorDoc, InfluenceState, Nanos};

use crate::phrase::counted;

/// From so many spawn floors on, a command's time is its own.
const FLOORS: f64 = 10.0;

/// What cannot be had here, by name; nothing when all can.
#[must_use]
pub fn missing(doc: &DoctorDoc) -> Option<String> {
    let missing = doc.capabilities.iter().filter(|it| !it.available);
    let named: Vec<&str> = missing.map(|it| it.name.as_str()).collect();
    (!named.is_empty()).then(|| {
        let all = doc.capabilities.len();
        format!("{} of {all} cannot be had: {}", named.len(), named.join(", "))
    })
}

/// The last line: how many things disturb, and of how many nobody can say.
#[must_use]
pub fn verdict(doc: &DoctorDoc) -> String {
    let of = |state| -> Vec<&str> {
        let found = doc.disturbances.iter().filter(move |it| it.state == state);
        found.map(|it| it.name.as_str()).collect()
    };
    let (disturbing, unknown) = (of(InfluenceState::Disturbs), of(InfluenceState::Unknown));
    let verb = if disturbing.len() == 1 { "disturbs" } else { "disturb" };
    let mut text = match disturbing.len() {
        0 => "nothing that shows here disturbs".to_owned(),
        many => format!("{} {verb}: {}", counted(many as u64, "thing"), disturbing.join(", ")),
    };
    if !unknown.is_empty() {
        text = format!("{text}; unknown: {}", unknown.join(", "));
    }
    text
}

/// What the spawn floor means for a measured command; nothing where the floor is not known.
#[must_use]
pub fn floor(doc: &DoctorDoc) -> Option<String> {
    let floor = doc.ruler.spawn_floor_nanos?;
    let busy = doc
        .disturbances
        .iter()
        .any(|it| it.state == InfluenceState::Disturbs && BUSY.contains(&it.name.as_str()));
    let lifted = if busy { " The machine is busy: a quiet one has a lower floor." } else { "" };
    Some(format!(
        "Much of the time of a command under 10 × the floor ({}) is the start of a program: let \
         one run do more work.{lifted}",
        Nanos(floor * FLOORS),
    ))
}

/// What lifts the spawn floor while it lasts.
const BUSY: [&str; 4] = ["load", "neighbours", "other_tacho", "cpu_quota"];
