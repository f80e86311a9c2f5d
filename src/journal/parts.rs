//! The files that one name stands for, named as dumpcap names them: `NAME_00001_20261129094032.pcapng`.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::store::is_marked;
use crate::model::Stamp;

/// How many names are tried for the next file.
const ATTEMPTS: u32 = 1000;
/// Digits of a local time.
const TIME: usize = 14;

/// The files of one name in a folder, those of earlier sessions included.
#[derive(Debug)]
pub struct Parts {
    base: PathBuf,
    /// The number of the last one.
    pub(crate) number: u32,
    files: VecDeque<PathBuf>,
}

impl Parts {
    /// Finds those that there are of this name.
    ///
    /// # Errors
    /// Those of the system when it lists the folder.
    pub fn of(base: &Path) -> io::Result<Self> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder(base))? {
            let entry = entry?;
            let path = base.with_file_name(entry.file_name());
            // Links are not followed, and not removed.
            if let Some((number, time)) = number_in(&path, base)
                && entry.file_type().is_ok_and(|kind| kind.is_file())
            {
                found.push((number, time, path));
            }
        }
        found.sort_unstable();
        let number = found.last().map_or(0, |(number, ..)| *number);
        Ok(Self { base: base.to_owned(), number, files: found.into_iter().map(|(.., path)| path).collect() })
    }

    /// Counts a file of this session, of whatever name, as the last one.
    pub fn push(&mut self, path: PathBuf) {
        self.number += 1;
        self.files.push_back(path);
    }

    /// Creates the next file, readable only by its owner (Unix). Never touches an existing one.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn create(&mut self, at: Stamp) -> io::Result<(PathBuf, File)> {
        let time = at.timestamp().to_zoned(TimeZone::system()).strftime("%Y%m%d%H%M%S").to_string();
        for number in (self.number.saturating_add(1)..).take(ATTEMPTS as usize) {
            let path = with_suffix(&self.base, &format!("_{number:05}_{time}"));
            match create_private(&path) {
                Ok(file) => {
                    self.number = number;
                    self.files.push_back(path.clone());
                    return Ok((path, file));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        let text = format!("no free name like {}", with_suffix(&self.base, "_00001").display());
        Err(io::Error::new(io::ErrorKind::AlreadyExists, text))
    }

    /// Forgets the last file, which was not written.
    pub(super) fn take_back(&mut self) {
        if let Some(path) = self.files.pop_back() {
            // The error that led here tells more.
            drop(fs::remove_file(path));
        }
    }

    /// Removes the oldest files but `most`, and passes each to `told` with the result. Those that the user has marked stay.
    pub fn keep(&mut self, most: usize, told: &mut dyn FnMut(PathBuf, io::Result<()>)) {
        while self.files.len() > most.max(1)
            && let Some(path) = self.files.pop_front()
        {
            let removed = if is_marked(&path) { Ok(()) } else { fs::remove_file(&path) };
            let removed = removed.or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            });
            told(path, removed);
        }
    }
}

/// Creates a new file that only its owner may read.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn folder(base: &Path) -> &Path {
    base.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The path with this before the extension of its name.
pub fn with_suffix(base: &Path, suffix: &str) -> PathBuf {
    let mut name = base.file_stem().unwrap_or_default().to_owned();
    name.push(suffix);
    if let Some(extension) = base.extension() {
        name.push(".");
        name.push(extension);
    }
    base.with_file_name(name)
}

/// The end of a part's name, `_00001_20261129094032`, and the common name of all parts.
pub fn suffix_of(part: &Path) -> Option<(&str, PathBuf)> {
    let stem = part.file_stem()?.to_str()?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (rest, _) = stem.rsplit_once('_').filter(|(_, time)| time.len() == TIME && digits(time))?;
    let (name, _) = rest.rsplit_once('_').filter(|(_, number)| number.len() >= 5 && digits(number))?;
    let extension = part.extension().map(|it| format!(".{}", it.to_string_lossy())).unwrap_or_default();
    Some((stem.get(name.len()..)?, part.with_file_name(format!("{name}{extension}"))))
}

fn number_in(path: &Path, base: &Path) -> Option<(u32, u64)> {
    let (suffix, _) = suffix_of(path).filter(|(_, of)| of.file_name() == base.file_name())?;
    let (number, time) = suffix.get(1..)?.split_once('_')?;
    Some((number.parse().ok()?, time.parse().ok()?))
}
