//! The dialog that saves a session, as typed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use crate::model::{Format, Reason};

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
    /// That has failed.
    Failed(Reason),
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

    /// Takes a name, and a folder if there is none yet.
    pub(super) fn suggest(&mut self, folder: &Path, name: String) {
        self.name = name;
        if self.folder.is_empty() {
            self.folder = folder.display().to_string();
        }
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
    /// What is known about the file.
    pub facts: SaveFacts,
    asked: Option<SaveAsked>,
    waits: bool,
    /// Whoever finds out facts stops when this is dropped.
    wanted: Arc<()>,
    /// The name that was suggested, without what tells its format.
    suggested: String,
}

/// How many rows of the file are shown.
pub const PREVIEW_ROWS: usize = 4;

/// What is shown about a file before it is saved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaveFacts {
    /// Its first rows.
    pub rows: Vec<String>,
    /// Its size, if it is small.
    pub len: Option<u64>,
    /// The bytes that are free in its folder, if the system tells.
    pub free: Option<u64>,
    /// Whether there is one of its name.
    pub exists: bool,
}

/// What facts are about; how many records, or rows of the view, as far as that is known.
pub type SaveAsked = (SavePlace, SaveScope, Format, Option<u64>);

/// The most characters of a session's name in a file name.
const LONGEST_NAME: usize = 60;

/// The name of a session in the name of a file: without what no system takes in one, or what would leave the folder.
pub fn name_in_file(name: &str) -> String {
    let dash = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    name.trim_start_matches('.').chars().take(LONGEST_NAME).map(dash).collect()
}

/// A name that no other format gives to the same session.
fn name_of(stem: &str, format: Format) -> String {
    let is_usual = matches!(format, Format::Pcapng | Format::Text | Format::Csv | Format::Jsonl);
    let mark = if is_usual { String::new() } else { format!("_{}", format.name()) };
    format!("{stem}{mark}.{}", format.extension())
}

impl Default for SaveBox {
    fn default() -> Self {
        // The log is what is asked for most; the whole capture is kept anyway.
        let (format, scope, state) = (Format::Text, SaveScope::default(), SaveState::default());
        let (facts, asked, waits, wanted, suggested) = Default::default();
        let place = SavePlace::default();
        Self { open: false, place, format, scope, state, facts, asked, waits, wanted, suggested }
    }
}

impl SaveBox {
    /// What is to be found out now, as long as the second of what is returned can be upgraded. One at a time: the disk may be
    /// slow.
    pub fn ask(&mut self, n_items: Option<u64>) -> Option<(SaveAsked, Weak<()>)> {
        let asked = (self.place.clone(), self.scope, self.format, n_items);
        if !self.open || self.asked.as_ref() == Some(&asked) {
            return None;
        }
        self.wanted = Arc::default();
        if std::mem::replace(&mut self.waits, true) {
            return None;
        }
        self.asked = Some(asked.clone());
        Some((asked, Arc::downgrade(&self.wanted)))
    }

    /// Takes in what was found out; `None` if that was stopped.
    pub(super) fn answer(&mut self, asked: &SaveAsked, facts: Option<SaveFacts>) {
        self.waits = false;
        if let Some(facts) = facts.filter(|_| self.asked.as_ref() == Some(asked)) {
            self.facts = facts;
        }
    }

    /// All is found out anew.
    pub(super) fn forget_facts(&mut self) {
        (self.facts, self.asked, self.waits, self.wanted) = Default::default();
    }

    /// Whether the name is still the one that was suggested, or there is none.
    pub(super) fn is_suggested(&self) -> bool {
        [String::new(), name_of(&self.suggested, self.format)].contains(&self.place.name)
    }

    /// Suggests a name, without what tells its format, and a folder if there is none yet.
    pub fn suggest(&mut self, folder: &Path, name: String) {
        self.place.suggest(folder, name_of(&name, self.format));
        self.suggested = name;
    }

    /// Another format: a name that still ends as the one `before` does ends as this one now.
    pub fn follow_format(&mut self, before: Format) {
        if self.place.name == name_of(&self.suggested, before) {
            self.place.name = name_of(&self.suggested, self.format);
        } else if let Some(stem) = self.place.name.strip_suffix(&format!(".{}", before.extension())) {
            self.place.name = format!("{stem}.{}", self.format.extension());
        }
        self.state = SaveState::Idle;
    }
}
