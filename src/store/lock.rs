//! A lock that the system takes away from a process that dies: a lock file beside what it stands for.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// The most attempts if others replace the lock file meanwhile.
const ATTEMPTS: usize = 100;

/// A lock that is held until this is dropped or the process ends. The file stays unless it is removed.
#[derive(Debug)]
pub struct LockFile {
    path: PathBuf,
    /// Unlocked when closed. `None` on file systems that cannot lock.
    file: Option<File>,
}

impl LockFile {
    /// Takes the lock of this file, which is created if need be; `None` if another holds it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        Self::acquire(path, File::try_lock)
    }

    /// Takes the lock of this file, which is created if need be, and waits for others that hold it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn wait(path: &Path) -> io::Result<Self> {
        let locked = Self::acquire(path, |file| file.lock().map_err(TryLockError::Error))?;
        locked.ok_or_else(|| io::ErrorKind::ResourceBusy.into())
    }

    fn acquire(
        path: &Path,
        mut lock: impl FnMut(&File) -> Result<(), TryLockError>,
    ) -> io::Result<Option<Self>> {
        for _attempt in 0..ATTEMPTS {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
            match lock(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Some(Self { path: path.to_owned(), file: None }));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Between opening and locking, the file may have been removed and created again.
            if is_at(&file, path) {
                return Ok(Some(Self { path: path.to_owned(), file: Some(file) }));
            }
        }
        Ok(None)
    }

    /// Whether the lock file is still the one that was locked: if not, another may hold the lock as well.
    pub fn is_current(&self) -> bool {
        self.file.as_ref().is_none_or(|file| is_at(file, &self.path))
    }

    /// Updates the time of the lock file, by writing the process id into it.
    pub(super) fn touch(&self) -> io::Result<()> {
        let Some(mut file) = self.file.as_ref() else { return Ok(()) };
        file.rewind()?;
        file.set_len(0)?;
        writeln!(file, "{}", std::process::id())
    }

    /// Removes the lock file while it is still locked, so that nobody else can be holding it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn remove(&self) -> io::Result<()> {
        if self.is_current() { fs::remove_file(&self.path) } else { Ok(()) }
    }
}

pub(super) fn is_at(file: &File, path: &Path) -> bool {
    let opened = file.try_clone().and_then(same_file::Handle::from_file);
    let found = same_file::Handle::from_path(path);
    matches!((opened, found), (Ok(opened), Ok(found)) if opened == found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_holds_it_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let first = LockFile::take(&path).unwrap().unwrap();
        assert!(LockFile::take(&path).unwrap().is_none());
        first.touch().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", std::process::id()));
        drop(first);
        assert!(path.exists(), "the file is not the lock");
        assert!(LockFile::take(&path).unwrap().is_some());
        assert!(LockFile::wait(&path).is_ok());
    }

    #[test]
    fn a_lock_file_that_was_removed_or_replaced_is_not_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let first = LockFile::take(&path).unwrap().unwrap();
        assert!(first.is_current());
        fs::remove_file(&path).unwrap();
        assert!(!first.is_current());
        let second = LockFile::take(&path).unwrap().unwrap();
        assert!(!first.is_current() && second.is_current(), "it stands there again, but it is another file");
        first.remove().unwrap();
        assert!(path.exists(), "nobody removes the lock of another");
        second.remove().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_lock_on_a_file_that_is_replaced_meanwhile_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let mut n = 0;
        let lock = LockFile::acquire(&path, |file| {
            n += 1;
            if n == 1 {
                // What its holder and the next one do between our opening and locking.
                fs::remove_file(&path).unwrap();
                File::create(&path).unwrap();
            }
            file.try_lock()
        });
        assert!(lock.unwrap().unwrap().is_current());
        assert_eq!(n, 2);
    }
}
