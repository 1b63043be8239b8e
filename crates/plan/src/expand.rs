//! Workloads and settings to points: the product of the parameters, with every text filled in.

use std::collections::{BTreeMap, HashMap};

use tacho_schema::{
    Hook, IgnoreFailure, InvalidName, Limits, Name, Output, ParamValue, PlanDoc, PlannedPoint,
    Point, Reading, Statistic,
};

use crate::ladder::{self, Param};
use crate::layer::{Bounds, Set, Settings, given};
use crate::problem::{At, Fault, Problem, Problems};
use crate::schedule::assign_legs;
use crate::setting::command::{Command, Filled};
use crate::setting::{dir, template};

/// How the points of a workload are named.
#[derive(Clone, Debug)]
pub(crate) enum NameRule {
    /// Parameters are filled in.
    Template(String),
    /// The name is what it is: a command line keeps its places.
    Verbatim(Name),
}

/// A workload as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    pub(crate) name: NameRule,
    pub(crate) name_at: At,
    pub(crate) command: Set<Command>,
    pub(crate) params: Vec<Param>,
    /// Its own layer of settings.
    pub(crate) own: Settings,
    /// Workloads of one group set up in one place.
    pub(crate) group: usize,
}

/// What is asked of the whole plan.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) points_max: u64,
    pub(crate) total_nanos: Option<u64>,
    pub(crate) seed: u64,
}

/// A workload with all its layers taken together.
#[derive(Debug)]
pub(crate) struct Job<'w> {
    workload: &'w Workload,
    settings: Settings,
    bounds: Bounds,
    levels: usize,
}

/// Every point of the jobs, in order, unless there were problems already or there are now.
pub(crate) fn plan(
    jobs: &[Job<'_>],
    request: &Request,
    mut problems: Problems,
) -> Result<PlanDoc, Problems> {
    check_size(jobs, request.points_max, &mut problems);
    if !problems.is_empty() {
        return problems.or_err();
    }
    let (mut points, mut groups) = (Vec::new(), Vec::new());
    let mut identities: HashMap<String, &At> = HashMap::new();
    for job in jobs {
        for index in 0..job.points() {
            let made = job.point(index).and_then(|point| {
                job.tell_apart(&point, &mut identities)?;
                Ok(point)
            });
            match made {
                Ok(point) => points.push(point),
                Err(problem) => {
                    // The workload's other points would say the same.
                    problems.add(*problem);
                    break;
                }
            }
            groups.push(job.workload.group);
        }
    }
    assign_legs(&mut points, &groups);
    problems
        .or(PlanDoc { total_nanos_max: request.total_nanos, ..PlanDoc::new(request.seed, points) })
}

/// Counts before anything is built: parameters multiply beyond every memory.
fn check_size(jobs: &[Job<'_>], allowed: u64, problems: &mut Problems) {
    let of_job = |job: &Job<'_>| ladder::product(&job.workload.params);
    let points = jobs.iter().map(of_job).fold(0, u128::saturating_add);
    let Some(largest) = jobs.iter().max_by_key(|job| of_job(job)) else { return };
    if points > u128::from(allowed) {
        let at = largest.workload.params.first().map_or(&largest.workload.name_at, |it| &it.at);
        problems.push(at.clone(), Fault::TooManyPoints { points, allowed });
    }
}

impl NameRule {
    /// The name at these values of the parameters.
    pub(crate) fn fill(&self, params: &BTreeMap<String, ParamValue>) -> Result<Name, InvalidName> {
        match self {
            Self::Verbatim(name) => Ok(name.clone()),
            Self::Template(name) => Name::new(&template::fill(name, params)),
        }
    }
}

impl<'w> Job<'w> {
    /// A workload with `settings`, its own included, over the built-in ones; contradictions and
    /// texts that nearly name a parameter are added to `problems`.
    pub(crate) fn new(
        workload: &'w Workload,
        settings: Settings,
        levels: usize,
        problems: &mut Problems,
    ) -> Self {
        let bounds = Bounds::of(&settings, problems);
        let job = Self { workload, settings, bounds, levels };
        let names: Vec<&str> = workload.params.iter().map(|param| param.name.as_str()).collect();
        if !names.is_empty() {
            for (at, setting, text) in job.texts() {
                if let Err(fault) = template::check(text, &names) {
                    problems.push_about(at.clone(), setting, fault);
                }
            }
        }
        job
    }

    /// Its parameters.
    pub(crate) fn params(&self) -> &'w [Param] {
        &self.workload.params
    }

    /// Every text in which parameters may stand.
    pub(crate) fn texts(&self) -> Vec<(&At, &'static str, &str)> {
        let mut texts = Vec::new();
        if let NameRule::Template(name) = &self.workload.name {
            texts.push((&self.workload.name_at, "name", name.as_str()));
        }
        let settings = &self.settings;
        let hooks = [
            ("setup", &settings.setup),
            ("prepare", &settings.prepare),
            ("conclude", &settings.conclude),
            ("cleanup", &settings.cleanup),
        ];
        let hooks = hooks.into_iter().filter_map(|(name, hook)| Some((name, hook.as_ref()?)));
        for (setting, command) in hooks.chain([("command", &self.workload.command)]) {
            let all = command.value.texts();
            texts.extend(all.iter().map(|text| (&command.at, setting, text.as_str())));
        }
        let paths = [("dir", &settings.dir), ("stdin", &settings.stdin)];
        for (setting, path) in paths {
            texts.extend(path.iter().map(|path| (&path.at, setting, path.value.as_str())));
        }
        texts.extend(settings.env.values().map(|it| (&it.at, "env", it.value.as_str())));
        let launcher = given(&settings.launcher);
        let words = launcher.value.iter();
        texts.extend(words.map(|word| (&launcher.at, "launcher", word.as_str())));
        texts
    }

    /// How many points there are; [`check_size`] has seen that they can be counted.
    fn points(&self) -> u64 {
        u64::try_from(ladder::product(&self.workload.params)).unwrap_or(u64::MAX)
    }

    /// The point at `index` of the product.
    pub(crate) fn point(&self, index: u64) -> Result<PlannedPoint, Box<Problem>> {
        let params: BTreeMap<String, ParamValue> =
            ladder::choice(&self.workload.params, index).into_iter().collect();
        let settings = &self.settings;
        let command = self.command(&params)?;
        let shell = given(&settings.shell).value.as_ref().filter(|_| command.through_shell);
        let launcher = given(&settings.launcher).value.iter();
        let launcher = launcher.map(|word| template::fill(word, &params));
        let fill = |(name, set): (&String, &Set<String>)| {
            (name.clone(), template::fill(&set.value, &params))
        };
        Ok(PlannedPoint {
            command: command.text,
            argv: launcher.chain(command.argv).collect(),
            shell: shell.cloned(),
            env: settings.env.iter().map(fill).collect(),
            dir: self.path("dir", given(&settings.dir), &params)?,
            stdin: self.stdin(&params)?,
            setup: self.hook("setup", &settings.setup, &params)?,
            prepare: self.hook("prepare", &settings.prepare, &params)?,
            conclude: self.hook("conclude", &settings.conclude, &params)?,
            cleanup: self.hook("cleanup", &settings.cleanup, &params)?,
            leg: 0,
            warmup: self.bounds.warmup,
            min_runs: self.bounds.min_runs,
            max_runs: self.bounds.max_runs,
            min_time_nanos: self.bounds.min_time_nanos,
            max_time_nanos: self.bounds.max_time_nanos,
            max_time_runs_min: self.bounds.max_time_runs_min,
            precision: self.bounds.precision,
            timeout_nanos: self.bounds.timeout_nanos,
            ignore_failure: self.ignore_failure(),
            tags: settings.tags.clone(),
            output: Output::default(),
            reading: Reading::default(),
            statistic: Statistic::default(),
            limits: Limits::default(),
            point: self.identity(params)?,
        })
    }

    fn ignore_failure(&self) -> IgnoreFailure {
        given(&self.settings.ignore_failure).value.clone()
    }

    fn identity(&self, params: BTreeMap<String, ParamValue>) -> Result<Point, Box<Problem>> {
        let filled = self.workload.name.fill(&params);
        let name = filled.map_err(|fault| problem(&self.workload.name_at, "name", fault))?;
        Ok(Point { params, ..Point::named(name) })
    }

    fn command(&self, params: &BTreeMap<String, ParamValue>) -> Result<Filled, Box<Problem>> {
        let Set { value, at, .. } = &self.workload.command;
        let shell = given(&self.settings.shell).value.as_deref();
        let filled = value.fill(params, shell).map_err(|fault| problem(at, "command", fault))?;
        let has_program = filled.argv.first().is_some_and(|program| !program.trim().is_empty());
        if !has_program || filled.text.trim().is_empty() {
            return Err(problem(at, "command", Fault::EmptyCommand));
        }
        Ok(filled)
    }

    fn hook(
        &self,
        setting: &str,
        hook: &Option<Set<Command>>,
        params: &BTreeMap<String, ParamValue>,
    ) -> Result<Option<Hook>, Box<Problem>> {
        let Some(Set { value, at, .. }) = hook else { return Ok(None) };
        let shell = given(&self.settings.shell).value.as_deref();
        let filled = value.fill(params, shell).map_err(|fault| problem(at, setting, fault))?;
        let is_nothing = filled.argv.is_empty() || filled.text.trim().is_empty();
        Ok((!is_nothing).then_some(Hook { argv: filled.argv, text: filled.text }))
    }

    fn stdin(&self, params: &BTreeMap<String, ParamValue>) -> Result<Option<String>, Box<Problem>> {
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
        params: &BTreeMap<String, ParamValue>,
    ) -> Result<String, Box<Problem>> {
        let filled = template::fill(&path.value, params);
        match &path.at {
            At::Flag(_) | At::Command(_) | At::CommandLine => Ok(filled),
            At::BuiltIn | At::File(_) => {
                dir::inside(&filled, self.levels).map_err(|fault| problem(&path.at, setting, fault))
            }
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

fn problem(at: &At, setting: &str, fault: impl Into<Fault>) -> Box<Problem> {
    Box::new(Problem { at: at.clone(), setting: Some(setting.to_owned()), fault: fault.into() })
}
