//! A file that is read ahead on the thread for files.

use std::io;
use std::path::PathBuf;

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

use super::reader::Reader;
use crate::model::{Cause, Doing, FileToSend, NetError};
use crate::net::disk::Disk;

/// Bytes read at once.
const CHUNK: usize = 128 * 1024;

/// A job that is under way: opening the file, or reading on.
type Done = Result<(Reader, Vec<u8>), NetError>;

#[derive(Debug)]
pub(in crate::net) struct ReadAhead {
    disk: Disk,
    path: PathBuf,
    /// `None` while the file is with the thread, and after an error.
    reader: Option<Reader>,
    pending: Option<Receiver<Done>>,
    /// What was read: from `taken` on it is not consumed.
    chunk: Vec<u8>,
    taken: usize,
    /// What was read after it.
    next: Option<Vec<u8>>,
    /// A buffer for the next job.
    spare: Vec<u8>,
    len: Option<u64>,
    is_open: bool,
}

impl ReadAhead {
    /// Opens a file. If that takes long, [`read`](Self::read) reports an error.
    pub(super) fn open(disk: &Disk, file: &FileToSend) -> Result<Self, NetError> {
        let (own, of_rule) = (file.path.clone(), file.of_rule.clone());
        let open = move || Reader::open(&own, of_rule.as_deref());
        let pending = disk.run(move || open().and_then(|reader| read_on(reader, Vec::new())));
        let (disk, path) = (disk.clone(), file.path.clone());
        let mut file = Self {
            disk,
            path,
            reader: None,
            pending: None,
            chunk: Vec::new(),
            taken: 0,
            next: None,
            spare: Vec::new(),
            len: None,
            is_open: false,
        };
        match file.disk.wait(&pending) {
            Ok(done) => file.done(done)?,
            Err(RecvTimeoutError::Timeout) => file.pending = Some(pending),
            Err(RecvTimeoutError::Disconnected) => return Err(file.lost()),
        }
        Ok(file)
    }

    fn done(&mut self, done: Done) -> Result<(), NetError> {
        let (reader, chunk) = done?;
        (self.len, self.is_open) = (reader.len(), true);
        self.reader = Some(reader);
        self.next = Some(chunk);
        if self.taken == self.chunk.len() {
            self.go_on();
        }
        Ok(())
    }

    /// Goes on with what was read next, if there is any, once all before it is taken.
    fn go_on(&mut self) -> bool {
        let next = self.next.take();
        let there_is = next.is_some();
        if let Some(next) = next {
            (self.spare, self.taken) = (std::mem::replace(&mut self.chunk, next), 0);
        }
        there_is
    }

    fn lost(&self) -> NetError {
        self.error(io::Error::other("too many files are waiting for the disk"))
    }

    /// The length of the file; 0 if unknown.
    pub(in crate::net) fn len(&self) -> u64 {
        self.len.unwrap_or_default()
    }

    pub(super) fn knows_its_end(&self) -> bool {
        self.len.is_some()
    }

    /// Whether all of the file was returned.
    pub(super) fn ended(&self) -> bool {
        self.taken == self.chunk.len() && self.next.is_none() && self.has_all()
    }

    /// Whether the file was read to its end.
    fn has_all(&self) -> bool {
        self.reader.as_ref().is_some_and(Reader::ended)
    }

    /// An error that names the file.
    pub(super) fn error(&self, cause: impl Into<Cause>) -> NetError {
        NetError::new(Doing::ReadingFile, self.path.display(), cause)
    }

    /// Whether the file is open, so that its length is known if it has one.
    pub(super) fn is_open(&mut self) -> Result<bool, NetError> {
        self.collect()?;
        Ok(self.is_open)
    }

    /// Takes what was read, if the job is done.
    fn collect(&mut self) -> Result<(), NetError> {
        match self.pending.as_ref().map(Receiver::try_recv) {
            Some(Ok(done)) => {
                self.pending = None;
                self.done(done)
            }
            Some(Err(TryRecvError::Disconnected)) => Err(self.lost()),
            Some(Err(TryRecvError::Empty)) | None => Ok(()),
        }
    }

    /// Fills `room` as far as the file goes; returns how far, or `None` while the disk is being waited for.
    pub(super) fn read(&mut self, room: &mut [u8]) -> Result<Option<usize>, NetError> {
        loop {
            self.collect()?;
            let ready = self.chunk.len() - self.taken + self.next.as_ref().map_or(0, Vec::len);
            if ready >= room.len() || self.has_all() {
                let n = self.take(room);
                self.request();
                return Ok(Some(n));
            }
            if self.pending.is_some() {
                return Ok(None);
            }
            // A piece that is longer than both.
            if let Some(mut next) = self.next.take() {
                self.chunk.drain(..self.taken);
                self.taken = 0;
                self.chunk.append(&mut next);
            }
            self.request();
            if self.pending.is_none() {
                return Err(self.lost());
            }
        }
    }

    /// Fills `room` with what was read, as far as it goes.
    fn take(&mut self, room: &mut [u8]) -> usize {
        let mut n = 0;
        while let Some(rest) = room.get_mut(n..).filter(|rest| !rest.is_empty()) {
            let ready = self.chunk.get(self.taken..).unwrap_or_default();
            let len = ready.len().min(rest.len());
            if let Some((to, from)) = rest.get_mut(..len).zip(ready.get(..len)) {
                to.copy_from_slice(from);
            }
            (n, self.taken) = (n + len, self.taken + len);
            if self.taken == self.chunk.len() && !self.go_on() {
                break;
            }
        }
        n
    }

    /// Orders the next chunk, if there is more and none has been read ahead.
    fn request(&mut self) {
        if self.next.is_some() {
            return;
        }
        if let Some(reader) = self.reader.take_if(|reader| !reader.ended()) {
            let buffer = std::mem::take(&mut self.spare);
            self.pending = Some(self.disk.run(move || read_on(reader, buffer)));
        }
    }

    pub(in crate::net) fn take_change(&mut self) -> Option<NetError> {
        self.reader.as_mut()?.take_change()
    }

    pub(in crate::net) fn is_short(&self) -> bool {
        self.reader.as_ref().is_some_and(Reader::is_short)
    }
}

/// Reads the next chunk into a buffer that is used again.
fn read_on(mut reader: Reader, mut chunk: Vec<u8>) -> Done {
    chunk.resize(CHUNK, 0);
    let n = reader.read(&mut chunk)?;
    chunk.truncate(n);
    chunk.shrink_to_fit();
    Ok((reader, chunk))
}
