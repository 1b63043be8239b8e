//! The loop: executes a plan leg by leg and round by round, and emits a row for every batch.
//!
//! Within a leg its ladders are climbed first. Then each point that still needs samples runs once a
//! round, in the round's shuffled order. Runs of short programs are queued with the starter, so
//! that it need not wait for us between them. What a point needs is decided by its sampler
//! (`tacho_plan`), not here.

mod finish;
mod hooks;
mod ladders;
mod point;
mod progress;
mod record;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use tacho_plan::{layout, round_order};
use tacho_schema::{CutShort, PlanDoc, Row, Skipped, Status, WindowShare};

use crate::child::{Finished, Forced};
use crate::clock::{monotonic_nanos, unix_nanos};
use crate::commands::{Found, point_program};
use crate::conditions::{Reading, Watch};
use crate::memory_group::{self, MachineKills};
use crate::pool::{Event, Pool};
use crate::program::Surroundings;
use crate::signals::Signals;
use crate::spawn::{End, MAKE_PROCESS, SpawnError};
use point::PointState;

/// How often the observer is told that time has passed.
const TICK_NANOS: u64 = 100_000_000;
/// A window that no run's end closes is closed so long after it could have been.
const WINDOW_SLACK_NANOS: u64 = 15_000_000;
/// Runs of short programs that may be queued with the starter.
const QUEUE_RUNS: usize = 16;
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
    /// Batches that run.
    pub active: usize,
    /// Batches that wait with a starter for their turn.
    pub queued: usize,
    /// What children have printed, in bytes.
    pub printed_bytes: u64,
    /// Time since the run began.
    pub elapsed_nanos: u64,
    /// An estimate of the time left, once a point has run.
    pub remaining_nanos: Option<u64>,
}

/// What the loop hands over.
#[derive(Debug)]
pub enum Emission {
    /// A row, with its point's place in the plan. Rows that come close together may be handed on
    /// together …
    Row(usize, Box<Row>),
    /// What the machine did while the rows since the last window were measured.
    Window(Vec<WindowShare>),
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
    /// Ladders, and points of none, that reached the cap before one of their rows was ok: for the
    /// others the cap is the designed end.
    pub capped_without_rung: u64,
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
    pool: &mut Pool,
    signals: &Signals,
    emit: &mut dyn FnMut(Emission) -> bool,
    observe: &mut dyn FnMut(Progress),
) -> Finish {
    memory_group::clear_left();
    let started = monotonic_nanos();
    let planned = setting.plan.points.iter().zip(programs);
    let points = planned.map(|(planned, program)| PointState::new(planned, program));
    let mut run = Run {
        setting,
        pool,
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
        watch: Watch::open(),
        pending: Vec::new(),
        machine_kills: MachineKills::watch(),
        phase: Phase::Setup,
        current: 0,
        sequence: 0,
        processes: 0,
        printed_bytes: 0,
        by_status: BTreeMap::new(),
        ladder_ends: BTreeMap::new(),
        leaked: 0,
        troubles: Vec::new(),
    };
    let failure = run.legs().err();
    run.finish(failure)
}

/// A run that was handed to the starter and has not ended.
struct Flight {
    lane: usize,
    token: u64,
    point: usize,
    /// The last reading before it began.
    since: Reading,
    /// `None` for a warm-up.
    round: Option<u64>,
    /// Which measured batch of its point; of a warm-up, which one it comes before.
    batch: u64,
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
    pool: &'a mut Pool,
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
    watch: Watch,
    /// Rows whose window has not ended, and the reading before they began.
    pending: Vec<(u32, Reading)>,
    machine_kills: MachineKills,
    phase: Phase,
    current: usize,
    sequence: u64,
    /// Measured batches so far.
    processes: u64,
    printed_bytes: u64,
    by_status: BTreeMap<Status, u64>,
    /// The smallest parameter that was not within the cap, by the ladder's place in the plan.
    ladder_ends: BTreeMap<u32, u64>,
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
            self.leave_ended_ladders(&members);
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
            // A rung is warmed up when it is climbed: there may be no such rung.
            let wanting = |point: &PointState<'_>| {
                point.planned.warmup > warmup
                    && point.planned.ladder.is_none()
                    && point.planned.refused.is_none()
            };
            let active = self.active(members, wanting);
            // Warm-ups have round numbers of their own, far from those of measured rounds.
            let round = u32::MAX - warmup;
            for index in round_order(self.setting.plan.seed, leg, round, &active) {
                self.step(index, None)?;
            }
        }
        self.land_all()?;
        // The first batches of rungs are a round of their own.
        let mut round = u32::from(self.climb_ladders(members)?);
        self.phase = Phase::Measure;
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
        if let Some(why) = &self.points[index].planned.refused {
            if round.is_some() && !self.points[index].over {
                let row = self.failed_row(index, why.clone(), None);
                self.fail(index, row);
            }
            return Ok(());
        }
        let lane = self.free_lane(index)?;
        while round.is_some() && self.in_flight(index) >= self.points[index].runs_wanted() {
            if self.points[index].over || self.in_flight(index) == 0 {
                return Ok(());
            }
            self.land()?;
        }
        if self.points[index].has_hooks() {
            // What runs between others runs alone.
            self.land_all()?;
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
        self.points[index].limit_memory(lane);
        if self.flights.is_empty() {
            self.machine_kills.refresh();
        }
        if !self.start(index, lane, round)? {
            return Ok(());
        }
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

    /// Hands a run of the point to the starter of that lane; false when there is no program.
    fn start(&mut self, index: usize, lane: usize, round: Option<u64>) -> Result<bool, SpawnError> {
        let point = &self.points[index];
        let (batch, seed) = (point.begun, self.setting.plan.seed);
        let program = match point.program_of(lane, batch, || layout(seed, index, batch)) {
            Ok(Some(program)) => program,
            Ok(None) => return Ok(false),
            Err(reason) => {
                let row = self.failed_row(index, reason.to_string(), None);
                self.fail(index, row);
                return Ok(false);
            }
        };
        let timeout_nanos = point.planned.timeout_nanos;
        let token = self.pool.start_on(lane, &program, timeout_nanos, point.quiet)?;
        self.points[index].begun += u64::from(round.is_some());
        let since = self.reading_before();
        self.flights.push_back(Flight { lane, token, point: index, since, round, batch });
        Ok(true)
    }

    /// A lane that takes a run of the point: with one lane it may queue runs of a short program.
    fn free_lane(&mut self, index: usize) -> Result<usize, SpawnError> {
        let alone = self.pool.lanes() == 1;
        let flights_max = if alone && self.points[index].is_short() { QUEUE_RUNS } else { 1 };
        loop {
            match self.pool.idle() {
                _ if alone && self.flights.len() < flights_max => return Ok(0),
                Some(lane) if !alone => return Ok(lane),
                _ => self.land()?,
            }
        }
    }

    fn in_flight(&self, index: usize) -> usize {
        self.flights.iter().filter(|flight| flight.point == index).count()
    }

    /// Ends the limits of a point that is over, when the last of its runs has landed.
    fn lift_limits(&mut self, index: usize) {
        if self.points[index].over && self.in_flight(index) == 0 {
            self.points[index].lift_limits();
        }
    }

    fn land_all(&mut self) -> Result<(), SpawnError> {
        while !self.flights.is_empty() {
            self.land()?;
        }
        Ok(())
    }

    /// Waits for the next run to end and records it.
    fn land(&mut self) -> Result<(), SpawnError> {
        let Some((lane, finished)) = self.next_finished()? else {
            // Cancelled runs that had not begun end without a word.
            self.flights.clear();
            return Ok(());
        };
        let token = finished.ended.token;
        let is_it = |flight: &Flight| flight.lane == lane && flight.token == token;
        let Some(place) = self.flights.iter().position(is_it) else { return Ok(()) };
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
        self.lift_limits(flight.point);
        Ok(())
    }

    /// The next child that ends, with its lane; `None` when none is left. Keeps the budget,
    /// signals, windows and ticks.
    fn next_finished(&mut self) -> Result<Option<(usize, Box<Finished>)>, SpawnError> {
        while self.pool.in_flight() > 0 {
            if !self.pool.has_event() && !(self.emit)(Emission::Pause) {
                self.stop.get_or_insert(Stop::Sink);
            }
            match self.pool.next(self.wait_until_nanos())? {
                Event::Finished(lane, finished) => {
                    self.tick();
                    return Ok(Some((lane, finished)));
                }
                Event::Woken => self.woken()?,
                Event::Due => self.tick(),
            }
            self.close_late_window();
            if self.stop.is_none() && self.budget_is_used() {
                self.stop = Some(Stop::CutShort(CutShort::Budget));
                self.pool.cancel()?;
            }
        }
        Ok(None)
    }

    /// When there is something to do besides waiting for a child.
    fn wait_until_nanos(&self) -> u64 {
        let bounded = self.stop.is_none() && self.phase != Phase::Cleanup;
        let deadline = self.deadline_nanos.filter(|_| bounded);
        let window =
            (!self.pending.is_empty()).then(|| self.watch.due_nanos() + WINDOW_SLACK_NANOS);
        [deadline, window].into_iter().flatten().fold(self.next_tick_nanos, u64::min)
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
        if self.phase == Phase::Cleanup { Ok(()) } else { self.pool.cancel() }
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
