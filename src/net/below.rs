//! Opens files below an approved folder. No link is followed below it, even if one appears meanwhile: on Unix, each
//! component is opened relative to the one before it.

use std::fs::File;
use std::path::{Component, Path};

use crate::model::{Cause, NameFault, RuleFault};

#[cfg(unix)]
pub(super) use unix::{create, open};

#[cfg(not(unix))]
pub(super) use portable::{create, open};

/// The part of `path` below `folder`.
fn below<'a>(folder: &Path, path: &'a Path) -> Result<&'a Path, Cause> {
    let below = path.strip_prefix(folder).unwrap_or(Path::new(""));
    let is_plain = below.components().all(|part| matches!(part, Component::Normal(_)));
    if is_plain && below.file_name().is_some() {
        Ok(below)
    } else {
        Err(refused(path, NameFault::LeavesFolder))
    }
}

fn refused(path: &Path, fault: NameFault) -> Cause {
    Cause::Rule(RuleFault::Name(path.display().to_string(), fault))
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::io::{self, Write as _};
    use std::os::fd::OwnedFd;

    use nix::fcntl::{AtFlags, OFlag, openat};
    use nix::sys::stat::{Mode, SFlag, fstatat};
    use nix::unistd::{UnlinkatFlags, unlinkat};

    use super::{Cause, File, NameFault, Path, below, refused};

    /// Enough to look a name up in a folder, also in one that cannot be listed.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const LOOK_UP: OFlag = OFlag::O_PATH;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const LOOK_UP: OFlag = OFlag::O_RDONLY;

    /// Opens a regular file for reading.
    pub(in crate::net) fn open(folder: &Path, path: &Path) -> Result<File, Cause> {
        let (folder, name) = entry(folder, path)?;
        match kind(&folder, name)? {
            SFlag::S_IFREG => {}
            SFlag::S_IFLNK => return Err(refused(path, NameFault::Link)),
            // Opening a device may have side effects.
            _other => return Err(Cause::NotAFile),
        }
        let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        Ok(openat(&folder, name, flags, Mode::empty()).map_err(io::Error::from)?.into())
    }

    /// Writes a new file. One that cannot be written completely is removed.
    pub(in crate::net) fn create(folder: &Path, path: &Path, content: &[u8]) -> Result<(), Cause> {
        let (folder, name) = entry(folder, path)?;
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let file = openat(&folder, name, flags, Mode::from_bits_truncate(0o666)).map_err(io::Error::from)?;
        File::from(file).write_all(content).map_err(|error| {
            // The first error is the one to report.
            unlinkat(&folder, name, UnlinkatFlags::NoRemoveDir).ok();
            error.into()
        })
    }

    /// The folder that contains `path`, which is below `folder`, and the name in it.
    fn entry<'a>(folder: &Path, path: &'a Path) -> Result<(OwnedFd, &'a OsStr), Cause> {
        let below = below(folder, path)?;
        let (parents, name) = (below.parent().into_iter().flatten(), below.file_name().unwrap_or_default());
        let flags = LOOK_UP | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let root = nix::fcntl::open(folder, flags, Mode::empty());
        let mut at = root.map_err(io::Error::from)?;
        for part in parents {
            if kind(&at, part)? == SFlag::S_IFLNK {
                return Err(refused(path, NameFault::Link));
            }
            at = openat(&at, part, flags, Mode::empty()).map_err(io::Error::from)?;
        }
        Ok((at, name))
    }

    fn kind(folder: &OwnedFd, name: &OsStr) -> io::Result<SFlag> {
        let found = fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW).map_err(io::Error::from)?;
        Ok(SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT)
    }
}

#[cfg(not(unix))]
mod portable {
    use std::fs::OpenOptions;
    use std::io::Write as _;

    use super::{Cause, File, NameFault, Path, below, refused};

    pub(in crate::net) fn open(folder: &Path, path: &Path) -> Result<File, Cause> {
        below(folder, path)?;
        check(folder, path)?;
        if std::fs::metadata(path)?.is_file() { Ok(File::open(path)?) } else { Err(Cause::NotAFile) }
    }

    pub(in crate::net) fn create(folder: &Path, path: &Path, content: &[u8]) -> Result<(), Cause> {
        below(folder, path)?;
        check(folder, path.parent().unwrap_or(folder))?;
        // With `create_new` this follows no link.
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(content).map_err(|error| {
            drop(file);
            // The first error is the one to report.
            std::fs::remove_file(path).ok();
            error.into()
        })
    }

    /// Checks that neither `path` nor a folder that it is in, up to `folder`, is a link.
    fn check(folder: &Path, path: &Path) -> Result<(), Cause> {
        for part in path.ancestors().take_while(|part| *part != folder) {
            if std::fs::symlink_metadata(part)?.is_symlink() {
                return Err(refused(path, NameFault::Link));
            }
        }
        Ok(())
    }
}
