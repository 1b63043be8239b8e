//! Ladders: which parameters a workload is tried at.

use std::collections::BTreeMap;

use tacho_schema::{LadderStep, PlanDoc};

/// So many parameters are planned between two doublings of a bracket.
const BETWEEN_MAX: u64 = 16;

/// The parameters of a ladder, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rungs {
    /// These.
    List(Vec<u64>),
    /// Every number between two, both included, which take no memory however many they are.
    Every(u64, u64),
}

impl Rungs {
    /// Those from `low` to `high`; none where `low` is over it.
    pub(crate) fn between(step: LadderStep, low: u64, high: u64) -> Self {
        if low > high {
            return Self::List(Vec::new());
        }
        match step {
            LadderStep::Linear => Self::Every(low, high),
            LadderStep::Double => Self::List(doublings(low, high)),
            LadderStep::Bracket => Self::List(bracket(&doublings(low, high))),
            LadderStep::List if low == high => Self::List(vec![low]),
            LadderStep::List => Self::List(vec![low, high]),
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u128 {
        match self {
            Self::List(params) => params.len() as u128,
            Self::Every(low, high) => u128::from(high - low) + 1,
        }
    }

    /// The parameter at `index`, from 0; `None` from [`Rungs::count`] on.
    pub(crate) fn get(&self, index: u64) -> Option<u64> {
        match self {
            Self::List(params) => params.get(usize::try_from(index).ok()?).copied(),
            Self::Every(low, high) => low.checked_add(index).filter(|param| param <= high),
        }
    }
}

/// `low` doubled as long as that is below `high`, and `high`.
fn doublings(low: u64, high: u64) -> Vec<u64> {
    let next = |param: &u64| param.checked_mul(2).map(|twice| twice.max(1));
    let below = std::iter::successors(Some(low), next).take_while(|param| *param < high);
    below.chain([high]).collect()
}

/// The doublings with what lies between them, evenly spread where that is much.
fn bracket(doublings: &[u64]) -> Vec<u64> {
    let mut all: Vec<u64> = doublings.first().copied().into_iter().collect();
    for pair in doublings.windows(2) {
        let [low, high] = [pair[0], pair[1]];
        let between = (high - low).saturating_sub(1).min(BETWEEN_MAX);
        let parts = u128::from(between) + 1;
        all.extend((1..=between).filter_map(|part| {
            let above = u128::from(high - low) * u128::from(part) / parts;
            u64::try_from(u128::from(low) + above).ok()
        }));
        all.push(high);
    }
    all
}

/// A ladder as it was declared: how it climbs, over what, and how its time is expected to grow.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Climbing {
    pub(crate) step: LadderStep,
    pub(crate) rungs: Rungs,
    pub(crate) complexity: Option<String>,
    pub(crate) model: BTreeMap<u64, f64>,
}

/// How a ladder climbs where nobody says so: an exponential one soon takes too long to be doubled.
pub(crate) fn step_of(is_exponential: bool) -> LadderStep {
    if is_exponential { LadderStep::Bracket } else { LadderStep::Double }
}

/// Leaves out of a plan the ladders of which no rung is left.
pub(crate) fn prune(plan: &mut PlanDoc) {
    let mut kept = BTreeMap::new();
    for place in plan.points.iter_mut().filter_map(|planned| planned.ladder.as_mut()) {
        let next = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        *place = *kept.entry(*place).or_insert(next);
    }
    let mut ladders: Vec<_> = std::mem::take(&mut plan.ladders).into_iter().map(Some).collect();
    let mut places: Vec<(u32, u32)> = kept.into_iter().collect();
    places.sort_unstable_by_key(|(_, new)| *new);
    let taken = places
        .into_iter()
        .filter_map(|(old, _)| ladders.get_mut(usize::try_from(old).ok()?).and_then(Option::take));
    plan.ladders = taken.collect();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rungs() {
        use LadderStep::{Bracket, Double, Linear};
        for (step, low, high, expected) in [
            (Double, 1, 16, "1 2 4 8 16"),
            (Double, 3, 20, "3 6 12 20"),
            (Double, 0, 5, "0 1 2 4 5"),
            (Double, 7, 7, "7"),
            (Double, 9, 8, ""),
            (Linear, 4, 6, "4 5 6"),
            (Bracket, 1, 8, "1 2 3 4 5 6 7 8"),
            (Bracket, 64, 128, "64 67 71 75 79 82 86 90 94 97 101 105 109 112 116 120 124 128"),
        ] {
            let rungs = Rungs::between(step, low, high);
            let count = u64::try_from(rungs.count()).unwrap();
            let all = (0..count).filter_map(|index| rungs.get(index));
            let told: Vec<String> = all.map(|param| param.to_string()).collect();
            assert_eq!(told.join(" "), expected, "{step:?} {low} {high}");
            assert_eq!(rungs.get(count), None, "{step:?} {low} {high}");
        }
        let long = Rungs::between(Linear, 0, u64::MAX);
        assert_eq!((long.count(), long.get(7)), (1 << 64, Some(7)));
    }

    proptest! {
        #[test]
        fn rungs_ascend_between_their_ends(
            low: u64,
            high: u64,
            step in prop_oneof![Just(LadderStep::Double), Just(LadderStep::Bracket)],
        ) {
            let (low, high) = (low.min(high), low.max(high));
            let Rungs::List(all) = Rungs::between(step, low, high) else { panic!("a list") };
            prop_assert_eq!((all.first(), all.last()), (Some(&low), Some(&high)));
            prop_assert!(all.is_sorted_by(|a, b| a < b));
            prop_assert!(all.len() <= 66 * 17);
        }
    }
}
