//! Reads a regular file once, up to the length it had when it was opened.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::model::{Cause, Doing, FileChange, NetError};

#[derive(Debug)]
pub(in crate::net) struct Reader {
    file: File,
    path: PathBuf,
    /// The length when the file was opened. Generated files report 0; they end where reading returns nothing.
    len: Option<u64>,
    modified: Option<SystemTime>,
    /// Bytes read.
    at: u64,
    ended: bool,
    change: Option<FileChange>,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, NetError> {
        let wrong = |cause: Cause| NetError::new(Doing::ReadingFile, path.display(), cause);
        let failed = |error: io::Error| wrong(error.into());
        // Checked before opening, since opening a device may have side effects.
        check_regular(&std::fs::metadata(path).map_err(failed)?).map_err(wrong)?;
        let file = open(path).map_err(failed)?;
        let found = file.metadata().map_err(failed)?;
        // Another file may have taken its place since.
        check_regular(&found).map_err(wrong)?;
        let len = Some(found.len()).filter(|len| *len > 0);
        let modified = found.modified().ok();
        Ok(Self { file, path: path.to_owned(), len, modified, at: 0, ended: false, change: None })
    }

    /// The length of the file; 0 if unknown.
    pub(in crate::net) fn len(&self) -> u64 {
        self.len.unwrap_or_default()
    }

    pub(super) fn knows_its_end(&self) -> bool {
        self.len.is_some()
    }

    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// An error that names the file.
    pub(super) fn error(&self, cause: impl Into<Cause>) -> NetError {
        NetError::new(Doing::ReadingFile, self.path.display(), cause)
    }

    /// Fills `room` as far as the file goes; returns how far.
    pub(super) fn read(&mut self, room: &mut [u8]) -> Result<usize, NetError> {
        let left = self.len.map_or(u64::MAX, |len| len.saturating_sub(self.at));
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(room.len());
        let mut n_read = 0;
        while let Some(rest) = room.get_mut(n_read..most).filter(|rest| !rest.is_empty()) {
            match self.file.read(rest) {
                Ok(0) => {
                    self.end();
                    break;
                }
                Ok(n) => {
                    n_read += n;
                    self.at += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(error)),
            }
        }
        if self.len == Some(self.at) {
            self.end();
        }
        Ok(n_read)
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            self.change = self.detect_change();
        }
    }

    /// How the file has changed since it was opened.
    fn detect_change(&self) -> Option<FileChange> {
        let len = self.len?;
        if self.at < len {
            return Some(FileChange::Shrunk(self.at, len));
        }
        match std::fs::metadata(&self.path) {
            Ok(found) if found.len() > len => Some(FileChange::Grown(found.len() - len)),
            Ok(found) => (found.modified().ok() != self.modified).then_some(FileChange::Rewritten),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(FileChange::Removed),
            // For example, its folder is no longer readable. Everything was read.
            Err(_) => None,
        }
    }

    pub(in crate::net) fn take_change(&mut self) -> Option<NetError> {
        self.change.take().map(|change| self.error(Cause::FileChanged(change)))
    }

    pub(in crate::net) fn is_short(&self) -> bool {
        self.ended && self.len.is_some_and(|len| self.at < len)
    }
}

fn check_regular(found: &Metadata) -> Result<(), Cause> {
    if found.is_file() {
        return Ok(());
    }
    Err(Cause::NotAFile)
}

/// Opens the file for reading. A named pipe that has taken its place does not block.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(NON_BLOCKING).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const NON_BLOCKING: i32 = nix::fcntl::OFlag::O_NONBLOCK.bits();

/// The number on all BSDs, including macOS.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
const NON_BLOCKING: i32 = 4;
