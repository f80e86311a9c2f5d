//! Saving to a file atomically.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{ExportError, Format, Progress, Scope, Style, write};
use crate::model::bare;

/// How many bytes are buffered before they are written. Longer pieces are written directly.
const BUFFER: usize = 1 << 15;

/// The file to write.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Its path.
    pub path: PathBuf,
    /// Whether an existing file is overwritten.
    pub overwrite: bool,
}

/// Saves `scope` of the capture to the file `to`. The file appears when it is complete; until then there is a
/// temporary file in the same folder, which is removed if saving fails or is cancelled, or the process exits
/// normally.
///
/// # Errors
/// As [`write()`]; also if the file exists and is not to be overwritten, is the capture itself or a folder. A pipe or
/// a device is written to as it is.
pub fn to_file(
    capture: &Path,
    scope: &Scope,
    format: Format,
    style: &Style,
    to: &Destination,
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let path = to.path.as_path();
    let writing = |error| ExportError::Writing(path.to_owned(), bare(error));
    let mut write_to = |out: &mut dyn io::Write| {
        write(capture, scope, format, style, out, progress).map_err(|error| match error {
            ExportError::Writing(_, error) => writing(error),
            error => error,
        })
    };
    if check(capture, to)? == Kind::Stream {
        let file = fs::File::options().write(true).open(path).map_err(writing)?;
        let mut out = io::BufWriter::with_capacity(BUFFER, file);
        write_to(&mut out)?;
        return out.flush().map_err(writing);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".netassist-").suffix(".part");
    as_any_new_file(&mut builder);
    let file = builder.tempfile_in(folder).map_err(writing)?;
    let mut out = io::BufWriter::with_capacity(BUFFER, file);
    let written = write_to(&mut out);
    if written.as_ref().is_err_and(|error| !error.is_damage()) {
        return written;
    }
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
    written
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    /// A pipe or a device.
    Stream,
}

/// Checks whether the file may be written, before any work is done.
fn check(capture: &Path, to: &Destination) -> Result<Kind, ExportError> {
    let path = to.path.as_path();
    let Ok(found) = fs::metadata(path) else { return Ok(Kind::File) };
    if found.is_dir() {
        return Err(ExportError::NotAFile(path.to_owned()));
    }
    if !found.is_file() || is_descriptor(path) {
        return Ok(Kind::Stream);
    }
    if is_same(path, capture) {
        return Err(ExportError::IsTheCapture(path.to_owned()));
    }
    if to.overwrite { Ok(Kind::File) } else { Err(ExportError::Exists(path.to_owned())) }
}

/// Whether two paths refer to the same file. False if either does not exist.
pub fn is_same(one: &Path, other: &Path) -> bool {
    matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(a), Ok(b)) if a == b)
}

/// Whether a path is a name of an open file, such as `/dev/stdout`. It may not be replaced, whatever it leads to.
pub fn is_descriptor(path: &Path) -> bool {
    let link = fs::read_link(path).unwrap_or_default();
    [path, &link].iter().any(|path| path.starts_with("/proc") || path.starts_with("/dev/fd"))
}

/// Gives a temporary file the permissions of a normal new file.
#[cfg(unix)]
fn as_any_new_file(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    // The system applies the umask.
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn as_any_new_file(_builder: &mut tempfile::Builder<'_, '_>) {}
