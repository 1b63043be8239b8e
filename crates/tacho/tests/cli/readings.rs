//! From a journal's rows to the table: stages, own counters, and what disturbed a run.

use serde_json::{Value, json};
use tacho_schema::{CaptureId, JournalHead, MetricDef, Statistic, version::Version};
use tacho_store::{Access, Location};

use crate::schema;
use crate::text::{below_headline, summary};
use crate::world::World;

const MANIFEST: &str = r#"
[[workload]]
name = "smoke"
command = ["true"]
[[workload]]
name = "lookup"
command = ["true"]
[[workload]]
name = "never"
command = ["true"]
"#;

/// Runs of a probe with two stages, of which the last one failed, and of a program for which its
/// minimum stands. One run of the probe waited for a processor, another was stopped.
fn rows() -> Vec<Value> {
    let row = |function: &str, index: u64, nanos: u64| {
        json!({
            "schema_version": 1, "kind": "fixed", "function": function, "repeat_index": index,
            "sequence": index, "total_nanos": nanos, "status": "ok",
        })
    };
    let with = |mut row: Value, keys: Value| {
        for (key, value) in keys.as_object().into_iter().flatten() {
            row[key] = value.clone();
        }
        row
    };
    let mut rows = Vec::new();
    for index in 0..12 {
        let delay = if index == 5 { 9_000_000 } else { 20_000 };
        let conditions = json!({
            "run_delay_nanos": delay, "window_nanos": 12_000_000, "stops": u64::from(index == 7),
        });
        for (stage, nanos, metrics) in [
            ("fib", 2_000_000 + 1000 * index, json!({ "heap": 2048, "chunks": 8 })),
            ("sort", 9_000_000, json!({ "rows": 512, "rows_per_s": 43_000 + 10 * index })),
        ] {
            let keys = json!({ "stage": stage, "metrics": metrics, "conditions": conditions });
            rows.push(with(row("smoke", index, nanos), keys));
        }
        rows.push(row("lookup", 20 + index, 500_000 + 1000 * index));
    }
    let wrong = json!({ "status": "wrong_answer", "exit_code": 0, "output_tail": "passed 3/4\n" });
    rows.push(with(row("smoke", 40, 5_000_000), wrong));
    rows
}

/// Leaves a journal of [`rows`] as a killed `tacho` does, and gives the capture's identity.
fn leave_journal(world: &World) -> CaptureId {
    world.tacho(&["run", "-r", "1"]).exits(0);
    let store = tacho_store::open(&Location::Sqlite(world.store_path()), Access::Read).unwrap();
    let mut capture = store.capture(&world.newest().header.id).unwrap();
    capture.header.id = CaptureId::new("29991231-235959-abcdef").unwrap();
    capture.header.started_unix_ms += 1;
    capture.header.spawn_floor_nanos = None;
    capture.header.seed = 1;
    let unit = |word: &str| MetricDef { unit: Some(word.to_owned()), ..MetricDef::default() };
    let units = [("rows_per_s", "rows/s"), ("heap", "KiB")];
    capture.header.metric_defs =
        units.map(|(name, word)| (name.to_owned(), unit(word))).into_iter().collect();
    capture.plan.points[1].statistic = Statistic::Min;
    let id = capture.header.id.clone();
    let head = JournalHead { journal_version: Version, header: capture.header, plan: capture.plan };
    let mut text = serde_json::to_string(&head).unwrap() + "\n";
    text.extend(rows().iter().map(|row| format!("{row}\n")));
    world.write(&format!(".tacho/journal/{id}.jsonl"), text);
    id
}

#[test]
fn a_probe_in_the_table() {
    let world = World::with(MANIFEST);
    let id = leave_journal(&world);
    world.tacho(&["recover"]).exits(0);
    let show = world.tacho(&["show", id.as_str()]).exits(0).in_silence();
    let table = below_headline(&show.stdout);
    insta::assert_snapshot!("probe", table);
    assert!(!summary(table).contains("contended"), "what depends on the machine goes");
    let doc = world.tacho(&["show", id.as_str(), "--json"]).exits(0).in_silence().json();
    schema::check("summary", &doc);
    let points = doc["points"].as_array().unwrap();
    let contended: Vec<_> = points.iter().map(|point| point["contended"].as_u64()).collect();
    assert_eq!(contended, [0, 2, 2, 0, 0].map(Some));
    let stored: Vec<Value> =
        world.rows_of(&id).iter().map(|row| serde_json::to_value(row).unwrap()).collect();
    assert_eq!(stored[0]["conditions"], rows()[0]["conditions"]);
    assert_eq!(stored[0]["metrics"], json!({ "heap": 2048.0, "chunks": 8.0 }));
}
