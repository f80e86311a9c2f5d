//! The compact log of a session that still runs, record by record.

use std::io;

use super::Style;
use super::compose::{Composer, Decoding};
use super::entry::Entry;
use super::text::Text;
use crate::journal::Frame;
use crate::model::{Flow, Record, RecordKind, Wholeness};

/// Writes the compact log, as [`super::Format::Text`], of records as they come.
#[derive(Debug)]
pub struct LiveLog {
    style: Style,
    composer: Composer,
}

impl LiveLog {
    /// A log that begins here.
    pub fn new(style: Style) -> Self {
        Self { style, composer: Composer::new(Decoding::Stream) }
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
        let mut text = Text::new(&self.style);
        let kind = record.kind;
        let entry = Entry {
            // This log gives no numbers.
            seq: 0,
            at: frame.at,
            kind,
            flow,
            comment: if kind == RecordKind::Refused { frame.comment.as_str() } else { "" },
            bytes: &frame.payload,
            text: "",
            wholeness: Wholeness::Whole,
        };
        self.composer.item(record.flow, entry, &self.style, &mut |entry| text.write(entry, out))
    }
}
