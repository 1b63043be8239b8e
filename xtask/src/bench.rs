//! Tachograph beside its peers: figures taken in one go, as ratios with their spread.
//!
//! A machine is never twice as fast as it was; so nothing here compares with a stored number. Every
//! starter has its turn in every round, in rotated order, and ratios are taken within a round.

pub(crate) mod disturb;
pub(crate) mod harness;
mod hyperfine;
pub(crate) mod ingest;
pub(crate) mod kill;
mod program;
mod rate;
pub(crate) mod rss;
pub(crate) mod spawn;
mod spread;
mod starter;

use std::path::PathBuf;

use crate::workspace::WorkspaceError;

/// Why a bench has no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// A program that the bench is made with could not be run.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A file of the bench could not be read or written.
    #[error("cannot {verb} {path}")]
    File { verb: &'static str, path: PathBuf, source: std::io::Error },
    /// What a program wrote is not what it should.
    #[error("cannot read {key:?} in {path}")]
    Format { key: String, path: PathBuf },
    /// An undisturbed run did not do what the bench builds on.
    #[error("{0}")]
    Scene(String),
    /// The terminal is gone.
    #[error("cannot print")]
    Print(#[from] std::io::Error),
}
