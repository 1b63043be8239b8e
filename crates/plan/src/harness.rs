//! Harnesses: programs that list workloads of their own, and time them themselves.

mod listing;
mod twins;

use std::collections::BTreeMap;

use tacho_schema::{CacheMode, Name};

use crate::ladder::Climbing;
use crate::layer::Set;
use crate::setting::harness::{InvalidHarness, Source};

pub use listing::lists_workloads;
pub(crate) use twins::tell_apart;

/// Which program is to be asked for its workloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HarnessSource {
    /// The bench targets of the Cargo project in the manifest's folder, all or the one of this
    /// name; they are to be built first.
    Cargo(Option<String>),
    /// A program, which is asked with `_list` behind its words.
    Program {
        /// Its words, for a process that is started in `dir`; no launcher stands in front.
        argv: Vec<String>,
        /// What the user wrote.
        text: String,
        /// Where it is started, relative to the manifest's folder.
        dir: String,
    },
}

/// What one program printed when it was asked with `_list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Its words, without `_list`.
    pub argv: Vec<String>,
    /// Where it was started, relative to the manifest's folder: a Cargo target is measured there
    /// too, unless the manifest says otherwise.
    pub dir: String,
    /// How messages call it.
    pub name: String,
    /// Its standard output.
    pub text: String,
}

/// What was found outside of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Supplied {
    /// A text with a value on each line.
    Text(String),
    /// What a harness lists; Cargo gives several programs.
    Listings(Vec<Listing>),
}

/// A harness as the manifest has it.
#[derive(Clone, Debug)]
pub(crate) struct Harness {
    pub(crate) source: Set<Source>,
    /// Whether it stands for the one workload that the manifest describes, so that nobody asks it.
    pub(crate) is_named: bool,
    /// Its workloads; `None` before it was asked.
    pub(crate) workloads: Option<Vec<Registered>>,
}

/// One workload of a harness.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    pub(crate) name: Name,
    /// How messages call the program.
    pub(crate) from: String,
    pub(crate) program: Words,
    /// How it is measured, or why it cannot be, as a sentence.
    pub(crate) batches: Result<Box<Batches>, String>,
}

/// The words that stand before `_child`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// Those of the manifest; the first is relative to its folder.
    Named(Vec<String>),
    /// Those of a program that Cargo has built, and where it is started.
    Built(Vec<String>, String),
}

/// How the batches of a workload are asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Batches {
    /// The workload as the program knows it.
    pub(crate) bench: String,
    pub(crate) params: Params,
    /// A point for each; empty where threads are no dimension.
    pub(crate) threads: Vec<u32>,
    /// Null where calls are warm, as they are everywhere else.
    pub(crate) cache_mode: Option<CacheMode>,
    pub(crate) tags: Vec<String>,
    pub(crate) variant_of: Option<String>,
    pub(crate) throughput: Option<String>,
    pub(crate) hash: Option<String>,
    pub(crate) hashes: BTreeMap<u64, String>,
    pub(crate) cap_nanos: Option<u64>,
    pub(crate) target_nanos: Option<u64>,
}

/// At which parameters a workload is measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Params {
    /// It has none.
    Fixed,
    /// At these, which are no ladder: nobody says how the time is to grow.
    Plain(Vec<u64>),
    /// At the rungs of a ladder.
    Ladder(Climbing),
}

impl Harness {
    /// Whether all its points are rungs of one ladder.
    pub(crate) fn is_one_ladder(&self) -> bool {
        let is_ladder = |it: &Registered| {
            it.batches.as_ref().is_ok_and(|batches| matches!(batches.params, Params::Ladder(_)))
        };
        self.is_named && self.workloads().iter().all(is_ladder)
    }

    /// The workloads, none before it was asked.
    pub(crate) fn workloads(&self) -> &[Registered] {
        self.workloads.as_deref().unwrap_or_default()
    }

    /// Takes what its programs have listed.
    pub(crate) fn take(&mut self, listings: &[Listing]) -> Result<(), InvalidHarness> {
        let mut all = Vec::new();
        for listing in listings {
            let (program, hint) = match &self.source.value {
                Source::Words(words) => (Words::Named(words.clone()), ""),
                Source::Cargo(_) => (
                    Words::Built(listing.argv.clone(), listing.dir.clone()),
                    "; `cargo:NAME` measures one target only",
                ),
            };
            let found = listing::read(listing, &program);
            if found.is_empty() {
                return Err(InvalidHarness::ListsNothing(listing.name.clone(), hint));
            }
            all.extend(found);
        }
        if all.is_empty() {
            return Err(InvalidHarness::NotAsked);
        }
        self.workloads = Some(all);
        Ok(())
    }
}

impl Registered {
    /// How many points it makes: one where it is refused, so that it is told.
    pub(crate) fn points(&self) -> u128 {
        let Ok(batches) = &self.batches else { return 1 };
        batches.params.count().saturating_mul(batches.threads.len().max(1) as u128)
    }

    /// Refuses it for `reason`, a fragment.
    pub(crate) fn refuse(&mut self, reason: &str) {
        self.batches = Err(refusal(self.name.as_str(), &self.from, reason));
    }
}

impl Params {
    /// How many there are, one for none.
    pub(crate) fn count(&self) -> u128 {
        match self {
            Self::Fixed => 1,
            Self::Plain(params) => params.len() as u128,
            Self::Ladder(climbing) => climbing.rungs.count(),
        }
    }

    /// The parameter at `index`, from 0.
    pub(crate) fn get(&self, index: u64) -> Option<u64> {
        match self {
            Self::Fixed => None,
            Self::Plain(params) => params.get(usize::try_from(index).ok()?).copied(),
            Self::Ladder(climbing) => climbing.rungs.get(index),
        }
    }
}

/// The sentence that tells why a workload is not measured.
fn refusal(name: &str, from: &str, reason: &str) -> String {
    format!("`{name}`, as `{from} _list` lists it, cannot be measured: {reason}")
}

/// A program's words as a name: what no name may hold is left out.
pub(crate) fn printable(from: &str) -> Name {
    let printable: String = from.chars().filter(|c| !c.is_control()).take(200).collect();
    Name::new(&printable)
        .or_else(|_| Name::new("harness"))
        .expect("`harness` is a name, and it is tried where the program's own is none")
}
