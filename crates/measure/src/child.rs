//! One child's life: queued, running, past its deadline, told to end, killed.
//!
//! The deadline counts from the moment the child was made. At it the process group gets TERM, after
//! the grace KILL; what it leaves behind is killed by the starter. A cancelled child goes the same
//! way. A child that even KILL does not end within [`UNKILLABLE_NANOS`] is an error.

use std::collections::VecDeque;

use crate::clock::monotonic_nanos;
use crate::program::Program;
use crate::spawn::{Ended, Event, Next, SpawnError, Spawner};

/// Between TERM and KILL.
pub const GRACE_NANOS: u64 = 1_000_000_000;

/// Between KILL and giving up on a child that hangs in the kernel.
pub const UNKILLABLE_NANOS: u64 = 30_000_000_000;

/// For what ends by itself or by a signal.
pub const NO_TIMEOUT_NANOS: u64 = u64::MAX / 4;

/// Why we ended a child ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    /// Its timeout passed.
    TimedOut,
    /// The run was cancelled: by the user or by its budget.
    Cancelled,
}

/// A child that has ended, and whether we made it end.
#[derive(Debug)]
pub struct Finished {
    /// What the starter says.
    pub ended: Ended,
    /// Why we ended it, if we did.
    pub forced: Option<Forced>,
}

/// What the supervisor reports.
#[derive(Debug)]
pub enum Happening {
    /// A child has ended.
    Finished(Box<Finished>),
    /// The wake descriptor can be read.
    Woken,
    /// The time that was waited for has come.
    Due,
}

#[derive(Clone, Copy)]
enum Phase {
    /// Not announced: short-lived, or still queued.
    Queued,
    Running {
        deadline_nanos: u64,
    },
    Terminating {
        kill_at_nanos: u64,
        why: Forced,
    },
    Killed {
        since_nanos: u64,
        why: Forced,
    },
}

struct Charge {
    token: u64,
    pid: i32,
    timeout_nanos: u64,
    phase: Phase,
}

/// Keeps every child of a starter to its deadline.
pub struct Supervisor {
    spawner: Box<dyn Spawner>,
    charges: VecDeque<Charge>,
    next_token: u64,
    cancelled: bool,
}

impl Supervisor {
    /// Takes charge of what `spawner` starts.
    #[must_use]
    pub fn new(spawner: Box<dyn Spawner>) -> Self {
        Self { spawner, charges: VecDeque::new(), next_token: 1, cancelled: false }
    }

    /// The starter, for its name and floor.
    #[must_use]
    pub fn spawner(&self) -> &dyn Spawner {
        self.spawner.as_ref()
    }

    /// The starter, for its descriptors.
    pub(crate) fn spawner_mut(&mut self) -> &mut dyn Spawner {
        self.spawner.as_mut()
    }

    /// Takes the step that is due, and returns when the next one will be.
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone, or a child cannot be killed.
    pub(crate) fn due_nanos(&mut self) -> Result<Option<u64>, SpawnError> {
        self.enforce()
    }

    /// Children that are queued or running.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.charges.len()
    }

    /// Queues a run of `program` that may take `timeout_nanos`; returns its token. `quiet`: see
    /// [`Spawner::submit`].
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    pub fn start(
        &mut self,
        program: &Program,
        timeout_nanos: u64,
        quiet: bool,
    ) -> Result<u64, SpawnError> {
        if self.charges.is_empty() {
            self.cancelled = false;
        }
        let token = self.next_token;
        self.spawner.submit(token, program, quiet)?;
        self.next_token += 1;
        self.charges.push_back(Charge { token, pid: 0, timeout_nanos, phase: Phase::Queued });
        Ok(token)
    }

    /// Ends the running child and drops the queued ones; each still is reported as finished when
    /// it ran.
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    pub fn cancel(&mut self) -> Result<(), SpawnError> {
        self.cancelled = true;
        let now = monotonic_nanos();
        if let Some(charge) = self.charges.front_mut()
            && matches!(charge.phase, Phase::Running { .. })
        {
            charge.phase =
                Phase::Terminating { kill_at_nanos: now + GRACE_NANOS, why: Forced::Cancelled };
            self.spawner.signal(charge.token, libc::SIGTERM)?;
        }
        Ok(())
    }

    /// Runs `program` alone and waits for it; waking cancels it.
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    pub fn run_alone(
        &mut self,
        program: &Program,
        timeout_nanos: u64,
    ) -> Result<Option<Box<Finished>>, SpawnError> {
        self.run_one(program, timeout_nanos, true)
    }

    /// The same for what must be done: waking does not cancel it.
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone.
    pub fn run_to_its_end(
        &mut self,
        program: &Program,
    ) -> Result<Option<Box<Finished>>, SpawnError> {
        self.run_one(program, NO_TIMEOUT_NANOS, false)
    }

    fn run_one(
        &mut self,
        program: &Program,
        timeout_nanos: u64,
        cancellable: bool,
    ) -> Result<Option<Box<Finished>>, SpawnError> {
        self.start(program, timeout_nanos, false)?;
        while self.in_flight() > 0 {
            match self.next(None)? {
                Happening::Finished(finished) => return Ok(Some(finished)),
                Happening::Woken => {
                    if cancellable {
                        self.cancel()?;
                    }
                    // The descriptor stays readable until its owner asks why.
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                Happening::Due => {}
            }
        }
        Ok(None)
    }

    /// Waits for the next happening, at most until `until_nanos` (CLOCK_MONOTONIC), and meanwhile
    /// keeps the running child to its deadline.
    ///
    /// # Errors
    /// [`SpawnError`] when the starter is gone, or a child cannot be killed.
    pub fn next(&mut self, until_nanos: Option<u64>) -> Result<Happening, SpawnError> {
        loop {
            let due = match (self.enforce()?, until_nanos) {
                (Some(own), Some(theirs)) => Some(own.min(theirs)),
                (own, theirs) => own.or(theirs),
            };
            match self.spawner.wait(due)? {
                Event::Started { token, pid, start_nanos } => {
                    self.started(token, pid, start_nanos)?;
                }
                Event::Ended(ended) => {
                    if let Some(finished) = self.ended(*ended)? {
                        return Ok(Happening::Finished(finished));
                    }
                }
                Event::Woken => return Ok(Happening::Woken),
                Event::Due => {
                    if until_nanos.is_some_and(|until| until <= monotonic_nanos()) {
                        return Ok(Happening::Due);
                    }
                }
            }
        }
    }

    /// Takes the step that is due for the running child; returns when the next one will be.
    fn enforce(&mut self) -> Result<Option<u64>, SpawnError> {
        let now = monotonic_nanos();
        let Some(charge) = self.charges.front_mut() else { return Ok(None) };
        match charge.phase {
            Phase::Queued => Ok(None),
            Phase::Running { deadline_nanos } if now < deadline_nanos => Ok(Some(deadline_nanos)),
            Phase::Running { .. } => {
                let kill_at_nanos = now + GRACE_NANOS;
                charge.phase = Phase::Terminating { kill_at_nanos, why: Forced::TimedOut };
                self.spawner.signal(charge.token, libc::SIGTERM)?;
                Ok(Some(kill_at_nanos))
            }
            Phase::Terminating { kill_at_nanos, .. } if now < kill_at_nanos => {
                Ok(Some(kill_at_nanos))
            }
            Phase::Terminating { why, .. } => {
                charge.phase = Phase::Killed { since_nanos: now, why };
                self.spawner.signal(charge.token, libc::SIGKILL)?;
                Ok(Some(now + UNKILLABLE_NANOS))
            }
            Phase::Killed { since_nanos, .. } if now < since_nanos + UNKILLABLE_NANOS => {
                Ok(Some(since_nanos + UNKILLABLE_NANOS))
            }
            Phase::Killed { .. } => Err(SpawnError::Unkillable { pid: charge.pid }),
        }
    }

    fn started(&mut self, token: u64, pid: i32, start_nanos: u64) -> Result<(), SpawnError> {
        if let Some(charge) = self.charges.iter_mut().find(|charge| charge.token == token) {
            charge.pid = pid;
            let deadline_nanos = start_nanos.saturating_add(charge.timeout_nanos);
            charge.phase = Phase::Running { deadline_nanos };
        }
        if self.cancelled { self.cancel() } else { Ok(()) }
    }

    fn ended(&mut self, ended: Ended) -> Result<Option<Box<Finished>>, SpawnError> {
        if ended.held {
            let last = self.next_token - 1;
            let next = if self.cancelled { Next::DiscardThrough(last) } else { Next::Resume };
            self.spawner.go_on(next)?;
        }
        let dropped = ended.held && self.cancelled;
        let Some(place) = self.charges.iter().position(|charge| charge.token == ended.token) else {
            return Ok(None);
        };
        let charge = self.charges.remove(place).expect("position was just found");
        if dropped {
            self.charges.clear();
        }
        let forced = match charge.phase {
            Phase::Queued | Phase::Running { .. } => None,
            // Its end crossed our signal: it was in time all the same.
            Phase::Terminating { why: Forced::TimedOut, .. }
                if ended.span() < charge.timeout_nanos =>
            {
                None
            }
            Phase::Terminating { why, .. } | Phase::Killed { why, .. } => Some(why),
        };
        Ok(Some(Box::new(Finished { ended, forced })))
    }
}

#[cfg(test)]
mod tests;
