//! A private folder for what is not kept: nobody else can read it, and it goes when we do.

use std::hash::{BuildHasher, Hasher};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A folder that was made, until this is dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// A path in the temporary folder that nobody can foretell; nothing is made there.
    pub(crate) fn path() -> PathBuf {
        let (process, random) = (std::process::id(), random());
        std::env::temp_dir().join(format!("tacho-{process}-{random:016x}"))
    }

    /// Makes the folder, for us alone.
    ///
    /// # Errors
    /// The system's answer, also when something is there already: it is not ours.
    pub(crate) fn make(path: &Path) -> Result<Self, std::io::Error> {
        std::fs::DirBuilder::new().mode(0o700).create(path)?;
        Ok(Self { path: path.to_owned() })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is small, and in a folder that is emptied anyway.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// A number that nobody chose.
pub(crate) fn random() -> u64 {
    // std seeds its hashers from the system's randomness.
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_private_and_goes() {
        let path = Scratch::path();
        let scratch = Scratch::make(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert!(Scratch::make(&path).is_err(), "what is there is not ours");
        std::fs::write(path.join("file"), "").unwrap();
        drop(scratch);
        assert!(!path.exists());
        assert_ne!(Scratch::path(), path);
    }
}
