//! The folder of captures that the user has not named: creates, lists and removes them.
//!
//! A capture that is open in any running instance is never removed. An open capture is marked by a lock on a
//! separate file: on Windows a locked capture could not be read by Wireshark. If a process dies, the file
//! remains but the lock is released. Nor is one that the user has marked to be kept, by another file beside it. A third one
//! has the name of a session that was named after it was opened.

use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::tz::TimeZone;

use super::parts::suffix_of;
use super::retention::{Disk, Excess, Limits, plan};
use super::{Writer, scan};
use crate::model::{Rotation, Stamp};
use crate::store::{LockFile, file, folders};

/// How many names are tried for one moment and endpoint.
const ATTEMPTS: u32 = 1000;
/// How many characters of the endpoint are used in the name.
const LONGEST_ENDPOINT: usize = 120;
/// Where the sessions of a capture are looked for, in bytes from its start.
const HEAD: u64 = 16 * 1024;

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

/// Protects a capture, and all other parts of it, from removal by any running instance, until dropped.
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
        let lock = LockFile::take(&lock_of(capture))?;
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
    /// Whether the user has marked it to be kept.
    pub marked: bool,
}

impl Kept {
    /// The name that it [was given](Store::rename), else the last one of its first sessions, empty if none has one; and what
    /// they opened, e.g. `tcp-server 127.0.0.1:8080`, each once.
    pub fn sessions(&self) -> (String, Vec<String>) {
        let (mut name, mut all) = (String::new(), Vec::new());
        let mut take = |batch: scan::ScanBatch| {
            for opening in batch.openings {
                if opening.title != opening.endpoint {
                    name = opening.title;
                }
                if !all.contains(&opening.endpoint) {
                    all.push(opening.endpoint);
                }
            }
            ControlFlow::Continue(())
        };
        // What comes before the fault of a damaged one counts.
        drop(scan::scan(&self.path, u64::MAX, HEAD, &mut take));
        let given = fs::read_to_string(beside(&self.path, NAME)).ok();
        (given.unwrap_or(name), all)
    }
}

/// What was done to save space.
#[derive(Debug)]
pub struct Swept {
    /// The captures that were removed.
    pub removed: Vec<Kept>,
    /// The first one that could not be removed, and why.
    pub failed: Option<(PathBuf, io::Error)>,
    /// Set if the remaining ones take too much space.
    pub excess: Option<Excess>,
}

impl Swept {
    /// How many captures with content were removed, and their bytes.
    pub fn count(&self) -> (usize, u64) {
        let full = self.removed.iter().filter(|kept| kept.len > 0);
        (full.clone().count(), full.map(|kept| kept.len).fold(0, u64::saturating_add))
    }
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
        self.create_with(endpoint, None, at)
    }

    /// The same, with a capture that goes on in another file whenever that is due. Then the hold is one of all its files.
    ///
    /// # Errors
    /// Those of the system.
    pub fn create_with(&self, endpoint: &str, rotation: Option<Rotation>, at: Stamp) -> io::Result<Capture> {
        let stem = stem(endpoint, at);
        for attempt in 0..ATTEMPTS {
            let name = match attempt {
                0 => format!("{stem}.pcapng"),
                n => format!("{stem}_{n}.pcapng"),
            };
            let path = self.folder.join(name);
            // Locked before it exists, so that no other instance can remove it.
            let Some(hold) = Hold::take(&path)? else { continue };
            let writer = match rotation {
                Some(rotation) => Writer::create_in_parts(&path, rotation, at),
                None => Writer::create(&path),
            };
            match writer {
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
                let (open, marked) = (is_open(&path), is_marked(&path));
                list.push(Kept { path, len, modified, open, marked });
            }
        }
        list.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| b.path.cmp(&a.path)));
        Ok(list)
    }

    /// Removes captures to save space: see [`plan`].
    ///
    /// # Errors
    /// Those of the system when it lists them.
    pub fn sweep(&self, limits: Limits, now: SystemTime) -> io::Result<Swept> {
        let plan = plan(&self.list()?, limits, Disk::of(&self.folder), now);
        let mut swept = Swept { removed: Vec::new(), failed: None, excess: plan.excess };
        for kept in plan.remove {
            match self.remove(&kept.path) {
                Ok(()) => {
                    log::info!("deleted {} ({} bytes)", kept.path.display(), kept.len);
                    swept.removed.push(kept);
                }
                // Opened, marked or removed by another instance meanwhile.
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => drop(swept.failed.get_or_insert((kept.path, error))),
            }
        }
        Ok(swept)
    }

    /// Removes one capture of this folder.
    ///
    /// # Errors
    /// [`io::ErrorKind::ResourceBusy`] if it is open or marked, [`io::ErrorKind::InvalidInput`] if it is not a
    /// capture of this folder, and those of the system.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.check(path)?;
        let busy =
            |why: &str| io::Error::new(io::ErrorKind::ResourceBusy, format!("{} {why}", path.display()));
        // Another instance that only looks whether it is open lets go at once.
        let mut hold = Hold::take(path)?;
        while hold.is_none() && !is_open(path) {
            hold = Hold::take(path)?;
        }
        let hold = hold.ok_or_else(|| busy("is open"))?;
        if is_marked(path) {
            return Err(busy("is marked to be kept"));
        }
        let removed = fs::remove_file(path);
        drop(fs::remove_file(beside(path, NAME)));
        drop(hold);
        removed
    }

    /// Marks a capture of this folder to be kept, or no longer.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] if it is not a capture of this folder, and those of the system.
    pub fn mark(&self, path: &Path, keep: bool) -> io::Result<()> {
        self.check(path)?;
        let mark = beside(path, MARK);
        if keep {
            File::create(&mark)?;
            // If it was removed meanwhile, there is nothing to keep.
            return fs::symlink_metadata(path)
                .map(drop)
                .or_else(|gone| fs::remove_file(&mark).and(Err(gone)));
        }
        match fs::remove_file(&mark) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Gives the session of a capture of this folder another name than it was opened with.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] if it is not a capture of this folder, and those of the system.
    pub fn rename(&self, path: &Path, name: &str) -> io::Result<()> {
        self.check(path)?;
        fs::write(beside(path, NAME), name)
    }

    fn check(&self, path: &Path) -> io::Result<()> {
        let ours = path.parent() == Some(&self.folder) && is_capture(path);
        if !ours || !fs::symlink_metadata(path)?.is_file() {
            let text = format!("{} is not a capture in {}", path.display(), self.folder.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        Ok(())
    }
}

fn is_capture(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "pcapng")
}

/// The extensions of the files beside a capture.
const LOCK: &str = ".lock";
const MARK: &str = ".keep";
const NAME: &str = ".name";

/// One lock is for all parts of a capture.
fn lock_of(capture: &Path) -> PathBuf {
    beside(&suffix_of(capture).map_or_else(|| capture.to_owned(), |(_, base)| base), LOCK)
}

fn beside(capture: &Path, extension: &str) -> PathBuf {
    let mut name = capture.as_os_str().to_owned();
    name.push(extension);
    PathBuf::from(name)
}

/// Whether the user has marked the capture, or that cannot be determined.
pub(super) fn is_marked(capture: &Path) -> bool {
    let mark = fs::symlink_metadata(beside(capture, MARK));
    mark.map_or_else(|error| error.kind() != io::ErrorKind::NotFound, |_| true)
}

/// Whether a running instance holds the capture, or that cannot be determined.
fn is_open(capture: &Path) -> bool {
    match File::open(lock_of(capture)) {
        // Shared, so that two instances that only check do not see each other as holders.
        Ok(lock) => lock.try_lock_shared().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// A file name without extension, with characters that all file systems accept.
fn stem(endpoint: &str, at: Stamp) -> String {
    let time = at.timestamp().to_zoned(TimeZone::system()).strftime("%Y-%m-%d_%H-%M-%S%.3f");
    let endpoint = endpoint.chars().filter(|c| !"[]".contains(*c)).take(LONGEST_ENDPOINT).map(|c| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
        ' ' => '_',
        _ => '-',
    });
    format!("{time}_{}", endpoint.collect::<String>())
}
