//! The files of one capture, read as if they were one: the offsets of records count on from file to file.

#![expect(
    clippy::disallowed_types,
    reason = "readers on any thread look up a file in the list that the writer changes; over a channel, each would wait for it"
)]

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::positioned::ReadAt;
use crate::model::Gone;

/// How many files stay open for reading.
const MOST_OPEN: usize = 32;

/// One file of a capture. The next one begins where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapePart {
    /// The offset of its first byte.
    pub start: u64,
    /// Its path.
    pub path: PathBuf,
    /// What is in the parts before it: none of these records, and of these flows only those that go on, is in it.
    pub before: Gone,
}

/// Tells of what the writer of a capture does.
#[derive(Debug)]
pub struct Watch {
    /// Has a message after a commit; disconnected when there is no writer any more.
    pub committed: Receiver<()>,
    /// Has none; disconnected when there is no writer any more.
    pub over: Receiver<()>,
}

/// The files of a capture, which its writer and all its readers share.
#[derive(Debug, Default)]
pub(super) struct Tape(Mutex<Files>);

#[derive(Debug, Default)]
struct Files {
    /// In order; the last one may grow.
    parts: VecDeque<TapePart>,
    /// Those read last, by their start.
    open: VecDeque<(u64, Arc<File>)>,
    /// Told of each commit, until the writer is gone.
    watchers: Vec<[SyncSender<()>; 2]>,
}

impl Tape {
    /// One file.
    pub(super) fn of(path: &Path, file: File) -> Self {
        let part = TapePart { start: 0, path: path.to_owned(), before: Gone::default() };
        let open = [(0, Arc::new(file))].into();
        Self(Mutex::new(Files { parts: [part].into(), open, ..Files::default() }))
    }

    /// A copy, with files of its own as they are now. They stay readable when they are removed.
    pub(super) fn pinned(&self) -> Self {
        let Files { parts, open, .. } = &*self.files();
        let (mut parts, mut open) = (parts.clone(), open.clone());
        for part in &mut parts {
            if open.len() < 8 * MOST_OPEN
                && !open.iter().any(|(start, _)| *start == part.start)
                && let Ok(file) = File::open(&part.path)
            {
                open.push_back((part.start, Arc::new(file)));
            }
        }
        Self(Mutex::new(Files { parts, open, ..Files::default() }))
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn parts(&self) -> Vec<TapePart> {
        self.files().parts.iter().cloned().collect()
    }

    pub(super) fn push(&self, part: TapePart) {
        self.files().parts.push_back(part);
    }

    /// Forgets the first file if it is this one, and returns how the next begins.
    pub(super) fn pop(&self, path: &Path) -> Option<Gone> {
        let mut files = self.files();
        let part = files.parts.pop_front_if(|part| part.path == path)?;
        files.open.retain(|(start, _)| *start != part.start);
        files.parts.front().map(|next| next.before.clone())
    }

    pub(super) fn watch(&self) -> Watch {
        let [(commit, committed), (end, over)] = [1, 0].map(sync_channel);
        self.files().watchers.push([commit, end]);
        Watch { committed, over }
    }

    pub(super) fn committed(&self) {
        // One that has a message already reads all there is.
        self.files()
            .watchers
            .retain(|[commit, _]| !matches!(commit.try_send(()), Err(TrySendError::Disconnected(()))));
    }

    /// Nothing more is committed.
    pub(super) fn end(&self) {
        self.files().watchers.clear();
    }

    /// The file at an offset, its start, and how many bytes it has from there on at most.
    fn find(&self, at: u64) -> io::Result<(Arc<File>, u64, u64)> {
        let mut files = self.files();
        let next = files.parts.partition_point(|part| part.start <= at);
        let part = next.checked_sub(1).and_then(|n| files.parts.get(n)).ok_or_else(removed)?;
        let start = part.start;
        let room = files.parts.get(next).map_or(u64::MAX, |next| next.start) - at;
        if let Some((_, file)) = files.open.iter().find(|(open, _)| *open == start) {
            return Ok((Arc::clone(file), start, room));
        }
        let file = Arc::new(File::open(&part.path)?);
        files.open.push_back((start, Arc::clone(&file)));
        if files.open.len() > MOST_OPEN {
            files.open.pop_front();
        }
        Ok((file, start, room))
    }
}

fn removed() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "in a file of the capture that was removed")
}

impl ReadAt for Tape {
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let (file, start, room) = self.find(at)?;
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(buf.len());
        file.read_at(buf.get_mut(..room).unwrap_or_default(), at - start)
    }
}
