//! Reads the tables of a manifest, key by key, and keeps what is wrong with their places.

use std::ops::Range;
use std::sync::Arc;

use tacho_schema::Name;
use tacho_schema::name::check_identifier;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Manifest, Profile};
use crate::layer::{Layer, Set, Settings};
use crate::near::nearest;
use crate::problem::{At, Fault, Hint, Place, Problems};
use crate::setting::{
    Refused, Value, command, count, cpus, duration, env, exit_codes, nice, output, percent,
    read_flag, refused, shell, size, tags, text, word, words, wrong_kind,
};
use crate::whole::Whole;

const SECTIONS: [&str; 5] = ["project", "defaults", "profile", "quiesce", "workload"];
const USER_SECTIONS: [&str; 1] = ["defaults"];
const KIND_SECTIONS: [&str; 2] = ["harness", "ladder"];
const PROJECT_KEYS: [&str; 1] = ["name"];
const QUIESCE_KEYS: [&str; 2] = ["before", "after"];
pub(super) const WORKLOAD_KEYS: [&str; 15] = [
    "name",
    "command",
    "probe",
    "line",
    "harness",
    "bench",
    "params",
    "threads",
    "ladder",
    "complexity",
    "variant_of",
    "cold",
    "expected_hash",
    "outcome",
    "derive",
];
pub(super) const WHOLE_KEYS: [&str; 5] =
    ["max_points", "total_seconds", "seed", "jobs", "quiet_wait"];
pub(super) const SETTING_KEYS: [&str; 27] = [
    "precision",
    "min_runs",
    "max_runs",
    "min_time",
    "max_time",
    "timeout",
    "batch_time",
    "cap",
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
    "output",
    "statistic",
    "memory_max",
    "cpus",
    "nice",
    "aslr",
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
                    let (own, whole) = self.layer(table, "[defaults]", Layer::Defaults);
                    manifest.settings = own.over(&manifest.settings);
                    manifest.whole = whole.over(&manifest.whole);
                }
                ("profile", DeValue::Table(tables)) => self.profiles(tables, manifest),
                ("quiesce", DeValue::Table(table)) => self.quiesce(table, &mut manifest.whole),
                ("workload", DeValue::Array(tables)) => workloads = Some(tables),
                ("workload", _) => self.refuse("", wrong_kind(value, "[[workload]]")),
                ("project" | "defaults" | "profile" | "quiesce", _) => {
                    self.refuse("", wrong_kind(value, "a table"));
                }
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

    /// Reads a document that has nothing but `[defaults]`: the user's own, or the built-in ones.
    pub(super) fn only_defaults(
        &mut self,
        document: &DeTable<'_>,
        layer: Layer,
    ) -> (Settings, Whole) {
        let mut read = (Settings::default(), Whole::default());
        for (key, value) in in_order(document) {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("defaults", DeValue::Table(table)) => {
                    read = self.layer(table, "[defaults]", layer);
                }
                ("defaults", _) => self.refuse("", wrong_kind(value, "a table")),
                (kind, _) if layer == Layer::BuiltIn && KIND_SECTIONS.contains(&kind) => {}
                _ => _ = self.unknown(key, "the user's own settings", &[&USER_SECTIONS]),
            }
        }
        read
    }

    /// Reads the tables of the built-in document whose values differ for kinds of points.
    pub(super) fn kinds(&mut self, document: &DeTable<'_>) -> [Settings; 2] {
        KIND_SECTIONS.map(|section| {
            let table = document.get(section).and_then(|value| value.get_ref().as_table());
            let read = table.map(|table| self.layer(table, section, Layer::BuiltIn));
            read.unwrap_or_default().0
        })
    }

    /// Reads a table of settings for all workloads.
    fn layer(
        &mut self,
        table: &DeTable<'_>,
        section: &'static str,
        layer: Layer,
    ) -> (Settings, Whole) {
        let (mut settings, mut whole) = (Settings::default(), Whole::default());
        for (key, value) in in_order(table) {
            let known = self.setting(key.get_ref(), value, layer, &mut settings)
                || self.whole(key.get_ref(), value, layer, &mut whole);
            if !known {
                self.unknown(key, section, &[&SETTING_KEYS, &WHOLE_KEYS]);
            }
        }
        (settings, whole)
    }

    fn profiles(&mut self, tables: &DeTable<'_>, manifest: &mut Manifest) {
        for (key, value) in in_order(tables) {
            let name = key.get_ref().to_string();
            let DeValue::Table(table) = value.get_ref() else {
                self.refuse("profile", wrong_kind(value, "a table such as [profile.ci]"));
                continue;
            };
            if let Err(fault) = check_identifier(&name) {
                self.problems.push_about(self.at(&key.span()), "profile", fault);
            }
            let (settings, whole) = self.layer(table, "[profile.NAME]", Layer::Profile);
            manifest.profiles.insert(name, Profile { settings, whole });
        }
    }

    fn quiesce(&mut self, table: &DeTable<'_>, whole: &mut Whole) {
        for (key, value) in in_order(table) {
            let (name, slot) = match key.get_ref().as_ref() {
                "before" => ("quiesce.before", &mut whole.quiesce_before),
                "after" => ("quiesce.after", &mut whole.quiesce_after),
                _ => {
                    self.unknown(key, "[quiesce]", &[&QUIESCE_KEYS]);
                    continue;
                }
            };
            *slot = self.set(name, value, Layer::Defaults, command::read_hook);
        }
    }

    /// Reads one setting that every layer may have; false where `key` is none.
    pub(super) fn setting(
        &mut self,
        key: &str,
        value: &Value<'_>,
        layer: Layer,
        into: &mut Settings,
    ) -> bool {
        match key {
            "precision" => into.precision = self.set(key, value, layer, percent::read),
            "max_time" => into.max_time = self.set(key, value, layer, duration::read_positive),
            "min_time" => into.min_time = self.set(key, value, layer, duration::read),
            "timeout" => into.timeout = self.set(key, value, layer, duration::read_positive),
            "batch_time" => into.batch_time = self.set(key, value, layer, duration::read_positive),
            "cap" => into.cap = self.set(key, value, layer, duration::read_positive),
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
            "setup" => into.setup = self.set(key, value, layer, command::read_hook),
            "prepare" => into.prepare = self.set(key, value, layer, command::read_hook),
            "conclude" => into.conclude = self.set(key, value, layer, command::read_hook),
            "cleanup" => into.cleanup = self.set(key, value, layer, command::read_hook),
            "output" => into.output = self.set(key, value, layer, output::read),
            "statistic" => into.statistic = self.set(key, value, layer, word::read_statistic),
            "memory_max" => into.memory_max = self.set(key, value, layer, size::read),
            "cpus" => into.cpus = self.set(key, value, layer, cpus::read),
            "nice" => into.nice = self.set(key, value, layer, nice::read),
            "aslr" => into.aslr = self.set(key, value, layer, read_flag),
            "tags" => self.tags(value, layer, into),
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
            "jobs" => into.jobs = self.set(key, value, layer, count::read_jobs),
            "quiet_wait" => into.quiet_wait = self.set(key, value, layer, duration::read),
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

    fn tags(&mut self, value: &Value<'_>, layer: Layer, into: &mut Settings) {
        let Some(all) = self.set("tags", value, layer, tags::read) else { return };
        let set = |tag: &String| {
            let (at, written) = (all.at.clone(), format!("{tag:?}"));
            Set { value: tag.clone(), layer, at, written }
        };
        into.tags = all.value.iter().map(set).collect();
    }

    /// A setting with its layer and place, unless its value is refused.
    pub(super) fn set<T>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        layer: Layer,
        read: impl FnOnce(&Value<'_>) -> Result<T, Refused>,
    ) -> Option<Set<T>> {
        let at = if layer == Layer::BuiltIn { At::BuiltIn } else { self.at(&value.span()) };
        let written = self.written(&value.span());
        self.take(key, read(value)).map(|value| Set { value, layer, at, written })
    }

    /// What stands there, on one line.
    pub(super) fn written(&self, span: &Range<usize>) -> String {
        let text = self.text.get(span.clone()).unwrap_or_default();
        if !text.contains('\n') {
            return text.to_owned();
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn take<T>(&mut self, setting: &str, read: Result<T, Refused>) -> Option<T> {
        read.map_err(|refused| self.refuse(setting, refused)).ok()
    }

    pub(super) fn refuse(&mut self, setting: &str, refused: Refused) {
        let at = self.at(&refused.span);
        if setting.is_empty() {
            self.problems.push(at, refused.fault);
        } else {
            self.problems.push_about(at, setting, refused.fault);
        }
    }

    /// Keeps an unknown key as a problem, and answers with the key that was probably meant.
    pub(super) fn unknown(
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
pub(super) fn in_order<'v, 'i>(
    table: &'v DeTable<'i>,
) -> Vec<(&'v Spanned<DeString<'i>>, &'v Value<'i>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

pub(super) fn name(value: &Value<'_>) -> Result<String, Refused> {
    let name = text(value, "a name such as \"gzip/level\"")?;
    let name = Name::new(name).map_err(|fault| refused(value, fault))?;
    Ok(name.as_str().to_owned())
}

fn path(value: &Value<'_>) -> Result<String, Refused> {
    text(value, "a path relative to the manifest's folder").map(str::to_owned)
}
