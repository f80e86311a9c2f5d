//! Link layers and tunnels: what is inside is found, whole, cut anywhere, in another order and in fragments.

use netassist::journal::{Reading, Tunnels};
use netassist::model::{Direction, FlowId, RecordKind};

use super::frames::{
    ACK, Order, SYN, import_bytes, interface, ipv4, ipv4_part, ipv6, packet, pcap, raw, section, tcp, udp,
    udp_segment,
};
use super::{Imported, import_as};

/// A name, the link type, and how a frame is made of an IPv4 packet.
pub(super) type Way = (&'static str, u32, fn(&[u8]) -> Vec<u8>);

const MACS: [u8; 12] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];

fn with(head: &[u8], ip: &[u8]) -> Vec<u8> {
    [head, ip].concat()
}

fn ether(kind: u16, rest: &[u8]) -> Vec<u8> {
    [&MACS[..], &kind.to_be_bytes(), rest].concat()
}

fn pppoe(rest: &[u8]) -> Vec<u8> {
    let len = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [&[0x11, 0, 0, 7][..], &len, rest].concat()
}

/// Logged by netfilter on its way out, in this byte order.
fn nflog(order: fn(u16) -> [u8; 2], ip: &[u8]) -> Vec<u8> {
    let attribute = |kind: u16, value: &[u8]| {
        let len = u16::try_from(value.len() + 4).unwrap();
        let mut attribute = [&order(len)[..], &order(kind), value].concat();
        attribute.resize(attribute.len().next_multiple_of(4), 0);
        attribute
    };
    [vec![2, 0, 0, 30], attribute(1, &[8, 0, 3, 0]), attribute(10, b"prefix\0"), attribute(9, ip)].concat()
}

/// A frame with data: these flags, and what follows the three addresses and the number.
fn wifi(control: [u8; 2], more: &[u8], ip: &[u8]) -> Vec<u8> {
    let qos: &[u8] = if control[0] & 0x80 == 0 { &[] } else { &[0, 0] };
    [&control[..], &[0; 22][..], more, qos, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], ip].concat()
}

/// An aggregate of one frame.
fn aggregate(ip: &[u8]) -> Vec<u8> {
    [&[0x88, 2][..], &[0; 22], &[0x80, 0], &msdu(ip)].concat()
}

fn msdu(ip: &[u8]) -> Vec<u8> {
    let len = u16::try_from(ip.len() + 8).unwrap().to_be_bytes();
    [&MACS[..], &len, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], ip].concat()
}

fn pktap(ip: &[u8]) -> Vec<u8> {
    let mut head = [108_u32, 1, 1].map(u32::to_le_bytes).concat();
    head.resize(108, 0);
    head[36] = 1;
    with(&head, &ether(0x0800, ip))
}

/// What TCP and UDP are found in.
pub(super) const WAYS: [Way; 69] = [
    ("Ethernet", 1, |ip| ether(0x0800, ip)),
    ("VLAN", 1, |ip| ether(0x8100, &with(&[0, 7, 8, 0], ip))),
    ("QinQ", 1, |ip| ether(0x88a8, &with(&[0, 7, 0x81, 0, 0, 9, 8, 0], ip))),
    ("LLC and SNAP", 1, |ip| {
        ether(u16::try_from(ip.len() + 8).unwrap(), &with(&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], ip))
    }),
    ("LLC", 1, |ip| ether(u16::try_from(ip.len() + 3).unwrap(), &with(&[6, 6, 3], ip))),
    ("VLAN and SNAP", 1, |ip| {
        let len = u16::try_from(ip.len() + 8).unwrap().to_be_bytes();
        ether(0x8100, &[&[0, 7][..], &len, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], ip].concat())
    }),
    ("PPPoE", 1, |ip| ether(0x8864, &pppoe(&with(&[0, 0x21], ip)))),
    ("MPLS", 1, |ip| ether(0x8847, &with(&[0, 1, 0, 64, 0, 1, 0x11, 64], ip))),
    ("Ethernet over MPLS", 1, |ip| {
        ether(0x8847, &with(&[0, 1, 0x11, 64, 0, 0, 0, 0], &ether(0x8100, &with(&[0, 7, 8, 0], ip))))
    }),
    ("Ethernet over MPLS without a control word", 1, |ip| {
        ether(0x8848, &with(&[0, 1, 0x11, 64], &ether(0x0800, ip)))
    }),
    ("loopback", 0, |ip| with(&[2, 0, 0, 0], ip)),
    ("OpenBSD loopback", 108, |ip| with(&[0, 0, 0, 2], ip)),
    ("OpenBSD IPsec", 109, |ip| with(&[0; 12], ip)),
    ("cooked", 113, |ip| with(&[0, 4, 3, 4, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0], ip)),
    ("cooked PPPoE", 113, |ip| {
        with(&[0, 4, 3, 4, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0x88, 0x64], &pppoe(&with(&[0, 0x21], ip)))
    }),
    ("cooked v2", 276, |ip| with(&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 4, 6, 1, 2, 3, 4, 5, 6, 0, 0], ip)),
    ("PPP", 9, |ip| with(&[0xff, 3, 0, 0x21], ip)),
    ("bare PPP", 9, |ip| with(&[0, 0x21], ip)),
    ("compressed PPP", 50, |ip| with(&[0xff, 3, 0x21], ip)),
    ("PPP of pppd", 166, |ip| with(&[1, 3, 0, 0x21], ip)),
    ("PPP with a direction", 204, |ip| with(&[1, 0xff, 3, 0, 0x21], ip)),
    ("PPPoE without Ethernet", 51, |ip| pppoe(&with(&[0, 0x21], ip))),
    ("MPLS in PPP", 9, |ip| with(&[0xff, 3, 2, 0x81, 0, 1, 0x11, 64], ip)),
    ("Cisco HDLC", 104, |ip| with(&[0x0f, 0, 8, 0], ip)),
    ("ATM", 100, |ip| with(&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], ip)),
    ("little-endian NFLOG", 239, |ip| nflog(u16::to_le_bytes, ip)),
    ("big-endian NFLOG", 239, |ip| nflog(u16::to_be_bytes, ip)),
    ("PKTAP", 258, pktap),
    ("PPI", 192, |ip| with(&[0, 0, 8, 0, 1, 0, 0, 0], &ether(0x0800, ip))),
    ("IP in IP", 101, |ip| ipv4(7, 8, 4, ip)),
    ("IPv4 in IPv6", 101, |ip| ipv6(7, 8, 4, ip)),
    ("GRE", 101, |ip| ipv4(7, 8, 47, &with(&[0xb0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1], ip))),
    ("Ethernet over GRE", 101, |ip| ipv6(7, 8, 47, &with(&[0, 0, 0x65, 0x58], &ether(0x0800, ip)))),
    ("PPTP", 101, |ip| {
        let len = u16::try_from(ip.len() + 4).unwrap().to_be_bytes();
        ipv4(
            7,
            8,
            47,
            &[&[0x30, 0x81, 0x88, 0x0b][..], &len, &[0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 3, 0, 0x21], ip]
                .concat(),
        )
    }),
    ("Ethernet over IP", 101, |ip| {
        let len = u16::try_from(ip.len() + 14).unwrap().to_be_bytes();
        ipv4(7, 8, 47, &[&[0x20, 1, 0x64, 0][..], &len, &[7, 0], &ether(0x0800, ip)].concat())
    }),
    ("FDDI", 10, |ip| with(&[&[0x50][..], &MACS, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]].concat(), ip)),
    ("SLIP", 8, |ip| with(&[0; 16], ip)),
    ("InfiniBand", 242, |ip| with(&[&[1; 40][..], &[8, 0, 0, 0]].concat(), ip)),
    ("802.11", 105, |ip| wifi([8, 1], &[], ip)),
    ("802.11 with QoS and four addresses", 105, |ip| wifi([0x88, 3], &[1; 6], ip)),
    ("802.11 with padding", 105, |ip| wifi([8, 1], &[0; 2], ip)),
    ("802.11 with QoS and HT control", 105, |ip| wifi([0x88, 0x82], &[0; 4], ip)),
    ("radiotap", 127, |ip| with(&[0, 0, 9, 0, 0, 0, 0, 0, 0], &wifi([8, 2], &[], ip))),
    ("PPI of 802.11", 192, |ip| with(&[0, 0, 8, 0, 105, 0, 0, 0], &wifi([8, 2], &[], ip))),
    ("backbone bridge", 1, |ip| ether(0x88e7, &with(&[0, 0, 0, 7], &ether(0x0800, ip)))),
    ("FabricPath", 1, |ip| ether(0x8903, &with(&[0, 7], &ether(0x0800, ip)))),
    ("ERSPAN I", 101, |ip| ipv4(7, 8, 47, &with(&[0, 0, 0x88, 0xbe], &ether(0x0800, ip)))),
    ("ERSPAN II", 101, |ip| {
        ipv4(
            7,
            8,
            47,
            &with(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 7, 0, 0, 0, 0, 0, 1], &ether(0x0800, ip)),
        )
    }),
    ("ERSPAN III", 101, |ip| {
        let head = [&[0x10, 0, 0x22, 0xeb, 0, 0, 0, 1][..], &[0x20], &[0; 10], &[1], &[0; 8]].concat();
        ipv4(7, 8, 47, &with(&head, &ether(0x0800, ip)))
    }),
    ("WCCP", 101, |ip| ipv4(7, 8, 47, &with(&[0, 0, 0x88, 0x3e, 0, 1, 0, 0], ip))),
    ("MPLS in IP", 101, |ip| ipv4(7, 8, 137, &with(&[0, 1, 0x11, 64], ip))),
    ("port extension", 1, |ip| ether(0x893f, &with(&[0x30, 1, 0, 7, 0, 0, 8, 0], ip))),
    ("VN-Tag", 1, |ip| ether(0x8926, &with(&[0, 7, 0, 9, 0x81, 0, 0, 7, 8, 0], ip))),
    ("MACsec", 1, |ip| ether(0x88e5, &[&[0, 0, 0, 0, 0, 7, 8, 0][..], ip, &[1; 16]].concat())),
    ("MACsec with a channel", 1, |ip| {
        ether(0x88e5, &[&[0x20, 0, 0, 0, 0, 7][..], &[1; 8], &[8, 0], ip, &[1; 16]].concat())
    }),
    ("service chain", 1, |ip| ether(0x894f, &with(&[0x0f, 0xc2, 2, 1, 0, 0, 1, 255], ip))),
    ("PIM", 101, |ip| ipv4(7, 8, 103, &with(&[0x21, 0, 0xde, 0xff, 0, 0, 0, 0], ip))),
    ("802.11 in GRE", 101, |ip| ipv4(7, 8, 47, &with(&[0, 0, 0x82, 0x40], &wifi([8, 2], &[], ip)))),
    ("aggregate of 802.11", 105, aggregate),
    ("Junos", 178, |ip| with(b"MGC\0", &ether(0x0800, ip))),
    ("Junos with extensions", 178, |ip| {
        with(b"MGC\x80\0\x03\x01\x01\x07", &ether(0x8100, &with(&[0, 7, 8, 0], ip)))
    }),
    ("Junos without a link layer", 178, |ip| with(b"MGC\x02\0\0\0\0", ip)),
    ("Junos PPPoE", 167, |ip| with(b"MGC\0", &ether(0x8864, &pppoe(&with(&[0, 0x21], ip))))),
    ("Junos PPP", 179, |ip| with(b"MGC\0\xff\x03\0\x21", ip)),
    ("Junos Cisco HDLC", 181, |ip| with(b"MGC\0\x0f\0\x08\0", ip)),
    ("ARCNET", 7, |ip| with(&[1, 2, 212, 0, 0, 7], ip)),
    ("ARCNET with padding", 7, |ip| with(&[1, 2, 212, 0xff, 0xff, 0xff, 212, 0, 0, 7], ip)),
    ("ARCNET of Linux", 129, |ip| with(&[1, 2, 0, 0, 240], ip)),
    ("AH in a tunnel", 101, |ip| ipv4(7, 8, 51, &with(&[&[4, 4, 0, 0][..], &[1; 20]].concat(), ip))),
];

#[track_caller]
pub(super) fn import_in((_, link, wrap): &Way, packets: &[Vec<u8>]) -> Imported {
    let frames: Vec<_> = packets.iter().map(|ip| wrap(ip)).collect();
    import_bytes(&pcap(Order::Little, 0xa1b2_c3d4, *link, &frames)).unwrap()
}

#[test]
fn every_layer_gives_what_is_in_it() {
    for way in &WAYS {
        let found = import_in(way, &[udp(1, 2, b"hello"), udp(2, 1, b"back")]);
        let ends = if way.0 == "PKTAP" {
            ["10.0.0.2:10002", "10.0.0.1:10001"]
        } else {
            ["10.0.0.1:10001", "10.0.0.2:10002"]
        };
        assert_eq!(found.ends(0), ends.join(" -> "), "{}", way.0);
        let data = [Direction::Sent, Direction::Received].map(|way| found.of(0, way));
        let expected =
            if way.0 == "PKTAP" { [b"back".as_slice(), b"hello"] } else { [b"hello".as_slice(), b"back"] };
        assert_eq!(data, expected, "{}", way.0);
        assert_eq!((found.end.left_out, found.flows.len()), (0, 1), "{}", way.0);
    }
    // Six in four, four in six, and once more.
    let six = ipv6(1, 2, 17, &udp_segment(1, 2, b"hello"));
    for ip in [
        ipv4(7, 8, 41, &six),
        ipv6(7, 8, 41, &ipv4(7, 8, 41, &six)),
        ipv4(7, 8, 51, &with(&[&[17, 1][..], &[0; 10]].concat(), &udp_segment(1, 2, b"hello"))),
    ] {
        assert_eq!(import_bytes(&raw(&[ip])).unwrap().lines, ["Sent hello"]);
    }
}

#[test]
fn a_frame_cut_anywhere_is_noted() {
    for (name, link, wrap) in &WAYS {
        for ip in [|from| udp(from, 251, b"hello"), |from| tcp(from, 251, 9, 0, ACK, b"hello")] {
            let cut_off = |n: usize| {
                let frame = wrap(&ip(u8::try_from(n).unwrap()));
                (n < frame.len()).then(|| frame[..n].to_vec())
            };
            let frames: Vec<_> = (0..250).map_while(cut_off).collect();
            let found = import_bytes(&pcap(Order::Big, 0xa1b2_c3d4, *link, &frames)).unwrap();
            let n_missing = found.lines.iter().filter_map(|line| {
                let (n, _ends) = line.strip_prefix("Note ")?.split_once(if line.starts_with("Note 1 ") {
                    " byte from 10.0.0."
                } else {
                    " bytes from 10.0.0."
                })?;
                n.parse::<usize>().ok()
            });
            let n_bytes = found.bytes.values().map(Vec::len).sum::<usize>() + n_missing.sum::<usize>();
            let n_left_out = usize::try_from(found.end.left_out).unwrap();
            assert_eq!(n_bytes, 5 * (frames.len() - n_left_out), "{name}: {:#?}", found.lines);
            assert!(n_left_out >= 28 && n_left_out < frames.len(), "{name}");
            let note = format!("Note {n_left_out} packets without readable TCP or UDP were left out");
            assert_eq!(found.lines.last(), Some(&note));
        }
    }
}

#[test]
fn packets_in_another_order_are_put_in_order_in_every_layer() {
    let mut packets = vec![tcp(1, 2, 9, 0, SYN, b""), tcp(2, 1, 99, 10, SYN | ACK, b"")];
    packets.extend(
        [(22, "cd"), (10, "first "), (16, "second"), (24, "e")]
            .map(|(seq, data)| tcp(1, 2, seq, 100, ACK, data.as_bytes())),
    );
    for way in &WAYS {
        let found = import_in(way, &packets);
        let ends = if way.0 == "PKTAP" { Direction::Received } else { Direction::Sent };
        assert_eq!(String::from_utf8_lossy(found.of(0, ends)), "first secondcde", "{}", way.0);
    }
}

#[test]
fn fragments_in_every_layer_and_of_tunnels_are_put_together() {
    let whole = udp_segment(1, 2, &[b'x'; 100]);
    let parts = |more: u16, protocol: u8, payload: &[u8]| {
        let (first, second) = payload.split_at(64);
        [ipv4_part(1, 2, protocol, second, 8), ipv4_part(1, 2, protocol, first, more)]
    };
    let six = |whole: &[u8]| {
        let (first, second) = whole.split_at(64);
        [(second, 64, 0), (first, 0, 1)]
            .map(|(part, at, more)| ipv6(1, 2, 44, &[&[17, 0, 0, at | more, 0, 0, 0, 9][..], part].concat()))
    };
    for way in &WAYS {
        let found = import_in(way, &parts(0x2000, 17, &whole));
        assert_eq!((found.end.left_out, found.records.len()), (0, 1), "{}", way.0);
        assert_eq!(found.records[0].len, 100);
    }
    for tunnel in
        [ipv4(3, 4, 17, &udp_segment(3, 4, &[b'x'; 60])), ipv6(3, 4, 17, &udp_segment(3, 4, &[b'x'; 60]))]
    {
        let protocol = if tunnel[0] >> 4 == 4 { 4 } else { 41 };
        let found = import_bytes(&raw(&parts(0x2000, protocol, &tunnel))).unwrap();
        assert_eq!((found.end.left_out, found.sent(0).len()), (0, 60));
    }
    let tunnelled: Vec<_> = six(&whole).iter().map(|part| ipv4(7, 8, 41, part)).collect();
    let found = import_bytes(&raw(&tunnelled)).unwrap();
    assert_eq!((found.end.left_out, found.sent(0).len()), (0, 100));
}

/// Its length is beyond that of the session, as where padding was counted. A receiver has seen no such data.
#[test]
fn a_length_beyond_that_of_the_layer_before_it_is_padding() {
    let mut padded = tcp(1, 2, 9, 0, ACK, b"");
    padded[3] += 6;
    let frames: Vec<_> =
        [(padded, 6), (tcp(1, 2, 9, 0, ACK, b"first"), 0), (tcp(1, 2, 14, 0, ACK, b" then"), 0)]
            .into_iter()
            .map(|(ip, padding)| [ether(0x8864, &pppoe(&with(&[0, 0x21], &ip))), vec![0; padding]].concat())
            .collect();
    let found = import_bytes(&pcap(Order::Little, 0xa1b2_c3d4, 1, &frames)).unwrap();
    assert_eq!(found.lines, ["Connected", "Received first", "Received  then"]);
}

#[test]
fn fragments_that_overlap_or_lack_their_end_give_what_they_have() {
    let whole = udp_segment(1, 2, b"0123456789abcdefghijklmnopqrstuv");
    let part = |range: std::ops::Range<usize>, more: u16| {
        ipv4_part(1, 2, 17, &whole[range.clone()], u16::try_from(range.start / 8).unwrap() | more)
    };
    // The second begins where the first does, and goes on.
    let found = import_bytes(&raw(&[part(0..16, 0x2000), part(0..24, 0x2000), part(24..40, 0)])).unwrap();
    assert_eq!(found.lines, ["Sent 0123456789abcdefghijklmnopqrstuv"]);
    // The capture has the begin of the first. It cannot be put together, but its data are not left out.
    let frames = [part(0..24, 0x2000)[..40].to_vec(), part(24..40, 0)];
    let missing = "Note 20 bytes from 10.0.0.1:10001 to 10.0.0.2:10002 are missing";
    let rest = "Note 1 packet without readable TCP or UDP was left out";
    assert_eq!(import_bytes(&raw(&frames)).unwrap().lines, ["Sent 0123456789ab", missing, rest]);
    // A fragment that is cut off belongs to the flow of the first.
    let frames = [udp(1, 2, b"before"), part(0..24, 0x2000), part(24..40, 0)[..30].to_vec()];
    let found = import_bytes(&raw(&frames)).unwrap();
    let note = "Note 2 fragments of an incomplete packet from 10.0.0.1:10001 to 10.0.0.2:10002 were left out";
    assert_eq!(
        found.lines,
        ["Sent before", note, "Note 2 packets without readable TCP or UDP were left out"]
    );
    assert_eq!(found.records[1].flow, found.flows[0].id);
}

#[test]
fn nested_tunnels_are_read_up_to_a_limit() {
    let nested = |n: usize| (0..n).fold(udp(1, 2, b"deep"), |ip, _| ipv4(7, 8, 4, &ip));
    assert_eq!(import_bytes(&raw(&[nested(8)])).unwrap().lines, ["Sent deep"]);
    for n in [9, 3000] {
        assert_eq!(import_bytes(&raw(&[nested(n)])).unwrap().end.left_out, 1);
    }
    let tags = [&MACS[..], &[0x81, 0, 0, 1].repeat(10_000)].concat();
    assert_eq!(import_bytes(&pcap(Order::Little, 0xa1b2_c3d4, 1, &[tags])).unwrap().end.left_out, 1);
    let itself = [0, 0, 8, 0, 192, 0, 0, 0].repeat(10_000);
    assert_eq!(import_bytes(&pcap(Order::Little, 0xa1b2_c3d4, 192, &[itself])).unwrap().end.left_out, 1);
}

#[test]
fn vxlan_and_geneve_are_datagrams_unless_their_inside_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    let to = |port: u16, head: &[u8], rest: &[u8]| {
        let mut ip = udp(7, 8, &[head, rest].concat());
        ip[22..24].copy_from_slice(&port.to_be_bytes());
        ip
    };
    let inner = ether(0x0800, &udp(1, 2, b"hello"));
    let vxlan = [8, 0, 0, 0, 0, 0, 7, 0];
    let packets = [
        to(4789, &vxlan, &inner),
        to(8472, &vxlan, &inner),
        to(6081, &[1, 0, 0x65, 0x58, 0, 0, 7, 0, 1, 2, 3, 0], &inner),
        to(6081, &[0, 0, 8, 0, 0, 0, 7, 0], &udp(1, 2, b"hello")),
        to(4790, &[0x0c, 0, 0, 3, 0, 0, 7, 0], &inner),
        // Only the port is VXLAN's.
        to(4789, b"no tunnel", b""),
    ];
    std::fs::write(&path, raw(&packets)).unwrap();
    let found = import_as(&path, Reading { tunnels: Tunnels::Inner, ..Reading::default() }).unwrap();
    assert_eq!(found.lines, [&["Sent hello"; 5][..], &["Sent no tunnel"]].concat());
    assert_eq!((found.ends(0).as_str(), found.flows.len()), ("10.0.0.1:10001 -> 10.0.0.2:10002", 2));
    let found = import_as(&path, Reading::default()).unwrap();
    assert!(
        found.records.iter().all(|record| record.kind == RecordKind::Sent && record.len != 5),
        "{found:?}"
    );
}

#[test]
fn what_is_not_read_is_told_by_name_and_with_its_ends() {
    let order = Order::Little;
    let mut short = udp(1, 2, b"hello");
    short[24..26].copy_from_slice(&[0, 7]);
    let mut long = udp(1, 2, b"hello");
    long[24..26].copy_from_slice(&[0, 99]);
    let mut header = tcp(1, 2, 9, 0, ACK, b"hello");
    header[32] = 4 << 4;
    let file = [
        section(order),
        interface(order, 101, 0, &[]),
        interface(order, 195, 0, &[]),
        packet(order, 0, 1, &udp(1, 2, b"first"), &[]),
        packet(order, 1, 2, &[0; 40], &[]),
        packet(order, 0, 3, &short, &[]),
        packet(order, 0, 4, &long, &[]),
        packet(order, 0, 5, &header, &[]),
        packet(order, 0, 6, &ipv4(1, 2, 1, b"ping"), &[]),
    ];
    let found = import_bytes(&file.concat()).unwrap();
    let unreadable = "Note an unreadable packet from 10.0.0.1:10001 to 10.0.0.2:10002 was left out";
    assert_eq!(
        found.lines,
        [
            "Sent first",
            unreadable,
            unreadable,
            unreadable,
            "Note 1 packet with link type LINKTYPE_IEEE802_15_4_WITHFCS was left out: not supported",
            "Note 1 packet with protocol ICMP was left out: neither TCP nor UDP",
            "Note 3 packets without readable TCP or UDP were left out"
        ]
    );
    assert_eq!(found.end.left_out, 5);
    // The first two with the flow that is known, the third has none.
    let flow = found.flows[0].id;
    assert_eq!([1, 2, 3].map(|n: usize| found.records[n].flow), [flow, flow, FlowId::NONE]);
}

#[test]
fn other_protocols_are_told_by_name() {
    let told = |link, frames: &[Vec<u8>]| {
        let found = import_bytes(&pcap(Order::Little, 0xa1b2_c3d4, link, frames)).unwrap();
        assert_eq!(found.end.left_out, frames.len() as u64);
        let words = |line: &String| {
            let (n, rest) = line.strip_prefix("Note ")?.split_once(" with protocol ")?;
            Some(format!("{n}: {}", rest.split_once(' ')?.0))
        };
        found.lines.iter().filter_map(words).collect::<Vec<_>>()
    };
    let frames = [
        ether(0x0806, &[0; 28]),
        ether(38, &[0x42; 46]),
        ether(0x1234, b"?"),
        ether(46, &with(&[0xaa, 0xaa, 3, 0, 0, 12, 0x20, 0], &[0; 38])),
        ether(0x8864, &pppoe(&[0xc0, 0x21, 1, 1])),
        ether(0x8864, &pppoe(&[0x40, 0x21, 1, 1])),
        ether(0x8863, &[0x11, 9, 0, 0]),
        ether(0x0800, &ipv4(1, 2, 1, b"ping")),
        ether(0x86dd, &ipv6(1, 2, 58, b"ping")),
        ether(0x0800, &ipv4(1, 2, 1, b"pong")),
        ether(0x0800, &ipv4(1, 2, 200, b"?")),
        // Hello of PIM, encrypted MACsec, and an address list in a service chain.
        ether(0x0800, &ipv4(1, 2, 103, &[0x20, 0, 0, 0])),
        ether(0x88e5, &[0x2c; 60]),
        ether(0x894f, &[0x0f, 0xc2, 2, 9, 0, 0, 1, 255]),
        ether(30, &[0x7e; 30]),
    ];
    let expected = "1 packet: ARP|1 packet: EtherType=0x1234|1 packet: PPPoE-discovery|1 packet: MACsec|1 packet: NSH|\
         2 packets: ICMP|1 packet: ICMPv6|1 packet: PIM|1 packet: IP=200|1 packet: PPP=0x4021|1 packet: LCP|\
         1 packet: STP|1 packet: LLC=0x7e|1 packet: SNAP";
    assert_eq!(told(1, &frames).join("|"), expected);
    let frames =
        [wifi([0x80, 0], &[], b""), wifi([8, 0x41], &[], b""), wifi([0x48, 1], &[], b""), vec![0xd4; 10]];
    let expected = "1 packet: 802.11-control|1 packet: 802.11-encrypted|1 packet: 802.11-management|\
         1 packet: 802.11-null";
    assert_eq!(told(105, &frames).join("|"), expected);
}

#[test]
fn frames_in_one_of_80211_are_read_one_by_one() {
    let mut frame = aggregate(&udp(1, 2, b"one"));
    for data in [&b"two"[..], b"three"] {
        frame.resize((frame.len() - 26).next_multiple_of(4) + 26, 0);
        frame.extend(msdu(&udp(1, 2, data)));
    }
    let file = |frame: &[u8]| pcap(Order::Little, 0xa1b2_c3d4, 105, &[frame.to_vec()]);
    let found = import_bytes(&file(&[&frame[..], &[1, 2, 3, 4]].concat())).unwrap();
    assert_eq!(
        (found.lines, found.end.left_out),
        (["Sent one", "Sent two", "Sent three"].map(String::from).to_vec(), 0)
    );
    let mut arp = [&[0x88, 2][..], &[0; 22], &[0x80, 0]].concat();
    for _ in 0..2 {
        arp.extend([&MACS[..], &[0, 10, 0xaa, 0xaa, 3, 0, 0, 0, 8, 6, 0, 0]].concat());
    }
    let found = import_bytes(&file(&[&arp[..], &[0; 9]].concat())).unwrap();
    assert_eq!((found.end.packets, found.end.left_out), (3, 3), "{:?}", found.lines);
    assert!(found.lines[0].starts_with("Note 2 packets with protocol ARP"), "{:?}", found.lines);
    let found = import_bytes(&file(&frame[..26 + 12])).unwrap();
    assert_eq!(found.lines, ["Note 1 packet without readable TCP or UDP was left out"]);
}

#[test]
fn a_section_may_have_very_many_interfaces() {
    let order = Order::Little;
    let mut file = section(order);
    for _ in 0..70_000 {
        file.extend(interface(order, 101, 0, &[]));
    }
    file.extend(packet(order, 69_999, 1, &udp(1, 2, b"last"), &[]));
    assert_eq!(import_bytes(&file).unwrap().lines, ["Sent last"]);
}

#[test]
fn long_headers_of_packets_are_read() {
    let mut file = pcap(Order::Big, 0xa1b2_cd34, 101, &[]);
    for data in [b"one", b"two"] {
        let ip = udp(1, 2, data);
        let len = u32::try_from(ip.len()).unwrap().to_be_bytes();
        file.extend([&[0, 0, 0, 9, 0, 0, 0, 0][..], &len, &len, &[0, 0, 0, 1, 8, 0, 4, 0], &ip].concat());
    }
    assert_eq!(import_bytes(&file).unwrap().lines, ["Sent one", "Sent two"]);
    for cut in 1..24 {
        let found = import_bytes(&file[..24 + 24 + 31 + cut]).unwrap();
        assert_eq!((found.lines.len(), found.end.torn), (1, true), "{cut}");
    }
}
