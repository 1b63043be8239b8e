//! The order of things: which points are interleaved, and how each round is shuffled.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;

use tacho_schema::{Hook, LadderStep, PlanDoc, PlannedPoint};
use tacho_stats::Rng;

use crate::climb::Climb;

/// The order in which one round measures `indices`: a shuffle that depends on nothing but the
/// seed, the leg and the round, and is the same in every version and on every machine.
///
/// Points that drop out of later rounds change the orders of those rounds only.
#[must_use]
pub fn round_order(seed: u64, leg: u32, round: u32, indices: &[usize]) -> Vec<usize> {
    let stream = (u64::from(leg) << 32) | u64::from(round);
    let mut order = indices.to_vec();
    Rng::stream(seed, stream).shuffle(&mut order);
    order
}

/// What one batch's process gets so that its stack begins elsewhere than that of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Bytes that the environment is longer: 0 to 4095, a page.
    pub padding_bytes: usize,
    /// How often `./` is repeated in its first word: 0 to 63.
    pub word_repeats: usize,
}

/// Streams of layouts: no leg is so late that its rounds have one of them.
const LAYOUT_STREAMS: u64 = 1 << 63;
const PADDINGS: NonZeroU64 = NonZeroU64::new(4096).expect("is not 0");
const REPEATS: NonZeroU64 = NonZeroU64::new(64).expect("is not 0");

/// The layout of one batch: depends on nothing but the seed, the point's place in the plan and the
/// batch's number within the point.
///
/// Source of the effect: Mytkowicz, Diwan, Hauswirth & Sweeney, Producing Wrong Data Without Doing
/// Anything Obviously Wrong!, ASPLOS 2009.
#[must_use]
pub fn layout(seed: u64, point: usize, batch: u64) -> Layout {
    let stream = LAYOUT_STREAMS | (point as u64) << 32 | batch & u64::from(u32::MAX);
    let mut rng = Rng::stream(seed, stream);
    Layout {
        padding_bytes: rng.below(PADDINGS) as usize,
        word_repeats: rng.below(REPEATS) as usize,
    }
}

/// The longest that the points take together which end by their time, in nanoseconds; those with a
/// fixed number of runs take what they take. 0 where there is none. Warm-up runs, set-ups and
/// clean-ups are not in it, and neither are rungs that no climb can reach.
#[must_use]
pub fn bounded_nanos(plan: &PlanDoc) -> u64 {
    let mut rungs: BTreeMap<u32, Vec<&PlannedPoint>> = BTreeMap::new();
    let mut nanos = 0_u64;
    let is_bounded = |it: &&PlannedPoint| it.min_runs < it.max_runs && it.refused.is_none();
    for planned in plan.points.iter().filter(is_bounded) {
        match planned.ladder {
            Some(ladder) => rungs.entry(ladder).or_default().push(planned),
            None => nanos = nanos.saturating_add(planned.max_time_nanos),
        }
    }
    for (ladder, rungs) in rungs {
        let ladder = usize::try_from(ladder).ok().and_then(|place| plan.ladders.get(place));
        let step = ladder.map_or(LadderStep::List, |ladder| ladder.step);
        let params: Vec<u64> = rungs.iter().filter_map(|rung| rung.point.param).collect();
        let tries = Climb::new(step, &params).tries_max() as u64;
        let longest = rungs.iter().map(|rung| rung.max_time_nanos).max().unwrap_or(0);
        nanos = nanos.saturating_add(longest.saturating_mul(tries));
    }
    let nanos = nanos / u64::from(plan.jobs.max(1));
    plan.total_nanos_max.map_or(nanos, |total| nanos.min(total))
}

/// What one point's set-up and clean-up work on.
type Work<'p> = (&'p Option<Hook>, &'p Option<Hook>, &'p str, &'p BTreeMap<String, String>);

fn work(point: &PlannedPoint) -> Work<'_> {
    (&point.setup, &point.cleanup, &point.dir, &point.env)
}

/// Puts the points into legs; `groups` has the group of each, whose set-ups share a place.
///
/// All points are interleaved in one leg, except those of a group whose set-ups or clean-ups are
/// not all the same, in text or in the variables they see: each of these would overwrite what
/// another has made, so points with different ones are measured one after another.
pub(crate) fn assign_legs(points: &mut [PlannedPoint], groups: &[usize]) {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, group) in groups.iter().enumerate() {
        members.entry(*group).or_default().push(index);
    }
    let apart: Vec<&Vec<usize>> =
        members.values().filter(|members| is_in_its_own_way(points, members)).collect();
    let points_apart: usize = apart.iter().map(|members| members.len()).sum();
    let mut next = u32::from(points_apart < points.len());
    let mut legs = Vec::with_capacity(points_apart);
    for members in apart {
        let mut own: BTreeMap<Work<'_>, u32> = BTreeMap::new();
        for index in members {
            let leg = *own.entry(work(&points[*index])).or_insert_with(|| {
                next += 1;
                next - 1
            });
            legs.push((*index, leg));
        }
    }
    for (index, leg) in legs {
        points[index].leg = leg;
    }
}

fn is_in_its_own_way(points: &[PlannedPoint], members: &[usize]) -> bool {
    let works: BTreeSet<_> = members
        .iter()
        .map(|index| &points[*index])
        .map(|point| (&point.setup, &point.cleanup, &point.env))
        .collect();
    works.len() > 1 && works.iter().any(|(setup, cleanup, _)| setup.is_some() || cleanup.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded seeds stand for these layouts, as for their orders.
    #[test]
    fn layouts_are_pinned_and_differ() {
        let of = |(point, batch)| {
            let layout = layout(7, point, batch);
            (layout.padding_bytes, layout.word_repeats)
        };
        assert_eq!([(0, 0), (0, 1), (1, 0)].map(of), [(3991, 52), (1619, 36), (2590, 47)]);
        let drawn: Vec<_> = (0..40).flat_map(|point| (0..40).map(move |it| (point, it))).collect();
        let drawn: BTreeSet<_> = drawn.into_iter().map(of).collect();
        assert!(drawn.len() > 1500, "{} of 1600 layouts differ", drawn.len());
        assert!(drawn.iter().all(|(padding, repeats)| *padding < 4096 && *repeats < 64));
    }
}
