//! The stream of `--message-format json`: events on standard output while a run works.

use std::io::{BufWriter, ErrorKind, Stdout, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tacho_measure::run::{Phase, Progress};
use tacho_schema::{
    CaptureHeader, CaptureSummary, Event, PlanDoc, Row, RunPhase, SummaryDoc, jsonl,
};

use crate::exit::Exit;
use crate::failure::Failure;

/// The stream. Events that come close together are written together, rows with the next progress
/// at the latest. Rows come from the journal's thread, once all of each is known.
///
/// A reader that goes away ends the stream and not the measuring; one that stops reading stops
/// both once the pipe is full, because no event is dropped.
pub(crate) struct Events {
    state: Mutex<State>,
}

struct State {
    /// `None` once nobody reads any more.
    out: Option<BufWriter<Stdout>>,
    is_started: bool,
    /// Notes from before the first event, which is always the capture's start.
    waiting: Vec<String>,
    failure: Option<std::io::Error>,
}

impl Events {
    /// A stream to standard output; nothing is written yet.
    pub(crate) fn new() -> Self {
        let out = Some(BufWriter::new(std::io::stdout()));
        let state = State { out, is_started: false, waiting: Vec::new(), failure: None };
        Self { state: Mutex::new(state) }
    }

    /// The capture begins.
    pub(crate) fn started(&self, header: &CaptureHeader, plan: &PlanDoc) {
        let waiting = {
            let mut state = self.state();
            state.is_started = true;
            std::mem::take(&mut state.waiting)
        };
        self.send(&Event::CaptureStarted {
            schema_version: tacho_schema::version::Version,
            id: header.id.clone(),
            points: plan.points.len() as u64,
            seed: header.seed,
        });
        for text in waiting {
            self.send(&Event::Note { text });
        }
        self.flush();
    }

    /// A sentence that the user is told too.
    pub(crate) fn note(&self, text: &str) {
        let is_started = self.state().is_started;
        if is_started {
            self.send(&Event::Note { text: text.to_owned() });
            self.flush();
        } else {
            self.state().waiting.push(text.to_owned());
        }
    }

    /// A row; it is written with the next [`Events::flush`].
    pub(crate) fn row(&self, row: &Row) {
        self.send(&Event::Row { row: Box::new(row.clone()) });
    }

    /// Where the run is; `waits`: how often a row had to wait for the journal.
    pub(crate) fn progress(&self, progress: &Progress, waits: u64, plan: &PlanDoc) {
        let phase = match progress.phase {
            Phase::Setup => RunPhase::Setup,
            Phase::Warmup => RunPhase::Warmup,
            Phase::Measure => RunPhase::Measure,
            Phase::Cleanup => RunPhase::Cleanup,
        };
        self.send(&Event::Progress {
            phase,
            point: plan.points.get(progress.point).map(|planned| planned.point.to_string()),
            point_rows: progress.point_rows,
            points_over: progress.points_over as u64,
            points: progress.points as u64,
            rows: progress.rows,
            active: progress.active as u64,
            queued: progress.queued as u64,
            printed_bytes: progress.printed_bytes,
            backpressure_waits: waits,
            elapsed_nanos: progress.elapsed_nanos,
            remaining_nanos: progress.remaining_nanos,
        });
        self.flush();
    }

    /// The capture is committed.
    pub(crate) fn ended(&self, summary: &CaptureSummary, exit: Exit) {
        self.send(&Event::CaptureEnded { summary: summary.clone(), exit: exit.code() });
        self.flush();
    }

    /// What the rows say.
    pub(crate) fn result(&self, document: &SummaryDoc) {
        self.send(&Event::Result { document: Box::new(document.clone()) });
        self.flush();
    }

    /// Hands on what was gathered.
    pub(crate) fn flush(&self) {
        self.state().attempt(BufWriter::flush);
    }

    /// What the stream failed with, once; that nobody reads any more is none.
    ///
    /// # Errors
    /// The system's answer to the first event that could not be written.
    pub(crate) fn failure(&self) -> Result<(), Failure> {
        match self.state().failure.take() {
            Some(error) => Err(Failure::cannot("write to standard output", &error)),
            None => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, event: &Event) {
        self.state().attempt(|out| jsonl::write_line(out, event));
    }
}

impl State {
    /// Does it, unless the stream has ended; ends it where it fails.
    fn attempt(&mut self, act: impl FnOnce(&mut BufWriter<Stdout>) -> Result<(), std::io::Error>) {
        let Some(out) = &mut self.out else { return };
        if let Err(error) = act(out) {
            // What is still buffered is not tried again.
            if let Some(out) = self.out.take() {
                let _ = out.into_parts();
            }
            self.failure = Some(error).filter(|it| it.kind() != ErrorKind::BrokenPipe);
        }
    }
}
