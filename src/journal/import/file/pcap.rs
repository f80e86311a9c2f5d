//! The file format of libpcap (draft-ietf-opsawg-pcap), in either byte order, with microseconds or
//! nanoseconds, and a variant of older Linux systems with longer headers of packets.

use std::io;

use super::{Item, MOST, Packet};
use crate::journal::block::{Order, invalid};
use crate::journal::window::Window;
use crate::model::{CaptureFault, Cast, Stamp};

/// Length in bytes of the header of a packet.
const HEAD: u8 = 16;
/// The same in the variant: interface, protocol and kind follow.
const LONG_HEAD: u8 = 24;

#[derive(Debug)]
pub(super) struct Pcap {
    order: Order,
    /// Nanoseconds per unit of the fractional part of times.
    unit: u64,
    link: u32,
    /// The length in bytes of the header of a packet.
    head: u8,
}

impl Pcap {
    /// Reads the header of a file; `None` if it has another format.
    pub(super) fn new(head: &[u8]) -> Option<Self> {
        let found = [Order::Little, Order::Big].into_iter().find_map(|order| match order.u32(head, 0)? {
            0xa1b2_c3d4 => Some((order, 1000, HEAD)),
            0xa1b2_3c4d => Some((order, 1, HEAD)),
            0xa1b2_cd34 => Some((order, 1000, LONG_HEAD)),
            _ => None,
        });
        let (order, unit, head_len) = found?;
        // The upper half is the length of a frame check sequence after each packet.
        let link = order.u32(head, 20)? & 0xffff;
        Some(Self { order, unit, link, head: head_len })
    }

    pub(super) fn next(&self, window: &mut Window<'_>, at: &mut u64, until: u64) -> io::Result<Item> {
        let order = self.order;
        if *at >= until {
            return Ok(Item::End { torn: false });
        }
        let head = window.get(*at, self.head.into())?;
        let (Some(seconds), Some(part), Some(captured), true) = (
            order.u32(head, 0),
            order.u32(head, 4),
            order.u32(head, 8),
            head.len() == usize::from(self.head),
        ) else {
            return Ok(Item::End { torn: true });
        };
        if captured > MOST {
            return Err(invalid(*at, CaptureFault::PacketLength(captured)));
        }
        // The result of a power failure.
        if (seconds, part, captured) == (0, 0, 0) && window.is_zero_from(*at)? {
            return Ok(Item::End { torn: true });
        }
        let begin = *at + u64::from(self.head);
        let end = begin + u64::from(captured);
        if end > until {
            return Ok(Item::End { torn: true });
        }
        *at = end;
        let nanos = u64::from(seconds) * 1_000_000_000 + u64::from(part) * self.unit;
        Ok(Item::Packet(Packet {
            decrypted: false,
            at: Stamp(nanos),
            link: self.link,
            bytes: begin..end,
            direction: None,
            cast: Cast::Unicast,
            comment: String::new(),
        }))
    }
}
