//! `tacho plan`: what would run.

use std::collections::BTreeMap;

use tacho_plan::{bounded_nanos, round_order};
use tacho_report::plan::PlanFacts;
use tacho_schema::PlanDoc;

use crate::args::RunArgs;
use crate::command::print;
use crate::command::run::request;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

/// Shows the plan.
pub(crate) fn plan(args: &RunArgs) -> Result<Exit, Failure> {
    let project = request::project(args)?;
    let request = request::read(args, &project)?;
    for note in &request.notes {
        terminal::note(note);
    }
    let plan = &request.plan;
    if args.result.stream.json {
        print(&tacho_report::plan::json(plan))?;
        return Ok(Exit::Fine);
    }
    let facts = PlanFacts {
        is_seed_drawn: request.is_seed_drawn,
        is_ad_hoc: project.manifest.is_none(),
        first_rounds: first_rounds(plan),
        bounded_nanos_max: bounded_nanos(plan),
    };
    print(&tacho_report::plan::text(plan, &facts, &terminal::style()))?;
    Ok(Exit::Fine)
}

/// The order of each leg's first round.
fn first_rounds(plan: &PlanDoc) -> Vec<Vec<usize>> {
    let mut legs: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (index, planned) in plan.points.iter().enumerate() {
        legs.entry(planned.leg).or_default().push(index);
    }
    legs.iter().map(|(leg, indices)| round_order(plan.seed, *leg, 0, indices)).collect()
}
