//! `tacho export`: the rows of a capture, for other programs.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::Value;
use tacho_schema::{Row, jsonl};

use crate::schema;
use crate::world::World;

/// Rows with a parameter, with failures, and with text that CSV must put in quotes.
fn world() -> World {
    let world = World::with(
        "[[workload]]\nname = 'a, \"quoted\" {n}'\ncommand = 'exit 0'\nparams.n = [1, 'x,y']\n\
         [[workload]]\nname = 'fails'\ncommand = 'printf \"one\\r\\ntwo\\n\"; exit 3'\n",
    );
    world.tacho(&["run", "-r", "3"]).exits(4);
    world
}

/// What is stored, as an export has to say it.
fn expected(world: &World) -> Vec<Row> {
    let header = world.newest().header;
    let mut rows = world.rows();
    for row in &mut rows {
        assert_eq!(row.env, None, "the store keeps it once");
        row.env = Some(Box::new(header.env.clone()));
        for (key, reason) in &header.unavailable {
            row.unavailable.entry(key.clone()).or_insert_with(|| reason.clone());
        }
    }
    assert_eq!(rows.len(), 7);
    rows
}

#[test]
fn json_lines_are_the_rows() {
    let world = world();
    let output = world.tacho(&["export"]).exits(0).in_silence();
    let decoded: Vec<Row> = (1..)
        .zip(output.stdout.lines())
        .map(|(number, line)| jsonl::decode_row(line.as_bytes(), number).unwrap())
        .collect();
    assert_eq!(decoded, expected(&world));
    assert!(!decoded[0].unavailable.is_empty());
    for line in output.stdout.lines() {
        schema::check("row", &serde_json::from_str(line).unwrap());
    }
    // The same by any of its names, and into a file.
    let id = world.newest().header.id;
    world.tacho(&["baseline", "save", "main"]).exits(0);
    for words in [&["latest"][..], &["main"], &[id.as_str()], &["-o", "-", "--format", "jsonl"]] {
        let again = world.tacho(&[&["export"], words].concat()).exits(0);
        assert_eq!(again.stdout, output.stdout, "{words:?}");
    }
    let told = world.tacho(&["export", "--output", "rows.jsonl"]).exits(0).in_silence();
    assert_eq!((told.stdout.as_str(), world.read("rows.jsonl")), ("", output.stdout));
}

/// Read by a reader that is not ours.
#[test]
fn comma_separated_values_are_the_rows() {
    let world = world();
    world.tacho(&["export", "--format", "csv", "-o", "rows.csv"]).exits(0).in_silence();
    let script = "import csv, json\n\
        print(json.dumps(list(csv.reader(open('rows.csv', newline=''), strict=True))))";
    let mut python = Command::new("python3");
    let output = python.args(["-c", script]).current_dir(world.project()).output().unwrap();
    let lines: Vec<Vec<String>> = serde_json::from_slice(&output.stdout).unwrap();
    let (head, lines) = lines.split_first().unwrap();
    check_columns(head);
    let rows = expected(&world);
    assert_eq!(lines.len(), rows.len());
    for (line, row) in lines.iter().zip(&rows) {
        let row = serde_json::to_value(row).unwrap();
        for (column, field) in head.iter().zip(line) {
            let value = match column.split_once('.') {
                None => &row[column],
                Some(("param", name)) => &row["params"][name],
                Some((object, name)) => &row[object][name],
            };
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                number => number.to_string(),
            };
            assert_eq!(*field, text, "{column} of {row}");
        }
        assert_eq!(line.len(), head.len());
    }
    let tails = lines.iter().filter(|line| line.iter().any(|field| field.contains("one\r\ntwo")));
    assert_eq!(tails.count(), 1);
}

/// Every key of the schema that holds one value is a column, in front of all others.
fn check_columns(head: &[String]) {
    let path = format!("{}/../../schemas/row.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let is_scalar = |key: &str| {
        let text = schema["properties"][key].to_string();
        let refers = |name: &str| text.contains(&format!("#/$defs/{name}\""));
        let holds_more = text.contains("\"array\"") || text.contains("\"object\"");
        !holds_more && !["Environment", "Conditions", "Timer"].into_iter().any(refers)
    };
    let keys = schema["properties"].as_object().unwrap().keys().filter(|key| is_scalar(key));
    let plain: Vec<&String> = head.iter().filter(|name| !name.contains('.')).collect();
    let mut sorted = plain.clone();
    sorted.sort();
    assert_eq!(sorted, keys.collect::<Vec<_>>());
    assert_eq!(plain[..5], ["schema_version", "kind", "function", "total_nanos", "status"]);
    let conditions = schema["$defs"]["Conditions"]["properties"].as_object().unwrap().len();
    let dotted: Vec<&str> = head[plain.len()..].iter().map(String::as_str).collect();
    assert!(dotted[..conditions].iter().all(|name| name.starts_with("conditions.")), "{head:?}");
    assert_eq!(dotted[conditions..], ["param.n"]);
}

/// A reader that has enough ends the export, and that is no error.
#[test]
fn a_reader_may_go_away() {
    let world = world();
    for format in ["jsonl", "csv"] {
        let mut command = world.command(&["export", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""), "{format}");
    }
}

#[test]
fn mistakes() {
    let world = World::new();
    world.tacho(&["export"]).exits(2).says(&["there are no captures yet"]);
    world.tacho(&["run", "-r", "1", "true"]).exits(0);
    world.write("folder/x", "");
    for (words, code, told) in [
        (&["nonsense"][..], 2, "there is no capture or baseline `nonsense`"),
        (&["--format", "xml"], 2, "jsonl, csv"),
        (&["-o", "folder"], 2, "--output folder: it is a folder"),
        (&["-o", "no/file"], 2, "--output no/file: there is no such folder"),
        (&["-o", "/dev/full"], 5, "cannot write /dev/full: No space left"),
        (&["--store", "memory:"], 2, "nothing to read in it"),
    ] {
        world.tacho(&[&["export"], words].concat()).exits(code).says(&[told]);
    }
    assert_eq!(world.names("folder"), ["x"]);
    assert_eq!(world.names("."), ["folder"]);
    world.tacho(&["export", "-o", "/dev/stdout"]).exits(0).shows(&["\"function\":\"true\""]);
}
