//! One file that is being sent to one peer: its pieces, its pace and its progress.

use std::sync::Arc;
use std::time::Instant;

use super::disk::Disk;
use super::file_pace::{self, Pacing};
use super::file_source::{FileSource, Fill, PieceSize};
use super::files::Share;
use crate::model::{FileToSend, NetError, Others};

/// The result of [`FileSending::poll`].
#[derive(Debug)]
pub(super) enum FileState {
    Ready,
    /// The next piece is not due before this time.
    Waiting(Instant),
    /// Until the user resumes it, or the disk has answered.
    Paused,
    /// All of it is sent.
    Done,
    /// A problem to report; sending goes on.
    Warning(NetError),
}

#[derive(Debug)]
pub(super) struct FileSending {
    pub(super) source: FileSource,
    pacing: Pacing,
    others: Others,
    /// Bytes of the file that are sent or skipped.
    done: u64,
    /// For a file whose progress is reported.
    share: Option<Share>,
}

impl FileSending {
    /// Opens a file for one peer. `share` tracks the progress.
    pub(super) fn open(
        disk: &Disk,
        file: &FileToSend,
        pieces: PieceSize,
        mut share: Option<Share>,
    ) -> Result<Self, NetError> {
        let usual = file_pace::piece_len(file.pace, pieces.usual);
        let source = FileSource::open(disk, file, PieceSize { usual, ..pieces })?;
        if let Some(share) = &mut share {
            share.set_len(source.reader.len());
        }
        Ok(Self { source, pacing: Pacing::new(file.pace), others: file.others, done: 0, share })
    }

    /// Reads the next piece if it is due; `room` bytes of it, unless the command sets the size of pieces.
    pub(super) fn poll(&mut self, now: Instant, room: usize) -> Result<FileState, NetError> {
        if self.source.is_mid_piece {
            return Ok(FileState::Ready);
        }
        if self.share.as_ref().is_some_and(Share::is_paused) {
            self.pacing.restart();
            return Ok(FileState::Paused);
        }
        if let Some(at) = self.pacing.wait(now).filter(|_| !self.source.is_done()) {
            return Ok(FileState::Waiting(at));
        }
        let fill = self.source.fill(room)?;
        // The disk may answer only now.
        if let Some(share) = &mut self.share {
            share.set_len(self.source.reader.len());
        }
        if let Some(change) = self.source.reader.take_change() {
            return Ok(FileState::Warning(change));
        }
        Ok(match fill {
            Fill::Piece => {
                self.pacing.piece_begins(now);
                FileState::Ready
            }
            Fill::Again => FileState::Waiting(now),
            Fill::Waiting => FileState::Paused,
            Fill::End => {
                self.end();
                FileState::Done
            }
        })
    }

    /// Notes that the first `n` bytes of the current piece are sent. True at the end of the file.
    pub(super) fn take(&mut self, n: usize, now: Instant) -> bool {
        let len = self.source.ready().len().min(n);
        let consumed = self.source.consume(len);
        if consumed.piece_ended {
            self.pacing.sent(len, now);
        }
        self.done += consumed.file_bytes;
        if let Some(share) = &mut self.share {
            share.advance(consumed.file_bytes, len as u64);
        }
        let done = consumed.piece_ended && self.source.is_done();
        if done {
            self.end();
        }
        done
    }

    fn end(&mut self) {
        if let Some(share) = &mut self.share
            && !self.source.reader.is_short()
        {
            share.served();
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.share.as_ref().is_some_and(Share::is_stopped)
    }

    /// What must still be sent if the file is stopped now: the rest of a line.
    pub(super) fn rest(&self) -> Option<Arc<[u8]>> {
        self.source.rest().map(Arc::from)
    }

    /// Whether messages may overtake the file while it waits.
    pub(super) fn lets_pass(&self) -> bool {
        self.others == Others::Pass
    }

    /// Bytes of the file left to send, as far as its length is known.
    pub(super) fn unsent(&self) -> u64 {
        self.source.reader.len().saturating_sub(self.done)
    }
}
