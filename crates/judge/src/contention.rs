//! Rows that something disturbed while they were measured: which they are, and by what.

use std::collections::BTreeMap;

use tacho_schema::{Conditions, Disturbance, Row};
use tacho_stats::median;

use crate::policy::{
    CONTENDED_DELAY_MEDIANS, CONTENDED_DELAY_SHARE, CONTENDED_STEAL_SHARE,
    CONTENDED_SWITCHES_MEDIAN_MIN, CONTENDED_SWITCHES_MEDIANS, CONTENDED_SWITCHES_PER_SECOND,
};

/// What the machine did during the rows of one point that ended well.
///
/// Two of the rules need a median, which is known only after the last row. Until then twelve bytes
/// a row are kept; a row without conditions takes none.
#[derive(Debug, Default)]
pub(crate) struct Contention {
    /// Rows that are contended only if a median says so.
    open: Vec<Reading>,
    /// Rows that are contended whatever the others did.
    certain: Vec<Reading>,
    stolen: u64,
    stopped: u64,
}

/// What has to be held against a median; not a number where it was not recorded.
///
/// In single precision: a threshold is no sharper than that.
#[derive(Clone, Copy, Debug)]
struct Reading {
    span_nanos: f32,
    delay_nanos: f32,
    switches: f32,
}

/// The contended rows of a point.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Contended {
    /// So many.
    pub(crate) rows: u64,
    /// What disturbed how many of them; a row may have several causes.
    pub(crate) by: BTreeMap<Disturbance, u64>,
}

impl Contention {
    /// Takes the conditions of a row that ended well into account.
    pub(crate) fn add(&mut self, row: &Row) {
        let Some(found) = &row.conditions else { return };
        let span = span_nanos(row, found);
        let switches = found.involuntary_switches.or(row.involuntary_switches);
        let reading = Reading {
            span_nanos: span as f32,
            delay_nanos: single(found.run_delay_nanos),
            switches: single(switches),
        };
        let window = found.window_nanos.unwrap_or(span) as f64;
        let steal = found.steal_nanos.unwrap_or(0) as f64;
        let stolen = steal > CONTENDED_STEAL_SHARE * window;
        let stopped = found.stops.is_some_and(|stops| stops > 0);
        self.stolen += u64::from(stolen);
        self.stopped += u64::from(stopped);
        let list = if stolen || stopped { &mut self.certain } else { &mut self.open };
        list.push(reading);
    }

    /// Which rows are contended, in the light of all of them.
    pub(crate) fn found(&self) -> Contended {
        let delay = self.median(|reading| reading.delay_nanos);
        let switches = self.median(|reading| reading.switches);
        let mut found = Contended { rows: self.certain.len() as u64, by: BTreeMap::new() };
        let (mut delayed, mut preempted) = (0, 0);
        for (place, reading) in self.certain.iter().chain(&self.open).enumerate() {
            let (is_delayed, is_preempted) =
                (reading.is_delayed(delay), reading.is_preempted(switches));
            delayed += u64::from(is_delayed);
            preempted += u64::from(is_preempted);
            found.rows += u64::from(place >= self.certain.len() && (is_delayed || is_preempted));
        }
        let causes = [
            (Disturbance::RunDelay, delayed),
            (Disturbance::Steal, self.stolen),
            (Disturbance::Preemption, preempted),
            (Disturbance::Stopped, self.stopped),
        ];
        found.by.extend(causes.into_iter().filter(|(_, rows)| *rows > 0));
        found
    }

    /// The median of a number over the rows that have it; 0 where none has.
    fn median(&self, of: impl Fn(&Reading) -> f32) -> f64 {
        let all = self.certain.iter().chain(&self.open).map(|reading| f64::from(of(reading)));
        let known: Vec<f64> = all.filter(|value| value.is_finite()).collect();
        median(&known).unwrap_or(0.0)
    }
}

impl Reading {
    fn is_delayed(&self, median: f64) -> bool {
        let (delay, span) = (f64::from(self.delay_nanos), f64::from(self.span_nanos));
        delay > CONTENDED_DELAY_SHARE * span + CONTENDED_DELAY_MEDIANS * median
    }

    fn is_preempted(&self, median: f64) -> bool {
        let (switches, seconds) = (f64::from(self.switches), f64::from(self.span_nanos) / 1e9);
        switches > CONTENDED_SWITCHES_MEDIANS * median.max(CONTENDED_SWITCHES_MEDIAN_MIN)
            && switches > CONTENDED_SWITCHES_PER_SECOND * seconds
    }
}

/// The time in which the row's own readings were gathered: the process's wall time. A stage's row
/// has only its own part of that, and one of a program that times itself only the measured calls,
/// so the window stands in where it is longer.
fn span_nanos(row: &Row, found: &Conditions) -> u64 {
    let timed_inside = row.stage.is_some() || row.param.is_some() || row.inner_repeats.is_some();
    let window = found.window_nanos.filter(|_| timed_inside);
    row.total_nanos.max(window.unwrap_or(0))
}

fn single(number: Option<u64>) -> f32 {
    number.map_or(f32::NAN, |number| number as f32)
}
