//! Commands typed on the command line, with hyperfine's meaning, in place of a manifest.

use tacho_schema::{Name, PlanDoc, Reading};

use crate::config::Defaults;
use crate::expand::{self, Job, NameRule, Program, Workload};
use crate::flags::Flags;
use crate::layer::{Layer, Set, Settings};
use crate::problem::{At, Fault, Problems};
use crate::setting::command::Command;
use crate::setting::words;
use crate::unused::{self, UnusedParam};
use crate::values::{self, Param, Values};

/// One command of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdHocCommand {
    /// A line, which runs through the shell, or is split into words with `-N`.
    Line(String),
    /// The words after `--`, which run without a shell.
    Words(Vec<String>),
}

impl AdHocCommand {
    fn text(&self) -> String {
        match self {
            Self::Line(line) => line.clone(),
            Self::Words(words) => words::join(words),
        }
    }

    fn command(&self) -> Command {
        match self {
            Self::Line(line) => Command::Line(line.clone()),
            Self::Words(words) => Command::Words(words.clone()),
        }
    }
}

/// Commands to measure without a manifest; each is a template in which `{NAME}` is a parameter.
#[derive(Clone, Debug, Default)]
pub struct AdHoc {
    /// What holds where no flag says otherwise: the built-in settings, or the user's over them.
    pub defaults: Defaults,
    /// The commands, in order.
    pub commands: Vec<AdHocCommand>,
    /// `-n`: names in place of the commands' own texts, for the first, the second and so on;
    /// parameters are filled in.
    pub names: Vec<String>,
    /// `-L` and `-P`: parameters of all commands, the last changing fastest.
    pub params: Vec<(String, Values)>,
}

impl AdHoc {
    /// Every point: each command at each combination of the parameters, with the flags laid over
    /// [`AdHoc::defaults`].
    ///
    /// The workload's name is the command's text as it was typed, unless it was given another.
    /// Paths are relative to the folder that the plan is carried out in, and may lead anywhere.
    ///
    /// # Errors
    /// What is wrong with the commands or the flags: none or an empty one, a repeated flag that
    /// fits neither all nor each, points that cannot be told apart, or too many of them.
    pub fn plan(&self, flags: &Flags) -> Result<PlanDoc, Problems> {
        let mut problems = Problems::default();
        if flags.profile.is_some() {
            problems.push(At::Flag("--profile"), Fault::NoManifest);
        }
        let workloads = self.workloads(&mut problems);
        let jobs = self.jobs(&workloads, flags, &mut problems);
        let whole = flags.whole(&mut problems).over(&self.defaults.whole);
        let all = expand::points(&jobs, whole.points_max(), &mut problems);
        let mut plan = PlanDoc::new(0, all.points);
        // Nothing but a manifest has commands for the whole run, so no shell is asked for.
        whole.carry_over(&mut plan, flags.fresh_seed, None, &mut problems);
        problems.or(plan)
    }

    /// Parameters that stand in no text of any command, with the flags laid over them.
    #[must_use]
    pub fn unused_params(&self, flags: &Flags) -> Vec<UnusedParam> {
        let mut problems = Problems::default();
        let workloads = self.workloads(&mut problems);
        unused::of(&self.jobs(&workloads, flags, &mut problems))
    }

    fn jobs<'w>(
        &self,
        workloads: &'w [Workload],
        flags: &Flags,
        problems: &mut Problems,
    ) -> Vec<Job<'w>> {
        let job = |(index, workload)| {
            let over = flags.settings(Some((index, self.commands.len())), problems);
            Job::new(workload, over.over(&self.defaults.settings), &[], flags.processors, problems)
        };
        workloads.iter().enumerate().map(job).collect()
    }

    fn workloads(&self, problems: &mut Problems) -> Vec<Workload> {
        let commands = self.commands.len();
        if commands == 0 {
            problems.push(At::CommandLine, Fault::NoCommands);
        }
        if self.names.len() > commands {
            let fault = Fault::TooManyNames { names: self.names.len(), commands };
            problems.push(At::Flag("--command-name"), fault);
        }
        let params = self.params(problems);
        let each = self.commands.iter().enumerate();
        let workload = |(index, command)| self.workload(index, command, &params, problems);
        each.filter_map(workload).collect()
    }

    fn params(&self, problems: &mut Problems) -> Vec<Param> {
        let param = |(name, values): &(String, Values)| {
            let flag = match values {
                Values::List(_) => "--parameter-list",
                Values::Scan(_) => "--parameter-scan",
            };
            let (name, values) = (name.clone(), values.clone());
            Param { name, values, at: At::Flag(flag), outside: None }
        };
        let params: Vec<Param> = self.params.iter().map(param).collect();
        for (index, param) in params.iter().enumerate() {
            problems.ok(&param.at, values::check(param, &params[..index]));
        }
        params
    }

    fn workload(
        &self,
        index: usize,
        command: &AdHocCommand,
        params: &[Param],
        problems: &mut Problems,
    ) -> Option<Workload> {
        let at = At::Command(index + 1);
        let program = command.command();
        if program.is_empty() {
            problems.push(at, Fault::EmptyCommand);
            return None;
        }
        let checked = program.texts().iter().try_for_each(|text| words::check(text));
        problems.ok(&at, checked)?;
        let name = match self.names.get(index) {
            Some(name) => NameRule::Template(name.clone()),
            None => NameRule::Verbatim(problems.ok(&at, Name::new(&one_line(&command.text())))?),
        };
        Some(Workload {
            name,
            name_at: at.clone(),
            program: Program::Command(Set {
                value: program,
                layer: Layer::Workload,
                at,
                written: command.text(),
            }),
            ladder: None,
            params: params.to_vec(),
            threads: None,
            reading: Reading::default(),
            reads: None,
            written: Vec::new(),
            own: Settings::default(),
            // Hooks given for each command are as much in each other's way as a workload's own.
            group: 0,
        })
    }
}

/// The text with a space for each run of control characters, which no name may hold.
fn one_line(text: &str) -> String {
    let parts = text.split(char::is_control).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}
