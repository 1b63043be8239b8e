//! Decides which rung of a ladder is tried next; it runs nothing.
//!
//! The caller tries the rung that it is told, and says how far that came. The rungs
//! within the cap are those that are measured on; the first beyond it is the ladder's end.

use tacho_schema::LadderStep;

/// How far a rung's first batch came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// It ended well within the cap.
    Within,
    /// It reached the cap: the designed end of a ladder.
    Cap,
    /// It ended in another way than well.
    Failed,
}

/// The state of one ladder's climbing.
#[derive(Clone, Debug)]
pub struct Climb {
    /// The rungs still to try, the next one last.
    ahead: Vec<u64>,
    /// What lies in the gap below each of the rungs ahead, in the same order: tried once that rung
    /// has reached the cap, or has ended the ladder within it.
    gaps: Vec<Vec<u64>>,
}

impl Climb {
    /// A climb over `params`, which ascend; planned are more of them than are ever tried.
    ///
    /// Doubling, linear and listed ones are tried in their order until the first that is not
    /// [`Reached::Within`]. A bracket is first climbed by doubling; when a rung reaches the cap,
    /// those between the last one within and that one follow, ascending, until one of them reaches
    /// the cap too. Where none reaches it those below the last rung follow likewise: doubling alone
    /// leaves too few for a model that grows fast. A failure ends every climb: what lies between is
    /// no news then.
    #[must_use]
    pub fn new(step: LadderStep, params: &[u64]) -> Self {
        let (mut ahead, mut gaps) = match step {
            LadderStep::Bracket => doublings(params),
            LadderStep::Double | LadderStep::Linear | LadderStep::List => {
                (params.to_vec(), vec![Vec::new(); params.len()])
            }
        };
        ahead.reverse();
        gaps.reverse();
        Self { ahead, gaps }
    }

    /// The parameter to try next; `None` at the end.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        self.ahead.last().copied()
    }

    /// Takes note of how far the batch at `param` came. What is said of another parameter than
    /// [`Climb::next`] changes nothing: its part in the climb is over.
    pub fn record(&mut self, param: u64, reached: Reached) {
        if self.next() != Some(param) {
            return;
        }
        self.ahead.pop();
        let mut gap = self.gaps.pop().unwrap_or_default();
        match reached {
            Reached::Within if !self.ahead.is_empty() => {}
            Reached::Within | Reached::Cap => {
                gap.reverse();
                self.gaps = vec![Vec::new(); gap.len()];
                self.ahead = gap;
            }
            Reached::Failed => {
                self.ahead.clear();
                self.gaps.clear();
            }
        }
    }

    /// The most rungs that may still be tried, whatever they bring.
    #[must_use]
    pub fn tries_max(&self) -> usize {
        let widest = self.gaps.iter().map(Vec::len).max();
        self.ahead.len() + widest.unwrap_or(0)
    }
}

/// The parameters that doubling meets, each at most twice the one before where there is such a one,
/// and those in the gap below each of them.
fn doublings(params: &[u64]) -> (Vec<u64>, Vec<Vec<u64>>) {
    let (mut chain, mut gaps) = (Vec::new(), Vec::new());
    let mut rest = params;
    while let Some((first, above)) = rest.split_first() {
        let reach = chain.last().map_or(*first, |last: &u64| last.saturating_mul(2));
        let farther = above.iter().take_while(|param| **param <= reach).count();
        let (gap, from) = rest.split_at(farther);
        chain.extend(from.first());
        gaps.push(gap.to_vec());
        rest = from.get(1..).unwrap_or_default();
    }
    (chain, gaps)
}

#[cfg(test)]
mod tests;
