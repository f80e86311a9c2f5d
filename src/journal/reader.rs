//! Reads single records back, by their place in the file. Knows nothing of flows.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use super::block::{self, invalid};
use super::packet;
use super::positioned;
use super::walk::Walk;
use crate::model::{Cast, Record, RecordKind, SessionNote, Stamp, Transport};

/// What one record holds. Give the same frame to every [`Reader::read`], so that it allocates nothing.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// When it was. Of a connection: when it was made, not when the call began.
    pub at: Stamp,
    /// How many the datagram was addressed to.
    pub cast: Cast,
    /// A message of the sender ends here: false if more of the same read or write follows in the next
    /// record of this direction (TCP), else true.
    pub whole: bool,
    /// Why a connection was refused; else empty, save for a rare remark on the flow of data. Notes on
    /// the record are in [`ScanBatch::notes`](super::ScanBatch::notes).
    pub comment: String,
    /// What the session noted, if the record is such a note.
    pub note: Option<SessionNote>,
    /// The bytes, or the words of a note in UTF-8; their beginning, if there are more than asked for.
    pub payload: Vec<u8>,
    /// What was last read from the file. Never gets shorter, so that it need not be zeroed again.
    scratch: Vec<u8>,
}

/// Reads records of one capture file, which may still grow. Holds no position: `&self` is enough.
#[derive(Debug)]
pub struct Reader {
    file: File,
}

impl Reader {
    /// Opens a capture file to read from it.
    ///
    /// # Errors
    /// Those of the system.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::open(path)? })
    }

    /// Reads many records, as long as their places in the file ascend, with few and large reads. Where
    /// nothing is leapt over this is several times as fast as [`read`](Self::read).
    pub fn walk(&self) -> Walk<'_> {
        Walk::new(&self.file)
    }

    /// Reads one record, of its payload at most `max_payload` bytes. A record of data costs one
    /// system call. After an error the content of `frame` is unspecified.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::InvalidData`] if there is no such record in the file,
    /// [`io::ErrorKind::UnexpectedEof`] if the file ends before the record does.
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
                // A remark on the flow, where there is one. Why it was refused stands with the answer.
                frame.comment.clear();
                self.packet(record.offset.saturating_add(len), 0, 0, frame)?;
                frame.whole = true;
                Ok(())
            }
            RecordKind::Note => self.note(record.offset, usize::from(record.len), max_payload, frame),
        }
    }

    /// Reads the last `n` bytes of the payload of a record of data into `frame`, all of it if it has no more,
    /// and nothing else of it. What stands before them in a large record is not read.
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

    /// Reads `len` bytes, or as many as there are, into the beginning of `scratch`.
    fn fill(&self, at: u64, len: usize, scratch: &mut Vec<u8>) -> io::Result<usize> {
        if scratch.len() < len {
            scratch.resize(len, 0);
        }
        positioned::read(&self.file, scratch.get_mut(..len).unwrap_or_default(), at)
    }
}

/// So many bytes are read rather than asked for twice.
const SMALL: usize = 4096;

/// What the beginning of a packet block says.
pub(super) struct Head {
    /// When it was.
    pub(super) at: Stamp,
    /// See [`Frame::whole`].
    pub(super) whole: bool,
    /// Length in bytes of the block.
    pub(super) total: u64,
    /// Where the payload begins in the block.
    pub(super) payload_at: usize,
    /// Where the options stand in the block.
    pub(super) options: Range<usize>,
    /// Whether the options tell anything that is not known: those of a TCP packet tell the direction
    /// only, unless there is a comment, which shows in the block's length.
    pub(super) has_remarks: bool,
}

impl Head {
    /// Reads the packet block at `at` in the file, which should hold `len` bytes of payload, from its
    /// beginning: at least the headers, as far as the file goes.
    pub(super) fn read(bytes: &[u8], at: u64, len: usize) -> io::Result<Self> {
        let total = block_length(bytes, block::PACKET, at)?;
        let (Some(time), Some(captured)) = (block::time_at(bytes, 12), block::u32_at(bytes, 20)) else {
            return Err(short());
        };
        let captured = captured as usize;
        let options_at = block::PACKET_HEAD + block::padded(captured);
        if options_at + 4 > total {
            return Err(invalid(at, "a packet longer than its block"));
        }
        let packet = bytes.get(block::PACKET_HEAD..).unwrap_or_default();
        let packet = packet.get(..captured).unwrap_or(packet);
        let headers = packet::parse(packet, captured).map_err(|what| invalid(at, what))?;
        if headers.payload != len {
            return Err(invalid(at, "a packet of another length than the index says"));
        }
        let tcp = headers.transport == Transport::Tcp;
        Ok(Self {
            at: time,
            whole: !tcp || headers.flags & packet::PSH != 0,
            total: total as u64,
            payload_at: block::PACKET_HEAD + headers.len,
            options: options_at..total - 4,
            has_remarks: !tcp || total - options_at > block::PACKET_TAIL,
        })
    }
}

/// What the options of a packet block say.
pub(super) fn remarks(options: &[u8]) -> (Cast, Cow<'_, str>) {
    let mut found = (Cast::Unicast, Cow::Borrowed(""));
    for (code, value) in block::options(options) {
        match code {
            block::OPT_COMMENT => found.1 = String::from_utf8_lossy(value),
            block::OPT_FLAGS => {
                found.0 = block::read_flags(block::u32_at(value, 0).unwrap_or_default()).1;
                // What follows is a note.
                break;
            }
            _ => {}
        }
    }
    found
}

/// A statistics block holds so many bytes before the text of a note.
pub(super) const NOTE_HEAD: usize = 24;

/// Reads the statistics block at `at` in the file, of which `bytes` holds the comment at least, and whose
/// comment should have `len` bytes: its time, what the session noted if it did, and the words.
pub(super) fn note(bytes: &[u8], at: u64, len: usize) -> io::Result<(Stamp, Option<SessionNote>, &[u8])> {
    let total = block_length(bytes, block::STATISTICS, at)?;
    let time = block::time_at(bytes, 12).ok_or_else(short)?;
    let options = bytes.get(20..bytes.len().min(total - 4)).unwrap_or_default();
    match block::options(options).find(|(code, _)| *code == block::OPT_COMMENT) {
        Some((_, comment)) if comment.len() == len => {
            let read = std::str::from_utf8(comment).map(SessionNote::read);
            let (note, words) = read.map_or((None, comment), |(note, words)| (note, words.as_bytes()));
            Ok((time, note, words))
        }
        Some(_) | None => Err(invalid(at, "no note of the length that the index says")),
    }
}

/// The total length of the block of the given type that `bytes` begin with.
fn block_length(bytes: &[u8], kind: u32, at: u64) -> io::Result<usize> {
    let (Some(found), Some(total)) = (block::u32_at(bytes, 0), block::u32_at(bytes, 4)) else {
        return Err(short());
    };
    if found != kind || total % 4 != 0 || !(32..=block::MAX_LEN).contains(&total) {
        return Err(invalid(at, "no such block as the index says"));
    }
    Ok(total as usize)
}

pub(super) fn short() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends within a record")
}
