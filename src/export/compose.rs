//! Makes entries of what is read: gives data their text, and notes their words. Text of records is
//! decoded as a stream per conversation and direction. Knows no file and no format.

use std::collections::HashMap;
use std::io;

use super::entry::{Entry, harmless};
use super::{Body, Style};
use crate::codec::decode_all;
use crate::model::{Direction, Ending, Flow, FlowId, RecordKind, Stamp, Wholeness};

/// Takes entries that are ready.
pub(super) type Write<'a> = &'a mut dyn FnMut(&Entry<'_>) -> io::Result<()>;

/// How data become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoding {
    /// As a stream per conversation and direction: the items are records.
    Stream,
    /// Each on its own: the items are messages.
    Alone,
}

/// Makes entries of items; all that is carried from one to the next.
#[derive(Debug)]
pub(super) struct Composer {
    decoding: Decoding,
    streams: Streams,
}

impl Composer {
    pub(super) fn new(decoding: Decoding) -> Self {
        Self { decoding, streams: Streams::default() }
    }

    /// Calls `write` for an item of the flow `id`, whose text is empty yet, and before it for a
    /// character that its end cuts off.
    pub(super) fn item(
        &mut self,
        id: FlowId,
        entry: Entry<'_>,
        style: &Style,
        write: Write<'_>,
    ) -> io::Result<()> {
        match entry.kind {
            RecordKind::Received | RecordKind::Sent if style.body == Body::Text => {
                let text = match self.decoding {
                    Decoding::Stream => self.streams.text(id, entry.kind, entry.bytes, style),
                    Decoding::Alone => {
                        harmless(&decode_all(style.charset_of(id), &[], entry.bytes, true).text)
                    }
                };
                write(&Entry { text: &text, ..entry })
            }
            RecordKind::Note => {
                let text = String::from_utf8_lossy(entry.bytes);
                write(&Entry { comment: &text, bytes: &[], flow: None, ..entry })
            }
            RecordKind::Ended(how) => {
                for kind in cut_off_by(how) {
                    if self.streams.cut_off(id, *kind) {
                        write(&incomplete(entry.at, *kind, entry.flow))?;
                    }
                }
                write(&entry)
            }
            RecordKind::Received | RecordKind::Sent | RecordKind::Connected | RecordKind::Refused => {
                write(&entry)
            }
        }
    }

    /// Whether some stream stands inside of a character.
    pub(super) fn is_within(&self) -> bool {
        self.streams.n_within > 0
    }

    /// Bytes of this flow and direction were left out: calls `write` for a character that they cut off.
    pub(super) fn left_out(
        &mut self,
        (id, kind): (FlowId, RecordKind),
        at: Stamp,
        flow: Option<&Flow>,
        write: Write<'_>,
    ) -> io::Result<()> {
        if self.streams.cut_off(id, kind) { write(&incomplete(at, kind, flow)) } else { Ok(()) }
    }

    /// Calls `write` for each character that is incomplete at the end of all.
    pub(super) fn end<'a>(
        self,
        at: Stamp,
        flow: &dyn Fn(FlowId) -> Option<&'a Flow>,
        write: Write<'_>,
    ) -> io::Result<()> {
        let mut left: Vec<_> =
            self.streams.carry.into_iter().filter(|(_, carry)| !carry.is_empty()).collect();
        left.sort_unstable();
        left.into_iter().try_for_each(|((id, direction), _)| {
            let kind = match direction {
                Direction::Received => RecordKind::Received,
                Direction::Sent => RecordKind::Sent,
            };
            write(&incomplete(at, kind, flow(id)))
        })
    }
}

/// An entry of no bytes that shows a character which will never be complete.
fn incomplete(at: Stamp, kind: RecordKind, flow: Option<&Flow>) -> Entry<'_> {
    let (comment, text, wholeness) = ("", "\u{FFFD}", Wholeness::Whole);
    Entry { seq: 0, at, kind, flow, comment, bytes: &[], text, wholeness }
}

/// The kinds of data that come no more after this end.
fn cut_off_by(how: Ending) -> &'static [RecordKind] {
    match how {
        Ending::PeerFin => &[RecordKind::Received],
        Ending::OwnFin => &[RecordKind::Sent],
        Ending::PeerReset | Ending::OwnReset => &[RecordKind::Received, RecordKind::Sent],
    }
}

/// The text of each conversation and direction as a stream.
#[derive(Debug, Default)]
struct Streams {
    /// The beginning of a character, up to 3 bytes, with which the next record goes on.
    carry: HashMap<(FlowId, Direction), Vec<u8>>,
    /// How many of them are not empty.
    n_within: usize,
}

impl Streams {
    fn text(&mut self, flow: FlowId, kind: RecordKind, bytes: &[u8], style: &Style) -> String {
        let direction = kind.direction().unwrap_or(Direction::Received);
        let carry = self.carry.entry((flow, direction)).or_default();
        self.n_within -= usize::from(!carry.is_empty());
        let decoded = decode_all(style.charset_of(flow), carry, bytes, false);
        let from_carry = decoded.pending.saturating_sub(bytes.len()).min(carry.len());
        carry.drain(..carry.len() - from_carry);
        let from_bytes = decoded.pending.min(bytes.len());
        carry.extend_from_slice(bytes.get(bytes.len() - from_bytes..).unwrap_or_default());
        self.n_within += usize::from(!carry.is_empty());
        harmless(&decoded.text)
    }

    /// The stream ends; true if it ends inside a character.
    fn cut_off(&mut self, flow: FlowId, kind: RecordKind) -> bool {
        let carry = kind.direction().and_then(|direction| self.carry.remove(&(flow, direction)));
        let within = carry.is_some_and(|carry| !carry.is_empty());
        self.n_within -= usize::from(within);
        within
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::codec::Charset;
    use crate::export::Body;

    #[test]
    fn streams_are_apart_by_flow_and_direction() {
        let zone = jiff::tz::TimeZone::UTC;
        let style =
            Style { charset: Charset::Utf8, charsets: Arc::default(), body: Body::Text, zone, notes: None };
        let mut streams = Streams::default();
        let (a, b) = (FlowId(1), FlowId(2));
        assert_eq!(streams.text(a, RecordKind::Received, b"x\xE6", &style), "x");
        assert_eq!(streams.text(b, RecordKind::Received, b"\xF0\x9F", &style), "");
        assert_eq!(streams.text(a, RecordKind::Sent, b"\xB5y", &style), "\u{FFFD}y");
        assert_eq!(streams.text(a, RecordKind::Received, b"\xB5", &style), "");
        assert_eq!(streams.text(b, RecordKind::Received, b"\x98\x80\x1B[m", &style), "😀␛[m");
        assert_eq!(streams.text(a, RecordKind::Received, b"\x8B\t\r\n", &style), "测\t\r\n");
        assert!(!streams.cut_off(a, RecordKind::Received));
        assert_eq!(streams.text(a, RecordKind::Sent, b"\xE6\xB5", &style), "");
        assert!(streams.cut_off(a, RecordKind::Sent));
        assert!(!streams.cut_off(a, RecordKind::Sent));
    }
}
