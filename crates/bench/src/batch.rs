//! One batch: the clock, the probes, the slices, and what is subtracted from them.

use crate::answer::Answer;
use crate::autotune::{Next, Took, Tuner};
use crate::cache::{self, Dropped};
use crate::clock::{Clock, Ruler};
use crate::routine::{Routine, Span};
use crate::team::{Ask, Deserted, Team};

/// Turns of the loop about nothing that are timed at once, where as many are possible.
const EMPTY_TURNS: u64 = 1 << 14;

/// How often they are timed; the shortest is the loop's cost.
const EMPTY_TRIES: usize = 16;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// The time that the calls are to take together.
    pub(crate) target_nanos: u64,
    /// One call, with empty caches.
    pub(crate) cold: bool,
}

/// What is known of the clock, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Timer {
    /// Its name.
    pub(crate) clock: &'static str,
    /// The smallest step between two readings that differ.
    pub(crate) precision_nanos: f64,
    /// What an interval of nothing takes, subtracted from each.
    pub(crate) cost_nanos: f64,
    /// What a turn of the loop about nothing takes, subtracted for each call.
    pub(crate) loop_nanos: Option<f64>,
}

/// What a batch gave.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// The time of each slice, in the order in which they were measured; never empty.
    pub(crate) slices_nanos: Vec<f64>,
    /// Calls of each slice.
    pub(crate) repeats: u64,
    /// The clock; none where the benchmark timed itself.
    pub(crate) timer: Option<Timer>,
    /// The result of the first call.
    pub(crate) answer: Answer,
    /// Cold: what was emptied.
    pub(crate) dropped: Option<Dropped>,
}

/// A clock and a loop, with what they cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Costs {
    /// The clock.
    pub(crate) ruler: Ruler,
    /// Ticks of a turn of the loop about nothing.
    loop_ticks: Option<f64>,
}

impl Costs {
    /// Ticks of `count` calls without what it costs to measure them, never below 0.
    pub(crate) fn net_ticks(&self, span: Span, count: u64) -> f64 {
        let clock = self.ruler.cost_ticks() * span.intervals as f64;
        let turns = self.loop_ticks.unwrap_or(0.0) * count as f64;
        (span.ticks as f64 - clock - turns).max(0.0)
    }

    /// Gets to know the loop that `routine` is called in.
    pub(crate) fn of(ruler: Ruler, routine: &mut dyn Routine) -> Self {
        let bare = Self { ruler, loop_ticks: None };
        let mut turn = || {
            let (span, turns) = routine.empty(ruler.clock, EMPTY_TURNS)?;
            Some(bare.net_ticks(span, 0) / turns.max(1) as f64)
        };
        let loop_ticks = (0..EMPTY_TRIES).filter_map(|_| turn()).min_by(f64::total_cmp);
        Self { ruler, loop_ticks }
    }

    fn timer(&self, nanos_per_tick: f64) -> Timer {
        Timer {
            clock: self.ruler.clock.name(),
            precision_nanos: self.ruler.precision_ticks() * nanos_per_tick,
            cost_nanos: self.ruler.cost_ticks() * nanos_per_tick,
            loop_nanos: self.loop_ticks.map(|ticks| ticks * nanos_per_tick),
        }
    }
}

/// The clock that `routine` is timed with.
pub(crate) fn clock_for(routine: &dyn Routine) -> Clock {
    if routine.has_own_clock() { Clock::system() } else { Clock::finest() }
}

/// The thread that decides, and those that follow.
struct Crew<'a> {
    routine: &'a mut dyn Routine,
    clock: Clock,
    team: Option<&'a Team>,
}

impl Crew<'_> {
    /// The first call, after `before`.
    fn first(&mut self, before: &mut dyn FnMut()) -> Result<(Span, Answer), Deserted> {
        let Some(team) = self.team else { return Ok(self.routine.first(self.clock, before)) };
        team.ask(Ask::First)?;
        let mut answer = Answer::unsaid();
        let span = team.perform(|gate| {
            let mut ready = || {
                before();
                gate();
            };
            let (span, own) = self.routine.first(self.clock, &mut ready);
            answer = own;
            span
        })?;
        Ok((span, answer))
    }

    /// So many calls.
    fn calls(&mut self, count: u64) -> Result<Span, Deserted> {
        let Some(team) = self.team else {
            return Ok(self.routine.calls(self.clock, count, &mut || {}));
        };
        team.ask(Ask::Calls(count))?;
        team.perform(|gate| self.routine.calls(self.clock, count, gate))
    }
}

/// Measures a batch; with a team, as the thread that decides.
pub(crate) fn measure(
    routine: &mut dyn Routine,
    order: Order,
    team: Option<&Team>,
) -> Result<Batch, Deserted> {
    let ruler = Ruler::of(clock_for(routine));
    let mut crew = Crew { routine, clock: ruler.clock, team };
    let batch = if order.cold { cold(&mut crew, ruler) } else { warm(&mut crew, ruler, order) }?;
    if let Some(team) = team {
        team.ask(Ask::End)?;
    }
    Ok(batch)
}

/// One call, and nothing of it before.
fn cold(crew: &mut Crew<'_>, ruler: Ruler) -> Result<Batch, Deserted> {
    let mut dropped = None;
    let (span, answer) = crew.first(&mut || dropped = Some(cache::drop_all()))?;
    let costs = Costs { ruler, loop_ticks: None };
    Ok(finish(crew, &costs, vec![costs.net_ticks(span, 1)], 1, answer, dropped))
}

/// Probes, then slices.
fn warm(crew: &mut Crew<'_>, ruler: Ruler, order: Order) -> Result<Batch, Deserted> {
    let mut costs = Costs { ruler, loop_ticks: None };
    let rate = ruler.nanos_per_tick();
    let begun = ruler.clock.now();
    let (first, answer) = crew.first(&mut || {})?;
    let mut tuner = Tuner::new(order.target_nanos);
    tuner.told(took(&costs, first, begun, rate));
    let mut measured: Vec<f64> = Vec::new();
    let mut repeats = 1;
    let slices = loop {
        let begun = ruler.clock.now();
        let span = match tuner.next() {
            Next::Probe { repeats } => crew.calls(repeats)?,
            Next::Slice { repeats: fitting } => {
                if measured.is_empty() {
                    costs = Costs::of(ruler, crew.routine);
                    repeats = fitting;
                }
                let span = crew.calls(repeats)?;
                measured.push(costs.net_ticks(span, repeats));
                span
            }
            Next::Done { slices: 0 } => {
                measured = vec![costs.net_ticks(first, 1)];
                break 1;
            }
            Next::Done { slices } => break slices,
        };
        tuner.told(took(&costs, span, begun, rate));
    };
    measured.truncate(slices as usize);
    Ok(finish(crew, &costs, measured, repeats, answer, None))
}

fn took(costs: &Costs, span: Span, begun: u64, nanos_per_tick: f64) -> Took {
    let wall = costs.ruler.clock.now().saturating_sub(begun);
    Took {
        // With the loop's cost: code that takes no time would never fill a slice.
        nanos: costs.net_ticks(span, 0) * nanos_per_tick,
        wall_nanos: wall as f64 * nanos_per_tick,
    }
}

fn finish(
    crew: &Crew<'_>,
    costs: &Costs,
    ticks: Vec<f64>,
    repeats: u64,
    answer: Answer,
    dropped: Option<Dropped>,
) -> Batch {
    let rate = costs.ruler.settled_nanos_per_tick();
    Batch {
        slices_nanos: ticks.into_iter().map(|ticks| ticks * rate).collect(),
        repeats,
        timer: (!crew.routine.has_own_clock()).then(|| costs.timer(rate)),
        answer,
        dropped,
    }
}

impl Batch {
    /// Calls of the batch.
    pub(crate) fn calls(&self) -> u64 {
        self.repeats.saturating_mul(self.slices_nanos.len() as u64)
    }

    /// The time of all calls together, without what was subtracted.
    pub(crate) fn total_nanos(&self) -> f64 {
        self.slices_nanos.iter().sum()
    }

    /// The time of one call: the median of the slices.
    pub(crate) fn per_call_nanos(&self) -> f64 {
        let mut sorted = self.slices_nanos.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted.len() {
            0 => 0.0,
            even if even % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
            _ => sorted[middle],
        };
        median / self.repeats as f64
    }

    /// The time of one call in each slice; of more than `most` slices evenly spread ones.
    pub(crate) fn samples(&self, most: usize) -> Vec<f64> {
        let step = self.slices_nanos.len().div_ceil(most).max(1);
        let repeats = self.repeats as f64;
        self.slices_nanos.iter().step_by(step).map(|nanos| nanos / repeats).collect()
    }
}

#[cfg(test)]
mod tests;
