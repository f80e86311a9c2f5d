//! Link-layer headers: Ethernet with VLAN tags, Linux cooked captures, loopback, or none.

use crate::journal::block::Order;
use crate::model::{Cast, Direction};

/// An IP packet, and what the header before it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Framed<'a> {
    /// The packet from its IP header on, possibly followed by padding.
    pub(super) ip: &'a [u8],
    /// The direction, if the header tells it.
    pub(super) direction: Option<Direction>,
    /// Unicast, unless the header tells otherwise.
    pub(super) cast: Cast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strip<'a> {
    Ip(Framed<'a>),
    /// Something else, or a truncated frame.
    Other,
    UnknownLink,
}

/// Removes the header of link type `link` (tcpdump.org, "Link-layer header types").
pub(super) fn strip(link: u32, frame: &[u8]) -> Strip<'_> {
    let plain = |ip| Framed { ip, direction: None, cast: Cast::Unicast };
    let found = match link {
        // BSD and OpenBSD loopback: address families have other numbers on every system, but IP has a version.
        0 | 108 => frame.get(4..).map(plain),
        1 => Order::Big.u16(frame, 12).and_then(|kind| tagged(kind, frame.get(14..)?)).map(plain),
        // Raw IP; 12 and 14 are the numbers on BSD systems.
        12 | 14 | 101 | 228 | 229 => Some(plain(frame)),
        113 => cooked(Order::Big.u16(frame, 14), Order::Big.u16(frame, 0), frame.get(16..)),
        276 => cooked(Order::Big.u16(frame, 0), frame.get(10).map(|kind| u16::from(*kind)), frame.get(20..)),
        _ => return Strip::UnknownLink,
    };
    found.map_or(Strip::Other, Strip::Ip)
}

/// The content after an `EtherType` and any number of VLAN tags (IEEE 802.1Q, 802.1ad).
fn tagged(mut kind: u16, mut rest: &[u8]) -> Option<&[u8]> {
    while let 0x8100 | 0x88a8 | 0x9100 = kind {
        kind = Order::Big.u16(rest, 2)?;
        rest = rest.get(4..)?;
    }
    matches!(kind, 0x0800 | 0x86dd).then_some(rest)
}

/// A frame of `tcpdump -i any`.
fn cooked(kind: Option<u16>, way: Option<u16>, rest: Option<&[u8]>) -> Option<Framed<'_>> {
    let ip = tagged(kind?, rest?)?;
    let (direction, cast) = match way? {
        0 => (Some(Direction::Received), Cast::Unicast),
        1 => (Some(Direction::Received), Cast::Broadcast),
        2 => (Some(Direction::Received), Cast::Multicast),
        4 => (Some(Direction::Sent), Cast::Unicast),
        // To another host.
        _ => (None, Cast::Unicast),
    };
    Some(Framed { ip, direction, cast })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ip_of(link: u32, frame: &[u8]) -> Option<(Vec<u8>, Option<Direction>)> {
        match strip(link, frame) {
            Strip::Ip(framed) => Some((framed.ip.to_vec(), framed.direction)),
            Strip::Other | Strip::UnknownLink => None,
        }
    }

    #[test]
    fn every_kind_of_frame_gives_its_ip_packet() {
        let ip = b"E...".to_vec();
        let with = |head: &[u8]| [head, &ip[..]].concat();
        let ether = |kind: &[u8]| with(&[&[0; 12], kind].concat());
        let sll = |way: u8| with(&[0, way, 3, 4, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0]);
        let sll2 = with(&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 4, 6, 1, 2, 3, 4, 5, 6, 0, 0]);
        for (link, frame, direction) in [
            (1, ether(&[8, 0]), None),
            (1, ether(&[0x86, 0xdd]), None),
            (1, ether(&[0x81, 0, 0, 7, 8, 0]), None),
            (1, ether(&[0x88, 0xa8, 0, 7, 0x81, 0, 0, 9, 0x86, 0xdd]), None),
            (0, with(&[2, 0, 0, 0]), None),
            (108, with(&[0, 0, 0, 2]), None),
            (113, sll(4), Some(Direction::Sent)),
            (113, sll(0), Some(Direction::Received)),
            (113, sll(3), None),
            (276, sll2, Some(Direction::Sent)),
        ] {
            assert_eq!(ip_of(link, &frame), Some((ip.clone(), direction)), "{link} {frame:?}");
        }
        for link in [12, 14, 101, 228, 229] {
            assert_eq!(ip_of(link, &ip), Some((ip.clone(), None)));
        }
        assert_eq!(ip_of(1, &ether(&[8, 6])), None, "ARP");
        assert_eq!(ip_of(1, &ether(&[0x81, 0])[..15]), None, "cut off");
        assert_eq!(strip(105, &ip), Strip::UnknownLink);
    }

    proptest! {
        #[test]
        fn rubbish_does_not_panic(link in 0_u32..300, frame in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Strip::Ip(framed) = strip(link, &frame) {
                prop_assert!(frame.ends_with(framed.ip));
            }
        }
    }
}
