//! Decides whether a point has enough runs; it runs nothing and reads no clock.
//!
//! The caller tells it how long each run took, and asks. The centre is the median, its precision
//! half of its exact 95 % interval over it. The precision is looked at only after growing numbers
//! of runs: stopping at the first narrow interval that happens to come along would leave
//! intervals that cover less than they say.

use tacho_schema::PlannedPoint;
use tacho_stats::{median, median_interval};

/// The first number of runs from which the median has a 95 % interval.
const FIRST_LOOK: u64 = 6;
const SECOND_LOOK: u64 = 10;

const LEVEL: f64 = 0.95;

/// What to do with a point next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Run it again.
    More,
    /// It has what was asked for.
    Enough,
    /// It has not, and will not get it within its bounds.
    GiveUp(GiveUp),
}

/// Which bound ended a point before it was precise enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUp {
    /// Its time is used up.
    MaxTime,
    /// Its runs are used up.
    MaxRuns,
}

/// The state of one point's sampling.
#[derive(Clone, Debug)]
pub struct Sampler {
    min_runs: u64,
    max_runs: u64,
    min_time_nanos: u64,
    max_time_nanos: u64,
    max_time_runs_min: u64,
    precision: f64,
    samples: Vec<f64>,
    runs: u64,
    wall_nanos: u64,
    spent_nanos: u64,
    /// The precision is looked at again from so many runs on.
    next_look: u64,
    /// Half the interval over the median at the last look.
    reached: Option<f64>,
    decision: Decision,
}

impl Sampler {
    /// A sampler with the bounds of `point`. Where its least number of runs is also its most, it
    /// gets exactly that number, whatever time they take.
    #[must_use]
    pub fn new(point: &PlannedPoint) -> Self {
        Self {
            min_runs: u64::from(point.min_runs),
            max_runs: u64::from(point.max_runs),
            min_time_nanos: point.min_time_nanos,
            max_time_nanos: point.max_time_nanos,
            max_time_runs_min: u64::from(point.max_time_runs_min),
            precision: point.precision.0,
            samples: Vec::new(),
            runs: 0,
            wall_nanos: 0,
            spent_nanos: 0,
            next_look: FIRST_LOOK.max(u64::from(point.min_runs)),
            reached: None,
            decision: if point.max_runs == 0 { Decision::Enough } else { Decision::More },
        }
    }

    /// Takes note of a run that ended well: its own wall time, and all the time that went into
    /// it, with what was prepared before and concluded after it.
    pub fn record(&mut self, wall_nanos: u64, spent_nanos: u64) {
        self.record_stage(wall_nanos as f64, wall_nanos, spent_nanos);
    }

    /// The same of a run that printed its own time: that is the sample; the run's wall time and all
    /// that went into it count against the bounds.
    pub fn record_stage(&mut self, stage_nanos: f64, wall_nanos: u64, spent_nanos: u64) {
        self.samples.push(stage_nanos);
        self.wall_nanos = self.wall_nanos.saturating_add(wall_nanos);
        self.count(spent_nanos);
    }

    /// What to do next; [`Decision::More`] until bounds or precision are reached, and then for
    /// good the same, also when runs are recorded that were already under way.
    #[must_use]
    pub fn decide(&self) -> Decision {
        self.decision
    }

    /// How many runs will be wanted whatever they bring, so that the caller may queue that many
    /// at once: 0 when there are enough, 1 while nothing is known of how long one takes, and never
    /// more than were recorded before, unless the number is exact: the next ones may be slower.
    #[must_use]
    pub fn runs_wanted_until_next_look(&self) -> u64 {
        if self.decision != Decision::More {
            return 0;
        }
        let left = self.max_runs - self.runs;
        if self.is_exact() {
            return left;
        }
        let Some((wall, spent)) = self.means() else { return 1 };
        let by_time = self.max_time_nanos.saturating_sub(self.spent_nanos) / spent;
        let by_time = by_time.max(self.max_time_runs_min.saturating_sub(self.runs));
        self.runs_to_next_look(wall).min(by_time).min(left).min(self.runs).max(1)
    }

    /// About how much time the point will still take, in nanoseconds; `None` before the first
    /// run, 0 at the end.
    #[must_use]
    pub fn remaining_nanos(&self) -> Option<u64> {
        if self.decision != Decision::More {
            return Some(0);
        }
        let (wall, spent) = self.means()?;
        let left = self.max_runs - self.runs;
        if self.is_exact() {
            return Some(left.saturating_mul(spent));
        }
        let runs = self.runs_to_next_look(wall).max(self.runs_to_precision()).min(left);
        let uncut = self.max_time_runs_min.saturating_sub(self.runs).saturating_mul(spent);
        let time_left = self.max_time_nanos.saturating_sub(self.spent_nanos).max(uncut);
        Some(runs.saturating_mul(spent).min(time_left))
    }

    fn count(&mut self, spent_nanos: u64) {
        self.runs += 1;
        self.spent_nanos = self.spent_nanos.saturating_add(spent_nanos);
        if self.decision == Decision::More {
            self.decision = self.next();
        }
    }

    fn next(&mut self) -> Decision {
        if self.is_exact() {
            return if self.runs >= self.max_runs { Decision::Enough } else { Decision::More };
        }
        let bound = if self.runs >= self.max_runs {
            Some(GiveUp::MaxRuns)
        } else if self.spent_nanos >= self.max_time_nanos && self.runs >= self.max_time_runs_min {
            Some(GiveUp::MaxTime)
        } else {
            None
        };
        let has_least = self.runs >= self.min_runs && self.wall_nanos >= self.min_time_nanos;
        let is_time = self.runs >= self.next_look && has_least;
        let is_precise = (bound.is_some() || is_time) && self.is_precise();
        // The most runs take precedence over the least time, as the setting says.
        if is_precise && (has_least || bound == Some(GiveUp::MaxRuns)) {
            return Decision::Enough;
        }
        if let Some(reason) = bound {
            return Decision::GiveUp(reason);
        }
        if is_time {
            self.next_look = look_after(self.runs);
        }
        Decision::More
    }

    fn is_precise(&mut self) -> bool {
        let reached = median(&self.samples).and_then(|centre| {
            let interval = median_interval(&self.samples, LEVEL)?;
            Ok((interval.high - interval.low) / 2.0 / centre)
        });
        self.reached = reached.ok().filter(|share| share.is_finite());
        self.reached.is_some_and(|share| share <= self.precision)
    }

    fn is_exact(&self) -> bool {
        self.min_runs >= self.max_runs
    }

    /// Mean wall time of a run and mean time that goes into one, at least a nanosecond each.
    fn means(&self) -> Option<(u64, u64)> {
        let samples = (self.samples.len() as u64).max(1);
        let spent = self.spent_nanos.checked_div(self.runs)?;
        Some(((self.wall_nanos / samples).max(1), spent.max(1)))
    }

    fn runs_to_next_look(&self, wall: u64) -> u64 {
        let by_time = self.min_time_nanos.saturating_sub(self.wall_nanos).div_ceil(wall);
        self.next_look.saturating_sub(self.runs).max(by_time)
    }

    /// The width of an interval shrinks with the root of the number of samples.
    fn runs_to_precision(&self) -> u64 {
        let factor = self.reached.map_or(1.0, |reached| (reached / self.precision).powi(2));
        ((self.samples.len() as f64 * (factor - 1.0)).max(0.0)) as u64
    }
}

/// The number of runs at which the precision is looked at after a look at `runs`: 6, 10, 15, 22
/// and so on, half as many again.
fn look_after(runs: u64) -> u64 {
    if runs < SECOND_LOOK { SECOND_LOOK } else { runs + runs / 2 }
}

#[cfg(test)]
mod tests;
