//! What persists between runs: preferences, and what is kept of a window and its tabs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Rooms, TabId};
use crate::workspace::SavedTab;

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// The system's.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The key that sends what is in the send box.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SendKey {
    /// Ctrl+Enter; Enter begins a new line.
    #[default]
    CtrlEnter,
    /// Enter; Shift+Enter begins a new line.
    Enter,
}

/// A page of the panel beside the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The bytes of the selected item, and what they mean.
    Inspect,
    /// Messages that are kept to be sent with one click.
    Quick,
    /// What was sent, to be sent again.
    History,
    /// What is answered by itself.
    Rules,
    /// What a relay does to what it passes on.
    Faults,
    /// All peers.
    Peers,
}

impl Side {
    /// All of them, in the order of their buttons.
    pub const ALL: [Self; 6] =
        [Self::Inspect, Self::Quick, Self::History, Self::Rules, Self::Faults, Self::Peers];

    /// Whether it is of use without a session, for a capture that is looked at.
    pub fn is_of_captures(self) -> bool {
        self == Self::Inspect
    }
}

/// Preferences. They are those of all windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The language of the window, as `zh_cn`; empty for the system's.
    pub language: String,
    /// Light or dark.
    pub theme: Theme,
    /// The key that sends.
    pub send_key: SendKey,
    /// When captures in the user's data folder take more than this many MiB, old ones are deleted.
    pub keep_captures_mib: u64,
    /// When they still take more than this many MiB, the user is told.
    pub warn_captures_mib: u64,
    /// The folder that something was saved to last; empty for the user's documents.
    pub save_folder: String,
    /// The name of the format in which something was saved last; empty for a text log.
    pub save_format: String,
    /// Remote addresses, `HOST:PORT`, the last one first.
    pub recent_remotes: Vec<String>,
    /// The commands that rules may run, by name.
    pub alert_commands: Commands,
}

/// Command lines by the names that rules give them.
pub type Commands = BTreeMap<String, String>;

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: String::new(),
            theme: Theme::default(),
            send_key: SendKey::default(),
            keep_captures_mib: 2048,
            warn_captures_mib: 10_240,
            save_folder: String::new(),
            save_format: String::new(),
            recent_remotes: Vec::new(),
            alert_commands: Commands::new(),
        }
    }
}

/// So many remote addresses are remembered.
pub const MOST_REMOTES: usize = 20;

impl Settings {
    /// Puts a remote at the head of the recent ones.
    pub fn remember_remote(&mut self, remote: Option<String>) {
        if let Some(remote) = remote {
            self.recent_remotes.retain(|known| *known != remote);
            self.recent_remotes.insert(0, remote);
            self.recent_remotes.truncate(MOST_REMOTES);
        }
    }
}

/// The panels of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// The page that is open beside the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// The width of the panel beside the log, in points.
    pub side_width: u16,
    /// Its height where it is below the log, in points.
    pub side_height: u16,
    /// The width of the left column, in points.
    pub left_width: u16,
    /// The left column is folded to a rail.
    pub left_folded: bool,
    /// Height of the send box, in points.
    pub box_height: u16,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            side: None,
            side_width: 384,
            side_height: 216,
            left_width: 256,
            left_folded: false,
            box_height: 60,
        }
    }
}

/// What is kept of a window for its next start, but for the preferences.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedWindow {
    /// The tabs in their order, but for those that look at a capture; none if nothing was ever done in any of them.
    pub tabs: Vec<(TabId, SavedTab)>,
    pub(crate) active: TabId,
    /// How they are divided among panes and windows.
    pub rooms: Rooms<TabId>,
    /// Where the panels are.
    pub layout: Layout,
}
