//! Our answers against those of NumPy and SciPy (`reference/make.py` made the tables).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use tacho_stats::{
    Fences, OutlierCounts, RankMethod, Refusal, mad, max, mean, median, median_interval, min,
    quantile, ratio_estimate, ratio_interval, shift_estimate, shift_interval, stddev,
};

type Table = Vec<Vec<&'static str>>;

/// The lines of a table below its header.
fn table(text: &'static str) -> Table {
    let lines: Table = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert!(lines.len() > 5, "a reference table lost its lines");
    lines
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

fn samples() -> BTreeMap<&'static str, Vec<f64>> {
    table(include_str!("reference/samples.csv"))
        .into_iter()
        .map(|line| (line[0], line[1].split(';').map(number).collect()))
        .collect()
}

/// `found` is the reference's number up to the rounding of a few operations at `scale`.
fn check(found: Result<f64, Refusal>, expected: &str, scale: f64, what: &str) {
    match found {
        Ok(found) => {
            let error = (found - number(expected)).abs();
            assert!(error <= 1e-13 * scale, "{what}: {found} is not {expected}");
        }
        Err(refusal) => assert_eq!(expected, "", "{what}: {refusal}"),
    }
}

#[test]
fn summaries_quantiles_and_fences() {
    let samples = samples();
    for line in table(include_str!("reference/summary.csv")) {
        let values = &samples[line[0]];
        let scale = values.iter().fold(0.0, |scale: f64, value| scale.max(value.abs()));
        let found = [
            mean(values),
            stddev(values),
            median(values),
            mad(values),
            min(values),
            max(values),
            quantile(values, 0.05),
            quantile(values, 0.25),
            quantile(values, 0.75),
            quantile(values, 0.999),
        ];
        for (column, found) in found.into_iter().enumerate() {
            check(found, line[column + 1], scale, &format!("{} column {column}", line[0]));
        }
        let counts = Fences::of(values).unwrap().count(values);
        let expected =
            OutlierCounts { mild: line[11].parse().unwrap(), severe: line[12].parse().unwrap() };
        assert_eq!(counts, expected, "{}", line[0]);
    }
}

#[test]
fn intervals_of_the_median() {
    for line in table(include_str!("reference/median_interval.csv")) {
        let (n, level): (usize, f64) = (line[0].parse().unwrap(), number(line[1]));
        let ranks: Vec<f64> = (1..=n).map(|rank| rank as f64).collect();
        match median_interval(&ranks, level) {
            Ok(found) => {
                let expected = (number(line[2]), number(line[3]));
                assert_eq!((found.low, found.high), expected, "n {n} level {level}");
                assert!((found.level - number(line[4])).abs() < 1e-11, "n {n} level {level}");
            }
            Err(Refusal::TooFew { have, need }) => {
                assert_eq!((line[2], have), ("", n), "level {level}");
                let enough: Vec<f64> = (1..=need).map(|rank| rank as f64).collect();
                assert!(median_interval(&enough, level).is_ok(), "n {n} level {level}");
                assert!(median_interval(&enough[1..], level).is_err(), "n {n} level {level}");
            }
            Err(refusal) => panic!("n {n} level {level}: {refusal}"),
        }
    }
}

#[test]
fn shifts_and_ratios() {
    let samples = samples();
    for line in table(include_str!("reference/shift.csv")) {
        let (reference, newer) = (&samples[line[0]], &samples[line[1]]);
        let level = number(line[3]);
        let (estimate, interval) = if line[2] == "1" {
            (ratio_estimate(reference, newer), ratio_interval(reference, newer, level))
        } else {
            (shift_estimate(reference, newer), shift_interval(reference, newer, level))
        };
        let what = format!("{} {} at {level}", line[0], line[1]);
        let scale = estimate.unwrap().abs().max(1.0);
        check(estimate, line[4], scale, &what);
        check(interval.map(|it| it.low), line[5], scale, &what);
        check(interval.map(|it| it.high), line[6], scale, &what);
        if let Ok(found) = interval {
            assert_eq!(found.method, RankMethod::Exact, "{what}");
            assert!((found.level - number(line[7])).abs() < 1e-12, "{what}: {}", found.level);
        }
    }
}

/// Beyond what is counted out, the approximated rank is the exact one or up to 0.2 % of it
/// further out: the interval is never too narrow.
#[test]
fn the_normal_rank_errs_outwards() {
    for line in table(include_str!("reference/normal_rank.csv")) {
        let (m, n): (u32, u32) = (line[0].parse().unwrap(), line[1].parse().unwrap());
        // All differences are distinct whole numbers from 0, so that a difference is its rank.
        let reference: Vec<f64> = (0..m).map(|i| -f64::from(i)).collect();
        let newer: Vec<f64> = (0..n).map(|j| f64::from(j * m)).collect();
        let found = shift_interval(&reference, &newer, number(line[2])).unwrap();
        assert_eq!(found.method, RankMethod::Normal);
        let (rank, exact) = (found.low + 1.0, number(line[3]));
        assert!(rank <= exact && rank >= exact * 0.998, "{m} {n} {}: {rank}", line[2]);
    }
}
