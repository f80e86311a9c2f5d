//! What persists between runs, as it stands in the settings file. Knows not where that file is.

use serde::{Deserialize, Serialize};

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
    /// Messages that are kept to be sent with one click.
    Quick,
    /// What was sent, to be sent again.
    History,
    /// What is answered by itself.
    Rules,
}

impl Side {
    /// All of them, in the order of their buttons.
    pub const ALL: [Self; 3] = [Self::Quick, Self::History, Self::Rules];
}

/// What persists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The language of the window, as `zh_cn`; empty for the system's.
    pub language: String,
    /// Light or dark.
    pub theme: Theme,
    /// The key that sends.
    pub send_key: SendKey,
    /// Captures in the user's data folder are kept up to this many MiB.
    pub keep_captures_mib: u64,
    /// The page that is open beside the log.
    pub side: Option<Side>,
    /// How wide the panel beside the log is, in points.
    pub side_width: u16,
    /// Remote addresses, `HOST:PORT`, the last one first.
    pub recent_remotes: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: String::new(),
            theme: Theme::default(),
            send_key: SendKey::default(),
            keep_captures_mib: 2048,
            side: None,
            side_width: 300,
            recent_remotes: Vec::new(),
        }
    }
}

const MOST_REMOTES: usize = 20;

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
