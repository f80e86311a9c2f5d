//! Reads at an offset whatever the file position is, so that one open file serves any number of readers. On Windows this
//! moves the position.

use std::cell::Cell;
use std::fmt::Debug;
use std::fs::File;
use std::io::{self, Read};

/// A file, or several that are read as one.
pub(super) trait ReadAt: Debug {
    /// Reads from offset `at` until `buf` is full or the file ends; returns how many bytes were read.
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize>;
}

impl ReadAt for File {
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        read(self, buf, at)
    }
}

#[cfg(unix)]
fn read_once(file: &File, buf: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, at)
}

#[cfg(windows)]
fn read_once(file: &File, buf: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buf, at)
}

/// Reads from offset `at` until `buf` is full or the file ends; returns how many bytes were read.
pub(super) fn read(file: &File, buf: &mut [u8], at: u64) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match read_once(file, rest, at.saturating_add(done as u64)) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Reads a file from its begin to its end, whatever its position is.
#[derive(Debug)]
pub(super) struct Sequential<'a> {
    pub(super) file: &'a File,
    /// How far it has come.
    pub(super) at: &'a Cell<u64>,
}

impl Read for Sequential<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = read(self.file, buf, self.at.get())?;
        self.at.set(self.at.get() + n as u64);
        Ok(n)
    }
}
