//! Slopes, fits and knees: against SciPy, against planted truths, and how often they are right.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::num::NonZeroU64;

use proptest::prelude::*;
use tacho_stats::{
    Growth, Model, Refusal, Rng, Rung, growth_fits, growth_knee, slope, slope_interval,
};

type Ladder = Vec<(f64, Vec<f64>)>;

fn rungs(ladder: &Ladder) -> Vec<Rung<'_>> {
    ladder.iter().map(|(n, processes)| Rung { n: *n, processes }).collect()
}

/// Noise of a stated form, seeded.
struct Noise(Rng);

impl Noise {
    /// Between 0 and 1, without the ends.
    fn uniform(&mut self) -> f64 {
        let steps = NonZeroU64::new(1 << 52).unwrap();
        (self.0.below(steps) as f64 + 0.5) / steps.get() as f64
    }

    /// Box and Muller's.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// The logarithm of a process's deviation.
    fn draw(&mut self, form: Form) -> f64 {
        match form {
            Form::Normal => 0.02 * self.normal(),
            // Two layouts, 8 % apart.
            Form::Layouts => 0.08 * f64::from(self.uniform() < 0.5) + 0.01 * self.normal(),
            // One in five was disturbed.
            Form::Tail => {
                let size = if self.uniform() < 0.2 { 0.15 } else { 0.03 };
                0.01 * self.normal() - size * self.uniform().ln()
            }
            // Cauchy's, cut off at a factor of 1.35.
            Form::Heavy => {
                0.01 * (std::f64::consts::PI * (self.uniform() - 0.5)).tan().clamp(-30.0, 30.0)
            }
        }
    }

    /// A ladder of powers of two, on which the time of a call is `truth`.
    fn ladder(&mut self, shape: Shape, truth: fn(f64) -> f64) -> Ladder {
        let mut drift = 0.0;
        let parameters = (0..shape.rungs).map(|rung| (1_u64 << (rung + 2)) as f64);
        parameters
            .map(|n| {
                drift = 0.7 * drift + 0.714 * shape.drift * self.normal();
                let mut one = || truth(n) * (drift + self.draw(shape.form)).exp();
                (n, (0..shape.processes).map(|_| one()).collect())
            })
            .collect()
    }
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Normal,
    Layouts,
    Tail,
    Heavy,
}

#[derive(Clone, Copy, Debug)]
struct Shape {
    rungs: u32,
    processes: usize,
    form: Form,
    /// How far neighbouring rungs lie off together: what caches do.
    drift: f64,
}

#[test]
fn slopes_are_those_of_scipy() {
    let numbers = |text: &str, by: char| -> Vec<f64> {
        text.split(by).map(|number| number.parse().unwrap()).collect()
    };
    let table = include_str!("reference/slope.csv");
    assert!(table.lines().count() > 5, "the reference table lost its lines");
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let processes = cells[2].split(';').map(|rung| numbers(rung, ' '));
        let ladder: Ladder = numbers(cells[1], ';').into_iter().zip(processes).collect();
        let (found, expected) = (slope(&rungs(&ladder)).unwrap(), cells[3].parse::<f64>().unwrap());
        // Parameters that differ by a thousandth leave four digits fewer.
        let error = (found - expected).abs() / expected.abs().max(1.0);
        assert!(error < 1e-10, "{}: {found} is not {expected}", cells[0]);
    }
}

#[test]
fn refusals() {
    let two: &[f64] = &[1.0, 2.0, 3.0];
    let at = |n, processes| Rung { n, processes };
    let few = |have, need| Refusal::TooFew { have, need };
    for (rungs, expected) in [
        (vec![], few(0, 3)),
        (vec![at(1.0, two), at(2.0, two)], few(2, 3)),
        (vec![at(1.0, two), at(2.0, two), at(2.0, two)], few(2, 3)),
        (vec![at(0.0, two), at(2.0, two), at(3.0, two)], Refusal::NotPositive),
        (vec![at(1.0, &[0.0]), at(2.0, two), at(3.0, two)], Refusal::NotPositive),
        (vec![at(1.0, &[]), at(2.0, two), at(3.0, two)], Refusal::Empty),
        (vec![at(1.0, &[f64::NAN]), at(2.0, two), at(3.0, two)], Refusal::NotFinite),
        (vec![at(f64::INFINITY, two), at(2.0, two), at(3.0, two)], Refusal::NotFinite),
    ] {
        assert_eq!(slope(&rungs), Err(expected), "{rungs:?}");
        let mut rng = Rng::new(0);
        assert_eq!(slope_interval(&rungs, 0.95, &mut rng), Err(expected), "{rungs:?}");
        assert_eq!(growth_fits(&rungs, &mut rng), Err(expected), "{rungs:?}");
    }
    let pairs = [at(1.0, &two[..2]), at(2.0, two), at(4.0, two)];
    assert!(slope(&pairs).is_ok());
    assert_eq!(slope_interval(&pairs, 0.95, &mut Rng::new(0)), Err(few(2, 3)));
    assert_eq!(growth_knee(&pairs, &mut Rng::new(0)), Err(few(2, 3)));
    let enough = [at(1.0, two), at(2.0, two), at(4.0, two)];
    assert_eq!(slope_interval(&enough, 1.0, &mut Rng::new(0)), Err(Refusal::OutOfRange));
    assert_eq!(growth_knee(&enough, &mut Rng::new(0)), Ok(None));
}

/// Recorded seeds stand for these numbers.
#[test]
fn intervals_are_reproducible() {
    let shape = Shape { rungs: 6, processes: 5, form: Form::Normal, drift: 0.0 };
    let ladder = Noise(Rng::new(3)).ladder(shape, |n| n);
    let found = |seed| slope_interval(&rungs(&ladder), 0.95, &mut Rng::new(seed)).unwrap();
    assert_eq!(found(1), found(1));
    assert_ne!(found(1), found(2));
    let text = format!("{:.9} {:.9}", found(1).low, found(1).high);
    insta::assert_snapshot!(text, @"0.995138345 1.010459217");
}

#[test]
fn fits_find_what_was_planted() {
    let shape = Shape { rungs: 14, processes: 5, form: Form::Layouts, drift: 0.02 };
    for growth in Growth::ALL {
        let model = Model::parse(growth.as_str()).unwrap();
        let mut noise = Noise(Rng::new(4));
        let mut ladder = noise.ladder(shape, |_| 7.0);
        if growth == Growth::Exponential {
            // Powers of two leave the range of floats: count instead.
            (0..).zip(&mut ladder).for_each(|(rung, (n, _))| *n = 10.0 + f64::from(rung));
        }
        for (n, processes) in &mut ladder {
            processes.iter_mut().for_each(|value| *value *= model.at(*n as u64));
        }
        let fits = growth_fits(&rungs(&ladder), &mut Rng::new(5)).unwrap();
        assert_eq!(fits[0].growth, growth, "{fits:?}");
        assert!((fits[0].coefficient / 7.0 - 1.0).abs() < 0.1 && fits[0].share > 0.9, "{fits:?}");
        assert!(fits.is_sorted_by_key(|fit| fit.residual));
        let shares: f64 = fits.iter().map(|fit| fit.share).sum();
        assert!((shares - 1.0).abs() < 1e-9, "{fits:?}");
    }
}

/// Where the model cannot be told from its neighbour, the shares say so.
#[test]
fn fits_know_what_they_do_not_know() {
    let shape = Shape { rungs: 6, processes: 5, form: Form::Layouts, drift: 0.05 };
    let ladder = Noise(Rng::new(6)).ladder(shape, |n| n.powf(1.14));
    let fits = growth_fits(&rungs(&ladder), &mut Rng::new(5)).unwrap();
    assert!(fits[0].share < 0.9, "{fits:?}");
    // At 1 the logarithm is 0, and at 2000 an exponential is beyond any float.
    let flat: Ladder = [1.0, 2.0, 2000.0].map(|n| (n, vec![5.0; 3])).to_vec();
    let fits = growth_fits(&rungs(&flat), &mut Rng::new(5)).unwrap();
    assert_eq!(fits.len(), 4, "{fits:?}");
    assert_eq!((fits[0].growth, fits[0].share), (Growth::Constant, 1.0));
}

type Truth = (&'static str, fn(f64) -> f64);

/// Ladders without a knee: models, other powers, sums, and what caches do.
const SMOOTH: [Truth; 13] = [
    ("1", |_| 50.0),
    ("log(n)", |n| 20.0 * n.ln()),
    ("n", |n| n),
    ("n * log(n)", |n| n * n.ln()),
    ("n^2", |n| n * n),
    ("n^1.5", |n| n.powf(1.5)),
    ("sqrt(n)", |n| 9.0 * n.sqrt()),
    ("n + 50", |n| n + 50.0),
    ("n * log(n) + 100", |n| n * n.ln() + 100.0),
    ("n^2 + 30 * n", |n| n * n + 30.0 * n),
    ("n, 1.6 times as slow beyond 4096", |n| if n > 4096.0 { 1.6 * n } else { n }),
    ("n, twice as slow around 4096", |n| n * (1.0 + ramp(n, 4096.0))),
    ("n, with two such ramps", |n| n * (1.0 + 0.6 * ramp(n, 2048.0) + 1.2 * ramp(n, 262_144.0))),
];

/// Ladders with a knee at 4096.
const BENT: [Truth; 4] = [
    ("n, then n * log(n), 1.5 times as slow", |n| 1.5_f64.powf(beyond(n)) * bent(n)),
    ("n, then n * log(n)", bent),
    ("n, then n^2", |n| if n > 4096.0 { n * n / 4096.0 } else { n }),
    ("n, then n * log(n) and a ramp", |n| bent(n) * (1.0 + 0.5 * beyond(n) * ramp(n, 16_384.0))),
];

/// 0 up to the knee, 1 beyond.
fn beyond(n: f64) -> f64 {
    f64::from(n > 4096.0)
}

fn bent(n: f64) -> f64 {
    n * (n.ln() / 4096.0_f64.ln()).powf(beyond(n))
}

/// From 0 to 1 around a parameter, as the share of misses of a cache.
fn ramp(n: f64, around: f64) -> f64 {
    1.0 / (1.0 + (around / n).powi(2))
}

/// The shares of ladders with a knee, and with one within a rung of 4096.
fn knees(shape: Shape, truth: fn(f64) -> f64, ladders: u64) -> (f64, f64) {
    let (mut found, mut right) = (0, 0);
    for ladder in 0..ladders {
        let ladder = Noise(Rng::stream(8, ladder)).ladder(shape, truth);
        if let Some(knee) = growth_knee(&rungs(&ladder), &mut Rng::new(9)).unwrap() {
            assert!(knee.share >= 0.75 && knee.gain >= 10.0, "{knee:?}");
            found += 1;
            right += u64::from((ladder[knee.last].0.log2() - 12.0).abs() <= 1.0);
        }
    }
    (found as f64 / ladders as f64, right as f64 / ladders as f64)
}

#[test]
fn smooth_ladders_have_no_knee() {
    for (rungs, form, drift) in
        [(10, Form::Normal, 0.0), (20, Form::Layouts, 0.03), (20, Form::Tail, 0.0)]
    {
        let shape = Shape { rungs, processes: 5, form, drift };
        for (name, truth) in &SMOOTH[..12] {
            let (found, _) = knees(shape, *truth, 20);
            assert!(found <= 0.05, "{name} {shape:?}: {found}");
        }
    }
}

#[test]
fn a_planted_knee_is_found() {
    let shape = Shape { rungs: 20, processes: 5, form: Form::Layouts, drift: 0.0 };
    let (_, right) = knees(shape, BENT[0].1, 2);
    assert!(right >= 0.75, "{right}");
    let bent = Noise(Rng::new(8)).ladder(shape, BENT[2].1);
    let knee = growth_knee(&rungs(&bent), &mut Rng::new(9)).unwrap().unwrap();
    assert_eq!((knee.before, knee.after), (Growth::Linear, Growth::Square));
}

/// Numbers that METHODOLOGY.md cites: the share of 100 ladders with a knee, and with one within a
/// rung of 4096. Some minutes: `cargo test --release --test scaling -- --ignored`.
#[test]
#[ignore = "takes minutes"]
fn table_of_knees() {
    let mut table = String::new();
    for (form, drift) in
        [(Form::Normal, 0.0), (Form::Layouts, 0.0), (Form::Layouts, 0.03), (Form::Tail, 0.0)]
    {
        for rungs in [10, 14, 20, 24] {
            let shape = Shape { rungs, processes: 5, form, drift };
            for (name, truth) in SMOOTH.iter().chain(&BENT) {
                let (found, right) = knees(shape, *truth, 100);
                table += &format!("{form:?} {drift} {rungs:2} {found:.3} {right:.3} {name}\n");
            }
        }
    }
    insta::assert_snapshot!("knees", table);
}

/// The share of ladders whose interval holds the slope that they were made with.
fn coverage(shape: Shape, ladders: u64) -> f64 {
    let covers = |ladder| {
        let ladder = Noise(Rng::stream(10, ladder)).ladder(shape, |n| n);
        let found = slope_interval(&rungs(&ladder), 0.95, &mut Rng::new(11)).unwrap();
        found.low <= 1.0 && found.high >= 1.0
    };
    (0..ladders).filter(|ladder| covers(*ladder)).count() as f64 / ladders as f64
}

#[test]
fn intervals_hold_the_slope() {
    for (rungs, processes, form) in [(4, 3, Form::Normal), (6, 6, Form::Layouts)] {
        let shape = Shape { rungs, processes, form, drift: 0.0 };
        let share = coverage(shape, 150);
        // Three standard deviations under 95 %.
        assert!(share >= 0.9, "{shape:?}: {share}");
    }
}

/// Numbers that METHODOLOGY.md cites, as above: the share of 500 intervals that hold the slope, by
/// noise, processes and rungs.
#[test]
#[ignore = "takes minutes"]
fn table_of_coverage() {
    let mut table = String::new();
    for form in [Form::Normal, Form::Layouts, Form::Tail, Form::Heavy] {
        for processes in [3, 4, 5, 6, 7, 10] {
            for rungs in [3, 5, 8, 16] {
                let share = coverage(Shape { rungs, processes, form, drift: 0.0 }, 500);
                table += &format!("{form:?} {processes:2} {rungs:2} {share:.3}\n");
            }
        }
    }
    insta::assert_snapshot!("coverage", table);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_ladder_panics(
        ladder in prop::collection::vec(
            (any::<f64>(), prop::collection::vec(any::<f64>(), 0..4)), 0..12,
        ),
        absolute in any::<bool>(),
    ) {
        let ladder: Ladder = if absolute {
            let own = |values: Vec<f64>| values.into_iter().map(f64::abs).collect();
            ladder.into_iter().map(|(n, values)| (n.abs(), own(values))).collect()
        } else {
            ladder
        };
        let rungs = rungs(&ladder);
        let finite = |found: Result<f64, Refusal>| found.map_or(true, f64::is_finite);
        prop_assert!(finite(slope(&rungs)));
        let interval = slope_interval(&rungs, 0.95, &mut Rng::new(0));
        prop_assert!(finite(interval.map(|it| it.high - it.low)));
        for fit in growth_fits(&rungs, &mut Rng::new(0)).unwrap_or_default() {
            prop_assert!((0.0..=1.0).contains(&fit.share));
        }
        let _ = growth_knee(&rungs, &mut Rng::new(0));
    }
}
