//! Those that start programs, and what each says and costs for so many runs of one program.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::BenchError;
use super::hyperfine::Hyperfine;
use super::program::{Account, Programs, account, number};
use super::spread::Spread;

/// The measured program, in the bench's folder.
pub(super) const NOTHING: &str = "./nothing";

/// Something that starts a program again and again and times it.
#[derive(Debug)]
pub(super) enum Starter {
    /// The bare loop in C.
    Floor,
    /// The spawner of `tacho` alone, driven by a process that holds so many MiB.
    Ballast(u32),
    /// `tacho` or a peer.
    Tool(Tool),
}

/// A command line that measures commands and exports hyperfine's JSON.
#[derive(Clone, Debug)]
pub(super) struct Tool {
    /// Its name in tables.
    pub(super) name: String,
    program: PathBuf,
    /// Words between the program and the flags that all share.
    first: &'static [&'static str],
}

impl Tool {
    /// The release build, without a manifest and with its history in memory.
    pub(super) fn tacho(programs: &Programs) -> Self {
        let first = &["run", "-x", "--store", "memory:"];
        Self { name: "tacho".to_owned(), program: programs.tacho.clone(), first }
    }

    /// The peer.
    pub(super) fn hyperfine(found: Hyperfine) -> Self {
        Self { name: format!("hyperfine {}", found.version), program: found.path, first: &[] }
    }
}

/// What a starter says and costs for a number of runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    /// How many runs.
    pub(super) runs: f64,
    /// Median wall time of a run as the starter says it, nanoseconds.
    pub(super) median_nanos: f64,
    /// CPU time of all runs together as the starter says it, nanoseconds.
    pub(super) runs_cpu_nanos: f64,
    /// What the whole command cost, its descendants included.
    pub(super) account: Account,
    /// The starter's own CPU time as it read it itself, nanoseconds, where it does.
    pub(super) self_cpu_nanos: Option<f64>,
}

impl Reading {
    /// CPU time that went into starting, waiting and keeping books: all but the measured runs'.
    pub(super) fn own_nanos(&self) -> f64 {
        self.account.cpu_nanos - self.runs_cpu_nanos
    }

    /// `figure` of one further run: the slope from `fewer` runs to these, so that what a starter
    /// does once is in neither.
    pub(super) fn further(&self, fewer: &Self, figure: fn(&Self) -> f64) -> f64 {
        (figure(self) - figure(fewer)) / (self.runs - fewer.runs)
    }
}

impl Starter {
    /// Its name in tables.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Floor => "bare loop".to_owned(),
            Self::Ballast(mib) => format!("holding {mib} MiB"),
            Self::Tool(tool) => tool.name.clone(),
        }
    }

    /// Lets it run a program that does nothing so often.
    ///
    /// # Errors
    /// Its failure, and an answer that is not as documented.
    pub(super) fn read(&self, programs: &Programs, runs: u32) -> Result<Reading, BenchError> {
        let count = runs.to_string();
        match self {
            Self::Floor => read_lines(programs, &["./floor", NOTHING, &count], runs),
            Self::Ballast(mib) => {
                let driver = programs.driver("ballast");
                let driver = driver.to_string_lossy();
                let words = [driver.as_ref(), &mib.to_string(), &count, NOTHING];
                read_lines(programs, &words, runs)
            }
            Self::Tool(tool) => tool.read(programs, runs),
        }
    }
}

impl Tool {
    fn read(&self, programs: &Programs, runs: u32) -> Result<Reading, BenchError> {
        let (account, document, path) = self.export(programs, &[NOTHING], runs)?;
        let result = &document["results"][0];
        let figure = |key: &str| result[key].as_f64().ok_or_else(|| format(&path, key));
        let run_cpu_seconds = figure("user")? + figure("system")?;
        Ok(Reading {
            runs: f64::from(runs),
            median_nanos: figure("median")? * 1e9,
            runs_cpu_nanos: run_cpu_seconds * 1e9 * f64::from(runs),
            account,
            self_cpu_nanos: None,
        })
    }

    /// The median peak memory in KiB that it says of each command.
    ///
    /// # Errors
    /// Its failure, and an answer that is not as documented.
    pub(super) fn peaks(
        &self,
        programs: &Programs,
        commands: &[&str],
        runs: u32,
    ) -> Result<Vec<Spread>, BenchError> {
        let (_, document, path) = self.export(programs, commands, runs)?;
        let peaks = |index: usize| {
            let result = document["results"].get(index).ok_or_else(|| format(&path, "results"))?;
            // Left out where the kernel counted no page of a tiny program.
            let bytes = result["memory_usage_byte"].as_array().map_or(&[][..], Vec::as_slice);
            Ok(Spread::new(bytes.iter().filter_map(Value::as_f64).map(|peak| peak / 1024.0)))
        };
        (0..commands.len()).map(peaks).collect()
    }

    /// Runs the commands and reads the exported document.
    fn export(
        &self,
        programs: &Programs,
        commands: &[&str],
        runs: u32,
    ) -> Result<(Account, Value, PathBuf), BenchError> {
        let runs = runs.to_string();
        let path = programs.path("export.json");
        let flags = ["-N", "-r", &runs, "--export-json", "export.json"];
        let program = self.program.to_string_lossy();
        let words = [&[program.as_ref()], self.first, &flags, commands].concat();
        let (account, _) = account(programs, &words)?;
        let bytes = std::fs::read(&path).map_err(|source| BenchError::File {
            verb: "read",
            path: path.clone(),
            source,
        })?;
        let document = serde_json::from_slice(&bytes).map_err(|_| format(&path, "results"))?;
        Ok((account, document, path))
    }
}

/// A starter that prints its median, its own CPU time and that of the runs as lines.
fn read_lines(programs: &Programs, words: &[&str], runs: u32) -> Result<Reading, BenchError> {
    let (account, printed) = account(programs, words)?;
    let text = String::from_utf8_lossy(&printed);
    let figure = |key| number(&text, key, Path::new(words[0]));
    Ok(Reading {
        runs: f64::from(runs),
        median_nanos: figure("median")?,
        runs_cpu_nanos: figure("runs")?,
        account,
        self_cpu_nanos: figure("own").ok(),
    })
}

fn format(path: &Path, key: &str) -> BenchError {
    BenchError::Format { key: key.to_owned(), path: path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(runs: f64, cpu: f64, of_runs: f64) -> Reading {
        let account = Account { wall_nanos: 10.0 * cpu, cpu_nanos: cpu };
        Reading { runs, median_nanos: 1.0, runs_cpu_nanos: of_runs, account, self_cpu_nanos: None }
    }

    #[test]
    fn what_is_done_once_is_not_in_a_further_run() {
        let (once, per_run, of_run) = (5000.0, 60.0, 100.0);
        let at = |runs: f64| reading(runs, once + runs * (per_run + of_run), runs * of_run);
        assert_eq!(at(100.0).own_nanos(), once + 100.0 * per_run);
        assert_eq!(at(400.0).further(&at(100.0), Reading::own_nanos), per_run);
    }
}
