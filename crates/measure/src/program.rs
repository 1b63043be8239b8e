//! A program to start: found in the PATH, its words and variables laid out for the kernel.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::tail::{OUTPUT_BYTES_MAX, TAIL_BYTES_MAX};

/// Why a program cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// There is no such file, neither at the path nor in the PATH.
    #[error("`{0}` does not exist")]
    Missing(String),
    /// The file is there, but not executable by us.
    #[error("`{0}` is not executable")]
    NotExecutable(String),
    /// It is to run on processors that are not here, or not ours.
    #[error("its `cpus` {lacking} cannot be had; these can: {here}")]
    NoProcessor {
        /// The ones that cannot be had.
        lacking: String,
        /// The ones that can.
        here: String,
    },
    /// There is nothing to start.
    #[error("the command is empty")]
    Empty,
    /// A word holds a NUL byte, which no program can be given.
    #[error("`{0}` holds a NUL byte")]
    Nul(String),
}

/// A program with its words, environment, folder and standard input.
#[derive(Clone, Debug)]
pub struct Program {
    /// Absolute path, or one that is relative to `dir`.
    pub(crate) path: CString,
    pub(crate) argv: Vec<CString>,
    pub(crate) env: Vec<CString>,
    pub(crate) dir: CString,
    pub(crate) stdin: Option<CString>,
    pub(crate) output: Sink,
    pub(crate) bounds: Bounds,
    /// So much of the end of what it prints is kept.
    pub(crate) kept_bytes_max: usize,
    /// The request to run it, once it was made: only its token changes.
    pub(crate) frame: OnceLock<Vec<u8>>,
    /// A child that lives longer is announced to us, so that it can be supervised.
    pub(crate) announce_after_nanos: u64,
}

/// What a program's standard output is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sink {
    /// A pipe that we read.
    #[default]
    Pipe,
    /// `/dev/null`.
    Null,
    /// Our own, as standard error then is too.
    Inherit,
    /// A file, emptied first.
    File(CString),
}

/// The bounds within which a program runs; whatever it starts inherits them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The `cgroup.procs` of the control group that it joins.
    pub(crate) cgroup_procs: Option<CString>,
    /// RLIMIT_AS.
    pub(crate) address_space_bytes_max: Option<u64>,
    /// The processors it may run on, as the kernel's mask: bit n of byte n / 8.
    pub(crate) cpus: Option<Vec<u8>>,
    /// Its niceness.
    pub(crate) nice: Option<i32>,
    /// Its addresses are not randomised.
    pub(crate) keeps_addresses: bool,
}

/// A processor mask as the kernel takes it, in whole words.
pub(crate) fn cpu_mask(cpus: &[u32]) -> Vec<u8> {
    let bits = cpus.iter().max().map_or(1, |last| *last as usize + 1);
    let mut mask = vec![0; bits.div_ceil(64) * 8];
    for cpu in cpus {
        mask[*cpu as usize / 8] |= 1 << (cpu % 8);
    }
    mask
}

/// A child is announced after so much time: short enough for any deadline to be kept, long enough
/// that the many runs of a short program cost no extra message.
const ANNOUNCE_AFTER_NANOS: u64 = 5_000_000;

/// The environment that children get: ours, as `NAME=value`.
#[derive(Clone, Debug)]
pub struct Surroundings {
    vars: BTreeMap<OsString, OsString>,
}

impl Surroundings {
    /// From the variables that `tacho` itself was given.
    #[must_use]
    pub fn inherited() -> Self {
        Self { vars: std::env::vars_os().collect() }
    }

    /// These, and `more` in front of them.
    #[must_use]
    pub fn and(mut self, more: &BTreeMap<String, String>) -> Self {
        self.vars.extend(more.iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// All of them.
    pub(crate) fn vars(&self) -> &BTreeMap<OsString, OsString> {
        &self.vars
    }

    fn with(&self, more: &BTreeMap<String, String>) -> BTreeMap<OsString, OsString> {
        self.clone().and(more).vars
    }
}

impl Program {
    /// Finds `argv[0]` as `execvp` would after entering `dir`, and lays everything out.
    ///
    /// # Errors
    /// [`ProgramError`] when it does not exist, may not be executed, or a word holds a NUL byte.
    pub fn find(
        argv: &[String],
        surroundings: &Surroundings,
        env: &BTreeMap<String, String>,
        dir: &Path,
        stdin: Option<&Path>,
    ) -> Result<Self, ProgramError> {
        let vars = surroundings.with(env);
        let path = locate(argv, &vars, dir)?;
        let env = vars
            .into_iter()
            .map(|(name, value)| {
                let mut entry = name.into_vec();
                entry.push(b'=');
                entry.extend(value.into_vec());
                c_string(entry)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            path: c_string(path.into_os_string().into_vec())?,
            argv: argv.iter().map(|word| c_string(word.clone())).collect::<Result<_, _>>()?,
            env,
            dir: c_string(dir.as_os_str().as_bytes())?,
            stdin: stdin.map(|path| c_string(path.as_os_str().as_bytes())).transpose()?,
            output: Sink::Pipe,
            bounds: Bounds::default(),
            kept_bytes_max: TAIL_BYTES_MAX,
            frame: OnceLock::new(),
            announce_after_nanos: ANNOUNCE_AFTER_NANOS,
        })
    }

    /// The spawner itself, told to end at once: the cheapest program there is.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            path: c"/proc/self/exe".to_owned(),
            argv: vec![c"tacho-noop".to_owned()],
            env: Vec::new(),
            dir: c"/".to_owned(),
            stdin: None,
            output: Sink::Pipe,
            bounds: Bounds::default(),
            kept_bytes_max: TAIL_BYTES_MAX,
            frame: OnceLock::new(),
            announce_after_nanos: ANNOUNCE_AFTER_NANOS,
        }
    }

    /// The same, with these words and variables: the file that is executed stays what it is.
    ///
    /// # Errors
    /// [`ProgramError::Nul`] when one of them holds a NUL byte.
    pub(crate) fn asked(
        &self,
        argv: Vec<String>,
        variables: &[(&str, String)],
    ) -> Result<Self, ProgramError> {
        let is_replaced = |entry: &&CString| {
            let entry = entry.to_bytes();
            let is_of = |name: &str| {
                entry.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
            };
            variables.iter().any(|(name, _)| is_of(name))
        };
        let mut env: Vec<CString> =
            self.env.iter().filter(|entry| !is_replaced(entry)).cloned().collect();
        for (name, value) in variables {
            env.push(c_string(format!("{name}={value}"))?);
        }
        let argv = argv.into_iter().map(c_string).collect::<Result<_, _>>()?;
        Ok(Self { argv, env, frame: OnceLock::new(), ..self.clone() })
    }

    /// The same, announced in time for a deadline of `timeout_nanos`.
    #[must_use]
    pub fn announced_within(mut self, timeout_nanos: u64) -> Self {
        self.frame = OnceLock::new();
        self.announce_after_nanos = ANNOUNCE_AFTER_NANOS.min(timeout_nanos / 2).max(1);
        self
    }

    /// The same, printing to `sink`.
    #[must_use]
    pub fn printing_to(mut self, sink: Sink) -> Self {
        self.frame = OnceLock::new();
        self.output = sink;
        self
    }

    /// The same, with so much of what it prints kept that all of it can be read.
    #[must_use]
    pub fn read_whole(mut self) -> Self {
        self.frame = OnceLock::new();
        self.kept_bytes_max = OUTPUT_BYTES_MAX;
        self
    }

    /// The same, as a member of the control group whose `cgroup.procs` this is.
    #[must_use]
    pub(crate) fn in_group(mut self, procs: CString) -> Self {
        self.frame = OnceLock::new();
        self.bounds.cgroup_procs = Some(procs);
        self
    }

    /// The same, with so much of addresses.
    #[must_use]
    pub(crate) fn within_address_space(mut self, bytes_max: u64) -> Self {
        self.frame = OnceLock::new();
        self.bounds.address_space_bytes_max = Some(bytes_max);
        self
    }

    /// The same, within these bounds.
    #[must_use]
    pub fn within(mut self, bounds: Bounds) -> Self {
        self.frame = OnceLock::new();
        self.bounds = bounds;
        self
    }
}

pub(crate) fn c_string(bytes: impl Into<Vec<u8>>) -> Result<CString, ProgramError> {
    CString::new(bytes).map_err(|error| {
        ProgramError::Nul(String::from_utf8_lossy(&error.into_vec()).replace('\0', "\\0"))
    })
}

/// Where the program of `argv` is for somebody with these variables in `dir`.
pub(crate) fn locate(
    argv: &[String],
    vars: &BTreeMap<OsString, OsString>,
    dir: &Path,
) -> Result<PathBuf, ProgramError> {
    let name = argv.first().filter(|name| !name.is_empty()).ok_or(ProgramError::Empty)?;
    resolve(name, vars.get(OsStr::new("PATH")), dir)
}

/// Where `name` is: itself when it holds a slash (relative to `dir`), else the first in PATH.
fn resolve(name: &str, path: Option<&OsString>, dir: &Path) -> Result<PathBuf, ProgramError> {
    if name.contains('/') {
        let full = dir.join(name);
        return match access(&full) {
            Access::Executable => Ok(full),
            Access::Present => Err(ProgramError::NotExecutable(name.to_owned())),
            Access::Absent => Err(ProgramError::Missing(name.to_owned())),
        };
    }
    let fallback = OsString::from("/usr/local/bin:/usr/bin:/bin");
    let mut present = false;
    for folder in std::env::split_paths(path.unwrap_or(&fallback)) {
        let full = dir.join(folder).join(name);
        match access(&full) {
            Access::Executable => return Ok(full),
            Access::Present => present = true,
            Access::Absent => {}
        }
    }
    let name = name.to_owned();
    Err(if present { ProgramError::NotExecutable(name) } else { ProgramError::Missing(name) })
}

enum Access {
    Executable,
    Present,
    Absent,
}

fn access(path: &Path) -> Access {
    match std::fs::metadata(path) {
        Ok(data) if data.is_file() => match rustix::fs::access(path, rustix::fs::Access::EXEC_OK) {
            Ok(()) => Access::Executable,
            Err(_) => Access::Present,
        },
        Ok(_) => Access::Present,
        Err(_) => Access::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(argv: &[&str], dir: &str, expected: Result<&str, &str>) {
        let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        let env = BTreeMap::from([("PATH".to_owned(), "/nonexistent:/bin".to_owned())]);
        let found = Program::find(&argv, &Surroundings::inherited(), &env, Path::new(dir), None)
            .map(|program| program.path.into_string().unwrap())
            .map_err(|error| error.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn programs_are_found_as_a_shell_would() {
        check(&["sh", "-c", "true"], "/", Ok("/bin/sh"));
        check(&["/bin/sh"], "/tmp", Ok("/bin/sh"));
        check(&["./sh"], "/bin", Ok("/bin/./sh"));
        check(&["./sh"], "/tmp", Err("`./sh` does not exist"));
        check(&["no-such-program"], "/", Err("`no-such-program` does not exist"));
        check(&["/etc/passwd"], "/", Err("`/etc/passwd` is not executable"));
        check(&["/etc"], "/", Err("`/etc` is not executable"));
        check(&[], "/", Err("the command is empty"));
        check(&["sh", "a\0b"], "/", Err("`a\\0b` holds a NUL byte"));
    }
}
