//! The command as a user meets it: every verb, through its streams, exit codes and files.
//!
//! Each test has a [`world::World`] of its own. Programs say what happened to them by appending to
//! files in it; nothing is expected of how long anything takes.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod baseline;
#[cfg(test)]
mod cargo;
#[cfg(test)]
mod cargo_tacho;
#[cfg(test)]
mod completions;
#[cfg(test)]
mod conditions;
#[cfg(test)]
mod config;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod doctor;
mod events;
#[cfg(test)]
mod export;
#[cfg(test)]
mod export_rows;
#[cfg(test)]
mod filters;
mod harness;
#[cfg(test)]
mod help;
#[cfg(test)]
mod history;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod hyperfine;
mod init;
#[cfg(test)]
mod lanes;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod list;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod probes;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod quickstart;
#[cfg(test)]
mod quiesce;
#[cfg(test)]
mod readings;
#[cfg(test)]
mod recover;
#[cfg(test)]
mod sampling;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod show;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod supervision;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod text;
#[cfg(test)]
mod two_at_once;
#[cfg(test)]
mod world;
