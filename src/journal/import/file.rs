//! The packets of a capture file of any program: pcapng, or pcap as written by tcpdump.

mod pcap;
mod pcapng;

use std::fs::File;
use std::io;
use std::ops::Range;

use self::pcap::Pcap;
use self::pcapng::Pcapng;
use super::super::block::invalid;
use super::super::window::Window;
use crate::model::{CaptureFault, Cast, Direction, Stamp, fit};

/// The longest packet or block, in bytes; the same limit as in Wireshark.
const MOST: u32 = 16 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Packet {
    pub(super) at: Stamp,
    /// It is on an interface of decrypted data of ours.
    pub(super) decrypted: bool,
    /// The link type, a number assigned by tcpdump.org (`LINKTYPE_…`).
    pub(super) link: u32,
    /// Where the captured bytes are in the file.
    pub(super) bytes: Range<u64>,
    /// The direction, if the file tells it.
    pub(super) direction: Option<Direction>,
    /// Unicast, unless the file tells otherwise.
    pub(super) cast: Cast,
    /// The comments on it, one per line; may be empty.
    pub(super) comment: String,
}

#[derive(Debug)]
pub(super) enum Item {
    Packet(Packet),
    /// A comment that does not belong to a packet.
    Comment(Stamp, String),
    /// Secrets of TLS, in the NSS key log format.
    Secrets(Vec<u8>),
    /// Nothing relevant.
    Other,
    End {
        /// There is more, but not a whole packet: the program that wrote it was interrupted.
        torn: bool,
    },
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

/// Reads a capture file from start to end.
#[derive(Debug)]
pub(super) struct Packets<'a> {
    window: Window<'a>,
    until: u64,
    /// How far the file has been read, in bytes: always whole packets and blocks.
    pub(super) at: u64,
    format: Format,
}

impl<'a> Packets<'a> {
    /// Detects the format of a file. The error says what it is, if it is no capture.
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

    /// Reads the next item. The error says where the file is damaged, and how.
    pub(super) fn next(&mut self) -> io::Result<Item> {
        match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.window, &mut self.at, self.until),
            Format::Pcapng(pcapng) => pcapng.next(&mut self.window, &mut self.at, self.until),
        }
    }

    /// The captured bytes of a packet.
    pub(super) fn bytes(&mut self, packet: &Packet) -> io::Result<&[u8]> {
        // Checked against `MOST` before.
        let len = fit(packet.bytes.end.saturating_sub(packet.bytes.start));
        self.window.get(packet.bytes.start, len)
    }
}

/// What a file is that is not a capture.
fn no_capture(head: &[u8]) -> CaptureFault {
    // The formats that Wireshark's editcap converts, and those of lz4, xz and bzip2.
    let known: [(&[u8], CaptureFault); 11] = [
        (b"snoop\0\0\0", CaptureFault::Snoop),
        (b"btsnoop\0", CaptureFault::BluetoothSnoop),
        (b"GMBU", CaptureFault::NetworkMonitor),
        (b"RTSS", CaptureFault::NetworkMonitor),
        (b"TRSNIFF data", CaptureFault::Sniffer),
        (b"XCP\0", CaptureFault::NetXRay),
        // Compressed twice, if it is one of the first two.
        (&[0x1f, 0x8b], CaptureFault::Compressed),
        (&[0x28, 0xb5, 0x2f, 0xfd], CaptureFault::Compressed),
        (&[0x04, 0x22, 0x4d, 0x18], CaptureFault::Compressed),
        (&[0xfd, 0x37, 0x7a, 0x58, 0x5a], CaptureFault::Compressed),
        (b"BZh", CaptureFault::Compressed),
    ];
    if head.is_empty() {
        return CaptureFault::Empty;
    }
    let known = known.into_iter().find(|(magic, _)| head.starts_with(magic));
    known.map_or(CaptureFault::NoCapture, |(_, fault)| fault)
}
