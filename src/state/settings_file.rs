//! Where the settings file is, and how it is read and written. A broken one is set aside, never lost
//! and never fatal.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::{Notice, Settings, Task};

/// Names the folder to use instead of the platform's own, for tests and portable installations.
const OVERRIDE: &str = "NETASSIST_CONFIG_DIR";

/// `settings.toml` in the platform's folder for settings; `None` if the user has no home.
pub fn default_path() -> Option<PathBuf> {
    let folder = match std::env::var_os(OVERRIDE).filter(|value| !value.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => {
            etcetera::base_strategy::choose_native_strategy().ok()?.config_dir().join(env!("CARGO_PKG_NAME"))
        }
    };
    Some(folder.join("settings.toml"))
}

/// Reads the settings; the defaults if there are none. A file that cannot be understood is renamed
/// and the notice says so.
pub fn load(path: &Path) -> (Settings, Option<Notice>) {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (Settings::default(), None),
        Err(error) => return (Settings::default(), Some(aside(path, &error.to_string()))),
    };
    match toml::from_str(&text) {
        Ok(settings) => (settings, None),
        Err(error) => (Settings::default(), Some(aside(path, error.to_string().trim()))),
    }
}

/// How many bytes the captures in the user's folder may take together, by this settings file; the
/// default if there is none or it does not say. The file is only read, whatever is in it.
///
/// # Errors
/// When there is a file that cannot be read or is no TOML, and when it names something else than a
/// number.
pub fn keep_captures(path: Option<&Path>) -> io::Result<u64> {
    /// That key alone: what else is wrong is no matter of the captures.
    #[derive(serde::Deserialize)]
    struct Only {
        keep_captures_mib: Option<u64>,
    }
    let default = Settings::default().keep_captures_mib;
    let mib = match path.map(|path| (path, std::fs::read_to_string(path))) {
        None => default,
        Some((_path, Err(error))) if error.kind() == io::ErrorKind::NotFound => default,
        Some((path, read)) => {
            let wrong = |why: &dyn std::fmt::Display| io::Error::other(format!("{}: {why}", path.display()));
            let text = read.map_err(|error| wrong(&error))?;
            let only: Only = toml::from_str(&text).map_err(|error| wrong(&error.message()))?;
            only.keep_captures_mib.unwrap_or(default)
        }
    };
    Ok(mib.saturating_mul(1 << 20))
}

fn aside(path: &Path, why: &str) -> Notice {
    match set_aside(path) {
        Ok(aside) => Notice::SettingsSetAside(aside, why.to_owned()),
        Err(error) => {
            let why = format!("{why}; {error}");
            Notice::Failed(Task::ReadingSettings, path.display().to_string(), why)
        }
    }
}

/// Renames a broken file, so that another can be written, and says how it is called now.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    for n in 1..1000 {
        let aside = path.with_extension(format!("broken-{n}.toml"));
        if aside.symlink_metadata().is_err() {
            return std::fs::rename(path, &aside).map(|()| aside);
        }
    }
    Err(io::Error::other("there are a thousand broken ones already"))
}

/// Writes the settings: whole, or not at all.
///
/// # Errors
/// Those of the system, with the path.
pub fn save(path: &Path, settings: &Settings) -> io::Result<()> {
    write_whole(path, &toml::to_string(settings).map_err(io::Error::other)?)
}

/// Writes a text to a file: whole, or not at all.
pub(super) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{State, Theme};

    #[test]
    fn what_is_saved_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.toml");
        let mut state = State::new(Settings::default());
        state.settings.language = "zh_cn".into();
        state.settings.theme = Theme::Dark;
        let saved = state.settings.clone();
        save(&path, &saved).unwrap();
        let (loaded, notice) = load(&path);
        assert_eq!((loaded, notice), (saved.clone(), None));
    }

    #[test]
    fn a_broken_file_is_set_aside_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        for rubbish in ["language = 7", "[[[", "theme = 'none'"] {
            std::fs::write(&path, rubbish).unwrap();
            let (settings, notice) = load(&path);
            assert_eq!(settings, Settings::default());
            let Some(Notice::SettingsSetAside(aside, why)) = notice else { panic!("{notice:?}") };
            assert_eq!(std::fs::read_to_string(aside).unwrap(), rubbish);
            assert!(!why.is_empty());
            assert!(!path.exists());
        }
    }

    #[test]
    fn the_limit_of_the_captures_is_read_without_touching_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        let default = Some(2048 << 20);
        assert_eq!(keep_captures(None).ok(), default);
        assert_eq!(keep_captures(Some(&path)).ok(), default);
        for (text, bytes) in [
            ("", default),
            ("keep_captures_mib = 3", Some(3 << 20)),
            ("keep_captures_mib = 9223372036854775807", Some(u64::MAX)),
            ("language = 7\nkeep_captures_mib = 0", Some(0)),
            ("keep_captures_mib = \"much\"", None),
            ("keep_captures_mib = -1", None),
            ("keep_captures_mib = 100000\n[[[", None),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(keep_captures(Some(&path)).ok(), bytes, "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        std::fs::write(&path, b"\xFF").unwrap();
        assert!(keep_captures(Some(&path)).is_err());
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn no_file_is_no_problem() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(&folder.path().join("none.toml")), (Settings::default(), None));
    }
}
