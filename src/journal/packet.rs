//! Synthetic IP, TCP and UDP headers: writing and reading.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::checksum::Sum;
use crate::model::{CaptureFault, Direction, Ending, MAX_TCP_V4, MAX_UDP_V4, MAX_UDP_V6, Transport, fit};

/// TCP control bits (RFC 9293, 3.1).
pub(super) const FIN: u8 = 1;
pub(super) const SYN: u8 = 2;
pub(super) const RST: u8 = 4;
pub(super) const PSH: u8 = 8;
pub(super) const ACK: u8 = 16;

/// The longest headers before a payload: IPv4 and TCP with all options.
pub(super) const MAX_HEADERS: usize = 120;

/// The window in every segment. With [`WINDOW_SCALE`] it is 1 GiB.
const WINDOW: u16 = 65_535;
/// The largest shift in RFC 7323, 2.2.
const WINDOW_SCALE: u8 = 14;
/// Length in bytes of the options of a SYN: MSS, no operation, window scale.
const SYN_OPTIONS: u16 = 8;

#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) seq: u32,
    /// The next sequence number of the other side; 0 without the ACK flag.
    pub(super) ack: u32,
    /// Control bits. A SYN has options.
    pub(super) flags: u8,
}

/// The direction and the flag of the packet with which a connection, or one direction of it, ends.
pub(super) fn ending(how: Ending) -> (Direction, u8) {
    match how {
        Ending::PeerFin => (Direction::Received, FIN),
        Ending::OwnFin => (Direction::Sent, FIN),
        Ending::PeerReset => (Direction::Received, RST),
        Ending::OwnReset => (Direction::Sent, RST),
    }
}

/// What carries a payload.
#[derive(Debug, Clone, Copy)]
pub(super) enum Carrier {
    Tcp(Segment),
    Udp,
}

/// Converts both ends to one address family: IPv4-mapped addresses (`::ffff:a.b.c.d`) to IPv4, and the
/// unspecified address to the family of the peer.
pub(super) fn of_one_family(local: SocketAddr, peer: SocketAddr) -> (SocketAddr, SocketAddr) {
    let plain = |address: SocketAddr| match address.ip().to_canonical() {
        ip @ IpAddr::V4(_) => SocketAddr::new(ip, address.port()),
        // Keeps the zone of a link-local address.
        IpAddr::V6(_) => address,
    };
    let (local, peer) = (plain(local), plain(peer));
    let ip = match (local.ip(), peer.ip()) {
        (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => return (local, peer),
        (IpAddr::V6(_), IpAddr::V4(_)) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        (IpAddr::V4(v4), IpAddr::V6(_)) if v4.is_unspecified() => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        (IpAddr::V4(v4), IpAddr::V6(_)) => IpAddr::V6(v4.to_ipv6_mapped()),
    };
    (SocketAddr::new(ip, local.port()), peer)
}

/// The address of an end of a TCP connection on the interface of decrypted data, so that its packets there are another
/// conversation than those on the wire: `::ffff:a.b.c.d` of an IPv4 address; of an IPv6 address the one that differs in its
/// second bit, e.g. `6001:db8::1` of `2001:db8::1`.
pub(super) fn marked(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() ^ MARK),
    };
    SocketAddr::new(ip.into(), address.port())
}

/// The address of which this is the marked one.
pub(super) fn unmarked(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        v4 @ IpAddr::V4(_) => SocketAddr::new(v4, address.port()),
        IpAddr::V6(_) => marked(address),
    }
}

/// See [`marked`]. The addresses that it makes of those in use are not assigned.
const MARK: u128 = 0x40 << 120;

/// The longest payload of a packet between these addresses, in bytes.
pub(super) fn capacity(transport: Transport, peer: SocketAddr) -> usize {
    usize::from(match (peer, transport) {
        (SocketAddr::V4(_), Transport::Tcp) => MAX_TCP_V4,
        (SocketAddr::V6(_), Transport::Tcp) => 65_515,
        (SocketAddr::V4(_), Transport::Udp) => MAX_UDP_V4,
        (SocketAddr::V6(_), Transport::Udp) => MAX_UDP_V6,
    })
}

/// The length of the headers of a packet between these addresses, except for a SYN.
pub(super) fn header_len(transport: Transport, peer: SocketAddr) -> usize {
    let ip = match peer {
        SocketAddr::V4(_) => 20,
        SocketAddr::V6(_) => 40,
    };
    match transport {
        Transport::Tcp => ip + 20,
        Transport::Udp => ip + 8,
    }
}

/// Appends the headers for `payload`, which must not be longer than [`capacity`].
pub(super) fn push_headers(
    out: &mut Vec<u8>,
    from: SocketAddr,
    to: SocketAddr,
    carrier: Carrier,
    payload: &[u8],
) {
    let (protocol, header_len) = match carrier {
        Carrier::Tcp(segment) if segment.flags & SYN != 0 => (6, 20 + SYN_OPTIONS),
        Carrier::Tcp(_) => (6, 20),
        Carrier::Udp => (17, 8),
    };
    let len = fit::<u16, _>(payload.len()).saturating_add(header_len);
    let pseudo = push_ip(out, from.ip(), to.ip(), protocol, len);
    let mut header = [0; 20 + SYN_OPTIONS as usize];
    header[0..2].copy_from_slice(&from.port().to_be_bytes());
    header[2..4].copy_from_slice(&to.port().to_be_bytes());
    let checksum_at = match carrier {
        Carrier::Tcp(Segment { seq, ack, flags }) => {
            header[4..8].copy_from_slice(&seq.to_be_bytes());
            header[8..12].copy_from_slice(&ack.to_be_bytes());
            header[12] = if flags & SYN == 0 { 5 << 4 } else { 7 << 4 };
            header[13] = flags;
            header[14..16].copy_from_slice(&WINDOW.to_be_bytes());
            let [hi, lo] = fit::<u16, _>(capacity(Transport::Tcp, to)).to_be_bytes();
            header[20..].copy_from_slice(&[2, 4, hi, lo, 1, 3, 3, WINDOW_SCALE]);
            16
        }
        Carrier::Udp => {
            header[4..6].copy_from_slice(&len.to_be_bytes());
            6
        }
    };
    let header = &mut header[..usize::from(header_len)];
    let check = match (carrier, pseudo.bytes(header).bytes(payload).finish()) {
        // 0 would mean that there is no checksum (RFC 768).
        (Carrier::Udp, 0) => u16::MAX,
        (Carrier::Udp | Carrier::Tcp(_), check) => check,
    };
    header[checksum_at..checksum_at + 2].copy_from_slice(&check.to_be_bytes());
    out.extend_from_slice(header);
}

/// Appends an IP header and returns the sum of the pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1).
fn push_ip(out: &mut Vec<u8>, from: IpAddr, to: IpAddr, protocol: u8, len: u16) -> Sum {
    // Wireshark warns of multicast packets with a higher value.
    let hops = if to.is_multicast() { 1 } else { 64 };
    let sum = Sum::default().word(u16::from(protocol)).word(len);
    if let (IpAddr::V4(from), IpAddr::V4(to)) = (from, to) {
        let [from, to] = [from.octets(), to.octets()];
        let [hi, lo] = len.saturating_add(20).to_be_bytes();
        // Version 4, five words; never fragmented, so that the identification may be 0 (RFC 6864).
        let mut header = [0x45, 0, hi, lo, 0, 0, 0x40, 0, hops, protocol, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        header[12..16].copy_from_slice(&from);
        header[16..20].copy_from_slice(&to);
        let check = Sum::default().bytes(&header).finish();
        header[10..12].copy_from_slice(&check.to_be_bytes());
        out.extend_from_slice(&header);
        sum.bytes(&from).bytes(&to)
    } else {
        let [from, to] = [from, to].map(|ip| match ip {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
            IpAddr::V6(v6) => v6.octets(),
        });
        let [hi, lo] = len.to_be_bytes();
        out.extend_from_slice(&[0x60, 0, 0, 0, hi, lo, protocol, hops]);
        out.extend_from_slice(&from);
        out.extend_from_slice(&to);
        sum.bytes(&from).bytes(&to)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Headers {
    pub(super) transport: Transport,
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    /// TCP control bits; 0 for UDP.
    pub(super) flags: u8,
    /// The TCP sequence number; 0 for UDP.
    pub(super) seq: u32,
    pub(super) len: usize,
    pub(super) payload: usize,
}

/// Reads the headers of a packet of `captured` bytes. `head` is its start, at least [`MAX_HEADERS`] bytes or
/// the whole packet. The error says what is wrong.
pub(super) fn parse(head: &[u8], captured: usize) -> Result<Headers, CaptureFault> {
    const SHORT: CaptureFault = CaptureFault::NoRoom;
    let version = head.first().ok_or(SHORT)? >> 4;
    let (from, to, protocol, ip_len, packet_len) = match version {
        4 => {
            let fixed = head.first_chunk::<20>().ok_or(SHORT)?;
            if u16::from_be_bytes([fixed[6], fixed[7]]) & 0x3fff != 0 {
                return Err(CaptureFault::Fragment);
            }
            (
                IpAddr::from([fixed[12], fixed[13], fixed[14], fixed[15]]),
                IpAddr::from([fixed[16], fixed[17], fixed[18], fixed[19]]),
                fixed[9],
                usize::from(fixed[0] & 15) * 4,
                usize::from(u16::from_be_bytes([fixed[2], fixed[3]])),
            )
        }
        6 => {
            let fixed = head.first_chunk::<40>().ok_or(SHORT)?;
            let (_, addresses) = fixed.split_at(8);
            let (from, to) = addresses.split_first_chunk::<16>().ok_or(SHORT)?;
            let to = to.first_chunk::<16>().ok_or(SHORT)?;
            let len = usize::from(u16::from_be_bytes([fixed[4], fixed[5]]));
            (IpAddr::from(*from), IpAddr::from(*to), fixed[6], 40, 40 + len)
        }
        _ => return Err(CaptureFault::NoIp),
    };
    let segment = head.get(ip_len..).ok_or(SHORT)?;
    let (transport, header_len, flags, seq) = match protocol {
        6 => {
            let fixed = segment.first_chunk::<20>().ok_or(SHORT)?;
            let seq = u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]);
            (Transport::Tcp, usize::from(fixed[12] >> 4) * 4, fixed[13], seq)
        }
        17 => (Transport::Udp, 8, 0, 0),
        _ => return Err(CaptureFault::NoTransport),
    };
    let ports = segment.first_chunk::<4>().ok_or(SHORT)?;
    let len = ip_len + header_len;
    if ip_len < 20 || header_len < 8 || len > packet_len {
        return Err(CaptureFault::Lengths);
    }
    if packet_len != captured {
        return Err(CaptureFault::NotWhole);
    }
    Ok(Headers {
        transport,
        from: SocketAddr::new(from, u16::from_be_bytes([ports[0], ports[1]])),
        to: SocketAddr::new(to, u16::from_be_bytes([ports[2], ports[3]])),
        flags,
        seq,
        len,
        payload: packet_len - len,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one_family(local: &str, peer: &str) -> String {
        let (local, peer) = of_one_family(local.parse().unwrap(), peer.parse().unwrap());
        format!("{local} {peer}")
    }

    #[test]
    fn both_ends_become_one_family() {
        assert_eq!(one_family("[::]:1", "[::ffff:1.2.3.4]:2"), "0.0.0.0:1 1.2.3.4:2");
        assert_eq!(one_family("[::ffff:9.8.7.6]:1", "[::ffff:1.2.3.4]:2"), "9.8.7.6:1 1.2.3.4:2");
        assert_eq!(one_family("[::]:1", "[fe80::1%3]:2"), "[::]:1 [fe80::1%3]:2");
        assert_eq!(one_family("0.0.0.0:1", "[2001:db8::1]:2"), "[::]:1 [2001:db8::1]:2");
        assert_eq!(one_family("9.8.7.6:1", "[2001:db8::1]:2"), "[::ffff:9.8.7.6]:1 [2001:db8::1]:2");
        assert_eq!(one_family("0.0.0.0:1", "1.2.3.4:2"), "0.0.0.0:1 1.2.3.4:2");
    }

    #[test]
    fn marked_addresses_are_others_and_are_read_back() {
        for (address, mark) in [
            ("127.0.0.1:1", "[::ffff:127.0.0.1]:1"),
            ("[::1]:2", "[4000::1]:2"),
            ("[2001:db8::1]:3", "[6001:db8::1]:3"),
            ("[fe80::1]:4", "[be80::1]:4"),
            ("[fd00::1]:4", "[bd00::1]:4"),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(marked(address).to_string(), mark);
            assert_eq!(unmarked(marked(address)), address);
        }
    }

    #[test]
    fn a_udp_checksum_is_never_zero() {
        let (from, to) = ("10.0.0.1:1".parse().unwrap(), "10.0.0.2:2".parse().unwrap());
        let mut zeros = 0;
        for word in 0..=u16::MAX {
            let mut out = Vec::new();
            push_headers(&mut out, from, to, Carrier::Udp, &word.to_be_bytes());
            assert_ne!(out[26..28], [0, 0]);
            zeros += u32::from(out[26..28] == [0xff, 0xff]);
        }
        assert_eq!(zeros, 1, "one payload of 65,536 sums up to zero");
    }

    proptest! {
        #[test]
        fn headers_are_read_back(v6: bool, syn: bool, udp: bool, len in 0_usize..3000, ports: (u16, u16)) {
            let (from, to) = if v6 {
                (IpAddr::from([1_u16, 2, 3, 4, 5, 6, 7, 8]), IpAddr::from([0xff02_u16, 0, 0, 0, 0, 0, 0, 1]))
            } else {
                (IpAddr::from([1, 2, 3, 4]), IpAddr::from([239, 1, 2, 3]))
            };
            let (from, to) = (SocketAddr::new(from, ports.0), SocketAddr::new(to, ports.1));
            let flags = if syn { SYN } else { ACK | PSH };
            let carrier = if udp { Carrier::Udp } else { Carrier::Tcp(Segment { seq: 1, ack: 2, flags }) };
            let payload = vec![7; len];
            let mut packet = Vec::new();
            push_headers(&mut packet, from, to, carrier, &payload);
            let headers_len = packet.len();
            packet.extend_from_slice(&payload);
            let headers = parse(&packet[..packet.len().min(MAX_HEADERS)], packet.len()).unwrap();
            prop_assert_eq!((headers.from, headers.to), (from, to));
            prop_assert_eq!((headers.len, headers.payload), (headers_len, len));
            prop_assert_eq!((headers.flags, headers.seq), if udp { (0, 0) } else { (flags, 1) });
        }

        #[test]
        fn rubbish_does_not_panic(head in prop::collection::vec(any::<u8>(), 0..130), captured in 0_usize..70_000) {
            if let Ok(headers) = parse(&head, captured) {
                prop_assert_eq!(headers.len + headers.payload, captured);
            }
        }
    }
}
