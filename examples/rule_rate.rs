//! How many messages of 100 bytes per second are tried on 100 rules, of which only the last one matches.
//!
//! ```text
//! cargo run --release --example rule_rate
//! ```
#![allow(clippy::print_stdout, reason = "prints a table")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use netassist::codec::Charset;
use netassist::codec::append::Check;
use netassist::codec::compose::{Manner, Mode};
use netassist::codec::matcher::{CheckRule, MatchKind, Matcher, Validity};
use netassist::codec::template::Template;
use netassist::model::{FlowId, Rule, RuleId, Rules, Stamp, Then};
use netassist::rules::{Incoming, Responder, RuleAction};

const RULES: u32 = 100;
const LEN: usize = 100;
const MESSAGES: u32 = 200_000;
const ROUNDS: usize = 5;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The pattern of each rule before the last, by number.
type Pattern = fn(u32) -> (MatchKind, String, Mode);

/// Each kind of rule alone, and all of them mixed.
const CASES: [(&str, Pattern); 7] = [
    ("starts", |n| (MatchKind::Starts, format!("cmd{n:03}"), Mode::Text)),
    ("starts, masked", |n| (MatchKind::Starts, format!("63 6D {n:02X} ?? 80&80"), Mode::Hex)),
    ("contains", |n| (MatchKind::Contains, format!("<{n:03}>"), Mode::Text)),
    ("contains, masked", |n| (MatchKind::Contains, format!("FF {n:02X} ?3"), Mode::Hex)),
    ("regex, anchored", |n| (MatchKind::Regex, format!(r"^set{n} (\w+)=(\d+)"), Mode::Text)),
    ("regex, anywhere", |n| (MatchKind::Regex, format!(r"id={n};(\d+)"), Mode::Text)),
    ("mixed", |n| match n % 5 {
        0 => (MatchKind::Equals, format!("cmd{n:03}"), Mode::Text),
        1 => (MatchKind::Starts, format!("63 6D {n:02X} ??"), Mode::Hex),
        2 => (MatchKind::Contains, format!("<{n:03}>"), Mode::Text),
        3 => (MatchKind::Ends, format!("\\r{n}"), Mode::Text),
        _ => (MatchKind::Regex, format!(r"^set{n} (\w+)=(\d+)"), Mode::Text),
    }),
];

fn main() -> Outcome<()> {
    for (name, pattern) in CASES {
        let matcher = |n| {
            let (kind, text, mode) = pattern(n);
            Matcher::parse(kind, &text, Manner { mode, escapes: true, charset: Charset::Utf8 })
        };
        let matchers = (0..RULES - 1).map(matcher).collect::<Result<Vec<_>, _>>()?;
        report(name, matchers)?;
    }
    let check = Check::new("CRC-16/MODBUS".parse()?);
    let check = |n| CheckRule { check: Check { from: n % 4, ..check }, behind: 0, must_be: Validity::Valid };
    report("checksum", (0..RULES - 1).map(|n| Matcher::default().with_check(check(n))).collect())
}

/// Prints the rate with these rules and one more that answers.
fn report(name: &str, matchers: Vec<Matcher>) -> Outcome<()> {
    let manner = Manner { mode: Mode::Text, escapes: true, charset: Charset::Utf8 };
    let reply = Template::parse_answer("ok {n}\\r\\n", manner, Vec::new(), &Matcher::default())?;
    let rule = |(when, id)| Rule { when, ..Rule::new(RuleId(id), Then::Highlight) };
    let mut rules: Vec<Rule> = matchers.into_iter().zip(0..).map(rule).collect();
    rules.push(Rule::new(RuleId(RULES), Then::Reply(Arc::new(reply))));
    let rules = Arc::new(Rules { rules, ..Rules::default() });
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        rates.push(rate(Responder::new(Arc::clone(&rules)))?);
    }
    rates.sort_by(f64::total_cmp);
    let median = rates.get(ROUNDS / 2).copied().unwrap_or_default();
    println!("{name:<18} {median:>9.0} messages/s (median of {ROUNDS})");
    Ok(())
}

/// Messages per second. The last rule must answer all of them.
fn rate(mut responder: Responder) -> Outcome<f64> {
    let message: Vec<u8> = b"set value of item 12 to <x>, id=; ".iter().copied().cycle().take(LEN).collect();
    let zone = &jiff::tz::TimeZone::UTC;
    let peer = "127.0.0.1:80".parse()?;
    let mut answers = Vec::new();
    let mut n_sent = 0_u32;
    let start = Instant::now();
    for now in 0..MESSAGES {
        let heard = Incoming {
            message: black_box(&message),
            flow: FlowId(1),
            peer,
            leg: None,
            now: Stamp(u64::from(now)),
            wall: Stamp(u64::from(now)),
            zone,
            limit: LEN * 2,
            room: 1 << 20,
        };
        responder.respond(&heard, &mut answers);
        for answer in answers.drain(..) {
            n_sent += u32::from(matches!(answer.what, RuleAction::Send(_)));
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    if n_sent != MESSAGES {
        return Err(format!("{n_sent} answers").into());
    }
    Ok(f64::from(MESSAGES) / seconds)
}
