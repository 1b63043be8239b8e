//! Batches of routines that tell their times, and what is made of the slices.

use super::*;

/// Takes so many nanoseconds a call by a clock of its own, and notes what it is asked.
struct Told {
    per_call: u64,
    asked: Vec<u64>,
}

impl Routine for Told {
    fn first(&mut self, clock: Clock, before: &mut dyn FnMut()) -> (Span, Answer) {
        (self.calls(clock, 1, before), Answer::nothing())
    }

    fn calls(&mut self, _: Clock, count: u64, before: &mut dyn FnMut()) -> Span {
        before();
        self.asked.push(count);
        Span { ticks: self.per_call * count, intervals: 0 }
    }

    fn empty(&mut self, _: Clock, _: u64) -> Option<(Span, u64)> {
        None
    }

    fn has_own_clock(&self) -> bool {
        true
    }
}

fn batch(per_call: u64, order: Order) -> (Batch, Vec<u64>) {
    let mut told = Told { per_call, asked: Vec::new() };
    let batch = measure(&mut told, order, None).expect("nobody leaves");
    (batch, told.asked)
}

#[test]
fn a_warm_batch_has_its_slices() {
    let (batch, asked) = batch(1000, Order { target_nanos: 4_000_000, cold: false });
    assert_eq!((batch.repeats, batch.calls()), (128, 32 * 128));
    assert_eq!(batch.slices_nanos, vec![128_000.0; 32]);
    assert_eq!(batch.per_call_nanos().to_bits(), 1000_f64.to_bits());
    assert!(batch.timer.is_none() && batch.dropped.is_none());
    assert!(asked.len() > 33, "probes come before: {asked:?}");
}

#[test]
fn one_call_is_all_where_it_is_long_or_cold() {
    let check = |order, asked_of_it: &[u64]| {
        let (batch, asked) = batch(5_000_000, order);
        assert_eq!(asked, asked_of_it);
        assert_eq!(batch.calls(), 1);
        assert_eq!(batch.total_nanos().round() as u64, 5_000_000);
        assert_eq!(batch.dropped.is_some(), order.cold);
    };
    check(Order { target_nanos: 5_000_000, cold: false }, &[1]);
    check(Order { target_nanos: 1 << 40, cold: true }, &[1]);
}

#[test]
fn costs_are_never_subtracted_below_nothing() {
    let ruler = Ruler::of(Clock::system());
    let costs = Costs { ruler, loop_ticks: Some(2.0) };
    let net = |ticks, count| costs.net_ticks(Span { ticks, intervals: 0 }, count);
    assert_eq!(net(100, 10).round() as u64, 80);
    assert_eq!(net(10, 10).to_bits(), 0_f64.to_bits());
}

#[test]
fn the_centre_is_the_median() {
    let check = |slices: &[f64], repeats, median: f64| {
        let batch = of(slices, repeats);
        assert_eq!(batch.per_call_nanos().to_bits(), median.to_bits(), "{slices:?}");
    };
    check(&[5.0], 1, 5.0);
    check(&[8.0, 2.0], 1, 5.0);
    check(&[900.0, 4.0, 8.0, 6.0], 2, 3.5);
}

#[test]
fn samples_are_thinned() {
    let slices: Vec<f64> = (0..256).map(f64::from).collect();
    let batch = of(&slices, 2);
    assert_eq!(batch.samples(128).len(), 128);
    assert_eq!(batch.samples(128)[..3], [0.0, 1.0, 2.0]);
    assert_eq!(batch.samples(100).len(), 86);
    assert_eq!(batch.samples(1000).len(), 256);
}

fn of(slices: &[f64], repeats: u64) -> Batch {
    Batch {
        slices_nanos: slices.to_vec(),
        repeats,
        timer: None,
        answer: Answer::nothing(),
        dropped: None,
    }
}
