//! Reads one `[[workload]]`: what is measured, at which values, and what is read from it.

use std::collections::BTreeMap;

use tacho_schema::{
    ConfigLayer, ConfigSetting, ConfigSource, Derived, Outcome, ProbeLine, Reading,
};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::read::{Reader, SETTING_KEYS, WORKLOAD_KEYS, in_order, name};
use crate::expand::{NameRule, Program, Workload};
use crate::layer::{Layer, Set, Settings};
use crate::problem::{At, Fault};
use crate::setting::command::{self, Command};
use crate::setting::params::InvalidParam;
use crate::setting::{
    Refused, Value, derive, ladder, line, outcome, outside, params, refused, threads, wrong_kind,
};
use crate::values::{Outside, Param, Values};

/// The keys that stand in a workload only, with their values.
pub(super) type Own<'v, 'i> = BTreeMap<&'static str, &'v Value<'i>>;

/// How a message names what is measured, between its quotes.
const PROGRAM: &str = "command`, `probe` or `harness";

/// The most tables in each other below a key of a workload: `outcome`, and one of its counters.
const TABLES_MAX: usize = 2;

/// A key that is there, only misspelt: that it is missing would be no news.
type Misspelt = Vec<&'static str>;

impl Reader<'_> {
    /// Reads one workload; `None` where something is wrong with it.
    pub(super) fn workload(
        &mut self,
        table: &Value<'_>,
        entries: &DeTable<'_>,
        group: usize,
    ) -> Option<Workload> {
        let at = self.at(&table.span());
        let mut own = Settings::default();
        let (mut raw, mut misspelt, mut written) = (Own::new(), Misspelt::new(), Vec::new());
        for (key, value) in in_order(entries) {
            let text = key.get_ref().as_ref();
            if self.setting(text, value, Layer::Workload, &mut own) {
                continue;
            }
            match WORKLOAD_KEYS.iter().find(|known| **known == text) {
                Some(known) => {
                    raw.insert(known, value);
                    written.extend(self.written_of(known, value, TABLES_MAX));
                }
                None => misspelt.extend(self.unknown(
                    key,
                    "[[workload]]",
                    &[&WORKLOAD_KEYS, &SETTING_KEYS],
                )),
            }
        }
        let named = raw.get("name").map(|value| self.take("name", name(value)));
        let mut workload = match raw.get("harness") {
            Some(value) => {
                let named = named.or(misspelt.contains(&"name").then_some(None));
                self.of_harness(value, &raw, named)?
            }
            None => {
                if named.is_none() && !["name", "harness"].iter().any(|it| misspelt.contains(it)) {
                    self.problems.push(at.clone(), Fault::Missing("name"));
                }
                self.of_command(&raw, &misspelt, &at, named.flatten())?
            }
        };
        (workload.own, workload.group, workload.written) = (own, group, written);
        Some(workload)
    }

    /// A workload that is measured from outside.
    fn of_command(
        &mut self,
        raw: &Own<'_, '_>,
        misspelt: &Misspelt,
        at: &At,
        name: Option<String>,
    ) -> Option<Workload> {
        self.refuse_harness_keys(raw);
        let program = self.program(raw, misspelt, at);
        let params = self.params(raw);
        let threads = raw.get("threads").map(|value| {
            let read = self.set("threads", value, Layer::Workload, threads::read);
            self.no_param_named(threads::NAME, value, params.as_deref());
            read
        });
        let ladder = self.ladder(raw);
        if let Some(value) = raw.get("ladder") {
            self.no_param_named(ladder::NAME, value, params.as_deref());
        }
        let (reading, reads) = self.reading(raw)?;
        Some(Workload {
            name_at: raw.get("name").map_or_else(|| at.clone(), |value| self.at(&value.span())),
            name: NameRule::Template(name?),
            program: Program::Command(program?),
            params: params?,
            threads: match threads {
                Some(read) => Some(read?),
                None => None,
            },
            ladder: ladder?,
            reading,
            reads,
            own: Settings::default(),
            group: 0,
            written: Vec::new(),
        })
    }

    /// The command or the probe.
    fn program(&mut self, raw: &Own<'_, '_>, misspelt: &Misspelt, at: &At) -> Option<Set<Command>> {
        match (raw.get("command"), raw.get("probe")) {
            (Some(command), Some(probe)) => {
                let first = self.at(&command.span());
                let at = self.at(&probe.span());
                self.problems.push_about(at, "probe", Fault::CommandAndProbe(first));
                None
            }
            (Some(value), None) => self.set("command", value, Layer::Workload, program),
            (None, Some(value)) => self.set("probe", value, Layer::Workload, program),
            (None, None) => {
                if !misspelt.iter().any(|key| ["command", "probe", "harness"].contains(key)) {
                    self.problems.push(at.clone(), Fault::Missing(PROGRAM));
                }
                None
            }
        }
    }

    fn params(&mut self, raw: &Own<'_, '_>) -> Option<Vec<Param>> {
        let Some(value) = raw.get("params") else { return Some(Vec::new()) };
        let DeValue::Table(table) = value.get_ref() else {
            self.refuse("params", wrong_kind(value, "a table such as { level = [1, 6, 9] }"));
            return None;
        };
        let mut all = Some(Vec::with_capacity(table.len()));
        for (key, value) in in_order(table) {
            let name = key.get_ref();
            let at = self.at(&value.span());
            let read = param(name, value);
            let param = self.take(&format!("params.{name}"), read);
            let param = param.map(|(values, outside)| Param {
                name: name.to_string(),
                values: Values::List(values),
                at,
                outside,
            });
            all = all.zip(param).map(|(mut all, param)| {
                all.push(param);
                all
            });
        }
        all
    }

    /// Keeps a parameter that has the name of another dimension's, which is `value`.
    fn no_param_named(&mut self, name: &str, value: &Value<'_>, params: Option<&[Param]>) {
        let is_taken = |param: &Param| param.name == name;
        if params.is_some_and(|params| params.iter().any(is_taken)) {
            let key = if name == ladder::NAME { "ladder" } else { name };
            self.refuse(key, refused(value, InvalidParam::SameName(name.to_owned())));
        }
    }

    /// What is read from the output, and the first key that says so.
    fn reading(&mut self, raw: &Own<'_, '_>) -> Option<(Reading, Option<(String, At)>)> {
        let is_probe = raw.contains_key("probe");
        let line = raw.get("line").map(|value| self.take("line", line::read(value)));
        if let (Some(value), false) = (raw.get("line"), is_probe) {
            self.refuse("line", refused(value, Fault::LineWithoutProbe));
        }
        let probe = match line {
            Some(pattern) => pattern.map(|pattern| Some(ProbeLine::Pattern(pattern))),
            None => Some(is_probe.then_some(ProbeLine::Pairs)),
        };
        let (outcomes, all_outcomes) = self.counters(raw, "outcome", outcome::read);
        let (derived, all_derived) = self.counters(raw, "derive", derive::read);
        let first = outcomes.first();
        let first = first.map(|(it, at)| (format!("`outcome.{}`", it.name), at.clone()));
        let probe_at = raw.get("probe").map(|value| ("`probe`".to_owned(), self.at(&value.span())));
        // Where one could not be read, a quotient of it is no news.
        let are_known = !is_probe && all_outcomes;
        self.check_counters(&outcomes, &derived, are_known);
        let outcomes = outcomes.into_iter().map(|(outcome, _)| outcome).collect();
        let derived = derived.into_iter().map(|(derived, _)| derived).collect();
        let reading = Reading { probe: probe?, outcomes, derived };
        (all_outcomes && all_derived).then_some((reading, probe_at.or(first)))
    }

    /// The counters below `key` that can be read, and whether all of them can.
    fn counters<T>(
        &mut self,
        raw: &Own<'_, '_>,
        key: &str,
        read: impl Fn(&str, &Value<'_>) -> Result<T, Refused>,
    ) -> (Vec<(T, At)>, bool) {
        let Some(value) = raw.get(key) else { return (Vec::new(), true) };
        let DeValue::Table(table) = value.get_ref() else {
            self.refuse(key, wrong_kind(value, "a table with a name for each counter"));
            return (Vec::new(), false);
        };
        let entries = in_order(table);
        let mut all = Vec::with_capacity(entries.len());
        for (name, value) in &entries {
            let at = self.at(&value.span());
            let read = read(name.get_ref(), value);
            all.extend(self.take(&format!("{key}.{}", name.get_ref()), read).map(|it| (it, at)));
        }
        let are_all = all.len() == entries.len();
        (all, are_all)
    }

    /// Keeps names that are there twice, and quotients of what nobody measures where the counters
    /// `are_known`: a probe's are only when it runs.
    fn check_counters(
        &mut self,
        outcomes: &[(Outcome, At)],
        derived: &[(Derived, At)],
        are_known: bool,
    ) {
        let names: Vec<String> = outcomes.iter().map(|(outcome, _)| outcome.name.clone()).collect();
        for (quotient, at) in derived {
            let setting = format!("derive.{}", quotient.name);
            if let Some((_, first)) = outcomes.iter().find(|(it, _)| it.name == quotient.name) {
                let (name, first) = (quotient.name.clone(), first.clone());
                self.problems.push_about(at.clone(), &setting, Fault::SameCounter { name, first });
            }
            if are_known && let Err(fault) = derive::check(quotient, &names) {
                self.problems.push_about(at.clone(), &setting, fault);
            }
        }
    }

    /// How a reader is told of a key that stands in a workload only: a line for each value of a
    /// table, unless that is written in braces. Nothing has more than `depth` tables in each other.
    fn written_of(&self, key: &str, value: &Value<'_>, depth: usize) -> Vec<ConfigSetting> {
        let written = self.written(&value.span());
        match value.get_ref() {
            DeValue::Table(table) if !written.starts_with('{') => {
                let entries = in_order(table).into_iter().filter(|_| depth > 0);
                let below = |(name, value): (&Spanned<DeString<'_>>, &Value<'_>)| {
                    self.written_of(&format!("{key}.{}", name.get_ref()), value, depth - 1)
                };
                entries.flat_map(below).collect()
            }
            _ => {
                let place = Some(self.at(&value.span()).to_string());
                let source = Some(ConfigSource { layer: ConfigLayer::Workload, place });
                vec![ConfigSetting { key: key.to_owned(), value: Some(written), source }]
            }
        }
    }
}

/// The values of a parameter: those that stand there, or none yet and where they come from.
fn param(
    name: &str,
    value: &Value<'_>,
) -> Result<(Vec<tacho_schema::ParamValue>, Option<Outside>), Refused> {
    let Some(table) = outside::table(value) else {
        return params::read(name, value).map(|values| (values, None));
    };
    tacho_schema::name::check_identifier(name).map_err(|fault| refused(value, fault))?;
    let from = outside::read(value, table)?;
    Ok((Vec::new(), Some(Outside { from, found: None })))
}

fn program(value: &Value<'_>) -> Result<Command, Refused> {
    let program = command::read(value)?;
    if program.is_empty() {
        return Err(refused(value, Fault::EmptyCommand));
    }
    Ok(program)
}
