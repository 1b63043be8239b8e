//! The end of a run: what was measured, what was not, and why.

use std::collections::BTreeMap;

use tacho_schema::{CutShort, Skipped};

use super::point::PointState;
use super::{Finish, Run, Stop};
use crate::spawn::SpawnError;

impl Run<'_> {
    /// Closes the last window, and tells how the run ended.
    pub(super) fn finish(mut self, failure: Option<SpawnError>) -> Finish {
        self.close_window();
        if let Some(why) = self.points.iter().find_map(PointState::no_group) {
            self.troubles.push(format!(
                "memory_max is kept by RLIMIT_AS here, for each process by itself: {why}"
            ));
        }
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
            capped_without_rung: self.capped_without_rung(),
            leaked: self.leaked,
            troubles: std::mem::take(&mut self.troubles),
            failure,
        }
    }

    fn capped_without_rung(&self) -> u64 {
        // By ladder, or else by point: whether one ended well, and one reached the cap.
        let mut ladders: BTreeMap<(Option<u32>, usize), (bool, bool)> = BTreeMap::new();
        for (index, point) in self.points.iter().enumerate() {
            let ladder = point.planned.ladder;
            let known = ladders.entry((ladder, ladder.map_or(index, |_| 0))).or_default();
            known.0 |= point.went_well;
            known.1 |= point.reached_cap;
        }
        ladders.values().filter(|known| **known == (false, true)).count() as u64
    }
}
