//! UDP sessions.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use netassist::model::{
    Cast, Cause, Direction, Doing, Endpoint, FileCut, FileToSend, Group, Link, Rules, SendPart,
    SocketCommand, Target,
};

use super::bench::{Bench, PATIENCE};
use crate::memory_recorder::Entry;

fn socket(address: &str) -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 65_536];
    let (n, from) = socket.recv_from(&mut buffer).unwrap();
    buffer.truncate(n);
    (buffer, from)
}

fn remote(setup: &mut netassist::net::Setup, to: Endpoint) {
    match &mut setup.link {
        Link::Udp { remote, .. } => *remote = Some(to),
        _other => unreachable!(),
    }
}

#[test]
fn datagrams_of_every_size_arrive_whole_both_ways() {
    for any in ["127.0.0.1:0", "[::1]:0"] {
        let (peer, peer_address) = socket(any);
        let (mut udp, address) = Bench::udp(any, |setup| remote(setup, peer_address.into()));
        // By default a macOS socket sends at most 9 KiB.
        let sizes: &[usize] =
            if cfg!(target_os = "macos") { &[0, 1, 1472, 9000] } else { &[0, 1, 1472, 9000, 65_507] };
        for (n, size) in sizes.iter().copied().enumerate() {
            let message: Vec<u8> = (0..size).map(|i| (i % 250) as u8).collect();
            peer.send_to(&message, address).unwrap();
            udp.until("a datagram", |udp| udp.totals().received_messages == n as u64 + 1);
            assert!(udp.data(None, Direction::Received).last() == Some(&message), "{size}");
            udp.send(Target::All, &message);
            let (seen, from) = receive(&peer);
            assert!(seen == message && from == address, "{size}");
        }
        udp.until("the last", |udp| udp.totals().sent_messages == sizes.len() as u64);
        assert_eq!(udp.joined().len(), 1);
        let flow = udp.first_flow();
        assert_eq!((flow.local, flow.peer), (address, peer_address));
        assert_eq!(udp.close(), None);
        assert_eq!(udp.left(), [flow.id]);
        assert!(udp.notes().contains(&format!("bound to {address}")));
    }
}

#[test]
fn a_datagram_that_is_too_long_is_refused_with_the_limit() {
    let (mut udp, _address) = Bench::udp("127.0.0.1:0", |_setup| ());
    udp.send(Target::Endpoint("127.0.0.1:9".parse().unwrap()), &vec![0; 65_508]);
    udp.send(Target::All, b"to whom");
    udp.send(Target::Endpoint("[::1]:9".parse().unwrap()), b"wrong family");
    udp.until("the troubles", |udp| udp.troubles().len() == 3);
    assert_eq!(udp.troubles()[0].cause, Cause::TooLong(65_508, 65_507));
    assert_eq!(udp.troubles()[1].cause, Cause::NoPeer);
    assert_eq!(udp.troubles()[2].cause, Cause::OtherFamily(true));
    assert_eq!(udp.close(), None);
}

#[test]
fn any_sender_can_be_answered() {
    let (mut udp, address) = Bench::udp("0.0.0.0:0", |_setup| ());
    let (one, one_address) = socket("127.0.0.1:0");
    let (two, _address) = socket("127.0.0.1:0");
    let to: SocketAddr = format!("127.0.0.1:{}", address.port()).parse().unwrap();
    one.send_to(b"one", to).unwrap();
    udp.until("the first", |udp| udp.joined().len() == 1);
    two.send_to(b"two", to).unwrap();
    udp.until("the second", |udp| udp.joined().len() == 2);
    let flows = udp.joined();
    assert_eq!(flows[0].peer, one_address);
    assert_eq!(flows[0].local, to, "the address that was called, not the wildcard");
    udp.send(Target::Flows(vec![flows[1].id]), b"to two");
    udp.send(Target::Flows(vec![flows[0].id, flows[1].id]), b"to both");
    assert_eq!(receive(&one).0, b"to both");
    assert_eq!(receive(&two).0, b"to two");
    assert_eq!(receive(&two).0, b"to both");
    udp.order(SocketCommand::Disconnect(Target::Flows(vec![flows[0].id])));
    udp.until("its end", |udp| udp.left() == [flows[0].id]);
    one.send_to(b"again", to).unwrap();
    udp.until("it to come back", |udp| udp.joined().len() == 3);
    assert_eq!(udp.close(), None);
}

#[cfg(target_os = "linux")]
#[test]
fn answers_come_from_the_address_that_was_used() {
    let (mut udp, address) = Bench::udp("0.0.0.0:0", |setup| setup.rules = Arc::new(Rules::echo()));
    let (peer, _address) = socket("127.0.0.1:0");
    // A connected socket receives from no other address.
    peer.connect(format!("127.0.0.3:{}", address.port())).unwrap();
    peer.send(b"ping").unwrap();
    assert_eq!(receive(&peer).0, b"ping");
    assert_eq!(udp.first_flow().local.ip(), Ipv4Addr::new(127, 0, 0, 3));
    udp.until("both", |udp| udp.totals().sent_messages == 1);
    assert_eq!(udp.joined().len(), 1, "the answer belongs to the same flow");
}

#[test]
fn sending_first_from_a_wildcard_names_our_address() {
    let (peer, peer_address) = socket("127.0.0.1:0");
    let (mut udp, address) = Bench::udp("0.0.0.0:0", |_setup| ());
    udp.send(Target::Endpoint(peer_address.into()), b"hello");
    let (_seen, from) = receive(&peer);
    let flow = udp.first_flow();
    assert_eq!(flow.local, from);
    peer.send_to(b"hello yourself", from).unwrap();
    udp.until("the answer", |udp| udp.totals().received_messages == 1);
    assert_eq!(udp.joined().len(), 1);
    assert_eq!(from.port(), address.port());
}

#[test]
fn names_are_resolved_and_order_is_kept() {
    let (peer, peer_address) = socket("127.0.0.1:0");
    let name = Endpoint { host: "localhost".to_owned(), port: peer_address.port() };
    let (mut udp, _address) = Bench::udp("127.0.0.1:0", |setup| remote(setup, name.clone()));
    for n in 0..10_u8 {
        let to = if n % 2 == 0 { Target::All } else { Target::Endpoint(name.clone()) };
        udp.send(to, &[n]);
    }
    for n in 0..10_u8 {
        assert_eq!(receive(&peer).0, [n]);
    }
    udp.until("the end of the queue", |udp| {
        udp.totals().sent_messages == 10 && udp.totals().queued_messages == 0
    });
    let nobody = Endpoint { host: "no-such-host.invalid".to_owned(), port: 1 };
    udp.send(Target::Endpoint(nobody), b"x");
    udp.until("the trouble", |udp| !udp.troubles().is_empty());
    assert_eq!(udp.troubles()[0].doing, Doing::Resolving);
    udp.until("nothing to wait", |udp| udp.totals().queued_messages == 0);
    assert!(udp.entries.iter().any(|entry| matches!(entry, Entry::Host(host, _) if host == "localhost")));
    assert_eq!(udp.close(), None);
}

#[cfg(any(target_os = "linux", windows))]
#[test]
fn an_icmp_error_is_reported_and_the_socket_stays_open() {
    for any in ["127.0.0.1:0", "[::1]:0"] {
        let (gone, nobody) = socket(any);
        drop(gone);
        let (peer, peer_address) = socket(any);
        let (mut udp, address) = Bench::udp(any, |_setup| ());
        udp.send(Target::Endpoint(nobody.into()), b"anybody there?");
        udp.until("the bounce", |udp| !udp.troubles().is_empty());
        let error = udp.troubles().remove(0);
        let told = if cfg!(windows) { String::new() } else { nobody.to_string() };
        assert_eq!((error.doing, error.what.clone()), (Doing::Sending, told));
        assert!(
            matches!(error.cause, Cause::Os { fault: netassist::model::OsFault::ConnectionRefused, .. }),
            "{error}"
        );
        udp.until("the note", |udp| udp.notes().contains(&error.to_string()));
        for n in 0..100_u8 {
            udp.send(Target::Endpoint(nobody.into()), &[n]);
            udp.send(Target::Endpoint(peer_address.into()), &[n]);
            assert_eq!(receive(&peer).0, [n], "nothing is lost for another's sake");
        }
        peer.send_to(b"still there", address).unwrap();
        udp.until("what comes", |udp| udp.bytes(Direction::Received) == b"still there");
        assert_eq!(udp.close(), None);
    }
}

#[test]
fn an_echo_answers_each_datagram_but_not_itself() {
    let (mut udp, address) = Bench::udp("127.0.0.1:0", |setup| setup.rules = Arc::new(Rules::echo()));
    let (peer, _address) = socket("127.0.0.1:0");
    for size in [0, 1, 5000] {
        peer.send_to(&vec![9; size], address).unwrap();
        assert_eq!(receive(&peer), (vec![9; size], address));
    }
    udp.send(Target::Endpoint(address.into()), b"to myself");
    udp.until("it", |udp| udp.bytes(Direction::Received).ends_with(b"to myself"));
    peer.send_to(b"barrier", address).unwrap();
    assert_eq!(receive(&peer).0, b"barrier");
    udp.until("the barrier", |udp| udp.bytes(Direction::Sent).ends_with(b"barrier"));
    assert_eq!(udp.data(None, Direction::Received).iter().filter(|bytes| *bytes == b"to myself").count(), 1);
}

#[test]
fn a_file_is_sent_in_datagrams() {
    let (peer, peer_address) = socket("127.0.0.1:0");
    let (mut udp, _address) = Bench::udp("127.0.0.1:0", |setup| remote(setup, peer_address.into()));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), (0..=255).collect::<Vec<u8>>()).unwrap();
    let path = file.path().to_owned();
    let cut = FileCut::Raw { chunk: NonZeroU32::new(100) };
    let file = FileToSend { cut, ..FileToSend::raw(path) };
    udp.order(SocketCommand::Send { to: Target::All, what: SendPart::File(file.into()) });
    udp.send(Target::All, b"end");
    let sizes: Vec<usize> = (0..4).map(|_| receive(&peer).0.len()).collect();
    assert_eq!(sizes, [100, 100, 56, 3]);
    udp.until("the end", |udp| udp.totals().queued_messages == 0 && udp.totals().sent_messages == 4);
    assert_eq!(udp.totals().queued_bytes, 0);
}

#[test]
fn a_burst_is_recorded_completely_and_in_order() {
    const N: u32 = 20_000;
    let (mut udp, address) = Bench::udp("127.0.0.1:0", |_setup| ());
    let (peer, _address) = socket("127.0.0.1:0");
    let mut sent = 0;
    while sent < N {
        // Never more in flight than the smallest receive buffer holds.
        let seen = udp.totals().received_messages;
        for n in sent..N.min(sent + 100) {
            peer.send_to(&n.to_be_bytes(), address).unwrap();
        }
        sent = N.min(sent + 100);
        udp.until("some", |udp| {
            udp.totals().received_messages > seen.saturating_sub(1)
                && udp.totals().received_messages + 200 > u64::from(sent)
        });
    }
    udp.until("all", |udp| udp.totals().received_messages == u64::from(N));
    assert_eq!(udp.bytes(Direction::Received), (0..N).flat_map(u32::to_be_bytes).collect::<Vec<u8>>());
    assert_eq!(udp.records().len(), N as usize + 1, "one record a datagram, and that it is bound");
}

#[cfg(target_os = "linux")]
#[test]
fn dropped_datagrams_are_counted() {
    let (mut udp, address) = Bench::udp("127.0.0.1:0", |setup| setup.options.receive_buffer = Some(4096));
    let (peer, _address) = socket("127.0.0.1:0");
    let deadline = Instant::now() + PATIENCE;
    // The count comes with a datagram received after the drop.
    while udp.totals().kernel_dropped.is_none_or(|dropped| dropped == 0) {
        assert!(Instant::now() < deadline, "nothing was dropped");
        for _ in 0..200 {
            peer.send_to(&[0; 1000], address).unwrap();
        }
        let before = udp.totals().received_messages;
        udp.until("some", |udp| udp.totals().received_messages > before);
    }
    udp.close();
    assert!(udp.entries.iter().any(|entry| matches!(entry, Entry::Finish(Some(1..)))));
}

#[test]
fn no_number_of_dropped_datagrams_is_told_where_the_system_has_none() {
    let (mut udp, _address) = Bench::udp("127.0.0.1:0", |_setup| ());
    assert_eq!(udp.close(), None);
    let told = cfg!(any(target_os = "linux", target_os = "android")).then_some(0);
    assert_eq!(udp.entries.last(), Some(&Entry::Finish(told)));
    assert_eq!(udp.totals().kernel_dropped, told);
}

#[test]
fn a_flood_does_not_delay_the_end() {
    let (mut udp, address) = Bench::udp("127.0.0.1:0", |_setup| ());
    let (peer, _address) = socket("127.0.0.1:0");
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let told = std::sync::Arc::clone(&stop);
    let flooding = std::thread::Builder::new()
        .spawn(move || {
            let mut left = 5_000_000_u32;
            while left > 0 && !told.load(std::sync::atomic::Ordering::Relaxed) {
                // May fail once the session has ended.
                drop(peer.send_to(&[0; 64], address));
                left -= 1;
            }
        })
        .unwrap();
    udp.until("the flood", |udp| udp.totals().received_messages > 10_000);
    let begun = Instant::now();
    drop(udp);
    assert!(begun.elapsed() < Duration::from_secs(2));
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    flooding.join().unwrap();
}

#[test]
fn a_group_is_joined_and_left() {
    let group = Group {
        address: Ipv4Addr::new(239, 83, 7, 1).into(),
        interface: Some(Ipv4Addr::LOCALHOST),
        scope: 0,
    };
    let (mut udp, address) = Bench::udp("0.0.0.0:0", |setup| {
        setup.options.multicast_interface = Some(Ipv4Addr::LOCALHOST);
        match &mut setup.link {
            Link::Udp { groups, .. } => groups.push(group),
            _other => unreachable!(),
        }
    });
    udp.until("the group", |udp| udp.notes().contains(&"joined group 239.83.7.1".to_owned()));
    let sender = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None).unwrap();
    sender.set_multicast_if_v4(&Ipv4Addr::LOCALHOST).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    sender.bind(&any.into()).unwrap();
    let sender: UdpSocket = sender.into();
    sender.set_read_timeout(Some(PATIENCE)).unwrap();
    sender.send_to(b"to all members", ("239.83.7.1", address.port())).unwrap();
    udp.until("the datagram", |udp| udp.bytes(Direction::Received) == b"to all members");
    let flow = udp.first_flow();
    if cfg!(target_os = "linux") {
        assert_eq!(flow.local.ip(), group.address);
        assert!(udp.entries.iter().any(|entry| matches!(entry, Entry::Data { cast: Cast::Multicast, .. })));
    }
    // The answer goes to the sender, from a local unicast address, and makes no second peer.
    udp.send(Target::Flows(vec![flow.id]), b"answer");
    let (seen, from) = receive(&sender);
    assert_eq!(seen, b"answer");
    udp.until("it recorded", |udp| udp.totals().sent_messages == 1);
    assert_eq!(udp.joined().len(), 1, "{:?}", udp.joined());
    if cfg!(target_os = "linux") {
        assert!(udp.entries.contains(&Entry::Local(flow.id, from)), "{:?}", udp.entries);
    }
    // What is sent to the group comes back, as a flow of its own.
    udp.send(Target::Endpoint(Endpoint { host: "239.83.7.1".to_owned(), port: address.port() }), b"loop");
    udp.until("our own", |udp| udp.bytes(Direction::Received).ends_with(b"loop"));
    udp.order(SocketCommand::Leave(group));
    udp.until("it left", |udp| udp.notes().contains(&"left group 239.83.7.1".to_owned()));
    udp.order(SocketCommand::Leave(group));
    udp.until("the trouble", |udp| !udp.troubles().is_empty());
    assert_eq!(udp.troubles()[0].doing, Doing::Leaving);
    assert_eq!(udp.close(), None);
}

#[test]
fn a_group_of_the_other_address_family_is_an_error() {
    for (local, group) in [("[::1]:0", "239.83.7.2"), ("127.0.0.1:0", "ff01::8302")] {
        let (mut udp, _address) = Bench::udp(local, |_setup| ());
        udp.order(SocketCommand::Join(Group { address: group.parse().unwrap(), interface: None, scope: 0 }));
        udp.until("the trouble", |udp| !udp.troubles().is_empty());
        assert_eq!(udp.troubles()[0].doing, Doing::Joining);
        assert_eq!(udp.close(), None);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_ipv6_group_is_joined_if_loopback_has_multicast() {
    let scope = netassist::net::local_addresses()
        .unwrap()
        .into_iter()
        .find(|found| found.loopback && found.address.is_ipv6())
        .map_or(1, |found| found.index);
    let group = Group { address: "ff01::8307".parse().unwrap(), interface: None, scope };
    let (mut udp, address) = Bench::udp("[::]:0", |setup| setup.options.multicast_scope = scope);
    udp.order(SocketCommand::Join(group));
    udp.until("the group, or why not", |udp| udp.notes().len() >= 2);
    if !udp.troubles().is_empty() {
        // A system without IPv6 on loopback reports an error.
        assert_eq!(udp.troubles()[0].doing, Doing::Joining);
        return;
    }
    let host = format!("ff01::8307%{scope}");
    udp.send(Target::Endpoint(Endpoint { host, port: address.port() }), b"six");
    udp.until("it back, or why not", |udp| {
        udp.bytes(Direction::Received) == b"six" || !udp.troubles().is_empty()
    });
    if let Some(error) = udp.troubles().first() {
        // Not every loopback has a route for groups.
        let unreachable =
            Cause::Os { fault: netassist::model::OsFault::NetworkUnreachable, number: Some(101) };
        assert_eq!(error.cause, unreachable);
        return;
    }
    assert!(
        udp.entries.iter().any(|entry| matches!(
            entry,
            Entry::Data { cast: Cast::Multicast, direction: Direction::Sent, .. }
        ))
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_broadcast_is_recognized_and_can_be_answered() {
    let (mut udp, address) = Bench::udp("0.0.0.0:0", |setup| setup.rules = Arc::new(Rules::echo()));
    let (peer, _address) = socket("127.0.0.1:0");
    peer.set_broadcast(true).unwrap();
    peer.send_to(b"everybody", ("127.255.255.255", address.port())).unwrap();
    udp.until("it", |udp| udp.bytes(Direction::Received) == b"everybody");
    // A broadcast address cannot be a source address.
    assert_eq!(receive(&peer).0, b"everybody");
    assert!(udp.entries.iter().any(|entry| matches!(entry, Entry::Data { cast: Cast::Broadcast, .. })));
}

#[cfg(target_os = "linux")]
#[test]
fn a_peer_that_was_heard_by_broadcast_is_one_peer() {
    let (mut udp, address) = Bench::udp("0.0.0.0:0", |setup| setup.rules = Arc::new(Rules::echo()));
    let (peer, peer_address) = socket("127.0.0.1:0");
    peer.set_broadcast(true).unwrap();
    for (n, to) in ["127.255.255.255", "127.0.0.5", "127.255.255.255"].into_iter().enumerate() {
        peer.send_to(b"who is there", (to, address.port())).unwrap();
        let (echo, from) = receive(&peer);
        assert_eq!(echo, b"who is there");
        assert_eq!(from.ip().to_string(), if n == 0 { "127.0.0.1" } else { "127.0.0.5" });
    }
    let flow = udp.first_flow();
    udp.send(Target::Endpoint(peer_address.into()), b"me");
    assert_eq!(receive(&peer).0, b"me");
    udp.until("all", |udp| udp.totals().sent_messages == 4);
    assert_eq!(udp.joined().len(), 1, "{:?}", udp.joined());
    let seen = udp.entries.iter().filter_map(|entry| match entry {
        Entry::Flow(flow) => Some((flow.id, flow.local.ip().to_string())),
        Entry::Local(flow, local) => Some((*flow, local.ip().to_string())),
        _ => None,
    });
    let (all, one, five) = ("127.255.255.255", "127.0.0.1", "127.0.0.5");
    let expected = [all, one, five, all, five].map(|ip| (flow.id, ip.to_owned()));
    assert_eq!(seen.collect::<Vec<_>>(), expected, "the capture has the address of each datagram");
}

#[test]
fn what_waits_for_a_name_at_the_end_is_an_error() {
    let nobody = Endpoint { host: "no-such-host.invalid".to_owned(), port: 1 };
    let (mut udp, _address) = Bench::udp("127.0.0.1:0", |_setup| ());
    udp.send(Target::Endpoint(nobody), b"x");
    // The system may know before that there is no such host.
    udp.order(netassist::model::Command::Close { linger: Duration::ZERO });
    assert_eq!(udp.closed(), None);
    let errors = udp.troubles();
    assert!(errors.len() == 1 && errors[0].doing == Doing::Resolving, "{errors:?}");
    assert!(udp.notes().contains(&errors[0].to_string()));
}

#[test]
fn every_address_is_one_session_of_both_ip_versions() {
    let (mut udp, address) = Bench::udp("*:0", |_setup| ());
    let port = address.port();
    assert_eq!(udp.notes(), [format!("bound to *:{port}")]);
    for (n, host) in ["127.0.0.1", "[::1]"].into_iter().enumerate() {
        let (peer, peer_address) = socket(&format!("{host}:0"));
        peer.send_to(b"hello", format!("{host}:{port}")).unwrap();
        udp.until("a datagram", |udp| udp.totals().received_messages == n as u64 + 1);
        let flow = udp.joined().pop().unwrap();
        assert_eq!((flow.local.to_string(), flow.peer), (format!("{host}:{port}"), peer_address));
        udp.send(Target::Flows(vec![flow.id]), b"answer");
        assert_eq!(receive(&peer), (b"answer".to_vec(), flow.local));
    }
    for group in ["239.255.77.7", "ff02::4d:7"] {
        let group = Group { address: group.parse().unwrap(), interface: None, scope: 1 };
        udp.order(SocketCommand::Leave(group));
        let own = group.address.to_string();
        udp.until("a trouble", |udp| udp.notes().iter().any(|note| note.contains(&own)));
    }
    assert!(!udp.notes().iter().any(|note| note.contains("IPv")), "each has its socket: {:?}", udp.notes());
    assert_eq!(udp.close(), None);
}
