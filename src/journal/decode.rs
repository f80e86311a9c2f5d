//! Decodes the blocks of records.

use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;
use std::ops::Range;

use super::block::{self, invalid};
use super::packet;
use crate::model::{CaptureFault, Cast, SessionNote, Stamp, Transport};

/// The start of a packet block, decoded.
pub(super) struct Head {
    /// When it happened.
    pub(super) at: Stamp,
    /// See [`Frame::whole`](super::Frame::whole).
    pub(super) whole: bool,
    /// Source and destination.
    pub(super) ends: (SocketAddr, SocketAddr),
    /// Length in bytes of the block.
    pub(super) total: u64,
    /// Offset of the payload in the block.
    pub(super) payload_at: usize,
    /// Range of the options in the block.
    pub(super) options: Range<usize>,
    /// Whether the options contain anything unknown. Those of a TCP packet contain only the direction, unless
    /// a comment makes the block longer.
    pub(super) has_remarks: bool,
}

impl Head {
    /// Decodes the packet block at `at` in the file, with `len` bytes of payload, from its start: at least
    /// the headers, or up to the end of the file.
    pub(super) fn read(bytes: &[u8], at: u64, len: usize) -> io::Result<Self> {
        let total = block_length(bytes, block::PACKET, at)?;
        let (Some(time), Some(captured)) = (block::time_at(bytes, 12), block::u32_at(bytes, 20)) else {
            return Err(short());
        };
        let captured = captured as usize;
        let options_at = block::PACKET_HEAD + block::padded(captured);
        if options_at + 4 > total {
            return Err(invalid(at, CaptureFault::PacketTooLong));
        }
        let packet = bytes.get(block::PACKET_HEAD..).unwrap_or_default();
        let packet = packet.get(..captured).unwrap_or(packet);
        let headers = packet::parse(packet, captured).map_err(|fault| invalid(at, fault))?;
        if headers.payload != len {
            return Err(invalid(at, CaptureFault::OtherPacket));
        }
        let tcp = headers.transport == Transport::Tcp;
        Ok(Self {
            at: time,
            whole: !tcp || headers.flags & packet::PSH != 0,
            ends: (headers.from, headers.to),
            total: total as u64,
            payload_at: block::PACKET_HEAD + headers.len,
            options: options_at..total - 4,
            has_remarks: !tcp || total - options_at > block::PACKET_TAIL,
        })
    }
}

/// Where the payload of `len` bytes is in the packet block at `at`, whose start is given: at the end of the packet, as
/// nothing is behind it in a capture of this program.
pub(super) fn packet_payload(bytes: &[u8], at: u64, len: usize) -> io::Result<Range<usize>> {
    let total = block_length(bytes, block::PACKET, at)?;
    let end = block::PACKET_HEAD + block::u32_at(bytes, 20).ok_or_else(short)? as usize;
    match end.checked_sub(len) {
        Some(start) if start > block::PACKET_HEAD && end + 4 <= total => Ok(start..end),
        Some(_) | None => Err(invalid(at, CaptureFault::OtherPacket)),
    }
}

/// Decodes the options of a packet block.
pub(super) fn remarks(options: &[u8]) -> (Cast, Cow<'_, str>) {
    let mut found = (Cast::Unicast, Cow::Borrowed(""));
    for (code, value) in block::options(options) {
        match code {
            block::OPT_COMMENT => found.1 = String::from_utf8_lossy(value),
            block::OPT_FLAGS => {
                found.0 = block::read_flags(block::u32_at(value, 0).unwrap_or_default()).1;
                // A note follows.
                break;
            }
            _ => {}
        }
    }
    found
}

/// Length in bytes of a statistics block before the text of its comment.
pub(super) const NOTE_HEAD: usize = 24;

/// Decodes the statistics block at `at` in the file. `bytes` includes its comment, which has `len` bytes.
/// Returns the time, what the session noted if it did, and the words.
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
        Some(_) | None => Err(invalid(at, CaptureFault::OtherNote)),
    }
}

/// The length of the block at the start of `bytes`, which must be of type `kind`.
fn block_length(bytes: &[u8], kind: u32, at: u64) -> io::Result<usize> {
    let (Some(found), Some(total)) = (block::u32_at(bytes, 0), block::u32_at(bytes, 4)) else {
        return Err(short());
    };
    if found != kind || total % 4 != 0 || !(32..=block::MAX_LEN).contains(&total) {
        return Err(invalid(at, CaptureFault::OtherBlock));
    }
    Ok(total as usize)
}

pub(super) fn short() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}
