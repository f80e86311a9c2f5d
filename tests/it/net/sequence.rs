//! Sequences over real sockets.

use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use netassist::codec::Charset;
use netassist::codec::compose::{Manner, Mode};
use netassist::codec::matcher::{MatchKind, Matcher};
use netassist::model::{
    Cause, Command, Direction, Doing, Event, ExpectedAnswer, Missed, Otherwise, SendPart, Sequence,
    SequenceEnd, SequenceId, SequencePlace, SequenceRow, Target,
};

use super::bench::{Bench, PATIENCE, dial, pair};

const MS: Duration = Duration::from_millis(1);

fn row(text: &str, pause: Duration) -> SequenceRow {
    SequenceRow { what: Some(SendPart::Bytes(text.as_bytes().into())), answer: None, pause }
}

/// A row whose answer must contain `pattern`.
fn asks(text: &str, pattern: &str, within: Duration, otherwise: Otherwise) -> SequenceRow {
    let manner = Manner { mode: Mode::Text, escapes: false, charset: Charset::Utf8 };
    let like = Matcher::parse(MatchKind::Contains, pattern, manner).unwrap();
    SequenceRow { answer: Some(ExpectedAnswer { like, within, otherwise }), ..row(text, Duration::ZERO) }
}

fn order<const N: usize>(bench: &Bench, id: u32, to: Target, rows: [SequenceRow; N], loops: Option<u64>) {
    bench.order(Command::Sequence(Sequence { id: SequenceId(id), to, rows: rows.into(), loops }));
}

#[track_caller]
fn read(stream: &mut TcpStream, expected: &str) {
    let mut bytes = vec![0; expected.len()];
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes), expected);
}

#[test]
fn rows_are_sent_in_order_for_the_given_rounds() {
    let (mut client, mut peer) = pair(|_setup| ());
    let begun = Instant::now();
    order(&client, 1, Target::All, [row("a", 5 * MS), row("b", 5 * MS)], Some(3));
    let (place, how) = client.sequence_ended(1);
    assert_eq!((place, how), (SequencePlace { row: 1, round: 2, unanswered: 0 }, SequenceEnd::Done));
    assert!(begun.elapsed() >= 25 * MS, "not before their time");
    assert_eq!(client.close(), None);
    read(&mut peer, "ababab");
    assert_eq!(client.data(None, Direction::Sent).len(), 6, "each is recorded");
}

#[test]
fn each_row_waits_for_the_answer_to_the_one_before() {
    let (mut client, mut peer) = pair(|_setup| ());
    let rows = ["one", "two", "three"].map(|text| asks(text, "OK", PATIENCE, Otherwise::Stop));
    order(&client, 1, Target::All, rows, Some(2));
    for _round in 0..2 {
        for text in ["one", "two", "three"] {
            read(&mut peer, text);
            peer.write_all(b"busy").unwrap();
            client.until("busy", |client| client.bytes(Direction::Received).ends_with(b"busy"));
            peer.write_all(b"OK").unwrap();
        }
    }
    assert_eq!(client.sequence_ended(1).1, SequenceEnd::Done);
    assert_eq!(client.bytes(Direction::Sent), b"onetwothree".repeat(2));
    assert_eq!(client.close(), None);
}

#[test]
fn a_missing_answer_ends_it_with_what_came_instead() {
    let (mut client, mut peer) = pair(|_setup| ());
    let rows = [asks("hello", "OK", 80 * MS, Otherwise::Stop), row("never", Duration::ZERO)];
    order(&client, 1, Target::All, rows, None);
    read(&mut peer, "hello");
    peer.write_all(b"ERROR 5").unwrap();
    let (place, how) = client.sequence_ended(1);
    let SequenceEnd::TimedOut(missed) = how else { panic!("{how:?}") };
    assert_eq!((missed.messages, missed.last.as_deref()), (1, Some(b"ERROR 5".as_slice())));
    assert_eq!(place, SequencePlace { row: 0, round: 0, unanswered: 1 });
    assert_eq!(client.close(), None);
    assert_eq!(client.bytes(Direction::Sent), b"hello");
}

#[test]
fn what_came_before_the_sequence_can_be_its_answer() {
    let (mut client, mut peer) = pair(|setup| setup.keeps_early = true);
    peer.write_all(b"220 ready\r\n").unwrap();
    client.until("the banner", |client| client.bytes(Direction::Received).ends_with(b"\n"));
    let to = Target::Flows(vec![client.first_flow().id]);
    let banner = SequenceRow { what: None, ..asks("", "220", PATIENCE, Otherwise::Stop) };
    let late =
        [asks("a", "OK", PATIENCE, Otherwise::Stop), row("b", MS), asks("c", "2", 80 * MS, Otherwise::Stop)];
    let [first, second, third] = late;
    order(&client, 1, to.clone(), [banner.clone(), first, second, third], Some(1));
    read(&mut peer, "a");
    peer.write_all(b"O").unwrap();
    client.until("a part", |client| client.bytes(Direction::Received).ends_with(b"O"));
    peer.write_all(b"K").unwrap();
    read(&mut peer, "bc");
    // The banner is used up, and so is what came before the answer.
    let SequenceEnd::TimedOut(missed) = client.sequence_ended(1).1 else { panic!() };
    assert_eq!(missed, Missed::default());
    order(&client, 2, to, [SequenceRow { answer: banner.answer, ..row("d", MS) }], Some(1));
    read(&mut peer, "d");
    peer.write_all(b"220").unwrap();
    assert_eq!(client.sequence_ended(2).1, SequenceEnd::Done);
    assert_eq!(client.close(), None);
}

#[test]
fn what_came_before_a_reset_is_an_answer() {
    let (mut client, mut peer) = pair(|setup| setup.options.half_open = true);
    let rows = [asks("a", "x", PATIENCE, Otherwise::Stop)];
    let to = Target::Flows(vec![client.first_flow().id]);
    order(&client, 1, to, rows, Some(1));
    read(&mut peer, "a");
    peer.write_all(b"x").unwrap();
    socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    let (_place, how) = client.sequence_ended(1);
    let is_read = client.bytes(Direction::Received) == b"x";
    assert_eq!(how == SequenceEnd::Done, is_read, "{how:?}: the kernel may drop what was not read");
    client.closed();
}

#[test]
fn it_can_continue_without_an_answer() {
    let (mut client, mut peer) = pair(|_setup| ());
    order(&client, 1, Target::All, [asks("hello", "OK", 5 * MS, Otherwise::GoOn)], Some(4));
    read(&mut peer, "hellohellohellohello");
    let (place, how) = client.sequence_ended(1);
    assert_eq!((place.unanswered, how), (4, SequenceEnd::Done));
    assert_eq!(client.close(), None);
}

#[test]
fn several_run_at_once_and_closing_stops_them() {
    let (mut client, mut peer) = pair(|_setup| ());
    order(&client, 1, Target::All, [row("1", MS)], None);
    order(&client, 2, Target::All, [asks("2", "OK", PATIENCE, Otherwise::Stop)], None);
    let mut seen = [0; 8];
    peer.read_exact(&mut seen).unwrap();
    assert_eq!(String::from_utf8_lossy(&seen).matches('2').count(), 1);
    client.order(Command::StopSequence(SequenceId(1)));
    assert_eq!(client.sequence_ended(1).1, SequenceEnd::Stopped);
    assert_eq!(client.close(), None);
    assert_eq!(client.sequence_ended(2).1, SequenceEnd::Stopped);
}

#[test]
fn it_ends_when_its_peer_leaves() {
    let (mut client, peer) = pair(|_setup| ());
    order(&client, 1, Target::All, [asks("hello", "OK", PATIENCE, Otherwise::Stop)], None);
    client.until("hello", |client| client.bytes(Direction::Sent) == b"hello");
    drop(peer);
    assert_eq!(client.sequence_ended(1).1, SequenceEnd::PeerLeft(Some(Missed::default())));
    client.closed();
}

#[test]
fn on_a_server_it_waits_for_clients() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    order(&server, 1, Target::All, [row("a", MS), asks("b", "OK", PATIENCE, Otherwise::Stop)], Some(2));
    let mut first = dial(address);
    read(&mut first, "ab");
    // One answer is enough, from any peer.
    let mut second = dial(address);
    server.until("both", |server| server.joined().len() == 2);
    second.write_all(b"OK").unwrap();
    read(&mut first, "ab");
    read(&mut second, "ab");
    drop(first);
    server.until("the first has left", |server| server.left().len() == 1);
    second.write_all(b"OK").unwrap();
    assert_eq!(server.sequence_ended(1).1, SequenceEnd::Done);
    assert_eq!(server.troubles(), []);
    drop(second);
    server.until("nobody is left", |server| server.left().len() == 2);
    order(&server, 2, Target::All, [row("x", 2 * MS)], Some(2));
    read(&mut dial(address), "xx");
    assert_eq!(server.sequence_ended(2).1, SequenceEnd::Done);
    assert_eq!(server.close(), None);
}

#[test]
fn it_ends_when_all_its_receivers_have_left() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let mut chosen = dial(address);
    let flow = server.first_flow();
    let mut other = dial(address);
    let to = Target::Flows(vec![flow.id]);
    order(&server, 1, to, [asks("psst", "OK", PATIENCE, Otherwise::Stop)], None);
    read(&mut chosen, "psst");
    other.write_all(b"OK").unwrap();
    server.until("another's word", |server| server.bytes(Direction::Received) == b"OK");
    drop(chosen);
    let (place, how) = server.sequence_ended(1);
    assert_eq!((place.round, how), (0, SequenceEnd::PeerLeft(Some(Missed::default()))));
    assert_eq!(server.bytes(Direction::Sent), b"psst");
    assert_eq!(server.close(), None);
}

#[test]
fn over_udp_an_answer_may_come_from_any_address() {
    let device = UdpSocket::bind("127.0.0.1:0").unwrap();
    let other_port = UdpSocket::bind("127.0.0.1:0").unwrap();
    device.set_read_timeout(Some(PATIENCE)).unwrap();
    let (mut udp, _local) = Bench::udp("127.0.0.1:0", |_setup| ());
    let to = Target::Endpoint(device.local_addr().unwrap().into());
    order(&udp, 1, to, [asks("who?", "me", PATIENCE, Otherwise::Stop)], Some(2));
    for _round in 0..2 {
        let mut buffer = [0; 16];
        let (n, from) = device.recv_from(&mut buffer).unwrap();
        assert_eq!(&buffer[..n], b"who?");
        other_port.send_to(b"me", from).unwrap();
    }
    assert_eq!(udp.sequence_ended(1).1, SequenceEnd::Done);
    assert_eq!(udp.close(), None);
}

#[test]
fn a_row_that_can_never_be_sent_ends_it_with_an_error() {
    let (mut udp, _local) = Bench::udp("127.0.0.1:0", |_setup| ());
    order(&udp, 1, Target::All, [row("x", MS)], None);
    assert_eq!(udp.sequence_ended(1).1, SequenceEnd::Failed);
    let troubles = udp.troubles();
    assert_eq!((troubles[0].doing, &troubles[0].cause), (Doing::Sending, &Cause::NoPeer));
    assert_eq!(udp.close(), None);
}

#[test]
fn a_sequence_without_pauses_does_not_starve_receiving() {
    let (mut client, mut peer) = pair(|_setup| ());
    order(&client, 1, Target::All, [row("x", Duration::ZERO)], None);
    let (mut seen, mut buffer) = (0, vec![0; 65_536]);
    while seen < 1_000_000 {
        seen += peer.read(&mut buffer).unwrap();
    }
    peer.write_all(b"stop").unwrap();
    client.until("a word against the stream", |client| client.bytes(Direction::Received) == b"stop");
    client.order(Command::StopSequence(SequenceId(1)));
    let drain = move || peer.read_to_end(&mut Vec::new());
    let reader = std::thread::Builder::new().name("drain".to_owned()).spawn(drain).unwrap();
    assert_eq!(client.sequence_ended(1).1, SequenceEnd::Stopped);
    let ats = client.events.iter().filter(|event| matches!(event, Event::SequenceAt(..))).count();
    assert!(ats >= 1);
    assert_eq!(client.close(), None);
    reader.join().unwrap().unwrap();
}
