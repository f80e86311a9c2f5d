//! The packets of a capture file that any program wrote: pcapng, or pcap as tcpdump writes it by
//! default. Knows where packets stand and what is told about them, but nothing of what is in them.

mod pcap;
mod pcapng;

use std::fs::File;
use std::io;
use std::ops::Range;

use self::pcap::Pcap;
use self::pcapng::Pcapng;
use super::super::block::invalid;
use super::super::window::Window;
use crate::model::{Cast, Direction, Stamp, fit};

/// No packet and no block that must be read is longer, in bytes. Wireshark's own bound.
const MOST: u32 = 16 * 1024 * 1024;

/// One packet.
#[derive(Debug)]
pub(super) struct Packet<'a> {
    /// When it was captured.
    pub(super) at: Stamp,
    /// Which header it begins with, by the number that tcpdump.org gave it (`LINKTYPE_…`).
    pub(super) link: u32,
    /// The packet, or what was captured of it.
    pub(super) bytes: &'a [u8],
    /// Which way it went, if the file tells.
    pub(super) direction: Option<Direction>,
    /// How many it was for, if the file tells; else one.
    pub(super) cast: Cast,
    /// What somebody wrote about it, a line a comment; else empty.
    pub(super) comment: String,
}

/// What comes next in the file.
#[derive(Debug)]
pub(super) enum Item<'a> {
    /// A packet.
    Packet(Packet<'a>),
    /// A comment that belongs to no packet.
    Comment(Stamp, String),
    /// Nothing more.
    End {
        /// The file goes on, but not with a whole packet: its writer was stopped in the middle.
        torn: bool,
    },
}

/// Where something stands in the file. It is only read once that is clear.
#[derive(Debug)]
enum Found {
    Packet(Place),
    Comment(Stamp, String),
    /// Nothing that matters here.
    Other,
    End {
        torn: bool,
    },
}

/// A packet that was found.
#[derive(Debug)]
struct Place {
    at: Stamp,
    link: u32,
    bytes: Range<u64>,
    direction: Option<Direction>,
    cast: Cast,
    comment: String,
}

/// In which order the bytes of a number stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let chunk = bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u16::from_le_bytes(*chunk),
            Self::Big => u16::from_be_bytes(*chunk),
        })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let chunk = bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(*chunk),
            Self::Big => u32::from_be_bytes(*chunk),
        })
    }
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// Reads a capture file from its beginning to its end.
#[derive(Debug)]
pub(super) struct Packets<'a> {
    window: Window<'a>,
    until: u64,
    at: u64,
    format: Format,
}

impl<'a> Packets<'a> {
    /// Looks at the beginning of the file.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::InvalidData`] if it is no capture, and says what it is
    /// if that can be told.
    pub(super) fn open(file: &'a File) -> io::Result<Self> {
        let until = file.metadata()?.len();
        let mut window = Window::new(file, until);
        let head = window.get(0, 24)?;
        let (format, at) = if let Some(pcap) = Pcap::new(head) {
            (Format::Pcap(pcap), 24)
        } else if Pcapng::begins(head) {
            (Format::Pcapng(Pcapng::default()), 0)
        } else {
            return Err(invalid(0, no_capture(head)));
        };
        Ok(Self { window, until, at, format })
    }

    /// How far the file was read, in bytes: always whole packets and blocks.
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// What comes next.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::InvalidData`] if the file is damaged: the text says where
    /// and what.
    pub(super) fn next(&mut self) -> io::Result<Item<'_>> {
        let place = loop {
            let found = match &mut self.format {
                Format::Pcap(pcap) => pcap.next(&mut self.window, &mut self.at, self.until)?,
                Format::Pcapng(pcapng) => pcapng.next(&mut self.window, &mut self.at, self.until)?,
            };
            match found {
                Found::Packet(place) => break place,
                Found::Comment(at, text) => return Ok(Item::Comment(at, text)),
                Found::Other => {}
                Found::End { torn } => return Ok(Item::End { torn }),
            }
        };
        let Place { at, link, bytes, direction, cast, comment } = place;
        // Bounded by `MOST`, which was asked for before.
        let len = fit(bytes.end.saturating_sub(bytes.start));
        let bytes = self.window.get(bytes.start, len)?;
        Ok(Item::Packet(Packet { at, link, bytes, direction, cast, comment }))
    }
}

/// What a file is that is no capture.
fn no_capture(head: &[u8]) -> &'static str {
    // RFC 1952; RFC 8878; the frame formats of lz4, xz and bzip2.
    const COMPRESSED: [&[u8]; 5] = [
        &[0x1f, 0x8b],
        &[0x28, 0xb5, 0x2f, 0xfd],
        &[0x04, 0x22, 0x4d, 0x18],
        &[0xfd, 0x37, 0x7a, 0x58, 0x5a],
        b"BZh",
    ];
    if head.is_empty() {
        "the file is empty"
    } else if COMPRESSED.iter().any(|magic| head.starts_with(magic)) {
        "the file is compressed; unpack it first"
    } else {
        "neither pcapng nor pcap: this is no capture"
    }
}
