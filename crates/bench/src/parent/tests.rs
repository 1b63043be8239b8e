#![cfg(unix)]

use super::*;

const ROW: &str = concat!(
    r#"{"schema_version":1,"kind":"fixed","function":"g/w","#,
    r#""status":"ok","repeat_index":0,"total_nanos":900}"#
);

/// A child that is a line of shell; it has the words of the request behind `$0`.
fn shell(script: &str) -> Parent {
    let mut parent = Parent::new("/bin/sh".into(), true, 1);
    let script = format!("row='{ROW}'\n{script}");
    parent.before = ["-c".into(), script.into(), "sh".into()].into();
    parent
}

fn request(limit: Duration) -> Request<'static> {
    Request {
        name: "g/w",
        param: None,
        threads: None,
        cold: false,
        index: 0,
        target_nanos: 5,
        limit,
    }
}

/// What is said of a child that does this.
fn said(script: &str) -> String {
    match shell(script).measure(&request(Duration::from_secs(30))) {
        Ok(batch) => format!("{} ns", batch.per_call_nanos),
        Err(failure) => failure.to_string(),
    }
}

#[test]
fn children_are_told_by_how_they_end() {
    let panic = "echo; echo \"thread 'main' panicked at src/a.rs:1:2:\" >&2; echo boom >&2; \
                 echo 'note: run with RUST_BACKTRACE=1' >&2; exit 101";
    let cases = [
        ("echo \"$row\"", "900 ns"),
        ("echo noise; echo \"$row\"; echo more >&2", "900 ns"),
        ("printf %s \"$row\"", "900 ns"),
        ("echo \"$row\"; echo \"$row\"; echo \"$row\"", "it printed 2 rows instead of one"),
        ("echo nothing", "it printed no row"),
        ("echo why >&2; echo", "it printed no row: why"),
        ("echo \"$row\" | sed s,g/w,g/other,", r#"its row has function "g/other", not "g/w""#),
        (
            "echo \"$row\" | sed s/900/-900/",
            "its row has total_nanos -900, which is no time or count",
        ),
        ("echo \"$row\"; exit 3", "exit code 3"),
        ("echo first >&2; echo last >&2; exit 3", "exit code 3: last"),
        (panic, "panicked at src/a.rs:1:2: boom"),
        ("echo \"${row%?},\\\"error\\\":\\\"told\\\"}\"; exit 1", "told"),
        ("kill -9 $$", "ended by signal 9"),
        ("yes | head -c 20000000; echo; echo \"$row\"", "900 ns"),
        ("head -c 20000000 /dev/zero; echo; echo \"$row\"", "900 ns"),
        ("yes | head -c 20000000 >&2; echo \"$row\"", "900 ns"),
    ];
    for (script, wanted) in cases {
        assert_eq!(said(script), wanted, "{script}");
    }
    let nan = said("echo \"$row\" | sed s/900/NaN/");
    assert!(nan.starts_with("its row is no JSON object: "), "{nan}");
}

#[test]
fn a_program_that_is_not_there_is_a_failure() {
    let mut parent = Parent::new("/no/such/program".into(), true, 1);
    let failure = parent.measure(&request(Duration::from_secs(30))).unwrap_err().to_string();
    assert!(failure.starts_with("its process cannot be started: "), "{failure}");
}

#[test]
fn a_child_is_killed_at_its_limit() {
    let limit = Duration::from_millis(200);
    for script in ["sleep 60", "exec sleep 60", "exec >&- 2>&-; exec sleep 60", "exec yes"] {
        let started = Instant::now();
        assert_eq!(shell(script).measure(&request(limit)), Err(Failure::Late(limit)), "{script}");
        let took = started.elapsed();
        assert!(took >= limit && took < Duration::from_secs(30), "{script}: {took:?}");
    }
}

#[test]
fn what_a_child_leaves_behind_is_not_waited_for() {
    let started = Instant::now();
    assert_eq!(said("sleep 20 & echo \"$row\""), "900 ns");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[test]
fn requests_are_the_words_of_the_wire() {
    let fixed = request(Duration::from_secs(1));
    let parametric = Request { param: Some(8), ..fixed };
    let cases = [
        (fixed, "_child --bench g/w --fixed --repeat-index 0 --min-total-nanos 5"),
        (
            Request { cold: true, threads: Some(2), index: 3, ..fixed },
            "_child --bench g/w --fixed --repeat-index 3 --min-total-nanos 5 --cache-mode cold \
             --threads 2",
        ),
        (parametric, "_child --bench g/w --param 8 --target-nanos 5 --cache-mode warm"),
        (
            Request { cold: true, ..parametric },
            "_child --bench g/w --param 8 --target-nanos 5 --cache-mode cold",
        ),
    ];
    for (request, wanted) in cases {
        assert_eq!(words(&request).join(" "), wanted);
    }
}

#[test]
fn environment_and_first_word_vary_by_the_seed() {
    let lengths = |seed: u64| {
        let mut parent = Parent::new("/bin/sh".into(), true, seed);
        let mut of_one = || {
            let command = parent.command(&request(Duration::from_secs(1)));
            let padding = command.get_envs().find(|(key, _)| *key == "TACHO_PADDING");
            padding.and_then(|(_, value)| value).map(std::ffi::OsStr::len)
        };
        [of_one(), of_one(), of_one(), of_one()]
    };
    let first = lengths(1);
    assert_eq!(first, lengths(1));
    assert_ne!(first, lengths(2));
    assert!(first.iter().any(|length| *length != first[0]), "{first:?}");
    assert!(first.iter().all(|length| length.is_some_and(|length| length < 4096)), "{first:?}");
}

#[test]
fn the_first_word_reaches_the_child() {
    let words: Vec<String> = (1..20)
        .map(|seed| {
            let mut parent = Parent::new("/bin/sh".into(), true, seed);
            parent.before = vec!["-c".into(), "cat /proc/$$/cmdline".into()];
            let mut command = parent.command(&request(Duration::from_secs(1)));
            let printed = command.output().unwrap().stdout;
            String::from_utf8(printed.split(|byte| *byte == 0).next().unwrap().to_vec()).unwrap()
        })
        .filter(|_| cfg!(target_os = "linux"))
        .collect();
    assert!(words.iter().all(|word| word.ends_with("sh")), "{words:?}");
    assert!(words.is_empty() || words.iter().any(|word| word.starts_with("././")), "{words:?}");
}
