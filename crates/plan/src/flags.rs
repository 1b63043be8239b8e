//! Flags of the command line, as they were typed, laid over every other layer.

use crate::layer::{Layer, Set, Settings};
use crate::problem::{At, Fault, Problems};
use crate::setting::command::Command;
use crate::setting::{
    count, cpus, duration, env, exit_codes, nice, output, percent, shell, size, words,
};
use crate::whole::Whole;

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
    /// `--batch-time`.
    pub batch_time: Option<String>,
    /// `--cap`.
    pub cap: Option<String>,
    /// `--total-seconds`: a positive number, as `300` or `0.5`.
    pub total_seconds: Option<String>,
    /// `--launcher`: split into words.
    pub launcher: Option<String>,
    /// `--env`: `NAME=VALUE` each.
    pub env: Vec<String>,
    /// `--input`: any file, relative to the folder that the plan is carried out in.
    pub stdin: Option<String>,
    /// `--output`: `pipe`, `null`, `inherit`, or any file, relative like `stdin`.
    pub output: Option<String>,
    /// `--memory-max`, as `512MiB`, or `none`.
    pub memory_max: Option<String>,
    /// `--cpus`, as `0-1,3`, or `all`.
    pub cpus: Option<String>,
    /// `--nice`.
    pub nice: Option<i64>,
    /// `--no-aslr`.
    pub no_aslr: bool,
    /// `--jobs`.
    pub jobs: Option<i64>,
    /// `--quiet-wait`.
    pub quiet_wait: Option<String>,
    /// `--profile`: one of the manifest's.
    pub profile: Option<String>,
    /// `TACHO_PROFILE`, which counts where no flag says otherwise and there is a manifest.
    pub profile_variable: Option<String>,
    /// How many processors there are, for `threads = ["max"]`: given by the caller, because
    /// nothing asks the machine here. 0 counts as 1.
    pub processors: u32,
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
            batch_time: layer.text("--batch-time", &self.batch_time, positive_duration),
            cap: layer.text("--cap", &self.cap, positive_duration),
            warmup: layer.number("--warmup", self.warmup, |it| count::runs(it, 0)),
            runs: layer.number("--runs", self.runs, |it| count::runs(it, 1)),
            min_runs: layer.number("--min-runs", self.min_runs, |it| count::runs(it, 1)),
            max_runs: layer.number("--max-runs", self.max_runs, |it| count::runs(it, 1)),
            ignore_failure: layer.text("--ignore-failure", &self.ignore_failure, exit_codes::parse),
            shell: self.shell(&mut layer),
            launcher: layer.text("--launcher", &self.launcher, words::parse),
            env: layer.env(&self.env),
            dir: None,
            stdin: layer.text("--input", &self.stdin, checked),
            setup: layer.hook("--setup", &self.setup),
            prepare: layer.hook("--prepare", &self.prepare),
            conclude: layer.hook("--conclude", &self.conclude),
            cleanup: layer.hook("--cleanup", &self.cleanup),
            output: layer.text("--output", &self.output, output::parse),
            statistic: None,
            memory_max: layer.text("--memory-max", &self.memory_max, size::parse_bound),
            cpus: layer.text("--cpus", &self.cpus, cpus::parse),
            nice: layer.number("--nice", self.nice, nice::check),
            aslr: self.no_aslr.then(|| flag("--no-aslr", false, "false".to_owned())),
            tags: Vec::new(),
        }
    }

    fn shell(&self, layer: &mut FlagLayer<'_>) -> Option<Set<shell::Shell>> {
        if self.no_shell {
            return Some(flag("-N", None, "false".to_owned()));
        }
        layer.text("--shell", &self.shell, shell::parse)
    }

    /// What flags say of the whole run.
    pub(crate) fn whole(&self, problems: &mut Problems) -> Whole {
        let mut layer = FlagLayer { command: None, problems };
        let total = duration::parse_seconds;
        Whole {
            max_points: layer.number("--max-points", self.max_points, count::points),
            total_nanos: layer.text("--total-seconds", &self.total_seconds, total),
            seed: self.seed.map(|seed| flag("--seed", seed, seed.to_string())),
            jobs: layer.number("--jobs", self.jobs, count::jobs),
            quiet_wait: layer.text("--quiet-wait", &self.quiet_wait, duration::parse),
            ..Whole::default()
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
        let text = given.as_ref()?;
        let value = self.problems.ok(&At::Flag(name), parse(text))?;
        Some(flag(name, value, quoted(text)))
    }

    fn number<T, F: Into<Fault>>(
        &mut self,
        name: &'static str,
        given: Option<i64>,
        check: impl FnOnce(i64) -> Result<T, F>,
    ) -> Option<Set<T>> {
        let number = given?;
        let value = self.problems.ok(&At::Flag(name), check(number))?;
        Some(flag(name, value, number.to_string()))
    }

    fn env(&mut self, given: &[String]) -> std::collections::BTreeMap<String, Set<String>> {
        let at = At::Flag("--env");
        let parsed = given.iter().filter_map(|text| self.problems.ok(&at, env::parse(text)));
        let set = |(name, value): (String, String)| {
            let written = quoted(&value);
            (name, flag("--env", value, written))
        };
        parsed.map(set).collect()
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
        let written = quoted(&line);
        Some(flag(name, Command::Line(line), written))
    }
}

fn flag<T>(name: &'static str, value: T, written: String) -> Set<T> {
    Set { value, layer: Layer::Flag, at: At::Flag(name), written }
}

/// A text as it would stand in a manifest.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

fn positive_duration(text: &str) -> Result<u64, duration::InvalidDuration> {
    duration::parse(text).and_then(duration::positive)
}

fn checked(text: &str) -> Result<String, words::InvalidWords> {
    words::check(text).map(|()| text.to_owned())
}
