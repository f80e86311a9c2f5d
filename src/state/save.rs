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

/// The file to save to, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavePlace {
    /// Its folder.
    pub folder: String,
    /// Its name.
    pub name: String,
}

impl SavePlace {
    /// The path; `None` without a name. A name that is a whole path needs no folder.
    pub fn path(&self) -> Option<PathBuf> {
        let name = self.name.trim();
        (!name.is_empty()).then(|| Path::new(self.folder.trim()).join(name))
    }
}

impl From<&Path> for SavePlace {
    fn from(path: &Path) -> Self {
        let text = |part: &Path| part.display().to_string();
        Self {
            folder: path.parent().map(text).unwrap_or_default(),
            name: path.file_name().map(|name| text(Path::new(name))).unwrap_or_default(),
        }
    }
}

/// The panel that saves.
#[derive(Debug, Clone)]
pub struct SaveBox {
    /// It is shown.
    pub open: bool,
    /// Where to.
    pub place: SavePlace,
    /// As what.
    pub format: Format,
    /// What of the session.
    pub scope: SaveScope,
    /// Where saving stands.
    pub state: SaveState,
    /// What was asked for, and is answered with, about the disk.
    pub(crate) disk: DiskAsked,
}

/// The space that is free in a folder, which takes its time on some disks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiskAsked {
    /// A folder is being looked at.
    pub(crate) waits: bool,
    /// The folder that was looked at last, and the bytes that are free in it if the system tells.
    pub(crate) known: Option<(String, Option<u64>)>,
}

impl Default for SaveBox {
    fn default() -> Self {
        // The log is what is asked for most; the whole capture is kept anyway.
        let (format, scope, state) = (Format::Text, SaveScope::default(), SaveState::default());
        let disk = DiskAsked::default();
        Self { open: false, place: SavePlace::default(), format, scope, state, disk }
    }
}

impl SaveBox {
    /// The bytes that are free in the folder, as far as is known.
    pub fn free(&self) -> Option<u64> {
        self.disk.known.as_ref().filter(|(folder, _)| *folder == self.place.folder.trim())?.1
    }

    /// The folder in which the free space is to be found out now, if any.
    pub fn ask_free(&mut self) -> Option<String> {
        let folder = self.place.folder.trim();
        let is_known = self.disk.known.as_ref().is_some_and(|(known, _)| known == folder);
        if !self.open || self.disk.waits || is_known {
            return None;
        }
        self.disk.waits = true;
        Some(folder.to_owned())
    }

    /// Another format: a name that still ends as the one `before` does ends as this one now.
    pub fn follow_format(&mut self, before: Format) {
        if let Some(stem) = self.place.name.strip_suffix(&format!(".{}", before.extension())) {
            self.place.name = format!("{stem}.{}", self.format.extension());
        }
        self.state = SaveState::Idle;
    }
}
