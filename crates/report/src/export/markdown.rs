//! hyperfine 1's `--export-markdown`: a table as GitHub's Markdown has it.

use super::table::Table;

/// The table.
pub(super) fn text(table: &Table<'_>) -> String {
    let mut out = format!("| {} |\n|:---|---:|---:|---:|---:|\n", table.titles.join(" | "));
    for row in &table.rows {
        out.push_str(&format!("| {} | {} |\n", code(&row.command), row.numbers.join(" | ")));
    }
    out
}

/// A code span: fenced by more backquotes than stand in it, the bars escaped, which a table's
/// cell needs even in code.
fn code(command: &str) -> String {
    let text = command.replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    if longest == 0 && !text.is_empty() {
        return format!("`{text}`");
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}
