//! The compact log of a session that still runs, record by record.

use std::io;

use super::Style;
use super::entry::Composer;
use super::text::Text;
use crate::journal::Frame;
use crate::model::{Flow, Record};

/// Writes the compact log, as [`super::Format::Text`], of records as they come.
#[derive(Debug)]
pub struct LiveLog {
    style: Style,
    composer: Composer,
}

impl LiveLog {
    /// A log that begins here.
    pub fn new(style: Style) -> Self {
        Self { style, composer: Composer::default() }
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
        self.composer.record(record, frame, flow, &self.style, &mut |entry| text.write(entry, out))
    }
}
