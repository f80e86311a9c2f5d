//! The compact log of a session that still runs, record by record or message by message.

use std::io;

use super::Style;
use super::compose::{Composer, Decoding};
use super::entry::Entry;
use super::text::Text;
use crate::journal::Frame;
use crate::model::{Direction, Flow, FlowId, Record, RecordKind, Stamp, Wholeness};

/// Writes the compact log, as [`super::Format::Text`], of records as they come.
#[derive(Debug)]
pub struct LiveLog {
    style: Style,
    composer: Composer,
}

impl LiveLog {
    /// A log of records that begins here.
    pub fn new(style: Style) -> Self {
        Self { style, composer: Composer::new(Decoding::Stream) }
    }

    /// A log of messages: the text of each is read on its own.
    pub fn of_messages(style: Style) -> Self {
        Self { style, composer: Composer::new(Decoding::Alone) }
    }

    /// Writes one record, of which `frame` was read, and whose conversation is `flow`.
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
            ..data(kind, frame.at, &frame.payload, flow)
        };
        self.entry(record.flow, entry, out)
    }

    /// Writes one message of the conversation `id`, which is `flow`, whose last bytes came at `at`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_message(
        &mut self,
        (id, flow): (FlowId, Option<&Flow>),
        direction: Direction,
        (at, bytes, wholeness): (Stamp, &[u8], Wholeness),
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let kind = match direction {
            Direction::Received => RecordKind::Received,
            Direction::Sent => RecordKind::Sent,
        };
        self.entry(id, Entry { wholeness, ..data(kind, at, bytes, flow) }, out)
    }

    fn entry(&mut self, id: FlowId, entry: Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let mut text = Text::new(&self.style);
        self.composer.item(id, entry, &self.style, &mut |entry| text.write(entry, out))
    }
}

/// The bytes as an entry.
fn data<'a>(kind: RecordKind, at: Stamp, bytes: &'a [u8], flow: Option<&'a Flow>) -> Entry<'a> {
    // This log gives no numbers.
    Entry { seq: 0, at, kind, flow, comment: "", bytes, text: "", wholeness: Wholeness::Whole }
}
