//! The folders that rules send files from and save files into, which the user must have approved. Peers choose the
//! names, so none may lead out of its folder.

use std::path::{Component, Path, PathBuf};

use super::below;
use crate::model::{Cause, Doing, FileToSend, NameFault, NetError, RuleFault};
use crate::rules::FileName;

/// An existing file, to be sent. Errors are those of an answer, since a peer chose the name.
pub(super) fn to_send(file: &FileName) -> Result<FileToSend, NetError> {
    let wrong = |cause: Cause| NetError::new(Doing::Answering, file.folder.join(&file.name).display(), cause);
    let (approved, path) = path(file).map_err(wrong)?;
    // Tells at once what is wrong; it may be sent later.
    below::open(approved, &path).map_err(wrong)?;
    let n_below = path.components().count() - approved.components().count();
    Ok(FileToSend { below: u16::try_from(n_below).unwrap_or(u16::MAX), ..FileToSend::raw(path) })
}

/// Writes a new file. An existing one is left alone, and one that cannot be written completely is removed.
pub(super) fn save(file: &FileName, content: &[u8]) -> Result<PathBuf, Cause> {
    let (approved, path) = path(file)?;
    below::create(approved, &path, content)?;
    Ok(path)
}

/// The approved folder, and the path of the file below it. A link on the way to its folder is followed as long as it
/// leads to an approved one.
fn path(file: &FileName) -> Result<(&Path, PathBuf), Cause> {
    let FileName { folder, approved, name } = file;
    let refused = || Cause::Rule(RuleFault::Folder(folder.display().to_string()));
    let approved = approved.as_deref().ok_or_else(refused)?;
    let mut parts = Path::new(name).components().peekable();
    if parts.peek().is_none() || parts.any(|part| !matches!(part, Component::Normal(_))) {
        return Err(Cause::Rule(RuleFault::Name(name.clone(), NameFault::LeavesFolder)));
    }
    let folder = folder.canonicalize()?;
    if folder.starts_with(approved) { Ok((approved, folder.join(name))) } else { Err(refused()) }
}
