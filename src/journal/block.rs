//! The blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian: writing and reading.

use std::io;
use std::net::IpAddr;

use crate::model::{CaptureFault, Cast, Direction, Reason, Stamp, fit};

/// Section Header Block.
pub(super) const SECTION: u32 = 0x0a0d_0d0a;
/// Interface Description Block.
pub(super) const INTERFACE: u32 = 1;
/// Name Resolution Block.
pub(super) const NAMES: u32 = 4;
/// Interface Statistics Block.
pub(super) const STATISTICS: u32 = 5;
/// Enhanced Packet Block.
pub(super) const PACKET: u32 = 6;
/// Decryption Secrets Block.
pub(super) const SECRETS: u32 = 10;
/// The type of TLS secrets: lines of the NSS key log format.
const TLS_KEY_LOG: u32 = 0x544c_534b;

/// The byte-order magic of a little-endian section.
pub(super) const MAGIC: u32 = 0x1a2b_3c4d;
/// `LINKTYPE_RAW`: packets begin with the IPv4 or IPv6 header.
pub(super) const LINKTYPE_RAW: u16 = 101;
/// The longest block that the writer makes, in bytes: two strings of 64 KiB, or a packet and one string.
pub(super) const MAX_LEN: u32 = 256 * 1024;

/// Length in bytes of a packet block before its packet.
pub(super) const PACKET_HEAD: usize = 28;
/// Length in bytes of a packet block after its padded packet: flags, end of options, total length.
pub(super) const PACKET_TAIL: usize = 16;

/// Option codes.
pub(super) const OPT_COMMENT: u16 = 1;
pub(super) const OPT_FLAGS: u16 = 2;
pub(super) const OPT_TITLE: u16 = 2;
pub(super) const OPT_DESCRIPTION: u16 = 3;
pub(super) const OPT_RESOLUTION: u16 = 9;
const OPT_OS: u16 = 3;
const OPT_PROGRAM: u16 = 4;
const OPT_RECEIVED: u16 = 4;
const OPT_DROPPED: u16 = 7;

/// Rounds up to a multiple of four.
pub(super) fn padded(len: usize) -> usize {
    len.next_multiple_of(4)
}

/// As much of a text as fits into an option: at most 65,535 bytes, cut between characters.
pub(super) fn fitting(text: &str) -> &str {
    // An option's length has 16 bits.
    &text[..text.floor_char_boundary(usize::from(u16::MAX))]
}

/// Appends an option; values that are too long are truncated.
pub(super) fn push_option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
    let value = value.get(..usize::from(len)).unwrap_or(value);
    out.extend_from_slice(&code.to_le_bytes());
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(value);
    pad(out, value.len());
}

fn pad(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(&[0; 3][..padded(len) - len]);
}

fn push_text(out: &mut Vec<u8>, code: u16, text: &str) {
    push_option(out, code, fitting(text).as_bytes());
}

fn push_end_of_options(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0; 4]);
}

/// Appends a block of the given type, whose body `fill` appends, a multiple of four bytes.
fn push_block(out: &mut Vec<u8>, kind: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    fill(out);
    end_block(out, start);
}

/// Appends the length of the block that begins at `start`, and sets it there.
fn end_block(out: &mut Vec<u8>, start: usize) {
    let total = length(out.len() - start + 4);
    out.extend_from_slice(&total);
    if let Some(slot) = out.get_mut(start + 4..start + 8) {
        slot.copy_from_slice(&total);
    }
}

fn length(len: usize) -> [u8; 4] {
    fit::<u32, _>(len).to_le_bytes()
}

/// The high half first, each half little-endian.
fn time(at: Stamp) -> [u8; 8] {
    at.0.rotate_left(32).to_le_bytes()
}

/// Appends a block that opens a section of unknown length.
pub(super) fn push_section(out: &mut Vec<u8>, os: &str, program: &str) {
    push_block(out, SECTION, |out| {
        out.extend_from_slice(&MAGIC.to_le_bytes());
        out.extend_from_slice(&[1, 0, 0, 0]);
        out.extend_from_slice(&u64::MAX.to_le_bytes());
        push_text(out, OPT_OS, os);
        push_text(out, OPT_PROGRAM, program);
        push_end_of_options(out);
    });
}

/// Appends an interface with raw IP packets and times in nanoseconds.
pub(super) fn push_interface(out: &mut Vec<u8>, title: &str, description: &str) {
    push_block(out, INTERFACE, |out| {
        out.extend_from_slice(&u32::from(LINKTYPE_RAW).to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        push_text(out, OPT_TITLE, title);
        push_text(out, OPT_DESCRIPTION, description);
        push_option(out, OPT_RESOLUTION, &[9]);
        push_end_of_options(out);
    });
}

pub(super) fn push_name(out: &mut Vec<u8>, name: &str, address: IpAddr) {
    // The record consists of the address and the name with a zero byte; its length has 16 bits.
    let name = &name[..name.floor_char_boundary(usize::from(u16::MAX) - 17)];
    push_block(out, NAMES, |out| {
        let (kind, mut value) = match address {
            IpAddr::V4(v4) => (1, v4.octets().to_vec()),
            IpAddr::V6(v6) => (2, v6.octets().to_vec()),
        };
        value.extend(name.bytes().filter(|byte| *byte != 0));
        value.push(0);
        push_option(out, kind, &value);
        push_end_of_options(out);
    });
}

/// Appends what decrypts packets that follow: lines of the NSS key log format.
pub(super) fn push_secrets(out: &mut Vec<u8>, lines: &str) {
    push_block(out, SECRETS, |out| {
        out.extend_from_slice(&TLS_KEY_LOG.to_le_bytes());
        out.extend_from_slice(&length(lines.len()));
        out.extend_from_slice(lines.as_bytes());
        pad(out, lines.len());
    });
}

/// Appends a statistics block with these options.
pub(super) fn push_statistics(
    out: &mut Vec<u8>,
    interface: u32,
    at: Stamp,
    options: impl FnOnce(&mut Vec<u8>),
) {
    push_block(out, STATISTICS, |out| {
        out.extend_from_slice(&interface.to_le_bytes());
        out.extend_from_slice(&time(at));
        options(out);
        push_end_of_options(out);
    });
}

pub(super) fn push_comments(out: &mut Vec<u8>, comments: &[&str]) {
    for comment in comments {
        push_text(out, OPT_COMMENT, comment);
    }
}

pub(super) fn push_counts(out: &mut Vec<u8>, packets: u64, dropped: Option<u64>) {
    push_option(out, OPT_RECEIVED, &packets.saturating_add(dropped.unwrap_or(0)).to_le_bytes());
    if let Some(dropped) = dropped {
        push_option(out, OPT_DROPPED, &dropped.to_le_bytes());
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Comments<'a> {
    /// The writer's own: which flow; why a connection was refused, or data sent. They come before the flags.
    pub(super) own: [Option<&'a str>; 2],
    /// The user's note on the record, or nothing. After the flags, so that it is not taken for the writer's.
    pub(super) note: &'a str,
}

/// Appends what follows the packet, of `packet_len` bytes, in a packet block.
pub(super) fn push_packet_tail(
    out: &mut Vec<u8>,
    packet_len: usize,
    direction: Direction,
    cast: Cast,
    comments: Comments<'_>,
) {
    let start = out.len();
    pad(out, packet_len);
    for comment in comments.own.into_iter().flatten() {
        push_text(out, OPT_COMMENT, comment);
    }
    push_option(out, OPT_FLAGS, &flags(direction, cast).to_le_bytes());
    push_note_option(out, comments.note);
    push_end_of_options(out);
    let total = PACKET_HEAD + packet_len + (out.len() - start) + 4;
    out.extend_from_slice(&length(total));
}

fn push_note_option(out: &mut Vec<u8>, note: &str) {
    if !note.is_empty() {
        push_text(out, OPT_COMMENT, note);
    }
}

/// Ends the packet block at `start`, complete up to its flags: appends the note and the end, sets its length.
pub(super) fn end_packet(out: &mut Vec<u8>, start: usize, note: &str) {
    push_note_option(out, note);
    push_end_of_options(out);
    end_block(out, start);
}

/// What precedes the packet of `packet_len` bytes in a block; `tail_len` bytes will follow it.
pub(super) fn packet_head(
    interface: u32,
    at: Stamp,
    packet_len: usize,
    tail_len: usize,
) -> [u8; PACKET_HEAD] {
    let mut head = [0; PACKET_HEAD];
    head[0..4].copy_from_slice(&PACKET.to_le_bytes());
    head[4..8].copy_from_slice(&length(PACKET_HEAD + packet_len + tail_len));
    head[8..12].copy_from_slice(&interface.to_le_bytes());
    head[12..20].copy_from_slice(&time(at));
    head[20..24].copy_from_slice(&length(packet_len));
    head[24..28].copy_from_slice(&length(packet_len));
    head
}

fn flags(direction: Direction, cast: Cast) -> u32 {
    let direction = match direction {
        Direction::Received => 0b01,
        Direction::Sent => 0b10,
    };
    let cast = match cast {
        Cast::Unicast => 1,
        Cast::Multicast => 2,
        Cast::Broadcast => 3,
    };
    direction | cast << 2
}

/// Reads `epb_flags`; the direction may be missing.
pub(super) fn read_flags(flags: u32) -> (Option<Direction>, Cast) {
    let direction = match flags & 0b11 {
        0b01 => Some(Direction::Received),
        0b10 => Some(Direction::Sent),
        _ => None,
    };
    let cast = match flags >> 2 & 0b111 {
        2 => Cast::Multicast,
        3 => Cast::Broadcast,
        _ => Cast::Unicast,
    };
    (direction, cast)
}

/// The byte order of numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Order {
    #[default]
    Little,
    Big,
}

impl Order {
    /// Reads a number at an offset.
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let chunk = bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u16::from_le_bytes(*chunk),
            Self::Big => u16::from_be_bytes(*chunk),
        })
    }

    /// Reads a number at an offset.
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let chunk = bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(*chunk),
            Self::Big => u32::from_be_bytes(*chunk),
        })
    }

    /// The options in `bytes`, up to the end of options or a truncated one.
    pub(super) fn options(self, mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
        std::iter::from_fn(move || {
            let (code, len) = (self.u16(bytes, 0)?, usize::from(self.u16(bytes, 2)?));
            let value = bytes.get(4..4 + len)?;
            bytes = bytes.get(4 + padded(len)..).unwrap_or_default();
            (code != 0).then_some((code, value))
        })
    }
}

/// Reads a number of one of our captures at an offset.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Order::Little.u32(bytes, at)
}

/// Reads a number of one of our captures at an offset.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Order::Little.u16(bytes, at)
}

pub(super) fn time_at(bytes: &[u8], at: usize) -> Option<Stamp> {
    let chunk = bytes.get(at..)?.first_chunk()?;
    Some(Stamp(u64::from_le_bytes(*chunk).rotate_left(32)))
}

/// The options of one of our blocks, up to the end of options or a truncated one.
pub(super) fn options(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    Order::Little.options(bytes)
}

/// Appends a comment as a line of its own.
pub(super) fn push_line(text: &mut String, comment: &[u8]) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&String::from_utf8_lossy(comment));
}

/// An error that says what is wrong with the file, and where.
pub(super) fn invalid(at: u64, fault: CaptureFault) -> io::Error {
    Reason::Damage(at, fault).error(io::ErrorKind::InvalidData)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        let text = format!("a{}", "é".repeat(40_000));
        assert_eq!(fitting(&text).len(), 65_535);
        let text = "é".repeat(40_000);
        assert_eq!(fitting(&text).len(), 65_534);
    }

    #[test]
    fn blocks_stay_below_the_limit() {
        let text = "x".repeat(100_000);
        let mut out = Vec::new();
        push_interface(&mut out, &text, &text);
        assert!(out.len() < MAX_LEN as usize);
        out.clear();
        let label = "flow 4294967294, begun at 18446744073.709551615, continued";
        let comments = Comments { own: [Some(label), Some(&text)], note: &text };
        push_packet_tail(&mut out, 65_575, Direction::Sent, Cast::Unicast, comments);
        assert!(PACKET_HEAD + 65_575 + out.len() < MAX_LEN as usize);
        out.clear();
        push_name(&mut out, &text, IpAddr::from([0; 16]));
        assert_eq!(u32_at(&out, 4).unwrap() as usize, out.len());
    }

    #[test]
    fn a_truncated_option_ends_the_list() {
        let mut out = Vec::new();
        push_text(&mut out, OPT_COMMENT, "hello");
        push_option(&mut out, OPT_FLAGS, &[1, 2, 3, 4]);
        let whole = out.len();
        push_end_of_options(&mut out);
        for cut in 0..=out.len() {
            let found = options(&out[..cut]).count();
            assert_eq!(found, if cut >= whole { 2 } else { usize::from(cut >= 9) }, "{cut}");
        }
    }

    #[test]
    fn flags_are_read_back() {
        for direction in [Direction::Received, Direction::Sent] {
            for cast in [Cast::Unicast, Cast::Multicast, Cast::Broadcast] {
                assert_eq!(read_flags(flags(direction, cast)), (Some(direction), cast));
            }
        }
        assert_eq!(read_flags(0), (None, Cast::Unicast));
    }
}
