//! Saving to a file: whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{ExportError, Format, Progress, Scope, Style, write};

/// Bytes that are gathered before they are written. What is longer goes out from where it was read to.
const BUFFER: usize = 1 << 15;

/// What is to become of which file.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The file.
    pub path: PathBuf,
    /// What if there is one of that name.
    pub overwrite: bool,
}

/// Saves what `scope` names of the capture as the file `to`. The file appears when it is complete, under its name
/// at once; until then it is a temporary one beside it, of which nothing is left if this fails, is cancelled
/// or the process ends in order.
///
/// # Errors
/// As [`write()`]; also when the file exists and is not to be overwritten, is the capture itself, or is
/// no file (a folder, a device).
pub fn to_file(
    capture: &Path,
    scope: &Scope,
    format: Format,
    style: &Style,
    to: &Destination,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let path = to.path.as_path();
    let writing = |error| ExportError::Writing(path.to_owned(), error);
    check(capture, to)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".netassist-").suffix(".part");
    as_any_new_file(&mut builder);
    let file = builder.tempfile_in(folder).map_err(writing)?;
    let mut out = io::BufWriter::with_capacity(BUFFER, file);
    write(capture, scope, format, style, &mut out, progress).map_err(|error| match error {
        ExportError::Writing(_, error) => writing(error),
        ExportError::Reading(..)
        | ExportError::Exists(_)
        | ExportError::IsTheCapture(_)
        | ExportError::NotAFile(_)
        | ExportError::Cancelled => error,
    })?;
    out.flush().map_err(writing)?;
    let file = out.into_inner().map_err(|error| writing(error.into_error()))?;
    if to.overwrite {
        file.persist(path).map_err(|error| writing(error.error))?;
    } else {
        file.persist_noclobber(path).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => ExportError::Exists(path.to_owned()),
            _ => writing(error.error),
        })?;
    }
    Ok(())
}

/// Whether there may be a file of this name, before any work is done.
fn check(capture: &Path, to: &Destination) -> Result<(), ExportError> {
    let path = to.path.as_path();
    let Ok(found) = fs::metadata(path) else { return Ok(()) };
    if !found.is_file() {
        return Err(ExportError::NotAFile(path.to_owned()));
    }
    if is_same(path, capture) {
        return Err(ExportError::IsTheCapture(path.to_owned()));
    }
    if to.overwrite { Ok(()) } else { Err(ExportError::Exists(path.to_owned())) }
}

/// Whether two paths lead to the same file. False if there is none at one of them.
pub fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(a), Ok(b)) if a == b)
}

/// Temporary files are for their owner only; this one becomes a file like any that a program makes.
#[cfg(unix)]
fn as_any_new_file(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    // The system takes the umask off.
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn as_any_new_file(_builder: &mut tempfile::Builder<'_, '_>) {}
