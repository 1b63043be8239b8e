//! How much is measured, and in which order.

use crate::world::World;

/// The programs' log after `tacho run` with these words, and the newest capture's rows.
fn run(args: &[&str]) -> (World, Vec<tacho_schema::Row>) {
    let world = World::new();
    let words = [&["run"], args].concat();
    world.tacho(&words).exits(0).in_silence();
    let rows = world.rows();
    (world, rows)
}

#[test]
fn numbers_of_runs() {
    let fast = "echo ran >>log";
    for (args, expected) in [
        (&["-r", "3"][..], 3..=3),
        (&["--runs", "1"], 1..=1),
        (&["-m", "4", "-M", "4"], 4..=4),
        (&["--min-runs", "2", "--max-runs", "5", "--precision", "0.001%"], 5..=5),
        (&["-M", "7", "-m", "1", "--min-time", "1h"], 7..=7),
        // At most so much time is a bound also for the least number of runs.
        (&["--max-time", "1ns"], 1..=1),
        (&["-m", "12", "--min-time", "0s", "--precision", "100%", "-M", "60"], 12..=60),
    ] {
        let (world, rows) = run(&[args, &[fast]].concat());
        assert!(expected.contains(&rows.len()), "{args:?}: {} rows", rows.len());
        assert_eq!(world.lines("log").len(), rows.len(), "{args:?}");
        let indices: Vec<u64> = rows.iter().filter_map(|row| row.repeat_index).collect();
        assert!(indices.into_iter().eq(0..rows.len() as u64), "{args:?}");
    }
}

#[test]
fn warm_up_runs_are_not_recorded() {
    let (world, rows) = run(&["-w", "3", "-r", "2", "echo a >>log", "echo b >>log"]);
    assert_eq!(rows.len(), 4);
    let log = world.lines("log");
    assert_eq!(log.len(), 10);
    let mut warm = log[..6].to_vec();
    warm.sort();
    assert_eq!(warm, ["a", "a", "a", "b", "b", "b"], "{log:?}");
}

#[test]
fn least_time_is_measured_time() {
    let (_world, rows) =
        run(&["--min-time", "200ms", "-m", "1", "--precision", "100%", "sleep 0.005"]);
    let measured: u64 = rows.iter().map(|row| row.total_nanos).sum();
    assert!(measured >= 200_000_000, "{measured} ns in {} rows", rows.len());
    assert!(rows.len() >= 6, "{} rows have no interval", rows.len());
}

/// A point stops because it is precise enough, or says that it is not.
#[test]
fn precision_is_reached_or_its_lack_is_told() {
    for precision in ["0.0001%", "30%"] {
        let world = World::new();
        let bounds = ["--min-time", "0s", "-M", "40", "--precision", precision];
        world.tacho(&[&["run"], &bounds[..], &["sleep 0.002"]].concat()).exits(0);
        let doc = world.tacho(&["show", "--json"]).exits(0).json();
        let point = &doc["points"][0];
        let wall = &point["spreads"][0];
        let number = |value: &serde_json::Value| value.as_f64().unwrap();
        let half = (number(&wall["interval"]["high"]) - number(&wall["interval"]["low"])) / 2.0;
        let wanted = precision.trim_end_matches('%').parse::<f64>().unwrap() / 100.0;
        let is_precise = half / number(&wall["median"]) <= wanted;
        let notices = point["notices"].as_array().unwrap();
        let told = notices.iter().any(|notice| notice["notice"] == "imprecise");
        assert_eq!(is_precise, !told, "{point:#}");
        assert!(is_precise || wall["samples"] == 40, "{point:#}");
    }
}

/// Points a round in the order in which they ran.
fn rounds(log: &[String], points: usize) -> Vec<Vec<String>> {
    log.chunks(points).map(<[String]>::to_vec).collect()
}

#[test]
fn rounds_are_interleaved_and_shuffled_by_the_recorded_seed() {
    let words = ["-r", "8", "-L", "n", "1,2,3,4", "echo {n} >>log"];
    let order = |seed: Option<&str>| {
        let seed = seed.map_or(Vec::new(), |seed| vec!["--seed", seed]);
        let (world, rows) = run(&[&words[..], &seed].concat());
        let log = world.lines("log");
        let of_row = |row: &tacho_schema::Row| row.params["n"].to_string();
        assert_eq!(rows.iter().map(of_row).collect::<Vec<_>>(), log, "rows are in this order too");
        for round in rounds(&log, 4) {
            let mut sorted = round.clone();
            sorted.sort();
            assert_eq!(sorted, ["1", "2", "3", "4"], "{log:?}");
        }
        (world.newest().header.seed.to_string(), log)
    };
    let (seed, first) = order(None);
    assert_eq!(order(Some(&seed)), (seed.clone(), first.clone()));
    let orders: std::collections::BTreeSet<Vec<String>> =
        ["1", "2", "3"].into_iter().map(|seed| order(Some(seed)).1).collect();
    assert_eq!(orders.len(), 3, "other seeds give other orders");
    let rounds: std::collections::BTreeSet<Vec<String>> = rounds(&first, 4).into_iter().collect();
    assert!(rounds.len() > 1, "each round is shuffled anew: {first:?}");
}

/// Ends well three times and then hangs.
const HANGS_AT_FOURTH: &str = r#"
if [ "$(wc -l <log 2>/dev/null || echo 0)" -ge 3 ]; then exec sleep 600; fi
echo ran >>log
"#;

#[test]
fn the_time_for_everything_says_what_it_skipped() {
    let world = World::with(&format!(
        "[defaults]\nruns = 5\ncleanup = \"echo cleaned >>log\"\n[[workload]]\n\
         name = \"hangs\"\ncommand = '''{HANGS_AT_FOURTH}'''\n",
    ));
    world.tacho(&["run", "--total-seconds", "2"]).exits(0).shows(&[
        "not fully measured: 1 point",
        "hangs (after 3 runs)",
        "total time used up",
    ]);
    let capture = world.newest();
    assert_eq!(capture.summary.cut_short, Some(tacho_schema::CutShort::Budget));
    let skipped = &capture.summary.skipped[0];
    assert_eq!((skipped.point.as_str(), skipped.rows), ("hangs", 3));
    assert_eq!(world.rows().len(), 3);
    assert_eq!(world.lines("log")[3..], ["cleaned"]);
}

#[test]
fn no_time_for_anything_measures_nothing_and_keeps_nothing() {
    let world = World::new();
    let commands: Vec<String> = (600..607).map(|seconds| format!("sleep {seconds}")).collect();
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    let words = [&["run", "--total-seconds", "0.3"], &commands[..]].concat();
    world.tacho(&words).exits(3).says(&[
        "the time budget was used up before the first run ended",
        "skipped 7 points: sleep 600, sleep 601, sleep 602, sleep 603, sleep 604 and 2 more",
        "raise --total-seconds",
        "nothing was measured",
    ]);
    assert!(world.captures().is_empty());
}
