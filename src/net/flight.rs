//! What layers of a connection have made of queued messages, until the system has taken it.

use std::sync::Arc;

use crate::codec::websocket::Opcode;
use crate::model::WsNote;

/// What layers have taken in.
#[derive(Debug)]
enum Part {
    /// A message, or a part of one.
    Data { len: usize, whole: bool, opcode: Option<Opcode>, why: Option<Arc<str>> },
    /// Anything else that is noted.
    Note(WsNote),
}

/// Something that was written.
#[derive(Debug)]
pub(super) enum Written<'a> {
    /// Bytes of a message, whether it ends with them, what a WebSocket has sent it as, and why.
    Data(&'a [u8], bool, Option<Opcode>, Option<&'a str>),
    Note(WsNote),
}

/// Bytes on their way to the socket, and the messages in them. They count as sent when the last byte is written.
#[derive(Debug, Default)]
pub(super) struct Flight {
    /// What is to be written, from `written` on.
    pub(super) wire: Vec<u8>,
    written: usize,
    /// The messages in it.
    messages: Vec<u8>,
    parts: Vec<Part>,
}

impl Flight {
    /// Everything is written.
    pub(super) fn is_over(&self) -> bool {
        self.wire.is_empty()
    }

    /// The bytes of messages in it, and messages that end in it.
    pub(super) fn size(&self) -> (u64, u64) {
        (
            self.messages.len() as u64,
            self.parts.iter().filter(|part| matches!(part, Part::Data { whole: true, .. })).count() as u64,
        )
    }

    /// Takes in a part of a message.
    pub(super) fn keep(&mut self, bytes: &[u8], whole: bool, opcode: Option<Opcode>, why: Option<&str>) {
        self.messages.extend_from_slice(bytes);
        self.parts.push(Part::Data { len: bytes.len(), whole, opcode, why: why.map(Arc::from) });
    }

    /// Takes in what is to be noted.
    pub(super) fn note(&mut self, notes: &mut Vec<WsNote>) {
        self.parts.extend(notes.drain(..).map(Part::Note));
    }

    /// What is to be written.
    pub(super) fn to_write(&self) -> &[u8] {
        self.wire.get(self.written..).unwrap_or_default()
    }

    /// So much was written. If that is all, passes each part of a message to `tell`.
    pub(super) fn wrote(&mut self, n: usize, mut tell: impl FnMut(Written<'_>)) {
        self.written += n;
        if self.written < self.wire.len() {
            return;
        }
        self.wire.clear();
        self.written = 0;
        let mut rest = self.messages.as_slice();
        for part in self.parts.drain(..) {
            match part {
                Part::Note(note) => tell(Written::Note(note)),
                Part::Data { len, whole, opcode, why } => {
                    let (bytes, after) = rest.split_at(len.min(rest.len()));
                    tell(Written::Data(bytes, whole, opcode, why.as_deref()));
                    rest = after;
                }
            }
        }
        self.messages.clear();
    }

    /// The messages in it count as not sent.
    pub(super) fn give_up(&mut self) {
        self.messages.clear();
        self.parts.clear();
    }
}
