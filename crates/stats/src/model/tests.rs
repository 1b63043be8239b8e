use proptest::prelude::*;

use super::*;

#[test]
fn values() {
    for (text, n, expected) in [
        ("1", 7, 1.0),
        (" n ", 7, 7.0),
        ("n * log2(n)", 8, 24.0),
        ("n*log2(n)+n", 1, 1.0),
        ("log2(n)", 1, 0.0),
        ("log(n)", 0, f64::NEG_INFINITY),
        ("ln(n) - log(n)", 5, 0.0),
        ("log10(n)", 1000, 3.0),
        ("-n^2", 3, -9.0),
        ("2^3^2", 0, 512.0),
        ("2^-1", 0, 0.5),
        ("8/2/2", 0, 2.0),
        ("1 - 2 - 3", 0, -4.0),
        ("2*(n+1)", 4, 10.0),
        ("+n", 4, 4.0),
        ("--n", 4, 4.0),
        ("1.5e2 + .5", 0, 150.5),
        ("sqrt(n) + cbrt(27)", 9, 6.0),
        ("n!", 5, 120.0),
        ("factorial(n)", 0, 1.0),
        ("n!", 171, f64::INFINITY),
        ("2^n", 1023, 2.0_f64.powi(1023)),
        ("2^n", 1024, f64::INFINITY),
        ("2^n!", 3, 64.0),
        ("min(n, 100) * max(2, n)", 1000, 100_000.0),
        ("n/0", 1, f64::INFINITY),
        ("n", u64::MAX, 18_446_744_073_709_551_615.0),
        ("n\t^ 2", 3, 9.0),
    ] {
        assert_eq!(Model::parse(text).unwrap().at(n), expected, "{text} at {n}");
    }
    for text in ["0/0", "(n-5)!", "sqrt(n - 5)", "min(0/0, n)", "max(n, 0/0)"] {
        assert!(Model::parse(text).unwrap().at(1).is_nan(), "{text}");
    }
    let half = Model::parse("(n/2)!").unwrap().at(1);
    assert!((half - std::f64::consts::PI.sqrt() / 2.0).abs() < 1e-14, "{half}");
}

#[test]
fn the_text_is_kept() {
    assert_eq!(Model::parse("  n *  log2( n ) ").unwrap().to_string(), "n *  log2( n )");
}

#[test]
fn exponentials() {
    for (text, expected) in [
        ("2^n", true),
        ("1.618^n", true),
        ("n * 2^(n/2)", true),
        ("(1+1)^n", true),
        ("n^n", true),
        ("n!", true),
        ("factorial(n)", true),
        ("2^sqrt(n)", true),
        ("n^2", false),
        ("n^log2(n)", false),
        ("2^log2(n)", false),
        ("1^n", false),
        ("0.5^n", false),
        ("5!", false),
        ("n * log(n)", false),
        ("2^10 * n", false),
    ] {
        assert_eq!(Model::parse(text).unwrap().is_exponential(), expected, "{text}");
    }
}

#[test]
fn refusals() {
    let messages: String = [
        "",
        "n *",
        "* n",
        "2n",
        "2 (n)",
        "n log2(n)",
        "(n)(n)",
        "log2 n",
        "log2",
        "n**2",
        "n\u{b2}",
        "O(n)",
        "N",
        "exp(n)",
        "(n",
        "n)",
        "log2(n",
        "log2(n, 2)",
        "min(n)",
        "min(n; 2)",
        "n % 2",
        "1.2.3",
        "1e",
        "3 4",
        "n = 2",
        "\u{3b8} * n",
        "n, n",
    ]
    .iter()
    .map(|text| format!("{text:12} {}\n", Model::parse(text).unwrap_err()))
    .collect();
    insta::assert_snapshot!(messages);
}

#[test]
fn bounds() {
    for (text, expected) in [
        ("(".repeat(51) + "n" + &")".repeat(51), Err(ModelProblem::TooDeep)),
        ("(".repeat(50) + "n" + &")".repeat(50), Ok(2.0)),
        ("-".repeat(51) + "n", Err(ModelProblem::TooDeep)),
        ("n^".repeat(51) + "n", Err(ModelProblem::TooDeep)),
        ("1+".repeat(499) + "n", Ok(501.0)),
        ("1+".repeat(500) + "n", Err(ModelProblem::TooLong)),
    ] {
        let found = Model::parse(&text).map(|model| model.at(2)).map_err(|error| error.problem);
        assert_eq!(found, expected, "{text}");
    }
}

/// Words that expressions are made of.
const WORDS: [&str; 20] = [
    "n", "2", "1.5", "+", "-", "*", "/", "^", "!", "(", ")", ",", "log2(", "min(", "log", " ",
    "n)", "\u{b2}", "e", ".",
];

/// Texts of these words: most are near an expression.
fn wordy() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&WORDS[..]), 0..40).prop_map(|words| words.concat())
}

/// Expressions, and their value at 3 by a way of its own.
fn valid() -> impl Strategy<Value = (String, f64)> {
    let number = (1_u32..9).prop_map(|it| (it.to_string(), f64::from(it)));
    prop_oneof![Just(("n".to_owned(), 3.0)), number].prop_recursive(5, 40, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone())
                .prop_map(|(a, b): (_, (String, f64))| (format!("({} + {})", a.0, b.0), a.1 + b.1)),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b): (_, (String, f64))| (format!("({})*({})", a.0, b.0), a.1 * b.1)),
            inner.prop_map(|a: (String, f64)| (format!("log2({})", a.0), a.1.log2())),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_panics(text in prop_oneof![any::<String>(), wordy()], n in any::<u64>()) {
        match Model::parse(&text) {
            Ok(model) => {
                prop_assert!(model.at(n).to_bits() == model.at(n).to_bits());
                prop_assert_eq!(model.to_string(), text.trim());
            }
            Err(error) => {
                prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
                let place = format!("column {}", error.column);
                prop_assert!(error.to_string().ends_with(&place));
            }
        }
    }

    #[test]
    fn expressions_have_their_value((text, expected) in valid()) {
        let found = Model::parse(&text).unwrap().at(3);
        prop_assert!(found == expected || (found.is_nan() && expected.is_nan()), "{}", text);
    }
}
