//! The command line of a benchmark binary: our flags, libtest's, nextest's and Criterion's.

use std::ffi::OsString;

use lexopt::{Arg, Parser};

use crate::style::Color;

/// So many child processes at most for a point.
const CHILDREN_MAX: u64 = 10_000;

/// A day: more seconds are taken for a mistake.
const SECONDS_MAX: f64 = 86_400.0;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Measures the benchmarks of this binary, each batch in a process of its own.

Usage: cargo bench [--bench TARGET] [-- [FILTER]... [FLAG]...]

  FILTER                benchmarks with this in their names; several: with any
      --exact           filters are whole names
      --skip TEXT       not those with this in their names; may be repeated
      --list            print the names; with --format terse only those
      --test            call each once, at its smallest parameter, checked
      --sample-size N   processes for each point (default: 12; on a ladder: 3)
      --measurement-time S
                        seconds of measured calls for a benchmark
                        (default: 0.24; on a ladder 0.03 for each rung)
      --warm-up-time S  seconds of uncounted batches before a point (default: 0)
      --quick           fewer and shorter batches
      --seed N          vary processes as the run did that told this seed
      --nocapture       show what the benchmarks print
      --color WHEN      auto, always, never
  -q, --quiet           only the tree
  -v, --verbose         processes, memory, emptied caches of points; the seed
  -h, --help            this text
  -V, --version         the version of the harness

Other flags of libtest and Criterion are accepted and change nothing; it is said
what to use instead of Criterion's.

Exit codes: 0 fine, 101 a benchmark failed, 2 used wrongly.
";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Measure, and print the tree.
    Measure,
    /// Call each once, and print what libtest prints.
    Test,
    /// Print the names.
    List {
        /// Only the names' lines.
        terse: bool,
    },
    /// Print [`HELP`].
    Help,
    /// Print the version.
    Version,
}

/// Which benchmarks are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// One of these; none: all.
    pub(crate) wanted: Vec<String>,
    /// None of these.
    pub(crate) skipped: Vec<String>,
    /// They are whole names, not parts of them.
    pub(crate) exact: bool,
    /// Only ignored ones, and no benchmark is.
    pub(crate) ignored_only: bool,
}

impl Selection {
    /// Whether the benchmark called `name` is meant.
    pub(crate) fn has(&self, name: &str) -> bool {
        let fits = |text: &String| if self.exact { name == text } else { name.contains(&**text) };
        !self.ignored_only
            && (self.wanted.is_empty() || self.wanted.iter().any(fits))
            && !self.skipped.iter().any(fits)
    }
}

/// How much is measured; what is not said follows from the benchmark.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Effort {
    /// Child processes for each point.
    pub(crate) children: Option<u64>,
    /// Seconds of measured calls for a benchmark.
    pub(crate) measured_seconds: Option<f64>,
    /// Seconds of batches that are not counted.
    pub(crate) warm_up_seconds: f64,
    /// Fewer and shorter batches.
    pub(crate) quick: bool,
}

/// What the command line means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    /// What is to be done.
    pub(crate) action: Action,
    /// With which benchmarks.
    pub(crate) selection: Selection,
    /// How thoroughly.
    pub(crate) effort: Effort,
    /// Whether in colours.
    pub(crate) color: Color,
    /// Only the tree.
    pub(crate) quiet: bool,
    /// More of each point.
    pub(crate) verbose: bool,
    /// What the benchmarks print is kept away from the terminal.
    pub(crate) capture: bool,
    /// What varies from process to process, as in another run.
    pub(crate) seed: Option<u64>,
    /// What is told about flags that change nothing.
    pub(crate) notes: Vec<String>,
}

/// Flags that change nothing here, whose users are told what to use instead, and whether they
/// have a value.
const INSTEAD: [(&str, bool, &str); 14] = [
    ("save-baseline", true, SAVED),
    ("baseline", true, COMPARED),
    ("baseline-lenient", true, COMPARED),
    ("load-baseline", true, "`tacho show NAME --baseline OTHER` compares two captures"),
    ("discard-baseline", false, "nothing is kept here; `tacho run` keeps what it measures"),
    ("noise-threshold", true, JUDGED),
    ("confidence-level", true, JUDGED),
    ("significance-level", true, JUDGED),
    ("nresamples", true, JUDGED),
    ("profile-time", true, PROFILED),
    ("output-format", true, "`tacho run` and `tacho export` write JSON, CSV and others"),
    ("format", true, "it belongs to --list; `tacho run` writes JSON and others"),
    ("plotting-backend", true, PLOTTED),
    ("noplot", false, PLOTTED),
];

const SAVED: &str = "`tacho run --save-baseline NAME` keeps what it measures under a name";
const COMPARED: &str = "`tacho run --baseline NAME` shows the change against a kept one";
const JUDGED: &str = "nothing is judged here; `tacho run` gives intervals";
const PLOTTED: &str = "there are no plots";
const PROFILED: &str = "put the profiler in front of one batch, as in \
     `perf record -- BINARY _child --bench NAME --fixed --repeat-index 0 \
     --min-total-nanos 5000000000`";

/// Flags of libtest that change nothing here, and whether they have a value.
const IGNORED: [(&str, bool); 11] = [
    ("test-threads", true),
    ("logfile", true),
    ("shuffle-seed", true),
    ("shuffle", false),
    ("report-time", false),
    ("ensure-time", false),
    ("fail-fast", false),
    ("force-run-in-process", false),
    ("exclude-should-panic", false),
    ("include-ignored", false),
    ("show-output", false),
];

/// What was typed, before it is known what it means together.
#[derive(Default)]
struct Typed {
    options: Options,
    bench: bool,
    test: bool,
    list: bool,
    help: bool,
    version: bool,
    format: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            action: Action::Test,
            selection: Selection::default(),
            effort: Effort::default(),
            color: Color::Auto,
            quiet: false,
            verbose: false,
            capture: true,
            seed: None,
            notes: Vec::new(),
        }
    }
}

/// Reads the words behind the program's name.
///
/// # Errors
/// A message about a value that is missing or cannot be read; no flag is an error.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Options, String> {
    let mut parser = Parser::from_args(words.into_iter().collect::<Vec<_>>());
    let mut typed = Typed::default();
    while let Some(arg) = parser.next().map_err(|error| error.to_string())? {
        match arg {
            Arg::Value(filter) => typed.options.selection.wanted.push(lossy(&filter)),
            Arg::Short(short) => {
                let name = long_of(short).map_or_else(|| short.to_string(), str::to_owned);
                take(&mut typed, &name, &format!("-{short}"), &mut parser)?;
            }
            Arg::Long(long) => {
                let long = long.to_owned();
                take(&mut typed, &long, &format!("--{long}"), &mut parser)?;
            }
        }
        // A value that a flag without one was given, as in `--quiet=yes`.
        parser.optional_value();
    }
    Ok(meant(typed))
}

fn meant(typed: Typed) -> Options {
    let mut options = typed.options;
    options.action = match () {
        () if typed.help => Action::Help,
        () if typed.version => Action::Version,
        () if typed.list => Action::List { terse: typed.format.as_deref() == Some("terse") },
        // Without `--bench` it is `cargo test --benches` that calls, as for libtest and Criterion.
        () if typed.test || !typed.bench => Action::Test,
        () => Action::Measure,
    };
    if typed.format.is_some() && !typed.list && options.action == Action::Measure {
        options.notes.extend(instead("format", "--format"));
    }
    options
}

fn long_of(short: char) -> Option<&'static str> {
    Some(match short {
        'h' => "help",
        'V' => "version",
        'q' => "quiet",
        'v' => "verbose",
        'c' => "color",
        'n' => "noplot",
        's' => "save-baseline",
        'b' => "baseline",
        'Z' => "Z",
        _ => return None,
    })
}

/// Takes one flag, and its value if it has one.
fn take(typed: &mut Typed, name: &str, shown: &str, parser: &mut Parser) -> Result<(), String> {
    let options = &mut typed.options;
    match name {
        "bench" => typed.bench = true,
        "test" => typed.test = true,
        "list" => typed.list = true,
        "help" => typed.help = true,
        "version" => typed.version = true,
        "format" => typed.format = Some(value(parser, shown)?),
        "exact" => options.selection.exact = true,
        "ignored" => options.selection.ignored_only = true,
        "skip" => options.selection.skipped.push(value(parser, shown)?),
        "nocapture" | "no-capture" => options.capture = false,
        "quiet" => options.quiet = true,
        "verbose" => options.verbose = true,
        "quick" => options.effort.quick = true,
        "sample-size" => options.effort.children = Some(children(&value(parser, shown)?, shown)?),
        "measurement-time" => {
            options.effort.measured_seconds = Some(seconds(&value(parser, shown)?, shown)?);
        }
        "warm-up-time" => {
            options.effort.warm_up_seconds = seconds(&value(parser, shown)?, shown)?;
        }
        "color" => options.color = color(&value(parser, shown)?, shown)?,
        "seed" => options.seed = Some(seed(&value(parser, shown)?, shown)?),
        "Z" => drop(value(parser, shown)?),
        _ => without_effect(options, name, shown, parser)?,
    }
    Ok(())
}

/// Takes a flag that changes nothing.
fn without_effect(
    options: &mut Options,
    name: &str,
    shown: &str,
    parser: &mut Parser,
) -> Result<(), String> {
    let known = INSTEAD.iter().find(|(known, ..)| *known == name).map(|(_, valued, _)| *valued);
    let ignored = IGNORED.iter().find(|(known, _)| *known == name).map(|(_, valued)| *valued);
    if known.or(ignored) == Some(true) {
        value(parser, shown)?;
    }
    if known.is_some() {
        options.notes.extend(instead(name, shown));
    } else if ignored.is_none() {
        options.notes.push(format!("{shown} is not known here and was ignored"));
    }
    Ok(())
}

fn instead(name: &str, shown: &str) -> Option<String> {
    let (.., instead) = INSTEAD.iter().find(|(known, ..)| *known == name)?;
    Some(format!("{shown} has no effect here: {instead}"))
}

fn value(parser: &mut Parser, shown: &str) -> Result<String, String> {
    parser.value().map(|value| lossy(&value)).map_err(|_| format!("{shown} needs a value"))
}

fn lossy(text: &OsString) -> String {
    text.to_string_lossy().into_owned()
}

fn children(text: &str, shown: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| (1..=CHILDREN_MAX).contains(number));
    number.ok_or_else(|| format!("{shown} takes a number from 1 to {CHILDREN_MAX}, not {text:?}"))
}

fn seconds(text: &str, shown: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=SECONDS_MAX).contains(number));
    number.ok_or_else(|| {
        format!("{shown} takes seconds, as 0.5, at most {SECONDS_MAX}, not {text:?}")
    })
}

fn seed(text: &str, shown: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{shown} takes a whole number, not {text:?}"))
}

fn color(text: &str, shown: &str) -> Result<Color, String> {
    match text {
        "auto" => Ok(Color::Auto),
        "always" => Ok(Color::Always),
        "never" => Ok(Color::Never),
        _ => Err(format!("{shown} takes auto, always or never, not {text:?}")),
    }
}

#[cfg(test)]
mod tests;
