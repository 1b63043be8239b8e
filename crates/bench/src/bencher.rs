//! What a benchmark is given to say what is measured.

use std::fmt::{Debug, Display};
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use crate::answer::Answer;
use crate::batch::{self, Batch, Order};
use crate::routine::{Awaited, ByMut, ByValue, Custom, Done, Plain, Prepared, Routine, Task};
use crate::team::{Deserted, Team};
use crate::wire::serve;

/// What is done with that which a benchmark says.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    /// It is measured; the team's other threads follow.
    Measure(Order, Option<Arc<Team>>),
    /// It is measured together with the thread that decides.
    Follow(Arc<Team>),
    /// It is called when a line on standard input says so.
    Serve,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A batch.
    Batch(Batch),
    /// Requests were answered, or another thread has the batch.
    Done,
}

/// Measures one batch of a workload: one of its methods is called, once.
///
/// Whatever happens before and behind that call is not measured: the set-up of a batch.
///
/// ```
/// use std::collections::HashMap;
/// use std::time::Instant;
/// use tacho_bench::{Bencher, bench, black_box};
///
/// /// What the function returns is the answer.
/// #[bench(args = [10, 1000])]
/// fn look_up(bencher: &mut Bencher, n: u64) -> Option<u64> {
///     let squares: HashMap<u64, u64> = (0..n).map(|i| (i, i * i)).collect();
///     bencher.iter(|| squares.get(&black_box(7)).copied());
///     squares.get(&7).copied()
/// }
///
/// /// Each call has an input of its own.
/// #[bench]
/// fn reversed(bencher: &mut Bencher) {
///     bencher.with_input(|| vec![1, 2, 3]).iter_mut(|numbers| numbers.reverse());
/// }
///
/// /// All calls of a batch share a state.
/// #[bench]
/// fn counted(bencher: &mut Bencher) {
///     bencher.with_state(|| 0_u64).iter(|count| *count += 1);
/// }
///
/// /// The calls time themselves.
/// #[bench]
/// fn by_its_own_clock(bencher: &mut Bencher) {
///     bencher.iter_custom(|calls| {
///         let start = Instant::now();
///         for call in 0..calls {
///             black_box(call);
///         }
///         start.elapsed()
///     });
/// }
/// ```
#[derive(Debug)]
pub struct Bencher {
    job: Job,
    outcome: Option<Outcome>,
    answer: Option<Answer>,
    problem: Option<String>,
}

impl Bencher {
    /// Measures `call`. Outputs are dropped outside the time.
    pub fn iter<T>(&mut self, call: impl FnMut() -> T) {
        self.iter_described(call, |_| Answer::unsaid());
    }

    /// Measures calls that each have an input of their own, made outside the time.
    pub fn with_input<I, P: FnMut() -> I>(&mut self, prepare: P) -> WithInput<'_, P> {
        WithInput { bencher: self, prepare }
    }

    /// Measures calls that share a state, made once a batch.
    pub fn with_state<S, M: FnOnce() -> S>(&mut self, make: M) -> WithState<'_, M> {
        WithState { bencher: self, make }
    }

    /// Measures calls that time themselves: `time` makes so many and tells how long they took.
    ///
    /// Nothing is subtracted from that.
    pub fn iter_custom(&mut self, time: impl FnMut(u64) -> Duration) {
        self.run(&mut Custom(time));
    }

    /// Measures calls that are awaited by an executor, as `pollster::block_on`.
    ///
    /// The executor is entered once for many calls, outside the time.
    pub fn iter_async<'a, M, F>(
        &mut self,
        executor: impl FnMut(Task<'a, M, F::Output>) -> Done<M, F::Output>,
        make: M,
    ) where
        M: FnMut() -> F + 'a,
        F: Future + 'a,
        F::Output: 'a,
    {
        self.iter_async_described(executor, make, |_| Answer::unsaid());
    }

    /// Says the benchmark's answer, which is hashed and compared. Behind the measurement, so that
    /// a cold call stays the first.
    pub fn answer<T: Hash + Debug + ?Sized>(&mut self, answer: &T) {
        self.answer = Some(Answer::of(answer));
    }

    /// The same by the answer's text, which programs in other languages can hash alike, too.
    pub fn answer_text<T: Display + ?Sized>(&mut self, answer: &T) {
        self.answer = Some(Answer::of_text(answer));
    }
}

/// For the attribute's expansion, and for the answers of what a process measures.
impl Bencher {
    #[doc(hidden)]
    pub fn iter_described<T>(&mut self, call: impl FnMut() -> T, describe: impl Fn(&T) -> Answer) {
        self.run(&mut Plain::new(call, describe));
    }

    #[doc(hidden)]
    pub fn iter_async_described<'a, M, F>(
        &mut self,
        executor: impl FnMut(Task<'a, M, F::Output>) -> Done<M, F::Output>,
        make: M,
        describe: impl Fn(&F::Output) -> Answer,
    ) where
        M: FnMut() -> F + 'a,
        F: Future + 'a,
        F::Output: 'a,
    {
        self.run(&mut Awaited::new(executor, make, describe));
    }

    #[doc(hidden)]
    pub fn described(&mut self, answer: Answer) {
        self.answer = Some(answer);
    }

    /// The parameter in the benchmark's own type, or none and an error row.
    #[doc(hidden)]
    pub fn fit<N: TryFrom<u64>>(&mut self, param: u64) -> Option<N> {
        let fitting = N::try_from(param).ok();
        if fitting.is_none() {
            let kind = std::any::type_name::<N>();
            self.problem = Some(format!("the parameter {param} does not fit its type {kind}"));
        }
        fitting
    }

    pub(crate) fn new(job: Job) -> Self {
        Self { job, outcome: None, answer: None, problem: None }
    }

    /// What came of the benchmark, or why nothing did.
    pub(crate) fn into_outcome(self) -> Result<Outcome, String> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let never = "it takes a Bencher and measures nothing with it: call iter or another of \
                     its methods";
        let mut outcome = self.outcome.ok_or_else(|| never.to_owned())?;
        if let (Outcome::Batch(batch), Some(answer)) = (&mut outcome, self.answer) {
            batch.answer = answer;
        }
        Ok(outcome)
    }

    fn run(&mut self, routine: &mut dyn Routine) {
        if self.outcome.is_some() || self.problem.is_some() {
            let twice = "it measures more than once: call iter or another of its methods once, \
                         and write a benchmark for each thing that is measured";
            self.problem.get_or_insert_with(|| twice.to_owned());
            return;
        }
        let done = match &self.job {
            Job::Measure(order, team) => {
                batch::measure(routine, *order, team.as_deref()).map(Outcome::Batch).map_err(said)
            }
            Job::Follow(team) => {
                let clock = batch::clock_for(routine);
                team.follow(clock, routine).map(|()| Outcome::Done).map_err(said)
            }
            Job::Serve => serve::serve(routine).map(|()| Outcome::Done),
        };
        match done {
            Ok(outcome) => self.outcome = Some(outcome),
            Err(problem) => self.problem = Some(problem),
        }
    }
}

fn said(_: Deserted) -> String {
    "one of its threads ended before the others: each must measure the same".to_owned()
}

/// Calls with an input each; made by [`Bencher::with_input`].
#[must_use = "nothing is measured before iter or iter_mut"]
pub struct WithInput<'a, P> {
    bencher: &'a mut Bencher,
    prepare: P,
}

impl<I, P: FnMut() -> I> WithInput<'_, P> {
    /// Measures a call that takes its input. What it does not give back is dropped within the time.
    pub fn iter<T>(self, call: impl FnMut(I) -> T) {
        self.iter_described(call, |_| Answer::unsaid());
    }

    /// Measures a call that changes its input, which is dropped outside the time.
    pub fn iter_mut<T>(self, call: impl FnMut(&mut I) -> T) {
        self.iter_mut_described(call, |_| Answer::unsaid());
    }

    #[doc(hidden)]
    pub fn iter_described<T>(self, call: impl FnMut(I) -> T, describe: impl Fn(&T) -> Answer) {
        self.bencher.run(&mut Prepared::new(self.prepare, ByValue(call), describe));
    }

    #[doc(hidden)]
    pub fn iter_mut_described<T>(
        self,
        call: impl FnMut(&mut I) -> T,
        describe: impl Fn(&T) -> Answer,
    ) {
        self.bencher.run(&mut Prepared::new(self.prepare, ByMut(call), describe));
    }
}

/// Calls that share a state; made by [`Bencher::with_state`].
#[must_use = "nothing is measured before iter"]
pub struct WithState<'a, M> {
    bencher: &'a mut Bencher,
    make: M,
}

impl<S, M: FnOnce() -> S> WithState<'_, M> {
    /// Measures a call that works on the state.
    pub fn iter<T>(self, call: impl FnMut(&mut S) -> T) {
        self.iter_described(call, |_| Answer::unsaid());
    }

    #[doc(hidden)]
    pub fn iter_described<T>(
        self,
        mut call: impl FnMut(&mut S) -> T,
        describe: impl Fn(&T) -> Answer,
    ) {
        let mut state = (self.make)();
        self.bencher.run(&mut Plain::new(|| call(&mut state), describe));
    }
}
