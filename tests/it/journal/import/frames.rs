//! Files made byte by byte: every link type, both formats in both byte orders, cut and damaged.

use std::fs;

use netassist::model::{Direction, Origin, RecordKind, Stamp};
use proptest::prelude::*;

use super::{Imported, import_all};

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(super) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;

/// An IPv4 packet between 10.0.0.x:1000x; the last byte of an address is its `from` or `to`.
pub(crate) fn tcp(from: u8, to: u8, seq: u32, ack: u32, flags: u8, data: &[u8]) -> Vec<u8> {
    let mut segment = Vec::new();
    segment.extend((10_000 + u16::from(from)).to_be_bytes());
    segment.extend((10_000 + u16::from(to)).to_be_bytes());
    segment.extend(seq.to_be_bytes());
    segment.extend(ack.to_be_bytes());
    segment.extend([5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(data);
    ipv4(from, to, 6, &segment)
}

/// The handshake of a connection: 1 calls 2.
pub(crate) fn made(client: u32, server: u32) -> Vec<Vec<u8>> {
    vec![
        tcp(1, 2, client, 0, SYN, b""),
        tcp(2, 1, server, client.wrapping_add(1), SYN | ACK, b""),
        tcp(1, 2, client.wrapping_add(1), server.wrapping_add(1), ACK, b""),
    ]
}

pub(crate) fn udp(from: u8, to: u8, data: &[u8]) -> Vec<u8> {
    ipv4(from, to, 17, &udp_segment(from, to, data))
}

pub(super) fn udp_segment(from: u8, to: u8, data: &[u8]) -> Vec<u8> {
    let mut segment = Vec::new();
    segment.extend((10_000 + u16::from(from)).to_be_bytes());
    segment.extend((10_000 + u16::from(to)).to_be_bytes());
    segment.extend(u16::try_from(data.len() + 8).unwrap().to_be_bytes());
    segment.extend([0, 0]);
    segment.extend(data);
    segment
}

pub(super) fn ipv4(from: u8, to: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_part(from, to, protocol, payload, 0x4000)
}

pub(super) fn ipv4_part(from: u8, to: u8, protocol: u8, payload: &[u8], place: u16) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend(u16::try_from(payload.len() + 20).unwrap().to_be_bytes());
    packet.extend([0, 7]);
    packet.extend(place.to_be_bytes());
    packet.extend([64, protocol, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
    packet.extend(payload);
    packet
}

pub(super) fn ipv6(from: u8, to: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    packet.extend([protocol, 64]);
    for last in [from, to] {
        packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    packet.extend(payload);
    packet
}

/// How numbers are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    fn u16(self, n: u16) -> [u8; 2] {
        match self {
            Self::Little => n.to_le_bytes(),
            Self::Big => n.to_be_bytes(),
        }
    }

    fn u32(self, n: u32) -> [u8; 4] {
        match self {
            Self::Little => n.to_le_bytes(),
            Self::Big => n.to_be_bytes(),
        }
    }
}

/// A pcap file. The times of the packets are 1 s, 2 s and so on, and 7 of the small unit.
pub(super) fn pcap(order: Order, magic: u32, link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(order.u32(magic));
    file.extend(order.u16(2));
    file.extend(order.u16(4));
    file.extend([0; 8]);
    file.extend(order.u32(262_144));
    file.extend(order.u32(link));
    for (n, packet) in (1..).zip(packets) {
        let len = order.u32(u32::try_from(packet.len()).unwrap());
        file.extend([order.u32(n), order.u32(7), len, len].concat());
        file.extend(packet);
    }
    file
}

/// Raw IP with microseconds, as most tests need it.
pub(crate) fn raw(packets: &[Vec<u8>]) -> Vec<u8> {
    pcap(Order::Little, 0xa1b2_c3d4, 101, packets)
}

#[track_caller]
pub(super) fn import_bytes(bytes: &[u8]) -> std::io::Result<Imported> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    fs::write(&path, bytes).unwrap();
    import_all(&path)
}

fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    body.resize(body.len().next_multiple_of(4), 0);
    let total = order.u32(u32::try_from(body.len() + 12).unwrap());
    [&order.u32(kind)[..], &total, &body, &total].concat()
}

pub(super) fn section(order: Order) -> Vec<u8> {
    let body = [&order.u32(0x1a2b_3c4d)[..], &order.u16(1), &order.u16(0), &[0xff; 8]].concat();
    block(order, 0x0a0d_0d0a, &body)
}

fn option(order: Order, code: u16, value: &[u8]) -> Vec<u8> {
    let mut option = [&order.u16(code)[..], &order.u16(u16::try_from(value.len()).unwrap()), value].concat();
    option.resize(option.len().next_multiple_of(4), 0);
    option
}

pub(super) fn interface(order: Order, link: u16, snap: u32, options: &[Vec<u8>]) -> Vec<u8> {
    let fixed = [&order.u16(link)[..], &[0, 0], &order.u32(snap)].concat();
    block(order, 1, &[fixed, options.concat()].concat())
}

fn padded(packet: &[u8]) -> Vec<u8> {
    let mut packet = packet.to_vec();
    packet.resize(packet.len().next_multiple_of(4), 0);
    packet
}

pub(super) fn packet(
    order: Order,
    interface: u32,
    ticks: u64,
    packet: &[u8],
    options: &[Vec<u8>],
) -> Vec<u8> {
    let len = order.u32(u32::try_from(packet.len()).unwrap());
    let time = [
        order.u32(u32::try_from(ticks >> 32).unwrap()),
        order.u32(u32::try_from(ticks & 0xffff_ffff).unwrap()),
    ];
    let fixed = [&order.u32(interface)[..], &time.concat(), &len, &len, &padded(packet)].concat();
    block(order, 6, &[fixed, options.concat()].concat())
}

#[test]
fn every_link_type_and_kind_of_pcap_is_read() {
    let ip = udp(1, 2, b"hello");
    let with = |head: &[u8]| [head, &ip[..]].concat();
    let links = [
        (1, with(&[1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 8, 0])),
        (1, with(&[1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0])),
        (12, ip.clone()),
        (14, ip.clone()),
        (101, ip.clone()),
        (228, ip.clone()),
        (0, with(&[2, 0, 0, 0])),
        (108, with(&[0, 0, 0, 2])),
        (113, with(&[0, 4, 3, 4, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0])),
        (276, with(&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 4, 6, 1, 2, 3, 4, 5, 6, 0, 0])),
        (229, ipv6(1, 2, 17, &udp_segment(1, 2, b"hello"))),
    ];
    for (link, frame) in links {
        for (order, magic, unit) in [
            (Order::Little, 0xa1b2_c3d4, 1000),
            (Order::Big, 0xa1b2_c3d4, 1000),
            (Order::Big, 0xa1b2_3c4d, 1),
        ] {
            let found = import_bytes(&pcap(order, magic, link, std::slice::from_ref(&frame))).unwrap();
            assert_eq!(found.lines, ["Sent hello"], "link type {link}");
            assert_eq!(found.flows[0].since, Stamp(1_000_000_000 + 7 * unit));
            let (local, peer) =
                if link == 229 { ("[2001:db8::1]", "[2001:db8::2]") } else { ("10.0.0.1", "10.0.0.2") };
            assert_eq!(found.ends(0), format!("{local}:10001 -> {peer}:10002"));
            assert_eq!((found.end.packets, found.end.left_out, found.end.torn), (1, 0, false));
        }
    }
}

#[test]
pub(super) fn sections_interfaces_units_and_all_packet_blocks_are_read() {
    let mut file = Vec::new();
    for (n, order) in (0_u8..).zip([Order::Little, Order::Big]) {
        let seconds = 100 * u64::from(n + 1);
        let resolution = |n: u8| option(order, 9, &[n]);
        let offset = option(
            order,
            14,
            &match order {
                Order::Little => 50_u64.to_le_bytes(),
                Order::Big => 50_u64.to_be_bytes(),
            },
        );
        file.extend(section(order));
        file.extend(interface(order, 101, 0, &[]));
        file.extend(interface(order, 1, 0, &[resolution(9)]));
        file.extend(interface(order, 101, 0, &[resolution(0x8a), offset]));
        // Unknown to anybody.
        file.extend(block(order, 0x7777, &[1, 2, 3, 4]));
        file.extend(packet(order, 0, (seconds + 1) * 1_000_000, &udp(1, 2 + n, b"micro"), &[]));
        let frame = [&[0; 12][..], &[8, 0], &udp(1, 2 + n, b"nano")].concat();
        file.extend(packet(order, 1, (seconds + 2) * 1_000_000_000, &frame, &[]));
        file.extend(packet(order, 2, (seconds - 50 + 3) * 1024 + 512, &udp(1, 2 + n, b"binary"), &[]));
        // An obsolete packet block, and one that is simple.
        let ip = udp(1, 2 + n, b"old");
        let (time, len) = ((seconds + 4) * 1_000_000, order.u32(u32::try_from(ip.len()).unwrap()));
        let old = [
            &order.u16(0)[..],
            &[0, 0],
            &order.u32(0),
            &order.u32(u32::try_from(time).unwrap()),
            &len,
            &len,
            &padded(&ip),
        ];
        file.extend(block(order, 2, &old.concat()));
        let ip = udp(1, 2 + n, b"simple");
        file.extend(block(order, 3, &[&order.u32(u32::try_from(ip.len()).unwrap())[..], &ip].concat()));
    }
    let found = import_bytes(&file).unwrap();
    let once = ["Sent micro", "Sent nano", "Sent binary", "Sent old", "Sent simple"];
    assert_eq!(found.lines, [once, once].concat());
    assert_eq!(found.flows.iter().map(|flow| flow.since.0 / 1_000_000_000).collect::<Vec<_>>(), [101, 201]);
    assert_eq!(found.end.packets, 10);
}

#[test]
fn comments_become_notes_and_flags_say_which_side_is_ours() {
    let order = Order::Big;
    let comment = |text: &str| option(order, 1, text.as_bytes());
    let inbound = || option(order, 2, &order.u32(1));
    let file = [
        section(order),
        interface(order, 101, 0, &[option(order, 9, &[9])]),
        packet(order, 0, 10, &tcp(1, 2, 100, 0, SYN, b""), &[inbound(), comment("the call")]),
        packet(order, 0, 11, &tcp(2, 1, 300, 101, SYN | ACK, b""), &[]),
        packet(order, 0, 12, &tcp(1, 2, 101, 301, ACK, b""), &[comment("only an acknowledgement")]),
        packet(
            order,
            0,
            13,
            &tcp(1, 2, 101, 301, ACK | PSH, b"ask"),
            &[comment("one"), inbound(), comment("two")],
        ),
        packet(order, 0, 14, &udp(3, 4, b"in"), &[inbound(), comment("flow 7")]),
        packet(order, 0, 15, &ipv4(1, 2, 1, b"ping"), &[comment("a ping")]),
        block(
            order,
            5,
            &[&order.u32(0)[..], &order.u32(0), &order.u32(16), &comment("of the interface")].concat(),
        ),
    ]
    .concat();
    let found = import_bytes(&file).unwrap();
    assert_eq!(
        found.lines,
        [
            "Connected",
            "Note only an acknowledgement",
            "Received ask",
            "Received in",
            "Note a ping",
            "Note of the interface",
            "Note 1 packet with protocol ICMP was left out: neither TCP nor UDP",
        ]
    );
    let notes: Vec<_> = found.notes.iter().map(|(n, text)| (*n, text.as_str())).collect();
    assert_eq!(notes, [(0, "the call"), (2, "one\ntwo")]);
    assert_eq!(found.ends(0), "10.0.0.2:10002 -> 10.0.0.1:10001");
    assert_eq!(found.flows[0].origin, Origin::Accepted);
    assert_eq!(found.ends(1), "10.0.0.4:10004 -> 10.0.0.3:10003");
}

#[test]
fn cooked_captures_say_which_side_is_ours_but_for_loopback() {
    let cooked = |way: u8, ip: &[u8]| [&[0, way, 3, 4, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0], ip].concat();
    let mut local = udp(5, 6, b"within");
    local[12..20].copy_from_slice(&[127, 0, 0, 1, 127, 0, 0, 1]);
    let file = [cooked(0, &udp(1, 2, b"to us")), cooked(4, &udp(2, 1, b"from us")), cooked(0, &local)];
    let found = import_bytes(&pcap(Order::Little, 0xa1b2_c3d4, 113, &file)).unwrap();
    assert_eq!(found.lines, ["Received to us", "Sent from us", "Sent within"]);
}

#[test]
fn fragments_are_put_together_in_both_families() {
    let data: Vec<u8> = (0..=250).cycle().take(3000).collect();
    let whole = udp_segment(1, 2, &data);
    let v4 = |range: std::ops::Range<usize>| {
        let more = if range.end < whole.len() { 0x2000 } else { 0 };
        let place = u16::try_from(range.start / 8).unwrap() | more;
        ipv4_part(1, 2, 17, &whole[range], place)
    };
    let v6 = |range: std::ops::Range<usize>| {
        let place = u16::try_from(range.start).unwrap() | u16::from(range.end < whole.len());
        let head = [&[17, 0][..], &place.to_be_bytes(), &[0, 0, 0, 9]].concat();
        ipv6(1, 2, 44, &[&head[..], &whole[range]].concat())
    };
    // The last first, one twice, one that lacks its rest.
    let file =
        [v4(1480..3008), v6(0..1480), v4(0..800), v4(0..800), v6(1480..3008), v4(800..1480), v4(0..800)];
    let found = import_bytes(&raw(&file)).unwrap();
    assert_eq!(found.sent(0), data);
    assert_eq!(found.sent(1), data);
    assert_eq!(found.records.iter().filter(|record| record.kind == RecordKind::Sent).count(), 2);
    assert_eq!(found.end.left_out, 1);
}

#[test]
fn what_the_capture_has_cut_off_is_named() {
    let mut file = raw(&[]);
    for (n, ip) in (1_u32..).zip([
        tcp(1, 2, 1, 0, ACK, &[b'a'; 100]),
        tcp(1, 2, 101, 0, ACK, &[b'b'; 100]),
        udp(1, 2, &[b'c'; 100]),
    ]) {
        let (kept, whole) = (ip.len() - 98, ip.len());
        for number in [n, 0, u32::try_from(kept).unwrap(), u32::try_from(whole).unwrap()] {
            file.extend(number.to_le_bytes());
        }
        file.extend(&ip[..kept]);
    }
    let found = import_bytes(&file).unwrap();
    assert_eq!(
        found.lines,
        [
            "Connected",
            "Received aa",
            "Note 98 bytes from 10.0.0.1:10001 to 10.0.0.2:10002 are missing",
            "Received bb",
            "Note 98 bytes from 10.0.0.1:10001 to 10.0.0.2:10002 are missing",
            "Sent cc",
            "Note 98 bytes from 10.0.0.1:10001 to 10.0.0.2:10002 are missing",
        ]
    );
}

#[test]
fn what_is_no_capture_says_what_it_is() {
    let unknown = pcap(Order::Little, 0xa1b2_c3d4, 195, &[vec![0; 60]]);
    let damaged = [raw(&[udp(1, 2, b"before")]), vec![0xff; 40]].concat();
    for (bytes, text) in [
        (b"".to_vec(), "at byte 0: the file is empty"),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "at byte 0: not a capture: neither pcapng nor pcap"),
        (b"BZh91AY".to_vec(), "at byte 0: the file is compressed; unpack it first"),
        (
            b"snoop\0\0\0\0\0\0\x02\0\0\0\x04".to_vec(),
            "at byte 0: a snoop file, which is not supported; convert it with editcap",
        ),
        (unknown, "at byte 0: unsupported link type LINKTYPE_IEEE802_15_4_WITHFCS"),
        (damaged, "at byte 74: invalid packet length 4294967295"),
        (
            [section(Order::Big), packet(Order::Big, 0, 0, b"", &[])].concat(),
            "at byte 28: packet on an undefined interface",
        ),
        ([section(Order::Big), vec![9; 20]].concat(), "at byte 28: invalid block length 151587081"),
    ] {
        let error = import_bytes(&bytes).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
        assert_eq!(error.to_string(), text);
    }
    // A capture without packets is one.
    assert_eq!(import_bytes(&raw(&[])).unwrap().lines, [""; 0]);
}

#[test]
fn a_file_cut_off_anywhere_gives_what_is_whole() {
    let packets: Vec<_> = (0..5).map(|n| udp(1, 2, &[b'0' + n; 30])).collect();
    let bytes = raw(&packets);
    for cut in 24..=bytes.len() {
        let found = import_bytes(&bytes[..cut]).unwrap();
        let whole = (cut - 24) / (16 + 58);
        assert_eq!(found.records.len(), whole, "{cut}");
        assert_eq!(found.end.torn, (cut - 24) % (16 + 58) != 0, "{cut}");
    }
}

proptest! {
    #[test]
    fn rubbish_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut: prop::sample::Index,
        ng: bool,
    ) {
        let packets = [
            tcp(1, 2, 100, 0, SYN, b""), tcp(2, 1, 7, 101, SYN | ACK, b""), tcp(1, 2, 101, 8, ACK, b"data"),
            tcp(1, 2, 110, 8, ACK, b"more"), tcp(2, 1, 8, 114, ACK | FIN, b""), tcp(1, 2, 114, 9, RST, b""),
            udp(1, 2, b"x"), ipv4_part(1, 2, 17, &[0; 16], 0x2000), ipv6(1, 2, 44, &[17; 24]),
        ];
        let mut bytes = if ng {
            let order = Order::Little;
            let blocks = packets.iter().map(|ip| packet(order, 0, 9, ip, &[option(order, 1, b"x"), option(order, 2, &[1; 4])]));
            let blocks: Vec<_> = blocks.collect();
            [section(order), interface(order, 101, 0, &[option(order, 9, &[6])]), blocks.concat()].concat()
        } else {
            raw(&packets)
        };
        for (at, new) in changes {
            let at = at.index(bytes.len());
            bytes[at] = new;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        // An error or not: what matters is that it comes back, and that what it wrote is in order.
        drop(import_bytes(&bytes));
    }
}

#[test]
fn directions_are_told_apart_by_address_and_port() {
    let found = import_bytes(&raw(&[udp(9, 3, b"first"), udp(3, 9, b"back"), udp(3, 3, b"self")])).unwrap();
    assert_eq!(found.of(0, Direction::Sent), b"first");
    assert_eq!(found.of(0, Direction::Received), b"back");
    assert_eq!(found.of(1, Direction::Sent), b"self");
}
