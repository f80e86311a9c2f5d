//! Any rules on any messages: no answer is longer than allowed. The input is a workspace up to a zero byte, and
//! messages, each up to a zero byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netassist_fuzz::codec::Charset;
use netassist_fuzz::model::{FlowId, Stamp};
use netassist_fuzz::rules::{Incoming, Responder, RuleAction};
use netassist_fuzz::workspace::{RulesOf, WorkspaceFile};

/// The longest answer, and all answers to one message.
const LIMIT: usize = 4096;
const ROOM: u64 = 10_000;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.split(|byte| *byte == 0);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let Ok(file) = WorkspaceFile::parse(text) else { return };
    let of_sessions = (0..file.workspace.sessions.len()).map(RulesOf::Session);
    let messages: Vec<&[u8]> = parts.take(16).collect();
    for of in of_sessions.chain([RulesOf::None(Charset::Gbk)]) {
        let rules = match file.rules(of) {
            Ok(rules) => rules,
            Err(problem) => {
                assert!(!problem.to_string().is_empty());
                continue;
            }
        };
        let mut responder = Responder::new(rules.into());
        for (nth, message) in (0..).zip(&messages) {
            respond(&mut responder, message, Stamp(nth * 1_000_000));
        }
    }
});

fn respond(responder: &mut Responder, message: &[u8], now: Stamp) {
    let zone = &jiff::tz::TimeZone::UTC;
    let peer = "127.0.0.1:80".parse().expect("an address");
    let incoming = Incoming {
        message,
        flow: FlowId(1),
        peer,
        leg: None,
        now,
        wall: now,
        zone,
        limit: LIMIT,
        room: ROOM,
    };
    let mut answers = Vec::new();
    responder.respond(&incoming, &mut answers);
    responder.release(now, &mut answers);
    let n_rules = responder.rules().rules.len();
    for answer in answers {
        assert!(answer.rule < n_rules);
        let len = match &answer.what {
            RuleAction::Send(bytes) | RuleAction::SaveFile(_, bytes) => bytes.len(),
            RuleAction::SendCut { head, tail, .. } => head.len() + tail.len(),
            _no_bytes => 0,
        };
        assert!(len <= LIMIT, "{len} bytes");
    }
}
