//! One item of a capture with everything that a log tells about it.

use std::net::SocketAddr;

use super::Style;
use crate::codec::glyph;
use crate::codec::websocket::Opcode;
use crate::model::{Flow, Message, RecordKind, SessionNote, Stamp, Transport, Wholeness, dropped_by, is_of};

/// A record, or a message of several, with everything that a log tells about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// The number of its first record in the capture, from 1.
    pub(super) seq: u64,
    /// When it happened; for a message, when its first bytes were sent or received.
    pub(super) at: Stamp,
    /// When its last bytes were.
    pub(super) last: Stamp,
    /// What happened.
    pub(super) kind: RecordKind,
    /// The conversation; `None` for a note.
    pub(super) flow: Option<&'a Flow>,
    /// The local address of its last packet, if known.
    pub(super) local: Option<SocketAddr>,
    /// Why a connection was refused, or the words of a note; otherwise empty.
    pub(super) comment: &'a str,
    /// What a relay has done with data that it sends, or that it has added them, in lines; otherwise empty.
    pub(super) why: &'a str,
    /// What notes on it say besides; may be empty.
    pub(super) note: &'a str,
    /// What a WebSocket has carried it as, or which frame it is.
    pub(super) opcode: Option<Opcode>,
    /// The session's own note, which `comment` says in English.
    pub(super) own: Option<&'a SessionNote>,
    /// The data.
    pub(super) bytes: &'a [u8],
    /// The data as text without control characters except line breaks and tabs. A character split between two
    /// records belongs to the second. Empty if the style needs no text.
    pub(super) text: &'a str,
    /// Whether the message is whole.
    pub(super) wholeness: Wholeness,
}

impl Entry<'_> {
    /// Our address, or the group to which the peer has sent it.
    pub(super) fn local(&self, flow: &Flow) -> SocketAddr {
        let is_other = |local: &SocketAddr| flow.transport == Transport::Udp && local.ip() != flow.local.ip();
        self.local.filter(is_other).unwrap_or(flow.local)
    }

    /// The time of its last bytes, if it is later than that of the first.
    pub(super) fn later(&self) -> Option<Stamp> {
        (self.last > self.at).then_some(self.last)
    }

    /// [`why`](Self::why) in one line.
    pub(super) fn why(&self) -> String {
        self.why.lines().collect::<Vec<_>>().join("; ")
    }

    /// The mark after the length of a message that is not whole.
    pub(super) fn mark(&self) -> &'static str {
        match self.wholeness {
            Wholeness::Whole => "",
            Wholeness::Open => " [incomplete]",
            Wholeness::CutOff => " [cut off]",
            Wholeness::TooLong => " [too long, truncated]",
            Wholeness::Nonsense => " [invalid]",
        }
    }
}

/// What the notes on an item say: why a relay has not passed it on, and everything else; a line each, or empty.
pub(super) fn of_notes<'a>(notes: impl Iterator<Item = &'a str>, item: &Message) -> (String, String) {
    let (mut whys, mut others) = (Vec::new(), Vec::new());
    for line in notes.flat_map(str::lines).filter(|line| is_of(line, item)) {
        match dropped_by(line) {
            Some((_, why)) => whys.push(format!("[dropped] {why}")),
            None => others.push(line),
        }
    }
    (whys.join("\n"), others.join("\n"))
}

/// Replaces control characters except line breaks and tabs. All others are written as themselves.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(glyph::writable).collect()
}

/// The lines of a text, which end with CR LF, LF or a lone CR. Text after the last line ending is a line
/// unless it is empty.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let after_break = after.strip_prefix("\r\n").or_else(|| after.get(1..));
        rest = after_break.unwrap_or_default();
        Some(line)
    })
}

/// Formats a time by one of jiff's patterns.
pub(super) fn time(at: Stamp, style: &Style, pattern: &str) -> String {
    at.timestamp().to_zoned(style.zone.clone()).strftime(pattern).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_three_kinds_of_endings() {
        for (text, expected) in [
            ("", &[][..]),
            ("a", &["a"]),
            ("a\r\nb\nc\rd\r\n", &["a", "b", "c", "d"]),
            ("\n\r\n\r", &["", "", ""]),
            ("a\n\r\nb", &["a", "", "b"]),
        ] {
            assert_eq!(lines(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }
}
