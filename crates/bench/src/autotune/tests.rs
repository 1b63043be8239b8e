//! The search is told times by a loop, and asked what it wants.

use proptest::prelude::*;

use super::*;

/// Code that takes so long: what a search made of it.
struct Found {
    repeats: u64,
    slices: u64,
    asked: u64,
    nanos: f64,
}

/// Answers a search until it is done. `cost` is of a number of calls, and of which time it is.
fn search(target_nanos: u64, mut cost: impl FnMut(u64, u64) -> Took) -> Found {
    let mut tuner = Tuner::new(target_nanos);
    let mut found = Found { repeats: 1, slices: 0, asked: 0, nanos: 0.0 };
    while found.asked < 4 * SLICES_MAX {
        match tuner.next() {
            Next::Probe { repeats } => {
                assert_eq!(found.nanos, 0.0, "no probe behind a slice");
                assert!(repeats.is_power_of_two() && repeats <= REPEATS_MAX);
                tuner.told(cost(repeats, found.asked));
            }
            Next::Slice { repeats } => {
                assert!(repeats.is_power_of_two());
                let took = cost(repeats, found.asked);
                found.repeats = repeats;
                found.nanos += took.nanos;
                tuner.told(took);
            }
            Next::Done { slices } => {
                found.slices = slices;
                assert!(slices == 0 || slices.is_power_of_two());
                tuner.told(Took { nanos: 1.0, wall_nanos: 1.0 });
                assert_eq!(tuner.next(), Next::Done { slices }, "done is done");
                return found;
            }
        }
        found.asked += 1;
    }
    panic!("it never ends");
}

/// Calls that all take the same.
fn steady(per_call: f64) -> impl FnMut(u64, u64) -> Took {
    move |repeats, _| {
        let nanos = per_call * repeats as f64;
        Took { nanos, wall_nanos: nanos }
    }
}

#[test]
fn steady_code_is_found_at_once() {
    let check = |target, per_call, repeats, slices| {
        let found = search(target, steady(per_call));
        assert_eq!((found.repeats, found.slices), (repeats, slices), "{per_call} ns a call");
    };
    check(20_000_000, 0.25, 1 << 19, 128);
    check(20_000_000, 10.0, 1 << 14, 128);
    check(20_000_000, 99_999.0, 2, 128);
    check(20_000_000, 100_000.0, 1, 256);
    check(20_000_000, 300_000.0, 1, 64);
    check(20_000_000, 10_000_000.0, 1, 2);
    // Longer than the batch: the first call is all.
    check(20_000_000, 20_000_000.0, 1, 0);
    check(1, 10.0, 1, 0);
    check(0, 10.0, 1, 0);
}

#[test]
fn probes_jump() {
    let mut tuner = Tuner::new(20_000_000);
    let mut asked = Vec::new();
    while let Next::Probe { repeats } = tuner.next() {
        asked.push(repeats);
        tuner.told(Took { nanos: repeats as f64 * 1000.0, wall_nanos: repeats as f64 * 1000.0 });
        assert!(asked.len() < 100);
    }
    // One, the jump, and then the same until 2 ms have passed.
    assert_eq!(asked.len(), 17);
    assert_eq!(asked[0], 1);
    assert!(asked[1..].iter().all(|repeats| *repeats == 128), "{asked:?}");
}

#[test]
fn a_slow_first_call_is_forgotten() {
    let found = search(20_000_000, |repeats, asked| {
        let nanos = repeats as f64 * 10.0 + if asked == 0 { 150_000.0 } else { 0.0 };
        Took { nanos, wall_nanos: nanos }
    });
    assert_eq!((found.repeats, found.slices), (1 << 14, 128));
}

#[test]
fn code_that_takes_no_time_is_bounded() {
    let found = search(1_000_000, |_, _| Took { nanos: 0.0, wall_nanos: 100_000.0 });
    assert!(found.slices >= 1 && found.asked < 200, "{}", found.asked);
    let found = search(1_000_000, |_, _| Took { nanos: 0.0, wall_nanos: 0.0 });
    assert_eq!((found.repeats, found.slices), (REPEATS_MAX, SLICES_MAX));
}

#[test]
fn dear_set_up_bounds_the_batch() {
    // A call of 10 ns whose input takes a millisecond.
    let mut wall = 0.0;
    search(20_000_000, |repeats, _| {
        let took = Took { nanos: repeats as f64 * 10.0, wall_nanos: repeats as f64 * 1e6 };
        wall += took.wall_nanos;
        took
    });
    assert!(wall <= 3.0 * 8.0 * 20e6, "{wall} ns");
}

#[test]
fn one_interruption_does_not_cut_a_batch() {
    let found = search(2_000_000, |repeats, asked| {
        let nanos = repeats as f64 * 10.0 + if asked == 20 { 4e6 } else { 0.0 };
        Took { nanos, wall_nanos: nanos }
    });
    assert!(found.slices >= 8, "{}", found.slices);
}

#[test]
fn what_grows_beyond_its_target_is_ended() {
    // Every call takes longer than the one before.
    let mut calls = 0.0;
    let found = search(20_000_000, |repeats, _| {
        calls += repeats as f64;
        let nanos = repeats as f64 * calls * 10.0;
        Took { nanos, wall_nanos: nanos }
    });
    assert!(found.nanos < 60e6, "{} ns", found.nanos);
}

proptest! {
    #[test]
    fn the_total_is_near_the_target(
        per_call in 0.05_f64..1e8,
        target in 500_000_u64..2_000_000_000,
    ) {
        let found = search(target, steady(per_call));
        let total = per_call * found.repeats as f64 * found.slices.max(1) as f64;
        if found.slices == 0 {
            prop_assert!(per_call >= target as f64);
        } else {
            prop_assert!(total <= 2.0 * target as f64, "{total} of {target}");
            prop_assert!(total >= 0.5 * target as f64, "{total} of {target}");
            prop_assert!((total - found.nanos).abs() <= 1e-6 * total, "every slice is kept");
        }
    }

    #[test]
    fn a_slice_is_shorter_than_the_schedulers(per_call in 0.05_f64..100_000.0) {
        let found = search(20_000_000, steady(per_call));
        let slice = per_call * found.repeats as f64;
        prop_assert!((SLICE_NANOS_MIN..=SLICE_NANOS_MAX).contains(&slice), "{slice} ns");
    }

    #[test]
    fn it_ends_whatever_it_is_told(
        target in 0_u64..1_000_000_000,
        times in proptest::collection::vec((0.0_f64..1e9, 0.0_f64..1e9), 1..64),
    ) {
        let found = search(target, |_, asked| {
            let (nanos, more) = times[asked as usize % times.len()];
            Took { nanos, wall_nanos: nanos + more }
        });
        prop_assert!(found.asked <= u64::from(PROBES_MAX) + SLICES_MAX + 1);
    }

    #[test]
    fn times_that_vary_about_a_border_do_not_hold_it_up(
        factors in proptest::collection::vec(0.5_f64..2.0, 8..64),
        per_call in 1.0_f64..50_000.0,
    ) {
        let found = search(20_000_000, |repeats, asked| {
            let nanos = per_call * repeats as f64 * factors[asked as usize % factors.len()];
            Took { nanos, wall_nanos: nanos }
        });
        let slice = per_call * found.repeats as f64;
        prop_assert!((SLICE_NANOS_MIN / 4.0..=SLICE_NANOS_MAX * 4.0).contains(&slice), "{slice}");
    }
}
