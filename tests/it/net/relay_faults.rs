//! Faults in relays, measured from outside.

use std::io::{Read, Write};
use std::net::{Shutdown, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use netassist::model::{Command, Direction, RelayFaults, Rules};

use super::bench::{Bench, PATIENCE, read};
use super::relay::{is_reset, pair, read_all, spawn};

fn faults(text: &str) -> Arc<Rules> {
    Arc::new(Rules { relay: RelayFaults::parse(text, 7).unwrap(), ..Rules::default() })
}

#[test]
fn what_comes_from_one_side_is_delayed_and_in_order_and_the_other_is_not() {
    let (mut bench, mut client, mut server) = pair(|setup| setup.rules = faults("down:delay=200ms~50ms"));
    let begun = Instant::now();
    for piece in [&b"one"[..], b"two", b"three"] {
        server.write_all(piece).unwrap();
    }
    server.shutdown(Shutdown::Write).unwrap();
    client.write_all(b"at once").unwrap();
    assert_eq!(read(&server, 7), b"at once");
    assert_eq!(read_all(&client), b"onetwothree");
    assert!(begun.elapsed() >= Duration::from_millis(150));
    let (client_leg, _) = bench.paired()[0];
    bench.until("what was sent", |bench| {
        bench.data(Some(client_leg), Direction::Sent).concat() == b"onetwothree"
    });
}

#[test]
fn the_same_messages_are_lost_and_doubled_in_two_runs() {
    let run = |pieces: usize| {
        let (mut bench, mut client, server) = pair(|setup| {
            setup.framing = "line".parse().unwrap();
            setup.rules = faults("up:loss=30%,duplicate=20%,corrupt=10%,cut=10%");
        });
        let text = (0..200).map(|n| format!("message {n}\n")).collect::<Vec<_>>().concat();
        // The reads are others.
        for piece in text.as_bytes().chunks(pieces) {
            client.write_all(piece).unwrap();
        }
        client.shutdown(Shutdown::Write).unwrap();
        let all = read_all(&server);
        drop((client, server));
        bench.until("the end of both legs", |bench| bench.left().len() == 2);
        let lost = bench.annotations().iter().map(|(_, note)| note.matches("[fault] loss").count()).max();
        (all, lost)
    };
    let (one, two) = (run(17), run(1000));
    assert_eq!(one.0, two.0);
    assert!(one.0.split(|byte| *byte == b'\n').count() < 230 && one.1.is_some());
}

#[test]
fn faults_are_switched_while_it_runs() {
    let (bench, mut client, server) = pair(|_setup| ());
    client.write_all(b"before").unwrap();
    assert_eq!(read(&server, 6), b"before");
    bench.order(Command::SetRules(faults("up:stall=0")));
    client.write_all(b"stalled").unwrap();
    // What comes from the other side passes.
    (&server).write_all(b"back").unwrap();
    assert_eq!(read(&client, 4), b"back");
    bench.order(Command::SetRules(faults("up:reset=1ms")));
    for mut stream in [&client, &server] {
        // What was stalled may come before.
        assert!(stream.read_to_end(&mut Vec::new()).is_err());
    }
}

#[test]
fn a_direction_is_closed_or_both_are_reset_after_bytes() {
    let (_bench, mut client, mut server) = pair(|setup| setup.rules = faults("up:close=4"));
    client.write_all(b"123456").unwrap();
    assert_eq!(read_all(&server), b"1234");
    server.write_all(b"still open").unwrap();
    assert_eq!(read(&client, 10), b"still open");

    let (_bench, client, mut server) = pair(|setup| setup.rules = faults("down:reset=4"));
    server.write_all(b"123456").unwrap();
    let mut got = [0; 4];
    // The reset may overtake the bytes.
    let read = (&client).read_exact(&mut got);
    assert!(read.is_err() || got == *b"1234" && is_reset(&client));
    assert!(is_reset(&server));
}

#[test]
fn a_limited_rate_slows_the_writer_and_loses_nothing() {
    let (_bench, client, server) = pair(|setup| setup.rules = faults("up:rate=1M"));
    let bytes: Vec<u8> = (0..=250).cycle().take(500_000).collect();
    let begun = Instant::now();
    let sent = bytes.clone();
    let mut writer = client.try_clone().unwrap();
    let writing = spawn(move || {
        writer.write_all(&sent).unwrap();
        writer.shutdown(Shutdown::Write).unwrap();
    });
    assert!(read_all(&server) == bytes);
    assert!(begun.elapsed() >= Duration::from_millis(480), "{:?}", begun.elapsed());
    writing.join().unwrap();
}

#[test]
fn datagrams_are_lost_doubled_and_overtaken() {
    const N: usize = 1000;
    let run = || {
        let socket = || {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket
        };
        let (server, client) = (socket(), socket());
        let (mut bench, address) = Bench::udp_relay(server.local_addr().unwrap().into(), |setup| {
            setup.rules = faults("up:loss=20%,duplicate=10%,reorder=5%");
        });
        for n in 0..N {
            client.send_to(&n.to_be_bytes(), address).unwrap();
        }
        bench.until("all", |bench| bench.totals().received_messages == N as u64);
        // Those that wait are sent before it closes.
        bench.order(Command::Close { linger: Duration::from_secs(5) });
        assert_eq!(bench.closed(), None);
        let number = |bytes: Vec<u8>| usize::from_be_bytes(bytes.try_into().unwrap());
        let seen: Vec<usize> = bench.data(None, Direction::Sent).into_iter().map(number).collect();
        let lost = bench.annotations().len();
        (seen, lost)
    };
    let (seen, lost) = run();
    assert!((150..250).contains(&lost), "{lost}");
    let distinct: std::collections::BTreeSet<usize> = seen.iter().copied().collect();
    assert_eq!(distinct.len(), N - lost, "what is not lost arrives");
    assert!(
        (50..110).contains(&(seen.len() - distinct.len())),
        "{} are there twice",
        seen.len() - distinct.len()
    );
    assert!(seen.windows(2).any(|two| two[0] > two[1]), "some are overtaken");
    let [mut first, mut again] = [seen, run().0];
    first.sort_unstable();
    again.sort_unstable();
    assert_eq!(first, again, "the same ones");
}

#[test]
fn a_rule_and_a_fault_on_one_message_are_both_noted() {
    use netassist::codec::matcher::MatchKind;
    use netassist::workspace::ThenKind;
    let replace = super::relay_rules::rule("client", MatchKind::Contains, "a", ThenKind::Replace, "b");
    let under = |text: &str| {
        let rules = super::relay_rules::rules(std::slice::from_ref(&replace));
        Arc::new(Rules { relay: RelayFaults::parse(text, 7).unwrap(), ..(*rules).clone() })
    };
    let (mut bench, mut client, server) = pair(|setup| {
        setup.framing = "line".parse().unwrap();
        setup.rules = under("up:delay=1ms,loss=100%,match=gone");
    });
    client.write_all(b"a\na gone\n").unwrap();
    assert_eq!(read(&server, 2), b"b\n");
    bench.until("the record and the note", |bench| {
        bench.totals().sent_messages == 1 && !bench.annotations().is_empty()
    });
    let (_, upstream_leg) = bench.paired()[0];
    assert_eq!(bench.whys(upstream_leg), ["[rule] r\n[fault] delay=1ms"]);
    assert_eq!(bench.reasons(), ["[rule] r\n[dropped] [fault] loss"]);

    let socket = || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    };
    let (server, client) = (socket(), socket());
    let (mut bench, address) = Bench::udp_relay(server.local_addr().unwrap().into(), |setup| {
        setup.rules = under("up:delay=1ms,loss=100%,match=gone");
    });
    client.send_to(b"a gone", address).unwrap();
    client.send_to(b"a", address).unwrap();
    let mut buffer = [0; 9];
    assert_eq!(server.recv(&mut buffer).unwrap(), 1);
    bench.until("the record and the note", |bench| {
        bench.totals().sent_messages == 1 && !bench.annotations().is_empty()
    });
    let (_, upstream_leg) = bench.paired()[0];
    assert_eq!(bench.whys(upstream_leg), ["[rule] r\n[fault] delay=1ms"]);
    assert_eq!(bench.reasons(), ["[rule] r\n[dropped] [fault] loss"]);
}
