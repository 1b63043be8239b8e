//! Disks that are full, and folders that cannot be written.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tacho_schema::Baseline;
use tacho_store::{Access, Fault, Query, SqliteStore, Store};

use crate::sample::{append, header, id, ids, rows, stored};

/// A mount that ends with the test.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn new(words: &[&str], at: &'a Path) -> Option<Self> {
        mount(words, at).then_some(Self(at))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(self.0).output());
    }
}

fn mount(words: &[&str], at: &Path) -> bool {
    let done = Command::new("mount").args(words).arg(at).output();
    done.is_ok_and(|output| output.status.success())
}

/// A view of `folder` at `at` that cannot be written, though the folder itself can.
fn read_only_view<'a>(folder: &Path, at: &'a Path) -> Option<Mounted<'a>> {
    let view = Mounted::new(&["--bind", folder.to_str().unwrap()], at)?;
    mount(&["-o", "remount,ro,bind"], at).then_some(view)
}

fn open_fault(path: &Path, access: Access) -> Fault {
    SqliteStore::open(path, access).unwrap_err().fault
}

#[test]
fn a_full_disk_loses_nothing_that_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = Mounted::new(&["-t", "tmpfs", "-o", "size=2m", "tacho-test"], folder.path())
    else {
        eprintln!("SKIPPED full_disk: a tmpfs cannot be mounted here");
        return;
    };
    let path = folder.path().join("h.db");
    let mut store = SqliteStore::open(&path, Access::Write).unwrap();
    append(&mut store, &header("before", 1), rows(100), 100).unwrap();
    for _ in 0..2 {
        let error = append(&mut store, &header("large", 2), rows(90_000), 90_000).unwrap_err();
        assert!(matches!(error.fault, Fault::DiskFull), "{error}");
        assert!(error.hint().unwrap().contains("tacho recover"));
        assert_eq!(stored(&store, "before"), rows(100));
    }
    drop(store);
    let mut store = SqliteStore::open(&path, Access::Write).unwrap();
    append(&mut store, &header("after", 3), rows(100), 100).unwrap();
    drop(store);

    // Not a byte is left: reading needs none.
    let filler = std::fs::write(folder.path().join("filler"), vec![1; 4 << 20]);
    assert_eq!(filler.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    let store = SqliteStore::open(&path, Access::Read).unwrap();
    assert_eq!(ids(&store, &Query::default()), ["after", "before"]);
    assert_eq!(stored(&store, "before"), rows(100));
    for path in [path, folder.path().join("new.db")] {
        let error = SqliteStore::open(&path, Access::Write)
            .and_then(|mut store| append(&mut store, &header("more", 4), rows(1), 1))
            .unwrap_err();
        assert!(matches!(error.fault, Fault::DiskFull), "{error}");
    }
}

/// Opens a store in `folder`, which cannot be written.
fn check_read_only(folder: &Path) {
    let path = folder.join("h.db");
    let store = SqliteStore::open(&path, Access::Read).unwrap();
    assert_eq!(ids(&store, &Query::default()), ["c"]);
    assert_eq!(stored(&store, "c"), rows(9));
    assert!(matches!(open_fault(&path, Access::Write), Fault::ReadOnly));
    assert!(matches!(open_fault(&folder.join("new.db"), Access::Write), Fault::ReadOnly));
    assert!(matches!(open_fault(&folder.join("new.db"), Access::Read), Fault::Missing));
}

#[test]
fn a_folder_without_write_permission_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("h.db"), Access::Write).unwrap();
    append(&mut store, &header("c", 1), rows(9), 9).unwrap();
    drop(store);
    let permit = |mode| {
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
    };
    permit(0o555);
    if std::fs::write(folder.path().join("probe"), "").is_ok() {
        eprintln!("SKIPPED no_write_permission: this user may write everywhere");
    } else {
        check_read_only(folder.path());
    }
    permit(0o755);
}

#[test]
fn read_only_media_can_be_read_while_they_hold_still() {
    let baseline = Baseline { name: "main".into(), capture: id("c"), saved_unix_ms: 1 };
    let (folder, view) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("h.db");
    let mut store = SqliteStore::open(&path, Access::Write).unwrap();
    append(&mut store, &header("c", 1), rows(9), 9).unwrap();
    // As after a crash: what was committed last is in the log alone.
    store.baseline_set(&baseline).unwrap();
    for end in ["", "-wal"] {
        let copy = folder.path().join(format!("torn.db{end}"));
        std::fs::copy(folder.path().join(format!("h.db{end}")), copy).unwrap();
    }
    let Some(_view) = read_only_view(folder.path(), view.path()) else {
        eprintln!("SKIPPED read_only_media: nothing can be mounted here");
        return;
    };
    let seen = view.path().join("h.db");
    let beside_a_writer = SqliteStore::open(&seen, Access::Read).unwrap();
    assert_eq!(ids(&beside_a_writer, &Query::default()), ["c"]);
    drop((beside_a_writer, store));

    check_read_only(view.path());
    assert!(matches!(open_fault(&view.path().join("torn.db"), Access::Read), Fault::Unrecovered));

    let held = SqliteStore::open(&seen, Access::Read).unwrap();
    let mut store = SqliteStore::open(&path, Access::Write).unwrap();
    append(&mut store, &header("d", 2), rows(9), 9).unwrap();
    for _ in 0..2 {
        let error = held.captures(&Query::default()).unwrap_err();
        assert!(matches!(error.fault, Fault::ChangedWhileRead), "{error}");
    }
    drop(store);
    let error = held.captures(&Query::default()).unwrap_err();
    assert!(matches!(error.fault, Fault::ChangedWhileRead), "{error}");
    let again = SqliteStore::open(&seen, Access::Read).unwrap();
    assert_eq!(ids(&again, &Query::default()), ["d", "c"]);
}
