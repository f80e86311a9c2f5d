//! A hex dump for `text2pcap -D -t ISO`: one packet for each record with data, with direction and time.
//! Everything else is in comments, which text2pcap skips.
//!
//! ```text
//! # 2026-11-20T14:51:15.123456000Z connected to 127.0.0.1:8080
//! # 2026-11-20T14:51:15.123999000Z → 127.0.0.1:8080 5 B
//! O 2026-11-20T14:51:15.123999000Z
//! 00000000  68 65 6C 6C 6F                                    |hello|
//! 00000005
//! ```
//!
//! Because of its bars, the text column is never mistaken for bytes, so `-a` is not needed. That option guesses:
//! with it, text2pcap 4.0 drops rows whose data look like hex, with or without bars.

use std::io;

use super::entry::Entry;
use super::text::{event, one_line, peer};
use super::words::IsoTime;
use crate::codec::dump;
use crate::model::Direction;

/// The longest packet in bytes: records are shorter, but messages may be longer. text2pcap allows 262,144.
const MOST: usize = 1 << 16;

/// Writes the hex dump.
#[derive(Debug, Default)]
pub(super) struct Hexdump {
    begun: bool,
}

impl Hexdump {
    pub(super) fn write(&mut self, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            writeln!(out, "# text2pcap -D -t ISO -l 147 THIS_FILE OUTPUT.pcapng")?;
        }
        let Some(direction) = entry.kind.direction() else {
            return writeln!(out, "# {} {}", IsoTime(entry.at), one_line(&event(entry)));
        };
        let (arrow, letter) = match direction {
            Direction::Sent => ('→', 'O'),
            Direction::Received => ('←', 'I'),
        };
        let len = entry.bytes.len();
        let time = IsoTime(entry.at);
        writeln!(out, "# {time} {arrow} {} {len} B{}", peer(entry.flow), entry.mark())?;
        // text2pcap has no empty packets, and limits their length.
        for packet in entry.bytes.chunks(MOST) {
            writeln!(out, "{letter} {time}")?;
            (0..dump::row_count(packet.len()))
                .try_for_each(|row| writeln!(out, "{}", dump::row_text(packet, 0, row)))?;
            writeln!(out, "{:08X}", packet.len())?;
        }
        Ok(())
    }
}
