//! The formats with one entry after the other.

use std::borrow::Cow;
use std::io;

use super::csv::Csv;
use super::entry::Entry;
use super::hexdump::Hexdump;
use super::netassist::{NetAssist, Version};
use super::text::Text;
use super::{Body, Format, Style, jsonl};
use crate::model::Direction;

/// Writes entries.
#[derive(Debug)]
pub(super) enum Layout<'a> {
    Text(Text<'a>),
    NetAssist(NetAssist<'a>),
    Hexdump(Hexdump),
    Csv(Csv),
    Jsonl,
    Raw(Direction),
}

impl<'a> Layout<'a> {
    /// `style` is what [`style`] gives for this format. A capture, which has no entries, is written as text.
    pub(super) fn new(format: Format, style: &'a Style) -> Self {
        match format {
            Format::Text | Format::Pcapng => Self::Text(Text::new(style)),
            Format::NetAssist => Self::NetAssist(NetAssist::new(style, Version::Four)),
            Format::NetAssist5 => Self::NetAssist(NetAssist::new(style, Version::Five)),
            Format::Hexdump => Self::Hexdump(Hexdump::default()),
            Format::Csv => Self::Csv(Csv::new(style)),
            Format::Jsonl => Self::Jsonl,
            Format::RawReceived => Self::Raw(Direction::Received),
            Format::RawSent => Self::Raw(Direction::Sent),
        }
    }

    pub(super) fn write(&mut self, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Self::Text(text) => text.write(entry, out),
            Self::NetAssist(log) => log.write(entry, out),
            Self::Hexdump(dump) => dump.write(entry, out),
            Self::Csv(csv) => csv.write(entry, out),
            Self::Jsonl => jsonl::write(entry, out),
            Self::Raw(direction) if entry.kind.direction() == Some(*direction) => out.write_all(entry.bytes),
            Self::Raw(_) => Ok(()),
        }
    }

    /// Writes what a file without entries has.
    pub(super) fn end(&self, out: &mut dyn io::Write) -> io::Result<()> {
        if let Self::Csv(csv) = self { csv.end(out) } else { Ok(()) }
    }
}

/// The style for a format: some show data in one way only.
pub(super) fn style(format: Format, style: &Style) -> Cow<'_, Style> {
    let body = match format {
        Format::Csv => Body::Text,
        Format::Hexdump | Format::Jsonl | Format::RawReceived | Format::RawSent => Body::Hex,
        Format::Text | Format::NetAssist | Format::NetAssist5 | Format::Pcapng => {
            return Cow::Borrowed(style);
        }
    };
    Cow::Owned(Style { body, ..style.clone() })
}
