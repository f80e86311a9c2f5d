//! The compact log: for each record a line with time, direction, peer and length, and the data indented below
//! it; events are lines of their own. Data cannot be mistaken for a head line. The length of a message that is
//! not whole is followed by the reason, and that of data which a relay has changed or added by what has: `[fault] corrupt=0.3`.
//!
//! ```text
//! 2026-11-20 22:51:15.123456+08:00 · connected to 127.0.0.1:8080
//! 2026-11-20 22:51:15.123999+08:00 → 127.0.0.1:8080 5 B
//!   hello
//! ```

use std::io;

use super::entry::{Entry, lines, time};
use super::{Body, Style};
use crate::codec::{dump, glyph, hex};
use crate::model::{Direction, Ending, Flow, Origin, RecordKind};

/// Bytes per line of hex.
const HEX_PER_LINE: usize = 32;

/// Writes the compact log.
#[derive(Debug)]
pub(super) struct Text<'a> {
    style: &'a Style,
}

impl<'a> Text<'a> {
    pub(super) fn new(style: &'a Style) -> Self {
        Self { style }
    }

    pub(super) fn write(&mut self, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let time = time(entry.at, self.style, "%Y-%m-%d %H:%M:%S%.6f%:z");
        let Some(direction) = entry.kind.direction() else {
            let said = match &self.style.words {
                Some(words) => words.event(entry.kind, entry.flow, entry.comment, entry.own),
                None => event(entry),
            };
            return writeln!(out, "{time} · {}", one_line(&said));
        };
        let arrow = match direction {
            Direction::Sent => '→',
            Direction::Received => '←',
        };
        let (peer, len) = (peer(entry.flow), entry.bytes.len());
        let mark = match &self.style.words {
            Some(words) => {
                words.wholeness(entry.wholeness).map_or_else(String::new, |what| format!(" [{what}]"))
            }
            None => entry.mark().to_owned(),
        };
        let opcode = entry.opcode.map(|opcode| format!(" {}", opcode.name())).unwrap_or_default();
        let space = if entry.why.is_empty() { "" } else { " " };
        writeln!(out, "{time} {arrow} {peer} {len} B{opcode}{mark}{space}{}", one_line(&entry.why()))?;
        self.body(entry, out)
    }

    fn body(&self, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        match self.style.body {
            Body::Text => lines(entry.text).try_for_each(|line| writeln!(out, "  {line}")),
            Body::Hex => entry
                .bytes
                .chunks(HEX_PER_LINE)
                .try_for_each(|chunk| writeln!(out, "  {}", hex::to_text(chunk))),
            Body::Dump => (0..dump::row_count(entry.bytes.len()))
                .try_for_each(|row| writeln!(out, "  {}", dump::row_text(entry.bytes, 0, row))),
        }
    }
}

/// The address of the peer, if known.
pub(super) fn peer(flow: Option<&Flow>) -> String {
    flow.map_or_else(|| "?".to_owned(), Flow::name)
}

/// The text of an event.
pub(super) fn event(entry: &Entry<'_>) -> String {
    let peer = peer(entry.flow);
    let said = match entry.kind {
        RecordKind::Connected => match entry.flow.map(|flow| flow.origin) {
            Some(Origin::Accepted) => format!("{peer} connected"),
            Some(Origin::Connected | Origin::Datagram) | None => format!("connected to {peer}"),
        },
        // The reason names the peer.
        RecordKind::Refused if !entry.comment.is_empty() => "not connected".to_owned(),
        RecordKind::Refused => format!("not connected to {peer}"),
        RecordKind::Ended(Ending::PeerFin) => format!("{peer} closed its sending side (FIN)"),
        RecordKind::Ended(Ending::OwnFin) => format!("closed the sending side to {peer} (FIN)"),
        RecordKind::Ended(Ending::PeerReset) => format!("{peer} reset the connection (RST)"),
        RecordKind::Ended(Ending::OwnReset) => format!("reset the connection to {peer} (RST)"),
        RecordKind::Note
        | RecordKind::Charset(_)
        | RecordKind::WebSocket
        | RecordKind::Received
        | RecordKind::Sent => {
            return entry.comment.to_owned();
        }
    };
    if entry.comment.is_empty() { said } else { format!("{said}: {}", entry.comment) }
}

/// Text on one line: invisible characters become visible ones.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(glyph::visible).collect()
}
