use tacho_schema::{Metric, PointSummary};

use super::*;
use crate::export::Exported;
use crate::fixture::{header, point, spread};

fn nanos(metric: Metric, [mean, median, min, max]: [f64; 4], stddev: Option<f64>) -> Spread {
    Spread { mean, min, max, stddev, ..spread(metric, median, None, 3) }
}

fn summary_of(label: &str, command: &str, spreads: Vec<Spread>) -> PointSummary {
    PointSummary { command: Some(command.into()), spreads, ..point(label, 1.0, 3) }
}

/// Three runs of which the last was ended by a signal, with all that is measured.
fn full() -> (PointSummary, Vec<ExportedRun>, Vec<(String, String)>) {
    let wall =
        nanos(Metric::Wall, [3.8e6, 3_234_712.0, 2_698_901.0, 5_564_513.0], Some(1_523_525.5));
    let user = nanos(Metric::User, [678_666.0, 1.0, 1.0, 1.0], None);
    let system = nanos(Metric::System, [0.0, 1.0, 1.0, 1.0], None);
    let memory = nanos(Metric::PeakRss, [565_248.0; 4], Some(0.0));
    let run = |nanos: u32, kib: u64, exit_code| ExportedRun {
        wall_nanos: f64::from(nanos),
        user_nanos: Some(678_666),
        system_nanos: Some(1000),
        memory_bytes: Some(kib * 1024),
        exit_code,
    };
    let runs =
        vec![run(5_564_513, 552, Some(0)), run(2_698_901, 552, Some(1)), run(3_234_712, 556, None)];
    let parameters = vec![("level".into(), "9".into()), ("file".into(), "ä.txt".into())];
    (summary_of("a name", "grep \"a\nb\" c", vec![wall, user, system, memory]), runs, parameters)
}

#[test]
fn the_documents_are_hyperfines() {
    let (summary, runs, parameters) = full();
    let full = Exported { summary: &summary, runs: &runs, parameters: &parameters };
    insta::assert_snapshot!("version_1", document_1(&[full]));
    insta::assert_snapshot!("version_2", document(&[full, full], &header()));
}

#[test]
fn nothing_to_say() {
    assert_eq!(document_1(&[]), "{\n  \"results\": []\n}\n");
    let empty: Value = serde_json::from_str(&document(&[], &header())).unwrap();
    assert_eq!((&empty["schema_version"], &empty["results"]), (&json!(2), &json!([])));
    // What was not measured is not there, and not zero.
    let wall = nanos(Metric::Wall, [1e9; 4], None);
    let summary = summary_of("true", "true", vec![wall]);
    let runs = [ExportedRun { wall_nanos: 1e9, ..ExportedRun::default() }];
    let bare = Exported { summary: &summary, runs: &runs, parameters: &[] };
    let doc: Value = serde_json::from_str(&document(&[bare], &header())).unwrap();
    let result = &doc["results"][0];
    let measured = json!({
        "time_wall_clock": { "value": 1.0, "unit": "second" },
        "exit_code": null,
    });
    assert_eq!(result["measurements"], json!([measured]));
    assert_eq!(result["summary"].as_object().unwrap().len(), 1);
    assert_eq!(result["user"], Value::Null);
    for key in ["name", "parameters", "memory_usage_byte"] {
        assert!(result.get(key).is_none(), "{key}");
    }
}

/// What hyperfine 1 itself wrote, read and written again, is the same text.
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
        let command = result["command"].as_str().unwrap();
        let summary = summary_of(command, command, vec![wall, user, system]);
        let codes: Vec<Option<i32>> = serde_json::from_value(result["exit_codes"].clone()).unwrap();
        let times = result["times"].as_array().unwrap().iter().zip(codes);
        let runs: Vec<ExportedRun> = times
            .map(|(time, exit_code)| ExportedRun {
                wall_nanos: (time.as_f64().unwrap() * 1e9).round(),
                exit_code,
                ..ExportedRun::default()
            })
            .collect();
        let exported = Exported { summary: &summary, runs: &runs, parameters: &[] };
        found.extend(entry_lines(&document_1(&[exported])));
    }
    let expected = entry_lines(original);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert!(is_same(found, expected), "{found} is not {expected}");
    }
}

/// The lines between the brackets, without the commas that depend on how many entries there are.
fn entry_lines(text: &str) -> Vec<String> {
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
