//! The folder of unnamed captures, with another instance played by a second [`Store`].

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime};

use netassist::journal::{Hold, Kept, Limits, Store};
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

const DAY: u64 = 24 * 60 * 60;

/// Ten new captures of one byte each: everything older than a day may be removed.
fn ten_new(store: &Store) {
    for n in 0..10 {
        fs::write(store.folder().join(format!("new-{n}.pcapng")), b"x").unwrap();
    }
}

fn sweep(store: &Store, keep: u64) -> Vec<std::path::PathBuf> {
    let swept = store.sweep(Limits { keep, warn: u64::MAX }, SystemTime::now()).unwrap();
    assert!(swept.failed.is_none());
    swept.removed.into_iter().map(|kept| kept.path).collect()
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
fn one_that_others_only_look_at_can_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path()).unwrap();
    let paths: Vec<_> = (0..400).map(|n| old(&store, 1, n)).collect();
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    store.list().unwrap();
                }
            });
        }
        let refused: Vec<_> = paths.iter().filter_map(|path| store.remove(path).err()).collect();
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(refused.is_empty(), "{refused:?}");
    });
}

#[test]
fn the_sign_of_a_killed_process_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path()).unwrap();
    let path = old(&store, 1, 2 * DAY);
    ten_new(&store);
    // A process that was killed leaves the file, but the system takes its lock away.
    fs::write(format!("{}.lock", path.display()), b"").unwrap();
    let list = store.list().unwrap();
    assert_eq!((&list[10].path, list[10].open), (&path, false));
    assert_eq!(sweep(&store, 0), [path]);
    assert!(names(folder.path()).iter().all(|name| name.starts_with("new-")));
}

#[test]
fn the_oldest_go_first_until_the_rest_fits() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path()).unwrap();
    let ages = [40, 10, 30, 20].map(|days| days * DAY);
    let paths = ages.map(|age| old(&store, 100_000, age));
    let held = Hold::take(&paths[0]).unwrap().unwrap();
    ten_new(&store);
    let listed = store.list().unwrap().into_iter().map(|kept| kept.path).collect::<Vec<_>>();
    assert_eq!(listed[10..], [1, 3, 2, 0].map(|n| paths[n].clone()), "the newest first");

    assert!(sweep(&store, 1_000_000).is_empty());
    assert_eq!(sweep(&store, 250_000), [paths[2].clone(), paths[3].clone()], "the oldest is open");
    drop(held);
    store.mark(&paths[0], true).unwrap();
    assert!(sweep(&store, 150_000).is_empty(), "it is marked, and does not count");
    assert_eq!(store.remove(&paths[0]).unwrap_err().kind(), ErrorKind::ResourceBusy);
    store.mark(&paths[0], false).unwrap();
    assert_eq!(sweep(&store, 150_000), [paths[0].clone()]);
    assert_eq!(sweep(&store, 0), [paths[1].clone()]);
    assert!(sweep(&store, 0).is_empty(), "the newest stay");
}

#[test]
fn a_mark_outlives_the_store_and_needs_a_capture() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path()).unwrap();
    let path = old(&store, 1, DAY);
    let marked = |store: &Store| store.list().unwrap()[0].marked;
    assert!(!marked(&store));
    store.mark(&path, true).unwrap();
    store.mark(&path, true).unwrap();
    assert!(marked(&Store::at(folder.path()).unwrap()));
    store.mark(&path, false).unwrap();
    store.mark(&path, false).unwrap();
    assert!(!marked(&store));
    let gone = folder.path().join("gone.pcapng");
    assert_eq!(store.mark(&gone, true).unwrap_err().kind(), ErrorKind::NotFound);
    let outside = tempfile::NamedTempFile::with_suffix(".pcapng").unwrap();
    assert_eq!(store.mark(outside.path(), true).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(names(folder.path()), [path.file_name().unwrap().to_str().unwrap()]);
}

#[test]
fn the_sessions_of_a_capture_are_named_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path()).unwrap();
    let mut capture = store.create("udp", Stamp(1)).unwrap();
    for (name, endpoint) in [
        ("PLC", "tcp-server [::1]:80"),
        ("PLC 5020", "udp 0.0.0.0:9"),
        // Without a name.
        ("tcp-server [::1]:80", "tcp-server [::1]:80"),
    ] {
        capture.writer.begin(name, endpoint, Stamp(1));
    }
    capture.writer.commit().unwrap();
    fs::write(folder.path().join("foreign.pcapng"), b"no capture").unwrap();
    let sessions: Vec<_> = store.list().unwrap().iter().map(Kept::sessions).collect();
    let opened = ["tcp-server [::1]:80", "udp 0.0.0.0:9"].map(str::to_owned).to_vec();
    assert!(sessions.contains(&("PLC 5020".to_owned(), opened)));
    assert!(sessions.contains(&(String::new(), Vec::new())));
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
    assert!(sweep(&store, 0).is_empty());
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
    assert_eq!(sweep(&store, u64::MAX), [left]);
    assert!(whole.exists() && begun.exists());
}

#[test]
fn a_session_that_was_named_later_is_listed_by_that_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().to_owned()).unwrap();
    let path = old(&store, 1, 0);
    let listed = || store.list().unwrap()[0].sessions().0;
    assert_eq!(listed(), "");
    store.rename(&path, "网关").unwrap();
    assert_eq!(listed(), "网关");
    store.remove(&path).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "its name goes with it");
    assert!(store.rename(&path, "x").is_err());
}
