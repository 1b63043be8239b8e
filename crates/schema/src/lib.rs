//! Every document that Tachograph writes to disk or wire, and nothing that acts on one.
//!
//! Rows, the plan they came from, the capture that holds them, and the summaries made of them. A
//! type here may be constructed, validated, ordered, encoded and decoded; what it means for a
//! user is decided elsewhere (`judge`), and how it reads is decided in `report`. Being
//! serialisable is a promise: only this crate derives `Serialize` for what outlives a process.

pub mod capture;
pub mod config;
pub mod doctor;
pub mod environment;
pub mod event;
pub mod jsonl;
pub mod ladder;
pub mod list;
pub mod metric;
pub mod name;
pub mod plan;
pub mod point;
pub mod row;
pub mod summary;
pub mod unit;
pub mod variants;
pub mod verify;
pub mod version;
pub mod wire;

pub use capture::{
    Baseline, BaselinesDoc, CaptureHeader, CaptureId, CaptureState, CaptureSummary, CutShort,
    HistoryDoc, HistoryItem, JournalEnd, JournalHead, JournalWindow, MetricDef, ShellStartup,
    Skipped, WindowShare,
};
pub use config::{ConfigDoc, ConfigLayer, ConfigSection, ConfigSetting, ConfigSource};
pub use doctor::{Area, Capability, DoctorDoc, HungryProcess, Influence, InfluenceState, Ruler};
pub use environment::Environment;
pub use event::{Event, RunPhase};
pub use ladder::{
    Knee, Ladder, LadderGround, LadderStep, LadderSummary, LadderVerdict, ModelFit, RungMark,
    RungSummary, Slope,
};
pub use list::{ListDoc, ListItem};
pub use metric::{Direction, Metric, MetricName, Unit, UnknownMetric};
pub use name::{InvalidName, Name};
pub use plan::{
    Derived, Hook, IgnoreFailure, Limits, Outcome, OutcomeSource, Output, OutputKind, ParamSource,
    PlanDoc, PlannedPoint, ProbeLine, Quiesce, Reading, Statistic, WireBatch,
};
pub use point::{ParamValue, Point};
pub use row::{CacheMode, Conditions, MemoryLimiter, Row, RowKind, Side, Status, Timer};
pub use summary::{Change, Disturbance, Drift, Interval, Notice, PointSummary, Spread, SummaryDoc};
pub use unit::{Bytes, Count, Nanos, Quantity, Ratio};
pub use variants::{Agreement, Answer, VariantNumber, VariantsDoc, VariantsPoint};
pub use verify::{VerifyDoc, VerifyItem};
pub use wire::{ListedLadder, ListedWorkload};
