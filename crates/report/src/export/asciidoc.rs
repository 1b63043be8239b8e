//! hyperfine 1's `--export-asciidoc`: a table in AsciiDoc.

use super::table::Table;

/// The table.
pub(super) fn text(table: &Table<'_>) -> String {
    let mut out = "[cols=\"<,>,>,>,>\"]\n|===".to_owned();
    row_into(&mut out, &table.titles);
    for row in &table.rows {
        let [mean, min, max, relative] = row.numbers.clone();
        row_into(&mut out, &[code(&row.command), mean, min, max, relative]);
    }
    out.push_str("|===\n");
    out
}

fn row_into(out: &mut String, cells: &[impl AsRef<str>]) {
    out.push('\n');
    for cell in cells {
        out.push_str(&format!("| {} \n", cell.as_ref()));
    }
}

/// Monospaced text, of which nothing is taken for markup: between plus signs, or in a `pass` macro
/// where the text has what would end that. A bar would begin the next cell.
fn code(command: &str) -> String {
    let text = command.replace('|', "\\|");
    if is_plain(command) {
        format!("`{text}`")
    } else if !command.contains(['+', '`']) {
        format!("`+{text}+`")
    } else {
        let text = text.replace(']', "\\]");
        // A backslash at the end would take the bracket's meaning away.
        let gap = if text.ends_with('\\') { " " } else { "" };
        format!("`pass:c[{text}{gap}]`")
    }
}

/// Whether the text has no character that stands for markup, a replacement or a link.
fn is_plain(command: &str) -> bool {
    let is_harmless = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '.' | '/' | ',');
    !command.is_empty()
        && command.chars().all(is_harmless)
        && !["--", "..", "//"].iter().any(|pair| command.contains(pair))
}
