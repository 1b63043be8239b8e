//! `tacho list`: what there is to measure.

use tacho_schema::version::Version;
use tacho_schema::{ListDoc, ListItem, PlannedPoint};

use crate::args::RunArgs;
use crate::command::print;
use crate::command::run::request;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

/// Lists the points.
pub(crate) fn list(args: &RunArgs) -> Result<Exit, Failure> {
    let project = request::project(args)?;
    let request = request::read(args, &project)?;
    for note in &request.notes {
        terminal::note(note);
    }
    let points = request.plan.points.into_iter().map(item).collect();
    let doc = ListDoc { schema_version: Version, points };
    print(&match args.result.stream.json {
        true => tacho_report::list::json(&doc),
        false => tacho_report::list::points(&doc, &terminal::style()),
    })?;
    Ok(Exit::Fine)
}

fn item(planned: PlannedPoint) -> ListItem {
    ListItem {
        point: planned.point.to_string(),
        workload: planned.point.function.to_string(),
        command: planned.command,
        tags: planned.tags,
        params: planned.point.params,
        threads: planned.point.threads,
        param: planned.point.param,
        variant_of: planned.variant_of,
    }
}
