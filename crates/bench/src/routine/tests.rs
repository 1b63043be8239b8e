//! What happens in which order around a timed loop.

use std::cell::RefCell;
use std::rc::Rc;

use super::*;

/// What happened, in order.
type Events = Rc<RefCell<Vec<&'static str>>>;

/// Tells when it is dropped.
struct Noisy(Events, &'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

/// Asks `routine` for the first call and then for two, and gives what happened.
fn events(events: &Events, routine: &mut dyn Routine) -> String {
    let clock = Clock::system();
    let before = &mut || events.borrow_mut().push("before");
    let (first, _) = routine.first(clock, before);
    assert_eq!(first.intervals, 1);
    events.borrow_mut().push("|");
    let span = routine.calls(clock, 2, before);
    assert_eq!(span.intervals, 1);
    let (empty, turns) = routine.empty(clock, 100).expect("it has a loop");
    assert_eq!((empty.intervals, turns), (1, 100));
    events.borrow().join(" ")
}

fn log() -> Events {
    Rc::new(RefCell::new(Vec::new()))
}

fn saying(events: &Events, word: &'static str) -> impl Fn() + use<> {
    let events = Rc::clone(events);
    move || events.borrow_mut().push(word)
}

#[test]
fn outputs_are_dropped_behind_the_last_call() {
    let log = log();
    let (call, out) = (saying(&log, "call"), Rc::clone(&log));
    let mut plain = Plain::new(
        || {
            call();
            Noisy(Rc::clone(&out), "drop")
        },
        |_| Answer::nothing(),
    );
    assert_eq!(events(&log, &mut plain), "before call drop | before call call drop drop");
}

#[test]
fn inputs_are_made_before_and_dropped_behind() {
    let log = log();
    let (made, call, held) = (saying(&log, "make"), saying(&log, "call"), Rc::clone(&log));
    let prepare = || {
        made();
        Noisy(Rc::clone(&held), "drop")
    };
    let mut lent = Prepared::new(prepare, ByMut(|_: &mut Noisy| call()), |&()| Answer::nothing());
    let expected = "make before call drop | make make before call call drop drop";
    assert_eq!(events(&log, &mut lent), expected);
}

#[test]
fn what_is_given_back_is_dropped_behind() {
    let log = log();
    let (made, call, held) = (saying(&log, "make"), saying(&log, "call"), Rc::clone(&log));
    let prepare = || {
        made();
        Noisy(Rc::clone(&held), "drop")
    };
    let hand_back = |noisy: Noisy| {
        call();
        noisy
    };
    let mut given = Prepared::new(prepare, ByValue(hand_back), |_| Answer::nothing());
    let expected = "make before call drop | make make before call call drop drop";
    assert_eq!(events(&log, &mut given), expected);
}

#[test]
fn an_awaited_output_is_dropped_behind() {
    let log = log();
    let (call, out) = (saying(&log, "call"), Rc::clone(&log));
    let make = || {
        call();
        std::future::ready(Noisy(Rc::clone(&out), "drop"))
    };
    let mut awaited = Awaited::new(pollster, make, |_| Answer::nothing());
    assert_eq!(events(&log, &mut awaited), "before call drop | before call call drop drop");
}

/// Runs what is ready at once.
fn pollster<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("nothing here waits"),
    }
}

#[test]
fn every_call_is_made() {
    let check = |count: u64, intervals_min: u64| {
        let (mut made, mut calls) = (0_u64, 0_u64);
        let prepare = || made += 1;
        let mut routine = Prepared::new(prepare, ByValue(|()| calls += 1), |&()| Answer::nothing());
        let span = routine.calls(Clock::finest(), count, &mut || {});
        drop(routine);
        assert_eq!((made, calls), (count, count));
        assert!(span.intervals >= intervals_min, "{span:?}");
    };
    check(1, 1);
    check(4096, 1);
    check(4097, 2);
    check(10_000, 3);

    let mut calls = 0_u64;
    let mut text = Plain::new(
        || {
            calls += 1;
            String::new()
        },
        |_| Answer::nothing(),
    );
    assert_eq!(text.calls(Clock::finest(), 10_000, &mut || {}).intervals, 4);
    drop(text);
    assert_eq!(calls, 10_000);
}

#[test]
fn kept_values_are_bounded() {
    assert_eq!(calls_max::<(), u64>(false), u64::MAX);
    assert_eq!(calls_max::<(), String>(false), 65536 / 24);
    assert_eq!(calls_max::<(), Box<u8>>(false), 4096);
    assert_eq!(calls_max::<[u8; 1 << 20], ()>(true), 1);
}

#[test]
fn time_that_is_told_is_taken() {
    let mut custom = Custom(|repeats| Duration::from_micros(repeats * 3));
    let clock = Clock::system();
    assert_eq!(custom.first(clock, &mut || {}).0, Span { ticks: 3000, intervals: 0 });
    assert_eq!(custom.calls(clock, 10, &mut || {}), Span { ticks: 30_000, intervals: 0 });
    assert!(custom.empty(clock, 10).is_none() && custom.has_own_clock());
    let mut endless = Custom(|_| Duration::MAX);
    assert_eq!(endless.calls(clock, 1, &mut || {}).ticks, u64::MAX);
}
