//! Files of a folder that rules send from or save into. Whoever is on the other side of a connection picks
//! their names, so that none may lead out of the folder. Knows no rule and no socket.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use crate::model::{Cause, Doing, FileToSend, NameFault, NetError, RuleFault};

/// The file of that name in `folder`, if it is there.
///
/// # Errors
/// Those of the system, and [`NameFault::LeavesFolder`] if the name, or a link on the way, leads out of the
/// folder.
pub(super) fn existing(folder: &Path, name: &Path) -> Result<PathBuf, Cause> {
    let folder = folder.canonicalize()?;
    let path = folder.join(plain(name)?).canonicalize()?;
    within(&folder, path, name)
}

/// The order to send the file of that name in `folder`, if it is there. What is told of one that is not is told
/// of an answer: it is a peer that has picked the name.
pub(super) fn to_send(folder: &Path, name: &str) -> Result<FileToSend, NetError> {
    let wrong = |cause: Cause| NetError::new(Doing::Answering, folder.join(name).display(), cause);
    existing(folder, Path::new(name)).map(FileToSend::raw).map_err(wrong)
}

/// Writes a new file of that name into `folder`. What is there already is never touched, and what could not
/// be written whole is removed.
///
/// # Errors
/// Those of the system, and [`NameFault::LeavesFolder`] if the name, or a link on the way, leads out of the
/// folder.
pub(super) fn save(folder: &Path, name: &Path, content: &[u8]) -> Result<PathBuf, Cause> {
    let folder = folder.canonicalize()?;
    let path = folder.join(plain(name)?);
    let (Some(parent), Some(file_name)) = (path.parent(), path.file_name()) else { return Err(leaves(name)) };
    let path = within(&folder, parent.canonicalize()?, name)?.join(file_name);
    // This follows no link that the name may be.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    match write(&mut file, content) {
        Ok(()) => Ok(path),
        Err(error) => {
            drop(file);
            // The error that is told is the first one.
            std::fs::remove_file(&path).ok();
            Err(error.into())
        }
    }
}

fn write(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.flush()
}

/// `name`, if it has nothing but names in it.
fn plain(name: &Path) -> Result<&Path, Cause> {
    let mut parts = name.components().peekable();
    if parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_))) {
        Ok(name)
    } else {
        Err(leaves(name))
    }
}

fn within(folder: &Path, path: PathBuf, name: &Path) -> Result<PathBuf, Cause> {
    if path.starts_with(folder) { Ok(path) } else { Err(leaves(name)) }
}

fn leaves(name: &Path) -> Cause {
    Cause::Rule(RuleFault::Name(name.display().to_string(), NameFault::LeavesFolder))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder beside a file that is not in it.
    fn folder() -> (tempfile::TempDir, PathBuf) {
        let around = tempfile::tempdir().unwrap();
        std::fs::write(around.path().join("secret"), "x").unwrap();
        let folder = around.path().join("shared");
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::fs::write(folder.join("sub/a.txt"), "a").unwrap();
        (around, folder)
    }

    /// What the system has said.
    fn kind(refused: Result<PathBuf, Cause>) -> io::ErrorKind {
        match refused {
            Err(Cause::Os { kind, .. }) => kind,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        let (around, folder) = folder();
        let secret = around.path().join("secret");
        for name in ["../secret", "sub/../../secret", ".", "..", "", "sub/..", secret.to_str().unwrap()] {
            let name = Path::new(name);
            assert_eq!(existing(&folder, name), Err(leaves(name)));
            assert_eq!(save(&folder, name, b"y"), Err(leaves(name)));
        }
        assert_eq!(std::fs::read(secret).unwrap(), b"x");
        let found = existing(&folder, Path::new("sub/a.txt")).unwrap();
        assert_eq!(std::fs::read(found).unwrap(), b"a");
        assert_eq!(kind(existing(&folder, Path::new("b"))), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn links_that_leave_the_folder_are_refused() {
        let (around, folder) = folder();
        std::os::unix::fs::symlink(around.path(), folder.join("up")).unwrap();
        std::os::unix::fs::symlink(around.path().join("new"), folder.join("link")).unwrap();
        std::os::unix::fs::symlink(folder.join("sub"), folder.join("down")).unwrap();
        for name in ["up/secret", "up/shared/../secret"] {
            assert_eq!(existing(&folder, Path::new(name)), Err(leaves(Path::new(name))));
        }
        assert_eq!(save(&folder, Path::new("up/new"), b"y"), Err(leaves(Path::new("up/new"))));
        assert_eq!(kind(save(&folder, Path::new("link"), b"y")), io::ErrorKind::AlreadyExists);
        assert!(!around.path().join("new").exists());
        // One that stays inside is as good as any name.
        assert!(existing(&folder, Path::new("down/a.txt")).is_ok());
        assert!(save(&folder, Path::new("down/b.txt"), b"b").is_ok());
        assert_eq!(std::fs::read(folder.join("sub/b.txt")).unwrap(), b"b");
    }

    #[test]
    fn what_is_there_is_never_touched() {
        let (_around, folder) = folder();
        assert_eq!(kind(save(&folder, Path::new("sub/a.txt"), b"b")), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(folder.join("sub/a.txt")).unwrap(), b"a");
        let path = save(&folder, Path::new("b"), b"content").unwrap();
        assert_eq!(std::fs::read(path).unwrap(), b"content");
    }
}
