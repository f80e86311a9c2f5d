//! TCP connections packet by packet: what was sent twice, overlaps, comes in another order, or lacks.

use netassist::model::Origin;
use proptest::prelude::*;

use super::frames::{ACK, FIN, PSH, RST, SYN, import_bytes, made, raw, tcp};

#[track_caller]
fn lines(packets: &[Vec<u8>]) -> Vec<String> {
    import_bytes(&raw(packets)).unwrap().lines
}

#[test]
fn a_connection_is_made_used_and_closed() {
    let mut packets = made(u32::MAX - 2, 5000);
    packets.extend([
        tcp(1, 2, u32::MAX - 1, 5001, ACK | PSH, b"question"),
        // Sent again, as the acknowledgement was late; then a keep-alive.
        tcp(1, 2, u32::MAX - 1, 5001, ACK | PSH, b"question"),
        tcp(2, 1, 5001, 6, ACK | PSH, b"answer"),
        tcp(1, 2, 5, 5007, ACK, b"n"),
        tcp(1, 2, 6, 5007, ACK | FIN, b""),
        tcp(1, 2, 6, 5007, ACK | FIN, b""),
        tcp(2, 1, 5007, 7, ACK | FIN, b"!"),
        tcp(1, 2, 7, 5009, ACK, b""),
        // What was sent again once more, after the end.
        tcp(2, 1, 5001, 6, ACK | PSH, b"answer"),
    ]);
    let found = import_bytes(&raw(&packets)).unwrap();
    assert_eq!(
        found.lines,
        ["Connected", "Sent question", "Received answer", "Ended(OwnFin)", "Received !", "Ended(PeerFin)"]
    );
    assert_eq!(
        (found.ends(0).as_str(), found.flows[0].origin),
        ("10.0.0.1:10001 -> 10.0.0.2:10002", Origin::Connected)
    );
}

#[test]
fn calls_are_refused_reset_or_not_answered() {
    let call = tcp(1, 2, 100, 0, SYN, b"");
    assert_eq!(
        lines(&[call.clone(), call.clone(), tcp(2, 1, 0, 101, RST | ACK, b"")]),
        ["Refused connection refused"]
    );
    assert_eq!(lines(&[call.clone(), tcp(1, 2, 101, 0, RST, b"")]), ["Refused the caller gave up"]);
    // Called again with other numbers, and never answered.
    assert_eq!(
        lines(&[call.clone(), tcp(1, 2, 900, 0, SYN, b"")]),
        ["Refused no answer", "Refused no answer"]
    );
    let mut packets = made(100, 200);
    packets.push(tcp(2, 1, 201, 101, RST | ACK, b""));
    // The same port again.
    packets.extend(made(9000, 8000));
    packets.push(tcp(1, 2, 9001, 8001, RST, b""));
    assert_eq!(lines(&packets), ["Connected", "Ended(PeerReset)", "Connected", "Ended(OwnReset)"]);
}

#[test]
fn a_connection_that_began_before_the_capture_is_simply_there() {
    let packets = [
        tcp(2, 1, 77, 55, ACK, b""),
        tcp(2, 1, 77, 55, ACK | PSH, b"from the server"),
        tcp(1, 2, 55, 92, ACK | PSH, b"from the client"),
    ];
    // 10001 is taken for the server, as the lower port.
    assert_eq!(lines(&packets), ["Connected", "Sent from the server", "Received from the client"]);
    // Only the answer to the call is there, or only what follows it.
    let made = made(100, 200);
    let data = tcp(1, 2, 101, 201, ACK, b"x");
    assert_eq!(lines(&[made[1].clone(), data.clone()]), ["Connected", "Sent x"]);
    assert_eq!(lines(&[made[0].clone(), data]), ["Connected", "Sent x"]);
}

#[test]
fn bytes_that_lack_are_named_in_their_place() {
    let hole = |n: u32| format!("Note {n} bytes from 10.0.0.1:10001 to 10.0.0.2:10002 are missing");
    // The receiver has them: it acknowledges. The file's clock goes on by a second a packet.
    let mut packets = made(100, 200);
    packets.extend([
        tcp(1, 2, 111, 201, ACK, b"after"),
        tcp(2, 1, 201, 116, ACK, b"reply"),
        tcp(1, 2, 116, 206, ACK, b"and on"),
    ]);
    let expected = ["Connected", "Received reply", &hole(10), "Sent after", "Sent and on"];
    assert_eq!(lines(&packets), expected);
    // Nobody acknowledges, and the file ends.
    assert_eq!(lines(&packets[..4]), ["Connected", &hole(10), "Sent after"]);
    // Nothing follows what lacks; a FIN that alone lacks is no byte.
    let mut packets = made(100, 200);
    packets.extend([tcp(2, 1, 201, 121, ACK, b""), tcp(2, 1, 201, 121, ACK, b"late")]);
    assert_eq!(lines(&packets), ["Connected", &hole(20), "Received late"]);
    let mut packets = made(100, 200);
    packets.extend([tcp(2, 1, 201, 102, ACK, b""), tcp(2, 1, 201, 102, ACK, b"late")]);
    assert_eq!(lines(&packets), ["Connected", "Received late"]);
    // It ends by FIN, or by RST, before the hole is closed.
    let mut packets = made(100, 200);
    packets.extend([tcp(1, 2, 104, 201, ACK | FIN, b"end"), tcp(2, 1, 201, 108, ACK | RST, b"")]);
    assert_eq!(lines(&packets), ["Connected", &hole(3), "Sent end", "Ended(OwnFin)", "Ended(PeerReset)"]);
}

#[test]
fn what_waits_is_bounded() {
    let mut packets = made(100, 200);
    let data = vec![7; 60_000];
    // A byte lacks, and 18 MB come after it.
    let all: Vec<_> = (0..300_u32).map(|n| tcp(1, 2, 102 + n * 60_000, 201, ACK, &data)).collect();
    packets.extend(all);
    let found = import_bytes(&raw(&packets)).unwrap();
    assert_eq!(found.lines[1], "Note 1 byte from 10.0.0.1:10001 to 10.0.0.2:10002 is missing");
    assert_eq!(found.sent(0).len(), 300 * 60_000);
}

#[test]
fn sequence_numbers_go_around_more_than_once() {
    // The file need not hold 8 GiB: gaps go far, too.
    let mut packets = made(5, 200);
    let (mut seq, mut sent) = (6_u32, 0_u64);
    for _ in 0..14 {
        packets.push(tcp(1, 2, seq, 201, ACK, b"here"));
        seq = seq.wrapping_add(700_000_000);
        sent += 700_000_000;
        packets.push(tcp(2, 1, 201, seq, ACK, b""));
        packets.push(tcp(2, 1, 201, seq, ACK, b""));
    }
    let found = import_bytes(&raw(&packets)).unwrap();
    assert!(sent > 2 << 32);
    assert_eq!(found.sent(0).len(), 14 * 4);
    let gaps = found.lines.iter().filter(|line| line.starts_with("Note 699999996 bytes from")).count();
    assert_eq!((gaps, found.flows.len()), (14, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Both directions at once, in pieces, some twice, some overlapping, shuffled within a window.
    #[test]
    fn any_disorder_gives_the_bytes(
        framer in (1_usize..6000, 0_usize..6000),
        starts: (u32, u32),
        extra in prop::collection::vec((any::<bool>(), 0_usize..6000, 1_usize..900), 0..30),
        keys in prop::collection::vec(0_usize..24, 200),
    ) {
        let streams = [framer.0, framer.1].map(|len| (0..=250).cycle().take(len).collect::<Vec<u8>>());
        let mut pieces = Vec::new();
        for (side, stream) in streams.iter().enumerate() {
            pieces.extend((0..stream.len()).step_by(211).map(|at| (side, at, (at + 211).min(stream.len()))));
        }
        for (second, at, n) in extra {
            let side = usize::from(second);
            if let Some(at) = at.checked_rem(streams[side].len()) {
                pieces.push((side, at, (at + n).min(streams[side].len())));
            }
        }
        pieces.sort_by_key(|(_, at, _)| *at);
        let mut keyed: Vec<_> = pieces.into_iter().enumerate().map(|(n, piece)| (n + keys[n % keys.len()], piece)).collect();
        keyed.sort_by_key(|(key, _)| *key);
        let mut packets = made(starts.0, starts.1);
        for (_, (side, from, to)) in keyed {
            let data = &streams[side][from..to];
            let seq = |start: u32, at: usize| start.wrapping_add(1).wrapping_add(u32::try_from(at).unwrap());
            packets.push(if side == 0 {
                tcp(1, 2, seq(starts.0, from), starts.1.wrapping_add(1), ACK, data)
            } else {
                tcp(2, 1, seq(starts.1, from), starts.0.wrapping_add(1), ACK, data)
            });
        }
        let found = import_bytes(&raw(&packets)).unwrap();
        prop_assert!(found.sent(0) == streams[0]);
        prop_assert!(found.received(0) == streams[1]);
        prop_assert!(!found.lines.iter().any(|line| line.starts_with("Note")), "nothing lacks");
    }
}
