//! Rules in relays: what they replace, drop, add and end, and what is withheld until then.

use std::io::Write;
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use netassist::codec::Charset;
use netassist::codec::matcher::MatchKind;
use netassist::model::{Command, Direction, Recipients, Rules};
use netassist::workspace::{FaultsForm, RuleForm, ThenKind, build_rules};

use super::bench::{Bench, PATIENCE, accept, dial, read};
use super::relay::{is_reset, pair, read_all};

pub fn rule(from: &str, when: MatchKind, pattern: &str, then: ThenKind, content: &str) -> RuleForm {
    let [name, from, pattern, content] = ["r", from, pattern, content].map(str::to_owned);
    RuleForm { name, from, when, pattern, then, content, ..RuleForm::default() }
}

pub fn rules(forms: &[RuleForm]) -> Arc<Rules> {
    Arc::new(build_rules(forms, &FaultsForm::default(), Charset::Utf8).unwrap())
}

/// A relay of lines with one client under these rules.
fn lines(forms: &[RuleForm]) -> (Bench, TcpStream, TcpStream) {
    pair(|setup| {
        setup.framing = "line".parse().unwrap();
        setup.rules = rules(forms);
        // What is no message waits for its end.
        setup.options.pass_after = Duration::from_hours(1);
    })
}

#[test]
fn matches_are_replaced_in_one_direction_and_dropped_messages_are_noted() {
    let (mut bench, mut client, mut server) = lines(&[
        RuleForm {
            and_then: netassist::model::AndThen::GoOn,
            ..rule("client", MatchKind::Regex, r"(\d)(\d*)", ThenKind::Replace, "<{2}{1}>")
        },
        rule("client", MatchKind::Contains, "<01>", ThenKind::Replace, "ten"),
        rule("upstream", MatchKind::Starts, "secret", ThenKind::Drop, ""),
    ]);
    for piece in [&b"set 1"[..], b"23 to 10\r\nand", b" no more\n4", b"5"] {
        client.write_all(piece).unwrap();
    }
    assert_eq!(read(&server, 30), b"set <231> to ten\r\nand no more\n");
    server.write_all(b"123\nsecret 1\nopen\n").unwrap();
    assert_eq!(read(&client, 9), b"123\nopen\n");
    // What is no message goes on at the end.
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_all(&server), b"45");
    drop((client, server));
    bench.until("the end of both legs", |bench| bench.left().len() == 2);
    let (client_leg, upstream_leg) = bench.paired()[0];
    assert_eq!(
        bench.data(Some(client_leg), Direction::Received).concat(),
        b"set 123 to 10\r\nand no more\n45"
    );
    assert_eq!(bench.data(Some(upstream_leg), Direction::Received).concat(), b"123\nsecret 1\nopen\n");
    assert_eq!(bench.reasons(), ["[dropped] [rule] r"]);
    let (record, note) = bench.annotations().remove(0);
    assert_eq!(note, format!("[dropped] [from {}+4:9] [rule] r", record + 1));
}

#[test]
fn what_is_no_message_goes_on_after_a_time_or_when_the_rules_go() {
    for by_time in [true, false] {
        let (bench, mut client, server) = pair(|setup| {
            setup.framing = "line".parse().unwrap();
            setup.rules = rules(&[rule("", MatchKind::Contains, "x", ThenKind::Replace, "y")]);
            setup.options.pass_after = Duration::from_millis(if by_time { 50 } else { 3_600_000 });
        });
        client.write_all(b"x\nx and").unwrap();
        assert_eq!(read(&server, 2), b"y\n");
        if !by_time {
            bench.order(Command::SetRules(Arc::default()));
        }
        assert_eq!(read(&server, 5), b"x and", "undecided");
        client.write_all(b" x\nx\n").unwrap();
        let rest: &[u8] = if by_time { b" x\ny\n" } else { b" x\nx\n" };
        assert_eq!(read(&server, 5), rest);
    }
}

#[test]
fn a_delayed_message_keeps_its_place() {
    let slow = |content| RuleForm {
        after: "150ms".to_owned(),
        ..rule("client", MatchKind::Equals, "first\\n", ThenKind::Replace, content)
    };
    let (_bench, mut client, server) = lines(&[slow("FIRST\\n")]);
    client.write_all(b"first\nsecond\nthird\n").unwrap();
    assert_eq!(read(&server, 19), b"FIRST\nsecond\nthird\n");
}

#[test]
fn a_rule_adds_to_either_side_and_ends_both_legs() {
    let to = |to, form| RuleForm { to, and_then: netassist::model::AndThen::GoOn, ..form };
    for (then, is_close) in [(ThenKind::Close, true), (ThenKind::Reset, false)] {
        let (mut bench, mut client, server) = lines(&[
            to(Recipients::Sender, rule("client", MatchKind::Contains, "a", ThenKind::Reply, "back\\n")),
            to(Recipients::Others, rule("client", MatchKind::Contains, "a", ThenKind::Reply, "added\\n")),
            rule("client", MatchKind::Contains, "a", ThenKind::Drop, ""),
            rule("client", MatchKind::Contains, "bye", then, ""),
        ]);
        client.write_all(b"a\nb\n").unwrap();
        assert_eq!(read(&client, 5), b"back\n");
        assert_eq!(read(&server, 8), b"added\nb\n");
        client.write_all(b"bye\n").unwrap();
        if is_close {
            assert_eq!((read_all(&server), read_all(&client)), (b"bye\n".to_vec(), Vec::new()));
        } else {
            assert!(is_reset(&server) && is_reset(&client));
        }
        drop((client, server));
        bench.until("the end of both legs", |bench| bench.left().len() == 2);
    }
}

#[test]
fn rules_that_only_look_on_withhold_nothing() {
    let (_bench, mut client, server) =
        lines(&[rule("client", MatchKind::Contains, "x", ThenKind::Highlight, "")]);
    client.write_all(b"no line").unwrap();
    assert_eq!(read(&server, 7), b"no line");
}

#[test]
fn datagrams_are_replaced_dropped_and_answered() {
    let socket = || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket
    };
    let (server, client) = (socket(), socket());
    let (mut bench, address) = Bench::udp_relay(server.local_addr().unwrap().into(), |setup| {
        setup.rules = rules(&[
            rule("client", MatchKind::Equals, "drop", ThenKind::Drop, ""),
            rule("client", MatchKind::Equals, "who", ThenKind::Reply, "me"),
            rule("", MatchKind::Regex, "o+", ThenKind::Replace, "0"),
        ]);
    });
    let receive = |socket: &UdpSocket| {
        let mut buffer = [0; 64];
        let (n, from) = socket.recv_from(&mut buffer).unwrap();
        (String::from_utf8(buffer[..n].to_vec()).unwrap(), from)
    };
    for message in ["drop", "who", "foot"] {
        client.send_to(message.as_bytes(), address).unwrap();
    }
    assert_eq!(receive(&client).0, "me");
    assert_eq!(receive(&server).0, "who", "a reply does not keep it from passing");
    let (message, from) = receive(&server);
    assert_eq!(message, "f0t");
    server.send_to(b"too", from).unwrap();
    assert_eq!(receive(&client).0, "t0");
    assert_eq!(bench.close(), None);
    assert_eq!(bench.annotations().len(), 1);
}

#[test]
fn a_new_pair_is_under_the_same_rules() {
    let upstream = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (_bench, address) = Bench::relay(upstream.local_addr().unwrap(), |setup| {
        setup.options.connect_on_data = true;
        setup.framing = "line".parse().unwrap();
        setup.rules = rules(&[rule("client", MatchKind::Contains, "1", ThenKind::Replace, "2")]);
    });
    for _ in 0..2 {
        let mut client = dial(address);
        client.write_all(b"1\n1\n").unwrap();
        assert_eq!(read(&accept(&upstream), 4), b"2\n2\n");
    }
}
