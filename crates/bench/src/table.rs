//! The tree on the terminal: branches, and numbers in columns, in 80 columns altogether.

use std::io::{self, Write};

use crate::style::{self, Style, Tint};
use crate::summary::Summary;
use crate::{Params, Throughput, Workload};

/// So wide is everything that is printed.
const WIDTH: usize = 80;

/// The narrowest column of names: longer ones stand on a line of their own.
const NAME_WIDTH_MIN: usize = 15;

/// The narrowest text beside a name: where there is less room it goes below.
const TEXT_WIDTH_MIN: usize = 32;

/// Widths of a time and of what else a point has, with two spaces before each.
const TIME_WIDTH: usize = 10;
const RATIO_WIDTH: usize = 9;
const C_WIDTH: usize = 12;
const RATE_WIDTH: usize = 14;

/// A workload, or several whose names begin alike.
pub(crate) struct Node<'a> {
    /// The part of the name that it stands for.
    pub(crate) label: &'a str,
    /// The workload of just this name.
    pub(crate) workload: Option<&'a Workload>,
    /// Those with more behind it.
    pub(crate) nodes: Vec<Node<'a>>,
}

/// Arranges workloads by the parts of their names, each where the first of its branch stands.
pub(crate) fn arrange<'a>(workloads: &[&'a Workload]) -> Vec<Node<'a>> {
    let mut roots = Vec::new();
    for workload in workloads {
        let mut nodes = &mut roots;
        let mut parts = workload.name.split('/').peekable();
        while let Some(part) = parts.next() {
            let node = branch(nodes, part, parts.peek().is_none());
            if parts.peek().is_none() {
                node.workload = Some(workload);
            }
            nodes = &mut node.nodes;
        }
    }
    roots
}

/// The node called `label`; a new one where two workloads have the same name.
fn branch<'n, 'a>(nodes: &'n mut Vec<Node<'a>>, label: &'a str, ends: bool) -> &'n mut Node<'a> {
    let fits = |node: &Node<'_>| node.label == label && !(ends && node.workload.is_some());
    let at = nodes.iter().position(fits).unwrap_or_else(|| {
        nodes.push(Node { label, workload: None, nodes: Vec::new() });
        nodes.len() - 1
    });
    &mut nodes[at]
}

/// How wide the columns are that are not always the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The names, with the lines of the tree before them.
    names: usize,
    /// What stands behind the times.
    behind: usize,
}

impl Layout {
    /// For these workloads; `title` stands above their names.
    pub(crate) fn of(workloads: &[&Workload], title: &str) -> Self {
        let behind = workloads.iter().map(|it| width_behind(it, workloads)).max().unwrap_or(0);
        let longest = workloads.iter().map(|it| longest_line(it)).chain([chars(title)]).max();
        let room = WIDTH - 3 * TIME_WIDTH - behind;
        Self { names: longest.unwrap_or(0).clamp(NAME_WIDTH_MIN, room), behind }
    }
}

/// How much a workload has to say behind its times.
fn width_behind(workload: &Workload, all: &[&Workload]) -> usize {
    let same = |other: &&&Workload| other.variant_of == workload.variant_of;
    let has = [
        (RATIO_WIDTH, workload.variant_of.is_some() && all.iter().filter(same).count() > 1),
        (C_WIDTH, workload.complexity.is_some() && workload.params != Params::Fixed),
        (RATE_WIDTH, workload.throughput.is_some()),
    ];
    has.into_iter().filter(|(_, has)| *has).map(|(width, _)| width).sum()
}

/// The longest name in the lines of a workload, with what stands before it.
fn longest_line(workload: &Workload) -> usize {
    let depth = workload.name.split('/').count();
    let parts = workload.name.split('/').enumerate();
    let own = parts.map(|(level, part)| 3 * (level + 1) + chars(part)).max().unwrap_or(0);
    let threads = workload.threads.iter().map(|it| chars(&threads_label(*it))).max();
    let below = 3 * (depth + usize::from(threads.is_some()));
    let rung = workload.rungs().last().map_or(0, |high| below + 3 + chars(&high.to_string()));
    own.max(threads.map_or(0, |threads| below + threads)).max(rung)
}

/// The name of a branch for so many threads.
pub(crate) fn threads_label(threads: u32) -> String {
    if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") }
}

/// The numbers of one point.
pub(crate) struct Cells<'a> {
    /// What its children say.
    pub(crate) summary: &'a Summary,
    /// Times of the group's first.
    pub(crate) ratio: Option<f64>,
    /// Time over the model.
    pub(crate) c: Option<f64>,
    /// What a call works through.
    pub(crate) throughput: Option<&'a Throughput>,
}

/// Where a line stands: for each level whether it is the last of its branch.
pub(crate) type Trunk<'t> = &'t [bool];

/// Prints lines of the tree as they come.
pub(crate) struct Table<W> {
    out: W,
    style: Style,
    layout: Layout,
}

impl<W: Write> Table<W> {
    /// On `out`.
    pub(crate) fn new(out: W, style: Style, layout: Layout) -> Self {
        Self { out, style, layout }
    }

    /// The first line: whose tree it is, and what the columns are.
    pub(crate) fn head(&mut self, title: &str) -> io::Result<()> {
        let mut line = self.style.tinted(&fill(title, self.layout.names), Tint::Strong);
        for name in ["median", "min", "max"] {
            line.push_str(&self.style.tinted(&format!("{name:>TIME_WIDTH$}"), Tint::Faint));
        }
        self.put(&line)
    }

    /// A branch, and what is to be said of all that is on it.
    pub(crate) fn branch(&mut self, trunk: Trunk<'_>, label: &str, said: &str) -> io::Result<()> {
        let label = self.style.tinted(label, Tint::Strong);
        let said = self.style.tinted(&format!("  {said}"), Tint::Faint);
        self.put(&format!("{}{label}{said}", self.before(trunk)))
    }

    /// A point with its numbers.
    pub(crate) fn point(
        &mut self,
        trunk: Trunk<'_>,
        label: &str,
        cells: &Cells<'_>,
    ) -> io::Result<()> {
        let mut line = self.named(trunk, label)?;
        let time = |nanos| format!("{:>TIME_WIDTH$}", style::time(nanos));
        let summary = cells.summary;
        line.push_str(&self.style.tinted(&time(summary.median_nanos), Tint::Strong));
        line.push_str(&self.style.tinted(&time(summary.min_nanos), Tint::Plain));
        line.push_str(&self.style.tinted(&time(summary.max_nanos), Tint::Plain));
        let behind = format!("{:>width$}", behind(cells), width = self.layout.behind);
        line.push_str(&self.style.tinted(&behind, Tint::Plain));
        self.put(&line)
    }

    /// A point or workload without numbers, and why.
    pub(crate) fn failed(&mut self, trunk: Trunk<'_>, label: &str, why: &str) -> io::Result<()> {
        self.told(trunk, label, why, Tint::Bad)
    }

    /// The end of a ladder, and why it is there.
    pub(crate) fn end(&mut self, trunk: Trunk<'_>, label: &str, why: &str) -> io::Result<()> {
        self.told(trunk, label, why, Tint::Faint)
    }

    /// More of the point above it.
    pub(crate) fn detail(&mut self, trunk: Trunk<'_>, said: &str) -> io::Result<()> {
        let column = 3 * trunk.len() + 2;
        let below = self.below(trunk, column);
        let mut parts = wrapped(said, WIDTH.saturating_sub(column).max(TEXT_WIDTH_MIN)).into_iter();
        parts.try_for_each(|part| {
            self.put(&(below.clone() + &self.style.tinted(&part, Tint::Faint)))
        })
    }

    /// Text outside the tree, on lines of its own.
    pub(crate) fn say(&mut self, text: &str) -> io::Result<()> {
        let mut lines = wrapped(text, WIDTH).into_iter();
        lines.try_for_each(|line| self.put(&self.style.tinted(&line, Tint::Plain)))
    }

    /// A name, and text behind it in as many lines as it needs.
    fn told(&mut self, trunk: Trunk<'_>, label: &str, why: &str, tint: Tint) -> io::Result<()> {
        let start = (self.layout.names + 2).min(WIDTH - TEXT_WIDTH_MIN);
        let used = 3 * trunk.len() + chars(label);
        let mut parts = wrapped(why, WIDTH - start).into_iter();
        let mut line = self.before(trunk) + &self.style.tinted(label, Tint::Plain);
        if used + 2 <= start {
            line.push_str(&" ".repeat(start - used));
            line.push_str(&self.style.tinted(&parts.next().unwrap_or_default(), tint));
        }
        self.put(&line)?;
        let below = self.below(trunk, start);
        parts.try_for_each(|part| self.put(&format!("{below}{}", self.style.tinted(&part, tint))))
    }

    /// The beginning of a line up to its numbers; a name that is too long is printed before it.
    fn named(&mut self, trunk: Trunk<'_>, label: &str) -> io::Result<String> {
        let before = self.before(trunk);
        let room = self.layout.names.saturating_sub(3 * trunk.len());
        let shown = self.style.tinted(&fill(label, room), Tint::Plain);
        if chars(label) <= room {
            return Ok(before + &shown);
        }
        self.put(&(before + &shown))?;
        Ok(self.below(trunk, self.layout.names))
    }

    /// The lines of the tree before a name.
    fn before(&self, trunk: Trunk<'_>) -> String {
        let Some((last, above)) = trunk.split_last() else { return String::new() };
        let own = if *last { "╰─ " } else { "├─ " };
        self.lines(above, own)
    }

    /// The lines of the tree below a name, up to a column.
    fn below(&self, trunk: Trunk<'_>, column: usize) -> String {
        self.lines(trunk, "") + &" ".repeat(column.saturating_sub(3 * trunk.len()))
    }

    fn lines(&self, trunk: Trunk<'_>, own: &str) -> String {
        let above: String = trunk.iter().map(|last| if *last { "   " } else { "│  " }).collect();
        self.style.tinted(&(above + own), Tint::Faint)
    }

    fn put(&mut self, line: &str) -> io::Result<()> {
        self.out.write_all(format!("{}\n", line.trim_end()).as_bytes())
    }
}

/// What stands behind the times of a point.
fn behind(cells: &Cells<'_>) -> String {
    let rate = cells.summary.throughput.zip(cells.throughput).map(|(rate, what)| match what {
        Throughput::Bytes(_) => style::bytes_rate(rate),
        Throughput::Elements(_) => style::elements_rate(rate),
    });
    let c = cells.c.map(|c| format!("C {}", style::coefficient(c)));
    let all = [(cells.ratio.map(style::ratio), RATIO_WIDTH), (c, C_WIDTH), (rate, RATE_WIDTH)];
    all.into_iter().filter_map(|(text, width)| Some(format!("{:>width$}", text?))).collect()
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

fn fill(text: &str, width: usize) -> String {
    format!("{text:<width$}")
}

/// The text in lines of at most `width` characters, broken between words where that is possible.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut push = |word: &str| {
        let line = lines.last_mut().expect("there is a line from the beginning");
        if line.is_empty() {
            line.push_str(word);
        } else if chars(line) + 1 + chars(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    };
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        letters.chunks(width.max(1)).for_each(|part| push(&part.iter().collect::<String>()));
    }
    lines
}

#[cfg(test)]
mod tests;
