//! Reads single records by offset.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::block;
use super::decode::{Head, short};
use super::packet;
use super::tape::{Tape, TapePart, Watch};
use super::walk::{View, Walk};
use super::window::Window;
use crate::model::{Cast, Record, SessionNote, Stamp};

/// The content of one record. Reuse a frame for all calls of [`Reader::read`], which then need not allocate.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// When it happened. For a connection: when it was established, not when the attempt began.
    pub at: Stamp,
    /// Whether the datagram was addressed to one or to many.
    pub cast: Cast,
    /// Whether the sender's message ends here: false if more of the same read or write follows in the next
    /// record of this direction (TCP).
    pub whole: bool,
    /// Why a connection was refused; otherwise empty, except for the rare label of a flow. Notes on records
    /// are in [`ScanBatch::notes`](super::ScanBatch::notes).
    pub comment: String,
    /// What the session noted, if the record is a session note or a refused connection.
    pub note: Option<SessionNote>,
    /// The bytes, or the words of a note in UTF-8; truncated to the number requested.
    pub payload: Vec<u8>,
    /// The bytes read last. It never shrinks, so that it need not be cleared again.
    scratch: Vec<u8>,
}

/// Reads records of a capture, which may still be growing. It has no position: `&self` is enough. A clone reads the same
/// capture.
#[derive(Debug, Clone)]
pub struct Reader {
    tape: Arc<Tape>,
}

impl Reader {
    /// Opens a capture file to read from it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { tape: Arc::new(Tape::of(path, File::open(path)?)) })
    }

    pub(super) fn of(tape: Arc<Tape>) -> Self {
        Self { tape }
    }

    /// A reader of the files that there are now, which it can read even when they are removed.
    #[must_use]
    pub fn pinned(&self) -> Self {
        Self { tape: Arc::new(self.tape.pinned()) }
    }

    /// The files of the capture, from the oldest that is kept.
    pub fn parts(&self) -> Vec<TapePart> {
        self.tape.parts()
    }

    /// Whether the capture has, or had, more than one file.
    pub fn is_in_parts(&self) -> bool {
        self.parts().iter().any(|part| part.start > 0)
    }

    /// Ends all watches, as if the writer were gone.
    pub fn end_watches(&self) {
        self.tape.end();
    }

    /// Watches the writer.
    pub fn watch(&self) -> Watch {
        self.tape.watch()
    }

    /// Reads many records with few large reads, if their offsets ascend. Without gaps this is several times
    /// faster than [`read`](Self::read).
    pub fn walk(&self) -> Walk<'_> {
        Walk { window: Window::new(&*self.tape, u64::MAX) }
    }

    /// Reads one record with at most `max_payload` bytes of its payload. A record of data takes one system
    /// call. After an error, the content of `frame` is unspecified.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::InvalidData`] if the file has no such record,
    /// [`io::ErrorKind::UnexpectedEof`] if it ends before the record does.
    pub fn read(&self, record: &Record, max_payload: usize, frame: &mut Frame) -> io::Result<()> {
        let mut walk = Walk { window: self.window(frame) };
        let View { at, cast, whole, comment, note, payload, .. } = walk.read_up_to(record, max_payload)?;
        (frame.at, frame.cast, frame.whole, frame.note) = (at, cast, whole, note);
        frame.comment.push_str(&comment);
        frame.payload.extend_from_slice(payload);
        frame.scratch = walk.window.into_buf();
        Ok(())
    }

    /// A window that reads no more than it must, for an emptied frame.
    fn window(&self, frame: &mut Frame) -> Window<'_> {
        frame.comment.clear();
        frame.payload.clear();
        Window::exact(&*self.tape, std::mem::take(&mut frame.scratch))
    }

    /// Reads the last `n` bytes of the payload of a data record, or all of it, and nothing else. What
    /// precedes them in a long record is not read.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_end(&self, record: &Record, n: usize, frame: &mut Frame) -> io::Result<()> {
        let len = usize::from(record.len);
        let left_out = len.saturating_sub(n);
        if left_out < SMALL {
            self.read(record, len, frame)?;
            frame.payload.drain(..left_out.min(frame.payload.len()));
            return Ok(());
        }
        let mut window = self.window(frame);
        let head = window.get(record.offset, block::PACKET_HEAD + packet::MAX_HEADERS)?;
        let head = Head::read(head, record.offset, len)?;
        let end = window.get(record.offset.saturating_add((head.payload_at + left_out) as u64), n)?;
        frame.at = head.at;
        frame.payload.extend_from_slice(end);
        frame.scratch = window.into_buf();
        if frame.payload.len() < n { Err(short()) } else { Ok(()) }
    }
}

/// Up to this many bytes are read unnecessarily rather than with a second read.
const SMALL: usize = 4096;
