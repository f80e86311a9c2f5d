//! Makes log entries of records and messages: decodes the text of data. Records are decoded as a stream per
//! conversation and direction.

use std::collections::HashMap;
use std::io;

use super::entry::{Entry, harmless};
use super::{Body, Style};
use crate::codec::{Charset, decode_all};
use crate::model::{Direction, FlowId, RecordKind, SentCharsets, Transport};

/// Receives finished entries.
pub(super) type Write<'a> = &'a mut dyn FnMut(&Entry<'_>) -> io::Result<()>;

/// How data are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoding {
    /// As a stream per connection and direction, and each datagram by itself; for records.
    Stream,
    /// One by one; for messages.
    Alone,
}

/// Makes entries of items, with the state between them.
#[derive(Debug)]
pub(super) struct Composer {
    decoding: Decoding,
    streams: Streams,
    /// Those found so far, for a log of a session that goes on.
    sent_charsets: SentCharsets,
}

impl Composer {
    pub(super) fn new(decoding: Decoding) -> Self {
        Self { decoding, streams: Streams::default(), sent_charsets: SentCharsets::default() }
    }

    /// Calls `write` for an item of flow `id`, whose text is still empty.
    pub(super) fn item(
        &mut self,
        id: FlowId,
        entry: Entry<'_>,
        style: &Style,
        write: Write<'_>,
    ) -> io::Result<()> {
        if let RecordKind::Charset(change) = entry.kind {
            self.sent_charsets.change(entry.seq.saturating_sub(1), change);
        }
        if let Some(direction) = entry.kind.direction().filter(|_| style.body == Body::Text) {
            let charset = style.charset_of(id, &entry, &self.sent_charsets);
            let is_datagram = entry.flow.is_some_and(|flow| flow.transport == Transport::Udp);
            let text = match self.decoding {
                Decoding::Stream if !is_datagram => self.streams.text((id, direction), entry.bytes, charset),
                Decoding::Stream | Decoding::Alone => {
                    harmless(&decode_all(charset, &[], entry.bytes, true).text)
                }
            };
            return write(&Entry { text: &text, ..entry });
        }
        match entry.kind {
            RecordKind::Note | RecordKind::Charset(_) | RecordKind::WebSocket => {
                let text = String::from_utf8_lossy(entry.bytes);
                write(&Entry { comment: &text, bytes: &[], ..entry })
            }
            RecordKind::Ended(how) => {
                how.directions().iter().for_each(|direction| self.left_out(id, *direction));
                write(&entry)
            }
            _ => write(&entry),
        }
    }

    /// Whether any stream is inside a character.
    pub(super) fn is_within(&self) -> bool {
        self.streams.n_within > 0
    }

    /// Bytes of this flow and direction were skipped: an incomplete character stays so.
    pub(super) fn left_out(&mut self, id: FlowId, direction: Direction) {
        self.streams.cut_off(id, direction);
    }
}

/// The streams of all conversations and directions.
#[derive(Debug, Default)]
struct Streams {
    /// The start of an incomplete character, up to 3 bytes, which the next record in this charset continues.
    carry: HashMap<(FlowId, Direction), (Charset, Vec<u8>)>,
    /// How many carries are not empty.
    n_within: usize,
}

impl Streams {
    fn text(&mut self, stream: (FlowId, Direction), bytes: &[u8], charset: Charset) -> String {
        let (of, carry) = self.carry.entry(stream).or_default();
        self.n_within -= usize::from(!carry.is_empty());
        if std::mem::replace(of, charset) != charset {
            carry.clear();
        }
        let decoded = decode_all(charset, carry, bytes, false);
        let from_carry = decoded.pending.saturating_sub(bytes.len()).min(carry.len());
        carry.drain(..carry.len() - from_carry);
        let from_bytes = decoded.pending.min(bytes.len());
        carry.extend_from_slice(bytes.get(bytes.len() - from_bytes..).unwrap_or_default());
        self.n_within += usize::from(!carry.is_empty());
        harmless(&decoded.text)
    }

    /// Ends the stream.
    fn cut_off(&mut self, flow: FlowId, direction: Direction) {
        let carry = self.carry.remove(&(flow, direction));
        self.n_within -= usize::from(carry.is_some_and(|(_, carry)| !carry.is_empty()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_separate_by_flow_and_direction() {
        let utf8 = Charset::Utf8;
        let mut streams = Streams::default();
        let (a, b) = (FlowId(1), FlowId(2));
        assert_eq!(streams.text((a, Direction::Received), b"x\xE6", utf8), "x");
        assert_eq!(streams.text((b, Direction::Received), b"\xF0\x9F", utf8), "");
        assert_eq!(streams.text((a, Direction::Sent), b"\xB5y", utf8), "\u{FFFD}y");
        assert_eq!(streams.text((a, Direction::Received), b"\xB5", utf8), "");
        assert_eq!(streams.text((b, Direction::Received), b"\x98\x80\x1B[m", utf8), "😀␛[m");
        assert_eq!(streams.text((a, Direction::Received), b"\x8B\t\r\n", utf8), "测\t\r\n");
        assert_eq!(streams.text((a, Direction::Sent), b"\xE6\xB5", utf8), "");
        assert_eq!(streams.n_within, 1);
        streams.cut_off(a, Direction::Sent);
        streams.cut_off(a, Direction::Sent);
        assert_eq!(streams.text((a, Direction::Sent), b"\x8B", utf8), "\u{FFFD}", "the next stream");
    }
}
