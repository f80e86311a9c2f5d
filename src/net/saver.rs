//! Saves files on a thread of its own, since disks and network file systems may be slow.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, TryRecvError};
use mio::Waker;

use super::disk::Disk;
use super::folder;
use super::queue_size::subtract;
use crate::model::{Cause, Doing, FileName, NetError};

/// The most files that may wait.
const MAX_FILES: usize = 256;

/// The most bytes that may wait.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A file to save.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) file: FileName,
    pub(super) content: Arc<[u8]>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

/// The thread, started with the first file. Files that wait when the session has ended are saved anyway.
#[derive(Debug)]
pub(super) struct Saver {
    thread: Disk,
    /// The results of unfinished files, in order, and the bytes of each.
    waiting: VecDeque<(u64, Receiver<Result<Saved, NetError>>)>,
    waiting_bytes: u64,
}

impl Saver {
    /// Creates a saver that wakes the worker after each file.
    pub(super) fn new(waker: &Arc<Waker>) -> Self {
        Self { thread: Disk::new(waker), waiting: VecDeque::new(), waiting_bytes: 0 }
    }

    /// Queues a file.
    pub(super) fn save(&mut self, Job { file, content }: Job) -> Result<(), NetError> {
        let place = file.folder.join(&file.name).display().to_string();
        let (bytes, more) = (self.waiting_bytes, content.len() as u64);
        let is_full = !self.is_idle() && bytes.saturating_add(more) > MAX_BYTES;
        if is_full || self.waiting.len() >= MAX_FILES {
            return Err(NetError::new(Doing::SavingFile, place, Cause::DiskTooSlow(bytes, MAX_BYTES)));
        }
        let save = move || match folder::save(&file, &content) {
            Ok(path) => Ok(Saved { path, bytes: more }),
            Err(error) => Err(NetError::new(Doing::SavingFile, place, error)),
        };
        self.waiting.push_back((more, self.thread.run(save)));
        self.waiting_bytes += more;
        Ok(())
    }

    /// The result of the next finished job.
    pub(super) fn done(&mut self) -> Option<Result<Saved, NetError>> {
        let (bytes, done) = self.waiting.front()?;
        let saved = match done.try_recv() {
            Ok(saved) => saved,
            Err(TryRecvError::Empty) => return None,
            // The thread could not be started.
            Err(TryRecvError::Disconnected) => {
                Err(NetError::new(Doing::SavingFile, "", Cause::DiskTooSlow(*bytes, MAX_BYTES)))
            }
        };
        subtract(&mut self.waiting_bytes, *bytes);
        self.waiting.pop_front();
        Some(saved)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use mio::{Events, Poll, Token};

    use super::*;

    /// The next result, of which the poll must be notified.
    fn next(saver: &mut Saver, poll: &mut Poll) -> Result<Saved, NetError> {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut events = Events::with_capacity(8);
        loop {
            if let Some(done) = saver.done() {
                return done;
            }
            assert!(Instant::now() < deadline, "no result");
            poll.poll(&mut events, Some(deadline - Instant::now())).unwrap();
        }
    }

    #[test]
    fn files_are_saved_in_order_errors_are_returned_and_the_queue_is_bounded() {
        let mut poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), Token(0)).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let mut saver = Saver::new(&waker);
        assert!(saver.is_idle() && saver.done().is_none());
        let approved = Some(folder.path().canonicalize().unwrap());
        let file = FileName { folder: folder.path().into(), approved, name: "a".into() };
        let job = |content: &[u8]| Job { file: file.clone(), content: content.into() };
        saver.save(job(b"first")).unwrap();
        saver.save(job(b"second")).unwrap();
        assert!(!saver.is_idle());
        let path = folder.path().canonicalize().unwrap().join("a");
        assert_eq!(next(&mut saver, &mut poll), Ok(Saved { path: path.clone(), bytes: 5 }));
        let error = next(&mut saver, &mut poll).unwrap_err();
        assert_eq!(error.doing, Doing::SavingFile);
        assert!(saver.is_idle());
        assert_eq!(std::fs::read(path).unwrap(), b"first");
        saver.save(job(b"wait")).unwrap();
        saver.waiting_bytes = MAX_BYTES;
        assert_eq!(saver.save(job(b"x")).unwrap_err().cause, Cause::DiskTooSlow(MAX_BYTES, MAX_BYTES));
    }
}
