//! Printed text without what differs from run to run: numbers, identities, moments, folders.

use crate::world::World;

/// Notes that depend on how the machine behaved.
const OF_THE_MACHINE: [&str; 9] = [
    " were contended: ",
    " was contended: ",
    "contended: others used the machine",
    "  - the median of ",
    "  - the first run took ",
    " are outliers",
    " is an outlier",
    " more note",
    "outliers: something else may have used the machine",
];

/// What `run` and `show` print, cell by cell: columns move with the width of numbers. The column of
/// contended runs, which is there on a busy machine, goes.
pub(crate) fn summary(text: &str) -> String {
    let mut table = None;
    let mut kept: Vec<String> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if OF_THE_MACHINE.iter().any(|note| line.contains(note)) {
            // A heading with nothing left under it goes too.
            let is_heading = |line: &String| !line.starts_with("  - ") && !line.is_empty();
            if line.starts_with("  - ")
                && kept.last().is_some_and(is_heading)
                && !lines.peek().is_some_and(|next| next.starts_with("  - "))
            {
                kept.pop();
            }
            continue;
        }
        if line.is_empty() {
            table = None;
            // What stood between two empty lines may be gone.
            if kept.last().is_none_or(|last| !last.is_empty()) {
                kept.push(String::new());
            }
            continue;
        }
        let is_header = line.starts_with("command ") || line.starts_with("point ");
        if is_header {
            let titles = cells(line);
            let found = table.insert(Table::of(&titles));
            kept.push(found.line(titles.into_iter()));
            continue;
        }
        kept.push(match &table {
            Some(table) => table.row(&cells(line)),
            None => sentence(line),
        });
    }
    kept.join("\n") + "\n"
}

/// What `show` prints below the line that says when, where and how the capture was taken.
pub(crate) fn below_headline(text: &str) -> &str {
    let (headline, table) = text.split_once("\n\n").expect("a headline");
    assert!(headline.contains(": tacho run") && !headline.contains('\n'), "{headline}");
    table
}

/// What `history` and `baseline list` print.
pub(crate) fn listing(text: &str) -> String {
    let cell = |cell: &str| match cell {
        _ if is_id(cell) => "[id]".to_owned(),
        _ if cell.len() == 19 && cell.as_bytes()[10] == b' ' && digits(cell) == 14 => {
            "[time]".to_owned()
        }
        other => other.to_owned(),
    };
    let line = |line: &str| cells(line).into_iter().map(cell).collect::<Vec<_>>().join(" | ");
    text.lines().map(|text| line(text) + "\n").collect()
}

/// What is said on standard error, with the world's folders named as what they are.
pub(crate) fn message(text: &str, world: &World) -> String {
    let project = world.project().display().to_string();
    let state = world.user_state().display().to_string();
    let text = text.replace(&project, "[project]").replace(&state, "[state]");
    text.lines().map(|line| sentence(line) + "\n").collect()
}

/// Where a table has what.
struct Table {
    columns: usize,
    runs: Option<usize>,
    contended: Option<usize>,
}

impl Table {
    fn of(titles: &[&str]) -> Self {
        let place = |title: &str| titles.iter().position(|found| *found == title);
        Self { columns: titles.len(), runs: place("runs"), contended: place("contended") }
    }

    /// A line of the table: label and number of runs as they are, `#` for what was measured.
    fn row(&self, cells: &[&str]) -> String {
        let is_whole = cells.len() == self.columns;
        let shown = cells.iter().enumerate().map(|(place, cell)| {
            let is_number = cell.trim_start_matches(['+', '-', '±']).starts_with(char::is_numeric);
            let is_runs = is_whole && Some(place) == self.runs;
            if is_number && place > 0 && !is_runs { "#" } else { *cell }
        });
        if is_whole { self.line(shown) } else { shown.collect::<Vec<_>>().join(" | ") }
    }

    /// The cells of a whole line, without the one of contended runs.
    fn line<'a>(&self, cells: impl Iterator<Item = &'a str>) -> String {
        let kept = cells.enumerate().filter(|(place, _)| Some(*place) != self.contended);
        kept.map(|(_, cell)| cell).collect::<Vec<_>>().join(" | ")
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
}

/// The words of a sentence, with places for identities, seeds and amounts.
fn sentence(line: &str) -> String {
    let mut shown: Vec<String> = Vec::new();
    for word in without_contended(line).split(' ') {
        let bare = word.trim_matches([',', '.', ':', ';', '(', ')', '`']);
        let is_unit = matches!(bare, "ns" | "µs" | "ms" | "s" | "KiB" | "MiB" | "GiB" | "%");
        let new = if is_id(bare) {
            "[id]"
        } else if shown.last().is_some_and(|last| last == "seed") {
            "[seed]"
        } else if is_unit && shown.last().is_some_and(|last| digits(last) > 0) {
            shown.pop();
            "[amount]"
        } else {
            bare
        };
        shown.push(word.replacen(bare, new, usize::from(!bare.is_empty())));
    }
    shown.join(" ")
}

/// The capture's line without how many of its rows were contended.
fn without_contended(line: &str) -> String {
    let Some((before, after)) = line.split_once(" of them contended,") else {
        return line.to_owned();
    };
    let rows = before.rsplit_once(", ").map_or(before, |(rows, _)| rows);
    format!("{rows},{after}")
}

/// `20261121-104125-8d3125`.
fn is_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 6, 6])
        && parts.concat().chars().all(|c| c.is_ascii_hexdigit())
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}
