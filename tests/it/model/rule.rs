//! Tests of `model::rule`.

use std::net::SocketAddr;
use std::time::Duration;

use netassist::codec::matcher::Matcher;
use netassist::model::*;

#[test]
fn only_an_unconditional_echo_is_plain() {
    let named = |rule: Rule| Rules { rules: vec![rule], ..Rules::default() };
    let echo = || Rule::new(RuleId(7), Then::Echo);
    assert!(Rules::echo().is_plain_echo());
    assert!(named(Rule { name: "back".to_owned(), ..echo() }).is_plain_echo());
    assert!(!Rules::default().is_plain_echo() && Rules::default().is_empty());
    assert!(!Rules::relay().is_plain_echo() && !Rules::relay().is_empty());
    let late = Duration::ZERO..=Duration::from_millis(1);
    for other in [
        named(Rule { when: Matcher::default().with_len(1..=2), ..echo() }),
        named(Rule { from: Sender::Address([127, 0, 0, 1].into()), ..echo() }),
        named(Rule { after: late, ..echo() }),
        named(Rule { limits: Limits { at_most: Some(3), ..Limits::default() }, ..echo() }),
        named(Rule { then: Then::Close, ..echo() }),
        Rules { faults: Faults { drop_every: 2, ..Faults::default() }, ..Rules::echo() },
        Rules { rules: vec![echo(), Rule::new(RuleId(8), Then::Highlight)], ..Rules::default() },
    ] {
        assert!(!other.is_plain_echo(), "{other:?}");
    }
}

#[test]
fn a_sender_is_an_address_with_or_without_a_port() {
    let peer: SocketAddr = "192.0.2.1:80".parse().unwrap();
    let mapped: SocketAddr = "[::ffff:192.0.2.1]:80".parse().unwrap();
    let other: SocketAddr = "192.0.2.1:81".parse().unwrap();
    for (sender, expected) in [
        (Sender::Anyone, [true; 3]),
        (Sender::Address(peer.ip()), [true; 3]),
        (Sender::Address([192, 0, 2, 2].into()), [false; 3]),
        (Sender::Endpoint(peer), [true, true, false]),
        (Sender::Endpoint(mapped), [true, true, false]),
    ] {
        assert_eq!([peer, mapped, other].map(|peer| sender.admits(peer, None)), expected, "{sender:?}");
    }
}
