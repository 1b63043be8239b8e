//! Finds and opens what a command works on: the manifest, the state folder, the store.

use std::cell::OnceCell;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use tacho_plan::{At, Flags, MANIFEST_BYTES_MAX, Manifest, PathKey};
use tacho_schema::{Output, PlanDoc, PlannedPoint};
use tacho_store::{Access, Fault, Location, Store};

use crate::args::PlaceArgs;
use crate::failure::Failure;
use crate::scratch::Scratch;

/// The manifest's own name.
pub(crate) const MANIFEST: &str = "tacho.toml";
const STORE_FILE: &str = "history.db";

/// Where a command works.
#[derive(Debug)]
pub(crate) struct Project {
    /// The manifest, where there is one.
    pub manifest: Option<PathBuf>,
    /// The manifest's folder, else the current one: what paths are relative to.
    pub base: PathBuf,
    /// `base` below the project's root.
    pub base_in_project: Utf8PathBuf,
    /// The project's root: the repository's, else the manifest's folder.
    pub root: PathBuf,
    store: Location,
    /// Where journals and other state lie.
    state: PathBuf,
    /// `state` where nothing is kept, once it was made.
    scratch: OnceCell<Scratch>,
    /// The flags that lead to the same store.
    again: String,
    /// There is a manifest, and it was not to be used.
    is_beside_a_manifest: bool,
}

impl Project {
    /// Finds the project that `place` means.
    ///
    /// # Errors
    /// A manifest that does not exist, a store that cannot be meant.
    pub(crate) fn find(place: &PlaceArgs) -> Result<Self, Failure> {
        let here = current_folder()?;
        let manifest = match &place.manifest {
            _ if place.no_manifest => None,
            Some(path) => Some(named_manifest(path, &here)?),
            None => nearest_manifest(&here)?,
        };
        let base = manifest.as_deref().and_then(Path::parent).unwrap_or(&here).to_owned();
        let root = repository_root(&base).unwrap_or_else(|| base.clone());
        let below = base.strip_prefix(&root).unwrap_or(Path::new(""));
        let base_in_project = Utf8PathBuf::from_path_buf(below.to_owned()).map_err(|path| {
            Failure::usage(format!("the folder {} is not named in UTF-8", path.display()))
        })?;
        let state = match &manifest {
            Some(_) => base.join(".tacho"),
            None => user_state()?,
        };
        let store = match &place.store {
            Some(text) => named_store(text, &here)?,
            None => Location::Sqlite(state.join(STORE_FILE)),
        };
        let state = match (&store, &place.store) {
            // Journals lie beside the store that they are committed to.
            (Location::Sqlite(path), Some(_)) => parent(&here.join(path)),
            (Location::Memory, _) => Scratch::path(),
            (Location::Sqlite(_), None) => state,
        };
        let is_own_store = place.no_manifest && place.store.is_none();
        let is_beside_a_manifest = is_own_store && !matches!(nearest_manifest(&here), Ok(None));
        Ok(Self {
            manifest,
            base,
            base_in_project,
            root,
            store,
            state,
            scratch: OnceCell::new(),
            again: again(place),
            is_beside_a_manifest,
        })
    }

    /// The project of a command given by its words: a manifest that is there is not used.
    ///
    /// # Errors
    /// As [`Project::find`], and a manifest that is named all the same.
    pub(crate) fn of_words(place: &PlaceArgs) -> Result<Self, Failure> {
        if place.manifest.is_some() {
            return Err(Failure::usage("--manifest and a command after -- exclude each other"));
        }
        let here = current_folder()?;
        let is_none = matches!(nearest_manifest(&here), Ok(None));
        let no_manifest = place.no_manifest || !is_none;
        Self::find(&PlaceArgs { no_manifest, ..place.clone() })
    }

    /// The project of a harness that is named on the command line, likewise.
    ///
    /// # Errors
    /// As [`Project::find`], and a manifest that is named all the same.
    pub(crate) fn of_harness(place: &PlaceArgs) -> Result<Self, Failure> {
        if place.manifest.is_some() {
            return Err(Failure::usage("--manifest and --harness exclude each other")
                .hint("in a manifest, a [[workload]] with `harness` names one"));
        }
        Self::of_words(place)
    }

    /// The same project, for a run of which nothing is kept.
    pub(crate) fn forgetting(self) -> Self {
        let (state, again) = (Scratch::path(), " --store memory:".to_owned());
        Self { store: Location::Memory, state, again, is_beside_a_manifest: false, ..self }
    }

    /// The folder of the journals.
    pub(crate) fn journals(&self) -> PathBuf {
        self.state.join("journal")
    }

    /// The manifest as messages name it: relative to the current folder where that is shorter.
    pub(crate) fn manifest_name(&self) -> Option<String> {
        let path = self.manifest.as_ref()?;
        let here = std::env::current_dir().ok();
        let short = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
        Some(short.as_ref().unwrap_or(path).display().to_string())
    }

    /// The flags with which another command finds the same store, each with a space in front.
    pub(crate) fn again(&self) -> &str {
        &self.again
    }

    /// Whether captures go to the user's own store although there is a project with one.
    pub(crate) fn is_beside_a_manifest(&self) -> bool {
        self.is_beside_a_manifest
    }

    /// Refuses a store in which there never is anything: for commands that read.
    ///
    /// # Errors
    /// Exit 2.
    pub(crate) fn refuse_memory(&self) -> Result<(), Failure> {
        if !self.forgets() {
            return Ok(());
        }
        Err(Failure::usage("--store memory: keeps nothing, so there is nothing to read in it"))
    }

    /// Whether nothing is kept.
    pub(crate) fn forgets(&self) -> bool {
        self.store == Location::Memory
    }

    /// Refuses folders and files that leave the project by a symbolic link; the plan itself has
    /// refused those that leave it by their names.
    ///
    /// # Errors
    /// Exit 2, naming the place and the folder. Files that were typed may lie anywhere.
    pub(crate) fn check_folders(
        &self,
        plan: &PlanDoc,
        manifest: &Manifest,
        flags: &Flags,
    ) -> Result<(), Failure> {
        for planned in &plan.points {
            let stdin = planned.stdin.as_deref().filter(|_| flags.stdin.is_none());
            let output = match &planned.output {
                Output::File(path) if flags.output.is_none() => Some(path.as_str()),
                _ => None,
            };
            // A manifest has no absolute one: such a one is a package's, as cargo says.
            let dir = Some(planned.dir.as_str()).filter(|dir| Path::new(dir).is_relative());
            for (key, path) in
                [(PathKey::Dir, dir), (PathKey::Stdin, stdin), (PathKey::Output, output)]
            {
                let Some(path) = path else { continue };
                if let Some(real) = self.leads_away(path) {
                    let place = place_of(Some(manifest), planned, key, flags);
                    let real = real.display();
                    return Err(Failure::usage(format!(
                        "{place}: `{path}` leads out of the project, to {real}"
                    )));
                }
            }
        }
        Ok(())
    }

    /// Where a path of the manifest really leads, where that is out of the project.
    pub(crate) fn leads_away(&self, path: &str) -> Option<PathBuf> {
        let root = self.root.canonicalize().ok()?;
        let path = self.base.join(path);
        // What is not there yet may be made: in its folder, or, where that is made too, by a
        // set-up, and then it cannot lead away.
        let folder = || path.parent().and_then(|folder| folder.canonicalize().ok());
        let real = path.canonicalize().ok().or_else(folder)?;
        (!real.starts_with(&root)).then_some(real)
    }

    /// Opens the store for reading; `None` when nothing was committed to it yet.
    ///
    /// # Errors
    /// It is there and cannot be used, or it is one that never holds anything.
    pub(crate) fn open_to_read(&self) -> Result<Option<Box<dyn Store>>, Failure> {
        self.refuse_memory()?;
        match tacho_store::open(&self.store, Access::Read) {
            Ok(store) => Ok(Some(store)),
            Err(error) if matches!(error.fault, Fault::Missing) => Ok(None),
            Err(error) => Err(store_failure("read the store", &error)),
        }
    }

    /// Opens the store for committing; makes it, and its folder with a `.gitignore`, if need be.
    /// What a store that keeps nothing needs meanwhile goes with the project's value.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub(crate) fn open_to_write(&self) -> Result<Box<dyn Store>, Failure> {
        if self.forgets() && self.scratch.get().is_none() {
            let scratch = Scratch::make(&self.state).map_err(|error| {
                Failure::cannot(&format!("make {}", self.state.display()), &error)
            })?;
            // It was empty a moment ago, and nobody else has it.
            let _ = self.scratch.set(scratch);
        }
        let store = tacho_store::open(&self.store, Access::Write)
            .map_err(|error| store_failure("open the store", &error))?;
        if self.state.file_name().is_some_and(|name| name == ".tacho") {
            let ignore = self.state.join(".gitignore");
            if !ignore.exists() {
                std::fs::write(&ignore, "*\n").map_err(|error| {
                    Failure::cannot(&format!("write {}", ignore.display()), &error)
                })?;
            }
        }
        Ok(store)
    }
}

/// A store's error as a failure, with its remedy.
pub(crate) fn store_failure(what: &str, error: &tacho_store::StoreError) -> Failure {
    let failure = Failure::cannot(what, error);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Where `key` of `planned` stands, by its place in the manifest or its flag; by the point, where
/// it is neither's.
pub(crate) fn place_of(
    manifest: Option<&Manifest>,
    planned: &PlannedPoint,
    key: PathKey,
    flags: &Flags,
) -> String {
    let place = match (manifest, key) {
        (Some(manifest), _) => manifest.place(&planned.point, key, flags),
        (None, PathKey::Stdin) => flags.stdin.as_ref().map(|_| At::Flag("--input")),
        (None, PathKey::Output) => flags.output.as_ref().map(|_| At::Flag("--output")),
        (None, PathKey::Dir) => None,
    };
    match place {
        Some(At::Flag(flag)) => flag.to_owned(),
        Some(At::File(place)) => format!("{place}: {}", key.as_str()),
        _ => format!("{}: {}", planned.point, key.as_str()),
    }
}

/// The flags of `place` that decide about the store.
fn again(place: &PlaceArgs) -> String {
    match place {
        PlaceArgs { store: Some(store), .. } => format!(" --store {store}"),
        PlaceArgs { manifest: Some(path), .. } => format!(" --manifest {}", path.display()),
        PlaceArgs { no_manifest: true, .. } => " -x".to_owned(),
        PlaceArgs { .. } => String::new(),
    }
}

fn named_store(text: &str, here: &Path) -> Result<Location, Failure> {
    let store = Location::parse(text)
        .map_err(|error| Failure::usage(format!("--store {text}: {error}")))?;
    match &store {
        Location::Sqlite(path) if here.join(path).is_dir() => {
            Err(Failure::usage(format!("--store {text}: it is a folder"))
                .hint(format!("name a file in it: {}", path.join(STORE_FILE).display())))
        }
        _ => Ok(store),
    }
}

fn named_manifest(path: &Path, here: &Path) -> Result<PathBuf, Failure> {
    let full = here.join(path);
    if full.is_file() {
        return Ok(full);
    }
    let why = match full.symlink_metadata() {
        Ok(_) => no_file(&full).map_or_else(String::new, |why| format!("it {why}")),
        Err(_) => "there is no such file".to_owned(),
    };
    let failure = Failure::usage(format!("--manifest {}: {why}", path.display()));
    let inside = full.join(MANIFEST);
    Err(if inside.is_file() {
        failure.hint(format!("there is {}", path.join(MANIFEST).display()))
    } else {
        failure
    })
}

/// `tacho.toml` in `here` or the nearest folder above, up to the repository's root; without a
/// repository, only in `here`.
///
/// # Errors
/// The nearest one is no file: the one above it, or none, would be a surprise.
fn nearest_manifest(here: &Path) -> Result<Option<PathBuf>, Failure> {
    let root = repository_root(here).unwrap_or_else(|| here.to_owned());
    let nearest = here
        .ancestors()
        .take_while(|folder| folder.starts_with(&root))
        .map(|folder| folder.join(MANIFEST))
        .find(|path| path.symlink_metadata().is_ok());
    let Some(path) = nearest else { return Ok(None) };
    match no_file(&path) {
        None => Ok(Some(path)),
        Some(why) => Err(Failure::usage(format!("{} is there, and {why}", path.display()))
            .hint("put the manifest there, or remove it; -x does without a manifest")),
    }
}

/// Why something that is there is no file to read; `None` where it is one.
fn no_file(path: &Path) -> Option<String> {
    match path.metadata() {
        Ok(found) if found.is_file() => None,
        Ok(found) if found.is_dir() => Some("is a folder, not a file".to_owned()),
        Ok(_) => Some("is no regular file".to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Some("is a link to nothing".to_owned())
        }
        Err(error) => Some(format!("cannot be opened: {error}")),
    }
}

fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| Failure::cannot("find the current folder", &error))
}

fn repository_root(from: &Path) -> Option<PathBuf> {
    from.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// The bytes of a manifest or of the user's own settings, and one more than it may have where it
/// is too long.
///
/// # Errors
/// The system's answer.
pub(crate) fn read_settings(path: &Path) -> Result<Vec<u8>, std::io::Error> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(MANIFEST_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The user's own settings, where there are some: `$XDG_CONFIG_HOME/tacho/config.toml`, else
/// `~/.config/tacho/config.toml`.
pub(crate) fn user_settings() -> Option<PathBuf> {
    let path = user_folder("XDG_CONFIG_HOME", ".config")?.join("config.toml");
    path.is_file().then_some(path)
}

/// Our folder in the one that `variable` names, else in `below` of the home folder.
fn user_folder(variable: &str, below: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    // The specification: a relative path is to be ignored.
    let folder = set(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = set("HOME").map(|home| PathBuf::from(home).join(below));
    folder.or(home).map(|folder| folder.join("tacho"))
}

/// `$XDG_STATE_HOME/tacho`, else `~/.local/state/tacho`.
fn user_state() -> Result<PathBuf, Failure> {
    user_folder("XDG_STATE_HOME", ".local/state").ok_or_else(|| {
        Failure::environment("neither XDG_STATE_HOME nor HOME is set")
            .hint("name a store with --store PATH")
    })
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("/")).to_owned()
}
