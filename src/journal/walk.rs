//! Reads many records with large reads, as searching, framing and exporting a whole capture need.

use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;

use super::block;
use super::decode::{Head, NOTE_HEAD, note, packet_payload, remarks, short};
use super::packet;
use super::window::Window;
use crate::model::{Cast, Record, RecordKind, SessionNote, Stamp};

/// The content of one record, borrowed until the next read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View<'a> {
    /// When it happened. For a connection: when it was established, not when the attempt began.
    pub at: Stamp,
    /// Whether the datagram was addressed to one or to many.
    pub cast: Cast,
    /// Whether the sender's message ends here: false if more of the same read or write follows in the next
    /// record of this direction (TCP).
    pub whole: bool,
    /// Why a connection was refused; otherwise empty, except for the rare label of a flow.
    pub comment: Cow<'a, str>,
    /// What the session noted, if the record is a session note or a refused connection.
    pub note: Option<SessionNote>,
    /// The local address of a record of data, without a zone.
    pub local: Option<SocketAddr>,
    /// The bytes, or the words of a note in UTF-8.
    pub payload: &'a [u8],
}

/// A pass over the records of a capture file, which may still be growing. Created by
/// [`Reader::walk`](super::Reader::walk).
///
/// Records may be read in any order. Those shortly after the previous one are fast; others take as long as
/// with [`Reader::read`](super::Reader::read). Keeps 256 KiB of the file in memory.
#[derive(Debug)]
pub struct Walk<'a> {
    pub(super) window: Window<'a>,
}

impl Walk<'_> {
    /// Reads one record.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::InvalidData`] if the file has no such record,
    /// [`io::ErrorKind::UnexpectedEof`] if it ends before the record does.
    pub fn read(&mut self, record: &Record) -> io::Result<View<'_>> {
        self.read_up_to(record, usize::MAX)
    }

    /// Reads one record with at most `max` bytes of its payload.
    pub(super) fn read_up_to(&mut self, record: &Record, max: usize) -> io::Result<View<'_>> {
        let len = usize::from(record.len);
        match record.kind {
            RecordKind::Received | RecordKind::Sent | RecordKind::Ended(_) => {
                let (mut view, (from, to), _) = self.packet(record.offset, len, max)?;
                view.local = record.kind.direction().map(|direction| direction.ends(from, to).0);
                Ok(view)
            }
            RecordKind::Connected | RecordKind::Refused => {
                // The first block is the SYN; the second is the answer.
                let (_, _, next) = self.packet(record.offset, 0, 0)?;
                let (view, _, _) = self.packet(next, 0, 0)?;
                let (note, words) = SessionNote::read(&view.comment);
                let comment = words.to_owned().into();
                Ok(View { whole: true, comment, note, ..view })
            }
            RecordKind::Note | RecordKind::Charset(_) | RecordKind::WebSocket => {
                let bytes = self.window.get(record.offset, NOTE_HEAD + len)?;
                let (at, note, words) = note(bytes, record.offset, len)?;
                let payload = words.get(..max).unwrap_or(words);
                let (cast, comment) = (Cast::Unicast, Cow::Borrowed(""));
                Ok(View { at, cast, whole: true, comment, note, local: None, payload })
            }
        }
    }

    /// Only the payload of a record of data, or the words of a note: less work than [`read`](Self::read).
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn payload(&mut self, record: &Record) -> io::Result<&[u8]> {
        if record.kind.direction().is_none() {
            return Ok(self.read(record)?.payload);
        }
        let (at, len) = (record.offset, usize::from(record.len));
        let bytes = self.window.get(at, block::PACKET_HEAD + packet::MAX_HEADERS + len)?;
        let range = packet_payload(bytes, at, len)?;
        bytes.get(range).ok_or_else(short)
    }

    /// The raw bytes of the file, up to its end: blocks with their headers. The range is allocated in memory,
    /// so the caller must bound it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn bytes(&mut self, place: Range<u64>) -> io::Result<&[u8]> {
        let len = usize::try_from(place.end.saturating_sub(place.start)).unwrap_or(usize::MAX);
        self.window.get(place.start, len)
    }

    /// The packet block at `at` with at most `max` bytes of its payload, its source and destination, and the offset of
    /// the next block.
    fn packet(
        &mut self,
        at: u64,
        len: usize,
        max: usize,
    ) -> io::Result<(View<'_>, (SocketAddr, SocketAddr), u64)> {
        let least = block::PACKET_HEAD + packet::MAX_HEADERS + len.min(max);
        let head = Head::read(self.window.get(at, least)?, at, len)?;
        let end = head.payload_at + len.min(max);
        // Reads again only if the options are long or far behind.
        let bytes = self.window.get(at, if head.has_remarks { head.options.end } else { end })?;
        let payload = bytes.get(head.payload_at..end).ok_or_else(short)?;
        let (cast, comment) = if head.has_remarks {
            remarks(bytes.get(head.options).ok_or_else(short)?)
        } else {
            (Cast::Unicast, Cow::Borrowed(""))
        };
        let view = View { at: head.at, cast, whole: head.whole, comment, note: None, local: None, payload };
        Ok((view, head.ends, at.saturating_add(head.total)))
    }
}
