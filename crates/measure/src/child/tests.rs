use super::*;
use crate::fake::{Act, FakeSpawner};
use crate::spawn::End;

const TERM: i32 = libc::SIGTERM;
const KILL: i32 = libc::SIGKILL;

#[track_caller]
fn check(act: Act, timeout_nanos: u64, signals: &[i32], end: End, forced: Option<Forced>) {
    let fake = FakeSpawner::new(&[act]);
    let sent = fake.signals.clone();
    let mut supervisor = Supervisor::new(Box::new(fake));
    supervisor.start(&Program::nothing(), timeout_nanos, false).unwrap();
    let Happening::Finished(finished) = supervisor.next(None).unwrap() else {
        panic!("nothing else is waited for")
    };
    assert_eq!((finished.ended.end, finished.forced), (end, forced));
    assert_eq!(*sent.borrow(), signals);
    assert_eq!(supervisor.in_flight(), 0);
}

#[test]
fn deadlines() {
    let ends = |end| Act::Ends { end, wall_nanos: 5 };
    check(ends(End::Exited(0)), 1_000_000, &[], End::Exited(0), None);
    check(ends(End::Signaled(11)), 1_000_000, &[], End::Signaled(11), None);
    let timed_out = Some(Forced::TimedOut);
    let hangs = Act::Hangs { ignores_term: false };
    check(hangs, 1_000_000, &[TERM], End::Signaled(TERM), timed_out);
    check(Act::CrossesSignal { wall_nanos: 900_000 }, 1_000_000, &[TERM], End::Exited(0), None);
    let deaf = Act::Hangs { ignores_term: true };
    check(deaf, 1_000_000, &[TERM, KILL], End::Signaled(KILL), timed_out);
}

#[test]
fn a_cancelled_child_is_ended_and_the_queue_is_dropped() {
    let fake = FakeSpawner::new(&[Act::Hangs { ignores_term: false }]);
    let ran = fake.ran.clone();
    let mut supervisor = Supervisor::new(Box::new(fake));
    for _ in 0..3 {
        supervisor.start(&Program::nothing(), u64::MAX / 2, false).unwrap();
    }
    let due = monotonic_nanos() + 1_000_000;
    assert!(matches!(supervisor.next(Some(due)), Ok(Happening::Due)));
    supervisor.cancel().unwrap();
    let Ok(Happening::Finished(finished)) = supervisor.next(None) else { panic!() };
    assert_eq!(finished.forced, Some(Forced::Cancelled));
    assert_eq!(ran.borrow().len(), 1);
}

#[test]
fn a_starter_that_dies_is_an_error() {
    let mut supervisor = Supervisor::new(Box::new(FakeSpawner::new(&[Act::StarterDies])));
    supervisor.start(&Program::nothing(), 1, false).unwrap();
    assert!(matches!(supervisor.next(None), Err(SpawnError::Gone(_))));
}
