//! The loop: executes a plan leg by leg and round by round, and emits a row for every batch.
//!
//! Within a leg each point that still needs samples runs once a round, in the round's shuffled
//! order. Runs of short programs are queued with the starter, so that it need not wait for us
//! between them. What a point needs is decided by its sampler (`tacho_plan`), not here.

mod hooks;
mod point;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use tacho_plan::round_order;
use tacho_schema::{CutShort, PlanDoc, Row, Skipped, Status};

use crate::child::{Finished, Forced, Happening, Supervisor};
use crate::clock::{monotonic_nanos, unix_nanos};
use crate::commands::{Found, point_program};
use crate::outcome::{self, Place};
use crate::program::Surroundings;
use crate::signals::Signals;
use crate::spawn::{End, MAKE_PROCESS, SpawnError};
use point::PointState;

/// How often the observer is told that time has passed.
const TICK_NANOS: u64 = 100_000_000;
/// Runs of short programs that may be queued with the starter.
const QUEUE_RUNS: usize = 16;
/// The starter's own memory grows with the longest request: it is looked up at the first row of
/// every point, unless there are very many, and every so many rows.
const FLOOR_EVERY_ROWS: u64 = 1000;
const FLOOR_POINTS_MAX: usize = 10_000;

/// What a run needs besides its plan.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The plan.
    pub plan: &'a PlanDoc,
    /// The manifest's folder: what the plan's paths are relative to.
    pub base: &'a Path,
    /// The variables that children get.
    pub surroundings: &'a Surroundings,
    /// Another `tacho` is measuring: rows are flagged.
    pub shared_machine: bool,
}

/// Which part of the run is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Set-ups.
    Setup,
    /// Warm-up runs.
    Warmup,
    /// Measured runs.
    Measure,
    /// Clean-ups.
    Cleanup,
}

/// What an observer is told, at most every 100 ms.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Which part of the run.
    pub phase: Phase,
    /// The point that runs, by its place in the plan.
    pub point: usize,
    /// Points that need no more runs.
    pub points_over: usize,
    /// Points of the plan.
    pub points: usize,
    /// Rows of that point so far.
    pub point_rows: u64,
    /// Rows so far.
    pub rows: u64,
    /// Time since the run began.
    pub elapsed_nanos: u64,
    /// An estimate of the time left, once a point has run.
    pub remaining_nanos: Option<u64>,
}

/// What the loop hands over.
#[derive(Debug)]
pub enum Emission {
    /// A row. Rows that come close together may be handed on together …
    Row(Box<Row>),
    /// … but not later than now: nothing is known of when the next one comes.
    Pause,
}

/// How a run ended.
#[derive(Debug)]
pub struct Finish {
    /// Why it ended before its plan was done.
    pub cut_short: Option<CutShort>,
    /// Points that were not, or not fully, measured.
    pub skipped: Vec<Skipped>,
    /// Rows emitted.
    pub rows: u64,
    /// The same by how they ended.
    pub by_status: BTreeMap<Status, u64>,
    /// Points with a row.
    pub points: u64,
    /// Descendants that outlived their batch and were killed.
    pub leaked: u64,
    /// What went wrong around the measurements, in sentences: clean-ups that failed.
    pub troubles: Vec<String>,
    /// The starter failed, and the run ended there.
    pub failure: Option<SpawnError>,
}

/// Executes `setting.plan` with the programs that [`crate::commands::find`] found.
///
/// Every row goes to `emit`, which answers whether to go on; before the loop waits for a program,
/// `emit` is told so. `observe` is told of progress. A first
/// Ctrl-C or TERM ends the running batch (no row), runs the clean-ups and returns.
pub fn run(
    setting: Setting<'_>,
    programs: Found,
    supervisor: &mut Supervisor,
    signals: &Signals,
    emit: &mut dyn FnMut(Emission) -> bool,
    observe: &mut dyn FnMut(Progress),
) -> Finish {
    let started = monotonic_nanos();
    let planned = setting.plan.points.iter().zip(programs);
    let points = planned.map(|(planned, program)| PointState::new(planned, program));
    let mut run = Run {
        setting,
        supervisor,
        signals,
        emit,
        observe,
        points: points.collect(),
        flights: VecDeque::new(),
        stop: None,
        deadline_nanos: setting.plan.total_nanos_max.map(|max| started.saturating_add(max)),
        started_nanos: started,
        next_tick_nanos: started + TICK_NANOS,
        last_end_nanos: started,
        unix_offset_nanos: i128::from(unix_nanos()) - i128::from(monotonic_nanos()),
        rss_floor_kb: None,
        phase: Phase::Setup,
        current: 0,
        sequence: 0,
        by_status: BTreeMap::new(),
        leaked: 0,
        troubles: Vec::new(),
    };
    let failure = run.legs().err();
    run.finish(failure)
}

/// A run that was handed to the starter and has not ended.
struct Flight {
    token: u64,
    point: usize,
    /// `None` for a warm-up.
    round: Option<u64>,
}

/// Why no further batch is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    CutShort(CutShort),
    /// The journal cannot be written.
    Sink,
}

struct Run<'a> {
    setting: Setting<'a>,
    supervisor: &'a mut Supervisor,
    signals: &'a Signals,
    emit: &'a mut dyn FnMut(Emission) -> bool,
    observe: &'a mut dyn FnMut(Progress),
    points: Vec<PointState<'a>>,
    flights: VecDeque<Flight>,
    stop: Option<Stop>,
    deadline_nanos: Option<u64>,
    started_nanos: u64,
    next_tick_nanos: u64,
    last_end_nanos: u64,
    unix_offset_nanos: i128,
    rss_floor_kb: Option<u64>,
    phase: Phase,
    current: usize,
    sequence: u64,
    by_status: BTreeMap<Status, u64>,
    leaked: u64,
    troubles: Vec<String>,
}

impl Run<'_> {
    fn legs(&mut self) -> Result<(), SpawnError> {
        let plan = self.setting.plan;
        let legs: std::collections::BTreeSet<u32> =
            plan.points.iter().map(|planned| planned.leg).collect();
        for leg in legs {
            let members: Vec<usize> =
                (0..plan.points.len()).filter(|index| plan.points[*index].leg == leg).collect();
            if self.stop.is_some() {
                return Ok(());
            }
            let set_up = self.set_up(&members)?;
            let measured = self.measure_leg(leg, &members);
            // Clean-ups run whatever happened, as long as there is a starter to run them.
            if measured.is_ok() {
                self.clean_up(&set_up)?;
            }
            measured?;
        }
        Ok(())
    }

    fn measure_leg(&mut self, leg: u32, members: &[usize]) -> Result<(), SpawnError> {
        self.phase = Phase::Warmup;
        let warmups =
            members.iter().map(|index| self.points[*index].planned.warmup).max().unwrap_or(0);
        for warmup in 0..warmups {
            let wanting = |point: &PointState<'_>| point.planned.warmup > warmup;
            let active = self.active(members, wanting);
            // Warm-ups have round numbers of their own, far from those of measured rounds.
            let round = u32::MAX - warmup;
            for index in round_order(self.setting.plan.seed, leg, round, &active) {
                self.step(index, None)?;
            }
        }
        self.land_all()?;
        self.phase = Phase::Measure;
        let mut round = 0u32;
        loop {
            let active = self.active(members, |_| true);
            if active.is_empty() || self.stop.is_some() {
                return self.land_all();
            }
            for index in round_order(self.setting.plan.seed, leg, round, &active) {
                self.step(index, Some(u64::from(round)))?;
            }
            round += 1;
        }
    }

    fn active(&self, members: &[usize], wanting: impl Fn(&PointState<'_>) -> bool) -> Vec<usize> {
        let wants = |index: &usize| -> bool {
            let point = &self.points[*index];
            !point.over && wanting(point)
        };
        members.iter().copied().filter(wants).collect()
    }

    /// Runs the point once, or queues the run; does nothing when the point needs none.
    fn step(&mut self, index: usize, round: Option<u64>) -> Result<(), SpawnError> {
        let flights_max = if self.points[index].is_short() { QUEUE_RUNS } else { 1 };
        while self.flights.len() >= flights_max {
            self.land()?;
        }
        while round.is_some() && self.in_flight(index) >= self.points[index].runs_wanted() {
            if self.points[index].over || self.in_flight(index) == 0 {
                return Ok(());
            }
            self.land()?;
        }
        if self.stop.is_some() || self.points[index].over {
            return Ok(());
        }
        self.current = index;
        let since = monotonic_nanos();
        if !self.run_hook(index, hooks::Around::Prepare)? {
            return Ok(());
        }
        if self.points[index].program.is_none() {
            self.find_again(index, "prepare");
        }
        let point = &self.points[index];
        let Some(program) = &point.program else { return Ok(()) };
        let token = self.supervisor.start(program, point.planned.timeout_nanos, point.quiet)?;
        self.flights.push_back(Flight { token, point: index, round });
        if self.points[index].has_hooks() {
            self.points[index].around_nanos += monotonic_nanos().saturating_sub(since);
            self.land_all()?;
            let since = monotonic_nanos();
            self.run_hook(index, hooks::Around::Conclude)?;
            self.points[index].around_nanos += monotonic_nanos().saturating_sub(since);
            if round.is_none() {
                // What runs around a warm-up is no part of a measured run.
                self.points[index].around_nanos = 0;
            }
        }
        Ok(())
    }

    fn in_flight(&self, index: usize) -> usize {
        self.flights.iter().filter(|flight| flight.point == index).count()
    }

    fn land_all(&mut self) -> Result<(), SpawnError> {
        while !self.flights.is_empty() {
            self.land()?;
        }
        Ok(())
    }

    /// Waits for the next run to end and records it.
    fn land(&mut self) -> Result<(), SpawnError> {
        let Some(finished) = self.next_finished()? else {
            // Cancelled runs that had not begun end without a word.
            self.flights.clear();
            return Ok(());
        };
        let token = finished.ended.token;
        let Some(place) = self.flights.iter().position(|flight| flight.token == token) else {
            return Ok(());
        };
        let flight = self.flights.remove(place).expect("position was just found");
        if let End::NotStarted { step: MAKE_PROCESS, errno } = finished.ended.end {
            // Not the program's fault: the machine has no process left for it.
            let source = std::io::Error::from_raw_os_error(errno);
            return Err(SpawnError::System { what: MAKE_PROCESS, source });
        }
        if finished.ended.survivors > 0 {
            let who = format!("a run of `{}`", self.points[flight.point].planned.point);
            self.tell_survivors(&finished.ended, &who);
        }
        if finished.forced != Some(Forced::Cancelled) {
            self.record(&flight, &finished);
        }
        Ok(())
    }

    /// The next child that ends; `None` when none is left. Keeps the budget, signals and ticks.
    fn next_finished(&mut self) -> Result<Option<Box<Finished>>, SpawnError> {
        while self.supervisor.in_flight() > 0 {
            if !self.supervisor.spawner().has_event() && !(self.emit)(Emission::Pause) {
                self.stop.get_or_insert(Stop::Sink);
            }
            let stopping = self.stop.is_some();
            let bounded = !stopping && self.phase != Phase::Cleanup;
            let until = match self.deadline_nanos.filter(|_| bounded) {
                Some(deadline) => deadline.min(self.next_tick_nanos),
                None => self.next_tick_nanos,
            };
            match self.supervisor.next(Some(until))? {
                Happening::Finished(finished) => {
                    self.tick();
                    return Ok(Some(finished));
                }
                Happening::Woken => self.woken()?,
                Happening::Due => self.tick(),
            }
            if self.stop.is_none() && self.budget_is_used() {
                self.stop = Some(Stop::CutShort(CutShort::Budget));
                self.supervisor.cancel()?;
            }
        }
        Ok(None)
    }

    fn budget_is_used(&self) -> bool {
        // What was begun is cleaned up, whatever it takes.
        self.phase != Phase::Cleanup
            && self.deadline_nanos.is_some_and(|deadline| monotonic_nanos() >= deadline)
    }

    fn woken(&mut self) -> Result<(), SpawnError> {
        let Some(signal) = self.signals.take() else { return Ok(()) };
        let why = if signal == libc::SIGINT { CutShort::Interrupted } else { CutShort::Terminated };
        self.stop = Some(Stop::CutShort(why));
        // A clean-up goes on; a second signal ends it with us.
        if self.phase == Phase::Cleanup { Ok(()) } else { self.supervisor.cancel() }
    }

    fn tick(&mut self) {
        let now = monotonic_nanos();
        if now < self.next_tick_nanos {
            return;
        }
        self.next_tick_nanos = now + TICK_NANOS;
        let over = self.points.iter().filter(|point| point.over).count();
        let estimate = self.remaining_nanos(now);
        let budget = self.deadline_nanos.map(|deadline| deadline.saturating_sub(now));
        (self.observe)(Progress {
            phase: self.phase,
            point: self.current,
            points_over: over,
            points: self.points.len(),
            point_rows: self.points[self.current].rows,
            rows: self.sequence,
            elapsed_nanos: now.saturating_sub(self.started_nanos),
            remaining_nanos: match (estimate, budget) {
                (Some(estimate), Some(budget)) => Some(estimate.min(budget)),
                (estimate, budget) => estimate.or(budget),
            },
        });
    }

    /// An estimate of the time left: what the points that have run still need, and as much for each
    /// of the others as these need on average; less what has passed since the last run ended.
    fn remaining_nanos(&self, now: u64) -> Option<u64> {
        let left = || self.points.iter().filter(|point| !point.over);
        let (mut known, mut sum) = (0u64, 0u64);
        for nanos in left().filter_map(PointState::remaining_nanos) {
            known += 1;
            sum = sum.saturating_add(nanos);
        }
        let unknown = left().count() as u64 - known;
        let whole = sum.saturating_add(unknown.saturating_mul(sum.checked_div(known)?));
        Some(whole.saturating_sub(now.saturating_sub(self.last_end_nanos)))
    }

    fn record(&mut self, flight: &Flight, finished: &Finished) {
        let wall = finished.ended.end_nanos.saturating_sub(finished.ended.start_nanos);
        self.last_end_nanos = finished.ended.end_nanos;
        self.points[flight.point].ran(wall, &finished.ended);
        let first = self.points[flight.point].rows == 0 && self.points.len() < FLOOR_POINTS_MAX;
        if first || self.sequence.is_multiple_of(FLOOR_EVERY_ROWS) {
            self.rss_floor_kb = self.supervisor.spawner().floor_kb();
        }
        let place = Place {
            sequence: self.sequence,
            round: flight.round,
            repeat_index: self.points[flight.point].rows,
            unix_offset_nanos: self.unix_offset_nanos,
            rss_floor_kb: self.rss_floor_kb,
        };
        let row = outcome::row(self.points[flight.point].planned, finished, place);
        if flight.round.is_none() && row.status == Status::Ok {
            return;
        }
        self.points[flight.point].record(wall, row.status);
        self.emit_row(row);
    }

    fn emit_row(&mut self, mut row: Row) {
        if self.stop == Some(Stop::Sink) {
            return;
        }
        row.shared_machine = self.setting.shared_machine.then_some(true);
        self.sequence += 1;
        self.leaked += row.leaked.unwrap_or(0);
        *self.by_status.entry(row.status).or_insert(0) += 1;
        if !(self.emit)(Emission::Row(Box::new(row))) && self.stop.is_none() {
            self.stop = Some(Stop::Sink);
        }
    }

    fn finish(mut self, failure: Option<SpawnError>) -> Finish {
        let cut_short = match (&failure, self.stop) {
            (Some(_), _) | (None, Some(Stop::Sink)) => Some(CutShort::Failed),
            // Used up after the last point had what it needed: nothing is missing.
            (None, Some(Stop::CutShort(CutShort::Budget)))
                if self.points.iter().all(|point| point.over) =>
            {
                None
            }
            (None, Some(Stop::CutShort(why))) => Some(why),
            (None, None) => None,
        };
        let reason = cut_short.map(|why| match why {
            CutShort::Budget => "the time budget was used up",
            CutShort::Interrupted => "interrupted",
            CutShort::Terminated => "terminated",
            CutShort::Failed | CutShort::Recovered => "the run failed",
        });
        let unfinished = self.points.iter().filter(|point| !point.over);
        let skipped = unfinished.map(|point| Skipped {
            point: point.planned.point.to_string(),
            rows: point.rows,
            reason: reason.unwrap_or_default().to_owned(),
        });
        Finish {
            cut_short,
            skipped: if reason.is_some() { skipped.collect() } else { Vec::new() },
            rows: self.sequence,
            by_status: std::mem::take(&mut self.by_status),
            points: self.points.iter().filter(|point| point.rows > 0).count() as u64,
            leaked: self.leaked,
            troubles: std::mem::take(&mut self.troubles),
            failure,
        }
    }

    /// Looks again for a program that `maker` was to make; without it the point is over.
    fn find_again(&mut self, index: usize, maker: &str) {
        if self.points[index].program.is_some() {
            return;
        }
        let planned = self.points[index].planned;
        match point_program(planned, self.setting.base, self.setting.surroundings) {
            Ok(program) => self.points[index].program = Some(program),
            Err(reason) => {
                let row = self.failed_row(index, format!("{reason}, also after {maker}"), None);
                self.fail(index, row);
            }
        }
    }
}

#[cfg(test)]
mod tests;
