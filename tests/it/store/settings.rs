//! Tests of `store::settings`.

use std::fs;

use serde::{Deserialize, Serialize};

use netassist::store::file::Trouble;
use netassist::store::settings::*;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Settings {
    theme: String,
    limit: u64,
    recent: Vec<String>,
}

const LISTS: [RecentList; 1] = [RecentList { key: "recent", most: 4 }];

fn settings(theme: &str, limit: u64, recent: &[&str]) -> Settings {
    let recent = recent.iter().map(|&entry| entry.to_owned()).collect();
    Settings { theme: theme.into(), limit, recent }
}

#[test]
fn two_windows_do_not_undo_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    let base = Settings::default();
    assert_eq!(save(&path, &base, &base, &LISTS).unwrap(), None);
    assert!(!path.exists(), "nothing is written as long as nothing is changed");
    let one = settings("dark", 0, &["a", "b"]);
    let two = settings("", 7, &["c"]);
    save(&path, &base, &one, &LISTS).unwrap();
    save(&path, &base, &two, &LISTS).unwrap();
    assert_eq!(load(&path), (settings("dark", 7, &["c", "a", "b"]), None));
    // What it has seen of its own counts, whatever the other one has made of it.
    save(&path, &one, &settings("light", 0, &["b", "a"]), &LISTS).unwrap();
    assert_eq!(load(&path), (settings("light", 7, &["b", "c", "a"]), None));
    save(&path, &two, &settings("", 7, &["d", "e", "c"]), &LISTS).unwrap();
    assert_eq!(load(&path), (settings("light", 7, &["d", "e", "b", "c"]), None));
}

#[test]
fn what_others_wrote_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    let text =
        "# mine\ntheme = \"x\" # since May\nlater = [1, 2]\n\n[table] # of a newer version\nlimit = 'no'\n";
    fs::write(&path, text).unwrap();
    let (base, trouble) = load::<Settings>(&path);
    assert_eq!((&base, trouble), (&settings("x", 0, &[]), None));
    save(&path, &base, &settings("y", 9, &[]), &LISTS).unwrap();
    let expected = text.replace("\"x\"", "\"y\"").replace("2]\n", "2]\nlimit = 9\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
}

#[test]
fn a_broken_file_is_set_aside_when_it_is_read_and_when_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    let base = Settings::default();
    for rubbish in [&b"theme = 7"[..], b"[[[", b"\xFF"] {
        fs::write(&path, rubbish).unwrap();
        let (loaded, trouble) = load::<Settings>(&path);
        assert_eq!(loaded, base);
        let Some(Trouble::SetAside(aside, why)) = trouble else { panic!("{trouble:?}") };
        assert_eq!(fs::read(aside).unwrap(), rubbish);
        assert!(!why.is_empty() && !path.exists());
    }
    for rubbish in [&b"[[["[..], b"\xFF"] {
        fs::write(&path, rubbish).unwrap();
        let trouble = save(&path, &base, &settings("y", 0, &[]), &LISTS).unwrap();
        let Some(Trouble::SetAside(aside, _)) = trouble else { panic!("{trouble:?}") };
        assert_eq!(fs::read(aside).unwrap(), rubbish);
        assert_eq!(fs::read_to_string(&path).unwrap(), "theme = \"y\"\n");
    }
}

#[test]
fn one_key_is_read_without_touching_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    assert_eq!(value::<u64>(&path, "limit").unwrap(), None);
    for (text, limit) in [
        ("", Some(None)),
        ("limit = 3", Some(Some(3))),
        ("theme = 7\nlimit = 0", Some(Some(0))),
        ("limit = \"much\"", None),
        ("limit = -1", None),
        ("limit = 1\n[[[", None),
    ] {
        fs::write(&path, text).unwrap();
        assert_eq!(value::<u64>(&path, "limit").ok(), limit, "{text}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let [path, real] = ["settings.toml", "real.toml"].map(|name| folder.path().join(name));
    fs::write(&real, "").unwrap();
    std::os::unix::fs::symlink(&real, &path).unwrap();
    save(&path, &Settings::default(), &settings("y", 0, &[]), &LISTS).unwrap();
    assert!(path.is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), "theme = \"y\"\n");
}
