//! `tacho baseline`: names for captures.

use tacho_report::BaselineEntry;

use crate::args::{BaselineVerb, PlaceArgs};
use crate::command::{print, run, show};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::summary::{find_baseline, find_capture, no_baseline, no_captures};
use crate::project::{Project, store_failure};
use crate::terminal;

/// Saves, lists, shows or forgets.
pub(crate) fn baseline(verb: &BaselineVerb) -> Result<Exit, Failure> {
    match verb {
        BaselineVerb::Save { name, capture, place } => save(name, capture, place),
        BaselineVerb::List { place, json } => list(place, *json),
        BaselineVerb::Show { name, place, json } => {
            let project = Project::find(place)?;
            let store = project.open_to_read()?.ok_or_else(|| no_baseline(name, &[]))?;
            find_baseline(store.as_ref(), name)?;
            show::show_one(name, place, *json)
        }
        BaselineVerb::Rm { names, place } => remove(names, place),
    }
}

fn save(name: &str, capture: &str, place: &PlaceArgs) -> Result<Exit, Failure> {
    run::check_baseline_name(name)?;
    let project = Project::find(place)?;
    let store = project.open_to_read()?.ok_or_else(|| no_captures(true))?;
    let id = find_capture(store.as_ref(), capture, true)?;
    drop(store);
    let mut store = project.open_to_write()?;
    run::set_baseline(store.as_mut(), name, id)?;
    Ok(Exit::Fine)
}

fn list(place: &PlaceArgs, json: bool) -> Result<Exit, Failure> {
    let project = Project::find(place)?;
    let all = match project.open_to_read()? {
        Some(store) => {
            store.baselines().map_err(|error| store_failure("read the baselines", &error))?
        }
        None => Vec::new(),
    };
    if json {
        print(&tacho_report::json::baselines(&all))?;
        return Ok(Exit::Fine);
    }
    let saved: Vec<String> =
        all.iter().map(|baseline| terminal::local_time(baseline.saved_unix_ms)).collect();
    let entries: Vec<BaselineEntry<'_>> =
        all.iter().zip(&saved).map(|(baseline, saved)| BaselineEntry { baseline, saved }).collect();
    print(&tacho_report::history::baselines(&entries, &terminal::style()))?;
    Ok(Exit::Fine)
}

fn remove(names: &[String], place: &PlaceArgs) -> Result<Exit, Failure> {
    let project = Project::find(place)?;
    let Some(store) = project.open_to_read()? else { return Err(no_baseline(&names[0], &[])) };
    // All are known before the first is forgotten.
    for name in names {
        find_baseline(store.as_ref(), name)?;
    }
    drop(store);
    let mut store = project.open_to_write()?;
    for name in names {
        store
            .baseline_remove(name)
            .map_err(|error| store_failure("forget the baseline", &error))?;
        terminal::note(&format!("forgot the baseline `{name}`; its capture stays"));
    }
    Ok(Exit::Fine)
}
