//! What the observer is told while a run goes on.

use super::{Progress, Run, TICK_NANOS};
use crate::clock::monotonic_nanos;
use crate::run::point::PointState;

impl Run<'_> {
    /// Tells the observer how far the run is, when it is time again.
    pub(super) fn tick(&mut self) {
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
            active: self.pool.active(),
            queued: self.pool.in_flight() - self.pool.active(),
            printed_bytes: self.printed_bytes,
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
}
