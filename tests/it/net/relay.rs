//! TCP relays between sockets of the standard library.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use netassist::codec::template::Random;
use netassist::model::{Cause, Direction, Doing, Ending, Event, Link, SessionNote, SocketCommand, Target};
use netassist::net::Setup;
use socket2::SockRef;

use super::bench::{Bench, PATIENCE, accept, dial, read};

/// A relay, its address, and the upstream listener.
fn relay(change: impl FnOnce(&mut Setup)) -> (Bench, SocketAddr, TcpListener) {
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let (bench, address) = Bench::relay(upstream.local_addr().unwrap(), change);
    (bench, address, upstream)
}

/// A relay with one client: the client's socket, and the one that the upstream server has accepted.
pub fn pair(change: impl FnOnce(&mut Setup)) -> (Bench, TcpStream, TcpStream) {
    let (mut bench, address, upstream) = relay(change);
    let client = dial(address);
    let server = accept(&upstream);
    bench.until("a pair", |bench| bench.paired().len() == 1);
    (bench, client, server)
}

/// Bytes in which every loss and shift shows.
fn noise(n: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let block: Vec<u8> = (0..100_003).map(|_| u8::try_from(random.within(0, 255)).unwrap()).collect();
    block.into_iter().cycle().take(n).collect()
}

pub fn spawn<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().spawn(run).unwrap()
}

/// Writes `bytes`, then closes the sending side.
fn write_all(stream: &TcpStream, bytes: Vec<u8>) -> JoinHandle<()> {
    let mut stream = stream.try_clone().unwrap();
    spawn(move || {
        stream.write_all(&bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
    })
}

pub fn read_all(mut stream: &TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    all
}

pub fn is_reset(mut stream: &TcpStream) -> bool {
    stream.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
}

fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}

#[test]
fn bytes_go_both_ways_at_once_and_both_legs_record_them() {
    let (mut bench, client, server) = pair(|_setup| ());
    let (up, down) = (noise(3_000_001, 1), noise(5_000_003, 2));
    let ends = (server.peer_addr().unwrap(), server.local_addr().unwrap());
    let writing = [write_all(&client, up.clone()), write_all(&server, down.clone())];
    let reading = {
        let client = client.try_clone().unwrap();
        spawn(move || read_all(&client))
    };
    assert!(read_all(&server) == up, "client to upstream");
    assert!(reading.join().unwrap() == down, "upstream to client");
    for writing in writing {
        writing.join().unwrap();
    }
    bench.until("the end of both legs", |bench| bench.left().len() == 2);
    let (client_leg, upstream_leg) = bench.paired()[0];
    for (leg, way, bytes) in [
        (client_leg, Direction::Received, &up),
        (upstream_leg, Direction::Sent, &up),
        (upstream_leg, Direction::Received, &down),
        (client_leg, Direction::Sent, &down),
    ] {
        assert!(bench.data(Some(leg), way).concat() == *bytes, "{leg:?} {way:?}");
    }
    let flows = bench.joined();
    assert_eq!((flows[1].local, flows[1].peer), ends);
    let [of_client, upstream] = [&flows[0], &flows[1]];
    let note = format!(
        "client {} on {} is relayed from {} to {}",
        of_client.peer, of_client.local, upstream.local, upstream.peer
    );
    assert!(bench.notes().contains(&note), "{:?}", bench.notes());
    assert_eq!(bench.close(), None);
    assert_eq!(bench.troubles(), []);
}

#[test]
fn a_half_close_travels_either_way_and_the_other_direction_stays_open() {
    for client_first in [true, false] {
        let (mut bench, client, server) = pair(|_setup| ());
        let (mut first, mut second) = if client_first { (client, server) } else { (server, client) };
        first.write_all(b"question").unwrap();
        first.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_all(&second), b"question");
        bench.drain();
        assert_eq!(bench.left(), []);
        second.write_all(b"answer").unwrap();
        assert_eq!(read(&first, 6), b"answer");
        second.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_all(&first), b"");
        bench.until("the end of both legs", |bench| bench.left().len() == 2);
        assert!(!bench.endings().iter().any(|end| matches!(end, Ending::OwnReset | Ending::PeerReset)));
    }
}

#[test]
fn a_reset_travels_either_way() {
    for by_client in [true, false] {
        let (mut bench, mut client, server) = pair(|_setup| ());
        client.write_all(b"x").unwrap();
        assert_eq!(read(&server, 1), b"x");
        let (gone, left) = if by_client { (client, server) } else { (server, client) };
        reset(gone);
        assert!(is_reset(&left), "{by_client}");
        bench.until("the end of both legs", |bench| bench.left().len() == 2);
        assert_eq!(bench.endings(), [Ending::PeerReset, Ending::OwnReset]);
    }
}

#[test]
fn a_client_is_reset_if_the_upstream_server_refuses_and_the_log_says_why() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mut bench, address) = Bench::relay(nobody, |_setup| ());
    // The reset may come before the connection is taken note of.
    assert!(TcpStream::connect(address).map_or(true, |client| is_reset(&client)));
    bench.until("its end", |bench| bench.left().len() == 1);
    let troubles = bench.troubles();
    assert_eq!((troubles[0].doing, troubles[0].what.clone()), (Doing::Connecting, nobody.to_string()));
    let note = format!("client {} was reset: no connection to {nobody}", bench.joined()[0].peer);
    assert!(bench.notes().contains(&note), "{:?}", bench.notes());
    assert_eq!(bench.endings(), [Ending::OwnReset]);
    assert_eq!(bench.close(), None, "the relay goes on");
}

#[test]
fn what_a_client_has_sent_before_there_is_an_upstream_connection_is_counted_if_there_is_none() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mut bench, address) = Bench::relay(nobody, |setup| setup.options.connect_on_data = true);
    let mut client = dial(address);
    client.write_all(b"hello").unwrap();
    bench.until("its end", |bench| bench.left().len() == 1);
    let note = SessionNote::NotPassed(5, client.local_addr().unwrap()).to_string();
    assert!(bench.notes().contains(&note), "{:?}", bench.notes());
    assert_eq!(bench.bytes(Direction::Received), b"hello");
}

#[test]
fn a_slow_reader_slows_the_writer_and_nothing_is_dropped() {
    let (mut bench, client, server) = pair(|setup| {
        setup.options.send_buffer = Some(64 * 1024);
        setup.options.receive_buffer = Some(64 * 1024);
    });
    let bytes = noise(16 << 20, 3);
    let writing = write_all(&client, bytes.clone());
    // The upstream server does not read until the relay has to keep something.
    bench.until("a queue", |bench| bench.totals().queued_bytes > 128 * 1024);
    assert!(read_all(&server) == bytes);
    writing.join().unwrap();
    server.shutdown(Shutdown::Write).unwrap();
    bench.until("the end of both legs", |bench| bench.left().len() == 2);
    let queued = bench.events.iter().filter_map(|event| match event {
        Event::Recorded(batch) => Some(batch.totals.queued_bytes),
        _ => None,
    });
    let most = queued.max().unwrap();
    assert!(most <= 256 * 1024 + 64 * 1024, "{most}");
}

#[test]
fn two_hundred_clients_at_once_each_have_their_own_upstream_connection() {
    const N: usize = 200;
    let (mut bench, address, upstream) = relay(|_setup| ());
    let serving = spawn(move || {
        let mut all: Vec<TcpStream> = (0..N).map(|_| accept(&upstream)).collect();
        for stream in &mut all {
            let mut name = read(stream, 10);
            name.reverse();
            stream.write_all(&name).unwrap();
        }
        for stream in &all {
            assert_eq!(read_all(stream), b"");
        }
    });
    let mut clients: Vec<TcpStream> = (0..N).map(|_| dial(address)).collect();
    for (n, client) in clients.iter_mut().enumerate() {
        client.write_all(format!("client {n:03}").as_bytes()).unwrap();
    }
    for (n, client) in clients.iter().enumerate() {
        let reversed: String = format!("client {n:03}").chars().rev().collect();
        assert_eq!(read(client, 10), reversed.as_bytes());
    }
    drop(clients);
    serving.join().unwrap();
    bench.until("all to leave", |bench| bench.left().len() == 2 * N);
    assert_eq!(bench.paired().len(), N);
    assert_eq!((bench.totals().received_bytes, bench.totals().sent_bytes), (20 * N as u64, 20 * N as u64));
    assert_eq!(bench.close(), None);
    assert_eq!(bench.troubles(), []);
}

#[test]
fn the_upstream_connection_can_wait_for_the_first_byte() {
    let (mut bench, address, upstream) = relay(|setup| setup.options.connect_on_data = true);
    // One that leaves without a word needs none.
    let silent = dial(address);
    silent.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&silent), b"");
    bench.until("its end", |bench| bench.left().len() == 1);
    let mut client = dial(address);
    bench.until("the client", |bench| bench.joined().len() == 2);
    upstream.set_nonblocking(true).unwrap();
    assert_eq!(upstream.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    client.write_all(b"hello").unwrap();
    bench.until("a pair", |bench| bench.paired().len() == 1);
    upstream.set_nonblocking(false).unwrap();
    let server = accept(&upstream);
    assert_eq!(read(&server, 5), b"hello");
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&server), b"");
}

#[test]
fn what_is_injected_goes_to_one_side_and_to_all_is_to_all_clients() {
    let (mut bench, client, server) = pair(|_setup| ());
    let (client_leg, upstream_leg) = bench.paired()[0];
    bench.send(Target::Flows(vec![upstream_leg]), b"up");
    bench.send(Target::Flows(vec![client_leg]), b"down");
    bench.send(Target::All, b"!");
    assert_eq!(read(&client, 5), b"down!");
    bench.order(SocketCommand::HalfClose(Target::Flows(vec![upstream_leg])));
    assert_eq!(read_all(&server), b"up", "and not what goes to all");
    // What the client still says has nowhere to go, and this is told.
    (&client).write_all(b"lost").unwrap();
    bench.until("it", |bench| bench.data(Some(client_leg), Direction::Received).concat() == b"lost");
    drop((client, server));
    bench.until("the end of both legs", |bench| bench.left().len() == 2);
    assert!(
        bench.notes().iter().any(|note| note.starts_with("4 bytes were not sent to ")),
        "{:?}",
        bench.notes()
    );
}

#[test]
fn both_legs_end_together_and_pairs_outlive_the_listener() {
    let (mut bench, address, upstream) = relay(|_setup| ());
    let mut clients: Vec<TcpStream> = Vec::new();
    let mut servers: Vec<TcpStream> = Vec::new();
    for n in 1..=3 {
        clients.push(dial(address));
        servers.push(accept(&upstream));
        bench.until("a pair", |bench| bench.paired().len() == n);
    }
    bench.order(SocketCommand::StopListening);
    bench.until("the end of listening", |bench| bench.events.contains(&Event::StoppedListening));
    assert!(TcpStream::connect(address).is_err());
    let pairs = bench.paired();
    bench.order(SocketCommand::Disconnect(Target::Flows(vec![pairs[0].0])));
    assert_eq!((read_all(&clients[0]), read_all(&servers[0])), (Vec::new(), Vec::new()));
    bench.order(SocketCommand::Reset(Target::Flows(vec![pairs[1].1])));
    assert!(is_reset(&clients[1]) && is_reset(&servers[1]));
    clients[2].write_all(b"still here").unwrap();
    assert_eq!(read(&servers[2], 10), b"still here");
    assert_eq!(bench.close(), None);
    assert_eq!((read_all(&clients[2]), read_all(&servers[2])), (Vec::new(), Vec::new()));
}

#[test]
fn a_client_that_leaves_while_the_upstream_does_not_answer_is_let_go() {
    // A full backlog: the last connection attempts get no answer.
    let upstream = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    upstream.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    upstream.listen(0).unwrap();
    let at = upstream.local_addr().unwrap().as_socket().unwrap();
    let _filling: Vec<TcpStream> =
        (0..8).map_while(|_| TcpStream::connect_timeout(&at, Duration::from_millis(300)).ok()).collect();
    let (mut bench, address) =
        Bench::relay(at, |setup| setup.options.connect_timeout = Duration::from_hours(1));
    let client = dial(address);
    bench.until("the client", |bench| bench.joined().len() == 1);
    let before = Instant::now();
    reset(client);
    bench.until("its end", |bench| bench.left().len() == 1);
    assert!(before.elapsed() < PATIENCE);
    assert_eq!(bench.close(), None);
}

#[test]
fn a_relay_to_itself_refuses_clients_and_says_why() {
    for listen in ["127.0.0.1", "0.0.0.0"] {
        let free = TcpListener::bind((listen, 0)).unwrap().local_addr().unwrap();
        let upstream = SocketAddr::from(([127, 0, 0, 1], free.port()));
        let (mut bench, _) = Bench::relay(upstream, |setup| {
            if let Link::TcpRelay { local, .. } = &mut setup.link {
                *local = free.into();
            }
        });
        let client = dial(upstream);
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        assert!(is_reset(&client));
        let is_told =
            |event: &Event| matches!(event, Event::Trouble(error) if error.cause == Cause::RelaysToItself);
        bench.until("the reason", |bench| bench.events.iter().any(is_told));
        let count =
            |bench: &Bench, is: fn(&Event) -> bool| bench.events.iter().filter(|event| is(event)).count();
        let joined = |bench: &Bench| count(bench, |event| matches!(event, Event::Joined(_)));
        // All that began has ended, and no more begins.
        bench.until("the end of all", |bench| {
            joined(bench) == count(bench, |event| matches!(event, Event::Left(_)))
        });
        assert!(joined(&bench) < 10, "{}", joined(&bench));
    }
}

#[test]
fn a_reset_travels_on_while_the_upstream_server_takes_nothing() {
    for tls in [true, false] {
        let (mut bench, client, mut server) = pair(|setup| {
            setup.options.tls.on = tls;
            setup.options.tls.insecure = true;
            setup.options.tls.legs = netassist::model::Legs::Upstream;
            setup.options.connect_timeout = Duration::from_hours(1);
            setup.options.keep_slow = true;
        });
        client.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
        let chunk = vec![b'x'; 256 * 1024];
        // Until the relay reads no more.
        while (&client).write(&chunk).is_ok() {}
        reset(client);
        bench.until("the end of both legs", |bench| bench.left().len() == 2);
        let mut buffer = vec![0; 65_536];
        let ended = loop {
            match server.read(&mut buffer) {
                Ok(0) => break None,
                Ok(_some) => {}
                Err(error) => break Some(error.kind()),
            }
        };
        assert_eq!(ended, Some(ErrorKind::ConnectionReset), "TLS: {tls}");
    }
}
