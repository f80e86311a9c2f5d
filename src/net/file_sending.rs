//! A file on its way to one peer: its pieces, their pace, and the orders given for it. Knows no socket; the
//! time is handed in.

use std::sync::Arc;
use std::time::Instant;

use super::file_pace::{self, Pacing};
use super::file_source::{FileSource, Pieces, Stock};
use super::files::Share;
use crate::model::{FileToSend, NetError, Others};

/// Whether a file can go on.
#[derive(Debug)]
pub(super) enum Stand {
    /// A piece is ready.
    Ready,
    /// Not before then.
    At(Instant),
    /// Not before it is told to.
    Paused,
    /// All of it is sent.
    Over,
    /// It can, but something must be told first.
    Told(NetError),
}

/// A file on its way.
#[derive(Debug)]
pub(super) struct FileSending {
    source: FileSource,
    pacing: Pacing,
    others: Others,
    /// Bytes of the file that are dealt with.
    done: u64,
    /// For a file of which is told how far it has come.
    share: Option<Share>,
}

impl FileSending {
    /// Opens a file for one peer, to which `share` belongs.
    pub(super) fn open(file: &FileToSend, pieces: Pieces, share: Option<Share>) -> Result<Self, NetError> {
        let usual = file_pace::piece(file.pace, pieces.usual);
        let source = FileSource::open(file, Pieces { usual, ..pieces })?;
        let share = share.map(|share| share.of(source.len()));
        Ok(Self { source, pacing: Pacing::new(file.pace), others: file.others, done: 0, share })
    }

    /// Reads on, if it may go on. So many bytes at once go best, unless the order says how many.
    pub(super) fn stand(&mut self, now: Instant, room: usize) -> Result<Stand, NetError> {
        if self.source.within_piece() {
            return Ok(Stand::Ready);
        }
        if self.share.as_ref().is_some_and(Share::is_paused) {
            self.pacing.restart();
            return Ok(Stand::Paused);
        }
        if let Some(at) = self.pacing.wait(now).filter(|_| !self.source.over()) {
            return Ok(Stand::At(at));
        }
        let stock = self.source.fill(room)?;
        if let Some(change) = self.source.take_change() {
            return Ok(Stand::Told(change));
        }
        Ok(match stock {
            Stock::Piece => {
                self.pacing.begins(now);
                Stand::Ready
            }
            Stock::Later => Stand::At(now),
            Stock::Nothing => {
                self.end();
                Stand::Over
            }
        })
    }

    /// What goes next of the piece that is ready.
    pub(super) fn ready(&self) -> &[u8] {
        self.source.ready()
    }

    /// With `n` bytes of what is ready, a message is at its end.
    pub(super) fn ends_message(&self, n: usize) -> bool {
        self.source.ends_message(n)
    }

    /// The first `n` bytes of what was ready are sent. True if the file is at its end with them.
    pub(super) fn take(&mut self, n: usize, now: Instant) -> bool {
        let len = self.source.ready().len().min(n);
        let took = self.source.take(len);
        if took.piece {
            self.pacing.took(len, now);
        }
        self.done += took.done;
        if let Some(share) = &mut self.share {
            share.went(took.done, len as u64);
        }
        let over = took.piece && self.source.over();
        if over {
            self.end();
        }
        over
    }

    fn end(&mut self) {
        if let Some(share) = &mut self.share
            && !self.source.is_short()
        {
            share.served();
        }
    }

    /// No more of it is to be sent.
    pub(super) fn is_stopped(&self) -> bool {
        self.share.as_ref().is_some_and(Share::is_stopped)
    }

    /// What must be sent nevertheless if it is stopped now, if anything must.
    pub(super) fn rest(&self) -> Option<Arc<[u8]>> {
        self.source.rest().map(Arc::from)
    }

    /// Whether messages behind it may go while it waits.
    pub(super) fn lets_pass(&self) -> bool {
        self.others == Others::Pass
    }

    /// Bytes of the file that are not sent, as far as its length is known.
    pub(super) fn left(&self) -> u64 {
        self.source.len().saturating_sub(self.done)
    }

    /// Bytes read and not sent.
    pub(super) fn waiting(&self) -> usize {
        self.source.waiting()
    }
}
