//! `--json` and `--message-format json`: what programs read from `tacho run`.

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;
use tacho_schema::{Event, Row};

use crate::schema;
use crate::world::{Output, World, await_that};

const STREAM: [&str; 3] = ["run", "--message-format", "json"];

/// The events of a stream; every line fits the schema.
fn events(stdout: &str) -> Vec<Event> {
    let event = |line: &str| {
        let value: Value =
            serde_json::from_str(line).unwrap_or_else(|fault| panic!("{fault}: {line}"));
        schema::check("event", &value);
        serde_json::from_value(value).expect("an event is what the schema says")
    };
    stdout.lines().map(event).collect()
}

fn rows(events: &[Event]) -> Vec<Row> {
    let row = |event: &Event| match event {
        Event::Row { row } => Some((**row).clone()),
        _ => None,
    };
    events.iter().filter_map(row).collect()
}

/// The stream of a run, which ends with `code`; holds what holds of every committed capture.
fn check(world: &World, words: &[&str], code: u8) -> (Output, Vec<Event>) {
    let output = world.tacho(&[&STREAM[..], words].concat()).exits(code.into());
    let events = events(&output.stdout);
    let newest = world.newest();
    match &events[0] {
        Event::CaptureStarted { id, seed, .. } => {
            assert_eq!((id, *seed), (&newest.header.id, newest.header.seed));
        }
        other => panic!("{other:?} comes first"),
    }
    assert_eq!(rows(&events), world.rows());
    match &events[events.len() - 2..] {
        [Event::CaptureEnded { summary, exit }, Event::Result { document }] => {
            assert_eq!((summary, *exit), (&newest.summary, code));
            let shown = world.tacho(&["show", "--json"]).exits(0).json();
            assert_eq!(serde_json::to_value(document).expect("a document is JSON"), shown);
        }
        others => panic!("{others:?} come last"),
    }
    (output, events)
}

#[test]
fn a_run_tells_what_happens() {
    let world = World::new();
    let (output, events) = check(&world, &["-r", "7", "true", "exit 0"], 0);
    output.in_silence();
    let points = events.iter().find_map(|event| match event {
        Event::CaptureStarted { points, .. } => Some(*points),
        _ => None,
    });
    assert_eq!(points, Some(2));
    assert_eq!(rows(&events).len(), 14);
    assert!(rows(&events).iter().all(|row| row.side.is_some()));
    check(&world, &["-r", "2", "exit 3"], 4);
}

#[test]
fn notes_are_told_to_both() {
    let world = World::with("[[workload]]\nname = 'a'\ncommand = 'true'\nparams.n = [1]\n");
    let (output, events) = check(&world, &["-r", "1", "-c", "false"], 0);
    let notes: Vec<&String> = events
        .iter()
        .filter_map(|event| match event {
            Event::Note { text } => Some(text),
            _ => None,
        })
        // Which the output here is without, too.
        .filter(|text| !text.contains("waiting for it"))
        .collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].contains("the parameter `n` is used nowhere"), "{notes:?}");
    assert!(notes[1].contains("clean-up `false` failed"), "{notes:?}");
    let told: String = notes.iter().map(|note| format!("note: {note}\n")).collect();
    assert_eq!(output.stderr, told);
}

/// Rows are there while the run goes on, and so is where it is.
#[test]
fn it_tells_while_it_works() {
    let world = World::new();
    let waits = "echo >>log; [ \"$(wc -l <log)\" -lt 2 ] || while ! [ -e go ]; do sleep 0.02; done";
    let running = world.start(&[&STREAM[..], &["-r", "2", "-n", "waits", waits]].concat());
    let is_progress = |event: &Event| match event {
        Event::Progress { rows: 1, point, .. } => point.as_deref() == Some("waits"),
        _ => false,
    };
    await_that("a row, and progress after it", || {
        let seen = running.stdout_so_far();
        // The last line may not be whole yet.
        let whole = seen.rfind('\n').map_or("", |end| &seen[..end]);
        events(whole).iter().any(is_progress) && rows(&events(whole)).len() == 1
    });
    world.write("go", "");
    let output = running.end().exits(0);
    assert_eq!(rows(&events(&output.stdout)), world.rows());
}

/// The stream ends with its reader; the capture is whole.
#[test]
fn a_reader_may_go_away() {
    let world = World::new();
    let mut command = world.command(&[&STREAM[..], &["-r", "20", "true"]].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(child.wait().unwrap().success(), "{told}");
    assert_eq!(world.rows().len(), 20);
    assert!(!told.contains("error"), "{told}");
}

/// Unlike a reader that has enough, a full disk is told; what was measured is kept all the same.
#[test]
fn a_full_disk_is_told() {
    let world = World::new();
    let mut command = world.command(&[&STREAM[..], &["-r", "3", "true"]].concat());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{told}");
    assert_eq!(told.matches("cannot write to standard output: No space left").count(), 1, "{told}");
    assert_eq!(world.rows().len(), 3);
}

#[test]
fn nothing_is_told_of_what_was_not_measured() {
    let world = World::new();
    let words = [&STREAM[..], &["no-such-program-at-all"]].concat();
    assert_eq!(world.tacho(&words).exits(4).stdout, "");
    assert_eq!(world.tacho(&["run", "--json", "no-such-program-at-all"]).exits(4).stdout, "");
}

#[test]
fn one_document() {
    let world = World::new();
    world.tacho(&["run", "-r", "2", "--save-baseline", "main", "true"]).exits(0);
    let words =
        ["run", "-r", "2", "--json", "--baseline", "main", "--export-json", "h.json", "true"];
    let document = world.tacho(&words).exits(0).json();
    schema::check("summary", &document);
    assert_eq!(document["points"][0]["change"]["against"], "main");
    let again = world.tacho(&["show", "--json", "--baseline", "main"]).exits(0).json();
    assert_eq!(document, again);
    assert!(world.read("h.json").contains("\"times\""));
}

#[test]
fn one_thing_on_standard_output() {
    let world = World::new();
    for (words, told) in [
        (&["--json", "--message-format", "json"][..], "cannot be used with"),
        (&["--json", "--export-json", "-"], "--json and --export-json - exclude each other"),
        (
            &["--message-format", "json", "--export-json", "-"],
            "--message-format json and --export-json - exclude each other",
        ),
        (&["--message-format", "xml"], "human, json"),
    ] {
        world.tacho(&[&["run"], words, &["true"]].concat()).exits(2).says(&[told]);
    }
    world
        .tacho(&["run", "-r", "1", "--message-format", "human", "true"])
        .exits(0)
        .shows(&["median"]);
    assert_eq!(world.captures().len(), 1);
}
