//! The compact log of a running session, by record or by message.

use std::io;

use super::Style;
use super::compose::{Composer, Decoding};
use super::entry::Entry;
use super::text::Text;
use super::whole::{opcode, why};
use crate::journal::Frame;
use crate::model::{Direction, Flow, FlowId, Record, RecordKind, Stamp, Wholeness};

/// Writes the compact log ([`super::Format::Text`]) as records arrive.
#[derive(Debug)]
pub struct LiveLog {
    style: Style,
    composer: Composer,
}

impl LiveLog {
    /// A log of records.
    pub fn new(style: Style) -> Self {
        Self { style, composer: Composer::new(Decoding::Stream) }
    }

    /// A log of messages, which are decoded one by one.
    pub fn of_messages(style: Style) -> Self {
        Self { style, composer: Composer::new(Decoding::Alone) }
    }

    /// Writes a record of the conversation `flow`, which was read into `frame`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(
        &mut self,
        record: &Record,
        frame: &Frame,
        flow: Option<&Flow>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let kind = record.kind;
        let entry = Entry {
            comment: if kind == RecordKind::Refused { frame.comment.as_str() } else { "" },
            why: why(kind, &frame.comment),
            opcode: opcode(kind, &frame.comment, frame.note.as_ref()),
            own: frame.note.as_ref(),
            ..data(kind, frame.at, &frame.payload, flow)
        };
        self.entry(record.flow, entry, out)
    }

    /// Writes a message of the conversation `id`, described by `flow`, whose first bytes were sent or received at `at`, and
    /// whose last ones are in a record with this comment.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_message(
        &mut self,
        (id, flow): (FlowId, Option<&Flow>),
        direction: Direction,
        (at, bytes, wholeness): (Stamp, &[u8], Wholeness),
        comment: &str,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let kind = direction.into();
        let (why, opcode) = (why(kind, comment), opcode(kind, comment, None));
        self.entry(id, Entry { why, opcode, wholeness, ..data(kind, at, bytes, flow) }, out)
    }

    /// Writes a note.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_note(&mut self, at: Stamp, text: &str, out: &mut dyn io::Write) -> io::Result<()> {
        self.entry(FlowId::NONE, data(RecordKind::Note, at, text.as_bytes(), None), out)
    }

    fn entry(&mut self, id: FlowId, entry: Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let mut text = Text::new(&self.style);
        self.composer.item(id, entry, &self.style, &mut |entry| text.write(entry, out))
    }
}

/// An entry for these bytes.
fn data<'a>(kind: RecordKind, at: Stamp, bytes: &'a [u8], flow: Option<&'a Flow>) -> Entry<'a> {
    // This log has no numbers.
    let (last, wholeness) = (at, Wholeness::Whole);
    let (comment, why, note, text) = ("", "", "", "");
    Entry {
        seq: 0,
        at,
        last,
        kind,
        flow,
        local: None,
        comment,
        why,
        note,
        opcode: None,
        own: None,
        bytes,
        text,
        wholeness,
    }
}
