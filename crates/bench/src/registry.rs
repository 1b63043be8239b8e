//! The workloads of a binary: what the attribute registered and what was added by hand, checked.

use std::collections::BTreeMap;

use crate::ladder::{LINEAR_RUNGS_MAX, value};
use crate::wire::THREADS_MAX;
use crate::{Complexity, Expected, Params, Place, Step, Workload};

/// What one `#[bench]` leaves in the binary: it makes its workloads when it is asked to.
pub struct Registration {
    /// The folder-less place, for the order of the list.
    place: Place,
    /// A function with a list of values makes one workload for each.
    make: fn() -> Vec<Workload>,
}

impl Registration {
    /// For the attribute's expansion.
    #[must_use]
    pub const fn new(place: Place, make: fn() -> Vec<Workload>) -> Self {
        Self { place, make }
    }
}

inventory::collect!(Registration);

/// Every workload that the attribute registered in this binary, in source order and checked.
///
/// One that cannot be measured has its `error`; it is listed, and the others are measured.
#[must_use]
pub fn workloads() -> Vec<Workload> {
    with(Vec::new())
}

/// The registered workloads, then those that were made by hand; all are checked together.
#[must_use]
pub(crate) fn with(by_hand: Vec<Workload>) -> Vec<Workload> {
    let registered = inventory::iter::<Registration>();
    let mut registered: Vec<(Place, Vec<Workload>)> =
        registered.into_iter().map(|one| (one.place, (one.make)())).collect();
    // What a macro makes stands all on the line of its call: there the name decides.
    let name = |made: &[Workload]| made.first().map(|workload| workload.name.clone());
    registered.sort_by_cached_key(|(place, made)| (place.file, place.line, name(made)));
    let mut all: Vec<Workload> = registered.into_iter().flat_map(|(_, made)| made).collect();
    all.extend(by_hand);
    check(&mut all);
    all
}

/// Notes in each workload why it cannot be measured, and makes every name one that can be listed.
pub(crate) fn check(all: &mut [Workload]) {
    for workload in all.iter_mut() {
        let bad_name = mend_name(workload);
        let problem =
            bad_name.or_else(|| params_problem(workload)).or_else(|| said_wrong(workload));
        workload.error = workload.error.take().or(problem);
    }
    for (name, places) in duplicates(all) {
        let count = places.len();
        let mut places: Vec<String> = places.iter().map(Place::to_string).collect();
        places.dedup();
        let remedy = match places.len() {
            1 => "leave out values whose text is the same, or give a macro's another `name`",
            _ => "give one another `name` or `group`",
        };
        let places = places.join(" and at ");
        let message = format!("{name} is registered {count} times, at {places}: {remedy}");
        for workload in all.iter_mut().filter(|workload| workload.name == name) {
            workload.error = Some(message.clone());
        }
    }
}

/// Names that several workloads have, with the places of each.
fn duplicates(all: &[Workload]) -> BTreeMap<String, Vec<Place>> {
    let mut places: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for workload in all {
        places.entry(workload.name.clone()).or_default().push(workload.place);
    }
    places.retain(|_, places| places.len() > 1);
    places
}

/// The longest name in bytes that the wire takes.
const NAME_BYTES_MAX: usize = 4096;

/// Makes a name that the wire takes of one that it does not, and says what was wrong.
fn mend_name(workload: &mut Workload) -> Option<String> {
    let trimmed = workload.name.trim();
    let last = trimmed.rsplit('/').next().unwrap_or_default();
    let problem = if trimmed.is_empty() || last.trim().is_empty() {
        "has an empty name"
    } else if trimmed.chars().any(char::is_control) {
        "has control characters in its name"
    } else if trimmed.len() > NAME_BYTES_MAX {
        "has a name of more than 4096 bytes"
    } else {
        workload.name = trimmed.to_owned();
        return None;
    };
    let shown: String =
        trimmed.chars().map(|c| if c.is_control() { '?' } else { c }).take(200).collect();
    workload.name = if last.trim().is_empty() { format!("{shown}?") } else { shown };
    Some(format!("{}, registered at {}, {problem}", workload.name, workload.place))
}

/// Why its parameters are none.
fn params_problem(workload: &Workload) -> Option<String> {
    let name = &workload.name;
    match &workload.params {
        Params::List(list) if list.is_empty() => {
            Some(format!("{name} has an empty list of parameters, at {}", workload.place))
        }
        Params::Ladder { low, high, .. } if low > high => {
            Some(format!("{name} has an empty ladder, {low} to {high}, at {}", workload.place))
        }
        Params::Ladder { low, high, step: Some(Step::Linear) }
            if high - low >= LINEAR_RUNGS_MAX =>
        {
            Some(format!(
                "{name} has a linear ladder of more than {LINEAR_RUNGS_MAX} numbers, {low} to \
                 {high}, at {}: give a list of some of them",
                workload.place
            ))
        }
        Params::Fixed | Params::List(_) | Params::Ladder { .. } => None,
    }
}

/// Why something else that was said of it makes no sense.
fn said_wrong(workload: &Workload) -> Option<String> {
    let name = &workload.name;
    if let Some(threads) = workload.threads.iter().find(|it| !(1..=THREADS_MAX).contains(*it)) {
        let place = workload.place;
        return Some(format!(
            "{name} is to be measured with {threads} threads, at {place}: 1 to {THREADS_MAX} can be"
        ));
    }
    let has_no_model = match workload.complexity {
        Some(Complexity::Function(model)) if workload.params != Params::Fixed => {
            workload.rungs().into_iter().all(|param| value(model, param).is_none())
        }
        _ => false,
    };
    if has_no_model {
        let place = workload.place;
        return Some(format!("{name} has a complexity without a finite value, at {place}"));
    }
    let hashes_of_fixed =
        matches!(workload.expected, Expected::At(_)) && workload.params == Params::Fixed;
    hashes_of_fixed.then(|| {
        format!("{name} has expected hashes by parameter and no parameter, at {}", workload.place)
    })
}
