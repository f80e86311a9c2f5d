//! Saves files on a thread of its own, since disks and network file systems may be slow.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TrySendError};
use mio::Waker;

use super::folder;
use super::queue_size::subtract;
use crate::model::{Cause, Doing, NetError};
use crate::rules::FileName;

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

#[derive(Debug)]
struct Done {
    bytes: u64,
    saved: Result<Saved, NetError>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

/// The thread, started with the first file.
#[derive(Debug)]
pub(super) struct Saver {
    waker: Arc<Waker>,
    thread: Option<(Sender<Job>, Receiver<Done>)>,
    /// The number of unfinished files, and their bytes.
    waiting: (u64, u64),
}

impl Saver {
    /// Creates a saver that wakes the worker after each file.
    pub(super) fn new(waker: Arc<Waker>) -> Self {
        Self { waker, thread: None, waiting: (0, 0) }
    }

    /// Queues a file.
    pub(super) fn save(&mut self, job: Job) -> Result<(), NetError> {
        let name = job.file.folder.join(&job.file.name).display().to_string();
        let wrong = |cause: Cause| NetError::new(Doing::SavingFile, &name, cause);
        let (files, bytes) = self.waiting;
        let more = bytes.saturating_add(job.content.len() as u64);
        if files > 0 && more > MAX_BYTES {
            return Err(wrong(Cause::DiskTooSlow(bytes, MAX_BYTES)));
        }
        let jobs = match &self.thread {
            Some((jobs, _done)) => jobs,
            None => &self.thread.insert(start(&self.waker).map_err(|error| wrong(error.into()))?).0,
        };
        match jobs.try_send(job) {
            Ok(()) => {
                self.waiting = (files + 1, more);
                Ok(())
            }
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                Err(wrong(Cause::DiskTooSlow(bytes, MAX_BYTES)))
            }
        }
    }

    /// The result of the next finished job.
    pub(super) fn done(&mut self) -> Option<Result<Saved, NetError>> {
        let (_jobs, done) = self.thread.as_ref()?;
        let Done { bytes, saved } = done.try_recv().ok()?;
        subtract(&mut self.waiting.0, 1);
        subtract(&mut self.waiting.1, bytes);
        Some(saved)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.0 == 0
    }
}

fn start(waker: &Arc<Waker>) -> std::io::Result<(Sender<Job>, Receiver<Done>)> {
    let (jobs, orders) = crossbeam_channel::bounded::<Job>(MAX_FILES);
    // Has room for the results of all queued jobs and the current one.
    let (results, done) = crossbeam_channel::bounded(MAX_FILES + 1);
    let waker = Arc::clone(waker);
    std::thread::Builder::new().name("netassist-saver".to_owned()).spawn(move || {
        for Job { file, content } in orders {
            let bytes = content.len() as u64;
            let saved = match folder::save(&file, &content) {
                Ok(path) => Ok(Saved { path, bytes }),
                Err(error) => {
                    Err(NetError::new(Doing::SavingFile, file.folder.join(file.name).display(), error))
                }
            };
            // Both fail only after the session has ended. Its files are saved anyway.
            drop(results.send(Done { bytes, saved }));
            drop(waker.wake());
        }
    })?;
    Ok((jobs, done))
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
        let mut saver = Saver::new(waker);
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
        saver.waiting = (1, MAX_BYTES);
        assert_eq!(saver.save(job(b"x")).unwrap_err().cause, Cause::DiskTooSlow(MAX_BYTES, MAX_BYTES));
    }
}
