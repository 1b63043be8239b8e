//! Rows remembered: committed captures, their rows, and the baselines that name them.
//!
//! A capture enters a [`Store`] whole, in one transaction, or not at all; what is in it never
//! changes. This crate knows nothing of what the numbers mean: it does not aggregate, compare, or
//! show its SQL to anyone.

mod error;
mod intake;
mod location;
mod memory;
mod sqlite;
mod store;

pub use error::{Fault, StoreError};
pub use location::{Access, Location, LocationError, open};
pub use memory::MemoryStore;
pub use sqlite::SqliteStore;
pub use store::{CaptureEntry, Query, RowSourceError, Store, StoredCapture};
