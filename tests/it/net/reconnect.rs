//! A client that reconnects, with a backoff of milliseconds.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use netassist::model::{
    Backoff, Command, Direction, Doing, Ending, Endpoint, Event, Link, NetError, RecordKind, SocketCommand,
    Target,
};
use netassist::net::Setup;

use super::bench::{Bench, PATIENCE, accept, setup};

const MS: Duration = Duration::from_millis(1);

fn client(remote: impl Into<Endpoint>, first: Duration, most: Duration) -> Bench {
    let link = Link::TcpClient { remote: remote.into(), local: None };
    let mut setup: Setup = setup(link);
    setup.options.reconnect = Some(Backoff { first, most });
    Bench::start(setup)
}

fn waits(client: &Bench) -> Vec<Duration> {
    let wait = |event: &Event| match event {
        Event::CallingAgain(wait) => Some(*wait),
        _ => None,
    };
    client.events.iter().filter_map(wait).collect()
}

/// A port that refuses connections.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn refused_attempts_are_repeated_with_backoff_until_closed() {
    let mut client = client(nobody(), MS, 5 * MS);
    client.until("six attempts", |client| waits(client).len() >= 6);
    assert_eq!(waits(&client)[..6], [MS, 2 * MS, 4 * MS, 5 * MS, 5 * MS, 5 * MS]);
    assert_eq!(client.close(), None, "what the user ended has not failed");
    let refused = client.records().iter().filter(|record| record.kind == RecordKind::Refused).count();
    let errors = client.troubles();
    assert!(errors.iter().all(|error| error.doing == Doing::Connecting));
    let told = |error: &&NetError| error.times == 1;
    assert_eq!(errors.iter().filter(told).count(), refused, "what is told is recorded");
    assert!(refused < 6, "equal errors in quick succession are counted: {errors:?}");
    let counted: u64 = errors.iter().filter(|error| !told(error)).map(|error| error.times - 1).sum();
    assert!(refused as u64 + counted >= 6, "{errors:?}");
    let counts = client.notes().iter().filter(|note| note.ends_with(" times in all)")).count();
    assert!(counts > 0 && counts + refused == errors.len(), "the capture has the counts");
}

#[test]
fn a_lost_connection_is_replaced_and_resets_the_backoff() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = client(listener.local_addr().unwrap(), MS, 50 * MS);
    for n in 1..=3_usize {
        let mut peer = accept(&listener);
        client.until("the connection", |client| client.joined().len() == n);
        client.send(Target::All, b"hello");
        let mut seen = [0; 5];
        peer.read_exact(&mut seen).unwrap();
        peer.write_all(&[b'0' + u8::try_from(n).unwrap()]).unwrap();
        client.until("the answer", |client| client.totals().received_bytes == n as u64);
        if n == 2 {
            // Reset instead of closed.
            socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
        }
        drop(peer);
        client.until("its end", |client| client.left().len() == n && waits(client).len() == n);
    }
    let _last = accept(&listener);
    client.until("the last", |client| client.joined().len() == 4);
    assert_eq!(client.close(), None);
    assert_eq!(waits(&client), [MS; 3]);
    assert_eq!(client.bytes(Direction::Received), b"123");
    assert!(client.endings().contains(&Ending::PeerReset));
    let opened = client.events.iter().filter(|event| matches!(event, Event::Opened { .. })).count();
    assert_eq!(opened, 4);
}

#[test]
fn closing_while_it_waits_ends_at_once() {
    let hour = Duration::from_hours(1);
    let mut client = client(nobody(), hour, hour);
    client.until("the wait", |client| waits(client) == [hour]);
    client.send(Target::All, b"to nobody");
    client.until("a trouble", |client| client.troubles().len() == 2);
    let begun = Instant::now();
    assert_eq!(client.close(), None);
    assert!(begun.elapsed() < PATIENCE);
}

#[test]
fn a_connection_closed_on_demand_stays_closed() {
    let orders: [fn() -> Command; 3] = [
        || SocketCommand::Disconnect(Target::All).into(),
        || SocketCommand::Reset(Target::All).into(),
        || Command::Close { linger: PATIENCE },
    ];
    for order in orders {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = client(listener.local_addr().unwrap(), MS, MS);
        let peer = accept(&listener);
        client.until("the connection", |client| client.joined().len() == 1);
        client.order(order());
        drop(peer);
        assert_eq!(client.closed(), None);
        assert_eq!(waits(&client), [Duration::ZERO; 0]);
    }
}

#[test]
fn the_name_is_resolved_for_each_attempt() {
    // Reserved by RFC 6761.
    let remote = Endpoint { host: "no-such-host.invalid".to_owned(), port: 1 };
    let mut client = client(remote, MS, MS);
    client.until("three attempts", |client| waits(client).len() >= 3);
    assert!(client.troubles().iter().all(|error| error.doing == Doing::Resolving));
    assert_eq!(client.close(), None);
}

#[test]
fn a_repeat_continues_on_the_next_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = client(listener.local_addr().unwrap(), MS, MS);
    client.repeat(1, Target::All, b"x", MS, None);
    for _connection in 0..2 {
        let mut peer = accept(&listener);
        let mut seen = [0; 3];
        peer.read_exact(&mut seen).unwrap();
        assert_eq!(&seen, b"xxx");
    }
    client.close();
    assert!(client.repeat_ended(1).sent >= 6);
}
