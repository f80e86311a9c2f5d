//! The folders that rules send files from and save files into, which the user must have approved. Peers choose the
//! names, so none may lead out of its folder.

use std::fs::File;
use std::path::{Component, Path, PathBuf};

use super::below;
use crate::model::{Cause, FileName, FileToSend, NameFault, RuleFault};

/// An order to send a file. Whether it is there and may be sent is found when it is opened.
pub(super) fn to_send(file: &FileName) -> FileToSend {
    FileToSend { of_rule: Some(Box::new(file.clone())), ..FileToSend::raw(file.folder.join(&file.name)) }
}

/// Opens an existing file to send it.
pub(super) fn open(file: &FileName) -> Result<File, Cause> {
    let (approved, path) = path(file)?;
    below::open(approved, &path)
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
