//! hyperfine's command line: each of its flags is taken with its meaning, or answered.
//!
//! The list is that of hyperfine 2.0.0, the newest, hidden flags included, and of what 1.20 and
//! 1.21 had and 2.0 took away. Its scripts are those that come with 1.20.0 and 2.0.0.

use serde_json::Value;

use crate::world::World;

/// What is to be seen after a command line.
enum Seen {
    /// Exit 0, and these lines in the file `log`, in any order.
    Log(&'static [&'static str]),
    /// Exit 0, and this on standard output.
    Shows(&'static str),
    /// Exit 0, and a file `out` that begins with this.
    Out(&'static str),
    /// Exit 2, nothing measured, and this sentence.
    Refused(&'static str),
}
use Seen::{Log, Out, Refused, Shows};

/// The forms of a flag, and a command line in which `FLAG` stands for it.
type Flag = (&'static [&'static str], &'static [&'static str], Seen);

const FLAGS: &[Flag] = &[
    (&["-h", "--help"], &["run", "FLAG"], Shows("Usage: tacho run")),
    (&["-V", "--version"], &["FLAG"], Shows("tacho ")),
    (&["-w", "--warmup"], &["run", "-r", "1", "FLAG", "2", "echo a >>log"], Log(&["a", "a", "a"])),
    (&["-m", "--min-runs"], &["run", "FLAG", "2", "-M", "2", "echo a >>log"], Log(&["a", "a"])),
    (&["-M", "--max-runs"], &["run", "FLAG", "1", "echo a >>log"], Log(&["a"])),
    (&["-r", "--runs"], &["run", "FLAG", "3", "echo a >>log"], Log(&["a", "a", "a"])),
    (&["--env"], &["run", "-M", "1", "FLAG", "A=1 B='2 3'", "echo $A $B >>log"], Log(&["1 2 3"])),
    (
        &["--env"],
        &["run", "-M", "1", "-P", "n", "1", "2", "FLAG", "A={n}", "echo $A >>log; # {n}"],
        Log(&["1", "2"]),
    ),
    (
        &["--env"],
        &["run", "FLAG", "A=1", "echo $A", "FLAG", "A=2", "echo $A $A"],
        Refused("--env is given 2 times, and there are 2 commands: one flag holds for all"),
    ),
    (&["-s", "--setup"], &["run", "-r", "2", "FLAG", "echo s >>log", "true"], Log(&["s"])),
    (&["-p", "--prepare"], &["run", "-r", "2", "FLAG", "echo p >>log", "true"], Log(&["p", "p"])),
    (
        &["-p", "--prepare"],
        &["run", "-M", "1", "FLAG", "echo p >>log", "true", "FLAG", "echo q >>log", "exit 0"],
        Log(&["p", "q"]),
    ),
    (&["-C", "--conclude"], &["run", "-r", "2", "FLAG", "echo c >>log", "true"], Log(&["c", "c"])),
    (&["-c", "--cleanup"], &["run", "-r", "2", "FLAG", "echo c >>log", "true"], Log(&["c"])),
    (
        &["-P", "--parameter-scan"],
        &["run", "-M", "1", "FLAG", "n", "1", "3", "echo {n} >>log"],
        Log(&["1", "2", "3"]),
    ),
    (
        &["-D", "--parameter-step-size"],
        &["run", "-M", "1", "-P", "n", "0.3", "0.7", "FLAG", "0.2", "echo {n} >>log"],
        Log(&["0.3", "0.5", "0.7"]),
    ),
    (
        &["-D", "--parameter-step-size"],
        &["run", "-M", "1", "-P", "n", "1", "3", "FLAG", "2"],
        Refused("nothing to measure"),
    ),
    (
        &["-D", "--parameter-step-size"],
        &[
            "run",
            "-M",
            "1",
            "-P",
            "n",
            "1",
            "3",
            "-P",
            "k",
            "0",
            "10",
            "FLAG",
            "2",
            "FLAG",
            "5",
            "echo {n} {k} >>log",
        ],
        Log(&["1 0", "1 10", "1 5", "3 0", "3 10", "3 5"]),
    ),
    (
        &["-D", "--parameter-step-size"],
        &["run", "-P", "n", "1", "3", "FLAG", "1", "FLAG", "2", "echo {n}"],
        Refused("-D is given 2 times and -P 1 times"),
    ),
    (
        &["-D", "--parameter-step-size"],
        &["run", "-P", "n", "1", "3", "FLAG", "-1", "echo {n}"],
        Refused("-P n 1 3 -D -1: the step must be over zero"),
    ),
    (
        &["-L", "--parameter-list"],
        &["run", "-M", "1", "FLAG", "n", "-O1,b", "FLAG", "k", "1,2", "echo {n} {k} >>log"],
        Log(&["-O1 1", "-O1 2", "b 1", "b 2"]),
    ),
    // hyperfine 1's -S takes a shell, 2's takes nothing.
    (
        &["-S", "--shell"],
        &["run", "-M", "1", "FLAG", "bash --norc", "echo ${BASH_VERSION:+bash} >>log"],
        Log(&["bash"]),
    ),
    (
        &["-S", "--shell"],
        &["run", "-M", "1", "FLAG", "default", "echo $0 >>log"],
        Log(&["/bin/sh"]),
    ),
    (&["-S", "--shell"], &["run", "-M", "1", "FLAG", "none", "touch $log"], Shows("touch $log")),
    (
        &["-S"],
        &["run", "FLAG", "sleep 0.5; echo test", "echo b"],
        Refused("`sleep 0.5; echo test` is a command: in hyperfine 2 nothing follows -S"),
    ),
    (&["-S", "--shell"], &["run", "FLAG", "", "true"], Refused("--shell: there is no shell in it")),
    (&["-S", "--shell"], &["run", "-N", "FLAG", "bash", "true"], Refused("and -S bash through")),
    (&["-S", "--shell"], &["run", "-N", "FLAG", "default", "true"], Refused("-S default through")),
    (&["-S", "--shell"], &["run", "-M", "1", "-N", "FLAG", "none", "true"], Shows("true")),
    (&["--input"], &["run", "FLAG", "", "cat"], Refused("--input: the name of the file is empty")),
    (
        &["-n", "--command-name"],
        &["run", "--reference", "true", "exit 0", "FLAG", "a", "FLAG", "b"],
        Refused("--command-name: 2 names are more than there are commands (1)"),
    ),
    (&["-S"], &["run", "FLAG", "make"], Refused("`make` after -S was taken for a shell")),
    (&["-N"], &["run", "-M", "1", "FLAG", "touch $log"], Shows("touch $log")),
    (&["-i", "--ignore-failure"], &["run", "-M", "1", "FLAG", "exit 7"], Shows("exit 7")),
    (&["-i=1,7", "--ignore-failure=1,7"], &["run", "-M", "1", "FLAG", "exit 7"], Shows("exit 7")),
    (
        &["-i=all-non-zero", "--ignore-failure=all-non-zero"],
        &["run", "-M", "1", "FLAG", "exit 7"],
        Shows("exit 7"),
    ),
    (&["--style"], &["run", "-M", "1", "FLAG", "basic", "true"], Shows("median")),
    (
        &["--export-asciidoc"],
        &["run", "-M", "1", "FLAG", "out", "true"],
        Out("[cols=\"<,>,>,>,>\"]\n|===\n| Command \n| Mean ["),
    ),
    (
        &["--export-csv"],
        &["run", "-M", "1", "-L", "n", "1", "FLAG", "out", "exit 0 {n}"],
        Out("command,mean,stddev,median,user,system,min,max,parameter_n\nexit 0 1,0.0"),
    ),
    (&["--export-json"], &["run", "-M", "1", "FLAG", "out", "true"], Out("{\n  \"schema_version")),
    (
        &["--export-markdown"],
        &["run", "-M", "1", "-u", "second", "FLAG", "out", "true"],
        Out("| Command | Mean [s] | Min [s] | Max [s] | Relative |\n|:---|---:|---:|---:|---:|\n"),
    ),
    (
        &["--export-orgmode"],
        &["run", "-M", "1", "-u", "ms", "FLAG", "out", "true"],
        Out("| Command  |  Mean [ms] |  Min [ms] |  Max [ms] |  Relative |\n|--+--+--+--+--|\n| ="),
    ),
    (&["--show-output"], &["run", "-M", "1", "FLAG", "echo a >>log"], Log(&["a"])),
    (
        &["--show-output"],
        &["run", "FLAG", "--json", "true"],
        Refused("--json and the output of `true` would be mixed"),
    ),
    (
        &["--output"],
        &["run", "FLAG", "inherit", "--export-csv", "-", "true"],
        Refused("--export-csv - and the output of `true` would be mixed"),
    ),
    (&["--output"], &["run", "-M", "1", "FLAG", "null", "echo a >>log"], Log(&["a"])),
    (&["--output"], &["run", "-M", "1", "FLAG", "pipe", "echo a >>log"], Log(&["a"])),
    (
        &["--output"],
        &["run", "FLAG", "null", "echo a", "FLAG", "pipe", "echo b"],
        Refused("--output is given 2 times, and one holds for all commands"),
    ),
    (&["--input"], &["run", "-M", "1", "FLAG", "lines", "wc -l >>log"], Log(&["2"])),
    (&["--input"], &["run", "-M", "1", "FLAG", "null", "wc -l >>log"], Log(&["0"])),
    (
        &["-n", "--command-name"],
        &["run", "-M", "1", "FLAG", "one", "FLAG", "two", "true", "exit 0"],
        Shows("\ntwo "),
    ),
    // Hidden ones.
    (
        &["--min-benchmarking-time"],
        &["run", "-m", "1", "-M", "1", "FLAG", "0.5", "echo a >>log"],
        Log(&["a"]),
    ),
    (&["--debug-mode"], &["run", "FLAG", "sleep 1"], Refused("--debug-mode makes times up")),
    // New in 2.0.
    (&["--metrics"], &["run", "FLAG", "time", "true"], Refused("--metrics: there is nothing to")),
    // Gone in 2.0.
    (
        &["--reference"],
        &["run", "-r", "1", "FLAG", "echo r >>log", "-n", "two", "echo a >>log"],
        Log(&["a", "r"]),
    ),
    (
        &["--reference"],
        &["run", "FLAG", "true", "-L", "n", "1,2", "echo {n}"],
        Refused("--reference is one command, and with -L or -P it would be measured at each value"),
    ),
    (
        &["--reference-name"],
        &["run", "-M", "1", "--reference", "true", "FLAG", "base", "exit 0"],
        Shows("\nbase "),
    ),
    (&["--sort"], &["run", "-M", "1", "FLAG", "auto", "true"], Shows("median")),
    (&["--sort"], &["run", "-M", "1", "FLAG", "command", "true"], Shows("median")),
    (&["--sort"], &["run", "-M", "1", "FLAG", "mean-time", "true"], Shows("median")),
    (
        &["-u", "--time-unit"],
        &["run", "-M", "1", "FLAG", "microsecond", "--export-markdown", "out", "true"],
        Out("| Command | Mean [µs] |"),
    ),
    (&["-u", "--time-unit"], &["run", "-M", "1", "FLAG", "hour", "true"], Shows(" h ")),
    (&["-u", "--time-unit"], &["run", "FLAG", "day", "true"], Refused("a unit is ns, us, ms, s,")),
];

/// Every form in hyperfine's sources: 2.0.0's, then what only 1.20 and 1.21 had.
const HYPERFINE: &str = "\
    -h --help -V --version --metrics -w --warmup -m --min-runs -M --max-runs -r --runs --env -s \
    --setup -p --prepare -C --conclude -c --cleanup -P --parameter-scan -D --parameter-step-size \
    -L --parameter-list --shell -S -N -i --ignore-failure --style --export-asciidoc --export-csv \
    --export-json --export-markdown --export-orgmode --show-output --output --input -n \
    --command-name --reference --min-benchmarking-time --debug-mode \
    --reference-name --sort -u --time-unit";

#[test]
fn every_flag() {
    let forms = || FLAGS.iter().flat_map(|(forms, ..)| *forms);
    for form in HYPERFINE.split_whitespace() {
        assert!(forms().any(|known| *known == form), "{form} is not in the list");
    }
    for (forms, words, seen) in FLAGS {
        for form in *forms {
            let words = words.iter().map(|word| if *word == "FLAG" { form } else { word });
            let words: Vec<&str> = words.copied().collect();
            check(&words, seen);
        }
    }
}

fn check(words: &[&str], seen: &Seen) {
    let world = World::new();
    world.write("lines", "two\nlines\n");
    let output = world.tacho(words);
    if let Refused(sentence) = seen {
        output.exits(2).says(&[sentence]);
        assert!(!world.user_state().exists(), "{words:?}");
        return;
    }
    let output = output.exits(0).in_silence();
    match seen {
        Log(expected) => {
            let mut lines = world.lines("log");
            lines.sort();
            assert_eq!(lines, *expected, "{words:?}");
        }
        Shows(text) => drop(output.shows(&[text])),
        Out(start) => {
            let out = world.read("out");
            assert!(out.starts_with(start), "{words:?} wrote {out}");
        }
        Refused(_) => unreachable!("handled above"),
    }
}

/// Words that follow each other may be one, as in hyperfine.
#[test]
fn values_after_an_equals_sign() {
    let world = World::new();
    let words = ["run", "--runs=1", "--shell=none", "--style=none", "--export-csv=out", "true"];
    assert_eq!(world.tacho(&words).exits(0).in_silence().stdout, "");
    assert!(world.read("out").starts_with("command,"));
    // A command may read what only hyperfine sets.
    let words = ["run", "-r", "1", "echo $HYPERFINE_ITERATION"];
    world.tacho(&words).exits(0).says(&["note: HYPERFINE_ITERATION is not set"]);
}

/// Half of a range is easily lost: without -D its step is 1.
#[test]
fn a_step_that_is_larger_than_its_range() {
    let note = "note: -P n: a step of 1 is larger than the range 0.1 to 0.5: one value";
    for (range, said) in [
        (&["0.1", "0.5"][..], note),
        (&["0.5", "0.5"], ""),
        (&["1", "1.0"], ""),
        (&["0.1", "0.5", "-D", "0.4"], ""),
        (&["1", "3", "-D", "4"], "note: -P n: a step of 4 is larger than the range 1 to 3: one"),
    ] {
        let words = [&["list", "-P", "n"], range, &["echo {n}"]].concat();
        let output = World::new().tacho(&words).exits(0);
        assert!(output.stderr.starts_with(said), "{range:?}: {}", output.stderr);
        assert_eq!(output.stderr.is_empty(), said.is_empty(), "{range:?}: {}", output.stderr);
    }
}

/// It stands first, has its own name, and is what the others are compared with.
#[test]
fn a_reference_comes_first() {
    for (flags, labels) in [
        (&[][..], ["true", "exit 0", "exit 00"]),
        (&["-n", "one"], ["true", "one", "exit 00"]),
        (&["--reference-name", "base", "-n", "one", "-n", "two"], ["base", "one", "two"]),
    ] {
        let world = World::new();
        let words = ["run", "-r", "2", "--reference", "true", "exit 0", "exit 00"];
        world.tacho(&[&words[..], flags].concat()).exits(0).in_silence();
        let doc = world.tacho(&["show", "--json"]).exits(0).json();
        let points = doc["points"].as_array().unwrap();
        let found: Vec<&str> = points.iter().map(|it| it["label"].as_str().unwrap()).collect();
        assert_eq!(found, labels, "{flags:?}");
        assert_eq!(points[0]["change"], Value::Null);
        for point in &points[1..] {
            assert_eq!(point["change"]["against"], labels[0], "{flags:?}");
        }
    }
}

/// The columns of changes are gone then, and why is said.
#[test]
fn a_reference_that_fails() {
    let world = World::new();
    let words = ["run", "-r", "1", "--reference", "exit 3", "true", "exit 0"];
    let told = "no run ended well, so there is nothing to compare 2 other points with";
    world.tacho(&words).exits(4).shows(&[told]);
    world.tacho(&["show"]).exits(0).shows(&[told]);
}

#[test]
fn beside_a_manifest() {
    let world =
        World::with("[[workload]]\nname = \"a\"\ncommand = \"echo $A $B >log\"\nruns = 1\n");
    let refused = world.tacho(&["run", "--reference", "true"]).exits(2);
    refused.says(&["--reference is for commands, and there is a manifest"]);
    world.tacho(&["run", "--env", "A=1", "--env", "B=2"]).exits(0).in_silence();
    assert_eq!(world.lines("log"), ["1 2"]);
}

/// What a script reads of a document: a pointer to a result's key in it, `*` for each element.
const NUMBER: fn(&Value) -> bool = Value::is_f64;
const TEXT: fn(&Value) -> bool = Value::is_string;
const DIGITS: fn(&Value) -> bool =
    |value| value.as_str().is_some_and(|it| it.parse::<f64>().is_ok());

type Read = (&'static str, fn(&Value) -> bool);

/// By script of 1.20.0: all take the list `results`.
const SCRIPTS_1: &[(&str, &[Read])] = &[
    ("advanced_statistics", &[("command", TEXT), ("times/*", NUMBER)]),
    ("plot_benchmark_comparison", &[("command", TEXT), ("mean", NUMBER)]),
    ("plot_histogram", &[("command", TEXT), ("times/*", NUMBER)]),
    ("plot_parametrized", &[("mean", NUMBER), ("stddev", NUMBER), ("parameters/n", DIGITS)]),
    ("plot_progression", &[("command", TEXT), ("times/*", NUMBER)]),
    ("plot_whisker", &[("command", TEXT), ("times/*", NUMBER), ("median", NUMBER)]),
    ("welch_ttest", &[("command", TEXT), ("times/*", NUMBER)]),
];

/// By script of 2.0.0, for any of the metrics, `METRIC`; a name is read where there is one.
const SCRIPTS_2: &[(&str, &[Read])] = &[
    (
        "advanced_statistics",
        &[
            ("command", TEXT),
            ("measurements/*/METRIC/value", NUMBER),
            ("summary/METRIC/count", Value::is_u64),
            ("summary/METRIC/mean", NUMBER),
            ("summary/METRIC/stddev", NUMBER),
            ("summary/METRIC/median", NUMBER),
            ("summary/METRIC/min", NUMBER),
            ("summary/METRIC/max", NUMBER),
        ],
    ),
    ("plot_benchmark_comparison", &[("name", TEXT), ("summary/METRIC/mean", NUMBER)]),
    ("plot_histogram", &[("name", TEXT), ("measurements/*/METRIC/value", NUMBER)]),
    (
        "plot_parametrized",
        &[
            ("parameters/n/value", DIGITS),
            ("summary/METRIC/mean", NUMBER),
            ("summary/METRIC/stddev", NUMBER),
        ],
    ),
    ("plot_progression", &[("name", TEXT), ("measurements/*/METRIC/value", NUMBER)]),
    (
        "plot_whisker",
        &[
            ("name", TEXT),
            ("measurements/*/METRIC/value", NUMBER),
            ("summary/METRIC/median", NUMBER),
        ],
    ),
    ("welch_ttest", &[("name", TEXT), ("measurements/*/METRIC/value", NUMBER)]),
];

const METRICS: [&str; 5] =
    ["time_wall_clock", "time_cpu", "time_user", "time_system", "memory_peak_resident"];

/// The values at `path`; `*` has a value for each element, and at least one.
fn at<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    path.split('/').fold(vec![value], |values, key| {
        let of = |value: &'a Value| match (key, value) {
            ("*", Value::Array(elements)) => elements.iter().collect(),
            _ => vec![&value[key]],
        };
        values.into_iter().flat_map(of).collect()
    })
}

fn check_reads(script: &str, doc: &Value, reads: &[Read], metric: &str) {
    let results = doc["results"].as_array().expect("a list");
    assert_eq!(results.len(), 2);
    for (result, (path, is_right)) in
        results.iter().flat_map(|it| reads.iter().map(move |r| (it, r)))
    {
        let path = path.replace("METRIC", metric);
        let found = at(result, &path);
        assert!(!found.is_empty(), "{script} finds no {path} in {result:#}");
        let wrong = found.iter().find(|value| !is_right(value));
        assert_eq!(wrong, None, "{script} reads {path}");
    }
}

#[test]
fn its_scripts_read_our_json() {
    let world = World::new();
    let parameters = ["-P", "n", "1", "2", "-n", "name {n}", "sleep 0.00{n}"];
    let exports = ["--export-json", "two.json", "--export-json-1", "one.json"];
    world.tacho(&[&["run", "-r", "3"], &exports[..], &parameters].concat()).exits(0).in_silence();
    let [one, two] = ["one.json", "two.json"]
        .map(|name| serde_json::from_str::<Value>(&world.read(name)).unwrap());
    for (script, reads) in SCRIPTS_1 {
        check_reads(script, &one, reads, "");
        // A reader of version 1 finds all but the parameters in the other document too.
        let reads = reads.iter().filter(|(path, _)| !path.starts_with("parameters"));
        check_reads(script, &two, &reads.copied().collect::<Vec<Read>>(), "");
    }
    assert_eq!(two["primary_metric"], METRICS[0]);
    for metric in METRICS {
        for (script, reads) in SCRIPTS_2 {
            check_reads(script, &two, reads, metric);
        }
    }
    in_seconds_and_bytes(&world, &two);
}

/// The documents' numbers are the rows', in seconds and bytes.
fn in_seconds_and_bytes(world: &World, doc: &Value) {
    let rows = world.rows();
    for (result, n) in doc["results"].as_array().unwrap().iter().zip(["1", "2"]) {
        assert_eq!(result["command"], format!("sleep 0.00{n}"));
        assert_eq!(result["name"], format!("name {n}{{n={n}}}"));
        let own = rows.iter().filter(|row| row.params["n"].to_string() == n);
        let runs = result["measurements"].as_array().unwrap();
        assert_eq!(own.clone().count(), runs.len());
        for (row, run) in own.zip(runs) {
            let value = |metric: &str| run[metric]["value"].as_f64().unwrap();
            let seconds = |nanos: u64| nanos as f64 / 1e9;
            let (user, system) = (row.user_nanos.unwrap(), row.system_nanos.unwrap());
            assert_eq!(value("time_wall_clock"), seconds(row.total_nanos));
            assert_eq!(value("time_cpu"), seconds(user + system));
            assert_eq!(
                (value("time_user"), value("time_system")),
                (seconds(user), seconds(system))
            );
            assert_eq!(value("memory_peak_resident"), (row.peak_rss_kb.unwrap() * 1024) as f64);
            assert_eq!(run["exit_code"], 0);
        }
    }
}
