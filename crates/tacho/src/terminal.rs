//! The terminal: what is printed where, in colour or not, and progress while it takes long.

use std::io::{IsTerminal, Write};

use anstyle::AnsiColor;
use indicatif::{ProgressBar, ProgressStyle};
use tacho_measure::run::{Phase, Progress};
use tacho_report::Style;
use tacho_schema::{Nanos, PlanDoc};

use crate::args::export::Look;

/// Takes colours away or forces them, for all that is printed from here on.
pub(crate) fn set_style(look: Option<Look>) {
    match look {
        None | Some(Look::Auto | Look::None) => {}
        Some(Look::Basic | Look::NoColor) => anstream::ColorChoice::Never.write_global(),
        Some(Look::Full | Look::Color) => anstream::ColorChoice::AlwaysAnsi.write_global(),
    }
}

/// Whether a progress line is wanted.
pub(crate) fn shows_progress(look: Option<Look>) -> bool {
    !matches!(look, Some(Look::Basic | Look::Color | Look::None))
}

/// How standard output is to be written to.
pub(crate) fn style() -> Style {
    let out = std::io::stdout();
    let color = anstream::AutoStream::choice(&out) != anstream::ColorChoice::Never;
    if !out.is_terminal() {
        return Style { color, ..Style::PIPE };
    }
    let width = terminal_size::terminal_size_of(&out).map_or(80, |(width, _)| width.0.max(40));
    Style { width: Some(usize::from(width)), color, unicode: is_unicode(), time_unit: None }
}

/// Whether the locale says UTF-8; unset counts as such, as in most containers.
fn is_unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os);
    let first = set.map(|value| value.to_string_lossy().to_lowercase()).find(|it| !it.is_empty());
    first.is_none_or(|locale| locale.contains("utf-8") || locale.contains("utf8"))
}

/// A moment in the user's own time zone, to the second.
pub(crate) fn local_time(unix_ms: u64) -> String {
    let millis = i64::try_from(unix_ms).unwrap_or(i64::MAX);
    match jiff::Timestamp::from_millisecond(millis) {
        Ok(time) => {
            let zoned = time.to_zoned(jiff::tz::TimeZone::system());
            zoned.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
        Err(_) => "unknown".to_owned(),
    }
}

/// Prints results. A reader that went away is no error; a full disk is.
///
/// # Errors
/// The system's answer.
pub(crate) fn print(text: &str) -> Result<(), std::io::Error> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Says what is wrong.
pub(crate) fn error(text: &str) {
    say("error", AnsiColor::Red, text);
}

/// Says what to do about it.
pub(crate) fn hint(text: &str) {
    say("hint", AnsiColor::Cyan, text);
}

/// Says what a user should know and need not act on.
pub(crate) fn note(text: &str) {
    say("note", AnsiColor::Blue, text);
}

fn say(word: &str, color: AnsiColor, text: &str) {
    let style = color.on_default().bold();
    // Standard error may be closed: there is nobody left to tell.
    let _ = writeln!(anstream::stderr(), "{style}{word}{style:#}: {text}");
}

/// The progress line: on a terminal only, gone when the work is done.
pub(crate) struct Meter {
    bar: Option<ProgressBar>,
}

impl Meter {
    /// A line for a run, if one is wanted.
    pub(crate) fn new(wanted: bool) -> Self {
        if !wanted || !std::io::stderr().is_terminal() {
            return Self { bar: None };
        }
        let bar = ProgressBar::new(BAR_STEPS);
        if let Ok(style) = ProgressStyle::with_template("[{bar:16}] {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar: Some(bar) }
    }

    /// Shows where the run is. The time comes first: it must not be cut off.
    pub(crate) fn show(&self, progress: Progress, plan: &PlanDoc, ad_hoc: bool) {
        let Some(bar) = &self.bar else { return };
        let what = match progress.phase {
            Phase::Setup => "set-up of ",
            Phase::Warmup => "warm-up of ",
            Phase::Measure => "",
            Phase::Cleanup => "clean-up of ",
        };
        let point = plan.points.get(progress.point).map(|planned| planned.label(ad_hoc));
        let left = progress.remaining_nanos.map_or(String::new(), |nanos| {
            // Whole seconds: a finer estimate only flickers.
            format!("about {} left, ", Nanos((nanos as f64 / 1e9).ceil() * 1e9).coarse())
        });
        let points = format!("{} of {} points done", progress.points_over, progress.points);
        bar.set_position(steps(&progress));
        bar.set_message(format!(
            "{left}{points}, {what}{} ({})",
            point.unwrap_or_default(),
            tacho_report::phrase::counted(progress.point_rows, "run"),
        ));
    }
}

/// The bar's resolution.
const BAR_STEPS: u64 = 1000;

/// How much of the time has passed, in [`BAR_STEPS`]; of the points, while no time is known.
fn steps(progress: &Progress) -> u64 {
    let (done, all) = match progress.remaining_nanos {
        Some(left) => (progress.elapsed_nanos, progress.elapsed_nanos.saturating_add(left)),
        None => (progress.points_over as u64, progress.points as u64),
    };
    (done as f64 / all.max(1) as f64 * BAR_STEPS as f64) as u64
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
