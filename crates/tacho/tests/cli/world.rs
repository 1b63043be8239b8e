//! The one door to the command: a scratch project with its own home and state, and `tacho` in it.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;
use tacho_schema::{CaptureId, Row};
use tacho_store::{Access, CaptureEntry, Location, Query, Store};
use tempfile::TempDir;

/// Whatever is waited for comes within this, unless it never does.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// What a `tacho` of somebody else on this machine makes ours say; no test but one expects it.
const WAITING: &str =
    "note: another tacho is measuring on this machine: waiting for it (--no-wait goes on)\n";

/// A project in a folder of its own; nothing that was started in it may outlive it.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        for name in ["project", "home", "state", "tmp"] {
            fs::create_dir(world.folder.path().join(name)).unwrap();
        }
        world
    }

    /// A project with this manifest.
    pub(crate) fn with(manifest: &str) -> Self {
        let world = Self::new();
        world.write("tacho.toml", manifest);
        world
    }

    /// The project's folder.
    pub(crate) fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// A path in the project.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.project().join(name)
    }

    /// Where captures go when there is no manifest.
    pub(crate) fn user_state(&self) -> PathBuf {
        self.folder.path().join("state/tacho")
    }

    /// Where what is kept nowhere may lie for a while.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The file's text; one that is not there is empty.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The file's lines; one that is not there has none.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        self.read(name).lines().map(str::to_owned).collect()
    }

    /// The names in a folder of the project, sorted; none where there is no such folder.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }

    /// Makes the program `name` of C `source`.
    pub(crate) fn compile(&self, name: &str, source: &str) {
        self.write(&format!("{name}.c"), source);
        let mut gcc = Command::new("gcc");
        gcc.args(["-O1", "-Wall", "-Werror", "-o", name, &format!("{name}.c")]);
        let output = gcc.current_dir(self.project()).output().expect("gcc is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs `tacho` in the project to its end.
    pub(crate) fn tacho(&self, args: &[&str]) -> Output {
        self.start(args).end()
    }

    /// Runs `tacho` in a folder of the project.
    pub(crate) fn tacho_in(&self, folder: &str, args: &[&str]) -> Output {
        let mut command = self.command(args);
        command.current_dir(self.path(folder));
        self.launch(command).end()
    }

    /// Starts `tacho` in the project.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        self.launch(self.command(args))
    }

    /// Starts a command with streams that are read later.
    pub(crate) fn launch(&self, mut command: Command) -> Running {
        let stream = || tempfile::NamedTempFile::new_in(self.folder.path()).unwrap();
        let (stdout, stderr) = (stream().into_temp_path(), stream().into_temp_path());
        let sink = |path: &Path| OpenOptions::new().append(true).open(path).unwrap();
        command.stdout(sink(&stdout)).stderr(sink(&stderr));
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        let words = words.join(" ");
        Running { child: command.spawn().unwrap(), stdout, stderr, words }
    }

    /// The command with its words and surroundings, leader of a process group as under a shell.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.command_under(&[], args)
    }

    /// The same started by another program, which gets its words.
    pub(crate) fn command_under(&self, launcher: &[&str], args: &[&str]) -> Command {
        let words = [launcher, &[env!("CARGO_BIN_EXE_tacho")], args].concat();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .current_dir(self.project())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path().join("home"))
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("TMPDIR", self.temporary())
            .env("TERM", "dumb")
            .env("NO_COLOR", "1")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .process_group(0);
        command
    }

    /// The store's file.
    pub(crate) fn store_path(&self) -> PathBuf {
        match self.path("tacho.toml").exists() {
            true => self.path(".tacho/history.db"),
            false => self.user_state().join("history.db"),
        }
    }

    fn store(&self) -> Box<dyn Store> {
        tacho_store::open(&Location::Sqlite(self.store_path()), Access::Read).unwrap()
    }

    /// The captures, newest first.
    pub(crate) fn captures(&self) -> Vec<CaptureEntry> {
        match self.store_path().exists() {
            true => self.store().captures(&Query::default()).unwrap(),
            false => Vec::new(),
        }
    }

    /// The newest capture.
    pub(crate) fn newest(&self) -> CaptureEntry {
        self.captures().remove(0)
    }

    /// The rows of a capture, in their order.
    pub(crate) fn rows_of(&self, capture: &CaptureId) -> Vec<Row> {
        let mut rows = Vec::new();
        self.store().rows(capture, &mut |row| rows.push(row)).unwrap();
        rows
    }

    /// The rows of the newest capture.
    pub(crate) fn rows(&self) -> Vec<Row> {
        self.rows_of(&self.newest().header.id)
    }

    /// The processes that were started in this world, by `tacho` or by what it measured, and live.
    pub(crate) fn alive(&self) -> Vec<String> {
        let own = format!("XDG_STATE_HOME={}/", self.folder.path().display());
        let is_own = |pid: &str| {
            let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            String::from_utf8_lossy(&environ).contains(&own)
        };
        let entries = fs::read_dir("/proc").unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names
            .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()) && is_own(name))
            .map(|pid| {
                let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                format!("{pid} {}", String::from_utf8_lossy(&words).replace('\0', " "))
            })
            .collect()
    }

    /// Waits until `file` has a line that starts with `text`.
    pub(crate) fn await_line(&self, file: &str, text: &str) {
        await_that(&format!("a line `{text}` in {file}"), || {
            self.lines(file).iter().any(|line| line.starts_with(text))
        });
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let begun = Instant::now();
        while !self.alive().is_empty() {
            assert!(begun.elapsed() < PATIENCE, "still alive: {:?}", self.alive());
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}

/// Waits until `comes` is so.
pub(crate) fn await_that(what: &str, mut comes: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !comes() {
        assert!(begun.elapsed() < PATIENCE, "there never was {what}");
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Waits until none of these is a spawner any more.
pub(crate) fn await_end_of(spawners: &[String]) {
    let is_alive = |pid: &String| {
        fs::read_to_string(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|words| words.starts_with("tacho-spawner"))
    };
    await_that("an end of the spawner", || !spawners.iter().any(is_alive));
}

/// A `tacho` that was started; killed when the test ends before it.
pub(crate) struct Running {
    child: Child,
    stdout: tempfile::TempPath,
    stderr: tempfile::TempPath,
    words: String,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends `signal` to the whole process group, as a terminal does.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process_group(Pid::from_child(&self.child), signal).unwrap();
    }

    /// `kill -9`, to `tacho` alone; waits until its spawner, whose environment is empty, has ended.
    pub(crate) fn kill(mut self) {
        let spawners = self.children();
        kill_process(Pid::from_child(&self.child), Signal::KILL).unwrap();
        self.child.wait().unwrap();
        await_end_of(&spawners);
    }

    /// The processes that it started itself: its spawner, once it has one.
    pub(crate) fn children(&self) -> Vec<String> {
        let path = format!("/proc/{0}/task/{0}/children", self.pid());
        let children = fs::read_to_string(path).unwrap_or_default();
        children.split_whitespace().map(str::to_owned).collect()
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// What it wrote to standard output until now.
    pub(crate) fn stdout_so_far(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap()
    }

    /// What it wrote to standard error until now.
    pub(crate) fn stderr_so_far(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap()
    }

    /// Waits for its end, and checks what no `tacho` may ever print.
    pub(crate) fn end(mut self) -> Output {
        await_that(&format!("an end of tacho {}", self.words), || self.has_ended());
        let status = self.child.wait().unwrap();
        let read = |path: &Path| String::from_utf8(fs::read(path).unwrap()).expect("UTF-8");
        let (stdout, stderr) = (read(&self.stdout), read(&self.stderr));
        let told = format!("tacho {}: {status}\n{stdout}\n--\n{stderr}", self.words);
        for never in ["panicked", "RUST_BACKTRACE", "\u{1b}["] {
            assert!(!stdout.contains(never) && !stderr.contains(never), "{never:?} in {told}");
        }
        let code = status.code();
        let stderr = stderr.replace(WAITING, "");
        Output { stdout, stderr, code: code.unwrap_or_else(|| panic!("by a signal: {told}")), told }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.has_ended() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// What a `tacho` said and how it ended.
pub(crate) struct Output {
    pub(crate) stdout: String,
    /// Without the note that it waited for its turn.
    pub(crate) stderr: String,
    code: i32,
    /// All of it, for messages.
    told: String,
}

impl Output {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.told);
        self
    }

    pub(crate) fn code(&self) -> i32 {
        self.code
    }

    /// Holds that each of `texts` is on standard output.
    #[track_caller]
    pub(crate) fn shows(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stdout.contains(text), "no {text:?} on standard output of {}", self.told);
        }
        self
    }

    /// Holds that each of `texts` is on standard error.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} on standard error of {}", self.told);
        }
        self
    }

    /// Holds that nothing is on standard error.
    #[track_caller]
    pub(crate) fn in_silence(self) -> Self {
        assert_eq!(self.stderr, "", "{}", self.told);
        self
    }

    /// Standard output as one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|fault| panic!("{fault}: {}", self.told))
    }
}

/// Adds a line to a file.
pub(crate) fn append(path: &Path, line: &str) {
    let file: Result<File, _> = OpenOptions::new().append(true).create(true).open(path);
    writeln!(file.unwrap(), "{line}").unwrap();
}

/// Says, where it is read, that this machine cannot show something.
pub(crate) fn skipped(name: &str, why: &str) {
    eprintln!("SKIPPED {name}: {why}");
}
