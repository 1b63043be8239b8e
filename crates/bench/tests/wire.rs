//! The wire as a parent sees it: a harness binary with every form, its lists, rows and refusals.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use tacho_schema::row::{CacheMode, Row, RowKind, Status};
use tacho_schema::wire::ListedWorkload;

/// The example of this crate, which cargo builds beside its tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("it is in PROFILE/deps");
    profile.join("examples").join(format!("every-form{}", std::env::consts::EXE_SUFFIX))
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(words).env_remove("TACHO_PREVIEW");
    command
}

fn run(words: &[&str]) -> Output {
    let built = "`cargo test -p tacho-bench` builds the example every-form";
    command(words).output().expect(built)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it prints UTF-8")
}

fn list() -> Vec<ListedWorkload> {
    let output = run(&["_list"]);
    assert!(output.status.success(), "{output:?}");
    let decode =
        |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    text(&output.stdout).lines().map(decode).collect()
}

/// Runs one batch that must end well and print one row.
fn row_of(output: &Output) -> Row {
    assert!(output.status.success(), "{output:?}");
    // The row begins a line of its own, whatever was printed before.
    let (_, line) = text(&output.stdout).split_once('\n').expect("it ends what was left open");
    assert_eq!(line.lines().count(), 1, "{line}");
    let row: Row = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    row.check().unwrap_or_else(|error| panic!("{line}: {error}"));
    row
}

fn child(bench: &str, more: &[&str]) -> Output {
    let words = ["_child", "--bench", bench, "--target-nanos", "300000"];
    run(&[&words[..], more].concat())
}

fn row(bench: &str, more: &[&str]) -> Row {
    row_of(&child(bench, more))
}

/// The smallest parameter, where there is one.
fn smallest(workload: &ListedWorkload) -> Option<u64> {
    let listed = workload.params.as_ref().and_then(|params| params.first().copied());
    listed.or(workload.ladder.as_ref().map(|ladder| ladder.low))
}

#[test]
fn everything_is_listed_in_source_order() {
    let listed = list();
    let names: Vec<&str> = listed.iter().map(|workload| workload.name.as_str()).collect();
    let expected = ["every_form/plain", "every_form/nothing", "every_form/sum"];
    assert_eq!(names[..3], expected);
    assert_eq!(names[names.len() - 2..], ["by/hand", "?"]);
    let made: Vec<&&str> = names.iter().filter(|name| name.starts_with("made/")).collect();
    assert_eq!(made, [&"made/alpha", &"made/mid", &"made/zeta"]);
    let find = |name: &str| listed.iter().find(|one| one.name.as_str() == name).expect(name);
    assert_eq!(find("every_form/square").params, Some(vec![2, 4]));
    assert_eq!(find("every_form/square").expected_hashes[&4], "0x0000000000000002");
    assert_eq!(find("every_form/square").target_nanos, Some(2_000_000));
    assert_eq!(find("every_form/length/two words").kind, RowKind::Fixed);
    assert_eq!(find("every_form/sum").throughput.as_deref(), Some("elements/s"));
    assert_eq!(find("every_form/sum").complexity.as_deref(), Some("n"));
    let fibonacci = find("every_form/fibonacci");
    assert_eq!(fibonacci.model.len(), 11);
    assert_eq!(fibonacci.cap_nanos, Some(50_000_000));
    assert_eq!(find("every_form/threaded").threads, [1, 2]);
    assert_eq!(find("every_form/cold").cache_mode, Some(CacheMode::Cold));
}

#[test]
fn what_cannot_be_measured_says_why() {
    let errors: BTreeMap<String, String> = list()
        .into_iter()
        .filter_map(|workload| Some((workload.name.as_str().to_owned(), workload.error?)))
        .collect();
    let check = |name: &str, why: &[&str]| {
        let error = errors.get(name).unwrap_or_else(|| panic!("{name} has no error"));
        assert!(error.contains(name), "{error}");
        assert!(why.iter().all(|why| error.contains(why)), "{error}");
        let refused = child(name, &[]);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(text(&refused.stderr).contains(error), "{refused:?}");
        assert!(refused.stdout.is_empty());
    };
    check("misused/twice", &["2 times", "every-form.rs:", " and at "]);
    check("misused/empty_ladder", &["empty ladder, 5 to 4"]);
    check("misused/half_open_and_empty", &["empty ladder, 3 to 2"]);
    check("misused/no_numbers", &["empty list of parameters"]);
    check("misused/no_values", &["empty list of values"]);
    check("misused/unnameable/line?break", &["control characters"]);
    check("misused/unnameable/?", &["empty name"]);
    check("misused/no_model", &["without a finite value"]);
    check("misused/many_threads", &["5000 threads"]);
    check("misused/endless", &["linear ladder of more than 4096 numbers, 1 to 1048576"]);
    check("misused/alike/same", &["2 times, at ", "leave out values whose text is the same"]);
    check("misused/no_threads", &["0 threads", "1 to 4096"]);
    check("?", &["empty name"]);
    assert_eq!(errors.len(), 13, "{errors:?}");
}

#[test]
fn every_form_gives_a_row() {
    let panics_or_misuses = |name: &str| name.starts_with("misused/") && name != "misused/kept";
    for workload in list() {
        let name = workload.name.as_str();
        if workload.error.is_some() || panics_or_misuses(name) || name == "every_form/cold" {
            continue;
        }
        let param = smallest(&workload);
        let number = param.unwrap_or(3).to_string();
        let word = if param.is_some() { ["--param", &number] } else { ["--repeat-index", &number] };
        let row = row(name, &word);
        assert_eq!((row.status, row.function.as_str()), (Status::Ok, name));
        assert_eq!((row.kind, row.param), (workload.kind, param));
        let repeats = row.inner_repeats.expect("it counts its calls");
        let samples = row.samples.expect("it has slices");
        assert!(repeats.is_power_of_two() && samples.len().is_power_of_two(), "{name}");
        assert!(samples.iter().all(|nanos| *nanos >= 0.0), "{name}: {samples:?}");
        assert!(row.per_call_nanos.expect("it has a centre") >= 0.0);
        assert_ne!(row.peak_rss_kb.is_some(), row.unavailable.contains_key("peak_rss"), "{name}");
        assert_ne!(row.result_hash.is_some(), row.unavailable.contains_key("result_hash"));
        assert_eq!(row.timer.is_some(), name != "every_form/custom", "{name}");
        let unmeasurable = row.unavailable.contains_key("metrics.throughput");
        let has_throughput = row.metrics.contains_key("throughput") || unmeasurable;
        assert_eq!(has_throughput, workload.throughput.is_some(), "{name}");
    }
}

#[test]
fn answers_are_hashed() {
    let hash = |bench, more: &[&str]| row(bench, more).result_hash;
    let plain = hash("every_form/plain", &[]);
    assert!(plain.as_ref().is_some_and(|hash| hash.starts_with("0x") && hash.len() == 18));
    assert_eq!(plain, hash("every_form/plain", &["--repeat-index", "1"]));
    assert_eq!(plain, hash("every_form/threaded", &["--threads", "2"]));
    let sum = |n| hash("every_form/sum", &["--param", n]);
    assert_ne!(sum("4"), sum("5"));
    // As the runners in other languages have it.
    assert_eq!(hash("every_form/portable", &[]).as_deref(), Some("0xd888a902e106e3c4"));
    let reason = |bench| row(bench, &[]).unavailable["result_hash"].clone();
    assert!(reason("every_form/opaque").contains("Opaque is not Hash"));
    assert!(reason("every_form/nothing").contains("no_hash"));
    assert!(reason("every_form/custom").contains("Bencher::answer"));
}

#[test]
fn a_result_is_shown_where_that_was_asked_for() {
    let preview = |bench: &str, param: &str| {
        let words = ["_child", "--bench", bench, "--param", param, "--target-nanos", "1"];
        let output = command(&words).env("TACHO_PREVIEW", "1").output().expect("it starts");
        row_of(&output).result_preview
    };
    assert_eq!(preview("every_form/sorted", "4").as_deref(), Some("[0, 1, 2, 3]"));
    assert_eq!(preview("every_form/square", "4").as_deref(), Some("16.0"));
    assert_eq!(preview("every_form/sorted", "5000").map(|text| text.len()), Some(200));
    assert_eq!(preview("by/hand", "3").as_deref(), Some("4"));
    assert_eq!(row("every_form/square", &["--param", "4"]).result_preview, None);
}

#[test]
fn a_batch_that_cannot_be_measured_says_so() {
    let check = |bench: &str, more: &[&str], why: &str| {
        let row = row(bench, more);
        assert_eq!((row.status, row.total_nanos), (Status::Error, 0));
        let error = row.error.expect("it says why");
        assert!(error.starts_with(bench) && error.contains(why), "{error}");
    };
    check("misused/never_measures", &[], "measures nothing with it");
    check("misused/measures_twice", &[], "measures more than once");
    check("misused/small", &["--param", "300"], "the parameter 300 does not fit its type u8");
    check("misused/small", &["--param", "300", "--threads", "2"], "does not fit its type u8");
}

#[test]
fn a_panic_ends_the_process() {
    for (bench, more) in
        [("misused/panics", &[][..]), ("misused/panics_in_threads", &["--threads", "3"])]
    {
        let output = child(bench, more);
        assert_eq!(output.status.code(), Some(101), "{output:?}");
        assert!(text(&output.stderr).contains("there is no answer"), "{output:?}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_request_that_makes_no_sense_is_refused() {
    let check = |words: &[&str], why: &str| {
        let output = run(words);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with("error: ") && said.contains(why), "{said}");
        assert!(output.stdout.is_empty());
    };
    check(&["_list", "all"], "_list takes no words");
    check(&["_child"], "--bench NAME is missing");
    check(&["_child", "--bench", "every_form/plian"], "did you mean every_form/plain?");
    check(&["_child", "--bench", "every_form/sum"], "--param N is missing");
    check(&["_child", "--bench", "every_form/sum", "--parm", "1"], "did you mean --param?");
    check(&["_serve", "--bench", "every_form/cold"], "is cold");
    check(&["_serve", "--bench", "every_form/plain", "--threads", "2"], "one thread");
    check(&["_serve", "--bench", "misused/never_measures"], "measures nothing with it");
    check(&["_serve", "--bench", "misused/twice"], "registered 2 times");
}

#[test]
fn one_call_is_made_where_it_is_long_or_cold() {
    let short = row("every_form/plain", &["--min-total-nanos", "1"]);
    assert_eq!((short.inner_repeats, short.samples.map(|all| all.len())), (Some(1), Some(1)));
    let cold = row("every_form/cold", &[]);
    assert_eq!((cold.inner_repeats, cold.cache_mode), (Some(1), Some(CacheMode::Cold)));
    assert!(cold.caches_dropped.contains(&"cpu".to_owned()), "{cold:?}");
    let page = cold.caches_dropped.contains(&"page".to_owned());
    assert_ne!(page, cold.unavailable.contains_key("cache.page"), "{cold:?}");
    // What emptied the caches is larger than the whole program.
    let emptied_kb = 60_000;
    assert!(cold.peak_rss_kb.is_none_or(|kb| kb < emptied_kb), "{cold:?}");
}

#[test]
fn threads_are_told() {
    for threads in [1, 2, 3] {
        let row = row("every_form/threaded", &["--threads", &threads.to_string()]);
        assert_eq!((row.status, row.threads), (Status::Ok, Some(threads)));
    }
}

/// A process that answers requests.
struct Served {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Served {
    fn start(bench: &str, param: &str) -> Self {
        let mut command = command(&["_serve", "--bench", bench, "--param", param]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut served = Self { child, answers };
        assert_eq!(served.line(), "ready");
        served
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it can be read");
        line.trim_end().to_owned()
    }

    fn ask(&mut self, request: &str) -> String {
        let input = self.child.stdin.as_mut().expect("it is piped");
        writeln!(input, "{request}").expect("it listens");
        self.line()
    }

    fn end(mut self) {
        drop(self.child.stdin.take());
        assert_eq!(self.line(), "");
        assert!(self.child.wait().expect("it ends").success());
    }
}

#[test]
fn two_processes_are_alternated_by_slices() {
    let mut small = Served::start("every_form/sum", "16");
    let mut large = Served::start("every_form/sum", "16384");
    let mut nanos = [0_u64; 2];
    for _ in 0..20 {
        for (side, served) in [&mut small, &mut large].into_iter().enumerate() {
            let answer = served.ask("run 64");
            let told = answer.strip_prefix("nanos ").and_then(|told| told.parse::<u64>().ok());
            nanos[side] += told.unwrap_or_else(|| panic!("{answer}"));
        }
    }
    // A thousand times the work: what the machine does besides is less than that.
    assert!(nanos[0] < nanos[1], "{nanos:?}");
    assert!(small.ask("faster").starts_with("error run ITERATIONS is understood"));
    assert!(large.ask("run 0").starts_with("error "));
    assert!(large.ask("run 1").starts_with("nanos "));
    small.end();
    large.end();
}

#[test]
fn nobody_needs_to_listen() {
    let mut words = command(&["_list"]);
    let mut child = words.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    // It may have been done before the pipe was closed.
    let said = text(&output.stderr);
    let known = output.status.success() || said.contains("cannot write to standard output");
    assert!(known && !said.contains("panicked"), "{output:?}");
}
