//! Where files of ours are on this system. A portable program keeps all of them beside itself.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

/// A file of this name beside the program makes it portable.
const PORTABLE: &str = "netassist.portable";

/// The settings file: `$NETASSIST_CONFIG_DIR/settings.toml` if that variable is set, else `settings.toml` in the folder of
/// a portable program, else `netassist/settings.toml` in the platform's folder for settings; `None` if the user has no home.
pub fn settings_file() -> Option<PathBuf> {
    Some(folder(Kind::Config, variable("NETASSIST_CONFIG_DIR")).ok()?.join("settings.toml"))
}

/// The folder of what windows keep by themselves: `$NETASSIST_STATE_DIR` if that variable is set, else that of a portable
/// program, else `netassist` in the platform's folder for the state of programs, or where it has none, for data of this machine;
/// `None` if the user has no home.
pub fn state() -> Option<PathBuf> {
    folder(Kind::State, variable("NETASSIST_STATE_DIR")).ok()
}

/// The folder of captures that the user did not name: `$NETASSIST_DATA_DIR/captures` if that variable is set, else
/// `captures` in the folder of a portable program, else `netassist/captures` in the platform's folder for data.
///
/// # Errors
/// [`io::ErrorKind::NotFound`] if the user has no home.
pub fn captures() -> io::Result<PathBuf> {
    Ok(folder(Kind::Data, variable("NETASSIST_DATA_DIR"))?.join("captures"))
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Config,
    State,
    Data,
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

fn folder(kind: Kind, instead: Option<OsString>) -> io::Result<PathBuf> {
    if let Some(folder) = instead.filter(|folder| !folder.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    let program = std::env::current_exe().ok();
    if let Some(folder) = program.as_deref().and_then(Path::parent).and_then(portable) {
        return Ok(folder);
    }
    let system = etcetera::base_strategy::choose_native_strategy()
        .map_err(|error| io::Error::new(io::ErrorKind::NotFound, error))?;
    // On Windows the data folder roams from machine to machine; gigabytes shall not.
    let data = || if cfg!(windows) { system.cache_dir() } else { system.data_dir() };
    let base = match kind {
        Kind::Config => system.config_dir(),
        Kind::State => system.state_dir().unwrap_or_else(data),
        Kind::Data => data(),
    };
    Ok(base.join(env!("CARGO_PKG_NAME")))
}

/// The folder of a portable program in `beside`.
fn portable(beside: &Path) -> Option<PathBuf> {
    beside.join(PORTABLE).exists().then(|| beside.join("data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_can_be_put_elsewhere() {
        for kind in [Kind::Config, Kind::State, Kind::Data] {
            assert_eq!(folder(kind, Some("/x".into())).unwrap(), PathBuf::from("/x"));
            let own = folder(kind, None).unwrap();
            assert!(own.is_absolute() && own.ends_with("netassist"), "{own:?}");
            assert_eq!(folder(kind, Some(OsString::new())).unwrap(), own, "empty means unset");
        }
    }
}
