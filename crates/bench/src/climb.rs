//! Which parameter of a ladder comes next: decides, and runs nothing.

use std::collections::VecDeque;

/// So many numbers at most are tried between the last parameter within the cap and the first
/// beyond: `wire/WIRE.md` has their places, and `tacho` plans the same.
const BETWEEN_MAX: u64 = 16;

/// A ladder that is being climbed.
#[derive(Debug)]
pub(crate) struct Climb {
    /// What is still to be tried, ascending.
    ahead: VecDeque<u64>,
    /// Whether the gap before the cap is looked at more closely.
    brackets: bool,
    /// The last parameter within the cap.
    within: Option<u64>,
    /// The first beyond.
    beyond: Option<u64>,
}

impl Climb {
    /// Of these, in ascending order, and of numbers in the gap before the cap where it `brackets`.
    pub(crate) fn new(rungs: Vec<u64>, brackets: bool) -> Self {
        Self { ahead: rungs.into(), brackets, within: None, beyond: None }
    }

    /// What is to be tried next; none at the end.
    pub(crate) fn next(&self) -> Option<u64> {
        self.ahead.front().copied()
    }

    /// The parameters that are still to be tried, as far as is known.
    pub(crate) fn ahead(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.ahead.iter().copied()
    }

    /// The first parameter beyond the cap, where there was one.
    pub(crate) fn beyond(&self) -> Option<u64> {
        self.beyond
    }

    /// The next one was measured within the cap.
    pub(crate) fn passed(&mut self) {
        self.within = self.ahead.pop_front();
    }

    /// The next one reached the cap.
    pub(crate) fn capped(&mut self) {
        self.beyond = self.ahead.pop_front();
        self.ahead.clear();
        if let Some((within, beyond)) = self.within.zip(self.beyond).filter(|_| self.brackets) {
            self.ahead = between(within, beyond);
        }
        // The gap is looked at once.
        self.brackets = false;
    }
}

/// The numbers between both, or [`BETWEEN_MAX`] of them with the same distance.
fn between(low: u64, high: u64) -> VecDeque<u64> {
    let count = (high - low).saturating_sub(1).min(BETWEEN_MAX);
    let above = |part: u64| u128::from(high - low) * u128::from(part) / u128::from(count + 1);
    (1..=count).map(|part| low + above(part) as u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Params, Step, Workload};

    fn ladder(low: u64, high: u64, step: Step) -> Climb {
        let params = Params::Ladder { low, high, step: Some(step) };
        let workload = Workload::parametric("g/w", params, |_, _| {});
        Climb::new(workload.rungs(), step == Step::Bracket)
    }

    /// Climbs with everything from `cap` on beyond it: what was tried, and the end.
    fn climb(mut climb: Climb, cap: u64) -> (Vec<u64>, Option<u64>) {
        let mut tried = Vec::new();
        while let Some(n) = climb.next() {
            tried.push(n);
            if n < cap {
                climb.passed();
            } else {
                climb.capped();
            }
            assert!(tried.len() < 1000, "{tried:?}");
        }
        (tried, climb.beyond())
    }

    #[test]
    fn ladders_are_climbed_to_the_cap() {
        let none = u64::MAX;
        let cases: [(Climb, u64, &[u64], Option<u64>); 10] = [
            (ladder(1, 16, Step::Double), none, &[1, 2, 4, 8, 16], None),
            (ladder(3, 13, Step::Double), none, &[3, 6, 12, 13], None),
            (ladder(0, 3, Step::Double), none, &[0, 1, 2, 3], None),
            (ladder(5, 5, Step::Double), none, &[5], None),
            (ladder(1, 16, Step::Double), 4, &[1, 2, 4], Some(4)),
            (ladder(4, 7, Step::Linear), none, &[4, 5, 6, 7], None),
            (ladder(1, 64, Step::Bracket), 12, &[1, 2, 4, 8, 16, 9, 10, 11, 12], Some(12)),
            (ladder(1, 4, Step::Bracket), 2, &[1, 2], Some(2)),
            (ladder(1, 64, Step::Bracket), 1, &[1], Some(1)),
            (Climb::new(vec![1, 5, 9], false), 6, &[1, 5, 9], Some(9)),
        ];
        for (climbed, cap, tried, beyond) in cases {
            let name = format!("{climbed:?} to {cap}");
            assert_eq!(climb(climbed, cap), (tried.to_vec(), beyond), "{name}");
        }
    }

    #[test]
    fn a_bracket_within_the_cap_keeps_the_rung_beyond_it() {
        let (tried, beyond) = climb(ladder(1, 64, Step::Bracket), 16);
        assert_eq!(tried, [1, 2, 4, 8, 16, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(beyond, Some(16));
    }

    #[test]
    fn long_gaps_are_spread() {
        let (tried, _) = climb(ladder(1, u64::MAX, Step::Double), u64::MAX);
        assert_eq!((tried.len(), tried[64]), (65, u64::MAX));
        let (tried, _) = climb(ladder(1, 1 << 20, Step::Bracket), 1000);
        assert_eq!(&tried[10..13], [1024, 542, 572]);
        assert_eq!(tried.len(), 11 + 16);
        // As `tacho` plans them.
        let planned = [67, 71, 75, 79, 82, 86, 90, 94, 97, 101, 105, 109, 112, 116, 120, 124];
        assert_eq!(between(64, 128), planned);
        assert!(between(7, 8).is_empty());
        assert_eq!(between(0, u64::MAX).len(), 16);
    }
}
