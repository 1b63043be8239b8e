use tacho_schema::Metric;

use super::*;
use crate::fixture::spread;

fn nanos(metric: Metric, [mean, median, min, max]: [f64; 4], stddev: Option<f64>) -> Spread {
    Spread { mean, min, max, stddev, ..spread(metric, median, None, 3) }
}

#[test]
fn the_document_is_hyperfines() {
    let wall =
        nanos(Metric::Wall, [3.8e6, 3_234_712.0, 2_698_901.0, 5_564_513.0], Some(1_523_525.5));
    let user = nanos(Metric::User, [678_666.0, 1.0, 1.0, 1.0], None);
    let system = nanos(Metric::System, [0.0, 1.0, 1.0, 1.0], None);
    let full = HyperfineRuns {
        command: "grep \"a\nb\" c",
        wall: Some(&wall),
        user: Some(&user),
        system: Some(&system),
        times_nanos: &[5_564_513, 2_698_901, 3_234_712],
        memory_bytes: &[565_248, 565_248, 569_344],
        exit_codes: &[Some(0), Some(1), None],
        parameters: &[("level".into(), "9".into()), ("file".into(), "ä.txt".into())],
    };
    let nothing = HyperfineRuns {
        command: "false",
        wall: None,
        user: None,
        system: None,
        times_nanos: &[],
        memory_bytes: &[],
        exit_codes: &[],
        parameters: &[],
    };
    // What has no number is left out.
    insta::assert_snapshot!(export(&[nothing, full, nothing]));
    assert_eq!(export(&[nothing]), export(&[]));
}

#[test]
fn no_commands() {
    assert_eq!(export(&[]), "{\n  \"results\": []\n}\n");
}

/// What hyperfine itself wrote, read and written again, is the same text.
#[test]
fn a_file_of_hyperfine_survives() {
    let original = include_str!("../../tests/data/hyperfine-1.15.json");
    let document: Value = serde_json::from_str(original).unwrap();
    let mut found = Vec::new();
    for result in document["results"].as_array().unwrap() {
        let number = |key: &str| result[key].as_f64().unwrap() * 1e9;
        let numbers = ["mean", "median", "min", "max"].map(number);
        let wall = nanos(Metric::Wall, numbers, Some(number("stddev")));
        let mean_of = |metric, key| nanos(metric, [number(key), 0.0, 0.0, 0.0], None);
        let (user, system) = (mean_of(Metric::User, "user"), mean_of(Metric::System, "system"));
        let times = result["times"].as_array().unwrap().iter();
        let times: Vec<u64> =
            times.map(|time| (time.as_f64().unwrap() * 1e9).round() as u64).collect();
        let codes: Vec<Option<i32>> = serde_json::from_value(result["exit_codes"].clone()).unwrap();
        let runs = HyperfineRuns {
            command: result["command"].as_str().unwrap(),
            wall: Some(&wall),
            user: Some(&user),
            system: Some(&system),
            times_nanos: &times,
            memory_bytes: &[],
            exit_codes: &codes,
            parameters: &[],
        };
        found.extend(entry(&export(&[runs])));
    }
    let expected = entry(original);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert!(is_same(found, expected), "{found} is not {expected}");
    }
}

/// The lines between the brackets, without the commas that depend on how many entries there are.
fn entry(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    lines[2..lines.len() - 2].iter().map(|line| line.trim_end_matches(',').to_owned()).collect()
}

/// Equal texts, or equal up to the last bits of the number at their end.
fn is_same(found: &str, expected: &str) -> bool {
    let split = |text: &str| {
        let (key, number) = text.rsplit_once(' ')?;
        Some((key.to_owned(), number.parse::<f64>().ok()?))
    };
    match (split(found), split(expected)) {
        (Some((key, a)), Some((other, b))) => key == other && (a - b).abs() <= 1e-12 * b.abs(),
        _ => found == expected,
    }
}
