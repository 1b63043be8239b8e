//! A file that is there whole or not at all, whatever ends us meanwhile.

use std::fs::{self, Permissions};
use std::io::{BufWriter, Error, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What a new file may be, before the user's mask.
const MODE: u32 = 0o666;

/// Writes a file with `fill`, beside `path`, and puts it in its place once it is complete.
///
/// A link is followed: what it leads to is replaced. A device or a pipe is written to as it is,
/// because nothing can take its place.
///
/// # Errors
/// The system's answer, or `fill`'s; what was at `path` before is untouched then.
pub(crate) fn write(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(&target).ok();
    if before.as_ref().is_some_and(|found| !found.is_file() && !found.is_dir()) {
        let mut out = BufWriter::new(fs::OpenOptions::new().write(true).open(&target)?);
        fill(&mut out)?;
        return out.flush();
    }
    if before.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mode = before.map_or_else(|| Permissions::from_mode(MODE), |found| found.permissions());
    let file = tempfile::Builder::new()
        .prefix(".tacho-")
        .suffix(".tmp")
        .permissions(mode)
        .tempfile_in(folder)?;
    let mut out = BufWriter::new(file);
    fill(&mut out)?;
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.persist(target).map(drop).map_err(|fault| fault.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leaves_what_was_there() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("file");
        let link = scratch.path().join("link");
        write(&path, |out| out.write_all(b"one")).unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        let failed = write(&path, |out| {
            out.write_all(b"half")?;
            Err(std::io::ErrorKind::StorageFull.into())
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        write(&link, |out| out.write_all(b"two")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(link.is_symlink());
        write(Path::new("/dev/null"), |out| out.write_all(b"x")).unwrap();
        assert!(write(scratch.path(), |_| Ok(())).is_err());
        assert!(write(&scratch.path().join("no/file"), |_| Ok(())).is_err());
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 2, "no temporary file stays");
    }
}
