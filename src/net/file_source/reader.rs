//! Reads a regular file once, up to the length it had when it was opened.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::model::{Cause, Doing, FileChange, FileName, NetError};
use crate::net::folder;

#[derive(Debug)]
pub(super) struct Reader {
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
    pub(super) fn open(path: &Path, of_rule: Option<&FileName>) -> Result<Self, NetError> {
        // Errors of a file that a peer has named are those of the answer.
        let doing = if of_rule.is_some() { Doing::Answering } else { Doing::ReadingFile };
        let wrong = |cause: Cause| NetError::new(doing, path.display(), cause);
        let file = of_rule.map_or_else(|| open(path), folder::open).map_err(wrong)?;
        let found = file.metadata().map_err(|error| wrong(error.into()))?;
        // Another file may have taken its place since it was checked.
        check_regular(&found).map_err(wrong)?;
        let len = Some(found.len()).filter(|len| *len > 0);
        let modified = found.modified().ok();
        Ok(Self { file, path: path.to_owned(), len, modified, at: 0, ended: false, change: None })
    }

    /// The length of the file, if known.
    pub(super) fn len(&self) -> Option<u64> {
        self.len
    }

    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// An error that names the file.
    fn error(&self, cause: impl Into<Cause>) -> NetError {
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

    pub(super) fn take_change(&mut self) -> Option<NetError> {
        self.change.take().map(|change| self.error(Cause::FileChanged(change)))
    }

    pub(super) fn is_short(&self) -> bool {
        self.ended && self.len.is_some_and(|len| self.at < len)
    }
}

fn check_regular(found: &Metadata) -> Result<(), Cause> {
    if found.is_file() { Ok(()) } else { Err(Cause::NotAFile) }
}

/// Opens a file that the user has chosen. Checks it before, since opening a device may have side effects.
fn open(path: &Path) -> Result<File, Cause> {
    check_regular(&std::fs::metadata(path)?)?;
    let mut options = OpenOptions::new();
    // A named pipe that has taken its place does not block.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, nix::fcntl::OFlag::O_NONBLOCK.bits());
    Ok(options.read(true).open(path)?)
}
