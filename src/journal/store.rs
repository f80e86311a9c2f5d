//! The folder of captures that the user has not named: creates, lists and removes them.
//!
//! A capture that is open in any running instance is never removed. An open capture is marked by a lock on a
//! separate file: on Windows a locked capture could not be read by Wireshark. If a process dies, the file
//! remains but the lock is released.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Writer;
use crate::model::Stamp;
use crate::store::{LockFile, file, folders};

/// How many names are tried for one moment and endpoint.
const ATTEMPTS: u32 = 1000;
/// How many characters of the endpoint are used in the name.
const LONGEST_ENDPOINT: usize = 120;

/// A folder of captures.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// A newly created capture.
#[derive(Debug)]
pub struct Capture {
    /// Writes the capture; belongs to the worker.
    pub writer: Writer,
    /// Protects it from removal; belongs to whatever shows the capture.
    pub hold: Hold,
}

/// Protects a capture from removal by any running instance, until dropped.
#[derive(Debug)]
pub struct Hold {
    capture: PathBuf,
    lock: LockFile,
}

impl Hold {
    /// Protects a capture, e.g. an old one that is opened again. `None` if another instance holds it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn take(capture: &Path) -> io::Result<Option<Self>> {
        let lock = LockFile::take(&lock_path(capture))?;
        Ok(lock.map(|lock| Self { capture: capture.to_owned(), lock }))
    }

    /// The capture.
    pub fn path(&self) -> &Path {
        &self.capture
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // If that fails, an unlocked file stays behind, which means nothing.
        drop(self.lock.remove());
    }
}

/// A capture in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its path.
    pub path: PathBuf,
    /// Its length in bytes.
    pub len: u64,
    /// When it was last written to.
    pub modified: SystemTime,
    /// Whether a running instance holds it.
    pub open: bool,
}

impl Store {
    /// The user's own folder, see [`folders::captures`].
    ///
    /// # Errors
    /// Those of the system, and [`io::ErrorKind::NotFound`] if the user has no home directory.
    pub fn open_default() -> io::Result<Self> {
        Self::at(folders::captures()?)
    }

    /// This folder, created if need be, for nobody else's eyes (Unix).
    ///
    /// # Errors
    /// Those of the system.
    pub fn at(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        file::create_folder(&folder)?;
        Ok(Self { folder })
    }

    /// The path of the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Creates a capture named after the local time and the endpoint, e.g. `tcp-server 127.0.0.1:8080`. Never
    /// touches an existing file.
    ///
    /// # Errors
    /// Those of the system.
    pub fn create(&self, endpoint: &str, at: Stamp) -> io::Result<Capture> {
        let stem = stem(endpoint, at);
        for attempt in 0..ATTEMPTS {
            let name = match attempt {
                0 => format!("{stem}.pcapng"),
                n => format!("{stem}_{n}.pcapng"),
            };
            let path = self.folder.join(name);
            // Locked before it exists, so that no other instance can remove it.
            let Some(hold) = Hold::take(&path)? else { continue };
            match Writer::create(&path) {
                Ok(writer) => return Ok(Capture { writer, hold }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("no free name like {stem}.pcapng")))
    }

    /// The captures, newest first.
    ///
    /// # Errors
    /// Those of the system.
    pub fn list(&self) -> io::Result<Vec<Kept>> {
        let mut list = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if !is_capture(&path) {
                continue;
            }
            // Links are not followed. Files that vanish meanwhile are skipped.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_file() {
                let (len, modified) = (metadata.len(), metadata.modified()?);
                let open = is_open(&path);
                list.push(Kept { path, len, modified, open });
            }
        }
        list.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| b.path.cmp(&a.path)));
        Ok(list)
    }

    /// Removes the oldest captures until all have at most `limit` bytes together, and empty ones, which a killed
    /// process leaves if it did not get to write the first block. Open captures count, but are not removed. Returns what was removed.
    ///
    /// # Errors
    /// Those of the system.
    pub fn sweep(&self, limit: u64) -> io::Result<Vec<PathBuf>> {
        let list = self.list()?;
        let mut total = list.iter().map(|kept| kept.len).fold(0, u64::saturating_add);
        let mut removed = Vec::new();
        for kept in list.into_iter().rev().filter(|kept| !kept.open) {
            if total <= limit && kept.len > 0 {
                continue;
            }
            match self.remove(&kept.path) {
                Ok(()) => {
                    total = total.saturating_sub(kept.len);
                    removed.push(kept.path);
                }
                // Opened or removed by another instance meanwhile.
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(removed)
    }

    /// Removes one capture of this folder.
    ///
    /// # Errors
    /// [`io::ErrorKind::ResourceBusy`] if it is open, [`io::ErrorKind::InvalidInput`] if it is not a capture
    /// of this folder, and those of the system.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        let ours = path.parent() == Some(&self.folder) && is_capture(path);
        if !ours || !fs::symlink_metadata(path)?.is_file() {
            let text = format!("{} is not a capture in {}", path.display(), self.folder.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let Some(hold) = Hold::take(path)? else {
            let text = format!("{} is open", path.display());
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, text));
        };
        let removed = fs::remove_file(path);
        drop(hold);
        removed
    }
}

fn is_capture(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "pcapng")
}

fn lock_path(capture: &Path) -> PathBuf {
    let mut name = capture.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Whether a running instance holds the capture, or that cannot be determined.
fn is_open(capture: &Path) -> bool {
    match File::open(lock_path(capture)) {
        // Shared, so that two instances that only check do not see each other as holders.
        Ok(lock) => lock.try_lock_shared().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// A file name without extension, with characters that all file systems accept.
fn stem(endpoint: &str, at: Stamp) -> String {
    // A stamp ends in 2554, a timestamp in 9999.
    let time = Timestamp::from_nanosecond(i128::from(at.0)).unwrap_or(Timestamp::UNIX_EPOCH);
    let time = time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d_%H-%M-%S%.3f");
    let endpoint = endpoint.chars().filter(|c| !"[]".contains(*c)).take(LONGEST_ENDPOINT).map(|c| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
        ' ' => '_',
        _ => '-',
    });
    format!("{time}_{}", endpoint.collect::<String>())
}
