//! The growing file: what waits to be written, and what the operating system has taken. Knows of
//! blocks only where their lengths stand.

use std::fmt::Debug;
use std::fs::File;
use std::io::{self, IoSlice, Seek, SeekFrom, Write};

use super::block;

/// From this size in bytes on, a block is written at once and without being copied.
const DIRECT: usize = 4096;
/// When so many bytes wait, they are written, so that the buffer stays in the cache.
const FLUSH: usize = 128 * 1024;
/// A buffer that grew beyond this while the disk was full is given back afterwards.
const KEEP: usize = 1024 * 1024;

/// A file, or in tests something that fails on demand.
pub(super) trait Medium: Write + Seek + Send + Debug {
    /// As [`File::set_len`].
    fn set_len(&mut self, len: u64) -> io::Result<()>;
}

impl Medium for File {
    fn set_len(&mut self, len: u64) -> io::Result<()> {
        Self::set_len(self, len)
    }
}

/// Appends whole blocks to a medium.
#[derive(Debug)]
pub(super) struct Output {
    medium: Box<dyn Medium>,
    /// Bytes of whole blocks that the medium has taken.
    committed: u64,
    /// Whole blocks that follow them.
    pending: Vec<u8>,
    /// The last write failed: until the next commit blocks are only collected.
    stalled: bool,
    /// A failed write may have left the medium's position elsewhere than at `committed`.
    misplaced: bool,
}

impl Output {
    pub(super) fn new(medium: Box<dyn Medium>) -> Self {
        Self { medium, committed: 0, pending: Vec::new(), stalled: false, misplaced: false }
    }

    /// Where the next block will begin.
    pub(super) fn end(&self) -> u64 {
        self.committed + self.pending.len() as u64
    }

    /// Bytes that the medium has taken: always whole blocks.
    pub(super) fn committed(&self) -> u64 {
        self.committed
    }

    /// Appends one block, given in three parts.
    pub(super) fn append(&mut self, parts: [&[u8]; 3]) {
        let len = parts.iter().map(|part| part.len()).sum::<usize>();
        if self.stalled || len < DIRECT && self.pending.len() + len < FLUSH {
            for part in parts {
                self.pending.extend_from_slice(part);
            }
        } else if self.write(parts).is_err() {
            // Nothing is lost: `commit` will try again, and report it if it still fails.
            self.stalled = true;
        }
    }

    /// Writes all that waits.
    ///
    /// # Errors
    /// Those of the medium. What it did not take is kept, and the file is cut back to whole blocks.
    pub(super) fn commit(&mut self) -> io::Result<()> {
        self.stalled = false;
        if self.pending.is_empty() && !self.misplaced {
            return Ok(());
        }
        let written = self.write([&[]; 3]);
        self.stalled = written.is_err();
        written
    }

    /// Writes what waits and one block more; keeps of both what the medium does not take.
    fn write(&mut self, parts: [&[u8]; 3]) -> io::Result<()> {
        let [a, b, c] = parts;
        let mut written = 0;
        let result = self.go_to_end().and_then(|()| {
            let mut slices = [&self.pending[..], a, b, c].map(IoSlice::new);
            write_all(&mut *self.medium, &mut slices, &mut written)
        });
        if result.is_ok() {
            self.committed += written as u64;
            self.pending.clear();
            self.pending.shrink_to(KEEP);
            return Ok(());
        }
        let whole = whole_blocks(&self.pending, written);
        self.committed += whole as u64;
        self.pending.drain(..whole);
        for part in parts {
            self.pending.extend_from_slice(part);
        }
        // Best effort: even if the torn block cannot be cut off now, the next write goes over it.
        self.misplaced = true;
        if self.medium.set_len(self.committed).is_ok() {
            drop(self.go_to_end());
        }
        result
    }

    fn go_to_end(&mut self) -> io::Result<()> {
        if self.misplaced {
            self.medium.seek(SeekFrom::Start(self.committed))?;
            self.misplaced = false;
        }
        Ok(())
    }
}

/// Like `Write::write_all_vectored`, which is not stable, but counts what was written.
fn write_all(medium: &mut dyn Medium, mut slices: &mut [IoSlice<'_>], written: &mut usize) -> io::Result<()> {
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match medium.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                *written += n;
                IoSlice::advance_slices(&mut slices, n);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// How many of the first `limit` bytes of `blocks` are whole blocks.
fn whole_blocks(blocks: &[u8], limit: usize) -> usize {
    let mut at = 0;
    while let Some(len) = block::u32_at(blocks, at + 4).filter(|len| *len > 0) {
        if at + len as usize > limit {
            break;
        }
        at += len as usize;
    }
    at
}
