//! The blocks of a pcapng file (draft-ietf-opsawg-pcapng) of any program: either byte order, several sections
//! and interfaces, all three kinds of packet blocks, times in any unit.

use std::io;

use super::{Item, MOST, Packet};
use crate::journal::block::{self, Order, invalid, padded};
use crate::journal::conversation::Label;
use crate::journal::scan::DECRYPTED;
use crate::journal::window::Window;
use crate::model::{CaptureFault, Stamp};

/// The obsolete Packet Block.
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
/// The secrets type of a key log of TLS.
const TLS_KEY_LOG: u32 = 0x544c_534b;
/// Length in bytes of packet blocks before their packet.
const OLD_HEAD: u32 = 28;
const SIMPLE_HEAD: u32 = 12;
const OPT_OFFSET: u16 = 14;
/// The most interfaces of a section: more are damage, and must not exhaust memory. They take 24 MiB.
const INTERFACES: usize = 1 << 20;

#[derive(Debug, Clone, Copy)]
struct Interface {
    link: u32,
    /// The most bytes captured of a packet; 0 for all.
    snap: u32,
    unit: Unit,
    /// Seconds to add to all times.
    offset: i64,
    /// One of ours, with what connections on another carry.
    decrypted: bool,
}

#[derive(Debug, Clone, Copy)]
enum Unit {
    /// 10 to the minus n seconds.
    Decimal(u32),
    /// 2 to the minus n seconds.
    Binary(u32),
}

impl Interface {
    /// A time in ticks, clamped to the range of a [`Stamp`].
    fn stamp(&self, ticks: u64) -> Stamp {
        let ticks = u128::from(ticks);
        let nanos = match self.unit {
            Unit::Decimal(n @ 0..=9) => ticks.saturating_mul(10_u128.pow(9 - n)),
            Unit::Decimal(n) => 10_u128.checked_pow(n - 9).map_or(0, |ticks_in_nano| ticks / ticks_in_nano),
            Unit::Binary(n) => ticks.saturating_mul(1_000_000_000).checked_shr(n).unwrap_or(0),
        };
        let nanos = i128::try_from(nanos).unwrap_or(i128::MAX);
        let nanos = nanos.saturating_add(i128::from(self.offset) * 1_000_000_000);
        Stamp(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }
}

#[derive(Debug, Default)]
pub(super) struct Pcapng {
    order: Order,
    interfaces: Vec<Interface>,
    /// The time of the last packet, because a Simple Packet Block has none.
    last: Stamp,
}

impl Pcapng {
    pub(super) fn begins(head: &[u8]) -> bool {
        block::u32_at(head, 0) == Some(block::SECTION) && order(head).is_some()
    }

    pub(super) fn next(&mut self, window: &mut Window<'_>, at: &mut u64, until: u64) -> io::Result<Item> {
        let start = *at;
        if start >= until {
            return Ok(Item::End { torn: false });
        }
        let head = window.get(start, 12)?;
        // The type of a section header is the same in both byte orders.
        let section = block::u32_at(head, 0) == Some(block::SECTION);
        if section && head.len() == 12 {
            let unknown = || invalid(start, CaptureFault::ByteOrder);
            self.order = order(head).ok_or_else(unknown)?;
            self.interfaces.clear();
        }
        let order = self.order;
        let (Some(kind), Some(total)) = (order.u32(head, 0), order.u32(head, 4)) else {
            return Ok(Item::End { torn: true });
        };
        let end = start.saturating_add(u64::from(total));
        if total % 4 != 0 || total < 12 {
            if window.is_zero_from(start)? {
                return Ok(Item::End { torn: true });
            }
            return Err(invalid(start, CaptureFault::BlockLength(total)));
        }
        if end > until {
            return Ok(Item::End { torn: true });
        }
        let known =
            matches!(kind, block::INTERFACE | block::PACKET | block::STATISTICS | OLD_PACKET | SIMPLE_PACKET);
        let known = known || kind == block::SECRETS && total <= MOST;
        if known && total > MOST {
            return Err(invalid(start, CaptureFault::BlockLength(total)));
        }
        let trailer = window.get(end - 4, 4)?;
        if order.u32(trailer, 0) != Some(total) {
            return Err(invalid(start, CaptureFault::Trailer));
        }
        *at = end;
        if !known {
            return Ok(Item::Other);
        }
        let block = window.get(start, total as usize - 4)?;
        match kind {
            block::INTERFACE => self.interface(start, block).map(|()| Item::Other),
            block::STATISTICS => Ok(self.statistics(block)),
            block::SECRETS => Ok(secrets(order, block)),
            _ => self.packet(start, kind, block).map(Item::Packet),
        }
    }

    fn interface(&mut self, start: u64, block: &[u8]) -> io::Result<()> {
        let order = self.order;
        let (Some(link), Some(snap)) = (order.u16(block, 8), order.u32(block, 12)) else {
            return Err(invalid(start, CaptureFault::InterfaceCutOff));
        };
        if self.interfaces.len() >= INTERFACES {
            return Err(invalid(start, CaptureFault::Interfaces));
        }
        let (link, unit) = (u32::from(link), Unit::Decimal(6));
        let mut interface = Interface { link, snap, unit, offset: 0, decrypted: false };
        for (code, value) in order.options(block.get(16..).unwrap_or_default()) {
            match (code, value) {
                (block::OPT_RESOLUTION, [n, ..]) => {
                    let power = u32::from(*n & 0x7f);
                    interface.unit = if *n < 0x80 { Unit::Decimal(power) } else { Unit::Binary(power) };
                }
                (block::OPT_DESCRIPTION, value) => interface.decrypted = value == DECRYPTED.as_bytes(),
                (OPT_OFFSET, value) => {
                    if let Some(chunk) = value.first_chunk() {
                        interface.offset = match order {
                            Order::Little => i64::from_le_bytes(*chunk),
                            Order::Big => i64::from_be_bytes(*chunk),
                        };
                    }
                }
                _ => {}
            }
        }
        self.interfaces.push(interface);
        Ok(())
    }

    fn ticks(&self, block: &[u8], at: usize) -> Option<u64> {
        let (high, low) = (self.order.u32(block, at)?, self.order.u32(block, at + 4)?);
        Some(u64::from(high) << 32 | u64::from(low))
    }

    /// Reads the comment of a statistics block.
    fn statistics(&self, block: &[u8]) -> Item {
        let number = self.order.u32(block, 8).and_then(|number| usize::try_from(number).ok());
        let interface = number.and_then(|number| self.interfaces.get(number));
        let (Some(interface), Some(ticks)) = (interface, self.ticks(block, 12)) else { return Item::Other };
        let comment = comments(self.order, block.get(20..).unwrap_or_default());
        if comment.is_empty() { Item::Other } else { Item::Comment(interface.stamp(ticks), comment) }
    }

    fn packet(&mut self, start: u64, kind: u32, block: &[u8]) -> io::Result<Packet> {
        let order = self.order;
        let short = || invalid(start, CaptureFault::PacketCutOff);
        let number = match kind {
            SIMPLE_PACKET => 0,
            OLD_PACKET => u32::from(order.u16(block, 8).ok_or_else(short)?),
            _ => order.u32(block, 8).ok_or_else(short)?,
        };
        let interface = usize::try_from(number).ok().and_then(|number| self.interfaces.get(number)).copied();
        let unknown = || invalid(start, CaptureFault::NoInterface);
        let interface = interface.ok_or_else(unknown)?;
        let (head, captured) = if kind == SIMPLE_PACKET {
            let original = order.u32(block, 8).ok_or_else(short)?;
            let snap = if interface.snap == 0 { u32::MAX } else { interface.snap };
            // The captured length is not given, but limited by the block.
            let room = u32::try_from(block.len()).unwrap_or(u32::MAX).saturating_sub(SIMPLE_HEAD);
            (SIMPLE_HEAD, original.min(snap).min(room))
        } else {
            self.last = interface.stamp(self.ticks(block, 12).ok_or_else(short)?);
            (OLD_HEAD, order.u32(block, 20).ok_or_else(short)?)
        };
        let end = head as usize + captured as usize;
        if end > block.len() {
            return Err(invalid(start, CaptureFault::PacketTooLong));
        }
        let options_at = head as usize + padded(captured as usize);
        let tail = block.get(options_at..).unwrap_or_default();
        let flags = order.options(tail).find(|(code, _)| *code == block::OPT_FLAGS);
        let flags = flags.and_then(|(_, value)| order.u32(value, 0)).unwrap_or_default();
        let (direction, cast) = block::read_flags(flags);
        let bytes = start + u64::from(head)..start + end as u64;
        let comment = comments(order, tail);
        let Interface { link, decrypted, .. } = interface;
        Ok(Packet { at: self.last, decrypted, link, bytes, direction, cast, comment })
    }
}

/// Reads the secrets of TLS in a Decryption Secrets Block.
fn secrets(order: Order, block: &[u8]) -> Item {
    let (kind, len) = (order.u32(block, 8), order.u32(block, 12).and_then(|len| usize::try_from(len).ok()));
    let text = block.get(16..).and_then(|text| text.get(..len?));
    match text {
        Some(text) if kind == Some(TLS_KEY_LOG) => Item::Secrets(text.to_vec()),
        Some(_) | None => Item::Other,
    }
}

fn order(head: &[u8]) -> Option<Order> {
    [Order::Little, Order::Big].into_iter().find(|order| order.u32(head, 8) == Some(block::MAGIC))
}

/// All comments among the options, one per line; except labels in a capture of ours that another program has
/// saved, which have no meaning any more.
fn comments(order: Order, bytes: &[u8]) -> String {
    let mut all = String::new();
    for (code, value) in order.options(bytes) {
        if code == block::OPT_COMMENT && Label::parse(value).is_none() {
            block::push_line(&mut all, value);
        }
    }
    all
}
