//! The manifest: its bytes to workloads and settings, and everything that is wrong with them.

mod read;

use std::collections::HashMap;
use std::sync::LazyLock;

use camino::Utf8Path;
use tacho_schema::{PlanDoc, Point};
use toml::de::{DeTable, DeValue};

use crate::expand::{self, Job, NameRule, Workload};
use crate::flags::Flags;
use crate::layer::{Layer, Set, Settings};
use crate::problem::{At, Fault, Problems};
use crate::setting::dir;
use crate::unused::{self, UnusedParam};
use read::Reader;

/// The largest manifest in bytes: 4 MiB.
pub const MANIFEST_BYTES_MAX: usize = 4 << 20;

/// A manifest that was read and found to be right by itself.
#[derive(Debug)]
pub struct Manifest {
    project: Option<String>,
    workloads: Vec<Workload>,
    /// `[defaults]` over the built-in ones.
    settings: Settings,
    whole: Whole,
    /// How many levels the manifest's folder lies below the project's root.
    levels: usize,
}

/// A setting that is a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKey {
    /// `dir`.
    Dir,
    /// `stdin`.
    Stdin,
}

impl PathKey {
    /// The key as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::Stdin => "stdin",
        }
    }
}

/// What holds for a whole run and not for one workload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whole {
    pub(crate) max_points: Option<Set<u64>>,
    pub(crate) total_nanos: Option<Set<u64>>,
    pub(crate) seed: Option<Set<u64>>,
}

/// The built-in value of every setting that has one.
pub(crate) static BUILT_IN: LazyLock<(Settings, Whole)> = LazyLock::new(|| {
    let mut reader = Reader::new("defaults.toml", include_str!("defaults.toml"));
    let (mut settings, mut whole) = (Settings::default(), Whole::default());
    let document = DeTable::parse(include_str!("defaults.toml"))
        .expect("the embedded defaults are TOML, which their test holds")
        .into_inner();
    if let Some(DeValue::Table(table)) = document.get("defaults").map(toml::Spanned::get_ref) {
        reader.defaults(table, Layer::BuiltIn, &mut settings, &mut whole);
    }
    (settings, whole)
});

/// Reads a manifest.
///
/// `path` names it in messages. `dir_in_project` is the path of its folder relative to the
/// project's root (empty for the root itself): `dir` and `stdin` may go up so far and no further.
///
/// # Errors
/// Everything that is wrong with it, with places: bytes that are no text or no TOML, unknown
/// keys, values that a setting does not take, and workloads that contradict themselves.
pub fn parse(path: &str, bytes: &[u8], dir_in_project: &Utf8Path) -> Result<Manifest, Problems> {
    let text = decode(path, bytes)?;
    let mut reader = Reader::new(path, text);
    let (document, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        let at = reader.at(&fault.span().unwrap_or(0..0));
        reader.problems.push(at, Fault::Syntax(fault.message().replace('\n', ", ")));
    }
    // What a broken text was repaired to is not what was meant: nothing more is said about it.
    let mut problems = std::mem::take(&mut reader.problems);
    if !problems.is_empty() {
        return problems.or_err();
    }
    let mut manifest = Manifest {
        project: None,
        workloads: Vec::new(),
        settings: BUILT_IN.0.clone(),
        whole: BUILT_IN.1.clone(),
        levels: dir::levels(dir_in_project),
    };
    reader.document(document.get_ref(), &mut manifest);
    problems = reader.problems;
    manifest.check(&mut problems);
    problems.or(manifest)
}

/// The bytes as text.
fn decode<'b>(path: &str, bytes: &'b [u8]) -> Result<&'b str, Problems> {
    let mut problems = Problems::default();
    if bytes.len() > MANIFEST_BYTES_MAX {
        let at = Reader::new(path, "").at(&(0..0));
        problems.push(at, Fault::TooLarge { bytes: bytes.len() });
        return problems.or_err();
    }
    std::str::from_utf8(bytes).or_else(|fault| {
        let valid = std::str::from_utf8(&bytes[..fault.valid_up_to()]).unwrap_or_default();
        problems.push(Reader::new(path, valid).at(&(valid.len()..valid.len())), Fault::NotText);
        problems.or_err()
    })
}

impl Manifest {
    /// The project's name, where the manifest gives one.
    #[must_use]
    pub fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// Every point of the manifest, with the flags laid over its settings.
    ///
    /// # Errors
    /// What is wrong with the flags, with the points that the parameters make, or too many of
    /// them.
    pub fn plan(&self, flags: &Flags) -> Result<PlanDoc, Problems> {
        let mut problems = Problems::default();
        let over = flags.settings(None, &mut problems);
        let jobs = self.jobs(Some(&over), &mut problems);
        let whole = flags.whole(&self.whole, &mut problems);
        expand::plan(&jobs, &whole, problems)
    }

    /// Parameters that stand in no text of their workload, with the flags laid over it.
    #[must_use]
    pub fn unused_params(&self, flags: &Flags) -> Vec<UnusedParam> {
        let mut problems = Problems::default();
        let over = flags.settings(None, &mut problems);
        unused::of(&self.jobs(Some(&over), &mut problems))
    }

    /// Where the path of `point` that `key` means was written; `None` for a point of another
    /// manifest, or a path that this one does not set.
    #[must_use]
    pub fn place(&self, point: &Point, key: PathKey) -> Option<At> {
        let is_its = |workload: &&Workload| {
            workload.name.fill(&point.params).is_ok_and(|name| name == point.function)
        };
        let own = &self.workloads.iter().find(is_its)?.own;
        let set = match key {
            PathKey::Dir => own.dir.as_ref().or(self.settings.dir.as_ref()),
            PathKey::Stdin => own.stdin.as_ref().or(self.settings.stdin.as_ref()),
        };
        set.map(|set| set.at.clone())
    }

    fn jobs(&self, over: Option<&Settings>, problems: &mut Problems) -> Vec<Job<'_>> {
        let job = |workload| {
            let mut settings = workload_settings(workload, &self.settings);
            if let Some(over) = over {
                settings = over.over(&settings);
            }
            Job::new(workload, settings, self.levels, problems)
        };
        self.workloads.iter().map(job).collect()
    }

    /// Adds what is wrong between the workloads, and with the first point of each: the problems
    /// of a file are to be told at once, and most of those of a plan show in every point.
    fn check(&self, problems: &mut Problems) {
        let mut names: HashMap<&str, &At> = HashMap::new();
        for workload in &self.workloads {
            let NameRule::Template(name) = &workload.name else { continue };
            if let Some(first) = names.insert(name, &workload.name_at) {
                let (name, first) = (name.clone(), first.clone());
                problems.push(workload.name_at.clone(), Fault::SameName { name, first });
            }
        }
        for job in self.jobs(None, problems) {
            if let Err(problem) = job.point(0) {
                problems.add(*problem);
            }
        }
    }
}

fn workload_settings(workload: &Workload, defaults: &Settings) -> Settings {
    workload.own.over(defaults)
}

#[cfg(test)]
mod tests;
