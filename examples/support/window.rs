//! A window without the user's settings, captures and dialogs.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use netassist::app::Setup;
use netassist::journal::Store;
use netassist::store::{Snapshot, StoredTab, WindowFolder, fresh_name};
use netassist::workspace::{SavedTab, Session};

use super::no_dialogs::NoDialogs;

/// A window with these sessions in tabs, and with its files in a folder.
pub(crate) fn setup(
    sessions: impl IntoIterator<Item = Session>,
    folder: &Path,
) -> Result<Setup, Box<dyn Error>> {
    let state_folder = folder.join("state");
    let mut tabs = Vec::new();
    for session in sessions {
        let (text, long) = SavedTab::new(session, String::new(), None, None).to_text()?;
        tabs.push(StoredTab { name: fresh_name(), text, long });
    }
    let mut window = WindowFolder::claim(&state_folder.join("windows")).folder;
    window.write(&Snapshot { tabs, ..Snapshot::default() })?;
    Ok(Setup {
        settings_path: Some(folder.join("settings.toml")),
        state_folder: Some(state_folder),
        store: Store::at(folder.join("captures")),
        documents: folder.to_owned(),
        dialogs: Arc::new(NoDialogs),
        locale: None,
        zone: TimeZone::UTC,
        files: Vec::new(),
    })
}
