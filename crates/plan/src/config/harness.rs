//! Reads the keys of a `[[workload]]` that has a harness or a ladder.

use std::collections::BTreeMap;

use tacho_schema::{LadderStep, Name};
use tacho_stats::Model;

use super::read::Reader;
use super::workload::Own;
use super::{Defaults, Manifest};
use crate::expand::{NameRule, Program, Workload};
use crate::harness::{Batches, Harness, Params, Registered, Words, printable};
use crate::ladder::{Climbing, Rungs, step_of};
use crate::layer::{Layer, Set, Settings};
use crate::problem::{At, Problems};
use crate::setting::harness::{self, InvalidHarness, Source};
use crate::setting::ladder::{self, InvalidLadder, Span};
use crate::setting::{Value, refused, text};

/// What measures a workload in another way.
const PROGRAM_KEYS: [&str; 2] = ["command", "probe"];

/// What only a command has.
const COMMAND_KEYS: [&str; 5] = ["line", "params", "threads", "outcome", "derive"];

/// What only one workload of a harness has.
const NAMED_KEYS: [&str; 6] =
    ["bench", "ladder", "complexity", "variant_of", "cold", "expected_hash"];

/// What a command does not have.
const HARNESS_KEYS: [&str; 4] = ["bench", "variant_of", "cold", "expected_hash"];

impl Reader<'_> {
    /// Reads a workload that has a harness; `named` is its own name, where it has one, unless that
    /// could not be read.
    pub(super) fn of_harness(
        &mut self,
        value: &Value<'_>,
        raw: &Own<'_, '_>,
        named: Option<Option<String>>,
    ) -> Option<Workload> {
        let known = self.problems.found();
        let at = self.at(&value.span());
        let source = self.set("harness", value, Layer::Workload, harness::read);
        self.refuse_all(raw, &PROGRAM_KEYS, &InvalidHarness::OneProgram(at.clone()));
        self.refuse_all(raw, &COMMAND_KEYS, &InvalidHarness::Beside(at.clone()));
        let batches = match &named {
            Some(name) => Some(self.batches(raw, name.as_deref())),
            None => {
                self.refuse_all(raw, &NAMED_KEYS, &InvalidHarness::Listed);
                None
            }
        };
        let is_cargo = source.as_ref().is_some_and(|set| matches!(set.value, Source::Cargo(_)));
        if is_cargo {
            self.refuse_all(raw, &["name"], &InvalidHarness::NamedCargo);
        }
        let source = source.filter(|_| self.problems.found() == known)?;
        let (Some(name), Some(batches)) = (named, batches) else {
            let harness = Harness { source, is_named: false, workloads: None };
            return Some(workload(harness, None, at));
        };
        let Source::Words(words) = &source.value else { return None };
        let registered = Registered {
            name: Name::new(&name?).ok()?,
            from: source.value.text(),
            program: Words::Named(words.clone()),
            batches: Ok(Box::new(batches?)),
        };
        let name_at = raw.get("name").map_or_else(|| at.clone(), |value| self.at(&value.span()));
        let name = registered.name.clone();
        let harness = Harness { source, is_named: true, workloads: Some(vec![registered]) };
        Some(Workload { name_at, ..workload(harness, Some(name), at) })
    }

    /// Keeps the keys that have no place in a workload without a harness.
    pub(super) fn refuse_harness_keys(&mut self, raw: &Own<'_, '_>) {
        self.refuse_all(raw, &HARNESS_KEYS, &InvalidHarness::NoHarness);
    }

    fn refuse_all(&mut self, raw: &Own<'_, '_>, keys: &[&str], fault: &InvalidHarness) {
        for key in keys {
            if let Some(value) = raw.get(key) {
                self.refuse(key, refused(value, fault.clone()));
            }
        }
    }

    /// What the manifest says of one workload of a harness.
    fn batches(&mut self, raw: &Own<'_, '_>, name: Option<&str>) -> Option<Batches> {
        let mut word = |key: &str, example: &'static str| match raw.get(key) {
            Some(value) => self.take(key, text(value, example).map(str::to_owned)).map(Some),
            None => Some(None),
        };
        let bench = word("bench", "the workload's name in the program, as \"Main.fib\"");
        let variant_of = word("variant_of", "the name of a group such as \"sort\"");
        let cold = raw.get("cold").map(|value| self.take("cold", harness::read_cold(value)));
        let hash = raw.get("expected_hash");
        let hash = hash.map(|value| self.take("expected_hash", harness::read_hash(value)));
        let ladder = self.ladder(raw);
        Some(Batches {
            bench: bench?.or_else(|| name.map(str::to_owned))?,
            params: ladder?.map_or(Params::Fixed, |set| Params::Ladder(set.value)),
            threads: Vec::new(),
            cache_mode: cold.unwrap_or(Some(None))?,
            tags: Vec::new(),
            variant_of: variant_of?,
            throughput: None,
            hash: match hash {
                Some(read) => Some(read?),
                None => None,
            },
            hashes: BTreeMap::new(),
            cap_nanos: None,
            target_nanos: None,
        })
    }

    /// The ladder, where there is one; the outer `None` where something is wrong with it.
    pub(super) fn ladder(&mut self, raw: &Own<'_, '_>) -> Option<Option<Set<Climbing>>> {
        let complexity = raw.get("complexity");
        let model =
            complexity.map(|value| self.take("complexity", harness::read_complexity(value)));
        let Some(value) = raw.get("ladder") else {
            let Some(value) = complexity else { return Some(None) };
            self.refuse("complexity", refused(value, InvalidLadder::NoLadder));
            return None;
        };
        let span = self.set("ladder", value, Layer::Workload, ladder::read);
        let model = match model {
            Some(read) => Some(read?),
            None => None,
        };
        let Set { value: span, layer, at, written } = span?;
        Some(Some(Set { value: climbing(span, model.as_ref()), layer, at, written }))
    }
}

fn climbing(span: Span, model: Option<&Model>) -> Climbing {
    let (step, rungs) = match span {
        Span::List(params) => (LadderStep::List, Rungs::List(params)),
        Span::Range(low, high, step) => {
            let step = step.unwrap_or_else(|| step_of(model.is_some_and(Model::is_exponential)));
            (step, Rungs::between(step, low, high))
        }
    };
    let complexity = model.map(ToString::to_string);
    Climbing { step, rungs, complexity, model: BTreeMap::new() }
}

impl Manifest {
    /// A manifest with nothing but one harness, for a Cargo project that has none, or for a program
    /// that was typed. `source` is what would stand behind `harness =`; messages name the flag
    /// `--harness`, or the Cargo project, in place of a line.
    ///
    /// # Errors
    /// A text that names no program.
    pub fn of_harness(source: &str, defaults: &Defaults) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let parsed = Source::parse(source);
        let at = match &parsed {
            Ok(Source::Cargo(_)) => At::CargoProject,
            Ok(Source::Words(_)) | Err(_) => At::Flag("--harness"),
        };
        let Some(value) = problems.ok(&at, parsed) else { return problems.or_err() };
        let written = format!("{source:?}");
        let source = Set { value, layer: Layer::Flag, at: at.clone(), written };
        let harness = Harness { source, is_named: false, workloads: None };
        Ok(Self {
            project: None,
            workloads: vec![workload(harness, None, at)],
            settings: defaults.settings.clone(),
            whole: defaults.whole.clone(),
            profiles: BTreeMap::new(),
            folders: Vec::new(),
        })
    }
}

/// A workload of a harness, without what the manifest says besides; `name` is what it has of its
/// own.
fn workload(harness: Harness, name: Option<Name>, at: At) -> Workload {
    let name = name.unwrap_or_else(|| printable(&harness.source.value.text()));
    Workload {
        name: NameRule::Verbatim(name),
        name_at: at.clone(),
        program: Program::Harness(Box::new(harness)),
        params: Vec::new(),
        threads: None,
        ladder: None,
        reading: tacho_schema::Reading::default(),
        reads: Some(("what `harness` prints".to_owned(), at)),
        own: Settings::default(),
        group: 0,
        written: Vec::new(),
    }
}
