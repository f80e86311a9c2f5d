//! What peers can make a session with rules hold in memory and send.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use netassist::codec::Charset;
use netassist::codec::append::AppendFault;
use netassist::codec::compose::{Manner, Mode};
use netassist::codec::matcher::Matcher;
use netassist::codec::template::Template;
use netassist::model::{
    AndThen, Cause, Direction, Ending, Limits, NetError, Options, Recipients, Rule, RuleFault, RuleId, Rules,
    SessionNote, Then,
};

use super::bench::{Bench, dial, read};

const MIB: usize = 1 << 20;

fn reply(text: &str) -> Rule {
    let manner = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };
    let template = Template::parse_answer(text, manner, Vec::new(), &Matcher::default()).unwrap();
    Rule::new(RuleId(0), Then::Reply(Arc::new(template)))
}

/// A server that answers lines with these rules, each of them.
fn server(rules: Vec<Rule>, change: impl FnOnce(&mut Options)) -> (Bench, SocketAddr) {
    let all = |(id, rule): (u32, Rule)| {
        let limits = Limits { and_then: AndThen::GoOn, ..rule.limits };
        Rule { id: RuleId(id), limits, ..rule }
    };
    let rules = (0..).zip(rules).map(all).collect();
    Bench::server("127.0.0.1:0", |setup| {
        setup.framing = "line".parse().unwrap();
        setup.rules = Arc::new(Rules { rules, ..Rules::default() });
        change(&mut setup.options);
    })
}

fn line(len: usize) -> Vec<u8> {
    let mut line = vec![b'a'; len - 1];
    line.push(b'\n');
    line
}

/// The notes that these events of the session are.
fn noted<T>(server: &Bench, pick: impl Fn(SessionNote) -> Option<T>) -> Vec<T> {
    server.notes().iter().filter_map(|note| SessionNote::read(note).0).filter_map(pick).collect()
}

#[test]
fn an_answer_over_the_limit_is_refused_before_it_is_built() {
    for (text, at_least) in [("{0}", 10_000 * 100_000), ("{bytes:1..}", 10_000 * 99_999), ("{upper:0}", MIB)]
    {
        let (mut server, address) =
            server(vec![reply(&text.repeat(10_000))], |options| options.max_answer = MIB);
        let mut peer = dial(address);
        peer.write_all(&line(100_000)).unwrap();
        server.until("the error", |server| !server.troubles().is_empty());
        let errors = server.troubles();
        let Cause::Rule(RuleFault::Append(AppendFault::OverLimit { len, limit })) = errors[0].cause else {
            panic!("{errors:?}");
        };
        assert!(len >= at_least as u64 && limit == MIB as u64, "{text}: {errors:?}");
        // All else goes on.
        peer.write_all(b"ab\n").unwrap();
        let expected = if text == "{upper:0}" { "AB\n" } else { "ab\n" };
        let expected = if text == "{bytes:1..}" { &expected[1..] } else { expected };
        assert!(read(&peer, expected.len() * 10_000) == expected.repeat(10_000).as_bytes());
    }
}

#[test]
fn the_answers_to_one_message_share_the_memory() {
    let echo = || Rule::new(RuleId(0), Then::Echo);
    let (mut server, address) = server(vec![echo(), echo(), echo(), echo()], |options| {
        (options.max_answer, options.rule_memory) = (MIB, 4 * MIB as u64);
    });
    let mut peer = dial(address);
    peer.write_all(&line(MIB)).unwrap();
    server.until("the error", |server| !server.troubles().is_empty());
    assert!(
        matches!(server.troubles()[0].cause, Cause::Rule(RuleFault::NoRoom(len, _)) if len == MIB as u64)
    );
    assert!(read(&peer, MIB) == line(MIB), "what fits is sent");
}

#[test]
fn unfinished_messages_share_the_memory_and_the_longest_is_skipped() {
    const N: usize = 12;
    const LEN: usize = 600_000;
    let (mut server, address) =
        server(vec![reply("{upper:0}")], |options| options.rule_memory = 4 * MIB as u64);
    let mut peers = server.clients(address, N);
    for (n, peer) in peers.iter_mut().enumerate() {
        peer.write_all(&vec![b'a'; LEN]).unwrap();
        let all = ((n + 1) * LEN) as u64;
        server.until("the bytes", |server| server.totals().received_bytes == all);
    }
    let ends = peers.iter().map(|peer| peer.local_addr().unwrap()).collect::<Vec<_>>();
    let given_up = |server: &Bench| {
        noted(server, |note| match note {
            SessionNote::GivenUp(bytes, peer) => Some((bytes, peer)),
            _ => None,
        })
    };
    server.until("the notes", |server| (N - given_up(server).len()) * LEN <= 4 * MIB);
    // A small message among them is answered, and so is the next of each, after the end of the skipped one.
    let quick = dial(address);
    (&quick).write_all(b"ok\n").unwrap();
    assert_eq!(read(&quick, 3), b"OK\n");
    let mut skipped = Vec::new();
    for (peer, end) in peers.iter_mut().zip(ends) {
        peer.write_all(b"b\nnext\n").unwrap();
        if read(peer, 5) == b"NEXT\n" {
            skipped.push(end);
        } else {
            assert!(read(peer, LEN + 2).ends_with(b"AB\nNEXT\n"));
        }
    }
    // What is recorded does not depend on it.
    server.until("all bytes", |server| server.totals().received_bytes == (N * (LEN + 7) + 3) as u64);
    assert_eq!(server.bytes(Direction::Received).len(), N * (LEN + 7) + 3);
    let given_up = given_up(&server);
    assert!(given_up.iter().all(|(n, _)| *n <= LEN as u64 + 2), "{given_up:?}");
    let mut named: Vec<SocketAddr> = given_up.into_iter().map(|(_, peer)| peer).collect();
    named.sort();
    skipped.sort();
    assert_eq!(named, skipped, "each is named once");
}

/// Relays lines of 1 MiB to a peer that reads nothing, until something comes of it.
fn relay_to_slow(keep_slow: bool) -> (Bench, TcpStream, TcpStream) {
    let relay = Rule { to: Recipients::Others, ..Rule::new(RuleId(0), Then::Echo) };
    let (mut server, address) = server(vec![relay], |options| options.keep_slow = keep_slow);
    let mut peers = server.clients(address, 2);
    let (slow, mut quick) = (peers.remove(0), peers.remove(0));
    // The queue holds 64 MiB, and the system's buffers some.
    for n in 1..=100 {
        quick.write_all(&line(MIB)).unwrap();
        server.until("a line", |server| server.totals().received_bytes == (n * MIB) as u64);
        server.entries.retain(|entry| !matches!(entry, crate::memory_recorder::Entry::Data { .. }));
        if !server.troubles().is_empty() {
            break;
        }
    }
    (server, slow, quick)
}

#[test]
fn a_connection_too_slow_for_what_is_relayed_is_reset() {
    let (mut server, _slow, _quick) = relay_to_slow(false);
    let [NetError { cause: Cause::TooSlow(waiting), .. }] = server.troubles()[..] else {
        panic!("{:?}", server.troubles());
    };
    assert!(waiting > 32 << 20, "{waiting}");
    server.until("its end", |server| server.left().len() == 1);
    assert_eq!(server.endings(), [Ending::OwnReset]);
    let unsent = noted(&server, |note| matches!(note, SessionNote::Unsent(..)).then_some(()));
    assert_eq!(unsent.len(), 1);
}

#[test]
fn what_a_slow_peer_that_is_kept_misses_is_counted() {
    let (mut server, mut slow, _quick) = relay_to_slow(true);
    assert!(matches!(server.troubles()[0].cause, Cause::QueueFull(..)), "{:?}", server.troubles());
    let drain = move || {
        let mut bytes = vec![0; 1 << 16];
        let mut n = 0;
        while let Ok(more @ 1..) = slow.read(&mut bytes) {
            n += more;
        }
        n
    };
    let reader = std::thread::Builder::new().name("drain".to_owned()).spawn(drain).unwrap();
    let dropped = |server: &Bench| {
        noted(server, |note| match note {
            SessionNote::AnswersDropped(n, bytes, _) => Some((n, bytes)),
            _ => None,
        })
    };
    server.until("the count", |server| !dropped(server).is_empty());
    let (n, bytes) = dropped(&server)[0];
    assert_eq!(bytes, n * MIB as u64);
    let relayed = server.totals().received_bytes;
    assert_eq!(server.close(), None);
    assert_eq!(reader.join().unwrap() as u64, relayed - bytes, "the rest has arrived");
}

#[test]
fn answers_keep_to_a_rate() {
    for rule in [Rule::new(RuleId(0), Then::Echo), reply("{0}")] {
        let (_server, address) = server(vec![rule], |options| options.answer_rate = 20.try_into().ok());
        let mut peer = dial(address);
        let start = Instant::now();
        peer.write_all(b"1\n2\n3\n4\n5\n6\n").unwrap();
        assert_eq!(read(&peer, 12), b"1\n2\n3\n4\n5\n6\n");
        assert!(start.elapsed() >= Duration::from_millis(5 * 50), "{:?}", start.elapsed());
    }
}
