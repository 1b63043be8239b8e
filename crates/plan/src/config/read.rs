//! Reads the tables of a manifest, key by key, and keeps what is wrong with their places.

use std::ops::Range;
use std::sync::Arc;

use tacho_schema::Name;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Manifest, Whole};
use crate::expand::{NameRule, Workload};
use crate::ladder::{Param, Values};
use crate::layer::{Layer, Set, Settings};
use crate::near::nearest;
use crate::problem::{At, Fault, Hint, Place, Problems};
use crate::setting::{
    Refused, Value, command, count, duration, env, exit_codes, params, percent, refused, shell,
    tags, text, words, wrong_kind,
};

const SECTIONS: [&str; 3] = ["project", "defaults", "workload"];
const PROJECT_KEYS: [&str; 1] = ["name"];
pub(super) const WORKLOAD_KEYS: [&str; 3] = ["name", "command", "params"];
pub(super) const WHOLE_KEYS: [&str; 3] = ["max_points", "total_seconds", "seed"];
pub(super) const SETTING_KEYS: [&str; 19] = [
    "precision",
    "min_runs",
    "max_runs",
    "min_time",
    "max_time",
    "timeout",
    "warmup",
    "runs",
    "ignore_failure",
    "shell",
    "launcher",
    "env",
    "dir",
    "stdin",
    "setup",
    "prepare",
    "conclude",
    "cleanup",
    "tags",
];

/// Reads one manifest.
pub(super) struct Reader<'t> {
    path: Arc<str>,
    text: &'t str,
    line_starts: Vec<usize>,
    pub(super) problems: Problems,
}

impl<'t> Reader<'t> {
    pub(super) fn new(path: &str, text: &'t str) -> Self {
        let breaks = text.match_indices('\n').map(|(place, _)| place + 1);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        Self { path: path.into(), text, line_starts, problems: Problems::default() }
    }

    /// The place of the first of some bytes.
    pub(super) fn at(&self, span: &Range<usize>) -> At {
        let offset = self.text.floor_char_boundary(span.start);
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).map_or(0, |index| self.line_starts[index]);
        let column = self.text[start..offset].chars().count() + 1;
        At::File(Place { path: self.path.clone(), line, column })
    }

    /// Reads the whole document.
    pub(super) fn document(&mut self, document: &DeTable<'_>, manifest: &mut Manifest) {
        let mut workloads = None;
        for (key, value) in in_order(document) {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("project", DeValue::Table(table)) => self.project(table, manifest),
                ("defaults", DeValue::Table(table)) => {
                    let mut own = Settings::default();
                    self.defaults(table, Layer::Defaults, &mut own, &mut manifest.whole);
                    manifest.settings = own.over(&manifest.settings);
                }
                ("workload", DeValue::Array(tables)) => workloads = Some(tables),
                ("workload", _) => self.refuse("", wrong_kind(value, "[[workload]]")),
                ("project" | "defaults", _) => self.refuse("", wrong_kind(value, "a table")),
                _ => _ = self.unknown(key, "the manifest", &[&SECTIONS]),
            }
        }
        for table in workloads.into_iter().flatten() {
            match table.get_ref() {
                DeValue::Table(entries) => {
                    let group = manifest.workloads.len();
                    manifest.workloads.extend(self.workload(table, entries, group));
                }
                _ => self.refuse("", wrong_kind(table, "[[workload]]")),
            }
        }
        if workloads.is_none_or(|tables| tables.is_empty()) && self.problems.is_empty() {
            self.problems.push(self.at(&(0..0)), Fault::NoWorkload);
        }
    }

    fn project(&mut self, table: &DeTable<'_>, manifest: &mut Manifest) {
        for (key, value) in in_order(table) {
            match key.get_ref().as_ref() {
                "name" => manifest.project = self.take("name", name(value)),
                _ => _ = self.unknown(key, "[project]", &[&PROJECT_KEYS]),
            }
        }
    }

    /// Reads `[defaults]`, or the built-in ones.
    pub(super) fn defaults(
        &mut self,
        table: &DeTable<'_>,
        layer: Layer,
        settings: &mut Settings,
        whole: &mut Whole,
    ) {
        for (key, value) in in_order(table) {
            let known = self.setting(key.get_ref(), value, layer, settings)
                || self.whole(key.get_ref(), value, layer, whole);
            if !known {
                self.unknown(key, "[defaults]", &[&SETTING_KEYS, &WHOLE_KEYS]);
            }
        }
    }

    fn workload(
        &mut self,
        table: &Value<'_>,
        entries: &DeTable<'_>,
        group: usize,
    ) -> Option<Workload> {
        let at = self.at(&table.span());
        let mut name_at = at.clone();
        let (mut named, mut commanded, mut params) = (None, None, Some(Vec::new()));
        let mut own = Settings::default();
        for (key, value) in in_order(entries) {
            match key.get_ref().as_ref() {
                "name" => {
                    name_at = self.at(&value.span());
                    named = Some(self.take("name", name(value)));
                }
                "command" => commanded = Some(self.set("command", value, Layer::Workload, program)),
                "params" => params = self.params(value),
                other if self.setting(other, value, Layer::Workload, &mut own) => {}
                _ => match self.unknown(key, "[[workload]]", &[&WORKLOAD_KEYS, &SETTING_KEYS]) {
                    // It is there, only misspelt: that it is missing would be no news.
                    Some("name") => named = named.or(Some(None)),
                    Some("command") => commanded = commanded.or(Some(None)),
                    _ => {}
                },
            }
        }
        for (key, is_missing) in [("name", named.is_none()), ("command", commanded.is_none())] {
            if is_missing {
                self.problems.push(at.clone(), Fault::Missing(key));
            }
        }
        let (name, command) = (NameRule::Template(named??), commanded??);
        Some(Workload { name, name_at, command, params: params?, own, group })
    }

    fn params(&mut self, value: &Value<'_>) -> Option<Vec<Param>> {
        let DeValue::Table(table) = value.get_ref() else {
            self.refuse("params", wrong_kind(value, "a table such as { level = [1, 6, 9] }"));
            return None;
        };
        let mut all = Some(Vec::with_capacity(table.len()));
        for (key, value) in in_order(table) {
            let name = key.get_ref();
            let at = self.at(&value.span());
            let values = self.take(&format!("params.{name}"), params::read(name, value));
            let param = values.map(|values| Param {
                name: name.to_string(),
                values: Values::List(values),
                at,
            });
            all = all.zip(param).map(|(mut all, param)| {
                all.push(param);
                all
            });
        }
        all
    }

    /// Reads one setting that every layer may have; false where `key` is none.
    fn setting(&mut self, key: &str, value: &Value<'_>, layer: Layer, into: &mut Settings) -> bool {
        match key {
            "precision" => into.precision = self.set(key, value, layer, percent::read),
            "max_time" => into.max_time = self.set(key, value, layer, duration::read_positive),
            "min_time" => into.min_time = self.set(key, value, layer, duration::read),
            "timeout" => into.timeout = self.set(key, value, layer, duration::read_positive),
            "warmup" => into.warmup = self.set(key, value, layer, |it| count::read_runs(it, 0)),
            "runs" => into.runs = self.set(key, value, layer, |it| count::read_runs(it, 1)),
            "min_runs" => into.min_runs = self.set(key, value, layer, |it| count::read_runs(it, 1)),
            "max_runs" => into.max_runs = self.set(key, value, layer, |it| count::read_runs(it, 1)),
            "ignore_failure" => into.ignore_failure = self.set(key, value, layer, exit_codes::read),
            "shell" => into.shell = self.set(key, value, layer, shell::read),
            "launcher" => into.launcher = self.set(key, value, layer, words::read),
            "env" => self.env(value, layer, into),
            "dir" => into.dir = self.set(key, value, layer, path),
            "stdin" => into.stdin = self.set(key, value, layer, path),
            "setup" => into.setup = self.set(key, value, layer, command::read),
            "prepare" => into.prepare = self.set(key, value, layer, command::read),
            "conclude" => into.conclude = self.set(key, value, layer, command::read),
            "cleanup" => into.cleanup = self.set(key, value, layer, command::read),
            "tags" => into.tags = self.take(key, tags::read(value)).unwrap_or_default(),
            _ => return false,
        }
        true
    }

    /// Reads one setting of the whole run; false where `key` is none.
    fn whole(&mut self, key: &str, value: &Value<'_>, layer: Layer, into: &mut Whole) -> bool {
        match key {
            "max_points" => into.max_points = self.set(key, value, layer, count::read_points),
            "total_seconds" => {
                into.total_nanos = self.set(key, value, layer, duration::read_seconds);
            }
            "seed" => into.seed = self.set(key, value, layer, count::read_seed),
            _ => return false,
        }
        true
    }

    fn env(&mut self, value: &Value<'_>, layer: Layer, into: &mut Settings) {
        let DeValue::Table(table) = value.get_ref() else {
            self.refuse("env", wrong_kind(value, "a table such as { LC_ALL = \"C\" }"));
            return;
        };
        for (key, value) in in_order(table) {
            let name = key.get_ref();
            let read = |value: &Value<'_>| env::read(name, value);
            if let Some(variable) = self.set(&format!("env.{name}"), value, layer, read) {
                into.env.insert(name.to_string(), variable);
            }
        }
    }

    /// A setting with its layer and place, unless its value is refused.
    fn set<T>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        layer: Layer,
        read: impl FnOnce(&Value<'_>) -> Result<T, Refused>,
    ) -> Option<Set<T>> {
        let at = if layer == Layer::BuiltIn { At::BuiltIn } else { self.at(&value.span()) };
        self.take(key, read(value)).map(|value| Set { value, layer, at })
    }

    fn take<T>(&mut self, setting: &str, read: Result<T, Refused>) -> Option<T> {
        read.map_err(|refused| self.refuse(setting, refused)).ok()
    }

    fn refuse(&mut self, setting: &str, refused: Refused) {
        let at = self.at(&refused.span);
        if setting.is_empty() {
            self.problems.push(at, refused.fault);
        } else {
            self.problems.push_about(at, setting, refused.fault);
        }
    }

    /// Keeps an unknown key as a problem, and answers with the key that was probably meant.
    fn unknown(
        &mut self,
        key: &Spanned<DeString<'_>>,
        section: &'static str,
        known: &[&'static [&'static str]],
    ) -> Option<&'static str> {
        let at = self.at(&key.span());
        let key = key.get_ref().to_string();
        let near = nearest(&key, known.iter().flat_map(|keys| keys.iter().copied()));
        let elsewhere = [("[defaults]", &WHOLE_KEYS[..]), ("[[workload]]", &WORKLOAD_KEYS[..])]
            .into_iter()
            .find(|(_, keys)| keys.contains(&key.as_str()));
        let hint = match (near, elsewhere) {
            (_, Some((section, _))) => Hint::BelongsIn(section),
            (Some(near), None) => Hint::DidYouMean(near),
            (None, None) => Hint::OneOf(known.concat()),
        };
        self.problems.push(at, Fault::UnknownKey { key, section, hint });
        near
    }
}

/// The entries of a table in the order in which they are written.
fn in_order<'v, 'i>(table: &'v DeTable<'i>) -> Vec<(&'v Spanned<DeString<'i>>, &'v Value<'i>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn name(value: &Value<'_>) -> Result<String, Refused> {
    let name = text(value, "a name such as \"gzip/level\"")?;
    let name = Name::new(name).map_err(|fault| refused(value, fault))?;
    Ok(name.as_str().to_owned())
}

fn program(value: &Value<'_>) -> Result<command::Command, Refused> {
    let program = command::read(value)?;
    if program.is_empty() {
        return Err(refused(value, Fault::EmptyCommand));
    }
    Ok(program)
}

fn path(value: &Value<'_>) -> Result<String, Refused> {
    text(value, "a path relative to the manifest's folder").map(str::to_owned)
}
