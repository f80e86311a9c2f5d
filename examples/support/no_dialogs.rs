//! Dialogs without an answer.

use std::path::{Path, PathBuf};

use netassist::app::dialogs::Dialogs;

#[derive(Debug)]
pub(crate) struct NoDialogs;

impl Dialogs for NoDialogs {
    fn save(&self, _suggested: &Path, _extension: &str) -> Option<PathBuf> {
        None
    }

    fn open(&self) -> Option<PathBuf> {
        None
    }

    fn show_folder(&self, _folder: &Path) -> std::io::Result<()> {
        Ok(())
    }
}
