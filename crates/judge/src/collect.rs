//! Rows in, one at a time; per point only what its summary needs stays.

use std::collections::{BTreeMap, HashMap};

use tacho_schema::{Metric, MetricName, Point, Row, Status};
use tacho_stats::median;

use crate::answer::Answers;
use crate::contention::Contention;
use crate::drift::Times;
use crate::identity::Identity;
use crate::policy::OUTPUT_TAIL_BYTES_MAX;

/// A row's `unavailable` names a cache that was not emptied so.
const KEPT_CACHE: &str = "cache.";

/// The rows of a capture, grouped by point and reduced to their numbers.
///
/// Keeps six numbers a row that ended well, its own counters and 12 bytes of its conditions; of the
/// others only counts and the first one's evidence. A million rows are some 50 MB, with conditions
/// 60, and 8 more a counter; a row that times itself takes 16 more, one with a parameter 32. Rows
/// may come in any order.
#[derive(Debug, Default)]
pub struct Collected {
    points: Vec<PointRows>,
    /// Hash of an identity → place in `points`; a collision takes the next free number.
    places: HashMap<u64, usize>,
    rows: u64,
}

/// What is kept of one point's rows.
#[derive(Debug)]
pub(crate) struct PointRows {
    pub(crate) point: Point,
    pub(crate) rows: u64,
    samples: [Vec<f64>; Metric::ALL.len()],
    own: BTreeMap<String, Vec<f64>>,
    pub(crate) contention: Contention,
    /// Place in the plan of its earliest row.
    pub(crate) first: u64,
    /// Place in the plan and wall time of the earliest row that ended well.
    pub(crate) first_wall: Option<(u64, f64)>,
    pub(crate) failures: BTreeMap<Status, Failures>,
    pub(crate) ignored: Option<Ignored>,
    pub(crate) leaked: u64,
    /// Derived counters that rows which ended well lack, by their names.
    pub(crate) uncounted: BTreeMap<String, Uncounted>,
    pub(crate) memory_floor: MemoryFloor,
    pub(crate) batches: Batches,
    pub(crate) answers: Answers,
    pub(crate) times: Times,
    /// What the first cold call found empty.
    pub(crate) cold: Option<Cold>,
}

/// The caches of a cold call.
#[derive(Debug)]
pub(crate) struct Cold {
    pub(crate) dropped: Vec<String>,
    /// Those that were not emptied, and why.
    pub(crate) kept: BTreeMap<String, String>,
}

/// The batches of a parametric point that ended well: empty for any other.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    repeats: Vec<f64>,
    totals: Vec<f64>,
}

/// Rows with one status other than ok, and what the earliest of them left behind.
#[derive(Debug)]
pub(crate) struct Failures {
    pub(crate) rows: u64,
    first: u64,
    pub(crate) exit_code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) error: Option<String>,
    pub(crate) output_tail: Option<String>,
}

/// Rows that count as ok although their exit code is not 0.
#[derive(Debug)]
pub(crate) struct Ignored {
    pub(crate) rows: u64,
    first: u64,
    pub(crate) exit_code: i32,
}

/// Rows that ended well without one of their derived counters.
#[derive(Debug)]
pub(crate) struct Uncounted {
    pub(crate) rows: u64,
    first: u64,
    pub(crate) reason: String,
}

/// Rows whose peak memory is the starter's own.
#[derive(Debug, Default)]
pub(crate) struct MemoryFloor {
    pub(crate) rows: u64,
    pub(crate) floor_kb: u64,
}

impl Collected {
    /// Takes one row into account.
    pub fn add(&mut self, row: &Row) {
        // A row without a place in the plan stands where it arrived.
        let order = row.sequence.unwrap_or(self.rows);
        self.rows += 1;
        let place = self.place_of(row);
        self.points[place].add(row, order);
    }

    /// Wall times, in nanoseconds, of the rows of every point that ended well, by the point's
    /// identity; a point all of whose rows failed has none.
    #[must_use]
    pub fn walls(&self) -> HashMap<String, &[f64]> {
        self.points
            .iter()
            .map(|rows| (rows.point.to_string(), rows.samples(Metric::Wall)))
            .collect()
    }

    /// The points with a row, in the order of their first one.
    pub(crate) fn points(&self) -> &[PointRows] {
        &self.points
    }

    /// The place of `point` in [`Collected::points`], where it has a row.
    pub(crate) fn find(&self, point: &Point) -> Option<usize> {
        self.probe(&Identity::of_point(point)).ok()
    }

    fn place_of(&mut self, row: &Row) -> usize {
        match self.probe(&Identity::of_row(row)) {
            Ok(place) => place,
            Err(free) => {
                self.points.push(PointRows::new(Point::of(row)));
                self.places.insert(free, self.points.len() - 1);
                self.points.len() - 1
            }
        }
    }

    /// The place of an identity, or the free number to file it under.
    fn probe(&self, identity: &Identity<'_>) -> Result<usize, u64> {
        let mut number = identity.hash();
        while let Some(place) = self.places.get(&number) {
            if Identity::of_point(&self.points[*place].point) == *identity {
                return Ok(*place);
            }
            number = number.wrapping_add(1);
        }
        Err(number)
    }
}

impl PointRows {
    fn new(point: Point) -> Self {
        Self {
            point,
            rows: 0,
            samples: Default::default(),
            own: BTreeMap::new(),
            contention: Contention::default(),
            first: u64::MAX,
            first_wall: None,
            failures: BTreeMap::new(),
            ignored: None,
            leaked: 0,
            uncounted: BTreeMap::new(),
            memory_floor: MemoryFloor::default(),
            batches: Batches::default(),
            answers: Answers::default(),
            times: Times::default(),
            cold: None,
        }
    }

    /// The samples of `metric` among the rows that ended well, in the order they were added.
    pub(crate) fn samples(&self, metric: Metric) -> &[f64] {
        &self.samples[metric as usize]
    }

    /// The samples of every own counter, by its name, in the order they were added.
    pub(crate) fn own(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.own.iter().map(|(name, samples)| (name.as_str(), samples.as_slice()))
    }

    /// How the earliest row that failed ended.
    pub(crate) fn first_failure(&self) -> Option<Status> {
        let earliest = self.failures.iter().min_by_key(|(_, failures)| failures.first);
        earliest.map(|(status, _)| *status)
    }

    fn add(&mut self, row: &Row, order: u64) {
        self.rows += 1;
        self.first = self.first.min(order);
        self.leaked = self.leaked.saturating_add(row.leaked.unwrap_or(0));
        self.answers.add(row, order);
        if row.status == Status::Ok {
            self.add_samples(row, order);
            self.add_own(row);
            self.add_uncounted(row, order);
            self.add_ignored(row, order);
            self.memory_floor.add(row);
            self.batches.add(row);
            if self.cold.is_none() {
                self.cold = Cold::of(row);
            }
        } else {
            self.add_failure(row, order);
        }
    }

    fn add_samples(&mut self, row: &Row, order: u64) {
        for metric in Metric::ALL {
            // What is no number was not measured.
            if let Some(value) = row.metric(metric).filter(|value| value.is_finite()) {
                self.samples[metric as usize].push(value);
                if metric == Metric::Wall {
                    self.add_wall(row, value, order);
                }
            }
        }
    }

    fn add_wall(&mut self, row: &Row, value: f64, order: u64) {
        self.contention.add(row);
        self.times.add(row, value);
        if self.first_wall.is_none_or(|(first, _)| order < first) {
            self.first_wall = Some((order, value));
        }
    }

    fn add_own(&mut self, row: &Row) {
        for (name, value) in row.metrics.iter().filter(|(_, value)| value.is_finite()) {
            // Looking first: most names are known, and need no copy.
            match self.own.get_mut(name) {
                Some(samples) => samples.push(*value),
                None => drop(self.own.insert(name.clone(), vec![*value])),
            }
        }
    }

    fn add_uncounted(&mut self, row: &Row, order: u64) {
        for (key, reason) in &row.unavailable {
            let Ok(MetricName::Own(name)) = key.parse() else { continue };
            let found = self.uncounted.entry(name).or_insert_with(|| Uncounted {
                rows: 0,
                first: u64::MAX,
                reason: String::new(),
            });
            found.rows += 1;
            if order < found.first {
                found.first = order;
                found.reason.clone_from(reason);
            }
        }
    }

    fn add_ignored(&mut self, row: &Row, order: u64) {
        let Some(exit_code) = row.exit_code.filter(|code| *code != 0) else { return };
        let ignored = self.ignored.get_or_insert(Ignored { rows: 0, first: u64::MAX, exit_code });
        ignored.rows += 1;
        if order < ignored.first {
            ignored.first = order;
            ignored.exit_code = exit_code;
        }
    }

    fn add_failure(&mut self, row: &Row, order: u64) {
        let failures = self.failures.entry(row.status).or_insert(Failures {
            rows: 0,
            first: u64::MAX,
            exit_code: None,
            signal: None,
            error: None,
            output_tail: None,
        });
        failures.rows += 1;
        if order < failures.first {
            failures.first = order;
            failures.exit_code = row.exit_code;
            failures.signal = row.signal;
            failures.error.clone_from(&row.error);
            failures.output_tail = row.output_tail.as_deref().map(end_of);
        }
    }
}

impl Cold {
    fn of(row: &Row) -> Option<Self> {
        let kept: BTreeMap<String, String> = row
            .unavailable
            .iter()
            .filter_map(|(key, reason)| {
                Some((key.strip_prefix(KEPT_CACHE)?.into(), reason.clone()))
            })
            .collect();
        let dropped = row.caches_dropped.clone();
        (!dropped.is_empty() || !kept.is_empty()).then_some(Self { dropped, kept })
    }
}

impl Batches {
    /// Calls of a batch: the median, and the lower one of two, so that it is a number that a batch
    /// has made.
    pub(crate) fn repeats(&self) -> Option<u64> {
        let mut sorted = self.repeats.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let lower = sorted.len().checked_sub(1)? / 2;
        sorted.get(lower).map(|repeats| *repeats as u64)
    }

    /// Measured time of a batch: the median, in nanoseconds.
    pub(crate) fn total(&self) -> Option<f64> {
        median(&self.totals).ok()
    }

    fn add(&mut self, row: &Row) {
        if row.param.is_some() {
            self.repeats.push(row.inner_repeats.unwrap_or(1) as f64);
            self.totals.push(row.total_nanos as f64);
        }
    }
}

impl MemoryFloor {
    fn add(&mut self, row: &Row) {
        if let (Some(peak), Some(floor)) = (row.peak_rss_kb, row.rss_floor_kb)
            && peak <= floor
        {
            self.rows += 1;
            self.floor_kb = self.floor_kb.max(floor);
        }
    }
}

/// The last [`OUTPUT_TAIL_BYTES_MAX`] bytes of a text, in whole characters.
fn end_of(text: &str) -> String {
    let start = text.len().saturating_sub(OUTPUT_TAIL_BYTES_MAX);
    text[text.ceil_char_boundary(start)..].to_owned()
}
