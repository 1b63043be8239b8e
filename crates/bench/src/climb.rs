//! Which parameter of a ladder comes next: decides, and runs nothing.

use std::collections::VecDeque;

use crate::Step;

/// So many numbers at most are tried between the last parameter within the cap and the first
/// beyond.
const GAP_RUNGS_MAX: u64 = 16;

/// So many rungs at most does a ladder of single numbers have: spread evenly where there are more.
const LINEAR_RUNGS_MAX: u64 = 64;

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
    /// From `low` to `high`.
    pub(crate) fn new(low: u64, high: u64, step: Step) -> Self {
        let ahead = match step {
            Step::Double | Step::Bracket => doubling(low, high),
            Step::Linear => spread(low, high, LINEAR_RUNGS_MAX),
        };
        Self { ahead, brackets: step == Step::Bracket, within: None, beyond: None }
    }

    /// Exactly these, in ascending order.
    pub(crate) fn list(params: &[u64]) -> Self {
        let mut params = params.to_vec();
        params.sort_unstable();
        params.dedup();
        Self { ahead: params.into(), brackets: false, within: None, beyond: None }
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
        let gap = self.within.zip(self.beyond).filter(|_| self.brackets);
        if let Some((within, beyond)) = gap.filter(|(within, beyond)| beyond - within > 1) {
            self.ahead = spread(within + 1, beyond - 1, GAP_RUNGS_MAX);
        }
        // The gap is looked at once.
        self.brackets = false;
    }
}

fn doubling(low: u64, high: u64) -> VecDeque<u64> {
    let above = |n: &u64| n.checked_mul(2).map(|twice| twice.max(1));
    let mut rungs: VecDeque<u64> =
        std::iter::successors(Some(low), above).take_while(|n| *n < high).collect();
    rungs.push_back(high);
    rungs
}

/// The numbers from `low` to `high`, or `most` of them with the same distance, `high` among them.
fn spread(low: u64, high: u64, most: u64) -> VecDeque<u64> {
    let span = high - low;
    if span < most {
        return (low..=high).collect();
    }
    let place = |index: u64| u128::from(span) * u128::from(index) / u128::from(most - 1);
    (0..most).map(|index| low + place(index) as u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (Climb::new(1, 16, Step::Double), none, &[1, 2, 4, 8, 16], None),
            (Climb::new(3, 13, Step::Double), none, &[3, 6, 12, 13], None),
            (Climb::new(0, 3, Step::Double), none, &[0, 1, 2, 3], None),
            (Climb::new(5, 5, Step::Double), none, &[5], None),
            (Climb::new(1, 16, Step::Double), 4, &[1, 2, 4], Some(4)),
            (Climb::new(4, 7, Step::Linear), none, &[4, 5, 6, 7], None),
            (Climb::new(1, 64, Step::Bracket), 12, &[1, 2, 4, 8, 16, 9, 10, 11, 12], Some(12)),
            (Climb::new(1, 4, Step::Bracket), 2, &[1, 2], Some(2)),
            (Climb::new(1, 64, Step::Bracket), 1, &[1], Some(1)),
            (Climb::list(&[9, 1, 5, 5]), 6, &[1, 5, 9], Some(9)),
        ];
        for (ladder, cap, tried, beyond) in cases {
            let name = format!("{ladder:?} to {cap}");
            assert_eq!(climb(ladder, cap), (tried.to_vec(), beyond), "{name}");
        }
    }

    #[test]
    fn a_bracket_within_the_cap_keeps_the_rung_beyond_it() {
        let (tried, beyond) = climb(Climb::new(1, 64, Step::Bracket), 16);
        assert_eq!(tried, [1, 2, 4, 8, 16, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(beyond, Some(16));
    }

    #[test]
    fn long_ladders_are_spread() {
        let (tried, _) = climb(Climb::new(1, u64::MAX, Step::Linear), u64::MAX);
        assert_eq!((tried.len(), tried[0], tried[63]), (64, 1, u64::MAX));
        let (tried, _) = climb(Climb::new(1, u64::MAX, Step::Double), u64::MAX);
        assert_eq!((tried.len(), tried[64]), (65, u64::MAX));
        let (tried, _) = climb(Climb::new(1, 1 << 20, Step::Bracket), 1000);
        assert_eq!(&tried[10..13], [1024, 513, 547]);
        assert_eq!(tried.len(), 11 + 16);
    }
}
