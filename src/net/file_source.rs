//! A file on its way to a peer, read in steps as the peer takes it. Knows no socket.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::folder;
use crate::model::{Doing, NetError};

/// Bytes read at a time for a stream: as much as one packet of the capture over IPv4 holds, so that
/// what the kernel accepts at once is one record.
pub(super) const STEP: usize = 65_495;

/// A file being sent. One byte is kept back until the end of the file is known, so that whoever
/// sends the last byte can tell that it is the last.
#[derive(Debug)]
pub(super) struct FileSource {
    file: File,
    name: String,
    /// Room for a step and the byte kept back, from the first time that the file is read.
    buffer: Vec<u8>,
    /// So many bytes of `buffer` are taken …
    taken: usize,
    /// … of those that were read.
    read: usize,
    step: usize,
    ended: bool,
}

impl FileSource {
    /// Opens `path`. Only a regular file has an end and is read without waiting.
    pub(super) fn open(path: &Path) -> Result<Self, NetError> {
        Self::with_step(path, STEP)
    }

    /// Opens a file of a folder, to be read `step` bytes at a time. What is told of one that is not there, or
    /// not in the folder, is told of an answer: it is a peer that has picked the name.
    pub(super) fn in_folder(folder: &Path, name: &str, step: usize) -> Result<Self, NetError> {
        let wrong = |error: io::Error| NetError::new(Doing::Answering, folder.join(name).display(), error);
        let path = folder::existing(folder, Path::new(name)).map_err(wrong)?;
        Self::with_step(&path, step).map_err(|error| NetError { doing: Doing::Answering, ..error })
    }

    /// Opens `path` to be read `step` bytes at a time, at least one.
    pub(super) fn with_step(path: &Path, step: usize) -> Result<Self, NetError> {
        let name = path.display().to_string();
        let wrong = |error: io::Error| NetError::new(Doing::ReadingFile, path.display(), error);
        // Looked at before opening: opening a named pipe would wait for its other end.
        if !std::fs::metadata(path).map_err(wrong)?.is_file() {
            return Err(wrong(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
        }
        let file = File::open(path).map_err(wrong)?;
        Ok(Self { file, name, buffer: Vec::new(), taken: 0, read: 0, step: step.max(1), ended: false })
    }

    /// Reads on if all that was read is taken.
    pub(super) fn fill(&mut self) -> Result<(), NetError> {
        if self.ended || !self.ready().is_empty() {
            return Ok(());
        }
        self.buffer.copy_within(self.taken..self.read, 0);
        (self.read, self.taken) = (self.read - self.taken, 0);
        self.buffer.resize(self.step + 1, 0);
        while let Some(room) = self.buffer.get_mut(self.read..).filter(|room| !room.is_empty()) {
            match self.file.read(room) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => self.read += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(NetError::new(Doing::ReadingFile, &self.name, error)),
            }
        }
        Ok(())
    }

    /// What can be sent now, at most one step.
    pub(super) fn ready(&self) -> &[u8] {
        let end = if self.ended { self.read } else { self.read.saturating_sub(1) };
        self.buffer.get(self.taken..end).unwrap_or_default()
    }

    /// Nothing follows what is [`ready`](Self::ready).
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// The first `n` bytes of what was ready are sent.
    pub(super) fn take(&mut self, n: usize) {
        self.taken += n.min(self.ready().len());
    }

    /// Bytes read and not taken.
    pub(super) fn waiting(&self) -> usize {
        self.read - self.taken
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn pieces(content: &[u8], step: usize, take: usize) -> Vec<Vec<u8>> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        let mut source = FileSource::with_step(file.path(), step).unwrap();
        let mut pieces = Vec::new();
        loop {
            source.fill().unwrap();
            let ready = source.ready();
            if ready.is_empty() {
                assert!(source.ended());
                return pieces;
            }
            let piece = ready[..take.min(ready.len())].to_vec();
            source.take(piece.len());
            pieces.push(piece);
        }
    }

    #[test]
    fn a_file_comes_in_steps_and_its_end_is_known_with_its_last_byte() {
        assert_eq!(pieces(b"", 4, 4), Vec::<Vec<u8>>::new());
        assert_eq!(pieces(b"abcd", 4, 4), [b"abcd"]);
        assert_eq!(pieces(b"abcdefgh", 4, 4), [b"abcd", b"efgh"]);
        assert_eq!(pieces(b"abcdefghi", 4, 4), [b"abcd".as_slice(), b"efgh", b"i"]);
        assert_eq!(pieces(b"abcdef", 4, 3), [b"abc".as_slice(), b"d", b"ef"]);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"abcdefgh").unwrap();
        let mut source = FileSource::with_step(file.path(), 4).unwrap();
        source.fill().unwrap();
        assert!(!source.ended());
        source.take(4);
        source.fill().unwrap();
        assert!(source.ended(), "known before the last byte is taken");
        assert_eq!(source.waiting(), 4);
    }

    #[test]
    fn only_a_regular_file_is_sent() {
        let error = FileSource::open(Path::new("/no/such/file")).unwrap_err();
        assert_eq!(error.doing, Doing::ReadingFile);
        assert_eq!(error.what, "/no/such/file");
        let folder = tempfile::tempdir().unwrap();
        let error = FileSource::open(folder.path()).unwrap_err();
        assert!(error.to_string().contains("not a regular file"), "{error}");
    }
}
