//! What is wrong with workloads before there are points of them.

use tacho_schema::Output;

use super::{Job, NameRule, Program};
use crate::harness::Registered;
use crate::layer::{Set, given};
use crate::problem::{At, Fault, Problems};
use crate::setting::harness::InvalidHarness;
use crate::setting::ladder::{self, InvalidLadder};
use crate::setting::params::InvalidParam;
use crate::setting::template;
use crate::setting::threads::{self, InvalidThreads};
use crate::values::{self, Param};

/// Keeps parameters whose values nobody has looked for, and harnesses that nobody has asked.
pub(super) fn open(jobs: &[Job<'_>], problems: &mut Problems) {
    for param in jobs.iter().flat_map(|job| &job.workload.params).filter(|param| param.is_open()) {
        problems.push(param.at.clone(), InvalidParam::NoValues(param.name.clone()));
    }
    for harness in jobs.iter().filter_map(|job| job.workload.harness()) {
        if harness.workloads.is_none() {
            problems.push_about(harness.source.at.clone(), "harness", InvalidHarness::NotAsked);
        }
    }
}

/// Counts before anything is built: parameters multiply beyond every memory.
pub(super) fn size(jobs: &[Job<'_>], allowed: u64, problems: &mut Problems) {
    let of_job = |job: &Job<'_>| job.product();
    let points = jobs.iter().map(of_job).fold(0, u128::saturating_add);
    let Some(largest) = jobs.iter().max_by_key(|job| of_job(job)) else { return };
    if points > u128::from(allowed) {
        let ladder = largest.workload.ladder.as_ref().map(|ladder| &ladder.at);
        let params = largest.workload.params.first().map(|param| &param.at);
        let at = params.or(ladder).unwrap_or(&largest.workload.name_at);
        problems.push(at.clone(), Fault::TooManyPoints { points, allowed });
    }
}

impl<'w> Job<'w> {
    /// Adds what its texts and the names of its dimensions have against each other.
    pub(super) fn check(&self, problems: &mut Problems) {
        if self.workload.harness().is_some() {
            return;
        }
        self.check_texts(problems);
        self.check_threads(problems);
        self.check_ladder(problems);
    }

    fn check_texts(&self, problems: &mut Problems) {
        let params = self.workload.params.iter().map(|param| param.name.as_str());
        let threads = self.workload.threads.is_some().then_some(threads::NAME);
        let rung = self.workload.ladder.is_some().then_some(ladder::NAME);
        let names: Vec<&str> = params.chain(threads).chain(rung).collect();
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

    /// A rung's parameter must go somewhere, and not into the name.
    fn check_ladder(&self, problems: &mut Problems) {
        let Some(Set { at, .. }) = &self.workload.ladder else { return };
        let has = |(_, _, text): &(&At, &str, &str)| template::has(text, ladder::NAME);
        let (names, others): (Vec<_>, Vec<_>) =
            self.texts().into_iter().partition(|(_, setting, _)| *setting == "name");
        if let Some((at, setting, _)) = names.into_iter().find(has) {
            problems.push_about(at.clone(), setting, InvalidLadder::InName);
        }
        if !others.iter().any(has) {
            problems.push_about(at.clone(), "ladder", InvalidLadder::Unused);
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
        let command = match &self.workload.program {
            Program::Command(command) => Some(command),
            Program::Harness(_) => None,
        };
        let commands = [
            ("setup", settings.setup.as_ref()),
            ("prepare", settings.prepare.as_ref()),
            ("conclude", settings.conclude.as_ref()),
            ("cleanup", settings.cleanup.as_ref()),
            ("command", command),
        ];
        for (setting, command) in commands {
            let Some(Set { value, at, .. }) = command else { continue };
            texts.extend(value.texts().iter().map(|text| (at, setting, text.as_str())));
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
    pub(super) fn product(&self) -> u128 {
        if let Some(harness) = self.workload.harness() {
            let each = harness.workloads().iter().map(Registered::points);
            return each.fold(0, u128::saturating_add);
        }
        let each = self.threads.len().max(1) as u128;
        let rungs = self.workload.ladder.as_ref().map_or(1, |ladder| ladder.value.rungs.count());
        values::product(&self.workload.params).saturating_mul(each).saturating_mul(rungs)
    }
}
