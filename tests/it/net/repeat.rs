//! Repeats over real sockets.

use std::io::Read;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::{Duration, Instant};

use netassist::model::{
    Cause, Command, Direction, Doing, Endpoint, Event, FileToSend, Link, Repeat, RepeatId, SendPart,
    SocketCommand, Target,
};

use super::bench::{Bench, PATIENCE, dial, pair, read, setup};

const MS: Duration = Duration::from_millis(1);

#[test]
fn exactly_the_given_number_of_beats_is_sent() {
    let (mut client, mut peer) = pair(|_setup| ());
    client.repeat(1, Target::All, b"tick", 2 * MS, Some(25));
    assert_eq!(client.repeat_ended(1).sent, 25);
    assert_eq!(client.close(), None);
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert_eq!(all, b"tick".repeat(25));
    assert_eq!(client.bytes(Direction::Sent), all, "and every one of them is recorded");
    assert_eq!(client.totals().sent_messages, 25);
}

#[test]
fn progress_events_do_not_pile_up_while_the_disk_is_full() {
    let (mut client, _peer) = pair(|_setup| ());
    client.repeat(1, Target::All, b"x", 10 * MS, None);
    client.until("a beat", |client| client.totals().sent_bytes > 0);
    client.tape.fail(true);
    client.until("the trouble", |client| !client.troubles().is_empty());
    let attempts = client.tape.attempts();
    client.until_tape("two seconds of tries", |tape| tape.attempts() >= attempts + 4);
    client.drain();
    let (n_before, sent) = (client.events.len(), client.totals().sent_messages);
    client.tape.fail(false);
    client.until("that it goes on", |client| client.totals().sent_messages > sent + 20);
    let told = client.events.iter().skip(n_before).filter(|event| matches!(event, Event::Repeating(..)));
    assert!(told.count() <= 4, "{:?}", &client.events[n_before..]);
    client.order(Command::StopRepeat(RepeatId(1)));
    assert!(client.repeat_ended(1).skipped > 20);
    assert_eq!(client.close(), None);
}

#[test]
fn beats_are_not_early() {
    let (mut client, peer) = pair(|_setup| ());
    let begun = Instant::now();
    client.repeat(1, Target::All, b"x", 10 * MS, Some(6));
    read(&peer, 6);
    assert!(begun.elapsed() >= 50 * MS, "{:?}", begun.elapsed());
    let progress = client.repeat_ended(1);
    let pace = progress.pace.unwrap();
    assert!(u64::from(pace.periods) + progress.skipped >= 5 && pace.worst >= pace.p99, "{progress:?}");
    assert_eq!(client.close(), None);
}

#[test]
fn a_beat_can_have_several_parts() {
    let (mut client, peer) = pair(|_setup| ());
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, b"-file-").unwrap();
    let bytes = |text: &[u8]| SendPart::Bytes(text.into());
    let what = Arc::from([bytes(b"a"), SendPart::File(FileToSend::raw(file.path()).into()), bytes(b"b")]);
    let repeat = Repeat { id: RepeatId(4), to: Target::All, what, every: MS, count: Some(3) };
    client.order(Command::Repeat(repeat));
    assert_eq!(read(&peer, 24), b"a-file-b".repeat(3));
    assert_eq!(client.repeat_ended(4).sent, 3);
    assert_eq!(client.close(), None);
}

#[test]
fn several_run_independently() {
    let (mut client, peer) = pair(|_setup| ());
    client.repeat(1, Target::All, b"1", MS, None);
    client.repeat(2, Target::All, b"2", MS, None);
    let mut seen = Vec::new();
    while !(seen.contains(&b'1') && seen.contains(&b'2')) {
        seen.extend(read(&peer, 1));
    }
    client.order(Command::StopRepeat(RepeatId(1)));
    let first = client.repeat_ended(1).sent;
    // Beats sent before the stop are still on the way; after them only the other repeat's follow.
    let mut left = first - seen.iter().fold(0, |n, byte| n + u64::from(*byte == b'1'));
    while left > 0 {
        left -= u64::from(read(&peer, 1) == b"1");
    }
    assert!(read(&peer, 20).iter().all(|byte| *byte == b'2'));
    assert_eq!(client.close(), None);
    let ended = |event: &&Event| matches!(event, Event::RepeatEnded(RepeatId(2), _));
    assert_eq!(client.events.iter().filter(ended).count(), 1, "closing ends what still runs");
}

#[test]
fn it_outlives_the_clients_of_a_server() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    server.repeat(1, Target::All, b"x", MS, None);
    server.until("a beat for nobody", |server| {
        server.events.iter().any(|event| matches!(event, Event::Repeating(_, at) if at.skipped > 0))
    });
    for _client in 0..3 {
        assert_eq!(read(&dial(address), 3), b"xxx");
    }
    assert_eq!(server.troubles(), [], "that nobody is there is no trouble");
    assert_eq!(server.close(), None);
    assert!(server.repeat_ended(1).sent >= 9);
}

#[test]
fn a_repeat_ends_when_its_receivers_have_left() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let chosen = dial(address);
    let flow = server.first_flow();
    let mut other = dial(address);
    server.until("both", |server| server.joined().len() == 2);
    server.repeat(1, Target::Flows(vec![flow.id]), b"x", MS, None);
    assert_eq!(read(&chosen, 5), b"xxxxx");
    drop(chosen);
    server.repeat_ended(1);
    assert_eq!(server.close(), None);
    let mut rest = Vec::new();
    other.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"");
}

#[test]
fn beats_to_a_peer_that_does_not_read_are_skipped() {
    let (mut client, mut peer) = pair(|_setup| ());
    let large = vec![b'x'; 1024 * 1024];
    client.repeat(1, Target::All, &large, MS, None);
    client.until("skipped beats", |client| {
        client.events.iter().any(|event| matches!(event, Event::Repeating(_, at) if at.skipped > 20))
    });
    // The rest of one message, and one after it.
    assert!(client.totals().queued_messages <= 2, "{:?}", client.totals());
    client.order(Command::StopRepeat(RepeatId(1)));
    let sent = client.repeat_ended(1).sent;
    assert!(sent > 0);
    client.order(Command::Close { linger: PATIENCE });
    let mut all = 0;
    let mut buffer = vec![0; 1024 * 1024];
    loop {
        match peer.read(&mut buffer).unwrap() {
            0 => break,
            n => all += n as u64,
        }
    }
    assert_eq!(all, sent * large.len() as u64, "what counts as sent arrives");
    drop(peer);
    assert_eq!(client.closed(), None);
}

#[test]
fn a_repeat_ends_with_the_connection() {
    let (mut client, peer) = pair(|_setup| ());
    client.repeat(1, Target::All, b"x", MS, None);
    read(&peer, 3);
    peer.shutdown(std::net::Shutdown::Both).unwrap();
    drop(peer);
    client.closed();
    assert!(client.repeat_ended(1).sent >= 3);
}

#[test]
fn datagrams_reach_the_remote_peers_and_addresses() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let address = socket.local_addr().unwrap();
    let local = "127.0.0.1:0".parse().unwrap();
    let link = Link::Udp { local, remote: Some(address.into()), groups: Vec::new() };
    let mut session = Bench::start(setup(link));
    session.opened();
    session.repeat(1, Target::All, b"one", MS, Some(4));
    session.repeat_ended(1);
    let flow = session.first_flow();
    session.repeat(2, Target::Flows(vec![flow.id]), b"two", MS, Some(2));
    session.repeat_ended(2);
    session.repeat(3, Target::Endpoint(Endpoint::from(address)), b"three", MS, Some(1));
    session.repeat_ended(3);
    let mut seen = Vec::new();
    for _datagram in 0..7 {
        let mut buffer = [0; 16];
        let n = socket.recv(&mut buffer).unwrap();
        seen.push(String::from_utf8_lossy(&buffer[..n]).into_owned());
    }
    assert_eq!(seen, ["one", "one", "one", "one", "two", "two", "three"]);
    session.order(SocketCommand::Disconnect(Target::Flows(vec![flow.id])));
    session.repeat(4, Target::Flows(vec![flow.id]), b"gone", MS, None);
    assert_eq!(session.repeat_ended(4).sent, 0, "a peer that was forgotten");
    assert_eq!(session.close(), None);
}

#[test]
fn a_beat_that_can_never_be_sent_ends_it_with_an_error() {
    let (mut session, _address) = Bench::udp("127.0.0.1:0", |_setup| ());
    session.repeat(1, Target::All, b"to whom?", MS, None);
    session.repeat_ended(1);
    let to = Endpoint::from(session.opened().0);
    session.repeat(2, Target::Endpoint(to.clone()), &vec![0; 70_000], MS, None);
    session.repeat_ended(2);
    let path = std::env::temp_dir().join("netassist-no-such-file");
    let what = Arc::from([SendPart::File(FileToSend::raw(path).into())]);
    let repeat = Repeat { id: RepeatId(3), to: Target::Endpoint(to), what, every: MS, count: None };
    session.order(Command::Repeat(repeat));
    session.repeat_ended(3);
    let troubles = session.troubles();
    assert_eq!(troubles.len(), 3, "{troubles:?}");
    assert_eq!(troubles[0].cause, Cause::NoPeer);
    assert!(matches!(troubles[1].cause, Cause::TooLong(70_000, _)));
    assert_eq!(troubles[2].doing, Doing::ReadingFile);
    assert_eq!(session.close(), None);
}
