//! The file format of libpcap (draft-ietf-opsawg-pcap), in either byte order, with microseconds or
//! nanoseconds.

use std::io;

use super::{Item, MOST, Packet};
use crate::journal::block::{Order, invalid};
use crate::journal::window::Window;
use crate::model::{Cast, Stamp};

/// Length in bytes of the header of a packet.
const HEAD: u32 = 16;

#[derive(Debug)]
pub(super) struct Pcap {
    order: Order,
    /// Nanoseconds per unit of the fractional part of times.
    unit: u64,
    link: u32,
}

impl Pcap {
    /// Reads the header of a file; `None` if it has another format.
    pub(super) fn new(head: &[u8]) -> Option<Self> {
        let found = [Order::Little, Order::Big].into_iter().find_map(|order| match order.u32(head, 0)? {
            0xa1b2_c3d4 => Some((order, 1000)),
            0xa1b2_3c4d => Some((order, 1)),
            _ => None,
        });
        let (order, unit) = found?;
        // The upper half is the length of a frame check sequence after each packet.
        let link = order.u32(head, 20)? & 0xffff;
        Some(Self { order, unit, link })
    }

    pub(super) fn next(&self, window: &mut Window<'_>, at: &mut u64, until: u64) -> io::Result<Item> {
        let order = self.order;
        if *at >= until {
            return Ok(Item::End { torn: false });
        }
        let head = window.get(*at, HEAD as usize)?;
        let (Some(seconds), Some(part), Some(captured), Some(_whole)) =
            (order.u32(head, 0), order.u32(head, 4), order.u32(head, 8), order.u32(head, 12))
        else {
            return Ok(Item::End { torn: true });
        };
        if captured > MOST {
            return Err(invalid(*at, format_args!("invalid packet length {captured}")));
        }
        // The result of a power failure.
        if (seconds, part, captured) == (0, 0, 0) && window.is_zero_from(*at)? {
            return Ok(Item::End { torn: true });
        }
        let begin = *at + u64::from(HEAD);
        let end = begin + u64::from(captured);
        if end > until {
            return Ok(Item::End { torn: true });
        }
        *at = end;
        let nanos = u64::from(seconds) * 1_000_000_000 + u64::from(part) * self.unit;
        Ok(Item::Packet(Packet {
            at: Stamp(nanos),
            link: self.link,
            bytes: begin..end,
            direction: None,
            cast: Cast::Unicast,
            comment: String::new(),
        }))
    }
}
