//! What `tacho plan` says would run, and its document.

mod told;

use tacho_schema::{
    Bytes, Limits, Nanos, Output, PlanDoc, PlannedPoint, ProbeLine, Ratio, Statistic,
};

use crate::grid::{Align, Cell, Column, Grid};
use crate::json::pretty;
use crate::layout::Fit;
use crate::phrase::counted;
use crate::style::{Ink, Style};
use crate::text::{clean, wrap_into};
use told::{AllTold, Told};

/// So many points are named in one line; the others are counted.
const NAMED_MAX: usize = 8;

/// From this number of runs on there is no bound that anybody set.
const RUNS_UNBOUNDED: u32 = 1_000_000;

/// What is known of a plan besides what stands in it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanFacts {
    /// The seed was drawn for this plan, and the next one has another.
    pub is_seed_drawn: bool,
    /// The points were typed on the command line.
    pub is_ad_hoc: bool,
    /// The first round of each leg: places in the plan's points.
    pub first_rounds: Vec<Vec<usize>>,
    /// The longest that the points may take which are bounded by time.
    pub bounded_nanos_max: u64,
}

/// The plan as sentences and a table.
#[must_use]
pub fn text(plan: &PlanDoc, facts: &PlanFacts, style: &Style) -> String {
    let mut out = String::new();
    let told = AllTold::of(plan, facts.is_ad_hoc);
    table(&told).render_into(&mut out, style);
    out.push('\n');
    for (name, text) in lines(plan, facts, &told) {
        out.push_str(&format!("{name:<INDENT$}"));
        wrap_into(&mut out, INDENT, &style.spell(clean(&text).into_owned()), style.width);
    }
    out
}

/// Where the second line of a wrapped text begins.
const INDENT: usize = 12;

/// `tacho plan --json`: the plan as it is recorded.
#[must_use]
pub fn json(plan: &PlanDoc) -> String {
    pretty(serde_json::to_string_pretty(plan))
}

fn table(told: &AllTold<'_>) -> Grid {
    use Align::{Left, Right};
    let mut grid = Grid::new(vec![
        Column::new("point", Left, Fit::LosesMiddle),
        Column::new("group", Right, Fit::Folds(4)),
        Column::new("warm-up", Right, Fit::Folds(3)),
        Column::new("runs", Left, Fit::Stays),
        Column::new("time", Left, Fit::Folds(0)),
        Column::new("until", Left, Fit::Folds(1)),
        Column::new("timeout", Right, Fit::Folds(2)),
    ]);
    told.all.iter().for_each(|told| grid.push(row(told)));
    grid
}

fn row(told: &Told<'_>) -> Vec<Cell> {
    let planned = told.first;
    let is_exact = planned.min_runs == planned.max_runs;
    let is_refused = planned.refused.is_some();
    let measured = |text: String| if is_refused { Cell::none() } else { Cell::plain(text) };
    let of_time = |text: String| if is_exact { Cell::none() } else { measured(text) };
    let Ratio(share) = planned.precision;
    vec![
        Cell::new(Ink::Strong, clean(&told.name()).into_owned()),
        Cell::plain((planned.leg + 1).to_string()),
        match planned.warmup {
            0 => Cell::none(),
            warmup => measured(warmup.to_string()),
        },
        Cell::plain(if is_refused { "refused".to_owned() } else { runs(planned) }),
        of_time(time(planned)),
        of_time(format!("±{} %", share * 100.0)),
        measured(Nanos(planned.timeout_nanos as f64).to_string()),
    ]
}

fn runs(planned: &PlannedPoint) -> String {
    match (planned.min_runs, planned.max_runs) {
        (least, most) if least == most => least.to_string(),
        (least, RUNS_UNBOUNDED..) => format!("{least} or more"),
        (least, most) => format!("{least} to {most}"),
    }
}

fn time(planned: &PlannedPoint) -> String {
    let most = Nanos(planned.max_time_nanos as f64);
    match planned.min_time_nanos {
        0 => format!("up to {most}"),
        least => format!("{} to {most}", Nanos(least as f64)),
    }
}

/// What is said below the table: a word and its sentence each.
fn lines(plan: &PlanDoc, facts: &PlanFacts, told: &AllTold<'_>) -> Vec<(&'static str, String)> {
    let mut lines = vec![("order", order(plan, facts))];
    for (leg, round) in facts.first_rounds.iter().enumerate() {
        let is_measured =
            |index: &usize| plan.points.get(*index).is_some_and(|it| it.refused.is_none());
        let labels = told.names(round.iter().copied().filter(is_measured));
        let group = match facts.first_rounds.len() {
            1 => String::new(),
            _ => format!("group {}: ", leg + 1),
        };
        lines.push(("first round", format!("{group}{}", named(&labels))));
    }
    lines.push(("longest", longest(plan, facts)));
    lines.extend(of_the_run(plan));
    lines.extend(of_harnesses(told));
    for (name, of) in DETAILS {
        lines.extend(grouped(plan, told, of).into_iter().map(|text| (name, text)));
    }
    for source in &plan.param_sources {
        let (values, found) = (counted(source.values, "value"), source.found);
        let (workload, param) = (&source.workload, &source.param);
        let text =
            format!("params.{param} of {workload}: {values} of {found} from `{}`", source.source);
        lines.push(("outside", text));
    }
    lines
}

fn order(plan: &PlanDoc, facts: &PlanFacts) -> String {
    let seed = plan.seed;
    match facts.is_seed_drawn {
        true => format!("seed {seed}, drawn anew for every run; --seed {seed} repeats this one"),
        false => format!("seed {seed}"),
    }
}

/// The longest that it may take.
fn longest(plan: &PlanDoc, facts: &PlanFacts) -> String {
    let measured = || plan.points.iter().filter(|it| it.refused.is_none());
    let exact = measured().filter(|it| it.min_runs == it.max_runs).count();
    let bounded = measured().count() - exact;
    let mut parts = Vec::new();
    if bounded > 0 {
        let time = Nanos(facts.bounded_nanos_max as f64).coarse();
        parts.push(format!("about {time} for {}", counted(bounded as u64, "point")));
    }
    if exact > 0 {
        let points = counted(exact as u64, "point");
        parts.push(format!("{points} with a fixed number of runs, however long they take"));
    }
    if parts.is_empty() {
        return "nothing is measured".to_owned();
    }
    let text = format!("{}; warm-up, set-up and clean-up not counted", parts.join(", and "));
    match plan.total_nanos_max {
        Some(nanos) => format!("{} for all of it, or sooner: {text}", Nanos(nanos as f64)),
        None => text,
    }
}

/// What holds for the whole run.
fn of_the_run(plan: &PlanDoc) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if plan.jobs > 1 {
        lines.push(("jobs", format!("{} at the same time, which disturb each other", plan.jobs)));
    }
    if let Some(nanos) = plan.quiet_wait_nanos {
        lines.push(("quiet wait", format!("up to {} for a quiet machine", Nanos(nanos as f64))));
    }
    let quiesce = plan.quiesce.clone().unwrap_or_default();
    for (when, hook) in [("before everything", quiesce.before), ("after everything", quiesce.after)]
    {
        lines.extend(hook.map(|hook| ("quiesce", format!("{when}: {}", hook.text))));
    }
    lines
}

/// The ladders, how programs that time themselves are asked, and those that cannot be.
fn of_harnesses(told: &AllTold<'_>) -> Vec<(&'static str, String)> {
    let ladders = told.all.iter().filter_map(|told| {
        let rungs = told.ladder.as_ref()?;
        Some(("ladder", format!("{}: {}", told.name(), rungs.sentence())))
    });
    let refused = told.all.iter().filter_map(|told| told.first.refused.clone());
    let is_measured = |told: &&Told<'_>| told.first.refused.is_none();
    let asked: Vec<String> = told.all.iter().filter(is_measured).filter_map(Told::asked).collect();
    let first = asked.iter().take(NAMED_MAX).map(|asked| ("asks", asked.clone()));
    let more = asked.len().saturating_sub(NAMED_MAX);
    let more = (more > 0).then(|| ("asks", format!("and {more} more")));
    let refused = refused.map(|why| ("refused", why));
    ladders.chain(first).chain(more).chain(refused).collect()
}

/// What is said of a point, where there is something to say.
type Detail = fn(&PlannedPoint) -> Option<String>;

const DETAILS: [(&str, Detail); 9] = [
    ("setup", |it| it.setup.as_ref().map(|hook| hook.text.clone())),
    ("prepare", |it| it.prepare.as_ref().map(|hook| hook.text.clone())),
    ("conclude", |it| it.conclude.as_ref().map(|hook| hook.text.clone())),
    ("cleanup", |it| it.cleanup.as_ref().map(|hook| hook.text.clone())),
    ("limits", |it| limits(&it.limits)),
    ("output", |it| output(&it.output)),
    ("statistic", |it| (it.statistic == Statistic::Min).then(|| "the smallest".to_owned())),
    ("probe", |it| {
        it.reading.probe.as_ref().map(|probe| match probe {
            ProbeLine::Pairs => "prints name=… elapsed_us=…".to_owned(),
            ProbeLine::Pattern(_) => "prints lines of its own pattern".to_owned(),
        })
    }),
    ("counters", |it| {
        let outcomes = it.reading.outcomes.iter().map(|outcome| outcome.name.as_str());
        let derived = it.reading.derived.iter().map(|derived| derived.name.as_str());
        let names: Vec<&str> = outcomes.chain(derived).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }),
];

fn limits(limits: &Limits) -> Option<String> {
    let cpus = limits.cpus.as_ref().map(|cpus| {
        let numbers: Vec<String> = cpus.iter().map(ToString::to_string).collect();
        format!("processors {}", numbers.join(","))
    });
    let parts: Vec<String> = [
        limits.memory_max_bytes.map(|bytes| format!("memory {}", Bytes(bytes as f64))),
        cpus,
        limits.nice.map(|nice| format!("niceness {nice}")),
        limits.aslr.filter(|aslr| !aslr).map(|_| "addresses not randomised".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn output(output: &Output) -> Option<String> {
    match output {
        Output::Pipe => None,
        Output::Null => Some("to /dev/null".to_owned()),
        Output::Inherit => Some("where tacho's own goes".to_owned()),
        Output::File(path) => Some(format!("to the file {path}")),
    }
}

/// A text for each different answer of `of`, with the points that give it; without their names
/// where it is all of them.
fn grouped(plan: &PlanDoc, told: &AllTold<'_>, of: Detail) -> Vec<String> {
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, planned) in plan.points.iter().enumerate() {
        let Some(text) = of(planned) else { continue };
        match groups.iter_mut().find(|(known, _)| *known == text) {
            Some((_, points)) => points.push(index),
            None => groups.push((text, vec![index])),
        }
    }
    let told = |(text, points): (String, Vec<usize>)| match points.len() == plan.points.len() {
        true => text,
        false => format!("{text} ({})", named(&told.names(points.into_iter()))),
    };
    groups.into_iter().map(told).collect()
}

/// The first labels, and how many more there are.
fn named(labels: &[String]) -> String {
    let first = labels[..labels.len().min(NAMED_MAX)].join(", ");
    match labels.len().saturating_sub(NAMED_MAX) {
        0 => first,
        more => format!("{first}, and {more} more"),
    }
}

#[cfg(test)]
mod tests;
