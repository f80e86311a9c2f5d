//! The system's file dialogs, behind a trait so that tests can answer instead of a person.

use std::path::{Path, PathBuf};

/// Asks the user for a file. Called on a thread of its own: it may take as long as the user does.
pub trait Dialogs: std::fmt::Debug + Send + Sync {
    /// Where to save, beginning at `suggested`, with files of this ending. `None` if cancelled, or if
    /// the system has no dialog.
    fn save(&self, suggested: &Path, extension: &str) -> Option<PathBuf>;
    /// Which file to send. `None` as above.
    fn open(&self) -> Option<PathBuf>;
}

/// The system's own dialogs.
#[derive(Debug, Clone, Copy)]
pub struct SystemDialogs;

impl Dialogs for SystemDialogs {
    fn save(&self, suggested: &Path, extension: &str) -> Option<PathBuf> {
        let mut dialog = rfd::FileDialog::new().add_filter(extension, &[extension]);
        if let Some(folder) = suggested.parent().filter(|folder| folder.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        if let Some(name) = suggested.file_name() {
            dialog = dialog.set_file_name(name.to_string_lossy());
        }
        dialog.save_file()
    }

    fn open(&self) -> Option<PathBuf> {
        rfd::FileDialog::new().pick_file()
    }
}
