//! What the loop remembers of each point.

use std::collections::{BTreeMap, BTreeSet};

use std::borrow::Cow;

use tacho_plan::{Decision, Layout, Sampler};
use tacho_schema::{Hook, MemoryLimiter, Metric, PlannedPoint, Row, Status};

use crate::memory_group::MemoryGroup;
use crate::outcome::output_tail;
use crate::program::{Program, ProgramError};
use crate::reading::{OutputReader, quoted};
use crate::spawn::Ended;
use crate::wire;

/// A program is short when its last run took less.
const SHORT_NANOS: u64 = 2_000_000;

/// A point while it is measured.
pub(super) struct PointState<'a> {
    pub(super) planned: &'a PlannedPoint,
    /// `None` until its set-up has made it.
    pub(super) program: Option<Program>,
    /// The hooks that have run, as programs: they run again with every run.
    pub(super) hook_programs: Vec<(&'a Hook, Program)>,
    /// Reads what it prints, where that is wanted.
    pub(super) reader: Option<OutputReader<'a>>,
    /// Why what it prints cannot be read: a plan from elsewhere may hold a pattern that is none.
    pub(super) unreadable: Option<String>,
    /// The control group that limits its memory, one for each lane that it ran on …
    groups: BTreeMap<usize, Limited>,
    /// … or why there is none, and RLIMIT_AS limits it.
    no_group: Option<String>,
    /// Decides of each stage, or of the whole where there are none.
    samplers: BTreeMap<Option<String>, Sampler>,
    /// Rows so far.
    pub(super) rows: u64,
    /// Measured batches that have ended.
    pub(super) batches: u64,
    /// Measured batches that were begun.
    pub(super) begun: u64,
    /// How its last batch ended, …
    pub(super) last: Option<Status>,
    /// … whether one ended well, …
    pub(super) went_well: bool,
    /// … and whether one reached the cap.
    pub(super) reached_cap: bool,
    /// The hash of its first answer: every other must have the same.
    answer: Option<String>,
    /// Time that went into what runs around its runs, not yet counted with one of them.
    pub(super) around_nanos: u64,
    last_wall_nanos: Option<u64>,
    /// It was short and printed nothing.
    pub(super) quiet: bool,
    /// It needs no further run, or cannot have one.
    pub(super) over: bool,
}

/// A program in a control group. Runs side by side have one each: together they would be bound by
/// the limit of one, and nobody could tell whose process the kernel has killed.
struct Limited {
    group: MemoryGroup,
    program: Program,
}

impl<'a> PointState<'a> {
    /// A point before its first run.
    pub(super) fn new(planned: &'a PlannedPoint, program: Option<Program>) -> Self {
        let (reader, unreadable) = match OutputReader::new(&planned.reading) {
            Ok(reader) => (reader, None),
            Err(why) => (None, Some(why)),
        };
        Self {
            planned,
            program,
            hook_programs: Vec::new(),
            reader,
            unreadable,
            groups: BTreeMap::new(),
            no_group: None,
            samplers: BTreeMap::from([(None, Sampler::new(planned))]),
            rows: 0,
            batches: 0,
            begun: 0,
            last: None,
            went_well: false,
            reached_cap: false,
            answer: None,
            around_nanos: 0,
            last_wall_nanos: None,
            quiet: false,
            over: false,
        }
    }

    /// Makes what limits its memory on a lane, where that is wanted and not yet done.
    pub(super) fn limit_memory(&mut self, lane: usize) {
        let Some(bytes_max) = self.planned.limits.memory_max_bytes else { return };
        if self.groups.contains_key(&lane) || self.no_group.is_some() {
            return;
        }
        let Some(program) = &self.program else { return };
        let made = MemoryGroup::create(bytes_max).and_then(|group| {
            let procs = group.procs().ok_or("its path holds a NUL byte")?;
            Ok(Limited { group, program: program.clone().in_group(procs) })
        });
        match made {
            Ok(limited) => _ = self.groups.insert(lane, limited),
            Err(why) => {
                self.no_group = Some(why);
                self.program = Some(program.clone().within_address_space(bytes_max));
            }
        }
    }

    /// The program as it runs on that lane for the batch of this number, where there is one.
    ///
    /// # Errors
    /// A plan from elsewhere may have words that no program can be given.
    pub(super) fn program_of(
        &self,
        lane: usize,
        batch: u64,
        layout: impl FnOnce() -> Layout,
    ) -> Result<Option<Cow<'_, Program>>, ProgramError> {
        let program = self.program_on(lane);
        let (Some(program), Some(wire)) = (program, &self.planned.wire) else {
            return Ok(program.map(Cow::Borrowed));
        };
        let layout = layout();
        let argv = wire::argv(self.planned, wire, batch, layout);
        program.asked(argv, &wire::variables(wire, layout)).map(|asked| Some(Cow::Owned(asked)))
    }

    /// The program as it runs on that lane.
    fn program_on(&self, lane: usize) -> Option<&Program> {
        self.groups.get(&lane).map(|limited| &limited.program).or(self.program.as_ref())
    }

    /// What limits its memory on that lane.
    pub(super) fn limiter(&self, lane: usize) -> Option<MemoryLimiter> {
        self.planned.limits.memory_max_bytes?;
        let has_group = self.groups.contains_key(&lane);
        Some(if has_group { MemoryLimiter::Cgroup } else { MemoryLimiter::RlimitAs })
    }

    /// Whether the kernel has killed in one of its groups since that was asked.
    pub(super) fn has_group_kill(&self) -> bool {
        self.groups.values().any(|limited| limited.group.has_killed())
    }

    /// Whether the kernel has killed for lack of memory in the group of that lane since the last
    /// time it was asked; `None` where there is no group.
    pub(super) fn group_killed(&mut self, lane: usize) -> Option<bool> {
        self.groups.get_mut(&lane).map(|limited| limited.group.killed())
    }

    /// Removes what limits its memory, once nothing of it runs any more.
    pub(super) fn lift_limits(&mut self) {
        self.groups.clear();
    }

    /// Why it has no control group that limits its memory, where it was to have one.
    pub(super) fn no_group(&self) -> Option<&str> {
        self.no_group.as_deref()
    }

    /// Why nobody can know whether memory ended it.
    pub(super) fn limiter_reason(&self) -> String {
        let why = self.no_group.as_deref().unwrap_or("no control group");
        format!(
            "its memory is limited by RLIMIT_AS, which leaves no trace when it is used up; a \
             control group cannot be had: {why}"
        )
    }

    pub(super) fn has_hooks(&self) -> bool {
        self.planned.prepare.is_some() || self.planned.conclude.is_some()
    }

    /// Whether runs may be queued: short ones, with nothing to do between them, and nothing to ask
    /// the kernel between them. A program that times itself measures long enough, alone.
    pub(super) fn is_short(&self) -> bool {
        let is_plain =
            self.planned.limits.memory_max_bytes.is_none() && self.planned.wire.is_none();
        let may_queue = !self.has_hooks() && is_plain;
        may_queue && self.last_wall_nanos.is_some_and(|wall| wall < SHORT_NANOS)
    }

    /// Takes note of how its last run went, a warm-up too.
    pub(super) fn ran(&mut self, wall_nanos: u64, ended: &Ended) {
        self.last_wall_nanos = Some(wall_nanos);
        let printed = ended.stdout.total_bytes() + ended.stderr.total_bytes();
        self.quiet = wall_nanos < SHORT_NANOS && printed == 0;
    }

    /// Runs that the samplers need before they decide again.
    pub(super) fn runs_wanted(&self) -> usize {
        let wanted = self.samplers.values().map(Sampler::runs_wanted_until_next_look).max();
        if self.over { 0 } else { wanted.unwrap_or(0) as usize }
    }

    pub(super) fn remaining_nanos(&self) -> Option<u64> {
        self.samplers.values().map(Sampler::remaining_nanos).max().flatten()
    }

    /// Adds a row for every stage that earlier batches had and this one, which ended well, lacks.
    pub(super) fn expect_stages(&self, rows: &mut Vec<Row>) {
        let Some(first) = rows.first().filter(|row| row.stage.is_some()) else { return };
        let printed: BTreeSet<&String> = rows.iter().filter_map(|row| row.stage.as_ref()).collect();
        let lacking = |stage: &&String| !printed.contains(stage);
        let missing: Vec<Row> = self
            .samplers
            .keys()
            .flatten()
            .filter(lacking)
            .map(|stage| Row {
                stage: Some(stage.clone()),
                status: Status::NoOutput,
                error: Some(format!("printed no line of `{stage}`, as runs before did")),
                total_nanos: 0,
                inner_repeats: first.param.map(|_| 1),
                per_call_nanos: None,
                samples: None,
                metrics: BTreeMap::new(),
                ..first.clone()
            })
            .collect();
        rows.extend(missing);
    }

    /// Makes an answer that differs from that of an earlier process a wrong one.
    pub(super) fn check_answers(&mut self, rows: &mut [Row], ended: &Ended) {
        for row in rows.iter_mut().filter(|row| row.status == Status::Ok) {
            let Some(hash) = &row.result_hash else { continue };
            match &self.answer {
                None => self.answer = Some(hash.clone()),
                Some(first) if wire::is_same(first, hash) => {}
                Some(first) => {
                    let (hash, first) = (quoted(hash), quoted(first));
                    row.error = Some(format!(
                        "`{}`: the answer's hash is {hash}, and was {first} in a process before",
                        row.function
                    ));
                    row.status = Status::WrongAnswer;
                    row.output_tail = Some(output_tail(&ended.stdout, &ended.stderr));
                }
            }
        }
    }

    /// Takes note of a batch's rows; a point ends with its first failure.
    pub(super) fn record(&mut self, wall_nanos: u64, rows: &[Row]) {
        self.rows += rows.len() as u64;
        self.batches += 1;
        self.reached_cap |= rows.iter().any(|row| row.status == Status::KilledAtCap);
        self.last = rows.iter().map(|row| row.status).max();
        if rows.iter().any(|row| row.status != Status::Ok) {
            self.over = true;
        } else {
            self.went_well = true;
            let around_nanos = std::mem::take(&mut self.around_nanos);
            let spent_nanos = wall_nanos + around_nanos;
            self.sample(wall_nanos, spent_nanos, rows);
            // A run that was under way when another failed changes nothing about that.
            self.over |= self.samplers.values().all(|sampler| sampler.decide() != Decision::More);
        }
    }

    fn sample(&mut self, wall_nanos: u64, spent_nanos: u64, rows: &[Row]) {
        for row in rows {
            let nanos = row.metric(Metric::Wall).unwrap_or(row.total_nanos as f64);
            let planned = self.planned;
            match self.samplers.get_mut(&row.stage) {
                Some(sampler) => sampler.record_stage(nanos, wall_nanos, spent_nanos),
                None => {
                    // Its stages are known now, and decide in its place.
                    self.samplers.remove(&None);
                    let sampler = self.samplers.entry(row.stage.clone());
                    let sampler = sampler.or_insert_with(|| Sampler::new(planned));
                    sampler.record_stage(nanos, wall_nanos, spent_nanos);
                }
            }
        }
    }
}
