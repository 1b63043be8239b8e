//! How a plan's points are named where many of them are rungs of a ladder.

use std::collections::BTreeMap;

use tacho_schema::{Ladder, LadderStep, Nanos, PlanDoc, PlannedPoint, Point};

/// What is told in one line: a point, or a ladder with all its rungs.
pub(super) struct Told<'p> {
    /// The point, or the first rung.
    pub first: &'p PlannedPoint,
    /// The ladder, where it is one.
    pub ladder: Option<Rungs<'p>>,
    /// Where it stands, among all that is told.
    place: usize,
    is_ad_hoc: bool,
}

/// A ladder, and those of its rungs that the plan has.
pub(super) struct Rungs<'p> {
    ladder: &'p Ladder,
    low: u64,
    high: u64,
    count: u64,
}

/// Everything that is told of a plan, in its order, and which of it each point belongs to.
pub(super) struct AllTold<'p> {
    pub all: Vec<Told<'p>>,
    of_point: Vec<usize>,
}

impl<'p> AllTold<'p> {
    pub(super) fn of(plan: &'p PlanDoc, is_ad_hoc: bool) -> Self {
        let mut all: Vec<Told<'p>> = Vec::new();
        let mut of_ladder: BTreeMap<u32, usize> = BTreeMap::new();
        let mut of_point = Vec::with_capacity(plan.points.len());
        for planned in &plan.points {
            let known = planned.ladder.and_then(|ladder| of_ladder.get(&ladder)).copied();
            let place = known.unwrap_or(all.len());
            of_point.push(place);
            if let Some(rungs) = known.and_then(|place| all.get_mut(place)?.ladder.as_mut()) {
                rungs.add(planned);
                continue;
            }
            let ladder = planned.ladder.and_then(|ladder| {
                of_ladder.insert(ladder, place);
                let ladder = plan.ladders.get(usize::try_from(ladder).ok()?)?;
                let param = planned.point.param?;
                Some(Rungs { ladder, low: param, high: param, count: 1 })
            });
            all.push(Told { first: planned, ladder, place, is_ad_hoc });
        }
        Self { all, of_point }
    }

    /// What the point at `index` of the plan is told by.
    pub(super) fn of_point(&self, index: usize) -> Option<&Told<'p>> {
        self.all.get(*self.of_point.get(index)?)
    }

    /// The names of what these points are told by, each once, in their order.
    pub(super) fn names(&self, points: impl Iterator<Item = usize>) -> Vec<String> {
        let mut is_told = vec![false; self.all.len()];
        let told = points.filter_map(|index| self.of_point(index));
        let new = told.filter(|told| !std::mem::replace(&mut is_told[told.place], true));
        new.map(Told::name).collect()
    }
}

impl Rungs<'_> {
    fn add(&mut self, planned: &PlannedPoint) {
        if let Some(param) = planned.point.param {
            self.low = self.low.min(param);
            self.high = self.high.max(param);
            self.count += 1;
        }
    }

    /// Its rungs, how it climbs, and what is expected of it.
    pub(super) fn sentence(&self) -> String {
        let Self { ladder, low, high, count } = self;
        let (low, high) = (low.to_string(), high.to_string());
        let rungs = match (count, ladder.step) {
            (1, _) => format!("the rung {low}"),
            (2, _) => format!("the rungs {low} and {high}"),
            (_, LadderStep::Double) => format!("{count} rungs, {low} … {high}, doubling"),
            (_, LadderStep::Linear) => format!("{count} rungs, every number {low} … {high}"),
            (_, LadderStep::List) => format!("{count} rungs, {low} … {high}, by a list"),
            (_, LadderStep::Bracket) => {
                format!("{low} … {high}, doubling to the cap or the end, then filling in below")
            }
        };
        let growth = match (&ladder.complexity, ladder.model.is_empty()) {
            (Some(complexity), _) => format!("expected to grow as {complexity}"),
            (None, false) => "expected to grow as its own model".to_owned(),
            (None, true) => "growth not declared".to_owned(),
        };
        format!("{rungs}; {growth}; cap {}", Nanos(ladder.cap_nanos as f64))
    }
}

impl Told<'_> {
    /// The point's label; that of a ladder has the range of its rungs.
    pub(super) fn name(&self) -> String {
        let label = self.first.label(self.is_ad_hoc);
        match &self.ladder {
            Some(Rungs { ladder, low, high, .. }) if low < high => {
                let highest = Point { param: Some(*high), ..ladder.point.clone() }.to_string();
                let written = format!("param={high}");
                let range = format!("param={low}..={high}");
                match highest.rsplit_once(&written) {
                    Some((before, behind)) => format!("{before}{range}{behind}"),
                    None => label,
                }
            }
            _ => label,
        }
    }

    /// How a program that times itself is asked; a ladder's parameter is left open.
    pub(super) fn asked(&self) -> Option<String> {
        self.first.wire.as_ref()?;
        let command = &self.first.command;
        match (&self.ladder, self.first.point.param) {
            (Some(Rungs { low, high, .. }), Some(param)) if low < high => {
                Some(command.replacen(&format!("--param {param}"), "--param N", 1))
            }
            _ => Some(command.clone()),
        }
    }
}
