//! The folder of unnamed captures, with another instance played by a second [`Store`].

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

use netassist::journal::{Hold, Store};
use netassist::model::{Recorder, Stamp};

/// Makes a capture of about `len` bytes that was last written to `age` seconds ago.
fn old(store: &Store, len: usize, age: u64) -> std::path::PathBuf {
    let mut capture = store.create("udp 127.0.0.1:1", Stamp(age)).unwrap();
    for _ in 0..len.div_ceil(1000) {
        capture.writer.note(&"x".repeat(960), Stamp(1));
    }
    capture.writer.commit().unwrap();
    let path = capture.hold.path().to_owned();
    let modified = SystemTime::now() - Duration::from_secs(age);
    fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    path
}

fn names(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names = entries.collect::<Vec<_>>();
    names.sort();
    names
}

#[test]
fn a_name_tells_time_and_endpoint_and_is_portable() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().join("deep/er")).unwrap();
    let at = Stamp(1_763_679_675_123_456_789);
    for (endpoint, end) in [
        ("tcp-server 127.0.0.1:8080", "_tcp-server_127.0.0.1-8080.pcapng"),
        ("tcp-client [::1]:80", "_tcp-client_--1-80.pcapng"),
        ("udp 0.0.0.0:1 --remote ../测试<>|:2", "_udp_0.0.0.0-1_--remote_..-------2.pcapng"),
        ("tcp-server 127.0.0.1:8080", "_tcp-server_127.0.0.1-8080_1.pcapng"),
    ] {
        let capture = store.create(endpoint, at).unwrap();
        let name = capture.hold.path().file_name().unwrap().to_str().unwrap();
        // Day, hour and half hour depend on where the test runs.
        assert!(name.starts_with("2025-11-2") && name[16..].starts_with("-15.123_"), "{name}");
        assert!(name.ends_with(end), "{name}");
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{name}");
        assert_eq!(capture.writer.path(), capture.hold.path());
    }
    let capture = store.create(&"x".repeat(1000), at).unwrap();
    assert!(capture.hold.path().file_name().unwrap().len() < 200);
}

#[cfg(unix)]
#[test]
fn the_folder_is_for_nobody_else() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().join("captures")).unwrap();
    assert_eq!(fs::metadata(store.folder()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn an_open_capture_is_known_as_such_until_its_holder_lets_go() {
    let folder = tempfile::tempdir().unwrap();
    let (store, other) = (Store::at(folder.path()).unwrap(), Store::at(folder.path()).unwrap());
    let capture = store.create("udp 127.0.0.1:1", Stamp(1)).unwrap();
    let path = capture.hold.path().to_owned();
    assert!(other.list().unwrap()[0].open);
    assert_eq!(other.remove(&path).unwrap_err().kind(), ErrorKind::ResourceBusy);
    assert_eq!(other.sweep(0).unwrap(), Vec::<std::path::PathBuf>::new());
    assert!(Hold::take(&path).unwrap().is_none());

    drop(capture.writer);
    assert!(other.list().unwrap()[0].open, "it is the hold that counts: the capture is still shown");
    drop(capture.hold);
    assert!(!other.list().unwrap()[0].open);
    assert_eq!(names(folder.path()), [path.file_name().unwrap().to_str().unwrap()], "no lock is left");

    let again = Hold::take(&path).unwrap().unwrap();
    assert!(other.list().unwrap()[0].open, "an old capture that is shown again is open");
    drop(again);
    other.remove(&path).unwrap();
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn the_sign_of_a_killed_process_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path()).unwrap();
    let path = old(&store, 1, 1);
    // A process that was killed leaves the file, but the system takes its lock away.
    fs::write(format!("{}.lock", path.display()), b"").unwrap();
    let list = store.list().unwrap();
    assert_eq!((list.len(), list[0].open), (1, false));
    assert_eq!(store.sweep(0).unwrap(), [path]);
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn the_oldest_go_first_until_the_rest_fits() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path()).unwrap();
    let ages = [40, 10, 30, 20];
    let paths = ages.map(|age| old(&store, 100_000, age));
    let held = Hold::take(&paths[0]).unwrap().unwrap();
    let listed = store.list().unwrap().into_iter().map(|kept| kept.path).collect::<Vec<_>>();
    assert_eq!(listed, [1, 3, 2, 0].map(|n| paths[n].clone()), "the newest first");

    assert!(store.sweep(1_000_000).unwrap().is_empty());
    assert_eq!(store.sweep(250_000).unwrap(), [paths[2].clone(), paths[3].clone()], "the oldest is open");
    drop(held);
    assert_eq!(store.sweep(150_000).unwrap(), [paths[0].clone()]);
    assert_eq!(store.sweep(0).unwrap(), [paths[1].clone()]);
}

#[test]
fn nothing_else_in_the_folder_is_listed_or_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().join("captures")).unwrap();
    let outside = folder.path().join("precious.pcapng");
    fs::write(&outside, b"precious").unwrap();
    fs::write(store.folder().join("notes.txt"), b"mine").unwrap();
    fs::create_dir(store.folder().join("folder.pcapng")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&outside, store.folder().join("link.pcapng")).unwrap();
    let before = names(store.folder());

    assert_eq!(store.list().unwrap(), []);
    assert!(store.sweep(0).unwrap().is_empty());
    for name in &before {
        let error = store.remove(&store.folder().join(name)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
    }
    assert_eq!(store.remove(&outside).unwrap_err().kind(), ErrorKind::InvalidInput);
    let missing = store.remove(&store.folder().join("missing.pcapng")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert_eq!(names(store.folder()), before);
    assert_eq!(fs::read(&outside).unwrap(), b"precious");
}

#[test]
fn an_empty_capture_of_a_killed_process_is_removed_and_one_that_is_begun_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path()).unwrap();
    let whole = old(&store, 1, 30);
    let [left, begun] = ["left.pcapng", "begun.pcapng"].map(|name| folder.path().join(name));
    fs::write(&left, b"").unwrap();
    fs::write(&begun, b"").unwrap();
    let _begins = Hold::take(&begun).unwrap().unwrap();
    assert_eq!(store.sweep(u64::MAX).unwrap(), [left]);
    assert!(whole.exists() && begun.exists());
}
