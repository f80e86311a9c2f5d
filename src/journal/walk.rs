//! Reads records one after the other, out of large pieces of the file: what a search, a framing or an
//! export over all of a capture needs. Knows nothing of flows.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::ops::Range;

use super::block;
use super::packet;
use super::reader::{Head, NOTE_HEAD, note, remarks, short};
use super::window::Window;
use crate::model::{Cast, Record, RecordKind, SessionNote, Stamp};

/// What one record holds, where it stands in memory for as long as nothing else is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View<'a> {
    /// When it was. Of a connection: when it was made, not when the call began.
    pub at: Stamp,
    /// How many the datagram was addressed to.
    pub cast: Cast,
    /// A message of the sender ends here: false if more of the same read or write follows in the next
    /// record of this direction (TCP), else true.
    pub whole: bool,
    /// Why a connection was refused; else empty, save for a rare remark on the flow of data.
    pub comment: Cow<'a, str>,
    /// What the session noted, if the record is such a note.
    pub note: Option<SessionNote>,
    /// The bytes, or the words of a note in UTF-8.
    pub payload: &'a [u8],
}

/// A pass over the records of one capture file, which may still grow. Made by
/// [`Reader::walk`](super::Reader::walk).
///
/// Any records may be asked for. It is fast for those that stand close behind the one before; for others
/// it is as good as [`Reader::read`](super::Reader::read). Holds 256 KiB of the file in memory.
#[derive(Debug)]
pub struct Walk<'a> {
    window: Window<'a>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(file: &'a File) -> Self {
        Self { window: Window::new(file, u64::MAX) }
    }

    /// Reads one record.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::InvalidData`] if there is no such record in the file,
    /// [`io::ErrorKind::UnexpectedEof`] if the file ends before the record does.
    pub fn read(&mut self, record: &Record) -> io::Result<View<'_>> {
        let len = usize::from(record.len);
        match record.kind {
            RecordKind::Received | RecordKind::Sent | RecordKind::Ended(_) => {
                self.packet(record.offset, len).map(|(view, _)| view)
            }
            RecordKind::Connected | RecordKind::Refused => {
                // The first block is the SYN; the second is the answer.
                let (_, next) = self.packet(record.offset, 0)?;
                self.packet(next, 0).map(|(view, _)| View { whole: true, ..view })
            }
            RecordKind::Note => {
                let bytes = self.window.get(record.offset, NOTE_HEAD + len)?;
                let (at, note, payload) = note(bytes, record.offset, len)?;
                Ok(View { at, cast: Cast::Unicast, whole: true, comment: Cow::Borrowed(""), note, payload })
            }
        }
    }

    /// The bytes of the file as they lie there, or as many as there are: blocks with their headers. The
    /// caller bounds their number, for which memory is allocated.
    ///
    /// # Errors
    /// Those of the system.
    pub fn bytes(&mut self, place: Range<u64>) -> io::Result<&[u8]> {
        let len = usize::try_from(place.end.saturating_sub(place.start)).unwrap_or(usize::MAX);
        self.window.get(place.start, len)
    }

    /// The packet block at `at`, and where the next block begins.
    fn packet(&mut self, at: u64, len: usize) -> io::Result<(View<'_>, u64)> {
        let least = block::PACKET_HEAD + packet::MAX_HEADERS + len;
        let head = Head::read(self.window.get(at, least)?, at, len)?;
        // Read once more only if its options are long, or the file ends.
        let bytes = self.window.get(at, least.max(head.options.end))?;
        let payload = bytes.get(head.payload_at..head.payload_at + len).ok_or_else(short)?;
        let (cast, comment) = if head.has_remarks {
            remarks(bytes.get(head.options).ok_or_else(short)?)
        } else {
            (Cast::Unicast, Cow::Borrowed(""))
        };
        let view = View { at: head.at, cast, whole: head.whole, comment, note: None, payload };
        Ok((view, at.saturating_add(head.total)))
    }
}
