//! The rounds: every harness has its turn in each, and what they reported stands side by side.

use std::collections::BTreeMap;
use std::io::Write;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng as _;

use super::contender::{Bench, Contender, Set};
use super::estimate::{Column, Estimate, Readings};
use crate::bench::BenchError;
use crate::bench::program::Account;
use crate::bench::spread::Spread;

/// The turns of a round.
const TURNS: [(Contender, Set); 11] = [
    (Contender::Tacho, Set::Quick),
    (Contender::Tacho, Set::Slow),
    (Contender::Plain, Set::Quick),
    (Contender::Criterion, Set::Quick),
    (Contender::Criterion, Set::Slow),
    (Contender::Divan, Set::Quick),
    (Contender::Divan, Set::Slow),
    (Contender::Bare, Set::Quick),
    (Contender::Bare, Set::Slow),
    (Contender::BareThreaded, Set::Quick),
    (Contender::BareThreaded, Set::Slow),
];

/// What was reported and what it cost, by round.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    readings: Vec<Readings>,
    costs: Vec<BTreeMap<(Contender, Set), Account>>,
}

impl Rounds {
    /// Gives every harness its turn in each of so many rounds.
    ///
    /// # Errors
    /// Only those of printing: a harness that fails is named, and the round goes on without it.
    pub(super) fn measure(
        bench: &Bench<'_>,
        count: u32,
        order: &mut ChaCha8Rng,
        out: &mut dyn Write,
    ) -> Result<Self, BenchError> {
        let mut rounds = Self::default();
        for round in 1..=count {
            let mut readings = Readings::new();
            let mut costs = BTreeMap::new();
            for (contender, set) in shuffled(&TURNS, order) {
                match bench.run(contender, set, set.word()) {
                    Ok((cost, reported)) => {
                        costs.insert((contender, set), cost);
                        readings.extend(reported);
                    }
                    Err(error) => {
                        writeln!(out, "round {round} without {}: {error}", contender.name())?;
                    }
                }
            }
            rounds.readings.push(readings);
            rounds.costs.push(costs);
        }
        Ok(rounds)
    }

    /// Rounds from readings alone.
    #[cfg(test)]
    pub(super) fn of(readings: Vec<Readings>) -> Self {
        Self { readings, costs: Vec::new() }
    }

    /// What a column said of a function, in the rounds in which it did.
    pub(super) fn estimates(&self, function: &str, column: Column) -> Vec<Estimate> {
        let key = (function.to_owned(), column);
        self.readings.iter().filter_map(|readings| readings.get(&key)).copied().collect()
    }

    /// The same without their intervals.
    pub(super) fn centres(&self, function: &str, column: Column) -> Vec<f64> {
        self.estimates(function, column).iter().map(|estimate| estimate.nanos).collect()
    }

    /// The ratio of two columns within each round that has both.
    pub(super) fn ratio(&self, function: &str, one: Column, other: Column) -> Spread {
        ratio(&self.readings, &self.readings, function, (one, other))
    }

    /// Seconds a benchmark of a set, by the account's `figure`.
    pub(super) fn cost(
        &self,
        contender: Contender,
        set: Set,
        figure: fn(&Account) -> f64,
    ) -> Spread {
        let benchmarks = set.functions().len() as f64;
        let costs = self.costs.iter().filter_map(|costs| costs.get(&(contender, set)));
        Spread::new(costs.map(|cost| figure(cost) / 1e9 / benchmarks))
    }
}

/// What `columns.0` says of a function in `ones` over what `columns.1` says in `others`, round by
/// round.
pub(super) fn ratio(
    ones: &[Readings],
    others: &[Readings],
    function: &str,
    columns: (Column, Column),
) -> Spread {
    let [one, other] = [columns.0, columns.1].map(|column| (function.to_owned(), column));
    let pairs = ones.iter().zip(others);
    Spread::new(pairs.filter_map(|(a, b)| Some(a.get(&one)?.nanos / b.get(&other)?.nanos)))
}

/// The same things in an order by lot.
pub(super) fn shuffled<T: Clone>(things: &[T], order: &mut ChaCha8Rng) -> Vec<T> {
    let mut things = things.to_vec();
    for last in (1..things.len()).rev() {
        let at = order.next_u64() % (last as u64 + 1);
        things.swap(last, at as usize);
    }
    things
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn ratios_are_within_a_round_that_has_both() {
        let reading =
            |column, nanos| (("f".to_owned(), column), Estimate { nanos, interval: None });
        let round = |ours: &[f64], theirs: &[f64]| -> Readings {
            let ours = ours.iter().map(|&nanos| reading(Column::Tacho, nanos));
            ours.chain(theirs.iter().map(|&nanos| reading(Column::DivanMedian, nanos))).collect()
        };
        let rounds = Rounds::of(vec![
            round(&[2.0], &[1.0]),
            round(&[9.0], &[]),
            round(&[], &[5.0]),
            round(&[8.0], &[2.0]),
        ]);
        let ratio = rounds.ratio("f", Column::Tacho, Column::DivanMedian);
        assert_eq!(ratio.show(1), "3.0 (2.0–4.0)");
        assert_eq!(rounds.ratio("g", Column::Tacho, Column::DivanMedian).median(), None);
        assert_eq!(rounds.centres("f", Column::Tacho), [2.0, 9.0, 8.0]);
    }

    #[test]
    fn every_turn_comes_once_and_the_seed_decides_when() {
        let order = |seed| {
            let mut order = ChaCha8Rng::seed_from_u64(seed);
            (0..4).map(|_| shuffled(&TURNS, &mut order)).collect::<Vec<_>>()
        };
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
        for mut turns in order(1) {
            turns.sort();
            assert_eq!(turns, TURNS);
        }
    }
}
