//! What a harness says of a function: a centre, and an interval where it gives one.

use std::collections::BTreeMap;

use tacho_schema::{Metric, SummaryDoc};

/// One of the numbers that a harness reports of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// Our median over processes.
    Tacho,
    /// Criterion's median of samples.
    CriterionMedian,
    /// What Criterion prints: the slope, or the mean where each sample has as many calls.
    CriterionTypical,
    /// divan's median of samples.
    DivanMedian,
    /// divan's mean of samples.
    DivanMean,
    /// The median of slices of a plain loop.
    Bare,
    /// The same in a process that has started a thread: then an allocator has to lock.
    BareThreaded,
}

impl Column {
    /// Its name in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tacho => "tacho",
            Self::CriterionMedian => "Criterion, median",
            Self::CriterionTypical => "Criterion, printed",
            Self::DivanMedian => "divan, median",
            Self::DivanMean => "divan, mean",
            Self::Bare => "bare loop",
            Self::BareThreaded => "… with a thread",
        }
    }
}

/// A number and how sure the harness is of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    /// Time of one call, nanoseconds.
    pub(super) nanos: f64,
    /// Its 95 % interval.
    pub(super) interval: Option<(f64, f64)>,
}

impl Estimate {
    /// Whether the interval holds `nanos`; never without one.
    pub(super) fn holds(&self, nanos: f64) -> bool {
        self.interval.is_some_and(|(low, high)| low <= nanos && nanos <= high)
    }
}

/// Estimates by function (its name without its group) and column.
pub(super) type Readings = BTreeMap<(String, Column), Estimate>;

/// Reads what `tacho run --json` prints.
///
/// # Errors
/// What is wrong with it, as the parser says.
pub(super) fn read_summary(printed: &[u8]) -> Result<Readings, String> {
    let document: SummaryDoc = serde_json::from_slice(printed).map_err(|e| e.to_string())?;
    let mut readings = Readings::new();
    for point in &document.points {
        let Some(wall) = point.spread(Metric::Wall) else { continue };
        let interval = wall.interval.as_ref().map(|interval| (interval.low, interval.high));
        let estimate = Estimate { nanos: wall.median, interval };
        readings.insert((last_part(&point.point).to_owned(), Column::Tacho), estimate);
    }
    Ok(readings)
}

/// Reads lines of a function's name and nanoseconds a call.
///
/// # Errors
/// The line that is not one.
pub(super) fn read_lines(printed: &[u8], column: Column) -> Result<Readings, String> {
    let text = String::from_utf8_lossy(printed);
    let read = |line: &str| {
        let (function, nanos) = line.split_once(' ')?;
        let estimate = Estimate { nanos: nanos.parse().ok()?, interval: None };
        Some(((function.to_owned(), column), estimate))
    };
    text.lines().map(|line| read(line).ok_or_else(|| line.to_owned())).collect()
}

/// `one_ns` of `quick/one_ns`.
pub(super) fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_read_by_function() {
        // Three points: with an interval, with too few samples for one, and without any.
        let printed = include_bytes!("estimate/summary.json");
        let estimate = |nanos, interval| Estimate { nanos, interval };
        let expected =
            [("one_us", estimate(975.5, Some((971.5, 981.25)))), ("ten_ms", estimate(1e7, None))];
        let expected = expected.map(|(name, read)| ((name.to_owned(), Column::Tacho), read));
        assert_eq!(read_summary(printed), Ok(Readings::from(expected)));
        assert!(read_summary(b"{\"points\":[]}").unwrap_err().starts_with("missing field"));
        assert_eq!(last_part("one_us"), "one_us");
    }

    #[test]
    fn lines_are_a_name_and_a_number() {
        let read = |text: &str| read_lines(text.as_bytes(), Column::Bare);
        let key = |name: &str| (name.to_owned(), Column::Bare);
        let estimate = |nanos| Estimate { nanos, interval: None };
        let expected = [(key("a"), estimate(1.5)), (key("b"), estimate(20.0))];
        assert_eq!(read("a 1.5\nb 20\n"), Ok(Readings::from(expected)));
        assert_eq!(read(""), Ok(Readings::new()));
        for wrong in ["a", "a x", " ", "a 1 2"] {
            assert_eq!(read(&format!("b 1\n{wrong}\n")), Err(wrong.to_owned()));
        }
    }

    #[test]
    fn an_interval_holds_its_ends() {
        let with = |interval| Estimate { nanos: 2.0, interval };
        for (interval, nanos, expected) in [
            (Some((1.0, 3.0)), 1.0, true),
            (Some((1.0, 3.0)), 3.0, true),
            (Some((1.0, 3.0)), 3.1, false),
            (Some((1.0, 3.0)), 0.9, false),
            (None, 2.0, false),
        ] {
            assert_eq!(with(interval).holds(nanos), expected, "{interval:?} {nanos}");
        }
    }
}
