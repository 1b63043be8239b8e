//! What a manifest wants to know from outside of it: values of parameters, and what harnesses list.

use std::collections::BTreeMap;

use super::Manifest;
use crate::expand::{Program, Workload, started_in};
use crate::harness::{self, Harness, HarnessSource, Supplied};
use crate::layer::{Settings, given};
use crate::problem::{At, Fault, Problems};
use crate::setting::outside::{self, InvalidOutside, Source};
use crate::setting::{dir, harness as setting, template};
use crate::values::{Param, Values};

/// Something that a manifest wants to know from outside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Which workload, from 0.
    workload: usize,
    /// Its name, as it stands in the manifest; a harness's text where it has none.
    pub workload_name: String,
    /// What it is for: `params.NAME`, or `harness`.
    pub setting: String,
    /// Where it stands.
    pub at: At,
    /// Variables that a harness is asked with, added to the environment.
    pub env: BTreeMap<String, String>,
    /// Where it comes from.
    pub source: OutsideSource,
}

/// Where something from outside comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutsideSource {
    /// The lines of this file, relative to the manifest's folder.
    Lines(String),
    /// The lines that this command prints in the manifest's folder.
    Command {
        /// Its words, a shell's included.
        argv: Vec<String>,
        /// What the user wrote.
        text: String,
    },
    /// What a program lists of its own workloads.
    Harness(HarnessSource),
}

impl Manifest {
    /// What is to be looked for outside, for [`Manifest::supply`]: the values of parameters, and
    /// the workloads of harnesses.
    ///
    /// # Errors
    /// A file or a folder that is outside of the project, a command that cannot be split into
    /// words.
    pub fn outside(&self) -> Result<Vec<Outside>, Problems> {
        let mut problems = Problems::default();
        let mut wanted = Vec::new();
        for (place, workload) in self.workloads.iter().enumerate() {
            let mut want = |setting: String, at: &At, env, source: Result<OutsideSource, Fault>| {
                let source = source.map_err(|fault| {
                    problems.push_about(at.clone(), &setting, fault);
                });
                wanted.extend(source.ok().map(|source| Outside {
                    workload: place,
                    workload_name: workload.name.text().to_owned(),
                    setting,
                    at: at.clone(),
                    env,
                    source,
                }));
            };
            for param in &workload.params {
                let Some(outside) = &param.outside else { continue };
                let source = self.source(workload, &outside.from.source);
                want(setting_of(param), &param.at, BTreeMap::new(), source);
            }
            if let Program::Harness(its) = &workload.program
                && !its.is_named
            {
                let settings = workload.own.over(&self.settings);
                let env = settings.env.iter().map(|(name, set)| (name.clone(), set.value.clone()));
                let source = self.asked(its, &settings);
                want("harness".to_owned(), &its.source.at, env.collect(), source);
            }
        }
        problems.or(wanted)
    }

    fn source(&self, workload: &Workload, source: &Source) -> Result<OutsideSource, Fault> {
        match source {
            Source::Lines(path) => Ok(OutsideSource::Lines(dir::inside(path, self.folders.len())?)),
            Source::Command(command) => {
                let settings = workload.own.over(&self.settings);
                let shell = given(&settings.shell).value.as_deref();
                let filled = command.fill(&BTreeMap::new(), shell)?;
                if filled.argv.is_empty() {
                    return Err(InvalidOutside::EmptyCommand.into());
                }
                Ok(OutsideSource::Command { argv: filled.argv, text: filled.text })
            }
        }
    }

    /// The program that is to be asked for its workloads.
    fn asked(&self, harness: &Harness, settings: &Settings) -> Result<OutsideSource, Fault> {
        let source = match &harness.source.value {
            setting::Source::Cargo(name) => HarnessSource::Cargo(name.clone()),
            setting::Source::Words(words) => {
                let path = template::fill(&given(&settings.dir).value, &BTreeMap::new());
                let dir = dir::inside(&path, self.folders.len())?;
                let argv = started_in(&dir, words, &self.folders);
                HarnessSource::Program { argv, text: harness.source.value.text(), dir }
            }
        };
        Ok(OutsideSource::Harness(source))
    }

    /// Takes what was found outside: texts as the values of their parameters, a line each, and
    /// listings as the workloads of their harness. What a listing says of one workload that cannot
    /// be used is no error: that one is refused by its point in the plan, and the others go on.
    ///
    /// # Errors
    /// A text without values, or with one twice; a listing without any workload, or with one that
    /// has the name of another in the manifest.
    pub fn supply(&mut self, found: &[(Outside, Supplied)]) -> Result<(), Problems> {
        let mut problems = Problems::default();
        for (outside, supplied) in found {
            let Some(workload) = self.workloads.get_mut(outside.workload) else { continue };
            let taken = match (supplied, &mut workload.program) {
                (Supplied::Listings(listings), Program::Harness(harness)) => {
                    harness.take(listings).map_err(Fault::from)
                }
                (Supplied::Text(text), _) => {
                    let mut params = workload.params.iter_mut();
                    let param = params.find(|param| setting_of(param) == outside.setting);
                    param.map_or(Ok(()), |param| take(param, text))
                }
                (Supplied::Listings(_), Program::Command(_)) => Ok(()),
            };
            if let Err(fault) = taken {
                problems.push_about(outside.at.clone(), &outside.setting, fault);
            }
        }
        harness::tell_apart(&mut self.workloads, &mut problems);
        problems.or(())
    }
}

fn setting_of(param: &Param) -> String {
    format!("params.{}", param.name)
}

/// Takes the lines of a text as the values of `param`.
fn take(param: &mut Param, text: &str) -> Result<(), Fault> {
    let Some(its) = &mut param.outside else { return Ok(()) };
    let (values, found) = outside::values(&its.from, text)?;
    param.values = Values::List(values);
    its.found = Some(found);
    Ok(())
}
