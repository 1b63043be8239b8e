//! What the loop remembers of each point.

use tacho_plan::{Decision, Sampler};
use tacho_schema::{Hook, PlannedPoint, Status};

use crate::program::Program;
use crate::spawn::Ended;

/// A program is short when its last run took less.
const SHORT_NANOS: u64 = 2_000_000;

/// A point while it is measured.
pub(super) struct PointState<'a> {
    pub(super) planned: &'a PlannedPoint,
    /// `None` until its set-up has made it.
    pub(super) program: Option<Program>,
    /// The hooks that have run, as programs: they run again with every run.
    pub(super) hook_programs: Vec<(&'a Hook, Program)>,
    sampler: Sampler,
    /// Rows so far.
    pub(super) rows: u64,
    /// Time that went into what runs around its runs, not yet counted with one of them.
    pub(super) around_nanos: u64,
    last_wall_nanos: Option<u64>,
    /// It was short and printed nothing.
    pub(super) quiet: bool,
    /// It needs no further run, or cannot have one.
    pub(super) over: bool,
}

impl<'a> PointState<'a> {
    pub(super) fn new(planned: &'a PlannedPoint, program: Option<Program>) -> Self {
        Self {
            planned,
            program,
            hook_programs: Vec::new(),
            sampler: Sampler::new(planned),
            rows: 0,
            around_nanos: 0,
            last_wall_nanos: None,
            quiet: false,
            over: false,
        }
    }

    pub(super) fn has_hooks(&self) -> bool {
        self.planned.prepare.is_some() || self.planned.conclude.is_some()
    }

    /// Whether runs may be queued: short ones, with nothing to do between them.
    pub(super) fn is_short(&self) -> bool {
        !self.has_hooks() && self.last_wall_nanos.is_some_and(|wall| wall < SHORT_NANOS)
    }

    /// Takes note of how its last run went, a warm-up too.
    pub(super) fn ran(&mut self, wall_nanos: u64, ended: &Ended) {
        self.last_wall_nanos = Some(wall_nanos);
        let printed = ended.stdout.total_bytes() + ended.stderr.total_bytes();
        self.quiet = wall_nanos < SHORT_NANOS && printed == 0;
    }

    /// Runs that the sampler needs before it decides again.
    pub(super) fn runs_wanted(&self) -> usize {
        if self.over { 0 } else { self.sampler.runs_wanted_until_next_look() as usize }
    }

    pub(super) fn remaining_nanos(&self) -> Option<u64> {
        self.sampler.remaining_nanos()
    }

    /// Takes note of a row; a point ends with its first failure.
    pub(super) fn record(&mut self, wall_nanos: u64, status: Status) {
        self.rows += 1;
        if status != Status::Ok {
            self.over = true;
            return;
        }
        let around_nanos = std::mem::take(&mut self.around_nanos);
        self.sampler.record(wall_nanos, wall_nanos + around_nanos);
        self.over = !matches!(self.sampler.decide(), Decision::More);
    }
}
