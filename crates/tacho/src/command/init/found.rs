//! What was found in a folder: tools, and what each of them has to measure.

use tacho_schema::Name;

/// So many workloads of one tool get into the manifest; the others are counted.
pub(super) const WORKLOADS_MAX: usize = 12;

/// Measured runs of what takes long: the fewest from which a median has an interval.
pub(super) const RUNS: u32 = 6;

/// What one file says that there is to measure.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The file, or the folder, that it was found in.
    pub(super) file: String,
    /// The program that runs it, which must be there.
    pub(super) tool: &'static str,
    /// What there is to measure; empty where nothing is.
    pub(super) workloads: Vec<Workload>,
    /// What the user should know of it, in sentences.
    pub(super) notes: Vec<String>,
}

/// A workload of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Workload {
    /// `group/name`.
    pub(super) name: String,
    /// What it is, for those who read the manifest; a line each.
    pub(super) comments: Vec<&'static str>,
    /// The words that are measured.
    pub(super) command: Vec<String>,
    /// In place of them, the harness that names its workloads itself.
    pub(super) harness: Option<String>,
    /// What is done before the first run.
    pub(super) setup: Option<Setup>,
    /// Measured runs, where the built-in rule would take too long.
    pub(super) runs: Option<u32>,
    /// The bound of one run, where the built-in one is too short.
    pub(super) timeout: Option<&'static str>,
    /// Whether it is written as a comment: it may not be what the user wants to run.
    pub(super) is_proposal: bool,
}

/// What is done before the first run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setup {
    /// A program by its words.
    Words(Vec<String>),
    /// A line for the shell.
    Line(&'static str),
}

impl Found {
    /// Adds a workload, unless the manifest could not hold it: its name or a word of it has a
    /// character that no table and no comment can show.
    pub(super) fn add(&mut self, workload: Workload) {
        let is_plain = |text: &String| Name::new(text).is_ok();
        let setup = match &workload.setup {
            Some(Setup::Words(words)) => words.as_slice(),
            Some(Setup::Line(_)) | None => &[],
        };
        let mut words = workload.command.iter().chain(setup);
        if is_plain(&workload.name) && words.all(is_plain) {
            self.workloads.push(workload);
        } else {
            let name: String =
                workload.name.chars().take(40).flat_map(char::escape_debug).collect();
            self.notes.push(format!("{}: left out {name}: it is no name", self.file));
        }
    }

    /// Keeps the first ones, and says how many there are besides.
    pub(super) fn bounded(mut self) -> Self {
        let more = self.workloads.len().saturating_sub(WORKLOADS_MAX);
        if more > 0 {
            self.workloads.truncate(WORKLOADS_MAX);
            self.notes.push(format!("{}: left out {more} more that are like these", self.file));
        }
        self
    }

    /// Whether anything of it will be measured.
    pub(super) fn is_measured(&self) -> bool {
        self.workloads.iter().any(|workload| !workload.is_proposal)
    }
}

/// Words as a command has them.
pub(super) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}
