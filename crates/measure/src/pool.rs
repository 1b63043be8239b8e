//! The lanes on which batches run: one, or several side by side.
//!
//! Each lane is a starter with its supervisor. A plan with `jobs` over 1 has so many lanes; each
//! then runs one batch at a time. With one lane runs are queued with its starter.

use rustix::event::{PollFd, PollFlags, Timespec};

use crate::child::{Finished, Happening, Supervisor};
use crate::clock::monotonic_nanos;
use crate::program::Program;
use crate::signals::Signals;
use crate::spawn::{self, SpawnError};

/// What happened on one of the lanes.
#[derive(Debug)]
pub(crate) enum Event {
    /// A child of this lane has ended.
    Finished(usize, Box<Finished>),
    /// A signal came.
    Woken,
    /// The time that was waited for has come.
    Due,
}

/// The lanes of a run; there is at least one.
pub struct Pool {
    lanes: Vec<Supervisor>,
}

impl Pool {
    /// Starts the lanes for `jobs` batches at a time. The second value says why there is only one
    /// where more were wanted.
    ///
    /// # Errors
    /// [`SpawnError`] when a starter cannot be started.
    pub fn start(jobs: u32, signals: &Signals) -> Result<(Self, Option<String>), SpawnError> {
        let lane = || {
            let what = "listen for signals";
            let wake = signals.wake().map_err(|source| SpawnError::System { what, source })?;
            spawn::start(wake).map(Supervisor::new)
        };
        let mut lanes = vec![lane()?];
        if jobs > 1 && !lanes[0].spawner().shares_machine() {
            let name = lanes[0].spawner().name();
            let why = format!("the `{name}` starter runs one batch at a time: jobs is 1");
            return Ok((Self { lanes }, Some(why)));
        }
        for _ in 1..jobs {
            lanes.push(lane()?);
        }
        Ok((Self { lanes }, None))
    }

    /// One lane.
    #[must_use]
    pub fn of(lane: Supervisor) -> Self {
        Self { lanes: vec![lane] }
    }

    /// Several lanes, for tests.
    #[cfg(test)]
    pub(crate) fn of_all(lanes: Vec<Supervisor>) -> Self {
        Self { lanes }
    }

    /// The first lane: what is asked before anything is measured is asked there.
    pub fn first(&mut self) -> &mut Supervisor {
        &mut self.lanes[0]
    }

    /// How many lanes there are.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// Batches that run or are queued.
    pub(crate) fn in_flight(&self) -> usize {
        self.lanes.iter().map(Supervisor::in_flight).sum()
    }

    /// Lanes with a batch.
    pub(crate) fn active(&self) -> usize {
        self.lanes.iter().filter(|lane| lane.in_flight() > 0).count()
    }

    /// A lane without a batch.
    pub(crate) fn idle(&self) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.in_flight() == 0)
    }

    /// The smallest peak memory that can be read of a child of this lane, in KiB.
    pub(crate) fn floor_kb(&self, lane: usize) -> Option<u64> {
        self.lanes[lane].spawner().floor_kb()
    }

    /// Whether an event can be had without waiting.
    pub(crate) fn has_event(&self) -> bool {
        self.lanes.iter().any(|lane| lane.spawner().has_event())
    }

    /// See [`Supervisor::start`].
    pub(crate) fn start_on(
        &mut self,
        lane: usize,
        program: &Program,
        timeout_nanos: u64,
        quiet: bool,
    ) -> Result<u64, SpawnError> {
        self.lanes[lane].start(program, timeout_nanos, quiet)
    }

    /// Ends what runs and drops what is queued, on every lane.
    pub(crate) fn cancel(&mut self) -> Result<(), SpawnError> {
        self.lanes.iter_mut().try_for_each(Supervisor::cancel)
    }

    /// Waits for the next event, at most until `until_nanos` (CLOCK_MONOTONIC).
    pub(crate) fn next(&mut self, until_nanos: u64) -> Result<Event, SpawnError> {
        if self.lanes.len() == 1 {
            return Ok(match self.lanes[0].next(Some(until_nanos))? {
                Happening::Finished(finished) => Event::Finished(0, finished),
                Happening::Woken => Event::Woken,
                Happening::Due => Event::Due,
            });
        }
        loop {
            for (index, lane) in self.lanes.iter_mut().enumerate() {
                if lane.in_flight() == 0 {
                    continue;
                }
                match lane.next(Some(0))? {
                    Happening::Finished(finished) => return Ok(Event::Finished(index, finished)),
                    Happening::Woken => return Ok(Event::Woken),
                    Happening::Due => {}
                }
            }
            if until_nanos <= monotonic_nanos() {
                return Ok(Event::Due);
            }
            self.sleep(until_nanos)?;
        }
    }

    /// Sleeps until something can be read on a lane, or one has something to do.
    fn sleep(&mut self, until_nanos: u64) -> Result<(), SpawnError> {
        let mut due = until_nanos;
        let mut watched = Vec::new();
        for lane in self.lanes.iter_mut().filter(|lane| lane.in_flight() > 0) {
            due = due.min(lane.due_nanos()?.unwrap_or(u64::MAX));
            for fd in lane.spawner_mut().watched()? {
                watched.push(PollFd::from_borrowed_fd(fd, PollFlags::IN));
            }
        }
        let left = due.saturating_sub(monotonic_nanos());
        let timeout = Timespec {
            tv_sec: (left / 1_000_000_000) as i64,
            tv_nsec: (left % 1_000_000_000) as i64,
        };
        match rustix::event::poll(&mut watched, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(errno) => Err(SpawnError::system("wait for the starters")(errno)),
        }
    }
}
