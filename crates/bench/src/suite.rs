//! The run of `cargo bench`: which batches there are, in which order, and the tree of their
//! numbers.
//!
//! It starts nothing itself: batches are measured by a function that it is given.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use crate::climb::Climb;
use crate::options::Effort;
use crate::reply::{Batch, Failure, Request};
use crate::summary::{self, Summary};
use crate::table::{self, Cells, Node, Table, Trunk};
use crate::{Params, Step, Workload, model, style};

/// The longest that a batch of a ladder may take where nothing is said: its cap.
const CAP: Duration = Duration::from_secs(1);

/// The longest that any other batch may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Has one batch measured.
pub(crate) type Measure<'m> = dyn FnMut(&Request<'_>) -> Result<Batch, Failure> + 'm;

/// Which benchmarks were measured, and which could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// All of them.
    pub(crate) benchmarks: usize,
    /// The names of those of which something failed.
    pub(crate) failed: Vec<String>,
}

/// Measures the workloads one after another, and prints each as soon as it is known.
///
/// # Errors
/// Where the table cannot be printed; nothing more is measured then.
pub(crate) fn run<W: Write>(
    workloads: &[&Workload],
    effort: Effort,
    verbose: bool,
    measure: &mut Measure<'_>,
    table: &mut Table<W>,
) -> io::Result<Tally> {
    let firsts = firsts(workloads);
    let tally = Tally { benchmarks: workloads.len(), failed: Vec::new() };
    let mut suite =
        Suite { effort, verbose, measure, table, firsts, first_points: BTreeMap::new(), tally };
    suite.nodes(&mut Vec::new(), &table::arrange(workloads))?;
    Ok(suite.tally)
}

/// The first workload of each group of variants that has a second.
fn firsts<'a>(workloads: &[&'a Workload]) -> BTreeMap<&'a str, &'a Workload> {
    let mut groups: BTreeMap<&str, Vec<&Workload>> = BTreeMap::new();
    for workload in workloads {
        if let Some(group) = workload.variant_of.as_deref() {
            groups.entry(group).or_default().push(workload);
        }
    }
    groups.retain(|_, variants| variants.len() > 1);
    groups.into_iter().map(|(group, variants)| (group, variants[0])).collect()
}

/// Of the first variant of a group: the point that others are held against.
type FirstPoints<'a> = BTreeMap<GroupPoint<'a>, Summary>;

/// A group of variants at one parameter and number of threads.
type GroupPoint<'a> = (&'a str, Option<u64>, Option<u32>);

struct Suite<'a, 'm, W> {
    effort: Effort,
    verbose: bool,
    measure: &'m mut Measure<'m>,
    table: &'m mut Table<W>,
    /// The first workload of each group of variants.
    firsts: BTreeMap<&'a str, &'a Workload>,
    first_points: FirstPoints<'a>,
    tally: Tally,
}

/// One point of a workload.
#[derive(Clone, Copy)]
struct Point<'a> {
    workload: &'a Workload,
    param: Option<u64>,
    threads: Option<u32>,
    is_rung: bool,
}

/// How a point's batches are.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Batches {
    children: u64,
    target_nanos: u64,
    limit: Duration,
}

impl<'a, W: Write> Suite<'a, '_, W> {
    fn nodes(&mut self, trunk: &mut Vec<bool>, nodes: &[Node<'a>]) -> io::Result<()> {
        for (index, node) in nodes.iter().enumerate() {
            trunk.push(index + 1 == nodes.len());
            match node.workload {
                Some(workload) => self.workload(trunk, node, workload)?,
                None => self.table.branch(trunk, node.label, "")?,
            }
            self.nodes(trunk, &node.nodes)?;
            trunk.pop();
        }
        Ok(())
    }

    fn workload(
        &mut self,
        trunk: &mut Vec<bool>,
        node: &Node<'_>,
        workload: &'a Workload,
    ) -> io::Result<()> {
        let more = !node.nodes.is_empty();
        if let Some(error) = &workload.error {
            return self.fails(workload, trunk, node.label, &Failure::Refused(error.clone()));
        }
        let is_fixed = workload.params == Params::Fixed;
        if workload.threads.is_empty() && is_fixed {
            return self.fixed(trunk, node.label, workload, None);
        }
        self.table.branch(trunk, node.label, &of_model(workload))?;
        if workload.threads.is_empty() {
            return self.rungs(trunk, workload, None, more);
        }
        for (index, threads) in workload.threads.iter().enumerate() {
            trunk.push(index + 1 == workload.threads.len() && !more);
            let label = table::threads_label(*threads);
            if is_fixed {
                self.fixed(trunk, &label, workload, Some(*threads))?;
            } else {
                self.table.branch(trunk, &label, "")?;
                self.rungs(trunk, workload, Some(*threads), false)?;
            }
            trunk.pop();
        }
        Ok(())
    }

    fn fixed(
        &mut self,
        trunk: Trunk<'_>,
        label: &str,
        workload: &'a Workload,
        threads: Option<u32>,
    ) -> io::Result<()> {
        let point = Point { workload, param: None, threads, is_rung: false };
        match self.measured(point, self.batches(point)) {
            Ok(summary) => self.shows(trunk, label, point, &summary),
            Err(failure) => self.fails(workload, trunk, label, &failure),
        }
    }

    /// Climbs a ladder, or measures at every parameter of a list.
    fn rungs(
        &mut self,
        trunk: &mut Vec<bool>,
        workload: &'a Workload,
        threads: Option<u32>,
        more: bool,
    ) -> io::Result<()> {
        let (mut climb, is_rung) = climb_of(workload);
        let mut measured_any = false;
        // Ends: every turn takes a rung from the climb, which looks at a gap once.
        while let Some(param) = climb.next() {
            let point = Point { workload, param: Some(param), threads, is_rung };
            let batches = self.batches(point);
            let result = self.measured(point, batches);
            if is_rung && measured_any && result == Err(Failure::Late(batches.limit)) {
                climb.capped();
                continue;
            }
            climb.passed();
            // What failed without an answer will hardly give one at more.
            let ends =
                is_rung && matches!(&result, Err(it) if !matches!(it, Failure::Answer { .. }));
            let is_last = ends || (climb.next().is_none() && climb.beyond().is_none());
            trunk.push(is_last && !more);
            match result {
                Ok(summary) => self.shows(trunk, &param.to_string(), point, &summary)?,
                Err(failure) => self.fails(workload, trunk, &param.to_string(), &failure)?,
            }
            trunk.pop();
            measured_any = true;
            if ends {
                return Ok(());
            }
        }
        if let Some(beyond) = climb.beyond() {
            trunk.push(!more);
            let cap = style::time(cap_of(workload).as_nanos() as f64);
            let why = format!("over the cap of {cap}: the ladder ends here");
            self.table.end(trunk, &beyond.to_string(), &why)?;
            trunk.pop();
        }
        Ok(())
    }

    /// Measures one point; its first failure ends it.
    fn measured(&mut self, point: Point<'a>, batches: Batches) -> Result<Summary, Failure> {
        let mut request = Request {
            name: &point.workload.name,
            param: point.param,
            threads: point.threads,
            cold: point.workload.cold,
            index: 0,
            target_nanos: batches.target_nanos,
            limit: batches.limit,
        };
        self.warm_up(&request)?;
        let mut measured = Vec::new();
        for index in 0..batches.children {
            request.index = index;
            measured.push((self.measure)(&request)?);
        }
        let summary = summary::of(&measured)?;
        summary::check(point.workload, point.param, summary.hash.as_deref())?;
        self.agrees(point, &summary)?;
        Ok(summary)
    }

    /// Batches that are not counted, until they have had their time.
    fn warm_up(&mut self, request: &Request<'_>) -> Result<(), Failure> {
        let wanted_nanos = self.effort.warm_up_seconds * 1e9;
        let mut had_nanos = 0;
        // Ends: every batch is asked for some of the time.
        while (had_nanos as f64) < wanted_nanos {
            (self.measure)(request)?;
            had_nanos += request.target_nanos.max(1_000_000);
        }
        Ok(())
    }

    /// Holds the answer against that of the group's first; remembers it if it is that.
    fn agrees(&mut self, point: Point<'a>, summary: &Summary) -> Result<(), Failure> {
        let Some((key, first)) = self.group(point) else { return Ok(()) };
        if std::ptr::eq(first, point.workload) {
            self.first_points.insert(key, summary.clone());
            return Ok(());
        }
        let theirs = self.first_points.get(&key).and_then(|it| it.hash.as_deref());
        match (summary.hash.as_deref(), theirs) {
            (Some(found), Some(wanted)) if found != wanted => {
                Err(summary::wrong(found, wanted, &format!("{} has", first.name)))
            }
            _ => Ok(()),
        }
    }

    /// The point of its group that it is held against, and whose that is.
    fn group(&self, point: Point<'a>) -> Option<(GroupPoint<'a>, &'a Workload)> {
        let group = point.workload.variant_of.as_deref()?;
        Some(((group, point.param, point.threads), self.firsts.get(group).copied()?))
    }

    fn shows(
        &mut self,
        trunk: Trunk<'_>,
        label: &str,
        point: Point<'a>,
        summary: &Summary,
    ) -> io::Result<()> {
        let first = self.group(point).and_then(|(key, _)| self.first_points.get(&key));
        let ratio = first.map(|first| summary.median_nanos / first.median_nanos);
        let model = point.param.zip(point.workload.complexity.as_ref());
        let divisor = model.and_then(|(param, complexity)| model::divisor(complexity, param));
        let cells = Cells {
            summary,
            ratio: ratio.filter(|ratio| ratio.is_finite()),
            c: divisor.map(|divisor| summary.median_nanos / divisor),
            throughput: point.workload.throughput.as_ref(),
        };
        self.table.point(trunk, label, &cells)?;
        if self.verbose {
            self.table.detail(trunk, &details(summary))?;
        }
        Ok(())
    }

    fn fails(
        &mut self,
        workload: &Workload,
        trunk: Trunk<'_>,
        label: &str,
        failure: &Failure,
    ) -> io::Result<()> {
        if self.tally.failed.last() != Some(&workload.name) {
            self.tally.failed.push(workload.name.clone());
        }
        let why = failure.to_string();
        // Its name stands before it already.
        let why = why.strip_prefix(&format!("{}: ", workload.name)).unwrap_or(&why);
        self.table.failed(trunk, label, &format!("failed: {why}"))
    }

    fn batches(&self, point: Point<'_>) -> Batches {
        batches(self.effort, point)
    }
}

/// How the batches of a point are: twelve of 20 ms, on a ladder three of 10 ms.
fn batches(effort: Effort, point: Point<'_>) -> Batches {
    let workload = point.workload;
    let (children, millis) = match (point.is_rung, effort.quick) {
        (false, false) => (12, 20),
        (true, false) | (false, true) => (3, 10),
        (true, true) => (3, 3),
    };
    let children = effort.children.unwrap_or(children);
    let threads = workload.threads.len().max(1);
    let points = (climb_of(workload).0.ahead().len().max(1) * threads) as f64;
    let share = |seconds: f64| (seconds * 1e9 / (points * children as f64)) as u64;
    let target_nanos = effort.measured_seconds.map(share).or(workload.target_nanos);
    let target_nanos = target_nanos.unwrap_or(millis * 1_000_000).max(1);
    if point.is_rung {
        // A batch must be over within the cap, with its start, what warms it up, and a last
        // doubling of its slices.
        let limit = cap_of(workload);
        let most = limit.as_nanos() as u64 / 4;
        return Batches { children, target_nanos: target_nanos.min(most.max(1)), limit };
    }
    let limit = workload.cap_nanos.map_or(LIMIT, Duration::from_nanos);
    let longer = Duration::from_nanos(target_nanos.saturating_mul(4));
    Batches { children, target_nanos, limit: limit.max(longer) }
}

fn cap_of(workload: &Workload) -> Duration {
    workload.cap_nanos.map_or(CAP, Duration::from_nanos)
}

/// Its parameters as they are climbed, and whether a cap ends that: where times are expected to
/// grow. Values of a list without a model are points for themselves.
fn climb_of(workload: &Workload) -> (Climb, bool) {
    let (is_rung, brackets) = match &workload.params {
        Params::Fixed => (false, false),
        Params::List(_) => (workload.complexity.is_some(), false),
        Params::Ladder { .. } => (true, workload.step() == Step::Bracket),
    };
    (Climb::new(workload.rungs(), brackets), is_rung)
}

/// The smallest parameter, where there is one.
pub(crate) fn smallest(workload: &Workload) -> Option<u64> {
    climb_of(workload).0.next()
}

/// What a ladder's C is.
fn of_model(workload: &Workload) -> String {
    let Some(complexity) = &workload.complexity else { return String::new() };
    match model::problem(complexity) {
        Some(problem) => format!("no C: {problem}"),
        None => format!("C = time / {}", model::divisor_text(complexity)),
    }
}

/// What else is known of a point.
fn details(summary: &Summary) -> String {
    let mut known = vec![match summary.children {
        1 => "1 process".to_owned(),
        children => format!("{children} processes"),
    }];
    if let Some(peak) = summary.peak_rss_kb {
        known.push(format!("peak memory {}", style::bytes(peak as f64 * 1024.0)));
    }
    known.extend(summary.caches.clone());
    known.join(", ")
}

#[cfg(test)]
mod tests;
