//! Folders and files of a manifest, which stay inside the project.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// Why a folder or file is not where it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPath {
    /// It starts at the root of the file system.
    #[error("`{0}` is absolute: write it relative to the manifest's folder")]
    Absolute(String),
    /// It goes up beyond the project's root.
    #[error("`{path}` leaves the project: {}", bound(*.levels_max))]
    Outside {
        /// The path as written, with parameters filled in.
        path: String,
        /// How many levels up the project's root is.
        levels_max: usize,
    },
    /// There is nothing in it.
    #[error("it is empty: `.` is the manifest's own folder")]
    Empty,
}

fn bound(levels_max: usize) -> String {
    match levels_max {
        0 => "the manifest lies in the project's root, so nothing above it is inside".to_owned(),
        1 => "the project's root is 1 level above the manifest".to_owned(),
        levels => format!("the project's root is {levels} levels above the manifest"),
    }
}

/// The folders from the project's root down to the manifest's.
///
/// `dir_in_project` is that path relative to the root; `..` in it takes a level back.
pub(crate) fn folders(dir_in_project: &Utf8Path) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for component in dir_in_project.components() {
        match component {
            Utf8Component::Normal(name) => folders.push(name.to_owned()),
            Utf8Component::ParentDir => _ = folders.pop(),
            _ => {}
        }
    }
    folders
}

/// A path relative to the manifest's folder as it is seen from `dir`, itself relative to that
/// folder and inside of the project; `folders` lead from the project's root to the manifest.
///
/// What has no slash is a name that is looked for elsewhere, and stays as it is.
pub(crate) fn seen_from(dir: &str, path: &str, folders: &[String]) -> String {
    let is_name = !path.contains('/');
    if is_name || Utf8Path::new(path).is_absolute() || dir == "." {
        return path.to_owned();
    }
    let dir = Utf8Path::new(dir);
    let up = dir.components().filter(|it| *it == Utf8Component::ParentDir).count();
    let down = dir.components().count() - up;
    let back = folders.iter().skip(folders.len().saturating_sub(up)).map(String::as_str);
    let path = Utf8Path::new(path).components().filter(|it| *it != Utf8Component::CurDir);
    let path = path.map(|component| component.as_str());
    let seen: Utf8PathBuf = std::iter::repeat_n("..", down).chain(back).chain(path).collect();
    seen.into_string()
}

/// `text` without detours, `.` for the manifest's own folder, unless it leaves the project, whose
/// root is `levels_max` above. By the letters of the path: links are not followed.
pub(crate) fn inside(text: &str, levels_max: usize) -> Result<String, InvalidPath> {
    if text.trim().is_empty() {
        return Err(InvalidPath::Empty);
    }
    let mut up: usize = 0;
    let mut down: Vec<&str> = Vec::new();
    for component in Utf8Path::new(text).components() {
        match component {
            Utf8Component::Prefix(_) | Utf8Component::RootDir => {
                return Err(InvalidPath::Absolute(text.to_owned()));
            }
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir if down.pop().is_some() => {}
            Utf8Component::ParentDir => up += 1,
            Utf8Component::Normal(name) => down.push(name),
        }
        if up > levels_max {
            return Err(InvalidPath::Outside { path: text.to_owned(), levels_max });
        }
    }
    let clean: Utf8PathBuf = std::iter::repeat_n("..", up).chain(down).collect();
    let clean = clean.into_string();
    Ok(if clean.is_empty() { ".".to_owned() } else { clean })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_the_project() {
        let outside = |path: &str, levels_max| {
            Err(InvalidPath::Outside { path: path.to_owned(), levels_max })
        };
        for (text, levels_max, expected) in [
            (".", 0, Ok(".")),
            ("data/../data//x/.", 0, Ok("data/x")),
            ("..", 0, outside("..", 0)),
            ("a/../..", 0, outside("a/../..", 0)),
            ("../a/../..", 1, outside("../a/../..", 1)),
            ("../../src", 2, Ok("../../src")),
            ("/etc", 5, Err(InvalidPath::Absolute("/etc".into()))),
            ("", 5, Err(InvalidPath::Empty)),
        ] {
            assert_eq!(inside(text, levels_max), expected.map(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn folders_below_the_root() {
        for (dir, expected) in
            [("", &[][..]), (".", &[]), ("a/b", &["a", "b"]), ("a/../b", &["b"]), ("../..", &[])]
        {
            assert_eq!(folders(Utf8Path::new(dir)), expected, "{dir:?}");
        }
    }

    #[test]
    fn seen_from_elsewhere() {
        let folders = ["a".to_owned(), "b".to_owned()];
        for (dir, path, expected) in [
            (".", "target/x", "target/x"),
            ("data", "target/x", "../target/x"),
            ("data/in", "../x", "../../../x"),
            ("data", "./x", "../x"),
            ("..", "target/x", "b/target/x"),
            ("../../c", "target/x", "../a/b/target/x"),
            ("data", "python3", "python3"),
            ("data", "/usr/bin/x", "/usr/bin/x"),
        ] {
            assert_eq!(seen_from(dir, path, &folders), expected, "{dir:?} {path:?}");
        }
    }
}
