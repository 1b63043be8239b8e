use serde_json::{Value, json};
use tacho_schema::{CaptureState, CutShort, Disturbance, Status};

use super::*;
use crate::fixture::{contended, counting, doc, ended, gzip, header, point};

#[test]
fn a_summary_comes_back() {
    // Its numbers are whole: reading others back exactly is a promise of the reader.
    let doc = doc(vec![point("sleep 1", 1e9, 5)]);
    let text = summary(&doc);
    assert_eq!(serde_json::from_str::<SummaryDoc>(&text).unwrap(), doc);
    assert!(text.ends_with("}\n"));
}

#[test]
fn counters_and_contended_rows_are_in_the_document() {
    let busy = contended(point("p", 1e6, 8), 2, &[(Disturbance::RunDelay, 2)]);
    let doc = doc(vec![counting(busy, "rows", 512.0, Some((512.0, 512.0)))]);
    let found: Value = serde_json::from_str(&summary(&doc)).unwrap();
    let point = &found["points"][0];
    assert_eq!(point["contended"], 2);
    let expected =
        json!({ "notice": "contended", "rows": 2, "samples": 8, "by": { "run_delay": 2 } });
    assert_eq!(point["notices"], json!([expected]));
    let own = point["spreads"].as_array().unwrap().last().unwrap();
    assert_eq!((&own["metric"], &own["median"]), (&json!("metrics.rows"), &json!(512.0)));
}

#[test]
fn numbers_that_json_lacks_are_null() {
    let mut doc = gzip();
    doc.points[0].spreads[0].median = f64::NAN;
    let value: Value = serde_json::from_str(&summary(&doc)).unwrap();
    assert!(value["points"][0]["spreads"][0]["median"].is_null());
}

#[test]
fn history_has_every_key() {
    let header = header();
    let mut summary = ended(&[(Status::Ok, 30), (Status::TimedOut, 4)]);
    summary.state = CaptureState::CutShort;
    summary.cut_short = Some(CutShort::Budget);
    let names = ["main".to_owned()];
    let entry = HistoryEntry { header: &header, summary: &summary, started: "", baselines: &names };
    let found: Value = serde_json::from_str(&history(&[entry])).unwrap();
    let expected = json!({
        "schema_version": 1,
        "captures": [{
            "id": "20261121-094512-3fa9",
            "status": "cut_short",
            "cut_short": "budget",
            "started_unix_ms": 1_795_254_312_000_u64,
            "ended_unix_ms": 1_795_254_330_500_u64,
            "points": 3,
            "rows": 34,
            "failed_rows": 4,
            "skipped": 0,
            "seed": 42,
            "git_commit": "0123456789abcdef0123456789abcdef01234567",
            "git_dirty": true,
            "project": null,
        "manifest": null,
            "invocation": ["/usr/bin/tacho", "run", "gzip -1 corpus.txt"],
            "baselines": ["main"],
        }],
    });
    assert_eq!(found, expected);
    let empty: Value = serde_json::from_str(&history(&[])).unwrap();
    assert_eq!(empty, json!({ "schema_version": 1, "captures": [] }));
}

#[test]
fn baselines_come_back() {
    let saved = Baseline { name: "main".into(), capture: header().id, saved_unix_ms: 7 };
    let found: Value = serde_json::from_str(&baselines(std::slice::from_ref(&saved))).unwrap();
    assert_eq!(found["schema_version"], 1);
    assert_eq!(
        serde_json::from_value::<Vec<Baseline>>(found["baselines"].clone()).unwrap(),
        [saved]
    );
}
