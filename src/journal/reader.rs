//! Reads single records by offset.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::block;
use super::decode::{Head, NOTE_HEAD, note, remarks, short};
use super::packet;
use super::positioned::ReadAt as _;
use super::tape::{Tape, TapePart, Watch};
use super::walk::Walk;
use crate::model::{Cast, Record, RecordKind, SessionNote, Stamp};

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
        Walk::new(&*self.tape)
    }

    /// Reads one record with at most `max_payload` bytes of its payload. A record of data takes one system
    /// call. After an error, the content of `frame` is unspecified.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::InvalidData`] if the file has no such record,
    /// [`io::ErrorKind::UnexpectedEof`] if it ends before the record does.
    pub fn read(&self, record: &Record, max_payload: usize, frame: &mut Frame) -> io::Result<()> {
        frame.cast = Cast::Unicast;
        frame.whole = true;
        frame.comment.clear();
        frame.note = None;
        frame.payload.clear();
        match record.kind {
            RecordKind::Received | RecordKind::Sent | RecordKind::Ended(_) => {
                self.packet(record.offset, usize::from(record.len), max_payload, frame)?;
                Ok(())
            }
            RecordKind::Connected | RecordKind::Refused => {
                // The first block is the SYN; the second is the answer.
                let len = self.packet(record.offset, 0, 0, frame)?;
                // Drop the label of the SYN. The reason for a refusal is in the answer.
                frame.comment.clear();
                self.packet(record.offset.saturating_add(len), 0, 0, frame)?;
                frame.whole = true;
                let (note, words) = SessionNote::read(&frame.comment);
                (frame.note, frame.comment) = (note, words.to_owned());
                Ok(())
            }
            RecordKind::Note | RecordKind::Charset(_) | RecordKind::WebSocket => {
                self.note(record.offset, usize::from(record.len), max_payload, frame)
            }
        }
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
        frame.payload.clear();
        let got = self.fill(record.offset, block::PACKET_HEAD + packet::MAX_HEADERS, &mut frame.scratch)?;
        let head = Head::read(frame.scratch.get(..got).unwrap_or_default(), record.offset, len)?;
        let begin = record.offset.saturating_add((head.payload_at + left_out) as u64);
        let got = self.fill(begin, n, &mut frame.scratch)?;
        frame.at = head.at;
        frame.payload.extend_from_slice(frame.scratch.get(..n.min(got)).unwrap_or_default());
        if got < n { Err(short()) } else { Ok(()) }
    }

    /// Reads a packet block and returns its length.
    fn packet(&self, at: u64, len: usize, max_payload: usize, frame: &mut Frame) -> io::Result<u64> {
        let wanted = len.min(max_payload);
        let got = self.fill(at, block::PACKET_HEAD + packet::MAX_HEADERS + wanted, &mut frame.scratch)?;
        let bytes = frame.scratch.get(..got).unwrap_or_default();
        let head = Head::read(bytes, at, len)?;
        let payload = bytes.get(head.payload_at..head.payload_at + wanted).ok_or_else(short)?;
        frame.at = head.at;
        frame.whole = head.whole;
        frame.payload.extend_from_slice(payload);
        if head.has_remarks {
            let tail = head.options.clone();
            let tail = if tail.end <= got {
                frame.scratch.get(tail).unwrap_or_default()
            } else {
                let n = self.fill(at.saturating_add(tail.start as u64), tail.len(), &mut frame.scratch)?;
                frame.scratch.get(..n).filter(|read| read.len() == tail.len()).ok_or_else(short)?
            };
            let (cast, comment) = remarks(tail);
            frame.cast = cast;
            frame.comment.push_str(&comment);
        }
        Ok(head.total)
    }

    fn note(&self, at: u64, len: usize, max_payload: usize, frame: &mut Frame) -> io::Result<()> {
        let got = self.fill(at, NOTE_HEAD + len, &mut frame.scratch)?;
        let (time, note, words) = note(frame.scratch.get(..got).unwrap_or_default(), at, len)?;
        (frame.at, frame.note) = (time, note);
        frame.payload.extend_from_slice(words.get(..max_payload).unwrap_or(words));
        Ok(())
    }

    /// Reads `len` bytes, or up to the end of the file, into `scratch`.
    fn fill(&self, at: u64, len: usize, scratch: &mut Vec<u8>) -> io::Result<usize> {
        if scratch.len() < len {
            scratch.resize(len, 0);
        }
        self.tape.read_at(scratch.get_mut(..len).unwrap_or_default(), at)
    }
}

/// Up to this many bytes are read unnecessarily rather than with a second read.
const SMALL: usize = 4096;
