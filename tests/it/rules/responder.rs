//! All kinds of rules, and a comparison with a simple model.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use netassist::codec::Charset;
use netassist::codec::compose::{Manner, Mode};
use netassist::codec::matcher::{MatchKind, Matcher};
use netassist::codec::template::Template;
use netassist::model::{
    AndThen, Faults, FileName, FlowId, FolderFile, Limits, MAX_UDP_V4, ModbusTable, NameFault, Recipients,
    Rule, RuleFault, RuleId, Rules, Sender, Stamp, Then,
};
use netassist::rules::*;

const TEXT: Manner = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };

fn rule(id: u32, kind: MatchKind, pattern: &str, then: Then) -> Rule {
    Rule { when: Matcher::parse(kind, pattern, TEXT).unwrap(), ..Rule::new(RuleId(id), then) }
}

fn template(text: &str) -> Arc<Template> {
    templated(text, &[])
}

fn templated(text: &str, steps: &[&str]) -> Arc<Template> {
    let steps = steps.iter().map(|step| step.parse().unwrap()).collect();
    Arc::new(Template::parse_answer(text, TEXT, steps, &Matcher::default()).unwrap())
}

fn responder(rules: Vec<Rule>) -> Responder {
    Responder::new(Arc::new(Rules { rules, ..Rules::default() }))
}

/// The answers to a message at this time, in milliseconds, on flow 5.
fn answers_to(responder: &mut Responder, message: &[u8], now_ms: u64) -> Vec<Answer> {
    answers_on(responder, message, now_ms, 5)
}

fn answers_on(responder: &mut Responder, message: &[u8], now_ms: u64, flow: u32) -> Vec<Answer> {
    let mut answers = Vec::new();
    let peer = "127.0.0.1:5".parse().unwrap();
    let (flow, now) = (FlowId(flow), Stamp(now_ms * 1_000_000));
    let (zone, limit, room) = (&TimeZone::UTC, 1 << 20, 3 << 20);
    responder.respond(
        &Incoming { message, flow, peer, leg: None, now, wall: now, zone, limit, room },
        &mut answers,
    );
    answers
}

fn whats(answers: Vec<Answer>) -> Vec<RuleAction> {
    answers.into_iter().map(|answer| answer.what).collect()
}

fn and_on(rule: Rule) -> Rule {
    Rule { limits: Limits { and_then: AndThen::GoOn, ..rule.limits }, ..rule }
}

fn sent(answers: &[Answer]) -> Vec<&[u8]> {
    let bytes = |answer| match answer {
        &Answer { what: RuleAction::Send(ref bytes), .. } => &bytes[..],
        other => panic!("{other:?}"),
    };
    answers.iter().map(bytes).collect()
}

#[test]
fn the_first_match_ends_the_search_unless_it_goes_on() {
    let mut responder = responder(vec![
        Rule { to: Recipients::Others, ..and_on(rule(0, MatchKind::Contains, "b", Then::Echo)) },
        rule(1, MatchKind::Starts, "a", Then::Reply(template("one {n}"))),
        rule(2, MatchKind::Starts, "ab", Then::Close),
    ]);
    let answers = answers_to(&mut responder, b"ab", 0);
    assert_eq!(sent(&answers), [&b"ab"[..], b"one 1"]);
    assert_eq!(
        answers.iter().map(|answer| (answer.rule, answer.to)).collect::<Vec<_>>(),
        [(0, Recipients::Others), (1, Recipients::Sender),]
    );
    assert_eq!(sent(&answers_to(&mut responder, b"a", 0)), [b"one 2"]);
    assert_eq!(answers_to(&mut responder, b"c", 0), []);
    assert_eq!(responder.hits(), [1, 2, 0]);
}

#[test]
fn cool_down_and_maximum_limit_a_rule() {
    let limits = Limits { cool_down: Duration::from_millis(10), at_most: Some(3), ..Limits::default() };
    let mut responder = responder(vec![Rule { limits, ..Rule::new(RuleId(0), Then::Echo) }]);
    let mut answers = |now_ms| answers_to(&mut responder, b"a", now_ms).len();
    assert_eq!([100, 109, 110, 115].map(&mut answers), [1, 0, 1, 0]);
    assert_eq!(answers(50), 1, "setting the clock back does not extend it");
    assert_eq!(answers(1000), 0, "the maximum of three is reached");
}

#[test]
fn only_the_given_sender_is_answered() {
    let from = |sender| Rule { from: sender, ..Rule::new(RuleId(0), Then::Echo) };
    let n = |sender| answers_to(&mut responder(vec![from(sender)]), b"a", 0).len();
    assert_eq!(n(Sender::Endpoint("127.0.0.1:5".parse().unwrap())), 1);
    assert_eq!(n(Sender::Endpoint("127.0.0.1:6".parse().unwrap())), 0);
}

#[test]
fn each_kind_of_rule_produces_its_answer() {
    let file = |name: &str| FolderFile {
        folder: "/srv".into(),
        approved: None,
        name: template(name),
        charset: Charset::Utf8,
    };
    let named = |name: &str| FileName { folder: "/srv".into(), approved: None, name: name.to_owned() };
    let step_up = RuleFault::Name("../x".to_owned(), NameFault::LeavesFolder);
    for (then, message, expected) in [
        (Then::SendFile(file("{0}.txt")), &b"a"[..], RuleAction::SendFile(named("a.txt"))),
        (Then::SendFile(file("{0}")), b"../x", RuleAction::Fail(step_up)),
        (
            Then::SendFile(file("{0}")),
            b"\xFF",
            RuleAction::Fail(RuleFault::Name("\u{FFFD}".to_owned(), NameFault::NoText)),
        ),
        (
            Then::SaveFile { file: file("{n}"), content: template("<{0}>") },
            b"x",
            RuleAction::SaveFile(named("1"), b"<x>"[..].into()),
        ),
        (Then::Close, b"", RuleAction::Close),
        (Then::Reset, b"", RuleAction::Reset),
        (Then::StopRecording, b"", RuleAction::StopRecording),
        (Then::Highlight, b"", RuleAction::Highlight),
        (Then::Note(template("{0}!"), Charset::Gbk), b"\xB2\xE2", RuleAction::Note("测!".to_owned())),
        (Then::Sequence("page".to_owned()), b"", RuleAction::Sequence("page".to_owned())),
    ] {
        let answers = answers_to(&mut responder(vec![Rule::new(RuleId(0), then)]), message, 0);
        assert_eq!(whats(answers), [expected]);
    }
    let short = templated("{0}", &["LRC:from=2"]);
    let answers = answers_to(&mut responder(vec![Rule::new(RuleId(0), Then::Reply(short))]), b"a", 0);
    assert!(
        matches!(&answers[..], [Answer { what: RuleAction::Fail(RuleFault::Append(_)), .. }]),
        "{answers:?}"
    );
}

#[test]
fn a_device_keeps_its_values_when_other_rules_change() {
    let table = ModbusTable { holding_registers: [(0, 1)].into(), ..ModbusTable::default() };
    let device = || Rule::new(RuleId(4), Then::Modbus(Arc::new(table.clone())));
    let mut responder = responder(vec![device()]);
    let write = [0, 1, 0, 0, 0, 6, 1, 6, 0, 0, 0, 9];
    let read = [0, 2, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1];
    assert_eq!(sent(&answers_to(&mut responder, &write, 0)), [&write]);
    let two = vec![rule(1, MatchKind::Equals, "x", Then::Close), device()];
    responder.set_rules(Arc::new(Rules { rules: two, ..Rules::default() }), &mut Vec::new());
    assert_eq!(responder.hits(), [0, 1]);
    assert_eq!(sent(&answers_to(&mut responder, &read, 0)), [&[0, 2, 0, 0, 0, 5, 1, 3, 2, 0, 9]]);
    responder.set_rules(Arc::default(), &mut Vec::new());
    let back = vec![device(), rule(1, MatchKind::Equals, "x", Then::Close)];
    responder.set_rules(Arc::new(Rules { rules: back, ..Rules::default() }), &mut Vec::new());
    assert_eq!(responder.hits(), [2, 0], "a rule that comes back goes on counting");
    let other = Then::Modbus(Arc::new(ModbusTable { unit: Some(1), ..table.clone() }));
    let rules = Rules { rules: vec![Rule::new(RuleId(4), other)], ..Rules::default() };
    responder.set_rules(Arc::new(rules), &mut Vec::new());
    assert_eq!(sent(&answers_to(&mut responder, &read, 0)), [&[0, 2, 0, 0, 0, 5, 1, 3, 2, 0, 1]]);
    assert_eq!(answers_to(&mut responder, b"no modbus", 0), []);
}

#[test]
fn delays_are_in_range_and_repeat_with_the_seed() {
    let ms = Duration::from_millis;
    let delays = |seed| {
        let rule = Rule { after: ms(5)..=ms(10), ..Rule::new(RuleId(0), Then::Echo) };
        let mut responder = Responder::new(Arc::new(Rules { rules: vec![rule], seed, ..Rules::default() }));
        (0..50).map(|_| answers_to(&mut responder, b"a", 0)[0].after).collect::<Vec<_>>()
    };
    assert!(delays(1).iter().all(|delay| (ms(5)..=ms(10)).contains(delay)));
    assert_eq!(delays(1), delays(1));
    assert_ne!(delays(1), delays(2));
}

fn faulty(faults: Faults, then: Then) -> Responder {
    Responder::new(Arc::new(Rules {
        rules: vec![Rule::new(RuleId(0), then)],
        faults,
        seed: 3,
        ..Rules::default()
    }))
}

#[test]
fn every_nth_answer_is_dropped_or_delayed() {
    let ms = Duration::from_millis;
    let faults = Faults { drop_every: 3, delay_every: 2, delay: ms(7)..=ms(7), ..Faults::default() };
    let mut responder = faulty(faults, Then::Reply(template("{n}")));
    let answers: Vec<_> = (0..6).flat_map(|_| answers_to(&mut responder, b"a", 0)).collect();
    assert_eq!(sent(&answers), [b"1", b"2", b"4", b"5"]);
    assert_eq!(answers.iter().map(|answer| answer.after).collect::<Vec<_>>(), [ms(0), ms(7), ms(7), ms(0)]);
    assert_eq!(responder.hits(), [6], "dropped answers count, too");
}

#[test]
fn one_bit_of_the_checksum_is_flipped() {
    let faults = Faults { corrupt_every: 1, ..Faults::default() };
    let differing = |then: Then, right: &[u8]| {
        let mut responder = faulty(faults.clone(), then);
        let bits: Vec<Vec<u32>> = (0..64)
            .map(|_| {
                let answers = answers_to(&mut responder, b"12345", 0);
                let bytes = sent(&answers)[0];
                assert_eq!(bytes.len(), right.len());
                bytes.iter().zip(right).map(|(byte, right)| (byte ^ right).count_ones()).collect()
            })
            .collect();
        assert!(bits.iter().all(|bits| bits.iter().sum::<u32>() == 1), "one bit");
        (0..right.len()).filter(|at| bits.iter().any(|bits| bits[*at] == 1)).collect::<Vec<_>>()
    };
    let right = templated("{0}", &["CRC-16/MODBUS", "crlf"]);
    let plain =
        answers_to(&mut responder(vec![Rule::new(RuleId(0), Then::Reply(right.clone()))]), b"12345", 0);
    assert_eq!(differing(Then::Reply(right), sent(&plain)[0]), [5, 6], "before the line end");
    assert_eq!(differing(Then::Echo, b"12345"), [4]);
    let mut responder = faulty(faults.clone(), Then::Echo);
    assert_eq!(sent(&answers_to(&mut responder, b"", 0)), [b""]);
}

#[test]
fn answers_are_cut_in_two() {
    let faults = Faults { cut_every: 2, cut_pause: Duration::from_millis(4), ..Faults::default() };
    let mut responder = faulty(faults, Then::Echo);
    assert_eq!(sent(&answers_to(&mut responder, b"abc", 0)), [b"abc"]);
    let mut heads = Vec::new();
    for _ in 0..40 {
        let answers = answers_to(&mut responder, b"abc", 0);
        assert_eq!(sent(&answers_to(&mut responder, b"", 0)), [b""]);
        if let [Answer { what: RuleAction::SendCut { head, pause, tail }, .. }] = &answers[..] {
            assert_eq!(([&head[..], tail].concat(), *pause), (b"abc".to_vec(), Duration::from_millis(4)));
            heads.push(head.len());
        }
    }
    heads.sort_unstable();
    heads.dedup();
    assert_eq!(heads, [1, 2]);
}

#[test]
fn a_cut_survives_joining() {
    let cut_pause = Duration::from_millis(4);
    let faults =
        Faults { join: 3, join_within: Duration::from_secs(1), cut_every: 2, cut_pause, ..Faults::default() };
    let mut responder = faulty(faults, Then::Echo);
    assert_eq!(
        (answers_to(&mut responder, b"ab", 0), answers_to(&mut responder, b"cd", 0)),
        (vec![], vec![])
    );
    let answers = answers_to(&mut responder, b"ef", 0);
    let (head, tail) = (Arc::from(*b"abc"), Arc::from(*b"def"));
    assert_eq!(answers[0].what, RuleAction::SendCut { head, pause: cut_pause, tail });
    assert_eq!(answers_to(&mut responder, b"gh", 0), [], "the fourth is cut and waits alone");
    let mut answers = Vec::new();
    responder.release(Stamp(u64::MAX), &mut answers);
    let (head, tail) = (Arc::from(*b"g"), Arc::from(*b"h"));
    assert_eq!(answers[0].what, RuleAction::SendCut { head, pause: cut_pause, tail });
}

#[test]
fn answers_are_joined_until_their_time_is_up() {
    let faults = Faults { join: 3, join_within: Duration::from_millis(10), ..Faults::default() };
    let mut responder = faulty(faults.clone(), Then::Echo);
    assert_eq!((answers_to(&mut responder, b"a", 0), answers_to(&mut responder, b"b", 1)), (vec![], vec![]));
    assert_eq!(answers_on(&mut responder, b"x", 2, 6), [], "of another peer");
    assert_eq!(sent(&answers_to(&mut responder, b"c", 2)), [b"abc"]);
    assert_eq!(responder.held_until(), Some(Stamp(12_000_000)));
    let mut answers = Vec::new();
    responder.release(Stamp(11_999_999), &mut answers);
    assert_eq!(answers, []);
    responder.release(Stamp(12_000_000), &mut answers);
    assert_eq!((sent(&answers), answers[0].flow), (vec![&b"x"[..]], FlowId(6)));
    assert_eq!(responder.held_until(), None);
    answers_to(&mut responder, b"y", 20);
    responder.forget(FlowId(5));
    assert_eq!(responder.held_until(), None, "the peer has left");
    answers_to(&mut responder, b"z", 30);
    let mut answers = Vec::new();
    let rules = vec![and_on(Rule::new(RuleId(0), Then::Echo)), Rule::new(RuleId(1), Then::Close)];
    responder.set_rules(Arc::new(Rules { rules, faults, seed: 3, ..Rules::default() }), &mut answers);
    assert_eq!(sent(&answers), [b"z"], "changing the rules sends what was waiting");
    let whats = whats(answers_to(&mut responder, b"q", 40));
    assert_eq!(
        whats,
        [RuleAction::Send(b"q"[..].into()), RuleAction::Close],
        "waiting answers are sent before closing"
    );
}

#[test]
fn closing_comes_after_the_other_answers_to_the_message() {
    let faults = Faults { join: 2, join_within: Duration::from_hours(1), ..Faults::default() };
    let go_on = |rule| Rule { limits: Limits { and_then: AndThen::GoOn, ..Limits::default() }, ..rule };
    let rules = vec![go_on(Rule::new(RuleId(0), Then::Close)), Rule::new(RuleId(1), Then::Echo)];
    for faults in [Faults::default(), faults] {
        let mut responder =
            Responder::new(Arc::new(Rules { rules: rules.clone(), faults, seed: 3, ..Rules::default() }));
        let whats = whats(answers_to(&mut responder, b"q", 0));
        assert_eq!(whats, [RuleAction::Send(b"q"[..].into()), RuleAction::Close]);
        assert_eq!(responder.hits(), [1, 1]);
    }
}

#[test]
fn joined_answers_precede_a_file_and_are_bounded() {
    let faults = Faults { join: 1000, join_within: Duration::from_hours(1), ..Faults::default() };
    let file = Then::SendFile(FolderFile {
        approved: None,
        folder: "shared".into(),
        name: template("a.bin"),
        charset: Charset::Utf8,
    });
    let rules = vec![rule(0, MatchKind::Equals, "file", file), Rule::new(RuleId(1), Then::Echo)];
    let mut responder = Responder::new(Arc::new(Rules { rules, faults, seed: 3, ..Rules::default() }));
    assert_eq!(answers_to(&mut responder, b"a", 0), []);
    assert_eq!(answers_on(&mut responder, b"x", 0, 6), [], "of another peer");
    let whats = whats(answers_to(&mut responder, b"file", 0));
    let [RuleAction::Send(before), RuleAction::SendFile(_)] = &whats[..] else { panic!("{whats:?}") };
    assert_eq!(**before, *b"a");

    let message = vec![b'm'; usize::from(MAX_UDP_V4)];
    let (mut came, mut went) = (1, 0);
    for flow in 10..1010 {
        came += message.len();
        let answers = answers_on(&mut responder, &message, 0, flow);
        went += sent(&answers).iter().map(|bytes| bytes.len()).sum::<usize>();
    }
    assert!(came - went <= 16 << 20, "{came} bytes came, {went} went");
    assert!(came - went > 15 << 20, "no more than necessary was sent");
}

/// The simple model of a rule.
#[derive(Debug, Clone)]
struct Plain {
    kind: MatchKind,
    pattern: String,
    len: std::ops::RangeInclusive<u64>,
    at_most: Option<u64>,
    cool_ms: u64,
    goes_on: bool,
}

impl Plain {
    fn matches(&self, message: &str) -> bool {
        let found = match self.kind {
            MatchKind::Anything => true,
            MatchKind::Equals => message == self.pattern,
            MatchKind::Starts => message.starts_with(&self.pattern),
            MatchKind::Ends => message.ends_with(&self.pattern),
            // The patterns are letters, which match themselves.
            MatchKind::Contains | MatchKind::Regex => message.contains(&self.pattern),
        };
        found && self.len.contains(&(message.len() as u64))
    }
}

fn plain() -> impl Strategy<Value = Plain> {
    let kind = prop::sample::select(MatchKind::ALL.to_vec());
    let len = (0..6_u64, 0..12_u64);
    (kind, "[ab]{1,3}", len, prop::option::of(1..4_u64), 0..5_u64, any::<bool>()).prop_map(
        |(kind, pattern, (least, more), at_most, cool_ms, goes_on)| Plain {
            kind,
            pattern,
            len: least..=least + more,
            at_most,
            cool_ms,
            goes_on,
        },
    )
}

proptest! {
    #[test]
    fn rules_behave_as_a_simple_model(
        plains in prop::collection::vec(plain(), 0..6), messages in prop::collection::vec(("[ab]{0,5}", 0..4_u64), 0..20),
    ) {
        let rules = plains.iter().zip(0..).map(|(plain, id)| {
            let cool_down = Duration::from_millis(plain.cool_ms);
            let and_then = if plain.goes_on { AndThen::GoOn } else { AndThen::Stop };
            let made = rule(id, plain.kind, &plain.pattern, Then::Reply(template(&format!("{id}:{{0}}:{{n}}"))));
            let limits = Limits { cool_down, at_most: plain.at_most, and_then };
            Rule { when: made.when.clone().with_len(plain.len.clone()), limits, ..made }
        });
        let mut responder = responder(rules.collect());
        let mut used: Vec<Vec<u64>> = vec![Vec::new(); plains.len()];
        let mut now = 100;
        for (message, later) in messages {
            now += later;
            let mut expected = Vec::new();
            for (id, plain) in plains.iter().enumerate() {
                let times = &mut used[id];
                let is_tired = times.last().is_some_and(|last| now - last < plain.cool_ms);
                let is_over = plain.at_most.is_some_and(|most| times.len() as u64 >= most);
                if is_tired || is_over || !plain.matches(&message) {
                    continue;
                }
                times.push(now);
                expected.push(format!("{id}:{message}:{}", times.len()));
                if !plain.goes_on {
                    break;
                }
            }
            let answers = answers_to(&mut responder, message.as_bytes(), now);
            let got: Vec<_> = sent(&answers).iter().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).collect();
            prop_assert_eq!(got, expected);
        }
        let hits: Vec<u64> = used.iter().map(|times| times.len() as u64).collect();
        prop_assert_eq!(responder.hits(), hits);
    }

    #[test]
    fn faults_lose_only_what_they_should(
        join in 0..5_u32, cut_every in 0..4_u32, drop_every in 0..4_u32, messages in prop::collection::vec("[a-z]{0,5}", 0..30),
    ) {
        let faults = Faults { join, cut_every, drop_every, join_within: Duration::from_secs(1), ..Faults::default() };
        let mut responder = faulty(faults, Then::Echo);
        let mut answers: Vec<_> = messages.iter().flat_map(|message| answers_to(&mut responder, message.as_bytes(), 0)).collect();
        responder.release(Stamp(u64::MAX), &mut answers);
        let mut got = Vec::new();
        for answer in answers {
            match answer.what {
                RuleAction::Send(bytes) => got.extend_from_slice(&bytes),
                RuleAction::SendCut { head, tail, .. } => got.extend([&head[..], &tail[..]].concat()),
                other => prop_assert!(false, "{:?}", other),
            }
        }
        let is_lost = |n: usize| drop_every > 0 && (n + 1).is_multiple_of(drop_every as usize);
        let expected: Vec<&str> = messages.iter().enumerate().filter(|(n, _)| !is_lost(*n)).map(|(_, message)| message.as_str()).collect();
        prop_assert_eq!(String::from_utf8(got).unwrap(), expected.concat());
    }
}

#[test]
fn the_zone_of_a_peer_is_filled_in_by_name() {
    let loopback =
        if_addrs::get_if_addrs().unwrap().into_iter().find(if_addrs::Interface::is_loopback).unwrap();
    let (name, index) = (loopback.name, loopback.index.unwrap());
    let peer = std::net::SocketAddrV6::new("fe80::1".parse().unwrap(), 80, 0, index).into();
    let mut responder = responder(vec![rule(1, MatchKind::Anything, "", Then::Reply(template("{peer}")))]);
    let (zone, now) = (&TimeZone::UTC, Stamp(0));
    let incoming = Incoming {
        message: b"a",
        flow: FlowId(0),
        peer,
        leg: None,
        now,
        wall: now,
        zone,
        limit: 99,
        room: 99,
    };
    let mut answers = Vec::new();
    responder.respond(&incoming, &mut answers);
    assert_eq!(sent(&answers), [format!("[fe80::1%{name}]:80").as_bytes()]);
}
