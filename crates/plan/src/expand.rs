//! Workloads and settings to points: the product of the parameters, with every text filled in.

use std::collections::{BTreeMap, HashMap};

use tacho_schema::{
    ConfigSetting, Hook, IgnoreFailure, InvalidName, Limits, Name, Output, ParamValue,
    PlannedPoint, Point, Reading,
};

use crate::ladder::{self, Param};
use crate::layer::{Bounds, Set, Settings, given};
use crate::problem::{At, Fault, Problem, Problems};
use crate::schedule::assign_legs;
use crate::setting::command::{Command, Filled};
use crate::setting::params::InvalidParam;
use crate::setting::threads::{self, InvalidThreads, Threads};
use crate::setting::{dir, template};

/// The values that stand for names in texts.
type Values = BTreeMap<String, ParamValue>;

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
    pub(crate) threads: Option<Set<Threads>>,
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

/// A workload with all its layers taken together.
#[derive(Debug)]
pub(crate) struct Job<'w> {
    workload: &'w Workload,
    settings: Settings,
    bounds: Bounds,
    levels: usize,
    /// A point for each; empty where threads are no dimension.
    threads: Vec<u32>,
}

/// Every point of the jobs, in order; none where there were problems already or too many points.
pub(crate) fn points(
    jobs: &[Job<'_>],
    points_max: u64,
    problems: &mut Problems,
) -> Vec<PlannedPoint> {
    check_open(jobs, problems);
    check_size(jobs, points_max, problems);
    if !problems.is_empty() {
        return Vec::new();
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
    if problems.is_empty() {
        assign_legs(&mut points, &groups);
    }
    points
}

/// Keeps parameters whose values nobody has looked for.
fn check_open(jobs: &[Job<'_>], problems: &mut Problems) {
    for param in jobs.iter().flat_map(|job| &job.workload.params).filter(|param| param.is_open()) {
        problems.push(param.at.clone(), InvalidParam::NoValues(param.name.clone()));
    }
}

/// Counts before anything is built: parameters multiply beyond every memory.
fn check_size(jobs: &[Job<'_>], allowed: u64, problems: &mut Problems) {
    let of_job = |job: &Job<'_>| job.product();
    let points = jobs.iter().map(of_job).fold(0, u128::saturating_add);
    let Some(largest) = jobs.iter().max_by_key(|job| of_job(job)) else { return };
    if points > u128::from(allowed) {
        let at = largest.workload.params.first().map_or(&largest.workload.name_at, |it| &it.at);
        problems.push(at.clone(), Fault::TooManyPoints { points, allowed });
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
    /// All layers taken together.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A workload with `settings`, its own included, over the built-in ones, on a machine of so
    /// many processors; contradictions and texts that nearly name a parameter are added to
    /// `problems`.
    pub(crate) fn new(
        workload: &'w Workload,
        settings: Settings,
        levels: usize,
        processors: u32,
        problems: &mut Problems,
    ) -> Self {
        let bounds = Bounds::of(&settings, problems);
        let threads = workload.threads.as_ref().map(|set| set.value.resolve(processors));
        let threads = threads.unwrap_or_default();
        let job = Self { workload, settings, bounds, levels, threads };
        job.check_texts(problems);
        job.check_threads(problems);
        job
    }

    fn check_texts(&self, problems: &mut Problems) {
        let params = self.workload.params.iter().map(|param| param.name.as_str());
        let threads = self.workload.threads.is_some().then_some(threads::NAME);
        let names: Vec<&str> = params.chain(threads).collect();
        if names.is_empty() {
            return;
        }
        for (at, setting, text) in self.texts() {
            if let Err(fault) = template::check(text, &names) {
                problems.push_about(at.clone(), setting, fault);
            }
        }
    }

    /// The number of threads must go somewhere, and to one place only.
    fn check_threads(&self, problems: &mut Problems) {
        let Some(Set { value, at, .. }) = &self.workload.threads else { return };
        let Some(variable) = &value.env else {
            if !self.texts().iter().any(|(_, _, text)| template::has(text, threads::NAME)) {
                problems.push_about(at.clone(), threads::NAME, InvalidThreads::Unused);
            }
            return;
        };
        if let Some(set) = self.settings.env.get(variable) {
            let fault = InvalidThreads::Variable(variable.clone());
            problems.push_about(set.at.clone(), &format!("env.{variable}"), fault);
        }
    }

    /// Keeps that something is read from an output which goes elsewhere.
    pub(crate) fn check_output(&self, problems: &mut Problems) {
        let (Some((what, place)), Some(output)) = (&self.workload.reads, &self.settings.output)
        else {
            return;
        };
        if output.value != Output::Pipe {
            let fault = Fault::OutputIsRead { what: what.clone(), place: place.clone() };
            problems.push_about(output.at.clone(), "output", fault);
        }
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
        if let Some(Set { value: Output::File(path), at, .. }) = &settings.output {
            texts.push((at, "output", path.as_str()));
        }
        texts.extend(settings.env.values().map(|it| (&it.at, "env", it.value.as_str())));
        let launcher = given(&settings.launcher);
        let words = launcher.value.iter();
        texts.extend(words.map(|word| (&launcher.at, "launcher", word.as_str())));
        texts
    }

    /// How many points it makes; as many as can be counted where there are more.
    fn product(&self) -> u128 {
        let each = self.threads.len().max(1) as u128;
        ladder::product(&self.workload.params).saturating_mul(each)
    }

    /// How many points there are; [`check_size`] has seen that they can be counted.
    fn points(&self) -> u64 {
        u64::try_from(self.product()).unwrap_or(u64::MAX)
    }

    /// The point at `index` of the product; the number of threads changes fastest.
    pub(crate) fn point(&self, index: u64) -> Result<PlannedPoint, Box<Problem>> {
        let each = self.threads.len().max(1) as u64;
        let threads = usize::try_from(index % each).ok().and_then(|it| self.threads.get(it));
        let params: Values =
            ladder::choice(&self.workload.params, index / each).into_iter().collect();
        let values = values(&params, threads.copied());
        let settings = &self.settings;
        let command = self.command(&values)?;
        let shell = given(&settings.shell).value.as_ref().filter(|_| command.through_shell);
        let launcher = given(&settings.launcher).value.iter();
        let launcher = launcher.map(|word| template::fill(word, &values));
        Ok(PlannedPoint {
            command: command.text,
            argv: launcher.chain(command.argv).collect(),
            shell: shell.cloned(),
            env: self.env(&values, threads.copied()),
            dir: self.path("dir", given(&settings.dir), &values)?,
            stdin: self.stdin(&values)?,
            setup: self.hook("setup", &settings.setup, &values)?,
            prepare: self.hook("prepare", &settings.prepare, &values)?,
            conclude: self.hook("conclude", &settings.conclude, &values)?,
            cleanup: self.hook("cleanup", &settings.cleanup, &values)?,
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
            tags: settings.tags.iter().map(|tag| tag.value.clone()).collect(),
            output: self.output(&values)?,
            reading: self.workload.reading.clone(),
            statistic: given(&settings.statistic).value,
            limits: self.limits(),
            wire: None,
            ladder: None,
            variant_of: None,
            refused: None,
            point: self.identity(params, &values, threads.copied())?,
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

    fn ignore_failure(&self) -> IgnoreFailure {
        given(&self.settings.ignore_failure).value.clone()
    }

    fn identity(
        &self,
        params: Values,
        values: &Values,
        threads: Option<u32>,
    ) -> Result<Point, Box<Problem>> {
        let filled = self.workload.name.fill(values);
        let name = filled.map_err(|fault| problem(&self.workload.name_at, "name", fault))?;
        Ok(Point { params, threads, ..Point::named(name) })
    }

    fn command(&self, params: &Values) -> Result<Filled, Box<Problem>> {
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
            At::Flag(_) | At::Variable(_) | At::Command(_) | At::CommandLine => Ok(filled),
            At::BuiltIn | At::File(_) => {
                dir::inside(&filled, self.levels).map_err(|fault| problem(at, setting, fault))
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

/// What stands for names in texts: the parameters, and the number of threads.
pub(crate) fn values(params: &Values, threads: Option<u32>) -> Values {
    let mut values = params.clone();
    let number = threads.map(|number| ParamValue::Integer(i64::from(number)));
    values.extend(number.map(|number| (threads::NAME.to_owned(), number)));
    values
}

fn problem(at: &At, setting: &str, fault: impl Into<Fault>) -> Box<Problem> {
    Box::new(Problem { at: at.clone(), setting: Some(setting.to_owned()), fault: fault.into() })
}
