//! Flags of the command line, as they were typed, laid over every other layer.

use crate::config::Whole;
use crate::expand::Request;
use crate::layer::{Layer, Set, Settings};
use crate::problem::{At, Fault, Problems};
use crate::setting::command::Command;
use crate::setting::{count, duration, env, exit_codes, percent, shell, words};

/// What was said by flags; what was not said is `None` or empty.
///
/// Durations and percentages are texts with units, as in the manifest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flags {
    /// `--warmup`; a number of runs is signed so that a negative one is refused like any other.
    pub warmup: Option<i64>,
    /// `--runs`: exactly so many.
    pub runs: Option<i64>,
    /// `--min-runs`.
    pub min_runs: Option<i64>,
    /// `--max-runs`.
    pub max_runs: Option<i64>,
    /// `--ignore-failure`: empty or `all-non-zero` for every code, else codes with commas.
    pub ignore_failure: Option<String>,
    /// `--shell`: its words, or `none`.
    pub shell: Option<String>,
    /// `-N`: no shell; the same as `--shell none`, and stronger than it.
    pub no_shell: bool,
    /// `--setup`: once for all commands, or once for each.
    pub setup: Vec<String>,
    /// `--prepare`: once for all commands, or once for each.
    pub prepare: Vec<String>,
    /// `--conclude`: once for all commands, or once for each.
    pub conclude: Vec<String>,
    /// `--cleanup`: once for all commands, or once for each.
    pub cleanup: Vec<String>,
    /// `--precision`, as `2%`.
    pub precision: Option<String>,
    /// `--min-time`.
    pub min_time: Option<String>,
    /// `--max-time`.
    pub max_time: Option<String>,
    /// `--timeout`.
    pub timeout: Option<String>,
    /// `--total-seconds`: a positive number, as `300` or `0.5`.
    pub total_seconds: Option<String>,
    /// `--launcher`: split into words.
    pub launcher: Option<String>,
    /// `--env`: `NAME=VALUE` each.
    pub env: Vec<String>,
    /// `--input`: any file, relative to the folder that the plan is carried out in.
    pub stdin: Option<String>,
    /// `--max-points`.
    pub max_points: Option<i64>,
    /// `--seed`.
    pub seed: Option<u64>,
    /// The seed where neither a flag nor the manifest has one: drawn by the caller, because
    /// nothing is random here.
    pub fresh_seed: u64,
}

impl Flags {
    /// The flags as a layer. `command` is the place and the number of the commands on the command
    /// line, `None` beside a manifest.
    pub(crate) fn settings(
        &self,
        command: Option<(usize, usize)>,
        problems: &mut Problems,
    ) -> Settings {
        let mut layer = FlagLayer { command, problems };
        Settings {
            precision: layer.text("--precision", &self.precision, percent::parse),
            min_time: layer.text("--min-time", &self.min_time, duration::parse),
            max_time: layer.text("--max-time", &self.max_time, positive_duration),
            timeout: layer.text("--timeout", &self.timeout, positive_duration),
            warmup: layer.runs("--warmup", self.warmup, 0),
            runs: layer.runs("--runs", self.runs, 1),
            min_runs: layer.runs("--min-runs", self.min_runs, 1),
            max_runs: layer.runs("--max-runs", self.max_runs, 1),
            ignore_failure: layer.text("--ignore-failure", &self.ignore_failure, exit_codes::parse),
            shell: self.shell(&mut layer),
            launcher: layer.text("--launcher", &self.launcher, words::split),
            env: layer.env(&self.env),
            dir: None,
            stdin: layer.text("--input", &self.stdin, checked),
            setup: layer.hook("--setup", &self.setup),
            prepare: layer.hook("--prepare", &self.prepare),
            conclude: layer.hook("--conclude", &self.conclude),
            cleanup: layer.hook("--cleanup", &self.cleanup),
            tags: Vec::new(),
        }
    }

    fn shell(&self, layer: &mut FlagLayer<'_>) -> Option<Set<shell::Shell>> {
        if self.no_shell {
            return Some(flag("-N", None));
        }
        layer.text("--shell", &self.shell, shell::parse)
    }

    /// What holds for the whole run, over what the manifest says of it.
    pub(crate) fn whole(&self, lower: &Whole, problems: &mut Problems) -> Request {
        let allowed = self.max_points.map(count::points);
        let allowed = allowed.and_then(|it| problems.ok(&At::Flag("--max-points"), it));
        let total = self.total_seconds.as_deref().map(duration::parse_seconds);
        let total = total.and_then(|it| problems.ok(&At::Flag("--total-seconds"), it));
        let of_manifest = |setting: &Option<Set<u64>>| setting.as_ref().map(|set| set.value);
        Request {
            points_max: allowed.unwrap_or(crate::layer::given(&lower.max_points).value),
            total_nanos: total.or(of_manifest(&lower.total_nanos)),
            seed: self.seed.or(of_manifest(&lower.seed)).unwrap_or(self.fresh_seed),
        }
    }
}

struct FlagLayer<'p> {
    command: Option<(usize, usize)>,
    problems: &'p mut Problems,
}

impl FlagLayer<'_> {
    fn text<T, F: Into<Fault>>(
        &mut self,
        name: &'static str,
        given: &Option<String>,
        parse: impl FnOnce(&str) -> Result<T, F>,
    ) -> Option<Set<T>> {
        let parsed = parse(given.as_ref()?);
        self.problems.ok(&At::Flag(name), parsed).map(|value| flag(name, value))
    }

    fn runs(&mut self, name: &'static str, given: Option<i64>, least: u32) -> Option<Set<u32>> {
        let checked = count::runs(given?, least);
        self.problems.ok(&At::Flag(name), checked).map(|value| flag(name, value))
    }

    fn env(&mut self, given: &[String]) -> std::collections::BTreeMap<String, Set<String>> {
        let at = At::Flag("--env");
        let parsed = given.iter().filter_map(|text| self.problems.ok(&at, env::parse(text)));
        parsed.map(|(name, value)| (name, flag("--env", value))).collect()
    }

    /// The command that a repeated flag gives for this command: the one for all, or its own.
    fn hook(&mut self, name: &'static str, given: &[String]) -> Option<Set<Command>> {
        let (index, commands) = self.command.unwrap_or((0, 1));
        let line = match (given, self.command) {
            ([], _) => return None,
            ([only], _) => only,
            (each, Some(_)) if each.len() == commands => &each[index],
            (each, Some(_)) => {
                let fault = Fault::GivenTimes { given: each.len(), commands };
                self.problems.push(At::Flag(name), fault);
                return None;
            }
            (each, None) => {
                self.problems.push(At::Flag(name), Fault::GivenTwice(each.len()));
                return None;
            }
        };
        let line = self.problems.ok(&At::Flag(name), checked(line))?;
        Some(flag(name, Command::Line(line)))
    }
}

fn flag<T>(name: &'static str, value: T) -> Set<T> {
    Set { value, layer: Layer::Flag, at: At::Flag(name) }
}

fn positive_duration(text: &str) -> Result<u64, duration::InvalidDuration> {
    duration::parse(text).and_then(duration::positive)
}

fn checked(text: &str) -> Result<String, words::InvalidWords> {
    words::check(text).map(|()| text.to_owned())
}
