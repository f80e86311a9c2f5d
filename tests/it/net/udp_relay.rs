//! UDP relays between sockets of the standard library.

use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};

use netassist::model::{Cause, Direction, Doing, Event, Link, MAX_UDP_V4, OsFault, SocketCommand, Target};

use super::bench::{Bench, PATIENCE};

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 65_536];
    let (n, from) = socket.recv_from(&mut buffer).unwrap();
    buffer.truncate(n);
    (buffer, from)
}

#[test]
fn answers_find_their_client_and_both_sides_are_recorded() {
    for name in ["127.0.0.1", "localhost"] {
        let at = (name, 0).to_socket_addrs().unwrap().next().unwrap();
        let server = UdpSocket::bind(at).unwrap();
        server.set_read_timeout(Some(PATIENCE)).unwrap();
        let remote = format!("{name}:{}", server.local_addr().unwrap().port()).parse().unwrap();
        let (mut bench, address) = Bench::udp_relay(remote, |_setup| ());
        let clients = [socket(), socket(), socket()];
        for (n, client) in clients.iter().enumerate() {
            client.send_to(format!("question {n}").as_bytes(), address).unwrap();
        }
        let mut questions = [receive(&server), receive(&server), receive(&server)];
        // They are answered in another order.
        questions.reverse();
        for (question, from) in &questions {
            server.send_to(&[b"answer to ", &question[..]].concat(), from).unwrap();
        }
        for (n, client) in clients.iter().enumerate() {
            assert_eq!(receive(client), (format!("answer to question {n}").into_bytes(), address));
        }
        bench.until("three pairs", |bench| bench.paired().len() == 3);
        bench.until("all records", |bench| bench.totals().sent_messages == 6);
        for (client, upstream) in bench.paired() {
            for (from, to) in [(client, upstream), (upstream, client)] {
                let received = bench.data(Some(from), Direction::Received);
                assert_eq!(received, bench.data(Some(to), Direction::Sent));
                assert_eq!(received.len(), 1);
            }
        }
        assert_eq!(bench.close(), None);
        assert_eq!(bench.troubles(), []);
    }
}

#[test]
fn datagrams_keep_their_boundaries_whatever_their_size() {
    let (server, client) = (socket(), socket());
    let (mut bench, address) = Bench::udp_relay(server.local_addr().unwrap().into(), |_setup| ());
    for len in [0, 1, 1472, usize::from(MAX_UDP_V4)] {
        let bytes = vec![b'x'; len];
        client.send_to(&bytes, address).unwrap();
        let (received, from) = receive(&server);
        assert!(received == bytes, "{len}");
        server.send_to(&bytes, from).unwrap();
        assert!(receive(&client).0 == bytes, "{len}");
    }
    assert_eq!(bench.close(), None);
}

#[test]
fn what_is_injected_goes_to_one_side() {
    let (server, client) = (socket(), socket());
    let (mut bench, address) = Bench::udp_relay(server.local_addr().unwrap().into(), |_setup| ());
    client.send_to(b"hello", address).unwrap();
    assert_eq!(receive(&server).0, b"hello");
    bench.until("a pair", |bench| bench.paired().len() == 1);
    let (client_leg, upstream_leg) = bench.paired()[0];
    bench.send(Target::Flows(vec![upstream_leg]), b"up");
    assert_eq!(receive(&server).0, b"up");
    bench.send(Target::Flows(vec![client_leg]), b"down");
    bench.send(Target::All, b"all");
    assert_eq!([receive(&client).0, receive(&client).0], [b"down".to_vec(), b"all".to_vec()]);
    bench.order(SocketCommand::Disconnect(Target::Flows(vec![client_leg])));
    bench.until("both legs to leave", |bench| bench.left().len() == 2);
    client.send_to(b"again", address).unwrap();
    assert_eq!(receive(&server).0, b"again");
    bench.until("another pair", |bench| bench.paired().len() == 2);
}

#[test]
fn an_upstream_that_is_not_there_is_told() {
    let nobody = socket().local_addr().unwrap();
    let (mut bench, address) = Bench::udp_relay(nobody.into(), |_setup| ());
    let client = socket();
    client.send_to(b"hello", address).unwrap();
    bench.until("the refusal", |bench| bench.events.iter().any(|event| matches!(event, Event::Trouble(_))));
    let told = &bench.troubles()[0];
    assert_eq!((told.doing, told.what.clone()), (Doing::Sending, nobody.to_string()));
    assert!(matches!(told.cause, Cause::Os { fault: OsFault::ConnectionRefused, .. }), "{told}");
    assert_eq!(bench.close(), None);
}

#[test]
fn a_relay_to_itself_says_so() {
    let free = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mut bench, address) = Bench::udp_relay(free.into(), |setup| {
        if let Link::UdpRelay { local, .. } = &mut setup.link {
            *local = free.into();
        }
    });
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(b"x", address).unwrap();
    let is_told =
        |event: &Event| matches!(event, Event::Trouble(error) if error.cause == Cause::RelaysToItself);
    bench.until("the reason", |bench| bench.events.iter().any(is_told));
}
