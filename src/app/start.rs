//! What a window finds when it starts: settings, and the tabs of earlier windows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::dialogs::{Dialogs, SystemDialogs};
use super::geometry::Geometry;
use crate::journal::Store;
use crate::model::Reason;
use crate::state::{Layout, Notice, Rooms, Settings, Tab, Task};
use crate::store::{self, Claimed, StoredTab, Trouble, WindowFolder};
use crate::workspace::SavedTab;

/// Where things are, and who answers for the system. Tests give their own.
#[derive(Debug)]
pub struct Setup {
    /// The settings file; `None` keeps no preferences.
    pub settings_path: Option<PathBuf>,
    /// The folder of what windows keep by themselves: tabs, histories, the log; `None` keeps nothing.
    pub state_folder: Option<PathBuf>,
    /// The folder of captures.
    pub store: std::io::Result<Store>,
    /// Where files are saved unless the user chooses another folder.
    pub documents: PathBuf,
    /// File dialogs.
    pub dialogs: Arc<dyn Dialogs>,
    /// The system's locale, e.g. `zh-CN`.
    pub locale: Option<String>,
    /// The local time zone.
    pub zone: TimeZone,
    /// Captures to open at once.
    pub files: Vec<PathBuf>,
}

impl Setup {
    /// As this system has it.
    pub fn system(files: Vec<PathBuf>) -> Self {
        Self {
            settings_path: store::folders::settings_file(),
            state_folder: store::folders::state(),
            store: Store::open_default(),
            documents: dirs::document_dir().or_else(std::env::home_dir).unwrap_or_default(),
            dialogs: Arc::new(SystemDialogs::default()),
            locale: sys_locale::get_locale(),
            zone: TimeZone::system(),
            files,
        }
    }
}

/// What is stored of a window besides its tabs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct WindowText {
    pub(super) active: String,
    #[serde(flatten)]
    pub(super) layout: Layout,
    #[serde(flatten)]
    pub(super) geometry: Geometry,
    /// How sessions are divided, with the names of the tabs' files. Of tables, it comes last.
    #[serde(flatten)]
    pub(super) rooms: Rooms<String>,
}

pub(super) struct Start {
    pub(super) setup: Setup,
    pub(super) settings: Settings,
    pub(super) tabs: Vec<(String, Tab)>,
    pub(super) window: WindowText,
    pub(super) folder: Option<WindowFolder>,
    pub(super) is_alone: bool,
    /// The trouble with the settings file, if any.
    pub(super) settings_notice: Option<Notice>,
    /// The trouble with files of tabs, if any.
    pub(super) tabs_notice: Option<Notice>,
}

impl Start {
    /// Reads everything, and takes over the tabs of closed windows.
    pub(super) fn read(setup: Setup) -> Self {
        let (settings, trouble) =
            setup.settings_path.as_deref().map_or_else(Default::default, store::settings::load);
        let mut start = Self {
            settings,
            tabs: Vec::new(),
            window: WindowText::default(),
            folder: None,
            is_alone: true,
            settings_notice: trouble.map(settings_trouble),
            tabs_notice: None,
            setup,
        };
        if let Some(state) = &start.setup.state_folder {
            let claimed = WindowFolder::claim(&state.join("windows"));
            start.take(claimed);
        }
        start
    }

    fn take(&mut self, claimed: Claimed) {
        let Claimed { mut folder, kept, is_alone, troubles } = claimed;
        let mut troubles: Vec<_> = troubles.into_iter().map(with_reason).collect();
        for StoredTab { name, text, long } in kept.tabs {
            match SavedTab::from_text(&text, long) {
                Ok(saved) => self.tabs.push((name, Tab::restore(saved))),
                Err(error) => {
                    let trouble = folder.set_aside(&name, &error);
                    troubles.push((trouble, Reason::from(error)));
                }
            }
        }
        self.window = toml::from_str(&kept.window).unwrap_or_else(|error| {
            log::warn!("place and panels of the window are forgotten: {}", error.message());
            WindowText::default()
        });
        self.tabs_notice = tabs_trouble(troubles);
        (self.folder, self.is_alone) = (Some(folder), is_alone);
    }
}

/// The notice about a broken settings file.
pub(super) fn settings_trouble(trouble: Trouble) -> Notice {
    match trouble {
        Trouble::SetAside(aside, why) => Notice::SettingsSetAside(aside, Reason::from(&*why)),
        Trouble::Unreadable(path, why) => {
            Notice::Failed(Task::ReadingSettings, shown(&path), Reason::from(&*why))
        }
    }
}

fn with_reason(trouble: Trouble) -> (Trouble, Reason) {
    let (Trouble::SetAside(_, why) | Trouble::Unreadable(_, why)) = &trouble;
    let why = Reason::from(&**why);
    (trouble, why)
}

fn tabs_trouble(troubles: Vec<(Trouble, Reason)>) -> Option<Notice> {
    let mut asides = Vec::new();
    let mut told = None;
    for (trouble, why) in troubles {
        match trouble {
            Trouble::SetAside(aside, _) => asides.push((aside, why)),
            Trouble::Unreadable(path, _) => {
                told = Some(Notice::Failed(Task::ReadingTabs, shown(&path), why));
            }
        }
    }
    let why = asides.first().map(|(_, why)| why.clone());
    why.map(|why| Notice::TabsSetAside(asides.into_iter().map(|(aside, _)| aside).collect(), why)).or(told)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
