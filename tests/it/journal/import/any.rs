//! Any packets in any layer: what was sent is found, and what is left out is counted and noted.

use proptest::prelude::*;

use super::Imported;
use super::frames::{ACK, FIN, Order, SYN, import_bytes, ipv4_part, ipv6, pcap, tcp, udp_segment};
use super::layers::{WAYS, import_in};

/// The packets of a datagram that is cut at these multiples of 8 bytes.
fn fragments(six: bool, (from, to): (u8, u8), whole: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut ends: Vec<_> = cuts.iter().map(|cut| cut * 8).filter(|cut| *cut < whole.len()).collect();
    ends.sort_unstable();
    ends.dedup();
    ends.push(whole.len());
    let mut start = 0;
    let mut part = |end: usize| {
        let begin = std::mem::replace(&mut start, end);
        let (at, more) = (u16::try_from(begin).unwrap(), end < whole.len());
        if six {
            let place = (at | u16::from(more)).to_be_bytes();
            ipv6(from, to, 44, &[&[17, 0][..], &place, &[0, 0, 0, 9], &whole[begin..end]].concat())
        } else {
            ipv4_part(from, to, 17, &whole[begin..end], (at / 8) | if more { 0x2000 } else { 0 })
        }
    };
    ends.into_iter().map(&mut part).collect()
}

fn shuffled<T>(items: Vec<T>, seed: u64) -> Vec<T> {
    let mut keyed: Vec<_> = (1_u64..).zip(items).collect();
    keyed
        .sort_by_key(|(n, _)| (n.wrapping_mul(seed | 1)).rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    keyed.into_iter().map(|(_, item)| item).collect()
}

/// All data, in the order of the flows.
fn data(found: &Imported) -> Vec<u8> {
    found.bytes.values().flatten().copied().collect()
}

/// The sum of the numbers in notes with these words.
fn noted(found: &Imported, words: &str) -> u64 {
    let notes = found.lines.iter().filter_map(|line| line.strip_prefix("Note "));
    notes
        .filter(|note| note.contains(words))
        .map(|note| note.split(' ').next().unwrap().parse::<u64>().unwrap())
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Two datagrams at once, perhaps without one of the fragments of the first.
    #[test]
    fn fragments_in_any_layer_and_order_are_put_together_or_noted(
        way in 0..WAYS.len(),
        six: bool,
        (len, other) in (0_usize..1300, 0_usize..300),
        cuts in prop::collection::vec(1_usize..160, 0..8),
        (seed, lost) in any::<(u64, Option<prop::sample::Index>)>(),
    ) {
        let payload: Vec<u8> = (0..=250).cycle().take(len).collect();
        let mut packets = fragments(six, (1, 251), &udp_segment(1, 251, &payload), &cuts);
        let is_first_lost = lost.map(|lost| lost.index(packets.len())).inspect(|n| drop(packets.remove(*n))) == Some(0);
        let n_left = if lost.is_some() { packets.len() as u64 } else { 0 };
        packets.extend(fragments(!six, (3, 251), &udp_segment(3, 251, &vec![251; other]), &cuts));
        let found = import_in(&WAYS[way], &shuffled(packets, seed));
        prop_assert_eq!(found.end.left_out, n_left, "{}: {:?}", WAYS[way].0, found.lines);
        prop_assert_eq!(noted(&found, " without readable TCP or UDP "), n_left);
        let by_name = if is_first_lost { 0 } else { n_left };
        prop_assert_eq!(noted(&found, " of an incomplete packet from "), by_name);
        let (mut first, second): (Vec<u8>, Vec<u8>) = data(&found).into_iter().partition(|byte| *byte != 251);
        first.sort_unstable();
        let mut expected = if lost.is_some() { Vec::new() } else { payload };
        expected.sort_unstable();
        prop_assert!(first == expected && second.len() == other, "{}", WAYS[way].0);
    }

    /// A stream in segments that overlap, in any order, each perhaps cut off by the capture.
    #[test]
    fn segments_in_any_layer_and_order_are_found_or_noted(
        way in 0..WAYS.len(),
        len in 1_usize..1200,
        more in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..300), 0..8),
        seed: u64,
        cut in prop::option::of(0_usize..400),
    ) {
        let whole: Vec<u8> = (0..=250).cycle().take(len).collect();
        let mut ranges: Vec<_> = (0..len).step_by(97).map(|at| at..(at + 97).min(len)).collect();
        ranges.extend(more.iter().map(|(at, n)| at.index(len)..(at.index(len) + n).min(len)));
        let number = |at: usize| u32::try_from(at).unwrap().wrapping_sub(50);
        let segments = ranges.into_iter().map(|range| tcp(1, 2, number(range.start), 100, ACK, &whole[range]));
        let mut packets = vec![tcp(1, 2, number(0).wrapping_sub(1), 0, SYN, b""), tcp(2, 1, 99, number(0), SYN | ACK, b"")];
        packets.extend(shuffled(segments.collect(), seed));
        packets.push(tcp(1, 2, number(len), 100, ACK | FIN, b""));
        packets.push(tcp(2, 1, 100, number(len).wrapping_add(1), ACK | FIN, b""));
        let (name, link, wrap) = WAYS[way];
        let cut_off = |n: usize, ip: &Vec<u8>| {
            let mut frame = wrap(ip);
            // The headers, and the packets without data, are whole.
            let bare = wrap(&tcp(1, 2, 9, 0, ACK, b"")).len();
            if let Some(cut) = cut.filter(|cut| (n + cut).is_multiple_of(3)) {
                frame.truncate(bare + cut);
            }
            frame
        };
        let frames: Vec<_> = packets.iter().enumerate().map(|(n, ip)| cut_off(n, ip)).collect();
        let found = import_bytes(&pcap(Order::Big, 0xa1b2_c3d4, link, &frames)).unwrap();
        prop_assert_eq!(found.end.left_out, 0, "{}", name);
        let data = data(&found);
        if cut.is_none() {
            prop_assert_eq!(&data, &whole, "{}", name);
        }
        prop_assert_eq!(data.len() as u64 + noted(&found, " missing"), len as u64, "{}: {:#?}", name, found.lines);
        prop_assert_eq!(noted(&found, " in a retransmission"), 0);
    }
}
