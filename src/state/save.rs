//! The dialog that saves a session, as typed.

use std::path::{Path, PathBuf};

use crate::model::Format;

/// Where saving stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SaveState {
    /// Nothing is being saved.
    #[default]
    Idle,
    /// Bytes saved so far, and in all.
    Running {
        /// Done.
        done: u64,
        /// In all.
        total: u64,
    },
    /// A file of that name exists.
    Exists(PathBuf),
}

/// What of a session is saved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SaveScope {
    /// All that its capture holds.
    #[default]
    Whole,
    /// What the log shows: without what Clear and the filter hide.
    Shown,
    /// What is selected in the log.
    Selected,
    /// What connections carry, without what is on the wire.
    Plain,
    /// What is on the wire, without the keys.
    Wire,
}

impl SaveScope {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 5] = [Self::Whole, Self::Shown, Self::Selected, Self::Plain, Self::Wire];
}

/// The panel that saves.
#[derive(Debug, Clone)]
pub struct SaveBox {
    /// It is shown.
    pub open: bool,
    /// Where to, as typed.
    pub path: String,
    /// As what.
    pub format: Format,
    /// What of the session.
    pub scope: SaveScope,
    /// Where saving stands.
    pub state: SaveState,
}

impl Default for SaveBox {
    fn default() -> Self {
        // The log is what is asked for most; the whole capture is kept anyway.
        let (format, scope) = (Format::Text, SaveScope::default());
        Self { open: false, path: String::new(), format, scope, state: SaveState::default() }
    }
}

impl SaveBox {
    /// Takes the path that the dialog gave.
    pub fn set_path(&mut self, path: &Path) {
        self.path = path.display().to_string();
        self.state = SaveState::Idle;
    }

    /// Another format: a path that still ends as the one `before` does ends as this one now.
    pub fn follow_format(&mut self, before: Format) {
        if let Some(stem) = self.path.strip_suffix(&format!(".{}", before.extension())) {
            self.path = format!("{stem}.{}", self.format.extension());
        }
        self.state = SaveState::Idle;
    }
}
