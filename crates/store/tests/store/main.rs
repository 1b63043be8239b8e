//! Stores through their public face: the contract, and what a SQLite file lives through.

#[cfg(test)]
mod contract;
#[cfg(test)]
#[cfg(unix)]
mod disk;
#[cfg(test)]
mod file;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod roundtrip;
#[cfg(test)]
mod sample;
