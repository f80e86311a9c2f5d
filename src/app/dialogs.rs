//! The system's file dialogs, behind a trait so that tests can answer instead of a person.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use rfd::FileDialog;

use crate::ui::lang::Lang;

/// Asks the user for a file. Called on a thread of its own: it may take as long as the user does.
pub trait Dialogs: std::fmt::Debug + Send + Sync {
    /// Dialogs belong to this window. Called once, by its thread, before the others.
    fn belong_to(&self, _window: &eframe::CreationContext<'_>) {}
    /// Where to save, beginning at `suggested`, with files of this ending. `None` if cancelled, or if
    /// the system has no dialog.
    fn save(&self, suggested: &Path, extension: &str) -> Option<PathBuf>;
    /// Which file to send. `None` as above.
    fn open(&self) -> Option<PathBuf>;
    /// Shows a folder in the system's file manager.
    ///
    /// # Errors
    /// When the system has none, or it fails.
    fn show_folder(&self, folder: &Path) -> io::Result<()>;
}

/// The system's own dialogs.
#[derive(Debug, Default)]
pub struct SystemDialogs {
    /// A dialog that belongs to the window.
    ours: OnceLock<FileDialog>,
}

impl SystemDialogs {
    fn dialog(&self) -> FileDialog {
        self.ours.get().cloned().unwrap_or_default()
    }
}

impl Dialogs for SystemDialogs {
    fn belong_to(&self, window: &eframe::CreationContext<'_>) {
        self.ours.get_or_init(|| FileDialog::new().set_parent(window));
    }

    fn save(&self, suggested: &Path, extension: &str) -> Option<PathBuf> {
        let mut dialog = self.dialog().add_filter(extension, &[extension]);
        if let Some(folder) = suggested.parent().filter(|folder| folder.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        if let Some(name) = suggested.file_name() {
            dialog = dialog.set_file_name(name.to_string_lossy());
        }
        dialog.save_file()
    }

    fn open(&self) -> Option<PathBuf> {
        self.dialog().pick_file()
    }

    fn show_folder(&self, folder: &Path) -> io::Result<()> {
        let program = match std::env::consts::OS {
            "windows" => "explorer",
            "macos" => "open",
            _ => "xdg-open",
        };
        let ended = Command::new(program).arg(folder).stdin(Stdio::null()).output();
        let ended = ended.map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))?;
        // Explorer ends with 1 in any case.
        if ended.status.success() || cfg!(windows) {
            return Ok(());
        }
        let why = String::from_utf8_lossy(&ended.stderr);
        let why = why.lines().next().filter(|line| !line.is_empty());
        Err(io::Error::other(format!(
            "{program}: {}",
            why.map_or_else(|| ended.status.to_string(), str::to_owned)
        )))
    }
}

/// Tells why the window did not open in a box, if nobody can read standard error: on Windows, a program that no console
/// has started.
#[cfg(windows)]
pub(super) fn tell_without_console(lang: Lang, why: &str) {
    use std::os::windows::io::{AsHandle as _, AsRawHandle as _};
    let stderr = std::io::stderr();
    if stderr.as_raw_handle().is_null() || stderr.as_handle().try_clone_to_owned().is_err() {
        let text = format!("{}\n\n{}", lang.window_failed(why), lang.needs_opengl());
        let dialog = rfd::MessageDialog::new().set_level(rfd::MessageLevel::Error).set_title("netassist");
        dialog.set_description(text).show();
    }
}

#[cfg(not(windows))]
pub(super) fn tell_without_console(_lang: Lang, _why: &str) {}
