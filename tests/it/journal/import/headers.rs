//! The IP, TCP and UDP headers of packets, whole or not.

use proptest::prelude::*;

use super::frames::{Order, import_bytes, ipv4, ipv6, pcap, raw, udp_segment};

#[test]
fn options_padding_and_cuts_are_understood() {
    // Two words of options, three bytes of data, followed by Ethernet padding.
    let segment = udp_segment(1, 2, b"abc");
    let mut packet = ipv4(1, 2, 17, &[&[1; 8], &segment[..]].concat());
    packet[0] = 0x47;
    packet.extend([0; 9]);
    let found = import_bytes(&raw(&[packet.clone()])).unwrap();
    assert_eq!((found.ends(0).as_str(), found.sent(0)), ("10.0.0.1:10001 -> 10.0.0.2:10002", &b"abc"[..]));
    // The same, captured up to its second byte.
    packet.truncate(38);
    let missing = "Note 1 byte from 10.0.0.1:10001 to 10.0.0.2:10002 is missing";
    assert_eq!(import_bytes(&raw(&[packet])).unwrap().lines, ["Sent ab", missing]);
    // Segmentation offloading: no length in the header.
    let head = [&[0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0x50, 0x18][..], &[0; 6]].concat();
    for mut packet in [ipv4(1, 2, 6, &head), ipv6(1, 2, 6, &head)] {
        let place = if packet[0] == 0x45 { 2 } else { 4 };
        packet[place..place + 2].fill(0);
        let data = vec![7; 70_000];
        packet.extend(&data);
        let found = import_bytes(&raw(&[packet])).unwrap();
        assert_eq!((found.end.left_out, found.received(0)), (0, &data[..]));
    }
}

#[test]
fn headers_before_and_after_that_of_a_fragment_are_skipped() {
    let whole = udp_segment(1, 2, &[b'x'; 32]);
    let part = |place: u8, part: &[u8]| {
        // Hop-by-hop options of 16 bytes, then a fragment header.
        ipv6(1, 2, 0, &[&[44, 1][..], &[0; 14], &[60, 0, 0, place, 0, 0, 0, 9], part].concat())
    };
    // Options of the destination come before the datagram.
    let payload = [&[17, 0][..], &[0; 6], &whole].concat();
    let found = import_bytes(&raw(&[part(24, &payload[24..]), part(1, &payload[..24])])).unwrap();
    assert_eq!((found.end.left_out, found.sent(0)), (0, &[b'x'; 32][..]));
    // A fragment header on an unfragmented packet.
    let found = import_bytes(&raw(&[part(0, &payload)])).unwrap();
    assert_eq!((found.end.left_out, found.sent(0)), (0, &[b'x'; 32][..]));
}

#[test]
fn link_types_have_their_registered_names() {
    for (link, name) in [
        (2, "LINKTYPE_EXP_ETHERNET"),
        (107, "LINKTYPE_FRELAY"),
        (149, "LINKTYPE_USER2"),
        (290, "LINKTYPE_ETW"),
        (4711, "4711"),
    ] {
        let error = import_bytes(&pcap(Order::Little, 0xa1b2_c3d4, link, &[vec![0; 60]])).unwrap_err();
        assert_eq!(error.to_string(), format!("at byte 0: unsupported link type {name}"));
    }
}

proptest! {
    #[test]
    fn rubbish_is_read_or_left_out(mut bytes in prop::collection::vec(any::<u8>(), 1..120), version in 4_u8..7) {
        bytes[0] = bytes[0] & 15 | version << 4;
        let found = import_bytes(&raw(&[bytes])).unwrap();
        prop_assert!(found.end.left_out <= 1 && !found.lines.is_empty(), "{found:?}");
    }
}
