//! Tables of rounds whose figures are known.

use super::super::estimate::{Estimate, Readings};
use super::*;

/// Lines with one blank between their words.
pub(in super::super) fn squeezed(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Rounds in which every function takes the same, by column.
fn rounds(figures: &[(Column, [f64; 3], f64)]) -> Rounds {
    let round = |at: usize| -> Readings {
        let of = |function: &str| {
            let function = function.to_owned();
            figures.iter().map(move |&(column, nanos, half)| {
                let nanos = nanos[at];
                let interval = (half > 0.0).then_some((nanos - half, nanos + half));
                ((function.clone(), column), Estimate { nanos, interval })
            })
        };
        functions().flat_map(of).collect()
    };
    Rounds::of((0..3).map(round).collect())
}

/// Ours varies by a quarter of Criterion's median, and by as much as what Criterion prints.
fn known() -> Rounds {
    rounds(&[
        (Column::Tacho, [99.0, 100.0, 101.0], 1.5),
        (Column::CriterionMedian, [96.0, 100.0, 104.0], 1.0),
        (Column::CriterionTypical, [1980.0, 2000.0, 2020.0], 20.0),
        (Column::DivanMedian, [90.0, 95.0, 100.0], 0.0),
        (Column::Bare, [98.0, 98.0, 98.0], 0.0),
    ])
}

#[test]
fn every_table_says_what_is_in_the_rounds() {
    let rounds = known();
    for (text, lines) in [
        (
            agreement(&rounds),
            [
                "sorting 100.000 ns 100.000 ns 2.000 µs 95.000 ns 98.000 ns –",
                "sorting 1.000 (0.971–1.031) within 3 %: met \
                 1.053 (1.010–1.100) within 3 %: MISSED \
                 1.020 (1.010–1.031) within 3 %: met",
            ],
        ),
        (
            variation(&rounds),
            [
                "sorting 1.00 4.00 1.00 5.26 0.25 1.00",
                "Criterion, printed 1.00 (1.00–1.00) ≤ 0.50: MISSED",
            ],
        ),
        (
            coverage(&rounds),
            [
                "sorting 3 of 3, 44–100 % 1 of 3, 6–79 % 3 of 3, 44–100 %",
                "share, 90–99 % wanted 100.0 %: too many 33.3 %: TOO FEW 100.0 %: too many",
            ],
        ),
        (
            cost(&rounds, Some(Account { wall_nanos: 48e9, cpu_nanos: 54e9 })),
            [
                "tacho run – – – ≤ 0.5: not measured",
                "Criterion, its own settings 8.00 (8.00–8.00) 9.00 (9.00–9.00)",
            ],
        ),
    ] {
        let shown: Vec<String> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        for line in lines {
            assert!(shown.iter().any(|shown| shown == line), "{line:?} in\n{text}");
        }
    }
}

#[test]
fn what_nobody_reported_is_a_dash() {
    let nothing = Rounds::default();
    for (text, line) in [
        (agreement(&nothing), "one_ns – – – – – –"),
        (variation(&nothing), "Criterion, printed – ≤ 0.50: not measured"),
        (coverage(&nothing), "share, 90–99 % wanted not measured not measured not measured"),
    ] {
        assert!(squeezed(&text).iter().any(|shown| shown == line), "{line:?} in\n{text}");
        assert!(!text.contains("NaN"), "{text}");
    }
}

#[test]
fn an_interval_that_is_not_there_holds_nothing() {
    let rounds = rounds(&[(Column::Tacho, [1.0, 1.0, 1.0], 0.0)]);
    assert_eq!(held(&rounds, "sorting", Column::Tacho), Share { held: 0, of: 3 });
}

#[test]
fn nearness_counts_to_both_sides() {
    for (ratio, word) in [(1.019, "met"), (0.981, "met"), (1.03, "MISSED"), (0.97, "MISSED")] {
        assert_eq!(within(&Spread::new([ratio]), 0.02), format!("within 2 %: {word}"));
    }
    assert_eq!(within(&Spread::default(), 0.02), "within 2 %: not measured");
}

#[test]
fn times_have_their_unit() {
    for (nanos, shown) in
        [(0.25, "0.250 ns"), (999.0, "999.000 ns"), (55_123.0, "55.123 µs"), (1e7, "10.000 ms")]
    {
        assert_eq!(show_nanos(nanos), shown);
    }
}
