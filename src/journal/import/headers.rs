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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An IPv4 header of `words` words.
    fn ipv4(words: u8, total: u16, place: u16, protocol: u8) -> Vec<u8> {
        let mut head = vec![0; usize::from(words) * 4];
        head[0] = 0x40 | words;
        head[2..4].copy_from_slice(&total.to_be_bytes());
        head[4..6].copy_from_slice(&77_u16.to_be_bytes());
        head[6..8].copy_from_slice(&place.to_be_bytes());
        head[9] = protocol;
        head[12..20].copy_from_slice(&[10, 0, 0, 1, 10, 0, 0, 2]);
        head
    }

    const UDP: [u8; 8] = [0, 53, 0x30, 0x39, 0, 11, 0, 0];

    #[test]
    fn options_padding_and_cuts_are_understood() {
        // Two words of options, three bytes of data, followed by Ethernet padding.
        let bytes = [&ipv4(7, 39, 0x4000, 17)[..], &UDP, b"abc", &[0; 9]].concat();
        let found = ip(&bytes).unwrap();
        let datagram = segment(&found).unwrap();
        assert_eq!(format!("{} {}", datagram.from, datagram.to), "10.0.0.1:53 10.0.0.2:12345");
        assert_eq!((datagram.payload, datagram.cut, datagram.tcp), (&b"abc"[..], 0, None));
        // The same, captured up to its second byte.
        let datagram = ip(&bytes[..38]).unwrap();
        let datagram = segment(&datagram).unwrap();
        assert_eq!((datagram.payload, datagram.cut), (&b"ab"[..], 1));
        // Segmentation offloading: no length in the header.
        let tcp = [&[0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0x50, 0x18][..], &[0; 6], &vec![7; 70_000]].concat();
        let bytes = [&ipv4(5, 0, 0, 6)[..], &tcp].concat();
        let found = ip(&bytes).unwrap();
        let found = segment(&found).unwrap();
        assert_eq!((found.payload.len(), found.tcp), (70_000, Some(Tcp { seq: 3, ack: 4, flags: 0x18 })));
    }

    #[test]
    fn fragments_of_both_families_have_an_offset() {
        let bytes = [&ipv4(5, 28, 0x2000 | 3, 17)[..], &[1; 8]].concat();
        assert_eq!(ip(&bytes).unwrap().fragment, Some(Fragment { id: 77, offset: 24, more: true }));
        let mut head = vec![0x60, 0, 0, 0, 0, 16 + 8 + 8, 0, 64];
        head.extend([0; 32]);
        // Hop-by-hop options of 16 bytes, then a fragment header, then eight bytes.
        let bytes = [&head[..], &[44, 1], &[0; 14], &[17, 0, 0, 25, 0, 0, 0, 9], &[1; 8]].concat();
        let found = ip(&bytes).unwrap();
        assert_eq!(found.fragment, Some(Fragment { id: 9, offset: 24, more: true }));
        assert_eq!((found.protocol, found.payload, found.len), (17, &[1; 8][..], 8));
        // A fragment header on an unfragmented packet.
        let empty = [0, 53, 0x30, 0x39, 0, 8, 0, 0];
        let bytes = [&head[..], &[44, 1], &[0; 14], &[17, 0, 0, 0, 0, 0, 0, 9], &empty].concat();
        let found = ip(&bytes).unwrap();
        assert_eq!((found.fragment, segment(&found).unwrap().cut), (None, 0));
    }

    proptest! {
        #[test]
        fn rubbish_does_not_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..120), version in 4_u8..7) {
            if let Some(first) = bytes.first_mut() {
                *first = *first & 15 | version << 4;
            }
            if let Some(found) = ip(&bytes) {
                prop_assert!(found.payload.len() <= found.len);
                if let Ok(segment) = segment(&found) {
                    prop_assert!(segment.payload.len() + segment.cut <= found.len);
                }
            }
        }
    }
}
