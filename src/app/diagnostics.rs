//! Diagnostics: the log, and a text about the program and the system for bug reports. Neither contains payload.

use std::fmt::Write as _;

use jiff::Timestamp;
use log::LevelFilter;

use super::jobs::Done;
use super::{App, Setup};
use crate::state::{Notice, Tab, TabId, Task};
use crate::store::{self, log_file};
use crate::ui::lang::Lang;
use crate::ui::messages;

/// The toolkit, and what draws.
const TOOLKIT: &str = "egui 0.37, eframe with glow";
const LINES: usize = 50;

/// Logs to the file in the state folder, including panics.
pub(super) fn log_to_file(setup: &Setup) {
    let Some(folder) = &setup.state_folder else { return };
    let level = log::max_level().max(LevelFilter::Info);
    if let Err(error) = log_file::to_file(folder, level, || format!("{:.3}", Timestamp::now())) {
        // Seen only with --log.
        log::warn!("no log in {}: {error}", folder.display());
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Its message may quote data.
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        log::error!("thread {:?} panicked at {place}", std::thread::current().name().unwrap_or_default());
        before(info);
    }));
    for line in about(setup.settings_path.as_deref(), Some(folder)).lines() {
        log::info!("{line}");
    }
}

/// The program, the system and the folders, a line each.
fn about(settings: Option<&std::path::Path>, state: Option<&std::path::Path>) -> String {
    let mut text = format!("netassist {}\n", env!("CARGO_PKG_VERSION"));
    let system = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or_default();
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let lines = [
        ("system", format!("{os} {arch} {} {}", name.trim_matches('"'), kernel.trim())),
        ("toolkit", TOOLKIT.to_owned()),
        ("display", display()),
        ("settings", shown(settings)),
        ("state", shown(state)),
        ("captures", shown(store::folders::captures().ok().as_deref())),
    ];
    for (what, value) in lines {
        writeln!(text, "{what}: {}", value.trim()).unwrap_or_default();
    }
    text
}

fn display() -> String {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().filter(is_set).collect::<Vec<_>>().join(", ")
}

fn shown(path: Option<&std::path::Path>) -> String {
    path.map_or_else(|| "none".to_owned(), |path| path.display().to_string())
}

impl App {
    pub(super) fn copy_diagnostics(&self, tab: TabId) {
        let (settings, state) = (self.settings_path.clone(), self.state_folder.clone());
        self.jobs.start("diagnostics", move |reporter| {
            let about = about(settings.as_deref(), state.as_deref());
            let log = state.map(|folder| log_file::tail(&folder, LINES)).unwrap_or_default();
            reporter.send(Done::Clipboard(tab, format!("{about}\n{log}\n")));
        });
    }

    /// Logs the failures that the user is told of, each once.
    pub(super) fn log_notices(&mut self) {
        let tabs = self.state.tabs.iter().flat_map(Tab::told).map(|told| told.notice);
        let told: Vec<&Notice> =
            self.state.notices.iter().chain(tabs).filter(|notice| is_logged(notice)).collect();
        let is_new = |notice: &&&Notice| !self.logged.contains(notice);
        for notice in told.iter().filter(is_new) {
            let code = messages::os_code(Lang::En, notice.number());
            log::warn!("{}", format!("{} {code}", messages::notice(Lang::En, notice)).trim_end());
        }
        self.logged = told.into_iter().cloned().collect();
    }
}

/// Whether it reports an external failure, without quoting typed, sent or received data.
fn is_logged(notice: &Notice) -> bool {
    match notice {
        // Why a file of ours is not understood quotes the line; the store logs which file it is.
        Notice::Failed(task, ..) => {
            !matches!(task, Task::ReadingSettings | Task::ReadingTabs | Task::ReadingHistory)
        }
        other => matches!(
            other,
            Notice::Net(_)
                | Notice::Ended(_)
                | Notice::TooBusy
                | Notice::Captures(_, Some(_))
                | Notice::SaveFailed(_)
                | Notice::CannotRead(_)
                | Notice::Torn
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_the_toolkit_that_is_built_in() {
        let lock = include_str!("../../Cargo.lock");
        let version = |name: &str| {
            let at = lock.find(&format!("name = \"{name}\"\nversion = \"")).unwrap();
            lock[at..].split('"').nth(3).unwrap().rsplit_once('.').unwrap().0
        };
        assert_eq!(TOOLKIT, format!("egui {}, eframe with glow", version("egui")));
        assert_eq!(version("egui"), version("eframe"));
    }

    #[test]
    fn what_may_quote_data_is_not_logged() {
        let failed = |task| Notice::Failed(task, String::new(), "line 3: 'secret'".into());
        assert!(is_logged(&failed(Task::WritingTabs)));
        for notice in [failed(Task::ReadingHistory), Notice::CannotOpen("line 3: 'secret'".into())] {
            assert!(!is_logged(&notice), "{notice:?}");
        }
    }

    #[test]
    fn the_text_tells_what_runs_where() {
        let text = about(Some(std::path::Path::new("a/settings.toml")), None);
        let lines = [
            "netassist ",
            "system: ",
            "toolkit: egui ",
            "display:",
            "settings: a/settings.toml",
            "state: none",
        ];
        for (line, beginning) in text.lines().zip(lines) {
            assert!(line.starts_with(beginning), "{text}");
        }
    }
}
