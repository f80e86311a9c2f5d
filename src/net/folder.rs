//! The folders that rules send files from and save files into. Peers choose the names, so none may lead out
//! of its folder.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use crate::model::{Cause, Doing, FileToSend, NameFault, NetError, RuleFault};

/// The path of an existing file in `folder`, unless the name or a link leads out of it.
pub(super) fn existing(folder: &Path, name: &Path) -> Result<PathBuf, Cause> {
    let folder = folder.canonicalize()?;
    let path = folder.join(plain(name)?).canonicalize()?;
    within(&folder, path, name)
}

/// An existing file in `folder`, to be sent. Errors are those of an answer, since a peer chose the name.
pub(super) fn to_send(folder: &Path, name: &str) -> Result<FileToSend, NetError> {
    let wrong = |cause: Cause| NetError::new(Doing::Answering, folder.join(name).display(), cause);
    existing(folder, Path::new(name)).map(FileToSend::raw).map_err(wrong)
}

/// Writes a new file into `folder`, unless the name or a link leads out of it. An existing file is left alone,
/// and a file that cannot be written completely is removed.
pub(super) fn save(folder: &Path, name: &Path, content: &[u8]) -> Result<PathBuf, Cause> {
    let folder = folder.canonicalize()?;
    let path = folder.join(plain(name)?);
    let (Some(parent), Some(file_name)) = (path.parent(), path.file_name()) else { return Err(leaves(name)) };
    let path = within(&folder, parent.canonicalize()?, name)?.join(file_name);
    // With `create_new` this follows no link.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    match write(&mut file, content) {
        Ok(()) => Ok(path),
        Err(error) => {
            drop(file);
            // The first error is the one to report.
            std::fs::remove_file(&path).ok();
            Err(error.into())
        }
    }
}

fn write(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.flush()
}

/// `name`, if it has only plain components.
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
    use crate::model::OsFault;

    /// A folder next to a file that is not in it.
    fn folder() -> (tempfile::TempDir, PathBuf) {
        let around = tempfile::tempdir().unwrap();
        std::fs::write(around.path().join("secret"), "x").unwrap();
        let folder = around.path().join("shared");
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::fs::write(folder.join("sub/a.txt"), "a").unwrap();
        (around, folder)
    }

    /// What a system error means.
    fn fault(refused: Result<PathBuf, Cause>) -> OsFault {
        match refused {
            Err(Cause::Os { fault, .. }) => fault,
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
        assert_eq!(fault(existing(&folder, Path::new("b"))), OsFault::NotFound);
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
        assert_eq!(fault(save(&folder, Path::new("link"), b"y")), OsFault::AlreadyExists);
        assert!(!around.path().join("new").exists());
        // A link that stays inside is allowed.
        assert!(existing(&folder, Path::new("down/a.txt")).is_ok());
        assert!(save(&folder, Path::new("down/b.txt"), b"b").is_ok());
        assert_eq!(std::fs::read(folder.join("sub/b.txt")).unwrap(), b"b");
    }

    #[test]
    fn an_existing_file_is_left_alone() {
        let (_around, folder) = folder();
        assert_eq!(fault(save(&folder, Path::new("sub/a.txt"), b"b")), OsFault::AlreadyExists);
        assert_eq!(std::fs::read(folder.join("sub/a.txt")).unwrap(), b"a");
        let path = save(&folder, Path::new("b"), b"content").unwrap();
        assert_eq!(std::fs::read(path).unwrap(), b"content");
    }
}
