//! What the harnesses report beside a busy neighbour, over what they report without one.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::contender::{Bench, Contender, Set};
use super::estimate::{Column, Readings};
use super::rounds::{ratio, shuffled};
use super::tables::{show_nanos, within};
use crate::bench::BenchError;
use crate::bench::program::{Programs, compile};
use crate::bench::spread::{Line, Spread, table};

/// The function that is measured: nothing but arithmetic.
const FUNCTION: &str = "compute_55us";

/// How far from its quiet value it may read.
const DISTANCE: f64 = 0.02;

/// How long the neighbour runs before anything is measured.
const LEAD: Duration = Duration::from_millis(100);

/// How long a part-time neighbour works, and then rests.
const TURN_MICROS: &str = "5000";

/// What runs beside the harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Neighbour {
    Nothing,
    /// A process on each processor that works half of the time.
    HalfOfEach,
    /// A process that works all of the time, where the kernel puts it.
    WholeOne,
}

impl Neighbour {
    const ALL: [Self; 3] = [Self::Nothing, Self::HalfOfEach, Self::WholeOne];

    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nobody: time of a call",
            Self::HalfOfEach => "5 ms of every 10 on each processor",
            Self::WholeOne => "one process that never rests",
        }
    }

    /// Starts it.
    fn start(self, programs: &Programs) -> Result<Burners, BenchError> {
        let mut burners = Burners(Vec::new());
        let places: Vec<[String; 3]> = match self {
            Self::Nothing => Vec::new(),
            Self::HalfOfEach => (0..std::thread::available_parallelism()?.get())
                .map(|cpu| [cpu.to_string(), TURN_MICROS.to_owned(), TURN_MICROS.to_owned()])
                .collect(),
            Self::WholeOne => vec![["-1", TURN_MICROS, "0"].map(str::to_owned)],
        };
        for words in places {
            let mut burner = Command::new(programs.path("burner"));
            burners.0.push(burner.args(words).stdin(Stdio::null()).spawn()?);
        }
        std::thread::sleep(LEAD);
        burners.check()?;
        Ok(burners)
    }
}

/// Running neighbours; they end with it.
struct Burners(Vec<Child>);

impl Burners {
    fn check(&mut self) -> Result<(), BenchError> {
        for burner in &mut self.0 {
            if let Some(status) = burner.try_wait()? {
                return Err(BenchError::Scene(format!("a neighbour ended with {status}")));
            }
        }
        Ok(())
    }
}

impl Drop for Burners {
    fn drop(&mut self) {
        for burner in &mut self.0 {
            // One that is gone already has nothing left to end.
            let _ = burner.kill();
            let _ = burner.wait();
        }
    }
}

/// Measures one function with each neighbour in every round, in shuffled order, and prints ratios.
///
/// # Errors
/// [`BenchError`]: a neighbour does not run, or the terminal is gone.
pub(super) fn run(
    bench: &Bench<'_>,
    count: u32,
    order: &mut ChaCha8Rng,
    out: &mut dyn Write,
) -> Result<(), BenchError> {
    let recipe = ("burner", include_str!("burner.c"), &[][..]);
    compile(&bench.programs.folder, recipe)?;
    let contenders = [Contender::Tacho, Contender::Criterion, Contender::Divan];
    let turns: Vec<(Neighbour, Contender)> = Neighbour::ALL
        .into_iter()
        .flat_map(|neighbour| contenders.map(|contender| (neighbour, contender)))
        .collect();
    let mut readings: [Vec<Readings>; 3] = Default::default();
    for round in 1..=count {
        let mut round_readings: [Readings; 3] = Default::default();
        for (neighbour, contender) in shuffled(&turns, order) {
            let mut burners = neighbour.start(bench.programs)?;
            let turn = bench.run(contender, Set::Quick, FUNCTION);
            burners.check()?;
            match turn {
                Ok((_, reported)) => round_readings[neighbour as usize].extend(reported),
                Err(error) => {
                    writeln!(out, "round {round} without {}: {error}", contender.name())?;
                }
            }
        }
        for (all, round) in readings.iter_mut().zip(round_readings) {
            all.push(round);
        }
    }
    write!(out, "\n{}", show(&readings))?;
    Ok(())
}

fn show(readings: &[Vec<Readings>; 3]) -> String {
    let columns = [
        Column::Tacho,
        Column::CriterionMedian,
        Column::CriterionTypical,
        Column::DivanMedian,
        Column::DivanMean,
    ];
    let [quiet, beside @ ..] = readings;
    let mut lines: Vec<Line> = vec![vec![format!("{FUNCTION} beside")]];
    lines[0].extend(columns.map(|column| column.name().to_owned()));
    lines[0].push("goal for tacho".to_owned());
    let time = |column| {
        let key = (FUNCTION.to_owned(), column);
        let nanos = quiet.iter().filter_map(|readings| Some(readings.get(&key)?.nanos));
        Spread::new(nanos).median().map_or_else(|| "–".to_owned(), show_nanos)
    };
    let mut line = vec![Neighbour::Nothing.name().to_owned()];
    line.extend(columns.map(time));
    lines.push(line);
    for (neighbour, beside) in Neighbour::ALL.into_iter().skip(1).zip(beside) {
        let over_quiet = |column| ratio(beside, quiet, FUNCTION, (column, column));
        let mut line = vec![neighbour.name().to_owned()];
        line.extend(columns.map(|column| over_quiet(column).show(3)));
        line.push(within(&over_quiet(Column::Tacho), DISTANCE));
        lines.push(line);
    }
    table(&lines)
}

#[cfg(test)]
mod tests {
    use super::super::estimate::Estimate;
    use super::super::tables::tests::squeezed;
    use super::*;

    #[test]
    fn ratios_are_over_the_quiet_value_of_the_same_round() {
        let rounds = |nanos: [f64; 2]| {
            nanos.map(|nanos| {
                let estimate = Estimate { nanos, interval: None };
                Readings::from([((FUNCTION.to_owned(), Column::Tacho), estimate)])
            })
        };
        let readings = [[50_000.0, 60_000.0], [50_500.0, 60_600.0], [75_000.0, 90_000.0]];
        let text = show(&readings.map(|nanos| rounds(nanos).to_vec()));
        let shown = squeezed(&text);
        assert_eq!(
            shown[1..],
            [
                "nobody: time of a call 55.000 µs – – – –",
                "5 ms of every 10 on each processor 1.010 (1.010–1.010) – – – – within 2 %: met",
                "one process that never rests 1.500 (1.500–1.500) – – – – within 2 %: MISSED",
            ]
        );
    }
}
