//! From a batch that has ended to its rows, and from readings to the windows of rows.

use tacho_schema::{MemoryLimiter, Row, Status, WindowShare};

use super::{Emission, Flight, Run, Stop};
use crate::child::Finished;
use crate::clock::monotonic_nanos;
use crate::conditions::Reading;
use crate::outcome::{self, Place};
use crate::run::point::PointState;
use crate::spawn::End;

/// The starter's own memory grows with the longest request: it is looked up at the first row of
/// every point, unless there are very many, and every so many rows.
const FLOOR_EVERY_ROWS: u64 = 1000;
const FLOOR_POINTS_MAX: usize = 10_000;

/// The exit code with which a shell tells that a KILL ended its command.
const SHELL_KILLED: i32 = 137;

impl Run<'_> {
    /// Makes the rows of a batch that has ended; a warm-up has some only when it failed.
    pub(super) fn record(&mut self, flight: &Flight, finished: &Finished) {
        let ended = &finished.ended;
        let wall = ended.span();
        self.last_end_nanos = ended.end_nanos;
        self.printed_bytes += ended.stdout.total_bytes() + ended.stderr.total_bytes();
        self.points[flight.point].ran(wall, ended);
        self.look_up_floor(flight);
        let point = &self.points[flight.point];
        // Side by side runs end in another order than they were begun in. What a program was asked
        // for by its number, and laid out by it, keeps that.
        let is_asked = point.planned.wire.is_some();
        let place = Place {
            sequence: self.sequence,
            process: self.processes,
            round: flight.round,
            repeat_index: if is_asked { flight.batch } else { point.batches },
            unix_offset_nanos: self.unix_offset_nanos,
            rss_floor_kb: self.rss_floor_kb,
            limiter: self.points[flight.point].limiter(flight.lane),
            out_of_memory: self.lacked_memory(flight, finished),
        };
        let point = &mut self.points[flight.point];
        let reader = point.reader.as_ref();
        let mut rows = outcome::rows(point.planned, reader, finished, place);
        point.expect_stages(&mut rows);
        point.check_answers(&mut rows, ended);
        if flight.round.is_none() && rows.iter().all(|row| row.status == Status::Ok) {
            return;
        }
        self.processes += 1;
        self.points[flight.point].record(wall, &rows);
        self.emit_rows(flight.point, rows, flight.since);
    }

    fn look_up_floor(&mut self, flight: &Flight) {
        let first = self.points[flight.point].rows == 0 && self.points.len() < FLOOR_POINTS_MAX;
        if first || self.sequence.is_multiple_of(FLOOR_EVERY_ROWS) {
            self.rss_floor_kb = self.pool.floor_kb(flight.lane);
        }
    }

    /// Whether the kernel ended the batch for lack of memory: it was killed, and the kernel's
    /// count of such kills rose, of its group or else of the machine. `Err` tells why nobody knows.
    fn lacked_memory(&mut self, flight: &Flight, finished: &Finished) -> Result<bool, String> {
        let killed = match finished.ended.end {
            End::Signaled(signal) => signal == libc::SIGKILL,
            End::Exited(code) => code == SHELL_KILLED,
            End::NotStarted { .. } => false,
        };
        let point = &mut self.points[flight.point];
        // Asked after every run: a kill that a program got over is not the next one's.
        let in_group = point.group_killed(flight.lane);
        let failed = !matches!(finished.ended.end, End::Exited(0));
        if failed && let Some(MemoryLimiter::RlimitAs) = point.limiter(flight.lane) {
            return Err(point.limiter_reason());
        }
        if in_group == Some(true) {
            // The machine counts the kills in our groups too.
            let _ = self.machine_kills.rose();
        }
        if !killed || finished.forced.is_some() {
            return Ok(false);
        }
        Ok(in_group.unwrap_or_else(|| {
            // A run on another lane may have outlived its own kill, and not have ended yet.
            let is_theirs = self.points.iter().any(PointState::has_group_kill);
            self.machine_kills.rose() && !is_theirs
        }))
    }

    /// Hands the rows of a batch on; `since` is the last reading before it began. A window is not
    /// closed between them: that of the others would last until after the next batch.
    pub(super) fn emit_rows(&mut self, index: usize, rows: Vec<Row>, since: Reading) {
        for row in rows {
            self.emit_row(index, row, since);
        }
        if !self.pending.is_empty() && monotonic_nanos() >= self.watch.due_nanos() {
            self.close_window();
        }
    }

    fn emit_row(&mut self, index: usize, mut row: Row, since: Reading) {
        if self.stop == Some(Stop::Sink) {
            return;
        }
        row.shared_machine = self.setting.shared_machine.then_some(true);
        row.sequence = Some(self.sequence);
        self.sequence += 1;
        self.leaked += row.leaked.unwrap_or(0);
        *self.by_status.entry(row.status).or_insert(0) += 1;
        self.hand_on(Emission::Row(index, Box::new(row)));
        match self.pending.last_mut() {
            Some((rows, shared)) if *shared == since => *rows += 1,
            _ => self.pending.push((1, since)),
        }
    }

    fn hand_on(&mut self, emission: Emission) {
        if !(self.emit)(emission) && self.stop.is_none() {
            self.stop = Some(Stop::Sink);
        }
    }

    /// The last reading before a batch that begins now; a new one where the last is old.
    pub(super) fn reading_before(&mut self) -> Reading {
        if monotonic_nanos() >= self.watch.due_nanos() {
            self.close_window();
        }
        self.watch.last()
    }

    /// Closes the window of rows that have waited for it long enough.
    pub(super) fn close_late_window(&mut self) {
        let late = self.watch.due_nanos() + super::WINDOW_SLACK_NANOS;
        if !self.pending.is_empty() && monotonic_nanos() >= late {
            self.close_window();
        }
    }

    /// Takes a reading, and tells the rows that wait for it what happened until then.
    pub(super) fn close_window(&mut self) {
        let later = self.watch.read();
        if self.pending.is_empty() {
            return;
        }
        let share =
            |(rows, since): (u32, Reading)| WindowShare { rows, conditions: since.until(&later) };
        let shares = std::mem::take(&mut self.pending).into_iter().map(share).collect();
        self.hand_on(Emission::Window(shares));
    }
}
