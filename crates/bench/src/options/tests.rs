use super::*;

/// What words mean, as the differences from a run of everything; notes are counted.
fn meaning(line: &str) -> String {
    let options = match parse(line.split_whitespace().map(OsString::from)) {
        Ok(options) => options,
        Err(message) => return format!("error: {message}"),
    };
    let Options { selection, effort, .. } = &options;
    let mut said = vec![format!("{:?}", options.action).to_lowercase()];
    let mut say = |is_so: bool, text: String| said.extend(is_so.then_some(text));
    say(!selection.wanted.is_empty(), format!("only {}", selection.wanted.join("|")));
    say(!selection.skipped.is_empty(), format!("not {}", selection.skipped.join("|")));
    say(selection.exact, "exact".to_owned());
    say(selection.ignored_only, "ignored".to_owned());
    say(effort.children.is_some(), format!("children={}", effort.children.unwrap_or(0)));
    let measured = effort.measured_seconds;
    say(measured.is_some(), format!("measured={}", measured.unwrap_or(0.0)));
    say(effort.warm_up_seconds > 0.0, format!("warm-up={}", effort.warm_up_seconds));
    say(effort.quick, "quick".to_owned());
    say(options.color != Color::Auto, format!("{:?}", options.color).to_lowercase());
    say(options.quiet, "quiet".to_owned());
    say(options.verbose, "verbose".to_owned());
    say(!options.capture, "nocapture".to_owned());
    say(options.seed.is_some(), format!("seed={}", options.seed.unwrap_or(0)));
    say(!options.notes.is_empty(), format!("notes={}", options.notes.len()));
    said.join(" ")
}

#[test]
fn words_mean_what_other_harnesses_mean_by_them() {
    let cases = [
        // cargo's own ways to call
        ("--bench", "measure"),
        ("", "test"),
        ("--test", "test"),
        ("--bench --test", "test"),
        ("--bench sort merge", "measure only sort|merge"),
        ("sort --bench --exact --skip heap --skip=std", "measure only sort not heap|std exact"),
        ("--bench -- --exact", "measure only --exact"),
        // cargo-nextest's
        ("--list --format terse", "list { terse: true }"),
        ("--list --format terse --ignored", "list { terse: true } ignored"),
        ("sort/merge --exact --nocapture --bench", "measure only sort/merge exact nocapture"),
        ("sort/merge --exact --nocapture", "test only sort/merge exact nocapture"),
        // libtest's
        ("--list", "list { terse: false }"),
        ("--bench --list", "list { terse: false }"),
        ("--list --format=pretty", "list { terse: false }"),
        ("--bench --test-threads 4 sort", "measure only sort"),
        ("--bench --test-threads=4 -Z unstable-options -Zother", "measure"),
        ("--bench --report-time --shuffle --show-output --include-ignored", "measure"),
        ("--bench --report-time=plain --ensure-time", "measure"),
        ("--bench --logfile log --shuffle-seed 3 --fail-fast", "measure"),
        ("--bench --exclude-should-panic --force-run-in-process", "measure"),
        ("--bench --no-capture", "measure nocapture"),
        ("--bench -q", "measure quiet"),
        ("--format terse", "test"),
        ("--ignored --bench", "measure ignored"),
        // Criterion's
        ("--bench --sample-size 30", "measure children=30"),
        ("--bench --measurement-time=2.5", "measure measured=2.5"),
        ("--bench --warm-up-time 3", "measure warm-up=3"),
        ("--bench --quick -v", "measure quick verbose"),
        ("--bench --color always", "measure always"),
        ("--bench -c never", "measure never"),
        ("--bench --save-baseline main", "measure notes=1"),
        ("--bench -s main -b main -n", "measure notes=3"),
        ("--bench --baseline main --load-baseline new", "measure notes=2"),
        ("--bench --baseline-lenient main --discard-baseline", "measure notes=2"),
        ("--bench --noise-threshold 0.1 --confidence-level 0.9", "measure notes=2"),
        ("--bench --nresamples 10 --significance-level 0.1", "measure notes=2"),
        ("--bench --profile-time 5 --noplot", "measure notes=2"),
        ("--bench --output-format bencher", "measure notes=1"),
        ("--bench --plotting-backend=gnuplot --format pretty", "measure notes=2"),
        // ours, and nobody's
        ("--bench --seed 7", "measure seed=7"),
        ("--bench --frobnicate sort", "measure only sort notes=1"),
        ("--bench --frobnicate=5 -x", "measure notes=2"),
        ("--bench --quiet=yes", "measure quiet"),
        ("--bench -h", "help"),
        ("--help --version --list", "help"),
        ("-V --bench", "version"),
    ];
    for (line, wanted) in cases {
        assert_eq!(meaning(line), wanted, "{line}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let cases = [
        ("--sample-size", "--sample-size needs a value"),
        ("--sample-size 0", "--sample-size takes a number from 1 to 10000, not \"0\""),
        ("--sample-size ten", "--sample-size takes a number from 1 to 10000, not \"ten\""),
        (
            "--measurement-time -1",
            "--measurement-time takes seconds, as 0.5, at most 86400, not \"-1\"",
        ),
        ("--warm-up-time NaN", "--warm-up-time takes seconds, as 0.5, at most 86400, not \"NaN\""),
        ("--color blue", "--color takes auto, always or never, not \"blue\""),
        ("-c", "-c needs a value"),
        ("--seed x", "--seed takes a whole number, not \"x\""),
        ("--save-baseline", "--save-baseline needs a value"),
        ("--skip", "--skip needs a value"),
    ];
    for (line, wanted) in cases {
        assert_eq!(meaning(line), format!("error: {wanted}"), "{line}");
    }
}

#[test]
fn notes_say_what_to_use_instead() {
    let notes = |line: &str| parse(line.split(' ').map(OsString::from)).unwrap().notes;
    assert_eq!(
        notes("--bench --save-baseline main -b main --frobnicate"),
        [
            "--save-baseline has no effect here: `tacho run --save-baseline NAME` keeps what it \
             measures under a name",
            "-b has no effect here: `tacho run --baseline NAME` shows the change against a kept \
             one",
            "--frobnicate is not known here and was ignored",
        ]
    );
}

#[test]
fn filters_select_by_parts_or_whole_names() {
    let names = ["sort/heap", "sort/merge", "sort/merge_into", "sum"];
    let cases: [(&str, &[&str]); 8] = [
        ("", &names),
        ("merge", &["sort/merge", "sort/merge_into"]),
        ("heap sum", &["sort/heap", "sum"]),
        ("sort/merge --exact", &["sort/merge"]),
        ("--skip merge", &["sort/heap", "sum"]),
        ("sort --skip sort/merge --exact", &[]),
        ("--skip sort/merge --exact", &["sort/heap", "sort/merge_into", "sum"]),
        ("--ignored", &[]),
    ];
    for (line, wanted) in cases {
        let selection = parse(line.split_whitespace().map(OsString::from)).unwrap().selection;
        let found: Vec<&str> = names.into_iter().filter(|name| selection.has(name)).collect();
        assert_eq!(found, wanted, "{line}");
    }
}

#[test]
fn the_help_fits_a_terminal() {
    let long: Vec<&str> = HELP.lines().filter(|line| line.len() > 80).collect();
    assert!(long.is_empty() && HELP.is_ascii(), "{long:?}");
}

proptest::proptest! {
    #[test]
    fn no_words_are_too_odd(words in proptest::collection::vec("-{0,3}[a-zA-Z=0. -]{0,9}", 0..6)) {
        // An error says which flag it is about.
        if let Err(message) = parse(words.iter().map(OsString::from)) {
            proptest::prop_assert!(message.starts_with('-'), "{message}");
        }
    }
}
