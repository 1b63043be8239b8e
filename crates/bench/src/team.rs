//! Threads that measure the same slice at once: each has its own routine, one of them decides.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::clock::Clock;
use crate::routine::{Routine, Span};

/// Turns of waiting before the processor is given away.
const SPINS_MAX: u32 = 4096;

/// What all threads of a team do together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// The first call.
    First,
    /// So many calls.
    Calls(u64),
    /// Nothing more.
    End,
}

/// The threads of one batch.
#[derive(Debug)]
pub(crate) struct Team {
    threads: usize,
    /// Threads at the gate.
    waiting: AtomicUsize,
    /// How often the gate was opened.
    opened: AtomicUsize,
    /// A thread has left without measuring: whoever waits for it gives up.
    left: AtomicBool,
    asked: Mutex<Ask>,
    slowest: Mutex<Span>,
}

/// A thread of the team went before the others were done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deserted;

impl Team {
    /// Of so many threads, at least one.
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            threads,
            waiting: AtomicUsize::new(0),
            opened: AtomicUsize::new(0),
            left: AtomicBool::new(false),
            asked: Mutex::new(Ask::End),
            slowest: Mutex::new(Span::default()),
        }
    }

    /// Says that a thread will not come to the gate any more.
    pub(crate) fn leave(&self) {
        self.left.store(true, Ordering::Release);
    }

    /// Waits until all are here; as long as the slowest needs, for that is what is measured.
    fn gate(&self) -> Result<(), Deserted> {
        let opened = self.opened.load(Ordering::Acquire);
        if self.waiting.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.waiting.store(0, Ordering::Release);
            self.opened.fetch_add(1, Ordering::Release);
            return Ok(());
        }
        let mut spins = 0_u32;
        while self.opened.load(Ordering::Acquire) == opened {
            // Who left through the gate's last opening had opened it before.
            let left = self.left.load(Ordering::Acquire);
            if left && self.opened.load(Ordering::Acquire) == opened {
                return Err(Deserted);
            }
            spins = spins.saturating_add(1);
            if spins < SPINS_MAX { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        Ok(())
    }

    /// The deciding thread says what is done, before [`Team::perform`].
    pub(crate) fn ask(&self, ask: Ask) -> Result<(), Deserted> {
        *lock(&self.asked) = ask;
        *lock(&self.slowest) = Span::default();
        self.gate()
    }

    /// Another thread waits for what is done.
    fn asked(&self) -> Result<Ask, Deserted> {
        self.gate()?;
        Ok(*lock(&self.asked))
    }

    /// Does `work`, whose `before` waits for all; the span of the slowest thread comes back.
    pub(crate) fn perform(
        &self,
        mut work: impl FnMut(&mut dyn FnMut()) -> Span,
    ) -> Result<Span, Deserted> {
        let mut together = Ok(());
        let own = work(&mut || together = self.gate());
        together?;
        {
            let mut slowest = lock(&self.slowest);
            if own.ticks >= slowest.ticks {
                *slowest = own;
            }
        }
        self.gate()?;
        let slowest = *lock(&self.slowest);
        // Nobody asks for more before everybody has read this.
        self.gate()?;
        Ok(slowest)
    }

    /// What a thread that does not decide does for the whole batch.
    pub(crate) fn follow(&self, clock: Clock, routine: &mut dyn Routine) -> Result<(), Deserted> {
        loop {
            match self.asked()? {
                Ask::First => self.perform(|before| routine.first(clock, before).0)?,
                Ask::Calls(count) => self.perform(|before| routine.calls(clock, count, before))?,
                Ask::End => return Ok(()),
            };
        }
    }
}

/// What the mutex holds is whole after every statement, so a panic elsewhere spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
