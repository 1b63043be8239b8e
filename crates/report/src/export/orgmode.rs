//! hyperfine 1's `--export-orgmode`: a table as Emacs' Org has it.

use super::table::Table;

/// The table.
pub(super) fn text(table: &Table<'_>) -> String {
    let [command, numbers @ ..] = &table.titles;
    let mut out = String::new();
    row_into(&mut out, command, &numbers.join(" |  "));
    out.push_str("|--+--+--+--+--|\n");
    for row in &table.rows {
        row_into(&mut out, &code(&row.command), &row.numbers.join(" |  "));
    }
    out
}

fn row_into(out: &mut String, command: &str, numbers: &str) {
    out.push_str(&format!("| {command}  |  {numbers} |\n"));
}

/// Verbatim text. A bar ends a cell of Org even there, so that a text with one is written with
/// entities in place of whatever is markup.
fn code(command: &str) -> String {
    match command {
        text if text.contains('|') || text.trim() != text => entities(text),
        text if !text.contains('=') => format!("={text}="),
        text if !text.contains('~') => format!("~{text}~"),
        text => entities(text),
    }
}

/// The text with names in place of the characters that Org gives a meaning, of its list of
/// entities.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        let name = match c {
            '|' => "vert",
            '\\' => "backslash",
            '*' => "ast",
            '/' => "slash",
            '_' => "under",
            '+' => "plus",
            '=' => "equal",
            '~' => "tilde",
            '^' => "asciicirc",
            '<' => "lt",
            '>' => "gt",
            other => {
                out.push(other);
                continue;
            }
        };
        out.push_str(&format!("\\{name}{{}}"));
    }
    out
}
