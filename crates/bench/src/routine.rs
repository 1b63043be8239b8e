//! The timed loops: what is called, with which inputs, and what becomes of the outputs.
//!
//! Outputs that must be dropped are kept until the clock is read, and inputs are made before it
//! is. The loop about nothing has the same shape, so that its cost can be subtracted.

use std::future::Future;
use std::hint::black_box;
use std::marker::PhantomData;
use std::mem::{MaybeUninit, needs_drop};
use std::pin::Pin;
use std::time::{Duration, Instant};

use crate::answer::Answer;
use crate::clock::{Clock, nanos};

/// The most calls between two readings of the clock where inputs or outputs are kept …
const KEPT_CALLS_MAX: u64 = 4096;

/// … and the most memory that these take themselves.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// Inputs are made ahead for at most this long, which bounds what they own.
const PREPARING_MAX: Duration = Duration::from_millis(2);

/// What the clock said: its ticks, and how many intervals they are the sum of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// Ticks of all intervals together.
    pub(crate) ticks: u64,
    /// Intervals, each with the cost of reading the clock in it.
    pub(crate) intervals: u64,
}

impl Span {
    fn one(ticks: u64) -> Self {
        Self { ticks, intervals: 1 }
    }

    fn add(&mut self, ticks: u64) {
        self.ticks = self.ticks.saturating_add(ticks);
        self.intervals += 1;
    }
}

/// What is measured, as the batch sees it.
pub(crate) trait Routine {
    /// Makes the first call, and looks at its output; `before` is done when its input is there.
    fn first(&mut self, clock: Clock, before: &mut dyn FnMut()) -> (Span, Answer);

    /// Makes `count` calls; `before` is done just before the first of them.
    fn calls(&mut self, clock: Clock, count: u64, before: &mut dyn FnMut()) -> Span;

    /// Makes about `count` turns of the same loop about nothing: the time and the turns.
    fn empty(&mut self, clock: Clock, count: u64) -> Option<(Span, u64)>;

    /// Whether it reads a clock of its own and tells nanoseconds.
    fn has_own_clock(&self) -> bool {
        false
    }
}

/// Outputs of an interval, where they must be dropped.
struct Outputs<T>(Vec<Option<T>>);

impl<T> Outputs<T> {
    fn new() -> Self {
        Self(Vec::new())
    }

    /// Makes room for so many outputs, and drops those that are there.
    fn make_ready(&mut self, count: u64) {
        self.0.clear();
        if needs_drop::<T>() {
            self.0.resize_with(count as usize, || None);
        }
    }
}

/// How many calls there may be in one interval.
fn calls_max<I, T>(inputs_are_kept: bool) -> u64 {
    if !inputs_are_kept && !needs_drop::<T>() {
        return u64::MAX;
    }
    let bytes = size_of::<I>() + size_of::<Option<T>>();
    ((KEPT_BYTES_MAX / bytes.max(1)) as u64).clamp(1, KEPT_CALLS_MAX)
}

/// Times one call for each input. `kept` is a constant of the caller, so one of both loops stays.
#[inline(always)]
fn time_each<I, T>(
    clock: Clock,
    inputs: impl Iterator<Item = I>,
    outputs: &mut [Option<T>],
    kept: bool,
    mut call: impl FnMut(I) -> T,
) -> u64 {
    if kept {
        let start = clock.now();
        for (slot, input) in outputs.iter_mut().zip(inputs) {
            // What is replaced is nothing: forgetting it spares the loop a test of that.
            std::mem::forget(slot.replace(call(input)));
            black_box(slot);
        }
        clock.now().saturating_sub(start)
    } else {
        let start = clock.now();
        for input in inputs {
            black_box(call(input));
        }
        clock.now().saturating_sub(start)
    }
}

/// A loop about nothing over outputs as large as `T`.
fn time_nothing<I, T>(clock: Clock, inputs: impl Iterator<Item = I>, count: u64) -> (Span, u64) {
    let kept = needs_drop::<T>();
    let mut outputs: Vec<Option<MaybeUninit<T>>> = Vec::new();
    if kept {
        outputs.resize_with(count as usize, || None);
    }
    let ticks = time_each(clock, inputs, &mut outputs, kept, |_| MaybeUninit::uninit());
    (Span::one(ticks), count)
}

/// Calls without an input.
pub(crate) struct Plain<F, T, D> {
    call: F,
    describe: D,
    outputs: Outputs<T>,
}

impl<F: FnMut() -> T, T, D: Fn(&T) -> Answer> Plain<F, T, D> {
    /// `describe` looks at the first output.
    pub(crate) fn new(call: F, describe: D) -> Self {
        Self { call, describe, outputs: Outputs::new() }
    }
}

impl<F: FnMut() -> T, T, D: Fn(&T) -> Answer> Routine for Plain<F, T, D> {
    fn first(&mut self, clock: Clock, before: &mut dyn FnMut()) -> (Span, Answer) {
        before();
        let start = clock.now();
        let output = black_box((self.call)());
        let ticks = clock.now().saturating_sub(start);
        (Span::one(ticks), (self.describe)(&output))
    }

    fn calls(&mut self, clock: Clock, count: u64, before: &mut dyn FnMut()) -> Span {
        let mut span = Span::default();
        let mut left = count;
        while left > 0 {
            let now = left.min(calls_max::<(), T>(false));
            self.outputs.make_ready(now);
            if left == count {
                before();
            }
            let (outputs, call) = (&mut self.outputs.0, &mut self.call);
            span.add(time_each(clock, 0..now, outputs, needs_drop::<T>(), |_| call()));
            left -= now;
        }
        self.outputs.make_ready(0);
        span
    }

    fn empty(&mut self, clock: Clock, count: u64) -> Option<(Span, u64)> {
        let count = count.min(calls_max::<(), T>(false));
        Some(time_nothing::<_, T>(clock, 0..count, count))
    }
}

/// How a prepared input is given to the call.
pub(crate) trait Handing<I, T> {
    /// Times a call for each input, and leaves the outputs in their slots.
    fn time(&mut self, clock: Clock, inputs: &mut Vec<I>, outputs: &mut [Option<T>]) -> u64;

    /// Times one call.
    fn time_one(&mut self, clock: Clock, input: I) -> (u64, T);
}

/// By value: the call is its end.
pub(crate) struct ByValue<F>(pub(crate) F);

impl<I, T, F: FnMut(I) -> T> Handing<I, T> for ByValue<F> {
    fn time(&mut self, clock: Clock, inputs: &mut Vec<I>, outputs: &mut [Option<T>]) -> u64 {
        let mut drained = inputs.drain(..);
        time_each(clock, drained.by_ref(), outputs, needs_drop::<T>(), &mut self.0)
    }

    fn time_one(&mut self, clock: Clock, input: I) -> (u64, T) {
        let start = clock.now();
        let output = black_box((self.0)(input));
        (clock.now().saturating_sub(start), output)
    }
}

/// By mutable reference: it is dropped outside the time.
pub(crate) struct ByMut<F>(pub(crate) F);

impl<I, T, F: FnMut(&mut I) -> T> Handing<I, T> for ByMut<F> {
    fn time(&mut self, clock: Clock, inputs: &mut Vec<I>, outputs: &mut [Option<T>]) -> u64 {
        time_each(clock, inputs.iter_mut(), outputs, needs_drop::<T>(), &mut self.0)
    }

    fn time_one(&mut self, clock: Clock, mut input: I) -> (u64, T) {
        let start = clock.now();
        let output = black_box((self.0)(&mut input));
        (clock.now().saturating_sub(start), output)
    }
}

/// Calls with an input that is made for each of them.
pub(crate) struct Prepared<P, H, I, T, D> {
    prepare: P,
    handing: H,
    describe: D,
    inputs: Vec<I>,
    outputs: Outputs<T>,
}

impl<P, H, I, T, D> Prepared<P, H, I, T, D>
where
    P: FnMut() -> I,
    H: Handing<I, T>,
    D: Fn(&T) -> Answer,
{
    /// `describe` looks at the first output.
    pub(crate) fn new(prepare: P, handing: H, describe: D) -> Self {
        Self { prepare, handing, describe, inputs: Vec::new(), outputs: Outputs::new() }
    }

    /// Makes up to `count` inputs, as many as are made within a bounded time.
    fn prepare(&mut self, count: u64) -> u64 {
        let begun = Instant::now();
        self.inputs.clear();
        for _ in 0..count {
            self.inputs.push((self.prepare)());
            if begun.elapsed() > PREPARING_MAX {
                break;
            }
        }
        black_box(&mut self.inputs);
        self.inputs.len() as u64
    }
}

impl<P, H, I, T, D> Routine for Prepared<P, H, I, T, D>
where
    P: FnMut() -> I,
    H: Handing<I, T>,
    D: Fn(&T) -> Answer,
{
    fn first(&mut self, clock: Clock, before: &mut dyn FnMut()) -> (Span, Answer) {
        let input = black_box((self.prepare)());
        before();
        let (ticks, output) = self.handing.time_one(clock, input);
        (Span::one(ticks), (self.describe)(&output))
    }

    fn calls(&mut self, clock: Clock, count: u64, before: &mut dyn FnMut()) -> Span {
        let mut span = Span::default();
        let mut left = count;
        while left > 0 {
            let now = self.prepare(left.min(calls_max::<I, T>(true)));
            self.outputs.make_ready(now);
            if left == count {
                before();
            }
            span.add(self.handing.time(clock, &mut self.inputs, &mut self.outputs.0));
            left -= now;
        }
        self.inputs.clear();
        self.outputs.make_ready(0);
        span
    }

    fn empty(&mut self, clock: Clock, count: u64) -> Option<(Span, u64)> {
        let count = count.min(calls_max::<I, T>(true));
        let mut inputs: Vec<MaybeUninit<I>> = Vec::new();
        inputs.resize_with(count as usize, MaybeUninit::uninit);
        Some(time_nothing::<_, T>(clock, inputs.iter_mut(), count))
    }
}

/// Calls that time themselves.
pub(crate) struct Custom<F>(pub(crate) F);

impl<F: FnMut(u64) -> Duration> Routine for Custom<F> {
    fn first(&mut self, clock: Clock, before: &mut dyn FnMut()) -> (Span, Answer) {
        (self.calls(clock, 1, before), Answer::unsaid())
    }

    fn calls(&mut self, _: Clock, count: u64, before: &mut dyn FnMut()) -> Span {
        before();
        Span { ticks: nanos((self.0)(count)), intervals: 0 }
    }

    fn empty(&mut self, _: Clock, _: u64) -> Option<(Span, u64)> {
        None
    }

    fn has_own_clock(&self) -> bool {
        true
    }
}

/// What an executor is given: the calls of one interval, which give back what they used.
pub type Task<'a, M, T> = Pin<Box<dyn Future<Output = Done<M, T>> + 'a>>;

/// What is back when a [`Task`] is done.
pub struct Done<M, T> {
    make: M,
    outputs: Vec<Option<T>>,
    ticks: u64,
}

/// Calls that are awaited; the executor is entered outside the time.
pub(crate) struct Awaited<'a, E, M, F, T, D> {
    executor: E,
    /// Absent only while a task has it.
    make: Option<M>,
    describe: D,
    outputs: Vec<Option<T>>,
    future: PhantomData<&'a F>,
}

impl<'a, E, M, F, T, D> Awaited<'a, E, M, F, T, D>
where
    E: FnMut(Task<'a, M, T>) -> Done<M, T>,
    M: FnMut() -> F + 'a,
    F: Future<Output = T> + 'a,
    T: 'a,
    D: Fn(&T) -> Answer,
{
    /// `describe` looks at the first output.
    pub(crate) fn new(executor: E, make: M, describe: D) -> Self {
        let outputs = Vec::new();
        Self { executor, make: Some(make), describe, outputs, future: PhantomData }
    }

    /// Times `count` calls in one task, and keeps what they gave where `kept` says so.
    fn time(&mut self, clock: Clock, count: u64, kept: bool) -> u64 {
        let mut make = self.make.take().expect("every task gives back the maker of its futures");
        let mut outputs = std::mem::take(&mut self.outputs);
        outputs.clear();
        outputs.resize_with(if kept { count as usize } else { 0 }, || None);
        let task = async move {
            let start = clock.now();
            if kept {
                for slot in &mut outputs {
                    std::mem::forget(slot.replace(make().await));
                    black_box(slot);
                }
            } else {
                for _ in 0..count {
                    black_box(make().await);
                }
            }
            let ticks = clock.now().saturating_sub(start);
            Done { make, outputs, ticks }
        };
        let done = (self.executor)(Box::pin(task));
        self.make = Some(done.make);
        self.outputs = done.outputs;
        done.ticks
    }
}

impl<'a, E, M, F, T, D> Routine for Awaited<'a, E, M, F, T, D>
where
    E: FnMut(Task<'a, M, T>) -> Done<M, T>,
    M: FnMut() -> F + 'a,
    F: Future<Output = T> + 'a,
    T: 'a,
    D: Fn(&T) -> Answer,
{
    fn first(&mut self, clock: Clock, before: &mut dyn FnMut()) -> (Span, Answer) {
        before();
        let ticks = self.time(clock, 1, true);
        let answer = self.outputs.first().and_then(Option::as_ref).map(&self.describe);
        self.outputs.clear();
        (Span::one(ticks), answer.unwrap_or_else(Answer::unsaid))
    }

    fn calls(&mut self, clock: Clock, count: u64, before: &mut dyn FnMut()) -> Span {
        before();
        let mut span = Span::default();
        let mut left = count;
        while left > 0 {
            let now = left.min(calls_max::<(), T>(false));
            span.add(self.time(clock, now, needs_drop::<T>()));
            left -= now;
        }
        self.outputs.clear();
        span
    }

    fn empty(&mut self, clock: Clock, count: u64) -> Option<(Span, u64)> {
        let count = count.min(calls_max::<(), T>(false));
        Some(time_nothing::<_, T>(clock, 0..count, count))
    }
}

#[cfg(test)]
mod tests;
