//! What is wrong with a manifest or a command line, each problem with its place.

use std::fmt;
use std::sync::Arc;

use tacho_schema::InvalidName;

use crate::setting::InvalidCounter;
use crate::setting::count::{InvalidCount, POINTS_ALLOWED_MAX, grouped};
use crate::setting::cpus::InvalidCpus;
use crate::setting::derive::InvalidDerive;
use crate::setting::dir::InvalidPath;
use crate::setting::duration::InvalidDuration;
use crate::setting::env::InvalidVariable;
use crate::setting::exit_codes::InvalidExitCodes;
use crate::setting::harness::InvalidHarness;
use crate::setting::ladder::InvalidLadder;
use crate::setting::line::InvalidLine;
use crate::setting::nice::InvalidNice;
use crate::setting::outcome::InvalidOutcome;
use crate::setting::output::InvalidOutput;
use crate::setting::outside::InvalidOutside;
use crate::setting::params::InvalidParam;
use crate::setting::percent::InvalidPercent;
use crate::setting::size::InvalidSize;
use crate::setting::threads::InvalidThreads;
use crate::setting::word::InvalidWord;
use crate::setting::words::InvalidWords;
use crate::values::InvalidScan;

/// So many problems are kept; of the others only the number.
const PROBLEMS_KEPT_MAX: usize = 20;

/// A place in the manifest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The manifest's path, as it was given for messages.
    pub path: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// Where a value, or a problem, comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// The built-in defaults.
    BuiltIn,
    /// A place in the manifest.
    File(Place),
    /// A flag, with its dashes.
    Flag(&'static str),
    /// A variable of the environment.
    Variable(&'static str),
    /// One of the commands on the command line, from 1.
    Command(usize),
    /// The command line as a whole.
    CommandLine,
    /// The Cargo project whose bench targets are measured without a manifest.
    CargoProject,
}

impl fmt::Display for At {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => out.write_str("built-in default"),
            Self::File(place) => place.fmt(out),
            Self::Flag(name) | Self::Variable(name) => out.write_str(name),
            Self::Command(number) => write!(out, "command {number}"),
            Self::CommandLine => out.write_str("command line"),
            Self::CargoProject => out.write_str("this Cargo project"),
        }
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// The manifest is larger than [`crate::MANIFEST_BYTES_MAX`].
    #[error(
        "a manifest of {} bytes is over the {} allowed",
        grouped(*.bytes as u128), grouped(crate::MANIFEST_BYTES_MAX as u128)
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The manifest holds bytes that are no UTF-8 text.
    #[error("this is no UTF-8 text")]
    NotText,
    /// The manifest is no TOML.
    #[error("{0}")]
    Syntax(String),
    /// A key that nobody knows here.
    #[error("unknown key `{key}` in {section}{hint}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The table it stands in, as it is written.
        section: &'static str,
        /// What may have been meant.
        hint: Hint,
    },
    /// A value of another kind than the setting takes.
    #[error("expected {expected}, found {found}")]
    WrongKind {
        /// What the setting takes, with an example.
        expected: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// A value is no duration.
    #[error(transparent)]
    Duration(#[from] InvalidDuration),
    /// A value is no percentage.
    #[error(transparent)]
    Percent(#[from] InvalidPercent),
    /// A value is no number of things.
    #[error(transparent)]
    Count(#[from] InvalidCount),
    /// A text cannot be split into words, or a word cannot be given to a program.
    #[error(transparent)]
    Words(#[from] InvalidWords),
    /// A folder or file is not where it may be.
    #[error(transparent)]
    Path(#[from] InvalidPath),
    /// A variable of the environment cannot be set.
    #[error(transparent)]
    Variable(#[from] InvalidVariable),
    /// A value says nothing about exit codes.
    #[error(transparent)]
    ExitCodes(#[from] InvalidExitCodes),
    /// A text is no size.
    #[error(transparent)]
    Size(#[from] InvalidSize),
    /// A text names no processors.
    #[error(transparent)]
    Cpus(#[from] InvalidCpus),
    /// A number is no niceness.
    #[error(transparent)]
    Nice(#[from] InvalidNice),
    /// Standard output cannot go there.
    #[error(transparent)]
    Output(#[from] InvalidOutput),
    /// A word is none of those that a setting takes.
    #[error(transparent)]
    Word(#[from] InvalidWord),
    /// Numbers of threads cannot be used.
    #[error(transparent)]
    Threads(#[from] InvalidThreads),
    /// A text is no pattern of a probe's lines.
    #[error(transparent)]
    Line(#[from] InvalidLine),
    /// An own counter cannot be read.
    #[error(transparent)]
    Outcome(#[from] InvalidOutcome),
    /// A quotient cannot be computed.
    #[error(transparent)]
    Derive(#[from] InvalidDerive),
    /// An own counter cannot have this name.
    #[error(transparent)]
    Counter(#[from] InvalidCounter),
    /// A parameter's values cannot be had from outside.
    #[error(transparent)]
    Outside(#[from] InvalidOutside),
    /// A harness cannot be asked or measured.
    #[error(transparent)]
    Harness(#[from] InvalidHarness),
    /// A ladder cannot be climbed.
    #[error(transparent)]
    Ladder(#[from] InvalidLadder),
    /// A workload has both a command and a probe.
    #[error("this [[workload]] has a `command` too, at {0}: one of them is measured")]
    CommandAndProbe(At),
    /// A pattern of lines, and nothing that prints them.
    #[error("only a probe's lines are read: write `probe` in place of `command`")]
    LineWithoutProbe,
    /// Two counters have one name.
    #[error("the counter `{name}` is there twice, also at {first}")]
    SameCounter {
        /// The name.
        name: String,
        /// The other place.
        first: At,
    },
    /// What a workload prints goes where nobody can read it.
    #[error("{what} (at {place}) is read from the output, so that must be a pipe")]
    OutputIsRead {
        /// What is read.
        what: String,
        /// Where that stands.
        place: At,
    },
    /// A profile that the manifest does not have.
    #[error("there is no [profile.{name}]{}", profiles(.near, .known))]
    UnknownProfile {
        /// The name.
        name: String,
        /// The one that may have been meant.
        near: Option<String>,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A profile, and no manifest to have it.
    #[error("profiles stand in a manifest, and there is none")]
    NoManifest,
    /// A parameter has no usable values.
    #[error(transparent)]
    Param(#[from] InvalidParam),
    /// A range of a parameter is none.
    #[error(transparent)]
    Scan(#[from] InvalidScan),
    /// A text is no name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// There is nothing to measure.
    #[error("there is no [[workload]] in it, so there is nothing to measure")]
    NoWorkload,
    /// No command was given.
    #[error("there is no command to measure")]
    NoCommands,
    /// A workload lacks something it cannot be without.
    #[error("this [[workload]] has no `{0}`")]
    Missing(&'static str),
    /// A workload's command is empty.
    #[error("the command is empty")]
    EmptyCommand,
    /// Two workloads have one name.
    #[error("the name `{name}` is taken: it also stands at {first}")]
    SameName {
        /// The name.
        name: String,
        /// The other place.
        first: At,
    },
    /// Two points could not be told apart.
    #[error(
        "the point `{identity}` is there twice, also from {first}; name them apart{}",
        by(.first)
    )]
    SamePoint {
        /// The identity of both.
        identity: String,
        /// Where the other one comes from.
        first: At,
    },
    /// A text names a parameter that is not there, but nearly is.
    #[error(
        "`{{{written}}}` is no parameter here; did you mean `{{{meant}}}`? \
         (a space after `{{` keeps it for the shell)"
    )]
    NearParameter {
        /// What is written.
        written: String,
        /// The parameter that is there.
        meant: String,
    },
    /// `runs` says exactly how many, and something beside it says otherwise.
    #[error("runs = {runs} means exactly {runs}, so it cannot stand beside {other}")]
    RunsAndBounds {
        /// The value of `runs`.
        runs: u32,
        /// The setting beside it.
        other: &'static str,
    },
    /// A lower bound lies over the upper one.
    #[error("{low_name} ({low}) is over {high_name} ({high}, at {high_at})")]
    Crossed {
        /// The lower bound's setting.
        low_name: &'static str,
        /// Its value as text.
        low: String,
        /// The upper bound's setting.
        high_name: &'static str,
        /// Its value as text.
        high: String,
        /// Where it stands.
        high_at: Box<At>,
    },
    /// More points than allowed.
    #[error(
        "{} points are over the {} allowed: use fewer values{}",
        counted(*.points), grouped(u128::from(*.allowed)), or_allow(*.points)
    )]
    TooManyPoints {
        /// How many the parameters make.
        points: u128,
        /// How many are allowed.
        allowed: u64,
    },
    /// A repeated flag fits neither all commands nor each one.
    #[error(
        "given {given} times beside {commands} command{}: give it once for all, or once for each",
        if *.commands == 1 { "" } else { "s" }
    )]
    GivenTimes {
        /// How often it was given.
        given: usize,
        /// How many commands there are.
        commands: usize,
    },
    /// A flag that takes one value beside a manifest was repeated.
    #[error("given {0} times: beside a manifest it is given once, for all workloads")]
    GivenTwice(usize),
    /// More names than commands.
    #[error("{names} names are more than there are commands ({commands})")]
    TooManyNames {
        /// How many names.
        names: usize,
        /// How many commands.
        commands: usize,
    },
}

/// The profiles that may have been meant.
fn profiles(near: &Option<String>, known: &[String]) -> String {
    match (near, known) {
        (Some(near), _) => format!("; did you mean `{near}`?"),
        (None, []) => "; the manifest has no profiles".to_owned(),
        (None, [only]) => format!("; there is {only}"),
        (None, known) => format!("; there are {}", known.join(", ")),
    }
}

/// The number of points, which is the least where counting reached its own end.
fn counted(points: u128) -> String {
    let at_least = if points == u128::MAX { "at least " } else { "" };
    format!("{at_least}{}", grouped(points))
}

/// How two points of one name are told apart, where it is not by writing another name.
fn by(first: &At) -> &'static str {
    match first {
        At::Command(_) => ", as with `-n A -n B`",
        At::BuiltIn
        | At::File(_)
        | At::Flag(_)
        | At::Variable(_)
        | At::CommandLine
        | At::CargoProject => "",
    }
}

/// How to allow so many points, where that can be.
fn or_allow(points: u128) -> String {
    if points > u128::from(POINTS_ALLOWED_MAX) {
        let most = grouped(u128::from(POINTS_ALLOWED_MAX));
        return format!("; no more than {most} can be allowed");
    }
    format!(", or allow them with --max-points {points} or max_points = {points} in [defaults]")
}

/// What may have been meant by an unknown key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A key that is known here and near.
    DidYouMean(&'static str),
    /// The key is known in another table.
    BelongsIn(&'static str),
    /// All keys that are known here.
    OneOf(Vec<&'static str>),
}

impl fmt::Display for Hint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DidYouMean(key) => write!(out, "; did you mean `{key}`?"),
            Self::BelongsIn(section) => write!(out, "; it belongs in {section}"),
            Self::OneOf(keys) => write!(out, "; known are {}", keys.join(", ")),
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Where.
    pub at: At,
    /// The setting that it is about, where the place does not say so.
    pub setting: Option<String>,
    /// What.
    pub fault: Fault,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.at, &self.setting) {
            // The place already is the command's.
            (At::Command(_), Some(setting)) if setting == "command" => {
                write!(out, "{}: {}", self.at, self.fault)
            }
            // So is the flag's.
            (at @ At::Flag(_), _) | (at, None) => write!(out, "{at}: {}", self.fault),
            (at, Some(setting)) => write!(out, "{at}: {setting}: {}", self.fault),
        }
    }
}

/// Everything that is wrong with a manifest or a command line, at most twenty in words.
///
/// Its `Display` has a line for each, `path:line:column: message` or `--flag: message`, in the
/// order of the file, and a last one that counts those left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problems {
    kept: Vec<Problem>,
    found: usize,
}

impl Problems {
    /// The problems that are kept, in order of their places; never empty in an error.
    #[must_use]
    pub fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// How many were found, those left out included.
    #[must_use]
    pub fn found(&self) -> usize {
        self.found
    }

    pub(crate) fn push(&mut self, at: At, fault: impl Into<Fault>) {
        self.add(Problem { at, setting: None, fault: fault.into() });
    }

    pub(crate) fn push_about(&mut self, at: At, setting: &str, fault: impl Into<Fault>) {
        self.add(Problem { at, setting: Some(setting.to_owned()), fault: fault.into() });
    }

    /// Takes the value out of a result, or keeps its fault.
    pub(crate) fn ok<T>(&mut self, at: &At, result: Result<T, impl Into<Fault>>) -> Option<T> {
        result.map_err(|fault| self.push(at.clone(), fault)).ok()
    }

    /// `value` where nothing is wrong, else the problems.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { self.or_err() }
    }

    /// The problems as an error.
    pub(crate) fn or_err<T>(mut self) -> Result<T, Self> {
        self.kept.sort_by(|a, b| a.at.cmp(&b.at));
        Err(self)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found == 0
    }

    /// Keeps a problem, once: what is wrong with a shared setting shows in every workload.
    pub(crate) fn add(&mut self, problem: Problem) {
        if self.kept.contains(&problem) {
            return;
        }
        self.found += 1;
        if self.kept.len() < PROBLEMS_KEPT_MAX {
            self.kept.push(problem);
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.kept.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(out, "{line_break}{problem}")?;
        }
        match self.found - self.kept.len() {
            0 => Ok(()),
            more => write!(out, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Problems {}
