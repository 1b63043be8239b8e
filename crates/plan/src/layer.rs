//! Layers: every setting with where it came from, and which one wins.
//!
//! Built-in default < user's own file < manifest's `[defaults]` < `[[workload]]` < the chosen
//! `[profile.NAME]` < flag. The nearest layer wins; variables and tags of all layers add up. A
//! bound on runs or time that a nearer layer sets moves the opposite bound of a farther one out of
//! its way; only two bounds of one layer can contradict each other.

use std::collections::BTreeMap;
use std::fmt::Display;

use tacho_schema::{
    ConfigLayer, ConfigSetting, ConfigSource, IgnoreFailure, Nanos, Output, Ratio, Statistic,
};

use crate::problem::{At, Fault, Problems};
use crate::setting::command::Command;
use crate::setting::cpus::Cpus;
use crate::setting::shell::Shell;

/// The layers, the nearest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// `defaults.toml`.
    BuiltIn,
    /// The user's own file.
    User,
    /// The manifest's `[defaults]`.
    Defaults,
    /// A `[[workload]]`, or a command on the command line.
    Workload,
    /// The chosen `[profile.NAME]`.
    Profile,
    /// A flag.
    Flag,
}

impl From<Layer> for ConfigLayer {
    fn from(layer: Layer) -> Self {
        match layer {
            Layer::BuiltIn => Self::BuiltIn,
            Layer::User => Self::User,
            Layer::Defaults => Self::Manifest,
            Layer::Workload => Self::Workload,
            Layer::Profile => Self::Profile,
            Layer::Flag => Self::Flag,
        }
    }
}

/// A value with its layer and its place.
#[derive(Clone, Debug)]
pub(crate) struct Set<T> {
    pub(crate) value: T,
    pub(crate) layer: Layer,
    pub(crate) at: At,
    /// The value as it was written.
    pub(crate) written: String,
}

impl<T> Set<T> {
    /// The setting as a reader is told of it.
    pub(crate) fn shown(&self, key: impl Into<String>) -> ConfigSetting {
        let place = match &self.at {
            At::BuiltIn => None,
            at => Some(at.to_string()),
        };
        let source = ConfigSource { layer: self.layer.into(), place };
        let value = Some(self.written.clone());
        ConfigSetting { key: key.into(), value, source: Some(source) }
    }
}

/// A setting that may have no value as a reader is told of it.
pub(crate) fn shown<T>(key: &str, setting: &Option<Set<T>>) -> ConfigSetting {
    match setting {
        Some(set) => set.shown(key),
        None => ConfigSetting { key: key.to_owned(), value: None, source: None },
    }
}

/// The settings of one layer, or of several laid over each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) precision: Option<Set<Ratio>>,
    pub(crate) max_time: Option<Set<u64>>,
    pub(crate) min_time: Option<Set<u64>>,
    pub(crate) timeout: Option<Set<u64>>,
    pub(crate) batch_time: Option<Set<u64>>,
    pub(crate) cap: Option<Set<u64>>,
    pub(crate) warmup: Option<Set<u32>>,
    pub(crate) runs: Option<Set<u32>>,
    pub(crate) min_runs: Option<Set<u32>>,
    pub(crate) max_runs: Option<Set<u32>>,
    pub(crate) ignore_failure: Option<Set<IgnoreFailure>>,
    pub(crate) shell: Option<Set<Shell>>,
    pub(crate) launcher: Option<Set<Vec<String>>>,
    pub(crate) env: BTreeMap<String, Set<String>>,
    pub(crate) dir: Option<Set<String>>,
    pub(crate) stdin: Option<Set<String>>,
    pub(crate) setup: Option<Set<Command>>,
    pub(crate) prepare: Option<Set<Command>>,
    pub(crate) conclude: Option<Set<Command>>,
    pub(crate) cleanup: Option<Set<Command>>,
    pub(crate) output: Option<Set<Output>>,
    pub(crate) statistic: Option<Set<Statistic>>,
    pub(crate) memory_max: Option<Set<Option<u64>>>,
    pub(crate) cpus: Option<Set<Cpus>>,
    pub(crate) nice: Option<Set<i32>>,
    pub(crate) aslr: Option<Set<bool>>,
    pub(crate) tags: Vec<Set<String>>,
}

impl Settings {
    /// These settings, and those of `lower` where these say nothing.
    pub(crate) fn over(&self, lower: &Self) -> Self {
        let mut env = lower.env.clone();
        env.extend(self.env.clone());
        let mut tags = lower.tags.clone();
        let is_new = |tag: &&Set<String>| lower.tags.iter().all(|known| known.value != tag.value);
        tags.extend(self.tags.iter().filter(is_new).cloned());
        Self {
            precision: nearer(&self.precision, &lower.precision),
            max_time: nearer(&self.max_time, &lower.max_time),
            min_time: nearer(&self.min_time, &lower.min_time),
            timeout: nearer(&self.timeout, &lower.timeout),
            batch_time: nearer(&self.batch_time, &lower.batch_time),
            cap: nearer(&self.cap, &lower.cap),
            warmup: nearer(&self.warmup, &lower.warmup),
            runs: nearer(&self.runs, &lower.runs),
            min_runs: nearer(&self.min_runs, &lower.min_runs),
            max_runs: nearer(&self.max_runs, &lower.max_runs),
            ignore_failure: nearer(&self.ignore_failure, &lower.ignore_failure),
            shell: nearer(&self.shell, &lower.shell),
            launcher: nearer(&self.launcher, &lower.launcher),
            env,
            dir: nearer(&self.dir, &lower.dir),
            stdin: nearer(&self.stdin, &lower.stdin),
            setup: nearer(&self.setup, &lower.setup),
            prepare: nearer(&self.prepare, &lower.prepare),
            conclude: nearer(&self.conclude, &lower.conclude),
            cleanup: nearer(&self.cleanup, &lower.cleanup),
            output: nearer(&self.output, &lower.output),
            statistic: nearer(&self.statistic, &lower.statistic),
            memory_max: nearer(&self.memory_max, &lower.memory_max),
            cpus: nearer(&self.cpus, &lower.cpus),
            nice: nearer(&self.nice, &lower.nice),
            aslr: nearer(&self.aslr, &lower.aslr),
            tags,
        }
    }

    /// These settings with the built-in values of a kind of points in place of the built-in ones
    /// for all: whatever somebody has set stays.
    pub(crate) fn of_kind(&self, kind: &Self) -> Self {
        Self {
            min_runs: more_built_in(&self.min_runs, &kind.min_runs),
            min_time: more_built_in(&self.min_time, &kind.min_time),
            max_time: more_built_in(&self.max_time, &kind.max_time),
            batch_time: more_built_in(&self.batch_time, &kind.batch_time),
            ..self.clone()
        }
    }

    /// What differs for a kind of points, as a reader is told of it: `name` is its table's.
    pub(crate) fn shown_of_kind(&self, name: &str, kind: &Self) -> Vec<ConfigSetting> {
        let its = self.of_kind(kind);
        let differs = |setting: &ConfigSetting| setting.value.is_some();
        let keys: Vec<String> = kind.shown().into_iter().filter(differs).map(|it| it.key).collect();
        let mut shown = its.shown();
        shown.retain(|setting| keys.contains(&setting.key));
        for setting in &mut shown {
            setting.key = format!("{name}.{}", setting.key);
        }
        shown
    }

    /// Every setting as a reader is told of it, in the order of the manual.
    pub(crate) fn shown(&self) -> Vec<ConfigSetting> {
        let mut all = vec![
            shown("precision", &self.precision),
            shown("min_runs", &self.min_runs),
            shown("max_runs", &self.max_runs),
            shown("min_time", &self.min_time),
            shown("max_time", &self.max_time),
            shown("timeout", &self.timeout),
            shown("batch_time", &self.batch_time),
            shown("cap", &self.cap),
            shown("warmup", &self.warmup),
            shown("runs", &self.runs),
            shown("statistic", &self.statistic),
            shown("ignore_failure", &self.ignore_failure),
            shown("shell", &self.shell),
            shown("launcher", &self.launcher),
        ];
        all.extend(self.env.iter().map(|(name, set)| set.shown(format!("env.{name}"))));
        all.extend(self.env.is_empty().then(|| shown::<String>("env", &None)));
        all.extend([
            shown("dir", &self.dir),
            shown("stdin", &self.stdin),
            shown("output", &self.output),
            shown("memory_max", &self.memory_max),
            shown("cpus", &self.cpus),
            shown("nice", &self.nice),
            shown("aslr", &self.aslr),
            shown("setup", &self.setup),
            shown("prepare", &self.prepare),
            shown("conclude", &self.conclude),
            shown("cleanup", &self.cleanup),
        ]);
        all.extend(self.tags.iter().map(|tag| tag.shown("tags")));
        all.extend(self.tags.is_empty().then(|| shown::<String>("tags", &None)));
        all
    }
}

fn nearer<T: Clone>(upper: &Option<Set<T>>, lower: &Option<Set<T>>) -> Option<Set<T>> {
    upper.as_ref().or(lower.as_ref()).cloned()
}

/// `kind`'s value where nobody has set another than the built-in one.
fn more_built_in<T: Clone>(set: &Option<Set<T>>, kind: &Option<Set<T>>) -> Option<Set<T>> {
    let is_ours = set.as_ref().is_none_or(|set| set.layer == Layer::BuiltIn);
    nearer(if is_ours { kind } else { &None }, set)
}

/// What a point is: the built-in values of some settings differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A command, timed from outside.
    Command,
    /// A workload of a program that times itself.
    Harness,
    /// A rung of a ladder, of either.
    Rung,
}

impl Kind {
    /// So many runs the built-in longest time waits for: six, from which a median has a 95 %
    /// interval. A ladder has other rungs to learn from.
    fn runs_waited_for(self) -> u32 {
        match self {
            Self::Command | Self::Harness => 6,
            Self::Rung => 3,
        }
    }
}

/// How much of a point is measured, with all layers taken together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) precision: Ratio,
    pub(crate) warmup: u32,
    pub(crate) min_runs: u32,
    pub(crate) max_runs: u32,
    pub(crate) min_time_nanos: u64,
    pub(crate) max_time_nanos: u64,
    pub(crate) max_time_runs_min: u32,
    pub(crate) timeout_nanos: u64,
    /// The measured time of a batch, and who says so.
    batch: (u64, Layer),
    /// The longest that a batch of a ladder may take, and who says so.
    cap: (u64, Layer),
}

impl Bounds {
    /// The bounds that `settings` give, which must lie over the built-in layer.
    ///
    /// Contradictions are added to `problems`; the bounds then hold the lower ones as they are.
    pub(crate) fn of(settings: &Settings, kind: Kind, problems: &mut Problems) -> Self {
        let nanos = |set: &Option<Set<u64>>| (given(set).value, given(set).layer);
        let (min_runs, max_runs) = runs(settings, problems);
        let times = (given(&settings.min_time), given(&settings.max_time));
        let show = |nanos: &u64| Nanos(*nanos as f64).to_string();
        let (min_time_nanos, max_time_nanos) =
            uncrossed(times, ["min_time", "max_time"], show, problems);
        Self {
            precision: given(&settings.precision).value,
            warmup: given(&settings.warmup).value,
            min_runs,
            max_runs,
            min_time_nanos,
            max_time_nanos,
            // A built-in bound that left a slow command without an interval would help nobody.
            max_time_runs_min: match given(&settings.max_time).layer {
                Layer::BuiltIn => kind.runs_waited_for(),
                _ => 0,
            },
            timeout_nanos: given(&settings.timeout).value,
            batch: nanos(&settings.batch_time),
            cap: nanos(&settings.cap),
        }
    }

    /// The measured time of a batch, which may be ended after `timeout_nanos`: the program asks for
    /// `own` where nobody has set another. At most a quarter of what it may take: it also has to
    /// start, and to find out how often to call.
    pub(crate) fn batch_nanos(&self, own: Option<u64>, timeout_nanos: u64) -> u64 {
        unless_set(self.batch, own).min(timeout_nanos / 4).max(1)
    }

    /// The longest that a batch of a ladder may take: the program asks for `own` where nobody has
    /// set another.
    pub(crate) fn cap_nanos(&self, own: Option<u64>) -> u64 {
        unless_set(self.cap, own).min(self.timeout_nanos)
    }
}

/// `own`, unless somebody has set `value`.
fn unless_set((value, layer): (u64, Layer), own: Option<u64>) -> u64 {
    own.filter(|_| layer == Layer::BuiltIn).unwrap_or(value)
}

/// The bounds on runs: exact where `runs` is the nearest word on it.
fn runs(settings: &Settings, problems: &mut Problems) -> (u32, u32) {
    let (least, most) = (given(&settings.min_runs), given(&settings.max_runs));
    let nearest_bound = least.layer.max(most.layer);
    match &settings.runs {
        Some(runs) if runs.layer == nearest_bound => {
            let other = if least.layer == runs.layer { "min_runs" } else { "max_runs" };
            problems.push(runs.at.clone(), Fault::RunsAndBounds { runs: runs.value, other });
            (runs.value, runs.value)
        }
        Some(runs) if runs.layer > nearest_bound => (runs.value, runs.value),
        _ => uncrossed((least, most), ["min_runs", "max_runs"], ToString::to_string, problems),
    }
}

/// A lower and an upper bound, the farther of them moved to the nearer where they cross.
fn uncrossed<T: Copy + Ord + Display>(
    (low, high): (&Set<T>, &Set<T>),
    [low_name, high_name]: [&'static str; 2],
    show: impl Fn(&T) -> String,
    problems: &mut Problems,
) -> (T, T) {
    if low.value <= high.value {
        return (low.value, high.value);
    }
    match low.layer.cmp(&high.layer) {
        std::cmp::Ordering::Less => (high.value, high.value),
        std::cmp::Ordering::Greater => (low.value, low.value),
        std::cmp::Ordering::Equal => {
            let (low_text, high_text) = (show(&low.value), show(&high.value));
            let high_at = Box::new(high.at.clone());
            let (low_at, low, high) = (low.at.clone(), low.value, high_text);
            let fault = Fault::Crossed { low_name, low: low_text, high_name, high, high_at };
            problems.push(low_at, fault);
            (low, low)
        }
    }
}

/// The value of a setting that the built-in layer has.
pub(crate) fn given<T>(setting: &Option<Set<T>>) -> &Set<T> {
    setting.as_ref().expect("defaults.toml gives this setting a value, which its test holds")
}
