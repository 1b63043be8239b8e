//! `tacho verify`: everything once at its smallest parameters, and the answers checked.

use std::time::Instant;

use tacho_judge::verified;
use tacho_plan::smallest;
use tacho_schema::version::Version;
use tacho_schema::{Status, VerifyDoc};

use crate::args::RunArgs;
use crate::command::print;
use crate::command::run::request;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::record::record;
use crate::terminal;

/// So many of a workload's parameters are tried.
const PARAMS: usize = 2;

/// It takes at most so long, unless something else was said.
const TOTAL_NANOS_MAX: u64 = 60_000_000_000;

/// Runs everything once, and says what answered wrongly, failed, or was left out.
pub(crate) fn verify(args: &RunArgs, invocation: Vec<String>) -> Result<Exit, Failure> {
    request::refuse_results(args, "verify")?;
    terminal::set_style(args.table.style);
    let project = request::project(args)?.forgetting();
    let mut request = request::read(args, &project)?;
    std::mem::replace(&mut request.missing, Ok(()))?;
    smallest(&mut request.plan, PARAMS);
    request.plan.total_nanos_max.get_or_insert(TOTAL_NANOS_MAX);
    for note in &request.notes {
        terminal::note(note);
    }
    let began = Instant::now();
    let recorded = record(&request.order(args, &project, invocation))?;
    let (header, summary) = recorded.capture;
    let doc = VerifyDoc {
        schema_version: Version,
        items: verified(&recorded.rows, &request.plan, &header),
        skipped: summary.skipped,
        elapsed_nanos: u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX),
    };
    print(&match args.result.stream.json {
        true => tacho_report::verify::json(&doc),
        false => tacho_report::verify::verification(&doc, &terminal::style()),
    })?;
    // A ladder that ends at its first rung is in the exit code of the run.
    let is_fine = |status| matches!(status, Status::Ok | Status::KilledAtCap);
    let is_wrong = doc.items.iter().any(|item| !is_fine(item.status));
    Ok(recorded.exit.or_worse(if is_wrong { Exit::Program } else { Exit::Fine }))
}
