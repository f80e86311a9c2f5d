//! TCP client sessions.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use netassist::model::{
    Cause, Command, Direction, Doing, Ending, Endpoint, Event, FileToSend, Link, OsFault, RecordKind, Rules,
    SendPart, SocketCommand, Target,
};
use socket2::SockRef;

use super::bench::{Bench, PATIENCE, pair, setup};
use crate::memory_recorder::Entry;

fn listener(address: &str) -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(address).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A client session and the socket connected to it.
#[test]
fn data_flow_both_ways_over_ipv4_and_ipv6() {
    for any in ["127.0.0.1:0", "[::1]:0"] {
        let (listener, address) = listener(any);
        let mut client = Bench::client(address, |_setup| ());
        let (mut peer, from) = listener.accept().unwrap();
        let flow = client.first_flow();
        assert_eq!((flow.local, flow.peer), (from, address));
        client.send(Target::All, b"from us");
        let mut seen = [0; 7];
        peer.read_exact(&mut seen).unwrap();
        assert_eq!(&seen, b"from us");
        peer.write_all(b"from the peer").unwrap();
        client.until("the answer", |client| client.totals().received_bytes == 13);
        assert_eq!(client.bytes(Direction::Received), b"from the peer");
        assert_eq!(client.bytes(Direction::Sent), b"from us");
        drop(peer);
        assert_eq!(client.closed(), None);
        assert_eq!(client.endings(), [Ending::PeerFin, Ending::OwnFin]);
        let kinds: Vec<RecordKind> = client.records().iter().map(|record| record.kind).collect();
        assert_eq!(kinds.first(), Some(&RecordKind::Connected));
        assert_eq!(kinds.last(), Some(&RecordKind::Note));
        assert!(matches!(client.entries.first(), Some(Entry::Begin { title, .. }) if title == "under test"));
        assert_eq!(client.entries.last(), Some(&Entry::Finish(None)));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn connecting_to_a_wildcard_shows_the_real_peer() {
    let (_listener, address) = listener("127.0.0.1:0");
    let mut client = Bench::client(([0, 0, 0, 0], address.port()).into(), |_setup| ());
    assert_eq!(client.first_flow().peer, address);
    assert_eq!(client.close(), None);
}

#[test]
fn half_closing_to_a_peer_that_has_left_is_not_an_error() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let gone = std::net::TcpStream::connect(address).unwrap();
    let flow = server.first_flow();
    drop(gone);
    server.until("it left", |server| server.left() == [flow.id]);
    server.order(SocketCommand::HalfClose(Target::Flows(vec![flow.id])));
    server.order(Command::Note("after it".to_owned()));
    server.until("the note", |server| server.notes().contains(&"after it".to_owned()));
    assert_eq!(server.troubles(), []);
    assert_eq!(server.close(), None);
}

#[test]
fn a_refused_connection_is_recorded() {
    let (listener, address) = listener("127.0.0.1:0");
    drop(listener);
    let mut client = Bench::open(Link::TcpClient { remote: address.into(), local: None });
    let error = client.closed().unwrap();
    assert_eq!((error.doing, error.what.as_str()), (Doing::Connecting, address.to_string().as_str()));
    assert!(matches!(error.cause, Cause::Os { fault: OsFault::ConnectionRefused, .. }), "{error}");
    assert_eq!(client.troubles(), std::slice::from_ref(&error));
    assert!(
        client
            .entries
            .iter()
            .any(|entry| matches!(entry, Entry::Refused(_, why) if *why == error.to_string()))
    );
}

#[test]
fn a_name_is_resolved_and_every_address_tried() {
    // IPv4 only: where localhost is ::1 first, that attempt is refused and the next one succeeds.
    let (listener, address) = listener("127.0.0.1:0");
    let remote = Endpoint { host: "localhost".to_owned(), port: address.port() };
    let mut client = Bench::open(Link::TcpClient { remote, local: None });
    client.opened();
    let (_peer, _from) = listener.accept().unwrap();
    let host =
        |entry: &Entry| matches!(entry, Entry::Host(name, ip) if name == "localhost" && *ip == address.ip());
    assert!(client.entries.iter().any(host), "{:?}", client.entries);
    assert_eq!(client.first_flow().peer, address);
    assert_eq!(client.close(), None);
}

#[test]
fn an_unknown_name_ends_the_session_with_an_error() {
    // Reserved by RFC 6761; resolvers should answer without asking a server.
    let remote = Endpoint { host: "no-such-host.invalid".to_owned(), port: 1 };
    let mut client = Bench::open(Link::TcpClient { remote, local: None });
    let error = client.closed().unwrap();
    assert_eq!((error.doing, error.what.as_str()), (Doing::Resolving, "no-such-host.invalid"));
}

// macOS has no 127.0.0.2 by default.
#[cfg(not(target_os = "macos"))]
#[test]
fn the_local_address_can_be_chosen() {
    let (listener, address) = listener("127.0.0.1:0");
    let local = Some("127.0.0.2:0".parse().unwrap());
    let mut client = Bench::open(Link::TcpClient { remote: address.into(), local });
    let (local, _granted) = client.opened();
    assert_eq!(local.ip().to_string(), "127.0.0.2");
    assert_eq!(listener.accept().unwrap().1, local);
    let wrong = Some("[::1]:0".parse().unwrap());
    let mut client = Bench::open(Link::TcpClient { remote: address.into(), local: wrong });
    let error = client.closed().unwrap();
    assert_eq!((error.doing, error.cause), (Doing::Binding, Cause::OtherFamily(false)));
}

#[test]
fn an_error_is_noted_once() {
    let (listener, address) = listener("127.0.0.1:0");
    drop(listener);
    let mut client = Bench::open(Link::TcpClient { remote: address.into(), local: None });
    client.closed();
    assert_eq!(client.notes(), ["closed"], "the record of the attempt says why");
}

#[test]
fn a_lookup_can_be_cancelled_and_dropped() {
    let remote = Endpoint { host: "no-such-host.invalid".to_owned(), port: 1 };
    let begun = Instant::now();
    drop(Bench::open(Link::TcpClient { remote: remote.clone(), local: None }));
    assert!(begun.elapsed() < Duration::from_secs(2));
    let mut client = Bench::open(Link::TcpClient { remote, local: None });
    client.order(Command::Close { linger: Duration::from_mins(1) });
    // If the resolver is faster than the command, the session ends with its error.
    let reason = client.closed();
    assert!(reason.is_none_or(|error| error.doing == Doing::Resolving));
}

/// A loopback address that does not answer, because its backlog is full. Other systems refuse then.
#[cfg(target_os = "linux")]
fn silent() -> (socket2::Socket, Vec<socket2::Socket>, SocketAddr) {
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    listener.bind(&any.into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut callers = Vec::new();
    loop {
        let caller = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        match caller.connect_timeout(&address.into(), Duration::from_millis(300)) {
            Ok(()) => callers.push(caller),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
                return (listener, callers, address);
            }
        }
        assert!(callers.len() < 100, "the backlog never fills");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_address_that_never_answers_times_out_or_is_cancelled_or_dropped() {
    let (_listener, _callers, address) = silent();
    let mut quick = setup(Link::TcpClient { remote: address.into(), local: None });
    quick.options.connect_timeout = Duration::from_millis(50);
    let error = Bench::start(quick).closed().unwrap();
    assert_eq!((error.doing, error.cause), (Doing::Connecting, Cause::TimedOut(50)));

    let patient = setup(Link::TcpClient { remote: address.into(), local: None });
    let mut client = Bench::start(patient.clone());
    // The first turn has ended, so the attempt is in progress.
    client.until_tape("the beginning", |tape| tape.attempts() > 0);
    let begun = Instant::now();
    client.order(Command::Close { linger: Duration::from_mins(1) });
    assert_eq!(client.closed(), None);
    assert!(begun.elapsed() < Duration::from_secs(5), "not waited for the attempt's own timeout");

    let client = Bench::start(patient);
    let begun = Instant::now();
    drop(client);
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[cfg(target_os = "linux")]
#[test]
fn sending_before_connecting_is_an_error() {
    let (_listener, _callers, address) = silent();
    let mut client = Bench::start(setup(Link::TcpClient { remote: address.into(), local: None }));
    client.send(Target::All, b"too early");
    client.until("the trouble", |client| !client.troubles().is_empty());
    assert_eq!(client.troubles()[0].cause, Cause::NoPeer);
    assert_eq!(client.close(), None);
}

#[test]
fn a_reset_is_distinguished_from_a_fin() {
    let (mut client, mut peer) = pair(|_setup| ());
    peer.write_all(b"last words").unwrap();
    client.until("the words", |client| client.totals().received_bytes == 10);
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    let error = client.closed().unwrap();
    assert_eq!(error.doing, Doing::Receiving);
    assert!(matches!(error.cause, Cause::Os { fault: OsFault::ConnectionReset, .. }), "{error}");
    assert_eq!(client.endings(), [Ending::PeerReset]);
}

#[test]
fn our_reset_reaches_the_peer() {
    let (mut client, mut peer) = pair(|_setup| ());
    client.order(SocketCommand::Reset(Target::All));
    assert_eq!(client.closed(), None);
    assert_eq!(client.endings(), [Ending::OwnReset]);
    let error = peer.read(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn closing_aborts_if_the_option_is_set() {
    let (mut client, mut peer) = pair(|setup| setup.options.abort_on_close = true);
    assert_eq!(client.close(), None);
    assert_eq!(client.endings(), [Ending::OwnReset]);
    assert_eq!(peer.read(&mut [0; 8]).unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn after_our_half_close_the_peer_can_still_send() {
    let (mut client, mut peer) = pair(|_setup| ());
    client.send(Target::All, b"question");
    client.order(SocketCommand::HalfClose(Target::All));
    let mut question = Vec::new();
    peer.read_to_end(&mut question).unwrap();
    assert_eq!(question, b"question");
    client.send(Target::All, b"too late");
    client.until("the refusal", |client| !client.troubles().is_empty());
    assert_eq!(client.troubles()[0].cause, Cause::SendingClosed);
    peer.write_all(b"answer").unwrap();
    client.until("the answer", |client| client.totals().received_bytes == 6);
    drop(peer);
    assert_eq!(client.closed(), None);
    assert_eq!(client.endings(), [Ending::OwnFin, Ending::PeerFin]);
}

#[test]
fn a_half_open_connection_outlives_the_peers_fin() {
    let (mut client, mut peer) = pair(|setup| setup.options.half_open = true);
    peer.shutdown(Shutdown::Write).unwrap();
    client.until("the FIN", |client| client.endings() == [Ending::PeerFin]);
    client.send(Target::All, b"still here");
    let mut seen = [0; 10];
    peer.read_exact(&mut seen).unwrap();
    assert_eq!(&seen, b"still here");
    assert_eq!(client.close(), None);
    assert_eq!(peer.read(&mut seen).unwrap(), 0);
    assert_eq!(client.endings(), [Ending::PeerFin, Ending::OwnFin]);
}

#[test]
fn a_half_open_connection_that_is_reset_is_noticed_without_reading() {
    let (mut client, peer) = pair(|setup| setup.options.half_open = true);
    peer.shutdown(Shutdown::Write).unwrap();
    client.until("the FIN", |client| client.endings() == [Ending::PeerFin]);
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    client.closed();
    assert_eq!(client.endings(), [Ending::PeerFin, Ending::PeerReset]);
}

#[test]
fn a_slow_reader_gets_everything_in_order() {
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.set_recv_buffer_size(4096).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    listener.bind(&any.into()).unwrap();
    listener.listen(1).unwrap();
    let listener: TcpListener = listener.into();
    let mut client =
        Bench::client(listener.local_addr().unwrap(), |setup| setup.options.send_buffer = Some(8192));
    let (mut peer, _from) = listener.accept().unwrap();
    let message: Vec<u8> = (0..3_000_000_u32).map(|n| ((n / 256) ^ n) as u8).collect();
    client.send(Target::All, &message);
    client.send(Target::All, b"end");
    client.until("a partial write", |client| {
        let totals = client.totals();
        totals.sent_bytes > 0 && totals.queued_messages == 2
    });
    assert!(client.totals().queued_bytes > 0);
    client.order(SocketCommand::Disconnect(Target::All));
    let mut seen = Vec::new();
    peer.read_to_end(&mut seen).unwrap();
    drop(peer);
    assert_eq!(client.closed(), None);
    assert!(seen == [message.as_slice(), b"end"].concat());
    assert!(client.bytes(Direction::Sent) == seen, "recorded as sent");
    let wholes =
        client.entries.iter().filter(|entry| matches!(entry, Entry::Data { whole: true, .. })).count();
    assert_eq!((wholes, client.totals().sent_messages), (2, 2));
    assert_eq!((client.totals().queued_bytes, client.totals().queued_messages), (0, 0));
}

#[test]
fn the_queue_of_a_peer_that_does_not_read_is_bounded() {
    let (mut client, peer) = pair(|_setup| ());
    let megabyte = vec![7; 1 << 20];
    for _ in 0..100 {
        client.send(Target::All, &megabyte);
    }
    client.until("a full queue", |client| !client.troubles().is_empty());
    let error = client.troubles().remove(0);
    assert!(
        matches!(error.cause, Cause::QueueFull(waiting, most) if waiting <= most && most == 64 << 20),
        "{error}"
    );
    assert_eq!(error.what, peer.local_addr().unwrap().to_string());
    assert!(client.totals().queued_bytes <= 64 << 20);
    client.order(Command::Close { linger: Duration::from_mins(1) });
    client.order(Command::Close { linger: Duration::ZERO });
    assert_eq!(client.closed(), None, "the earliest end counts");
    assert!(
        client.notes().iter().any(|note| note.contains("bytes were not sent to")),
        "{:?}",
        client.notes()
    );
}

#[test]
fn a_file_is_sent_between_messages() {
    let (mut client, mut peer) = pair(|_setup| ());
    let content: Vec<u8> = (0..1_000_003_u32).map(|n| (n % 251) as u8).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &content).unwrap();
    client.send(Target::All, b"before");
    let path = file.path().to_owned();
    client.order(SocketCommand::Send { to: Target::All, what: SendPart::File(FileToSend::raw(path).into()) });
    let path = "/no/such/file";
    client.order(SocketCommand::Send { to: Target::All, what: SendPart::File(FileToSend::raw(path).into()) });
    client.send(Target::All, b"after");
    client.order(SocketCommand::HalfClose(Target::All));
    let mut seen = Vec::new();
    peer.read_to_end(&mut seen).unwrap();
    assert!(seen == [b"before".as_slice(), &content, b"after"].concat());
    drop(peer);
    assert_eq!(client.closed(), None);
    assert_eq!(client.totals().sent_messages, 3);
    let troubles = client.troubles();
    assert_eq!(troubles.len(), 1);
    assert_eq!((troubles[0].doing, troubles[0].what.as_str()), (Doing::ReadingFile, "/no/such/file"));
}

#[test]
fn an_echoing_client_answers_everything_then_closes() {
    let (mut client, peer) = pair(|setup| {
        setup.rules = Arc::new(Rules::echo());
        setup.options.send_buffer = Some(128 * 1024);
    });
    let message: Vec<u8> = (0..4_000_000_u32).map(|n| (n % 253) as u8).collect();
    let mut writer = peer.try_clone().unwrap();
    let sent = message.clone();
    // The peer writes everything before it reads: back-pressure must not lose a byte.
    let writing = std::thread::Builder::new()
        .spawn(move || {
            writer.write_all(&sent).unwrap();
            writer.shutdown(Shutdown::Write).unwrap();
        })
        .unwrap();
    client.until("a full queue", |client| client.totals().queued_bytes > 192 << 10);
    let mut seen = Vec::new();
    (&peer).read_to_end(&mut seen).unwrap();
    writing.join().unwrap();
    assert!(seen == message);
    assert_eq!(client.closed(), None);
    let queued = client.events.iter().map(|event| match event {
        Event::Recorded(batch) => batch.totals.queued_bytes,
        _ => 0,
    });
    assert!(queued.max().unwrap() <= (256 << 10) + 65_495, "no more is read than can be answered");
    assert!(client.bytes(Direction::Received) == message && client.bytes(Direction::Sent) == message);
    assert_eq!(client.endings(), [Ending::PeerFin, Ending::OwnFin]);
}

#[test]
fn closing_sends_queued_data_and_records_late_arrivals() {
    let (mut client, mut peer) = pair(|_setup| ());
    let message = vec![1; 5_000_000];
    client.send(Target::All, &message);
    client.order(Command::Close { linger: PATIENCE });
    let mut seen = Vec::new();
    peer.read_to_end(&mut seen).unwrap();
    assert!(seen == message);
    peer.write_all(b"received 5000000 bytes").unwrap();
    drop(peer);
    assert_eq!(client.closed(), None);
    assert_eq!(client.bytes(Direction::Received), b"received 5000000 bytes");
    assert_eq!(client.endings(), [Ending::OwnFin, Ending::PeerFin]);
}

#[test]
fn the_next_opening_continues_the_capture() {
    let (mut client, peer) = pair(|_setup| ());
    drop(peer);
    client.closed();
    let session = client.session.take().unwrap();
    let recorder = session.finish().unwrap();
    let (listener, address) = listener("127.0.0.1:0");
    let again = setup(Link::TcpClient { remote: address.into(), local: None });
    let session = netassist::net::OpenSession::open(again, recorder, std::sync::Arc::new(|| ())).unwrap();
    let (_peer, _from) = listener.accept().unwrap();
    let joined = || match session.events().recv_timeout(PATIENCE).unwrap() {
        netassist::model::Event::Joined(flow) => Some(flow.id.0),
        _ => None,
    };
    assert_eq!(std::iter::repeat_with(joined).find_map(|id| id), Some(1), "flows are numbered on");
    assert!(session.finish().is_some());
}

#[test]
fn unsupported_commands_are_errors() {
    let (mut client, _peer) = pair(|_setup| ());
    client.order(SocketCommand::StopListening);
    client.send(Target::Endpoint("127.0.0.1:1".parse().unwrap()), b"x");
    client.order(Command::Note("a remark".to_owned()));
    client.until("the troubles", |client| client.troubles().len() == 2);
    assert!(client.troubles().iter().all(|error| error.cause == Cause::NotForThisProtocol));
    client.until("the remark", |client| client.notes().contains(&"a remark".to_owned()));
    client.order(SocketCommand::Send {
        to: Target::Flows(vec![netassist::model::FlowId(77)]),
        what: SendPart::Bytes([1].into()),
    });
    client.until("who is gone", |client| client.troubles().len() == 3);
    assert_eq!(client.troubles()[2].cause, Cause::PeerGone);
}
