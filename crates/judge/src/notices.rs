//! What a reader should know before believing a point's numbers.

use tacho_schema::{Metric, Notice, PlannedPoint, Spread, Statistic};
use tacho_stats::{Fences, OutlierCounts, median};

use crate::collect::PointRows;
use crate::contention::Contended;
use crate::policy::{
    FIRST_RUN_EQUALLED_SHARE_MAX, FIRST_RUN_OTHERS_MIN, FIRST_RUN_RATIO_MIN,
    MEMORY_FLOOR_SHARE_MIN, MILD_OUTLIER_SHARE_MIN, MILD_OUTLIERS_MIN, SPAWN_FLOORS_MIN,
};

/// What is known of a point besides its rows.
pub(crate) struct Context<'a> {
    /// What was planned for it; its process's plan, for a stage.
    pub(crate) planned: Option<&'a PlannedPoint>,
    /// What starting a program takes, where that was measured.
    pub(crate) spawn_floor_nanos: Option<f64>,
}

impl Context<'_> {
    /// The number that stands for the point.
    pub(crate) fn statistic(&self) -> Statistic {
        self.planned.map(|planned| planned.statistic).unwrap_or_default()
    }

    /// Whether the rows are of a harness: each of a process that warmed up by itself.
    fn times_itself(&self, rows: &PointRows) -> bool {
        rows.point.param.is_some() || self.planned.is_some_and(|planned| planned.wire.is_some())
    }

    /// Whether the point is a rung: what it takes for a verdict is said about its ladder.
    fn is_rung(&self) -> bool {
        self.planned.is_some_and(|planned| planned.ladder.is_some())
    }

    /// The floor under the wall times of `rows`; what a process timed by itself has none.
    fn spawn_floor(&self, rows: &PointRows) -> Option<f64> {
        let is_probe = |planned: &PlannedPoint| planned.reading.probe.is_some();
        let timed_inside = rows.point.stage.is_some()
            || self.times_itself(rows)
            || self.planned.is_some_and(is_probe);
        self.spawn_floor_nanos.filter(|_| !timed_inside)
    }
}

/// Every notice of a point, what ended badly first.
///
/// `walls` are its wall times in ascending order, `wall` their spread.
pub(crate) fn notices(
    rows: &PointRows,
    walls: &[f64],
    wall: Option<&Spread>,
    contended: Contended,
    context: &Context<'_>,
) -> Vec<Notice> {
    let times_itself = context.times_itself(rows);
    let mut found = ended_badly(rows, times_itself);
    let planned = context.planned;
    if let Some(wall) = wall {
        found.extend(disturbed(wall, contended));
    }
    if let Some(wall) = wall.filter(|_| !context.is_rung()) {
        // A minimum has no interval, and no precision is asked of it.
        if context.statistic() == Statistic::Median {
            found.extend(no_interval(wall));
            found.extend(planned.and_then(|planned| imprecise(wall, planned, times_itself)));
        }
        found.extend(context.spawn_floor(rows).and_then(|floor| near_spawn_floor(wall, floor)));
        let warmed = times_itself || planned.is_some_and(|planned| planned.warmup > 0);
        let first = (!warmed).then(|| first_run_slower(rows, walls, wall)).flatten();
        // Where the slow first run is the only outlier, saying so twice helps nobody.
        found.extend(outliers(walls, first.as_ref(), times_itself));
        found.extend(first);
    }
    found.extend(
        rows.cold
            .as_ref()
            .map(|cold| Notice::Cold { dropped: cold.dropped.clone(), kept: cold.kept.clone() }),
    );
    found.extend(uncounted(rows));
    found.extend(at_memory_floor(rows));
    found
}

fn ended_badly(rows: &PointRows, times_itself: bool) -> Vec<Notice> {
    let mut found: Vec<Notice> = rows
        .failures
        .iter()
        .map(|(status, failures)| Notice::Failed {
            status: *status,
            rows: failures.rows,
            exit_code: failures.exit_code,
            signal: failures.signal,
            error: failures.error.clone(),
            output_tail: failures.output_tail.clone(),
            times_itself,
        })
        .collect();
    found.extend(rows.ignored.as_ref().map(|ignored| Notice::IgnoredFailure {
        rows: ignored.rows,
        exit_code: ignored.exit_code,
    }));
    found.extend((rows.leaked > 0).then_some(Notice::Leaked { processes: rows.leaked }));
    found
}

fn disturbed(wall: &Spread, contended: Contended) -> Option<Notice> {
    let Contended { rows, by } = contended;
    (rows > 0).then_some(Notice::Contended { rows, samples: wall.samples, by })
}

fn no_interval(wall: &Spread) -> Option<Notice> {
    wall.interval.is_none().then_some(Notice::NoInterval { samples: wall.samples })
}

/// A point whose number of runs was fixed wanted no precision. Any other goes on until it is
/// reached: if it was not, time, runs or the whole capture ended before.
fn imprecise(wall: &Spread, planned: &PlannedPoint, times_itself: bool) -> Option<Notice> {
    let wanted = planned.precision.0;
    let is_free = planned.min_runs < planned.max_runs;
    let reached = wall.interval.as_ref()?.half_width() / wall.median;
    (is_free && reached.is_finite() && reached > wanted).then_some(Notice::Imprecise {
        reached,
        wanted,
        times_itself,
    })
}

fn near_spawn_floor(wall: &Spread, floor_nanos: f64) -> Option<Notice> {
    (wall.median < SPAWN_FLOORS_MIN * floor_nanos)
        .then_some(Notice::NearSpawnFloor { median_nanos: wall.median, floor_nanos })
}

/// The first measured run against the others: beyond their severe fence, by enough to matter, and
/// not one of many. After warm-up runs it was not the first to need what a cache holds.
fn first_run_slower(rows: &PointRows, walls: &[f64], wall: &Spread) -> Option<Notice> {
    let (_, first) = rows.first_wall?;
    // The cheap bound first: the median of all is near that of the others.
    if walls.len() <= FIRST_RUN_OTHERS_MIN || first <= wall.median {
        return None;
    }
    let others = without(walls, first);
    let others_nanos = median(&others).ok()?;
    let fences = Fences::of(&others).ok()?;
    let equalled_max = (FIRST_RUN_EQUALLED_SHARE_MAX * others.len() as f64).max(1.0);
    let equalled = others.len() - others.partition_point(|other| *other < first);
    (first > fences.severe_high
        && first > FIRST_RUN_RATIO_MIN * others_nanos
        && equalled as f64 <= equalled_max)
        .then_some(Notice::FirstRunSlower { first_nanos: first, others_nanos })
}

fn outliers(walls: &[f64], first: Option<&Notice>, times_itself: bool) -> Option<Notice> {
    let counts = Fences::of(walls).ok()?.count(walls);
    let explained = match first {
        Some(Notice::FirstRunSlower { first_nanos, .. }) => {
            let others = without(walls, *first_nanos);
            Fences::of(&others).is_ok_and(|fences| !notable(fences.count(&others), others.len()))
        }
        _ => false,
    };
    (!explained && notable(counts, walls.len())).then_some(Notice::Outliers {
        mild: counts.mild as u64,
        severe: counts.severe as u64,
        samples: walls.len() as u64,
        times_itself,
    })
}

fn notable(counts: OutlierCounts, samples: usize) -> bool {
    let is_common = counts.mild as f64 > MILD_OUTLIER_SHARE_MIN * samples as f64;
    counts.severe > 0 || (is_common && counts.mild >= MILD_OUTLIERS_MIN)
}

/// `walls`, ascending, without one sample equal to `value`.
fn without(walls: &[f64], value: f64) -> Vec<f64> {
    let mut others = walls.to_vec();
    if let Ok(place) = others.binary_search_by(|wall| wall.total_cmp(&value)) {
        others.remove(place);
    }
    others
}

fn uncounted(rows: &PointRows) -> impl Iterator<Item = Notice> {
    rows.uncounted.iter().map(|(name, uncounted)| Notice::Uncounted {
        name: name.clone(),
        reason: uncounted.reason.clone(),
        rows: uncounted.rows,
    })
}

fn at_memory_floor(rows: &PointRows) -> Option<Notice> {
    let measured = rows.samples(Metric::PeakRss).len() as f64;
    let floor = &rows.memory_floor;
    (floor.rows > 0 && floor.rows as f64 >= MEMORY_FLOOR_SHARE_MIN * measured)
        .then_some(Notice::AtMemoryFloor { floor_bytes: floor.floor_kb as f64 * 1024.0 })
}
