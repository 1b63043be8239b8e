//! Workloads and settings to points: the product of the parameters, with every text filled in.

mod batch;
mod check;
mod command;

use std::collections::{BTreeMap, HashMap};

use tacho_schema::{
    ConfigSetting, Hook, InvalidName, Ladder, Limits, Name, Output, ParamValue, PlannedPoint,
    Point, Reading,
};

use crate::config::kinds;
use crate::harness::Harness;
use crate::ladder::Climbing;
use crate::layer::{Bounds, Kind, Set, Settings, given};
use crate::problem::{At, Fault, Problem, Problems};
use crate::schedule::assign_legs;
use crate::setting::command::Command;
use crate::setting::threads::{self, Threads};
use crate::setting::{dir, template};
use crate::values::Param;

pub(crate) use batch::started_in;

/// The values that stand for names in texts.
pub(crate) type Values = BTreeMap<String, ParamValue>;

/// How the points of a workload are named.
#[derive(Clone, Debug)]
pub(crate) enum NameRule {
    /// Parameters are filled in.
    Template(String),
    /// The name is what it is: a command line keeps its places. That of a harness which lists its
    /// own workloads names it in messages only.
    Verbatim(Name),
}

/// What is measured.
#[derive(Clone, Debug)]
pub(crate) enum Program {
    /// A command or a probe.
    Command(Set<Command>),
    /// A program that times itself.
    Harness(Box<Harness>),
}

/// A workload as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    pub(crate) name: NameRule,
    pub(crate) name_at: At,
    pub(crate) program: Program,
    pub(crate) params: Vec<Param>,
    pub(crate) threads: Option<Set<Threads>>,
    /// The ladder of a command; a harness has its own for each of its workloads.
    pub(crate) ladder: Option<Set<Climbing>>,
    pub(crate) reading: Reading,
    /// What is read from its output, where something is, and where that stands.
    pub(crate) reads: Option<(String, At)>,
    /// Its own layer of settings.
    pub(crate) own: Settings,
    /// Workloads of one group set up in one place.
    pub(crate) group: usize,
    /// What stands in it and is no setting of other layers, as a reader is told of it.
    pub(crate) written: Vec<ConfigSetting>,
}

impl Workload {
    /// The harness that is measured, where it is one.
    pub(crate) fn harness(&self) -> Option<&Harness> {
        match &self.program {
            Program::Harness(harness) => Some(harness),
            Program::Command(_) => None,
        }
    }

    /// Whether all its points are rungs of a ladder.
    fn is_ladder(&self) -> bool {
        self.ladder.is_some() || self.harness().is_some_and(Harness::is_one_ladder)
    }

    /// Whether `point` is one of its own.
    pub(crate) fn has(&self, point: &Point) -> bool {
        if let Some(harness) = self.harness() {
            return harness.workloads().iter().any(|it| it.name == point.function);
        }
        let values = values(&point.params, point.threads);
        let has_params = self.params.len() == point.params.len()
            && self.params.iter().all(|param| point.params.contains_key(&param.name));
        has_params && self.name.fill(&values).is_ok_and(|name| name == point.function)
    }
}

/// A workload with all its layers taken together.
#[derive(Debug)]
pub(crate) struct Job<'w> {
    workload: &'w Workload,
    settings: Settings,
    bounds: Bounds,
    /// Those of the rungs of its ladders.
    rung_bounds: Bounds,
    /// The folders from the project's root to the manifest's.
    folders: &'w [String],
    /// A point for each; empty where threads are no dimension.
    threads: Vec<u32>,
}

/// A point, and its part in a ladder.
struct Made {
    planned: PlannedPoint,
    rung: Rung,
}

/// The part of a point in a ladder; the rungs of one follow each other.
enum Rung {
    /// It has none.
    No,
    /// It is the first of this one.
    First(Box<Ladder>),
    /// It is a further one of the same.
    Further,
}

/// What is started, for one point.
struct Started {
    command: String,
    /// Without the launcher's words.
    argv: Vec<String>,
    shell: Option<Vec<String>>,
}

/// The points and the ladders of a plan.
#[derive(Default)]
pub(crate) struct Expanded {
    pub(crate) points: Vec<PlannedPoint>,
    pub(crate) ladders: Vec<Ladder>,
}

/// Every point of the jobs, in order; none where there were problems already or too many points.
pub(crate) fn points(jobs: &[Job<'_>], points_max: u64, problems: &mut Problems) -> Expanded {
    check::open(jobs, problems);
    check::size(jobs, points_max, problems);
    let mut all = Expanded::default();
    if !problems.is_empty() {
        return all;
    }
    let mut groups = Vec::new();
    let mut identities: HashMap<String, &At> = HashMap::new();
    for job in jobs {
        for made in job.all() {
            let made = made.and_then(|made| {
                job.tell_apart(&made.planned, &mut identities)?;
                Ok(made)
            });
            match made {
                Ok(made) => all.add(made),
                Err(problem) => {
                    // The workload's other points would say the same.
                    problems.add(*problem);
                    break;
                }
            }
            groups.push(job.workload.group);
        }
    }
    if problems.is_empty() {
        assign_legs(&mut all.points, &groups);
    }
    all
}

impl Expanded {
    fn add(&mut self, made: Made) {
        let Made { mut planned, rung } = made;
        let is_rung = !matches!(rung, Rung::No);
        if let Rung::First(ladder) = rung {
            self.ladders.push(*ladder);
        }
        let last = self.ladders.len().checked_sub(1);
        planned.ladder = last.filter(|_| is_rung).and_then(|place| u32::try_from(place).ok());
        self.points.push(planned);
    }
}

impl NameRule {
    /// The name as it was written.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Template(text) => text,
            Self::Verbatim(name) => name.as_str(),
        }
    }

    /// The name at these values.
    pub(crate) fn fill(&self, params: &Values) -> Result<Name, InvalidName> {
        match self {
            Self::Verbatim(name) => Ok(name.clone()),
            Self::Template(name) => Name::new(&template::fill(name, params)),
        }
    }
}

impl<'w> Job<'w> {
    /// Its settings as a reader is told of them, with all layers taken together.
    pub(crate) fn shown(&self) -> Vec<ConfigSetting> {
        let mut shown = self.settings.shown();
        if self.workload.harness().is_some_and(|harness| !harness.is_named) {
            shown.extend(self.settings.shown_of_kind("ladder", &kinds().ladder));
        }
        shown
    }

    /// A workload with `settings`, its own included, over the built-in ones, on a machine of so
    /// many processors; contradictions and texts that nearly name a parameter are added to
    /// `problems`.
    pub(crate) fn new(
        workload: &'w Workload,
        settings: Settings,
        folders: &'w [String],
        processors: u32,
        problems: &mut Problems,
    ) -> Self {
        let (kind, settings) = match workload.harness() {
            Some(_) => (Kind::Harness, settings.of_kind(&kinds().harness)),
            None => (Kind::Command, settings),
        };
        let of_rungs = settings.of_kind(&kinds().ladder);
        let rung_bounds = Bounds::of(&of_rungs, Kind::Rung, problems);
        let bounds = Bounds::of(&settings, kind, problems);
        let settings = if workload.is_ladder() { of_rungs } else { settings };
        let threads = workload.threads.as_ref().map(|set| set.value.resolve(processors));
        let threads = threads.unwrap_or_default();
        let job = Self { workload, settings, bounds, rung_bounds, folders, threads };
        job.check(problems);
        job
    }

    /// What is wrong with its first point, where it has one yet.
    pub(crate) fn check_first(&self, problems: &mut Problems) {
        if self.workload.params.iter().any(Param::is_open) {
            return;
        }
        if let Some(Err(problem)) = self.all().next() {
            problems.add(*problem);
        }
    }

    /// Its points, one after another; the parameter of a ladder changes fastest, then the number of
    /// threads.
    fn all(&self) -> Box<dyn Iterator<Item = Result<Made, Box<Problem>>> + '_> {
        match &self.workload.program {
            Program::Command(command) => Box::new(self.of_command(command)),
            Program::Harness(harness) => Box::new(self.of_harness(harness)),
        }
    }

    /// A point without what is special to a kind of programs.
    fn planned(
        &self,
        started: Started,
        (values, threads): (&Values, Option<u32>),
        bounds: &Bounds,
        point: Point,
    ) -> Result<PlannedPoint, Box<Problem>> {
        let settings = &self.settings;
        let launcher = given(&settings.launcher).value.iter();
        let launcher = launcher.map(|word| template::fill(word, values));
        Ok(PlannedPoint {
            point,
            command: started.command,
            argv: launcher.chain(started.argv).collect(),
            shell: started.shell,
            env: self.env(values, threads),
            dir: self.path("dir", given(&settings.dir), values)?,
            stdin: self.stdin(values)?,
            setup: self.hook("setup", &settings.setup, values)?,
            prepare: self.hook("prepare", &settings.prepare, values)?,
            conclude: self.hook("conclude", &settings.conclude, values)?,
            cleanup: self.hook("cleanup", &settings.cleanup, values)?,
            leg: 0,
            warmup: bounds.warmup,
            min_runs: bounds.min_runs,
            max_runs: bounds.max_runs,
            min_time_nanos: bounds.min_time_nanos,
            max_time_nanos: bounds.max_time_nanos,
            max_time_runs_min: bounds.max_time_runs_min,
            precision: bounds.precision,
            timeout_nanos: bounds.timeout_nanos,
            ignore_failure: given(&settings.ignore_failure).value.clone(),
            tags: settings.tags.iter().map(|tag| tag.value.clone()).collect(),
            output: self.output(values)?,
            reading: self.workload.reading.clone(),
            statistic: given(&settings.statistic).value,
            limits: self.limits(),
            wire: None,
            ladder: None,
            variant_of: None,
            refused: None,
        })
    }

    fn env(&self, values: &Values, threads: Option<u32>) -> BTreeMap<String, String> {
        let fill = |(name, set): (&String, &Set<String>)| {
            (name.clone(), template::fill(&set.value, values))
        };
        let mut env: BTreeMap<String, String> = self.settings.env.iter().map(fill).collect();
        let variable = self.workload.threads.as_ref().and_then(|set| set.value.env.clone());
        env.extend(variable.zip(threads.map(|number| number.to_string())));
        env
    }

    fn output(&self, values: &Values) -> Result<Output, Box<Problem>> {
        let set = given(&self.settings.output);
        match &set.value {
            Output::File(path) => self.inside("output", path, &set.at, values).map(Output::File),
            other => Ok(other.clone()),
        }
    }

    fn limits(&self) -> Limits {
        let settings = &self.settings;
        Limits {
            memory_max_bytes: settings.memory_max.as_ref().and_then(|set| set.value),
            cpus: settings.cpus.as_ref().and_then(|set| set.value.clone()),
            nice: settings.nice.as_ref().map(|set| set.value),
            // Randomised addresses are what a program has anyway.
            aslr: settings.aslr.as_ref().map(|set| set.value).filter(|aslr| !aslr),
        }
    }

    fn hook(
        &self,
        setting: &str,
        hook: &Option<Set<Command>>,
        params: &Values,
    ) -> Result<Option<Hook>, Box<Problem>> {
        let Some(Set { value, at, .. }) = hook else { return Ok(None) };
        let shell = given(&self.settings.shell).value.as_deref();
        let filled = value.fill(params, shell).map_err(|fault| problem(at, setting, fault))?;
        let is_nothing = filled.argv.is_empty() || filled.text.trim().is_empty();
        Ok((!is_nothing).then_some(Hook { argv: filled.argv, text: filled.text }))
    }

    fn stdin(&self, params: &Values) -> Result<Option<String>, Box<Problem>> {
        match &self.settings.stdin {
            Some(stdin) if !stdin.value.is_empty() => self.path("stdin", stdin, params).map(Some),
            _ => Ok(None),
        }
    }

    /// A path with parameters filled in. A manifest's may not leave the project; one that was
    /// typed may.
    fn path(
        &self,
        setting: &str,
        path: &Set<String>,
        params: &Values,
    ) -> Result<String, Box<Problem>> {
        self.inside(setting, &path.value, &path.at, params)
    }

    fn inside(
        &self,
        setting: &str,
        path: &str,
        at: &At,
        params: &Values,
    ) -> Result<String, Box<Problem>> {
        let filled = template::fill(path, params);
        match at {
            At::Flag(_) | At::Variable(_) | At::Command(_) | At::CommandLine | At::CargoProject => {
                Ok(filled)
            }
            At::BuiltIn | At::File(_) => dir::inside(&filled, self.folders.len())
                .map_err(|fault| problem(at, setting, fault)),
        }
    }

    /// Keeps the identity of `point`, which no other may have.
    fn tell_apart<'i>(
        &'i self,
        point: &PlannedPoint,
        identities: &mut HashMap<String, &'i At>,
    ) -> Result<(), Box<Problem>> {
        let identity = point.point.to_string();
        let at = &self.workload.name_at;
        match identities.insert(identity.clone(), at) {
            None => Ok(()),
            Some(first) => {
                let fault = Fault::SamePoint { identity, first: first.clone() };
                Err(Box::new(Problem { at: at.clone(), setting: None, fault }))
            }
        }
    }
}

/// What stands for names in texts: the parameters, and the number of threads.
pub(crate) fn values(params: &Values, threads: Option<u32>) -> Values {
    let mut values = params.clone();
    let number = threads.map(|number| ParamValue::Integer(i64::from(number)));
    values.extend(number.map(|number| (threads::NAME.to_owned(), number)));
    values
}

/// The part in `climbing` of the rung at `index`, and how it is bounded.
fn rung(climbing: &Climbing, index: u64, planned: &mut PlannedPoint, cap_nanos: u64) -> Rung {
    planned.timeout_nanos = cap_nanos;
    if index > 0 {
        return Rung::Further;
    }
    Rung::First(Box::new(Ladder {
        point: Point { param: None, ..planned.point.clone() },
        step: climbing.step,
        complexity: climbing.complexity.clone(),
        model: climbing.model.clone(),
        cap_nanos,
    }))
}

fn problem(at: &At, setting: &str, fault: impl Into<Fault>) -> Box<Problem> {
    Box::new(Problem { at: at.clone(), setting: Some(setting.to_owned()), fault: fault.into() })
}
