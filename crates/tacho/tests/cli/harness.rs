//! Programs that time themselves: harnesses named in a manifest or on the command line.

use serde_json::{Value, json};
use tacho_schema::{RowKind, Status};

use crate::world::World;

/// A harness in sh: lists what stands in `list`; to `--bench NAME --param N` it answers with
/// the file `NAME.N`, else `NAME`, line for line, or fails without one.
const FAKE: &str = r#"#!/bin/sh
case "$1" in
_list) cat list; exit ;;
_child) ;;
*) echo "unknown word $1" >&2; exit 2 ;;
esac
while [ $# -gt 0 ]; do
  case "$1" in
  --bench) name=$2 ;;
  --param) param=$2 ;;
  --repeat-index) index=$2 ;;
  esac
  shift
done
echo "$name $param" >>asked
if [ -e "$name.$param" ]; then cat "$name.$param"
elif [ -e "$name" ]; then sed "s/\"repeat_index\":0/\"repeat_index\":$index/" "$name"
else echo "broke at $name" >&2; exit 101; fi
"#;

/// A project whose only workload is that harness, with these lists and answers.
fn world(keys: &str, list: &[Value], answers: &[(&str, String)]) -> World {
    let world = World::with(&format!(
        "[defaults]\nruns = 2\n[[workload]]\nharness = [\"sh\", \"fake.sh\"]\n{keys}\n"
    ));
    world.write("fake.sh", FAKE);
    let lines: Vec<String> = list.iter().map(|line| format!("{line}\n")).collect();
    world.write("list", lines.concat());
    for (name, text) in answers {
        world.write(name, text);
    }
    world
}

fn fixed(name: &str) -> Value {
    json!({"schema_version": 1, "name": name, "kind": "fixed"})
}

fn parametric(name: &str, params: &[u64]) -> Value {
    json!({"schema_version": 1, "name": name, "kind": "parametric", "params": params})
}

/// The row of a fixed workload that takes so long, with these keys over it.
fn row(name: &str, nanos: u64, keys: &Value) -> String {
    let mut row = json!({
        "schema_version": 1, "kind": "fixed", "function": name, "repeat_index": 0,
        "total_nanos": nanos, "inner_repeats": 1, "status": "ok",
    });
    let over = keys.as_object().expect("keys are an object").clone();
    row.as_object_mut().expect("a row is an object").extend(over);
    format!("{row}\n")
}

/// The same of a parametric one.
fn rung(name: &str, param: u64, nanos: u64, hash: &str) -> String {
    let keys = json!({
        "kind": "parametric", "param": param, "repeat_index": null, "result_hash": hash,
    });
    row(name, nanos, &keys)
}

#[test]
fn everything_that_is_listed_is_measured() {
    let answers = [
        ("a", row("a", 1000, &json!({}))),
        ("b.2", rung("b", 2, 20, "0x2")),
        ("b.8", rung("b", 8, 80, "0x8")),
    ];
    let world = world("", &[fixed("a"), parametric("b", &[2, 8])], &answers);
    world.tacho(&["run"]).exits(0).shows(&["a ", "b{param=2}", "b{param=8}", "1.00 µs", "80"]);
    let rows = world.rows();
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| row.status == Status::Ok && row.user_nanos.is_none()));
    let rung = rows.iter().find(|row| row.param == Some(8)).unwrap();
    assert_eq!((rung.kind, rung.total_nanos), (RowKind::Parametric, 80));
    assert!(rung.peak_rss_kb.is_some() && rung.unavailable.contains_key("cpu"));
    world.tacho(&["run", "b{param=8}"]).exits(0);
    assert_eq!(world.rows().len(), 2);
}

#[test]
fn a_harness_on_the_command_line_is_filtered() {
    let answers = [("a", row("a", 1000, &json!({}))), ("b", row("b", 2000, &json!({})))];
    let world = world("", &[fixed("a"), fixed("b")], &answers);
    let words = ["run", "-r", "2", "--harness", "sh fake.sh", "b"];
    world.tacho(&words).exits(0).shows(&["2.00 µs"]);
    world.tacho(&["run", "--harness", "sh fake.sh", "c"]).exits(2).says(&["`c`"]);
    world.tacho(&["run", "--harness", "sh fake.sh", "--", "x"]).exits(2).says(&["--harness"]);
    world
        .tacho(&["run", "--harness", "sh none.sh"])
        .exits(2)
        .says(&["none.sh", "_list", "`bench`"]);
    world.tacho(&["run", "--harness", "./none"]).exits(2).says(&["./none", "does not exist"]);
    world.tacho(&["run", "--harness", "true"]).exits(2).says(&["wire contract"]);
}

/// Each bad child is one error row or one message that names the workload; the others go on.
#[test]
fn bad_children_do_not_hinder_the_others() {
    let two = row("two", 1, &json!({})) + &row("two", 2, &json!({}));
    let answers = [
        ("good", row("good", 1000, &json!({}))),
        ("two", two),
        ("none", "nothing to see\n".to_owned()),
        ("stranger", row("good", 1, &json!({}))),
        ("version", row("version", 1, &json!({"schema_version": 9}))),
        ("nan", row("nan", 1, &json!({"per_call_nanos": 7})).replace(":7", ":NaN")),
        ("negative", row("negative", 1, &json!({"total_nanos": -5}))),
        ("wrong", row("wrong", 1, &json!({"result_hash": "0xbad"}))),
        ("says", row("says", 1, &json!({"status": "error", "error": "no such file"}))),
    ];
    let mut list: Vec<Value> = answers.iter().map(|(name, _)| fixed(name)).collect();
    list[7]["expected_hash"] = json!("0x600d");
    list.extend([
        fixed("panics"),
        parametric("empty", &[]),
        json!({"schema_version": 7, "name": "future", "kind": "fixed"}),
        json!({"schema_version": 1, "name": "twice", "kind": "fixed"}),
        json!({"schema_version": 1, "name": "twice", "kind": "fixed"}),
        json!({"schema_version": 1, "name": "told", "kind": "fixed", "error": "it is broken"}),
    ]);
    let world = world("", &list, &answers);
    let said = world.tacho(&["run"]).exits(4);
    let all: String = world
        .rows()
        .iter()
        .map(|row| {
            let error = row.error.as_deref().unwrap_or("-");
            format!("{} {:?} {error}\n", row.function, row.status)
        })
        .collect();
    for (name, status, word) in [
        ("good", "Ok", "-"),
        ("two", "Error", "2 rows"),
        ("none", "NoOutput", "no row"),
        ("stranger", "Error", "`good`"),
        ("version", "Error", "9"),
        ("nan", "Error", "NaN"),
        ("negative", "Error", "-5"),
        ("wrong", "WrongAnswer", "0x600d"),
        ("says", "Error", "no such file"),
        ("panics", "Error", "exit code 101"),
        ("empty", "Error", "param"),
        ("future", "Error", "7"),
        ("twice", "Error", "twice"),
        ("told", "Error", "it is broken"),
    ] {
        let found = all.lines().find(|line| line.starts_with(&format!("{name} ")));
        let found = found.unwrap_or_else(|| panic!("no row of {name} in\n{all}"));
        assert!(found.contains(status) && found.contains(word), "{name}: {found}");
    }
    said.shows(&["good", "1.00 µs", "panics"]);
}

#[test]
fn one_workload_of_a_program_that_lists_nothing() {
    let keys = "name = \"old\"\nbench = \"Main.old\"\nladder = [1, 2, 4]\ncomplexity = \"n\"";
    let answers = [
        ("Main.old.1", rung("Main.old", 1, 100, "0x1")),
        ("Main.old.2", rung("Main.old", 2, 200, "0x2")),
        ("Main.old.4", rung("Main.old", 4, 400, "0x4")),
    ];
    let world = world(keys, &[], &answers);
    world.tacho(&["run"]).exits(0).shows(&["old", "n"]);
    assert_eq!(world.rows().len(), 6);
    assert_eq!(world.lines("asked")[..3], ["Main.old 1", "Main.old 2", "Main.old 4"]);
}

/// The implementations of `s`: `x` and `y` agree, but for what `y` has at 2.
fn variants(hash: &str) -> World {
    let list = ["x", "y"].map(|name| {
        let mut line = parametric(name, &[1, 2, 3]);
        line["variant_of"] = json!("s");
        line
    });
    let answers = [
        ("x.1", rung("x", 1, 1000, "0x1")),
        ("x.2", rung("x", 2, 2000, "0x2")),
        ("x.3", rung("x", 3, 3000, "0x3")),
        ("y.1", rung("y", 1, 500, "0x1")),
        ("y.2", rung("y", 2, 1000, hash)),
        ("y.3", rung("y", 3, 1500, "0x3")),
    ];
    world("", &list, &answers)
}

#[test]
fn implementations_must_agree_before_they_are_compared() {
    let agree = variants("0x2");
    agree
        .tacho(&["compare-variants", "s", "-r", "6"])
        .exits(0)
        .shows(&["x", "y", "the same", "-50.0 %"]);
    let doc = agree.tacho(&["compare-variants", "s", "-r", "6", "--json"]).exits(0).json();
    assert_eq!(doc["group"], "s");
    let differ = variants("0xbad");
    let said = differ.tacho(&["compare-variants", "s", "-r", "6"]).exits(4);
    said.shows(&["0x2", "0xbad"]);
    differ.tacho(&["compare-variants", "t"]).exits(2).says(&["no group `t`", "s"]);
    differ.tacho(&["verify"]).exits(4).shows(&["0xbad"]);
}

#[test]
fn everything_is_verified_once_at_its_smallest_parameters() {
    let world = variants("0x2");
    world.tacho(&["verify"]).exits(0).shows(&["verified"]);
    assert_eq!(world.lines("asked").len(), 4, "two parameters of each");
    world.tacho(&["history"]).exits(0);
    assert!(world.captures().is_empty(), "nothing is kept");
    world.write("y.1", rung("y", 7, 1, "0x1"));
    world.tacho(&["verify"]).exits(4).shows(&["y{param=1}"]);
    let doc = world.tacho(&["verify", "--json"]).exits(4).json();
    assert_eq!(doc["items"].as_array().map(Vec::len), Some(4));
}

/// A ladder of 1, 2 and 4, where a parameter takes longer than any cap.
fn slow_at(slow: u64) -> World {
    let keys =
        "name = \"s\"\nbench = \"s\"\nladder = [1, 2, 4]\ncomplexity = \"n\"\ncap = \"400ms\"";
    let answers = [
        ("s.1", rung("s", 1, 1000, "0x1")),
        ("s.2", rung("s", 2, 2000, "0x1")),
        ("s.4", rung("s", 4, 4000, "0x1")),
    ];
    let world = world(keys, &[], &answers);
    let held = format!("_child) case \"$* \" in *'--param {slow} '*) sleep 30;; esac ;;");
    world.write("fake.sh", FAKE.replace("_child) ;;", &held));
    world
}

/// The cap is a ladder's designed end, but not before its first rung: for a run and a verification.
#[test]
fn a_ladder_ends_at_its_cap() {
    for (slow, code) in [(2, 0), (1, 4)] {
        let world = slow_at(slow);
        let said = world.tacho(&["run"]).exits(code);
        let said = said.shows(&["[cap]", "1 killed at cap", "`--cap`"]);
        assert!(!said.stdout.contains("failed"), "{}", said.stdout);
        world.tacho(&["verify"]).exits(code).shows(&["killed at cap", "1 workload verified"]);
    }
}

#[test]
fn flags_about_the_result_of_a_run_are_refused_elsewhere() {
    let world = variants("0x2");
    for flag in [&["--save-baseline", "b"][..], &["--auto-fit"], &["--export-csv", "f.csv"]] {
        for verb in [&["verify"][..], &["compare-variants", "s"]] {
            world.tacho(&[verb, flag].concat()).exits(2).says(&[flag[0], verb[0], "tacho run"]);
        }
    }
    assert!(world.captures().is_empty() && world.lines("asked").is_empty());
}

/// hyperfine's readers take the times and the mean for the same thing.
#[test]
fn exports_have_the_time_of_a_call() {
    let answers = [("a", row("a", 4000, &json!({"inner_repeats": 4})))];
    let world = world("", &[fixed("a")], &answers);
    world.tacho(&["run", "--export-json", "out.json"]).exits(0);
    let document: Value = serde_json::from_str(&world.read("out.json")).unwrap();
    let result = &document["results"][0];
    let call = json!(1e-6);
    assert_eq!((&result["mean"], &result["times"]), (&call, &json!([call, call])));
    assert_eq!(result["measurements"][0]["time_wall_clock"]["value"], call);
}

#[test]
fn a_harness_s_workloads_have_no_change_against_each_other() {
    let answers = [("a", row("a", 1000, &json!({}))), ("b", row("b", 2000, &json!({})))];
    let world = world("", &[fixed("a"), fixed("b")], &answers);
    let said = world.tacho(&["run", "-r", "6", "--harness", "sh fake.sh"]).exits(0);
    assert!(!said.stdout.contains("change"), "{}", said.stdout);
    world.tacho(&["run", "-r", "6", "--save-baseline", "old"]).exits(0);
    world.tacho(&["run", "-r", "6", "--baseline", "old"]).exits(0).shows(&["vs old"]);
}
