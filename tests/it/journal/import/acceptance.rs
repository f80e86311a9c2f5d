//! Which segments count, as for a receiver by RFC 9293, and that nothing is left out without a note with its flow.

use netassist::model::{FlowId, RecordKind};
use proptest::prelude::*;

use super::Imported;
use super::frames::{ACK, FIN, PSH, RST, SYN, import_bytes, made, raw, tcp};

const ASK: &str = "10.0.0.1:10001 to 10.0.0.2:10002";
const ANSWER: &str = "10.0.0.2:10002 to 10.0.0.1:10001";

/// Imports packets of one connection after another: each note bears the flow of the records around it.
#[track_caller]
fn imported(packets: &[Vec<u8>]) -> Imported {
    let found = import_bytes(&raw(packets)).unwrap();
    let notes = found.records.iter().filter(|record| record.kind == RecordKind::Note);
    assert!(notes.into_iter().all(|note| note.flow != FlowId::NONE), "{:?}", found.lines);
    found
}

#[track_caller]
fn check(packets: &[&[Vec<u8>]], expected: &[&str]) {
    assert_eq!(imported(&packets.concat()).lines, expected);
}

fn rst_ignored(seq: u32, ack: u32, ends: &str) -> String {
    format!("Note RST with sequence number {seq} and acknowledgment number {ack} from {ends} was ignored")
}

fn syn_ignored(seq: u32, ends: &str) -> String {
    format!("Note SYN with sequence number {seq} from {ends} was ignored")
}

fn left_out(n: u64, ends: &str) -> String {
    format!("Note {n} bytes from {ends} were left out: not part of the stream")
}

#[test]
fn a_retransmission_with_other_data_is_noted() {
    let differs =
        |n: u64| format!("Note {n} bytes from {ASK} differ in a retransmission; the first copy is kept");
    let data = |seq: u32, text: &[u8]| tcp(1, 2, seq, 501, ACK, text);
    // Of what was recorded, in other pieces, too; of what waits behind a gap; and not of a keep-alive.
    let packets = [
        data(101, b"hello"),
        data(106, b" world"),
        data(103, b"LLo w0"),
        data(101, b"hello world"),
        data(111, b"?"),
        data(114, b"later"),
        data(115, b"AteR"),
        data(112, b"! "),
    ];
    let expected =
        ["Connected", "Sent hello", "Sent  world", &differs(3), &differs(2), "Sent ! ", "Sent later"];
    check(&[&made(100, 500), &packets], &expected);
}

#[test]
fn data_before_the_start_and_of_a_syn_that_was_not_accepted_are_noted() {
    check(
        &[&made(100, 500), &[tcp(1, 2, 91, 501, ACK, b"stray"), tcp(1, 2, 101, 501, ACK, b"hello")]],
        &["Connected", &left_out(5, ASK), "Sent hello"],
    );
    // Four bytes are not sent again; a number before all says nothing about them.
    let (syn, answer) = (tcp(1, 2, 100, 0, SYN, b"hello world"), tcp(2, 1, 500, 101, SYN | ACK, b""));
    check(
        &[&[syn.clone(), answer, tcp(1, 2, 101, 501, ACK, b"hello, ")]],
        &["Connected", "Sent hello, ", &left_out(4, ASK)],
    );
    let answer = tcp(2, 1, 500, 112, SYN | ACK, b"");
    check(
        &[&[syn, tcp(1, 2, 91, 0, ACK, b"stray"), answer]],
        &["Connected", &left_out(5, ASK), "Sent hello world"],
    );
}

#[test]
fn an_rst_counts_only_with_exactly_the_next_number() {
    for start in [200, u32::MAX - 2, u32::MAX - 6] {
        let next = start.wrapping_add(6);
        let ask = [tcp(2, 1, start.wrapping_add(1), 101, ACK | PSH, b"hello")];
        // Before the window, in it, behind it, and far away.
        for wrong in [next.wrapping_sub(1), next.wrapping_add(1), next.wrapping_add(70_000), next ^ 1 << 31] {
            let rest = [
                tcp(2, 1, wrong, 0, RST, b""),
                tcp(2, 1, next, 101, ACK, b"more"),
                tcp(1, 2, 101, next.wrapping_add(4), ACK, b"yes"),
            ];
            let note = rst_ignored(wrong, 0, ANSWER);
            check(
                &[&made(100, start), &ask, &rest],
                &["Connected", "Received hello", &note, "Received more", "Sent yes"],
            );
        }
        // Sent again it says nothing new; what follows the end is named once.
        let rest = [
            tcp(2, 1, next, 101, RST | ACK, b""),
            tcp(2, 1, next, 101, RST | ACK, b""),
            tcp(1, 2, 101, next, ACK, b"too late"),
            tcp(1, 2, 101, next, ACK, b"too late"),
            tcp(1, 2, 109, next, RST, b""),
            tcp(1, 2, 500, next, RST, b""),
        ];
        let (late, wrong) = (left_out(8, ASK), rst_ignored(500, next, ASK));
        check(
            &[&made(100, start), &ask, &rest],
            &["Connected", "Received hello", "Ended(PeerReset)", &late, &wrong],
        );
    }
}

#[test]
fn an_rst_with_data_ends_the_connection_and_its_data_are_named() {
    let late = left_out(3, ANSWER);
    check(
        &[&made(100, 200), &[tcp(2, 1, 201, 101, RST | ACK, b"why")]],
        &["Connected", "Ended(PeerReset)", &late],
    );
}

#[test]
fn an_rst_after_lost_bytes_counts_with_the_number_that_was_acknowledged() {
    let rest = [
        tcp(2, 1, 211, 101, ACK, b"after"),
        tcp(1, 2, 101, 216, ACK, b""),
        tcp(2, 1, 216, 101, RST | ACK, b""),
    ];
    let hole = format!("Note 10 bytes from {ANSWER} are missing");
    check(&[&made(100, 200), &rest], &["Connected", &hole, "Received after", "Ended(PeerReset)"]);
}

#[test]
fn a_call_is_refused_only_by_an_rst_that_acknowledges_it() {
    let call = [tcp(1, 2, 100, 0, SYN, b"")];
    for (flags, ack) in [(RST, 0), (RST | ACK, 100), (RST | ACK, 102), (RST, 101)] {
        let bogus = [tcp(2, 1, 7, ack, flags, b"")];
        let note = rst_ignored(7, ack, ANSWER);
        check(&[&call, &bogus, &made(100, 200)[1..]], &["Connected", &note]);
        check(&[&call, &bogus], &["Refused no answer", &note]);
    }
    check(&[&call, &[tcp(2, 1, 0, 101, RST | ACK, b"")]], &["Refused connection refused"]);
    // Called again with the same number, as some systems do.
    let refusal = [tcp(2, 1, 0, 101, RST | ACK, b"")];
    let found = imported(&[&call[..], &refusal, &made(100, 200), &[tcp(1, 2, 101, 201, ACK, b"x")]].concat());
    assert_eq!(found.lines, ["Refused connection refused", "Connected", "Sent x"]);
}

#[test]
fn data_of_both_syns_are_there_once() {
    let greeting = [tcp(1, 2, 100, 0, SYN, b""), tcp(2, 1, 200, 101, SYN | ACK, b"220 hello")];
    let again = [tcp(2, 1, 200, 101, SYN | ACK, b"220 hello"), tcp(1, 2, 101, 210, ACK, b"HELO")];
    check(&[&greeting, &again], &["Connected", "Received 220 hello", "Sent HELO"]);
    // TCP Fast Open: accepted, in part, not at all; without an answer in the file; without any answer.
    let call = |n: usize| [tcp(1, 2, 100, 0, SYN, &b"GET /"[..n])];
    for n in [5, 3, 0] {
        let ack = 101 + u32::try_from(n).unwrap();
        let answer = [
            tcp(2, 1, 200, ack, SYN | ACK, b""),
            tcp(1, 2, ack, 201, ACK, &b"GET /"[n..]),
            tcp(2, 1, 201, 106, ACK, b"ok"),
            tcp(2, 1, 200, ack, SYN | ACK, b""),
        ];
        for answer in [&answer[..], &answer[1..3]] {
            let found = imported(&[&call(5), &call(5), answer].concat());
            assert_eq!((found.sent(0), found.received(0), found.flows.len()), (&b"GET /"[..], &b"ok"[..], 1));
            assert!(!found.lines.iter().any(|line| line.starts_with("Note")), "{:?}", found.lines);
        }
    }
    let lost = left_out(5, ASK);
    check(&[&call(5), &[tcp(2, 1, 0, 101, RST | ACK, b"")]], &["Refused connection refused", &lost]);
    check(&[&call(5)], &["Refused no answer", &lost]);
    // Both call, and neither acknowledges the other's data.
    let both = [tcp(2, 1, 200, 0, SYN, b"220 hello"), tcp(1, 2, 101, 201, ACK, b"GET /")];
    check(&[&call(5), &both], &["Connected", "Sent GET /", &left_out(9, ANSWER)]);
}

#[test]
fn data_of_syns_are_bounded() {
    // 18 MB that nobody answers: the oldest are given up, so that a late answer cannot accept them.
    let data = vec![7; 60_000];
    let call = |n: u32| tcp(u8::try_from(n % 150).unwrap(), 200, n, 0, SYN, &data);
    let mut packets: Vec<_> = (0..300).map(call).collect();
    for n in [150, 299] {
        packets.push(tcp(200, u8::try_from(n % 150).unwrap(), 9, n + 60_001, SYN | ACK, b""));
    }
    let found = import_bytes(&raw(&packets)).unwrap();
    assert_eq!(found.flows.len(), 300);
    assert_eq!((found.sent(150).len(), found.sent(299).len()), (0, 60_000));
    let notes = found
        .lines
        .iter()
        .filter(|line| line.starts_with("Note 60000 bytes from") && line.contains("left out"));
    assert_eq!(notes.count(), 299);
}

#[test]
fn of_two_answers_the_one_that_the_caller_acknowledges_counts() {
    for (chosen, other) in [(16_000_500, 32_000_500), (32_000_500, 16_000_500)] {
        let packets = [
            tcp(1, 2, 100, 0, SYN, b""),
            tcp(2, 1, 16_000_500, 101, SYN | ACK, b""),
            tcp(2, 1, 32_000_500, 101, SYN | ACK, b""),
            tcp(1, 2, 100, 0, SYN, b""),
            tcp(1, 2, 101, chosen + 1, ACK, b"GET /"),
            tcp(2, 1, chosen + 1, 106, ACK, b"200 ok"),
            tcp(2, 1, other, 101, SYN | ACK, b""),
        ];
        let note = syn_ignored(other, ANSWER);
        check(&[&packets], &["Connected", &note, "Sent GET /", "Received 200 ok", &note]);
    }
}

#[test]
fn a_syn_within_a_connection_counts_once_it_is_answered() {
    let data = |seq: u32, ack: u32, text: &[u8]| [tcp(1, 2, seq, ack, ACK, text)];
    // Nobody answers: the connection goes on.
    let note = syn_ignored(9000, ASK);
    check(&[&made(100, 200), &made(9000, 0)[..1], &data(101, 201, b"on")], &["Connected", "Sent on", &note]);
    // The same port again, before the end of the old connection was seen.
    let again =
        [&made(100, 200)[..], &data(101, 201, b"old"), &made(9000, 8000), &data(9001, 8001, b"new")].concat();
    let expected = ["Connected", "Sent old", "Connected", "Sent new"];
    check(&[&again], &expected);
    // Only one side of both was captured.
    let side = |from: u8| again.iter().filter(|packet| packet[15] == from).cloned().collect::<Vec<_>>();
    check(&[&side(1)], &expected);
    // The call is not in the file: the caller's acknowledgement confirms the answer.
    let unseen = [&made(100, 200)[..], &made(9000, 8000)[1..], &data(9001, 8001, b"new")].concat();
    check(&[&unseen], &["Connected", "Connected", "Sent new"]);
    let stray = syn_ignored(8000, ANSWER);
    check(
        &[&made(100, 200), &made(9000, 8000)[1..2], &data(101, 201, b"on")],
        &["Connected", "Sent on", &stray],
    );
    // Refused, while the old connection is still there.
    let refused = [tcp(1, 2, 9000, 0, SYN, b""), tcp(2, 1, 0, 9001, RST | ACK, b"")];
    check(&[&made(100, 200), &refused], &["Connected", "Refused connection refused"]);
    // The other side is not aware of a new connection: it says where it is, and is reset.
    let half_open = [
        tcp(1, 2, 9000, 0, SYN, b""),
        tcp(2, 1, 201, 101, ACK, b""),
        tcp(1, 2, 101, 0, RST, b""),
        tcp(1, 2, 9000, 0, SYN, b""),
        tcp(2, 1, 8000, 9001, SYN | ACK, b""),
    ];
    check(&[&made(100, 200), &half_open], &["Connected", "Ended(OwnReset)", &note, "Connected"]);
}

#[test]
fn both_sides_may_call_at_the_same_time() {
    let packets = [
        tcp(1, 2, 100, 0, SYN, b""),
        tcp(2, 1, 200, 0, SYN, b""),
        tcp(1, 2, 100, 201, SYN | ACK, b""),
        tcp(2, 1, 200, 101, SYN | ACK, b""),
        tcp(1, 2, 101, 201, ACK, b"a"),
        tcp(2, 1, 201, 102, ACK, b"b"),
    ];
    check(&[&packets], &["Connected", "Sent a", "Received b"]);
}

#[test]
fn data_beyond_the_end_and_before_the_start_are_named() {
    let rest = [
        tcp(1, 2, 101, 201, ACK | FIN, b"last"),
        tcp(1, 2, 105, 201, ACK, b"more"),
        tcp(1, 2, 101, 201, ACK | FIN, b"last"),
    ];
    let late = left_out(4, ASK);
    check(&[&made(100, 200), &rest], &["Connected", "Sent last", "Ended(OwnFin)", &late]);
    // The FIN follows what is beyond it in the file; one in the middle of the stream does not count.
    let rest = [
        tcp(1, 2, 106, 201, ACK, b"beyond"),
        tcp(1, 2, 101, 201, ACK, b"to"),
        tcp(1, 2, 101, 201, ACK | FIN, b""),
        tcp(1, 2, 103, 201, ACK | FIN, b"end"),
    ];
    let beyond = left_out(6, ASK);
    check(&[&made(100, 200), &rest], &["Connected", "Sent to", "Sent end", &beyond, "Ended(OwnFin)"]);
    // Older than the first packet of the capture; the repeated byte is a keep-alive.
    let middle = [
        tcp(2, 1, 500, 100, ACK, b"now"),
        tcp(2, 1, 490, 100, ACK, b"earlier"),
        tcp(2, 1, 502, 100, ACK, b"x"),
    ];
    let earlier = left_out(7, ANSWER);
    check(&[&middle], &["Connected", "Sent now", &earlier]);
    let keep_alive =
        [tcp(2, 1, 500, 100, ACK, b"now"), tcp(2, 1, 502, 100, ACK, b"?"), tcp(2, 1, 503, 100, ACK, b"!")];
    check(&[&keep_alive], &["Connected", "Sent now", "Sent !"]);
}

#[test]
fn what_comes_after_its_gap_was_given_up_is_named() {
    let mut packets = made(100, 200);
    packets.extend([
        tcp(1, 2, 111, 201, ACK, b"after"),
        tcp(2, 1, 201, 116, ACK, b""),
        tcp(2, 1, 201, 116, ACK, b""),
        tcp(1, 2, 101, 201, ACK, b"ten bytes!"),
    ]);
    let hole = format!("Note 10 bytes from {ASK} are missing");
    check(&[&packets], &["Connected", &hole, "Sent after", &left_out(10, ASK)]);
}

#[test]
fn a_gap_of_more_than_a_gibibyte_is_one_if_the_acknowledgement_fits() {
    let far = 105 + 1_500_000_000;
    let packets = [tcp(1, 2, 101, 201, ACK, b"here"), tcp(1, 2, far, 201, ACK, b"there")];
    let hole = format!("Note 1500000000 bytes from {ASK} are missing");
    check(&[&made(100, 200), &packets], &["Connected", "Sent here", &hole, "Sent there"]);
}

#[test]
fn segments_of_unknown_connections_are_counted() {
    let lines = |packets: &[Vec<u8>]| import_bytes(&raw(packets)).unwrap().lines;
    let one = "Note 1 TCP segment of connections that are not in the capture was left out";
    let two = "Note 2 TCP segments of connections that are not in the capture were left out";
    assert_eq!(lines(&[tcp(1, 2, 5, 6, ACK, b""), tcp(2, 1, 6, 5, RST, b"")]), [two]);
    // Acknowledgements before the first data are of its connection.
    let packets = [tcp(1, 2, 5, 6, ACK, b""), tcp(1, 2, 5, 6, ACK, b"x"), tcp(2, 9, 6, 5, RST, b"")];
    assert_eq!(lines(&packets), ["Connected", "Received x", one]);
    assert_eq!(lines(&[tcp(1, 2, 5, 6, ACK | FIN, b"")]), ["Connected", "Ended(PeerFin)"]);
}

#[test]
fn records_have_the_times_of_their_packets() {
    // In the file a packet is a second later than the one before it.
    let second = |n: u64| n * 1_000_000_000 + 7_000;
    let mut packets = made(100, 200);
    packets.extend([
        tcp(1, 2, 111, 201, ACK, b"after"),
        tcp(2, 1, 201, 116, ACK, b""),
        tcp(1, 2, 126, 201, ACK, b"last"),
        tcp(1, 2, 116, 201, ACK, b"ten bytes!"),
    ]);
    let found = imported(&packets);
    assert_eq!(found.lines[2..], ["Sent after", "Sent ten bytes!", "Sent last"]);
    assert_eq!(found.times, [second(2), second(4), second(4), second(7), second(6)]);
    // A clock far ahead changes nothing behind it.
    let mut file = raw(&[tcp(1, 2, 1, 1, ACK, b"a"), tcp(1, 2, 2, 1, ACK, b"b"), tcp(1, 2, 3, 1, ACK, b"c")]);
    file[24..28].copy_from_slice(&2_900_000_000_u32.to_le_bytes());
    let found = import_bytes(&file).unwrap();
    assert_eq!(found.times[1..], [second(2_900_000_000), second(2), second(3)]);
    assert_eq!(found.flows[0].since.0, second(2_900_000_000));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever is injected with other numbers than those of the connection, both streams come out as they were sent.
    #[test]
    fn injected_segments_do_no_harm(
        starts: (u32, u32),
        pieces in prop::collection::vec((any::<bool>(), 1_usize..300), 1..40),
        injected in prop::collection::vec((0_usize..40, any::<bool>(), 0_u8..3, any::<u32>()), 0..20),
    ) {
        let mut packets = made(starts.0, starts.1);
        let mut next = [starts.0.wrapping_add(1), starts.1.wrapping_add(1)];
        let mut sent = [Vec::new(), Vec::new()];
        for (n, (second, len)) in pieces.into_iter().enumerate() {
            for (_, second, kind, number) in injected.iter().filter(|(at, ..)| *at == n) {
                let (from, to, side) = if *second { (2, 1, 1) } else { (1, 2, 0) };
                let seq = if *number == next[side] { number.wrapping_add(1) } else { *number };
                packets.push(match kind {
                    0 => tcp(from, to, seq, next[1 - side], RST | ACK, b""),
                    1 => tcp(from, to, seq, 0, SYN, b""),
                    _ => tcp(from, to, seq, seq, SYN | ACK, b""),
                });
            }
            let (from, to, side) = if second { (2, 1, 1) } else { (1, 2, 0) };
            let data: Vec<u8> = (0..=250).cycle().skip(n).take(len).collect();
            packets.push(tcp(from, to, next[side], next[1 - side], ACK, &data));
            next[side] = next[side].wrapping_add(u32::try_from(len).unwrap());
            sent[side].extend(data);
        }
        packets.push(tcp(2, 1, next[1], next[0], RST | ACK, b""));
        let found = imported(&packets);
        prop_assert!(found.sent(0) == sent[0] && found.received(0) == sent[1]);
        prop_assert_eq!((found.flows.len(), found.lines.iter().filter(|line| *line == "Ended(PeerReset)").count()), (1, 1));
    }
}
