//! Threads whose times are told: the slowest is what counts.

use std::sync::atomic::AtomicU64;

use super::*;
use crate::answer::Answer;

/// Takes so many ticks a call, and counts them.
struct Told<'a> {
    ticks: u64,
    calls: &'a AtomicU64,
}

impl Routine for Told<'_> {
    fn first(&mut self, clock: Clock, before: &mut dyn FnMut()) -> (Span, Answer) {
        (self.calls(clock, 1, before), Answer::nothing())
    }

    fn calls(&mut self, _: Clock, count: u64, before: &mut dyn FnMut()) -> Span {
        before();
        self.calls.fetch_add(count, Ordering::Relaxed);
        Span { ticks: self.ticks * count, intervals: 1 }
    }

    fn empty(&mut self, _: Clock, _: u64) -> Option<(Span, u64)> {
        None
    }
}

#[test]
fn the_slowest_thread_is_the_time() {
    let (team, calls) = (Team::new(3), AtomicU64::new(0));
    let clock = Clock::system();
    std::thread::scope(|scope| {
        for ticks in [7, 100] {
            let (team, calls) = (&team, &calls);
            scope.spawn(move || team.follow(clock, &mut Told { ticks, calls }));
        }
        let mut own = Told { ticks: 9, calls: &calls };
        for round in 1..=50 {
            team.ask(Ask::Calls(round)).expect("all are here");
            let slowest = team.perform(|before| own.calls(clock, round, before));
            assert_eq!(slowest, Ok(Span { ticks: 100 * round, intervals: 1 }));
        }
        team.ask(Ask::End).expect("all are here");
    });
    assert_eq!(calls.into_inner(), 3 * 50 * 51 / 2);
}

#[test]
fn nobody_waits_for_a_thread_that_left() {
    let team = Team::new(2);
    team.leave();
    assert_eq!(team.ask(Ask::First), Err(Deserted));
    let calls = AtomicU64::new(0);
    let followed = team.follow(Clock::system(), &mut Told { ticks: 1, calls: &calls });
    assert!(calls.into_inner() <= 1, "{followed:?}");
}
