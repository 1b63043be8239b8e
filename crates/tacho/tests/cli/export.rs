//! Files in hyperfine's formats, and stores that are named.

use crate::world::World;

/// The keys of hyperfine 1.20's result, in its order.
const KEYS: [&str; 11] = [
    "command",
    "mean",
    "stddev",
    "median",
    "user",
    "system",
    "min",
    "max",
    "times",
    "memory_usage_byte",
    "exit_codes",
];

/// The keys of each result, in the order of the text.
fn keys(text: &str) -> Vec<&str> {
    let of_result = |line: &&str| line.starts_with("      \"");
    text.lines().filter(of_result).map(|line| line.trim().split('"').nth(1).unwrap()).collect()
}

#[test]
fn keys_are_those_of_hyperfine() {
    let world = World::new();
    let files = ["--export-json", "out.json", "--export-json-1", "one.json"];
    world.tacho(&[&["run", "-r", "4"], &files[..], &["true", "exit 0"]].concat()).exits(0);
    let (text, one) = (world.read("out.json"), world.read("one.json"));
    assert_eq!(keys(&one), [KEYS, KEYS].concat());
    let of_2 = [&KEYS[..], &["measurements", "summary"]].concat();
    assert_eq!(keys(&text), [of_2.as_slice(), &of_2].concat());
    let rows = world.rows();
    for text in [&text, &one] {
        let doc: serde_json::Value = serde_json::from_str(text).unwrap();
        for result in doc["results"].as_array().unwrap() {
            let command = result["command"].as_str().unwrap();
            let times: Vec<f64> = rows
                .iter()
                .filter(|row| row.function.as_str() == command)
                .map(|row| row.total_nanos as f64 / 1e9)
                .collect();
            assert_eq!(result["times"], serde_json::json!(times), "{command}");
            assert_eq!(result["exit_codes"], serde_json::json!([0, 0, 0, 0]));
            assert_eq!(result["memory_usage_byte"].as_array().unwrap().len(), 4);
            let mean = times.iter().sum::<f64>() / 4.0;
            assert!((result["mean"].as_f64().unwrap() / mean - 1.0).abs() < 1e-9);
        }
    }

    // The same again from the store, to a file and to standard output.
    let files = ["--export-json", "again.json", "--export-json-1", "-"];
    let output = world.tacho(&[&["show"], &files[..]].concat()).exits(0).in_silence();
    assert_eq!((world.read("again.json"), output.stdout), (text, one));
}

#[test]
fn names_and_parameters() {
    let world = World::new();
    let words = ["run", "-r", "2", "-L", "n", "1,2", "-n", "name {n}", "echo {n}"];
    let one = world.tacho(&[&words[..], &["--export-json-1", "-"]].concat()).exits(0).in_silence();
    assert_eq!(keys(&one.stdout)[..12], [&KEYS[..], &["parameters"]].concat());
    let result = &one.json()["results"][1];
    assert_eq!(result["command"], "name 2{n=2}");
    assert_eq!(result["parameters"], serde_json::json!({ "n": "2" }));
    let result = &world.tacho(&["show", "--export-json", "-"]).exits(0).json()["results"][1];
    assert_eq!((&result["command"], &result["name"]), (&"echo 2".into(), &"name 2{n=2}".into()));
    assert_eq!(result["parameters"], serde_json::json!({ "n": { "value": "2" } }));
}

/// All at once, each to its own file, by `run` and again by `show`.
#[test]
fn every_format() {
    let world = World::new();
    let files = [
        "--export-json=a.json",
        "--export-json-1=1.json",
        "--export-csv=a.csv",
        "--export-markdown=a.md",
        "--export-asciidoc=a.adoc",
        "--export-orgmode=a.org",
    ];
    let words = ["run", "-r", "6", "-u", "ms", "true", "echo a | cat"];
    world.tacho(&[&words[..], &files].concat()).exits(0).in_silence().shows(&["median"]);
    let names = world.names(".");
    assert_eq!(names, ["1.json", "a.adoc", "a.csv", "a.json", "a.md", "a.org"]);
    let written: Vec<String> = names.iter().map(|name| world.read(name)).collect();
    for (name, cell) in [
        ("a.csv", "\necho a | cat,"),
        ("a.md", "\n| `echo a \\| cat` | "),
        ("a.adoc", "\n| `+echo a \\| cat+` \n"),
        ("a.org", "\n| echo a \\vert{} cat  |  "),
    ] {
        assert!(world.read(name).contains(cell), "{cell} is not in {name}: {}", world.read(name));
    }
    let output = world.tacho(&[&["show", "-u", "ms"], &files[..]].concat()).exits(0).in_silence();
    assert_eq!(output.stdout, "");
    assert_eq!(names.iter().map(|name| world.read(name)).collect::<Vec<_>>(), written);
}

/// The columns of CSV, read again, are the rows' numbers.
#[test]
fn numbers_of_csv() {
    let world = World::new();
    let csv = world.tacho(&["run", "-r", "3", "--export-csv", "-", "true"]).exits(0).stdout;
    let numbers: Vec<f64> =
        csv.lines().nth(1).unwrap().split(',').skip(1).map(|it| it.parse().unwrap()).collect();
    let rows = world.rows();
    let mean = |number: fn(&tacho_schema::Row) -> u64| {
        rows.iter().map(|row| number(row) as f64).sum::<f64>() / 3.0
    };
    let mut walls: Vec<f64> = rows.iter().map(|row| row.total_nanos as f64).collect();
    walls.sort_by(f64::total_cmp);
    for (column, nanos) in [
        (0, mean(|row| row.total_nanos)),
        (2, walls[1]),
        (3, mean(|row| row.user_nanos.unwrap())),
        (4, mean(|row| row.system_nanos.unwrap())),
        (5, walls[0]),
        (6, walls[2]),
    ] {
        assert!((numbers[column] - nanos / 1e9).abs() < 1e-12, "column {column} of {csv}");
    }
}

#[test]
fn the_order_of_commands() {
    let world = World::new();
    let words = ["run", "-r", "2", "--sort", "mean-time", "--export-markdown", "a.md"];
    let commands = ["sleep 0.2", "true", "sleep 0.1"];
    let output = world.tacho(&[&words[..], &commands].concat()).exits(0).in_silence();
    let first = |text: &str, skip| {
        let lines = text.lines().skip(skip).take(3);
        lines.map(|line| line.trim_matches(['|', ' ']).trim_matches('`')[..4].to_owned()).collect()
    };
    let by_time = ["true", "slee", "slee"].map(str::to_owned).to_vec();
    let lines: Vec<String> = first(&output.stdout, 1);
    assert_eq!(lines, by_time, "{}", output.stdout);
    let lines: Vec<String> = first(&world.read("a.md"), 2);
    assert_eq!(lines, by_time);
    let fastest = |words: &[&str], lines: usize| {
        let stdout = world.tacho(words).exits(0).stdout;
        stdout.lines().nth(lines).unwrap_or_default().to_owned()
    };
    for (words, line) in [
        (&["show"][..], 3),
        (&["show", "--sort", "auto"], 3),
        (&["show", "--sort", "command"], 3),
        // JSON and CSV are for programs, which may join them by place.
        (&["show", "--sort", "mean-time", "--export-csv", "-"], 1),
    ] {
        assert!(fastest(words, line).starts_with("sleep 0.2"), "{words:?}");
    }
    assert!(fastest(&["show", "--sort", "median"], 3).starts_with("true"));
}

#[test]
fn exports_that_cannot_be() {
    let world = World::new();
    for (words, told) in [
        (
            &["run", "--export-csv", "-", "--export-json", "-", "true"][..],
            "--export-json and --export-csv both write to standard output",
        ),
        (
            &["show", "--export-csv", "a", "--export-markdown", "a"],
            "--export-csv and --export-markdown both write to a",
        ),
        (&["run", "--export-csv", "no/such.csv", "true"], "--export-csv no/such.csv: there is no"),
        (&["show", "--export-markdown", "no/x"], "--export-markdown no/x: there is no such folder"),
        (&["show", "--json", "--export-orgmode", "x"], "cannot be used with"),
    ] {
        world.tacho(words).exits(2).says(&[told]);
    }
    assert!(!world.user_state().exists());
}

/// In a run and when it is shown again.
#[test]
fn one_unit_for_all_times_of_a_table() {
    let world = World::new();
    world.tacho(&["run", "-r", "1", "-u", "hour", "true"]).exits(0).shows(&[" h "]).in_silence();
    world.tacho(&["show", "-u", "min"]).exits(0).shows(&[" min "]);
}

#[test]
fn failed_runs_are_left_out() {
    let world = World::new();
    let words = ["run", "-r", "2", "--export-json", "-", "exit 1", "true"];
    let output = world.tacho(&words).exits(4);
    let doc = output.json();
    output.says(&[
        "without a run that ended well, so left out of the exports: 1 point\n",
        "note: 1 run failed\nhint: `tacho show 2",
    ]);
    let results = doc["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "{doc:#}");
    assert_eq!(results[0]["command"], "true");
    world.tacho(&["run", "-r", "2", "-i", "--export-json", "out.json", "exit 7"]).exits(0);
    let doc: serde_json::Value = serde_json::from_str(&world.read("out.json")).unwrap();
    assert_eq!(doc["results"][0]["exit_codes"], serde_json::json!([7, 7]));
}

/// Seen before anything is measured for it.
#[test]
fn a_file_that_cannot_be_made() {
    let world = World::new();
    world.write("file", "kept");
    for (path, told) in [
        ("no/such/folder.json", "--export-json no/such/folder.json: there is no such folder"),
        ("file/out.json", "--export-json file/out.json: there is no such folder"),
        (".", "--export-json .: it is a folder"),
    ] {
        let output = world.tacho(&["run", "--export-json", path, "echo ran >>log"]).exits(2);
        output.says(&[told]);
        assert_eq!(world.names("."), ["file"], "{path}");
    }
    // A run that fails in another way leaves what was there, and nothing new.
    for path in ["file", "new"] {
        world.tacho(&["run", "--export-json", path, "./nothing"]).exits(4);
        assert_eq!((world.names("."), world.read("file")), (vec!["file".into()], "kept".into()));
    }
    world.tacho(&["run", "-r", "1", "--export-json", "file", "true"]).exits(0);
    assert!(world.read("file").starts_with('{'));
}

/// What fails at the end hinders nothing else, and what was measured is kept.
#[test]
fn a_file_that_cannot_be_written() {
    let world = World::new();
    let words = ["run", "-r", "2", "--save-baseline", "main", "--export-json", "/dev/full", "true"];
    let output = world.tacho(&words).exits(5);
    let again = format!("tacho show {} --export-json FILE", world.newest().header.id);
    output.says(&["cannot write /dev/full", &again, "baseline `main` is now"]).shows(&["true"]);
    assert_eq!(world.rows().len(), 2);
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let words = ["run", "-r", "2", "--save-baseline", "other", "--export-json", "out", "true"];
    let output = world.command(&words).stdout(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(world.read("out").starts_with('{'));
    let output = world.command(&["show", "--export-csv", "-"]).stdout(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot write to standard output: No space left"), "{said}");
    world.tacho(&["baseline", "list"]).exits(0).shows(&["other"]);
}

#[test]
fn a_store_in_memory_keeps_nothing() {
    let world = World::with("[[workload]]\nname = \"a\"\ncommand = [\"true\"]\nruns = 2\n");
    let output = world.tacho(&["run", "--store", "memory:"]).exits(0).in_silence();
    assert!(output.stdout.contains("2 rows"), "{}", output.stdout);
    assert_eq!(world.names("."), ["tacho.toml"]);
    assert_eq!(world.names("../tmp"), [""; 0], "neither does its journal stay");
    let words = ["run", "-x", "--store", "memory:", "--total-seconds", "0.1", "sleep 600"];
    world.tacho(&words).exits(3);
    assert_eq!(world.names("../tmp"), [""; 0], "nor when there was nothing to keep");
    for verb in [&["history"][..], &["show"], &["baseline", "list"]] {
        let refused = world.tacho(&[verb, &["--store", "memory:"]].concat()).exits(2);
        refused.says(&["--store memory: keeps nothing"]);
    }
}

/// Nobody else can read it, or foretell where it is.
#[test]
fn what_a_store_in_memory_needs_is_private() {
    let world = World::new();
    let seen = "stat -c %a \"$TMPDIR\"/* >>log; ls -d \"$TMPDIR\"/* >>names";
    for _ in 0..2 {
        world.tacho(&["run", "-r", "1", "--store", "memory:", seen]).exits(0);
    }
    assert_eq!(world.lines("log"), ["700", "700"]);
    let names = world.lines("names");
    assert_eq!(names.len(), 2);
    assert_ne!(names[0], names[1]);
}

#[test]
fn a_store_that_is_named() {
    for store in ["deep/er/my.db", "sqlite:my.db"] {
        let world = World::with("[[workload]]\nname = \"a\"\ncommand = [\"true\"]\nruns = 2\n");
        world.tacho(&["run", "--store", store]).exits(0).in_silence();
        assert!(!world.path(".tacho").exists());
        assert!(world.path(store.trim_start_matches("sqlite:")).exists());
        let doc = world.tacho(&["history", "--store", store, "--json"]).exits(0).json();
        assert_eq!(doc["captures"].as_array().unwrap().len(), 1);
        world.tacho(&["show", "--store", store]).exits(0);
        world.tacho(&["baseline", "save", "main", "--store", store]).exits(0);
        world.tacho(&["run", "--store", store, "--baseline", "main"]).exits(0).shows(&["vs main"]);
        world.tacho(&["recover", "--store", store]).exits(0).shows(&["nothing to recover"]);
    }
}

#[test]
fn state_of_a_project_hides_itself_from_git() {
    let world = World::with("[[workload]]\nname = \"a\"\ncommand = [\"true\"]\nruns = 1\n");
    world.tacho(&["run"]).exits(0);
    assert_eq!(world.read(".tacho/.gitignore"), "*\n");
    world.tacho(&["run", "-x", "-r", "1", "true"]).exits(0);
    assert!(world.user_state().join("history.db").exists(), "without the manifest: the user's");
    assert_eq!(world.captures().len(), 1);
}
