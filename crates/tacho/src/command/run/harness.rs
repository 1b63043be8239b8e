//! Harnesses asked for their workloads: a program, or the bench targets of a Cargo project.

use std::path::{Path, PathBuf};

use tacho_measure::listing::{LIST_BYTES_MAX, LIST_TIME_MAX, ListError, Question};
use tacho_measure::program::Surroundings;
use tacho_measure::signals::Signals;
use tacho_plan::{HarnessSource, Listing, lists_workloads};

use super::cargo::{self, BenchTarget};
use super::outside::{Trouble, answer};

/// So many bench targets are named of which none can be measured.
const NAMED_MAX: usize = 10;

/// How programs are asked.
pub(super) struct Asking<'a> {
    /// The manifest's folder.
    pub(super) base: &'a Path,
    /// The variables that they get.
    pub(super) surroundings: &'a Surroundings,
    /// What ends us meanwhile.
    pub(super) signals: Option<&'a Signals>,
}

impl Asking<'_> {
    /// What the programs of `source` list. Bench targets of a Cargo project that speak another
    /// language are told in `notes`.
    ///
    /// # Errors
    /// The program cannot be asked; cargo cannot build; no bench target lists anything.
    pub(super) fn listings(
        &self,
        source: &HarnessSource,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Listing>, Trouble> {
        match source {
            HarnessSource::Program { argv, text, dir } => {
                let printed = self.ask(argv, &self.base.join(dir))?;
                let fault = |error| Trouble::Fault(format!("`{text} _list` {error}"));
                let printed = printed.map_err(fault)?;
                let (argv, dir, name) = (argv.clone(), dir.clone(), text.clone());
                Ok(vec![Listing { argv, dir, name, text: printed }])
            }
            HarnessSource::Cargo(target) => {
                let built = cargo::build(self.base, target.as_deref(), self.signals);
                let built = built.map_err(Trouble::Failure)?;
                self.of_targets(&built, notes)
            }
        }
    }

    fn of_targets(
        &self,
        targets: &[BenchTarget],
        notes: &mut Vec<String>,
    ) -> Result<Vec<Listing>, Trouble> {
        let (mut listings, mut silent) = (Vec::with_capacity(targets.len()), Vec::new());
        for target in targets {
            let argv = vec![self.short(&target.executable)];
            let dir = self.short(&target.package);
            let name = format!("bench target {}", target.name);
            match self.ask(&[target.executable.display().to_string()], &target.package)? {
                Ok(text) if lists_workloads(&text) => {
                    listings.push(Listing { argv, dir, name, text });
                }
                Ok(_) => silent.push(format!(
                    "{name} is not measured: it is not written with tacho-bench, nor does it \
                     speak its wire contract"
                )),
                Err(error) => silent.push(format!("{name} is not measured: `_list` {error}")),
            }
        }
        if listings.is_empty() {
            let more = silent.len().saturating_sub(NAMED_MAX);
            silent.truncate(NAMED_MAX);
            silent.extend((more > 0).then(|| format!("and {more} more")));
            return Err(Trouble::Fault(silent.join("; ")));
        }
        notes.extend(silent);
        Ok(listings)
    }

    fn ask(&self, argv: &[String], dir: &Path) -> Result<Result<String, ListError>, Trouble> {
        let argv = [argv, &["_list".to_owned()]].concat();
        let (bytes_max, time_max) = (LIST_BYTES_MAX, LIST_TIME_MAX);
        let surroundings = self.surroundings;
        answer(&Question { argv: &argv, dir, surroundings, bytes_max, time_max }, self.signals)
    }

    /// A path relative to the manifest's folder, where it lies in it.
    fn short(&self, path: &Path) -> String {
        let base = self.base.canonicalize().unwrap_or_else(|_| self.base.to_owned());
        let below = path.strip_prefix(&base).map(|below| {
            if below.as_os_str().is_empty() { PathBuf::from(".") } else { below.to_owned() }
        });
        below.unwrap_or_else(|_| path.to_owned()).display().to_string()
    }
}
