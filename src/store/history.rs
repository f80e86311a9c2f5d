//! The files in which histories stand, one a tab. A broken one is set aside, never lost and never fatal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::file::{self, Trouble};

/// Files without a tab are kept this long, since a tab that was set aside may need them.
const STALE: Duration = Duration::from_hours(30 * 24);

#[derive(Debug, Serialize, Deserialize)]
struct Content<T> {
    #[serde(default = "Vec::new")]
    sent: Vec<T>,
}

impl<T> Default for Content<T> {
    fn default() -> Self {
        Self { sent: Vec::new() }
    }
}

/// The folder of histories in the folder of state.
pub fn folder(state: &Path) -> PathBuf {
    state.join("history")
}

/// The file of the history of that name.
pub fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("toml")
}

/// Reads a history; an empty one if there is none. A file that cannot be understood is renamed.
pub fn load<T: DeserializeOwned>(path: &Path) -> (Vec<T>, Option<Trouble>) {
    let (Content { sent }, trouble) = file::load(path);
    (sent, trouble)
}

/// Writes a history: whole, or not at all.
///
/// # Errors
/// Those of the system.
pub fn save<T: Serialize>(path: &Path, entries: &[Arc<T>]) -> io::Result<()> {
    let content = Content { sent: entries.iter().map(Arc::as_ref).collect() };
    file::write(path, &toml::to_string(&content).map_err(io::Error::other)?)
}

/// Removes the files of histories that no tab has any more, if they were not written for a month.
///
/// # Errors
/// Those of the system, of the first file that cannot be removed.
pub fn remove_stale(folder: &Path, in_use: &[String], now: SystemTime) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if file::is_missing(&error) => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let is_used = in_use.iter().any(|name| self::path(folder, name) == path);
        let is_stale = now.duration_since(entry.metadata()?.modified()?).is_ok_and(|age| age > STALE);
        if !is_used && is_stale {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(texts: &[&str]) -> Vec<Arc<String>> {
        texts.iter().map(|&text| Arc::new(text.to_owned())).collect()
    }

    #[test]
    fn what_is_saved_is_read_again() {
        let home = tempfile::tempdir().unwrap();
        let path = path(&folder(home.path()), "1a-2b");
        assert_eq!(load::<String>(&path), (Vec::new(), None), "none yet");
        for texts in [&["01 03 {n}", "半句\"话\n\r\0\u{7f}'''", ""][..], &[]] {
            save(&path, &entries(texts)).unwrap();
            assert_eq!(load::<String>(&path), (texts.iter().map(|&text| text.to_owned()).collect(), None));
        }
    }

    #[test]
    fn a_broken_one_is_set_aside_and_kept() {
        let home = tempfile::tempdir().unwrap();
        let path = path(home.path(), "1");
        for rubbish in [&b"sent = 7"[..], b"sent = [1]", b"\xFF"] {
            fs::write(&path, rubbish).unwrap();
            let (none, trouble) = load::<String>(&path);
            let Some(Trouble::SetAside(aside, _)) = trouble else { panic!("{trouble:?}") };
            assert_eq!((none, fs::read(aside).unwrap().as_slice()), (Vec::new(), rubbish));
            assert!(!path.exists());
        }
    }

    #[test]
    fn only_what_is_old_and_of_no_tab_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        assert!(remove_stale(&home.path().join("none"), &[], now).is_ok());
        let at = |name: &str| path(home.path(), name);
        for name in ["used", "stale", "fresh"] {
            save(&at(name), &entries(&["x"])).unwrap();
        }
        for name in ["used", "stale"] {
            let file = fs::File::options().write(true).open(at(name)).unwrap();
            file.set_modified(now - STALE - Duration::from_mins(1)).unwrap();
        }
        remove_stale(home.path(), &["used".to_owned()], now).unwrap();
        assert_eq!([at("used"), at("stale"), at("fresh")].map(|path| path.exists()), [true, false, true]);
    }
}
