//! `tacho doctor`: what can be measured, what disturbs and what to do, the ruler, one verdict line.

use tacho_schema::{
    Area, Bytes, Capability, Count, DoctorDoc, Influence, InfluenceState, Nanos, Ruler, Unit,
};

use crate::phrase;
use crate::style::{Ink, Style};
use crate::text::{clean, width, wrap_into};

/// Columns between two parts of a line.
const GAP: usize = 2;

/// On a narrower terminal the text of an entry stands below its name.
const SIDE_BY_SIDE_MIN: usize = 64;

/// How far a text is moved in when it stands below its name.
const BELOW_INDENT: usize = 6;

/// The examination as text.
#[must_use]
pub fn doctor(doc: &DoctorDoc, style: &Style) -> String {
    let mut out = String::new();
    machine_into(&mut out, doc, style);
    capabilities_into(&mut out, &doc.capabilities, style);
    influences_into(&mut out, doc, style);
    ruler_into(&mut out, &doc.ruler, style);
    if let Some(sentence) = phrase::doctor::floor(doc) {
        sentence_into(&mut out, Ink::Plain, &sentence, style);
    }
    out.push('\n');
    if let Some(sentence) = phrase::doctor::missing(doc) {
        sentence_into(&mut out, Ink::Plain, &sentence, style);
    }
    let disturbed = doc.disturbances.iter().any(|it| it.state == InfluenceState::Disturbs);
    let ink = if disturbed { Ink::Caution } else { Ink::Strong };
    sentence_into(&mut out, ink, &phrase::doctor::verdict(doc), style);
    out
}

/// A line of a list: mark, name, figure and text in columns of their own.
struct Entry {
    mark: &'static str,
    ink: Ink,
    name: String,
    figure: String,
    /// Sentences, each on a line of its own.
    texts: Vec<(Ink, String)>,
    /// A line for a shell: never broken, so that it can be copied.
    command: Option<String>,
}

fn machine_into(out: &mut String, doc: &DoctorDoc, style: &Style) {
    let machine = &doc.machine;
    let cores = machine.cpu_cores.map(|cores| phrase::counted(u64::from(cores), "processor"));
    let kernel = machine.kernel.as_ref().map(|release| format!("kernel {release}"));
    let host = machine.hostname.as_ref().map(|name| format!("host {name}"));
    let parts: Vec<String> = [machine.cpu_model.clone(), cores, kernel, host]
        .into_iter()
        .flatten()
        .map(|text| clean(&text).into_owned())
        .collect();
    if !parts.is_empty() {
        sentence_into(out, Ink::Faint, &parts.join(", "), style);
        out.push('\n');
    }
}

fn capabilities_into(out: &mut String, capabilities: &[Capability], style: &Style) {
    title_into(out, "can be measured", style);
    let groups: Vec<(&str, Vec<Entry>)> = AREAS
        .into_iter()
        .map(|(area, title)| {
            let found = capabilities.iter().filter(|it| it.area == area);
            (title, found.map(capability).collect())
        })
        .filter(|(_, entries): &(&str, Vec<Entry>)| !entries.is_empty())
        .collect();
    let widths = Widths::of(groups.iter().flat_map(|(_, entries)| entries));
    for (title, entries) in &groups {
        out.push_str(&style.paint(Ink::Faint, title));
        out.push('\n');
        for entry in entries {
            entry_into(out, entry, &widths, style);
        }
    }
}

/// The areas in the order in which they are read, each with its heading.
const AREAS: [(Area, &str); 5] = [
    (Area::Metric, "metrics of every row"),
    (Area::Condition, "conditions beside a row"),
    (Area::Instrument, "instruments"),
    (Area::Limit, "limits"),
    (Area::Supervision, "supervision"),
];

fn capability(found: &Capability) -> Entry {
    let figure = found.value.zip(found.unit).map(|(value, unit)| match unit {
        Unit::Nanoseconds => Nanos(value).to_string(),
        Unit::Bytes => Bytes(value).to_string(),
        Unit::Count => Count(value).to_string(),
    });
    let ink = if found.available { Ink::Plain } else { Ink::Caution };
    let text = found.reason.as_deref().or(found.detail.as_deref());
    Entry {
        mark: if found.available { "yes" } else { "no" },
        ink,
        name: found.name.trim_start_matches("conditions.").to_owned(),
        figure: figure.unwrap_or_else(|| "-".to_owned()),
        texts: text.map(|text| (Ink::Plain, text.to_owned())).into_iter().collect(),
        command: None,
    }
}

/// What disturbs first, then what nobody can say, then what does not.
fn influences_into(out: &mut String, doc: &DoctorDoc, style: &Style) {
    out.push('\n');
    title_into(out, "disturbs, and what to do", style);
    let mut sorted: Vec<&Influence> = doc.disturbances.iter().collect();
    sorted.sort_by_key(|it| it.state);
    let entries: Vec<Entry> = sorted.into_iter().map(influence).collect();
    entries_into(out, &entries, style);
}

fn influence(found: &Influence) -> Entry {
    let ink = match found.state {
        InfluenceState::Disturbs => Ink::Caution,
        InfluenceState::Unknown => Ink::Plain,
        InfluenceState::Quiet => Ink::Faint,
    };
    let said = [&found.value, &found.reason].into_iter().flatten();
    let mut texts: Vec<_> = said.map(|text| (Ink::Plain, text.clone())).collect();
    texts.extend(found.advice.iter().map(|advice| (Ink::Strong, format!("do: {advice}"))));
    Entry {
        mark: found.state.as_str(),
        ink,
        name: found.name.clone(),
        figure: String::new(),
        texts,
        command: found.command.clone(),
    }
}

fn ruler_into(out: &mut String, ruler: &Ruler, style: &Style) {
    out.push('\n');
    title_into(out, "the ruler", style);
    let entry = |name: &str, nanos: Option<f64>, (known, unknown): (&str, &str)| Entry {
        mark: "",
        ink: Ink::Plain,
        name: name.to_owned(),
        figure: nanos.map_or_else(|| "unknown".to_owned(), |nanos| Nanos(nanos).to_string()),
        texts: vec![(Ink::Plain, if nanos.is_some() { known } else { unknown }.to_owned())],
        command: None,
    };
    let precision = ruler.timer_precision_nanos.map(|step| step as f64);
    let clock = ruler.clocksource.as_deref();
    let clock = clock.map_or("a reading".to_owned(), |name| format!("a reading, from {name}"));
    let nothing = format!("to start and end nothing, by the {} starter", ruler.spawner);
    let none = format!("the {} starter has no program that does nothing", ruler.spawner);
    let entries = [
        entry("timer precision", precision, ("the smallest step seen", "no step was seen")),
        entry("timer cost", Some(ruler.timer_cost_nanos), (&clock, "")),
        entry("spawn floor", ruler.spawn_floor_nanos, (&nothing, &none)),
    ];
    entries_into(out, &entries, style);
}

fn title_into(out: &mut String, title: &str, style: &Style) {
    out.push_str(&style.paint(Ink::Strong, title));
    out.push('\n');
}

/// One sentence on lines of its own.
fn sentence_into(out: &mut String, ink: Ink, text: &str, style: &Style) {
    let mut lines = String::new();
    wrap_into(&mut lines, 0, &style.spell(text.to_owned()), style.width);
    out.push_str(&style.paint(ink, lines.trim_end()));
    out.push('\n');
}

/// How wide the columns of a list are.
#[derive(Default)]
struct Widths {
    mark: usize,
    name: usize,
    figure: usize,
}

impl Widths {
    fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        entries.fold(Self::default(), |widest, entry| Self {
            mark: widest.mark.max(width(entry.mark)),
            name: widest.name.max(width(&entry.name)),
            figure: widest.figure.max(width(&entry.figure)),
        })
    }
}

fn entries_into(out: &mut String, entries: &[Entry], style: &Style) {
    let widths = Widths::of(entries.iter());
    for entry in entries {
        entry_into(out, entry, &widths, style);
    }
}

fn entry_into(out: &mut String, entry: &Entry, widths: &Widths, style: &Style) {
    let cells = [
        (entry.mark, entry.ink, widths.mark, false),
        (entry.name.as_str(), Ink::Plain, widths.name, false),
        (entry.figure.as_str(), Ink::Plain, widths.figure, true),
    ];
    // Blanks are written before what follows them: no line ends with one.
    let (mut blanks, mut indent) = (GAP, GAP);
    for (text, ink, columns, to_the_right) in cells.into_iter().filter(|cell| cell.2 > 0) {
        let text = style.spell(clean(text).into_owned());
        let rest = columns.saturating_sub(width(&text));
        push_blanks(out, if to_the_right { blanks + rest } else { blanks });
        out.push_str(&style.paint(ink, &text));
        blanks = if to_the_right { GAP } else { rest + GAP };
        indent += columns + GAP;
    }
    let beside = style.width.is_none_or(|columns| columns >= SIDE_BY_SIDE_MIN);
    let indent = if beside { indent } else { BELOW_INDENT };
    for (place, (ink, text)) in entry.texts.iter().enumerate() {
        if beside && place == 0 {
            push_blanks(out, blanks);
        } else {
            out.push('\n');
            push_blanks(out, indent);
        }
        let mut lines = String::new();
        wrap_into(&mut lines, indent, &style.spell(clean(text).into_owned()), style.width);
        out.push_str(&style.paint(*ink, lines.trim_end()));
    }
    out.push('\n');
    if let Some(command) = &entry.command {
        push_blanks(out, BELOW_INDENT);
        out.push_str(&style.paint(Ink::Strong, &clean(command)));
        out.push('\n');
    }
}

fn push_blanks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

#[cfg(test)]
mod tests;
