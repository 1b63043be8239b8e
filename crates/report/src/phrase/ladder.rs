//! What is said of a ladder: its verdict, the models that fit, and a knee.

use tacho_schema::{Knee, LadderGround, LadderSummary, LadderVerdict, ModelFit, RungMark, Slope};

use crate::phrase::counted;
use crate::text::clean;

/// Models that are named; the others fit worse.
const FITS_MAX: usize = 3;

/// Below it a slope need not be the algorithm's: where sorting the same numbers again stops to fit
/// the branch predictor, and then the caches, it takes 3.5 times as long for each comparison, which
/// from 32 to a million is a slope of 0.17.
const SMALL_SLOPE_MAX: f64 = 0.3;

/// So many rungs have to count, that there is a slope.
const SLOPED_MIN: u64 = 3;

/// A slope has so many decimals: a tolerance of 0.15 needs no third.
const DECIMALS: usize = 2;

/// The line above the table: the workload, and what was declared.
#[must_use]
pub fn heading(name: &str, ladder: &LadderSummary) -> String {
    match &ladder.ground {
        LadderGround::NoModel => name.to_owned(),
        _ if ladder.complexity.is_none() => format!("{name}: with a model given by values"),
        _ => format!("{name}: declared {}", model(ladder)),
    }
}

/// Why a rung does not count, in the table.
#[must_use]
pub fn mark(mark: RungMark) -> &'static str {
    match mark {
        RungMark::Leading => "[lead]",
        RungMark::BelowFloor => "[<floor]",
        RungMark::NoModel => "[no model]",
        RungMark::Cap => "[cap]",
        RungMark::Failed => "[failed]",
    }
}

/// Calls of a batch: `×2^20`, or `×1000` where that is no power of two.
#[must_use]
pub fn repeats(repeats: u64) -> String {
    if repeats > 2 && repeats.is_power_of_two() {
        format!("×2^{}", repeats.ilog2())
    } else {
        format!("×{repeats}")
    }
}

/// The line under the table: β, and what follows from it.
#[must_use]
pub fn verdict(ladder: &LadderSummary) -> String {
    let beta =
        ladder.slope.as_ref().map_or_else(String::new, |slope| format!("β {}, ", beta(slope)));
    match &ladder.ground {
        LadderGround::NoModel => no_model(ladder),
        LadderGround::BadModel { reason } => {
            format!("inconclusive: {} cannot be used: {}", model(ladder), clean(reason))
        }
        LadderGround::TooFewRungs { have, need } => {
            format!("inconclusive: {}: {}", too_few(*have, *need), more_rungs(ladder, *need))
        }
        LadderGround::TooNarrow { factor, factor_min } => format!(
            "{beta}inconclusive: over the rungs that count n and the model grow {} × at most, and \
             {} × is needed: a ladder over a wider range helps",
            factor_text(*factor),
            factor_text(*factor_min),
        ),
        LadderGround::Slope { tolerance } => beta + &by_slope(ladder, *tolerance),
        LadderGround::Range { ratio, ratio_max } => beta + &by_range(ladder, *ratio, *ratio_max),
    }
}

fn by_slope(ladder: &LadderSummary, tolerance: f64) -> String {
    match ladder.verdict {
        LadderVerdict::Consistent => format!("consistent with {}", model(ladder)),
        LadderVerdict::Inconsistent => inconsistent(ladder),
        LadderVerdict::Inconclusive => format!(
            "inconclusive: the interval is neither within ±{tolerance}, which would be consistent \
             with {}, nor outside: more processes narrow it, so do larger parameters",
            model(ladder)
        ),
    }
}

fn by_range(ladder: &LadderSummary, ratio: f64, ratio_max: f64) -> String {
    let (ratio, most) = (factor_text(ratio), factor_text(ratio_max));
    match ladder.verdict {
        LadderVerdict::Consistent => {
            format!("C within {ratio} × (at most {most} ×): consistent with {}", model(ladder))
        }
        LadderVerdict::Inconsistent => {
            format!("C ranges over {ratio} × (at most {most} ×): {}", inconsistent(ladder))
        }
        LadderVerdict::Inconclusive => format!(
            "C ranges over {ratio} × (at most {most} ×): inconclusive: without a clear trend that \
             may be noise or a jump: more processes help, and a wider range of parameters"
        ),
    }
}

fn inconsistent(ladder: &LadderSummary) -> String {
    let slope = ladder.slope.as_ref().map_or(0.0, |slope| slope.estimate);
    let how = if slope < 0.0 { "more slowly" } else { "faster" };
    let small = if slope.abs() < SMALL_SLOPE_MAX {
        ", which caches and branch prediction can do, too"
    } else {
        ""
    };
    format!(
        "inconsistent: grows {how} than {}, by n^{:.DECIMALS$}{small}",
        model(ladder),
        slope.abs()
    )
}

/// `1 rung counts, 3 must`.
fn too_few(have: u64, need: u64) -> String {
    let verb = if have == 1 { "counts" } else { "count" };
    format!("{} {verb}, {need} must", counted(have, "rung"))
}

/// What gives a ladder more rungs that count.
fn more_rungs(ladder: &LadderSummary, need: u64) -> String {
    let marked = |mark| ladder.rungs.iter().filter(move |rung| rung.mark == Some(mark));
    let has = |mark| marked(mark).next().is_some();
    // A command's run is one call, however long a batch is to be.
    let repeats = marked(RungMark::BelowFloor).any(|rung| rung.repeats > Some(1));
    let longer = if repeats { "longer batches (`--batch-time`)" } else { "larger parameters" };
    let all = [
        (has(RungMark::BelowFloor), format!("{longer} where `[<floor]` stands")),
        (has(RungMark::Cap), "a longer `--cap`, or smaller parameters".to_owned()),
        (has(RungMark::Failed), "runs that end well where `[failed]` stands".to_owned()),
    ];
    let mut due: Vec<String> =
        all.into_iter().filter_map(|(is_due, text)| is_due.then_some(text)).collect();
    if due.is_empty() || (ladder.rungs.len() as u64) < need && !has(RungMark::Cap) {
        due.push("more parameters".to_owned());
    }
    format!("{} would help", due.join(", and "))
}

fn no_model(ladder: &LadderSummary) -> String {
    let growth = ladder
        .slope
        .as_ref()
        .map_or_else(String::new, |slope| format!("times grow like n^β, β {}; ", beta(slope)));
    let counting = ladder.rungs.iter().filter(|rung| rung.mark.is_none()).count() as u64;
    let advice = match &ladder.fits {
        // No model can be ranked either.
        fits if fits.is_empty() && counting < SLOPED_MIN => {
            format!("; {}: {}", too_few(counting, SLOPED_MIN), more_rungs(ladder, SLOPED_MIN))
        }
        fits if fits.is_empty() => "; `--auto-fit` ranks models".to_owned(),
        _ => String::new(),
    };
    format!("{growth}no complexity is declared, so there is no verdict{advice}")
}

/// `0.01 [-0.00, 0.03]`.
fn beta(slope: &Slope) -> String {
    let number = |value: f64| {
        let text = format!("{value:.DECIMALS$}");
        let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
        if is_zero { text.trim_start_matches('-').to_owned() } else { text }
    };
    match &slope.interval {
        Some(interval) => format!(
            "{} [{}, {}]",
            number(slope.estimate),
            number(interval.low),
            number(interval.high)
        ),
        None => format!("{} (no interval: fewer than 3 processes a rung)", number(slope.estimate)),
    }
}

/// The models that fit best, with the share of draws in which each is the best and how far it is
/// off; `None` where none was fitted.
#[must_use]
pub fn fits(fits: &[ModelFit]) -> Option<String> {
    let one = |fit: &ModelFit| {
        let share = (fit.share * 100.0).round();
        format!("{} ({share} %, off by {})", fit.model, off(fit.residual))
    };
    let named: Vec<String> = fits.iter().take(FITS_MAX).map(one).collect();
    (!named.is_empty())
        .then(|| format!("auto-fit, with the share of resamples won: {}", named.join(", ")))
}

/// A residual of logarithms as a deviation.
fn off(residual: f64) -> String {
    let share = residual.exp_m1();
    if share >= 1.0 {
        return format!("{} ×", factor_text(residual.exp()));
    }
    let percent = share * 100.0;
    if percent < 10.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// Where the growth changes.
#[must_use]
pub fn knee(knee: &Knee) -> String {
    let share = (knee.share * 100.0).floor();
    format!(
        "knee: O({}) to n = {}, then O({}) (in {share} % of resamples)",
        knee.before, knee.param, knee.after
    )
}

/// What was declared, as it is called in sentences.
fn model(ladder: &LadderSummary) -> String {
    ladder
        .complexity
        .as_deref()
        .map_or_else(|| "the model given by values".to_owned(), |text| clean(text).into_owned())
}

/// A factor with two decimals while they matter.
fn factor_text(factor: f64) -> String {
    if factor >= 1e4 {
        format!("{factor:.1e}")
    } else if factor >= 100.0 {
        format!("{factor:.0}")
    } else if factor >= 10.0 {
        format!("{factor:.1}")
    } else {
        format!("{factor:.2}")
    }
}
