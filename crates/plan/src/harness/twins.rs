//! Names that are registered more than once: nobody can tell which workload is meant.

use std::collections::{BTreeMap, BTreeSet};

use super::Registered;
use crate::expand::{Program, Workload};
use crate::problem::{At, Problems};
use crate::setting::harness::InvalidHarness;

/// The programs that have registered each name.
type Programs = BTreeMap<String, BTreeSet<String>>;

/// Refuses the workloads of harnesses whose names are there twice, in the place of the first; the
/// others of the name are left out, because points of one name could not be told apart. One that
/// the manifest has itself is added to `problems`.
pub(crate) fn tell_apart(workloads: &mut [Workload], problems: &mut Problems) {
    let own = own_names(workloads);
    let programs = twice(workloads);
    let mut told: BTreeSet<String> = BTreeSet::new();
    for workload in workloads {
        let at = &workload.name_at;
        let Program::Harness(harness) = &mut workload.program else { continue };
        if harness.is_named {
            continue;
        }
        let Some(all) = &mut harness.workloads else { continue };
        for registered in all.iter_mut() {
            let name = registered.name.as_str();
            if let Some(first) = own.get(name) {
                let (from, name) = (registered.from.clone(), name.to_owned());
                let fault = InvalidHarness::OwnName { from, name, first: first.clone() };
                problems.push_about(at.clone(), "harness", fault);
            } else if let Some(programs) = programs.get(name) {
                registered.refuse(&registered_by(programs));
            }
        }
        all.retain(|registered| told.insert(registered.name.to_string()));
    }
}

/// The names that the manifest itself gives, and where.
fn own_names(workloads: &[Workload]) -> BTreeMap<String, At> {
    let is_own = |workload: &&Workload| match &workload.program {
        Program::Command(_) => true,
        Program::Harness(harness) => harness.is_named,
    };
    let named = workloads.iter().filter(is_own);
    named.map(|it| (it.name.text().to_owned(), it.name_at.clone())).collect()
}

/// The names that are there twice. What is refused anyway has its reason, which is kept where
/// nothing else has the name.
fn twice(workloads: &[Workload]) -> Programs {
    let mut all: BTreeMap<&str, Vec<&Registered>> = BTreeMap::new();
    for workload in workloads {
        let Program::Harness(harness) = &workload.program else { continue };
        for registered in harness.workloads().iter().filter(|_| !harness.is_named) {
            all.entry(registered.name.as_str()).or_default().push(registered);
        }
    }
    all.retain(|_, same| same.len() > 1 && same.iter().any(|it| it.batches.is_ok()));
    let programs = |same: Vec<&Registered>| same.iter().map(|it| it.from.clone()).collect();
    all.into_iter().map(|(name, same)| (name.to_owned(), programs(same))).collect()
}

/// That these programs have registered one name.
fn registered_by(programs: &BTreeSet<String>) -> String {
    if programs.len() < 2 {
        return "it is registered twice".to_owned();
    }
    let by: Vec<String> = programs.iter().map(|program| format!("`{program}`")).collect();
    format!("it is registered by {}: one name is one workload", by.join(" and by "))
}
