//! hyperfine 1's `--export-csv`: one line a command, times in seconds.
//!
//! Fields are quoted as RFC 4180 says: those with a comma, a quote or a line's end. What was not
//! measured is an empty field.

use std::borrow::Cow;
use std::collections::BTreeSet;

use tacho_schema::{Metric, Spread};

use super::Exported;

const COLUMNS: [&str; 8] = ["command", "mean", "stddev", "median", "user", "system", "min", "max"];

/// The lines of points that all have a wall time; each parameter of any of them is a column.
pub(super) fn text(points: &[Exported<'_>]) -> String {
    let names: BTreeSet<&str> = points
        .iter()
        .flat_map(|point| point.parameters.iter().map(|(name, _)| name.as_str()))
        .collect();
    let titles = COLUMNS.iter().map(|title| Cow::Borrowed(*title));
    let titles = titles.chain(names.iter().map(|name| format!("parameter_{name}").into()));
    let mut out = String::new();
    line_into(&mut out, titles);
    for point in points {
        line_into(&mut out, fields(point, &names));
    }
    out
}

fn fields<'a>(point: &Exported<'a>, names: &BTreeSet<&str>) -> Vec<Cow<'a, str>> {
    let wall = point.summary.spread(Metric::Wall);
    let mean_of = |metric| point.summary.spread(metric).map(|spread: &Spread| spread.mean);
    let mut fields: Vec<Cow<'a, str>> = vec![point.summary.label.as_str().into()];
    for nanos in [
        wall.map(|wall| wall.mean),
        wall.and_then(|wall| wall.stddev),
        wall.map(|wall| wall.median),
        mean_of(Metric::User),
        mean_of(Metric::System),
        wall.map(|wall| wall.min),
        wall.map(|wall| wall.max),
    ] {
        fields.push(nanos.map_or("".into(), |nanos| (nanos / 1e9).to_string().into()));
    }
    for name in names {
        let own = point.parameters.iter().find(|(own, _)| own == name);
        fields.push(own.map_or("".into(), |(_, value)| value.as_str().into()));
    }
    fields
}

fn line_into<'a>(out: &mut String, fields: impl IntoIterator<Item = Cow<'a, str>>) {
    for (index, field) in fields.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        if field.contains([',', '"', '\n', '\r']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&field);
        }
    }
    out.push('\n');
}
