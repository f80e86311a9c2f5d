//! A moving view of a file that reads ahead where blocks are small and skips where they are large.

use std::fs::File;
use std::io;

use crate::journal::positioned;

/// How much is read after a leap, in bytes.
const LEAP: usize = 4 * 1024;
/// How much is read at most, in bytes, when nothing is leapt over.
const AHEAD: usize = 256 * 1024;

/// The view.
#[derive(Debug)]
pub(in crate::journal) struct Window<'a> {
    file: &'a File,
    until: u64,
    start: u64,
    filled: usize,
    buf: Vec<u8>,
    ahead: usize,
}

impl<'a> Window<'a> {
    /// A view of the file's first `until` bytes.
    pub(in crate::journal) fn new(file: &'a File, until: u64) -> Self {
        Self { file, until, start: 0, filled: 0, buf: Vec::new(), ahead: LEAP }
    }

    /// The bytes from `at` on, `len` of them or as many as there are. `len` must be bounded by the
    /// caller; so much is allocated.
    pub(in crate::journal) fn get(&mut self, at: u64, len: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.until.saturating_sub(at)).unwrap_or(usize::MAX);
        let len = len.min(left);
        let within = at.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let skip = match within {
            Some(skip) if skip.checked_add(len).is_some_and(|end| end <= self.filled) => skip,
            Some(_) | None => {
                self.ahead = match within {
                    Some(skip) if skip <= self.filled => (self.ahead * 2).min(AHEAD),
                    Some(_) | None => LEAP,
                };
                let want = self.ahead.max(len).min(left);
                if self.buf.len() < want {
                    self.buf.resize(want, 0);
                }
                self.filled = 0;
                self.start = at;
                let buf = self.buf.get_mut(..want).unwrap_or_default();
                self.filled = positioned::read(self.file, buf, at)?;
                0
            }
        };
        Ok(self.buf.get(skip..(skip + len).min(self.filled)).unwrap_or_default())
    }

    /// Whether all bytes from `at` on are zero.
    pub(in crate::journal) fn is_zero_from(&mut self, mut at: u64) -> io::Result<bool> {
        while at < self.until {
            let bytes = self.get(at, AHEAD)?;
            if bytes.is_empty() {
                break;
            }
            if bytes.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            at += bytes.len() as u64;
        }
        Ok(true)
    }
}
