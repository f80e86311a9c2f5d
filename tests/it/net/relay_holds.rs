//! Messages that rules of a relay hold: passed, edited, dropped, answered, or no longer held for other causes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use netassist::codec::matcher::MatchKind;
use netassist::model::{
    AndThen, Command, Decision, Direction, Ending, Event, Held, HoldEnd, HoldId, Message, Record, RecordKind,
    RelayFaults, Rules, SessionNote, SocketCommand, Wholeness, is_held,
};
use netassist::workspace::{RuleForm, ThenKind};

use super::bench::{Bench, PATIENCE, accept, dial, read};
use super::relay::{is_reset, pair, read_all};
use super::relay_rules::{rule, rules};

fn hold(from: &str, pattern: &str, time: &str) -> RuleForm {
    RuleForm { hold: time.to_owned(), ..rule(from, MatchKind::Contains, pattern, ThenKind::Hold, "") }
}

/// A relay of lines with one client under these rules.
fn lines(forms: &[RuleForm]) -> (Bench, TcpStream, TcpStream) {
    pair(|setup| {
        setup.framing = "line".parse().unwrap();
        setup.rules = rules(forms);
        setup.options.pass_after = Duration::from_hours(1);
    })
}

fn all_held(bench: &Bench) -> Vec<Held> {
    let held = |event: &Event| if let Event::Held(held) = event { Some(held.clone()) } else { None };
    bench.events.iter().filter_map(held).collect()
}

fn ends(bench: &Bench) -> Vec<(HoldId, HoldEnd)> {
    let ended = |event: &Event| if let Event::HoldEnded(id, how) = event { Some((*id, *how)) } else { None };
    bench.events.iter().filter_map(ended).collect()
}

/// The nth message that is held.
fn held(bench: &mut Bench, n: usize) -> Held {
    bench.until("a held message", |bench| all_held(bench).len() > n);
    all_held(bench)[n].clone()
}

fn decide(bench: &Bench, held: &Held, decision: Decision) {
    bench.order(SocketCommand::Decide(held.id, decision));
}

/// Whether nothing has come so far.
fn is_silent(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let found = stream.peek(&mut [0]);
    stream.set_nonblocking(false).unwrap();
    found.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn a_held_message_is_passed_edited_dropped_or_answered_and_those_after_it_wait() {
    let (mut bench, mut client, mut server) = lines(&[hold("client", "hold", "")]);
    let (bytes, edited) = (b"before\nhold 1\nhold 2\nhold 3\nhold 4\nafter\n", Arc::from(*b"edited!\n"));
    client.write_all(bytes).unwrap();
    assert_eq!(read(&server, 7), b"before\n");
    let first = held(&mut bench, 0);
    assert_eq!((&*first.data, first.rule.as_str(), first.until), (&b"hold 1\n"[..], "r", None));
    // Of all the messages in its record, it alone is marked as held.
    let (record, from) = (first.record.unwrap(), first.from.unwrap());
    let lines = (0..6).scan(0_u16, |at, n| {
        let len = if n == 5 { 6 } else { 7 };
        let line = Message::new(record, *at, record, len, Wholeness::Whole);
        *at += u16::try_from(len).unwrap();
        Some(line)
    });
    let held_lines: Vec<bool> = lines.map(|line| is_held(&from, &line)).collect();
    assert_eq!(held_lines, [false, true, false, false, false, false]);
    assert_eq!(first.peer, client.local_addr().unwrap());
    // The other direction is not concerned.
    server.write_all(b"hold on\n").unwrap();
    assert_eq!(read(&client, 8), b"hold on\n");
    assert!(is_silent(&server));
    decide(&bench, &first, Decision::Pass);
    assert_eq!(read(&server, 7), b"hold 1\n");
    let second = held(&mut bench, 1);
    assert!(is_silent(&server) && all_held(&bench).len() == 2);
    decide(&bench, &second, Decision::Edited(edited));
    assert_eq!(read(&server, 8), b"edited!\n");
    let third = held(&mut bench, 2);
    decide(&bench, &third, Decision::Answer(Arc::from(*b"no\n")));
    assert_eq!(read(&client, 3), b"no\n");
    let fourth = held(&mut bench, 3);
    decide(&bench, &fourth, Decision::Drop);
    assert_eq!(read(&server, 6), b"after\n");
    // Deciding again does nothing.
    decide(&bench, &fourth, Decision::Pass);
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&server), b"");
    drop((client, server));
    bench.until("the end of both legs", |bench| bench.left().len() == 2);
    let ids = [&first, &second, &third, &fourth].map(|held| (held.id, HoldEnd::Decided));
    assert_eq!(ends(&bench), ids);
    let (client_leg, upstream_leg) = bench.paired()[0];
    assert_eq!(bench.data(Some(client_leg), Direction::Received).concat(), bytes);
    // What was passed as it was went by hand, too, and later than it came.
    assert_eq!(bench.whys(upstream_leg), ["[hand] r", "[edited] r"]);
    assert_eq!(bench.whys(client_leg), ["[hand] r"]);
    let notes = "[dropped] [edited] r\n[dropped] [hand] r\n[dropped] [hand] r";
    assert_eq!(bench.reasons().last().unwrap(), notes, "what was edited did not go on as it came");
}

#[test]
fn a_held_message_is_passed_on_after_its_time_and_that_is_noted() {
    let (mut bench, mut client, server) = lines(&[hold("", "hold", "100ms")]);
    client.write_all(b"hold\nnext\n").unwrap();
    assert_eq!(read(&server, 10), b"hold\nnext\n");
    let first = held(&mut bench, 0);
    assert!(first.until.unwrap().since(first.since) == 100_000_000);
    bench.until("its end", |bench| !ends(bench).is_empty());
    assert_eq!(ends(&bench), [(first.id, HoldEnd::Expired)]);
    let peer = client.local_addr().unwrap();
    assert!(bench.notes().contains(&SessionNote::HoldExpired(5, peer).to_string()), "{:?}", bench.notes());
    bench.until("the records", |bench| bench.totals().sent_messages == 2);
    assert_eq!(bench.whys(bench.paired()[0].1), ["[held] 100ms r"]);
}

#[test]
fn both_directions_hold_by_themselves() {
    let (mut bench, mut client, mut server) = lines(&[hold("", "hold", "")]);
    client.write_all(b"hold up\n").unwrap();
    let up = held(&mut bench, 0);
    server.write_all(b"hold down\n").unwrap();
    let down = held(&mut bench, 1);
    assert_ne!(up.flow, down.flow);
    decide(&bench, &down, Decision::Pass);
    assert_eq!(read(&client, 10), b"hold down\n");
    assert!(is_silent(&server));
    decide(&bench, &up, Decision::Pass);
    assert_eq!(read(&server, 8), b"hold up\n");
}

#[test]
fn rules_before_it_change_what_is_held_and_all_are_named() {
    let replace = |pattern, content| RuleForm {
        and_then: AndThen::GoOn,
        ..rule("client", MatchKind::Contains, pattern, ThenKind::Replace, content)
    };
    let (mut bench, mut client, server) =
        lines(&[replace("a", "b"), replace("b", "hold"), hold("client", "hold", "")]);
    client.write_all(b"a\n").unwrap();
    let first = held(&mut bench, 0);
    assert_eq!(&*first.data, b"hold\n");
    decide(&bench, &first, Decision::Edited(Arc::from(*b"c\n")));
    assert_eq!(read(&server, 2), b"c\n");
    bench.until("the record", |bench| bench.totals().sent_messages == 1);
    assert_eq!(bench.whys(bench.paired()[0].1), ["[rule] r\n[rule] r\n[edited] r"]);
}

#[test]
fn what_is_held_passes_when_its_rule_goes_or_the_framing_changes() {
    for by_framing in [false, true] {
        let (mut bench, mut client, server) = lines(&[hold("client", "hold", "")]);
        client.write_all(b"hold\nhold 2\nrest").unwrap();
        let first = held(&mut bench, 0);
        // Other rules do not matter.
        bench.order(Command::SetRules(rules(&[hold("client", "hold", ""), hold("upstream", "x", "")])));
        bench.order(SocketCommand::Decide(HoldId(9), Decision::Pass));
        assert!(is_silent(&server));
        bench.order(if by_framing {
            Command::SetFraming("none".parse().unwrap())
        } else {
            Command::SetRules(Arc::new(Rules::default()))
        });
        assert_eq!(read(&server, 16), b"hold\nhold 2\nrest", "in order");
        bench.until("its end", |bench| !ends(bench).is_empty());
        assert_eq!(ends(&bench)[0], (first.id, HoldEnd::RulesChanged));
    }
}

#[test]
fn an_end_waits_behind_a_held_message_and_a_reset_does_not() {
    let (mut bench, mut client, server) = lines(&[hold("client", "hold", "")]);
    client.write_all(b"hold\nlast").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let first = held(&mut bench, 0);
    assert!(is_silent(&server));
    decide(&bench, &first, Decision::Pass);
    assert_eq!(read_all(&server), b"hold\nlast");

    for of_client in [true, false] {
        let (mut bench, mut client, server) = lines(&[hold("client", "hold", "")]);
        client.write_all(b"hold\nlast").unwrap();
        let first = held(&mut bench, 0);
        let (gone, left) = if of_client { (client, server) } else { (server, client) };
        socket2::SockRef::from(&gone).set_linger(Some(Duration::ZERO)).unwrap();
        drop(gone);
        assert!(is_reset(&left), "the client's reset: {of_client}");
        bench.until("the end of both legs", |bench| bench.left().len() == 2);
        assert_eq!(ends(&bench), [(first.id, HoldEnd::Gone)]);
    }
}

/// How a session with a held message ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loses {
    Client,
    Upstream,
    Closing,
    Dropping,
}

#[test]
fn what_is_lost_with_a_held_message_is_told_once_with_all_that_waits_behind_it() {
    for how in [Loses::Client, Loses::Upstream, Loses::Closing, Loses::Dropping] {
        let (mut bench, mut client, mut server) = lines(&[hold("", "hold", "")]);
        let (up, down) = (client.peer_addr().unwrap(), client.local_addr().unwrap());
        assert_ne!(up, down);
        let upstream = server.local_addr().unwrap();
        client.write_all(b"first\nhold\nsecond\nthird").unwrap();
        assert_eq!(read(&server, 6), b"first\n");
        server.write_all(b"hold down\nmore").unwrap();
        held(&mut bench, 1);
        match how {
            Loses::Client | Loses::Upstream => {
                let (gone, left) = if how == Loses::Client { (client, server) } else { (server, client) };
                socket2::SockRef::from(&gone).set_linger(Some(Duration::ZERO)).unwrap();
                drop(gone);
                assert!(is_reset(&left), "{how:?}");
                bench.until("the end of both legs", |bench| bench.left().len() == 2);
                bench.drain();
            }
            Loses::Closing => {
                let closing = [client, server].map(|stream| super::relay::spawn(move || read_all(&stream)));
                assert_eq!(bench.close(), None);
                assert_eq!(closing.map(|stream| stream.join().unwrap()), [b"", b""]);
            }
            Loses::Dropping => {
                bench.stop();
            }
        }
        if how != Loses::Dropping {
            let all: Vec<HoldEnd> = ends(&bench).into_iter().map(|(_, how)| how).collect();
            assert_eq!(all, [HoldEnd::Gone, HoldEnd::Gone], "{how:?}");
        }
        let mut lost: Vec<String> =
            bench.notes().into_iter().filter(|note| note.contains("not sent")).collect();
        lost.sort();
        let mut expected =
            [SessionNote::Unsent(17, upstream), SessionNote::Unsent(14, down)].map(|note| note.to_string());
        expected.sort();
        assert_eq!(lost, expected, "{how:?}");
    }
}

#[test]
fn what_waits_behind_a_held_message_stays_with_its_writer() {
    let (mut bench, client, server) = lines(&[hold("client", "hold", "")]);
    let mut writer = client.try_clone().unwrap();
    writer.write_all(b"hold\n").unwrap();
    let first = held(&mut bench, 0);
    client.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let chunk = vec![b'x'; 64 * 1024];
    let mut written = 0;
    // The writer is stopped by the buffers of the system.
    while let Ok(n) = (&client).write(&chunk) {
        written += n;
        assert!(written < 256 << 20, "{written} bytes were taken");
    }
    let received = bench.totals().received_bytes;
    assert!(received <= 2 * 65_536, "{received} bytes were read behind a held message");
    client.shutdown(Shutdown::Write).unwrap();
    decide(&bench, &first, Decision::Pass);
    let mut server = server;
    let (mut all, mut buffer) = (0, vec![0; 1 << 20]);
    while let n @ 1.. = server.read(&mut buffer).unwrap() {
        all += n;
    }
    assert_eq!(all, written + 5);
}

#[test]
fn datagrams_are_held_and_those_after_them_wait() {
    let socket = || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    };
    let (server, client, other) = (socket(), socket(), socket());
    let (mut bench, address) = Bench::udp_relay(server.local_addr().unwrap().into(), |setup| {
        setup.rules = rules(&[hold("", "hold", "")]);
    });
    let receive = |socket: &UdpSocket| {
        let mut buffer = [0; 64];
        let (n, from) = socket.recv_from(&mut buffer).unwrap();
        (String::from_utf8(buffer[..n].to_vec()).unwrap(), from)
    };
    for message in ["hold 1", "next", "hold 2", "hold 3", "last"] {
        client.send_to(message.as_bytes(), address).unwrap();
    }
    let first = held(&mut bench, 0);
    bench.until("all", |bench| bench.totals().received_messages == 5);
    // Another client is not concerned.
    other.send_to(b"other", address).unwrap();
    assert_eq!(receive(&server).0, "other");
    decide(&bench, &first, Decision::Edited(Arc::from(*b"edited")));
    let (edited, upstream) = receive(&server);
    assert_eq!((edited.as_str(), receive(&server).0.as_str()), ("edited", "next"));
    let second = held(&mut bench, 1);
    decide(&bench, &second, Decision::Answer(Arc::from(*b"answer")));
    assert_eq!(receive(&client).0, "answer");
    let third = held(&mut bench, 2);
    decide(&bench, &third, Decision::Drop);
    assert_eq!(receive(&server).0, "last");
    server.send_to(b"hold down", upstream).unwrap();
    server.send_to(b"behind", upstream).unwrap();
    let down = held(&mut bench, 3);
    bench.until("all", |bench| bench.totals().received_messages == 8);
    // What a fault delays is lost, too, and told together with it.
    let relay = RelayFaults::parse("down:delay=1h", 7).unwrap();
    bench.order(Command::SetRules(Arc::new(Rules { relay, ..(*rules(&[hold("", "hold", "")])).clone() })));
    decide(&bench, &down, Decision::Pass);
    server.send_to(b"hold again", upstream).unwrap();
    let down = held(&mut bench, 4);
    assert_eq!(bench.close(), None);
    assert_eq!(ends(&bench).last(), Some(&(down.id, HoldEnd::Gone)));
    let lost = SessionNote::Unsent(25, client.local_addr().unwrap());
    assert!(bench.notes().contains(&lost.to_string()), "{:?}", bench.notes());
    assert_eq!(bench.reasons(), ["[dropped] [edited] r", "[dropped] [hand] r", "[dropped] [hand] r"]);
}

#[test]
fn a_client_without_an_upstream_connection_is_held_too() {
    let upstream = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (mut bench, address) = Bench::relay(upstream.local_addr().unwrap(), |setup| {
        setup.options.connect_on_data = true;
        setup.framing = "line".parse().unwrap();
        setup.rules = rules(&[hold("client", "hold", "")]);
    });
    let mut client = dial(address);
    client.write_all(b"hold\nnext\n").unwrap();
    let server = accept(&upstream);
    let first = held(&mut bench, 0);
    decide(&bench, &first, Decision::Pass);
    assert_eq!(read(&server, 10), b"hold\nnext\n");
}

#[test]
fn who_leaves_while_a_message_is_held_is_known_to_have_left() {
    let (mut bench, mut client, server) = lines(&[hold("client", "hold", "")]);
    client.write_all(b"hold 1\n").unwrap();
    let first = held(&mut bench, 0);
    let at = usize::try_from(first.record.unwrap()).unwrap();
    bench.until("the record", |bench| bench.records().len() > at);
    assert_eq!(bench.records()[at].kind, RecordKind::Received, "of which record it is");
    client.shutdown(Shutdown::Write).unwrap();
    let is_fin = |record: &Record| record.kind == RecordKind::Ended(Ending::PeerFin);
    bench.until("its FIN", |bench| bench.records().iter().any(is_fin));
    assert!(is_silent(&server) && ends(&bench).is_empty());
    decide(&bench, &first, Decision::Pass);
    let mut all = Vec::new();
    (&server).read_to_end(&mut all).unwrap();
    assert_eq!(all, b"hold 1\n", "and the FIN after it");
}
