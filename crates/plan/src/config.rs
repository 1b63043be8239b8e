//! The manifest: its bytes to workloads and settings, and everything that is wrong with them.

mod defaults;
mod harness;
mod outside;
mod read;
mod workload;

use std::collections::{BTreeMap, HashMap};

use camino::Utf8Path;
use tacho_schema::{ConfigSection, ParamSource, PlanDoc, Point};
use toml::Spanned;
use toml::de::DeTable;

pub use defaults::Defaults;
pub(crate) use defaults::kinds;
pub use outside::{Outside, OutsideSource};

use crate::expand::{self, Job, Workload};
use crate::flags::Flags;
use crate::layer::{Settings, given};
use crate::near::nearest;
use crate::problem::{At, Fault, Problems};
use crate::setting::dir;
use crate::unused::{self, UnusedParam};
use crate::values::Param;
use crate::whole::Whole;
use read::Reader;

/// The largest manifest in bytes: 4 MiB.
pub const MANIFEST_BYTES_MAX: usize = 4 << 20;

/// A manifest that was read and found to be right by itself.
#[derive(Debug)]
pub struct Manifest {
    project: Option<String>,
    workloads: Vec<Workload>,
    /// `[defaults]` over the user's own and the built-in ones.
    settings: Settings,
    whole: Whole,
    profiles: BTreeMap<String, Profile>,
    /// The folders from the project's root to the manifest's.
    folders: Vec<String>,
}

/// A setting that is a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKey {
    /// `dir`.
    Dir,
    /// `stdin`.
    Stdin,
    /// `output`.
    Output,
}

impl PathKey {
    /// The key as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::Stdin => "stdin",
            Self::Output => "output",
        }
    }
}

/// `[profile.NAME]`: settings over those of the workloads, where it is chosen.
#[derive(Debug)]
struct Profile {
    settings: Settings,
    whole: Whole,
}

/// Reads a manifest.
///
/// `path` names it in messages. `dir_in_project` is the path of its folder relative to the
/// project's root (empty for the root itself): `dir`, `stdin` and `output` may go up so far and no
/// further. `defaults` hold where it says nothing.
///
/// # Errors
/// Everything that is wrong with it, with places: bytes that are no text or no TOML, unknown
/// keys, values that a setting does not take, and workloads that contradict themselves.
pub fn parse(
    path: &str,
    bytes: &[u8],
    dir_in_project: &Utf8Path,
    defaults: &Defaults,
) -> Result<Manifest, Problems> {
    let text = decode(path, bytes)?;
    let mut reader = Reader::new(path, text);
    let table = document(&mut reader, text)?;
    let mut manifest = Manifest {
        project: None,
        workloads: Vec::new(),
        settings: defaults.settings.clone(),
        whole: defaults.whole.clone(),
        profiles: BTreeMap::new(),
        folders: dir::folders(dir_in_project),
    };
    reader.document(table.get_ref(), &mut manifest);
    let mut problems = reader.problems;
    manifest.check(&mut problems);
    problems.or(manifest)
}

/// The text as TOML. What a broken text was repaired to is not what was meant: nothing more is
/// said about it.
fn document<'t>(reader: &mut Reader<'_>, text: &'t str) -> Result<Spanned<DeTable<'t>>, Problems> {
    let (document, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        let at = reader.at(&fault.span().unwrap_or(0..0));
        reader.problems.push(at, Fault::Syntax(fault.message().replace('\n', ", ")));
    }
    std::mem::take(&mut reader.problems).or(document)
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

    /// The names of its profiles.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// Every point of the manifest, with the flags laid over its settings. Values from outside
    /// must have been supplied before.
    ///
    /// # Errors
    /// What is wrong with the flags, with the points that the parameters make, or too many of
    /// them.
    pub fn plan(&self, flags: &Flags) -> Result<PlanDoc, Problems> {
        let mut problems = Problems::default();
        let over = self.over(flags, &mut problems);
        let jobs = self.jobs(&over, flags.processors, &mut problems);
        let all = expand::points(&jobs, over.whole.points_max(), &mut problems);
        let mut plan = PlanDoc::new(0, all.points);
        plan.ladders = all.ladders;
        let settings = over.settings.over(&self.settings);
        let shell = given(&settings.shell).value.as_deref();
        over.whole.carry_over(&mut plan, flags.fresh_seed, shell, &mut problems);
        plan.param_sources = self.workloads.iter().flat_map(param_sources).collect();
        problems.or(plan)
    }

    /// Leaves out of a plan the sources of values whose points were not selected, and holds that
    /// what is read from the others is printed where it can be.
    ///
    /// # Errors
    /// An output that is no pipe, of a workload with a probe's lines or outcomes.
    pub fn narrow(&self, plan: &mut PlanDoc, flags: &Flags) -> Result<(), Problems> {
        let mut problems = Problems::default();
        let over = self.over(flags, &mut problems);
        let has_points =
            |workload: &Workload| plan.points.iter().any(|planned| workload.has(&planned.point));
        let selected: Vec<&Workload> = self.workloads.iter().filter(|it| has_points(it)).collect();
        for workload in &selected {
            // Whatever else is wrong was said by the plan.
            let mut told = Problems::default();
            let job = self.job(workload, &over.settings, flags.processors, &mut told);
            job.check_output(&mut problems);
        }
        plan.param_sources
            .retain(|source| selected.iter().any(|it| it.name.text() == source.workload));
        problems.or(())
    }

    /// Parameters that stand in no text of their workload, with the flags laid over it.
    #[must_use]
    pub fn unused_params(&self, flags: &Flags) -> Vec<UnusedParam> {
        let mut problems = Problems::default();
        let over = self.over(flags, &mut problems);
        unused::of(&self.jobs(&over, flags.processors, &mut problems))
    }

    /// Every setting with the flags laid over it, and where each value comes from: those that
    /// workloads start from, or those of each workload that `filters` select by its name.
    ///
    /// # Errors
    /// What is wrong with the flags.
    pub fn shown(&self, flags: &Flags, filters: &[String]) -> Result<Vec<ConfigSection>, Problems> {
        let mut problems = Problems::default();
        let over = self.over(flags, &mut problems);
        if filters.is_empty() {
            let settings = over.settings.over(&self.settings);
            let settings =
                [settings.shown(), kinds().shown(&settings), over.whole.shown()].concat();
            return problems.or(vec![ConfigSection { workload: None, settings }]);
        }
        let jobs = self.jobs(&over, flags.processors, &mut problems);
        let is_selected =
            |name: &str| filters.iter().any(|filter| crate::select::matches_name(filter, name));
        let all = self.workloads.iter().zip(&jobs);
        let selected = all.filter(|(workload, _)| is_selected(workload.name.text()));
        let sections = selected.map(|(workload, job)| ConfigSection {
            workload: Some(workload.name.text().to_owned()),
            settings: [workload.written.clone(), job.shown()].concat(),
        });
        problems.or(sections.collect())
    }

    /// The names of the workloads as they stand in the manifest.
    pub fn workloads(&self) -> impl Iterator<Item = &str> {
        self.workloads.iter().map(|workload| workload.name.text())
    }

    /// Where the path of `point` that `key` means was written; `None` for a point of another
    /// manifest, or a path that this one does not set.
    #[must_use]
    pub fn place(&self, point: &Point, key: PathKey, flags: &Flags) -> Option<At> {
        let workload = self.workloads.iter().find(|workload| workload.has(point))?;
        let over = self.over(flags, &mut Problems::default());
        let settings = over.settings.over(&workload.own.over(&self.settings));
        match key {
            PathKey::Dir => settings.dir.map(|set| set.at),
            PathKey::Stdin => settings.stdin.map(|set| set.at),
            PathKey::Output => settings.output.map(|set| set.at),
        }
    }

    /// What lies over the workloads: the chosen profile, and the flags.
    fn over(&self, flags: &Flags, problems: &mut Problems) -> Profile {
        let settings = flags.settings(None, problems);
        let whole = flags.whole(problems);
        match self.profile(flags, problems) {
            Some(profile) => Profile {
                settings: settings.over(&profile.settings),
                whole: whole.over(&profile.whole.clone().over(&self.whole)),
            },
            None => Profile { settings, whole: whole.over(&self.whole) },
        }
    }

    fn profile(&self, flags: &Flags, problems: &mut Problems) -> Option<&Profile> {
        if self.is_made_up() {
            if flags.profile.is_some() {
                problems.push(At::Flag("--profile"), Fault::NoManifest);
            }
            return None;
        }
        let (name, at) = match (&flags.profile, &flags.profile_variable) {
            (Some(name), _) => (name, At::Flag("--profile")),
            (None, Some(name)) => (name, At::Variable("TACHO_PROFILE")),
            (None, None) => return None,
        };
        let found = self.profiles.get(name);
        if found.is_none() {
            let known: Vec<String> = self.profiles.keys().cloned().collect();
            let near = nearest(name, self.profiles()).map(str::to_owned);
            problems.push(at, Fault::UnknownProfile { name: name.clone(), near, known });
        }
        found
    }

    /// Whether it stands in no file: see [`Manifest::of_harness`].
    fn is_made_up(&self) -> bool {
        self.workloads.iter().all(|workload| !matches!(workload.name_at, At::File(_)))
    }

    fn jobs(&self, over: &Profile, processors: u32, problems: &mut Problems) -> Vec<Job<'_>> {
        let all = self.workloads.iter();
        all.map(|workload| self.job(workload, &over.settings, processors, problems)).collect()
    }

    fn job<'w>(
        &'w self,
        workload: &'w Workload,
        over: &Settings,
        processors: u32,
        problems: &mut Problems,
    ) -> Job<'w> {
        let settings = over.over(&workload.own.over(&self.settings));
        Job::new(workload, settings, &self.folders, processors, problems)
    }

    /// Adds what is wrong between the workloads, and with the first point of each: the problems
    /// of a file are to be told at once, and most of those of a plan show in every point.
    fn check(&self, problems: &mut Problems) {
        let mut names: HashMap<&str, &At> = HashMap::new();
        for workload in &self.workloads {
            if workload.harness().is_some_and(|harness| !harness.is_named) {
                continue;
            }
            let name = workload.name.text();
            if let Some(first) = names.insert(name, &workload.name_at) {
                let (name, first) = (name.to_owned(), first.clone());
                problems.push(workload.name_at.clone(), Fault::SameName { name, first });
            }
        }
        for workload in &self.workloads {
            let job = self.job(workload, &Settings::default(), 1, problems);
            job.check_output(problems);
            job.check_first(problems);
        }
        if let Err(found) = self.outside() {
            found.kept().iter().for_each(|problem| problems.add(problem.clone()));
        }
    }
}

/// Where the values of a workload's parameters came from, where it was from outside.
fn param_sources(workload: &Workload) -> Vec<ParamSource> {
    let source = |param: &Param| {
        let outside = param.outside.as_ref()?;
        let found = outside.found.as_ref()?;
        Some(ParamSource {
            workload: workload.name.text().to_owned(),
            param: param.name.clone(),
            source: outside.from.text(),
            values: found.used,
            found: found.found,
            hash: found.hash.clone(),
        })
    };
    workload.params.iter().filter_map(source).collect()
}

#[cfg(test)]
mod tests;
