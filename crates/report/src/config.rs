//! The tables of `tacho config`, and its document.

use tacho_schema::{ConfigDoc, ConfigLayer, ConfigSection, ConfigSetting, ConfigSource};

use crate::grid::{Align, Cell, Column, Grid};
use crate::json::pretty;
use crate::layout::Fit;
use crate::style::{Ink, Style};
use crate::text::clean;

/// Every setting, one line each; a table for each section.
#[must_use]
pub fn settings(doc: &ConfigDoc, style: &Style) -> String {
    let mut out = String::new();
    for section in &doc.sections {
        if !out.is_empty() {
            out.push('\n');
        }
        if let Some(workload) = &section.workload {
            out.push_str(&style.paint(Ink::Strong, &clean(workload)));
            out.push('\n');
        }
        table(section, doc.profile.as_deref()).render_into(&mut out, style);
    }
    out
}

fn table(section: &ConfigSection, profile: Option<&str>) -> Grid {
    let mut grid = Grid::new(vec![
        Column::new("setting", Align::Left, Fit::Stays),
        Column::new("value", Align::Left, Fit::LosesEnd),
        Column::new("from", Align::Left, Fit::Stays),
    ]);
    for ConfigSetting { key, value, source } in &section.settings {
        let from = source.as_ref().map(|source| from(source, profile));
        let is_own = source.as_ref().is_some_and(|it| it.layer != ConfigLayer::BuiltIn);
        grid.push(vec![
            Cell::plain(clean(key)),
            match value {
                Some(value) if is_own => Cell::new(Ink::Strong, clean(value).into_owned()),
                Some(value) => Cell::plain(clean(value)),
                None => Cell::none(),
            },
            from.map_or_else(Cell::none, |from| Cell::plain(clean(&from))),
        ]);
    }
    grid
}

/// Where a value comes from.
fn from(source: &ConfigSource, profile: Option<&str>) -> String {
    let layer = match source.layer {
        ConfigLayer::BuiltIn => "built-in".to_owned(),
        ConfigLayer::User => "user".to_owned(),
        ConfigLayer::Manifest => "manifest".to_owned(),
        ConfigLayer::Workload => "workload".to_owned(),
        ConfigLayer::Profile => format!("profile {}", profile.unwrap_or_default()),
        ConfigLayer::Flag => "flag".to_owned(),
    };
    match &source.place {
        Some(place) => format!("{layer} {place}"),
        None => layer,
    }
}

/// `tacho config --json`.
#[must_use]
pub fn json(doc: &ConfigDoc) -> String {
    pretty(serde_json::to_string_pretty(doc))
}

#[cfg(test)]
mod tests;
