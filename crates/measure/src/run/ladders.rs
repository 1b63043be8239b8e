//! Ladders: climbed rung by rung before the rounds, as far as a batch stays within the cap.

use std::collections::{BTreeMap, BTreeSet};

use tacho_plan::{Climb, Reached};
use tacho_schema::Status;

use crate::spawn::SpawnError;

use super::{Phase, Run};

/// The rungs of one ladder in one leg, by their parameters: places of points in the plan.
type Rungs = BTreeMap<u64, usize>;

impl Run<'_> {
    /// Takes the rungs beyond the end of their ladder out of the run, where an earlier leg has
    /// found that end.
    pub(super) fn leave_ended_ladders(&mut self, members: &[usize]) {
        for &index in members {
            let planned = self.points[index].planned;
            let end = planned.ladder.and_then(|ladder| self.ladder_ends.get(&ladder));
            if end.is_some_and(|end| planned.point.param > Some(*end)) {
                self.points[index].over = true;
            }
        }
    }

    /// Climbs the ladders that have rungs among `members`; each batch has landed before the next
    /// is begun. Says whether there was one.
    pub(super) fn climb_ladders(&mut self, members: &[usize]) -> Result<bool, SpawnError> {
        let mut ladders: BTreeMap<u32, Rungs> = BTreeMap::new();
        for &index in members.iter().filter(|index| !self.points[**index].over) {
            let planned = self.points[index].planned;
            if let (Some(ladder), Some(param)) = (planned.ladder, planned.point.param) {
                ladders.entry(ladder).or_default().insert(param, index);
            }
        }
        for (ladder, rungs) in &ladders {
            self.climb(*ladder, rungs)?;
        }
        Ok(!ladders.is_empty())
    }

    fn climb(&mut self, ladder: u32, rungs: &Rungs) -> Result<(), SpawnError> {
        // A plan from elsewhere may have rungs of a ladder that it does not have.
        let Some(of_plan) = self.setting.plan.ladders.get(ladder as usize) else { return Ok(()) };
        let params: Vec<u64> = rungs.keys().copied().collect();
        let mut climb = Climb::new(of_plan.step, &params);
        let mut climbed = BTreeSet::new();
        while let Some(param) = climb.next() {
            let Some(&index) = rungs.get(&param) else { break };
            // Each rung is asked for once: so many turns, and no more.
            if !climbed.insert(index) {
                break;
            }
            self.first_batch(index)?;
            if self.stop.is_some() {
                return Ok(());
            }
            let reached = match self.points[index].last {
                Some(Status::Ok) => Reached::Within,
                Some(Status::KilledAtCap) => Reached::Cap,
                _ => Reached::Failed,
            };
            if reached != Reached::Within {
                let end = self.ladder_ends.entry(ladder).or_insert(param);
                *end = param.min(*end);
            }
            climb.record(param, reached);
        }
        for index in rungs.values().filter(|index| !climbed.contains(index)) {
            self.points[*index].over = true;
        }
        Ok(())
    }

    /// The warm-ups of a rung, and its first measured batch.
    fn first_batch(&mut self, index: usize) -> Result<(), SpawnError> {
        self.phase = Phase::Warmup;
        for _ in 0..self.points[index].planned.warmup {
            self.step(index, None)?;
            self.land_all()?;
        }
        self.phase = Phase::Measure;
        self.step(index, Some(0))?;
        self.land_all()
    }
}
