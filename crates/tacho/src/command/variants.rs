//! `tacho compare-variants`: the implementations of one thing, by their answers, then their speed.

use tacho_judge::variants as judged;
use tacho_plan::select_variants;
use tacho_schema::Agreement;

use crate::args::verbs::VariantsArgs;
use crate::command::print;
use crate::command::run::request;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::record::record;
use crate::terminal;

/// Measures the implementations of a group, and compares them.
pub(crate) fn variants(args: &VariantsArgs, invocation: Vec<String>) -> Result<Exit, Failure> {
    let (group, args) = (&args.group, &args.run);
    request::refuse_results(args, "compare-variants")?;
    terminal::set_style(args.table.style);
    let project = request::project(args)?;
    let mut request = request::read(args, &project)?;
    select_variants(&mut request.plan, group).map_err(|unknown| {
        Failure::usage(unknown.to_string())
            .hint("a group is what workloads have as variant_of: `tacho list --json` shows it")
    })?;
    std::mem::replace(&mut request.missing, Ok(()))?;
    super::recover::remind(&project);
    for wire in request.plan.points.iter_mut().filter_map(|planned| planned.wire.as_mut()) {
        wire.preview = true;
    }
    for note in &request.notes {
        terminal::note(note);
    }
    let recorded = record(&request.order(args, &project, invocation))?;
    let doc = judged(&recorded.rows, &request.plan, &recorded.capture.0, group);
    print(&match args.result.stream.json {
        true => tacho_report::variants::json(&doc),
        false => tacho_report::variants::comparison(&doc, &terminal::style()),
    })?;
    let differ = doc.agreement == Agreement::Differ;
    Ok(recorded.exit.or_worse(if differ { Exit::Program } else { Exit::Fine }))
}
