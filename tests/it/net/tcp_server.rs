//! TCP server sessions.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use netassist::model::{
    Cause, Command, Direction, Doing, Ending, Event, FlowId, KeepAlive, Link, Local, OsFault, Rules,
    SocketCommand, Target,
};
use socket2::SockRef;

use super::bench::{Bench, PATIENCE, dial, read};

#[test]
fn it_sends_to_all_to_some_and_to_one() {
    for any in ["127.0.0.1:0", "[::1]:0"] {
        let (mut server, address) = Bench::server(any, |_setup| ());
        let mut peers = server.clients(address, 3);
        let flows = server.joined();
        assert_eq!(
            flows.iter().map(|flow| flow.peer).collect::<Vec<_>>(),
            peers.iter().map(|peer| peer.local_addr().unwrap()).collect::<Vec<_>>()
        );
        server.send(Target::All, b"a");
        server.send(Target::Flows(vec![flows[0].id, flows[2].id]), b"s");
        server.send(Target::Flows(vec![flows[1].id]), b"1");
        assert_eq!(read(&peers[0], 2), b"as");
        assert_eq!(read(&peers[1], 2), b"a1");
        assert_eq!(read(&peers[2], 2), b"as");
        server.order(SocketCommand::Disconnect(Target::Flows(vec![flows[1].id])));
        assert_eq!(peers[1].read(&mut [0]).unwrap(), 0);
        peers.remove(1);
        server.until("its end", |server| server.left() == [flows[1].id]);
        peers[0].write_all(b"still here").unwrap();
        server.until("the others", |server| {
            server.data(Some(flows[0].id), Direction::Received).concat() == b"still here"
        });
        drop(peers);
        server.until("all gone", |server| server.left().len() == 3);
        assert_eq!(server.close(), None);
        assert!(server.notes().contains(&format!("listening on {address}")));
        assert_eq!(server.notes().last().map(String::as_str), Some("closed"));
    }
}

#[test]
fn an_address_in_use_ends_the_session() {
    let (_server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let mut second = Bench::open(Link::TcpServer { local: address.into() });
    let error = second.closed().unwrap();
    assert!(matches!(error.doing, Doing::Binding | Doing::Listening));
    assert!(matches!(error.cause, Cause::Os { fault: OsFault::AddressInUse, .. }), "{error}");
}

#[test]
fn both_wildcards_can_be_bound_at_once() {
    let (mut v6, address) = Bench::server("[::]:0", |_setup| ());
    let beside = format!("0.0.0.0:{}", address.port());
    let (mut v4, _address) = Bench::server(&beside, |_setup| ());
    let _four = dial(format!("127.0.0.1:{}", address.port()).parse().unwrap());
    let _six = dial(format!("[::1]:{}", address.port()).parse().unwrap());
    assert_eq!(v4.first_flow().local.ip().to_string(), "127.0.0.1");
    assert_eq!(v6.first_flow().local.ip().to_string(), "::1");
}

#[test]
fn every_address_is_one_server_of_both_ip_versions() {
    let (mut server, address) = Bench::server("*:0", |_setup| ());
    let port = address.port();
    assert_eq!(server.notes(), [format!("listening on *:{port}")]);
    let _four = dial(format!("127.0.0.1:{port}").parse().unwrap());
    let _six = dial(format!("[::1]:{port}").parse().unwrap());
    server.until("both", |server| server.joined().len() == 2);
    let mut locals: Vec<String> = server.joined().iter().map(|flow| flow.local.to_string()).collect();
    locals.sort();
    assert_eq!(locals, [format!("127.0.0.1:{port}"), format!("[::1]:{port}")]);
    server.order(SocketCommand::StopListening);
    server.until("the end of listening", |server| server.events.contains(&Event::StoppedListening));
    for local in locals {
        assert!(TcpStream::connect(local).is_err());
    }
    assert_eq!(server.close(), None);
    let listener = std::net::TcpListener::bind("[::1]:0").unwrap();
    let taken = listener.local_addr().unwrap().port();
    let error = Bench::open(Link::TcpServer { local: Local::Every(taken) }).closed().unwrap();
    assert_eq!(error.what, format!("[::]:{taken}"));
}

#[test]
fn it_can_be_opened_again_at_once_on_the_same_port() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let peers = server.clients(address, 1);
    // Closing first leaves the connection in `TIME_WAIT` on the server's side.
    server.order(SocketCommand::Disconnect(Target::All));
    drop(peers);
    server.until("the end", |server| server.left().len() == 1);
    assert_eq!(server.close(), None);
    let (mut again, same) = Bench::server(&address.to_string(), |_setup| ());
    assert_eq!(same, address);
    assert_eq!(again.close(), None);
}

#[test]
fn stopping_to_listen_keeps_the_connections() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let mut peers = server.clients(address, 1);
    server.order(SocketCommand::StopListening);
    server.until("it", |server| server.events.contains(&Event::StoppedListening));
    assert!(server.notes().contains(&"stopped listening".to_owned()));
    assert!(TcpStream::connect(address).is_err());
    server.send(Target::All, b"hello");
    assert_eq!(read(&peers[0], 5), b"hello");
    peers[0].write_all(b"world").unwrap();
    server.until("the answer", |server| server.bytes(Direction::Received) == b"world");
    server.order(SocketCommand::StopListening);
    assert_eq!(server.close(), None);
    assert_eq!(server.events.iter().filter(|event| **event == Event::StoppedListening).count(), 1);
}

#[test]
fn two_hundred_clients_at_once() {
    const N: usize = 200;
    let (mut server, address) = Bench::server("127.0.0.1:0", |setup| setup.rules = Arc::new(Rules::echo()));
    let calling = std::thread::Builder::new()
        .spawn(move || {
            let mut peers: Vec<TcpStream> = (0..N).map(|_| dial(address)).collect();
            for (n, peer) in peers.iter_mut().enumerate() {
                peer.write_all(format!("client {n:03}").as_bytes()).unwrap();
            }
            for (n, peer) in peers.iter_mut().enumerate() {
                assert_eq!(read(peer, 10), format!("client {n:03}").as_bytes());
            }
        })
        .unwrap();
    server.until("all of them to come and go", |server| server.left().len() == N);
    calling.join().unwrap();
    assert_eq!(server.totals().connections, N as u64);
    assert_eq!((server.totals().received_bytes, server.totals().sent_bytes), (10 * N as u64, 10 * N as u64));
    assert_eq!(server.close(), None);
    assert_eq!(server.troubles(), []);
}

#[test]
fn a_reset_in_the_backlog_does_not_end_the_listener() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    for _ in 0..20 {
        let caller = dial(address);
        SockRef::from(&caller).set_linger(Some(Duration::ZERO)).unwrap();
    }
    let mut peer = dial(address);
    peer.write_all(b"alive").unwrap();
    server.until("the last one", |server| server.bytes(Direction::Received) == b"alive");
    let me = peer.local_addr().unwrap();
    server.until("the others", |server| {
        let joined = server.joined();
        joined.iter().any(|flow| flow.peer == me) && server.left().len() + 1 == joined.len()
    });
    assert!(server.endings().iter().all(|how| *how == Ending::PeerReset));
}

#[test]
fn a_client_that_leaves_is_removed_after_its_answers() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let peers = server.clients(address, 1);
    drop(peers);
    server.until("its end", |server| server.left() == [FlowId(0)]);
    assert_eq!(server.endings(), [Ending::PeerFin, Ending::OwnFin]);
    assert_eq!(server.close(), None);
}

#[test]
fn a_flooding_client_starves_no_other_and_does_not_delay_closing() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let mut peers = server.clients(address, 2);
    let mut flood = peers.remove(0);
    let flooding = std::thread::Builder::new()
        .spawn(move || {
            let block = vec![0; 1 << 16];
            let mut sent = 0_u64;
            while sent < 1 << 30 && flood.write_all(&block).is_ok() {
                sent += block.len() as u64;
            }
        })
        .unwrap();
    server.until("the flood", |server| server.totals().received_bytes > 1 << 20);
    peers[0].write_all(b"me too").unwrap();
    let flow = server.joined()[1].id;
    server.until("the other", |server| server.data(Some(flow), Direction::Received).concat() == b"me too");
    let begun = Instant::now();
    drop(server);
    assert!(begun.elapsed() < Duration::from_secs(2));
    flooding.join().unwrap();
}

#[test]
fn a_flood_is_recorded_completely_without_a_reader() {
    const BLOCKS: usize = 2000;
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let mut peer = dial(address);
    peer.set_nodelay(true).unwrap();
    for n in 0..BLOCKS {
        peer.write_all(&[n as u8; 100]).unwrap();
    }
    drop(peer);
    // Only now are the events read.
    server.until("all of it", |server| server.left().len() == 1);
    let expected: Vec<u8> = (0..BLOCKS).flat_map(|n| [n as u8; 100]).collect();
    assert!(server.bytes(Direction::Received) == expected);
    assert_eq!(server.totals().received_bytes, 100 * BLOCKS as u64);
}

#[test]
fn closing_ends_each_client_in_order() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    let mut peers = server.clients(address, 3);
    server.send(Target::All, b"goodbye");
    server.order(Command::Close { linger: PATIENCE });
    for peer in &mut peers {
        let mut seen = Vec::new();
        peer.read_to_end(&mut seen).unwrap();
        assert_eq!(seen, b"goodbye");
    }
    drop(peers);
    assert_eq!(server.closed(), None);
    assert_eq!(server.left().len(), 3);
    assert!(
        server.session.as_ref().unwrap().send(SocketCommand::StopListening.into()).is_err(),
        "it is over"
    );
}

#[test]
fn granted_buffer_sizes_are_reported() {
    let (mut server, _address) = Bench::server("127.0.0.1:0", |setup| {
        setup.options.receive_buffer = Some(32_768);
        setup.options.send_buffer = Some(32_768);
        setup.options.keepalive = Some(KeepAlive::System);
    });
    let (_local, granted) = server.opened();
    assert!(granted.receive_buffer >= 32_768 && granted.receive_buffer < 1 << 20, "{granted:?}");
    assert!(granted.send_buffer >= 32_768 && granted.send_buffer < 1 << 20, "{granted:?}");
    assert_eq!(server.troubles(), []);
}

/// A server with few file descriptors accepts as many clients as it can, reports the failure once, and
/// resumes. The limit applies to the process, so the test runs itself in a process of its own.
#[cfg(target_os = "linux")]
#[test]
fn too_many_open_files_are_reported_once_and_accepting_resumes() {
    const LIMIT: &str = "NETASSIST_TEST_FEW_FILES";
    if std::env::var_os(LIMIT).is_none() {
        let test = "net::tcp_server::too_many_open_files_are_reported_once_and_accepting_resumes";
        let output = std::process::Command::new("sh")
            .args(["-c", "ulimit -n 64 && exec \"$0\" --exact \"$1\" --test-threads 1"])
            .arg(std::env::current_exe().unwrap())
            .arg(test)
            .env(LIMIT, "1")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && told.contains("1 passed"), "{told}");
        return;
    }
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    // Clients connect before they are accepted; both count.
    let mut peers = Vec::new();
    while let Ok(socket) = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None) {
        peers.push(socket);
    }
    for peer in &peers {
        peer.connect(&address.into()).unwrap();
    }
    server.until("the trouble", |server| !server.troubles().is_empty());
    assert_eq!(server.troubles()[0].doing, Doing::Accepting);
    assert!(server.joined().len() < peers.len());
    let wanted = peers.len();
    for gone in 0..wanted {
        // Each client that leaves makes room for another.
        drop(peers.remove(0));
        server.until("one more to be accepted", |server| server.joined().len() > gone);
    }
    server.until("all of them to have come and gone", |server| server.left().len() == wanted);
    assert_eq!(server.troubles().len(), 1, "told once: {:?}", server.troubles());
    assert_eq!(server.close(), None);
}

mod orders {
    //! Commands in any order end with an orderly close.

    use std::num::NonZeroU32;

    use netassist::codec::matcher::Matcher;
    use netassist::model::{
        ExpectedAnswer, FileCut, FileId, FileOrder, FilePace, FileToSend, Others, Otherwise, Repeat,
        RepeatId, SendPart, Sequence, SequenceId, SequenceRow,
    };
    use proptest::prelude::*;

    use super::*;

    /// A row that expects any answer, or none.
    fn row() -> impl Strategy<Value = SequenceRow> {
        (0..2000_u64, prop::option::of(0..2000_u64), any::<bool>()).prop_map(|(pause, within, stops)| {
            let answer = |us| ExpectedAnswer {
                like: Matcher::default(),
                within: Duration::from_micros(us),
                otherwise: if stops { Otherwise::Stop } else { Otherwise::GoOn },
            };
            let what = Some(SendPart::Bytes(vec![7; 50].into()));
            SequenceRow { what, answer: within.map(answer), pause: Duration::from_micros(pause) }
        })
    }

    fn order() -> impl Strategy<Value = Command> {
        let target = || {
            prop_oneof![
                Just(Target::All),
                prop::collection::vec((0..5_u32).prop_map(FlowId), 0..3).prop_map(Target::Flows),
            ]
        };
        prop_oneof![
            4 => (target(), 0..200_000_usize).prop_map(|(to, n)| {
                SocketCommand::Send { to, what: SendPart::Bytes(vec![5; n].into()) }.into()
            }),
            1 => target().prop_map(|to| SocketCommand::HalfClose(to).into()),
            1 => target().prop_map(|to| SocketCommand::Disconnect(to).into()),
            1 => target().prop_map(|to| SocketCommand::Reset(to).into()),
            1 => (0..3_u32, target(), 0..2000_u64, prop::option::of(0..5_u64)).prop_map(|(id, to, us, count)| {
                let what = [SendPart::Bytes(vec![6; 100].into())].into();
                let every = Duration::from_micros(us);
                Command::Repeat(Repeat { id: RepeatId(id), to, what, every, count })
            }),
            1 => (0..3_u32).prop_map(|id| Command::StopRepeat(RepeatId(id))),
            2 => (0..3_u32, target(), 0..2000_u64, any::<bool>()).prop_map(|(id, to, us, pass)| {
                let file = FileToSend::raw(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
                let pace = FilePace::Pause(Duration::from_micros(us));
                let others = if pass { Others::Pass } else { Others::Wait };
                let cut = FileCut::Raw { chunk: NonZeroU32::new(100) };
                let file = FileToSend { cut, pace, others, ..file };
                SocketCommand::SendFile(Box::new(FileOrder { id: FileId(id), to, file })).into()
            }),
            1 => (0..3_u32).prop_map(|id| Command::PauseFile(FileId(id))),
            1 => (0..3_u32).prop_map(|id| Command::ResumeFile(FileId(id))),
            1 => (0..3_u32).prop_map(|id| Command::StopFile(FileId(id))),
            1 => (0..3_u32, target(), prop::collection::vec(row(), 0..4), prop::option::of(0..5_u64)).prop_map(
                |(id, to, rows, loops)| {
                    Command::Sequence(Sequence { id: SequenceId(id), to, rows: rows.into(), loops })
                }
            ),
            1 => (0..3_u32).prop_map(|id| Command::StopSequence(SequenceId(id))),
            1 => Just(SocketCommand::StopListening.into()),
            1 => Just(Command::Note("remark".to_owned())),
            1 => any::<u64>().prop_map(|record| Command::Annotate(record, "note".to_owned())),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn closed_comes_once_and_last(
            orders in prop::collection::vec(order(), 0..12),
            echo in any::<bool>(),
            half_open in any::<bool>(),
            abort in any::<bool>(),
        ) {
            let (mut server, address) = Bench::server("127.0.0.1:0", |setup| {
                if echo {
                    setup.rules = Arc::new(Rules::echo());
                }
                setup.options.half_open = half_open;
                setup.options.abort_on_close = abort;
            });
            let mut peers = server.clients(address, 3);
            for (n, order) in orders.into_iter().enumerate() {
                // Fails once the server has closed or reset this connection.
                drop(peers[n % 3].write_all(b"hello"));
                server.order(order);
            }
            server.order(Command::Close { linger: Duration::from_millis(20) });
            prop_assert_eq!(server.closed(), None);
            prop_assert_eq!(server.joined().len(), server.left().len());
            let ended = server.entries.iter().filter(|entry| matches!(entry, crate::memory_recorder::Entry::Ended(..)));
            prop_assert!(ended.count() >= 3, "each connection has an end");
        }
    }
}

/// The timer of the kernel on each connection of `port`: hundredths of a second until the next probe, if there is one.
#[cfg(target_os = "linux")]
fn probes(port: u16) -> Vec<Option<u64>> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let probe = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let established = fields[1].ends_with(&format!(":{port:04X}")) && fields[3] == "01";
        let (timer, left) = fields[5].split_once(':').unwrap();
        established.then(|| (timer == "02").then(|| u64::from_str_radix(left, 16).unwrap()))
    };
    table.lines().skip(1).filter_map(probe).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_probes_idle_clients_unless_told_otherwise() {
    let times = KeepAlive::Probes(Duration::from_secs(9), Duration::from_secs(1), 2);
    for (keep, soonest, latest) in [
        (None, 1, Some(6000)),
        (Some(KeepAlive::Off), 0, None),
        (Some(times), 1, Some(900)),
        (Some(KeepAlive::System), 6001, Some(u64::MAX)),
    ] {
        let (mut server, address) = Bench::server("127.0.0.1:0", |setup| setup.options.keepalive = keep);
        let _peer = server.clients(address, 1);
        let [probe] = probes(address.port())[..] else { panic!("one connection") };
        assert!(
            probe.is_some() == latest.is_some() && probe.is_none_or(|at| soonest <= at && Some(at) <= latest),
            "{keep:?}: {probe:?}"
        );
        assert_eq!(server.troubles(), []);
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = Bench::client(address, |_setup| ());
    client.until("the connection", |client| client.joined().len() == 1);
    let own = client.first_flow().local.port();
    assert_eq!(probes(own), [None], "a client does not");
}

#[test]
fn urgent_data_stay_in_their_place() {
    let (mut server, address) = Bench::server("127.0.0.1:0", |_setup| ());
    for n in 1..=20 {
        let peer = dial(address);
        // All is there when the session begins to read, most of the times.
        SockRef::from(&peer).send_out_of_band(b"a!").unwrap();
        SockRef::from(&peer).send(b"bcd").unwrap();
        SockRef::from(&peer).send_out_of_band(b"?").unwrap();
        server.until("all of it", |server| server.bytes(Direction::Received).len() == 6 * n);
    }
    assert_eq!(server.bytes(Direction::Received), b"a!bcd?".repeat(20));
    assert_eq!(server.close(), None);
}
