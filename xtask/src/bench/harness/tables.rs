//! The tables: agreement, variation, coverage and cost, each a function of the rounds.

use super::contender::{Contender, Set};
use super::estimate::Column;
use super::rounds::Rounds;
use super::share::{self, Share};
use crate::bench::program::Account;
use crate::bench::spread::{Goal, Line, Spread, table};

/// How far medians of two harnesses may be apart.
const AGREEMENT: f64 = 0.03;

/// The most that our coefficient of variation may be of Criterion's.
const VARIATION_PART_MAX: f64 = 0.5;

/// What share of intervals is to hold the median of all rounds.
const COVERAGE: (f64, f64) = (0.90, 0.99);

/// The longest that a benchmark under 100 µs may take, seconds.
const COST_SECONDS_MAX: f64 = 0.5;

/// All functions, the quick ones first.
fn functions() -> impl Iterator<Item = &'static str> {
    Set::ALL.into_iter().flat_map(Set::functions).copied()
}

fn line(cells: &[&str]) -> Line {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// What each reports, and ours over that of the others.
pub(super) fn agreement(rounds: &Rounds) -> String {
    const COLUMNS: [Column; 6] = [
        Column::Tacho,
        Column::CriterionMedian,
        Column::CriterionTypical,
        Column::DivanMedian,
        Column::Bare,
        Column::BareThreaded,
    ];
    const OTHERS: [Column; 3] = [Column::CriterionMedian, Column::DivanMedian, Column::Bare];
    let mut times = vec![line(&["agreement: time of a call"])];
    times[0].extend(COLUMNS.map(|column| column.name().to_owned()));
    let mut ratios = vec![line(&["ours / theirs, within a round"])];
    ratios[0].extend(OTHERS.into_iter().flat_map(|it| [it.name().to_owned(), String::new()]));
    for function in functions() {
        let mut shown = line(&[function]);
        shown.extend(COLUMNS.map(|column| {
            let centre = Spread::new(rounds.centres(function, column)).median();
            centre.map_or_else(|| "–".to_owned(), show_nanos)
        }));
        times.push(shown);
        let mut shown = line(&[function]);
        for column in OTHERS {
            let ratio = rounds.ratio(function, Column::Tacho, column);
            shown.extend([ratio.show(3), within(&ratio, AGREEMENT)]);
        }
        ratios.push(shown);
    }
    format!("{}\n{}", table(&times), table(&ratios))
}

/// How much a number differs from round to round, and ours over Criterion's.
pub(super) fn variation(rounds: &Rounds) -> String {
    const COLUMNS: [Column; 4] =
        [Column::Tacho, Column::CriterionMedian, Column::CriterionTypical, Column::DivanMedian];
    let mut lines = vec![line(&["coefficient of variation, %"])];
    lines[0].extend(COLUMNS.map(|column| column.name().to_owned()));
    lines[0].extend(line(&["tacho / median", "tacho / printed"]));
    let mut parts: [Vec<f64>; 2] = Default::default();
    for function in functions() {
        let of = |column| share::variation(&rounds.centres(function, column));
        let mut shown = line(&[function]);
        shown.extend(COLUMNS.map(|column| show_number(100.0 * of(column))));
        let theirs = [Column::CriterionMedian, Column::CriterionTypical];
        for (column, parts) in theirs.into_iter().zip(&mut parts) {
            let part = of(Column::Tacho) / of(column);
            shown.push(show_number(part));
            parts.push(part);
        }
        lines.push(shown);
    }
    let mut goals = vec![line(&["ours over Criterion's, over the functions", "", "goal"])];
    for (column, parts) in [Column::CriterionMedian, Column::CriterionTypical].iter().zip(parts) {
        let parts = Spread::new(parts);
        let judged = Goal::AtMost(VARIATION_PART_MAX).judge(&parts, 2);
        goals.push(vec![column.name().to_owned(), parts.show(2), judged]);
    }
    format!("{}\n{}", table(&lines), table(&goals))
}

/// How often an interval holds the median of all rounds of its own harness.
pub(super) fn coverage(rounds: &Rounds) -> String {
    const COLUMNS: [Column; 3] = [Column::Tacho, Column::CriterionMedian, Column::CriterionTypical];
    let mut lines = vec![line(&["intervals that hold the median of all rounds"])];
    lines[0].extend(COLUMNS.map(|column| column.name().to_owned()));
    let mut all = [Share::default(); COLUMNS.len()];
    for function in functions() {
        let mut shown = line(&[function]);
        for (column, all) in COLUMNS.into_iter().zip(&mut all) {
            let share = held(rounds, function, column);
            *all = all.plus(share);
            shown.push(share.show());
        }
        lines.push(shown);
    }
    let mut shown = line(&["all"]);
    shown.extend(all.map(Share::show));
    lines.push(shown);
    let mut shown = line(&["share, 90–99 % wanted"]);
    shown.extend(all.map(judge_coverage));
    lines.push(shown);
    table(&lines)
}

/// Over the rounds: whether the interval holds the median of all of them.
fn held(rounds: &Rounds, function: &str, column: Column) -> Share {
    let estimates = rounds.estimates(function, column);
    let centre = Spread::new(estimates.iter().map(|estimate| estimate.nanos)).median();
    let centre = centre.unwrap_or(f64::NAN);
    Share::count(estimates.iter().map(|estimate| estimate.holds(centre)))
}

fn judge_coverage(share: Share) -> String {
    let (low, high) = COVERAGE;
    let word = match share.ratio() {
        ratio if ratio.is_nan() => return "not measured".to_owned(),
        ratio if ratio < low => "TOO FEW",
        ratio if ratio > high => "too many",
        _ => "met",
    };
    format!("{:.1} %: {word}", 100.0 * share.ratio())
}

/// What a benchmark costs; `full`: Criterion once with its own settings.
pub(super) fn cost(rounds: &Rounds, full: Option<Account>) -> String {
    let mut lines = vec![line(&[
        "cost of a benchmark, seconds",
        "wall, under 100 µs",
        "CPU, under 100 µs",
        "wall, the others",
        "goal under 100 µs",
    ])];
    let wall: fn(&Account) -> f64 = |account| account.wall_nanos;
    let cpu: fn(&Account) -> f64 = |account| account.cpu_nanos;
    let benchmarks = Set::Quick.functions().len() as f64;
    for contender in [Contender::Tacho, Contender::Plain, Contender::Criterion, Contender::Divan] {
        let quick = rounds.cost(contender, Set::Quick, wall);
        let ours = matches!(contender, Contender::Tacho | Contender::Plain);
        let goal = ours.then(|| Goal::AtMost(COST_SECONDS_MAX).judge(&quick, 1));
        lines.push(vec![
            contender.name().to_owned(),
            quick.show(2),
            rounds.cost(contender, Set::Quick, cpu).show(2),
            rounds.cost(contender, Set::Slow, wall).show(2),
            goal.unwrap_or_default(),
        ]);
    }
    if let Some(full) = full {
        let once = |figure: fn(&Account) -> f64| Spread::new([figure(&full) / 1e9 / benchmarks]);
        let name = Contender::CriterionDefault.name().to_owned();
        lines.push(vec![name, once(wall).show(2), once(cpu).show(2)]);
    }
    table(&lines)
}

/// Whether a ratio is so near to 1, in words.
pub(super) fn within(ratio: &Spread, distance: f64) -> String {
    let word = match ratio.median() {
        None => "not measured",
        Some(median) if (median - 1.0).abs() <= distance => "met",
        Some(_) => "MISSED",
    };
    format!("within {:.0} %: {word}", 100.0 * distance)
}

/// A time with the unit that suits it.
pub(super) fn show_nanos(nanos: f64) -> String {
    let (scale, unit) = match nanos {
        nanos if nanos < 1e3 => (1.0, "ns"),
        nanos if nanos < 1e6 => (1e3, "µs"),
        _ => (1e6, "ms"),
    };
    format!("{:.3} {unit}", nanos / scale)
}

fn show_number(number: f64) -> String {
    if number.is_finite() { format!("{number:.2}") } else { "–".to_owned() }
}

#[cfg(test)]
pub(super) mod tests;
