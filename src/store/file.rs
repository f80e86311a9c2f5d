//! Small files that are read and written whole.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// The longest file, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// A file that could not be understood or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It is kept under this name, and why.
    SetAside(PathBuf, String),
    /// It stands where it was, and why.
    Unreadable(PathBuf, String),
}

/// Creates a folder and what it stands in, if need be, for nobody else's eyes (Unix).
///
/// # Errors
/// Those of the system.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whether the file does not exist.
pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Reads a text.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] if it is not UTF-8 or too long, and those of the system.
pub fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "longer than 64 MiB"));
    }
    Ok(text)
}

/// Reads a TOML file; the default if there is none. A file that cannot be understood is renamed.
pub fn load<T: DeserializeOwned + Default>(path: &Path) -> (T, Option<Trouble>) {
    let read = read(path).and_then(|text| toml::from_str(&text).map_err(|error| placed(&text, &error)));
    match read {
        Ok(content) => (content, None),
        Err(error) if is_missing(&error) => (T::default(), None),
        Err(error) => (T::default(), Some(set_aside(path, &error))),
    }
}

/// What is wrong with TOML, in one line, with its place.
fn placed(text: &str, error: &toml::de::Error) -> io::Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
    let line = 1 + before.matches('\n').count();
    io::Error::other(format!("line {line}, column {column}: {}", error.message().replace('\n', "; ")))
}

/// Writes a text to a file, for nobody else's eyes (Unix): whole, or not at all, also if the system stops.
///
/// # Errors
/// Those of the system.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // Elsewhere a folder cannot be opened.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Renames a file that cannot be understood, so that another can be written.
pub fn set_aside(path: &Path, why: &dyn ToString) -> Trouble {
    set_aside_in(path.parent().unwrap_or(Path::new(".")), path, why)
}

pub(super) fn set_aside_in(folder: &Path, path: &Path, why: &dyn ToString) -> Trouble {
    let why = why.to_string().trim().to_owned();
    // The reason is not logged: it may quote the file.
    match move_aside(folder, path) {
        Ok(aside) => {
            log::warn!("set {} aside as {}", path.display(), aside.display());
            Trouble::SetAside(aside, why)
        }
        Err(error) => {
            log::warn!("cannot set {} aside: {error}", path.display());
            Trouble::Unreadable(path.to_owned(), format!("{why}; {error}"))
        }
    }
}

/// Moves a file into that folder under a free name, which is returned.
pub(super) fn move_aside(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    let to = folder.join(path.file_name().unwrap_or_default());
    for n in 1..1000 {
        let aside = to.with_extension(format!("broken-{n}.toml"));
        if aside.symlink_metadata().is_err() {
            return fs::rename(path, &aside).map(|()| aside);
        }
    }
    Err(io::Error::other("1000 broken files are already there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/x.toml");
        for text in ["", "半句\0\r\n"] {
            write(&path, text).unwrap();
            assert_eq!(read(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file is left");
        #[cfg(unix)]
        for (path, mode) in [(&*path, 0o600), (path.parent().unwrap(), 0o700)] {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
        }
    }

    #[test]
    fn what_is_no_text_of_ours_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.toml");
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        fs::write(&path, b"\xFF").unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
        File::create(&path).unwrap().set_len(MOST_BYTES + 1).unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn each_broken_file_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.toml");
        for n in 1..4 {
            fs::write(&path, n.to_string()).unwrap();
            let aside = folder.path().join(format!("x.broken-{n}.toml"));
            assert_eq!(set_aside(&path, &" why\n"), Trouble::SetAside(aside.clone(), "why".into()));
            assert_eq!(read(&aside).unwrap(), n.to_string());
        }
        assert!(matches!(set_aside(&path, &"why"), Trouble::Unreadable(at, _) if at == path));
    }
}
