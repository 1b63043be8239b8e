//! Figures over rounds: their median and range, and how they read beside a goal.

/// One figure, taken once a round.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Spread(Vec<f64>);

impl Spread {
    /// Sorts the figures; those that are no number are left out.
    pub(super) fn new(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> =
            figures.into_iter().filter(|figure| figure.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        Self(sorted)
    }

    /// The middle, or the mean of the two middle ones; none without figures.
    pub(super) fn median(&self) -> Option<f64> {
        let count = self.0.len();
        Some((self.0.get(count.checked_sub(1)? / 2)? + self.0.get(count / 2)?) / 2.0)
    }

    /// `median (min–max)` with `digits` decimals; a dash without figures.
    pub(super) fn show(&self, digits: usize) -> String {
        match (self.0.first(), self.median(), self.0.last()) {
            (Some(min), Some(median), Some(max)) => {
                format!("{median:.digits$} ({min:.digits$}–{max:.digits$})")
            }
            _ => "–".to_owned(),
        }
    }
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    /// So much or less.
    AtMost(f64),
    /// So much or more.
    AtLeast(f64),
}

impl Goal {
    /// The goal, and whether the median reaches it; `not measured` without figures.
    pub(super) fn judge(self, spread: &Spread, digits: usize) -> String {
        let (sign, bound) = match self {
            Self::AtMost(bound) => ('≤', bound),
            Self::AtLeast(bound) => ('≥', bound),
        };
        let word = match (self, spread.median()) {
            (_, None) => "not measured",
            (Self::AtMost(bound), Some(median)) if median <= bound => "met",
            (Self::AtLeast(bound), Some(median)) if median >= bound => "met",
            _ => "MISSED",
        };
        format!("{sign} {bound:.digits$}: {word}")
    }

    /// `label`, the figure, the goal and the figure's part of the goal: a line of a table.
    pub(super) fn line(goal: Option<Self>, label: &str, spread: &Spread, digits: usize) -> Line {
        let mut line = vec![label.to_owned(), spread.show(digits)];
        if let Some(goal) = goal {
            let (Self::AtMost(bound) | Self::AtLeast(bound)) = goal;
            let part = spread.median().map_or_else(String::new, |it| format!("{:.2}", it / bound));
            line.extend([goal.judge(spread, digits), part]);
        }
        line
    }
}

/// The cells of a line of a table.
pub(super) type Line = Vec<String>;

/// Lines of cells in columns as wide as their widest cell, the first to the left.
pub(super) fn table(lines: &[Line]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .enumerate()
            .map(
                |(at, (cell, &width))| {
                    if at == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
        text.push_str(cells.join("   ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_reads_as_median_and_range() {
        let cases: [(&[f64], &str, &str); 5] = [
            (&[], "–", "≤ 1.20: not measured"),
            (&[f64::NAN], "–", "≤ 1.20: not measured"),
            (&[1.0], "1.00 (1.00–1.00)", "≤ 1.20: met"),
            (&[3.0, 1.0, 1.2], "1.20 (1.00–3.00)", "≤ 1.20: met"),
            (&[3.0, 1.0], "2.00 (1.00–3.00)", "≤ 1.20: MISSED"),
        ];
        for (figures, shown, judged) in cases {
            let spread = Spread::new(figures.iter().copied());
            assert_eq!(spread.show(2), shown);
            assert_eq!(Goal::AtMost(1.2).judge(&spread, 2), judged);
        }
        let low = Spread::new([1.0]);
        assert_eq!(Goal::AtLeast(1.05).judge(&low, 2), "≥ 1.05: MISSED");
        assert_eq!(Goal::AtLeast(1.0).judge(&low, 2), "≥ 1.00: met");
        let line = |goal, spread: &Spread| Goal::line(goal, "a", spread, 1).join("|");
        assert_eq!(line(Some(Goal::AtMost(4.0)), &low), "a|1.0 (1.0–1.0)|≤ 4.0: met|0.25");
        assert_eq!(line(Some(Goal::AtMost(4.0)), &Spread::new([])), "a|–|≤ 4.0: not measured|");
        assert_eq!(line(None, &low), "a|1.0 (1.0–1.0)");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let line = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let shown = table(&[line(["", "µs", "a"]), line(["long", "1", ""])]);
        assert_eq!(shown, "       µs   a\nlong    1\n");
    }
}
