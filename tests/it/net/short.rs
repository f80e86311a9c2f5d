//! Short connections over real sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use netassist::codec::matcher::Matcher;
use netassist::model::{
    Cause, Command, Direction, Doing, Endpoint, Event, ExpectedAnswer, FileEnd, FileToSend, Link, Otherwise,
    RecordKind, SendPart, Sequence, SequenceEnd, SequenceId, SequenceRow, Short, ShortUntil, SocketCommand,
    Target,
};

use super::bench::{Bench, PATIENCE, accept, setup};

const MS: Duration = Duration::from_millis(1);

/// A client that is ready to connect to `remote`.
fn client(remote: impl Into<Endpoint>, until: ShortUntil, within: Duration) -> Bench {
    let mut setup = setup(Link::TcpClient { remote: remote.into(), local: None });
    setup.options.short = Some(Short { until, within });
    let mut bench = Bench::start(setup);
    bench.until("Ready", |bench| bench.events.contains(&Event::Ready));
    bench
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[track_caller]
fn read(stream: &mut TcpStream, expected: &[u8]) {
    let mut bytes = vec![0; expected.len()];
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(bytes, expected);
}

/// Reads to the end; returns the data.
fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn each_message_has_its_own_connection_closed_after_the_answer() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::Answered, PATIENCE);
    for text in [b"one", b"two"] {
        client.send(Target::All, text);
        let mut peer = accept(&listener);
        read(&mut peer, text);
        peer.write_all(b"OK").unwrap();
        assert_eq!(rest(peer), b"", "we close first");
    }
    let tally = client.short(2);
    assert_eq!((tally.done, tally.failed), (2, 0));
    let times = tally.times.unwrap();
    assert!(times.least <= times.most && tally.mean().unwrap() <= times.most);
    client.until("both have left", |client| client.left().len() == 2);
    assert_eq!((client.troubles(), client.close()), (Vec::new(), None));
    assert_eq!(client.joined().len(), 2);
    assert_eq!(client.data(None, Direction::Sent), [b"one", b"two"]);
    assert_eq!(client.data(None, Direction::Received), [b"OK", b"OK"]);
    let opened = |event: &&Event| matches!(event, Event::Opened { .. });
    assert_eq!(client.events.iter().filter(opened).count(), 0);
}

#[test]
fn messages_wait_for_those_before_them() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::Answered, PATIENCE);
    let texts: Vec<String> = (0..20).map(|n| format!("message {n}")).collect();
    for text in &texts {
        client.send(Target::All, text.as_bytes());
    }
    for text in &texts {
        let mut peer = accept(&listener);
        read(&mut peer, text.as_bytes());
        peer.write_all(text.as_bytes()).unwrap();
    }
    assert_eq!(client.short(20).done, 20);
    assert_eq!(client.close(), None);
    assert_eq!((client.totals().queued_bytes, client.totals().queued_messages), (0, 0));
}

#[test]
fn it_can_wait_until_the_peer_closes() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::PeerCloses, PATIENCE);
    client.send(Target::All, b"GET");
    let mut peer = accept(&listener);
    read(&mut peer, b"GET");
    for part in [b"first ", b"second"] {
        peer.write_all(part).unwrap();
        client.until("a part", |client| client.bytes(Direction::Received).ends_with(part));
    }
    client.drain();
    assert!(!client.events.iter().any(|event| matches!(event, Event::Short(_))), "it is not over yet");
    drop(peer);
    assert_eq!(client.short(1).done, 1);
    assert_eq!(client.close(), None);
    assert_eq!(client.bytes(Direction::Received), b"first second");
}

#[test]
fn it_can_close_without_waiting() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::Sent, PATIENCE);
    let large = vec![7; 3_000_000];
    client.send(Target::All, &large);
    assert_eq!(rest(accept(&listener)), large);
    assert_eq!((client.short(1).done, client.close()), (1, None));
}

#[test]
fn without_an_answer_in_time_it_fails_and_is_closed() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::Answered, 30 * MS);
    client.send(Target::All, b"anybody?");
    assert_eq!(rest(accept(&listener)), b"anybody?");
    let tally = client.short(1);
    assert_eq!((tally.done, tally.failed, tally.times), (0, 1, None));
    let error = client.troubles().remove(0);
    assert_eq!(error.to_string(), format!("cannot receive from {address}: no answer within 30 ms"));
    client.send(Target::All, b"once more");
    let mut peer = accept(&listener);
    read(&mut peer, b"once more");
    peer.write_all(b"yes").unwrap();
    let tally = client.short(2);
    assert_eq!((tally.done, tally.failed), (1, 1), "it goes on");
    assert_eq!(client.close(), None);
}

#[test]
fn closing_or_resetting_without_an_answer_is_a_failure() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::Answered, PATIENCE);
    client.send(Target::All, b"closes");
    let mut peer = accept(&listener);
    read(&mut peer, b"closes");
    drop(peer);
    assert_eq!(client.short(1).failed, 1);
    assert_eq!(client.troubles()[0].cause, Cause::ClosedUnanswered);
    client.send(Target::All, b"resets");
    let mut peer = accept(&listener);
    read(&mut peer, b"resets");
    socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    assert_eq!(client.short(2).failed, 2);
    let error = client.troubles().remove(1);
    assert!(error.doing == Doing::Receiving && matches!(error.cause, Cause::Os { .. }), "{error}");
    assert_eq!(client.close(), None);
}

#[test]
fn a_refused_connection_fails_and_the_session_stays_open() {
    let address = listen().1;
    let mut client = client(address, ShortUntil::Answered, PATIENCE);
    client.send(Target::All, b"a");
    client.send(Target::All, b"b");
    assert_eq!(client.short(2).failed, 2);
    assert_eq!(client.close(), None);
    assert!(client.troubles().iter().all(|error| error.doing == Doing::Connecting));
    let refused = client.records().iter().filter(|record| record.kind == RecordKind::Refused).count();
    let counted: u64 = client.troubles().iter().map(|error| error.times - 1).sum();
    assert_eq!(refused as u64 + counted, 2, "each attempt is recorded, or counted soon after an equal one");
}

#[test]
fn a_file_that_cannot_be_read_is_a_failure() {
    let (_listener, address) = listen();
    let mut client = client(address, ShortUntil::Answered, PATIENCE);
    let path = std::env::temp_dir().join("netassist-no-such-file");
    let what = SendPart::File(Arc::new(FileToSend::raw(path)));
    client.order(SocketCommand::Send { to: Target::All, what });
    assert_eq!(client.short(1).failed, 1);
    assert_eq!(client.troubles()[0].doing, Doing::ReadingFile);
    assert_eq!(client.close(), None);
}

#[test]
fn a_file_has_its_own_connection_and_a_stopped_one_has_none() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::Answered, PATIENCE);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&vec![7; 200_000]).unwrap();
    client.send(Target::All, b"before");
    client.send_file(1, Target::All, FileToSend::raw(file.path()));
    client.send_file(2, Target::All, FileToSend::raw(file.path()));
    client.order(Command::StopFile(netassist::model::FileId(1)));
    for message in [b"before".to_vec(), vec![7; 200_000]] {
        let mut peer = accept(&listener);
        read(&mut peer, &message);
        peer.write_all(b"!").unwrap();
    }
    assert_eq!((client.file_ended(1).0, client.file_ended(2).0), (FileEnd::Stopped, FileEnd::Sent));
    assert_eq!((client.short(2).done, client.close()), (2, None));
}

#[test]
fn names_are_resolved() {
    let (listener, address) = listen();
    let remote = Endpoint { host: "localhost".to_owned(), port: address.port() };
    let mut client = client(remote, ShortUntil::Sent, PATIENCE);
    client.send(Target::All, b"hello");
    assert_eq!(rest(accept(&listener)), b"hello");
    assert_eq!((client.short(1).done, client.close()), (1, None));
}

#[test]
fn each_beat_has_its_own_connection_and_late_ones_are_skipped() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::Answered, PATIENCE);
    let parts = [b"a", b"b"].map(|part| SendPart::Bytes(part.as_slice().into()));
    let repeat = netassist::model::Repeat {
        id: netassist::model::RepeatId(1),
        to: Target::All,
        what: Arc::from(parts),
        every: MS,
        count: Some(5),
    };
    client.order(Command::Repeat(repeat));
    for n in 0..5 {
        let mut peer = accept(&listener);
        read(&mut peer, b"ab");
        if n == 0 {
            let skipped =
                |event: &Event| matches!(event, Event::Repeating(_, progress) if progress.skipped > 2);
            client.until("skipped beats", |client| client.events.iter().any(skipped));
        }
        peer.write_all(b"!").unwrap();
    }
    let progress = client.repeat_ended(1);
    assert!(progress.sent == 5 && progress.skipped > 2, "{progress:?}");
    assert_eq!((client.short(5).done, client.close()), (5, None));
}

#[test]
fn each_row_of_a_sequence_has_its_own_connection() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::Answered, PATIENCE);
    let row = |text: &str| SequenceRow {
        what: Some(SendPart::Bytes(text.as_bytes().into())),
        answer: Some(ExpectedAnswer {
            like: Matcher::default(),
            within: PATIENCE,
            otherwise: Otherwise::Stop,
        }),
        pause: Duration::ZERO,
    };
    let rows = [row("x"), row("y")].into();
    client.order(Command::Sequence(Sequence { id: SequenceId(1), to: Target::All, rows, loops: Some(2) }));
    for text in [b"x", b"y", b"x", b"y"] {
        let mut peer = accept(&listener);
        read(&mut peer, text);
        peer.write_all(b"!").unwrap();
    }
    assert_eq!(client.sequence_ended(1).1, SequenceEnd::Done);
    assert_eq!((client.short(4).done, client.close()), (4, None));
}

#[test]
fn only_too_many_peers_that_do_not_close_cause_delay() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::Answered, PATIENCE);
    let mut peers = Vec::new();
    for n in 0..70 {
        client.send(Target::All, b"x");
        let mut peer = accept(&listener);
        read(&mut peer, b"x");
        peer.write_all(b"!").unwrap();
        if n < 64 {
            peers.push(peer);
        }
    }
    assert_eq!(client.short(70).done, 70);
    client.until("they are given up", |client| client.left().len() == 70);
    assert_eq!(client.close(), None);
}

#[test]
fn closing_sends_queued_messages_up_to_a_timeout() {
    let (listener, address) = listen();
    let mut client = client(address, ShortUntil::Answered, PATIENCE);
    for text in [b"1", b"2", b"3"] {
        client.send(Target::All, text);
    }
    let mut peer = accept(&listener);
    read(&mut peer, b"1");
    client.order(Command::Close { linger: 100 * MS });
    peer.write_all(b"!").unwrap();
    let mut silent = accept(&listener);
    read(&mut silent, b"2");
    assert_eq!(client.closed(), None);
    assert_eq!(client.joined().len(), 2);
    let notes = |entry: &&crate::memory_recorder::Entry| matches!(entry, crate::memory_recorder::Entry::Note(text) if text == "1 short connection was not made");
    assert_eq!(client.entries.iter().filter(notes).count(), 1, "{:?}", client.entries);
}

#[test]
fn closing_an_idle_session_is_immediate() {
    let mut client = client(listen().1, ShortUntil::Answered, PATIENCE);
    client.order(Command::Close { linger: PATIENCE });
    assert_eq!(client.closed(), None);
}
