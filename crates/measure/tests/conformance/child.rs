//! The child's side: programs that are measured, asked as the transcripts say.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tacho_schema::ListedWorkload;
use tacho_schema::jsonl::decode_row;

use crate::form::{Form, Labels, at};
use crate::transcript::{Ending, Exchange};
use crate::{skipped, transcripts, wire};

/// How a process ended, and what it printed.
struct Answer {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Asks a program everything in a folder of transcripts; its words stand before those of these.
fn check(program: &[&str], folder: &str) {
    let found: Vec<String> =
        transcripts(folder).iter().flat_map(|exchanges| differences(program, exchanges)).collect();
    assert!(found.is_empty(), "{program:?} differs:\n{}", found.join("\n"));
}

fn differences(program: &[&str], exchanges: &[Exchange]) -> Vec<String> {
    let mut labels = Labels::new();
    let mut found = Vec::new();
    for exchange in exchanges {
        let answer = ask(program, exchange);
        if let Err(why) = compare(exchange, &answer, &mut labels) {
            let Answer { code, stdout, stderr } = answer;
            let Exchange { place, words, .. } = exchange;
            let asked = words.join(" ");
            found.push(format!("{place}: {why}: {asked}\nexit {code:?}\n{stdout}{stderr}"));
        }
    }
    found
}

fn ask(program: &[&str], exchange: &Exchange) -> Answer {
    let mut command = Command::new(program[0]);
    command.args(&program[1..]).args(&exchange.words).env_remove("TACHO_PREVIEW");
    command.envs(exchange.variables.iter().cloned());
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = piped.spawn().expect("the program was found before");
    let mut input = process.stdin.take().expect("it is piped");
    for line in &exchange.given {
        // A program that refuses has closed it, and is asked nothing further.
        let _ = writeln!(input, "{line}");
    }
    drop(input);
    let output = process.wait_with_output().expect("its output is read");
    Answer {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("what it prints is text"),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Why an answer is not as the transcript says.
fn compare(exchange: &Exchange, answer: &Answer, labels: &mut Labels) -> Result<(), String> {
    let well = answer.code == Some(0);
    if exchange.end == Ending::Refused || exchange.end == Ending::MayRefuse && !well {
        return refused(answer);
    }
    if !well {
        return Err("it did not end with 0".to_owned());
    }
    if !exchange.printed.is_empty() {
        return printed(&exchange.printed, &answer.stdout);
    }
    let is_list = exchange.words.first().is_some_and(|word| word == "_list");
    let objects = if is_list { listed(&answer.stdout)? } else { vec![row(&answer.stdout)?] };
    for expected in &exchange.expected {
        let is_of = |object: &&Value| match &expected.of {
            Some(name) => object["name"] == name.as_str(),
            None => true,
        };
        let of: Vec<&Value> = objects.iter().filter(is_of).collect();
        let [object] = of[..] else {
            return Err(format!("{} lines are of {:?}", of.len(), expected.of));
        };
        let value = at(object, &expected.key);
        if !expected.form.fits(value, labels) {
            return Err(format!("{} is {value}, expected is {:?}", expected.key, expected.form));
        }
    }
    Ok(())
}

fn refused(answer: &Answer) -> Result<(), String> {
    if answer.code.is_none_or(|code| code == 0) {
        return Err("it was to be refused with an exit code".to_owned());
    }
    if answer.stderr.trim().is_empty() {
        return Err("it was refused without a word on standard error".to_owned());
    }
    match rows(&answer.stdout).iter().find(|(_, row)| row["status"] != "error") {
        Some((line, _)) => Err(format!("it was refused, and there is a row: {line}")),
        None => Ok(()),
    }
}

/// Lines on standard output as they are expected, where the last word may be a form.
fn printed(expected: &[String], stdout: &str) -> Result<(), String> {
    let lines: Vec<&str> = stdout.lines().collect();
    if lines.len() != expected.len() {
        return Err(format!("{} lines, expected are {}", lines.len(), expected.len()));
    }
    for (line, expected) in lines.iter().zip(expected) {
        let fits = match expected.split_once(" :") {
            Some((start, form)) => {
                let form: Form = format!(":{form}").parse()?;
                let rest = line.strip_prefix(start).and_then(|rest| rest.strip_prefix(' '));
                rest.is_some_and(|rest| form.fits_text(rest))
            }
            None => line == expected,
        };
        if !fits {
            return Err(format!("{line:?}, expected is {expected:?}"));
        }
    }
    Ok(())
}

/// The lines that are JSON objects with a version: as the parent tells them from others.
fn rows(stdout: &str) -> Vec<(&str, Value)> {
    let is_row = |value: &Value| value.get("schema_version").is_some();
    let parsed = |line| Some((line, serde_json::from_str(line).ok().filter(is_row)?));
    stdout.lines().filter_map(parsed).collect()
}

/// The one row, which is whole.
fn row(stdout: &str) -> Result<Value, String> {
    let mut rows = rows(stdout);
    let (Some((line, value)), true) = (rows.pop(), rows.is_empty()) else {
        return Err("there is not one row".to_owned());
    };
    decode_row(line.as_bytes(), 1).map_err(|error| error.to_string())?;
    Ok(value)
}

/// The listed workloads, each of them whole.
fn listed(stdout: &str) -> Result<Vec<Value>, String> {
    let mut values = Vec::new();
    for (line, value) in rows(stdout) {
        serde_json::from_str::<ListedWorkload>(line).map_err(|error| error.to_string())?;
        values.push(value);
    }
    Ok(values)
}

/// Whether a program is there and answers; says that `test` is skipped where not.
fn is_here(test: &str, program: &str, word: &str) -> bool {
    let quiet = || Stdio::null();
    let started = Command::new(program).arg(word).stdout(quiet()).stderr(quiet()).status();
    let here = started.is_ok_and(|status| status.success());
    if !here {
        skipped(test, &format!("{program} cannot be started here"));
    }
    here
}

fn runner(name: &str) -> String {
    wire().join("runners").join(name).to_str().expect("the path is text").to_owned()
}

fn check_runner(program: &[&str]) {
    check(program, "child");
    check(program, "runners");
}

fn check_compiled(compiler: &str, words: &[&str], source: &str) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("runner");
    let mut command = Command::new(compiler);
    command.args(words).arg("-o").arg(&program).arg(Path::new(&runner(source)));
    let built = command.output().expect("the compiler was found before");
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success() && said.is_empty(), "{compiler} says: {said}");
    check_runner(&[program.to_str().expect("the path is text")]);
}

#[test]
fn the_rust_harness_answers_as_the_transcripts_say() {
    let test = std::env::current_exe().expect("a test knows where it is");
    let profile = test.parent().and_then(Path::parent).expect("it is in a folder of the profile");
    let example = profile.join("examples/demo_harness");
    // Cargo builds the examples of a package with its tests, unless it is told to build one test.
    assert!(example.exists(), "cargo build -p tacho-measure --examples makes {example:?}");
    check(&[example.to_str().expect("the path is text")], "child");
}

#[test]
fn the_c_runner_answers_as_the_transcripts_say() {
    if is_here("the_c_runner", "cc", "--version") {
        check_compiled("cc", &["-O2", "-Wall", "-Wextra"], "runner.c");
    }
}

#[test]
fn the_python_runner_answers_as_the_transcripts_say() {
    if is_here("the_python_runner", "python3", "--version") {
        check_runner(&["python3", &runner("runner.py")]);
    }
}

#[test]
fn the_javascript_runner_answers_as_the_transcripts_say() {
    if is_here("the_javascript_runner", "node", "--version") {
        check_runner(&["node", &runner("runner.mjs")]);
    }
}

#[test]
fn the_go_runner_answers_as_the_transcripts_say() {
    if is_here("the_go_runner", "go", "version") {
        check_compiled("go", &["build"], "runner.go");
    }
}
