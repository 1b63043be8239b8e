//! What holds for a whole run and not for one workload.

use tacho_schema::{ConfigSetting, Hook, PlanDoc, Quiesce};

use crate::layer::{Set, given, shown};
use crate::problem::Problems;
use crate::setting::command::Command;

/// The settings of the whole run, of one layer or of several laid over each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whole {
    pub(crate) max_points: Option<Set<u64>>,
    pub(crate) total_nanos: Option<Set<u64>>,
    pub(crate) seed: Option<Set<u64>>,
    pub(crate) jobs: Option<Set<u32>>,
    pub(crate) quiet_wait: Option<Set<u64>>,
    pub(crate) quiesce_before: Option<Set<Command>>,
    pub(crate) quiesce_after: Option<Set<Command>>,
}

impl Whole {
    /// These settings, and those of `lower` where these say nothing.
    pub(crate) fn over(self, lower: &Self) -> Self {
        Self {
            max_points: self.max_points.or_else(|| lower.max_points.clone()),
            total_nanos: self.total_nanos.or_else(|| lower.total_nanos.clone()),
            seed: self.seed.or_else(|| lower.seed.clone()),
            jobs: self.jobs.or_else(|| lower.jobs.clone()),
            quiet_wait: self.quiet_wait.or_else(|| lower.quiet_wait.clone()),
            quiesce_before: self.quiesce_before.or_else(|| lower.quiesce_before.clone()),
            quiesce_after: self.quiesce_after.or_else(|| lower.quiesce_after.clone()),
        }
    }

    /// How many points are allowed.
    pub(crate) fn points_max(&self) -> u64 {
        given(&self.max_points).value
    }

    /// Writes them into a plan; `fresh_seed` counts where nobody says which, and `shell` runs the
    /// commands that are one text. Commands that cannot be split are added to `problems`.
    pub(crate) fn carry_over(
        &self,
        plan: &mut PlanDoc,
        fresh_seed: u64,
        shell: Option<&[String]>,
        problems: &mut Problems,
    ) {
        plan.seed = self.seed.as_ref().map_or(fresh_seed, |seed| seed.value);
        plan.total_nanos_max = self.total_nanos.as_ref().map(|total| total.value);
        plan.jobs = given(&self.jobs).value;
        let wait = self.quiet_wait.as_ref().map(|wait| wait.value);
        plan.quiet_wait_nanos = wait.filter(|nanos| *nanos > 0);
        let mut hook = |setting: &str, command: &Option<Set<Command>>| {
            let Set { value, at, .. } = command.as_ref()?;
            match value.fill(&std::collections::BTreeMap::new(), shell) {
                Ok(filled) if filled.argv.is_empty() || filled.text.trim().is_empty() => None,
                Ok(filled) => Some(Hook { argv: filled.argv, text: filled.text }),
                Err(fault) => {
                    problems.push_about(at.clone(), setting, fault);
                    None
                }
            }
        };
        let before = hook("quiesce.before", &self.quiesce_before);
        let after = hook("quiesce.after", &self.quiesce_after);
        let has_one = before.is_some() || after.is_some();
        plan.quiesce = has_one.then_some(Quiesce { before, after });
    }

    /// Every setting as a reader is told of it, in the order of the manual.
    pub(crate) fn shown(&self) -> Vec<ConfigSetting> {
        vec![
            shown("max_points", &self.max_points),
            shown("total_seconds", &self.total_nanos),
            shown("seed", &self.seed),
            shown("jobs", &self.jobs),
            shown("quiet_wait", &self.quiet_wait),
            shown("quiesce.before", &self.quiesce_before),
            shown("quiesce.after", &self.quiesce_after),
        ]
    }
}
