//! Transcripts as they stand in files.

use std::path::Path;

use crate::form::Form;

/// What one process is asked, and what comes of it.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    /// File and line: told with every failure.
    pub(crate) place: String,
    /// `>`: variables of its environment, …
    pub(crate) variables: Vec<(String, String)>,
    /// … and its words.
    pub(crate) words: Vec<String>,
    /// `+`: what its reader knows besides.
    pub(crate) settings: Vec<(String, String)>,
    /// `|`: lines on its standard input.
    pub(crate) given: Vec<String>,
    /// `<`: lines of its standard output.
    pub(crate) printed: Vec<String>,
    /// `=`: keys of its row, or of the listed workload that `@` names.
    pub(crate) expected: Vec<Expected>,
    /// `!`: how it ends.
    pub(crate) end: Ending,
}

/// One key and its value.
#[derive(Debug)]
pub(crate) struct Expected {
    /// The listed workload; none: of the row.
    pub(crate) of: Option<String>,
    /// Its name; a dot stands before a key inside.
    pub(crate) key: String,
    /// What it must be.
    pub(crate) form: Form,
}

/// How a process ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With exit code 0.
    #[default]
    Well,
    /// With a message on standard error and a code that is not 0, and no row that says `ok`.
    Refused,
    /// In one of these two ways.
    MayRefuse,
    /// With this exit code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
    /// Not by itself.
    Stays,
}

/// The exchanges of a file.
pub(crate) fn read(path: &Path) -> Vec<Exchange> {
    let text = std::fs::read_to_string(path).expect("a transcript is text");
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let mut exchanges = Vec::new();
    let mut of = None;
    for (number, line) in (1..).zip(text.lines()) {
        let place = format!("{file}:{number}");
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
        if mark == ">" {
            exchanges.push(begun(&place, rest));
            of = None;
            continue;
        }
        let here: &mut Exchange =
            exchanges.last_mut().unwrap_or_else(|| panic!("{place}: no line with > before"));
        match mark {
            "+" => here.settings.push(halves(rest)),
            "|" => here.given.push(rest.to_owned()),
            "<" => here.printed.push(rest.to_owned()),
            "@" => of = Some(rest.to_owned()),
            "=" => {
                let (key, value) = halves(rest);
                let form = value.parse().unwrap_or_else(|why| panic!("{place}: {why}"));
                here.expected.push(Expected { of: of.clone(), key, form });
            }
            "!" => here.end = ending(rest).unwrap_or_else(|| panic!("{place}: how does it end?")),
            _ => panic!("{place}: unknown mark {mark:?}"),
        }
    }
    exchanges
}

fn begun(place: &str, rest: &str) -> Exchange {
    let words: Vec<&str> = rest.split(' ').collect();
    let first = words.iter().position(|word| !word.contains('=')).unwrap_or(words.len());
    let (variables, words) = words.split_at(first);
    Exchange {
        place: place.to_owned(),
        variables: variables.iter().filter_map(|word| word.split_once('=')).map(owned).collect(),
        words: words.iter().map(ToString::to_string).collect(),
        ..Exchange::default()
    }
}

fn halves(rest: &str) -> (String, String) {
    owned(rest.split_once(' ').unwrap_or((rest, "")))
}

fn owned((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

fn ending(rest: &str) -> Option<Ending> {
    match (rest, rest.split_once(' ')) {
        ("refused", _) => Some(Ending::Refused),
        ("may refuse", _) => Some(Ending::MayRefuse),
        ("stays", _) => Some(Ending::Stays),
        (_, Some(("exit", code))) => code.parse().ok().map(Ending::Exit),
        (_, Some(("signal", signal))) => signal.parse().ok().map(Ending::Signal),
        _ => None,
    }
}
