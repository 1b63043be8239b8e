//! Reads every capture of a store, and says how many rows each counts and has.
//!
//! `audit STORE` prints a line `capture ID STATE COUNTED STORED` for each capture, and behind it a
//! line `rows FUNCTION NUMBER` for each workload with a row. A store that is not there yet has no
//! captures. `cargo xtask bench kill` builds and runs it: it takes no command's word for it.

use std::collections::BTreeMap;
use std::io::Write;

use tacho_store::{Access, Fault, Location, Query};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let path = std::env::args_os().nth(1).ok_or("STORE")?;
    let store = match tacho_store::open(&Location::Sqlite(path.into()), Access::Read) {
        Err(error) if matches!(error.fault, Fault::Missing) => return Ok(()),
        opened => opened?,
    };
    let mut out = std::io::stdout().lock();
    for entry in store.captures(&Query::default())? {
        let (id, summary) = (&entry.header.id, &entry.summary);
        let mut stored = 0_u64;
        let mut by_function: BTreeMap<String, u64> = BTreeMap::new();
        store.rows(id, &mut |row| {
            stored += 1;
            *by_function.entry(row.function.to_string()).or_insert(0) += 1;
        })?;
        let (state, counted) = (summary.state.as_str(), summary.rows);
        writeln!(out, "capture {id} {state} {counted} {stored}")?;
        for (function, rows) in by_function {
            writeln!(out, "rows {function} {rows}")?;
        }
    }
    Ok(())
}
