//! Executes a plan: starts processes, reads clocks and `/proc`, and emits rows as they happen.
//!
//! The only crate that does any of that. It may not judge, print, or write to a database: rows go
//! to a [`journal`], what goes on is told to an observer, and what it could not do is a value or an
//! error. Linux is the measured platform.

pub mod child;
pub mod clock;
#[cfg(embedded_spawner)]
mod codec;
pub mod commands;
pub mod conditions;
pub mod doctor;
#[cfg(test)]
mod fake;
#[cfg(embedded_spawner)]
#[path = "spawner/frame.rs"]
mod frame;
pub mod journal;
mod kernel_text;
pub mod listing;
pub mod machine;
pub mod machine_lock;
mod memory_group;
pub mod outcome;
pub mod pool;
pub mod program;
pub mod quiet;
mod reading;
mod reaper;
pub mod ruler;
pub mod run;
pub mod signals;
pub mod spawn;
#[cfg(embedded_spawner)]
mod spawn_embedded;
mod spawn_std;
mod tail;
mod wire;
