//! Which columns stand beside each other, and how wide: a table fitted to its terminal.
//!
//! Widths only; what the cells say is `grid`'s. A table either hides columns ([`Fit::Goes`]) or
//! continues them in further blocks ([`Fit::Folds`]), not both.

use std::collections::BTreeSet;

/// Blanks between two columns; never fewer, so that they separate fields.
pub(crate) const GAP: usize = 2;
/// A flexible column is not squeezed below so many columns of the terminal.
const FLEXIBLE_MIN: usize = 8;

/// What happens to a column when the terminal is too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It stays as it is, in the first block.
    Stays,
    /// It is left out; the smallest number goes first, equal ones go together. One that says
    /// nothing in any row is there only where all else has the room it wants.
    Goes(u8),
    /// It moves to a further block, which repeats the flexible column; the largest number goes
    /// first, equal ones stay together where a line has room for them.
    Folds(u8),
    /// Its cells lose their middle.
    LosesMiddle,
    /// Its cells lose their end.
    LosesEnd,
}

impl Fit {
    pub(crate) fn is_flexible(self) -> bool {
        matches!(self, Self::LosesMiddle | Self::LosesEnd)
    }
}

/// A column as the layout sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub fit: Fit,
    /// Its widest cell or its title.
    pub width: usize,
    /// Whether it says nothing in any row.
    pub is_empty: bool,
}

impl Extent {
    /// When it is left out, the smallest first; `None` for a column that is not.
    fn order(&self) -> Option<u16> {
        match self.fit {
            Fit::Goes(_) if self.is_empty => Some(ORDER_EMPTY),
            Fit::Goes(order) => Some(u16::from(order) + 1 + ORDER_EMPTY),
            Fit::Stays | Fit::Folds(_) | Fit::LosesMiddle | Fit::LosesEnd => None,
        }
    }
}

/// Columns that say nothing are left out first.
const ORDER_EMPTY: u16 = 0;

/// A column that is shown: its index and how wide it is.
pub(crate) type Shown = (usize, usize);

/// The blocks under each other, each with its columns from left to right; the first has those
/// that matter most, and is the only one where all fit. Without a limit everything does.
pub(crate) fn blocks(columns: &[Extent], limit: Option<usize>) -> Vec<Vec<Shown>> {
    let Some(limit) = limit else {
        return vec![columns.iter().map(|column| column.width).enumerate().collect()];
    };
    let line = Line { columns, limit };
    let blocks = line.folded(&line.kept());
    let flexible = blocks.iter().map(|block| line.flexible_width(block)).min().unwrap_or(0);
    let sized = |index: usize| {
        let Extent { fit, width, .. } = columns[index];
        (index, if fit.is_flexible() { width.min(flexible) } else { width })
    };
    blocks.into_iter().map(|block| block.into_iter().map(sized).collect()).collect()
}

/// Columns to be laid out on lines of bounded width.
struct Line<'a> {
    columns: &'a [Extent],
    limit: usize,
}

impl Line<'_> {
    /// The columns that are not left out: as many of the important ones as there is room for.
    fn kept(&self) -> Vec<usize> {
        let mut hidden: BTreeSet<u16> = self.columns.iter().filter_map(Extent::order).collect();
        for order in hidden.clone().into_iter().rev() {
            hidden.remove(&order);
            // What says nothing takes room from nobody.
            let least = if order == ORDER_EMPTY { usize::MAX } else { self.comfortable() };
            if !self.fits(&self.without(&hidden), least) {
                hidden.insert(order);
            }
        }
        self.without(&hidden)
    }

    fn without(&self, hidden: &BTreeSet<u16>) -> Vec<usize> {
        let is_kept =
            |index: &usize| self.columns[*index].order().is_none_or(|it| !hidden.contains(&it));
        (0..self.columns.len()).filter(is_kept).collect()
    }

    /// `kept` in one block where they fit, else spread over several.
    fn folded(&self, kept: &[usize]) -> Vec<Vec<usize>> {
        let rank = |index: usize| match self.columns[index].fit {
            Fit::Folds(rank) => Some(rank),
            _ => None,
        };
        let ranks: BTreeSet<u8> = kept.iter().filter_map(|index| rank(*index)).collect();
        if ranks.is_empty() || self.fits(kept, self.comfortable()) {
            return vec![kept.to_vec()];
        }
        let mut blocks =
            vec![kept.iter().copied().filter(|index| rank(*index).is_none()).collect()];
        for group in ranks {
            let group: Vec<usize> =
                kept.iter().copied().filter(|index| rank(*index) == Some(group)).collect();
            self.place(&mut blocks, &group);
        }
        // What stands side by side keeps its order, whenever it was placed.
        blocks.iter_mut().for_each(|block| block.sort_unstable());
        blocks
    }

    /// Adds `group` to the last block or a new one, and only piece by piece where it must be.
    fn place(&self, blocks: &mut Vec<Vec<usize>>, group: &[usize]) {
        if self.joins(blocks, group) {
            return;
        }
        let fresh = self.labelled(group);
        if self.fits(&fresh, FLEXIBLE_MIN) {
            blocks.push(fresh);
            return;
        }
        for index in group {
            if !self.joins(blocks, &[*index]) {
                blocks.push(self.labelled(&[*index]));
            }
        }
    }

    /// Adds `group` to the last block if there is room for it.
    fn joins(&self, blocks: &mut [Vec<usize>], group: &[usize]) -> bool {
        let Some(last) = blocks.last_mut() else { return false };
        let both = [last, group].concat();
        let joins = self.fits(&both, self.comfortable());
        if joins {
            *last = both;
        }
        joins
    }

    /// A block of `group` behind the flexible column.
    fn labelled(&self, group: &[usize]) -> Vec<usize> {
        (0..self.columns.len())
            .filter(|index| self.is_flexible(*index))
            .chain(group.iter().copied())
            .collect()
    }

    fn is_flexible(&self, index: usize) -> bool {
        self.columns[index].fit.is_flexible()
    }

    /// How narrow the flexible column may become before others go.
    fn comfortable(&self) -> usize {
        // A label that is cut to less than a third of the line no longer says what it names; a
        // text that only goes on is recognised by its first words.
        let names = self.columns.iter().any(|column| column.fit == Fit::LosesMiddle);
        if names { self.limit / 3 } else { self.limit / 5 }
    }

    /// Whether `block` fits when its flexible column is squeezed to `least`.
    fn fits(&self, block: &[usize], least: usize) -> bool {
        let own = |index: &usize| {
            let width = self.columns[*index].width;
            if self.is_flexible(*index) { width.min(least) } else { width }
        };
        block.iter().map(own).sum::<usize>() + gaps(block) <= self.limit
    }

    /// How wide the flexible column of `block` may be; its own width if there is room.
    fn flexible_width(&self, block: &[usize]) -> usize {
        let width = |index: &usize| self.columns[*index].width;
        let (flexible, rigid): (Vec<usize>, Vec<usize>) =
            block.iter().copied().partition(|index| self.is_flexible(*index));
        let natural = flexible.iter().map(width).max().unwrap_or(usize::MAX);
        let taken = rigid.iter().map(width).sum::<usize>() + gaps(block);
        self.limit.saturating_sub(taken).max(FLEXIBLE_MIN).min(natural)
    }
}

/// Columns of the terminal between those of `block`.
fn gaps(block: &[usize]) -> usize {
    GAP * block.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(columns: &[(Fit, usize)], limit: Option<usize>, expected: &[&[Shown]]) {
        // A width of 0 stands for a column that says nothing.
        let extent = |&(fit, width): &(Fit, usize)| Extent {
            fit,
            width: width.max(4),
            is_empty: width == 0,
        };
        let columns: Vec<Extent> = columns.iter().map(extent).collect();
        assert_eq!(blocks(&columns, limit), expected, "{limit:?}");
    }

    #[test]
    fn columns_fold() {
        use Fit::{Folds, LosesMiddle, Stays};
        let points = [
            (LosesMiddle, 30),
            (Stays, 8),
            (Folds(2), 10),
            (Folds(2), 10),
            (Folds(1), 4),
            (Folds(0), 9),
        ];
        let all = |label| [(0, label), (1, 8), (2, 10), (3, 10), (4, 4), (5, 9)];
        check(&points, None, &[&all(30)]);
        check(&points, Some(81), &[&all(30)]);
        // The label gives way first, down to a third of the line.
        check(&points, Some(80), &[&all(29)]);
        check(&points, Some(76), &[&all(25)]);
        check(
            &points,
            Some(74),
            &[&[(0, 30), (1, 8), (4, 4), (5, 9)], &[(0, 30), (2, 10), (3, 10)]],
        );
        check(
            &points,
            Some(54),
            &[&[(0, 27), (1, 8), (4, 4), (5, 9)], &[(0, 27), (2, 10), (3, 10)]],
        );
        // A group stays together at the label's cost, and is torn where even that is not enough.
        check(
            &points,
            Some(32),
            &[&[(0, 8), (1, 8), (5, 9)], &[(0, 8), (4, 4)], &[(0, 8), (2, 10), (3, 10)]],
        );
        check(
            &points,
            Some(0),
            &[
                &[(0, 8), (1, 8)],
                &[(0, 8), (5, 9)],
                &[(0, 8), (4, 4)],
                &[(0, 8), (2, 10)],
                &[(0, 8), (3, 10)],
            ],
        );
    }

    #[test]
    fn columns_go() {
        use Fit::{Goes, LosesEnd, Stays};
        let captures = [(Stays, 10), (Goes(1), 6), (Goes(0), 6), (Goes(2), 0), (LosesEnd, 40)];
        check(&captures, Some(80), &[&[(0, 10), (1, 6), (2, 6), (3, 4), (4, 40)]]);
        check(&captures, Some(41), &[&[(0, 10), (1, 6), (2, 6), (4, 13)]]);
        check(&captures, Some(32), &[&[(0, 10), (1, 6), (4, 12)]]);
        check(&captures, Some(20), &[&[(0, 10), (4, 8)]]);
    }
}
