//! The headers before an IP packet: the link layer, and tunnels within IP.

use super::headers::Segment;
use crate::journal::block::{Order, padded};
use crate::model::{Cast, Direction};

/// The most headers before an IP packet. More are damage.
const MOST_LAYERS: usize = 32;

/// The begin of most content of IEEE 802.2 (RFC 1042).
const SNAP: &[u8] = &[0xaa, 0xaa, 3, 0, 0, 0];

/// What the next bytes of a frame are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// A frame of this link type (tcpdump.org, "Link-layer header types").
    Link(u32),
    Ip,
    Ethernet,
    /// The content after an `EtherType`, or after an IEEE 802.3 length.
    EtherType(u16),
    /// IEEE 802.2.
    Llc,
    /// IEEE 802.11.
    Wifi,
    /// The content of an aggregate of IEEE 802.11.
    Msdus,
    Ppp,
    Pppoe,
    Mpls,
    Gre,
    Vxlan,
    /// VXLAN with another content than Ethernet.
    VxlanGpe,
    Geneve,
    /// A service chain (RFC 8300).
    Nsh,
    /// Multicast routing (RFC 7761).
    Pim,
    Unread(Unread),
}

/// What holds no TCP or UDP, or is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unread {
    EtherType(u16),
    /// The protocol in IP.
    Ip(u8),
    /// The protocol in PPP.
    Ppp(u16),
    /// The service access point of IEEE 802.2.
    Llc(u8),
    /// Frames of IEEE 802.11 without data, or encrypted.
    Wifi(&'static str),
}

/// An IP packet, and what the headers before it tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Framed<'a> {
    /// The packet from its IP header on, possibly followed by padding.
    pub(super) ip: &'a [u8],
    /// The direction, if a header tells it.
    pub(super) direction: Option<Direction>,
    /// Unicast, unless a header tells otherwise.
    pub(super) cast: Cast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strip<'a> {
    Ip(Framed<'a>),
    /// A truncated or malformed frame.
    Other,
    /// Several frames in one of IEEE 802.11: addresses, a length and padding to a multiple of 4 each.
    Several(&'a [u8]),
    Unread(Unread),
    UnknownLink(u32),
}

/// Removes all headers before the first IP header.
pub(super) fn strip(mut layer: Layer, bytes: &[u8]) -> Strip<'_> {
    let mut framed = Framed { ip: bytes, direction: None, cast: Cast::Unicast };
    for _ in 0..MOST_LAYERS {
        let next = match layer {
            Layer::Ip => return Strip::Ip(framed),
            Layer::Unread(unread) => return Strip::Unread(unread),
            Layer::Msdus => return Strip::Several(framed.ip),
            Layer::Link(link) => match link {
                // These tell more than what follows.
                113 => cooked(&mut framed, 14, 1, 16),
                276 => cooked(&mut framed, 0, 10, 20),
                166 | 204 | 205 => directed(&mut framed, link),
                239 => nflog(&mut framed),
                258 => pktap(&mut framed),
                167 | 178 | 179 | 181 => juniper(&mut framed, link),
                // ARCNET of BSD and of Linux.
                7 => arcnet(framed.ip, 2),
                129 => arcnet(framed.ip, 4),
                // Of older Apple systems, and anything else.
                149 if let Some(next) = pktap(&mut framed) => Some(next),
                // InfiniBand: a route, and a header like Ethernet's without addresses.
                242 => Order::Big.u16(framed.ip, 40).map(Layer::EtherType).zip(framed.ip.get(44..)),
                _ => match plain(link) {
                    Some((layer, skip)) => framed.ip.get(skip..).map(|rest| (layer, rest)),
                    None if link == 127 => radiotap(framed.ip),
                    None if link == 192 => ppi(framed.ip),
                    None => return Strip::UnknownLink(link),
                },
            },
            _ => peel(layer, framed.ip),
        };
        let Some((inner, rest)) = next else { return Strip::Other };
        (layer, framed.ip) = (inner, rest);
    }
    Strip::Other
}

/// The tunnel in which this packet is, if it is one: IP in IP (RFC 2003, 4213), GRE, MPLS (RFC 4023), PIM.
pub(super) fn tunnel(protocol: u8) -> Option<Layer> {
    match protocol {
        4 | 41 => Some(Layer::Ip),
        47 => Some(Layer::Gre),
        103 => Some(Layer::Pim),
        137 => Some(Layer::Mpls),
        _ => None,
    }
}

/// The tunnel of datagrams to this port: VXLAN (RFC 7348; 8472 is Linux's), Geneve (RFC 8926).
pub(super) fn udp_tunnel(segment: &Segment<'_>) -> Option<Layer> {
    match segment.to.port() {
        _ if segment.tcp.is_some() => None,
        4789 | 8472 => Some(Layer::Vxlan),
        4790 => Some(Layer::VxlanGpe),
        6081 => Some(Layer::Geneve),
        _ => None,
    }
}

type Next<'a> = Option<(Layer, &'a [u8])>;

/// What a link type begins with, and how many bytes before it have no meaning here.
fn plain(link: u32) -> Option<(Layer, usize)> {
    Some(match link {
        // BSD and OpenBSD loopback: address families have other numbers on every system, but IP has a version.
        0 | 108 => (Layer::Ip, 4),
        1 => (Layer::Ethernet, 0),
        // SLIP, of which captures have a direction and a compressed header before the packet.
        8 => (Layer::Ip, 16),
        // FDDI: frame control and addresses.
        10 => (Layer::Llc, 13),
        // PPP, and Cisco HDLC, which captures of it may contain, too.
        9 | 50 | 104 => (Layer::Ppp, 0),
        // Raw IP; 12 and 14 are the numbers on BSD systems.
        12 | 14 | 101 | 228 | 229 => (Layer::Ip, 0),
        51 => (Layer::Pppoe, 0),
        100 => (Layer::Llc, 0),
        105 => (Layer::Wifi, 0),
        109 => (Layer::Ip, 12),
        219 => (Layer::Mpls, 0),
        _ => return None,
    })
}

/// Removes one header.
fn peel(layer: Layer, bytes: &[u8]) -> Next<'_> {
    let be = |at| Order::Big.u16(bytes, at);
    match layer {
        Layer::Ip | Layer::Link(_) | Layer::Msdus | Layer::Unread(_) => Some((layer, bytes)),
        Layer::Ethernet => Some((Layer::EtherType(be(12)?), bytes.get(14..)?)),
        Layer::EtherType(kind) => match kind {
            0x0800 | 0x86dd => Some((Layer::Ip, bytes)),
            // VLAN tags (IEEE 802.1Q, 802.1ad).
            0x8100 | 0x88a8 | 0x9100 | 0x9200 => Some((Layer::EtherType(be(2)?), bytes.get(4..)?)),
            0x6558 => Some((Layer::Ethernet, bytes)),
            // Backbone bridges (IEEE 802.1ah) and Cisco FabricPath: a tag, then a frame.
            0x88e7 => Some((Layer::Ethernet, bytes.get(4..)?)),
            0x8903 => Some((Layer::Ethernet, bytes.get(2..)?)),
            // Port extension (IEEE 802.1BR), and Cisco's.
            0x893f => Some((Layer::EtherType(be(6)?), bytes.get(8..)?)),
            0x8926 => Some((Layer::EtherType(be(4)?), bytes.get(6..)?)),
            // MACsec that does not encrypt, with or without a channel (IEEE 802.1AE). A checksum follows.
            0x88e5 if *bytes.first()? & 0xc == 0 => {
                let head = if bytes.first()? & 0x20 == 0 { 6 } else { 14 };
                Some((Layer::EtherType(be(head)?), bytes.get(head + 2..)?))
            }
            0x894f => Some((Layer::Nsh, bytes)),
            // What a cache of the web is sent by WCCP: a header, or nothing, before the packet.
            0x883e => Some((Layer::Ip, bytes.get(if bytes.first()? >> 4 == 4 { 0 } else { 4 }..)?)),
            // ERSPAN III in GRE, whose last bit tells of a further header.
            0x22eb => Some((Layer::Ethernet, bytes.get(if bytes.get(11)? & 1 == 0 { 12 } else { 20 }..)?)),
            0x8847 | 0x8848 => Some((Layer::Mpls, bytes)),
            0x8864 => Some((Layer::Pppoe, bytes)),
            0x880b => Some((Layer::Ppp, bytes)),
            // A length; padding follows.
            0..=1500 => Some((Layer::Llc, bytes.get(..bytes.len().min(kind.into()))?)),
            _ => Some((Layer::Unread(Unread::EtherType(kind)), bytes)),
        },
        Layer::Llc => match *bytes {
            // SNAP (RFC 1042).
            [0xaa, 0xaa, 3, 0, 0, 0, ..] => {
                // A length would begin a frame within the frame.
                be(6)
                    .filter(|kind| *kind > 1500)
                    .and_then(|kind| Some((Layer::EtherType(kind), bytes.get(8..)?)))
            }
            [6, 6, 3, ..] => Some((Layer::Ip, bytes.get(3..)?)),
            [sap, _, _, ..] if !SNAP.starts_with(bytes) => Some((Layer::Unread(Unread::Llc(sap)), bytes)),
            _ => None,
        },
        Layer::Wifi => wifi(bytes),
        Layer::Ppp => ppp(bytes),
        // Version, type and code of session data (RFC 2516), then the session and the length.
        Layer::Pppoe => {
            let len = be(4).filter(|_| bytes.starts_with(&[0x11, 0]))?;
            let rest = bytes.get(6..)?;
            Some((Layer::Ppp, rest.get(..rest.len().min(len.into()))?))
        }
        Layer::Mpls => mpls(bytes),
        Layer::Gre => gre(bytes),
        Layer::Nsh | Layer::VxlanGpe => {
            let len = if layer == Layer::Nsh { usize::from(bytes.get(1)? & 0x3f) * 4 } else { 8 };
            let rest = bytes.get(len..)?;
            let layer = match *bytes.get(3)? {
                1 | 2 => Layer::Ip,
                3 => Layer::Ethernet,
                4 => Layer::Nsh,
                5 => Layer::Mpls,
                _ => Layer::Unread(Unread::EtherType(0x894f)),
            };
            Some((layer, rest))
        }
        // Register messages have a packet.
        Layer::Pim => match bytes.first()? {
            0x21 => Some((Layer::Ip, bytes.get(8..)?)),
            _ => Some((Layer::Unread(Unread::Ip(103)), bytes)),
        },
        Layer::Vxlan => (bytes.first()? & 8 != 0).then_some((Layer::Ethernet, bytes.get(8..)?)),
        Layer::Geneve => {
            let first = *bytes.first()?;
            let rest = bytes.get(8 + usize::from(first & 0x3f) * 4..)?;
            (first >> 6 == 0).then_some((Layer::EtherType(be(2)?), rest))
        }
    }
}

/// PPP, with or without HDLC-like framing and compression of the protocol (RFC 1661, 1662); or Cisco HDLC.
fn ppp(bytes: &[u8]) -> Next<'_> {
    if let [0x0f | 0x8f, _, rest @ ..] = bytes {
        return Some((Layer::EtherType(Order::Big.u16(rest, 0)?), rest.get(2..)?));
    }
    let bytes = bytes.strip_prefix(&[0xff, 3]).unwrap_or(bytes);
    let (protocol, skip) = match *bytes.first()? {
        // The begin of another header.
        0x0f | 0x8f | 0xff => return None,
        odd if odd & 1 != 0 => (odd.into(), 1),
        _ => (Order::Big.u16(bytes, 0)?, 2),
    };
    let layer = match protocol {
        0x21 | 0x57 => Layer::Ip,
        0x281 | 0x283 => Layer::Mpls,
        _ => Layer::Unread(Unread::Ppp(protocol)),
    };
    Some((layer, bytes.get(skip..)?))
}

/// A stack of labels (RFC 3032). What follows is not told, but can be seen: IP by its version, and Ethernet after a
/// control word (RFC 4385, 3), or without one.
fn mpls(bytes: &[u8]) -> Next<'_> {
    let stack = bytes.chunks_exact(4).position(|label| label.get(2).is_some_and(|byte| byte & 1 != 0))?;
    let rest = bytes.get((stack + 1) * 4..)?;
    match rest.first()? >> 4 {
        4 | 6 => Some((Layer::Ip, rest)),
        _ => {
            let is_frame = |at: &usize| match Order::Big.u16(rest, at + 12) {
                Some(kind @ 1501..) => {
                    let next = peel(Layer::EtherType(kind), rest.get(at + 14..).unwrap_or_default());
                    !matches!(next, Some((Layer::Unread(_), _)))
                }
                Some(_) | None => false,
            };
            let at = [4, 0].into_iter().find(is_frame).unwrap_or(4);
            Some((Layer::Ethernet, rest.get(at..)?))
        }
    }
}

/// RFC 2784 with 2890, and version 1 (RFC 2637).
fn gre(bytes: &[u8]) -> Next<'_> {
    let (flags, kind) = (Order::Big.u16(bytes, 0)?, Order::Big.u16(bytes, 2)?);
    let field = |bit: u16| if flags & bit == 0 { 0 } else { 4 };
    let skip = 4 + field(0x2000) + field(0x1000);
    match flags & 7 {
        // Source routes (RFC 1701) are obsolete.
        0 if flags & 0x4000 == 0 => {
            let rest = bytes.get(skip + field(0x8000)..)?;
            match kind {
                // ERSPAN I, and II with a sequence number and a header.
                0x88be => Some((Layer::Ethernet, rest.get(if field(0x1000) == 0 { 0 } else { 8 }..)?)),
                // From access points of Aruba.
                0x8200..=0x83ff => Some((Layer::Wifi, rest)),
                _ => Some((Layer::EtherType(kind), rest)),
            }
        }
        1 => {
            let rest = bytes.get(skip + field(0x80)..)?;
            let len = rest.len().min(Order::Big.u16(bytes, 4)?.into());
            // Ethernet over IP of MikroTik, and PPTP.
            let layer = if kind == 0x6400 { Layer::Ethernet } else { Layer::EtherType(kind) };
            Some((layer, rest.get(..len)?))
        }
        _ => None,
    }
}

/// A frame of `tcpdump -i any`: what follows, which way the packet went, and the length of the header.
fn cooked<'a>(framed: &mut Framed<'a>, kind: usize, way: usize, skip: usize) -> Next<'a> {
    let bytes = framed.ip;
    let layer = match Order::Big.u16(bytes, kind)? {
        4 => Layer::Llc,
        // Not Ethernet's.
        0..=1500 => return None,
        kind => Layer::EtherType(kind),
    };
    (framed.direction, framed.cast) = match *bytes.get(way)? {
        0 => (Some(Direction::Received), Cast::Unicast),
        1 => (Some(Direction::Received), Cast::Broadcast),
        2 => (Some(Direction::Received), Cast::Multicast),
        4 => (Some(Direction::Sent), Cast::Unicast),
        // To another host.
        _ => (None, Cast::Unicast),
    };
    Some((layer, bytes.get(skip..)?))
}

/// PPP or Cisco HDLC after a byte that tells the direction, and is the address in case of pppd's.
fn directed<'a>(framed: &mut Framed<'a>, link: u32) -> Next<'a> {
    let (way, rest) = framed.ip.split_first()?;
    framed.direction = Some(if *way == 0 { Direction::Received } else { Direction::Sent });
    let rest = if link == 166 { rest.strip_prefix(&[3]).unwrap_or(rest) } else { rest };
    Some((Layer::Ppp, rest))
}

/// What netfilter has logged: attributes in the byte order of the machine, which their types, all small, tell.
fn nflog<'a>(framed: &mut Framed<'a>) -> Next<'a> {
    let mut rest = framed.ip.get(4..)?;
    loop {
        let small = |order: &Order| order.u16(rest, 2).is_some_and(|kind| kind & 0x3fff < 256);
        let order = [Order::Little, Order::Big].into_iter().find(small)?;
        let len = usize::from(order.u16(rest, 0)?);
        let value = rest.get(4..len.min(rest.len()))?;
        match (order.u16(rest, 2)?, value) {
            // The hook: INPUT or OUTPUT. Others may forward.
            (1, [_, _, 1, ..]) => framed.direction = Some(Direction::Received),
            (1, [_, _, 3, ..]) => framed.direction = Some(Direction::Sent),
            (9, packet) => return Some((Layer::Ip, packet)),
            _ => {}
        }
        rest = rest.get(padded(len)..)?;
    }
}

/// A packet of Apple's tcpdump: the length of the header, the kind of record, the link type; the direction at 36.
fn pktap<'a>(framed: &mut Framed<'a>) -> Next<'a> {
    let word = |at| Order::Little.u32(framed.ip, at);
    let (len, kind, link) = (word(0)?, word(4)?, word(8)?);
    framed.direction = match word(36)? & 3 {
        1 => Some(Direction::Received),
        2 => Some(Direction::Sent),
        _ => None,
    };
    let rest = framed.ip.get(usize::try_from(len).ok()?..)?;
    (kind == 1 && len >= 40).then_some((Layer::Link(link), rest))
}

/// A header of Junos before PPP, Cisco HDLC or Ethernet. A flag tells of extensions, whose length comes first; another that
/// the link layer is missing, and four bytes are in its place.
fn juniper<'a>(framed: &mut Framed<'a>, link: u32) -> Next<'a> {
    let [b'M', b'G', b'C', flags, rest @ ..] = framed.ip else { return None };
    framed.direction = Some(if flags & 1 == 0 { Direction::Sent } else { Direction::Received });
    let extensions = if flags & 0x80 == 0 { 0 } else { 2 + usize::from(Order::Big.u16(rest, 0)?) };
    let rest = rest.get(extensions..)?;
    match link {
        _ if flags & 2 != 0 => Some((Layer::Ip, rest.get(4..)?)),
        179 | 181 => Some((Layer::Ppp, rest)),
        _ => Some((Layer::Ethernet, rest)),
    }
}

/// ARCNET (RFC 1201, and 1051 without what comes after the type): two addresses, on Linux with an offset behind them.
fn arcnet(bytes: &[u8], addresses: usize) -> Next<'_> {
    let (kind, rest) = bytes.get(addresses..)?.split_first()?;
    let (layer, is_old) = match kind {
        212 | 196 => (Layer::Ip, false),
        240 => (Layer::Ip, true),
        213 | 241 => return Some((Layer::Unread(Unread::EtherType(0x806)), rest)),
        _ => return None,
    };
    // A flag of fragments and a number. A frame with padding has these, and the type, twice.
    let skip = if rest.first() == Some(&0xff) { 4 } else { 0 };
    match rest.get(skip..)? {
        _ if is_old => Some((layer, rest)),
        [0, _, _, rest @ ..] => Some((layer, rest)),
        _fragment => None,
    }
}

/// Per-packet information: the length of the header at 2, the link type at 4.
fn ppi(bytes: &[u8]) -> Next<'_> {
    let (len, link) = (Order::Little.u16(bytes, 2)?, Order::Little.u32(bytes, 4)?);
    (len >= 8).then_some((Layer::Link(link), bytes.get(len.into()..)?))
}

/// A header about the signal: its length at 2.
fn radiotap(bytes: &[u8]) -> Next<'_> {
    Some((Layer::Wifi, bytes.get(Order::Little.u16(bytes, 2)?.into()..)?))
}

/// A frame with data that is not encrypted.
fn wifi(bytes: &[u8]) -> Next<'_> {
    let [control, flags, ..] = *bytes else { return None };
    let unread = |what| Some((Layer::Unread(Unread::Wifi(what)), bytes));
    match (control & 15, control & 0x40 == 0, flags & 0x40 == 0) {
        (8, true, true) => {}
        (8, true, false) => return unread("802.11-encrypted"),
        (8, false, _) => return unread("802.11-null"),
        (0, ..) => return unread("802.11-management"),
        (4, ..) => return unread("802.11-control"),
        _ => return None,
    }
    let (is_qos, is_between_stations) = (control & 0x80 != 0, flags & 3 == 3);
    let head = 24 + if is_between_stations { 6 } else { 0 };
    let is_aggregate = is_qos && bytes.get(head)? & 0x80 != 0;
    // The order bit tells of a further field.
    let qos = if is_qos { 2 + if flags & 0x80 != 0 { 4 } else { 0 } } else { 0 };
    let rest = bytes.get(head + qos..)?;
    // Some adapters pad the header to a multiple of 4.
    let padded = rest
        .get(2..)
        .filter(|padded| !rest.starts_with(SNAP) && (padded.starts_with(SNAP) || SNAP.starts_with(padded)));
    Some(if is_aggregate { (Layer::Msdus, rest) } else { (Layer::Llc, padded.unwrap_or(rest)) })
}
