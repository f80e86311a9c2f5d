//! The IP, TCP and UDP headers of any packet, including truncated ones and fragments.

use std::net::{IpAddr, SocketAddr};

use crate::journal::block::Order;

/// An IP packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ip<'a> {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    /// The protocol of the payload (IANA, "Protocol Numbers"); of a fragment, that of the whole packet.
    pub(super) protocol: u8,
    /// The captured part of the payload.
    pub(super) payload: &'a [u8],
    pub(super) len: usize,
    /// Which part of the payload this is, if it is a fragment.
    pub(super) fragment: Option<Fragment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) id: u32,
    /// Offset in the payload, in bytes.
    pub(super) offset: usize,
    pub(super) more: bool,
}

/// Reads an IP header; `None` if it is missing or truncated.
pub(super) fn ip(bytes: &[u8]) -> Option<Ip<'_>> {
    match bytes.first()? >> 4 {
        4 => v4(bytes),
        6 => v6(bytes),
        _ => None,
    }
}

/// RFC 791.
fn v4(bytes: &[u8]) -> Option<Ip<'_>> {
    let fixed = bytes.first_chunk::<20>()?;
    let header = usize::from(fixed[0] & 15) * 4;
    // Segmentation offloading may leave the length at 0, which means all there is.
    let total = match usize::from(Order::Big.u16(fixed, 2)?) {
        0 => bytes.len(),
        total => total,
    };
    if header < 20 || total < header {
        return None;
    }
    let place = Order::Big.u16(fixed, 6)?;
    let (offset, more) = (usize::from(place & 0x1fff) * 8, place & 0x2000 != 0);
    let fragment = Fragment { id: u32::from(Order::Big.u16(fixed, 4)?), offset, more };
    let ip = Ip {
        from: IpAddr::from([fixed[12], fixed[13], fixed[14], fixed[15]]),
        to: IpAddr::from([fixed[16], fixed[17], fixed[18], fixed[19]]),
        protocol: fixed[9],
        payload: bytes.get(header..total.min(bytes.len()))?,
        len: total - header,
        fragment: (offset > 0 || more).then_some(fragment),
    };
    // Of a fragment, the headers that follow may be anywhere.
    if ip.fragment.is_some() { Some(ip) } else { extensions(ip) }
}

/// RFC 8200.
fn v6(bytes: &[u8]) -> Option<Ip<'_>> {
    let fixed = bytes.first_chunk::<40>()?;
    let (_, addresses) = fixed.split_at(8);
    let (from, to) = addresses.split_first_chunk::<16>()?;
    let to = to.first_chunk::<16>()?;
    let rest = bytes.get(40..)?;
    // Segmentation offloading, as above.
    let len = match usize::from(Order::Big.u16(fixed, 4)?) {
        0 => rest.len(),
        len => len,
    };
    let payload = rest.get(..len.min(rest.len()))?;
    extensions(Ip {
        from: IpAddr::from(*from),
        to: IpAddr::from(*to),
        protocol: fixed[6],
        payload,
        len,
        fragment: None,
    })
}

/// Skips the extension headers of the payload, up to a fragment header. IPv4 has only one of them.
pub(super) fn extensions(mut ip: Ip<'_>) -> Option<Ip<'_>> {
    loop {
        let skip = match ip.protocol {
            0 | 43 | 44 | 60 | 135 if ip.from.is_ipv4() => return Some(ip),
            // Hop-by-hop options, routing, destination options, mobility: in units of 8 bytes.
            0 | 43 | 60 | 135 => 8 + usize::from(*ip.payload.get(1)?) * 8,
            // Authentication (RFC 4302): in units of 4 bytes.
            51 => 8 + usize::from(*ip.payload.get(1)?) * 4,
            44 => {
                let place = Order::Big.u16(ip.payload, 2)?;
                let (offset, more) = (usize::from(place & 0xfff8), place & 1 != 0);
                let fragment = Fragment { id: Order::Big.u32(ip.payload, 4)?, offset, more };
                ip.fragment = (offset > 0 || more).then_some(fragment);
                8
            }
            _ => return Some(ip),
        };
        ip.protocol = *ip.payload.first()?;
        ip.payload = ip.payload.get(skip..)?;
        ip.len = ip.len.checked_sub(skip)?;
        if ip.fragment.is_some() {
            return Some(ip);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) tcp: Option<Tcp>,
    /// The captured part of the payload.
    pub(super) payload: &'a [u8],
    /// How many bytes of the payload were not captured.
    pub(super) cut: usize,
}

impl Segment<'_> {
    /// Length in bytes of the payload, captured or not.
    pub(super) fn whole(&self) -> usize {
        self.payload.len() + self.cut
    }
}

/// Fields of TCP only (RFC 9293, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tcp {
    pub(super) seq: u32,
    /// The next sequence number expected from the other side.
    pub(super) ack: u32,
    pub(super) flags: u8,
}

/// Source and destination.
pub(super) type Ends = (SocketAddr, SocketAddr);

/// The ends of TCP and UDP, as far as the ports were captured.
pub(super) fn ends(ip: &Ip<'_>) -> Option<Ends> {
    let port = |at| Order::Big.u16(ip.payload, at).filter(|_| matches!(ip.protocol, 6 | 17));
    Some((SocketAddr::new(ip.from, port(0)?), SocketAddr::new(ip.to, port(2)?)))
}

/// Reads the TCP or UDP header of a whole IP packet. If it is truncated or malformed, the error is its ends.
pub(super) fn segment<'a>(ip: &Ip<'a>) -> Result<Segment<'a>, Option<Ends>> {
    let bytes = ip.payload;
    let (from, to) = ends(ip).ok_or(None)?;
    let read = || {
        let (tcp, header, end) = if ip.protocol == 6 {
            let fixed = bytes.first_chunk::<20>()?;
            let (seq, ack) = (Order::Big.u32(fixed, 4)?, Order::Big.u32(fixed, 8)?);
            let header = usize::from(fixed[12] >> 4) * 4;
            (Some(Tcp { seq, ack, flags: fixed[13] }), header, ip.len)
        } else {
            let end = match usize::from(Order::Big.u16(bytes, 4)?) {
                // Beyond 64 KiB (RFC 2675).
                0 if ip.len > usize::from(u16::MAX) => ip.len,
                len => len,
            };
            (None, 8, end)
        };
        let least = if tcp.is_some() { 20 } else { 8 };
        if bytes.len() < 8 || header < least || end < header || end > ip.len {
            return None;
        }
        let payload = bytes.get(header..end.min(bytes.len())).unwrap_or_default();
        Some(Segment { from, to, tcp, payload, cut: end - header - payload.len() })
    };
    read().ok_or(Some((from, to)))
}
