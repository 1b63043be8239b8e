//! The folder in which `tacho` measures and is killed, and what is found there afterwards.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Moment;
use super::audit::{self, Captures, Counts};
use crate::bench::BenchError;
use crate::bench::program::Programs;
use crate::workspace::WorkspaceError;

/// Runs of each program.
pub(super) const RUNS: u64 = 16;

/// The programs of the manifest: name, and sleepers that a run leaves in the background.
const PROGRAMS: [(&str, u32); 3] = [("quick/one", 0), ("quick/two", 0), ("forks/two", 2)];

/// Children of a killed `tacho` end by themselves within this time, or are left.
const DYING_MAX: Duration = Duration::from_secs(3);

/// A run that takes longer is stuck.
const RUN_MAX: Duration = Duration::from_secs(120);

/// How often something is looked for.
const LOOK_EVERY: Duration = Duration::from_micros(200);

/// What a kill left, as counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    /// It had not ended by itself before.
    pub(super) was_running: bool,
    /// `tacho history`, `tacho recover` and the reader all could use the store.
    pub(super) opened: bool,
    /// Captures that were there before `tacho recover`.
    pub(super) committed_by_run: u64,
    /// Captures that it brought.
    pub(super) committed_by_recover: u64,
    /// Rows of both.
    pub(super) rows: u64,
    /// Programs that logged their end.
    pub(super) completed: u64,
    /// … and have no row.
    pub(super) without_row: u64,
    /// Rows whose program did not log its end.
    pub(super) without_program: u64,
    /// Captures whose summary counts other rows than there are.
    pub(super) lacking: u64,
    /// Earlier captures that are gone or differ, and captures of one run beyond the first.
    pub(super) changed: u64,
    /// Processes left.
    pub(super) children: u64,
}

impl Left {
    /// Whether a promise is broken.
    pub(super) fn is_broken(&self) -> bool {
        let bad = [self.lacking, self.changed, self.children, self.without_program];
        !self.opened || self.without_row > 1 || bad.iter().any(|count| *count > 0)
    }
}

/// A folder with a manifest, a log and a store that takes every capture.
pub(super) struct Scene {
    tacho: PathBuf,
    reader: PathBuf,
    folder: PathBuf,
    /// What the sleepers are called, so that no other process is taken for one.
    mark: String,
    /// What is known to be in the store.
    captures: Captures,
}

impl Scene {
    /// Makes the folder, with programs that take so many milliseconds.
    ///
    /// # Errors
    /// [`BenchError::File`]: it cannot be made.
    pub(super) fn new(programs: &Programs, millis: u32) -> Result<Self, BenchError> {
        let folder = programs.empty_folder("kill")?;
        let mark = format!("tacho-bench-sleeper-{}", std::process::id());
        let stamp = programs.path("stamp");
        let mut manifest = format!("[project]\nname = \"kill\"\n\n[defaults]\nruns = {RUNS}\n");
        for (name, sleepers) in PROGRAMS {
            let words = [
                stamp.to_string_lossy().as_ref(),
                "log.txt",
                name,
                &millis.to_string(),
                &sleepers.to_string(),
                &mark,
            ]
            .map(|word| format!("{word:?}"))
            .join(", ");
            manifest.push_str(&format!("\n[[workload]]\nname = {name:?}\ncommand = [{words}]\n"));
        }
        let path = folder.join("tacho.toml");
        std::fs::write(&path, manifest).map_err(|source| BenchError::File {
            verb: "write",
            path,
            source,
        })?;
        let (tacho, reader) = (programs.tacho.clone(), programs.driver("audit"));
        Ok(Self { tacho, reader, folder, mark, captures: Captures::new() })
    }

    /// Lets `tacho` end by itself; gives how long it took, and how long since the last program.
    ///
    /// # Errors
    /// [`BenchError::Scene`] when the store does not have what was measured.
    pub(super) fn undisturbed(&mut self) -> Result<(Duration, Duration), BenchError> {
        let start = Instant::now();
        let mut tacho = self.start()?;
        self.wait_for_programs(&mut tacho)?;
        let last_program = Instant::now();
        tacho.wait()?;
        let spans = (start.elapsed(), last_program.elapsed());
        let left = self.look(true, &[])?;
        let all = RUNS * PROGRAMS.len() as u64;
        let wanted = Left {
            was_running: true,
            opened: true,
            committed_by_run: 1,
            rows: all,
            completed: all,
            ..Left::default()
        };
        if left == wanted {
            return Ok(spans);
        }
        Err(BenchError::Scene(format!("an undisturbed run left {left:?}, not {wanted:?}")))
    }

    /// Starts `tacho`, kills it at the moment, and looks at what it left.
    ///
    /// # Errors
    /// [`BenchError`]: a program cannot be started or waited for.
    pub(super) fn kill(&mut self, moment: Moment) -> Result<Left, BenchError> {
        let mut tacho = self.start()?;
        match moment {
            Moment::SinceStart(since) => std::thread::sleep(since),
            Moment::SinceLastProgram(since) => {
                self.wait_for_programs(&mut tacho)?;
                std::thread::sleep(since);
            }
        }
        let was_running = tacho.try_wait()?.is_none();
        let children = children_of(tacho.id());
        tacho.kill()?;
        tacho.wait()?;
        self.look(was_running, &children)
    }

    fn start(&self) -> Result<Child, BenchError> {
        let log = self.folder.join("log.txt");
        match std::fs::remove_file(&log) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(BenchError::File { verb: "remove", path: log, source: error });
            }
            _ => {}
        }
        self.command(&["run", "--no-wait"]).spawn().map_err(|source| {
            let program = self.tacho.to_string_lossy().into_owned();
            WorkspaceError::Start { program, source }.into()
        })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.tacho);
        command.args(words).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn succeeds(&self, words: &[&str]) -> Result<bool, BenchError> {
        Ok(self.command(words).status()?.success())
    }

    fn log(&self) -> Counts {
        audit::log(&self.folder.join("log.txt"))
    }

    /// Waits until every program of the plan has logged its end, or `tacho` ended without that.
    fn wait_for_programs(&self, tacho: &mut Child) -> Result<(), BenchError> {
        let start = Instant::now();
        let all = RUNS * PROGRAMS.len() as u64;
        while self.log().values().sum::<u64>() < all && tacho.try_wait()?.is_none() {
            if start.elapsed() > RUN_MAX {
                tacho.kill()?;
                return Err(BenchError::Scene("the programs did not end".to_owned()));
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Counts what is there: processes first, then the store before and after `tacho recover`.
    fn look(&mut self, was_running: bool, children: &[u32]) -> Result<Left, BenchError> {
        let children = self.outlive(children);
        let log = self.log();
        let mut opened = self.succeeds(&["history", "--json"])?;
        let by_run = self.read(&mut opened)?;
        opened &= self.succeeds(&["recover"])? && self.succeeds(&["history", "--json"])?;
        let after = self.read(&mut opened)?;
        let new: Captures = after
            .iter()
            .filter(|(id, _)| !self.captures.contains_key(*id))
            .map(|(id, capture)| (id.clone(), capture.clone()))
            .collect();
        let kept = |(id, capture): &(&String, &audit::Capture)| after.get(*id) == Some(*capture);
        let gone = self.captures.iter().filter(|entry| !kept(entry)).count() as u64;
        let mut rows = Counts::new();
        for (name, count) in new.values().flat_map(|capture| &capture.rows) {
            *rows.entry(name.clone()).or_insert(0) += count;
        }
        let committed_by_run = new.keys().filter(|id| by_run.contains_key(*id)).count() as u64;
        let lacking = after.values().filter(|capture| capture.counted != capture.stored);
        let left = Left {
            was_running,
            opened,
            committed_by_run,
            committed_by_recover: new.len() as u64 - committed_by_run,
            rows: rows.values().sum(),
            completed: log.values().sum(),
            without_row: audit::excess(&log, &rows),
            without_program: audit::excess(&rows, &log),
            lacking: lacking.count() as u64,
            changed: gone + (new.len() as u64).saturating_sub(1),
            children,
        };
        self.captures = after;
        Ok(left)
    }

    /// The captures of the store; none, and `opened` is false, when it cannot be read.
    fn read(&self, opened: &mut bool) -> Result<Captures, BenchError> {
        let read = audit::captures(&self.reader, &self.folder.join(".tacho/history.db"))?;
        *opened &= read.is_some();
        Ok(read.unwrap_or_default())
    }

    /// How many of `children` and of our sleepers are still there when they had time to end.
    fn outlive(&self, children: &[u32]) -> u64 {
        let start = Instant::now();
        loop {
            let left = processes()
                .filter(|(process, words)| {
                    let first = words.split('\0').next().unwrap_or_default();
                    first == self.mark || children.contains(process) && first == SPAWNER
                })
                .count() as u64;
            if left == 0 || start.elapsed() > DYING_MAX {
                return left;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

/// The first word of the spawner, as `tacho` starts it.
const SPAWNER: &str = "tacho-spawner";

/// Every process with its words; one that has ended and is not reaped has none.
fn processes() -> impl Iterator<Item = (u32, String)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let process = entry.file_name().to_str()?.parse().ok()?;
        let words = std::fs::read(entry.path().join("cmdline")).ok()?;
        Some((process, String::from_utf8_lossy(&words).into_owned()))
    })
}

/// The children of a process's first thread: of `tacho`, its spawner.
fn children_of(process: u32) -> Vec<u32> {
    let path = format!("/proc/{process}/task/{process}/children");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|child| child.parse().ok()).collect()
}
