//! Ladders: C at every rung, which rungs count, the slope, and whether it is as declared.

use std::collections::BTreeMap;

use tacho_schema::{
    CacheMode, CaptureHeader, Interval, Knee, Ladder, LadderGround, LadderSummary, LadderVerdict,
    Metric, ModelFit, PlanDoc, RungMark, RungSummary, Slope, Status,
};
use tacho_stats::{
    Model, Rng, Rung, SLOPE_RUNGS_MIN, growth_fits, growth_knee, median, slope, slope_interval,
};

use crate::collect::{Collected, PointRows};
use crate::drift::Widening;
use crate::policy::{
    LADDER_FACTOR_MIN, LADDER_FLOORS_MIN, LADDER_LEADING_SHARE, LADDER_RANGE_MAX, LADDER_TOLERANCE,
    LEVEL,
};
use crate::summarize::interval_of_median;

/// How the interval of a slope is named.
const SLOPE_METHOD: &str = "bootstrap over processes";

/// Auto-fit looks at parameters from here on: at 1 the logarithm is 0, and no model of it fits.
const FIT_PARAM_MIN: u64 = 2;

impl Collected {
    /// The ladders of `plan`, in its order, with every rung that has a row; with `auto_fit` also
    /// which models fit.
    ///
    /// Bootstraps are seeded by the capture's seed and the ladder's place: the same rows give the
    /// same numbers.
    #[must_use]
    pub fn ladders(
        &self,
        plan: &PlanDoc,
        header: &CaptureHeader,
        auto_fit: bool,
    ) -> Vec<LadderSummary> {
        let mut found: Vec<BTreeMap<u64, &PointRows>> = vec![BTreeMap::new(); plan.ladders.len()];
        for planned in &plan.points {
            let place = planned.ladder.and_then(|place| found.get_mut(place as usize));
            if let (Some(rungs), Some(param)) = (place, planned.point.param)
                && let Some(place) = self.find(&planned.point)
            {
                rungs.insert(param, &self.points()[place]);
            }
        }
        let climb = |(place, (ladder, rungs)): (usize, (&Ladder, BTreeMap<u64, &PointRows>))| {
            // Streams from the far end: the near ones order rounds.
            let stream = u64::MAX - place as u64;
            summary(ladder, &rungs, header, auto_fit, &mut Rng::stream(header.seed, stream))
        };
        let mut ladders: Vec<LadderSummary> =
            plan.ladders.iter().zip(found).enumerate().map(climb).collect();
        if let Some(widening) = Widening::of(self, plan) {
            let rungs = ladders.iter_mut().flat_map(|ladder| &mut ladder.rungs);
            rungs.for_each(|rung| widen(rung, &widening));
        }
        ladders
    }
}

/// Adds the machine's wandering to the interval of a rung that times itself.
fn widen(rung: &mut RungSummary, widening: &Widening) {
    if let (Some(interval), Some(centre)) = (&mut rung.interval, rung.per_call_nanos) {
        widening.apply(&rung.point, centre, interval);
    }
}

/// What was declared about a ladder's growth.
enum Declared<'a> {
    Nothing,
    Expression(Model),
    Values(&'a BTreeMap<u64, f64>),
    Unreadable(String),
}

impl<'a> Declared<'a> {
    fn of(ladder: &'a Ladder) -> Self {
        match &ladder.complexity {
            _ if !ladder.model.is_empty() => Self::Values(&ladder.model),
            None => Self::Nothing,
            Some(text) => match Model::parse(text) {
                Ok(model) => Self::Expression(model),
                Err(error) => Self::Unreadable(error.to_string()),
            },
        }
    }

    fn is_usable(&self) -> bool {
        matches!(self, Self::Expression(_) | Self::Values(_))
    }

    /// Its value at a parameter, whatever that is.
    fn at(&self, param: u64) -> Option<f64> {
        match self {
            Self::Nothing | Self::Unreadable(_) => None,
            Self::Expression(model) => Some(model.at(param)),
            Self::Values(values) => values.get(&param).copied(),
        }
    }
}

/// A rung that counts: its parameter, the model there, and the processes' times over the model.
struct Counted<'a> {
    param: u64,
    model: f64,
    times: &'a [f64],
    ratios: Vec<f64>,
}

fn summary(
    ladder: &Ladder,
    rows: &BTreeMap<u64, &PointRows>,
    header: &CaptureHeader,
    auto_fit: bool,
    rng: &mut Rng,
) -> LadderSummary {
    let declared = Declared::of(ladder);
    let mut rungs: Vec<RungSummary> =
        rows.iter().map(|(param, rows)| rung(*param, rows, &declared, header)).collect();
    mark_leading(&mut rungs);
    let counted: Vec<Counted<'_>> = rungs.iter().filter_map(|rung| counted(rung, rows)).collect();
    let c = |rung: &RungSummary| rung.c.filter(|_| rung.mark.is_none());
    let c: Vec<f64> = rungs.iter().filter_map(c).collect();
    let (c_min, c_max) = (tacho_stats::min(&c).ok(), tacho_stats::max(&c).ok());
    let is_range = c.len() >= 2;
    let found = slope_of(&counted, rng);
    let (verdict, ground) = judge(&declared, &rungs, &counted, found.as_ref());
    let (fits, knee) = if auto_fit { fitted(&counted, rng) } else { (Vec::new(), None) };
    LadderSummary {
        ladder: ladder.point.to_string(),
        complexity: ladder.complexity.clone(),
        rungs,
        c_min: c_min.filter(|_| is_range),
        c_max: c_max.filter(|_| is_range),
        slope: found,
        verdict,
        ground,
        fits,
        knee,
    }
}

fn rung(
    param: u64,
    rows: &PointRows,
    declared: &Declared<'_>,
    header: &CaptureHeader,
) -> RungSummary {
    let walls = rows.samples(Metric::Wall);
    let per_call = median(walls).ok();
    let model = declared.at(param).filter(|model| model.is_finite() && *model > 0.0);
    let mark = mark(rows, header)
        .or_else(|| (declared.is_usable() && model.is_none()).then_some(RungMark::NoModel));
    // A quotient that leaves the range of floats is none.
    let c = per_call.zip(model).map(|(time, model)| time / model).filter(|c| c.is_normal());
    RungSummary {
        point: rows.point.to_string(),
        param,
        processes: walls.len() as u64,
        per_call_nanos: per_call,
        interval: interval_of_median(walls),
        repeats: rows.batches.repeats(),
        model,
        c,
        mark: mark.or_else(|| (model.is_some() && c.is_none()).then_some(RungMark::NoModel)),
        failed: rows.first_failure(),
    }
}

/// Why a rung does not count, as far as its own rows tell.
fn mark(rows: &PointRows, header: &CaptureHeader) -> Option<RungMark> {
    let walls = rows.samples(Metric::Wall);
    if rows.failures.contains_key(&Status::KilledAtCap) {
        return Some(RungMark::Cap);
    }
    if walls.is_empty() {
        return Some(RungMark::Failed);
    }
    // A cold batch is one call, however short that is.
    let is_cold = rows.point.cache_mode == Some(CacheMode::Cold);
    let floor = header.spawn_floor_nanos.filter(|_| !is_cold).unwrap_or(0.0);
    let is_short = rows.batches.total().is_some_and(|total| total < LADDER_FLOORS_MIN * floor);
    // What subtracting the loop leaves of a call may be nothing.
    let is_nothing = walls.iter().any(|wall| *wall <= 0.0);
    (is_short || is_nothing).then_some(RungMark::BelowFloor)
}

/// Marks the first rungs among those that count so far, as many as leave enough.
fn mark_leading(rungs: &mut [RungSummary]) {
    for rung in rungs.iter_mut().filter(|rung| rung.param == 0 && rung.mark.is_none()) {
        rung.mark = Some(RungMark::Leading);
    }
    let counting = rungs.iter().filter(|rung| rung.mark.is_none()).count();
    let share = (LADDER_LEADING_SHARE * counting as f64) as usize;
    let leading = share.min(counting.saturating_sub(SLOPE_RUNGS_MIN));
    for rung in rungs.iter_mut().filter(|rung| rung.mark.is_none()).take(leading) {
        rung.mark = Some(RungMark::Leading);
    }
}

fn counted<'a>(rung: &RungSummary, rows: &BTreeMap<u64, &'a PointRows>) -> Option<Counted<'a>> {
    let rows = rows.get(&rung.param).filter(|_| rung.mark.is_none())?;
    let times = rows.samples(Metric::Wall);
    let model = rung.model.unwrap_or(1.0);
    let ratios = times.iter().map(|time| time / model).collect();
    Some(Counted { param: rung.param, model, times, ratios })
}

/// The slope of what is left when times are divided by the model.
fn slope_of(counted: &[Counted<'_>], rng: &mut Rng) -> Option<Slope> {
    let rung = |rung: &Counted<'_>| (rung.param as f64, rung.ratios.clone());
    let held: Vec<(f64, Vec<f64>)> = counted.iter().map(rung).collect();
    let rungs: Vec<Rung<'_>> =
        held.iter().map(|(n, processes)| Rung { n: *n, processes }).collect();
    let estimate = slope(&rungs).ok()?;
    let interval = slope_interval(&rungs, LEVEL, rng).ok().map(|found| Interval {
        low: found.low,
        high: found.high,
        level: found.level,
        method: SLOPE_METHOD.to_owned(),
    });
    Some(Slope { estimate, interval })
}

fn judge(
    declared: &Declared<'_>,
    rungs: &[RungSummary],
    counted: &[Counted<'_>],
    slope: Option<&Slope>,
) -> (LadderVerdict, LadderGround) {
    use LadderVerdict::Inconclusive;
    if let Some(ground) = unusable(declared, rungs) {
        return (Inconclusive, ground);
    }
    let too_few =
        LadderGround::TooFewRungs { have: counted.len() as u64, need: SLOPE_RUNGS_MIN as u64 };
    let (Some(slope), [first, .., last]) = (slope, counted) else { return (Inconclusive, too_few) };
    let span = (last.param as f64 / first.param as f64).ln();
    let growth = span.max((last.model / first.model).ln().abs()).exp();
    if growth < LADDER_FACTOR_MIN {
        let ground = LadderGround::TooNarrow { factor: growth, factor_min: LADDER_FACTOR_MIN };
        return (Inconclusive, ground);
    }
    let is_narrow = LADDER_TOLERANCE * span < LADDER_RANGE_MAX.ln();
    match &slope.interval {
        Some(interval) if !is_narrow => by_slope(interval),
        _ => by_range(rungs, span, slope),
    }
}

/// Why what was declared cannot be held against any rung.
fn unusable(declared: &Declared<'_>, rungs: &[RungSummary]) -> Option<LadderGround> {
    let bad = |reason: &str| Some(LadderGround::BadModel { reason: reason.to_owned() });
    match declared {
        Declared::Nothing => return Some(LadderGround::NoModel),
        Declared::Unreadable(reason) => return bad(reason),
        Declared::Expression(_) | Declared::Values(_) => {}
    }
    if rungs.is_empty() || rungs.iter().any(|rung| rung.model.is_some()) {
        return None;
    }
    let values: Vec<Option<f64>> = rungs.iter().map(|rung| declared.at(rung.param)).collect();
    let all = |holds: fn(f64) -> bool| values.iter().all(|value| value.is_some_and(holds));
    if values.iter().all(Option::is_none) {
        bad("it has a value at none of these parameters")
    } else if all(|value| value == 0.0) {
        bad("it is 0 at every parameter")
    } else if all(f64::is_nan) {
        bad("it is no number at any parameter")
    } else if all(f64::is_infinite) {
        bad("it is infinite at every parameter")
    } else {
        bad("it is over zero and finite at no parameter")
    }
}

/// On a wide span, by where the slope's interval lies.
fn by_slope(interval: &Interval) -> (LadderVerdict, LadderGround) {
    let tolerance = LADDER_TOLERANCE;
    let verdict = if interval.low > tolerance || interval.high < -tolerance {
        LadderVerdict::Inconsistent
    } else if interval.low >= -tolerance && interval.high <= tolerance {
        LadderVerdict::Consistent
    } else {
        LadderVerdict::Inconclusive
    };
    (verdict, LadderGround::Slope { tolerance })
}

/// By how far C ranges: within the factor, it is as declared. A single stray rung stretches the
/// range, so beyond the factor it is inconsistent only where the slope, too, carries C beyond it;
/// else C scatters, and nothing is known.
fn by_range(rungs: &[RungSummary], span: f64, slope: &Slope) -> (LadderVerdict, LadderGround) {
    let c = rungs.iter().filter(|rung| rung.mark.is_none()).filter_map(|rung| rung.c);
    let c: Vec<f64> = c.collect();
    let ratio_max = LADDER_RANGE_MAX.max((LADDER_TOLERANCE * span).exp());
    let steep = ratio_max.ln() / span;
    let is_steep = match &slope.interval {
        Some(interval) => interval.low > steep || interval.high < -steep,
        // Nothing tells how far a process may be off: no rung alone may decide.
        None => {
            let without = |place| range(c[..place].iter().chain(&c[place + 1..]));
            slope.estimate.abs() > steep && (0..c.len()).all(|place| without(place) > ratio_max)
        }
    };
    let ratio = range(c.iter());
    let verdict = if ratio <= ratio_max {
        LadderVerdict::Consistent
    } else if is_steep {
        LadderVerdict::Inconsistent
    } else {
        LadderVerdict::Inconclusive
    };
    (verdict, LadderGround::Range { ratio, ratio_max })
}

/// The largest over the smallest; they are over zero.
fn range<'a>(all: impl Iterator<Item = &'a f64>) -> f64 {
    let (low, high) =
        all.fold((f64::INFINITY, 0.0_f64), |(low, high), c| (low.min(*c), high.max(*c)));
    high / low
}

/// The models by fit, and the knee, where there is one.
fn fitted(counted: &[Counted<'_>], rng: &mut Rng) -> (Vec<ModelFit>, Option<Knee>) {
    let fitted: Vec<&Counted<'_>> =
        counted.iter().filter(|rung| rung.param >= FIT_PARAM_MIN).collect();
    let rungs: Vec<Rung<'_>> =
        fitted.iter().map(|rung| Rung { n: rung.param as f64, processes: rung.times }).collect();
    let fits = growth_fits(&rungs, rng).unwrap_or_default().into_iter().map(|fit| ModelFit {
        model: fit.growth.as_str().to_owned(),
        coefficient: fit.coefficient,
        residual: fit.residual,
        share: fit.share,
    });
    let knee = growth_knee(&rungs, rng).ok().flatten().map(|knee| Knee {
        param: fitted[knee.last].param,
        before: knee.before.as_str().to_owned(),
        after: knee.after.as_str().to_owned(),
        share: knee.share,
    });
    (fits.collect(), knee)
}
