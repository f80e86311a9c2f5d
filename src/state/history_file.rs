//! The files in which histories stand, one a tab, beside the settings file. A broken one is set aside,
//! never lost and never fatal.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::Past;
use super::settings_file::{set_aside, write_whole};

/// No history of ours is that long.
const MOST_BYTES: u64 = 64 << 20;
/// A file of no tab is removed when it was not written for this long: the tab may belong to another
/// window.
const STALE: Duration = Duration::from_hours(30 * 24);

/// What stands in a file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Read {
    sent: Vec<Past>,
}

/// What is written to it.
#[derive(Debug, Serialize)]
struct Written<'a> {
    sent: Vec<&'a Past>,
}

/// The folder of histories, if the settings stand there.
pub fn folder(settings: &Path) -> PathBuf {
    settings.with_file_name("history")
}

/// The file of the history of that name.
pub fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("toml")
}

/// Reads a history; an empty one if there is none. A file that cannot be understood is renamed.
///
/// # Errors
/// What is wrong with the file, and what became of it.
pub fn load(path: &Path) -> io::Result<Vec<Past>> {
    let read = || -> io::Result<Read> {
        let len = std::fs::metadata(path)?.len();
        if len > MOST_BYTES {
            return Err(io::Error::other(format!("{len} bytes are too many")));
        }
        toml::from_str(&std::fs::read_to_string(path)?).map_err(io::Error::other)
    };
    match read() {
        Ok(content) => Ok(content.sent),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => {
            let why = error.to_string();
            let told = match set_aside(path) {
                Ok(aside) => format!("{}; → {}", why.trim(), aside.display()),
                Err(error) => format!("{}; {error}", why.trim()),
            };
            Err(io::Error::other(told))
        }
    }
}

/// Writes a history: whole, or not at all.
///
/// # Errors
/// Those of the system.
pub fn save(path: &Path, entries: &[Arc<Past>]) -> io::Result<()> {
    let written = Written { sent: entries.iter().map(Arc::as_ref).collect() };
    let text = toml::to_string(&written).map_err(io::Error::other)?;
    write_whole(path, &text)
}

/// Removes the files of histories that no tab has any more, if they were not written for a month.
///
/// # Errors
/// Those of the system, of the first file that cannot be removed.
pub fn remove_stale(folder: &Path, in_use: &[String], now: SystemTime) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let is_used = in_use.iter().any(|name| self::path(folder, name) == path);
        let is_stale = now.duration_since(entry.metadata()?.modified()?).is_ok_and(|age| age > STALE);
        if !is_used && is_stale {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::SendMode;
    use crate::workspace::Draft;

    fn past(text: &str, unsent: bool) -> Arc<Past> {
        Arc::new(Past { draft: Draft { content: text.into(), ..Draft::default() }, unsent })
    }

    #[test]
    fn what_is_saved_is_read_again() {
        let home = tempfile::tempdir().unwrap();
        let path = path(&folder(&home.path().join("settings.toml")), "1a-2b");
        assert_eq!(load(&path).unwrap(), [], "none yet");
        let (append, content) = (vec!["CRC-16/MODBUS".into(), "hex:7E".into()], "01 03 {n}".into());
        let draft = Draft {
            content,
            mode: SendMode::Hex,
            escapes: false,
            placeholders: true,
            append,
            append_off: true,
        };
        let entries = vec![
            Arc::new(Past { draft, unsent: false }),
            past("半句\"话\n\r\0\u{7f}'''", true),
            past("", false),
        ];
        save(&path, &entries).unwrap();
        assert_eq!(load(&path).unwrap().into_iter().map(Arc::new).collect::<Vec<_>>(), entries);
        save(&path, &[]).unwrap();
        assert_eq!(load(&path).unwrap(), []);
    }

    #[test]
    fn a_broken_one_is_set_aside_and_kept() {
        let home = tempfile::tempdir().unwrap();
        let path = path(home.path(), "1");
        for rubbish in [&b"sent = 7"[..], b"[[sent]]\nappend = { checksum = 'CRC-99' }", b"\xFF"] {
            std::fs::write(&path, rubbish).unwrap();
            let told = load(&path).unwrap_err().to_string();
            let aside = told.rsplit("→ ").next().unwrap();
            assert_eq!(std::fs::read(aside).unwrap(), rubbish, "{told}");
            assert!(!path.exists());
        }
        let long = std::fs::File::create(&path).unwrap();
        long.set_len(MOST_BYTES + 1).unwrap();
        assert!(load(&path).unwrap_err().to_string().contains("too many"));
    }

    #[test]
    fn only_what_is_old_and_of_no_tab_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        assert!(remove_stale(&home.path().join("none"), &[], now).is_ok());
        let at = |name: &str| path(home.path(), name);
        for name in ["used", "stale", "fresh"] {
            save(&at(name), &[past("x", false)]).unwrap();
        }
        for name in ["used", "stale"] {
            let file = std::fs::File::options().write(true).open(at(name)).unwrap();
            file.set_modified(now - STALE - Duration::from_mins(1)).unwrap();
        }
        remove_stale(home.path(), &["used".to_owned()], now).unwrap();
        assert_eq!([at("used"), at("stale"), at("fresh")].map(|path| path.exists()), [true, false, true]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_back(text: String, unsent: bool) {
            let home = tempfile::tempdir().unwrap();
            let path = path(home.path(), "1");
            save(&path, &[past(&text, unsent)]).unwrap();
            proptest::prop_assert_eq!(load(&path).unwrap(), [(*past(&text, unsent)).clone()]);
        }
    }
}
