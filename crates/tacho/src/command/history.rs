//! `tacho history`: the captures, newest first.

use tacho_report::HistoryEntry;
use tacho_store::Query;

use crate::args::HistoryArgs;
use crate::command::print;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{Project, store_failure};
use crate::terminal;

/// Lists the captures.
pub(crate) fn history(args: &HistoryArgs) -> Result<Exit, Failure> {
    let project = Project::find(&args.place)?;
    let (mut entries, mut baselines) = (Vec::new(), Vec::new());
    if let Some(store) = project.open_to_read()? {
        let query = Query { limit: args.limit, id_prefix: None };
        entries =
            store.captures(&query).map_err(|error| store_failure("list the captures", &error))?;
        baselines =
            store.baselines().map_err(|error| store_failure("read the baselines", &error))?;
    }
    let named: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let names = baselines.iter().filter(|it| it.capture == entry.header.id);
            names.map(|baseline| baseline.name.clone()).collect()
        })
        .collect();
    let started: Vec<String> =
        entries.iter().map(|entry| terminal::local_time(entry.header.started_unix_ms)).collect();
    let shown: Vec<HistoryEntry<'_>> = entries
        .iter()
        .zip(&named)
        .zip(&started)
        .map(|((entry, baselines), started)| HistoryEntry {
            header: &entry.header,
            summary: &entry.summary,
            started,
            baselines,
        })
        .collect();
    if args.json {
        print(&tacho_report::json::history(&shown))?;
    } else {
        print(&tacho_report::history::captures(&shown, &terminal::style()))?;
        super::recover::remind(&project);
    }
    Ok(Exit::Fine)
}
