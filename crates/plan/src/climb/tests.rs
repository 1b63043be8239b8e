use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Climbs to the end where rungs beyond `within` are answered with `beyond`; the rungs that were
/// tried, in order.
fn climb(step: LadderStep, params: &[u64], within: u64, beyond: Reached) -> Vec<u64> {
    let mut climb = Climb::new(step, params);
    let most = climb.tries_max();
    let mut tried = Vec::new();
    while let Some(param) = climb.next() {
        tried.push(param);
        climb.record(param, if param <= within { Reached::Within } else { beyond });
        assert!(tried.len() <= most, "{tried:?} of {most}");
    }
    assert_eq!(climb.tries_max(), 0);
    tried
}

#[test]
fn climbs() {
    use LadderStep::{Bracket, Double, Linear, List};
    use Reached::{Cap, Failed, Within};
    let all: Vec<u64> = (1..=16).collect();
    let doubling = [1, 2, 4, 8, 16];
    for (step, params, within, beyond, expected) in [
        (Double, &doubling[..], 4, Cap, &[1, 2, 4, 8][..]),
        (Double, &doubling, 4, Failed, &[1, 2, 4, 8]),
        (Double, &doubling, 99, Within, &doubling),
        (List, &[3, 700], 0, Cap, &[3]),
        (Linear, &[5, 6, 7, 8], 6, Cap, &[5, 6, 7]),
        (Bracket, &all, 10, Cap, &[1, 2, 4, 8, 16, 9, 10, 11]),
        (Bracket, &all, 15, Cap, &[1, 2, 4, 8, 16, 9, 10, 11, 12, 13, 14, 15]),
        (Bracket, &all, 8, Cap, &[1, 2, 4, 8, 16, 9]),
        (Bracket, &all, 10, Failed, &[1, 2, 4, 8, 16]),
        (Bracket, &all, 16, Cap, &[1, 2, 4, 8, 16, 9, 10, 11, 12, 13, 14, 15]),
        (Bracket, &[16, 17, 18, 19], 99, Within, &[16, 19, 17, 18]),
        (Bracket, &all, 0, Cap, &[1]),
        (Bracket, &[0, 1, 2, 3], 2, Cap, &[0, 1, 2, 3]),
        (Bracket, &[0, 1, 2, 3, 4], 2, Cap, &[0, 1, 2, 4, 3]),
        // What a filter leaves.
        (Bracket, &[4, 5, 6, 7], 5, Cap, &[4, 7, 5, 6]),
        (Bracket, &[9, 100], 50, Cap, &[9, 100]),
        (Bracket, &[u64::MAX - 1, u64::MAX], u64::MAX, Cap, &[u64::MAX - 1, u64::MAX]),
        (Bracket, &[], 1, Cap, &[]),
    ] {
        let tried = climb(step, params, within, beyond);
        assert_eq!(tried, expected, "{step:?} {params:?} {within} {beyond:?}");
    }
}

#[test]
fn what_nobody_asked_for_changes_nothing() {
    let mut climb = Climb::new(LadderStep::Double, &[1, 2, 4]);
    climb.record(4, Reached::Failed);
    climb.record(7, Reached::Within);
    assert_eq!(climb.next(), Some(1));
    climb.record(1, Reached::Within);
    climb.record(1, Reached::Cap);
    assert_eq!(climb.next(), Some(2));
}

proptest! {
    /// Every rung is tried at most once, and the largest within the cap is always found where
    /// the planned ones are as dense as a plan makes them.
    #[test]
    fn the_end_is_found(
        params in proptest::collection::btree_set(0_u64..400, 0..60),
        within in 0_u64..400,
        step in prop_oneof![
            Just(LadderStep::Double), Just(LadderStep::Bracket), Just(LadderStep::Linear),
        ],
    ) {
        let params: Vec<u64> = params.into_iter().collect();
        let tried = climb(step, &params, within, Reached::Cap);
        let once: BTreeSet<&u64> = tried.iter().collect();
        prop_assert_eq!(once.len(), tried.len());
        prop_assert!(tried.iter().all(|param| params.contains(param)));
        let largest = params.iter().rev().find(|param| **param <= within);
        let all_within = params.last() == largest;
        prop_assert_eq!(tried.iter().filter(|param| **param <= within).max(), largest);
        prop_assert!(tried.iter().filter(|param| **param > within).count() <= 2);
        prop_assert!(!all_within || tried.iter().all(|param| *param <= within));
    }
}
