//! What a run says while it works: the stream of `--message-format json`, an event a line.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::capture::{CaptureId, CaptureSummary};
use crate::row::Row;
use crate::summary::SummaryDoc;
use crate::version::Version;

/// One line of the stream.
///
/// The first event is always `capture_started`. Rows are tentative until `capture_ended`, which
/// comes once the capture is in the store: a stream without it has rows that were not committed.
/// Readers tolerate unknown keys and pass over events that they do not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Measuring begins.
    CaptureStarted {
        /// Always 1.
        schema_version: Version<1>,
        /// The capture's identity.
        id: CaptureId,
        /// Points of the plan.
        points: u64,
        /// The seed of the plan's shuffles.
        seed: u64,
    },
    /// A batch has ended. Its environment stands in the capture's header.
    Row {
        /// Its outcome.
        row: Box<Row>,
    },
    /// Where the run is, at most every 100 ms.
    Progress {
        /// Which part of the run.
        phase: RunPhase,
        /// The identity of the point that runs; null when none does.
        point: Option<String>,
        /// Rows of that point so far.
        point_rows: u64,
        /// Points that need no more runs.
        points_over: u64,
        /// Points of the plan.
        points: u64,
        /// Rows so far.
        rows: u64,
        /// Batches that run.
        active: u64,
        /// Batches that wait with a starter for their turn.
        queued: u64,
        /// What children have printed so far, in bytes.
        printed_bytes: u64,
        /// How often a row had to wait for the journal.
        backpressure_waits: u64,
        /// Time since measuring began.
        elapsed_nanos: u64,
        /// An estimate of the time left; null until a point has run.
        remaining_nanos: Option<u64>,
    },
    /// A sentence that people are told too.
    Note {
        /// The sentence.
        text: String,
    },
    /// The capture is committed.
    CaptureEnded {
        /// The counts, and whether it was cut short.
        summary: CaptureSummary,
        /// The exit code, unless something fails after this.
        exit: u8,
    },
    /// What the rows say, as `show --json` has it.
    Result {
        /// The document.
        document: Box<SummaryDoc>,
    },
}

/// Which part of a run is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// Set-ups.
    Setup,
    /// Warm-up runs.
    Warmup,
    /// Measured runs.
    Measure,
    /// Clean-ups.
    Cleanup,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Name, Status};

    fn check(event: &Event, expected: &str) {
        let text = serde_json::to_string(event).unwrap();
        assert!(text.starts_with(expected), "{text}");
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), *event);
    }

    #[test]
    fn an_event_names_itself_first() {
        let id = CaptureId::new("x").unwrap();
        check(
            &Event::CaptureStarted { schema_version: Version, id, points: 2, seed: u64::MAX },
            r#"{"event":"capture_started","schema_version":1,"id":"x","points":2,"seed":1844"#,
        );
        let row = Row::fixed(Name::new("a").unwrap(), 0, 1, Status::Ok);
        check(&Event::Row { row: Box::new(row) }, r#"{"event":"row","row":{"schema_version":1,"#);
        let progress = Event::Progress {
            phase: RunPhase::Warmup,
            point: None,
            point_rows: 0,
            points_over: 1,
            points: 2,
            rows: 3,
            active: 1,
            queued: 0,
            printed_bytes: 9,
            backpressure_waits: 0,
            elapsed_nanos: 4,
            remaining_nanos: None,
        };
        check(&progress, r#"{"event":"progress","phase":"warmup","point":null,"#);
        let text = "one\ntwo".to_owned();
        check(&Event::Note { text }, r#"{"event":"note","text":"one\ntwo"}"#);
    }
}
